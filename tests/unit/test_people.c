/* Commands about people: who may ask, sign, reject and cancel a leave (R18), who fills a post, and
 * what each of them writes. */
#include "core/decide.h"
#include "core/standing.h"
#include "lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define NOW "2026-06-15 09:00"

static struct town town;
static struct gp_decision decision;
static struct gp_leave_record record; /* the newest, as the store would have it */

static int begin(void **state)
{
    (void)state;
    town_build(&town);
    memset(&record, 0, sizeof record);
    return 0;
}

/* Decides at an instant; what is written becomes the stored record. */
static int decide_at(const char *now, const struct gp_command *command)
{
    struct gp_leave_record before = record;
    const struct gp_scene scene = {
        .org = &town.org,
        .now_ms = town_at(now),
        .leave = before.id != 0 ? &before : NULL,
        .new_leave_id = 7,
        .new_tenure_id = 3,
    };

    gp_decide(&scene, command, &decision);
    assert_int_equal(decision.reason == GP_REASON_NONE, decision.entry_count > 0);
    if (decision.entry_count > 0 && decision.entry[decision.entry_count - 1].leave.id != 0)
        record = decision.entry[decision.entry_count - 1].leave;
    return decision.reason;
}

static int ask(const char *by, const char *person, const char *from, const char *to)
{
    const struct gp_command command = {
        .verb = GP_VERB_LEAVE,
        .actor = gp_span_of(by),
        .person = gp_span_of(person),
        .from_ms = town_at(from),
        .to_ms = town_at(to),
    };

    memset(&record, 0, sizeof record);
    return decide_at(NOW, &command);
}

static int act(enum gp_verb verb, const char *by)
{
    const struct gp_command command = {.verb = (uint8_t)verb, .actor = gp_span_of(by), .leave = 7};
    return decide_at(NOW, &command);
}

static int override(enum gp_verb verb, const char *by, const char *reason)
{
    const struct gp_command command = {.verb = (uint8_t)verb,
                                       .actor = gp_span_of(by),
                                       .leave = 7,
                                       .override_reason = gp_span_of(reason)};
    return decide_at(NOW, &command);
}

static const struct gp_entry *last(void)
{
    return &decision.entry[decision.entry_count - 1];
}

static void says(const char *words)
{
    if (strstr(decision.detail, words) == NULL)
        fail_msg("'%s' is not in '%s'", words, decision.detail);
}

static bool text_has(const struct gp_entry *entry, const char *words)
{
    char text[600];

    (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(entry->text));
    return strstr(text, words) != NULL;
}

static void tells(const char *expected)
{
    char text[300] = "";
    size_t used = 0;

    for (uint8_t i = 0; i < last()->recipient_count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s(%s)", i > 0 ? " " : "",
                                 GP_SPAN_ARG(last()->recipient[i].person),
                                 last()->recipient[i].capacity);
    assert_string_equal(text, expected);
}

/* ---------------------------------------------------------------- asking */

