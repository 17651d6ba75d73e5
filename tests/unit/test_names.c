/* Every enum with words. The pairs are written out here: they are on the wire, on the disk and in
 * people's files, so a changed number or word must fail a test and not pass by a shared list. */
#include "core/area.h"
#include "core/assess.h"
#include "core/decide.h"
#include "core/entry.h"
#include "core/incident.h"
#include "core/org.h"
#include "core/reason.h"
#include "core/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Words of the numbers 1, 2, … in order, ending with NULL. */
static const char *const states[] = {
    "reported",  "filed",    "dispatched",  "accepted",  "finished", "verified", "closed", "void",
    "duplicate", "returned", "arbitration", "suspended", "rework",   "reopened", NULL};
static const char *const whats[] = {
    "reported",    "filed",     "voided",     "linked",   "dispatched", "accepted",
    "noted",       "returned",  "ruled",      "extended", "suspended",  "resumed",
    "finished",    "verified",  "rework",     "informed", "closed",     "reopened",
    "owner_shift", "vacant",    "handover",   "staged",   "arbitrated", "declined",
    "unlinked",    "delivered", "reassigned", "step",     "replanned",  "strike",
    "appealed",    "leave",     "clock",      "audit",    "device",     NULL};
static const char *const paths[] = {"holder", "cover", "duty", "superior", NULL};
static const char *const verbs[] = {
    "report", "file",   "accept",  "note",    "stage",  "finish",   "verify",  "inform",
    "close",  "void",   "link",    "unlink",  "return", "consent",  "rule",    "refuse",
    "extend", "decide", "suspend", "resume",  "reopen", "reassign", "correct", "deliver",
    "appeal", "sign",   "leave",   "approve", "reject", "cancel",   "hold",    "erase",
    "invite", "join",   "confirm", "revoke",  "rotate", "enrol",    NULL};
static const char *const return_reasons[] = {
    "wrong_line", "wrong_area", "duplicate", "not_enough_info", "no_power", "out_of_scope", NULL};
static const char *const deliveries[] = {"delivered", "failed", "acknowledged", NULL};
static const char *const strike_states[] = {"draft",  "appealed", "signed",
                                            "lifted", "upheld",   NULL};
static const char *const leave_states[] = {"requested", "approved", "rejected", "cancelled", NULL};
static const char *const kinds[] = {"A", "B",  "F",  "K",  "H", "H2", "D1", "D2",
                                    "R", "S1", "S2", "SK", "X", "Z",  NULL};
static const char *const steps[] = {
    "dispatch", "unaccepted", "yellow1",       "yellow",      "red",           "blue",   "orange",
    "card",     "repeat",     "dispatch_late", "verify_late", "resume_notice", "resume", NULL};
static const char *const tells[] = {
    "owner", "owner_deputy", "B",  "tell", "Z", "D1", "D2", "R", "S1",
    "S2",    "SK",           "SZ", "K",    "H", "H2", "F",  "X", NULL};
static const char *const levels[] = {"city",      "district", "street", "community",
                                     "committee", "grid",     NULL};
static const char *const reasons[] = {"conflict",
                                      "unknown_area",
                                      "unknown_category",
                                      "unknown_person",
                                      "unknown_post",
                                      "unknown_incident",
                                      "state",
                                      "version",
                                      "not_owner",
                                      "not_checker",
                                      "own_work",
                                      "not_informed",
                                      "late",
                                      "both_away",
                                      "not_allowed",
                                      "no_owner",
                                      "no_stage",
                                      "calendar",
                                      "clock",
                                      "no_reason",
                                      "no_result",
                                      "bound",
                                      "barred",
                                      "linked",
                                      "not_downward",
                                      "pending",
                                      "nothing_asked",
                                      "too_many",
                                      "too_long",
                                      "not_told",
                                      "no_strike",
                                      "not_on_spot",
                                      "unknown_leave",
                                      "overlap",
                                      "no_right",
                                      "revoked",
                                      "unknown_device",
                                      "digits",
                                      "expired",
                                      "too_broad",
                                      NULL};

