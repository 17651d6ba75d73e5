#include "gate/hint.h"

#include "base/error.h"
#include "base/log.h"
#include "gate/gate.h"

#include <assert.h>
#include <string.h>

static const struct gp_frame_rule rule = {.ipc = true, .body_max = GP_GATE_HINT_BYTES};

struct follower {
    struct gp_guest guest;
    struct gp_ring followers;
    size_t unsent; /* of a hint whose first bytes the kernel has taken; no other goes meanwhile */
    uint64_t unsent_since_ms;
    uv_write_t write;
    char rest[GP_FRAME_HEAD_BYTES + GP_GATE_HINT_BYTES];
};

/* ---------------------------------------------------------------- followers */

static struct follower *follower_of(const struct gp_guest *guest)
{
    return (struct follower *)(uintptr_t)guest; /* it is the first field */
}

static void on_written(uv_write_t *request, int status)
{
    struct follower *follower = request->data;

    (void)status; /* a follower that left is seen by reading */
    follower->unsent = 0;
}

static void send_rest(struct follower *follower, const unsigned char *bytes, size_t len)
{
    uv_buf_t buf = uv_buf_init(follower->rest, (unsigned)len);

    memcpy(follower->rest, bytes, len);
    follower->write.data = follower;
    follower->unsent = len;
    follower->unsent_since_ms = uv_now(&follower->guest.gate->loop);
    if (uv_write(&follower->write, (uv_stream_t *)&follower->guest.tcp, &buf, 1, on_written) != 0)
        gp_guest_end(&follower->guest, &follower->guest.gate->counts.ended);
}

static void send_hint(struct follower *follower, const unsigned char *message, size_t len)
{
    struct gp_gate_counts *counts = &follower->guest.gate->counts;
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)message, (unsigned)len);
    int sent = follower->unsent > 0 ? UV_EAGAIN
                                    : uv_try_write((uv_stream_t *)&follower->guest.tcp, &buf, 1);

    if (sent == UV_EAGAIN)
        counts->missed++;
    else if (sent < 0)
        gp_guest_end(&follower->guest, &counts->ended);
    else if ((size_t)sent < len)
        send_rest(follower, message + sent, len - (size_t)sent);
}

