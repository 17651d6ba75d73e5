/* R11, R12: more time, and standing still. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HOURS(n)                                                                                   \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .hours = (n)                                                                               \
    }
#define GRANT                                                                                      \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_YES                                                                    \
    }
#define DENY                                                                                       \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .result = GP_RESULT_NO                                                                     \
    }

/* E9 */
static void granted_before_the_due(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_do("2026-10-13 08:10", "li", GP_VERB_ACCEPT, (struct gp_command){0});
    play_skip(&play);
    solo_do("2026-10-13 16:00", "li", GP_VERB_EXTEND, HOURS(8));
    solo_do("2026-10-13 17:30", "qian", GP_VERB_DECIDE, GRANT);
    play_until(&play, "2026-10-15 18:00");
    play_expect(&play, "10-13 16:00 noted pending_extension: qian(D1)\n"
                       "10-13 16:24 yellow: li(A) zhang(B)\n"
                       "10-13 17:30 extended due 10-14 18:00: li(A)\n"
                       "10-14 16:24 yellow: li(A) zhang(B)\n"
                       "10-14 18:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-14 18:00 handover -> F-SZ\n"
                       "10-15 12:00 blue: sun(R) wei(H2)\n"
                       "10-15 18:00 orange: zhou(S1) wu(S2) jiang(H)\n");
}

static void granted_after_the_due(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_do("2026-10-13 08:10", "li", GP_VERB_ACCEPT, (struct gp_command){0});
    solo_do("2026-10-13 16:00", "li", GP_VERB_EXTEND, HOURS(8));
    play_until(&play, "2026-10-13 18:00");
    assert_true(gp_span_is(play.incident.owner, "F-SZ"));
    assert_int_not_equal(play.incident.overdue_ms, 0);
    uint64_t red = play_last(&play, GP_WHAT_STEP, GP_STEP_RED)->seq;
    assert_true(play_last(&play, GP_WHAT_STEP, GP_STEP_RED)->flags & GP_FLAG_PENDING_EXTENSION);
    play_skip(&play);
    solo_do("2026-10-13 18:30", "qian", GP_VERB_DECIDE, GRANT);
    play_expect(&play, "10-13 18:30 extended due 10-14 18:00: chen(F)\n"
                       "10-13 18:30 replanned -> A-shizheng-340705006001: li(A)\n");
    const struct gp_entry *entry = play_last(&play, GP_WHAT_REPLANNED, 0);
    assert_int_equal(entry->ref_count, 1);
    assert_int_equal(entry->ref_seq[0], red);
    assert_int_equal(play.incident.overdue_ms, 0);
    assert_int_equal(play.incident.state, GP_STATE_ACCEPTED);
    play_until(&play, "2026-10-14 18:00");
    play_expect(&play, "10-14 16:24 yellow: li(A) zhang(B)\n"
                       "10-14 18:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-14 18:00 handover -> F-SZ\n");
}

static void a_department_that_has_accepted_keeps_it(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_do("2026-10-13 16:00", "li", GP_VERB_EXTEND, HOURS(8));
    solo_do("2026-10-13 18:10", "chen", GP_VERB_ACCEPT, (struct gp_command){0});
    solo_do("2026-10-13 18:30", "qian", GP_VERB_DECIDE, GRANT);
    assert_true(gp_span_is(play.incident.owner, "F-SZ"));
    assert_int_equal(play.incident.state, GP_STATE_ACCEPTED);
    assert_int_equal(play.incident.overdue_ms, 0);
}

