/* Reports: where and what may be reported, what is refused, and when it was captured. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define NIGHT "2026-06-01 23:00"

static void unknown_places(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, NIGHT, "li", "340705006001003", "n4"),
                     GP_REASON_UNKNOWN_AREA);
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_COMMUNITY, "n4"), GP_REASON_UNKNOWN_AREA);
    solo_says("is a community: name a grid");
    assert_int_equal(play_report(&play, NIGHT, "li", "grid", "n4"), GP_REASON_UNKNOWN_AREA);
    town.areas[town_area(&town, TOWN_GRID)].valid_to_ms = town_at(NIGHT);
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_UNKNOWN_AREA);
    solo_must(play_report(&play, "2026-06-01 22:59", "li", TOWN_GRID, "n4"));
}

/* After a merge the old code keeps working: the area that answers for it now is meant. */
static void old_code(void **state)
{
    struct gp_area *old = &town.areas[town_area(&town, TOWN_GRID)];

    (void)state;
    old->alias_of = town_area(&town, TOWN_GRID_SAME_AB);
    old->valid_to_ms = town_at("2026-01-01 00:00");
    solo_must(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"));
    assert_int_equal(play.incident.area.padded, 340705006001001);
    assert_int_equal(play.incident.area.level, GP_LEVEL_GRID);
    assert_int_equal(play.incident.community.padded, 340705006001000);
}

static int report_condition(const char *category, const char *condition)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .grid = GP_SPAN(TOWN_GRID),
        .category = gp_span_of(category),
        .condition = gp_span_of(condition),
    };
    void *state = NULL;

    solo_begin(&state);
    return play_command(&play, NIGHT, "li", &command);
}

static void conditions(void **state)
{
    (void)state;
    solo_must(report_condition("c", "missing"));
    assert_true(gp_span_is(play.incident.row.policy, "U"));
    solo_must(report_condition("c", "broken"));
    assert_true(gp_span_is(play.incident.row.policy, "N"));
    solo_must(report_condition("n4", "default"));
    assert_int_equal(report_condition("c", ""), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("broken missing");
    assert_int_equal(report_condition("c", "gone"), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("broken missing");
    assert_int_equal(report_condition("zz", ""), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("zz");
}

/* A category with one row needs no condition, whatever its only condition is called. */
static void only_condition(void **state)
{
    (void)state;
    town_row(&town, "u2")->condition = GP_SPAN("odd");
    solo_must(play_report(&play, NIGHT, "li", TOWN_GRID, "u2"));
    assert_true(gp_span_is(play.incident.row.condition, "odd"));
}

static bool skewed(const char *captured)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .grid = GP_SPAN(TOWN_GRID),
        .category = GP_SPAN("n4"),
        .captured_ms = captured != NULL ? town_at(captured) : 0,
    };
    void *state = NULL;

    solo_begin(&state);
    solo_must(play_command(&play, "2026-06-01 08:30", "li", &command));
    assert_int_equal(play.incident.received_ms, town_at("2026-06-01 08:30"));
    assert_int_equal(play.incident.captured_ms,
                     captured != NULL ? town_at(captured) : town_at("2026-06-01 08:30"));
    return play.journal[0].flags & GP_FLAG_SKEW;
}

/* Skew above ten minutes is flagged, both ways; the clock starts at dispatch all the same. */
static void skew(void **state)
{
    (void)state;
    assert_false(skewed(NULL));
    assert_false(skewed("2026-06-01 08:20"));
    assert_true(skewed("2026-06-01 08:19:59"));
    assert_false(skewed("2026-06-01 08:40"));
    assert_true(skewed("2026-06-01 08:40:01"));
    assert_int_equal(play.incident.plan.stage[0].start_ms, town_at("2026-06-01 08:30"));
}

static void nobody_at_all(void **state)
{
    (void)state;
    town.org.scope_count = 0;
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_NO_OWNER);
    assert_false(play.reported);
}

static void no_working_time(void **state)
{
    (void)state;
    memset(town.week.hours, 0, sizeof town.week.hours);
    town.calendar.special_count = 0;
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_CALENDAR);
    assert_false(play.reported);
}

/* The words of a refusal are cut between characters, or the answer would be no UTF-8 any more. */
static void long_details(void **state)
{
    char two[GP_ID_BYTES_MAX + 2] = "y", *name = two + 1; /* two conditions, not one twice */

    (void)state;
    for (size_t len = 1; len <= GP_ID_BYTES_MAX; len++) {
        memset(name, 'x', len);
        for (size_t i = len % 3; i + 3 <= len; i += 3)
            memcpy(name + i, "井", 3);
        name[len] = '\0';
        town.rows[0].condition = gp_span_of(name);
        town.rows[1].condition = gp_span_of(two);
        assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "c"),
                         GP_REASON_UNKNOWN_CATEGORY);
        assert_int_equal(play_report(&play, NIGHT, name, TOWN_GRID, "c"), GP_REASON_UNKNOWN_PERSON);
    }
}

/* A drill says so in every entry. */
static void drill_flag(void **state)
{
    static struct gp_decision decision;
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .actor = GP_SPAN("li"),
                                 .grid = GP_SPAN(TOWN_GRID_SAME_AB),
                                 .category = GP_SPAN("f2")};
    struct gp_scene scene = {
        .org = &town.org, .now_ms = town_at(NIGHT), .new_id = 1, .drill = true};

    (void)state;
    gp_decide(&scene, &command, &decision);
    assert_int_equal(decision.entry_count, 5);
    for (uint8_t i = 0; i < decision.entry_count; i++)
        assert_true(decision.entry[i].flags & GP_FLAG_DRILL);
}

/* Filed by hand later, when the category is no more: the dispatcher corrects it first. */
static void a_row_that_has_left_is_not_filed(void **state)
{
    (void)state;
    solo_report("2026-06-01 08:00", "m4");
    town_row(&town, "m4")->code = GP_SPAN("m4!");
    solo_refused("2026-06-01 09:00", "zheng", GP_VERB_FILE, (struct gp_command){0},
                 GP_REASON_UNKNOWN_CATEGORY);
    assert_int_equal(play.incident.state, GP_STATE_REPORTED);
    solo_do("2026-06-01 09:00", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("n4")});
    solo_do("2026-06-01 09:00", "zheng", GP_VERB_FILE, (struct gp_command){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(unknown_places, solo_begin),
        cmocka_unit_test_setup(old_code, solo_begin),
        cmocka_unit_test_setup(conditions, solo_begin),
        cmocka_unit_test_setup(only_condition, solo_begin),
        cmocka_unit_test_setup(skew, solo_begin),
        cmocka_unit_test_setup(nobody_at_all, solo_begin),
        cmocka_unit_test_setup(no_working_time, solo_begin),
        cmocka_unit_test_setup(long_details, solo_begin),
        cmocka_unit_test_setup(drill_flag, solo_begin),
        cmocka_unit_test_setup(a_row_that_has_left_is_not_filed, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
