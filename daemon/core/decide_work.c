/* The main line: the owner accepts, notes, meets stages and finishes; residents are told. */
#include "core/decide_internal.h"

/* The owner's post, else the nearest of this community, street and department, that the actor acts
 * for; GP_NONE. */
static uint32_t concerned_post(const struct gp_decider *decider)
{
    static const enum gp_post_kind concerned[] = {
        GP_POST_B,  GP_POST_A,  GP_POST_D2, GP_POST_D1, GP_POST_R, GP_POST_F,  GP_POST_K,
        GP_POST_SK, GP_POST_S1, GP_POST_S2, GP_POST_X,  GP_POST_H, GP_POST_H2,
    };
    uint32_t owner = gp_owner_post(decider);

    return gp_acts_for(decider, owner)
               ? owner
               : gp_acts_for_one_of(decider, concerned, GP_COUNT(concerned));
}

void gp_do_accept(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_owner(decider, false);
    if (post == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_ACCEPTED, post, leads.to);
    entry->patch.bits |= GP_PATCH_ACCEPT;
    gp_emit(decider, entry);
}

void gp_do_note(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = concerned_post(decider);

    if (post == GP_NONE && !gp_span_equal(decider->command->actor, decider->incident->reporter)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                  "the reporter and the posts of this community, street and department may");
        return;
    }
    gp_emit(decider, gp_act(decider, GP_WHAT_NOTED, post, leads.to));
}

/* The stage that `stage` meets: a missed one first, else the running one. Never the last. */
static int open_stage(const struct gp_plan *plan)
{
    for (uint8_t i = 0; i + 1 < plan->stage_count && i <= plan->current; i++) {
        if (plan->stage[i].met_ms == 0)
            return i;
    }
    return -1;
}

static void drop_stage(struct gp_plan *plan, uint8_t stage)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage == stage && plan->step[i].status == GP_PLANNED)
            plan->step[i].status = GP_DROPPED;
    }
}

void gp_do_stage(struct gp_decider *decider, struct gp_leads leads)
{
    int64_t now_ms = decider->scene->now_ms;
    uint32_t post = gp_need_owner(decider, true);
    const struct gp_plan *plan_now = &decider->incident->plan;
    int stage = open_stage(plan_now);

    if (post == GP_NONE)
        return;
    if (stage < 0 || plan_now->stage[plan_now->current].rework) {
        gp_refuse(decider, GP_REASON_NO_STAGE, "the last stage is met by finish");
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_STAGED, post, leads.to);
    struct gp_plan *plan = gp_plan_of(decider, entry);
    plan->stage[stage].met_ms = now_ms;
    drop_stage(plan, (uint8_t)stage);
    if (decider->incident->side.asked_ms != 0 && stage == gp_asked_stage(decider->incident))
        gp_end_asking(gp_side_of(decider, entry)); /* it is met: nothing is left to extend */
    if (stage == plan->current &&
        gp_start_stage(decider, (uint8_t)(stage + 1), now_ms, plan) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "the next stage cannot be planned");
        return;
    }
    entry->stage = (uint8_t)stage;
    gp_emit(decider, entry);
}

void gp_do_inform(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = concerned_post(decider);

    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                  "the posts of this community, street and department may");
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_INFORMED, post, leads.to);
    entry->patch.bits |= GP_PATCH_INFORM;
    gp_emit(decider, entry);
}
