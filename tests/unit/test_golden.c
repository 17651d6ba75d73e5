/* The golden cases of DOMAIN section 11 that the main line covers, with everybody who is told. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* N, 8 wh, over the National Day week; Saturday 10-10 works. */
static void e1_holiday_week(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-09-30 16:40", "zhang", TOWN_GRID, "n8"), 0);
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-10-08 16:40"));
    play_until(&play, "2026-10-13 16:40");
    play_expect(&play, "09-30 16:40 reported\n"
                       "09-30 16:40 filed\n"
                       "09-30 16:40 dispatched -> A-shizheng-340705006001 due 10-08 16:40\n"
                       "09-30 16:40 dispatch: li(A) zhang(B)\n"
                       "10-08 08:40 unaccepted: zhao(A cover) wang(D2)\n"
                       "10-08 15:04 yellow: li(A) zhang(B)\n"
                       "10-08 16:40 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-08 16:40 handover -> F-SZ\n"
                       "10-09 10:40 blue: sun(R) wei(H2)\n"
                       "10-09 16:40 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "10-12 16:40 card: feng(X)\n"
                       "10-12 16:40 strike\n"
                       "10-13 16:40 repeat: feng(X)\n");
    assert_int_equal(play.incident.overdue_ms, town_at("2026-10-08 16:40"));
    assert_true(gp_span_is(play.incident.overdue_post, "A-shizheng-340705006001"));
}

/* U, 2 uh, a Saturday night: holders and duty persons. */
static void e2_urgent_at_night(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-10-03 23:10", "zhang", TOWN_GRID, "u2"), 0);
    play_skip(&play);
    play.read = 3; /* the dispatch step on */
    play_until(&play, "2026-10-04 09:10");
    play_expect(&play,
                "10-03 23:10 dispatch: li(A) zhao(A cover) zhang(B+Z) wang(D2)\n"
                "10-03 23:25 unaccepted: zhao(A cover) zhang(Z duty) wang(D2)\n"
                "10-04 00:10 yellow: li(A) zhang(B+Z)\n"
                "10-04 01:10 red: chen(F) zhang(Z duty) qian(D1) wang(D2) zheng(Z duty) chu(K) "
                "jiang(H)\n"
                "10-04 01:10 handover -> F-SZ\n"
                "10-04 02:10 blue: zhang(Z duty) feng(X)\n"
                "10-04 05:10 card: zhang(Z duty) feng(X)\n"
                "10-04 05:10 strike\n"
                "10-04 09:10 repeat: zhang(Z duty) feng(X)\n");
}

/* N, 4 wh, before a make-up Sunday. */
static void e3_make_up_sunday(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-09-18 17:30", "zhang", TOWN_GRID, "n4"), 0);
    play.read = 3;
    play_until(&play, "2026-09-23 11:30");
    play_expect(&play, "09-18 17:30 dispatch: li(A) zhang(B)\n"
                       "09-20 08:30 unaccepted: zhao(A cover) wang(D2)\n"
                       "09-20 10:42 yellow: li(A) zhang(B)\n"
                       "09-20 11:30 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "09-20 11:30 handover -> F-SZ\n"
                       "09-20 17:30 blue: sun(R) wei(H2)\n"
                       "09-21 11:30 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "09-23 11:30 card: feng(X)\n"
                       "09-23 11:30 strike\n");
}

/* R5: A and B are one person. */
static void e5_same_person(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-15 09:00", "li", TOWN_GRID_SAME_AB, "n4"), 0);
    assert_true(play.incident.same_ab);
    play.read = 3;
    play_until(&play, "2026-06-18 15:00");
    play_expect(&play, "06-15 09:00 dispatch: li(A+B) wang(B superior)\n"
                       "06-15 10:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "06-15 14:12 yellow: li(A+B)\n"
                       "06-15 15:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-15 15:00 handover -> F-SZ\n"
                       "06-16 09:00 blue: sun(R) wei(H2)\n"
                       "06-16 15:00 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "06-18 15:00 card: feng(X)\n"
                       "06-18 15:00 strike\n");
}

static void e5_who_finished_may_not_verify(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-15 09:00", "li", TOWN_GRID_SAME_AB, "n4"), 0);
    assert_int_equal(play_do(&play, "2026-06-15 09:20", GP_VERB_FINISH, "li"), 0);
    assert_int_equal(play_do(&play, "2026-06-15 09:30", GP_VERB_VERIFY, "li"), GP_REASON_OWN_WORK);
    assert_int_equal(play_do(&play, "2026-06-15 09:40", GP_VERB_VERIFY, "wang"), 0);
    play.read = 4;
    play_until(&play, "2026-07-15 09:00");
    play_expect(&play, "06-15 09:20 finished due 06-15 15:20: zheng(SK)\n"
                       "06-15 09:40 verified due 06-15 15:00\n");
}

