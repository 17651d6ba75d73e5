/*
 * fold: an entry changes its incident. Live work, recovery and rebuilding all come through here, so
 * nothing may be looked at but the two arguments.
 */
#include "core/entry.h"
#include "core/plan.h"

#include <assert.h>

/* What makes a command's guard out of date: a notice or a note does not. */
#define GP_VERSION_BITS                                                                            \
    (GP_PATCH_REPORT | GP_PATCH_STATE | GP_PATCH_ROW | GP_PATCH_OWNER | GP_PATCH_PLAN |            \
     GP_PATCH_AREA)

static void create(const struct gp_entry *entry, struct gp_incident *incident)
{
    const struct gp_patch *patch = &entry->patch;

    incident->id = entry->incident;
    incident->area = patch->area;
    incident->reporter = patch->reporter;
    incident->device = patch->device;
    if (entry->personal)
        incident->text_seq = entry->seq;
    else
        incident->text = entry->text; /* store format 1 kept it in the journal */
    incident->place = patch->place;
    incident->captured_ms = patch->captured_ms;
    incident->received_ms = patch->received_ms;
}

static void fire(const struct gp_patch *patch, struct gp_incident *incident)
{
    assert(patch->fired_index < incident->plan.step_count);
    if (patch->repeat.step != GP_STEP_NONE)
        incident->plan.step[patch->fired_index] = patch->repeat;
    else
        incident->plan.step[patch->fired_index].status = GP_FIRED;
    incident->owed = patch->owed;
}

static void finish(const struct gp_patch *patch, struct gp_incident *incident)
{
    if (incident->finisher_count < GP_FINISHERS_MAX)
        incident->finisher[incident->finisher_count++] = patch->person;
    incident->finished_ms = patch->at_ms;
    gp_plan_drop(&incident->plan, GP_STEP_NONE);
}

static void unaccept(struct gp_incident *incident)
{
    incident->acceptor = (struct gp_span){0};
    incident->accepted_ms = 0;
}

/* Who finished stays known: none of them may verify. */
static void reopen(struct gp_incident *incident)
{
    unaccept(incident);
    incident->finished_ms = 0;
    incident->verified_ms = incident->closed_ms = 0;
    incident->informed = false;
}

static void fold_work(const struct gp_patch *patch, struct gp_incident *incident)
{
    if (patch->bits & GP_PATCH_DISPATCH) {
        incident->dispatched_ms = patch->at_ms;
        incident->same_ab = patch->same_ab;
    }
    if (patch->bits & GP_PATCH_ACCEPT) {
        incident->acceptor = patch->person;
        incident->accepted_ms = patch->at_ms;
        gp_plan_drop(&incident->plan, GP_STEP_UNACCEPTED);
    }
    if (patch->bits & GP_PATCH_FINISH)
        finish(patch, incident);
    if (patch->bits & GP_PATCH_VERIFY)
        incident->verified_ms = patch->at_ms;
    if (patch->bits & GP_PATCH_INFORM)
        incident->informed = true;
    if (patch->bits & GP_PATCH_CLOSE) {
        incident->closed_ms = patch->at_ms;
        gp_plan_drop(&incident->plan, GP_STEP_NONE);
    }
    if (patch->bits & GP_PATCH_REOPEN)
        reopen(incident);
    if (patch->bits & GP_PATCH_UNACCEPT)
        unaccept(incident);
    if (patch->bits & GP_PATCH_OVERDUE) {
        incident->overdue_ms = patch->overdue_ms;
        incident->overdue_post = patch->overdue_post;
    }
}

bool gp_fold_fits(const struct gp_entry *entry, const struct gp_incident *incident)
{
    const struct gp_patch *patch = &entry->patch;
    const struct gp_plan *plan = patch->bits & GP_PATCH_PLAN ? &patch->plan : &incident->plan;

    return incident->id == (patch->bits & GP_PATCH_REPORT ? 0 : entry->incident) &&
           (!(patch->bits & GP_PATCH_STEP) || patch->fired_index < plan->step_count);
}

void gp_fold(const struct gp_entry *entry, struct gp_incident *incident)
{
    const struct gp_patch *patch = &entry->patch;

    if (patch->bits & GP_PATCH_REPORT)
        create(entry, incident);
    assert(incident->id == entry->incident);
    if (patch->bits & GP_PATCH_STATE)
        incident->state = patch->state;
    if (patch->bits & GP_PATCH_ROW) {
        incident->row = patch->row;
        incident->community = patch->community;
    }
    if (patch->bits & GP_PATCH_OWNER) {
        incident->owner = patch->owner;
        incident->assistant = patch->assistant;
    }
    if (patch->bits & GP_PATCH_AREA) {
        incident->area = patch->area;
        incident->community = patch->community;
    }
    if (patch->bits & GP_PATCH_SIDE)
        incident->side = patch->side;
    if (entry->erases)
        incident->erased_ms = entry->at_ms;
    fold_work(patch, incident);
    if (patch->bits & GP_PATCH_PLAN) /* behind what drops steps: the plan of the entry counts */
        incident->plan = patch->plan;
    if (patch->bits & GP_PATCH_STEP)
        fire(patch, incident);
    if (patch->bits & GP_VERSION_BITS)
        incident->version++;
}
