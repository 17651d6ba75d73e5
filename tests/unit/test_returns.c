/* R8, R9, R10: "not ours". */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WRONG_LINE                                                                                 \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .return_reason = GP_RETURN_WRONG_LINE                                                      \
    }
#define ACCEPTED(to)                                                                               \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_YES, .post = GP_SPAN(to)                                               \
    }
#define REFUSED                                                                                    \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_NO                                                                     \
    }

/* E8 (a): a new owner of another line, whose department answers from now on; a fresh allowance;
 * orange and card count from the first due. A and B are one person now (R5). */
static void e8_accepted(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    play_skip(&play);
    solo_do("2026-10-12 09:50", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_RULE, ACCEPTED("A-gongyong-340705006001"));
    play_until(&play, "2026-10-15 15:00");
    play_expect(&play, "10-12 09:50 returned due 10-12 15:00: zheng(SK)\n"
                       "10-12 10:00 ruled -> A-gongyong-340705006001 due 10-12 16:00\n"
                       "10-12 10:00 dispatch: zhang(A+B) wang(B superior)\n"
                       "10-12 11:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "10-12 15:12 yellow: zhang(A+B)\n"
                       "10-12 16:00 red: yan(F) qian(D1) wang(D2) hua(K)\n"
                       "10-12 16:00 handover -> F-GS\n"
                       "10-13 10:00 blue: sun(R) hua(H2)\n"
                       "10-13 15:00 orange: zhou(S1) wu(S2) jin(H)\n"
                       "10-15 15:00 card: feng(X)\n"
                       "10-15 15:00 strike\n");
}

/* E8 (b): the due stays, and what passed meanwhile is fired at once. */
static void e8_refused(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    play_skip(&play);
    solo_do("2026-10-12 09:50", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_RULE, REFUSED);
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "10-12 10:00");
    play_until(&play, "2026-10-12 15:00");
    play_expect(&play, "10-12 09:50 returned due 10-12 15:00: zheng(SK)\n"
                       "10-12 10:00 ruled -> A-shizheng-340705006001 due 10-12 15:00: li(A)\n"
                       "10-12 10:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "10-12 14:12 yellow: li(A) zhang(B)\n"
                       "10-12 15:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-12 15:00 handover -> F-SZ\n");
}

/* E8 (c): nobody rules. The overall clock goes on, so it does not fall silent. */
static void e8_silent(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    play_skip(&play);
    solo_do("2026-10-12 09:50", "li", GP_VERB_RETURN, WRONG_LINE);
    play_until(&play, "2026-10-13 15:00");
    play_expect(&play, "10-12 09:50 returned due 10-12 15:00: zheng(SK)\n"
                       "10-12 10:05 dispatch_late: zhou(S1)\n"
                       "10-13 15:00 orange: zhou(S1) wu(S2) jiang(H)\n");
}

static void a_step_of_that_instant_waits(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 10:00", "li", GP_VERB_RETURN, WRONG_LINE); /* the window's last instant */
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "paused");
    solo_do("2026-10-12 10:10", "zheng", GP_VERB_RULE, REFUSED);
    play_skip(&play);
    play_until(&play, "2026-10-12 10:10");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_UNACCEPTED)->nominal_ms,
                     town_at("2026-10-12 10:00"));
}

static void the_window(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_refused("2026-10-12 09:10", "zhang", GP_VERB_RETURN, WRONG_LINE, GP_REASON_NOT_OWNER);
    solo_refused("2026-10-12 09:10", "li", GP_VERB_RETURN, (struct gp_command){0},
                 GP_REASON_NO_REASON);
    solo_refused("2026-10-12 10:01", "li", GP_VERB_RETURN, WRONG_LINE, GP_REASON_LATE);
    solo_refused("2026-10-12 10:02", "li", GP_VERB_CONSENT, (struct gp_command){0},
                 GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-12 10:03", "zheng", GP_VERB_CONSENT, (struct gp_command){0});
    solo_do("2026-10-12 10:04", "li", GP_VERB_RETURN, WRONG_LINE);
    assert_true(play_last(&play, GP_WHAT_RETURNED, 0)->flags & GP_FLAG_BUCK_PASSING);
    assert_int_equal(play.incident.side.buck_passed, 1);
    assert_false(play.incident.side.consented); /* for one return */
}

static void who_returned_it_is_barred(void **state)
{
    struct gp_command to_kin = {.text = GP_SPAN("why"), .post = GP_SPAN("K-SZ")};

    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_refused("2026-10-12 09:15", "zheng", GP_VERB_RULE, ACCEPTED("A-shizheng-340705006001"),
                 GP_REASON_BARRED);
    solo_refused("2026-10-12 09:15", "zheng", GP_VERB_RULE, ACCEPTED("nobody"),
                 GP_REASON_UNKNOWN_POST);
    solo_refused("2026-10-12 09:15", "zheng", GP_VERB_RULE,
                 (struct gp_command){.result = GP_RESULT_YES}, GP_REASON_UNKNOWN_POST);
    solo_refused("2026-10-12 09:15", "zheng", GP_VERB_RULE, (struct gp_command){0},
                 GP_REASON_NO_RESULT);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-SZ"));
    solo_do("2026-10-12 09:30", "chen", GP_VERB_RETURN, WRONG_LINE);
    assert_int_equal(play.incident.state, GP_STATE_ARBITRATION);
    solo_do("2026-10-12 09:40", "zhou", GP_VERB_RULE, ACCEPTED("A-gongyong-340705006001"));
    solo_refused("2026-10-12 09:50", "zheng", GP_VERB_REASSIGN, to_kin, GP_REASON_BARRED);
    solo_refused("2026-10-12 09:50", "zhang", GP_VERB_RETURN, WRONG_LINE, GP_REASON_BOUND);
}

/* Correcting is no ruling: where the catalogue leads to who returned it, it is refused. */
static void correcting_is_no_ruling(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_refused("2026-10-12 09:15", "zheng", GP_VERB_CORRECT,
                 (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("n8")},
                 GP_REASON_BARRED);
    solo_do("2026-10-12 09:15", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("f2")});
    assert_true(gp_span_is(play.incident.owner, "F-XF"));
}

