/*
 * R15: calendar, limit or ladder were edited, or another year became known. Steps that were not
 * fired are planned again from the same start; fired ones stay. Nothing moved, nothing said.
 */
#include "core/decide_internal.h"
#include "core/plan.h"

#include <assert.h>

static bool stands(const struct gp_plan *plan, uint8_t stage)
{
    return plan->stage[stage].met_ms != 0 || gp_plan_missed(plan, stage);
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

/* A stage that was met has no more to say. */
static void keep_steps(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < old->step_count; i++) {
        if (old->step[i].stage == stage)
            gp_plan_append(plan, &old->step[i]);
    }
}

/* Repeats go on from the nominal time of the one before, and the first from the card's. */
static void replan_repeat(const struct gp_calendar *calendar, const struct gp_ladder *ladder,
                          const struct gp_plan *old, struct gp_plan_step *repeat)
{
    const struct gp_plan_step *was = gp_plan_find(old, repeat->stage, GP_STEP_REPEAT);
    const struct gp_plan_step *card = gp_plan_find(old, repeat->stage, GP_STEP_CARD);

    if (was != NULL && was->nth > 1) {
        *repeat = *was;
        repeat->provisional = was->at_ms >= calendar->known_until_ms;
    } else if (card != NULL && card->status == GP_FIRED) {
        struct gp_plan_step from = *repeat;
        from.at_ms = card->at_ms;
        from.nth = 0;
        const struct gp_stage *stage = &old->stage[repeat->stage];
        (void)gp_plan_repeat(calendar, ladder, &from, repeat); /* else it stays as planned */
        if (card->at_ms <= stage->gap_from_ms)
            (void)gp_plan_past_gap(calendar, stage, repeat->at_ms, &repeat->at_ms); /* the same */
    }
}

/* Steps of the fresh plan take over what the old ones went through. */
static void take_over(const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        const struct gp_plan_step *was =
            step->stage == stage ? gp_plan_find(old, stage, step->step) : NULL;
        if (was != NULL && was->status != GP_PLANNED)
            *step = *was;
    }
    for (uint8_t i = 0; i < old->step_count; i++) { /* fired ones stay, also without their rung */
        const struct gp_plan_step *was = &old->step[i];
        if (was->stage == stage && was->status != GP_PLANNED &&
            gp_plan_find(plan, stage, was->step) == NULL)
            gp_plan_append(plan, was);
    }
}

/* What a ladder gained too late for this incident: a second dispatch, a call to accept what was
 * accepted, a warning of a due that has passed. */
static bool bygone(const struct gp_incident *incident, const struct gp_plan *plan,
                   const struct gp_plan_step *step)
{
    if (step->step == GP_STEP_UNACCEPTED && incident->accepted_ms != 0)
        return true;
    return step->step == GP_STEP_DISPATCH ||
           (step->step < GP_STEP_RED && gp_plan_missed(plan, step->stage));
}

static void drop_bygone(const struct gp_incident *incident, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        if (step->status == GP_PLANNED && bygone(incident, plan, step))
            step->status = GP_DROPPED;
    }
}

static int replan_stage(struct gp_decider *decider, const struct gp_row_copy *row,
                        const struct gp_plan *old, uint8_t stage, struct gp_plan *plan)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_calendar *calendar = gp_org_calendar(org, decider->area);
    uint8_t first = plan->step_count;
    bool dispatched = stage == 0 || gp_plan_find(old, stage, GP_STEP_DISPATCH) != NULL;
    int rc = stands(old, stage) ? gp_plan_steps(calendar, org, row, stage, dispatched, plan)
                                : gp_plan_retime(calendar, org, row, stage, dispatched, plan);
    if (rc != 0)
        return rc;
    const struct gp_ladder *ladder = gp_stage_ladder(org, &plan->stage[stage]);
    for (uint8_t i = first; i < plan->step_count; i++) {
        if (plan->step[i].step == GP_STEP_REPEAT)
            replan_repeat(calendar, ladder, old, &plan->step[i]);
    }
    take_over(old, stage, plan);
    return 0;
}

/* ---------------------------------------------------------------- the whole plan */

int gp_plan_again(struct gp_decider *decider, const struct gp_row_copy *row,
                  const struct gp_plan *facts, struct gp_plan *ret_plan)
{
    const struct gp_plan *old = facts;
    struct gp_plan plan = *old;

    gp_plan_cut(&plan, 0);
    for (uint8_t stage = 0; stage <= old->current; stage++) {
        if (old->stage[stage].met_ms != 0) {
            keep_steps(old, stage, &plan);
            continue;
        }
        int rc = replan_stage(decider, row, old, stage, &plan);
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

/* Whether the owner's clock runs. Of an incident that is suspended or returned the plan is made
 * when it goes on; the checker's clock is short, and stays. */
static bool at_work(const struct gp_incident *incident)
{
    return (GP_STATES_AT_WORK & gp_bit(incident->state)) != 0;
}

void gp_decide_replan(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    struct gp_row_copy row;
    struct gp_plan plan;

    assert(scene->incident != NULL);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    if (decider.area == GP_NONE || !at_work(decider.incident) ||
        gp_plan_next(&decider.incident->plan) == NULL)
        return;
    row = current_row(scene->org, decider.incident);
    if (gp_plan_again(&decider, &row, &decider.incident->plan, &plan) != 0 ||
        same_plan(&plan, &decider.incident->plan))
        return;
    struct gp_entry *entry = gp_entry_new(&decider, GP_WHAT_REPLANNED);
    entry->patch.bits = GP_PATCH_PLAN | GP_PATCH_ROW;
    entry->patch.row = row;
    entry->patch.community = decider.incident->community;
    entry->patch.plan = plan;
    gp_emit(&decider, entry);
}
