/* Areas that are merged, split and renamed while incidents are open, and their calendars. */
#include "core/query.h"
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

/* The code is an area of its own until then; from then on the other answers for it. */
static void merge(const char *code, const char *into, const char *until)
{
    struct gp_area *old = &town.areas[town_area(&town, code)];

    old->alias_of = town_area(&town, into);
    old->valid_to_ms = until != NULL ? town_at(until) : INT64_MAX;
}

static void report(const char *when, const char *grid, const char *category)
{
    assert_int_equal(play_report(&play, when, "cao", grid, category), 0);
}

static void answers(const char *code, const char *when, const char *expected)
{
    uint32_t area = gp_org_area_at(&town.org, town_area(&town, code), town_at(when));
    assert_int_equal(area, town_area(&town, expected));
}

static void an_alias_counts_from_its_day_on(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_SAME_AB, TUESDAY);
    answers(TOWN_GRID, "2026-06-01 23:59", TOWN_GRID);
    answers(TOWN_GRID, TUESDAY, TOWN_GRID_SAME_AB);
    answers(TOWN_GRID_SAME_AB, TUESDAY, TOWN_GRID_SAME_AB);
    assert_true(gp_org_area_at(&town.org, GP_NONE, 0) == GP_NONE);
}

/* Without an end of its own time a code is an old one from the beginning of its validity. */
static void an_alias_without_an_end(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_SAME_AB, NULL);
    answers(TOWN_GRID, MONDAY, TOWN_GRID_SAME_AB);
    town.areas[town_area(&town, TOWN_GRID)].valid_from_ms = town_at(TUESDAY);
    assert_int_equal(play_report(&play, MONDAY, "cao", TOWN_GRID, "n4"), GP_REASON_UNKNOWN_AREA);
    answers(TOWN_GRID, TUESDAY, TOWN_GRID_SAME_AB);
}

static void mergers_in_a_row(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_SAME_AB, TUESDAY);
    merge(TOWN_GRID_SAME_AB, TOWN_GRID_STREETLESS, "2026-07-01 00:00");
    answers(TOWN_GRID, MONDAY, TOWN_GRID);
    answers(TOWN_GRID, TUESDAY, TOWN_GRID_SAME_AB);
    answers(TOWN_GRID, "2026-07-01 00:00", TOWN_GRID_STREETLESS);
    report("2026-07-02 08:00", TOWN_GRID, "n4");
    assert_int_equal(play.incident.area.padded, 340705402001001);
}

/* A circle is a mistake of the files; a snapshot that had one would still give an answer. */
static void a_circle_ends(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_SAME_AB, TUESDAY);
    merge(TOWN_GRID_SAME_AB, TOWN_GRID, TUESDAY);
    assert_true(gp_org_area_at(&town.org, town_area(&town, TOWN_GRID), town_at(TUESDAY)) <
                town.org.area_count);
}

static void reports_follow_the_code(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_STREETLESS, TUESDAY);
    report(MONDAY, TOWN_GRID, "n4");
    assert_int_equal(play.incident.area.padded, 340705006001002);
    solo_begin(state);
    merge(TOWN_GRID, TOWN_GRID_STREETLESS, TUESDAY);
    report("2026-06-02 08:00", TOWN_GRID, "n4");
    assert_int_equal(play.incident.area.padded, 340705402001001);
    assert_true(gp_span_is(play.incident.owner, "A-shizheng-340705402"));
}

/* The incident keeps its code and its owner post; everybody else who is told is the new area's. */
static void open_incidents_keep_their_code(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_STREETLESS, TUESDAY);
    report(MONDAY, TOWN_GRID, "n8");
    play_until(&play, "2026-06-01 10:00");
    play_skip(&play);
    assert_false(play_replan(&play, "2026-06-02 07:00"));
    play_until(&play, "2026-06-02 12:00");
    assert_int_equal(play.incident.area.padded, 340705006001002);
    play_expect(&play, "06-01 16:24 yellow: li(A) zhang(B)\n"
                       "06-01 18:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-01 18:00 handover -> F-SZ\n"
                       "06-02 12:00 blue: cao(R) wei(H2)\n");
    assert_int_equal(play_do(&play, "2026-06-02 12:01", GP_VERB_FINISH, "chen"), 0);
    assert_int_equal(play_do(&play, "2026-06-02 12:02", GP_VERB_VERIFY, "zheng"),
                     GP_REASON_NOT_CHECKER);
    assert_int_equal(play_do(&play, "2026-06-02 12:03", GP_VERB_VERIFY, "zhu"), 0);
}

/* One grid becomes two: the old code leads to one of them, and what is open goes along. */
static void a_split(void **state)
{
    (void)state;
    town.areas[town_area(&town, TOWN_GRID_STREETLESS)].valid_from_ms = town_at(TUESDAY);
    town.areas[town_area(&town, "340705402001002")].valid_from_ms = town_at(TUESDAY);
    merge(TOWN_GRID, "340705402001002", TUESDAY);
    report(MONDAY, TOWN_GRID, "l5");
    play_until(&play, "2026-06-03 12:00");
    play_skip(&play);
    play_until(&play, "2026-06-05 10:00");
    play_expect(&play, "06-04 18:00 yellow: li(A) he(B)\n");
    solo_begin(state);
    town.areas[town_area(&town, TOWN_GRID_STREETLESS)].valid_from_ms = town_at(TUESDAY);
    assert_int_equal(play_report(&play, MONDAY, "cao", TOWN_GRID_STREETLESS, "n4"),
                     GP_REASON_UNKNOWN_AREA);
    report("2026-06-02 08:00", TOWN_GRID_STREETLESS, "n4");
}