static void asked_for_oneself(void **state)
{
    (void)state;
    assert_int_equal(ask("zhang", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(last()->what, GP_WHAT_LEAVE);
    assert_int_equal(record.id, 7);
    assert_int_equal(record.state, GP_LEAVE_REQUESTED);
    assert_true(gp_span_is(last()->subject, "zhang"));
    assert_true(text_has(last(), "zhang 2026-06-16..2026-06-16 requested"));
    tells("qian(D1) sun(R) zhou(S1)");
}

static void asked_for_somebody_else(void **state)
{
    (void)state;
    assert_int_equal(ask("qian", "zhang", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
    assert_int_equal(ask("zheng", "zhang", "2026-06-16 00:00", "2026-06-17 00:00"), 0); /* SK */
    assert_int_equal(ask("li", "zhang", "2026-06-16 00:00", "2026-06-17 00:00"),
                     GP_REASON_NOT_ALLOWED);
    assert_int_equal(ask("kong", "zhang", "2026-06-16 00:00", "2026-06-17 00:00"),
                     GP_REASON_NOT_ALLOWED); /* D1 of another community */
    assert_int_equal(ask("li", "nobody", "2026-06-16 00:00", "2026-06-17 00:00"),
                     GP_REASON_UNKNOWN_PERSON);
}

static void intervals(void **state)
{
    (void)state;
    assert_int_equal(ask("li", "", "2026-06-17 00:00", "2026-06-16 00:00"), GP_REASON_TOO_LONG);
    assert_int_equal(ask("li", "", "2026-06-17 00:00", "2026-06-17 00:00"), GP_REASON_TOO_LONG);
    assert_int_equal(ask("li", "", "2026-06-17 00:00", "2027-07-01 00:00"), GP_REASON_TOO_LONG);
    assert_int_equal(ask("li", "", "2026-06-14 00:00", NOW), GP_REASON_LATE);
    assert_int_equal(ask("li", "", "2026-06-14 08:59", "2026-06-20 00:00"), GP_REASON_LATE);
    assert_int_equal(ask("li", "", "2026-06-15 00:00", "2026-06-16 00:00"), 0); /* ill today */
}

static void own_leaves_do_not_overlap(void **state)
{
    (void)state;
    town_leave(&town, "li", NULL, "2026-06-17 00:00", "2026-06-19 00:00");
    assert_int_equal(ask("li", "", "2026-06-18 00:00", "2026-06-20 00:00"), GP_REASON_OVERLAP);
    says("2026-06-17..2026-06-18");
    town.leaves[0].approved = false; /* requested ones clash too */
    assert_int_equal(ask("li", "", "2026-06-18 00:00", "2026-06-20 00:00"), GP_REASON_OVERLAP);
    assert_int_equal(ask("li", "", "2026-06-19 00:00", "2026-06-20 00:00"), 0);
    assert_int_equal(ask("zhang", "", "2026-06-18 00:00", "2026-06-20 00:00"), 0);
}

static void standins(void **state)
{
    struct gp_command command = {
        .verb = GP_VERB_LEAVE,
        .actor = GP_SPAN("li"),
        .standin = GP_SPAN("li"),
        .from_ms = town_at("2026-06-17 00:00"),
        .to_ms = town_at("2026-06-18 00:00"),
    };

    (void)state;
    assert_int_equal(decide_at(NOW, &command), GP_REASON_NOT_ALLOWED);
    command.standin = GP_SPAN("nobody");
    assert_int_equal(decide_at(NOW, &command), GP_REASON_UNKNOWN_PERSON);
    command.standin = GP_SPAN("zhao");
    assert_int_equal(decide_at(NOW, &command), 0);
    assert_true(gp_span_is(record.standin, "zhao"));
}

/* ---------------------------------------------------------------- signing */

/* The table of standing.h, for leaves of two and of four days. */
static void who_signs(void **state)
{
    static const struct {
        const char *person, *brief, *longer;
    } table[] = {
        {"li", "qian sun zhou qin wang", "sun zhou qin"}, /* A, B; wang deputizes for D1 */
        {"zhang", "qian sun zhou qin wang", "sun zhou qin"},
        {"qian", "sun zhou qin", "sun zhou qin"}, /* D1: leader, and the party secretary */
        {"wang", "sun wu", "sun wu"},             /* D2: and the mayor */
        {"sun", "zhou feng qin xu", "zhou feng qin xu"},
        {"wu", "zhou feng qin xu", "zhou feng qin xu"},
        {"zhou", "feng qin xu", "feng qin xu"},
        {"chen", "wei jiang", "wei jiang"}, /* F */
        {"wei", "jiang zhou qin feng xu", "jiang zhou qin feng xu"},
        {"kong", "cao qin", "cao qin"}, /* no street: the district's */
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (uint32_t p = 0; p < TOWN_PERSONS; p++) {
            struct gp_standing standing =
                gp_standing_of(&town.org, town_person(&town, table[i].person), town_at(NOW));
            char word[40], list[80];
            for (int longer = 0; longer < 2; longer++) {
                (void)snprintf(word, sizeof word, " %.*s ", GP_SPAN_ARG(town.persons[p].id));
                (void)snprintf(list, sizeof list, " %s ",
                               longer ? table[i].longer : table[i].brief);
                bool may = gp_leave_signs(&town.org, &standing, longer, p, town_at(NOW)) != 0;
                if (may != (strstr(list, word) != NULL))
                    fail_msg("%s for %s of %s leave: %d", word, table[i].person,
                             longer ? "long" : "brief", may);
            }
        }
    }
}

static void brief_leave_needs_one(void **state)
{
    (void)state;
    assert_int_equal(ask("qian", "", "2026-06-16 00:00", "2026-06-19 00:00"), 0); /* 3 days */
    assert_int_equal(act(GP_VERB_APPROVE, "qian"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_APPROVE, "wang"), GP_REASON_NOT_ALLOWED);
    says("R-340705006001");
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
    tells("qian(leave)");
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), GP_REASON_STATE);
}

static void longer_leave_of_the_pair_needs_two(void **state)
{
    (void)state;
    assert_int_equal(ask("wang", "", "2026-06-16 00:00", "2026-06-20 00:00"), 0); /* 4 days */
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), GP_REASON_NOT_ALLOWED); /* for D2: the mayor */
    assert_int_equal(act(GP_VERB_APPROVE, "wu"), 0);
    assert_int_equal(record.state, GP_LEAVE_REQUESTED);
    assert_true(gp_span_is(record.first_approver, "wu"));
    assert_int_equal(act(GP_VERB_APPROVE, "wu"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

static void one_person_never_signs_for_both(void **state)
{
    (void)state;
    town_vacate(&town, "R-340705006001"); /* the party secretary is the linked leader as well */
    town_hold(&town, "R-340705006001", "zhou", TOWN_ALWAYS);
    assert_int_equal(ask("qian", "", "2026-06-16 00:00", "2026-06-20 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), 0);
    assert_int_equal(record.state, GP_LEAVE_REQUESTED);
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_APPROVE, "qin"), 0); /* the district's */
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

static void vacant_signatures_are_not_needed(void **state)
{
    (void)state;
    town_vacate(&town, "R-340705006001");
    assert_int_equal(ask("qian", "", "2026-06-16 00:00", "2026-06-20 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

static void rejected(void **state)
{
    (void)state;
    assert_int_equal(act(GP_VERB_REJECT, "sun"), GP_REASON_UNKNOWN_LEAVE);
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
    assert_int_equal(act(GP_VERB_REJECT, "zhang"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_REJECT, "qian"), 0);
    assert_int_equal(record.state, GP_LEAVE_REJECTED);
    assert_int_equal(act(GP_VERB_APPROVE, "qian"), GP_REASON_STATE);
    says("rejected");
}

static void cancelled_before_and_after_it_began(void **state)
{
    const struct gp_command cancel = {.verb = GP_VERB_CANCEL, .actor = GP_SPAN("li"), .leave = 7};

    (void)state;
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-18 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "qian"), 0);
    struct gp_leave_record approved = record;
    assert_int_equal(act(GP_VERB_CANCEL, "zhang"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(decide_at("2026-06-15 18:00", &cancel), 0);
    assert_int_equal(record.state, GP_LEAVE_CANCELLED);
    assert_false(record.begun);
    assert_int_equal(decide_at("2026-06-15 18:00", &cancel), GP_REASON_STATE);

    record = approved;
    assert_int_equal(decide_at("2026-06-17 09:00", &cancel), 0);
    assert_int_equal(record.state, GP_LEAVE_CANCELLED);
    assert_true(record.begun);
    assert_int_equal(record.to_ms, town_at("2026-06-17 09:00"));

    record = approved;
    assert_int_equal(decide_at("2026-06-18 00:00", &cancel), GP_REASON_LATE);
}

/* ---------------------------------------------------------------- the pair, warnings */

static void both_away(void **state)
{
    (void)state;
    town_leave(&town, "qian", NULL, "2026-06-17 00:00", "2026-06-19 00:00");
    assert_int_equal(ask("wang", "", "2026-06-18 00:00", "2026-06-19 00:00"), GP_REASON_BOTH_AWAY);
    says("leave of qian, 2026-06-17..2026-06-18");
    assert_int_equal(ask("wang", "", "2026-06-19 00:00", "2026-06-20 00:00"), 0);
    assert_int_equal(ask("kong", "", "2026-06-18 00:00", "2026-06-19 00:00"), 0); /* elsewhere */
    town.leaves[0].approved = false;
    assert_int_equal(ask("wang", "", "2026-06-18 00:00", "2026-06-19 00:00"), GP_REASON_BOTH_AWAY);
}

static void override_is_audited_and_holds(void **state)
{
    (void)state;
    assert_int_equal(ask("wang", "", "2026-06-18 00:00", "2026-06-19 00:00"), 0);
    town_leave(&town, "qian", NULL, "2026-06-17 00:00", "2026-06-19 00:00");
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), GP_REASON_BOTH_AWAY);
    assert_int_equal(override(GP_VERB_APPROVE, "sun", "wedding"), 0);
    assert_int_equal(decision.entry_count, 2);
    assert_int_equal(decision.entry[0].what, GP_WHAT_AUDIT);
    assert_true(text_has(&decision.entry[0], "wedding"));
    assert_false(decision.entry[0].personal); /* that the pair was allowed stays for good */
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
    assert_true(gp_span_is(record.override_reason, "wedding"));
}

static void warnings_do_not_refuse(void **state)
{
    (void)state;
    town_leave(&town, "li", NULL, "2026-03-02 00:00", "2026-03-20 00:00"); /* 18 days */
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-18 00:00"), 0);
    assert_false(text_has(last(), "days of leave")); /* 20 */
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-19 00:00"), 0);
    assert_true(text_has(last(), "warning: 21 days of leave in 2026"));
    assert_int_equal(ask("li", "", "2027-01-01 00:00", "2027-01-04 00:00"), 0);
    assert_false(text_has(last(), "days of leave"));
    town_duty(&town, TOWN_COMMUNITY, "li", "2026-06-17 18:00", "2026-06-18 08:00");
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-18 00:00"), 0);
    assert_true(text_has(last(), "warning: on duty in 340705006001 from 2026-06-17T18:00"));
}

/* ---------------------------------------------------------------- holding */

static int hold(const char *by, const char *post, const char *person)
{
    const struct gp_command command = {.verb = GP_VERB_HOLD,
                                       .actor = gp_span_of(by),
                                       .post = gp_span_of(post),
                                       .person = gp_span_of(person)};
    return decide_at(NOW, &command);
}

static void who_fills(void **state)
{
    (void)state;
    assert_int_equal(hold("qian", "B-340705006001002", "li"), 0);
    assert_int_equal(hold("qian", "R-340705006001", "li"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(hold("qian", "B-340705402001001", "li"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(hold("zhou", "R-340705006001", "li"), 0);
    assert_int_equal(hold("zhou", "D1-340705402", "li"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(hold("qin", "D1-340705402", "li"), 0); /* the district's S1 */
    assert_int_equal(hold("jiang", "K-SZ", "li"), 0);
    assert_int_equal(hold("jiang", "K-XF", "li"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(hold("feng", "K-XF", "li"), 0); /* X */
    assert_int_equal(hold("li", "K-XF", "li"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(hold("feng", "K-XX", "li"), GP_REASON_UNKNOWN_POST);
    assert_int_equal(hold("feng", "K-XF", "nobody"), GP_REASON_UNKNOWN_PERSON);
}

/* What an assessment of the past counts by must not change. */
static void a_hold_begins_a_day_ago_at_the_earliest(void **state)
{
    struct gp_command command = {.verb = GP_VERB_HOLD,
                                 .actor = GP_SPAN("qian"),
                                 .post = GP_SPAN("B-340705006001002"),
                                 .person = GP_SPAN("li"),
                                 .from_ms = town_at("2026-06-14 09:00")};

    (void)state;
    assert_int_equal(decide_at(NOW, &command), 0);
    command.from_ms--;
    assert_int_equal(decide_at(NOW, &command), GP_REASON_LATE);
}

static void what_a_hold_writes(void **state)
{
    (void)state;
    assert_int_equal(hold("qian", "B-340705006001002", "li"), 0);
    assert_int_equal(last()->what, GP_WHAT_AUDIT);
    assert_true(gp_span_is(last()->subject, "B-340705006001002"));
    assert_int_equal(last()->tenure.id, 3);
    assert_int_equal(last()->tenure.from_ms, town_at(NOW));
    assert_int_equal(last()->tenure.to_ms, INT64_MAX);
    tells("li(B) zhang(B)");
    assert_int_equal(hold("qian", "B-340705006001002", ""), 0);
    assert_true(text_has(last(), "vacant"));
    assert_int_equal(last()->tenure.person.len, 0);
    tells("zhang(B)");
}

/* Weekly or once: only a duty within the leave is missed. */
static void a_duty_at_another_time_is_no_warning(void **state)
{
    (void)state;
    town_no_duty(&town);
    town_duty(&town, TOWN_COMMUNITY, "li", "2026-06-20 18:00", "2026-06-21 08:00");
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-18 00:00"), 0);
    assert_false(text_has(last(), "on duty"));
    town_no_duty(&town);
    town_duty(&town, TOWN_COMMUNITY, "li", "2026-06-17 00:00", "2026-06-18 00:00");
    town.shifts[0].weekdays = 0x7f;
    town.shifts[0].from_ms = 18 * (int32_t)GP_MS_HOUR;
    town.shifts[0].to_ms = 8 * (int32_t)GP_MS_HOUR;
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-17 12:00"), 0);
    assert_false(text_has(last(), "on duty")); /* the evening before the roster begins counts not */
    town.shifts[0].valid_to_ms = town_at("2026-06-17 12:00");
    assert_int_equal(ask("li", "", "2026-06-16 00:00", "2026-06-20 00:00"), 0);
    assert_false(text_has(last(), "on duty")); /* nor one that would begin behind its end */
}

static void a_hold_has_a_future(void **state)
{
    struct gp_command command = {.verb = GP_VERB_HOLD,
                                 .actor = GP_SPAN("qian"),
                                 .post = GP_SPAN("B-340705006001002"),
                                 .person = GP_SPAN("li"),
                                 .from_ms = town_at("2026-06-16 00:00"),
                                 .to_ms = town_at("2026-06-16 00:00")};

    (void)state;
    assert_int_equal(decide_at(NOW, &command), GP_REASON_TOO_LONG);
    says("ends before it begins");
    command.from_ms = town_at("2026-06-14 10:00");
    command.to_ms = town_at(NOW);
    assert_int_equal(decide_at(NOW, &command), GP_REASON_TOO_LONG);
    command.to_ms++;
    assert_int_equal(decide_at(NOW, &command), 0);
}

/* Whoever is in people.csv with a department and holds nothing has that department's heads sign. */
static void somebody_of_a_department_without_a_post(void **state)
{
    (void)state;
    town.persons[town_person(&town, "zhao")].department = 1; /* SZ */
    assert_int_equal(ask("zhao", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "qian"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_APPROVE, "jin"), GP_REASON_NOT_ALLOWED); /* another's head */
    assert_int_equal(act(GP_VERB_APPROVE, "wei"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

/* The second signature for D2's longer leave is S2's, where that post is vacant S1's, where both
 * are nobody's. */
static void vacant_heads(void **state)
{
    (void)state;
    town_vacate(&town, "S2-340705006");
    assert_int_equal(ask("wang", "", "2026-06-16 00:00", "2026-06-21 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), 0);
    assert_int_equal(record.state, GP_LEAVE_REQUESTED);
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
    town_vacate(&town, "S1-340705006");
    town_vacate(&town, "S1-340705");
    assert_int_equal(ask("wang", "", "2026-06-16 00:00", "2026-06-21 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "sun"), 0);
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

/* Where nobody above is left, any street's head or supervision signs: a leave is never stuck. */
static void nobody_above_is_left(void **state)
{
    static const char *const above[] = {"R-340705402", "S1-340705"};

    (void)state;
    for (size_t i = 0; i < sizeof above / sizeof above[0]; i++)
        town_vacate(&town, above[i]);
    assert_int_equal(ask("kong", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
    assert_int_equal(act(GP_VERB_APPROVE, "qian"), GP_REASON_NOT_ALLOWED);
    assert_int_equal(act(GP_VERB_APPROVE, "zhou"), 0); /* another street's */
    assert_int_equal(record.state, GP_LEAVE_APPROVED);
}

/* D1 of a community that its row does not name is half of no pair. */
static void a_secretary_of_nowhere_has_no_partner(void **state)
{
    (void)state;
    town.posts[town_post(&town, "D1-340705006001")].area_count = 0;
    town_leave(&town, "wang", NULL, "2026-06-16 00:00", "2026-06-17 00:00");
    assert_int_equal(ask("qian", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
}

/* What two texts of one decision have room for is cut, and no text is begun where none is left. */
static void texts_made_up_are_cut_where_the_room_ends(void **state)
{
    static char reason[GP_DRAFT_BYTES_MAX + 4];

    for (size_t width = 1; width <= 3; width += 2) {
        begin(state);
        memset(reason, 0, sizeof reason);
        for (size_t i = 0; i < GP_DRAFT_BYTES_MAX; i += width)
            memcpy(reason + i, width == 1 ? "x" : "井", width);
        assert_int_equal(ask("qian", "", "2026-06-16 00:00", "2026-06-17 00:00"), 0);
        town_leave(&town, "wang", NULL, "2026-06-16 00:00", "2026-06-17 00:00");
        assert_int_equal(override(GP_VERB_APPROVE, "sun", reason), 0);
        assert_int_equal(decision.entry_count, 2);
        assert_true(decision.entry[0].text.len >= GP_DRAFT_BYTES_MAX - 4);
        assert_true(gp_utf8_valid(decision.entry[0].text));
        assert_true(decision.entry[1].text.len <= 2);
        assert_int_equal(record.state, GP_LEAVE_APPROVED);
    }
}

/* R6: the post keeps the incident; who stands in hears of it. */
static void the_work_of_who_is_away_is_told_to_who_stands_in(void **state)
{
    const struct gp_leave_record leave = {.id = 7, .person = GP_SPAN("li")};
    const struct gp_incident incident = {.id = 5,
                                         .state = GP_STATE_ACCEPTED,
                                         .area = town.areas[4].ref,
                                         .owner = GP_SPAN("A-shizheng-340705006001")};
    const struct gp_scene scene = {.org = &town.org,
                                   .now_ms = town_at("2026-06-16 00:00"),
                                   .incident = &incident,
                                   .leave = &leave};

    (void)state;
    town_leave(&town, "li", "chen", "2026-06-16 00:00", "2026-06-17 00:00");
    gp_decide_owner_shift(&scene, &decision);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(last()->what, GP_WHAT_OWNER_SHIFT);
    assert_int_equal(last()->leave.shifted, 5);
    assert_true(gp_span_is(last()->subject, "li"));
    assert_true(gp_span_equal(decision.after.owner, incident.owner));
    tells("chen(A)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(asked_for_oneself, begin),
        cmocka_unit_test_setup(asked_for_somebody_else, begin),
        cmocka_unit_test_setup(intervals, begin),
        cmocka_unit_test_setup(own_leaves_do_not_overlap, begin),
        cmocka_unit_test_setup(standins, begin),
        cmocka_unit_test_setup(who_signs, begin),
        cmocka_unit_test_setup(brief_leave_needs_one, begin),
        cmocka_unit_test_setup(longer_leave_of_the_pair_needs_two, begin),
        cmocka_unit_test_setup(one_person_never_signs_for_both, begin),
        cmocka_unit_test_setup(vacant_signatures_are_not_needed, begin),
        cmocka_unit_test_setup(rejected, begin),
        cmocka_unit_test_setup(cancelled_before_and_after_it_began, begin),
        cmocka_unit_test_setup(both_away, begin),
        cmocka_unit_test_setup(override_is_audited_and_holds, begin),
        cmocka_unit_test_setup(warnings_do_not_refuse, begin),
        cmocka_unit_test_setup(who_fills, begin),
        cmocka_unit_test_setup(a_hold_begins_a_day_ago_at_the_earliest, begin),
        cmocka_unit_test_setup(what_a_hold_writes, begin),
        cmocka_unit_test_setup(a_duty_at_another_time_is_no_warning, begin),
        cmocka_unit_test_setup(a_hold_has_a_future, begin),
        cmocka_unit_test_setup(somebody_of_a_department_without_a_post, begin),
        cmocka_unit_test_setup(vacant_heads, begin),
        cmocka_unit_test_setup(nobody_above_is_left, begin),
        cmocka_unit_test_setup(a_secretary_of_nowhere_has_no_partner, begin),
        cmocka_unit_test_setup(texts_made_up_are_cut_where_the_room_ends, begin),
        cmocka_unit_test_setup(the_work_of_who_is_away_is_told_to_who_stands_in, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
