#include "gate/lane.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The first room for a part: most messages of a handset are smaller. */
#define PART_BYTES_MIN 512

/* Bytes that `to` did not take at once. */
struct parcel {
    uv_write_t request;
    struct gp_lane *lane;
    size_t len;
    char bytes[];
};

/* ---------------------------------------------------------------- pool */

void gp_pool_init(struct gp_pool *pool, uint64_t bytes_max)
{
    *pool = (struct gp_pool){.max = bytes_max};
    gp_ring_init(&pool->waiting);
}

bool gp_pool_full(const struct gp_pool *pool)
{
    return pool->used >= pool->max;
}

static void read_on(struct gp_lane *lane)
{
    if (!lane->running || lane->reading || lane->unsent > 0)
        return;
    lane->reading = uv_read_start(lane->from, lane->on_alloc, lane->on_read) == 0;
    assert(lane->reading); /* it is open, and nobody else reads from it */
}

static void read_off(struct gp_lane *lane)
{
    lane->reading = false;
    (void)uv_read_stop(lane->from); /* always 0 */
}

/* Those that wait go on when a quarter is free again, or the first small one would wake all. */
static void give_back(struct gp_pool *pool, size_t bytes)
{
    assert(pool->used >= bytes);
    pool->used -= bytes;
    while (pool->used < pool->max / 4 * 3 && !gp_ring_empty(&pool->waiting)) {
        struct gp_lane *lane = GP_RING_OF(pool->waiting.next, struct gp_lane, waiting);
        gp_ring_remove(&lane->waiting);
        read_on(lane);
    }
}

/* ---------------------------------------------------------------- sending */

static void on_written(uv_write_t *request, int status)
{
    struct parcel *parcel = request->data;
    struct gp_lane *lane = parcel->lane;

    (void)status; /* a peer that left is seen by reading */
    lane->unsent -= parcel->len;
    give_back(lane->pool, parcel->len);
    free(parcel);
    if (lane->unsent > 0 || !lane->running)
        return;
    lane->part_since_ms = uv_now(lane->from->loop); /* it could not come while we did not read */
    read_on(lane);
}

static int post(struct gp_lane *lane, const uv_buf_t *bufs, unsigned count, size_t skip, size_t len)
{
    struct parcel *parcel = malloc(sizeof *parcel + len);
    size_t at = 0;

    if (parcel == NULL)
        return GP_ENOMEM;
    *parcel = (struct parcel){.request.data = parcel, .lane = lane, .len = len};
    for (unsigned i = 0; i < count; i++) {
        size_t over = skip < bufs[i].len ? skip : bufs[i].len;
        skip -= over;
        memcpy(parcel->bytes + at, bufs[i].base + over, bufs[i].len - over);
        at += bufs[i].len - over;
    }
    assert(at == len);
    uv_buf_t rest = uv_buf_init(parcel->bytes, (unsigned)len);
    if (uv_write(&parcel->request, lane->to, &rest, 1, on_written) != 0) {
        free(parcel);
        return GP_ECLOSED;
    }
    if (lane->unsent == 0)
        lane->unsent_since_ms = uv_now(lane->from->loop);
    lane->unsent += len;
    lane->pool->used += len;
    return 0;
}

/* Over ipc a message has its type in front, over tcp it has not; the rest is the same. */
static int relay(struct gp_lane *lane, const unsigned char *message, size_t len)
{
    static char type[] = {1};
    size_t skip = lane->rule->ipc ? 1 : 0;
    uv_buf_t bufs[2] = {
        uv_buf_init(type, lane->rule->ipc ? 0 : 1),
        uv_buf_init((char *)(uintptr_t)message + skip, (unsigned)(len - skip)),
    };
    size_t whole = bufs[0].len + bufs[1].len;
    int sent = lane->unsent > 0 ? UV_EAGAIN : uv_try_write(lane->to, bufs, 2);

    if (sent < 0 && sent != UV_EAGAIN)
        return GP_ECLOSED;
    sent = sent < 0 ? 0 : sent;
    return (size_t)sent == whole ? 0 : post(lane, bufs, 2, (size_t)sent, whole - (size_t)sent);
}

