/* R15: steps not yet fired follow the directory; fired ones stay; nothing moved, nothing said. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MONDAY "2026-06-01 08:00"

static void report(const char *category)
{
    assert_int_equal(play_report(&play, MONDAY, "zhang", TOWN_GRID, category), 0);
    play_skip(&play);
}

static void set_limit(const char *category, const char *limit)
{
    struct gp_row *row = town_row(&town, category);
    assert_int_equal(gp_limit_parse(gp_span_of(limit), &row->limit), 0);
}

/* The same files change nothing, whatever the incident has gone through. */
static void same_directory(void **state)
{
    static const char *const rows[] = {"n2", "n4", "l5", "u2", "u1", "f2", "s24", "s222", "d3"};
    static const char *const times[] = {"2026-06-01 08:10", "2026-06-01 10:00", "2026-06-02 11:00",
                                        "2026-06-08 09:00", "2026-07-20 09:00"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        solo_begin(state);
        report(rows[i]);
        for (size_t k = 0; k < sizeof times / sizeof times[0]; k++) {
            play_until(&play, times[k]);
            assert_false(play_replan(&play, times[k]));
        }
    }
}

static void a_day_off(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-01 10:00"); /* unaccepted has been fired */
    play_skip(&play);
    town_off(&town, "2026-06-01");
    town_off(&town, "2026-06-03");
    assert_true(play_replan(&play, "2026-06-01 10:30"));
    assert_false(play_replan(&play, "2026-06-01 10:30"));
    play_expect(&play, "06-01 10:30 replanned due 06-02 18:00\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "fired");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "06-02 16:24");
    assert_string_equal(play_when(&play, 0, GP_STEP_BLUE), "06-04 12:00");
}

static void limit_edited(void **state)
{
    (void)state;
    report("n8");
    uint32_t version = play.incident.version;
    set_limit("n8", "4wh");
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    play_expect(&play, "06-01 08:10 replanned due 06-01 12:00\n");
    assert_int_equal(play.incident.version, version + 1);
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "06-01 09:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "06-01 11:12");
}

static void ladder_edited(void **state)
{
    (void)state;
    report("n8");
    town_rung(&town, "N", GP_STEP_YELLOW)->percent = 50;
    town_rung(&town, "N", GP_STEP_BLUE)->amount.n = 2;
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    play_expect(&play, "06-01 08:10 replanned due 06-01 18:00\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "06-01 12:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_BLUE), "06-02 10:00");
}

/* Behind a due that has passed the rest still follows the calendar; the due itself stays. */
static void after_red(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-01 18:00");
    play_skip(&play);
    town_off(&town, "2026-06-02");
    set_limit("n8", "4wh");
    assert_true(play_replan(&play, "2026-06-01 19:00"));
    assert_false(play_replan(&play, "2026-06-01 19:00"));
    play_until(&play, "2026-06-08 18:00");
    play_expect(&play, "06-01 19:00 replanned due 06-01 18:00\n"
                       "06-03 12:00 blue: sun(R) wei(H2)\n"
                       "06-03 18:00 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "06-05 18:00 card: feng(X)\n"
                       "06-05 18:00 strike\n"
                       "06-08 18:00 repeat: feng(X)\n");
}