/* A level that is not there is skipped: SK for D1, then S1. */
static void who_decides_instead(void **state)
{
    (void)state;
    town_drop_post(&town, "D1-340705006001");
    solo_report("2026-10-13 08:00", "n8");
    play_skip(&play);
    solo_do("2026-10-13 09:00", "li", GP_VERB_EXTEND, HOURS(2));
    play_expect(&play, "10-13 09:00 noted pending_extension: zheng(SK)\n");
    solo_do("2026-10-13 09:10", "zheng", GP_VERB_DECIDE, DENY);
    town_drop_post(&town, "SK-340705006");
    town_drop_post(&town, "SK-340705");
    solo_do("2026-10-13 09:20", "li", GP_VERB_EXTEND, HOURS(2));
    solo_do("2026-10-13 09:30", "zhou", GP_VERB_DECIDE, GRANT);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 10:00");
}

/* 80 % of the added part, whatever the ladder's own warning is: of U that is 50 %. */
static void urgent_warns_of_the_added_part(void **state)
{
    (void)state;
    solo_report("2026-10-13 22:00", "u2");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "10-13 23:00");
    solo_do("2026-10-13 23:30", "li", GP_VERB_EXTEND, HOURS(1));
    solo_do("2026-10-13 23:40", "qian", GP_VERB_DECIDE, GRANT);
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "10-14 00:48");
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 01:00");
}

/* Of a limit of two stages the one is longer that ran when it was asked. */
static void granted_for_a_stage_that_was_missed(void **state)
{
    (void)state;
    solo_report("2026-10-12 09:00", "s25");
    solo_do("2026-10-12 10:50", "li", GP_VERB_EXTEND, HOURS(1));
    solo_do("2026-10-12 11:30", "qian", GP_VERB_DECIDE, GRANT);
    assert_int_equal(play.incident.plan.current, 0);
    assert_int_equal(play.incident.overdue_ms, 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-12 12:00");
    assert_string_equal(play_when(&play, 1, GP_STEP_RED), "none");
    solo_do("2026-10-12 11:40", "li", GP_VERB_EXTEND, HOURS(1));
    solo_do("2026-10-12 11:50", "li", GP_VERB_STAGE, (struct gp_command){0});
    assert_int_equal(play.incident.side.asked_ms, 0); /* met: nothing is left to extend */
}

static void asking_and_deciding(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_refused("2026-10-13 08:30", "zhang", GP_VERB_EXTEND, HOURS(4), GP_REASON_NOT_OWNER);
    solo_refused("2026-10-13 08:30", "li", GP_VERB_EXTEND, HOURS(9), GP_REASON_TOO_LONG);
    solo_refused("2026-10-13 08:30", "li", GP_VERB_EXTEND, HOURS(0), GP_REASON_TOO_LONG);
    solo_refused("2026-10-13 08:30", "qian", GP_VERB_DECIDE, GRANT, GP_REASON_NOTHING_ASKED);
    solo_do("2026-10-13 09:00", "li", GP_VERB_EXTEND, HOURS(2));
    solo_refused("2026-10-13 09:05", "li", GP_VERB_EXTEND, HOURS(2), GP_REASON_PENDING);
    solo_refused("2026-10-13 09:05", "zheng", GP_VERB_DECIDE, GRANT, GP_REASON_NOT_ALLOWED);
    solo_refused("2026-10-13 09:05", "qian", GP_VERB_DECIDE, (struct gp_command){0},
                 GP_REASON_NO_RESULT);
    solo_do("2026-10-13 09:10", "qian", GP_VERB_DECIDE, DENY);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-13 18:00");
    solo_do("2026-10-13 09:20", "li", GP_VERB_EXTEND, HOURS(2));
    solo_do("2026-10-13 09:30", "qian", GP_VERB_DECIDE, GRANT);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 10:00");
    solo_do("2026-10-13 09:40", "li", GP_VERB_EXTEND, HOURS(8));
    solo_do("2026-10-13 09:50", "qian", GP_VERB_DECIDE, GRANT);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-15 10:00");
    solo_refused("2026-10-13 10:00", "li", GP_VERB_EXTEND, HOURS(1), GP_REASON_TOO_MANY);
    solo_refused("2026-10-15 10:00", "chen", GP_VERB_EXTEND, HOURS(1), GP_REASON_NOT_OWNER);
}

static void not_at_the_due_any_more(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_refused("2026-10-13 18:00", "li", GP_VERB_EXTEND, HOURS(1), GP_REASON_LATE);
}

/* Of a department's incident the street's desk decides. */
static void a_departments_extension(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-10-13 09:00", "zhang", TOWN_GRID, "u1")); /* F first */
    solo_do("2026-10-13 09:10", "yan", GP_VERB_EXTEND, HOURS(1));
    solo_refused("2026-10-13 09:20", "qian", GP_VERB_DECIDE, GRANT, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-13 09:20", "zheng", GP_VERB_DECIDE, GRANT);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-13 11:00");
}

/* R12: 6 working hours remain on Monday at 10:00; they go on on 2 November at 08:00. */
static void suspended_and_resumed(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 08:10", "li", GP_VERB_ACCEPT, (struct gp_command){0});
    play_skip(&play);
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-11-01 00:00")});
    assert_int_equal(play.incident.state, GP_STATE_SUSPENDED);
    play_until(&play, "2026-11-03 10:00");
    play_expect(&play, "10-12 10:00 suspended due 10-12 18:00: li(A)\n"
                       "10-26 08:00 resume_notice: li(A) zheng(SK)\n"
                       "11-02 08:00 resumed due 11-02 16:00: li(A)\n"
                       "11-02 14:24 yellow: li(A) zhang(B)\n"
                       "11-02 16:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "11-02 16:00 handover -> F-SZ\n"
                       "11-03 10:00 blue: sun(R) wei(H2)\n");
    solo_refused(
        "2026-11-03 10:10", "zheng", GP_VERB_SUSPEND,
        (struct gp_command){.text = GP_SPAN("again"), .from_ms = town_at("2026-12-01 00:00")},
        GP_REASON_TOO_MANY);
}

static void suspended_without_notice_and_resumed_early(void **state)
{
    struct gp_command until = {.text = GP_SPAN("part"), .from_ms = town_at("2026-10-15 00:00")};

    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_refused("2026-10-12 09:00", "li", GP_VERB_SUSPEND, until, GP_REASON_NOT_ALLOWED);
    solo_refused("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND,
                 (struct gp_command){.from_ms = until.from_ms}, GP_REASON_NO_REASON);
    solo_refused("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND,
                 (struct gp_command){.text = GP_SPAN("x"), .from_ms = town_at("2027-10-20 00:00")},
                 GP_REASON_TOO_LONG);
    solo_do("2026-10-12 09:00", "zheng", GP_VERB_SUSPEND, until);
    assert_string_equal(play_when(&play, 0, GP_STEP_RESUME_NOTICE), "none");
    solo_do("2026-10-13 19:00", "zheng", GP_VERB_RESUME, (struct gp_command){0});
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "10-14 09:00"); /* 1 h of 2 */
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 17:00");
}