/* R7: the fire line's A post is vacant. */
static void e7_vacant_owner(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-10 11:30", "li", TOWN_GRID_SAME_AB, "f2"), 0);
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-10 15:30"));
    play_until(&play, "2026-06-11 09:30");
    play_expect(&play, "06-10 11:30 reported\n"
                       "06-10 11:30 filed\n"
                       "06-10 11:30 vacant: qian(D1)\n"
                       "06-10 11:30 dispatched -> F-XF due 06-10 15:30\n"
                       "06-10 11:30 dispatch: shen(F) li(B)\n"
                       "06-10 12:00 unaccepted: han(F cover) wang(D2)\n"
                       "06-10 15:06 yellow: shen(F) li(B)\n"
                       "06-10 15:30 red: han(K) qian(D1) wang(D2)\n"
                       "06-10 15:30 handover -> K-XF\n"
                       "06-11 09:30 blue: sun(R) yang(H2)\n");
    assert_true(gp_span_is(play.incident.overdue_post, "F-XF"));
    assert_int_equal(play.incident.assistant.len, 0);
}

static void e12_boundaries(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-12 18:00", "li", TOWN_GRID, "n4"), 0);
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-15 12:00"));
    play_begin(&play, &town);
    assert_int_equal(play_report(&play, "2026-06-12 12:30", "li", TOWN_GRID, "n4"), 0);
    assert_int_equal(gp_plan_due(&play.incident.plan), town_at("2026-06-12 18:00"));
}

/* R16: E1 with the daemon down from 10-08 16:00 to 10-09 11:00. */
static void e14_down_overnight(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-09-30 16:40", "zhang", TOWN_GRID, "n8"), 0);
    play_until(&play, "2026-10-08 16:00");
    play_skip(&play);
    play_catch_up(&play, "2026-10-09 11:00");
    play_catch_up(&play, "2026-10-09 11:00"); /* a second restart sends nothing */
    play_expect(&play, "10-09 11:00 red late 18:20 coalesced\n"
                       "10-09 11:00 handover -> F-SZ\n"
                       "10-09 11:00 blue late 0:20: chen(F) qian(D1) wang(D2) sun(R) chu(K) "
                       "wei(H2)\n");
    play_until(&play, "2026-10-09 16:40");
    play_expect(&play, "10-09 16:40 orange: zhou(S1) wu(S2) jiang(H)\n");
    assert_true(gp_span_is(play.incident.overdue_post, "A-shizheng-340705006001"));
}

/* N, 4 wh, over the Dragon Boat days. */
static void e20_dragon_boat(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-18 16:00", "zhang", TOWN_GRID, "n4"), 0);
    play.read = 3;
    play_until(&play, "2026-06-22 10:00");
    play_expect(&play, "06-18 16:00 dispatch: li(A) zhang(B)\n"
                       "06-18 17:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "06-22 09:12 yellow: li(A) zhang(B)\n"
                       "06-22 10:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-22 10:00 handover -> F-SZ\n");
}

/* ---------------------------------------------------------------- around the golden cases */

/* L: two warnings, and slower steps behind the due. */
static void long_limit(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "l5"), 0);
    play.read = 3;
    play_until(&play, "2026-06-12 18:00");
    play_expect(&play, "06-01 08:00 dispatch: li(A) zhang(B)\n"
                       "06-01 10:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "06-03 12:00 yellow1: li(A) zhang(B)\n"
                       "06-04 18:00 yellow: li(A) zhang(B)\n"
                       "06-05 18:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-05 18:00 handover -> F-SZ\n"
                       "06-08 18:00 blue: sun(R) wei(H2)\n"
                       "06-10 18:00 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "06-12 18:00 card: feng(X)\n"
                       "06-12 18:00 strike\n");
}

/* Ten repeats every 8 wh, then every 40 wh, from nominal to nominal. */
static void repeats_grow_rare(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n8"), 0);
    play_until(&play, "2026-06-04 18:00"); /* card */
    play_skip(&play);
    play_until(&play, "2026-07-02 18:00");
    play_expect(&play, "06-05 18:00 repeat: feng(X)\n"
                       "06-08 18:00 repeat: feng(X)\n"
                       "06-09 18:00 repeat: feng(X)\n"
                       "06-10 18:00 repeat: feng(X)\n"
                       "06-11 18:00 repeat: feng(X)\n"
                       "06-12 18:00 repeat: feng(X)\n"
                       "06-15 18:00 repeat: feng(X)\n"
                       "06-16 18:00 repeat: feng(X)\n"
                       "06-17 18:00 repeat: feng(X)\n"
                       "06-18 18:00 repeat: feng(X)\n"
                       "06-26 18:00 repeat: feng(X)\n");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_REPEAT)->nth, 11);
}

