/*
 * Finishing and what comes behind it (R13, R19): the checker has a clock of their own; work that
 * fails the check is reworked on what is left of its time, at least half of the allowance; what is
 * good is closed, and may be reopened.
 */
#include "core/decide_internal.h"

#include <assert.h>

static const enum gp_post_kind checkers[] = {GP_POST_SK, GP_POST_D2, GP_POST_D1, GP_POST_S1};

/* ---------------------------------------------------------------- finish */

/* SK of the street, else D2, else D1: the first whose person has not finished it; else S1. */
static uint32_t checker_tell(const struct gp_decider *decider)
{
    static const uint8_t tells[] = {GP_TELL_SK, GP_TELL_D2, GP_TELL_D1};

    for (size_t i = 0; i < GP_COUNT(tells); i++) {
        uint32_t post = gp_post_here(decider, checkers[i]);
        if (post == GP_NONE)
            continue;
        uint32_t person =
            gp_post_effective(decider->scene->org, post, decider->area, decider->scene->now_ms)
                .person;
        if (person == GP_NONE)
            continue;
        struct gp_span id = decider->scene->org->persons[person].id;
        if (!gp_span_equal(id, decider->command->actor) && !gp_finished_it(decider, id))
            return gp_bit(tells[i]);
    }
    return gp_bit(GP_TELL_S1);
}

void gp_start_check(struct gp_decider *decider, struct gp_entry *entry)
{
    struct gp_plan *plan = gp_plan_of(decider, entry);
    int64_t due_ms = gp_side_clock_ms(decider, plan, GP_STEP_VERIFY_LATE);
    struct gp_side *side = gp_side_of(decider, entry);

    gp_plan_drop(plan, GP_STEP_NONE);
    gp_plan_end_side(plan);
    gp_plan_add_side(plan, GP_STEP_VERIFY_LATE, due_ms);
    side->check_due_ms = due_ms;
    gp_tell_now(decider, checker_tell(decider), entry);
}

void gp_do_finish(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_owner(decider, true);

    if (post == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_FINISHED, post, leads.to);
    entry->patch.bits |= GP_PATCH_FINISH;
    if (decider->incident->state == GP_STATE_DISPATCHED ||
        decider->incident->state == GP_STATE_REOPENED || decider->incident->accepted_ms == 0)
        entry->patch.bits |= GP_PATCH_ACCEPT; /* finishing implies accepting */
    gp_end_asking(gp_side_of(decider, entry));
    gp_end_return(gp_side_of(decider, entry));
    gp_start_check(decider, entry);
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- verify */

/* How much time of a clock lies between two instants; 0 where the second is the earlier. */
static int64_t time_between(const struct gp_calendar *calendar, bool continuous, int64_t from_ms,
                            int64_t to_ms)
{
    if (to_ms <= from_ms)
        return 0;
    return continuous ? to_ms - from_ms : gp_calendar_worked(calendar, from_ms, to_ms);
}

/* R13: what is left of the time, at least half of the allowance, in the allowance's own clock, in
 * whole seconds rounded up. */
static struct gp_amount rework_amount(const struct gp_decider *decider)
{
    const struct gp_calendar *calendar = gp_calendar_here(decider);
    const struct gp_stage *stage = gp_plan_stage_now(&decider->incident->plan);
    const struct gp_row_copy *row = &decider->incident->row;
    struct gp_amount original = row->limit.stage[decider->incident->plan.current];
    bool continuous = gp_unit_continuous(stage->amount.unit);
    int64_t left_ms =
        time_between(calendar, continuous, decider->incident->finished_ms, stage->due_ms);
    int64_t whole_ms = 0, due_ms;

    if (gp_calendar_add(calendar, stage->start_ms, original, row->wd_mode, &due_ms) == 0)
        whole_ms = time_between(calendar, continuous, stage->start_ms, due_ms);
    if (left_ms < whole_ms / 2)
        left_ms = whole_ms / 2;
    return (struct gp_amount){
        .n = (uint32_t)((left_ms + GP_MS_SECOND - 1) / GP_MS_SECOND),
        .unit = continuous ? GP_UNIT_SECOND : GP_UNIT_WORK_SECOND,
    };
}

static bool plan_rework(struct gp_decider *decider, struct gp_plan *plan)
{
    struct gp_amount amount = rework_amount(decider);

    gp_plan_end_side(plan);
    plan->stage[plan->current] = (struct gp_stage){
        .amount = amount,
        .own_amount = true,
        .rework = true,
        .start_ms = decider->scene->now_ms,
    };
    return gp_plan_anew(decider, plan) == 0;
}

/* Whom the ladder's blue tells, here from the start. */
static uint32_t blue_tells(const struct gp_decider *decider)
{
    const struct gp_stage *now = gp_plan_stage_now(&decider->incident->plan);
    const struct gp_rung *rung =
        gp_ladder_rung(gp_stage_ladder(decider->scene->org, now), GP_STEP_BLUE);
    return rung != NULL ? rung->tells : 0;
}

static void rework(struct gp_decider *decider, uint32_t post, uint8_t next_state)
{
    struct gp_entry *entry = gp_act(decider, GP_WHAT_REWORK, post, next_state);
    struct gp_side *side = gp_side_of(decider, entry);

    side->reworks++;
    side->check_due_ms = 0;
    entry->nth = side->reworks;
    if (!plan_rework(decider, gp_plan_of(decider, entry))) {
        gp_refuse(decider, GP_REASON_CALENDAR, "the rework cannot be planned");
        return;
    }
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER) | (side->reworks >= 2 ? blue_tells(decider) : 0),
                entry);
    bool strike = side->reworks >= 3;
    gp_emit(decider, entry);
    if (strike)
        gp_strike(decider, decider->incident->owner, decider->scene->now_ms, true);
}

