/**
 * Operations on a plan that need no calendar: which step is next, which ones stand still, which are
 * over. The times come from ladder.h.
 *
 * Besides the owner's clock (the steps of its ladder) three others may run, one at a time: the
 * dispatcher's (dispatch_late), the checker's (verify_late), and that of a suspension
 * (resume_notice, resume). Their steps are in the plan only while their clock runs.
 */
#ifndef GP_CORE_PLAN_H
#define GP_CORE_PLAN_H

#include "core/incident.h"
#include "core/org.h"

/** Drops what is planned or paused; `only` one kind of step, or all (GP_STEP_NONE). */
void gp_plan_drop(struct gp_plan *plan, uint8_t only);

/** Stops the owner's clock: planned steps up to and with `last` wait until gp_plan_continue. */
void gp_plan_pause(struct gp_plan *plan, enum gp_step last);

/** Paused steps are planned again, at their old times. */
void gp_plan_continue(struct gp_plan *plan);

/** Arms the steps from `first` to `last` of the running stage again, whatever became of them. */
void gp_plan_rearm(struct gp_plan *plan, enum gp_step first, enum gp_step last);

/** Adds a step of the dispatcher's, the checker's or a suspension's clock. */
void gp_plan_add_side(struct gp_plan *plan, enum gp_step step, int64_t at_ms);

/** Only the first `count` steps stay in the plan. Requires: it has as many. */
void gp_plan_cut(struct gp_plan *plan, uint8_t count);

/** Ends those clocks: their steps leave the plan. */
void gp_plan_end_side(struct gp_plan *plan);

/** Puts a step of an earlier plan at the end; dropped where the plan is full. */
void gp_plan_append(struct gp_plan *plan, const struct gp_plan_step *step);

/** The step of a kind in a stage; NULL. Lifetime: of the plan. */
const struct gp_plan_step *gp_plan_find(const struct gp_plan *plan, uint8_t stage, uint8_t step);

/** Whether the stage let its due pass. */
bool gp_plan_missed(const struct gp_plan *plan, uint8_t stage);

/** The stage whose clock runs; NULL without a plan. Lifetime: of the plan. */
const struct gp_stage *gp_plan_stage_now(const struct gp_plan *plan);

#endif
