/* A calendar without working time from some day on, as when nobody has loaded the next year: what
 * would need time that is not there is refused and changes nothing, and what is on its way goes on
 * as far as there is time. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define YES                                                                                        \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_YES                                                                    \
    }
#define NO                                                                                         \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_NO                                                                     \
    }
#define HOURS(n)                                                                                   \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .hours = (n)                                                                               \
    }
#define UNTIL(date)                                                                                \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .text = GP_SPAN("part"), .from_ms = town_at(date)                                          \
    }

/* What a refusal leaves: the incident as it was, byte by byte. */
static void refused(const char *when, const char *by, enum gp_verb verb, struct gp_command command,
                    const char *words)
{
    static struct gp_incident before;

    before = play.incident;
    solo_refused(when, by, verb, command, GP_REASON_CALENDAR);
    solo_says(words);
    assert_memory_equal(&before, &play.incident, sizeof before);
}

static void ends(const char *day)
{
    town_end(&town, day);
    play.may_end = true;
}

/* ---------------------------------------------------------------- opening */

/* Whatever is the first that has no time, the due, a step or a later stage: then no report is half
 * planned; as soon as there is a day more than its last step needs, it is taken. */
static void a_report_is_planned_whole_or_refused(void **state)
{
    static const char *const rows[] = {"n2", "n4", "n8", "l5", "d3", "s24", "s222", "s25"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool taken = false;
        for (int day = 12; day <= 30; day++) {
            char last[32];
            solo_begin(state);
            (void)snprintf(last, sizeof last, "2026-10-%02d", day);
            ends(last);
            int reason = play_report(&play, "2026-10-12 08:00", "zhang", TOWN_GRID, rows[i]);
            if (taken)
                assert_int_equal(reason, GP_REASON_NONE);
            else if (reason != GP_REASON_NONE)
                assert_int_equal(reason, GP_REASON_CALENDAR);
            taken = reason == GP_REASON_NONE;
            for (uint8_t k = 0; taken && k < play.incident.plan.step_count; k++)
                assert_true(play.incident.plan.step[k].at_ms <
                            (gp_day_from_date(2026, 10, day) + 1) * GP_MS_DAY -
                                town.calendar.zone_ms);
        }
        assert_true(taken);
    }
}

/* The two working hours of `unaccepted` are not there, though the limit's one is. */
static void a_step_of_fixed_hours_needs_them(void **state)
{
    struct gp_row *row = town_row(&town, "n2");

    (void)state;
    assert_int_equal(gp_limit_parse(GP_SPAN("1wh"), &row->limit), 0);
    ends("2026-10-12");
    assert_int_equal(play_report(&play, "2026-10-12 17:00", "zhang", TOWN_GRID, "n2"),
                     GP_REASON_CALENDAR);
}

static void on_the_spot_too(void **state)
{
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .grid = GP_SPAN(TOWN_GRID),
                                 .category = GP_SPAN("n4"),
                                 .on_spot = true};

    (void)state;
    town_row(&town, "n4")->on_spot = true;
    ends("2026-10-11");
    assert_int_equal(play_command(&play, "2026-10-12 08:00", "zhang", &command),
                     GP_REASON_CALENDAR);
}

/* ---------------------------------------------------------------- what needs time anew */

static void the_next_stage_is_not_begun(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "s24");
    ends("2026-10-11");
    refused("2026-10-12 08:10", "li", GP_VERB_STAGE, NOTHING, "next stage");
    play_until(&play, "2026-10-12 10:00"); /* nor when it is missed: that one's steps go on */
    assert_int_equal(play.incident.plan.current, 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "fired");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "10-12 14:00");
    for (size_t i = 0; i < play.count; i++)
        assert_int_not_equal(play.journal[i].what, GP_WHAT_STAGED);
}

static void an_extension_is_not_asked_for(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    ends("2026-10-12"); /* the due is its last instant */
    solo_refused("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(1), GP_REASON_TOO_LONG);
    solo_begin(state);
    solo_report("2026-10-12 08:00", "n8");
    ends("2026-10-13"); /* there is as much again, and no more */
    solo_refused("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(9), GP_REASON_TOO_LONG);
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(8));
}

static void an_extension_is_not_granted(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(8));
    ends("2026-10-12");
    refused("2026-10-12 09:10", "qian", GP_VERB_DECIDE, YES, "longer limit");
}

/* After a ruling `orange` and `card` count from the first due, which an extension moves as well. */
static void an_extension_moves_the_overall_due(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 08:10", "zheng", GP_VERB_REASSIGN,
            (struct gp_command){.text = GP_SPAN("x"), .post = GP_SPAN("A-gongyong-340705006001")});
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "10-13 18:00");
    solo_do("2026-10-12 09:00", "zhang", GP_VERB_EXTEND, HOURS(4));
    const struct gp_week week = town.week;
    ends("2026-10-12");
    refused("2026-10-12 09:10", "qian", GP_VERB_DECIDE, YES, "longer limit");
    town.week = week;
    solo_do("2026-10-12 09:10", "qian", GP_VERB_DECIDE, YES);
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "10-14 12:00");
}

/* Also where nothing behind it needs more time: a due that stands still is no longer limit. */
static void an_overall_due_that_cannot_move(void **state)
{
    static const enum gp_step late[] = {GP_STEP_BLUE, GP_STEP_ORANGE, GP_STEP_CARD, GP_STEP_REPEAT};

    (void)state;
    for (size_t i = 0; i < sizeof late / sizeof late[0]; i++)
        town_lose_rung(&town, "N", late[i]);
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 08:10", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("n2")});
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(2));
    ends("2026-10-12");
    refused("2026-10-12 09:10", "qian", GP_VERB_DECIDE, YES, "longer limit");
}