/* ---------------------------------------------------------------- a message in parts */

static void drop_part(struct gp_lane *lane)
{
    size_t room = lane->part_room;

    free(lane->part);
    lane->part = NULL;
    lane->part_len = lane->part_room = lane->part_need = 0;
    give_back(lane->pool, room);
}

/* What a slow peer costs is what it has sent, and not what it has announced. */
static int make_room(struct gp_lane *lane, size_t len)
{
    size_t room = lane->part_room > 0 ? lane->part_room : PART_BYTES_MIN;

    if (len <= lane->part_room)
        return 0;
    while (room < len)
        room *= 2;
    if (room > lane->part_need && len <= lane->part_need)
        room = lane->part_need;
    unsigned char *part = realloc(lane->part, room);
    if (part == NULL)
        return GP_ENOMEM;
    lane->pool->used += room - lane->part_room;
    lane->part = part;
    lane->part_room = room;
    return 0;
}

static int keep(struct gp_lane *lane, const unsigned char *bytes, size_t len)
{
    int rc = make_room(lane, lane->part_len + len);

    if (rc != 0)
        return rc;
    memcpy(lane->part + lane->part_len, bytes, len);
    lane->part_len += len;
    return 0;
}

/* With nothing kept: a message begins here. */
static int begin(struct gp_lane *lane, const unsigned char *bytes, size_t len, size_t *ret_used,
                 uint64_t *messages)
{
    int rc = gp_frame_look(lane->rule, bytes, len, ret_used);

    if (rc == 0) {
        rc = relay(lane, bytes, *ret_used);
        *messages += rc == 0;
        return rc;
    }
    if (rc != GP_EAGAIN)
        return rc;
    lane->part_need = *ret_used;
    lane->part_since_ms = uv_now(lane->from->loop);
    *ret_used = len;
    return keep(lane, bytes, len);
}

/* Goes on with the message whose first bytes are kept. */
static int go_on(struct gp_lane *lane, const unsigned char *bytes, size_t len, size_t *ret_used,
                 uint64_t *messages)
{
    size_t missing = lane->part_need - lane->part_len;
    int rc;

    *ret_used = len < missing ? len : missing;
    rc = keep(lane, bytes, *ret_used);
    if (rc != 0 || lane->part_len < lane->part_need)
        return rc;
    rc = gp_frame_look(lane->rule, lane->part, lane->part_len, &lane->part_need);
    if (rc == GP_EAGAIN)
        return 0;
    if (rc == 0)
        rc = relay(lane, lane->part, lane->part_len);
    *messages += rc == 0;
    drop_part(lane);
    return rc;
}

int gp_lane_take(struct gp_lane *lane, const unsigned char *bytes, size_t len,
                 uint64_t *ret_messages)
{
    size_t used = 0;
    int rc = 0;

    for (*ret_messages = 0; rc == 0 && len > 0; bytes += used, len -= used) {
        rc = lane->part_len > 0 ? go_on(lane, bytes, len, &used, ret_messages)
                                : begin(lane, bytes, len, &used, ret_messages);
    }
    if (lane->unsent > 0)
        read_off(lane);
    return rc;
}

/* ---------------------------------------------------------------- life */

void gp_lane_start(struct gp_lane *lane)
{
    gp_ring_init(&lane->waiting);
    lane->running = true;
    read_on(lane);
}

void gp_lane_stop(struct gp_lane *lane)
{
    if (!lane->running)
        return;
    lane->running = false;
    gp_ring_remove(&lane->waiting);
    read_off(lane);
    drop_part(lane);
}

void gp_lane_wait(struct gp_lane *lane)
{
    read_off(lane);
    gp_ring_append(&lane->pool->waiting, &lane->waiting);
}

bool gp_lane_busy(const struct gp_lane *lane)
{
    return lane->part_len > 0 || lane->unsent > 0;
}
