#include "gate/listener.h"

#include "base/broken.h"
#include "base/error.h"
#include "base/log.h"
#include "gate/gate.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- accept */

int gp_spare_open(void)
{
    return open("/", O_RDONLY | O_CLOEXEC);
}

static int accept_one(struct gp_listener *listener, struct sockaddr_storage *ret_address)
{
    socklen_t len = sizeof *ret_address;
    return accept4(listener->fd, (struct sockaddr *)ret_address, &len,
                   SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void rest(struct gp_listener *listener)
{
    listener->resting = true;
    (void)uv_poll_stop(&listener->poll); /* always 0 */
}

/* The spare one is given up to accept the connection and to close it: else it would stay at the
 * head of the kernel's queue and wake us for ever. */
static void turn_away(struct gp_listener *listener)
{
    struct gp_gate *gate = listener->gate;
    struct sockaddr_storage address;

    gp_gate_short_of_descriptors(gate);
    if (gate->spare < 0) {
        rest(listener);
        return;
    }
    (void)close(gate->spare); /* it was only held */
    int fd = accept_one(listener, &address);
    if (fd >= 0) {
        gate->counts.no_fd++;
        (void)close(fd); /* nothing was written */
    }
    gate->spare = gp_spare_open();
}

/* false: nothing more for now. */
static bool accept_next(struct gp_listener *listener)
{
    struct sockaddr_storage address;
    int fd = accept_one(listener, &address);

    if (fd >= 0) {
        gp_guest_accept(listener->gate, listener->kind, fd, (struct sockaddr *)&address);
        return true;
    }
    switch (errno) {
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
        if (!gp_broken("emfile-spin"))
            turn_away(listener);
        return !listener->resting;
    case ENOBUFS:
    case ENOMEM:
        rest(listener);
        return false;
    default:
        return true; /* of a connection that is gone already */
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct gp_listener *listener = poll->data;

    (void)events;
    if (status != 0)
        return;
    for (int i = 0; i < GP_GATE_ACCEPT_BURST && accept_next(listener); i++)
        continue;
}

/* ---------------------------------------------------------------- bind */

static int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

/* What is set here every accepted connection has from the kernel. Its buffer is kept small: what a
 * client sends while it is not read is the kernel's memory, and a request is not large. */
static int prepare(int fd, int family)
{
    if (set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0 ||
        (family == AF_INET6 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) ||
        set(fd, SOL_SOCKET, SO_RCVBUF, 2 * GP_GATE_REQUEST_BYTES) != 0 ||
        set(fd, IPPROTO_TCP, TCP_NODELAY, 1) != 0 || set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) != 0 ||
        set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60) != 0 ||
        set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15) != 0 || set(fd, IPPROTO_TCP, TCP_KEEPCNT, 4) != 0 ||
        set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, GP_GATE_USER_TIMEOUT_MS) != 0)
        return GP_EIO;
    return 0;
}

static int bind_socket(const struct gp_address *address, int *ret_fd)
{
    int family = address->socket.any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return GP_EIO;
    if (prepare(fd, family) != 0 || bind(fd, &address->socket.any, address->len) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        int error = errno;
        (void)close(fd); /* it never was in use */
        errno = error;
        return GP_EIO;
    }
    *ret_fd = fd;
    return 0;
}

static void report_address(const struct gp_listener *listener)
{
    struct gp_address bound = {.len = sizeof bound.socket};
    char text[GP_ADDRESS_TEXT_BYTES];

    if (getsockname(listener->fd, &bound.socket.any, &bound.len) != 0)
        return;
    gp_address_write(&bound, text);
    gp_log(GP_LOG_INFO, "listen", "%s at %s",
           listener->kind == &gp_link_kind ? "requests" : "hints", text);
}

int gp_listener_open(struct gp_listener *listener, struct gp_gate *gate,
                     const struct gp_guest_kind *kind, const struct gp_address *address,
                     const char **ret_reason)
{
    *listener = (struct gp_listener){.gate = gate, .kind = kind};
    if (bind_socket(address, &listener->fd) != 0) {
        *ret_reason = strerror(errno);
        return GP_EIO;
    }
    int rc = uv_poll_init(&gate->loop, &listener->poll, listener->fd);
    if (rc != 0) {
        (void)close(listener->fd); /* it never was in use */
        *ret_reason = uv_strerror(rc);
        return GP_EIO;
    }
    listener->poll.data = listener;
    listener->resting = true;
    gp_listener_tick(listener);
    report_address(listener);
    return 0;
}

void gp_listener_tick(struct gp_listener *listener)
{
    if (!listener->resting || uv_is_closing((uv_handle_t *)&listener->poll))
        return;
    listener->resting = false;
    int rc = uv_poll_start(&listener->poll, UV_READABLE, on_readable);
    assert(rc == 0);
}

static void on_closed(uv_handle_t *handle)
{
    struct gp_listener *listener = handle->data;
    (void)close(listener->fd); /* what waits in its queue is reset */
}

void gp_listener_close(struct gp_listener *listener)
{
    if (!uv_is_closing((uv_handle_t *)&listener->poll))
        uv_close((uv_handle_t *)&listener->poll, on_closed);
}
