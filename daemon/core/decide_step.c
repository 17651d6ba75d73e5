/*
 * Steps: what a rung of the ladder does when its time comes. On time each fires alone; after the
 * daemon was down, what one incident missed fires together (R16).
 */
#include "core/decide_internal.h"

#include "base/broken.h"

#include <assert.h>

/* Entries that one step can make: vacancies of A, F, K, H2 and H, the step, handover, next stage,
 * strike. */
#define GP_STEP_ENTRIES_MAX 9

const struct gp_rung *gp_step_rung(const struct gp_decider *decider,
                                   const struct gp_plan_step *step)
{
    const struct gp_stage *stage = &decider->incident->plan.stage[step->stage];
    const struct gp_ladder *ladder = gp_stage_ladder(decider->scene->org, stage);

    if (step->step > GP_STEP_REPEAT)
        return gp_ladder_side_rung(ladder, step->step, gp_unit_continuous(stage->amount.unit));
    return gp_ladder_rung(ladder, step->step);
}

/* ---------------------------------------------------------------- handover */

/* To whom a handover goes: A → F → K; from K on nothing moves. GP_NONE: nothing moves. */
static uint32_t handover_target(struct gp_decider *decider)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t owner = gp_org_post(org, decider->incident->owner);
    uint32_t target;

    if (decider->area == GP_NONE)
        return GP_NONE;
    switch (owner != GP_NONE ? org->posts[owner].kind : GP_POST_A) {
    case GP_POST_F:
        target = gp_next_owner(decider, GP_POST_K);
        break;
    case GP_POST_K:
    case GP_POST_H2:
    case GP_POST_H:
        return GP_NONE;
    default:
        target = gp_next_owner(decider, GP_POST_F);
        break;
    }
    return target != owner ? target : GP_NONE;
}

static void emit_handover(struct gp_decider *decider, uint32_t target)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t owner = gp_org_post(org, decider->incident->owner);
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_HANDOVER);
    bool from_a = owner != GP_NONE && org->posts[owner].kind == GP_POST_A;

    entry->patch.bits = GP_PATCH_OWNER;
    gp_set_state(decider, gp_turn_leads(GP_TURN_HANDOVER).to, entry);
    entry->patch.owner = org->posts[target].id;
    entry->patch.assistant = from_a ? decider->incident->owner : decider->incident->assistant;
    entry->text = decider->incident->owner; /* who had it */
    gp_emit(decider, entry);
}

/* A stage that was missed: the next one's clock starts at its due. */
static void start_next_stage(struct gp_decider *decider, uint8_t missed)
{
    const struct gp_plan *old = &decider->incident->plan;
    struct gp_entry *entry;

    if (missed != old->current || missed + 1 >= old->stage_count)
        return;
    entry = gp_entry_of_itself(decider, GP_WHAT_STAGED);
    entry->stage = missed;
    entry->text = GP_SPAN("missed");
    entry->patch.bits = GP_PATCH_PLAN;
    entry->patch.plan = *old;
    if (gp_start_stage(decider, (uint8_t)(missed + 1), old->stage[missed].due_ms,
                       &entry->patch.plan) != 0) {
        decider->out
            ->entry_count--; /* no calendar for it any more: the missed stage's steps go on */
        return;
    }
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- one step */

static struct gp_notice notice_of(const struct gp_decider *decider, const struct gp_rung *rung,
                                  const struct gp_plan_step *step)
{
    struct gp_notice notice = {0};

    if (rung == NULL) { /* the ladder has lost this rung: its owner hears of it all the same */
        notice.tells = gp_bit(GP_TELL_OWNER);
        return notice;
    }
    notice.tells = rung->tells;
    notice.urgent = rung->urgent;
    notice.acting_b = step->step == GP_STEP_DISPATCH && decider->area != GP_NONE &&
                      gp_same_ab(decider, gp_owner_post(decider));
    return notice;
}

/* Keeps what a coalesced step would have told, for the one notice of all. */
static void remember(struct gp_decider *decider, struct gp_span owner,
                     const struct gp_notice *notice)
{
    struct gp_missed *last = &decider->missed[decider->missed_count];

    if (decider->missed_count > 0 && gp_span_equal(last[-1].owner, owner)) {
        last--;
        last->notice.tells |= notice->tells;
        last->notice.urgent = last->notice.urgent || notice->urgent;
        return;
    }
    if (decider->missed_count < GP_MISSED_OWNERS_MAX)
        decider->missed[decider->missed_count++] =
            (struct gp_missed){.owner = owner, .notice = *notice};
}

static void plan_repeat(const struct gp_decider *decider, const struct gp_plan_step *step,
                        struct gp_plan_step *ret_repeat)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_ladder *ladder =
        gp_stage_ladder(org, &decider->incident->plan.stage[step->stage]);

    if (step->step != GP_STEP_REPEAT || ladder == NULL || decider->area == GP_NONE)
        return;
    (void)gp_plan_repeat(gp_org_calendar(org, decider->area), ladder, step,
                         ret_repeat); /* a calendar that ends: no further repeat */
}

