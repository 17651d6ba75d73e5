/* A report: its rows, page by page; then rates and scores. */
#include "report/report.h"

#include "base/clocktext.h"
#include "base/error.h"
#include "show/show.h"

#include <stdlib.h>

/* ---------------------------------------------------------------- rows */

void gp_report_init(struct gp_report *report, size_t bytes_max)
{
    *report = (struct gp_report){.language = GP_REPORT_EN};
    gp_arena_init(&report->arena, bytes_max);
}

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
    for (uint32_t i = 0; i < page->row_count; i++) {
        if (!keep(report, &page->row[i]))
            return GP_ENOMEM;
    }
    report->head = page->head;
    return 0;
}

void gp_report_release(struct gp_report *report)
{
    free(report->row);
    gp_arena_release(&report->arena);
}

/* ---------------------------------------------------------------- scores */

static int year_of(const struct gp_report *report)
{
    int64_t last_ms = report->ask.to_ms - 1;
    int year, month, day;

    gp_date_from_day(gp_day_of(last_ms, gp_show_zone(last_ms)), &year, &month, &day);
    return year;
}

/* The reason of a veto is copied: the weights may be others by the time it is written. */
static bool weigh(struct gp_report *report, const struct gp_weighing *weighing)
{
    const struct gp_weights *weights = &weighing->weights;
    int64_t period_ms = report->ask.to_ms - report->ask.from_ms;
    int year = year_of(report);

    for (uint32_t i = 0; i < report->count; i++) {
        struct gp_span veto = {0};
        report->entered[i] = gp_weighing_entered(weighing, report->row[i].unit, year, &veto);
        report->veto[i] = gp_arena_copy(&report->arena, veto);
        if (report->veto[i].ptr == NULL && veto.len > 0)
            return false;
        gp_rates_of(&report->row[i].figures, weights, period_ms, &report->rates[i]);
        gp_score_of(&report->rates[i], weights, &report->entered[i], &report->score[i]);
        if (gp_span_is(report->row[i].unit, "-")) { /* no unit: it competes with none */
            report->score[i].total = GP_NOT_APPLICABLE;
            report->score[i].grade = '-';
        }
    }
    gp_score_rank(report->score, report->entered, report->count, weights);
    return true;
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

int gp_report_weigh(struct gp_report *report, const struct gp_weighing *weighing)
{
    report->rates = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->rates);
    report->entered = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->entered);
    report->score = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->score);
    report->veto = gp_arena_zalloc(&report->arena, report->count + 1, sizeof *report->veto);
    if (report->rates == NULL || report->entered == NULL || report->score == NULL ||
        report->veto == NULL || !weigh(report, weighing))
        return GP_ENOMEM;
    if (report->scored)
        sort(report);
    return 0;
}
