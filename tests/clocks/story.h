/**
 * A real daemon with clocks that the test moves, and what its journal tells: entries are read in
 * order and kept, so that at the end of a story all of it can be judged. One story at a time.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CLOCKS_STORY_H
#define GP_TESTS_CLOCKS_STORY_H

#include "core/clock.h"
#include "lib/world.h"

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS  INT64_C(1790730000000)
#define JUMP_MAX    (10 * GP_MS_MINUTE)
#define START_MAX   (14 * GP_MS_DAY)
#define YEAR        (365 * GP_MS_DAY)
#define ENTRIES_MAX 40000

struct noted { /* what of an entry is judged */
    int64_t at_ms, nominal_ms, late_ms;
    uint64_t incident;
    uint8_t what, step;
    char text[80];
};

struct story {
    struct world world;
    struct noted entry[ENTRIES_MAX]; /* entry n at n - 1 */
    size_t count, seen;              /* read, and behind the last that was waited for */
    int64_t true_ms;                 /* what a right wall clock would show, but for real time */
    int64_t began_ms;                /* the test's own clock: so much real time may have passed */
};

extern struct story story;

/** cmocka's set-up and tear-down: a daemon at MORNING_MS with clock_jump_max and clock_start_max as
 * above. *state is left alone. */
int story_begin(void **state);
int story_end(void **state);

/* ---------------------------------------------------------------- clocks */

/** Both clocks go on: time passes, or the machine sleeps. */
void story_pass(int64_t ms);

/** The wall clock is set. */
void story_move_wall(int64_t ms);

/** kill -9, the wall clock is set while nobody looks, and another start. */
void story_start_again(int64_t moved_ms);

/** Looks, and so the daemon does. Effective time is that, and what real time has passed. */
void story_expect(enum gp_clock_state state, int64_t now_ms);

/** Real time since the story began, and what rounding may add. */
int64_t story_slack_ms(void);

/* ---------------------------------------------------------------- what people do */

/** An urgent incident: unaccepted after 15 minutes, yellow after 1 hour, red after 2, blue 3, card
 * 6. Returns its id. */
uint64_t story_report(void);

/** An admin's act on the clock. */
void story_admin(enum gp_control act, int64_t at_ms, enum gp_status status);

/** A batch, though nothing comes of it: behind each the daemon looks for what is due, and need not
 * be waited for until it looks by itself. */
void story_nudge(void);

/* ---------------------------------------------------------------- the journal */

/** Reads on; false: nothing came within the wait. */
bool story_read_on(uint32_t wait_ms);

/** Reads all there is. */
void story_read(void);

/** The next entry of this kind, whose text begins so; waits for it. Lives as long as the story. */
const struct noted *story_await(enum gp_what what, enum gp_step step, const char *text);
const struct noted *story_await_step(enum gp_step step);
const struct noted *story_await_clock(const char *text);

/** How many there are by now. */
unsigned story_count(enum gp_what what, enum gp_step step, const char *text);
unsigned story_steps(uint64_t incident, enum gp_step step);

/** All that is due of an urgent incident after so much time by the effective clock has fired, and
 * nothing else. */
void story_expect_steps(uint64_t incident, int64_t after_ms);

/** The last of a story, since it sorts the entries: they are dense, their times never fall but
 * where an admin lowered the clock, no step is early, and none is there twice. */
void story_judge(void);

#endif