/* A missed stage and the running one beside it both follow. */
static void two_stages(void **state)
{
    (void)state;
    report("s24");
    play_until(&play, "2026-06-01 10:30");
    play_skip(&play);
    town_off(&town, "2026-06-01");
    town_rung(&town, "U", GP_STEP_CARD)->amount.n = 6;
    assert_true(play_replan(&play, "2026-06-01 10:40"));
    play_expect(&play, "06-01 10:40 replanned due 06-02 12:00\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_BLUE), "06-01 11:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "06-01 16:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "06-01 20:00");
    assert_string_equal(play_when(&play, 1, GP_STEP_YELLOW), "06-02 11:12");
    play_until(&play, "2026-06-02 12:00");
    assert_true(gp_span_is(play.incident.owner, "K-SZ"));
}

/* A stage that was met keeps quiet. */
static void met_stage(void **state)
{
    (void)state;
    report("s24");
    assert_int_equal(play_do(&play, "2026-06-01 09:30", GP_VERB_STAGE, "li"), 0);
    play_skip(&play);
    town_rung(&town, "U", GP_STEP_CARD)->amount.n = 6;
    assert_false(play_replan(&play, "2026-06-01 10:00"));
    town_off(&town, "2026-06-01");
    assert_true(play_replan(&play, "2026-06-01 10:00"));
    play_expect(&play, "06-01 10:00 replanned due 06-02 12:00\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "dropped");
}

static void row_gone(void **state)
{
    (void)state;
    report("n8");
    town_row(&town, "n8")->code = GP_SPAN("n8x");
    assert_false(play_replan(&play, "2026-06-01 08:10"));
    town_off(&town, "2026-06-01");
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    play_expect(&play, "06-01 08:10 replanned due 06-02 18:00\n");
}

/* A limit that loses a stage before that stage began: the first is the last now. */
static void fewer_stages(void **state)
{
    (void)state;
    report("s24");
    set_limit("s24", "2uh");
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-01 10:00"));
    assert_int_equal(play_do(&play, "2026-06-01 08:20", GP_VERB_STAGE, "li"), GP_REASON_NO_STAGE);
    play_until(&play, "2026-06-02 12:00");
    assert_int_equal(play.incident.plan.stage_count, 1);
}

/* One that lost the running stage keeps what it was filed under. */
static void running_stage_gone(void **state)
{
    (void)state;
    report("s24");
    play_until(&play, "2026-06-01 10:00");
    set_limit("s24", "2uh");
    assert_false(play_replan(&play, "2026-06-01 10:10"));
    play_until(&play, "2026-06-03 12:00");
}

static void more_stages(void **state)
{
    (void)state;
    report("n4");
    set_limit("n4", "4wh+8wh");
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-02 12:00"));
    assert_int_equal(play_do(&play, "2026-06-01 08:20", GP_VERB_STAGE, "li"), 0);
    play_until(&play, "2026-06-03 12:00");
}

/* A stage added behind one that was missed long ago does not begin by itself. */
static void more_stages_after_red(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-01 12:00");
    set_limit("n4", "4wh+8wh");
    assert_false(play_replan(&play, "2026-06-01 12:10"));
    town_off(&town, "2026-06-02");
    assert_true(play_replan(&play, "2026-06-01 12:20"));
    assert_int_equal(play.incident.plan.stage_count, 1);
    assert_int_equal(play_do(&play, "2026-06-01 12:30", GP_VERB_STAGE, "chen"), GP_REASON_NO_STAGE);
    play_until(&play, "2026-06-08 12:00");
}

/* Who has accepted is not asked for it by a step that the ladder gained later. */
static void accepted_already(void **state)
{
    (void)state;
    town_lose_rung(&town, "N", GP_STEP_UNACCEPTED);
    report("n8");
    assert_int_equal(play_do(&play, "2026-06-01 08:10", GP_VERB_ACCEPT, "li"), 0);
    play_skip(&play);
    town_build(&town);
    (void)play_replan(&play, "2026-06-01 08:20");
    play_until(&play, "2026-06-01 16:24");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "fired");
    for (size_t i = play.read; i < play.count; i++)
        assert_int_not_equal(play.journal[i].step, GP_STEP_UNACCEPTED);
}

/* A ladder with one more warning comes too late for a due that has passed. */
static void warning_gained_after_red(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-01 18:00");
    play_skip(&play);
    town_row(&town, "n8")->policy = GP_SPAN("L");
    assert_true(play_replan(&play, "2026-06-01 18:10"));
    assert_false(play_replan(&play, "2026-06-01 18:10"));
    play_until(&play, "2026-06-02 18:00");
    play_expect(&play, "06-01 18:10 replanned due 06-01 18:00\n"
                       "06-02 18:00 blue: sun(R) wei(H2)\n");
}

/* A rung that the ladder lost is no longer planned. */
static void rung_lost(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-01 18:00");
    play_skip(&play);
    town_lose_rung(&town, "N", GP_STEP_BLUE);
    assert_true(play_replan(&play, "2026-06-01 18:10"));
    play_until(&play, "2026-06-02 18:00");
    play_expect(&play, "06-01 18:10 replanned due 06-01 18:00\n"
                       "06-02 18:00 orange: zhou(S1) wu(S2) jiang(H)\n");
}

/* Beyond the calendar's last known day times are provisional until the year is loaded. */
static void provisional_until_known(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-12-31 16:00", "zhang", TOWN_GRID, "n4"), 0);
    play_expect(&play,
                "12-31 16:00 reported\n"
                "12-31 16:00 filed\n"
                "12-31 16:00 dispatched provisional -> A-shizheng-340705006001 due 01-01 10:00\n"
                "12-31 16:00 dispatch provisional: li(A) zhang(B)\n");
    town_off(&town, "2027-01-01");
    town.calendar.known_until_ms = town_at("2028-01-01 00:00");
    assert_true(play_replan(&play, "2026-12-31 17:30"));
    play_expect(&play, "12-31 17:30 replanned due 01-04 10:00\n");
    assert_false(play.incident.plan.stage[0].provisional);
}

static void known_without_moving(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-12-31 16:00", "zhang", TOWN_GRID, "n4"), 0);
    play_skip(&play);
    town.calendar.known_until_ms = town_at("2028-01-01 00:00");
    assert_true(play_replan(&play, "2026-12-31 17:30"));
    play_expect(&play, "12-31 17:30 replanned due 01-01 10:00\n");
}

static void finished_ones_stay(void **state)
{
    (void)state;
    report("n8");
    assert_int_equal(play_do(&play, "2026-06-01 08:10", GP_VERB_FINISH, "li"), 0);
    set_limit("n8", "4wh");
    assert_false(play_replan(&play, "2026-06-01 08:20"));
}

/* The owner of a repeat that has begun keeps its pace. */
static void repeats_go_on(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-08 18:00"); /* two repeats */
    play_skip(&play);
    town_rung(&town, "N", GP_STEP_REPEAT)->amount.n = 4;
    (void)play_replan(&play, "2026-06-08 19:00");
    play_skip(&play);
    play_until(&play, "2026-06-10 12:00");
    play_expect(&play, "06-09 18:00 repeat: feng(X)\n"
                       "06-10 12:00 repeat: feng(X)\n");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_REPEAT)->nth, 4);
}

