/**
 * Turns: the daemon counts one assessment of a device at a time, and all users are one device to
 * it. So those that are asked for wait here, instead of being turned away there; who asks for a
 * series comes to the end of the row again after each period.
 */
#ifndef GP_WEB_TURN_H
#define GP_WEB_TURN_H

#include "web/ask.h"

struct gp_turn {
    struct gp_turn *next;
    struct gp_ask *ask; /* NULL: it does not wait */
    struct gp_request request;
    gp_ask_fn *then;
};

/**
 * gp_ask_daemon, when it is this one's turn. The turn lasts until gp_turn_end.
 *
 * Requires: the turn has ended, or is all zeros
 * Lifetime: the turn must stay until gp_turn_end; what the request points at, too
 */
void gp_turn_ask(struct gp_turn *turn, struct gp_ask *ask, const struct gp_request *request,
                 gp_ask_fn *then);

/** Ends it, also where it has not come yet: the next one asks. Nothing where it does not wait. */
void gp_turn_end(struct gp_turn *turn);

#endif
