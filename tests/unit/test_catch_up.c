/* R16: the daemon was down. State as if it had not been; one notice per incident. */
#include "core/plan.h"
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
    play_skip(&play);
}

/* One missed step alone is fired like any other, only late. */
static void one_warning(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-01 09:00");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 11:42");
    play_expect(&play, "06-01 11:42 yellow late 0:30: li(A) zhang(B)\n");
}

static void one_red(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-01 11:12");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 14:20");
    play_expect(&play, "06-01 14:20 red late 2:20: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-01 14:20 handover -> F-SZ\n");
}

static void one_red_of_a_desk(void **state)
{
    (void)state;
    town_drop_post(&town, "A-shizheng-340705006001");
    town_drop_post(&town, "F-SZ");
    report("n4");
    play_until(&play, "2026-06-01 11:12");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 14:20");
    play_expect(&play, "06-01 14:20 red late 2:20: qian(D1) wang(D2) chu(K) jiang(H)\n");
}

static void one_repeat(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-05 12:00");
    play_skip(&play);
    play_catch_up(&play, "2026-06-08 14:00");
    play_expect(&play, "06-08 14:00 repeat late 2:00: feng(X)\n");
}

static void nothing_missed(void **state)
{
    (void)state;
    report("n4");
    play_catch_up(&play, "2026-06-01 08:59:59");
    play_expect(&play, "");
}

/* Who was to be warned and has lost the incident since is told, too; the new owner always is. */
static void warned_too_late(void **state)
{
    (void)state;
    report("n4");
    play_until(&play, "2026-06-01 09:00");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 14:20");
    play_expect(&play,
                "06-01 14:20 yellow late 3:08 coalesced\n"
                "06-01 14:20 red late 2:20: chen(F) qian(D1) wang(D2) chu(K) li(A) zhang(B)\n"
                "06-01 14:20 handover -> F-SZ\n");
}

/* Capacities stand in the ladder's order, whichever missed step named the person first. */
static void capacities_in_order(void **state)
{
    (void)state;
    town_vacate(&town, "D1-340705006001");
    town_hold(&town, "D1-340705006001", "li", TOWN_ALWAYS);
    town_vacate(&town, "B-340705006001002");
    town_hold(&town, "B-340705006001002", "li", TOWN_ALWAYS);
    report("n4");
    play_until(&play, "2026-06-01 09:00");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 14:20");
    play_expect(&play, "06-01 14:20 yellow late 3:08 coalesced\n"
                       "06-01 14:20 red late 2:20: chen(F) li(A+B+D1) wang(D2) chu(K)\n"
                       "06-01 14:20 handover -> F-SZ\n");
}

/* A desk that owns keeps it; its head hears of the red among several. */
static void desk_among_several(void **state)
{
    (void)state;
    town_drop_post(&town, "A-shizheng-340705006001");
    town_drop_post(&town, "F-SZ");
    report("n4");
    play_until(&play, "2026-06-01 11:12");
    play_skip(&play);
    play_catch_up(&play, "2026-06-02 10:00"); /* red 12:00, blue 18:00 */
    play_expect(&play, "06-02 10:00 red late 22:00 coalesced\n"
                       "06-02 10:00 blue late 16:00: chu(K) qian(D1) wang(D2) sun(R) jiang(H) "
                       "wei(H2)\n");
}

/* The notice is named after the highest step, not the latest: stage 1's card beats stage 2's
 * yellow.
 */
static void highest_of_two_stages(void **state)
{
    (void)state;
    report("s24");
    play_until(&play, "2026-06-01 09:00");
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 15:30");
    play_expect(&play, "06-01 15:30 red late 5:30 coalesced\n"
                       "06-01 15:30 handover -> F-SZ\n"
                       "06-01 15:30 staged due 06-01 16:00\n"
                       "06-01 15:30 blue late 4:30 coalesced\n"
                       "06-01 15:30 card late 1:30: chen(F) zhang(B) qian(D1) wang(D2) chu(K) "
                       "jiang(H) feng(X)\n"
                       "06-01 15:30 strike\n"
                       "06-01 15:30 yellow late 0:18 coalesced\n");
    assert_int_equal(play.incident.owed, 0);
}

static unsigned notices(size_t *ret_steps)
{
    unsigned told = 0;

    *ret_steps = 0;
    for (; play.read < play.count; play.read++) {
        const struct gp_entry *entry = &play.journal[play.read];
        *ret_steps += entry->what == GP_WHAT_STEP;
        told += entry->recipient_count > 0;
    }
    return told;
}

static bool told(const struct gp_entry *entry, const char *person)
{
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (gp_span_is(entry->recipient[i].person, person))
            return true;
    }
    return false;
}

