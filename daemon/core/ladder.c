/* A limit and a ladder become a plan: times only; who is told is looked up when a step fires. */
#include "core/ladder.h"

#include "base/error.h"

#include <assert.h>

const struct gp_rung *gp_ladder_rung(const struct gp_ladder *ladder, enum gp_step step)
{
    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rung[i].step == (uint8_t)step)
            return &ladder->rung[i];
    }
    return NULL;
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

static uint32_t stage_ladder(const struct gp_org *org, const struct gp_row_copy *row, uint8_t index)
{
    return gp_ladder_of_stage(org, row->policy, &row->limit, index);
}

struct timing {
    const struct gp_calendar *calendar;
    int64_t start_ms, due_ms, card_ms;
    struct gp_amount amount;
};

static int rung_from_start(const struct timing *timing, const struct gp_rung *rung, int64_t *ret_ms)
{
    int64_t by_amount = INT64_MAX, by_percent = INT64_MAX;
    int rc = 0;

    if (rung->has_amount)
        rc = gp_calendar_add(timing->calendar, timing->start_ms, rung->amount, GP_WD_HOURS,
                             &by_amount);
    if (rc == 0 && rung->has_percent)
        rc = gp_calendar_percent(timing->calendar, timing->start_ms, timing->due_ms, timing->amount,
                                 rung->percent, &by_percent);
    if (rc != 0)
        return rc;
    *ret_ms = by_amount < by_percent ? by_amount : by_percent;
    if (*ret_ms == INT64_MAX) /* neither: at the start itself */
        *ret_ms = timing->start_ms;
    return 0;
}

static int rung_time(const struct timing *timing, const struct gp_rung *rung, int64_t *ret_ms)
{
    int64_t anchor_ms;

    if (rung->anchor == GP_ANCHOR_START)
        return rung_from_start(timing, rung, ret_ms);
    anchor_ms = rung->anchor == GP_ANCHOR_DUE ? timing->due_ms : timing->card_ms;
    if (!rung->has_amount) {
        *ret_ms = anchor_ms;
        return 0;
    }
    return gp_calendar_add(timing->calendar, anchor_ms, rung->amount, GP_WD_HOURS, ret_ms);
}

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
        stage->amount = row->limit.stage[i];
        stage->start_ms = plan->stage[i - 1].due_ms;
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

static int add_steps(const struct timing *timing, const struct gp_ladder *ladder, uint8_t index,
                     bool with_dispatch, struct gp_plan *plan)
{
    struct timing at = *timing;

    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        const struct gp_rung *rung = &ladder->rung[i];
        int64_t at_ms;
        if (!with_dispatch && (rung->step == GP_STEP_DISPATCH || rung->step == GP_STEP_UNACCEPTED))
            continue;
        int rc = rung_time(&at, rung, &at_ms);
        if (rc != 0)
            return rc;
        if (rung->step == GP_STEP_CARD)
            at.card_ms = at_ms;
        assert(plan->step_count < GP_PLAN_STEPS_MAX);
        plan->step[plan->step_count++] = (struct gp_plan_step){
            .at_ms = at_ms,
            .step = rung->step,
            .stage = index,
            .status = GP_PLANNED,
            .provisional = at_ms >= timing->calendar->known_until_ms,
            .nth = rung->step == GP_STEP_REPEAT ? 1 : 0,
        };
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
        .start_ms = stage->start_ms,
        .due_ms = stage->due_ms,
        .card_ms = stage->due_ms,
        .amount = stage->amount,
    };
    return add_steps(&timing, &org->ladders[ladder], index, with_dispatch, plan);
}

int gp_plan_stage(const struct gp_calendar *calendar, const struct gp_org *org,
                  const struct gp_row_copy *row, uint8_t index, int64_t start_ms,
                  bool with_dispatch, struct gp_plan *plan)
{
    int64_t due_ms;
    int rc;

    assert(index < row->limit.stage_count);
    rc = stage_due(calendar, row, index, start_ms, &due_ms);
    if (rc != 0)
        return rc;
    plan->stage[index] = (struct gp_stage){
        .amount = row->limit.stage[index],
        .start_ms = start_ms,
        .due_ms = due_ms,
        .provisional = due_ms >= calendar->known_until_ms,
    };
    plan->current = index;
    rc = outline_later(calendar, org, row, index, plan);
    return rc == 0 ? gp_plan_steps(calendar, org, row, index, with_dispatch, plan) : rc;
}

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
