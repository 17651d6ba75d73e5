/*
 * "Not ours" (R8, R9, R10). A return within the window pauses the owner's clock while the
 * dispatcher's runs; the ruling gives it to a new owner with a fresh allowance, or back, with the
 * pause charged. The second return is arbitrated by the street, while the first receiver leads;
 * that ruling binds. A task from above without an approval reference may be refused by the
 * community.
 */
#include "core/decide_internal.h"

/* ---------------------------------------------------------------- return */

/* The window ends when `unaccepted` is planned: min(2 wh, 25 %), urgent 15 minutes. 0: none. */
static int64_t window_ms(const struct gp_incident *incident)
{
    const struct gp_plan_step *step =
        gp_plan_find(&incident->plan, incident->plan.current, GP_STEP_UNACCEPTED);
    return step != NULL ? step->at_ms : 0;
}

/* False: refused. *ret_late: it is after the window, with the street's consent. */
static bool may_return(struct gp_decider *decider, bool *ret_late)
{
    const struct gp_side *side = &decider->incident->side;
    int64_t window = window_ms(decider->incident);

    if (side->bound || side->barred_count == GP_RETURNS_MAX) {
        gp_refuse(decider, GP_REASON_BOUND, "the street has ruled: %.*s keeps it",
                  GP_SPAN_ARG(decider->incident->owner));
        return false;
    }
    if (decider->command->return_reason == GP_RETURN_NONE) {
        gp_refuse(decider, GP_REASON_NO_REASON,
                  "one of wrong_line wrong_area duplicate not_enough_info no_power out_of_scope");
        return false;
    }
    *ret_late = decider->scene->now_ms > window;
    if (*ret_late && !side->consented) {
        gp_refuse(decider, GP_REASON_LATE, "the window has closed; the street may: consent");
        return false;
    }
    return true;
}

static void fill_return(struct gp_decider *decider, bool late, struct gp_entry *entry)
{
    struct gp_side *side = gp_side_of(decider, entry);
    struct gp_plan *plan = gp_plan_of(decider, entry);

    side->returns++;
    side->buck_passed += late;
    side->consented = false;
    side->returner = decider->incident->owner;
    side->suggested = decider->command->post;
    side->return_reason = decider->command->return_reason;
    side->returned_ms = decider->scene->now_ms;
    side->resume_state = decider->incident->state;
    side->barred[side->barred_count++] = decider->incident->owner;
    gp_plan_pause(plan, GP_STEP_BLUE); /* the overall clock goes on */
    gp_plan_add_side(plan, GP_STEP_DISPATCH_LATE,
                     gp_side_clock_ms(decider, plan, GP_STEP_DISPATCH_LATE));
    entry->subject = decider->command->post;
    entry->nth = side->returns;
    if (late)
        entry->flags |= GP_FLAG_BUCK_PASSING;
}

/* R9: the first receiver leads until the street has ruled. */
static void lead_meanwhile(struct gp_decider *decider, struct gp_entry *entry)
{
    struct gp_span first = decider->incident->side.first_owner;

    gp_set_owner(decider, first.len > 0 ? first : decider->incident->owner, entry);
    entry->patch.assistant = decider->incident->assistant;
}

void gp_do_return(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_owner(decider, false);
    bool second = decider->incident->side.returns > 0;
    bool late;

    if (post == GP_NONE || !may_return(decider, &late))
        return;
    if (decider->command->post.len > 0 && gp_need_post(decider, decider->command->post) == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, second ? GP_WHAT_ARBITRATED : GP_WHAT_RETURNED, post,
                                    second ? leads.other : leads.to);
    struct gp_span reason = gp_span_of(gp_return_reason_name(decider->command->return_reason));
    entry->text = decider->command->text.len == 0
                      ? reason
                      : gp_draft(decider, "%.*s: %.*s", GP_SPAN_ARG(reason),
                                 GP_SPAN_ARG(decider->command->text));
    fill_return(decider, late, entry);
    if (second)
        lead_meanwhile(decider, entry);
    gp_tell_now(decider,
                second ? gp_bit(GP_TELL_OWNER) | gp_bit(GP_TELL_SK) | gp_bit(GP_TELL_S1)
                       : gp_bit(GP_TELL_SK),
                entry); /* the owner: who leads meanwhile */
    gp_emit(decider, entry);
}

