/* The properties of one entry: what it may change, and when a step fires. */
#include "property/model.h"

#include "property/fail.h"
#include "property/promises.h"
#include "property/rules.h"
#include "property/stats.h"
#include "wire/message.h"

#include <stdio.h>

#define MODEL_ARENA_BYTES ((size_t)512 << 20)

void model_reset(struct model *model)
{
    struct gp_arena arena = model->arena;

    if (arena.ceiling == 0)
        gp_arena_init(&arena, MODEL_ARENA_BYTES);
    gp_arena_reset(&arena);
    memset(model, 0, sizeof *model);
    model->arena = arena;
}

int model_state(const struct model *model, uint64_t id)
{
    return id == 0 || id > model->last_id ? GP_STATE_NONE : model->incident[id].folded.state;
}

void model_begin_batch(struct model *model, const struct gp_org *org, int64_t now_ms)
{
    model->people.changed |= model->org != org;
    model->org = org;
    model->now_ms = now_ms;
    model->step_id = 0;
    for (uint64_t id = 1; id <= model->last_id; id++)
        model->incident[id].touched = false;
}

/* ---------------------------------------------------------------- version and due */

static bool same_step(const struct gp_plan_step *a, const struct gp_plan_step *b)
{
    return a->at_ms == b->at_ms && a->step == b->step && a->stage == b->stage &&
           a->status == b->status && a->nth == b->nth;
}

static bool same_plan(const struct gp_plan *a, const struct gp_plan *b)
{
    if (a->step_count != b->step_count || a->stage_count != b->stage_count ||
        a->current != b->current)
        return false;
    for (uint8_t i = 0; i < a->step_count; i++) {
        if (!same_step(&a->step[i], &b->step[i]))
            return false;
    }
    for (uint8_t i = 0; i < a->stage_count; i++) {
        if (a->stage[i].due_ms != b->stage[i].due_ms || a->stage[i].met_ms != b->stage[i].met_ms)
            return false;
    }
    return true;
}

/* The guard of commands grows by one when state, owner or plan change; a step that fires is what
 * the plan said, and a note changes none of them. */
static void check_version(const struct gp_incident *before, const struct gp_entry *entry,
                          const struct gp_incident *after)
{
    bool fires = entry->what == GP_WHAT_STEP;
    bool changed = before->state != after->state || !gp_span_equal(before->owner, after->owner) ||
                   (!fires && !same_plan(&before->plan, &after->plan));

    if (after->version - before->version > 1)
        fail("version jumps from %u to %u at entry %llu (%s)", before->version, after->version,
             (unsigned long long)entry->seq, gp_what_name(entry->what));
    if (changed && after->version == before->version)
        fail("state, owner or plan change at entry %llu (%s), its version does not",
             (unsigned long long)entry->seq, gp_what_name(entry->what));
    if (!changed &&
        (fires || entry->what == GP_WHAT_NOTED || entry->what == GP_WHAT_DELIVERED ||
         entry->what == GP_WHAT_INFORMED || entry->what == GP_WHAT_STRIKE ||
         entry->what == GP_WHAT_APPEALED || entry->what == GP_WHAT_VACANT ||
         entry->what == GP_WHAT_OWNER_SHIFT) &&
        after->version != before->version)
        fail("the version grows at entry %llu (%s), which changes nothing it guards",
             (unsigned long long)entry->seq, gp_what_name(entry->what));
}

static void check_due(const struct gp_incident *before, const struct gp_entry *entry,
                      const struct gp_incident *after)
{
    if (before->plan.stage_count == 0 || rules_moves_due(entry->what))
        return;
    if (before->plan.current != after->plan.current)
        fail("entry %llu (%s) changes the stage", (unsigned long long)entry->seq,
             gp_what_name(entry->what));
    for (uint8_t i = 0; i < before->plan.stage_count; i++) {
        if (before->plan.stage[i].due_ms != after->plan.stage[i].due_ms)
            fail("entry %llu (%s) moves the due of stage %u", (unsigned long long)entry->seq,
                 gp_what_name(entry->what), i);
    }
}

/* ---------------------------------------------------------------- steps */

static void arm(struct model_incident *incident, uint8_t stage, int first, int last)
{
    for (int step = first; step <= last; step++)
        incident->fired[stage][step] = false;
    if (last >= GP_STEP_REPEAT && first <= GP_STEP_REPEAT)
        incident->nth[stage] = 0;
}

