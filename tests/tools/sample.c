#include "tools/sample.h"

#include "base/clocktext.h"

#include <assert.h>
#include <stdio.h>

static struct gp_area_ref grid(void)
{
    struct gp_area_ref area;

    assert(gp_area_parse(GP_SPAN("340705402001001"), &area) == 0);
    area.level = GP_LEVEL_GRID;
    return area;
}

static void sample_common(uint64_t seq, struct gp_entry *ret_entry)
{
    *ret_entry = (struct gp_entry){
        .seq = seq,
        .at_ms = SAMPLE_MS,
        .incident = 41,
        .area = grid(),
        .line = GP_SPAN("municipal"),
        .department = GP_SPAN("SZ"),
        .category = GP_SPAN("C01-01"),
        .condition = GP_SPAN("missing"),
        .state = GP_STATE_DISPATCHED,
        .version = 3,
        .owner = GP_SPAN("A-municipal-402001"),
        .due_ms = SAMPLE_MS + 8 * GP_MS_HOUR,
    };
}

static struct gp_recipient recipient(const char *person, const char *post, const char *capacity,
                                     enum gp_path path)
{
    struct gp_recipient to = {
        .person = gp_span_of(person), .post = gp_span_of(post), .path = (uint8_t)path};

    (void)snprintf(to.capacity, sizeof to.capacity, "%s", capacity);
    return to;
}

void sample_step(uint64_t seq, struct gp_entry *ret_entry)
{
    sample_common(seq, ret_entry);
    ret_entry->what = GP_WHAT_STEP;
    ret_entry->step = GP_STEP_YELLOW;
    ret_entry->at_ms = SAMPLE_MS + 1500;
    ret_entry->has_nominal = true;
    ret_entry->nominal_ms = SAMPLE_MS;
    ret_entry->late_ms = 1500;
    ret_entry->flags = GP_FLAG_COALESCED | GP_FLAG_DRILL;
    ret_entry->recipient[0] = recipient("li", "A-municipal-402001", "A+B", GP_PATH_HOLDER);
    ret_entry->recipient[1] = recipient("zhao", "", "Z", GP_PATH_DUTY);
    ret_entry->recipient_count = 2;
}

void sample_reported(uint64_t seq, struct gp_entry *ret_entry)
{
    sample_common(seq, ret_entry);
    ret_entry->what = GP_WHAT_REPORTED;
    ret_entry->state = GP_STATE_REPORTED;
    ret_entry->version = 1;
    ret_entry->owner = (struct gp_span){0};
    ret_entry->due_ms = 0;
    ret_entry->actor = GP_SPAN("li");
    ret_entry->actor_post = GP_SPAN("B-402001001");
    ret_entry->text = GP_SPAN("井盖缺失");
}

void sample_audit(uint64_t seq, struct gp_entry *ret_entry)
{
    *ret_entry = (struct gp_entry){.seq = seq, .at_ms = SAMPLE_MS, .what = GP_WHAT_AUDIT};
}

static struct gp_plan_step step(enum gp_step name, int64_t at_ms, enum gp_step_status status)
{
    return (struct gp_plan_step){.at_ms = at_ms, .step = (uint8_t)name, .status = (uint8_t)status};
}

void sample_incident(uint64_t id, struct gp_incident *ret_incident)
{
    *ret_incident = (struct gp_incident){
        .id = id,
        .version = 4,
        .state = GP_STATE_ACCEPTED,
        .area = grid(),
        .community = grid(),
        .row = {.code = GP_SPAN("C01-01"),
                .condition = GP_SPAN("missing"),
                .line = GP_SPAN("municipal"),
                .department = GP_SPAN("SZ"),
                .policy = GP_SPAN("N"),
                .first_owner = GP_POST_A,
                .limit = {.stage = {{8, GP_UNIT_WORK_HOUR}}, .stage_count = 1}},
        .reporter = GP_SPAN("li"),
        .text = GP_SPAN("井盖缺失"),
        .received_ms = SAMPLE_MS,
        .dispatched_ms = SAMPLE_MS,
        .accepted_ms = SAMPLE_MS + 10 * GP_MS_MINUTE,
        .owner = GP_SPAN("A-municipal-402001"),
        .acceptor = GP_SPAN("li"),
    };
    struct gp_plan *plan = &ret_incident->plan;
    plan->stage[0] = (struct gp_stage){.amount = {8, GP_UNIT_WORK_HOUR},
                                       .start_ms = SAMPLE_MS,
                                       .due_ms = SAMPLE_MS + 8 * GP_MS_HOUR,
                                       .policy = GP_SPAN("N")};
    plan->stage_count = 1;
    plan->step[0] = step(GP_STEP_UNACCEPTED, SAMPLE_MS + GP_MS_HOUR, GP_DROPPED);
    plan->step[1] = step(GP_STEP_YELLOW, SAMPLE_MS + 6 * GP_MS_HOUR, GP_FIRED);
    plan->step[2] = step(GP_STEP_RED, SAMPLE_MS + 8 * GP_MS_HOUR, GP_PLANNED);
    plan->step_count = 3;
}
