#include "gate/guest.h"

#include "gate/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

/* ---------------------------------------------------------------- end */

static void on_closed(uv_handle_t *handle)
{
    struct gp_guest *guest = handle->data;

    if (--guest->handles > 0)
        return;
    gp_peers_leave(&guest->gate->peers, guest->key);
    free(guest);
}

void gp_guest_hold(struct gp_guest *guest)
{
    assert(guest->ending);
    guest->handles++;
}

void gp_guest_close_held(struct gp_guest *guest, uv_handle_t *handle)
{
    handle->data = guest;
    uv_close(handle, on_closed);
}

void gp_guest_close(struct gp_guest *guest, uv_handle_t *handle)
{
    gp_guest_hold(guest);
    gp_guest_close_held(guest, handle);
}

/* Everything of an end but the closing of the connection itself. */
static bool prepare_end(struct gp_guest *guest, uint64_t *count)
{
    if (guest->ending)
        return false;
    guest->ending = true;
    ++*count;
    gp_ring_remove(&guest->guests);
    if (guest->open)
        guest->kind->on_end(guest);
    return true;
}

void gp_guest_end(struct gp_guest *guest, uint64_t *count)
{
    if (prepare_end(guest, count))
        gp_guest_close(guest, (uv_handle_t *)&guest->tcp);
}

void gp_guest_expel(struct gp_guest *guest, uint64_t *count)
{
    if (!prepare_end(guest, count))
        return;
    gp_guest_hold(guest);
    if (uv_tcp_close_reset(&guest->tcp, on_closed) != 0)
        gp_guest_close_held(guest, (uv_handle_t *)&guest->tcp);
}

/* ---------------------------------------------------------------- opening */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct gp_guest *guest = handle->data;

    (void)suggested; /* not one byte more than the opening has */
    *ret_buf = uv_buf_init((char *)guest->opening + guest->opening_len,
                           (unsigned)(GP_SP_BYTES - guest->opening_len));
}

static void answer_opening(struct gp_guest *guest)
{
    unsigned char opening[GP_SP_BYTES];
    uv_buf_t buf = uv_buf_init((char *)opening, sizeof opening);

    gp_sp_write(guest->kind->ours, opening);
    (void)uv_read_stop((uv_stream_t *)&guest->tcp); /* always 0 */
    if (uv_try_write((uv_stream_t *)&guest->tcp, &buf, 1) != GP_SP_BYTES) {
        gp_guest_end(guest, &guest->gate->counts.ended); /* it left: its buffer was empty */
        return;
    }
    guest->open = true;
    guest->kind->on_open(guest);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_guest *guest = stream->data;

    (void)buf;
    if (len < 0) {
        gp_guest_end(guest, &guest->gate->counts.ended);
        return;
    }
    guest->opening_len = (uint8_t)(guest->opening_len + len);
    if (!gp_sp_begins(guest->kind->theirs, guest->opening, guest->opening_len))
        gp_guest_expel(guest, &guest->gate->counts.opening);
    else if (guest->opening_len == GP_SP_BYTES)
        answer_opening(guest);
}

/* ---------------------------------------------------------------- accept */

static void refuse(int fd)
{
    static const struct linger at_once = {.l_onoff = 1};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once); /* else it lingers */
    (void)close(fd);                                                       /* nothing was written */
}

static struct gp_guest *make(struct gp_gate *gate, const struct gp_guest_kind *kind, int fd)
{
    struct gp_guest *guest = calloc(1, kind->bytes);

    if (guest == NULL)
        return NULL;
    int rc = uv_tcp_init(&gate->loop, &guest->tcp);
    assert(rc == 0);
    guest->gate = gate;
    guest->kind = kind;
    guest->tcp.data = guest;
    guest->since_ms = uv_now(&gate->loop);
    gp_ring_append(&gate->guests, &guest->guests);
    if (uv_tcp_open(&guest->tcp, fd) != 0)
        refuse(fd); /* the guest ends as one that sends nothing */
    return guest;
}

void gp_guest_accept(struct gp_gate *gate, const struct gp_guest_kind *kind, int fd,
                     const struct sockaddr *address)
{
    uint64_t key = gp_peer_key(address);

    if (gp_peers_enter(&gate->peers, key) != GP_PEER_IN) {
        gate->counts.refused++;
        refuse(fd);
        return;
    }
    struct gp_guest *guest = make(gate, kind, fd);
    if (guest == NULL) {
        gp_peers_leave(&gate->peers, key);
        gate->counts.refused++;
        refuse(fd);
        return;
    }
    guest->key = key;
    gate->counts.accepted++;
    if (uv_read_start((uv_stream_t *)&guest->tcp, on_alloc, on_read) != 0)
        gp_guest_end(guest, &gate->counts.ended);
}

/* ---------------------------------------------------------------- time */

void gp_guest_tick(struct gp_guest *guest, uint64_t now_ms)
{
    struct gp_gate *gate = guest->gate;
    uint64_t *count = NULL;

    if (guest->open)
        count = guest->kind->overdue(guest, now_ms);
    else if (now_ms - guest->since_ms > gate->options->handshake_ms)
        count = &gate->counts.slow_open;
    if (count == &gate->counts.idle || count == &gate->counts.no_link)
        gp_guest_end(guest, count);
    else if (count != NULL)
        gp_guest_expel(guest, count);
}

bool gp_guest_busy(const struct gp_guest *guest)
{
    return guest->open && guest->kind->busy(guest);
}