/* Which entries arm steps again (DOMAIN section 8); a plan that is only moved arms none. */
static void arm_by(const struct gp_incident *before, const struct gp_entry *entry,
                   struct model_incident *incident)
{
    uint8_t stage = incident->folded.plan.current;

    if (stage < before->plan.current) { /* another row: its first stage takes over */
        memcpy(incident->fired[stage], incident->fired[before->plan.current],
               sizeof incident->fired[stage]);
        incident->nth[stage] = incident->nth[before->plan.current];
        memset(incident->fired[stage + 1], 0,
               (size_t)(GP_STAGES_MAX - stage - 1) * sizeof incident->fired[0]);
        memset(incident->nth + stage + 1, 0, (GP_STAGES_MAX - stage - 1) * sizeof incident->nth[0]);
    }
    switch (entry->what) {
    case GP_WHAT_DISPATCHED:
    case GP_WHAT_REWORK:
    case GP_WHAT_REOPENED:
        arm(incident, stage, GP_STEP_DISPATCH, GP_STEP_REPEAT);
        break;
    case GP_WHAT_RULED: /* to a new owner, or back (and then no plan is made) */
        if (entry->level == GP_RESULT_YES)
            arm(incident, stage, GP_STEP_DISPATCH, GP_STEP_BLUE);
        break;
    case GP_WHAT_REASSIGNED: /* the overall clock goes on */
        arm(incident, stage, GP_STEP_DISPATCH, GP_STEP_BLUE);
        break;
    case GP_WHAT_EXTENDED:
        arm(incident, stage, GP_STEP_YELLOW, GP_STEP_REPEAT);
        break;
    case GP_WHAT_RETURNED:
    case GP_WHAT_ARBITRATED:
    case GP_WHAT_FINISHED:
    case GP_WHAT_SUSPENDED:
        arm(incident, stage, GP_STEP_DISPATCH_LATE, GP_STEP_RESUME);
        break;
    default:
        break;
    }
}

static void check_once(struct model_incident *incident, const struct gp_entry *entry)
{
    if (entry->stage >= GP_STAGES_MAX)
        fail("a step of stage %u", entry->stage);
    if (entry->step == GP_STEP_REPEAT) {
        if (entry->nth != incident->nth[entry->stage] + 1)
            fail("repeat %u follows repeat %u at entry %llu", entry->nth,
                 incident->nth[entry->stage], (unsigned long long)entry->seq);
        incident->nth[entry->stage] = entry->nth;
        return;
    }
    if (incident->fired[entry->stage][entry->step])
        fail("%s of incident %llu fires again at entry %llu", gp_step_name(entry->step),
             (unsigned long long)entry->incident, (unsigned long long)entry->seq);
    incident->fired[entry->stage][entry->step] = true;
}

/* On the virtual clock nothing is late but what was planned into the past: a pause is charged, an
 * allowance was cut. That fires at the very instant at which it was planned so. */
static void check_punctual(const struct model *model, const struct model_incident *incident,
                           const struct gp_entry *entry)
{
    if (entry->late_ms != entry->at_ms - entry->nominal_ms || entry->late_ms < 0)
        fail("entry %llu: nominal time and lateness do not agree, or it is early",
             (unsigned long long)entry->seq);
    if (model->catching_up || model->lagging || entry->late_ms == 0)
        return;
    if (entry->nominal_ms >= incident->planned_ms || entry->at_ms != incident->planned_ms)
        fail("%s of incident %llu is %lld ms late at entry %llu", gp_step_name(entry->step),
             (unsigned long long)entry->incident, (long long)entry->late_ms,
             (unsigned long long)entry->seq);
}

/* In the order (time, incident); `dispatch` belongs to a command. */
static void check_order(struct model *model, const struct gp_entry *entry)
{
    if (model->catching_up || entry->late_ms != 0 || entry->step == GP_STEP_DISPATCH)
        return;
    if (entry->incident < model->step_id)
        fail("a step of incident %llu fires behind one of %llu at the same instant",
             (unsigned long long)entry->incident, (unsigned long long)model->step_id);
    model->step_id = entry->incident;
}

static void check_planned(const struct gp_incident *before, const struct gp_entry *entry)
{
    const struct gp_plan_step *next = gp_plan_next(&before->plan);

    if (next == NULL)
        fail("a step fires without a plan at entry %llu", (unsigned long long)entry->seq);
    if (entry->step == GP_STEP_DISPATCH)
        return;
    if (next->at_ms != entry->nominal_ms ||
        (entry->what == GP_WHAT_STEP && (next->step != entry->step || next->stage != entry->stage)))
        fail("entry %llu fires %s, but %s is planned next", (unsigned long long)entry->seq,
             gp_step_name(entry->step), gp_step_name(next->step));
}

