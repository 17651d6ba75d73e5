#include "core/clock.h"

#include "base/error.h"

#include <assert.h>

/*
 *               start: wall too far ahead of the mark
 *          ┌───────────────────────────────────────────────► HELD, until confirmed
 *          │                                                    │ confirm
 *       start ──► RUNNING ──── wall jumps forward ───► HELD ────┤
 *                    ▲          beyond jump_max          │      │
 *                    └─── consistent for jump_max ───────┴──────┘
 *
 * Running, effective time is boot time plus an offset: it follows small corrections of the wall
 * clock forwards and never falls. A wall clock that falls behind is an alarm, and time goes on by
 * boot time; when it is put right again it only comes back to effective time, which is no jump.
 */

/* Wall against boot time, from one reading to the next: below this the clocks agree. */
#define GP_CLOCK_STEP_MS 1000

static int64_t effective(const struct gp_clock *clock, int64_t boot_ms)
{
    return boot_ms + clock->offset_ms;
}

void gp_clock_start(struct gp_clock *clock, int64_t jump_max_ms, int64_t start_max_ms,
                    int64_t mark_ms, int64_t wall_ms, int64_t boot_ms,
                    enum gp_clock_alarm *ret_alarm)
{
    *clock = (struct gp_clock){
        .jump_max_ms = jump_max_ms,
        .start_max_ms = start_max_ms,
        .mark_ms = mark_ms,
        .last_wall_ms = wall_ms,
        .last_boot_ms = boot_ms,
        .offset_ms = wall_ms - boot_ms,
        .state = GP_CLOCK_RUNNING,
    };
    *ret_alarm = GP_CLOCK_QUIET;
    if (mark_ms != 0 && wall_ms < mark_ms) {
        clock->offset_ms = mark_ms - boot_ms;
        *ret_alarm = GP_CLOCK_BACKWARDS;
    } else if (mark_ms != 0 && wall_ms - mark_ms > start_max_ms) {
        clock->state = GP_CLOCK_HELD;
        clock->until_confirmed = true;
        clock->held_since_boot_ms = boot_ms;
        *ret_alarm = GP_CLOCK_FAR_AHEAD;
    } else {
        clock->mark_ms = wall_ms;
    }
}

static void run_from(struct gp_clock *clock, int64_t wall_ms, int64_t boot_ms)
{
    clock->state = GP_CLOCK_RUNNING;
    clock->until_confirmed = false;
    clock->offset_ms = wall_ms - boot_ms;
    if (effective(clock, boot_ms) < clock->mark_ms)
        clock->offset_ms = clock->mark_ms - boot_ms;
}

static enum gp_clock_alarm read_held(struct gp_clock *clock, int64_t drift_ms, int64_t wall_ms,
                                     int64_t boot_ms)
{
    if (drift_ms > GP_CLOCK_STEP_MS || drift_ms < -GP_CLOCK_STEP_MS)
        clock->held_since_boot_ms = boot_ms; /* not consistent: the wait begins again */
    if (clock->until_confirmed || boot_ms - clock->held_since_boot_ms < clock->jump_max_ms)
        return GP_CLOCK_QUIET;
    run_from(clock, wall_ms, boot_ms);
    return GP_CLOCK_SETTLED;
}

static enum gp_clock_alarm read_running(struct gp_clock *clock, int64_t drift_ms, int64_t wall_ms,
                                        int64_t boot_ms)
{
    int64_t ahead_ms = wall_ms - effective(clock, boot_ms);

    if (drift_ms > clock->jump_max_ms && ahead_ms > clock->jump_max_ms) {
        clock->state = GP_CLOCK_HELD;
        clock->held_since_boot_ms = boot_ms;
        return GP_CLOCK_JUMPED;
    }
    if (ahead_ms > 0)
        clock->offset_ms += ahead_ms;
    return drift_ms < -GP_CLOCK_STEP_MS ? GP_CLOCK_BACKWARDS : GP_CLOCK_QUIET;
}

int64_t gp_clock_read(struct gp_clock *clock, int64_t wall_ms, int64_t boot_ms,
                      enum gp_clock_alarm *ret_alarm)
{
    int64_t drift_ms;

    assert(boot_ms >= clock->last_boot_ms);
    drift_ms = (wall_ms - clock->last_wall_ms) - (boot_ms - clock->last_boot_ms);
    clock->last_wall_ms = wall_ms;
    clock->last_boot_ms = boot_ms;
    *ret_alarm = clock->state == GP_CLOCK_HELD ? read_held(clock, drift_ms, wall_ms, boot_ms)
                                               : read_running(clock, drift_ms, wall_ms, boot_ms);
    if (clock->state == GP_CLOCK_RUNNING && effective(clock, boot_ms) > clock->mark_ms)
        clock->mark_ms = effective(clock, boot_ms);
    return clock->mark_ms;
}

void gp_clock_confirm(struct gp_clock *clock, int64_t wall_ms, int64_t boot_ms)
{
    clock->last_wall_ms = wall_ms;
    clock->last_boot_ms = boot_ms;
    run_from(clock, wall_ms, boot_ms);
    if (effective(clock, boot_ms) > clock->mark_ms)
        clock->mark_ms = effective(clock, boot_ms);
}

int gp_clock_lower_mark(struct gp_clock *clock, int64_t mark_ms, enum gp_clock_alarm *ret_alarm)
{
    if (mark_ms <= 0 || mark_ms >= clock->mark_ms)
        return GP_EINVAL;
    gp_clock_start(clock, clock->jump_max_ms, clock->start_max_ms, mark_ms, clock->last_wall_ms,
                   clock->last_boot_ms, ret_alarm);
    return 0;
}
