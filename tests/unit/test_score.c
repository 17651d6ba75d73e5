/* Rates, scores, grades and the ranking, at their edges. */
#include "core/score.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct gp_weights plain = {
    .rate = {10, 40, 20, 10, 20},
    .basic = 70,
    .highlights = 20,
    .review = 10,
    .coverage_target = 500,
    .last_years = 3,
};

static void nothing_of_nothing_does_not_apply(void **state)
{
    (void)state;
    assert_int_equal(gp_rate_of(0, 0), GP_NOT_APPLICABLE);
    assert_int_equal(gp_rate_of(0, 1), 0);
    assert_int_equal(gp_rate_of(1, 1), GP_POINTS);
    assert_int_equal(gp_rate_of(2, 1), GP_POINTS);
}

static void rates_are_rounded_down(void **state)
{
    (void)state;
    assert_int_equal(gp_rate_of(2, 3), 6666);
    assert_int_equal(gp_rate_of(99999, 100000), 9999);
    assert_int_equal(gp_rate_of(1, 10001), 0);
}

static void rates_come_from_figures(void **state)
{
    struct gp_figures figures = {.count = {[GP_FIGURE_PATROL] = 7,
                                           [GP_FIGURE_FILED] = 8,
                                           [GP_FIGURE_SHOULD_ACCEPT] = 4,
                                           [GP_FIGURE_ACCEPTED] = 3,
                                           [GP_FIGURE_SHOULD_FINISH] = 3,
                                           [GP_FIGURE_FINISHED] = 2,
                                           [GP_FIGURE_HANDLED] = 2,
                                           [GP_FIGURE_REWORK] = 3,
                                           [GP_FIGURE_BUCK_PASSED] = 1},
                                 .grids = 2};
    struct gp_rates rates;

    (void)state;
    gp_rates_of(&figures, &plain, 7 * GP_MS_DAY, &rates);
    assert_int_equal(rates.rate[GP_RATE_ACCEPT], 7500);
    assert_int_equal(rates.rate[GP_RATE_FINISH], 6666);
    assert_int_equal(rates.rate[GP_RATE_QUALITY], 0); /* more rework than was handled */
    assert_int_equal(rates.rate[GP_RATE_DUTY], 8750);
    assert_int_equal(rates.coverage, 350);
    assert_int_equal(rates.rate[GP_RATE_COVERAGE], 7000);
}

static struct gp_rates all(int32_t rate)
{
    struct gp_rates rates = {.coverage = GP_NOT_APPLICABLE};

    for (int i = 0; i < GP_RATE_COUNT; i++)
        rates.rate[i] = rate;
    return rates;
}

static void what_does_not_apply_weighs_nothing(void **state)
{
    struct gp_rates rates = all(GP_NOT_APPLICABLE);
    struct gp_entered entered = {0};
    struct gp_score score;

    (void)state;
    rates.rate[GP_RATE_ACCEPT] = 5000;  /* weight 10 */
    rates.rate[GP_RATE_FINISH] = 10000; /* weight 40 */
    gp_score_of(&rates, &plain, &entered, &score);
    assert_int_equal(score.basic, 9000);
    assert_int_equal(score.total, 6300);
    rates = all(GP_NOT_APPLICABLE);
    gp_score_of(&rates, &plain, &entered, &score);
    assert_int_equal(score.total, GP_NOT_APPLICABLE);
    assert_int_equal(score.grade, '-');
}

static void the_parts_weigh_70_20_10(void **state)
{
    struct gp_rates rates = all(8001);
    struct gp_entered entered = {.highlights = 9000, .review = 8050, .bonus = 150};
    struct gp_score score;

    (void)state;
    gp_score_of(&rates, &plain, &entered, &score);
    assert_int_equal(score.basic, 8001);
    assert_int_equal(score.total, 5600 + 1800 + 805 + 150); /* 5600.7 rounded down with the sum */
}