/* A limit in continuous time freezes in continuous time. */
static void an_urgent_one_freezes_too(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "u2");
    solo_do("2026-10-12 08:30", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("x"), .from_ms = town_at("2026-10-13 00:00")});
    play_until(&play, "2026-10-13 08:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-13 09:30");
}

/* R16 over the end of a suspension: what it brought is fired with its own times. */
static void down_over_the_resumption(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-11-02 00:00")});
    play_skip(&play);
    play_catch_up(&play, "2026-11-02 15:00");
    play_expect(&play,
                "11-02 15:00 resume_notice late 175:00 coalesced\n"
                "11-02 15:00 resumed late 7:00 due 11-02 16:00: li(A)\n"
                "11-02 15:00 unaccepted late 7:00 coalesced\n"
                "11-02 15:00 yellow late 0:36: li(A) zhao(A cover) zhang(B) wang(D2) zheng(SK)\n");
}

/* A calendar that changes while it stands still counts when it goes on. */
static void replanned_when_it_goes_on(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n8");
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-10-20 00:00")});
    town_off(&town, "2026-10-21");
    assert_false(play_replan(&play, "2026-10-14 08:00"));
    play_until(&play, "2026-10-20 08:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-20 16:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "10-22 16:00");
    assert_false(play_replan(&play, "2026-10-20 08:10")); /* the same files say the same */
    town_off(&town, "2026-10-22");
    assert_true(play_replan(&play, "2026-10-20 08:20"));
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "10-23 16:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-20 16:00");
}

