/* Who may do what, and who is kept as having done it. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct may {
    const char *person;
    int reason;
};

/* Tries a verb for several people, each on the same incident. */
static void each_may(const char *when, enum gp_verb verb, const struct may *row, size_t count)
{
    static struct gp_incident before;

    before = play.incident;
    for (size_t i = 0; i < count; i++) {
        play.incident = before;
        int reason = play_do(&play, when, verb, row[i].person);
        if (reason != row[i].reason)
            fail_msg("%s by %s: %s, not %s", gp_verb_name(verb), row[i].person,
                     gp_reason_word(reason), gp_reason_word(row[i].reason));
    }
    play.incident = before;
}
#define EACH_MAY(when, verb, ...)                                                                  \
    do {                                                                                           \
        const struct may rows[] = {__VA_ARGS__};                                                   \
        each_may(when, verb, rows, COUNT(rows));                                                   \
    } while (0)

static void owners_people(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "s24"));
    for (int verb = GP_VERB_ACCEPT; verb <= GP_VERB_FINISH; verb++) {
        if (verb == GP_VERB_NOTE)
            continue;
        EACH_MAY("2026-06-01 08:05", (enum gp_verb)verb, {"li", 0}, {"zhao", 0},
                 {"zhang", GP_REASON_NOT_OWNER}, {"chen", GP_REASON_NOT_OWNER},
                 {"wang", GP_REASON_NOT_OWNER}, {"stranger", GP_REASON_UNKNOWN_PERSON});
        (void)play_do(&play, "2026-06-01 08:05", (enum gp_verb)verb, "zhang");
        if (verb == GP_VERB_ACCEPT)
            solo_says("owner is A-shizheng-340705006001");
    }
}

/* The stand-in named in a leave is the effective person; before and after it is a stranger. */
static void stand_in_acts(void **state)
{
    (void)state;
    town_leave(&town, "li", "wu", "2026-06-01 00:00", "2026-06-02 00:00");
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "l5"));
    EACH_MAY("2026-06-01 08:05", GP_VERB_ACCEPT, {"wu", 0}, {"zhao", 0},
             {"li", GP_REASON_NOT_OWNER});
    EACH_MAY("2026-06-02 08:05", GP_VERB_ACCEPT, {"wu", GP_REASON_NOT_OWNER}, {"li", 0});
}

static void after_a_handover(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n2"));
    play_until(&play, "2026-06-01 10:00");
    assert_true(gp_span_is(play.incident.owner, "F-SZ"));
    assert_true(gp_span_is(play.incident.assistant, "A-shizheng-340705006001"));
    EACH_MAY("2026-06-01 10:01", GP_VERB_ACCEPT, {"chen", 0}, {"chu", 0},
             {"li", GP_REASON_NOT_OWNER});
    EACH_MAY("2026-06-01 10:01", GP_VERB_FINISH, {"chen", 0}, {"li", 0}, {"zhao", 0},
             {"zhang", GP_REASON_NOT_OWNER});
    solo_must(play_do(&play, "2026-06-01 10:05", GP_VERB_ACCEPT, "chen"));
    EACH_MAY("2026-06-01 10:06", GP_VERB_FINISH, {"chen", 0}, {"li", GP_REASON_NOT_OWNER});
    EACH_MAY("2026-06-01 10:06", GP_VERB_NOTE, {"li", 0}, {"chen", 0});
}

/* An accepted incident that is handed over waits to be accepted again. */
static void handed_over_once_accepted(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n2"));
    solo_must(play_do(&play, "2026-06-01 08:10", GP_VERB_ACCEPT, "li"));
    play_until(&play, "2026-06-01 10:00");
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    EACH_MAY("2026-06-01 10:01", GP_VERB_FINISH, {"chen", 0}, {"li", 0});
    solo_must(play_do(&play, "2026-06-01 10:05", GP_VERB_ACCEPT, "chen"));
    assert_true(gp_span_is(play.incident.acceptor, "chen"));
}

static void who_notes(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "cao", TOWN_GRID, "n4"));
    EACH_MAY("2026-06-01 08:05", GP_VERB_NOTE, {"cao", 0}, /* who reported it */
             {"li", 0}, {"zhao", 0}, {"zhang", 0}, {"wang", 0}, {"qian", 0}, {"sun", 0},
             {"zheng", 0}, {"zhou", 0}, {"wu", 0}, {"feng", 0}, {"chen", 0}, {"chu", 0}, {"wei", 0},
             {"jiang", 0}, {"he", GP_REASON_NOT_ALLOWED}, {"yang", GP_REASON_NOT_ALLOWED});
}

static void who_verifies_and_closes(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_FINISH, "zhao"));
    EACH_MAY("2026-06-01 08:10", GP_VERB_VERIFY, {"zheng", 0}, {"wu", 0}, {"wang", 0}, {"qian", 0},
             {"li", GP_REASON_NOT_CHECKER}, {"chen", GP_REASON_NOT_CHECKER},
             {"zhao", GP_REASON_OWN_WORK});
    solo_must(play_do(&play, "2026-06-01 08:15", GP_VERB_VERIFY, "wang"));
    EACH_MAY("2026-06-01 08:20", GP_VERB_CLOSE, {"zheng", 0}, {"wang", 0}, {"qian", 0}, {"chu", 0},
             {"chen", 0}, {"li", GP_REASON_NOT_ALLOWED}, {"shen", GP_REASON_NOT_ALLOWED});
}