void gp_do_verify(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_acts_for_one_of(decider, checkers, GP_COUNT(checkers));

    if (gp_finished_it(decider, decider->command->actor)) {
        gp_refuse(decider, GP_REASON_OWN_WORK,
                  "%.*s finished it; SK, D2, D1 or S1 verify, another person",
                  GP_SPAN_ARG(decider->command->actor));
        return;
    }
    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_CHECKER, "SK of the street, else D2, D1 or S1 verify");
        return;
    }
    if (decider->command->result == GP_RESULT_NO) {
        rework(decider, post, leads.other);
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_VERIFIED, post, leads.to);
    entry->patch.bits |= GP_PATCH_VERIFY;
    gp_plan_end_side(gp_plan_of(decider, entry));
    gp_side_of(decider, entry)->check_due_ms = 0;
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- close, reopen */

/* Residents hear of the result from whoever reported for them. */
static void tell_reporter(const struct gp_decider *decider, struct gp_entry *entry)
{
    entry->recipient[entry->recipient_count++] = (struct gp_recipient){
        .person = decider->incident->reporter, .capacity = "reporter", .path = GP_PATH_HOLDER};
}

void gp_do_close(struct gp_decider *decider, struct gp_leads leads)
{
    static const enum gp_post_kind closers[] = {GP_POST_SK, GP_POST_D2, GP_POST_D1, GP_POST_K};
    const struct gp_row_copy *row = &decider->incident->row;
    uint32_t post = gp_acts_for_one_of(decider, closers, GP_COUNT(closers));

    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "SK, D2, D1 or the department's desk K close");
        return;
    }
    if (row->informed && !row->is_private && !decider->incident->informed) {
        gp_refuse(decider, GP_REASON_NOT_INFORMED, "tell the residents, then: inform"); /* R19 */
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_CLOSED, post, leads.to);
    entry->patch.bits |= GP_PATCH_CLOSE;
    tell_reporter(decider, entry);
    gp_emit(decider, entry);
}

void gp_decide_close_with(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    struct gp_entry *entry;

    assert(scene->incident != NULL && scene->incident->state == GP_STATE_DUPLICATE);
    assert(scene->incident->side.main != 0);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    entry = gp_entry_new(&decider, GP_WHAT_CLOSED);
    entry->other = scene->incident->side.main;
    entry->patch.bits = GP_PATCH_CLOSE;
    gp_set_state(&decider, gp_turn_leads(GP_TURN_CLOSED).to, entry);
    entry->patch.at_ms = scene->now_ms;
    tell_reporter(&decider, entry);
    gp_emit(&decider, entry);
}

void gp_do_reopen(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "reopens");

    if (post == GP_NONE || !gp_need_text(decider))
        return;
    if (decider->incident->side.main != 0) {
        gp_refuse(decider, GP_REASON_LINKED, "it followed #%llu: reopen that",
                  (unsigned long long)decider->incident->side.main);
        return;
    }
    if (gp_owner_post(decider) == GP_NONE) {
        gp_refuse(decider, GP_REASON_UNKNOWN_POST, "owner %.*s is no more: report it again",
                  GP_SPAN_ARG(decider->incident->owner));
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_REOPENED, post, leads.to);
    struct gp_plan *plan = gp_plan_of(decider, entry);
    entry->patch.bits |= GP_PATCH_REOPEN;
    gp_side_of(decider, entry)->reopens++;
    plan->stage[plan->current] = (struct gp_stage){.start_ms = decider->scene->now_ms};
    if (gp_plan_anew(decider, plan) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "it cannot be planned again");
        return;
    }
    gp_emit(decider, entry);
    gp_fire_dispatch(decider);
}
