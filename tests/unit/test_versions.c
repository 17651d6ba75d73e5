/* Versions of catalogue rows: a report takes the newest, an incident keeps its own. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MONDAY  "2026-06-01 08:00"
#define TUESDAY "2026-06-02 00:00"

static void report(const char *when, const char *category)
{
    play_begin(&play, &town);
    assert_int_equal(play_report(&play, when, "cao", TOWN_GRID, category), 0);
}

static void due_is(const char *when)
{
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at(when));
}

static uint32_t row_of(const char *code, const char *when)
{
    return gp_org_row(&town.org, gp_span_of(code), GP_SPAN("default"), town_at(when));
}

static void the_newest_that_has_begun(void **state)
{
    (void)state;
    uint32_t first = row_of("n8", MONDAY);
    town_version(&town, "n8", "2026-07-01 00:00", "2wh");
    town_version(&town, "n8", TUESDAY, "4wh");
    assert_int_equal(row_of("n8", "2026-06-01 23:59"), first);
    assert_int_equal(row_of("n8", TUESDAY), first + 1);
    assert_int_equal(row_of("n8", "2026-06-30 23:59"), first + 1);
    assert_int_equal(row_of("n8", "2026-07-01 00:00"), first + 2);
    assert_int_equal(gp_org_row_until(&town.org, first), town_at(TUESDAY));
    assert_int_equal(gp_org_row_until(&town.org, first + 2), INT64_MAX);
    assert_int_equal(gp_org_row_until(&town.org, (uint32_t)town.org.row_count - 1), INT64_MAX);
    assert_int_equal(
        gp_org_row_version(&town.org, GP_SPAN("n8"), GP_SPAN("default"), town_at(TUESDAY)),
        first + 1);
    assert_true(gp_org_row_version(&town.org, GP_SPAN("n8"), GP_SPAN("default"),
                                   town_at(TUESDAY) + 1) == GP_NONE);
}

static void reports_take_the_version_of_their_time(void **state)
{
    (void)state;
    town_version(&town, "n8", TUESDAY, "4wh");
    report("2026-06-01 17:00", "n8");
    assert_int_equal(play.incident.row.valid_from_ms, 0);
    due_is("2026-06-02 17:00");
    report("2026-06-02 08:00", "n8");
    assert_int_equal(play.incident.row.valid_from_ms, town_at(TUESDAY));
    due_is("2026-06-02 12:00");
}

/* A category that begins later is none before; its conditions are those that count now. */
static void not_begun(void **state)
{
    struct gp_row *row = town_row(&town, "n8");

    (void)state;
    row->valid_from_ms = town_at(TUESDAY);
    row->condition = GP_SPAN("only");
    town_version(&town, "c", TUESDAY, "1wh"); /* of broken */
    assert_int_equal(play_report(&play, MONDAY, "cao", TOWN_GRID, "n8"),
                     GP_REASON_UNKNOWN_CATEGORY);
    assert_string_equal(play.decision.detail, "'n8' is not in catalogue.csv or not valid yet");
    assert_int_equal(play_report(&play, "2026-06-02 08:00", "cao", TOWN_GRID, "c"),
                     GP_REASON_UNKNOWN_CATEGORY);
    assert_string_equal(play.decision.detail, "conditions of c: broken missing");
    report("2026-06-02 08:00", "n8"); /* the only one of its category */
    town_version(&town, "n8", "2026-06-03 00:00", "1wh");
    report("2026-06-03 08:00", "n8"); /* still */
    due_is("2026-06-03 09:00");
}

/* What waits for a dispatcher is filed under the version of the day on which it is filed. */
static void filing_by_hand(void **state)
{
    (void)state;
    town_version(&town, "m4", TUESDAY, "8wh");
    report(MONDAY, "m4");
    assert_int_equal(play.incident.row.valid_from_ms, 0);
    assert_int_equal(play_do(&play, "2026-06-02 08:00", GP_VERB_FILE, "zheng"), 0);
    assert_int_equal(play.incident.row.valid_from_ms, town_at(TUESDAY));
    due_is("2026-06-02 18:00");
}

/* R15: a new version touches nothing that is open, an edited one only its own. */
static void only_edits_of_the_same_version(void **state)
{
    (void)state;
    report("2026-06-01 17:00", "n8");
    town_version(&town, "n8", TUESDAY, "4wh");
    assert_false(play_replan(&play, "2026-06-02 08:00"));
    assert_int_equal(gp_limit_parse(GP_SPAN("2wh"), &town.rows[row_of("n8", TUESDAY)].limit), 0);
    assert_false(play_replan(&play, "2026-06-02 08:01"));
    due_is("2026-06-02 17:00");
    assert_int_equal(gp_limit_parse(GP_SPAN("6wh"), &town.rows[row_of("n8", MONDAY)].limit), 0);
    assert_true(play_replan(&play, "2026-06-02 08:02"));
    due_is("2026-06-02 15:00");
    assert_int_equal(play.incident.row.valid_from_ms, 0);
    town_row(&town, "n8")->valid_from_ms = town_at(MONDAY); /* another version now */
    assert_false(play_replan(&play, "2026-06-02 08:03"));
    due_is("2026-06-02 15:00");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, solo_begin)
    const struct CMUnitTest tests[] = {
        TEST(the_newest_that_has_begun),
        TEST(reports_take_the_version_of_their_time),
        TEST(not_begun),
        TEST(filing_by_hand),
        TEST(only_edits_of_the_same_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
