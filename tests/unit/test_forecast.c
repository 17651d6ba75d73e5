/* The forecast: golden times, and the same as what really happens when nobody touches a report. */
#include "base/clocktext.h"
#include "core/forecast.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ZONE_MS (8 * GP_MS_HOUR)

static struct gp_forecast forecast;

struct told {
    struct gp_entry entry[PLAY_ENTRIES_MAX];
    size_t count, wanted; /* wanted 0: all */
};
static struct told told;

static int begin(void **state)
{
    (void)solo_begin(state);
    told.count = told.wanted = 0;
    return 0;
}

static bool keep(void *context, const struct gp_entry *entry)
{
    struct told *to = context;

    assert_true(to->count < PLAY_ENTRIES_MAX);
    to->entry[to->count++] = *entry;
    assert_int_equal(entry->seq, to->count);
    return to->count != to->wanted;
}

static enum gp_reason run(const char *when, const char *grid, const char *category)
{
    struct gp_forecast_ask ask = {
        .grid = gp_span_of(grid), .category = gp_span_of(category), .at_ms = town_at(when)};

    told.count = 0;
    return gp_forecast_run(&town.org, &ask, &forecast, keep, &told);
}

/* "08:40 unaccepted" of each step. */
static void expect_steps(const char *expected)
{
    char text[1024] = "", at[GP_CLOCKTEXT_BYTES];
    size_t used = 0;

    for (size_t i = 0; i < told.count; i++) {
        if (told.entry[i].what != GP_WHAT_STEP)
            continue;
        gp_instant_format(told.entry[i].at_ms, ZONE_MS, at);
        used += (size_t)snprintf(text + used, sizeof text - used, "%.5s %.5s %s\n", at + 5, at + 11,
                                 gp_step_name(told.entry[i].step));
    }
    assert_string_equal(text, expected);
}

/* ---------------------------------------------------------------- golden times */

static void e1_times(void **state)
{
    (void)state;
    assert_int_equal(run("2026-09-30 16:40", TOWN_GRID, "n8"), GP_REASON_NONE);
    expect_steps("09-30 16:40 dispatch\n"
                 "10-08 08:40 unaccepted\n"
                 "10-08 15:04 yellow\n"
                 "10-08 16:40 red\n"
                 "10-09 10:40 blue\n"
                 "10-09 16:40 orange\n"
                 "10-12 16:40 card\n"
                 "10-13 16:40 repeat\n");
    assert_int_equal(told.entry[told.count - 1].step, GP_STEP_REPEAT);
}

static void e2_times(void **state)
{
    (void)state;
    assert_int_equal(run("2026-10-03 23:10", TOWN_GRID, "u2"), GP_REASON_NONE);
    expect_steps("10-03 23:10 dispatch\n"
                 "10-03 23:25 unaccepted\n"
                 "10-04 00:10 yellow\n"
                 "10-04 01:10 red\n"
                 "10-04 02:10 blue\n"
                 "10-04 05:10 card\n"
                 "10-04 09:10 repeat\n");
}

static void e7_a_vacant_owner_is_told_once(void **state)
{
    (void)state;
    town_vacate(&town, "A-xiaofang-340705006001");
    assert_int_equal(run("2026-06-10 11:30", TOWN_GRID, "f2"), GP_REASON_NONE);
    assert_int_equal(told.entry[2].what, GP_WHAT_VACANT);
    assert_true(gp_span_is(told.entry[2].recipient[0].person, "qian"));
    assert_true(gp_span_is(told.entry[3].owner, "F-XF"));
    expect_steps("06-10 11:30 dispatch\n"
                 "06-10 12:00 unaccepted\n"
                 "06-10 15:06 yellow\n"
                 "06-10 15:30 red\n"
                 "06-11 09:30 blue\n"
                 "06-11 15:30 orange\n"
                 "06-15 15:30 card\n"
                 "06-16 15:30 repeat\n");
}

/* ---------------------------------------------------------------- as it really goes */

static void same_recipients(const struct gp_entry *a, const struct gp_entry *b)
{
    assert_int_equal(a->recipient_count, b->recipient_count);
    for (uint8_t i = 0; i < a->recipient_count; i++) {
        assert_true(gp_span_equal(a->recipient[i].person, b->recipient[i].person));
        assert_true(gp_span_equal(a->recipient[i].post, b->recipient[i].post));
        assert_string_equal(a->recipient[i].capacity, b->recipient[i].capacity);
        assert_int_equal(a->recipient[i].path, b->recipient[i].path);
    }
}

static void same(const struct gp_entry *a, const struct gp_entry *b)
{
    assert_int_equal(a->at_ms, b->at_ms);
    assert_int_equal(a->what, b->what);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->stage, b->stage);
    assert_int_equal(a->late_ms, b->late_ms);
    assert_int_equal(a->due_ms, b->due_ms);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->version, b->version);
    assert_true(gp_span_equal(a->owner, b->owner));
    if (a->what != GP_WHAT_REPORTED) /* whose words are the reporter's */
        assert_true(gp_span_equal(a->text, b->text));
    same_recipients(a, b);
}

