/* A limit and a ladder become a plan: times only; who is told is looked up when a step fires. */
#include "core/ladder.h"

#include "base/error.h"

#include <assert.h>

const struct gp_rung *gp_ladder_rung(const struct gp_ladder *ladder, enum gp_step step)
{
    for (uint8_t i = 0; ladder != NULL && i < ladder->rung_count; i++) {
        if (ladder->rung[i].step == (uint8_t)step)
            return &ladder->rung[i];
    }
    return NULL;
}

const struct gp_ladder *gp_stage_ladder(const struct gp_org *org, const struct gp_stage *stage)
{
    uint32_t index = gp_org_ladder(org, stage->policy);
    return index != GP_NONE ? &org->ladders[index] : NULL;
}

uint32_t gp_ladder_of_stage(const struct gp_org *org, struct gp_span policy,
                            const struct gp_limit *limit, uint8_t index)
{
    uint32_t first = gp_org_ladder(org, policy);
    if (first == GP_NONE || index == 0)
        return first;
    const struct gp_ladder *ladder = &org->ladders[first];
    struct gp_amount amount = limit->stage[index];
    bool is_long = amount.unit == GP_UNIT_WORK_DAY && ladder->next_long_wd > 0 &&
                   amount.n >= ladder->next_long_wd && ladder->next_long.len > 0;
    struct gp_span next = is_long ? ladder->next_long : ladder->next;
    return next.len > 0 ? gp_org_ladder(org, next) : first;
}

int gp_plan_past_gap(const struct gp_calendar *calendar, const struct gp_stage *stage,
                     int64_t at_ms, int64_t *ret_ms)
{
    if (stage->gap_to_ms == 0 || at_ms < stage->gap_from_ms) {
        *ret_ms = at_ms;
        return 0;
    }
    if (gp_unit_continuous(stage->amount.unit)) {
        *ret_ms = stage->gap_to_ms + (at_ms - stage->gap_from_ms);
        return 0;
    }
    int64_t left_ms = gp_calendar_worked(calendar, stage->gap_from_ms, at_ms);
    return gp_calendar_add_work(calendar, stage->gap_to_ms, left_ms, ret_ms);
}

static uint32_t stage_ladder(const struct gp_org *org, const struct gp_row_copy *row, uint8_t index)
{
    return gp_ladder_of_stage(org, row->policy, &row->limit, index);
}

struct timing {
    const struct gp_calendar *calendar;
    const struct gp_stage *stage;
    int64_t first_due_ms;      /* without extensions: percentages are of it */
    int64_t before_ms, due_ms; /* the due before and after the last extension */
    int64_t card_ms;
    bool gap; /* the times are as if the stage had never been suspended */
};

static int extend(struct timing *timing)
{
    const struct gp_stage *stage = timing->stage;
    int rc = 0;

    for (uint8_t i = 0; rc == 0 && i < GP_EXTENSIONS_MAX && stage->extended_h[i] != 0; i++) {
        timing->before_ms = timing->due_ms;
        rc = gp_calendar_add(timing->calendar, timing->before_ms,
                             gp_hours_of(stage->amount.unit, stage->extended_h[i]), GP_WD_HOURS,
                             &timing->due_ms);
    }
    return rc;
}

/* R11: the warning comes again, for the added part, at its 80 % whatever the ladder's own is. */
#define ADDED_PERCENT 80

static bool warns_again(const struct timing *timing, const struct gp_rung *rung)
{
    return rung->step == GP_STEP_YELLOW && timing->stage->extended_h[0] != 0;
}

static int by_percent_ms(const struct timing *timing, const struct gp_rung *rung, int64_t *ret_ms)
{
    bool again = warns_again(timing, rung);
    int64_t from_ms = again ? timing->before_ms : timing->stage->start_ms;
    int64_t to_ms = again ? timing->due_ms : timing->first_due_ms;

    return gp_calendar_percent(timing->calendar, from_ms, to_ms, timing->stage->amount,
                               again ? ADDED_PERCENT : rung->percent, ret_ms);
}

static int rung_from_start(const struct timing *timing, const struct gp_rung *rung, int64_t *ret_ms)
{
    int64_t by_amount = INT64_MAX, by_percent = INT64_MAX;
    int rc = 0;

    if (rung->has_amount)
        rc = gp_calendar_add(timing->calendar, timing->stage->start_ms, rung->amount, GP_WD_HOURS,
                             &by_amount);
    if (rc == 0 && rung->has_percent)
        rc = by_percent_ms(timing, rung, &by_percent);
    if (rc != 0)
        return rc;
    *ret_ms = by_amount < by_percent ? by_amount : by_percent;
    if (*ret_ms == INT64_MAX) /* neither: at the start itself */
        *ret_ms = timing->stage->start_ms;
    return 0;
}

/* R8: after a return the overall clock goes on: what comes behind blue counts from the first due.
 */
static int64_t due_for(const struct timing *timing, const struct gp_rung *rung)
{
    bool overall = rung->step >= GP_STEP_ORANGE && timing->stage->overall_ms != 0;
    return overall ? timing->stage->overall_ms : timing->due_ms;
}