/* The first repeat counts from the card that was fired, whatever the ladder says of cards now. */
static void the_first_repeat_follows_its_card(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-04 12:00"); /* the card */
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "06-05 12:00");
    town_rung(&town, "N", GP_STEP_CARD)->amount.n = 40;
    assert_false(play_replan(&play, "2026-06-04 13:00"));
    town_off(&town, "2026-06-05");
    assert_true(play_replan(&play, "2026-06-04 13:00"));
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "06-08 12:00");
}

/* What was fired was fired, also where the ladder has no such rung any more. */
static void fired_ones_stay_without_their_rung(void **state)
{
    (void)state;
    report("n8");
    play_until(&play, "2026-06-01 18:00");
    town_lose_rung(&town, "N", GP_STEP_YELLOW);
    town_lose_rung(&town, "N", GP_STEP_BLUE);
    assert_true(play_replan(&play, "2026-06-01 18:10"));
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "fired");
    assert_string_equal(play_when(&play, 0, GP_STEP_BLUE), "none");
    assert_false(play_replan(&play, "2026-06-01 18:10"));
}

/* A rung that goes while its step is planned fires for the owner, until the plan is made again. */
static void a_step_without_its_rung_tells_the_owner(void **state)
{
    (void)state;
    report("n8");
    town_lose_rung(&town, "N", GP_STEP_YELLOW);
    play_until(&play, "2026-06-01 16:24");
    play_expect(&play, "06-01 10:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "06-01 16:24 yellow: li(A)\n");
}

/* Its ladder is gone as a whole: what is planned stays planned, and tells the owner. */
static void a_ladder_that_is_gone(void **state)
{
    (void)state;
    report("n4");
    town_lose_ladder(&town, "N");
    assert_false(play_replan(&play, "2026-06-01 08:10"));
    play.may_end = true;
    play_until(&play, "2026-06-01 12:00");
    assert_false(play_replan(&play, "2026-06-01 12:10")); /* its red was fired, too */
    play_until(&play, "2026-07-01 08:00");
    play_expect(&play, "06-01 09:00 unaccepted: li(A)\n"
                       "06-01 11:12 yellow: li(A)\n"
                       "06-01 12:00 red: li(A)\n"
                       "06-01 18:00 blue: li(A)\n"
                       "06-02 12:00 orange: li(A)\n"
                       "06-04 12:00 card: li(A)\n"
                       "06-05 12:00 repeat: li(A)\n");
}

/* A later stage's ladder is gone: no report is begun that could not be gone on with. */
static void a_later_stage_needs_its_ladder(void **state)
{
    (void)state;
    town_lose_ladder(&town, "N");
    assert_int_equal(play_report(&play, MONDAY, "zhang", TOWN_GRID, "s24"), GP_REASON_CALENDAR);
    assert_int_equal(play_report(&play, MONDAY, "zhang", TOWN_GRID, "u2"), 0);
}

/* A ladder without a word on later stages goes on itself. */
static void a_ladder_may_be_its_own_next(void **state)
{
    (void)state;
    town_ladder(&town, "U")->next = (struct gp_span){0};
    town_ladder(&town, "U")->next_long = (struct gp_span){0};
    report("s25");
    assert_true(gp_span_is(play.incident.plan.stage[1].policy, "U"));
    solo_begin(state);
    town_ladder(&town, "U")->next_long_wd = 0;
    report("s25");
    assert_true(gp_span_is(play.incident.plan.stage[1].policy, "N"));
}

/* Another ladder with the same steps is said, once: rungs are looked up under its name. */
static void another_name_is_another_plan(void **state)
{
    (void)state;
    report("n4");
    *town_ladder(&town, "U") = *town_ladder(&town, "N");
    town.ladders[2].id = GP_SPAN("U");
    town_row(&town, "n4")->policy = GP_SPAN("U");
    assert_true(play_replan(&play, "2026-06-01 08:10"));
    assert_true(gp_span_is(play.incident.plan.stage[0].policy, "U"));
    assert_false(play_replan(&play, "2026-06-01 08:10"));
}

/* A ladder that lost `repeat` while one is planned: that one is the last. */
static void the_last_repeat(void **state)
{
    (void)state;
    report("n4");
    town_lose_rung(&town, "N", GP_STEP_REPEAT);
    play.may_end = true;
    play_until(&play, "2026-07-01 08:00");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_REPEAT)->nth, 1);
    assert_null(gp_plan_next(&play.incident.plan));
}

