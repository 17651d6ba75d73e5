/* R13, R19: the check has a clock of its own; work that fails it is reworked; what is closed may be
 * reopened. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FAIL                                                                                       \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_NO                                                                     \
    }

/* E11: the checker has until Thursday 09:00; 3 of 8 hours were left, half of them are 4. */
static void e11_rework(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:05", "li", GP_VERB_ACCEPT, NOTHING);
    play_skip(&play);
    solo_do("2026-10-14 15:00", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-15 08:30", "wang", GP_VERB_VERIFY, FAIL);
    play_until(&play, "2026-10-15 14:30");
    play_expect(&play, "10-14 15:00 finished due 10-15 09:00: zheng(SK)\n"
                       "10-15 08:30 rework due 10-15 14:30: li(A)\n"
                       "10-15 11:42 yellow: li(A) zhang(B)\n"
                       "10-15 14:30 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-15 14:30 handover -> F-SZ\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "none");
}

static void more_than_half_is_left(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING); /* 7 h 30 left */
    solo_do("2026-10-14 09:00", "wang", GP_VERB_VERIFY, FAIL);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-15 08:30");
}

/* S1 is told of the check where nobody below may do it, and does it. */
static void nobody_below_checks(void **state)
{
    static const char *const dropped[] = {"SK-340705006", "SK-340705", "D1-340705006001",
                                          "D2-340705006001"};

    (void)state;
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++)
        town_drop_post(&town, dropped[i]);
    solo_report("2026-10-14 08:00", "n8");
    play_skip(&play);
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_expect(&play, "10-14 08:30 finished due 10-14 14:30: zhou(S1)\n");
    solo_do("2026-10-14 09:00", "zhou", GP_VERB_VERIFY, NOTHING);
}

static void the_checker_is_late(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "u2");
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_skip(&play);
    play_until(&play, "2026-10-20 08:00");
    play_expect(&play, "10-14 09:00 verify_late: qian(D1) zhou(S1)\n"); /* urgent: 30 minutes */
    solo_do("2026-10-20 08:10", "wang", GP_VERB_VERIFY, (struct gp_command){0});
    assert_int_equal(play.incident.side.check_due_ms, 0);
}

/* SK checks, else D2; whoever finished is passed over. */
static void who_is_told_to_check(void **state)
{
    (void)state;
    town_hold(&town, "A-shizheng-340705006001", "zheng", TOWN_ALWAYS);
    town_leave(&town, "li", NULL, "2026-10-14 00:00", "2026-10-15 00:00");
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:30", "zheng", GP_VERB_FINISH, NOTHING);
    assert_true(gp_span_is(play_last(&play, GP_WHAT_FINISHED, 0)->recipient[0].person, "wang"));
    solo_refused("2026-10-14 08:40", "zheng", GP_VERB_VERIFY, NOTHING, GP_REASON_OWN_WORK);
}

/* The second time blue's people hear of it from the start, the third time it counts as a strike. */
static void again_and_again(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:10", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 08:20", "wang", GP_VERB_VERIFY, FAIL);
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_skip(&play);
    solo_do("2026-10-14 08:40", "wang", GP_VERB_VERIFY, FAIL);
    solo_do("2026-10-14 08:50", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 09:00", "wang", GP_VERB_VERIFY, FAIL);
    play_expect(&play, "10-14 08:40 rework due 10-15 08:20: li(A) sun(R) wei(H2)\n"
                       "10-14 08:50 finished due 10-14 14:50: zheng(SK)\n"
                       "10-14 09:00 rework due 10-15 08:30: li(A) sun(R) wei(H2)\n"
                       "10-14 09:00 strike: feng(X)\n");
    assert_int_equal(play.incident.side.reworks, 3);
    solo_refused("2026-10-14 09:10", "li", GP_VERB_RETURN,
                 (struct gp_command){.return_reason = GP_RETURN_NO_POWER}, GP_REASON_STATE);
}

static void reopened(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_do("2026-10-14 08:10", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 08:20", "wang", GP_VERB_VERIFY, NOTHING);
    solo_do("2026-10-14 08:30", "wang", GP_VERB_CLOSE, NOTHING);
    solo_refused("2026-10-16 08:00", "zheng", GP_VERB_REOPEN, NOTHING, GP_REASON_NO_REASON);
    solo_refused("2026-10-16 08:00", "li", GP_VERB_REOPEN, WHY, GP_REASON_NOT_ALLOWED);
    play_skip(&play);
    solo_do("2026-10-16 08:00", "zheng", GP_VERB_REOPEN, WHY);
    solo_do("2026-10-16 08:30", "li", GP_VERB_ACCEPT, NOTHING);
    solo_do("2026-10-16 09:00", "li", GP_VERB_FINISH, NOTHING);
    play_expect(&play, "10-16 08:00 reopened due 10-16 12:00\n"
                       "10-16 08:00 dispatch: li(A) zhang(B)\n"
                       "10-16 08:30 accepted\n"
                       "10-16 09:00 finished due 10-16 15:00: zheng(SK)\n");
    solo_refused("2026-10-16 09:10", "li", GP_VERB_VERIFY, NOTHING, GP_REASON_OWN_WORK);
}

/* What closed with its main report is that one's: it is reopened there. */
static void a_follower_is_not_reopened(void **state)
{
    static struct gp_incident main_incident = {.id = 3, .state = GP_STATE_ACCEPTED};
    static struct gp_decision decision;

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    play.other = &main_incident;
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING);
    const struct gp_scene scene = {
        .org = &town.org, .now_ms = town_at("2026-10-14 09:00"), .incident = &play.incident};
    gp_decide_close_with(&scene, &decision);
    play.incident = decision.after;
    solo_refused("2026-10-14 10:00", "zheng", GP_VERB_REOPEN, WHY, GP_REASON_LINKED);
    solo_says("#3");
}

