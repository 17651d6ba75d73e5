#include "core/fact.h"

static void take_patch(const struct gp_patch *patch, struct gp_fact *fact)
{
    const struct gp_plan *plan = &patch->plan;

    fact->bits = patch->bits;
    if (patch->bits & GP_PATCH_ROW)
        fact->stages = patch->row.limit.stage_count;
    if (patch->bits & GP_PATCH_PLAN) {
        fact->stages = plan->stage_count;
        if (fact->what == GP_WHAT_RESUMED)
            fact->gap_to_ms = plan->stage[plan->current].gap_to_ms;
    }
    if (patch->bits & GP_PATCH_SIDE) {
        fact->unfilled = patch->side.unfilled;
        fact->returner = patch->side.returner;
    }
}

void gp_fact_of(const struct gp_entry *entry, struct gp_fact *ret_fact)
{
    *ret_fact = (struct gp_fact){
        .seq = entry->seq,
        .incident = entry->incident,
        .at_ms = entry->at_ms,
        .area = entry->area,
        .line = entry->line,
        .department = entry->department,
        .actor = entry->actor,
        .owner = entry->owner,
        .what = entry->what,
        .step = entry->step,
        .stage = entry->stage,
        .state = entry->state,
        .flags = entry->flags,
        .level = entry->level,
        .struck = entry->strike.person,
        .strike_state = entry->strike.state,
        .ref_count = entry->ref_count,
    };
    memcpy(ret_fact->ref_seq, entry->ref_seq, entry->ref_count * sizeof entry->ref_seq[0]);
    take_patch(&entry->patch, ret_fact);
}

bool gp_fact_credits(const struct gp_fact *fact)
{
    switch ((enum gp_what)fact->what) {
    case GP_WHAT_REPORTED:
    case GP_WHAT_FILED:
    case GP_WHAT_ACCEPTED:
    case GP_WHAT_FINISHED:
    case GP_WHAT_REWORK:
    case GP_WHAT_RETURNED:
    case GP_WHAT_ARBITRATED:
    case GP_WHAT_SUSPENDED:
    case GP_WHAT_STRIKE:
        return true;
    case GP_WHAT_STEP:
        return fact->step == GP_STEP_UNACCEPTED || fact->step == GP_STEP_RED;
    default:
        return false;
    }
}
