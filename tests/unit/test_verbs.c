/* Commands: every pair of state and verb, what a refusal says, what must come before a close. */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- state x verb */

/* DOMAIN section 8 as a picture: what each state allows, as a refusal says it. Where a verb leads
 * is each verb's own test. */
static const struct {
    uint8_t state;
    const char *allowed;
} picture[] = {
    {GP_STATE_REPORTED, "file note void link correct"},
    {GP_STATE_DISPATCHED, "accept note stage finish inform void link return consent refuse extend "
                          "decide suspend reassign correct"},
    {GP_STATE_ACCEPTED,
     "note stage finish inform link return consent extend decide suspend reassign correct"},
    {GP_STATE_REWORK, "note stage finish inform link extend decide suspend reassign correct"},
    {GP_STATE_REOPENED,
     "accept note stage finish inform link extend decide suspend reassign correct"},
    {GP_STATE_FINISHED, "note verify inform"},
    {GP_STATE_VERIFIED, "note inform close"},
    {GP_STATE_FILED, "nothing"},
    {GP_STATE_CLOSED, "reopen erase"},
    {GP_STATE_VOID, "erase"},
    {GP_STATE_DUPLICATE, "note unlink"},
    {GP_STATE_RETURNED, "note void link rule refuse correct"},
    {GP_STATE_ARBITRATION, "note finish void link rule refuse correct"},
    {GP_STATE_SUSPENDED, "note resume"},
};

static bool allows(size_t row, enum gp_verb verb)
{
    char word[40], list[200];

    if (verb == GP_VERB_DELIVER || verb == GP_VERB_APPEAL || verb == GP_VERB_SIGN)
        return picture[row].state != GP_STATE_FILED; /* go without saying */
    (void)snprintf(word, sizeof word, " %s ", gp_verb_name(verb));
    (void)snprintf(list, sizeof list, " %s ", picture[row].allowed);
    return strstr(list, word) != NULL;
}

#define MORNING "2026-06-01 09:00"

static void act(const char *by, struct gp_command command)
{
    solo_must(play_command(&play, MORNING, by, &command));
}

/* The main line, up to a state. */
static void main_line(uint8_t state)
{
    static const struct {
        enum gp_verb verb;
        uint8_t state;
        const char *by;
    } way[] = {
        {GP_VERB_FILE, GP_STATE_DISPATCHED, "zheng"}, {GP_VERB_ACCEPT, GP_STATE_ACCEPTED, "li"},
        {GP_VERB_FINISH, GP_STATE_FINISHED, "li"},    {GP_VERB_VERIFY, GP_STATE_VERIFIED, "wang"},
        {GP_VERB_CLOSE, GP_STATE_CLOSED, "wang"},
    };

    town_row(&town, "s24")->manual_filing = true;
    solo_must(play_report(&play, MORNING, "zhang", TOWN_GRID, "s24"));
    for (size_t i = 0; i < COUNT(way) && play.incident.state != state; i++)
        solo_must(play_do(&play, MORNING, way[i].verb, way[i].by));
}

static void give_back_once(const char *by)
{
    act(by, (struct gp_command){.verb = GP_VERB_RETURN,
                                .return_reason = GP_RETURN_WRONG_LINE,
                                .post = GP_SPAN("K-SZ")});
}

static struct gp_incident main_incident;

/* Brings the incident into a state, by commands; `filed` lasts no longer than a transaction. */
static void bring_to(uint8_t state)
{
    const struct gp_span why = GP_SPAN("because");

    switch ((enum gp_state)state) {
    case GP_STATE_VOID:
        main_line(GP_STATE_DISPATCHED);
        act("zheng", (struct gp_command){.verb = GP_VERB_VOID, .text = why});
        break;
    case GP_STATE_DUPLICATE:
        main_line(GP_STATE_ACCEPTED);
        main_incident = (struct gp_incident){.id = 1, .state = GP_STATE_ACCEPTED};
        play.other = &main_incident;
        act("zheng", (struct gp_command){.verb = GP_VERB_LINK});
        break;
    case GP_STATE_RETURNED:
        main_line(GP_STATE_DISPATCHED);
        give_back_once("li");
        break;
    case GP_STATE_ARBITRATION:
        main_line(GP_STATE_DISPATCHED);
        give_back_once("li");
        act("zheng", (struct gp_command){.verb = GP_VERB_RULE, .result = GP_RESULT_YES});
        give_back_once("chu");
        break;
    case GP_STATE_SUSPENDED:
        main_line(GP_STATE_ACCEPTED);
        act("zheng", (struct gp_command){.verb = GP_VERB_SUSPEND,
                                         .text = why,
                                         .from_ms = town_at("2026-07-01 00:00")});
        break;
    case GP_STATE_REWORK:
        main_line(GP_STATE_FINISHED);
        act("wang", (struct gp_command){.verb = GP_VERB_VERIFY, .result = GP_RESULT_NO});
        break;
    case GP_STATE_REOPENED:
        main_line(GP_STATE_CLOSED);
        act("zheng", (struct gp_command){.verb = GP_VERB_REOPEN, .text = why});
        break;
    case GP_STATE_FILED:
        main_line(GP_STATE_CLOSED);
        play.incident.state = GP_STATE_FILED;
        break;
    default:
        main_line(state);
        break;
    }
    assert_int_equal(play.incident.state, state);
}