static const char *const roles[] = {"officer",    "dispatcher", "reader", "handler", "admin",
                                    "supervisor", "auditor",    "bridge", NULL};
static const char *const device_states[] = {"invited", "pending", "active", "revoked", NULL};

static void expect(const char *const *words, const char *(*name)(int), int (*parse)(struct gp_span),
                   const char *none)
{
    int number = 1;

    for (; words[number - 1] != NULL; number++) {
        const char *word = words[number - 1];
        assert_string_equal(name(number), word);
        if (parse != NULL && parse(gp_span_of(word)) != number)
            fail_msg("'%s' is not read as %d", word, number);
    }
    assert_string_equal(name(number), none); /* the list above is whole */
    assert_string_equal(name(-1), none);
    if (parse == NULL)
        return;
    assert_int_equal(parse(GP_SPAN("")), 0);
    assert_int_equal(parse((struct gp_span){0}), 0);
    assert_int_equal(parse(GP_SPAN("?")), 0);
    assert_int_equal(parse((struct gp_span){words[0], strlen(words[0]) + 1}), 0);
}

static void words_and_numbers(void **state)
{
    (void)state;
    expect(states, gp_state_name, gp_state_parse, "?");
    expect(whats, gp_what_name, gp_what_parse, "?");
    expect(paths, gp_path_name, gp_path_parse, "?");
    expect(verbs, gp_verb_name, gp_verb_parse, "?");
    expect(kinds, gp_post_kind_name, gp_post_kind_parse, "?");
    expect(steps, gp_step_name, gp_step_parse, "");
    expect(tells, gp_tell_name, gp_tell_parse, "?");
    expect(levels, gp_level_name, gp_level_parse, "?");
    expect(reasons, gp_reason_word, NULL, "?");
    expect(return_reasons, gp_return_reason_name, gp_return_reason_parse, "");
    expect(deliveries, gp_delivery_name, gp_delivery_parse, "");
    expect(leave_states, gp_leave_state_name, NULL, "?");
    expect(strike_states, gp_strike_state_name, NULL, "?");
    expect(roles, gp_role_name, gp_role_parse, "?");
    expect(device_states, gp_device_state_name, gp_device_state_parse, "?");
}

static void none_has_a_word_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(gp_step_name(GP_STEP_NONE), "");
    assert_string_equal(gp_state_name(GP_STATE_NONE), "?");
    assert_string_equal(gp_reason_word(GP_REASON_NONE), "ok");
    assert_string_equal(gp_reason_text(GP_REASON_NONE), "");
    assert_string_equal(gp_reason_text(999), "?");
}

static void an_appeals_text_says_what_became_of_the_strike(void **state)
{
    struct gp_entry entry = {.what = GP_WHAT_APPEALED, .subject = GP_SPAN("chen")};

    (void)state;
    assert_int_equal(gp_strike_state_said(&entry), 0); /* masked */
    entry.text = GP_SPAN("lifted: the limit was extended");
    assert_int_equal(gp_strike_state_said(&entry), GP_STRIKE_LIFTED);
    entry.actor = GP_SPAN("zhou");
    entry.text = GP_SPAN("granted: another must sign: gladly");
    assert_int_equal(gp_strike_state_said(&entry), GP_STRIKE_SIGNED);
    entry.text = GP_SPAN("granted: lifted");
    assert_int_equal(gp_strike_state_said(&entry), GP_STRIKE_LIFTED);
    entry.actor = GP_SPAN("chen"); /* whatever the subject writes */
    assert_int_equal(gp_strike_state_said(&entry), GP_STRIKE_APPEALED);
}

