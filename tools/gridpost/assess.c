/* A report: its rows, page by page, from the daemon or a rehearsal; then rates and scores. */
#include "gridpost/assess.h"

#include "base/clocktext.h"

#include <stdlib.h>

#define GP_REPORT_BYTES_MAX ((size_t)256 * 1024 * 1024)

static int out_of_memory(void)
{
    fputs("gridpost: out of memory\n", stderr);
    return GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- rows */

static bool grow(struct gp_report *report)
{
    uint32_t room = report->room == 0 ? GP_ASSESS_ROWS_MAX : report->room * 2;
    struct gp_assess_row *row = realloc(report->row, room * sizeof *row);

    if (row == NULL)
        return false;
    report->row = row;
    report->room = room;
    return true;
}

/* The reply lives until the next call. */
static bool keep(struct gp_report *report, const struct gp_assess_row *row)
{
    if (report->count == report->room && !grow(report))
        return false;
    struct gp_assess_row *to = &report->row[report->count++];
    *to = *row;
    to->unit = gp_arena_copy(&report->arena, row->unit);
    to->name = gp_arena_copy(&report->arena, row->name);
    return (to->unit.ptr != NULL || row->unit.len == 0) &&
           (to->name.ptr != NULL || row->name.len == 0);
}

int gp_report_add(struct gp_report *report, const struct gp_assessment *page)
{
    if (report->arena.ceiling == 0)
        gp_arena_init(&report->arena, GP_REPORT_BYTES_MAX);
    for (uint32_t i = 0; i < page->row_count; i++) {
        if (!keep(report, &page->row[i]))
            return out_of_memory();
    }
    report->head = page->head;
    return GP_EXIT_DONE;
}

static int fetch_rows(struct gp_cli *cli, struct gp_report *report)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS, .assess = report->ask};

    do {
        struct gp_reply reply;
        int code = gp_cli_call(cli, &request, 0, &reply);
        if (code == GP_EXIT_DONE)
            code = gp_report_add(report, &reply.assess);
        if (code != GP_EXIT_DONE)
            return code;
        request.assess.after = reply.assess.next;
        request.assess.upto = reply.assess.head;
    } while (request.assess.after != 0);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- scores */

static int year_of(const struct gp_report *report)
{
    int64_t last_ms = report->ask.to_ms - 1;
    int year, month, day;

    gp_date_from_day(gp_day_of(last_ms, gp_show_zone(last_ms)), &year, &month, &day);
    return year;
}

static void weigh(struct gp_report *report)
{
    const struct gp_weights *weights = &report->weighing.weights;
    int64_t period_ms = report->ask.to_ms - report->ask.from_ms;
    int year = year_of(report);

    for (uint32_t i = 0; i < report->count; i++) {
        report->entered[i] =
            gp_weighing_entered(&report->weighing, report->row[i].unit, year, &report->veto[i]);
        gp_rates_of(&report->row[i].figures, weights, period_ms, &report->rates[i]);
        gp_score_of(&report->rates[i], weights, &report->entered[i], &report->score[i]);
        if (gp_span_is(report->row[i].unit, "-")) { /* no unit: it competes with none */
            report->score[i].total = GP_NOT_APPLICABLE;
            report->score[i].grade = '-';
        }
    }
    gp_score_rank(report->score, report->entered, report->count, weights);
}

static bool better(const struct gp_report *report, uint32_t a, uint32_t b)
{
    uint32_t rank_a = report->score[a].rank, rank_b = report->score[b].rank;
    return rank_a != 0 && (rank_b == 0 || rank_a < rank_b);
}

#define SWAP(array, a, b)                                                                          \
    do {                                                                                           \
        __typeof__(*(array)) kept = (array)[a];                                                    \
        (array)[a] = (array)[b];                                                                   \
        (array)[b] = kept;                                                                         \
    } while (0)

/* By rank; units of one rank stay in order. Rows are few, and this moves five arrays at once. */
static void sort(struct gp_report *report)
{
    for (uint32_t i = 1; i < report->count; i++) {
        for (uint32_t k = i; k > 0 && better(report, k, k - 1); k--) {
            SWAP(report->row, k, k - 1);
            SWAP(report->rates, k, k - 1);
            SWAP(report->entered, k, k - 1);
            SWAP(report->score, k, k - 1);
            SWAP(report->veto, k, k - 1);
        }
    }
}

int gp_report_weigh(struct gp_report *report)
{
    report->rates = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->rates);
    report->entered = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->entered);
    report->score = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->score);
    report->veto = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->veto);
    if (report->rates == NULL || report->entered == NULL || report->score == NULL ||
        report->veto == NULL)
        return out_of_memory();
    weigh(report);
    if (report->scored)
        sort(report);
    return GP_EXIT_DONE;
}

int gp_report_fetch(struct gp_cli *cli, struct gp_report *report)
{
    int code = fetch_rows(cli, report);
    return code == GP_EXIT_DONE ? gp_report_weigh(report) : code;
}

void gp_report_release(struct gp_report *report)
{
    free(report->row);
    gp_arena_release(&report->arena);
    gp_weighing_release(&report->weighing);
}

/* ---------------------------------------------------------------- what is behind a figure */

/* One page; what it holds lives until the next call, so it is copied before item may call. */
static int give_page(const struct gp_assessment *page,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context)
{
    struct gp_arena arena;
    struct gp_assess_case *copy;
    int code = GP_EXIT_DONE;

    gp_arena_init(&arena, (size_t)GP_ASSESS_CASES_MAX * 256);
    copy = gp_arena_zalloc(&arena, page->behind_count + 1, sizeof *copy);
    for (uint32_t i = 0; copy != NULL && i < page->behind_count; i++)
        copy[i] = (struct gp_assess_case){page->behind[i].incident,
                                          gp_arena_copy(&arena, page->behind[i].unit)};
    uint32_t count = page->behind_count;
    for (uint32_t i = 0; copy != NULL && code == GP_EXIT_DONE && i < count; i++)
        code = item(context, &copy[i]);
    gp_arena_release(&arena);
    return copy != NULL ? code : out_of_memory();
}

int gp_report_behind(struct gp_cli *cli, const struct gp_report *report, struct gp_span unit,
                     enum gp_figure figure,
                     int (*item)(void *context, const struct gp_assess_case *found), void *context)
{
    struct gp_request request = {.kind = GP_REQUEST_ASSESS, .assess = report->ask};
    int code;

    request.assess.unit = unit;
    request.assess.figure = (uint8_t)figure;
    request.assess.upto = report->head;
    do {
        struct gp_reply reply;
        code = gp_cli_call(cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        request.assess.after = reply.assess.next;
        request.assess.upto = reply.assess.head;
        code = give_page(&reply.assess, item, context);
    } while (code == GP_EXIT_DONE && request.assess.after != 0);
    return code;
}
