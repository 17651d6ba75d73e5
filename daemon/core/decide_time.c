/*
 * More time (R11) and standing still (R12). An extension is asked for before the due and granted
 * perhaps after it: then what the due brought in between is superseded. A suspended incident's
 * remaining allowance freezes and goes on at the first working instant of a date.
 */
#include "core/decide_internal.h"

#include <assert.h>

/* ---------------------------------------------------------------- extend */

/* Whether hours are at most one original allowance, counted behind the due. */
static bool within_allowance(const struct gp_decider *decider, const struct gp_stage *stage,
                             uint32_t hours)
{
    const struct gp_calendar *calendar = gp_calendar_here(decider);
    struct gp_amount asked = gp_hours_of(stage->amount.unit, hours);
    int64_t most_ms, asked_ms;

    return gp_calendar_add(calendar, stage->due_ms, stage->amount, GP_WD_HOURS, &most_ms) == 0 &&
           gp_calendar_add(calendar, stage->due_ms, asked, GP_WD_HOURS, &asked_ms) == 0 &&
           asked_ms <= most_ms;
}

/* How often a stage was extended. */
static uint8_t extensions(const struct gp_stage *stage)
{
    uint8_t count = 0;

    while (count < GP_EXTENSIONS_MAX && stage->extended_h[count] != 0)
        count++;
    return count;
}

static bool may_ask(struct gp_decider *decider)
{
    const struct gp_side *side = &decider->incident->side;
    const struct gp_stage *stage = gp_plan_stage_now(&decider->incident->plan);
    uint8_t granted = extensions(stage);

    if (side->asked_ms != 0)
        gp_refuse(decider, GP_REASON_PENDING, "%u hours were asked for already", side->asked_h);
    else if (granted == GP_EXTENSIONS_MAX)
        gp_refuse(decider, GP_REASON_TOO_MANY, "it was extended %d times", GP_EXTENSIONS_MAX);
    else if (decider->scene->now_ms >= stage->due_ms)
        gp_refuse(decider, GP_REASON_LATE, "an extension is asked for before the due");
    else if (decider->command->hours == 0 ||
             !within_allowance(decider, stage, decider->command->hours))
        gp_refuse(decider, GP_REASON_TOO_LONG, "hours: at least 1, at most one original allowance");
    else
        return true;
    return false;
}

/* Granted by D1; where a department owns, or D1 itself asks, by the street's desk. */
static enum gp_post_kind usual_decider(const struct gp_org *org, struct gp_span asker)
{
    uint32_t post = gp_org_post(org, asker);

    switch (post != GP_NONE ? org->posts[post].kind : GP_POST_A) {
    case GP_POST_F:
    case GP_POST_K:
    case GP_POST_H:
    case GP_POST_H2:
    case GP_POST_D1:
        return GP_POST_SK;
    default:
        return GP_POST_D1;
    }
}

/* A level that is not there is skipped. */
static enum gp_post_kind decider_kind(const struct gp_decider *decider, struct gp_span asker)
{
    enum gp_post_kind kind = usual_decider(decider->scene->org, asker);

    if (kind == GP_POST_D1 && gp_post_here(decider, kind) == GP_NONE)
        kind = GP_POST_SK;
    if (kind == GP_POST_SK && gp_post_here(decider, kind) == GP_NONE)
        kind = GP_POST_S1;
    return kind;
}

static uint32_t tell_of(enum gp_post_kind kind)
{
    return gp_bit(gp_tell_parse(gp_span_of(gp_post_kind_name(kind))));
}

void gp_do_extend(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_owner(decider, false);

    if (post == GP_NONE || !may_ask(decider))
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_NOTED, post, leads.to);
    struct gp_side *side = gp_side_of(decider, entry);
    side->asked_ms = decider->scene->now_ms;
    side->asked_h = decider->command->hours;
    side->asker = decider->incident->owner;
    side->helper = decider->incident->assistant;
    side->fired_count = 0;
    side->struck_before = side->struck_count;
    entry->flags |= GP_FLAG_PENDING_EXTENSION;
    entry->text =
        gp_draft(decider, "extension asked: %u h%s%.*s", side->asked_h,
                 decider->command->text.len > 0 ? ": " : "", GP_SPAN_ARG(decider->command->text));
    gp_tell_now(decider, tell_of(decider_kind(decider, side->asker)), entry);
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- decide */

