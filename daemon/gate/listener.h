/**
 * A listener: a socket of the network and what its connections become. It is polled and accepted
 * from here and not by libuv, so that each end of a connect has its place in the counts and none
 * costs more than a look when descriptors are short.
 */
#ifndef GP_GATE_LISTENER_H
#define GP_GATE_LISTENER_H

#include "gate/address.h"
#include "gate/guest.h"

struct gp_listener {
    struct gp_gate *gate;
    const struct gp_guest_kind *kind;
    uv_poll_t poll;
    int fd;
    bool resting; /* until the next tick: there is nothing to accept with */
};

/**
 * Binds and starts to accept; the port that was bound is reported.
 *
 * Thread: loop
 * Errors: GP_EIO: *ret_reason says why, static storage
 */
int gp_listener_open(struct gp_listener *listener, struct gp_gate *gate,
                     const struct gp_guest_kind *kind, const struct gp_address *address,
                     const char **ret_reason);

/** Accepts again after a rest. */
void gp_listener_tick(struct gp_listener *listener);

/** Ends accepting. The descriptor goes with the handle. */
void gp_listener_close(struct gp_listener *listener);

/** A descriptor kept for the day when there is no other: -1 when there is none even for it. */
int gp_spare_open(void);

#endif
