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

/* Where a row comes in the report. */
struct place {
    uint32_t rank, row;
};

/* By rank, those without one last; units of one rank stay in order. */
static int by_rank(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    uint32_t rank_x = x->rank - 1, rank_y = y->rank - 1; /* 0 is behind all others */

    if (rank_x != rank_y)
        return rank_x < rank_y ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Puts an array in the order of places; scratch has room for all of it. */
static void arrange(void *array, size_t size, const struct place *place, uint32_t count,
                    unsigned char *scratch)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy(scratch + i * size, (const unsigned char *)array + place[i].row * size, size);
    if (count > 0)
        memcpy(array, scratch, count * size);
}

/* Grids of a city are tens of thousands, so rows are not moved one by one. */
static int sort(struct gp_report *report)
{
    struct place *place = calloc(report->count + 1, sizeof *place);
    unsigned char *scratch = malloc((report->count + 1) * sizeof *report->row);

    static_assert(sizeof *report->row >= sizeof *report->rates &&
                      sizeof *report->row >= sizeof *report->entered &&
                      sizeof *report->row >= sizeof *report->score &&
                      sizeof *report->row >= sizeof *report->veto,
                  "the scratch is for the largest");
    if (place != NULL && scratch != NULL) {
        for (uint32_t i = 0; i < report->count; i++)
            place[i] = (struct place){report->score[i].rank, i};
        qsort(place, report->count, sizeof *place, by_rank);
        arrange(report->row, sizeof *report->row, place, report->count, scratch);
        arrange(report->rates, sizeof *report->rates, place, report->count, scratch);
        arrange(report->entered, sizeof *report->entered, place, report->count, scratch);
        arrange(report->score, sizeof *report->score, place, report->count, scratch);
        arrange(report->veto, sizeof *report->veto, place, report->count, scratch);
    }
    int rc = place != NULL && scratch != NULL ? 0 : GP_ENOMEM;
    free(place);
    free(scratch);
    return rc;
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
    return report->scored ? sort(report) : 0;
}