/* More steps than one decision holds: the notice comes with the last part and owes nothing. */
static void two_months_down(void **state)
{
    static const char *const everybody[] = {"chen", "li",  "zhang", "qian",
                                            "wang", "chu", "jiang", "feng"};
    size_t steps;

    (void)state;
    report("u2");
    play_catch_up(&play, "2026-08-01 10:00");
    assert_int_equal(notices(&steps), 1);
    /* unaccepted, yellow, red, blue, card, 12 repeats to 06-03 14:00, then one a day */
    assert_int_equal(steps, 5 + 12 + 58);
    const struct gp_entry *last = play_last(&play, GP_WHAT_STEP, GP_STEP_NONE);
    assert_int_equal(last->step, GP_STEP_REPEAT);
    assert_int_equal(last->nth, 12 + 58);
    for (size_t i = 0; i < sizeof everybody / sizeof everybody[0]; i++) {
        if (!told(last, everybody[i]))
            fail_msg("%s was not told", everybody[i]);
    }
    assert_int_equal(play.incident.owed, 0);
    assert_true(gp_span_is(play.incident.owner, "F-SZ"));
    play_catch_up(&play, "2026-08-01 10:00");
    assert_int_equal(play.read, play.count);
}

/* Steps that were told on time and those caught up leave the same state behind. */
static void state_as_if_never_down(void **state)
{
    static const char *const rows[] = {"n2", "n4", "l5", "u2", "u1", "f2", "s24", "s222"};
    static struct gp_incident on_time;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        solo_begin(state);
        report(rows[i]);
        play_until(&play, "2026-06-20 12:00");
        on_time = play.incident;
        solo_begin(state);
        report(rows[i]);
        play_catch_up(&play, "2026-06-20 12:00");
        assert_memory_equal(&play.incident, &on_time, sizeof on_time);
    }
}

static void what_is_not_due_is_not_decided(void **state)
{
    static struct gp_decision decision;

    (void)state;
    report("n4");
    struct gp_scene scene = {.org = &town.org,
                             .now_ms = town_at("2026-06-01 08:59"),
                             .incident = &play.incident,
                             .recall = &play.recall};
    gp_decide_expire(&scene, &decision);
    assert_int_equal(decision.entry_count, 0);
    scene.now_ms = town_at("2026-06-01 09:00");
    gp_decide_expire(&scene, &decision);
    assert_int_equal(decision.entry_count, 1);
    gp_plan_drop(&play.incident.plan, GP_STEP_NONE);
    gp_decide_expire(&scene, &decision);
    assert_int_equal(decision.entry_count, 0);
}

/* Two reds in one decision find the same posts vacant: each is said once a day. */
static void vacant_posts_are_said_once_among_several(void **state)
{
    static const char *const vacant[] = {"A-shizheng-340705006001", "F-SZ", "K-SZ", "H2-SZ",
                                         "H-SZ"};
    unsigned said = 0;

    (void)state;
    report("s24");
    for (size_t i = 0; i < sizeof vacant / sizeof vacant[0]; i++)
        town_vacate(&town, vacant[i]);
    play_skip(&play);
    play_catch_up(&play, "2026-06-01 20:00"); /* red of both stages */
    for (; play.read < play.count; play.read++)
        said += play.journal[play.read].what == GP_WHAT_VACANT;
    assert_int_equal(said, 4); /* all but the owner's own */
}

/* A desk that kept it at red, in a catch-up of more than one decision: its head hears of it. */
static void a_desk_two_months_down(void **state)
{
    (void)state;
    town_drop_post(&town, "A-shizheng-340705006001");
    town_drop_post(&town, "F-SZ");
    town_rung(&town, "U", GP_STEP_RED)->tells &= ~(UINT32_C(1) << GP_TELL_H); /* as N's */
    report("u2");
    play_catch_up(&play, "2026-08-01 10:00");
    const struct gp_entry *last = play_last(&play, GP_WHAT_STEP, GP_STEP_NONE);
    assert_true(gp_span_is(play.incident.owner, "K-SZ"));
    assert_int_equal(play.incident.assistant.len, 0);
    assert_true(told(last, "jiang"));
    assert_true(told(last, "chu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_warning, solo_begin),
        cmocka_unit_test_setup(one_red, solo_begin),
        cmocka_unit_test_setup(one_red_of_a_desk, solo_begin),
        cmocka_unit_test_setup(one_repeat, solo_begin),
        cmocka_unit_test_setup(nothing_missed, solo_begin),
        cmocka_unit_test_setup(warned_too_late, solo_begin),
        cmocka_unit_test_setup(capacities_in_order, solo_begin),
        cmocka_unit_test_setup(desk_among_several, solo_begin),
        cmocka_unit_test_setup(highest_of_two_stages, solo_begin),
        cmocka_unit_test_setup(two_months_down, solo_begin),
        cmocka_unit_test_setup(state_as_if_never_down, solo_begin),
        cmocka_unit_test_setup(what_is_not_due_is_not_decided, solo_begin),
        cmocka_unit_test_setup(vacant_posts_are_said_once_among_several, solo_begin),
        cmocka_unit_test_setup(a_desk_two_months_down, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
