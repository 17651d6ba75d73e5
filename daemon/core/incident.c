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

int64_t gp_plan_due(const struct gp_plan *plan)
{
    return plan->stage_count == 0 ? 0 : plan->stage[plan->stage_count - 1].due_ms;
}