/* Plays the report for real, up to the forecast's last entry, and compares all of it. */
static void as_it_goes(const char *when, const char *grid, const char *category)
{
    char until[GP_CLOCKTEXT_BYTES];

    assert_int_equal(run(when, grid, category), GP_REASON_NONE);
    play_begin(&play, &town);
    assert_int_equal(play_report(&play, when, town.persons[0].id.ptr, grid, category), 0);
    gp_instant_format(told.entry[told.count - 1].at_ms, ZONE_MS, until);
    until[10] = ' ';
    until[19] = '\0';
    play_until(&play, until);
    size_t at = 0;
    for (size_t i = 0; i < told.count; i++, at++) {
        /* A forecast accuses nobody, and says of repeats the first. */
        while (play.journal[at].what == GP_WHAT_STRIKE || play.journal[at].nth > 1)
            at++;
        assert_true(at < play.count);
        same(&told.entry[i], &play.journal[at]);
    }
    assert_true(play.count - at <= 2); /* steps of the same instant may follow a repeat */
}

static void every_category_everywhere(void **state)
{
    static const char *const grids[] = {TOWN_GRID_SAME_AB, TOWN_GRID, TOWN_GRID_BARE,
                                        TOWN_GRID_STREETLESS};
    static const char *const times[] = {"2026-09-30 16:40", "2026-10-03 23:10", "2026-06-18 12:00"};

    (void)state;
    for (size_t grid = 0; grid < 4; grid++) {
        for (size_t row = 0; row < town.org.row_count; row++) {
            struct gp_span code = town.org.rows[row].code;
            if (town.org.rows[row].manual_filing ||
                !gp_span_is(town.org.rows[row].condition, "default"))
                continue;
            for (size_t i = 0; i < 3; i++)
                as_it_goes(times[i], grids[grid], code.ptr);
        }
    }
}

/* Vacancies of the owner's whole chain, noted anew on each day, and never twice on one. */
static void vacant_posts_too(void **state)
{
    (void)state;
    town_vacate(&town, "A-xiaofang-340705006001");
    as_it_goes("2026-06-10 08:00", TOWN_GRID, "f2");
    town_vacate(&town, "F-XF");
    town_vacate(&town, "K-XF");
    as_it_goes("2026-06-10 08:00", TOWN_GRID, "f2");
    as_it_goes("2026-06-10 17:00", TOWN_GRID, "f2");
    town_vacate(&town, "H2-XF");
    town_vacate(&town, "H-XF");
    as_it_goes("2026-06-10 08:00", TOWN_GRID, "f2"); /* red on the same day */
    as_it_goes("2026-06-10 17:00", TOWN_GRID, "f2"); /* red on the next */
}

/* ---------------------------------------------------------------- of an incident as it is */

/* Forecasts the incident that was played, lets it be, and compares what comes. */
static void goes_on_so(const char *now, const char *steps)
{
    char until[GP_CLOCKTEXT_BYTES];
    size_t at = play.count;

    told.count = 0;
    gp_forecast_go_on(&town.org, &play.incident, town_at(now), &forecast, keep, &told);
    expect_steps(steps);
    gp_instant_format(told.entry[told.count - 1].at_ms, ZONE_MS, until);
    until[10] = ' ';
    until[19] = '\0';
    play_until(&play, until);
    for (size_t i = 0; i < told.count; i++, at++) {
        while (play.journal[at].what == GP_WHAT_STRIKE || play.journal[at].nth > 1)
            at++;
        assert_true(at < play.count);
        same(&told.entry[i], &play.journal[at]);
    }
}

static void what_was_accepted_goes_on(void **state)
{
    (void)state;
    solo_report("2026-06-15 09:00", "n4");
    solo_do("2026-06-15 09:30", "li", GP_VERB_ACCEPT, NOTHING);
    goes_on_so("2026-06-15 09:30", "06-15 14:12 yellow\n"
                                   "06-15 15:00 red\n"
                                   "06-16 09:00 blue\n"
                                   "06-16 15:00 orange\n"
                                   "06-18 15:00 card\n"
                                   "06-22 15:00 repeat\n");
    assert_true(gp_span_is(told.entry[1].recipient[0].person, "chen")); /* to whom it goes */
    told.count = 0; /* of repeats alone the plan says all */
    gp_forecast_go_on(&town.org, &play.incident, town_at("2026-06-22 15:00"), &forecast, keep,
                      &told);
    assert_int_equal(told.count, 0);
}