/* R9: the first receiver leads meanwhile; the ruling may give it back to who returned it. */
static void arbitration(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-XF"));
    play_skip(&play);
    solo_do("2026-10-12 09:30", "shen", GP_VERB_RETURN, WRONG_LINE);
    play_expect(&play, "10-12 09:30 arbitrated -> A-shizheng-340705006001 due 10-12 15:20: "
                       "li(A) zhou(S1) zheng(SK)\n");
    solo_do("2026-10-12 09:40", "zhou", GP_VERB_RULE, REFUSED);
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_true(gp_span_is(play.incident.owner, "F-XF"));
    solo_refused("2026-10-12 09:50", "shen", GP_VERB_RETURN, WRONG_LINE, GP_REASON_BOUND);
}

static void the_leader_may_finish(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-XF"));
    solo_do("2026-10-12 09:30", "shen", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:35", "li", GP_VERB_FINISH, (struct gp_command){0});
    assert_int_equal(play.incident.state, GP_STATE_FINISHED);
    assert_int_not_equal(play.incident.accepted_ms, 0); /* finishing implies accepting */
    assert_int_equal(play.incident.side.returner.len, 0);
}

/* R21: what is linked while a ruling is awaited goes back to who returned it, not to the leader. */
static void arbitrated_linked_and_unlinked(void **state)
{
    static struct gp_incident main_incident = {.id = 3, .state = GP_STATE_ACCEPTED};

    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-XF"));
    solo_do("2026-10-12 09:30", "shen", GP_VERB_RETURN, WRONG_LINE);
    play.other = &main_incident;
    solo_do("2026-10-12 09:35", "zheng", GP_VERB_LINK, (struct gp_command){0});
    assert_int_equal(play.incident.side.returner.len, 0);
    solo_do("2026-10-12 09:40", "zheng", GP_VERB_UNLINK, (struct gp_command){0});
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_true(gp_span_is(play.incident.owner, "F-XF"));
}

/* Nothing is awaited of what is void. */
static void returned_and_voided(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_VOID, (struct gp_command){.text = GP_SPAN("why")});
    assert_int_equal(play.incident.side.returner.len, 0);
    assert_int_equal(play.incident.side.returned_ms, 0);
}

/* R10 */
static void refusing_a_task_from_above(void **state)
{
    struct gp_command report = {.verb = GP_VERB_REPORT,
                                .grid = GP_SPAN(TOWN_GRID),
                                .category = GP_SPAN("n4"),
                                .downward = true};

    (void)state;
    solo_must(play_command(&play, "2026-10-12 09:00", "wei", &report));
    solo_refused("2026-10-12 09:10", "wei", GP_VERB_REFUSE, (struct gp_command){0},
                 GP_REASON_NOT_ALLOWED);
    play.linked = 1; /* a report that follows it would be left behind */
    solo_refused("2026-10-12 09:10", "qian", GP_VERB_REFUSE, (struct gp_command){0},
                 GP_REASON_LINKED);
    play.linked = 0;
    solo_do("2026-10-12 09:10", "qian", GP_VERB_REFUSE, (struct gp_command){0});
    assert_int_equal(play.incident.state, GP_STATE_VOID);
    assert_int_equal(play.journal[play.count - 1].what, GP_WHAT_DECLINED);
    assert_null(gp_plan_next(&play.incident.plan));
}

static void approved_tasks_and_common_reports_are_not_refused(void **state)
{
    struct gp_command report = {.verb = GP_VERB_REPORT,
                                .grid = GP_SPAN(TOWN_GRID),
                                .category = GP_SPAN("n4"),
                                .downward = true,
                                .approval = GP_SPAN("街办〔2026〕9号")};

    (void)state;
    solo_must(play_command(&play, "2026-10-12 09:00", "wei", &report));
    solo_refused("2026-10-12 09:10", "qian", GP_VERB_REFUSE, (struct gp_command){0},
                 GP_REASON_NOT_DOWNWARD);
    (void)solo_begin(state);
    solo_report("2026-10-12 09:00", "n4");
    solo_refused("2026-10-12 09:10", "qian", GP_VERB_REFUSE, (struct gp_command){0},
                 GP_REASON_NOT_DOWNWARD);
}

