#include "core/incident.h"

static bool before(const struct gp_plan_step *a, const struct gp_plan_step *b)
{
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms;
    if (a->step != b->step)
        return a->step < b->step;
    return a->stage < b->stage;
}

const struct gp_plan_step *gp_plan_next(const struct gp_plan *plan)
{
    const struct gp_plan_step *next = NULL;

    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        if (step->status == GP_PLANNED && (next == NULL || before(step, next)))
            next = step;
    }
    return next;
}

int64_t gp_due_running(uint8_t state, int64_t stage_due_ms, int64_t check_due_ms)
{
    switch (state) {
    case GP_STATE_DISPATCHED:
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
    case GP_STATE_REOPENED:
        return stage_due_ms;
    case GP_STATE_FINISHED:
        return check_due_ms;
    default:
        return 0;
    }
}

int64_t gp_incident_due(const struct gp_incident *incident)
{
    const struct gp_plan *plan = &incident->plan;
    int64_t stage_due_ms = plan->stage_count > 0 ? plan->stage[plan->current].due_ms : 0;

    return gp_due_running(incident->state, stage_due_ms, incident->side.check_due_ms);
}

int64_t gp_plan_due(const struct gp_plan *plan)
{
    return plan->stage_count == 0 ? 0 : plan->stage[plan->stage_count - 1].due_ms;
}