/* The rungs of other clocks stand behind the owner's in a ladder, and are no part of its plan. */
static void side_clocks_of_a_ladder_are_not_planned(void **state)
{
    struct gp_ladder *ladder = town_ladder(&town, "N");

    (void)state;
    ladder->rung[ladder->rung_count++] =
        (struct gp_rung){.step = GP_STEP_VERIFY_LATE, /* without an amount: at once */
                         .anchor = GP_ANCHOR_START,
                         .tells = UINT32_C(1) << GP_TELL_X};
    report("n4");
    assert_string_equal(play_when(&play, 0, GP_STEP_VERIFY_LATE), "none");
    assert_int_equal(play_do(&play, "2026-06-01 08:10", GP_VERB_FINISH, "li"), 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_VERIFY_LATE), "06-01 08:10");
}

static void the_checkers_clock_without_its_ladder(void **state)
{
    (void)state;
    report("u2");
    town_lose_ladder(&town, "U");
    assert_int_equal(play_do(&play, "2026-06-01 08:10", GP_VERB_FINISH, "li"), 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_VERIFY_LATE), "06-01 08:40"); /* urgent */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(same_directory, solo_begin),
        cmocka_unit_test_setup(a_day_off, solo_begin),
        cmocka_unit_test_setup(limit_edited, solo_begin),
        cmocka_unit_test_setup(ladder_edited, solo_begin),
        cmocka_unit_test_setup(after_red, solo_begin),
        cmocka_unit_test_setup(two_stages, solo_begin),
        cmocka_unit_test_setup(met_stage, solo_begin),
        cmocka_unit_test_setup(row_gone, solo_begin),
        cmocka_unit_test_setup(fewer_stages, solo_begin),
        cmocka_unit_test_setup(running_stage_gone, solo_begin),
        cmocka_unit_test_setup(more_stages, solo_begin),
        cmocka_unit_test_setup(more_stages_after_red, solo_begin),
        cmocka_unit_test_setup(accepted_already, solo_begin),
        cmocka_unit_test_setup(warning_gained_after_red, solo_begin),
        cmocka_unit_test_setup(rung_lost, solo_begin),
        cmocka_unit_test_setup(provisional_until_known, solo_begin),
        cmocka_unit_test_setup(known_without_moving, solo_begin),
        cmocka_unit_test_setup(finished_ones_stay, solo_begin),
        cmocka_unit_test_setup(repeats_go_on, solo_begin),
        cmocka_unit_test_setup(the_first_repeat_follows_its_card, solo_begin),
        cmocka_unit_test_setup(fired_ones_stay_without_their_rung, solo_begin),
        cmocka_unit_test_setup(a_step_without_its_rung_tells_the_owner, solo_begin),
        cmocka_unit_test_setup(a_ladder_that_is_gone, solo_begin),
        cmocka_unit_test_setup(a_later_stage_needs_its_ladder, solo_begin),
        cmocka_unit_test_setup(a_ladder_may_be_its_own_next, solo_begin),
        cmocka_unit_test_setup(another_name_is_another_plan, solo_begin),
        cmocka_unit_test_setup(the_last_repeat, solo_begin),
        cmocka_unit_test_setup(side_clocks_of_a_ladder_are_not_planned, solo_begin),
        cmocka_unit_test_setup(the_checkers_clock_without_its_ladder, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