/* Returned because it is a duplicate: the dispatcher links it; unlinked, its clock goes on. */
static void returned_as_a_duplicate(void **state)
{
    static struct gp_incident main_incident;

    (void)state;
    main_incident = (struct gp_incident){.id = 3, .state = GP_STATE_ACCEPTED};
    play.other = &main_incident;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN,
            (struct gp_command){.return_reason = GP_RETURN_DUPLICATE});
    solo_do("2026-10-12 09:12", "zheng", GP_VERB_LINK, (struct gp_command){.other = 3});
    assert_null(gp_plan_next(&play.incident.plan));
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_UNLINK, (struct gp_command){0});
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-12 15:00");
}

static void a_suggested_post_must_be_there(void **state)
{
    struct gp_command command = WRONG_LINE;

    (void)state;
    command.post = GP_SPAN("F-XX");
    solo_report("2026-10-12 09:00", "n4");
    solo_refused("2026-10-12 09:10", "li", GP_VERB_RETURN, command, GP_REASON_UNKNOWN_POST);
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
}

/* Taken out of arbitration by a link again and again, it is not returned for ever. */
static void four_posts_may_return_it(void **state)
{
    static struct gp_incident main_incident = {.id = 3, .state = GP_STATE_ACCEPTED};
    static const char *const minutes[] = {"2026-10-12 09:30", "2026-10-12 09:32",
                                          "2026-10-12 09:34"};

    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-XF"));
    play.other = &main_incident;
    for (size_t i = 0; i < 3; i++) {
        solo_do(minutes[i], "shen", GP_VERB_RETURN, WRONG_LINE);
        solo_do(minutes[i], "zheng", GP_VERB_LINK, (struct gp_command){0});
        solo_do(minutes[i], "zheng", GP_VERB_UNLINK, (struct gp_command){0});
    }
    assert_int_equal(play.incident.side.barred_count, GP_RETURNS_MAX);
    solo_refused("2026-10-12 09:36", "shen", GP_VERB_RETURN, WRONG_LINE, GP_REASON_BOUND);
}

/* A post that returned it and has left the directory since bars nobody else. */
static void a_returner_that_is_no_more_bars_nobody(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    town_lose_post(&town, "A-shizheng-340705006001");
    solo_do("2026-10-12 09:20", "zheng", GP_VERB_RULE, ACCEPTED("F-SZ"));
    assert_true(gp_span_is(play.incident.owner, "F-SZ"));
}

/* The ladder's window: without `unaccepted` there is none, and a return needs consent. */
static void without_a_window_consent_is_needed(void **state)
{
    (void)state;
    town_lose_rung(&town, "N", GP_STEP_UNACCEPTED);
    solo_report("2026-10-12 09:00", "n4");
    solo_refused("2026-10-12 09:01", "li", GP_VERB_RETURN, WRONG_LINE, GP_REASON_LATE);
}

static void the_street_rules(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "n4");
    solo_do("2026-10-12 09:10", "li", GP_VERB_RETURN, WRONG_LINE);
    solo_refused("2026-10-12 09:20", "qian", GP_VERB_RULE, REFUSED, GP_REASON_NOT_ALLOWED);
    solo_refused("2026-10-12 09:20", "zheng", GP_VERB_RULE, (struct gp_command){0},
                 GP_REASON_NO_RESULT);
    assert_int_equal(play.incident.state, GP_STATE_RETURNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(e8_accepted, solo_begin),
        cmocka_unit_test_setup(e8_refused, solo_begin),
        cmocka_unit_test_setup(e8_silent, solo_begin),
        cmocka_unit_test_setup(a_step_of_that_instant_waits, solo_begin),
        cmocka_unit_test_setup(the_window, solo_begin),
        cmocka_unit_test_setup(who_returned_it_is_barred, solo_begin),
        cmocka_unit_test_setup(correcting_is_no_ruling, solo_begin),
        cmocka_unit_test_setup(arbitration, solo_begin),
        cmocka_unit_test_setup(the_leader_may_finish, solo_begin),
        cmocka_unit_test_setup(arbitrated_linked_and_unlinked, solo_begin),
        cmocka_unit_test_setup(returned_and_voided, solo_begin),
        cmocka_unit_test_setup(refusing_a_task_from_above, solo_begin),
        cmocka_unit_test_setup(approved_tasks_and_common_reports_are_not_refused, solo_begin),
        cmocka_unit_test_setup(returned_as_a_duplicate, solo_begin),
        cmocka_unit_test_setup(a_suggested_post_must_be_there, solo_begin),
        cmocka_unit_test_setup(four_posts_may_return_it, solo_begin),
        cmocka_unit_test_setup(a_returner_that_is_no_more_bars_nobody, solo_begin),
        cmocka_unit_test_setup(without_a_window_consent_is_needed, solo_begin),
        cmocka_unit_test_setup(the_street_rules, solo_begin),
    };
    return cmocka_run_group_tests_name("returns", tests, NULL, NULL);
}