void gp_do_consent(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_street(decider, "consents");

    if (post == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_NOTED, post, leads.to);
    gp_side_of(decider, entry)->consented = true;
    if (entry->text.len == 0)
        gp_say(entry, GP_SPAN("consent to a return after the window"));
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- rule */

static bool same_department(const struct gp_org *org, uint32_t a, uint32_t b)
{
    return org->posts[a].department != GP_NONE &&
           org->posts[a].department == org->posts[b].department;
}

bool gp_barred(const struct gp_decider *decider, uint32_t post)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_side *side = &decider->incident->side;

    for (uint8_t i = 0; i < side->barred_count; i++) {
        uint32_t barred = gp_org_post(org, side->barred[i]);
        if (barred == post || (barred != GP_NONE && same_department(org, barred, post)))
            return true;
    }
    return false;
}

/* The returner keeps it: its clock goes on, and the pause is charged. */
static void give_back(struct gp_decider *decider, uint32_t post, uint8_t next_state)
{
    const struct gp_side *was = &decider->incident->side;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_RULED, post, next_state);
    struct gp_side *side = gp_side_of(decider, entry);
    struct gp_plan *plan = gp_plan_of(decider, entry);

    gp_plan_end_side(plan);
    gp_plan_continue(plan);
    gp_set_owner(decider, was->returner, entry);
    entry->patch.assistant = decider->incident->assistant;
    side->bound = decider->incident->state == GP_STATE_ARBITRATION;
    gp_end_return(side);
    entry->level = GP_RESULT_NO;
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}

static void give_on(struct gp_decider *decider, uint32_t post, uint8_t next_state)
{
    bool arbitrated = decider->incident->state == GP_STATE_ARBITRATION;
    struct gp_span named =
        decider->command->post.len > 0 ? decider->command->post : decider->incident->side.suggested;
    uint32_t owner = gp_need_post(decider, named);

    if (owner == GP_NONE)
        return;
    if (!arbitrated && gp_barred(decider, owner)) {
        gp_refuse(decider, GP_REASON_BARRED, "%.*s or its department returned it",
                  GP_SPAN_ARG(named));
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_RULED, post, next_state);
    struct gp_side *side = gp_side_of(decider, entry);
    side->bound = arbitrated;
    gp_end_return(side);
    entry->level = GP_RESULT_YES;
    (void)gp_move_to(decider, entry, owner); /* a refusal is the answer */
}

void gp_do_rule(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_street(decider, "rules");

    if (post == GP_NONE)
        return;
    if (decider->command->result == GP_RESULT_YES)
        give_on(decider, post, leads.to);
    else if (decider->command->result == GP_RESULT_NO)
        give_back(decider, post, leads.other);
    else
        gp_refuse(decider, GP_REASON_NO_RESULT, "say accept or refuse");
}

/* ---------------------------------------------------------------- refuse (R10) */

void gp_do_refuse(struct gp_decider *decider, struct gp_leads leads)
{
    static const enum gp_post_kind community[] = {GP_POST_D1, GP_POST_D2, GP_POST_A, GP_POST_B};
    uint32_t post = gp_acts_for_one_of(decider, community, GP_COUNT(community));
    const struct gp_side *side = &decider->incident->side;

    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the community's D1, D2, A or B refuse");
        return;
    }
    if (!side->downward || side->approval.len > 0) {
        gp_refuse(decider, GP_REASON_NOT_DOWNWARD,
                  side->downward ? "it has the approval reference %.*s"
                                 : "it is no task from above%.*s",
                  GP_SPAN_ARG(side->approval));
        return;
    }
    if (!gp_nobody_follows(decider))
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_DECLINED, post, leads.to);
    gp_end_undone(decider, entry);
    gp_tell_now(decider, gp_bit(GP_TELL_K) | gp_bit(GP_TELL_SK), entry);
    gp_emit(decider, entry);
}
