#include "client/peer.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define BACKLOG 10 /* nanomsg's */

static const struct gp_frame_rule requests = {
    .ipc = true, .path = true, .body_max = GP_GATE_REQUEST_BYTES};

/* ---------------------------------------------------------------- ends */

static void on_link_closed(uv_handle_t *handle)
{
    struct peer_link *link = handle->data;

    link->peer->handles--;
    free(link);
}

void peer_end(struct peer_link *link)
{
    struct peer *peer = link->peer;

    if (uv_is_closing((uv_handle_t *)&link->pipe))
        return;
    gp_ring_remove(&link->ring);
    peer->open--;
    peer->ungreeted -= !link->greeted;
    peer->owed -= link->owed;
    uv_close((uv_handle_t *)&link->pipe, on_link_closed);
}

static void on_listener_closed(uv_handle_t *handle)
{
    ((struct peer *)handle->data)->handles--;
}

void peer_stop(struct peer *peer)
{
    uv_close((uv_handle_t *)&peer->listener, on_listener_closed);
    while (!gp_ring_empty(&peer->links))
        peer_end(GP_RING_OF(peer->links.next, struct peer_link, ring));
    peer->stopped = true;
    while (peer->handles > 0)
        (void)uv_run(peer->loop, UV_RUN_ONCE);
}

/* ---------------------------------------------------------------- sending */

void peer_send(struct peer_link *link, const void *bytes, size_t len)
{
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);

    assert_int_equal(uv_try_write((uv_stream_t *)&link->pipe, &buf, 1), len);
}

void peer_answer(struct peer_link *link, struct gp_span body)
{
    unsigned char bytes[PEER_BYTES_MAX];
    const size_t head = GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES;

    assert_true(link->owed);
    link->owed = false;
    link->peer->owed--;
    assert_true(head + body.len <= sizeof bytes);
    gp_frame_write_head(link->number, body.len, bytes);
    memcpy(bytes + head, gp_span_text(body), body.len);
    peer_send(link, bytes, head + body.len);
}

static void greet(struct peer_link *link)
{
    unsigned char opening[GP_SP_BYTES];

    gp_sp_write(GP_SP_REP, opening);
    link->waits = false;
    link->greeted = true;
    link->peer->ungreeted--;
    peer_send(link, opening, sizeof opening);
}

bool peer_greet(struct peer *peer)
{
    for (struct gp_ring *at = peer->links.next; at != &peer->links; at = at->next) {
        struct peer_link *link = GP_RING_OF(at, struct peer_link, ring);
        if (link->waits) {
            greet(link);
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- reading */

static void drop(struct peer_link *link, size_t len)
{
    link->len -= len;
    memmove(link->bytes, link->bytes + len, link->len);
}

static void take_opening(struct peer_link *link)
{
    if (link->len < GP_SP_BYTES)
        return;
    assert_true(gp_sp_begins(GP_SP_REQ, link->bytes, GP_SP_BYTES));
    assert_int_equal(link->len, GP_SP_BYTES); /* a client waits for our side's */
    drop(link, GP_SP_BYTES);
    link->waits = true;
    if (!link->peer->silent)
        greet(link);
}

static void take_request(struct peer_link *link)
{
    struct peer *peer = link->peer;
    const size_t head = GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES;
    size_t bytes;
    int rc = gp_frame_look(&requests, link->bytes, link->len, &bytes);

    if (rc == GP_EAGAIN)
        return;
    assert_int_equal(rc, 0);
    assert_int_equal(bytes, link->len); /* one at a time */
    assert_false(link->owed);
    link->owed = true;
    link->number = gp_get_u32(link->bytes + GP_FRAME_HEAD_BYTES);
    peer->requests++;
    peer->owed++;
    peer->owed_most = peer->owed > peer->owed_most ? peer->owed : peer->owed_most;
    link->len = 0;
    peer->on_request(link, (struct gp_span){(const char *)link->bytes + head, bytes - head});
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct peer_link *link = handle->data;

    (void)suggested;
    *ret_buf =
        uv_buf_init((char *)link->bytes + link->len, (unsigned)(sizeof link->bytes - link->len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct peer_link *link = stream->data;

    (void)buf;
    if (len < 0) {
        peer_end(link);
        return;
    }
    link->len += (size_t)len;
    if (link->greeted)
        take_request(link);
    else if (!link->waits)
        take_opening(link);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct peer *peer = listener->data;
    struct peer_link *link = calloc(1, sizeof *link);

    assert_int_equal(status, 0);
    assert_non_null(link);
    link->peer = peer;
    link->nth = peer->accepted++;
    gp_ring_append(&peer->links, &link->ring);
    peer->handles++;
    peer->open++;
    peer->ungreeted++;
    if (peer->ungreeted > peer->ungreeted_most)
        peer->ungreeted_most = peer->ungreeted;
    assert_int_equal(uv_pipe_init(peer->loop, &link->pipe, 0), 0);
    link->pipe.data = link;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&link->pipe), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&link->pipe, on_alloc, on_read), 0);
}

void peer_start(struct peer *peer, uv_loop_t *loop, const char *path, peer_fn *on_request)
{
    peer->loop = loop;
    peer->path = path;
    peer->on_request = on_request;
    peer->stopped = false;
    gp_ring_init(&peer->links);
    assert_int_equal(uv_pipe_init(loop, &peer->listener, 0), 0);
    peer->listener.data = peer;
    peer->handles++;
    assert_int_equal(uv_pipe_bind(&peer->listener, path), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, BACKLOG, on_connection), 0);
}
