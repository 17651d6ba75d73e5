/**
 * Who follows the journal: asks for everything after a number that it keeps durably, processes a
 * page, keeps the new number. Loses its memory now and then, but not the number. Hints from the
 * daemon make it ask sooner; time-outs make it ask again.
 */
#ifndef GP_TESTS_SIM_FOLLOWER_H
#define GP_TESTS_SIM_FOLLOWER_H

#include "engine/engine.h"

struct follower;

/** As many as there are filters, all from the beginning. */
void follower_begin(void);

/** A page leaves the daemon; the page is the caller's. */
void follower_send_page(struct follower *follower, uint64_t number,
                        const struct gp_feed_page *page);
/** "There is something new", to all; it may get lost. */
void follower_hint_all(void);

/** Whether all have seen the journal up to there. */
bool follower_all_at(uint64_t head);

/** Some follower forgets what it was doing. */
void follower_crash_one(void);

#endif
