/*
 * R15: calendar, limit or ladder were edited, or another year became known. Steps that were not
 * fired are planned again from the same start; fired ones stay. Nothing moved, nothing said.
 */
#include "core/decide_internal.h"

#include <assert.h>

static const struct gp_plan_step *find_step(const struct gp_plan *plan, uint8_t stage, uint8_t step)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage == stage && plan->step[i].step == step)
            return &plan->step[i];
    }
    return NULL;
}

/* Whether the stage let its due pass: that due stands. */
static bool missed(const struct gp_plan *plan, uint8_t stage)
{
    const struct gp_plan_step *red = find_step(plan, stage, GP_STEP_RED);
    return red != NULL && red->status == GP_FIRED;
}

static bool stands(const struct gp_plan *plan, uint8_t stage)
{
    return plan->stage[stage].met_ms != 0 || missed(plan, stage);
}

/* The row as the directory has it now, of the version that the incident was filed under: a newer
 * one is none of its business. The copy stays where that version has left the catalogue, has no
 * such stage any more, or can only add one behind a last stage that is over. */
static struct gp_row_copy current_row(const struct gp_org *org, const struct gp_incident *incident)
{
    const struct gp_plan *plan = &incident->plan;
    struct gp_row_copy row = incident->row;
    uint32_t found = gp_org_row_version(org, row.code, row.condition, row.valid_from_ms);

    if (found == GP_NONE || org->rows[found].limit.stage_count <= plan->current)
        return row;
    if (!stands(plan, plan->current))
        row.limit = org->rows[found].limit;
    row.wd_mode = org->rows[found].wd_mode;
    row.policy = org->rows[found].policy;
    return row;
}

/* ---------------------------------------------------------------- one stage */

static void append(const struct gp_plan_step *step, struct gp_plan *plan)
{
    if (plan->step_count < GP_PLAN_STEPS_MAX)
        plan->step[plan->step_count++] = *step;
}

/* A stage that was met has no more to say. */
static void keep_steps(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < old->step_count; i++) {
        if (old->step[i].stage == stage)
            append(&old->step[i], plan);
    }
}

/* Repeats go on from the nominal time of the one before, and the first from the card's. */
static void replan_repeat(const struct gp_calendar *calendar, const struct gp_ladder *ladder,
                          const struct gp_plan *old, struct gp_plan_step *repeat)
{
    const struct gp_plan_step *was = find_step(old, repeat->stage, GP_STEP_REPEAT);
    const struct gp_plan_step *card = find_step(old, repeat->stage, GP_STEP_CARD);

    if (was != NULL && was->nth > 1) {
        *repeat = *was;
        repeat->provisional = was->at_ms >= calendar->known_until_ms;
    } else if (card != NULL && card->status == GP_FIRED) {
        struct gp_plan_step from = *repeat;
        from.at_ms = card->at_ms;
        from.nth = 0;
        (void)gp_plan_repeat(calendar, ladder, &from, repeat); /* else it stays as planned */
    }
}

/* Steps of the fresh plan take over what the old ones went through. */
static void take_over(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        const struct gp_plan_step *was =
            step->stage == stage ? find_step(old, stage, step->step) : NULL;
        if (was != NULL && was->status != GP_PLANNED)
            *step = *was;
    }
    for (uint8_t i = 0; i < old->step_count; i++) { /* fired ones stay, also without their rung */
        const struct gp_plan_step *was = &old->step[i];
        if (was->stage == stage && was->status != GP_PLANNED &&
            find_step(plan, stage, was->step) == NULL)
            append(was, plan);
    }
}

/* What a ladder gained too late for this incident: a second dispatch, a call to accept what was
 * accepted, a warning of a due that has passed. */
static bool bygone(const struct gp_incident *incident, const struct gp_plan_step *step)
{
    if (step->step == GP_STEP_UNACCEPTED && incident->accepted_ms != 0)
        return true;
    return step->step == GP_STEP_DISPATCH ||
           (step->step < GP_STEP_RED && missed(&incident->plan, step->stage));
}

static void drop_bygone(const struct gp_incident *incident, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        if (step->status == GP_PLANNED && bygone(incident, step))
            step->status = GP_DROPPED;
    }
}

static int replan_stage(struct gp_decider *decider, const struct gp_row_copy *row, uint8_t stage,
                        struct gp_plan *plan)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_calendar *calendar = gp_org_calendar(org, decider->area);
    const struct gp_plan *old = &decider->incident->plan;
    uint8_t first = plan->step_count;
    int rc = stands(old, stage) ? gp_plan_steps(calendar, org, row, stage, stage == 0, plan)
                                : gp_plan_stage(calendar, org, row, stage,
                                                old->stage[stage].start_ms, stage == 0, plan);
    if (rc != 0)
        return rc;
    uint32_t ladder = gp_org_ladder(org, plan->stage[stage].policy);
    for (uint8_t i = first; i < plan->step_count; i++) {
        if (plan->step[i].step == GP_STEP_REPEAT)
            replan_repeat(calendar, &org->ladders[ladder], old, &plan->step[i]);
    }
    take_over(old, stage, plan);
    return 0;
}

/* ---------------------------------------------------------------- the whole plan */

static int plan_again(struct gp_decider *decider, const struct gp_row_copy *row,
                      struct gp_plan *ret_plan)
{
    const struct gp_plan *old = &decider->incident->plan;
    struct gp_plan plan = *old;

    plan.step_count = 0;
    memset(plan.step, 0, sizeof plan.step);
    for (uint8_t stage = 0; stage <= old->current; stage++) {
        if (old->stage[stage].met_ms != 0) {
            keep_steps(old, stage, &plan);
            continue;
        }
        int rc = replan_stage(decider, row, stage, &plan);
        if (rc != 0)
            return rc;
    }
    drop_bygone(decider->incident, &plan);
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
    row = current_row(scene->org, decider.incident);
    if (plan_again(&decider, &row, &plan) != 0 || same_plan(&plan, &decider.incident->plan))
        return;
    struct gp_entry *entry = gp_entry_new(&decider, GP_WHAT_REPLANNED);
    entry->patch.bits = GP_PATCH_PLAN | GP_PATCH_ROW;
    entry->patch.row = row;
    entry->patch.community = decider.incident->community;
    entry->patch.plan = plan;
    gp_emit(&decider, entry);
}
