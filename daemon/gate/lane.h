/**
 * A lane: one direction of a relayed connection. Whole messages only go on; of one that is not
 * complete the lane keeps what has come. Whoever does not take what is sent stops the reading of
 * what comes, on this lane alone, so each side pushes back on the other through the kernel.
 *
 *   from ── read ──► part (one message at most) ── whole ──► to's write queue (of one read at most)
 *
 * What all lanes keep is counted in a pool. When it is full, lanes that want to read wait, unread.
 * Everything runs on the loop's thread.
 */
#ifndef GP_GATE_LANE_H
#define GP_GATE_LANE_H

#include "base/frame.h"
#include "base/ring.h"

#include <stdint.h>
#include <uv.h>

/* Memory of all lanes, and the lanes that wait for some. */
struct gp_pool {
    uint64_t used, max; /* bytes */
    struct gp_ring waiting;
};

void gp_pool_init(struct gp_pool *pool, uint64_t bytes_max);

struct gp_lane {
    struct gp_pool *pool;
    uv_stream_t *from, *to;
    const struct gp_frame_rule *rule; /* of from; to has the other framing */
    uv_alloc_cb on_alloc;
    uv_read_cb on_read;

    unsigned char *part; /* the first bytes of a message */
    size_t part_len, part_room, part_need;
    uint64_t part_since_ms; /* when it began, or when reading went on after a stop */
    size_t unsent;          /* bytes that wait for `to` */
    uint64_t unsent_since_ms;
    bool running, reading;
    struct gp_ring waiting;
};

/**
 * Starts to read.
 *
 * Requires: pool, from, to, rule and both functions are set, the rest is zero; on_alloc gives
 *           nothing while gp_pool_full
 */
void gp_lane_start(struct gp_lane *lane);

/** Stops for good and lets go of the part. What waits for `to` is freed by closing that. */
void gp_lane_stop(struct gp_lane *lane);

/** Whether lanes must wait. */
bool gp_pool_full(const struct gp_pool *pool);

/** Lets a lane wait, unread, until the pool has room again: the answer to UV_ENOBUFS. */
void gp_lane_wait(struct gp_lane *lane);

/**
 * Takes bytes that were read: relays the messages that are whole and keeps the rest.
 *
 * Ensures:  *ret_messages were relayed, also on failure
 * Errors:   GP_EFORMAT, GP_ELIMIT: as gp_frame_look; GP_ECLOSED: `to` is gone; GP_ENOMEM. The
 *           connection must end
 */
int gp_lane_take(struct gp_lane *lane, const unsigned char *bytes, size_t len,
                 uint64_t *ret_messages);

/** Whether a message is on its way. */
bool gp_lane_busy(const struct gp_lane *lane);

#endif
