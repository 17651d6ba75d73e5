/* Staged limits: each stage its own due and policy, met by `stage`, missed at its due. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void report(const char *category)
{
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, category), 0);
    play.read = 3;
}

static void met_in_time(void **state)
{
    (void)state;
    report("s24");
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-01 16:00"));
    assert_int_equal(play_do(&play, "2026-06-01 09:30", GP_VERB_STAGE, "li"), 0);
    play_until(&play, "2026-06-02 09:30");
    play_expect(&play, "06-01 08:00 dispatch: li(A) zhao(A cover) zhang(B) wang(D2)\n"
                       "06-01 08:15 unaccepted: zhao(A cover) wang(D2)\n"
                       "06-01 09:00 yellow: li(A) zhang(B)\n"
                       "06-01 09:30 staged due 06-01 15:30\n"
                       "06-01 14:42 yellow: li(A) zhang(B)\n"
                       "06-01 15:30 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-01 15:30 handover -> F-SZ\n"
                       "06-02 09:30 blue: sun(R) wei(H2)\n");
    assert_int_equal(play.incident.plan.stage[0].met_ms, town_at("2026-06-01 09:30"));
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "dropped");
}

/* The missed stage's later steps keep running beside the next stage's: what is not safe climbs. */
static void missed(void **state)
{
    (void)state;
    report("s24");
    play_until(&play, "2026-06-01 09:00");
    play_skip(&play);
    play_until(&play, "2026-06-01 18:00");
    play_expect(&play, "06-01 10:00 red: chen(F) qian(D1) wang(D2) chu(K) jiang(H)\n"
                       "06-01 10:00 handover -> F-SZ\n"
                       "06-01 10:00 staged due 06-01 16:00\n"
                       "06-01 11:00 blue: feng(X)\n"
                       "06-01 14:00 card: feng(X)\n"
                       "06-01 14:00 strike\n"
                       "06-01 15:12 yellow: chen(F) zhang(B)\n"
                       "06-01 16:00 red: chu(K) qian(D1) wang(D2)\n"
                       "06-01 16:00 handover -> K-SZ\n"
                       "06-01 18:00 repeat: zhang(Z duty) feng(X)\n");
    assert_int_equal(play.incident.overdue_ms, town_at("2026-06-01 10:00"));
    assert_true(gp_span_is(play.incident.overdue_post, "A-shizheng-340705006001"));
    assert_true(gp_span_is(play.incident.assistant, "A-shizheng-340705006001"));
}

/* `stage` given late stops the missed stage's steps and leaves the running clock alone. */
static void met_late(void **state)
{
    (void)state;
    report("s24");
    play_until(&play, "2026-06-01 14:00");
    play_skip(&play);
    assert_int_equal(play_do(&play, "2026-06-01 14:30", GP_VERB_STAGE, "chen"), 0);
    assert_int_equal(play_do(&play, "2026-06-01 14:31", GP_VERB_STAGE, "chen"), GP_REASON_NO_STAGE);
    play_until(&play, "2026-06-02 12:00");
    play_expect(&play, "06-01 14:30 staged due 06-01 16:00\n"
                       "06-01 15:12 yellow: chen(F) zhang(B)\n"
                       "06-01 16:00 red: chu(K) qian(D1) wang(D2)\n"
                       "06-01 16:00 handover -> K-SZ\n"
                       "06-02 10:00 blue: sun(R) wei(H2)\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "dropped");
}

/* A `stage` at the due itself is in time: commands come before the steps of their instant. */
static void met_at_the_due(void **state)
{
    (void)state;
    report("s24");
    assert_int_equal(play_do(&play, "2026-06-01 10:00", GP_VERB_STAGE, "li"), 0);
    play_until(&play, "2026-06-01 15:00");
    assert_int_equal(play.incident.overdue_ms, 0);
    assert_true(gp_span_is(play.incident.owner, "A-shizheng-340705006001"));
}

static void finish_ends_all_stages(void **state)
{
    (void)state;
    report("s24");
    assert_int_equal(play_do(&play, "2026-06-01 09:30", GP_VERB_FINISH, "li"), 0);
    assert_int_equal(play.incident.state, GP_STATE_FINISHED);
    assert_int_equal(gp_plan_next(&play.incident.plan)->step, GP_STEP_VERIFY_LATE);
}

static void last_stage_is_met_by_finish(void **state)
{
    (void)state;
    report("n4");
    assert_int_equal(play_do(&play, "2026-06-01 09:30", GP_VERB_STAGE, "li"), GP_REASON_NO_STAGE);
}

/* Later stages run the policy's `next`, from 5 wd on its `next_long`, and have no dispatch. */
static void policies(void **state)
{
    (void)state;
    report("s25");
    assert_true(gp_span_is(play.incident.plan.stage[0].policy, "U"));
    assert_true(gp_span_is(play.incident.plan.stage[1].policy, "L"));
    assert_int_equal(play_do(&play, "2026-06-01 09:30", GP_VERB_STAGE, "li"), 0);
    assert_string_equal(play_when(&play, 1, GP_STEP_DISPATCH), "none");
    assert_string_equal(play_when(&play, 1, GP_STEP_UNACCEPTED), "none");
    assert_string_equal(play_when(&play, 1, GP_STEP_YELLOW1), "06-03 15:30");
    assert_string_equal(play_when(&play, 1, GP_STEP_RED), "06-08 09:30");
    solo_begin(state);
    town_ladder(&town, "U")->next_long_wd = 6;
    report("s25");
    assert_true(gp_span_is(play.incident.plan.stage[1].policy, "N"));
}

/* Three stages, two of them missed: A → F → K, and from K on nothing moves and H is told. */
static void three_stages(void **state)
{
    (void)state;
    report("s222");
    play_until(&play, "2026-06-01 10:00");
    play_skip(&play);
    play_until(&play, "2026-06-01 16:00");
    play_expect(&play, "06-01 11:00 blue: feng(X)\n"
                       "06-01 11:36 yellow: chen(F) zhang(B)\n"
                       "06-01 12:00 red: chu(K) qian(D1) wang(D2)\n"
                       "06-01 12:00 handover -> K-SZ\n"
                       "06-01 12:00 staged due 06-01 16:00\n"
                       "06-01 14:00 card: feng(X)\n"
                       "06-01 14:00 strike\n"
                       "06-01 15:36 yellow: chu(K) zhang(B)\n"
                       "06-01 16:00 red: qian(D1) wang(D2) chu(K) jiang(H)\n");
    assert_int_equal(play_do(&play, "2026-06-01 16:10", GP_VERB_STAGE, "chu"), 0);
    assert_int_equal(play_do(&play, "2026-06-01 16:20", GP_VERB_STAGE, "chu"), 0);
    assert_int_equal(play_do(&play, "2026-06-01 16:30", GP_VERB_STAGE, "chu"), GP_REASON_NO_STAGE);
    assert_int_equal(play.incident.plan.stage[0].met_ms, town_at("2026-06-01 16:10"));
    assert_int_equal(play.incident.plan.stage[1].met_ms, town_at("2026-06-01 16:20"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(met_in_time, solo_begin),
        cmocka_unit_test_setup(missed, solo_begin),
        cmocka_unit_test_setup(met_late, solo_begin),
        cmocka_unit_test_setup(met_at_the_due, solo_begin),
        cmocka_unit_test_setup(finish_ends_all_stages, solo_begin),
        cmocka_unit_test_setup(last_stage_is_met_by_finish, solo_begin),
        cmocka_unit_test_setup(policies, solo_begin),
        cmocka_unit_test_setup(three_stages, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