static void fill_step(struct gp_decider *decider, const struct gp_plan_step *step, bool coalesced,
                      struct gp_entry *entry)
{
    entry->step = step->step;
    entry->stage = step->stage;
    entry->nth = step->nth;
    entry->has_nominal = true;
    entry->nominal_ms = step->at_ms;
    entry->late_ms = decider->scene->now_ms - step->at_ms;
    entry->flags |=
        (coalesced ? GP_FLAG_COALESCED : 0) | (step->provisional ? GP_FLAG_PROVISIONAL : 0);
    entry->patch.bits |= GP_PATCH_STEP;
    entry->patch.fired_index = (uint8_t)(step - decider->incident->plan.step);
    entry->patch.owed =
        coalesced ? decider->incident->owed | gp_bit(step->step) : decider->incident->owed;
    plan_repeat(decider, step, &entry->patch.repeat);
}

/* The fact "overdue" is recorded against the post that let the limit pass. */
static void record_overdue(const struct gp_decider *decider, const struct gp_plan_step *step,
                           struct gp_entry *entry)
{
    if (step->step != GP_STEP_RED || decider->incident->overdue_ms != 0)
        return;
    entry->patch.bits |= GP_PATCH_OVERDUE;
    entry->patch.overdue_ms = decider->incident->plan.stage[step->stage].due_ms;
    entry->patch.overdue_post = decider->incident->owner;
}

/* R11: what fires behind the due while an extension is pending may have to be taken back. */
static void note_pending(struct gp_decider *decider, const struct gp_plan_step *step,
                         struct gp_entry *entry)
{
    const struct gp_side *was = &decider->incident->side;

    if (was->asked_ms == 0 || step->step < GP_STEP_RED || step->step > GP_STEP_REPEAT)
        return;
    entry->flags |= GP_FLAG_PENDING_EXTENSION;
    if (was->fired_count == GP_REFS_MAX)
        return;
    struct gp_side *side = gp_side_of(decider, entry);
    side->fired[side->fired_count++] = entry->seq;
}

static void fire_rung(struct gp_decider *decider, const struct gp_plan_step *planned,
                      bool coalesced)
{
    struct gp_plan_step step = *planned;
    const struct gp_rung *rung = gp_step_rung(decider, planned);
    struct gp_notice notice = notice_of(decider, rung, planned);
    bool handover = rung != NULL && rung->handover;
    uint32_t target = handover ? handover_target(decider) : GP_NONE;
    struct gp_span owner =
        target != GP_NONE ? decider->scene->org->posts[target].id : decider->incident->owner;
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_STEP);

    if (handover)
        notice.tells |= target != GP_NONE ? gp_bit(GP_TELL_OWNER) : gp_bit(GP_TELL_H);
    fill_step(decider, planned, coalesced, entry);
    record_overdue(decider, planned, entry);
    note_pending(decider, planned, entry);
    if (coalesced)
        remember(decider, owner, &notice);
    else
        gp_tell_of(decider, owner, &notice, entry);
    gp_emit(decider, entry);
    if (target != GP_NONE)
        emit_handover(decider, target);
    if (step.step == GP_STEP_RED)
        start_next_stage(decider, step.stage);
    if (rung != NULL && rung->strike) /* the step itself tells the supervision office */
        gp_strike(decider, decider->incident->owner, step.at_ms, false);
}

/* R12: not a step but an act of time: the suspension ends. */
static void fire_resume(struct gp_decider *decider, const struct gp_plan_step *step)
{
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_RESUMED);
    int64_t at_ms = step->at_ms;

    entry->has_nominal = true;
    entry->nominal_ms = at_ms;
    entry->late_ms = decider->scene->now_ms - at_ms;
    if (!gp_thaw(decider, at_ms, entry)) { /* the old times go on, rather than none */
        gp_plan_end_side(gp_plan_of(decider, entry));
        gp_plan_continue(gp_plan_of(decider, entry));
    }
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}

void gp_fire_step(struct gp_decider *decider, const struct gp_plan_step *planned, bool coalesced)
{
    struct gp_plan_step step = *planned;

    if (step.step == GP_STEP_RESUME)
        fire_resume(decider, &step);
    else
        fire_rung(decider, planned, coalesced);
    if (gp_broken("fire-twice") && step.step == GP_STEP_YELLOW)
        fire_rung(decider, &step, coalesced);
}

static bool room(const struct gp_decider *decider)
{
    return decider->out->entry_count + GP_STEP_ENTRIES_MAX <= GP_ENTRIES_MAX;
}