static void an_extension_is_replanned_too(void **state)
{
    (void)state;
    solo_report("2026-10-13 08:00", "n8");
    solo_do("2026-10-13 09:00", "li", GP_VERB_EXTEND, HOURS(8));
    solo_do("2026-10-13 09:10", "qian", GP_VERB_DECIDE, GRANT);
    assert_false(play_replan(&play, "2026-10-13 09:20"));
    town_off(&town, "2026-10-14");
    assert_true(play_replan(&play, "2026-10-13 09:30"));
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-15 18:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_YELLOW), "10-15 16:24");
}

/* A card that was fired before: the first repeat behind it stands still as long as all else does.
 */
static void the_first_repeat_stands_still_too(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    play_until(&play, "2026-10-15 12:00"); /* the card */
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "10-16 12:00");
    solo_do("2026-10-15 15:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-10-19 00:00")});
    play_until(&play, "2026-10-19 08:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "fired");
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "10-19 17:00"); /* 1 h of 8 was over */
}

/* What fires while nobody decides on an extension is taken back, as much as an entry can name. */
static void nobody_decides_for_a_month(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, HOURS(4));
    play_until(&play, "2026-11-12 08:00");
    assert_int_equal(play.incident.side.fired_count, GP_REFS_MAX);
    solo_do("2026-11-12 08:10", "qian", GP_VERB_DECIDE, GRANT);
    assert_int_equal(play_last(&play, GP_WHAT_REPLANNED, 0)->ref_count, GP_REFS_MAX);
    assert_int_equal(play.incident.overdue_ms, 0);
}

/* A later repeat goes on from where it stood, by what was left of its eight hours. */
static void repeats_stand_still_too(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    play_until(&play, "2026-10-19 12:00"); /* two repeats */
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "10-20 12:00");
    solo_do("2026-10-19 15:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-10-26 00:00")});
    play_until(&play, "2026-10-26 08:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_REPEAT), "10-26 17:00");
    play_until(&play, "2026-10-26 17:00");
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_REPEAT)->nth, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(granted_before_the_due, solo_begin),
        cmocka_unit_test_setup(granted_after_the_due, solo_begin),
        cmocka_unit_test_setup(a_department_that_has_accepted_keeps_it, solo_begin),
        cmocka_unit_test_setup(who_decides_instead, solo_begin),
        cmocka_unit_test_setup(urgent_warns_of_the_added_part, solo_begin),
        cmocka_unit_test_setup(granted_for_a_stage_that_was_missed, solo_begin),
        cmocka_unit_test_setup(asking_and_deciding, solo_begin),
        cmocka_unit_test_setup(not_at_the_due_any_more, solo_begin),
        cmocka_unit_test_setup(a_departments_extension, solo_begin),
        cmocka_unit_test_setup(suspended_and_resumed, solo_begin),
        cmocka_unit_test_setup(suspended_without_notice_and_resumed_early, solo_begin),
        cmocka_unit_test_setup(an_urgent_one_freezes_too, solo_begin),
        cmocka_unit_test_setup(down_over_the_resumption, solo_begin),
        cmocka_unit_test_setup(replanned_when_it_goes_on, solo_begin),
        cmocka_unit_test_setup(an_extension_is_replanned_too, solo_begin),
        cmocka_unit_test_setup(the_first_repeat_stands_still_too, solo_begin),
        cmocka_unit_test_setup(nobody_decides_for_a_month, solo_begin),
        cmocka_unit_test_setup(repeats_stand_still_too, solo_begin),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
