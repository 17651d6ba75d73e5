/**
 * gridpost-gate: the one process that the network reaches. It accepts connections within caps,
 * makes sure that they speak SP, and relays whole messages to the daemon's edge socket and hints
 * back. It has no keys and no data, and knows nothing of what it relays.
 *
 *   listener ─► guest ─► link ─► edge ─► daemon's edge socket       requests and replies
 *                   └──► follower ◄───── daemon's hint socket       hints
 *
 * One thread, one loop. Deadlines are looked at together, GP_GATE_TICK_MS apart.
 */
#ifndef GP_GATE_GATE_H
#define GP_GATE_GATE_H

#include "gate/counts.h"
#include "gate/edge.h"
#include "gate/hint.h"
#include "gate/lane.h"
#include "gate/listener.h"
#include "gate/options.h"
#include "gate/peers.h"

struct gp_gate {
    uv_loop_t loop;
    const struct gp_gate_options *options;
    struct gp_gate_counts counts, told; /* now, and when they were last reported */
    struct gp_peers peers;
    struct gp_pool pool;
    struct gp_edge edge;
    struct gp_hints hints;
    struct gp_ring guests;
    struct gp_listener listeners[2 * GP_GATE_LISTEN_MAX];
    unsigned listener_count;
    int spare; /* descriptor */
    uv_timer_t tick;
    uv_signal_t terminate, interrupt, report;
    uint64_t report_at_ms, ping_at_ms, status_at_ms, short_at_ms;
    bool draining;
    uint64_t drain_until_ms;
    unsigned char bytes[GP_GATE_READ_BYTES]; /* of one read, until its callback returns */
};

/**
 * Runs the gate until it is told to stop.
 *
 * Returns: the process's exit code: 0 stopped as told; 1 it could not start
 */
int gp_gate_run(const struct gp_gate_options *options);

/** Where a lane may read to: the shared room, or none while too much is kept. */
void gp_gate_room(struct gp_gate *gate, uv_buf_t *ret_buf);

/** Says that there are no descriptors left, now and then. */
void gp_gate_short_of_descriptors(struct gp_gate *gate);

#endif