static void grades_change_at_their_edges(void **state)
{
    static const struct {
        int32_t total;
        char grade;
    } edges[] = {{9000, 'A'}, {8999, 'B'}, {7500, 'B'}, {7499, 'C'}, {6000, 'C'},
                 {5999, 'D'}, {4000, 'D'}, {3999, 'E'}, {0, 'E'},    {10200, 'A'}};

    (void)state;
    for (size_t i = 0; i < COUNT(edges); i++)
        assert_int_equal(gp_grade(edges[i].total), edges[i].grade);
}

static void a_veto_leaves_score_and_rank(void **state)
{
    struct gp_rates rates = all(10000);
    struct gp_entered entered = {.highlights = 10000, .review = 10000, .veto = true};
    struct gp_score score;

    (void)state;
    gp_score_of(&rates, &plain, &entered, &score);
    gp_score_rank(&score, &entered, 1, &plain);
    assert_true(score.veto);
    assert_int_equal(score.total, 10000);
    assert_int_equal(score.rank, 1);
}

static void ties_share_a_rank(void **state)
{
    struct gp_score score[] = {{.total = 8000},
                               {.total = 9000},
                               {.total = 8000},
                               {.total = 7000},
                               {.total = GP_NOT_APPLICABLE}};
    struct gp_entered entered[COUNT(score)] = {[3] = {.last_running = 2}};
    static const uint32_t ranks[] = {2, 1, 2, 4, 0};

    (void)state;
    gp_score_rank(score, entered, COUNT(score), &plain);
    for (size_t i = 0; i < COUNT(score); i++) {
        assert_int_equal(score[i].rank, ranks[i]);
        assert_int_equal(score[i].yellow, i == 3);
        assert_int_equal(score[i].flagged, i == 3);
    }
}

static void two_years_are_not_three(void **state)
{
    struct gp_score score[] = {{.total = 8000}, {.total = 7000}, {.total = 7000}};
    struct gp_entered entered[COUNT(score)] = {
        [0] = {.last_running = 9}, [1] = {.last_running = 1}, [2] = {.last_running = 3}};

    (void)state;
    gp_score_rank(score, entered, COUNT(score), &plain);
    assert_false(score[0].yellow || score[0].flagged);
    assert_true(score[1].yellow && !score[1].flagged);
    assert_true(score[2].yellow && score[2].flagged);
}

static void where_all_are_equal_nobody_is_last(void **state)
{
    struct gp_score score[] = {{.total = 8000}, {.total = 8000}};
    struct gp_entered entered[COUNT(score)] = {{0}};

    (void)state;
    gp_score_rank(score, entered, COUNT(score), &plain);
    assert_false(score[0].yellow || score[1].yellow);
    assert_int_equal(score[1].rank, 1);
}

static void coverage_of_a_moment_does_not_apply(void **state)
{
    struct gp_figures figures = {.count = {[GP_FIGURE_PATROL] = 1}, .grids = 1};

    (void)state;
    assert_int_equal(gp_coverage(&figures, 0), GP_NOT_APPLICABLE);
    assert_int_equal(gp_coverage(&figures, GP_MS_MINUTE - 1), GP_NOT_APPLICABLE);
    assert_int_equal(gp_coverage(&figures, GP_MS_MINUTE), 100 * 7 * 24 * 60);
    figures.count[GP_FIGURE_PATROL] = 100000; /* a number that no field holds is the largest */
    assert_int_equal(gp_coverage(&figures, GP_MS_MINUTE), INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_nothing_does_not_apply),
        cmocka_unit_test(rates_are_rounded_down),
        cmocka_unit_test(rates_come_from_figures),
        cmocka_unit_test(what_does_not_apply_weighs_nothing),
        cmocka_unit_test(the_parts_weigh_70_20_10),
        cmocka_unit_test(grades_change_at_their_edges),
        cmocka_unit_test(a_veto_leaves_score_and_rank),
        cmocka_unit_test(ties_share_a_rank),
        cmocka_unit_test(two_years_are_not_three),
        cmocka_unit_test(where_all_are_equal_nobody_is_last),
        cmocka_unit_test(coverage_of_a_moment_does_not_apply),
    };
    return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
