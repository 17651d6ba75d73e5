/**
 * A gridpostd in miniature: the real engine and store behind what app/ does with them, on one
 * thread and by events.
 *
 *   letters ─► filling batch ─► in flight ─► answers        one batch at a time is in flight; what
 *                 ▲                │                        comes meanwhile is the next one
 *   tick: EXPIRE, FORGET, CLOCK    ├─► checkpoint ─► settle ─► upkeep
 *   start, reload: DIRECTORY,      └─► parked feeds, hints
 *   REPLAN, START
 *
 * gp_engine_apply runs at the moment at which a batch is handed over; that it comes back is an
 * event some milliseconds later, sometimes seconds: whoever kills the daemon in between does so
 * after the commit and before the answers.
 *
 * Simpler than app/: START, REPLAN and DIRECTORY items go in batches of their own, before what else
 * waits; a checkpoint takes no time; there are no sessions and no readers but feeds.
 */
#ifndef GP_TESTS_SIM_DAEMON_H
#define GP_TESTS_SIM_DAEMON_H

#include "engine/engine.h"
#include "sim/errand.h"

struct follower;

/** An empty disk, and a first start. idle_ms: without a batch for so long it makes a checkpoint. */
void daemon_begin(const struct gp_org *org, int64_t idle_ms);

/** At the end of a run. */
void daemon_close(void);

/** If it is down, somebody starts it. */
void daemon_start_now(void);

/* ---- what befalls it; all do nothing while it is down ---- */
void daemon_kill(void);       /* now, between two events */
void daemon_ask_to_end(void); /* while its next batch is in flight: it drains, and ends in order */
void daemon_reload(const struct gp_org *org);
/** How long it is down when it dies or ends next. */
void daemon_next_down(int64_t down_ms);
/** The wall clock shows so much more than true time; also while it is down. */
void daemon_set_wall(int64_t offset_ms);
/** An admin says that the clock is right. */
void daemon_confirm_clock(void);

bool daemon_is_up(void);
bool daemon_is_held(void);
/** Nothing is filling, in flight or owed. */
bool daemon_is_idle(void);
const struct gp_org *daemon_org(void);

/* ---- what arrives; lost while it is down ---- */
void daemon_letter(struct errand *errand, bool other_body);
/** A follower asks; `number` tells its requests apart. */
void daemon_feed(struct follower *follower, uint64_t number, uint64_t after, unsigned filter);

/* ---- of daemon.c, for feeds.c ---- */
struct gp_store *daemon_store(void);
/** What pool readers see comes up to what was acknowledged. False: the daemon died of it. */
bool daemon_make_fresh(void);
uint64_t daemon_life(void);
int64_t daemon_time(void); /* effective, of its last look */
/** All feeds that wait: look again because of the head, or let go of them, unanswered or not. */
void feeds_grown(uint64_t head);
void feeds_forget(void);
void feeds_flush(void);

#endif