static void levels_have_chinese_words(void **state)
{
    static const char *const zh[] = {"市", "区县", "街道", "社区", "居委会", "网格"};

    (void)state;
    for (int level = GP_LEVEL_CITY; level <= GP_LEVEL_GRID; level++)
        assert_int_equal(gp_level_parse(gp_span_of(zh[level - 1])), level);
    assert_int_equal(gp_level_parse(GP_SPAN("村")), GP_LEVEL_NONE);
}

static void flags_are_single_bits(void **state)
{
    (void)state;
    assert_string_equal(gp_flag_name(1), "coalesced");
    assert_string_equal(gp_flag_name(2), "pending_extension");
    assert_string_equal(gp_flag_name(4), "provisional");
    assert_string_equal(gp_flag_name(8), "drill");
    assert_string_equal(gp_flag_name(16), "skew");
    assert_string_equal(gp_flag_name(3), "?");
    assert_string_equal(gp_flag_name(0), "?");
}

static void closed_and_void_are_not_open(void **state)
{
    (void)state;
    for (int i = GP_STATE_REPORTED; i <= GP_STATE_REOPENED; i++)
        assert_int_equal(gp_state_open(i), i != GP_STATE_CLOSED && i != GP_STATE_VOID);
    assert_false(gp_state_open(GP_STATE_NONE));
    assert_false(gp_state_open(GP_STATE_REOPENED + 1));
}

static void every_reason_has_a_sentence(void **state)
{
    (void)state;
    for (int i = GP_REASON_CONFLICT; i <= GP_REASON_TOO_BROAD; i++) {
        size_t len = strlen(gp_reason_text(i));
        assert_true(len > 10 && gp_reason_text(i)[len - 1] != '.');
    }
}

static void reaches_and_rates_are_read_back(void **state)
{
    (void)state;
    for (int reach = GP_REACH_ALL; reach < GP_REACH_END; reach++)
        assert_int_equal(gp_reach_parse(gp_span_of(gp_reach_name(reach))), reach);
    assert_int_equal(gp_reach_parse(GP_SPAN("village")), GP_REACH_NONE);
    for (int rate = 0; rate < GP_RATE_COUNT; rate++)
        assert_string_not_equal(gp_rate_name(rate), "?");
}

static void numbers_that_are_none_have_no_word(void **state)
{
    (void)state;
    assert_string_equal(gp_assess_by_name(GP_BY_NONE), "?");
    assert_string_equal(gp_figure_name(GP_FIGURE_NONE), "?");
    assert_string_equal(gp_figure_zh(GP_FIGURE_END), "?");
    assert_string_equal(gp_rate_name(GP_RATE_COUNT), "?");
    assert_string_equal(gp_rate_zh(GP_RATE_COUNT), "?");
    assert_string_equal(gp_reach_name(GP_REACH_NONE), "?");
    assert_string_equal(gp_reach_name(GP_REACH_END), "?");
    assert_false(gp_state_open(-1));
    assert_false(gp_state_open(32));
    assert_string_equal(gp_strike_verdict(GP_STRIKE_DRAFT), ""); /* nobody has ruled */
}

static void rates_have_chinese_words(void **state)
{
    (void)state;
    for (int rate = 0; rate < GP_RATE_COUNT; rate++) {
        assert_string_not_equal(gp_rate_zh(rate), "?");
        for (int other = 0; other < rate; other++)
            assert_string_not_equal(gp_rate_zh(rate), gp_rate_zh(other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_numbers),
        cmocka_unit_test(none_has_a_word_of_its_own),
        cmocka_unit_test(an_appeals_text_says_what_became_of_the_strike),
        cmocka_unit_test(levels_have_chinese_words),
        cmocka_unit_test(flags_are_single_bits),
        cmocka_unit_test(closed_and_void_are_not_open),
        cmocka_unit_test(every_reason_has_a_sentence),
        cmocka_unit_test(reaches_and_rates_are_read_back),
        cmocka_unit_test(numbers_that_are_none_have_no_word),
        cmocka_unit_test(rates_have_chinese_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
