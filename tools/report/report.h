/**
 * Reports: what an assessment counted, with rates and scores, as its columns, as JSON and as a
 * workbook (book.h). The command and gridpost-web make the same ones of the same answers; here is
 * no connection, no terminal and no language of a process.
 *
 * A report belongs to one thread at a time, and may be handed to another.
 */
#ifndef GP_REPORT_REPORT_H
#define GP_REPORT_REPORT_H

#include "core/score.h"
#include "org/weights.h"
#include "report/words.h"
#include "wire/message.h"

#include <jansson.h>

struct gp_report {
    struct gp_assess_ask ask; /* who makes the report fills it in; area, unit: borrowed */
    enum gp_report_language language;
    bool scored;           /* the weights are an office's own: scores and ranks are shown */
    struct gp_arena arena; /* texts and rows of what follows */
    struct gp_assess_row *row;
    uint32_t count, room;
    uint64_t head;          /* of the journal, up to which everything was counted */
    struct gp_rates *rates; /* of each row, and so on */
    struct gp_entered *entered;
    struct gp_score *score;
    struct gp_span *veto;
};

/** An empty report, whose texts and rates have a ceiling; its `ask` is left as zeros. */
void gp_report_init(struct gp_report *report, size_t bytes_max);
void gp_report_release(struct gp_report *report);

/**
 * Adds a copy of a page's rows.
 *
 * Ensures: report->head is that of the page
 * Errors:  GP_ENOMEM, also above the ceiling
 */
int gp_report_add(struct gp_report *report, const struct gp_assessment *page);

/**
 * When all rows are there: their rates and scores; the best first if the report is scored.
 *
 * Lifetime: weighing may go afterwards
 * Errors:   GP_ENOMEM
 */
int gp_report_weigh(struct gp_report *report, const struct gp_weighing *weighing);

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
/** A column's title in the report's language, or its word for programs; and its part. */
const char *gp_report_title(const struct gp_report *report, unsigned column);
const char *gp_report_word(unsigned column);
enum gp_report_part gp_report_part(unsigned column);
/** What a column's cells are where they apply. */
enum gp_report_kind gp_report_kind(unsigned column);
/** One cell: of its column's kind, or GP_KIND_NONE. Lifetime: of the report. */
struct gp_report_cell gp_report_cell(const struct gp_report *report, uint32_t row, unsigned column);

#define GP_REPORT_TEXT_BYTES 400
/** A cell as text; "n/a" where it does not apply. */
void gp_report_cell_text(const struct gp_report_cell *cell, char ret_text[GP_REPORT_TEXT_BYTES]);

/** Sets the keys of one row: docs/ASSESSMENT.md, Output. */
void gp_report_set_json(const struct gp_report *report, uint32_t row, json_t *object);

#endif
