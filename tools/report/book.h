/**
 * The workbook that an office hands upward: summary, figures, rates, overdue incidents and strikes,
 * in the report's language.
 */
#ifndef GP_REPORT_BOOK_H
#define GP_REPORT_BOOK_H

#include "report/report.h"
#include "report/strikes.h"

struct gp_overdue_row {
    uint64_t incident;
    struct gp_span unit, category, condition, post;
    struct gp_area_ref area;
    int64_t due_ms;
    uint8_t state; /* enum gp_state; 0: the reader may not see more than the number */
};

/* Incidents behind the figure `overdue`. */
struct gp_overdues {
    struct gp_overdue_row *row;
    uint32_t count, room;
    bool more;             /* there are more than were asked for, and the sheet says so */
    struct gp_arena arena; /* texts */
};

/** None yet; the texts of those to come have a ceiling. */
void gp_overdues_init(struct gp_overdues *overdues, size_t bytes_max);
void gp_overdues_release(struct gp_overdues *overdues);

/** Adds one that is behind the figure, without what only the incident tells. Errors: GP_ENOMEM. */
int gp_overdues_add(struct gp_overdues *overdues, const struct gp_assess_case *found);

/** Adds what the incident tells. Requires: row < count. Errors: GP_ENOMEM. */
int gp_overdues_tell(struct gp_overdues *overdues, uint32_t row,
                     const struct gp_incident *incident);

struct gp_book {
    const struct gp_report *report; /* weighed */
    const struct gp_overdues *overdues;
    const struct gp_strikes *strikes; /* those outside the period are passed over; NULL: the reader
                                         may not see them, and there is no such sheet */
};

/**
 * Writes the workbook. Takes a temporary file for each sheet, and a time that grows with the rows.
 *
 * Thread:  any
 * Errors:  GP_EIO: *ret_problem says why, in English (static); the file is there, but is no
 * workbook GP_ENOMEM
 */
int gp_book_write(const struct gp_book *book, const char *path, const char **ret_problem);

#endif