static int rung_time(const struct timing *timing, const struct gp_rung *rung, int64_t *ret_ms)
{
    int64_t anchor_ms;

    if (rung->anchor == GP_ANCHOR_START)
        return rung_from_start(timing, rung, ret_ms);
    anchor_ms = rung->anchor == GP_ANCHOR_DUE ? due_for(timing, rung) : timing->card_ms;
    if (!rung->has_amount) {
        *ret_ms = anchor_ms;
        return 0;
    }
    return gp_calendar_add(timing->calendar, anchor_ms, rung->amount, GP_WD_HOURS, ret_ms);
}

/* ---------------------------------------------------------------- stages */

static int stage_due(const struct gp_calendar *calendar, const struct gp_row_copy *row,
                     uint8_t index, int64_t start_ms, int64_t *ret_ms)
{
    return gp_calendar_add(calendar, start_ms, row->limit.stage[index], row->wd_mode, ret_ms);
}

/* The stages behind this one, as they will be if each takes its whole time. */
static int outline_later(const struct gp_calendar *calendar, const struct gp_org *org,
                         const struct gp_row_copy *row, uint8_t index, struct gp_plan *plan)
{
    for (uint8_t i = index + 1; i < row->limit.stage_count; i++) {
        struct gp_stage *stage = &plan->stage[i];
        uint32_t ladder = stage_ladder(org, row, i);
        *stage =
            (struct gp_stage){.amount = row->limit.stage[i], .start_ms = plan->stage[i - 1].due_ms};
        if (ladder == GP_NONE)
            return GP_ENOTFOUND;
        stage->policy = org->ladders[ladder].id;
        int rc = stage_due(calendar, row, i, stage->start_ms, &stage->due_ms);
        if (rc != 0)
            return rc;
        stage->provisional = stage->due_ms >= calendar->known_until_ms;
    }
    plan->stage_count = row->limit.stage_count;
    return 0;
}

static int add_step(const struct timing *timing, const struct gp_rung *rung, uint8_t index,
                    int64_t at_ms, struct gp_plan *plan)
{
    int rc = timing->gap ? gp_plan_past_gap(timing->calendar, timing->stage, at_ms, &at_ms) : 0;

    if (rc != 0)
        return rc;
    assert(plan->step_count < GP_PLAN_STEPS_MAX);
    plan->step[plan->step_count++] = (struct gp_plan_step){
        .at_ms = at_ms,
        .step = rung->step,
        .stage = index,
        .status = GP_PLANNED,
        .provisional = at_ms >= timing->calendar->known_until_ms,
        .nth = rung->step == GP_STEP_REPEAT ? 1 : 0,
    };
    return 0;
}

static int add_steps(const struct timing *timing, const struct gp_ladder *ladder, uint8_t index,
                     bool with_dispatch, struct gp_plan *plan)
{
    struct timing at = *timing;

    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        const struct gp_rung *rung = &ladder->rung[i];
        int64_t at_ms;
        if (rung->step > GP_STEP_REPEAT) /* of the dispatcher's and checker's clocks */
            break;
        if (!with_dispatch && (rung->step == GP_STEP_DISPATCH || rung->step == GP_STEP_UNACCEPTED))
            continue;
        int rc = rung_time(&at, rung, &at_ms);
        if (rc == 0)
            rc = add_step(&at, rung, index, at_ms, plan);
        if (rc != 0)
            return rc;
        if (rung->step == GP_STEP_CARD)
            at.card_ms = at_ms;
    }
    return 0;
}

int gp_plan_steps(const struct gp_calendar *calendar, const struct gp_org *org,
                  const struct gp_row_copy *row, uint8_t index, bool with_dispatch,
                  struct gp_plan *plan)
{
    struct gp_stage *stage = &plan->stage[index];
    uint32_t ladder = stage_ladder(org, row, index);

    if (ladder == GP_NONE)
        return GP_ENOTFOUND;
    stage->policy = org->ladders[ladder].id;
    struct timing timing = {
        .calendar = calendar,
        .stage = stage,
        .first_due_ms = stage->due_ms,
        .before_ms = stage->start_ms,
        .due_ms = stage->due_ms,
        .card_ms = stage->due_ms,
        .gap = stage->gap_to_ms != 0 && stage->due_ms < stage->gap_to_ms,
    };
    return add_steps(&timing, &org->ladders[ladder], index, with_dispatch, plan);
}

/* The due of a stage from its facts, without the gap. */
static int time_stage(const struct gp_calendar *calendar, const struct gp_row_copy *row,
                      const struct gp_stage *stage, struct timing *ret_timing)
{
    struct timing timing = {.calendar = calendar, .stage = stage, .gap = stage->gap_to_ms != 0};
    int rc = gp_calendar_add(calendar, stage->start_ms, stage->amount, row->wd_mode,
                             &timing.first_due_ms);

    timing.before_ms = stage->start_ms;
    timing.due_ms = timing.first_due_ms;
    if (rc == 0)
        rc = extend(&timing);
    timing.card_ms = timing.due_ms;
    *ret_timing = timing;
    return rc;
}