void gp_decide_expire(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    const struct gp_plan_step *next;
    int64_t instant_ms;

    assert(scene->incident != NULL);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    next = gp_plan_next(&decider.incident->plan);
    if (next == NULL || next->at_ms > scene->now_ms)
        return;
    instant_ms = next->at_ms;
    for (; next != NULL && next->at_ms == instant_ms && room(&decider);
         next = gp_plan_next(&decider.incident->plan))
        gp_fire_step(&decider, next, false);
}

/* ---------------------------------------------------------------- catching up (R16) */

/* What the rungs of these steps tell, in any stage that has begun. */
static struct gp_notice notice_of_steps(const struct gp_decider *decider, uint32_t steps)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_plan *plan = &decider->incident->plan;
    struct gp_notice notice = {0};

    for (uint8_t stage = 0; stage <= plan->current; stage++) {
        const struct gp_ladder *ladder = gp_stage_ladder(org, &plan->stage[stage]);
        for (int step = GP_STEP_DISPATCH; step <= GP_STEP_REPEAT; step++) {
            const struct gp_rung *rung = gp_ladder_rung(ladder, step);
            if (rung == NULL || !(steps & gp_bit(step)))
                continue;
            notice.tells |= rung->tells;
            notice.urgent = notice.urgent || rung->urgent;
        }
    }
    return notice;
}

/* Going on after a decision that had no room for all: what that one coalesced is still owed. */
static void remember_owed(struct gp_decider *decider)
{
    const struct gp_incident *incident = decider->incident;
    const uint32_t owners_words = gp_bit(GP_TELL_OWNER) | gp_bit(GP_TELL_DEPUTY);
    struct gp_notice notice = notice_of_steps(decider, incident->owed);

    if (incident->owed == 0)
        return;
    if (incident->owed & gp_bit(GP_STEP_RED) &&
        gp_span_equal(incident->overdue_post, incident->owner))
        notice.tells |= gp_bit(GP_TELL_H); /* nothing moved at red */
    if (incident->assistant.len > 0 && notice.tells & owners_words) {
        struct gp_notice before = {.tells = notice.tells & owners_words, .urgent = notice.urgent};
        remember(decider, incident->assistant, &before);
        notice.tells &= ~gp_bit(GP_TELL_DEPUTY);
    }
    remember(decider, incident->owner, &notice);
}

/* There is one: at least two things were due, and only one of them can be the end of a suspension.
 */
static struct gp_entry *last_step(struct gp_decision *decision)
{
    uint8_t i = decision->entry_count;

    do
        assert(i > 0);
    while (decision->entry[--i].what != GP_WHAT_STEP);
    return &decision->entry[i];
}

/* How high a step is; those of other clocks than the owner's are below all of its ladder. */
static uint8_t rank(const struct gp_entry *entry)
{
    return entry->step <= GP_STEP_REPEAT ? entry->step : 0;
}

/* After whom the notice is named; the last of several repeats. */
static struct gp_entry *highest_step(struct gp_decision *decision)
{
    struct gp_entry *highest = NULL;

    for (uint8_t i = 0; i < decision->entry_count; i++) {
        struct gp_entry *entry = &decision->entry[i];
        if (entry->what == GP_WHAT_STEP && (highest == NULL || rank(entry) >= rank(highest)))
            highest = entry;
    }
    return highest;
}

/* The highest step carries the one notice of all that were missed: the owner of now first, then
 * those whom the steps would have told while somebody else owned. */
static void tell_once(struct gp_decider *decider)
{
    const struct gp_notice always = {.tells = gp_bit(GP_TELL_OWNER)};
    struct gp_entry *entry = highest_step(decider->out);

    assert(entry != NULL);
    entry->flags &= ~(uint32_t)GP_FLAG_COALESCED;
    remember(decider, decider->incident->owner, &always);
    for (uint8_t i = decider->missed_count; i-- > 0;)
        gp_tell_of(decider, decider->missed[i].owner, &decider->missed[i].notice, entry);
    last_step(decider->out)->patch.owed = 0;
    decider->incident->owed = 0;
}

static const struct gp_plan_step *next_due(const struct gp_decider *decider)
{
    const struct gp_plan_step *next = gp_plan_next(&decider->incident->plan);
    return next != NULL && next->at_ms <= decider->scene->now_ms ? next : NULL;
}

void gp_decide_catch_up(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    const struct gp_plan_step *next;

    assert(scene->incident != NULL);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    next = next_due(&decider);
    if (next == NULL)
        return;
    if (decider.incident->owed == 0) { /* one that was missed alone fires like any other */
        gp_fire_step(&decider, next, false);
        if (next_due(&decider) == NULL)
            return;
        gp_decider_begin(&decider, scene, NULL, ret_decision);
    }
    remember_owed(&decider);
    for (; (next = next_due(&decider)) != NULL && room(&decider);)
        gp_fire_step(&decider, next, true);
    ret_decision->more = next != NULL;
    if (!ret_decision->more)
        tell_once(&decider);
}
