/*
 * R15: calendar, limit or ladder were edited, or another year became known. Steps that were not
 * fired are planned again from the same start; fired ones stay. Nothing moved, nothing said.
 */
#include "core/decide_internal.h"

#include <assert.h>

/* The row as the directory has it now; the copy stays where the row has left the catalogue. */
static void current_row(const struct gp_org *org, struct gp_row_copy *row)
{
    uint32_t found = gp_org_row(org, row->code, row->condition);

    if (found == GP_NONE)
        return;
    row->limit = org->rows[found].limit;
    row->wd_mode = org->rows[found].wd_mode;
    row->policy = org->rows[found].policy;
}

static const struct gp_plan_step *find_step(const struct gp_plan *plan, uint8_t stage, uint8_t step)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage == stage && plan->step[i].step == step)
            return &plan->step[i];
    }
    return NULL;
}

static bool passed(const struct gp_plan *plan, uint8_t stage)
{
    const struct gp_plan_step *red = find_step(plan, stage, GP_STEP_RED);
    return plan->stage[stage].met_ms != 0 || (red != NULL && red->status == GP_FIRED);
}

/* A stage that is met or missed keeps its due; its steps that are still to come keep their times.
 */
static void keep_stage(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    plan->stage[stage] = old->stage[stage];
    plan->current = stage;
    for (uint8_t i = 0; i < old->step_count; i++) {
        if (old->step[i].stage == stage)
            plan->step[plan->step_count++] = old->step[i];
    }
}

/* Steps of the fresh plan take over what the old ones went through. */
static void take_over(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        const struct gp_plan_step *was =
            step->stage == stage ? find_step(old, stage, step->step) : NULL;
        if (was != NULL && (was->status != GP_PLANNED || was->nth > 1))
            *step = *was;
    }
}

static int plan_again(struct gp_decider *decider, const struct gp_row_copy *row,
                      struct gp_plan *ret_plan)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_plan *old = &decider->incident->plan;
    struct gp_plan plan = {0};

    for (uint8_t stage = 0; stage <= old->current; stage++) {
        if (passed(old, stage)) {
            keep_stage(old, stage, &plan);
            continue;
        }
        int rc = gp_plan_stage(gp_org_calendar(org, decider->area), org, row, stage,
                               old->stage[stage].start_ms, stage == 0, &plan);
        if (rc != 0)
            return rc;
        take_over(old, stage, &plan);
    }
    if (passed(old, old->current)) /* nothing was planned: the later outline stays, too */
        memcpy(plan.stage, old->stage, sizeof plan.stage);
    plan.current = old->current;
    plan.stage_count = old->stage_count > plan.stage_count ? old->stage_count : plan.stage_count;
    *ret_plan = plan;
    return 0;
}

static bool same_step(const struct gp_plan_step *a, const struct gp_plan_step *b)
{
    return a->at_ms == b->at_ms && a->step == b->step && a->stage == b->stage &&
           a->status == b->status && a->provisional == b->provisional && a->nth == b->nth;
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
        if (a->stage[i].due_ms != b->stage[i].due_ms ||
            a->stage[i].provisional != b->stage[i].provisional ||
            !gp_span_equal(a->stage[i].policy, b->stage[i].policy))
            return false;
    }
    return true;
}

void gp_decide_replan(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    struct gp_row_copy row;
    struct gp_plan plan;

    assert(scene->incident != NULL);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    if (decider.area == GP_NONE || gp_plan_next(&decider.incident->plan) == NULL)
        return;
    row = decider.incident->row;
    current_row(scene->org, &row);
    if (row.limit.stage_count <= decider.incident->plan.current)
        return; /* fewer stages than it has gone through: it keeps what it was filed under */
    if (plan_again(&decider, &row, &plan) != 0 || same_plan(&plan, &decider.incident->plan))
        return;
    struct gp_entry *entry = gp_entry_new(&decider, GP_WHAT_REPLANNED);
    entry->patch.bits = GP_PATCH_PLAN | GP_PATCH_ROW;
    entry->patch.row = row;
    entry->patch.community = decider.incident->community;
    entry->patch.plan = plan;
    gp_emit(&decider, entry);
}
