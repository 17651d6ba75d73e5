/**
 * Hints: one connection to the daemon's hint socket, as a SUB, and the followers that get what it
 * publishes. Nothing passes the other way: a follower that sends one byte behind its opening loses
 * its connection. A follower that is slow misses hints; they are only hints.
 *
 * Everything runs on the loop's thread.
 */
#ifndef GP_GATE_HINT_H
#define GP_GATE_HINT_H

#include "gate/guest.h"

#include "base/limits.h"

enum gp_hints_state {
    GP_HINTS_DOWN,
    GP_HINTS_CONNECTING,
    GP_HINTS_GREETING,
    GP_HINTS_UP,
    GP_HINTS_CLOSING
};

struct gp_hints {
    struct gp_gate *gate;
    const char *path;
    enum gp_hints_state state;
    bool away, stopped;
    uint64_t retry_at_ms;
    uv_pipe_t pipe;
    uv_connect_t connect;
    struct gp_ring followers;
    size_t kept; /* bytes of a message that is not whole; of the daemon's opening before */
    unsigned char bytes[2 * (GP_FRAME_HEAD_BYTES + GP_GATE_HINT_BYTES)];
};

extern const struct gp_guest_kind gp_follower_kind;

/** Path NULL: there is nobody to follow. */
void gp_hints_init(struct gp_hints *hints, struct gp_gate *gate, const char *path);

/** Connects when it is time to. */
void gp_hints_tick(struct gp_hints *hints, uint64_t now_ms);

/** Ends the connection for good. */
void gp_hints_stop(struct gp_hints *hints);

#endif