/* Over tcp a message has no type in front. */
static void send_all(struct gp_hints *hints, const unsigned char *message, size_t len)
{
    struct gp_ring *at = hints->followers.next;

    hints->gate->counts.hints++;
    while (at != &hints->followers) {
        struct follower *follower = GP_RING_OF(at, struct follower, followers);
        at = at->next; /* it may leave */
        send_hint(follower, message + 1, len - 1);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    const struct gp_guest *guest = handle->data;

    (void)suggested;
    *ret_buf = uv_buf_init((char *)guest->gate->bytes, 1); /* one byte too many is enough */
}

static void on_talk(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_guest *guest = stream->data;

    (void)buf;
    if (len < 0)
        gp_guest_end(guest, &guest->gate->counts.ended);
    else if (len > 0)
        gp_guest_expel(guest, &guest->gate->counts.talked);
}

static void on_open(struct gp_guest *guest)
{
    struct follower *follower = follower_of(guest);

    gp_ring_append(&guest->gate->hints.followers, &follower->followers);
    if (uv_read_start((uv_stream_t *)&guest->tcp, on_alloc, on_talk) != 0)
        gp_guest_end(guest, &guest->gate->counts.ended);
}

static uint64_t *overdue(struct gp_guest *guest, uint64_t now_ms)
{
    const struct follower *follower = follower_of(guest);

    if (follower->unsent > 0 && now_ms - follower->unsent_since_ms > GP_GATE_TAKE_MS)
        return &guest->gate->counts.slow_taker;
    return NULL;
}

static bool busy(const struct gp_guest *guest)
{
    return follower_of(guest)->unsent > 0;
}

static void on_end(struct gp_guest *guest)
{
    gp_ring_remove(&follower_of(guest)->followers);
}

const struct gp_guest_kind gp_follower_kind = {
    .theirs = GP_SP_SUB,
    .ours = GP_SP_PUB,
    .bytes = sizeof(struct follower),
    .on_open = on_open,
    .overdue = overdue,
    .busy = busy,
    .on_end = on_end,
};

/* ---------------------------------------------------------------- the daemon */

static void on_closed(uv_handle_t *handle)
{
    struct gp_hints *hints = handle->data;
    hints->state = GP_HINTS_DOWN;
}

static void hang_up(struct gp_hints *hints)
{
    hints->state = GP_HINTS_CLOSING;
    hints->retry_at_ms = uv_now(&hints->gate->loop) + GP_GATE_RETRY_MS;
    uv_close((uv_handle_t *)&hints->pipe, on_closed);
}

static void fail(struct gp_hints *hints, const char *why)
{
    if (!hints->away)
        gp_log(GP_LOG_WARNING, "hint", "%s: %s; no hints until it is back", hints->path, why);
    hints->away = true;
    hang_up(hints);
}

static int take_opening(struct gp_hints *hints)
{
    size_t len = hints->kept < GP_SP_BYTES ? hints->kept : GP_SP_BYTES;

    if (!gp_sp_begins(GP_SP_PUB, hints->bytes, len))
        return GP_EFORMAT;
    if (len < GP_SP_BYTES)
        return 0;
    if (hints->away)
        gp_log(GP_LOG_INFO, "hint", "%s: the daemon is back", hints->path);
    hints->away = false;
    hints->state = GP_HINTS_UP;
    hints->kept -= len;
    memmove(hints->bytes, hints->bytes + len, hints->kept);
    return 0;
}

static int take_hints(struct gp_hints *hints)
{
    size_t at = 0, len;
    int rc;

    while ((rc = gp_frame_look(&rule, hints->bytes + at, hints->kept - at, &len)) == 0) {
        send_all(hints, hints->bytes + at, len);
        at += len;
    }
    hints->kept -= at;
    memmove(hints->bytes, hints->bytes + at, hints->kept);
    return rc == GP_EAGAIN ? 0 : rc;
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct gp_hints *hints = handle->data;

    (void)suggested;
    *ret_buf = uv_buf_init((char *)hints->bytes + hints->kept,
                           (unsigned)(sizeof hints->bytes - hints->kept));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_hints *hints = stream->data;
    int rc = 0;

    (void)buf;
    if (len < 0) {
        fail(hints, uv_strerror((int)len));
        return;
    }
    hints->kept += (size_t)len;
    if (hints->state == GP_HINTS_GREETING)
        rc = take_opening(hints);
    if (rc == 0 && hints->state == GP_HINTS_UP)
        rc = take_hints(hints);
    if (rc != 0)
        fail(hints, "what comes is no hint");
}

static void on_connected(uv_connect_t *request, int status)
{
    struct gp_hints *hints = request->data;
    unsigned char opening[GP_SP_BYTES];
    uv_buf_t buf = uv_buf_init((char *)opening, sizeof opening);

    if (hints->state != GP_HINTS_CONNECTING)
        return;
    hints->state = GP_HINTS_GREETING;
    hints->kept = 0;
    gp_sp_write(GP_SP_SUB, opening);
    if (status == 0 && uv_try_write((uv_stream_t *)&hints->pipe, &buf, 1) != GP_SP_BYTES)
        status = UV_EPIPE; /* its buffer was empty */
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&hints->pipe, on_room, on_read);
    if (status != 0)
        fail(hints, uv_strerror(status));
}

void gp_hints_init(struct gp_hints *hints, struct gp_gate *gate, const char *path)
{
    *hints = (struct gp_hints){.gate = gate, .path = path, .stopped = path == NULL};
    gp_ring_init(&hints->followers);
}

void gp_hints_tick(struct gp_hints *hints, uint64_t now_ms)
{
    if (hints->stopped || hints->state != GP_HINTS_DOWN || now_ms < hints->retry_at_ms)
        return;
    int rc = uv_pipe_init(&hints->gate->loop, &hints->pipe, 0);
    assert(rc == 0);
    hints->pipe.data = hints;
    hints->connect.data = hints;
    hints->state = GP_HINTS_CONNECTING;
    uv_pipe_connect(&hints->connect, &hints->pipe, hints->path, on_connected); /* fails later */
}

void gp_hints_stop(struct gp_hints *hints)
{
    hints->stopped = true;
    if (hints->state != GP_HINTS_DOWN && hints->state != GP_HINTS_CLOSING)
        hang_up(hints);
}
