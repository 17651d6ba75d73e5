#include "sim/desk.h"

#include "base/clocktext.h"
#include "core/post.h"
#include "property/generate.h"
#include "sim/checks.h"
#include "sim/daemon.h"
#include "sim/events.h"
#include "sim/handset.h"

#define ANYTHING_MS (50 * GP_MS_MINUTE)
#define ZONE_MS     (8 * GP_MS_HOUR)

static struct {
    struct generator generator;
    struct sequence sequence; /* which the generator wants; nothing is in it */
    uint64_t run;
    bool closed;
} desk;

/* ---------------------------------------------------------------- when */

static int hour(void)
{
    return (int)((events_now() + ZONE_MS) % GP_MS_DAY / GP_MS_HOUR);
}

/* Reports an hour, of 500 a day. */
static const uint8_t by_hour[24] = {3,  2,  2,  2,  3,  5,  12, 25, 42, 48, 45, 38,
                                    22, 25, 40, 45, 42, 35, 24, 14, 10, 7,  5,  4};

static int64_t until_next_report_ms(void)
{
    return events_between(0, 2 * GP_MS_HOUR / by_hour[hour()]);
}

/* ---------------------------------------------------------------- who */

static struct gp_span anybody(void)
{
    const struct gp_org *org = daemon_org();
    return org->persons[events_random(org->person_count)].id;
}

static struct gp_span behind(uint32_t post, const struct gp_incident *incident)
{
    const struct gp_org *org = daemon_org();
    uint32_t area = gp_org_area_ref(org, incident->area);

    if (post == GP_NONE || area == GP_NONE || events_chance(30))
        return anybody();
    if (org->posts[post].deputy_count > 0 && events_chance(200))
        return org->persons[org->posts[post].deputies[0]].id;
    uint32_t person = gp_post_effective(org, post, area, daemon_time()).person;
    return person != GP_NONE ? org->persons[person].id : anybody();
}

static struct gp_span owner(const struct gp_incident *incident)
{
    return behind(gp_org_post(daemon_org(), incident->owner), incident);
}

static struct gp_span of_kind(enum gp_post_kind kind, const struct gp_incident *incident)
{
    const struct gp_org *org = daemon_org();
    uint32_t area = gp_org_area_ref(org, incident->area);

    return area == GP_NONE
               ? anybody()
               : behind(gp_post_of(org, kind, area, gp_org_line(org, incident->row.line),
                                   gp_org_department(org, incident->row.department)),
                        incident);
}

/* ---------------------------------------------------------------- what comes next */

static void say(struct gp_command *command, enum gp_verb verb, struct gp_span by)
{
    command->verb = verb;
    command->actor = by;
    command->text = GP_SPAN("事出有因");
}

static void give_back(const struct gp_incident *incident, struct gp_command *command)
{
    say(command, GP_VERB_RETURN, owner(incident));
    command->return_reason = (uint8_t)(1 + events_random(GP_RETURN_OUT_OF_SCOPE));
}

static void work(const struct gp_incident *incident, struct gp_command *command)
{
    uint64_t dice = events_random(100);

    if (incident->side.asked_ms != 0) {
        say(command, GP_VERB_DECIDE,
            of_kind(events_chance(500) ? GP_POST_D1 : GP_POST_SK, incident));
        command->result = (uint8_t)(1 + events_random(2));
    } else if (incident->plan.stage_count > 1 && incident->plan.current == 0 && dice < 60) {
        say(command, GP_VERB_STAGE, owner(incident));
    } else if (dice < 6) {
        say(command, GP_VERB_EXTEND, owner(incident));
        command->hours = (uint32_t)(1 + events_random(3));
    } else if (dice < 8) {
        say(command, GP_VERB_SUSPEND, of_kind(GP_POST_SK, incident));
        command->from_ms = daemon_time() + events_between(1, 9) * GP_MS_DAY;
    } else if (dice < 14) {
        say(command, GP_VERB_NOTE, anybody());
    } else {
        say(command, GP_VERB_FINISH, owner(incident));
    }
}

static void dispatched(const struct gp_incident *incident, struct gp_command *command)
{
    uint64_t dice = events_random(100);

    if (dice < 80)
        say(command, GP_VERB_ACCEPT, owner(incident));
    else if (dice < 85)
        give_back(incident, command);
    else
        work(incident, command);
}

static void check(const struct gp_incident *incident, struct gp_command *command)
{
    say(command, GP_VERB_VERIFY, of_kind(events_chance(700) ? GP_POST_SK : GP_POST_D1, incident));
    command->result = events_chance(900) ? GP_RESULT_YES : GP_RESULT_NO;
}

static void conclude(const struct gp_incident *incident, struct gp_command *command)
{
    if (incident->row.informed && !incident->informed && !incident->row.is_private)
        say(command, GP_VERB_INFORM, owner(incident));
    else
        say(command, GP_VERB_CLOSE, of_kind(GP_POST_SK, incident));
}