static void another_name(void **state)
{
    (void)state;
    report(MONDAY, TOWN_GRID, "n4");
    town.areas[town_area(&town, TOWN_GRID)].name = GP_SPAN("another");
    assert_false(play_replan(&play, "2026-06-01 08:10"));
    report("2026-06-01 08:20", TOWN_GRID, "n4");
}

/* ---------------------------------------------------------------- feeds */

static bool in_feed(const char *area, size_t entry)
{
    struct gp_feed_filter filter = {0};

    assert_int_equal(gp_area_parse(gp_span_of(area), &filter.area), 0);
    return gp_feed_match(&town.org, &filter, &play.journal[entry]);
}

/* A feed of the new area has what is written from the merger's day on; the old one has all. */
static void feeds_follow_too(void **state)
{
    (void)state;
    merge(TOWN_GRID, TOWN_GRID_STREETLESS, TUESDAY);
    report(MONDAY, TOWN_GRID, "n8");
    play_until(&play, "2026-06-02 12:00");
    assert_true(in_feed(TOWN_GRID, 0));
    assert_false(in_feed("340705402", 0));
    assert_true(in_feed(TOWN_GRID, play.count - 1));
    assert_true(in_feed("340705402", play.count - 1));
    assert_false(in_feed("340705007", play.count - 1));
}

/* ---------------------------------------------------------------- calendars of areas */

static struct gp_calendar calendars[2];
static struct gp_week seasons[2];

/* The community works 09:00-17:00 without a break, and from June 15th on one hour earlier. */
static void give_own_hours(const char *area)
{
    int64_t change = gp_day_from_date(2026, 6, 15);

    for (int i = 0; i < 2; i++) {
        seasons[i] = (struct gp_week){.first_day = i == 0 ? INT64_MIN : change,
                                      .last_day = i == 0 ? change - 1 : INT64_MAX};
        for (int day = 0; day < 5; day++)
            seasons[i].hours[day] = (struct gp_day_hours){
                .segment = {{(9 - i) * GP_MS_HOUR, (17 - i) * GP_MS_HOUR}}, .segment_count = 1};
    }
    calendars[0] = town.calendar;
    calendars[1] = town.calendar;
    calendars[1].id = GP_SPAN("own");
    calendars[1].weeks = seasons;
    calendars[1].week_count = 2;
    town.org.calendars = calendars;
    town.org.calendar_count = 2;
    town.areas[town_area(&town, area)].calendar = 1;
}

static void due_is(const char *when, const char *grid, const char *due)
{
    play_begin(&play, &town);
    report(when, grid, "n8");
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at(due));
}

static void a_calendar_counts_below_its_area_only(void **state)
{
    (void)state;
    give_own_hours(TOWN_COMMUNITY);
    due_is("2026-06-01 16:00", TOWN_GRID, "2026-06-02 16:00");
    due_is("2026-06-01 16:00", TOWN_GRID_SAME_AB, "2026-06-02 16:00");
    due_is("2026-06-01 16:30", TOWN_GRID_STREETLESS, "2026-06-02 16:30");
    due_is("2026-06-01 17:30", TOWN_GRID, "2026-06-02 17:00");
    due_is("2026-06-01 17:30", TOWN_GRID_BARE, "2026-06-02 17:30");
}

static void summer_hours_begin_on_their_day(void **state)
{
    (void)state;
    give_own_hours(TOWN_COMMUNITY);
    due_is("2026-06-12 16:00", TOWN_GRID, "2026-06-15 15:00");
    due_is("2026-06-12 16:00", TOWN_GRID_STREETLESS, "2026-06-15 16:00");
    due_is("2026-06-15 08:00", TOWN_GRID, "2026-06-15 16:00");
}

/* R15: a grid that comes under another area's hours is planned again by the next reload. */
static void hours_of_the_new_area(void **state)
{
    (void)state;
    give_own_hours("340705402");
    merge(TOWN_GRID, TOWN_GRID_STREETLESS, TUESDAY);
    report("2026-06-01 16:00", TOWN_GRID, "n4");
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-02 10:00"));
    play_until(&play, "2026-06-02 08:00");
    assert_true(play_replan(&play, "2026-06-02 08:00"));
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-02 12:00"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, solo_begin)
    const struct CMUnitTest tests[] = {
        TEST(an_alias_counts_from_its_day_on),
        TEST(an_alias_without_an_end),
        TEST(mergers_in_a_row),
        TEST(a_circle_ends),
        TEST(reports_follow_the_code),
        TEST(open_incidents_keep_their_code),
        TEST(a_split),
        TEST(another_name),
        TEST(feeds_follow_too),
        TEST(a_calendar_counts_below_its_area_only),
        TEST(summer_hours_begin_on_their_day),
        TEST(hours_of_the_new_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
