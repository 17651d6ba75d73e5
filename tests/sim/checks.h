/**
 * What must hold, looked at behind every batch, every answer, every page of a feed and every start.
 *
 * What holds of entries and tables by themselves is tests/property's: its model takes in every
 * entry that the daemon journals, its audit compares the tables. Here is what only a whole system
 * can break: what was promised and is gone, done twice, late or early by the daemon's clock, or
 * not to be seen by who follows.
 */
#ifndef GP_TESTS_SIM_CHECKS_H
#define GP_TESTS_SIM_CHECKS_H

#include "property/world.h"
#include "sim/errand.h"

#define FILTERS 5 /* what followers may look for */

struct checks_figures {
    uint64_t batches, entries, steps, late, reports, promises, repeats, conflicts, pages, starts;
    uint64_t kept, lost; /* batches that nobody was answered for when the machine stopped */
};
extern struct checks_figures checks_figures;

/** The engine's surroundings, for the model, the audit and the generator. */
extern struct world checks_world;

/** An empty store. */
void checks_begin(const struct gp_org *org, int64_t now_ms);

/** The daemon has read its clock: effective time, before and now. What came due in between may be
 * late by as much. */
void checks_clock(int64_t before_ms, int64_t now_ms);

/** A batch has been applied, and its answers may leave. */
void checks_batch(const struct gp_batch *batch);

/** An answer leaves for whoever sent the errand; as its body was. */
void checks_promise(struct errand *errand, const struct gp_answer *answer);

/** An answer has reached its handset. */
void checks_answered(const struct errand *errand, const struct gp_answer *answer);

/** The engine was opened. limbo: the batch that was under way when the machine stopped, as it
 * would have ended; NULL: none was. */
void checks_start(struct gp_store *store, const struct gp_engine_start *state,
                  const struct gp_batch *limbo);

const struct gp_feed_filter *checks_filter(unsigned filter);
/** A page of a feed. */
void checks_page(unsigned filter, uint64_t after, const struct gp_feed_page *page);

/** At the end of a run: the chain, the rows, and the store that the journal rebuilds. */
void checks_end(void);

#endif
