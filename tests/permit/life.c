#include "permit/life.h"

#include "base/clocktext.h"
#include "org/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROWS_MAX    400
#define PERSONS_MAX 1000

static struct gp_directory *directory;
static struct town town; /* its org is the sample's */
static struct gp_row rows[ROWS_MAX];
static struct gp_row *row;                             /* of LIFE_CATEGORY */
static char persons[PERSONS_MAX][GP_ID_BYTES_MAX + 1]; /* incidents point to them */
static struct play play;
static struct gp_incident other; /* open: what a duplicate follows */
static uint8_t strike_state;

void life_load(void)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    assert_int_equal(gp_directory_load(GP_SOURCE_DIR "/config", &findings, &directory), 0);
    gp_findings_release(&findings);
    town.org = *gp_directory_org(directory);
    assert_true(town.org.row_count <= ROWS_MAX);
    memcpy(rows, town.org.rows, town.org.row_count * sizeof *rows);
    town.org.rows = rows;
    assert_true(town.org.person_count <= PERSONS_MAX);
    for (size_t i = 0; i < town.org.person_count; i++)
        (void)snprintf(persons[i], sizeof persons[i], "%.*s", GP_SPAN_ARG(town.org.persons[i].id));
    row = &rows[gp_org_row(&town.org, GP_SPAN(LIFE_CATEGORY), GP_SPAN("default"), 0)];
}

void life_unload(void)
{
    gp_directory_unref(directory);
}

const struct gp_org *life_org(void)
{
    return &town.org;
}

/* ---------------------------------------------------------------- what the store would remember */

static bool strike_of(void *context, struct gp_span person, uint64_t incident,
                      struct gp_strike *ret_strike)
{
    (void)context;
    *ret_strike = (struct gp_strike){
        .person = person, .incident = incident, .year = 2026, .number = 1, .state = strike_state};
    return true;
}

static bool told(void *context, uint64_t seq, struct gp_span person, uint64_t *ret_incident)
{
    (void)person;
    *ret_incident = *(const uint64_t *)context;
    return seq == 1;
}

static unsigned texts(void *context, uint64_t incident)
{
    (void)context;
    (void)incident;
    return 1;
}

struct gp_scene life_scene(enum gp_verb verb, const struct gp_incident *incident)
{
    static struct gp_recall recall = {.strike_of = strike_of, .told = told, .texts = texts};
    static uint64_t id;

    id = incident != NULL ? incident->id : 0;
    recall.context = &id;
    strike_state = verb == GP_VERB_SIGN ? GP_STRIKE_APPEALED : GP_STRIKE_DRAFT;
    return (struct gp_scene){
        .org = &town.org,
        .now_ms = town_at(LIFE_NOW),
        .incident = incident,
        .other = &other,
        .new_id = 9,
        .new_leave_id = 9,
        .new_tenure_id = 9,
        .new_device_id = 9,
        .next_seq = 100,
        .recall = &recall,
    };
}

struct gp_command life_command(enum gp_verb verb, const char *grid)
{
    struct gp_command command = {
        .verb = (uint8_t)verb,
        .incident = 7,
        .device = GP_SPAN("handset"),
        .text = GP_SPAN("because"),
        .grid = gp_span_of(grid),
        .category = GP_SPAN(LIFE_CATEGORY),
        .captured_ms = town_at(LIFE_NOW),
        .downward = true, /* so that it may be refused (R10) */
        .result = GP_RESULT_YES,
        .return_reason = GP_RETURN_WRONG_LINE,
        .delivery = GP_DELIVERY_READ,
        .hours = 1,
        .from_ms = town_at("2026-06-10 00:00"),
        .to_ms = town_at("2026-06-12 00:00"),
        .other = other.id,
        .ref_seq = 1,
    };

    if (verb == GP_VERB_RULE || verb == GP_VERB_REASSIGN)
        command.post = GP_SPAN("K-SZ");
    if (verb == GP_VERB_SIGN)
        command.person = GP_SPAN(LIFE_SUBJECT);
    return command;
}

/* ---------------------------------------------------------------- a life */

/* The first of the city's people who may. */
static void somebody(const char *when, const struct gp_command *command)
{
    for (size_t i = 0; i < town.org.person_count; i++) {
        if (play_command(&play, when, persons[i], command) == GP_REASON_NONE)
            return;
    }
    fail_msg("nobody may %s: %s", gp_verb_name(command->verb), play.decision.detail);
}

static void next(const char *when, enum gp_verb verb, uint8_t result)
{
    struct gp_command command = life_command(verb, "");

    command.category = (struct gp_span){0};
    command.result = result;
    somebody(when, &command);
}

static void yes(const char *when, enum gp_verb verb)
{
    next(when, verb, GP_RESULT_YES);
}

static void report(const char *grid, bool manual)
{
    struct gp_command command = life_command(GP_VERB_REPORT, grid);

    play_begin(&play, &town);
    play.other = &other;
    row->manual_filing = manual;
    somebody(LIFE_REPORTED_AT, &command);
    row->manual_filing = false;
}

static void until_closed(void)
{
    yes("2026-06-01 09:31", GP_VERB_FINISH);
    yes("2026-06-01 09:32", GP_VERB_VERIFY);
    yes("2026-06-01 09:33", GP_VERB_CLOSE);
}

static void live(enum gp_state state)
{
    switch (state) {
    case GP_STATE_REPORTED:
    case GP_STATE_DISPATCHED:
        break;
    case GP_STATE_FILED: /* passed through within a decision: nothing rests there */
        play.incident.state = GP_STATE_FILED;
        break;
    case GP_STATE_ACCEPTED: /* with an extension to be decided on */
        yes("2026-06-01 09:31", GP_VERB_ACCEPT);
        yes("2026-06-01 09:32", GP_VERB_EXTEND);
        break;
    case GP_STATE_FINISHED:
        yes("2026-06-01 09:31", GP_VERB_FINISH);
        break;
    case GP_STATE_VERIFIED:
        yes("2026-06-01 09:31", GP_VERB_FINISH);
        yes("2026-06-01 09:32", GP_VERB_VERIFY);
        break;
    case GP_STATE_CLOSED:
        until_closed();
        break;
    case GP_STATE_VOID:
        yes("2026-06-01 09:31", GP_VERB_VOID);
        break;
    case GP_STATE_DUPLICATE:
        yes("2026-06-01 09:31", GP_VERB_LINK);
        break;
    case GP_STATE_RETURNED:
        yes("2026-06-01 09:31", GP_VERB_RETURN);
        break;
    case GP_STATE_ARBITRATION:
        yes("2026-06-01 09:31", GP_VERB_RETURN);
        yes("2026-06-01 09:32", GP_VERB_RULE);
        yes("2026-06-01 09:33", GP_VERB_RETURN);
        break;
    case GP_STATE_SUSPENDED:
        yes("2026-06-01 09:31", GP_VERB_SUSPEND);
        break;
    case GP_STATE_REWORK:
        yes("2026-06-01 09:31", GP_VERB_FINISH);
        next("2026-06-01 09:32", GP_VERB_VERIFY, GP_RESULT_NO);
        break;
    case GP_STATE_REOPENED:
        until_closed();
        yes("2026-06-01 09:34", GP_VERB_REOPEN);
        break;
    case GP_STATE_NONE:
        fail();
    }
}

const struct gp_incident *life_in(const char *grid, enum gp_state state)
{
    report(grid, false);
    other = play.incident;
    other.id = 8;
    report(grid, state == GP_STATE_REPORTED || state == GP_STATE_FILED);
    live(state);
    assert_int_equal(play.incident.state, state);
    return &play.incident;
}
