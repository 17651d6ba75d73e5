/* R17: strikes are drafts; an appeal, once, with two signatures, lifts the effect. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SIGN(r)                                                                                    \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .person = GP_SPAN("chen"), .result = (r)                                                   \
    }

/* Runs to the card: chen of F-SZ owns then. */
static void run_to_card(void)
{
    solo_report("2026-10-12 08:00", "n4");
    play_until(&play, "2026-10-15 12:00");
}

static void numbers_and_levels(void **state)
{
    static const struct {
        uint32_t before, level;
        const char *measure;
    } rows[] = {{0, 1, "通报批评"}, {1, 2, "诫勉谈话"}, {2, 3, "组织处理"}, {5, 3, "组织处理"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)solo_begin(state);
        play.strikes_before = rows[i].before;
        run_to_card();
        const struct gp_entry *entry = play_last(&play, GP_WHAT_STRIKE, 0);
        assert_int_equal(entry->level, rows[i].level);
        assert_int_equal(entry->strike.number, rows[i].before + 1);
        assert_int_equal(entry->strike.year, 2026);
        assert_true(gp_span_is(entry->subject, "chen"));
        if (strstr(play.decision.draft, rows[i].measure) == NULL)
            fail_msg("%s is not in %s", rows[i].measure, play.decision.draft);
        assert_true(gp_utf8_valid(gp_span_of(play.decision.draft)));
    }
}

static unsigned count(enum gp_what what)
{
    unsigned found = 0;

    for (size_t i = 0; i < play.count; i++)
        found += play.journal[i].what == (uint8_t)what;
    return found;
}

/* One for each incident and person: here two cards, of chen and of chu, and chen's again. */
static void one_for_each_person(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "s24");
    play_until(&play, "2026-10-20 08:00");
    assert_int_equal(count(GP_WHAT_STRIKE), 2);
    assert_int_equal(play.incident.side.struck_count, 2);
    solo_do("2026-10-20 08:10", "zheng", GP_VERB_REASSIGN,
            (struct gp_command){.text = GP_SPAN("back"), .post = GP_SPAN("F-SZ")});
    for (int i = 0; i < 3; i++) {
        solo_do("2026-10-20 08:20", "chen", GP_VERB_FINISH, NOTHING);
        solo_do("2026-10-20 08:20", "wang", GP_VERB_VERIFY,
                (struct gp_command){.result = GP_RESULT_NO});
    }
    assert_int_equal(play.incident.side.reworks, 3);
    assert_int_equal(count(GP_WHAT_STRIKE), 2);
}

/* Whoever effectively held the post: the stand-in of a holder on leave. */
static void the_stand_in_answers(void **state)
{
    (void)state;
    town_leave(&town, "chen", "chu", "2026-10-15 00:00", "2026-10-16 00:00");
    run_to_card();
    assert_true(gp_span_is(play_last(&play, GP_WHAT_STRIKE, 0)->subject, "chu"));
}

static void an_appeal_with_two_signatures(void **state)
{
    (void)state;
    run_to_card();
    solo_refused("2026-10-15 13:00", "li", GP_VERB_APPEAL, WHY, GP_REASON_NO_STRIKE);
    solo_refused("2026-10-15 13:00", "chen", GP_VERB_APPEAL, NOTHING, GP_REASON_NO_REASON);
    solo_refused("2026-10-15 13:00", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_YES),
                 GP_REASON_NOTHING_ASKED);
    solo_do("2026-10-15 13:00", "chen", GP_VERB_APPEAL, WHY);
    solo_refused("2026-10-15 13:10", "chen", GP_VERB_APPEAL, WHY, GP_REASON_TOO_MANY);
    solo_refused("2026-10-15 13:10", "chen", GP_VERB_SIGN, SIGN(GP_RESULT_YES),
                 GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-15 13:20", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_YES));
    assert_true(
        gp_span_is(play_last(&play, GP_WHAT_APPEALED, 0)->text, "granted: another must sign"));
    solo_refused("2026-10-15 13:30", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_YES), GP_REASON_OWN_WORK);
    solo_do("2026-10-15 13:40", "feng", GP_VERB_SIGN, SIGN(GP_RESULT_YES));
    const struct gp_entry *entry = play_last(&play, GP_WHAT_APPEALED, 0);
    assert_int_equal(entry->strike.state, GP_STRIKE_LIFTED);
    assert_int_equal(gp_strike_state_said(entry), GP_STRIKE_LIFTED);
    assert_true(gp_span_is(entry->text, "granted: lifted"));
    assert_int_not_equal(play.incident.overdue_ms, 0); /* the fact stays */
    solo_refused("2026-10-15 13:50", "feng", GP_VERB_SIGN, SIGN(GP_RESULT_NO),
                 GP_REASON_NOTHING_ASKED);
}

