/* Reports: which rows come first. */
#include "report/report.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SHARE (GP_ASSESS_ROWS_MAX / 2) /* rows of a page here */

/* Some have no score, as where nothing was to be finished. */
static bool is_unscored(uint32_t row)
{
    return row % 100 == 99;
}

static void add_rows(struct gp_report *report, uint32_t first, uint32_t count)
{
    static struct gp_assess_row row[SHARE];
    static char unit[SHARE][16];
    struct gp_assessment page = {.row = row, .row_count = count};

    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(unit[i], sizeof unit[i], "%u", first + i);
        row[i] = (struct gp_assess_row){.unit = gp_span_of(unit[i])};
        if (is_unscored(first + i))
            continue;
        row[i].figures.count[GP_FIGURE_SHOULD_FINISH] = 5000;
        row[i].figures.count[GP_FIGURE_FINISHED] = (first + i) / 4;
    }
    assert_int_equal(gp_report_add(report, &page), 0);
}

static void make(struct gp_report *report, uint32_t rows)
{
    struct gp_weighing weighing;

    gp_report_init(report, (size_t)32 * 1024 * 1024);
    report->ask = (struct gp_assess_ask){.from_ms = 1000, .to_ms = 2000, .by = GP_BY_AREA};
    report->scored = true;
    for (uint32_t first = 0; first < rows; first += SHARE)
        add_rows(report, first, rows - first < SHARE ? rows - first : SHARE);
    gp_weighing_defaults(&weighing);
    assert_int_equal(gp_report_weigh(report, &weighing), 0);
    gp_weighing_release(&weighing);
}

static uint32_t unit_of(const struct gp_report *report, uint32_t row)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(report->row[row].unit));
    return (uint32_t)atoi(text);
}

/* Each row kept what is its own, and equals are in the order in which they came. */
static void check_order(const struct gp_report *report)
{
    for (uint32_t i = 0; i < report->count; i++) {
        uint32_t unit = unit_of(report, i);
        bool unscored = is_unscored(unit);
        assert_int_equal(report->score[i].rank == 0, unscored);
        assert_int_equal(report->rates[i].rate[GP_RATE_FINISH],
                         unscored ? GP_NOT_APPLICABLE : gp_rate_of(unit / 4, 5000));
        if (i == 0)
            continue;
        uint32_t rank = report->score[i].rank, before = report->score[i - 1].rank;
        assert_true(rank == 0 || (before != 0 && before <= rank));
        assert_true(rank != before || unit_of(report, i - 1) < unit);
    }
}

static void the_best_comes_first(void **state)
{
    struct gp_report report;

    (void)state;
    make(&report, 250);
    assert_int_equal(unit_of(&report, 0), 248);
    assert_int_equal(report.score[0].rank, 1);
    assert_int_equal(unit_of(&report, 249), 199);
    check_order(&report);
    gp_report_release(&report);
}

/* All grids of a large city, the worst first. */
static void tens_of_thousands_are_in_order(void **state)
{
    struct gp_report report;

    (void)state;
    make(&report, 20000);
    check_order(&report);
    gp_report_release(&report);
}

static void no_rows_are_a_report(void **state)
{
    struct gp_report report;

    (void)state;
    make(&report, 0);
    assert_int_equal(report.count, 0);
    gp_report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_comes_first),
        cmocka_unit_test(tens_of_thousands_are_in_order),
        cmocka_unit_test(no_rows_are_a_report),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