/* A checker who finished it as somebody's deputy may still not verify. */
static void checker_who_finished(void **state)
{
    (void)state;
    town_leave(&town, "li", "wang", "2026-06-01 00:00", "2026-06-02 00:00");
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_FINISH, "wang"));
    EACH_MAY("2026-06-01 08:10", GP_VERB_VERIFY, {"wang", GP_REASON_OWN_WORK}, {"zheng", 0});
    solo_must(play_do(&play, "2026-06-01 08:10", GP_VERB_VERIFY, "zheng"));
}

static void who_files(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "m4"));
    assert_int_equal(play.incident.state, GP_STATE_REPORTED);
    play_expect(&play, "06-01 08:00 reported\n");
    EACH_MAY("2026-06-01 09:00", GP_VERB_FILE, {"zheng", 0}, {"wu", 0}, {"wang", 0},
             {"li", GP_REASON_NOT_ALLOWED}, {"feng", GP_REASON_NOT_ALLOWED});
    play_skip(&play);
    solo_must(play_do(&play, "2026-06-01 10:00", GP_VERB_FILE, "zheng"));
    play_expect(&play, "06-01 10:00 filed\n"
                       "06-01 10:00 dispatched -> A-shizheng-340705006001 due 06-01 16:00\n"
                       "06-01 10:00 dispatch: li(A) zhang(B)\n");
    assert_true(
        gp_span_is(play_last(&play, GP_WHAT_FILED, GP_STEP_NONE)->actor_post, "SK-340705006"));
    assert_true(gp_span_is(play_last(&play, GP_WHAT_FILED, GP_STEP_NONE)->actor, "zheng"));
    assert_int_equal(play_last(&play, GP_WHAT_STEP, GP_STEP_DISPATCH)->actor.len, 0);
}

/* Every transition keeps actor, post and time. */
static void actors_are_kept(void **state)
{
    static const struct {
        enum gp_verb verb;
        enum gp_what what;
        const char *by, *post;
    } line[] = {
        {GP_VERB_ACCEPT, GP_WHAT_ACCEPTED, "zhao", "A-shizheng-340705006001"},
        {GP_VERB_FINISH, GP_WHAT_FINISHED, "li", "A-shizheng-340705006001"},
        {GP_VERB_VERIFY, GP_WHAT_VERIFIED, "wang", "D2-340705006001"},
        {GP_VERB_INFORM, GP_WHAT_INFORMED, "zhang", "B-340705006001002"},
        {GP_VERB_CLOSE, GP_WHAT_CLOSED, "chu", "K-SZ"},
    };
    char when[] = "2026-06-01 08:01";

    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "i4"));
    for (size_t i = 0; i < COUNT(line); i++, when[15]++) {
        solo_must(play_do(&play, when, line[i].verb, line[i].by));
        const struct gp_entry *entry = play_last(&play, line[i].what, GP_STEP_NONE);
        assert_true(gp_span_is(entry->actor, line[i].by));
        assert_true(gp_span_is(entry->actor_post, line[i].post));
        assert_int_equal(entry->at_ms, town_at(when));
    }
    assert_true(gp_span_is(play.incident.acceptor, "zhao"));
    assert_true(gp_span_is(play.incident.finisher[0], "li"));
    assert_int_equal(play.incident.accepted_ms, town_at("2026-06-01 08:01"));
    assert_int_equal(play.incident.finished_ms, town_at("2026-06-01 08:02"));
    assert_int_equal(play.incident.verified_ms, town_at("2026-06-01 08:03"));
    assert_int_equal(play.incident.closed_ms, town_at("2026-06-01 08:05"));
}

static void finish_implies_accept(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_FINISH, "zhao"));
    assert_true(gp_span_is(play.incident.acceptor, "zhao"));
    assert_int_equal(play.incident.accepted_ms, town_at("2026-06-01 08:05"));
    solo_begin(state);
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_ACCEPT, "li"));
    solo_must(play_do(&play, "2026-06-01 08:10", GP_VERB_FINISH, "zhao"));
    assert_true(gp_span_is(play.incident.acceptor, "li"));
    assert_int_equal(play.incident.accepted_ms, town_at("2026-06-01 08:05"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(owners_people, solo_begin),
        cmocka_unit_test_setup(stand_in_acts, solo_begin),
        cmocka_unit_test_setup(after_a_handover, solo_begin),
        cmocka_unit_test_setup(handed_over_once_accepted, solo_begin),
        cmocka_unit_test_setup(who_notes, solo_begin),
        cmocka_unit_test_setup(who_verifies_and_closes, solo_begin),
        cmocka_unit_test_setup(checker_who_finished, solo_begin),
        cmocka_unit_test_setup(who_files, solo_begin),
        cmocka_unit_test_setup(actors_are_kept, solo_begin),
        cmocka_unit_test_setup(finish_implies_accept, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