static void rework_is_not_begun(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 09:00", "li", GP_VERB_FINISH, NOTHING);
    ends("2026-10-12");
    refused("2026-10-12 09:10", "wang", GP_VERB_VERIFY, NO, "rework");
    ends("2026-10-11"); /* nor where not even what the limit was can be told any more */
    refused("2026-10-12 09:10", "wang", GP_VERB_VERIFY, NO, "rework");
    solo_do("2026-10-12 09:20", "wang", GP_VERB_VERIFY, NOTHING);
}

static void what_is_closed_is_not_reopened(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    solo_do("2026-10-12 08:10", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-12 08:20", "wang", GP_VERB_VERIFY, NOTHING);
    solo_do("2026-10-12 08:30", "wang", GP_VERB_CLOSE, NOTHING);
    ends("2026-10-11");
    refused("2026-10-12 09:00", "zheng", GP_VERB_REOPEN, WHY, "planned again");
}

static void nobody_else_gets_it(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    ends("2026-10-11");
    refused("2026-10-12 08:10", "zheng", GP_VERB_REASSIGN,
            (struct gp_command){.text = GP_SPAN("x"), .post = GP_SPAN("A-gongyong-340705006001")},
            "planned again");
}

/* The checker's clock: at once, rather than never. */
static void the_checker_is_called_at_once(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    ends("2026-10-11");
    solo_do("2026-10-12 08:10", "li", GP_VERB_FINISH, NOTHING);
    assert_int_equal(play.incident.side.check_due_ms, town_at("2026-10-12 08:10"));
}

/* ---------------------------------------------------------------- suspended */

static void it_is_not_suspended_to_where_there_is_no_time(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    ends("2026-10-14");
    refused("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND, UNTIL("2026-10-15 00:00"),
            "no working time");
}

static void it_is_not_resumed_early(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND, UNTIL("2026-10-15 00:00"));
    ends("2026-10-13"); /* not enough for what is left */
    refused("2026-10-13 16:00", "zheng", GP_VERB_RESUME, NOTHING, "planned again");
    ends("2026-10-12"); /* none at all */
    refused("2026-10-13 16:00", "zheng", GP_VERB_RESUME, NOTHING, "planned again");
}

/* Its date comes all the same: the old times go on, rather than none. */
static void its_date_comes(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND, UNTIL("2026-10-15 00:00"));
    ends("2026-10-12");
    play_until(&play, "2026-10-15 08:00");
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "fired");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_RED)->nominal_ms,
                     town_at("2026-10-12 18:00"));
}

/* So they do where there is time for the due, and none for a step behind it. */
static void its_date_comes_with_half_the_time(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND, UNTIL("2026-10-15 00:00"));
    ends("2026-10-15");
    play_until(&play, "2026-10-15 08:00");
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-10-12 18:00"));
}

/* ---------------------------------------------------------------- steps, and a new directory */

static void repeats_end(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    ends("2026-10-19");
    play_until(&play, "2026-12-31 00:00");
    const struct gp_entry *last = play_last(&play, GP_WHAT_STEP, GP_STEP_REPEAT);
    assert_int_equal(last->at_ms, town_at("2026-10-19 12:00"));
    assert_int_equal(last->nth, 2);
    assert_null(gp_plan_next(&play.incident.plan));
    assert_true(gp_state_open(play.incident.state));
}

/* R15: what cannot be planned any more stays as it was planned. */
static void a_new_directory_moves_nothing(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    ends("2026-10-12");
    assert_false(play_replan(&play, "2026-10-12 08:10"));
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "10-15 18:00");
    ends("2026-10-11");
    assert_false(play_replan(&play, "2026-10-12 08:10"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_report_is_planned_whole_or_refused, solo_begin),
        cmocka_unit_test_setup(a_step_of_fixed_hours_needs_them, solo_begin),
        cmocka_unit_test_setup(on_the_spot_too, solo_begin),
        cmocka_unit_test_setup(the_next_stage_is_not_begun, solo_begin),
        cmocka_unit_test_setup(an_extension_is_not_asked_for, solo_begin),
        cmocka_unit_test_setup(an_extension_is_not_granted, solo_begin),
        cmocka_unit_test_setup(an_extension_moves_the_overall_due, solo_begin),
        cmocka_unit_test_setup(an_overall_due_that_cannot_move, solo_begin),
        cmocka_unit_test_setup(rework_is_not_begun, solo_begin),
        cmocka_unit_test_setup(what_is_closed_is_not_reopened, solo_begin),
        cmocka_unit_test_setup(nobody_else_gets_it, solo_begin),
        cmocka_unit_test_setup(the_checker_is_called_at_once, solo_begin),
        cmocka_unit_test_setup(it_is_not_suspended_to_where_there_is_no_time, solo_begin),
        cmocka_unit_test_setup(it_is_not_resumed_early, solo_begin),
        cmocka_unit_test_setup(its_date_comes, solo_begin),
        cmocka_unit_test_setup(its_date_comes_with_half_the_time, solo_begin),
        cmocka_unit_test_setup(repeats_end, solo_begin),
        cmocka_unit_test_setup(a_new_directory_moves_nothing, solo_begin),
    };
    return cmocka_run_group_tests_name("calendar ends", tests, NULL, NULL);
}