/* Somebody with every duty there is: what is refused is refused for the state alone. */
static void everybody(const char *person)
{
    static const char *const posts[] = {"A-shizheng-340705006001", "D1-340705006001", "K-SZ"};

    for (size_t i = 0; i < COUNT(posts); i++)
        town_hold(&town, posts[i], person, TOWN_ALWAYS);
}

static void try_pair(size_t row, enum gp_verb verb)
{
    struct gp_incident before;
    char detail[200];
    void *state = NULL;

    solo_begin(&state);
    bring_to(picture[row].state);
    everybody("zheng");
    before = play.incident;
    int reason = play_do(&play, "2026-06-01 09:05", verb, "zheng");
    if (allows(row, verb)) {
        assert_int_not_equal(reason, GP_REASON_STATE);
        return;
    }
    (void)snprintf(detail, sizeof detail, "now %s; allowed: %s", gp_state_name(picture[row].state),
                   picture[row].allowed);
    assert_int_equal(reason, GP_REASON_STATE);
    assert_string_equal(play.decision.detail, detail);
    assert_memory_equal(&play.incident, &before, sizeof before);
    assert_memory_equal(&play.decision.after, &before, sizeof before);
}

static void every_state_and_verb(void **state)
{
    size_t states = 0;

    (void)state;
#define X(name, number, text, open) states++;
    GP_STATES(X)
#undef X
    assert_int_equal(COUNT(picture), states);
    for (size_t row = 0; row < COUNT(picture); row++) {
        for (int verb = GP_VERB_FILE; verb <= GP_VERB_SIGN; verb++)
            try_pair(row, (enum gp_verb)verb);
    }
}

/* Compare and set: a stale version is refused whatever the verb, and nothing changes. */
static void stale_version(void **state)
{
    for (int verb = GP_VERB_FILE; verb <= GP_VERB_SIGN; verb++) {
        struct gp_command command = {.verb = (uint8_t)verb};
        solo_begin(state);
        bring_to(GP_STATE_ACCEPTED);
        everybody("zheng");
        struct gp_incident before = play.incident;
        command.expect_version = before.version - 1;
        assert_int_equal(play_command(&play, "2026-06-01 09:05", "zheng", &command),
                         GP_REASON_VERSION);
        solo_says("state accepted, owner A-shizheng-340705006001");
        assert_memory_equal(&play.incident, &before, sizeof before);
        command.expect_version = before.version + 1;
        assert_int_equal(play_command(&play, "2026-06-01 09:05", "zheng", &command),
                         GP_REASON_VERSION);
    }
    struct gp_command command = {.verb = GP_VERB_FINISH, .expect_version = play.incident.version};
    solo_must(play_command(&play, "2026-06-01 09:05", "li", &command));
}

/* A guard goes out of date with state, owner or plan, not with a note or a notice. */
static void version_grows(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "n8"));
    assert_int_equal(play.incident.version, 3); /* reported, filed, dispatched */
    solo_must(play_do(&play, "2026-06-01 08:01", GP_VERB_NOTE, "zhang"));
    solo_must(play_do(&play, "2026-06-01 08:02", GP_VERB_INFORM, "li"));
    play_until(&play, "2026-06-01 17:00"); /* unaccepted, yellow */
    assert_int_equal(play.incident.version, 3);
    play_until(&play, "2026-06-01 18:00"); /* red and handover */
    assert_int_equal(play.incident.version, 4);
    solo_must(play_do(&play, "2026-06-01 18:01", GP_VERB_ACCEPT, "chen"));
    assert_int_equal(play.incident.version, 5);
}

static void no_such_incident(void **state)
{
    (void)state;
    assert_int_equal(play_do(&play, "2026-06-01 08:00", GP_VERB_ACCEPT, "li"),
                     GP_REASON_UNKNOWN_INCIDENT);
    assert_int_equal(play_do(&play, "2026-06-01 08:00", GP_VERB_ACCEPT, "stranger"),
                     GP_REASON_UNKNOWN_PERSON);
    solo_says("stranger");
}

/* ---------------------------------------------------------------- R19 */

static void informed_before_closed(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "i4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_FINISH, "li"));
    solo_must(play_do(&play, "2026-06-01 08:06", GP_VERB_VERIFY, "wang"));
    assert_int_equal(play_do(&play, "2026-06-01 08:07", GP_VERB_CLOSE, "wang"),
                     GP_REASON_NOT_INFORMED);
    assert_int_equal(play.incident.state, GP_STATE_VERIFIED);
    solo_must(play_do(&play, "2026-06-01 08:08", GP_VERB_INFORM, "wang"));
    solo_must(play_do(&play, "2026-06-01 08:09", GP_VERB_CLOSE, "wang"));
}

static void private_needs_no_telling(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-06-01 08:00", "zhang", TOWN_GRID, "p4"));
    solo_must(play_do(&play, "2026-06-01 08:05", GP_VERB_FINISH, "li"));
    solo_must(play_do(&play, "2026-06-01 08:06", GP_VERB_VERIFY, "wang"));
    solo_must(play_do(&play, "2026-06-01 08:07", GP_VERB_CLOSE, "wang"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_state_and_verb, solo_begin),
        cmocka_unit_test_setup(stale_version, solo_begin),
        cmocka_unit_test_setup(version_grows, solo_begin),
        cmocka_unit_test_setup(no_such_incident, solo_begin),
        cmocka_unit_test_setup(informed_before_closed, solo_begin),
        cmocka_unit_test_setup(private_needs_no_telling, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
