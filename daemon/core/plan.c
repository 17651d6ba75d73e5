#include "core/plan.h"

#include <assert.h>
#include <string.h>

void gp_plan_drop(struct gp_plan *plan, uint8_t only)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        bool waits = step->status == GP_PLANNED || step->status == GP_PAUSED;
        if (waits && (only == GP_STEP_NONE || step->step == only))
            step->status = GP_DROPPED;
    }
}

void gp_plan_pause(struct gp_plan *plan, enum gp_step last)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].status == GP_PLANNED && plan->step[i].step <= (uint8_t)last)
            plan->step[i].status = GP_PAUSED;
    }
}

void gp_plan_continue(struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].status == GP_PAUSED)
            plan->step[i].status = GP_PLANNED;
    }
}

void gp_plan_rearm(struct gp_plan *plan, enum gp_step first, enum gp_step last)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        if (step->stage == plan->current && step->step >= (uint8_t)first &&
            step->step <= (uint8_t)last)
            step->status = GP_PLANNED;
    }
}

void gp_plan_add_side(struct gp_plan *plan, enum gp_step step, int64_t at_ms)
{
    assert(step > GP_STEP_REPEAT);
    assert(plan->step_count < GP_PLAN_STEPS_MAX);
    plan->step[plan->step_count++] = (struct gp_plan_step){
        .at_ms = at_ms,
        .step = (uint8_t)step,
        .stage = plan->current,
        .status = GP_PLANNED,
    };
}

void gp_plan_cut(struct gp_plan *plan, uint8_t count)
{
    assert(count <= plan->step_count);
    memset(plan->step + count, 0, (size_t)(plan->step_count - count) * sizeof plan->step[0]);
    plan->step_count = count;
}

void gp_plan_end_side(struct gp_plan *plan)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].step <= GP_STEP_REPEAT)
            plan->step[kept++] = plan->step[i];
    }
    gp_plan_cut(plan, kept);
}

void gp_plan_append(struct gp_plan *plan, const struct gp_plan_step *step)
{
    if (plan->step_count < GP_PLAN_STEPS_MAX)
        plan->step[plan->step_count++] = *step;
}

const struct gp_plan_step *gp_plan_find(const struct gp_plan *plan, uint8_t stage, uint8_t step)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage == stage && plan->step[i].step == step)
            return &plan->step[i];
    }
    return NULL;
}

bool gp_plan_missed(const struct gp_plan *plan, uint8_t stage)
{
    const struct gp_plan_step *red = gp_plan_find(plan, stage, GP_STEP_RED);
    return red != NULL && red->status == GP_FIRED;
}

const struct gp_stage *gp_plan_stage_now(const struct gp_plan *plan)
{
    return plan->stage_count > 0 ? &plan->stage[plan->current] : NULL;
}
