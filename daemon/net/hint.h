/**
 * Hints: small messages that say how far the journal has come and nothing else, for whoever has
 * connected as a SUB. A hint may be lost; the numbered log is the truth. What is in one is
 * trust/hint.h's matter.
 *
 * Spoken here and not by nanomsg, whose PUB socket ends its process when a peer sends it a message.
 */
#ifndef GP_NET_HINT_H
#define GP_NET_HINT_H

#include "base/span.h"

#include <uv.h>

#define GP_HINT_FOLLOWERS_MAX                                                                      \
    64 /* gridpost-gate, and programs of this machine; one more is closed */

struct gp_hint;

/**
 * Binds ipc://, in the place of a socket that nobody listens at, and takes followers.
 *
 * Thread: loop
 * Errors: GP_EINVAL, GP_ENOMEM, GP_EIO: *ret_reason says why, static storage
 */
int gp_hint_open(uv_loop_t *loop, const char *address, struct gp_hint **ret_hint,
                 const char **ret_reason);

/**
 * Publishes a message of at most GP_GATE_HINT_BYTES; never blocks, and drops it for followers that
 * are slow. Who has sent more than its opening is sent away. Accepts NULL. Thread: loop.
 */
void gp_hint_send(struct gp_hint *hint, struct gp_span message);

/** Closes all; it is freed when the loop has let go of it. Accepts NULL. Thread: loop. */
void gp_hint_close(struct gp_hint *hint);

#endif