static void nothing_is_reopened_for_a_post_that_is_no_more(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_do("2026-10-14 08:10", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 08:20", "wang", GP_VERB_VERIFY, NOTHING);
    solo_do("2026-10-14 08:30", "wang", GP_VERB_CLOSE, NOTHING);
    town_lose_post(&town, "A-shizheng-340705006001");
    solo_refused("2026-10-14 09:00", "zheng", GP_VERB_REOPEN, WHY, GP_REASON_UNKNOWN_POST);
    solo_says("report it again");
}

/* A desk behind which nobody is, not even a stand-in or a head, is passed over. */
static void an_empty_desk_is_not_told_to_check(void **state)
{
    static const char *const empty[] = {"SK-340705006", "SK-340705", "S1-340705006", "S1-340705"};

    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        town_vacate(&town, empty[i]);
        town.posts[town_post(&town, empty[i])].deputy_count = 0;
    }
    town_no_duty(&town);
    solo_report("2026-10-14 08:00", "n8");
    play_skip(&play);
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_expect(&play, "10-14 08:30 finished due 10-14 14:30: wang(D2)\n");
}

/* Who finished it before a rework is not told to check it either. */
static void who_finished_before_is_not_told_to_check(void **state)
{
    (void)state;
    town_hold(&town, "A-shizheng-340705006001", "zheng", TOWN_ALWAYS);
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 08:20", "wang", GP_VERB_VERIFY, FAIL);
    play_skip(&play);
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_expect(&play, "10-14 08:30 finished due 10-14 14:30: wang(D2)\n");
}

/* Everybody who finished stays known, as many as there is room for. */
static void finished_more_often_than_there_is_room(void **state)
{
    char when[] = "2026-10-14 08:00";

    (void)state;
    solo_report(when, "n8");
    for (int i = 1; i <= GP_FINISHERS_MAX + 2; i++) {
        when[14] = (char)('0' + i / 2);
        when[15] = (char)('0' + i % 2 * 5);
        solo_do(when, "li", GP_VERB_FINISH, NOTHING);
        solo_refused(when, "li", GP_VERB_VERIFY, FAIL, GP_REASON_OWN_WORK);
        solo_do(when, "wang", GP_VERB_VERIFY, FAIL);
    }
    assert_int_equal(play.incident.finisher_count, GP_FINISHERS_MAX);
    assert_int_equal(play.incident.side.reworks, GP_FINISHERS_MAX + 2);
}

/* A ladder that has lost `blue` has nobody to tell from the start. */
static void again_without_a_blue(void **state)
{
    (void)state;
    town_lose_rung(&town, "N", GP_STEP_BLUE);
    solo_report("2026-10-14 08:00", "n8");
    solo_do("2026-10-14 08:10", "li", GP_VERB_FINISH, NOTHING);
    solo_do("2026-10-14 08:20", "wang", GP_VERB_VERIFY, FAIL);
    solo_do("2026-10-14 08:30", "li", GP_VERB_FINISH, NOTHING);
    play_skip(&play);
    solo_do("2026-10-14 08:40", "wang", GP_VERB_VERIFY, FAIL);
    play_expect(&play, "10-14 08:40 rework due 10-15 08:20: li(A)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(e11_rework, solo_begin),
        cmocka_unit_test_setup(more_than_half_is_left, solo_begin),
        cmocka_unit_test_setup(nobody_below_checks, solo_begin),
        cmocka_unit_test_setup(the_checker_is_late, solo_begin),
        cmocka_unit_test_setup(who_is_told_to_check, solo_begin),
        cmocka_unit_test_setup(again_and_again, solo_begin),
        cmocka_unit_test_setup(reopened, solo_begin),
        cmocka_unit_test_setup(a_follower_is_not_reopened, solo_begin),
        cmocka_unit_test_setup(nothing_is_reopened_for_a_post_that_is_no_more, solo_begin),
        cmocka_unit_test_setup(an_empty_desk_is_not_told_to_check, solo_begin),
        cmocka_unit_test_setup(who_finished_before_is_not_told_to_check, solo_begin),
        cmocka_unit_test_setup(finished_more_often_than_there_is_room, solo_begin),
        cmocka_unit_test_setup(again_without_a_blue, solo_begin),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
