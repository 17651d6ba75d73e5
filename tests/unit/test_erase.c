/* Personal texts: which ones are, and who may erase them when. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MORNING "2026-06-01 09:00"
#define LATER   "2026-06-01 10:00"

static unsigned texts_left;
static uint8_t strike_state;

static unsigned texts(void *context, uint64_t incident)
{
    (void)context;
    assert_int_equal(incident, play.incident.id);
    return texts_left;
}

static bool strike_of(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike)
{
    (void)context;
    *ret_strike = (struct gp_strike){.person = person, .incident = incident, .state = strike_state};
    return true;
}

static int begin(void **state)
{
    (void)solo_begin(state);
    play.recall.texts = texts;
    play.recall.strike_of = strike_of;
    texts_left = 3;
    return 0;
}

static int act(enum gp_verb verb, const char *by, const char *text)
{
    struct gp_command command = {.verb = (uint8_t)verb, .text = gp_span_of(text)};
    return play_command(&play, MORNING, by, &command);
}

static void close_it(void)
{
    assert_int_equal(play_report(&play, MORNING, "zhang", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(act(GP_VERB_FINISH, "li", "done"), GP_REASON_NONE);
    assert_int_equal(act(GP_VERB_VERIFY, "wang", ""), GP_REASON_NONE);
    assert_int_equal(act(GP_VERB_CLOSE, "wang", ""), GP_REASON_NONE);
    assert_int_equal(play.incident.state, GP_STATE_CLOSED);
}

static int erase(const char *by, const char *reason)
{
    struct gp_command command = {.verb = GP_VERB_ERASE, .text = gp_span_of(reason)};
    return play_command(&play, LATER, by, &command);
}

static void what_a_person_typed_is_personal(void **state)
{
    (void)state;
    close_it();
    const struct gp_entry *reported = play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE);
    assert_true(reported->personal);
    assert_int_equal(play.incident.text_seq, reported->seq);
    assert_int_equal(play.incident.text.len, 0);
    assert_true(play_last(&play, GP_WHAT_FINISHED, GP_STEP_NONE)->personal);
    assert_false(play_last(&play, GP_WHAT_CLOSED, GP_STEP_NONE)->personal); /* without a text */
    assert_false(play_last(&play, GP_WHAT_STEP, GP_STEP_DISPATCH)->personal);
}

/* A store of format 1 has the text in the journal: the same record comes out as it always did. */
static void an_old_report_keeps_its_text(void **state)
{
    static struct gp_incident incident;
    static struct gp_entry entry;

    (void)state;
    close_it();
    entry = *play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE);
    entry.personal = false;
    gp_fold(&entry, &incident);
    assert_true(gp_span_is(incident.text, "text"));
    assert_int_equal(incident.text_seq, 0);
}

static void a_phone_alone_is_personal(void **state)
{
    struct gp_command report = {.verb = GP_VERB_REPORT,
                                .grid = GP_SPAN(TOWN_GRID),
                                .category = GP_SPAN("n4"),
                                .phone = GP_SPAN("13800000000")};

    (void)state;
    assert_int_equal(play_command(&play, MORNING, "zhang", &report), GP_REASON_NONE);
    assert_true(play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE)->personal);
}

