/* Commands: every pair of state and verb, who may, what each refusal says, what each one changes.
 */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NIGHT        "2026-06-01 23:00"

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

/* ---------------------------------------------------------------- who may */

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

/* ---------------------------------------------------------------- reports */

static void unknown_places(void **state)
{
    (void)state;
    assert_int_equal(play_report(&play, NIGHT, "li", "340705006001003", "n4"),
                     GP_REASON_UNKNOWN_AREA);
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_COMMUNITY, "n4"), GP_REASON_UNKNOWN_AREA);
    solo_says("is a community: name a grid");
    assert_int_equal(play_report(&play, NIGHT, "li", "grid", "n4"), GP_REASON_UNKNOWN_AREA);
    town.areas[town_area(&town, TOWN_GRID)].valid_to_ms = town_at(NIGHT);
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_UNKNOWN_AREA);
    solo_must(play_report(&play, "2026-06-01 22:59", "li", TOWN_GRID, "n4"));
}

/* After a merge the old code keeps working: the area that answers for it now is meant. */
static void old_code(void **state)
{
    struct gp_area *old = &town.areas[town_area(&town, TOWN_GRID)];

    (void)state;
    old->alias_of = town_area(&town, TOWN_GRID_SAME_AB);
    old->valid_to_ms = town_at("2026-01-01 00:00");
    solo_must(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"));
    assert_int_equal(play.incident.area.padded, 340705006001001);
    assert_int_equal(play.incident.area.level, GP_LEVEL_GRID);
    assert_int_equal(play.incident.community.padded, 340705006001000);
}

static int report_condition(const char *category, const char *condition)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .grid = GP_SPAN(TOWN_GRID),
        .category = gp_span_of(category),
        .condition = gp_span_of(condition),
    };
    void *state = NULL;

    solo_begin(&state);
    return play_command(&play, NIGHT, "li", &command);
}

static void conditions(void **state)
{
    (void)state;
    solo_must(report_condition("c", "missing"));
    assert_true(gp_span_is(play.incident.row.policy, "U"));
    solo_must(report_condition("c", "broken"));
    assert_true(gp_span_is(play.incident.row.policy, "N"));
    solo_must(report_condition("n4", "default"));
    assert_int_equal(report_condition("c", ""), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("broken missing");
    assert_int_equal(report_condition("c", "gone"), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("broken missing");
    assert_int_equal(report_condition("zz", ""), GP_REASON_UNKNOWN_CATEGORY);
    solo_says("zz");
}

/* A category with one row needs no condition, whatever its only condition is called. */
static void only_condition(void **state)
{
    (void)state;
    town_row(&town, "u2")->condition = GP_SPAN("odd");
    solo_must(play_report(&play, NIGHT, "li", TOWN_GRID, "u2"));
    assert_true(gp_span_is(play.incident.row.condition, "odd"));
}

static bool skewed(const char *captured)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .grid = GP_SPAN(TOWN_GRID),
        .category = GP_SPAN("n4"),
        .captured_ms = captured != NULL ? town_at(captured) : 0,
    };
    void *state = NULL;

    solo_begin(&state);
    solo_must(play_command(&play, "2026-06-01 08:30", "li", &command));
    assert_int_equal(play.incident.received_ms, town_at("2026-06-01 08:30"));
    assert_int_equal(play.incident.captured_ms,
                     captured != NULL ? town_at(captured) : town_at("2026-06-01 08:30"));
    return play.journal[0].flags & GP_FLAG_SKEW;
}

/* Skew above ten minutes is flagged, both ways; the clock starts at dispatch all the same. */
static void skew(void **state)
{
    (void)state;
    assert_false(skewed(NULL));
    assert_false(skewed("2026-06-01 08:20"));
    assert_true(skewed("2026-06-01 08:19:59"));
    assert_false(skewed("2026-06-01 08:40"));
    assert_true(skewed("2026-06-01 08:40:01"));
    assert_int_equal(play.incident.plan.stage[0].start_ms, town_at("2026-06-01 08:30"));
}

static void nobody_at_all(void **state)
{
    (void)state;
    town.org.scope_count = 0;
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_NO_OWNER);
    assert_false(play.reported);
}

static void no_working_time(void **state)
{
    (void)state;
    memset(town.week.hours, 0, sizeof town.week.hours);
    town.calendar.special_count = 0;
    assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "n4"), GP_REASON_CALENDAR);
    assert_false(play.reported);
}

/* The words of a refusal are cut between characters, or the answer would be no UTF-8 any more. */
static void long_details(void **state)
{
    char two[GP_ID_BYTES_MAX + 2] = "y", *name = two + 1; /* two conditions, not one twice */

    (void)state;
    for (size_t len = 1; len <= GP_ID_BYTES_MAX; len++) {
        memset(name, 'x', len);
        for (size_t i = len % 3; i + 3 <= len; i += 3)
            memcpy(name + i, "井", 3);
        name[len] = '\0';
        town.rows[0].condition = gp_span_of(name);
        town.rows[1].condition = gp_span_of(two);
        assert_int_equal(play_report(&play, NIGHT, "li", TOWN_GRID, "c"),
                         GP_REASON_UNKNOWN_CATEGORY);
        assert_int_equal(play_report(&play, NIGHT, name, TOWN_GRID, "c"), GP_REASON_UNKNOWN_PERSON);
    }
}

/* A drill says so in every entry. */
static void drill_flag(void **state)
{
    static struct gp_decision decision;
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .actor = GP_SPAN("li"),
                                 .grid = GP_SPAN(TOWN_GRID_SAME_AB),
                                 .category = GP_SPAN("f2")};
    struct gp_scene scene = {
        .org = &town.org, .now_ms = town_at(NIGHT), .new_id = 1, .drill = true};

    (void)state;
    gp_decide(&scene, &command, &decision);
    assert_int_equal(decision.entry_count, 5);
    for (uint8_t i = 0; i < decision.entry_count; i++)
        assert_true(decision.entry[i].flags & GP_FLAG_DRILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_state_and_verb, solo_begin),
        cmocka_unit_test_setup(stale_version, solo_begin),
        cmocka_unit_test_setup(version_grows, solo_begin),
        cmocka_unit_test_setup(no_such_incident, solo_begin),
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
        cmocka_unit_test_setup(informed_before_closed, solo_begin),
        cmocka_unit_test_setup(private_needs_no_telling, solo_begin),
        cmocka_unit_test_setup(unknown_places, solo_begin),
        cmocka_unit_test_setup(old_code, solo_begin),
        cmocka_unit_test_setup(conditions, solo_begin),
        cmocka_unit_test_setup(only_condition, solo_begin),
        cmocka_unit_test_setup(skew, solo_begin),
        cmocka_unit_test_setup(nobody_at_all, solo_begin),
        cmocka_unit_test_setup(no_working_time, solo_begin),
        cmocka_unit_test_setup(long_details, solo_begin),
        cmocka_unit_test_setup(drill_flag, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