static void deny(struct gp_decider *decider, uint32_t post, uint8_t next_state)
{
    struct gp_entry *entry = gp_act(decider, GP_WHAT_RULED, post, next_state);

    gp_end_asking(gp_side_of(decider, entry));
    entry->level = GP_RESULT_NO;
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}

/* The longer stage; the warning is armed again, and what its old due brought. A next stage that
 * began because this one was missed has not begun. */
static bool plan_longer(struct gp_decider *decider, const struct gp_incident *asked,
                        struct gp_plan *plan)
{
    const struct gp_calendar *calendar = gp_calendar_here(decider);
    uint32_t hours = asked->side.asked_h;
    struct gp_plan facts = *plan;

    facts.current = gp_asked_stage(asked);
    struct gp_stage *stage = &facts.stage[facts.current];
    struct gp_amount added = gp_hours_of(stage->amount.unit, hours);
    uint8_t at = extensions(stage);

    assert(at < GP_EXTENSIONS_MAX);
    stage->extended_h[at] = hours;
    if (stage->overall_ms != 0 &&
        gp_calendar_add(calendar, stage->overall_ms, added, GP_WD_HOURS, &stage->overall_ms) != 0)
        return false;
    gp_plan_rearm(&facts, GP_STEP_YELLOW, GP_STEP_REPEAT);
    for (uint8_t i = 0; i < facts.step_count; i++) {
        if (facts.step[i].stage == facts.current && facts.step[i].step == GP_STEP_REPEAT)
            facts.step[i].nth = 1; /* from the new card on */
    }
    return gp_plan_again(decider, &decider->incident->row, &facts, plan) == 0;
}

/* Where the incident was before `red` took it away. */
static uint8_t taken_back_to(const struct gp_incident *incident)
{
    struct gp_leads leads = gp_turn_leads(GP_TURN_TAKEN_BACK);

    if (gp_plan_stage_now(&incident->plan)->rework)
        return gp_turn_leads(GP_TURN_REWORK_TAKEN_BACK).to;
    return incident->accepted_ms != 0 ? leads.other : leads.to;
}

/* R11: granted after the due on a request from before. Steps in between are superseded, the
 * incident goes back to the post that had it, unless the department has accepted, and nothing was
 * overdue. */
static void supersede(struct gp_decider *decider, const struct gp_side *asked)
{
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_REPLANNED);
    bool moved = !gp_span_equal(decider->incident->owner, asked->asker);
    bool back = moved && decider->incident->state == GP_STATE_DISPATCHED;

    for (uint8_t i = 0; i < asked->fired_count; i++)
        entry->ref_seq[entry->ref_count++] = asked->fired[i];
    if (decider->incident->overdue_ms >= asked->asked_ms) /* not that of a former stage or ladder */
        entry->patch.bits |= GP_PATCH_OVERDUE;
    if (back) {
        entry->patch.bits |= GP_PATCH_OWNER;
        entry->patch.owner = asked->asker;
        entry->patch.assistant = asked->helper;
        gp_set_state(decider, taken_back_to(decider->incident), entry);
        gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    }
    gp_emit(decider, entry);
    gp_lift_strikes(decider, asked->struck_before);
}

static void grant(struct gp_decider *decider, uint32_t post, uint8_t next_state)
{
    struct gp_side asked = decider->incident->side;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_EXTENDED, post, next_state);

    gp_end_asking(gp_side_of(decider, entry));
    if (!plan_longer(decider, decider->incident, gp_plan_of(decider, entry))) {
        gp_refuse(decider, GP_REASON_CALENDAR, "the longer limit cannot be planned");
        return;
    }
    entry->level = GP_RESULT_YES;
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
    if (asked.fired_count > 0)
        supersede(decider, &asked);
}

void gp_do_decide(struct gp_decider *decider, struct gp_leads leads)
{
    const struct gp_side *side = &decider->incident->side;
    enum gp_post_kind kind = decider_kind(decider, side->asker);
    uint32_t post = gp_post_here(decider, kind);

    if (side->asked_ms == 0) {
        gp_refuse(decider, GP_REASON_NOTHING_ASKED, "no extension is asked for");
        return;
    }
    if (!gp_acts_for(decider, post)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "%s decides on it", gp_post_kind_name(kind));
        return;
    }
    if (decider->command->result == GP_RESULT_YES)
        grant(decider, post, leads.to);
    else if (decider->command->result == GP_RESULT_NO)
        deny(decider, post, leads.to);
    else
        gp_refuse(decider, GP_REASON_NO_RESULT, "say grant or refuse");
}