/* A reason from a list is a fact; what somebody adds to it is not. */
static void a_return_is_personal_with_words_only(void **state)
{
    struct gp_command back = {.verb = GP_VERB_RETURN, .return_reason = GP_RETURN_WRONG_LINE};

    (void)state;
    assert_int_equal(play_report(&play, MORNING, "zhang", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(play_command(&play, MORNING, "li", &back), GP_REASON_NONE);
    const struct gp_entry *entry = play_last(&play, GP_WHAT_RETURNED, GP_STEP_NONE);
    assert_true(gp_span_is(entry->text, "wrong_line"));
    assert_false(entry->personal);
    play_begin(&play, &town);
    back.text = GP_SPAN("ask Mrs Wu on the third floor");
    assert_int_equal(play_report(&play, MORNING, "zhang", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(play_command(&play, MORNING, "li", &back), GP_REASON_NONE);
    assert_true(play_last(&play, GP_WHAT_RETURNED, GP_STEP_NONE)->personal);
}

/* What became of a notice is a fact of ours, which must outlive the texts. */
static void words_of_our_own_are_not(void **state)
{
    struct gp_command deliver = {.verb = GP_VERB_DELIVER,
                                 .person = GP_SPAN("li"),
                                 .delivery = GP_DELIVERY_SENT,
                                 .text = GP_SPAN("typed")};

    (void)state;
    assert_int_equal(play_report(&play, MORNING, "zhang", TOWN_GRID, "n4"), GP_REASON_NONE);
    deliver.ref_seq = play_last(&play, GP_WHAT_STEP, GP_STEP_DISPATCH)->seq;
    assert_int_equal(play_command(&play, MORNING, "zheng", &deliver), GP_REASON_NONE);
    const struct gp_entry *entry = play_last(&play, GP_WHAT_DELIVERED, GP_STEP_NONE);
    assert_false(entry->personal);
    assert_true(gp_span_is(entry->text, "delivered"));
}

static void supervision_or_the_street_head_erases(void **state)
{
    static const char *const others[] = {"zheng", "wu", "wang", "li", "zhang", "chu"};

    (void)state;
    close_it();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(erase(others[i], "over"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(erase("feng", "over"), GP_REASON_NONE);
    assert_int_equal(erase("zhou", "again"), GP_REASON_NONE);
}

static void the_audit_says_how_much_and_why(void **state)
{
    (void)state;
    close_it();
    uint32_t version = play.incident.version;
    assert_int_equal(erase("feng", "three years are over"), GP_REASON_NONE);
    const struct gp_entry *audit = play_last(&play, GP_WHAT_AUDIT, GP_STEP_NONE);
    assert_true(gp_span_is(audit->text, "erased 3 texts: three years are over"));
    assert_true(gp_span_is(audit->actor_post, "X-340705006"));
    assert_true(audit->erases);
    assert_false(audit->personal);
    assert_int_equal(play.incident.erased_ms, audit->at_ms);
    assert_int_equal(play.incident.version, version);
    assert_int_equal(play.incident.state, GP_STATE_CLOSED);
}

static void a_reason_is_needed(void **state)
{
    (void)state;
    close_it();
    assert_int_equal(erase("feng", ""), GP_REASON_NO_REASON);
}

static void only_what_is_over_is_erased(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, MORNING, "zhang", TOWN_GRID, "n4"), GP_REASON_NONE);
    assert_int_equal(erase("feng", "over"), GP_REASON_STATE);
    assert_int_equal(act(GP_VERB_VOID, "zheng", "not an incident"), GP_REASON_NONE);
    assert_int_equal(erase("feng", "over"), GP_REASON_NONE);
}

static void twice_is_refused_once_nothing_is_left(void **state)
{
    (void)state;
    close_it();
    assert_int_equal(erase("feng", "over"), GP_REASON_NONE);
    texts_left = 0;
    assert_int_equal(erase("feng", "over"), GP_REASON_STATE);
    assert_string_equal(play.decision.detail, "nothing is left to erase");
}

static void an_appeal_is_ruled_on_first(void **state)
{
    (void)state;
    close_it();
    play.incident.side.struck[0] = GP_SPAN("li");
    play.incident.side.struck_count = 1;
    strike_state = GP_STRIKE_APPEALED;
    assert_int_equal(erase("feng", "over"), GP_REASON_PENDING);
    strike_state = GP_STRIKE_SIGNED;
    assert_int_equal(erase("feng", "over"), GP_REASON_PENDING);
    strike_state = GP_STRIKE_UPHELD;
    assert_int_equal(erase("feng", "over"), GP_REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_a_person_typed_is_personal, begin),
        cmocka_unit_test_setup(an_old_report_keeps_its_text, begin),
        cmocka_unit_test_setup(a_phone_alone_is_personal, begin),
        cmocka_unit_test_setup(a_return_is_personal_with_words_only, begin),
        cmocka_unit_test_setup(words_of_our_own_are_not, begin),
        cmocka_unit_test_setup(supervision_or_the_street_head_erases, begin),
        cmocka_unit_test_setup(the_audit_says_how_much_and_why, begin),
        cmocka_unit_test_setup(a_reason_is_needed, begin),
        cmocka_unit_test_setup(only_what_is_over_is_erased, begin),
        cmocka_unit_test_setup(twice_is_refused_once_nothing_is_left, begin),
        cmocka_unit_test_setup(an_appeal_is_ruled_on_first, begin),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