static void check_step(struct model *model, struct model_incident *incident)
{
    const struct gp_entry *entry = &model->entry;

    if (!entry->has_nominal)
        return;
    check_planned(&model->before, entry);
    check_punctual(model, incident, entry);
    check_order(model, entry);
    if (entry->what != GP_WHAT_STEP)
        return;
    check_once(incident, entry);
    if (!model->catching_up)
        return;
    model->due++;
    if (entry->flags & GP_FLAG_COALESCED)
        model->coalesced++;
    else
        model->told[entry->incident]++;
}

/* ---------------------------------------------------------------- one entry */

static void check_folded(const struct gp_entry *entry, const struct gp_incident *after)
{
    if (entry->state != after->state || entry->version != after->version ||
        !gp_span_equal(entry->owner, after->owner))
        fail("entry %llu (%s) says another state, version or owner than its fold",
             (unsigned long long)entry->seq, gp_what_name(entry->what));
}

static void check_alone(const struct gp_entry *entry, int from, int to)
{
    if (entry->actor.len > 0)
        return;
    stats_transition(true, entry->what, from, to);
    if (!rules_alone(entry->what, from, to))
        fail("entry %llu (%s) leads by itself from %s to %s", (unsigned long long)entry->seq,
             gp_what_name(entry->what), gp_state_name(from), gp_state_name(to));
}

static void take_incident(struct model *model)
{
    const struct gp_entry *entry = &model->entry;
    struct model_incident *incident = &model->incident[entry->incident];

    if (entry->incident > model->last_id + 1 || entry->incident >= INCIDENTS_MAX)
        fail("entry %llu is of incident %llu, the last one is %llu", (unsigned long long)entry->seq,
             (unsigned long long)entry->incident, (unsigned long long)model->last_id);
    if (entry->incident > model->last_id)
        model->last_id = entry->incident;
    incident->touched = true;
    model->before = incident->folded;
    check_step(model, incident);
    gp_fold(entry, &incident->folded);
    check_folded(entry, &incident->folded);
    check_version(&model->before, entry, &incident->folded);
    check_due(&model->before, entry, &incident->folded);
    promises_strike(model);
    promises_entry(&model->before, entry, &incident->folded);
    check_alone(entry, model->before.state, incident->folded.state);
    if (entry->recipient_count > 0) {
        incident->notice_seq = entry->seq;
        incident->notice_person = entry->recipient[0].person;
    }
    if (entry->patch.bits & GP_PATCH_PLAN) {
        incident->planned_ms = entry->at_ms;
        arm_by(&model->before, entry, incident);
    }
}

void model_take(struct model *model, struct gp_span bytes, uint64_t seq)
{
    int rc = gp_wire_entry_unpack(bytes, &model->arena, &model->entry);

    fail_unless_ok(rc, "reading an entry");
    if (model->entry.seq != seq || seq != model->head + 1)
        fail("entry %llu stands at %llu", (unsigned long long)model->entry.seq,
             (unsigned long long)seq);
    model->head = seq;
    if (model->entry.at_ms != model->now_ms)
        fail("entry %llu is of another instant than its batch", (unsigned long long)seq);
    stats_entry(&model->entry);
    if (model->entry.incident != 0)
        take_incident(model);
    people_entry(model);
    devices_entry(model);
}

/* ---------------------------------------------------------------- catching up */

void model_begin_start(struct model *model)
{
    model->catching_up = true;
    model->due = model->coalesced = 0;
    memset(model->told, 0, sizeof model->told);
}

/* R16: per incident one notice, and an audit line that says how it was. */
void model_end_start(struct model *model)
{
    char expected[120];
    uint64_t told = 0;

    for (uint64_t id = 1; id <= model->last_id; id++) {
        if (model->told[id] > 1)
            fail("the start sends %llu notices of incident %llu",
                 (unsigned long long)model->told[id], (unsigned long long)id);
        told += model->told[id];
    }
    (void)snprintf(expected, sizeof expected, "start: due %llu fired %llu coalesced %llu",
                   (unsigned long long)model->due, (unsigned long long)told,
                   (unsigned long long)model->coalesced);
    if (model->entry.what != GP_WHAT_AUDIT || !gp_span_is(model->entry.text, expected))
        fail("the audit line is \"%.*s\", expected \"%s\"", GP_SPAN_ARG(model->entry.text),
             expected);
    stats_count(STATS_MISSED, model->due);
    model->catching_up = false;
}
