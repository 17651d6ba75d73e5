#include "gate/edge.h"

#include "base/log.h"
#include "gate/gate.h"

#include <assert.h>

void gp_edge_init(struct gp_edge *edge, const char *path)
{
    *edge = (struct gp_edge){.path = path};
    gp_ring_init(&edge->waiting);
    gp_ring_init(&edge->given_up);
}

void gp_edge_join(struct gp_edge *edge, struct gp_link *link)
{
    link->state = GP_LINK_WAITING;
    gp_ring_append(&edge->waiting, &link->queue);
    gp_edge_serve(edge, uv_now(&link->guest.gate->loop));
}

/* A connect is no longer under way. */
static void settle(struct gp_edge *edge, struct gp_link *link)
{
    assert(edge->pending > 0);
    edge->pending--;
    gp_ring_remove(&link->queue);
    gp_edge_serve(edge, uv_now(&link->guest.gate->loop));
}

void gp_edge_leave(struct gp_edge *edge, struct gp_link *link)
{
    gp_ring_remove(&link->queue);
    if (link->state == GP_LINK_FAILED) {
        gp_guest_close(&link->guest, (uv_handle_t *)&link->pipe);
    } else if (link->state != GP_LINK_WAITING) {
        gp_guest_hold(&link->guest);
        gp_ring_append(&edge->given_up, &link->queue);
    }
}

void gp_edge_stop(struct gp_edge *edge)
{
    while (!gp_ring_empty(&edge->given_up)) {
        struct gp_link *link = GP_RING_OF(edge->given_up.next, struct gp_link, queue);
        gp_ring_remove(&link->queue);
        link->state = GP_LINK_FAILED;
        gp_guest_close_held(&link->guest, (uv_handle_t *)&link->pipe);
    }
}

/* ---------------------------------------------------------------- outcome */

static void fail(struct gp_link *link, const char *why)
{
    struct gp_gate *gate = link->guest.gate;
    struct gp_edge *edge = &gate->edge;

    if (!edge->away)
        gp_log(GP_LOG_WARNING, "edge", "%s: %s; clients are sent away until it is back", edge->path,
               why);
    edge->away = true;
    edge->pause_until_ms = uv_now(&gate->loop) + GP_GATE_RETRY_MS;
    link->state = GP_LINK_FAILED;
    settle(edge, link);
    if (link->guest.ending)
        gp_guest_close_held(&link->guest, (uv_handle_t *)&link->pipe);
    else
        gp_guest_end(&link->guest, &gate->counts.no_link);
}

static void succeed(struct gp_link *link)
{
    struct gp_edge *edge = &link->guest.gate->edge;

    if (edge->away)
        gp_log(GP_LOG_INFO, "edge", "%s: the daemon is back", edge->path);
    edge->away = false;
    (void)uv_read_stop((uv_stream_t *)&link->pipe); /* always 0 */
    settle(edge, link);
    if (link->guest.ending)
        gp_guest_close_held(&link->guest, (uv_handle_t *)&link->pipe);
    else
        gp_link_stands(link);
}

/* ---------------------------------------------------------------- the daemon's opening */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct gp_link *link = handle->data;

    (void)suggested; /* what follows the opening is for the lane */
    *ret_buf = uv_buf_init((char *)link->opening + link->opening_len,
                           (unsigned)(GP_SP_BYTES - link->opening_len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_link *link = stream->data;

    (void)buf;
    if (len < 0) {
        fail(link, uv_strerror((int)len));
        return;
    }
    link->opening_len = (uint8_t)(link->opening_len + len);
    if (!gp_sp_begins(GP_SP_REP, link->opening, link->opening_len))
        fail(link, "it is no socket that takes requests");
    else if (link->opening_len == GP_SP_BYTES)
        succeed(link);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct gp_link *link = request->data;
    unsigned char opening[GP_SP_BYTES];
    uv_buf_t buf = uv_buf_init((char *)opening, sizeof opening);

    if (link->state != GP_LINK_CONNECTING)
        return; /* it was closed */
    link->state = GP_LINK_GREETING;
    gp_sp_write(GP_SP_REQ, opening);
    if (status == 0 && uv_try_write((uv_stream_t *)&link->pipe, &buf, 1) != GP_SP_BYTES)
        status = UV_EPIPE; /* its buffer was empty */
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&link->pipe, on_alloc, on_read);
    if (status != 0)
        fail(link, uv_strerror(status));
}

/* ---------------------------------------------------------------- queue */

static void start(struct gp_edge *edge, struct gp_link *link)
{
    int rc = uv_pipe_init(&link->guest.gate->loop, &link->pipe, 0);

    assert(rc == 0);
    link->pipe.data = link;
    link->connect.data = link;
    link->state = GP_LINK_CONNECTING;
    edge->pending++;
    uv_pipe_connect(&link->connect, &link->pipe, edge->path, on_connected); /* fails later */
}

void gp_edge_serve(struct gp_edge *edge, uint64_t now_ms)
{
    while (!gp_ring_empty(&edge->waiting) && edge->pending < GP_GATE_PENDING_MAX &&
           now_ms >= edge->pause_until_ms) {
        struct gp_link *link = GP_RING_OF(edge->waiting.next, struct gp_link, queue);
        if (edge->away && edge->pending > 0)
            return; /* one try at a time */
        gp_ring_remove(&link->queue);
        start(edge, link);
    }
}