static void what_was_suspended_goes_on(void **state)
{
    (void)state;
    solo_report("2026-06-15 09:00", "n4");
    solo_do("2026-06-15 10:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("why"), .from_ms = town_at("2026-06-29 00:00")});
    goes_on_so("2026-06-15 10:00", "06-22 08:00 resume_notice\n"
                                   "06-29 08:00 unaccepted\n"
                                   "06-29 10:12 yellow\n"
                                   "06-29 11:00 red\n"
                                   "06-29 17:00 blue\n"
                                   "06-30 11:00 orange\n"
                                   "07-02 11:00 card\n"
                                   "07-03 11:00 repeat\n");
}

static void what_was_finished_is_checked_late(void **state)
{
    (void)state;
    solo_report("2026-06-15 09:00", "n4");
    solo_do("2026-06-15 09:30", "li", GP_VERB_FINISH, NOTHING);
    goes_on_so("2026-06-15 09:30", "06-15 15:30 verify_late\n");
}

/* ---------------------------------------------------------------- filed by hand, refused, cut */

static void a_row_filed_by_hand_is_filed_at_once(void **state)
{
    (void)state;
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_NONE);
    size_t count = told.count;
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "m4"), GP_REASON_NONE);
    assert_int_equal(told.count, count);
    assert_int_equal(told.entry[1].what, GP_WHAT_FILED);
    assert_int_equal(told.entry[1].actor.len, 0); /* whoever dispatches then */
    assert_int_equal(told.entry[2].what, GP_WHAT_DISPATCHED);
    expect_steps("06-15 09:00 dispatch\n"
                 "06-15 10:00 unaccepted\n"
                 "06-15 14:12 yellow\n"
                 "06-15 15:00 red\n"
                 "06-16 09:00 blue\n"
                 "06-16 15:00 orange\n"
                 "06-18 15:00 card\n"
                 "06-22 15:00 repeat\n");
}

static void a_refusal_tells_nothing(void **state)
{
    (void)state;
    assert_int_equal(run("2026-06-15 09:00", "110101001001001", "n4"), GP_REASON_UNKNOWN_AREA);
    assert_int_equal(run("2026-06-15 09:00", TOWN_COMMUNITY, "n4"), GP_REASON_UNKNOWN_AREA);
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "none"), GP_REASON_UNKNOWN_CATEGORY);
    assert_string_equal(forecast.decision.detail,
                        "'none' is not in catalogue.csv or not valid yet");
    town.areas[town_area(&town, TOWN_GRID)].valid_to_ms = town_at("2026-06-15 09:00");
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_UNKNOWN_AREA);
    assert_int_equal(told.count, 0);
    assert_int_equal(run("2026-06-15 08:59", TOWN_GRID, "n4"), GP_REASON_NONE);
    town.org.person_count = 0;
    assert_int_equal(run("2026-06-15 08:59", TOWN_GRID, "n4"), GP_REASON_UNKNOWN_PERSON);
    assert_int_equal(told.count, 0);
}

/* Where nobody at all could own it, a row that is filed by hand is refused like any other. */
static void no_owner_refuses_before_anything_is_told(void **state)
{
    (void)state;
    town.org.scope_count = 0;
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "m4"), GP_REASON_NO_OWNER);
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_NO_OWNER);
    assert_int_equal(told.count, 0);
}

static void an_old_code_is_followed(void **state)
{
    (void)state;
    town.areas[town_area(&town, TOWN_GRID)].alias_of = town_area(&town, TOWN_GRID_STREETLESS);
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_true(gp_span_is(told.entry[2].owner, "A-shizheng-340705402"));
}

static void it_stops_when_no_more_is_wanted(void **state)
{
    (void)state;
    told.wanted = 5;
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(told.count, 5);
    told.wanted = 0;
}

static void a_ladder_without_repeat_ends(void **state)
{
    (void)state;
    town_ladder(&town, "N")->rung_count--; /* its last */
    assert_int_equal(run("2026-06-15 09:00", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(told.entry[told.count - 1].step, GP_STEP_CARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(e1_times, begin),
        cmocka_unit_test_setup(e2_times, begin),
        cmocka_unit_test_setup(e7_a_vacant_owner_is_told_once, begin),
        cmocka_unit_test_setup(every_category_everywhere, begin),
        cmocka_unit_test_setup(vacant_posts_too, begin),
        cmocka_unit_test_setup(what_was_accepted_goes_on, begin),
        cmocka_unit_test_setup(what_was_suspended_goes_on, begin),
        cmocka_unit_test_setup(what_was_finished_is_checked_late, begin),
        cmocka_unit_test_setup(a_row_filed_by_hand_is_filed_at_once, begin),
        cmocka_unit_test_setup(a_refusal_tells_nothing, begin),
        cmocka_unit_test_setup(no_owner_refuses_before_anything_is_told, begin),
        cmocka_unit_test_setup(an_old_code_is_followed, begin),
        cmocka_unit_test_setup(it_stops_when_no_more_is_wanted, begin),
        cmocka_unit_test_setup(a_ladder_without_repeat_ends, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