/* ---------------------------------------------------------------- suspend */

#define GP_SUSPEND_MS_MAX (366 * GP_MS_DAY) /* R12: within a year */

static bool may_suspend(struct gp_decider *decider, int64_t *ret_resume_ms)
{
    int64_t now_ms = decider->scene->now_ms, until_ms = decider->command->from_ms;

    if (decider->incident->side.suspensions > 0)
        gp_refuse(decider, GP_REASON_TOO_MANY, "it was suspended once already");
    else if (until_ms <= now_ms || until_ms > now_ms + GP_SUSPEND_MS_MAX)
        gp_refuse(decider, GP_REASON_TOO_LONG, "it goes on at a date to come, within a year");
    else if (gp_calendar_next_working(gp_calendar_here(decider), until_ms, ret_resume_ms) != 0)
        gp_refuse(decider, GP_REASON_CALENDAR, "no working time from that date on");
    else
        return true;
    return false;
}

static void freeze(struct gp_decider *decider, int64_t resume_ms, struct gp_plan *plan)
{
    int64_t now_ms = decider->scene->now_ms;
    const struct gp_stage *now = gp_plan_stage_now(plan);
    const struct gp_rung *rung =
        gp_ladder_side_rung(gp_stage_ladder(decider->scene->org, now), GP_STEP_RESUME_NOTICE,
                            gp_unit_continuous(now->amount.unit));
    int64_t notice_ms = resume_ms - (int64_t)rung->amount.n * GP_MS_DAY;

    gp_plan_pause(plan, GP_STEP_REPEAT);
    for (uint8_t i = 0; i <= plan->current; i++)
        plan->stage[i].gap_from_ms = now_ms;
    if (notice_ms > now_ms)
        gp_plan_add_side(plan, GP_STEP_RESUME_NOTICE, notice_ms);
    gp_plan_add_side(plan, GP_STEP_RESUME, resume_ms);
}

void gp_do_suspend(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_street(decider, "suspends");
    int64_t resume_ms;

    if (post == GP_NONE || !gp_need_text(decider) || !may_suspend(decider, &resume_ms))
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_SUSPENDED, post, leads.to);
    struct gp_side *side = gp_side_of(decider, entry);
    side->suspensions++;
    side->resume_ms = resume_ms;
    side->resume_state = decider->incident->state;
    freeze(decider, resume_ms, gp_plan_of(decider, entry));
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}

/* Repeats that go on count from where they stood; all else is planned from its facts. */
static void move_repeats(const struct gp_calendar *calendar, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        if (step->step == GP_STEP_REPEAT && step->status == GP_PAUSED && step->nth > 1)
            (void)gp_plan_past_gap(calendar, &plan->stage[step->stage], step->at_ms,
                                   &step->at_ms); /* a calendar that ends: it stays */
    }
}

bool gp_thaw(struct gp_decider *decider, int64_t at_ms, struct gp_entry *entry)
{
    struct gp_side *side = gp_side_of(decider, entry);
    struct gp_plan facts = decider->incident->plan;

    gp_set_state(decider, gp_turn_leads(GP_TURN_RESUMED).to, entry);
    side->resume_state = GP_STATE_NONE;
    side->resume_ms = 0;
    if (decider->area == GP_NONE)
        return false;
    for (uint8_t i = 0; i <= facts.current; i++)
        facts.stage[i].gap_to_ms = at_ms;
    gp_plan_end_side(&facts);
    move_repeats(gp_calendar_here(decider), &facts);
    gp_plan_continue(&facts);
    return gp_plan_again(decider, &decider->incident->row, &facts, gp_plan_of(decider, entry)) == 0;
}

void gp_do_resume(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_street(decider, "resumes it early");
    int64_t at_ms = decider->scene->now_ms;

    if (post == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_RESUMED, post, leads.to);
    if (gp_calendar_next_working(gp_calendar_here(decider), at_ms, &at_ms) != 0 ||
        !gp_thaw(decider, at_ms, entry)) {
        gp_refuse(decider, GP_REASON_CALENDAR, "it cannot be planned again");
        return;
    }
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}