static void rule(const struct gp_incident *incident, struct gp_command *command)
{
    say(command, GP_VERB_RULE, of_kind(events_chance(800) ? GP_POST_SK : GP_POST_S1, incident));
    command->result = (uint8_t)(1 + events_random(2));
    if (events_chance(500))
        command->post = incident->side.first_owner;
}

/* The natural next step; verb 0: none. */
static void choose(const struct gp_incident *incident, struct gp_command *command)
{
    switch ((enum gp_state)incident->state) {
    case GP_STATE_REPORTED:
        say(command, GP_VERB_FILE, of_kind(GP_POST_SK, incident));
        break;
    case GP_STATE_DISPATCHED:
    case GP_STATE_REOPENED:
        dispatched(incident, command);
        break;
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
        work(incident, command);
        break;
    case GP_STATE_FINISHED:
        check(incident, command);
        break;
    case GP_STATE_VERIFIED:
        conclude(incident, command);
        break;
    case GP_STATE_RETURNED:
    case GP_STATE_ARBITRATION:
        rule(incident, command);
        break;
    case GP_STATE_SUSPENDED:
        if (events_chance(100))
            say(command, GP_VERB_RESUME, of_kind(GP_POST_SK, incident));
        break;
    default:
        break;
    }
}

/* ---------------------------------------------------------------- an incident's life */

/* Mostly within the limit; one of sixteen lies for days. */
static int64_t until_next_look_ms(uint64_t id)
{
    if (id % 16 == 7)
        return events_between(GP_MS_HOUR, 60 * GP_MS_HOUR);
    if (events_chance(300))
        return events_between(GP_MS_MINUTE, 20 * GP_MS_MINUTE);
    return events_between(10 * GP_MS_MINUTE, 5 * GP_MS_HOUR);
}

static void attend(void *context, uint64_t id)
{
    const struct gp_incident *incident = &checks_world.model->incident[id].folded;
    struct gp_command command = {.incident = id};

    (void)context;
    if (desk.closed || !gp_state_open(incident->state))
        return;
    choose(incident, &command);
    if (events_chance(200))
        command.expect_version = incident->version;
    if (command.verb != GP_VERB_NONE)
        handset_type(&command);
    events_in(until_next_look_ms(id), attend, NULL, id);
}

void desk_answered(const struct errand *errand, const struct gp_answer *answer)
{
    bool opens = errand->command.verb == GP_VERB_REPORT || errand->command.verb == GP_VERB_REOPEN;

    if (opens && answer->reason == GP_REASON_NONE)
        events_in(until_next_look_ms(answer->incident), attend, NULL, answer->incident);
}

/* ---------------------------------------------------------------- reports */

static struct gp_span grid(void)
{
    static const char *const grids[] = {"340705006001001", "340705006001002", "340705402001001",
                                        "340705402001002"};
    return gp_span_of(grids[events_random(4)]);
}

static void report(void *context, uint64_t number)
{
    const struct gp_org *org = daemon_org();
    const struct gp_row *row = &org->rows[events_random(org->row_count)];
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .actor = anybody(),
                                 .grid = grid(),
                                 .category = row->code,
                                 .condition = row->condition,
                                 .text = GP_SPAN("井盖缺失"),
                                 .captured_ms = events_now() - events_between(0, GP_MS_HOUR)};

    (void)context;
    if (desk.closed)
        return;
    if (events_chance(300))
        command.phone = GP_SPAN("13800000000");
    command.place = (struct gp_place){true, 309400000, 1178100000 + (int32_t)events_random(90000)};
    command.downward = events_chance(50);
    handset_type(&command);
    events_in(until_next_report_ms(), report, NULL, number);
}

/* ---------------------------------------------------------------- anything at all */

static void anything(void *context, uint64_t number)
{
    struct act act = {.at_ms = daemon_time()};
    struct gp_command *command = &act.command;

    (void)context;
    if (desk.closed)
        return;
    events_in(events_between(0, 2 * ANYTHING_MS), anything, NULL, number);
    if (!daemon_is_up())
        return;
    desk.generator.flavour = (enum flavour)events_random(FLAVOURS);
    verbs_fill(&desk.generator, &act);
    verbs_speak(&desk.generator, &act);
    if (command->verb != GP_VERB_REPORT)
        command->incident = act.target > 0 ? (uint64_t)act.target : 0;
    command->other = act.other > 0 ? (uint64_t)act.other : 0;
    handset_type(command);
}

void desk_close(void)
{
    desk.closed = true;
}

void desk_begin(uint64_t seed)
{
    desk.closed = false;
    desk.generator = (struct generator){
        .random = seed * UINT64_C(0xD1B54A32D192ED03) | 1,
        .sequence = &desk.sequence,
        .world = &checks_world,
    };
    for (int i = 0; i < INCIDENTS_MAX; i++)
        desk.generator.opener[i] = i;
    events_in(until_next_report_ms(), report, NULL, 0);
    events_in(events_between(0, ANYTHING_MS), anything, NULL, 0);
}
