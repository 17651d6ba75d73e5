/* The units of an assessment: which there are, what they are called, what is counted of them. */
#include "core/assess.h"

#include "core/score.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_assess_ask ask;

static int begin(void **state)
{
    (void)solo_begin(state);
    ask = (struct gp_assess_ask){.from_ms = town_at("2026-06-01 00:00"),
                                 .to_ms = town_at("2026-07-01 00:00")};
    return 0;
}

static void coverage_is_patrols_by_grid_and_week(void **state)
{
    uint32_t grids[TOWN_AREAS + 1] = {0};
    struct gp_figures figures = {.count = {[GP_FIGURE_PATROL] = 5}, .grids = 2};

    (void)state;
    ask.by = GP_BY_AREA;
    gp_assess_grids(&town.org, &ask, grids);
    assert_int_equal(grids[town_area(&town, TOWN_COMMUNITY)], 2);
    assert_int_equal(grids[town_area(&town, "340705402")], 2);
    assert_int_equal(grids[TOWN_AREAS], 1); /* the grid without a community */
    assert_int_equal(gp_coverage(&figures, 7 * GP_MS_DAY), 250);
    assert_int_equal(gp_coverage(&figures, 14 * GP_MS_DAY), 125);
    figures.grids = 0;
    assert_int_equal(gp_coverage(&figures, 7 * GP_MS_DAY), GP_NOT_APPLICABLE);
}

static void units_are_listed_by_what_is_asked(void **state)
{
    unsigned listed = 0;

    (void)state;
    ask.by = GP_BY_AREA;
    for (uint32_t unit = 0; unit < gp_assess_units(&town.org, GP_BY_AREA); unit++)
        listed += gp_assess_unit_listed(&town.org, &ask, unit);
    assert_int_equal(listed, 2); /* communities */
    assert_int_equal(gp_area_parse(GP_SPAN(TOWN_STREET), &ask.area), 0);
    assert_true(gp_assess_unit_listed(&town.org, &ask, town_area(&town, TOWN_COMMUNITY)));
    assert_false(gp_assess_unit_listed(&town.org, &ask, town_area(&town, "340705402")));
    assert_true(gp_span_is(gp_assess_unit_id(&town.org, GP_BY_AREA, TOWN_AREAS), "-"));
}

static void words_are_read_back(void **state)
{
    (void)state;
    for (int figure = GP_FIGURE_REPORTED; figure < GP_FIGURE_END; figure++) {
        assert_int_equal(gp_figure_parse(gp_span_of(gp_figure_name(figure))), figure);
        assert_int_equal(gp_figure_parse(gp_span_of(gp_figure_zh(figure))), figure);
    }
    for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++)
        assert_int_equal(gp_assess_by_parse(gp_span_of(gp_assess_by_name(by))), by);
    assert_int_equal(gp_figure_parse(GP_SPAN("nothing")), GP_FIGURE_NONE);
    assert_int_equal(gp_assess_by_parse(GP_SPAN("street")), GP_BY_NONE);
}

/* Areas count as they are when the period ends. */
static void areas_of_another_time_are_not_listed(void **state)
{
    uint32_t community = town_area(&town, TOWN_COMMUNITY);
    uint32_t grids[TOWN_AREAS + 1] = {0};

    (void)state;
    ask.by = GP_BY_AREA;
    ask.level = GP_LEVEL_GRID;
    assert_false(gp_assess_unit_listed(&town.org, &ask, community));
    ask.level = GP_LEVEL_COMMUNITY;
    assert_true(gp_assess_unit_listed(&town.org, &ask, community));
    town.areas[community].valid_from_ms = ask.to_ms;
    assert_false(gp_assess_unit_listed(&town.org, &ask, community));
    town.areas[community].valid_from_ms = ask.to_ms - 1;
    town.areas[community].valid_to_ms = ask.to_ms;
    assert_true(gp_assess_unit_listed(&town.org, &ask, community));
    town.areas[community].valid_to_ms = ask.to_ms - 1;
    assert_false(gp_assess_unit_listed(&town.org, &ask, community));
    assert_int_equal(gp_area_parse(GP_SPAN("340705402"), &ask.area), 0);
    gp_assess_grids(&town.org, &ask, grids);
    assert_int_equal(grids[community], 0); /* not asked for */
    assert_int_equal(grids[town_area(&town, "340705402")], 2);
}

static void units_have_names(void **state)
{
    static const struct {
        enum gp_assess_by by;
        uint32_t unit;
        const char *name;
    } rows[] = {{GP_BY_AREA, 1, TOWN_STREET}, {GP_BY_POST, 0, "A"}, {GP_BY_PERSON, 1, "chen"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gp_span name = gp_assess_unit_name(&town.org, rows[i].by, rows[i].unit);
        assert_true(gp_span_is(name, rows[i].name));
    }
    town.departments[1].name_zh = GP_SPAN("市政");
    town.lines[2].name_zh = GP_SPAN("消防");
    assert_true(gp_span_is(gp_assess_unit_name(&town.org, GP_BY_DEPARTMENT, 1), "市政"));
    assert_true(gp_span_is(gp_assess_unit_name(&town.org, GP_BY_LINE, 2), "消防"));
    assert_true(gp_span_is(gp_assess_unit_name(&town.org, GP_BY_LINE, 3), "-"));
}

/* Departments and lines are few, and all are listed; posts and persons where they did something. */
static void few_units_are_all_listed(void **state)
{
    uint32_t grids[TOWN_POSTS_MAX] = {0};

    (void)state;
    for (int by = GP_BY_AREA + 1; by <= GP_BY_LINE; by++) {
        ask.by = (uint8_t)by;
        assert_int_equal(gp_assess_unit_listed(&town.org, &ask, 0),
                         by == GP_BY_DEPARTMENT || by == GP_BY_LINE);
    }
    ask.by = GP_BY_POST;
    gp_assess_grids(&town.org, &ask, grids);
    assert_int_equal(grids[town_post(&town, "B-340705006001001")], 1);
    assert_int_equal(grids[town_post(&town, "A-shizheng-340705006001")], 0);
}

static void what_can_begin_a_share(void **state)
{
    (void)state;
    assert_true(gp_fact_credits(&(struct gp_fact){.what = GP_WHAT_STRIKE}));
    assert_false(gp_fact_credits(&(struct gp_fact){.what = GP_WHAT_NOTED}));
    for (int step = GP_STEP_DISPATCH; step <= GP_STEP_REPEAT; step++) {
        const struct gp_fact fact = {.what = GP_WHAT_STEP, .step = (uint8_t)step};
        assert_int_equal(gp_fact_credits(&fact), step == GP_STEP_UNACCEPTED || step == GP_STEP_RED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(coverage_is_patrols_by_grid_and_week, begin),
        cmocka_unit_test_setup(units_are_listed_by_what_is_asked, begin),
        cmocka_unit_test_setup(words_are_read_back, begin),
        cmocka_unit_test_setup(areas_of_another_time_are_not_listed, begin),
        cmocka_unit_test_setup(units_have_names, begin),
        cmocka_unit_test_setup(few_units_are_all_listed, begin),
        cmocka_unit_test_setup(what_can_begin_a_share, begin),
    };
    return cmocka_run_group_tests_name("assess units", tests, NULL, NULL);
}
