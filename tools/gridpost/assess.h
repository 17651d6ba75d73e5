/** `gridpost assess`: how a report comes from the daemon, and the ways it is written. */
#ifndef GP_CLI_ASSESS_H
#define GP_CLI_ASSESS_H

#include "gridpost/cli.h"
#include "report/report.h"
#include "report/strikes.h"

#define GP_CLI_REPORT_BYTES_MAX ((size_t)256 * 1024 * 1024) /* texts of a report, or of strikes */

/** The language of a report for whoever started the command. */
enum gp_report_language gp_cli_report_language(void);

/** Asks for all rows; rates and scores follow, the best first if it is scored. Returns an exit
 * code. */
int gp_report_fetch(struct gp_cli *cli, struct gp_report *report,
                    const struct gp_weighing *weighing);

/**
 * The two halves of fetching, for rows that no daemon counted: gp_report_add, and gp_report_weigh
 * when all are there. Each says what went wrong and returns an exit code.
 */
int gp_report_take(struct gp_report *report, const struct gp_assessment *page);
int gp_report_finish(struct gp_report *report, const struct gp_weighing *weighing);

/** Calls item for each incident behind a figure: of one unit, or of all ("") in order of incidents.
 * Returns an exit code. */
int gp_report_behind(struct gp_cli *cli, const struct gp_report *report, struct gp_span unit,
                     enum gp_figure figure,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context);

/** Reads the journal for strikes and appeals that pass a filter, whose `whats` is filled in here.
 * Returns an exit code. */
int gp_strikes_fetch(struct gp_cli *cli, const struct gp_feed_filter *filter,
                     struct gp_strikes *strikes);

void gp_report_table(const struct gp_report *report);
/** UTF-8 with BOM and CRLF, as spreadsheets open it by a double click. */
void gp_report_csv(const struct gp_report *report);
void gp_report_json(const struct gp_report *report);
/** Writes a workbook, with the overdue incidents and the strikes of the period. Returns an exit
 * code. */
int gp_report_book(struct gp_cli *cli, const struct gp_report *report, const char *path);

#endif
