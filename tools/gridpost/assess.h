/** `gridpost assess`: a report of figures, rates and scores, and the ways it is written. */
#ifndef GP_CLI_ASSESS_H
#define GP_CLI_ASSESS_H

#include "core/score.h"
#include "gridpost/cli.h"
#include "org/weights.h"

struct gp_report {
    struct gp_assess_ask ask;
    struct gp_weighing weighing; /* defaults without --score */
    bool scored;                 /* --score was given */
    struct gp_arena arena;       /* texts and rows of what follows */
    struct gp_assess_row *row;
    uint32_t count, room;
    uint64_t head;          /* of the journal, up to which everything was counted */
    struct gp_rates *rates; /* of each row, and so on */
    struct gp_entered *entered;
    struct gp_score *score;
    struct gp_span *veto;
};

/** Asks for all rows; rates and scores follow, the best first if it is scored. Returns an exit
 * code. */
int gp_report_fetch(struct gp_cli *cli, struct gp_report *report);
void gp_report_release(struct gp_report *report);

/**
 * The two halves of fetching, for rows that no daemon counted: adds a copy of a page's rows, and
 * when all are there, their rates and scores. Each returns an exit code.
 */
int gp_report_add(struct gp_report *report, const struct gp_assessment *page);
int gp_report_weigh(struct gp_report *report);

/** Calls item for each incident behind a figure: of one unit, or of all ("") in order of incidents.
 * Returns an exit code. */
int gp_report_behind(struct gp_cli *cli, const struct gp_report *report, struct gp_span unit,
                     enum gp_figure figure,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context);

/* ---------------------------------------------------------------- cells */

enum gp_report_part { /* which sheet a column belongs to */
                      GP_PART_UNIT,
                      GP_PART_FIGURES,
                      GP_PART_RATES,
                      GP_PART_SCORE,
};

enum gp_report_kind {
    GP_KIND_TEXT,
    GP_KIND_NUMBER,
    GP_KIND_HUNDREDTHS, /* 450: 4.50 */
    GP_KIND_PERCENT,    /* basis points: 9876: 98.76% */
    GP_KIND_NONE,       /* does not apply */
};

struct gp_report_cell {
    uint8_t kind; /* enum gp_report_kind */
    struct gp_span text;
    int64_t value;
};

/** How many columns a report has; those of GP_PART_SCORE only when it is scored. */
unsigned gp_report_columns(const struct gp_report *report);
/** A column's title in the language of the messages, or its word for programs; and its part. */
const char *gp_report_title(unsigned column);
const char *gp_report_word(unsigned column);
enum gp_report_part gp_report_part(unsigned column);
/** What a column's cells are where they apply. */
enum gp_report_kind gp_report_kind(unsigned column);
/** One cell: of its column's kind, or GP_KIND_NONE. Lifetime: of the report. */
struct gp_report_cell gp_report_cell(const struct gp_report *report, uint32_t row, unsigned column);

#define GP_REPORT_TEXT_BYTES 400
/** A cell as text; "n/a" where it does not apply. */
void gp_report_cell_text(const struct gp_report_cell *cell, char ret_text[GP_REPORT_TEXT_BYTES]);

/* ---------------------------------------------------------------- writing */

void gp_report_table(const struct gp_report *report);
/** UTF-8 with BOM and CRLF, as spreadsheets open it by a double click. */
void gp_report_csv(const struct gp_report *report);
void gp_report_json(const struct gp_report *report);
/** Sets the keys of one row, as gp_report_json prints them. */
void gp_report_set_json(const struct gp_report *report, uint32_t row, json_t *object);
/** A workbook: summary, figures, rates, overdue, strikes. Returns an exit code. */
int gp_report_book(struct gp_cli *cli, const struct gp_report *report, const char *path);

#endif