/* Steps of one instant fire in their order, as one decision; the owner of then is warned first. */
static void one_instant(void **state)
{
    (void)state;
    town_rung(&town, "N", GP_STEP_YELLOW)->percent = 100;
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"), 0);
    play.read = 5;
    play_until(&play, "2026-06-01 12:00");
    play_expect(&play, "06-01 12:00 yellow: li(A) zhang(B)\n"
                       "06-01 12:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-01 12:00 handover -> F-SZ\n");
    assert_int_equal(play.decision.entry_count, 3);
}

/* Acceptance cancels `unaccepted` only; a finish at the due itself is on time. */
static void finished_at_the_due(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"), 0);
    assert_int_equal(play_do(&play, "2026-06-01 08:30", GP_VERB_ACCEPT, "li"), 0);
    play.read = 4;
    assert_int_equal(play_do(&play, "2026-06-01 12:00", GP_VERB_FINISH, "li"), 0);
    play_until(&play, "2026-07-01 12:00");
    play_expect(&play, "06-01 08:30 accepted\n"
                       "06-01 11:12 yellow: li(A) zhang(B)\n"
                       "06-01 12:00 finished due 06-01 18:00: zheng(SK)\n"
                       "06-01 18:00 verify_late: qian(D1) zhou(S1)\n");
    assert_int_equal(play.incident.overdue_ms, 0);
}

/* Row parties: S is the street's desk, a department its desk; F owns first where the row says so.
 */
static void told_parties(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, "2026-06-01 09:00", "zhang", TOWN_GRID, "u1"), 0);
    play.read = 2;
    play_until(&play, "2026-06-01 10:00");
    play_expect(&play,
                "06-01 09:00 dispatched -> F-GS due 06-01 10:00\n"
                "06-01 09:00 dispatch: yan(F) hua(F cover) zhang(B) zheng(SK) han(K) wang(D2)\n"
                "06-01 09:15 unaccepted: hua(F cover) wang(D2)\n"
                "06-01 09:30 yellow: yan(F) zhang(B)\n"
                "06-01 10:00 red: hua(K) qian(D1) wang(D2) jin(H)\n"
                "06-01 10:00 handover -> K-GS\n");
}

/* K owns already: nothing moves, and H is told. */
static void desk_owns_at_red(void **state)
{
    (void)state;
    town_vacate(&town, "A-shizheng-340705006001");
    town_vacate(&town, "F-SZ");
    assert_int_equal(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n2"), 0);
    play_until(&play, "2026-06-01 10:00");
    play_expect(&play, "06-01 08:00 reported\n"
                       "06-01 08:00 filed\n"
                       "06-01 08:00 vacant: qian(D1)\n"
                       "06-01 08:00 vacant: jiang(H)\n"
                       "06-01 08:00 dispatched -> K-SZ due 06-01 10:00\n"
                       "06-01 08:00 dispatch: chu(K) zhang(B)\n"
                       "06-01 08:30 unaccepted: chen(K cover) wang(D2)\n"
                       "06-01 09:36 yellow: chu(K) zhang(B)\n"
                       "06-01 10:00 red: qian(D1) wang(D2) chu(K) jiang(H)\n");
    assert_true(gp_span_is(play.incident.owner, "K-SZ"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(e1_holiday_week, solo_begin),
        cmocka_unit_test_setup(e2_urgent_at_night, solo_begin),
        cmocka_unit_test_setup(e3_make_up_sunday, solo_begin),
        cmocka_unit_test_setup(e5_same_person, solo_begin),
        cmocka_unit_test_setup(e5_who_finished_may_not_verify, solo_begin),
        cmocka_unit_test_setup(e7_vacant_owner, solo_begin),
        cmocka_unit_test_setup(e12_boundaries, solo_begin),
        cmocka_unit_test_setup(e14_down_overnight, solo_begin),
        cmocka_unit_test_setup(e20_dragon_boat, solo_begin),
        cmocka_unit_test_setup(long_limit, solo_begin),
        cmocka_unit_test_setup(repeats_grow_rare, solo_begin),
        cmocka_unit_test_setup(one_instant, solo_begin),
        cmocka_unit_test_setup(finished_at_the_due, solo_begin),
        cmocka_unit_test_setup(told_parties, solo_begin),
        cmocka_unit_test_setup(desk_owns_at_red, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
