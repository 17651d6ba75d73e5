/**
 * Plans: a limit and a ladder become steps with times (DOMAIN section 7).
 */
#ifndef GP_CORE_LADDER_H
#define GP_CORE_LADDER_H

#include "core/entry.h"
#include "core/incident.h"
#include "core/org.h"
#include "core/reason.h"

/**
 * Plans stage number `index` of a limit, starting at start_ms: due, and each rung's time up to
 * the first repeat. Appends to plan->step and sets plan->stage[index].
 *
 * Requires: index <= plan->stage_count, steps fit
 * Errors:   GP_ENOTFOUND: the calendar has no working time within twenty years
 */
int gp_plan_stage(const struct gp_calendar *calendar, const struct gp_org *org,
                  const struct gp_row_copy *row, uint8_t index, int64_t start_ms,
                  bool with_dispatch, struct gp_plan *plan);

/**
 * Plans a stage anew from its facts (start, own amount, extensions, gap, overall due; where it has
 * no own amount, the row's): due, and each rung's time up to the first repeat.
 *
 * Requires: plan->stage[index] has its facts; steps fit
 * Errors:   as gp_plan_stage
 */
int gp_plan_retime(const struct gp_calendar *calendar, const struct gp_org *org,
                   const struct gp_row_copy *row, uint8_t index, bool with_dispatch,
                   struct gp_plan *plan);

/**
 * Appends the steps of a stage whose due stands (plan->stage[index] is filled), as the directory
 * has its ladder now.
 *
 * Requires: steps fit
 * Errors:   as gp_plan_stage
 */
int gp_plan_steps(const struct gp_calendar *calendar, const struct gp_org *org,
                  const struct gp_row_copy *row, uint8_t index, bool with_dispatch,
                  struct gp_plan *plan);

/**
 * R12: where an instant that was planned as if the stage had never been suspended comes to lie:
 * what remained then goes on behind the gap, in the allowance's own clock.
 *
 * Errors: GP_ENOTFOUND as gp_plan_stage
 */
int gp_plan_past_gap(const struct gp_calendar *calendar, const struct gp_stage *stage,
                     int64_t at_ms, int64_t *ret_ms);

/** The repeat after the nth: nominal time from the nominal time before. Errors: GP_ENOTFOUND. */
int gp_plan_repeat(const struct gp_calendar *calendar, const struct gp_ladder *ladder,
                   const struct gp_plan_step *fired, struct gp_plan_step *ret_next);

/**
 * The ladder that a stage of a limit climbs: of the first stage the row's policy, of later ones
 * that policy's `next`, or its `next_long`.
 *
 * Thread:   any
 * Requires: index < limit->stage_count
 * Ensures:  an index into org->ladders; GP_NONE when the directory has it no more
 */
uint32_t gp_ladder_of_stage(const struct gp_org *org, struct gp_span policy,
                            const struct gp_limit *limit, uint8_t index);

/** A stage's ladder as the directory has it now; NULL when it has lost it. Lifetime: of org. */
const struct gp_ladder *gp_stage_ladder(const struct gp_org *org, const struct gp_stage *stage);

/** The rung of a step in a ladder; NULL when it has none, or there is none. Lifetime: of the
 * ladder. */
const struct gp_rung *gp_ladder_rung(const struct gp_ladder *ladder, enum gp_step step);

/**
 * The rung of dispatch_late, verify_late or resume_notice: the ladder's, else the default of DOMAIN
 * section 8. `continuous` is the allowance's clock.
 *
 * Requires: one of these three steps
 * Lifetime: of the ladder, or static
 */
const struct gp_rung *gp_ladder_side_rung(const struct gp_ladder *ladder, enum gp_step step,
                                          bool continuous);

/**
 * The recipients of a notice about an incident at an instant, while the post `owner` owns it: each
 * person once, with all capacities, in the order of enum gp_tell. A notice that would end empty
 * goes to the next higher level that is there; where nobody is above, to the nearest below. They
 * are merged into a list that is empty, or that another notice of this incident has begun.
 *
 * Requires: tells is a set of bits (1 << enum gp_tell); *count entries of list are filled
 * Ensures:  *count <= GP_RECIPIENTS_MAX
 */
struct gp_notice {
    uint32_t tells;
    bool urgent;   /* outside working hours the duty person is told as well */
    bool acting_b; /* R5: A and B are one person, so D2 (or the next up) is told as acting B */
};
void gp_recipients(const struct gp_org *org, const struct gp_incident *incident,
                   struct gp_span owner, const struct gp_notice *notice, int64_t at_ms,
                   struct gp_recipient list[GP_RECIPIENTS_MAX], uint8_t *count);

/** Whether a capacity ("B") is among a recipient's ("A+B"). Thread: any. */
bool gp_recipient_is(const struct gp_recipient *recipient, const char *capacity);

#endif
