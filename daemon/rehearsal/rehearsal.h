/**
 * Rehearsal: the real engine and a throw-away store under a virtual clock (DOMAIN section 10).
 * Used by `gridpost rehearse`, `replay --rehearse` and by tests.
 */
#ifndef GP_REHEARSAL_REHEARSAL_H
#define GP_REHEARSAL_REHEARSAL_H

#include "engine/engine.h"

struct gp_rehearsal;

/**
 * Makes one: a store below TMPDIR that is removed on close, clock at start_ms. The first thing that
 * is applied finds the directory's leaves journalled, as in a daemon.
 *
 * Requires: org outlives the rehearsal
 */
int gp_rehearsal_open(const struct gp_org *org, int64_t start_ms, struct gp_rehearsal **ret);
void gp_rehearsal_close(struct gp_rehearsal *rehearsal); /* accepts NULL */

/** Called for every new journal entry, in order, as soon as it is durable. */
void gp_rehearsal_on_entry(struct gp_rehearsal *rehearsal,
                           void (*entry)(void *context, const struct gp_entry *entry),
                           void *context);

/**
 * Moves the clock: fires every step whose time comes on the way, each at its own instant, up to but
 * not including at_ms (commands at an instant come before its steps). When the daemon is "down"
 * nothing fires.
 */
int gp_rehearsal_advance(struct gp_rehearsal *rehearsal, int64_t at_ms);

/** As advance, and fires the steps planned for at_ms itself too. For the end of a scenario. */
int gp_rehearsal_settle(struct gp_rehearsal *rehearsal, int64_t at_ms);

/** Advances to at_ms and applies one command there. Errors: GP_EAGAIN while the daemon is down. */
int gp_rehearsal_command(struct gp_rehearsal *rehearsal, int64_t at_ms,
                         const struct gp_command *command, struct gp_answer *ret_answer);

/** The daemon is down from here; up again, with catch-up (R16) as the real start does it. */
int gp_rehearsal_crash(struct gp_rehearsal *rehearsal, int64_t at_ms);
int gp_rehearsal_start(struct gp_rehearsal *rehearsal, int64_t at_ms);

/** The store, for reading. */
struct gp_store *gp_rehearsal_store(struct gp_rehearsal *rehearsal);

#endif
