#include "gate/link.h"

#include "gate/gate.h"

#include "base/error.h"

static const struct gp_frame_rule requests = {.path = true, .body_max = GP_GATE_REQUEST_BYTES};
static const struct gp_frame_rule replies = {.ipc = true, .body_max = GP_GATE_REPLY_BYTES};

/* ---------------------------------------------------------------- relaying */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    const struct gp_guest *guest = handle->data;

    (void)suggested;
    gp_gate_room(guest->gate, ret_buf);
}

/* A message that the client is to blame for, or an end that is nobody's fault. */
static void fail(struct gp_link *link, int rc, uint64_t *ended)
{
    struct gp_gate_counts *counts = &link->guest.gate->counts;

    if (rc == GP_ECLOSED)
        gp_guest_end(&link->guest, ended);
    else
        gp_guest_expel(&link->guest, rc == GP_ENOMEM ? &counts->no_memory : &counts->frame);
}

/* One read of one side. `here` and `there` are the counts of an end by either side. */
static uint64_t take(struct gp_link *link, struct gp_lane *lane, ssize_t len, const uv_buf_t *buf,
                     uint64_t *here, uint64_t *there)
{
    uint64_t messages = 0;

    if (len == UV_ENOBUFS) {
        gp_lane_wait(lane);
    } else if (len < 0) {
        gp_guest_end(&link->guest, here);
    } else if (len > 0) {
        int rc = gp_lane_take(lane, (unsigned char *)buf->base, (size_t)len, &messages);
        if (messages > 0)
            link->active_ms = uv_now(&link->guest.gate->loop);
        if (rc != 0)
            fail(link, rc, there);
    }
    return messages;
}

static void on_client(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_link *link = stream->data;
    struct gp_gate_counts *counts = &link->guest.gate->counts;
    uint64_t messages = take(link, &link->up, len, buf, &counts->ended, &counts->link_ended);

    counts->requests += messages;
    link->owed += messages;
}

static void on_daemon(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_link *link = stream->data;
    struct gp_gate_counts *counts = &link->guest.gate->counts;
    uint64_t messages = take(link, &link->down, len, buf, &counts->link_ended, &counts->ended);

    counts->replies += messages;
    link->owed -= messages < link->owed ? messages : link->owed;
}

void gp_link_stands(struct gp_link *link)
{
    struct gp_gate *gate = link->guest.gate;
    uv_stream_t *client = (uv_stream_t *)&link->guest.tcp, *daemon = (uv_stream_t *)&link->pipe;

    link->state = GP_LINK_RELAYING;
    link->active_ms = uv_now(&gate->loop);
    link->up = (struct gp_lane){.pool = &gate->pool,
                                .from = client,
                                .to = daemon,
                                .rule = &requests,
                                .on_alloc = on_alloc,
                                .on_read = on_client};
    link->down = (struct gp_lane){.pool = &gate->pool,
                                  .from = daemon,
                                  .to = client,
                                  .rule = &replies,
                                  .on_alloc = on_alloc,
                                  .on_read = on_daemon};
    gp_lane_start(&link->up);
    gp_lane_start(&link->down);
}

/* ---------------------------------------------------------------- as a guest */

static struct gp_link *link_of(const struct gp_guest *guest)
{
    return (struct gp_link *)(uintptr_t)guest; /* it is the first field */
}

static void on_open(struct gp_guest *guest)
{
    struct gp_link *link = link_of(guest);

    link->waits_since_ms = uv_now(&guest->gate->loop);
    gp_ring_init(&link->queue);
    gp_edge_join(&guest->gate->edge, link);
}

static uint64_t *overdue(struct gp_guest *guest, uint64_t now_ms)
{
    const struct gp_link *link = link_of(guest);
    const struct gp_gate_options *options = guest->gate->options;
    struct gp_gate_counts *counts = &guest->gate->counts;

    if (link->state != GP_LINK_RELAYING)
        return now_ms - link->waits_since_ms > options->link_ms ? &counts->no_link : NULL;
    /* While the daemon pushes back the client is not read, so it is not late. */
    if (link->up.part_len > 0 && link->up.unsent == 0 &&
        now_ms - link->up.part_since_ms > options->frame_ms)
        return &counts->slow_frame;
    if (link->down.unsent > 0 && now_ms - link->down.unsent_since_ms > GP_GATE_TAKE_MS)
        return &counts->slow_taker;
    return now_ms - link->active_ms > options->idle_ms ? &counts->idle : NULL;
}

static bool busy(const struct gp_guest *guest)
{
    const struct gp_link *link = link_of(guest);

    return link->state == GP_LINK_RELAYING &&
           (link->owed > 0 || gp_lane_busy(&link->up) || gp_lane_busy(&link->down));
}

static void on_end(struct gp_guest *guest)
{
    struct gp_link *link = link_of(guest);

    if (link->state == GP_LINK_RELAYING) {
        gp_lane_stop(&link->up);
        gp_lane_stop(&link->down);
        gp_guest_close(guest, (uv_handle_t *)&link->pipe);
    } else {
        gp_edge_leave(&guest->gate->edge, link);
    }
}

const struct gp_guest_kind gp_link_kind = {
    .theirs = GP_SP_REQ,
    .ours = GP_SP_REP,
    .bytes = sizeof(struct gp_link),
    .on_open = on_open,
    .overdue = overdue,
    .busy = busy,
    .on_end = on_end,
};
