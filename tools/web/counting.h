/**
 * An assessment on its way: questions to the daemon, one after the other, each in its turn; then
 * the answer is written in libuv's pool, because thousands of rows and a workbook take their time.
 */
#ifndef GP_WEB_COUNTING_H
#define GP_WEB_COUNTING_H

#include "report/book.h"
#include "web/periods.h"
#include "web/turn.h"
#include "web/weights.h"

#define GP_COUNTINGS_MAX         64 /* at once, nearly all waiting; one more is asked to come again */
#define GP_COUNTINGS_OF_USER_MAX 16 /* of those: a page has two, and they keep what has come */
#define GP_COUNTING_ROWS_MAX                                                                       \
    20000 /* of all periods together: 14 MB of JSON, or a sheet of that many rows */
#define GP_COUNTING_OVERDUE_MAX 5000 /* each is a question to the daemon; the sheet says if cut */
#define GP_COUNTING_BYTES_MAX   ((size_t)32 * 1024 * 1024) /* texts of a report; of sheets */
#define GP_COUNTING_BOOK_MAX    ((size_t)32 * 1024 * 1024) /* a workbook */

enum gp_counting_kind { GP_COUNT_ROWS, GP_COUNT_SERIES, GP_COUNT_BOOK };

struct gp_counting {
    struct gp_counting *next; /* of the books that wait to be written */
    struct gp_ask *ask;       /* NULL: the browser has left */
    struct gp_web *web;
    struct gp_turn turn;
    enum gp_counting_kind kind;
    struct gp_web_weights *weights;
    struct gp_report report[GP_PERIODS_MAX]; /* rows, book: one */
    unsigned periods, at;                    /* at: the one that is asked for */
    uint32_t rows;                           /* of all */
    char unit[GP_ID_BYTES_MAX];              /* that the question names */
    json_t *frame;                           /* the answer without what has the rows */
    /* of a book */
    struct gp_overdues overdues;
    struct gp_strikes strikes;
    uint32_t told; /* of the overdue ones the next to be asked for */
    bool strikes_hidden;
    char title[64]; /* of the file */
    /* in the pool */
    uv_work_t work;
    bool in_pool; /* or waits to be */
    char *made;   /* the answer's body */
    size_t made_len;
    int error;
    const char *problem; /* of the error; NULL: it says so itself */
};

/**
 * Makes one for a call. It is freed with the call, or when the pool is done with it.
 *
 * Ensures: NULL: the call was refused
 */
struct gp_counting *gp_counting_new(struct gp_ask *ask, enum gp_counting_kind kind);

/** Adds a period that is to be counted. Requires: periods < GP_PERIODS_MAX. */
struct gp_report *gp_counting_add(struct gp_counting *counting, const struct gp_assess_ask *what);

/** Begins to ask; the call ends by itself. Requires: there is a period; frame is set. */
void gp_counting_go(struct gp_counting *counting);

/** counting_write.c: writes the answer into `made`, or leaves an error. Thread: the pool. */
void gp_counting_write(struct gp_counting *counting);

#endif