static void an_appeal_that_is_refused(void **state)
{
    (void)state;
    run_to_card();
    solo_do("2026-10-15 13:00", "chen", GP_VERB_APPEAL, WHY);
    solo_refused("2026-10-15 13:10", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_NONE),
                 GP_REASON_NO_RESULT);
    solo_do("2026-10-15 13:20", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_NO));
    assert_int_equal(play_last(&play, GP_WHAT_APPEALED, 0)->strike.state, GP_STRIKE_UPHELD);
    assert_int_equal(gp_strike_state_said(play_last(&play, GP_WHAT_APPEALED, 0)), GP_STRIKE_UPHELD);
    assert_true(gp_span_is(play_last(&play, GP_WHAT_APPEALED, 0)->text, "refused: it stands"));
    solo_refused("2026-10-15 13:30", "chen", GP_VERB_APPEAL, WHY, GP_REASON_TOO_MANY);
}

/* R11: what an extension supersedes has no effect: the strike of a card in between is lifted. */
static void an_extension_lifts(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, (struct gp_command){.hours = 4});
    play_until(&play, "2026-10-15 12:00");
    assert_int_equal(play.incident.side.fired_count, 4); /* red, blue, orange, card */
    solo_do("2026-10-15 13:00", "qian", GP_VERB_DECIDE, (struct gp_command){.result = 1});
    assert_int_equal(play_last(&play, GP_WHAT_APPEALED, 0)->strike.state, GP_STRIKE_LIFTED);
    assert_int_equal(gp_strike_state_said(play_last(&play, GP_WHAT_APPEALED, 0)), GP_STRIKE_LIFTED);
    assert_int_equal(play_last(&play, GP_WHAT_REPLANNED, 0)->ref_count, 4);
}

/* Nothing older than the request: the card of the first limit stays one. */
static void an_extension_lifts_its_own(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    solo_do("2026-10-15 13:00", "chen", GP_VERB_FINISH, (struct gp_command){0});
    assert_int_equal(play.incident.side.struck_count, 1);
    int64_t overdue_ms = play.incident.overdue_ms;
    solo_do("2026-10-15 14:00", "zheng", GP_VERB_VERIFY, (struct gp_command){.result = 2});
    solo_do("2026-10-15 15:00", "chen", GP_VERB_EXTEND, (struct gp_command){.hours = 1});
    play_until(&play, "2026-10-15 16:00");
    solo_do("2026-10-15 16:30", "zheng", GP_VERB_DECIDE, (struct gp_command){.result = 1});
    assert_int_equal(play_last(&play, GP_WHAT_REPLANNED, 0)->ref_count, 1);
    assert_int_equal(play.incident.overdue_ms, overdue_ms);
    for (size_t i = 0; i < play.count; i++)
        assert_int_not_equal(play.journal[i].what, GP_WHAT_APPEALED);
}

/* An appeal has lifted it before the extension is granted: lifting is said once. */
static void what_is_lifted_is_not_lifted_again(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    solo_do("2026-10-12 09:00", "li", GP_VERB_EXTEND, (struct gp_command){.hours = 4});
    play_until(&play, "2026-10-15 12:00");
    solo_do("2026-10-15 13:00", "chen", GP_VERB_APPEAL, WHY);
    solo_do("2026-10-15 13:10", "zhou", GP_VERB_SIGN, SIGN(GP_RESULT_YES));
    solo_do("2026-10-15 13:20", "feng", GP_VERB_SIGN, SIGN(GP_RESULT_YES));
    uint64_t lifted = play_last(&play, GP_WHAT_APPEALED, 0)->seq;
    solo_do("2026-10-15 13:30", "qian", GP_VERB_DECIDE, (struct gp_command){.result = 1});
    assert_int_equal(play_last(&play, GP_WHAT_APPEALED, 0)->seq, lifted);
}

static void nobody_is_struck_for_a_post_that_is_no_more(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    play_until(&play, "2026-10-12 12:00");
    town_lose_post(&town, "F-SZ");
    play_until(&play, "2026-10-15 12:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "fired");
    assert_int_equal(play.incident.side.struck_count, 0);
}

static void nobody_appeals_for_another(void **state)
{
    struct gp_command appeal = WHY;

    (void)state;
    run_to_card();
    appeal.person = GP_SPAN("chen");
    solo_refused("2026-10-15 13:00", "zhou", GP_VERB_APPEAL, appeal, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-15 13:00", "chen", GP_VERB_APPEAL, appeal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_and_levels, solo_begin),
        cmocka_unit_test_setup(one_for_each_person, solo_begin),
        cmocka_unit_test_setup(the_stand_in_answers, solo_begin),
        cmocka_unit_test_setup(an_appeal_with_two_signatures, solo_begin),
        cmocka_unit_test_setup(an_appeal_that_is_refused, solo_begin),
        cmocka_unit_test_setup(an_extension_lifts, solo_begin),
        cmocka_unit_test_setup(an_extension_lifts_its_own, solo_begin),
        cmocka_unit_test_setup(what_is_lifted_is_not_lifted_again, solo_begin),
        cmocka_unit_test_setup(nobody_is_struck_for_a_post_that_is_no_more, solo_begin),
        cmocka_unit_test_setup(nobody_appeals_for_another, solo_begin),
    };
    return cmocka_run_group_tests_name("strikes", tests, NULL, NULL);
}