int gp_plan_retime(const struct gp_calendar *calendar, const struct gp_org *org,
                   const struct gp_row_copy *row, uint8_t index, bool with_dispatch,
                   struct gp_plan *plan)
{
    struct gp_stage *stage = &plan->stage[index];
    uint32_t ladder = stage_ladder(org, row, index);
    struct timing timing;
    int rc;

    assert(index < row->limit.stage_count);
    if (ladder == GP_NONE)
        return GP_ENOTFOUND;
    if (!stage->own_amount)
        stage->amount = row->limit.stage[index];
    rc = time_stage(calendar, row, stage, &timing);
    if (rc == 0)
        rc = gp_plan_past_gap(calendar, stage, timing.due_ms, &stage->due_ms);
    if (rc != 0)
        return rc;
    stage->policy = org->ladders[ladder].id;
    stage->provisional = stage->due_ms >= calendar->known_until_ms;
    plan->current = index;
    rc = outline_later(calendar, org, row, index, plan);
    return rc == 0 ? add_steps(&timing, &org->ladders[ladder], index,
                               with_dispatch && !stage->rework, plan)
                   : rc;
}

int gp_plan_stage(const struct gp_calendar *calendar, const struct gp_org *org,
                  const struct gp_row_copy *row, uint8_t index, int64_t start_ms,
                  bool with_dispatch, struct gp_plan *plan)
{
    assert(index < row->limit.stage_count);
    plan->stage[index] = (struct gp_stage){.start_ms = start_ms};
    return gp_plan_retime(calendar, org, row, index, with_dispatch, plan);
}

/* ---------------------------------------------------------------- repeats, other clocks */

int gp_plan_repeat(const struct gp_calendar *calendar, const struct gp_ladder *ladder,
                   const struct gp_plan_step *fired, struct gp_plan_step *ret_next)
{
    const struct gp_rung *rung = gp_ladder_rung(ladder, GP_STEP_REPEAT);
    int64_t at_ms;

    if (rung == NULL)
        return GP_ENOTFOUND;
    struct gp_amount gap = fired->nth < rung->times ? rung->amount : rung->then;
    int rc = gp_calendar_add(calendar, fired->at_ms, gap, GP_WD_HOURS, &at_ms);
    if (rc != 0)
        return rc;
    *ret_next = *fired;
    ret_next->at_ms = at_ms;
    ret_next->nth = fired->nth + 1;
    ret_next->status = GP_PLANNED;
    ret_next->provisional = at_ms >= calendar->known_until_ms;
    return 0;
}

/* Where ladders.yaml says nothing: the dispatcher's 15 minutes (R8), the checker's 4 working hours,
 * 30 minutes where the limit is urgent (R13), and the notice before a suspended incident goes on.
 */
static const struct gp_rung *default_rung(enum gp_step step, bool continuous)
{
    static const struct gp_rung dispatch_late = {
        .step = GP_STEP_DISPATCH_LATE,
        .anchor = GP_ANCHOR_START,
        .has_amount = true,
        .amount = {15, GP_UNIT_MINUTE},
        .tells = UINT32_C(1) << GP_TELL_S1,
    };
    static const struct gp_rung verify_late = {
        .step = GP_STEP_VERIFY_LATE,
        .anchor = GP_ANCHOR_START,
        .has_amount = true,
        .amount = {4, GP_UNIT_WORK_HOUR},
        .tells = UINT32_C(1) << GP_TELL_D1 | UINT32_C(1) << GP_TELL_S1,
    };
    static const struct gp_rung verify_late_urgent = {
        .step = GP_STEP_VERIFY_LATE,
        .anchor = GP_ANCHOR_START,
        .has_amount = true,
        .amount = {30, GP_UNIT_MINUTE},
        .tells = UINT32_C(1) << GP_TELL_D1 | UINT32_C(1) << GP_TELL_S1,
    };
    static const struct gp_rung resume_notice = {
        .step = GP_STEP_RESUME_NOTICE,
        .anchor = GP_ANCHOR_START,
        .has_amount = true,
        .amount = {7, GP_UNIT_URGENT_DAY}, /* before, not after */
        .tells = UINT32_C(1) << GP_TELL_OWNER | UINT32_C(1) << GP_TELL_SK,
    };

    switch (step) {
    case GP_STEP_DISPATCH_LATE:
        return &dispatch_late;
    case GP_STEP_VERIFY_LATE:
        return continuous ? &verify_late_urgent : &verify_late;
    default:
        assert(step == GP_STEP_RESUME_NOTICE);
        return &resume_notice;
    }
}

const struct gp_rung *gp_ladder_side_rung(const struct gp_ladder *ladder, enum gp_step step,
                                          bool continuous)
{
    const struct gp_rung *rung = gp_ladder_rung(ladder, step);
    return rung != NULL ? rung : default_rung(step, continuous);
}
