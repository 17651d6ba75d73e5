/**
 * The daemon's effective time (DOMAIN section 6): wall clock held against boot time. Pure: the
 * caller reads the clocks and says what they showed.
 */
#ifndef GP_CORE_CLOCK_H
#define GP_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum gp_clock_state {
    GP_CLOCK_RUNNING = 1,
    GP_CLOCK_HELD = 2, /* the ladder stands still until the clock has proved itself */
};

enum gp_clock_alarm { /* what one reading brought; the caller journals and logs it */
                      GP_CLOCK_QUIET = 0,
                      GP_CLOCK_BACKWARDS = 1, /* wall below the mark: time goes on from the mark */
                      GP_CLOCK_JUMPED = 2,    /* forward beyond clock_jump_max: held */
                      GP_CLOCK_FAR_AHEAD =
                          3, /* at start beyond clock_start_max: held until confirmed */
                      GP_CLOCK_SETTLED = 4, /* goes on by itself, or was confirmed */
};

struct gp_clock {
    int64_t jump_max_ms, start_max_ms;
    int64_t mark_ms; /* highest effective time the journal has seen; never falls by itself */
    int64_t last_wall_ms, last_boot_ms;
    int64_t offset_ms; /* effective = boot + offset while running */
    int64_t held_since_boot_ms;
    bool until_confirmed;
    uint8_t state; /* enum gp_clock_state */
};

/**
 * Starts the clock. mark_ms 0: an empty store.
 *
 * Ensures: *ret_alarm QUIET, BACKWARDS (goes on from the mark) or FAR_AHEAD (held)
 */
void gp_clock_start(struct gp_clock *clock, int64_t jump_max_ms, int64_t start_max_ms,
                    int64_t mark_ms, int64_t wall_ms, int64_t boot_ms,
                    enum gp_clock_alarm *ret_alarm);

/**
 * One reading of both clocks.
 *
 * Requires: boot_ms never falls
 * Ensures:  the returned effective time never falls; in hold it stands still at the last good one
 */
int64_t gp_clock_read(struct gp_clock *clock, int64_t wall_ms, int64_t boot_ms,
                      enum gp_clock_alarm *ret_alarm);

/** An admin confirms that the wall clock is right: time goes on from it. */
void gp_clock_confirm(struct gp_clock *clock, int64_t wall_ms, int64_t boot_ms);

/**
 * An admin lowers a mark that lies in the future, as a journalled act. From here on it is as at a
 * start with that mark: a wall clock that is far ahead is not followed because of it.
 *
 * Ensures: *ret_alarm as of gp_clock_start
 * Errors:  GP_EINVAL: the mark is not above that time; nothing changed
 */
int gp_clock_lower_mark(struct gp_clock *clock, int64_t mark_ms, enum gp_clock_alarm *ret_alarm);

#endif
