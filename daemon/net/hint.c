/*
 * The PUB side of SP over ipc. Behind both sides' opening (base/sp.h) each message has its type and
 * its length, 8 bytes, in front. A SUB says nothing more, so what it sends is looked at only when
 * there is something to send to it.
 */
#include "net/hint.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/sp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_BYTES 9 /* in front of a message */
#define BACKLOG     16

struct follower {
    int fd;
    uint8_t opened; /* bytes of its opening */
    bool late;      /* it had not opened when it should have got a hint */
};

struct gp_hint {
    uv_poll_t poll;
    int fd;
    bool closing;
    unsigned count;
    struct follower follower[GP_HINT_FOLLOWERS_MAX];
    struct sockaddr_un address;
};

/* ---------------------------------------------------------------- followers */

static void take(struct gp_hint *hint, int fd)
{
    unsigned char opening[GP_SP_BYTES];

    gp_sp_write(GP_SP_PUB, opening);
    if (hint->count == GP_HINT_FOLLOWERS_MAX ||
        send(fd, opening, sizeof opening, MSG_NOSIGNAL) != sizeof opening) {
        (void)close(fd); /* it has heard nothing */
        return;
    }
    hint->follower[hint->count++] = (struct follower){.fd = fd};
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct gp_hint *hint = poll->data;
    int fd;

    (void)events;
    if (status != 0 || hint->closing)
        return;
    for (int i = 0; i < BACKLOG; i++) {
        fd = accept4(hint->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return; /* none, or none can be had now: level-triggered */
        take(hint, fd);
    }
}

static void send_away(struct gp_hint *hint, unsigned number)
{
    (void)close(hint->follower[number].fd); /* a hint may be lost */
    hint->follower[number] = hint->follower[--hint->count];
}

/* Whether it is still there and has said no more than how a SUB begins. */
static bool is_follower(struct follower *follower)
{
    unsigned char bytes[GP_SP_BYTES + 1];
    size_t missing = GP_SP_BYTES - (size_t)follower->opened;
    ssize_t len = recv(follower->fd, bytes, missing + 1, MSG_DONTWAIT);

    if (len < 0)
        return errno == EAGAIN || errno == EINTR;
    if (len == 0 || (size_t)len > missing ||
        !gp_sp_goes_on(GP_SP_SUB, follower->opened, bytes, (size_t)len))
        return false;
    follower->opened = (uint8_t)(follower->opened + len);
    return true;
}

/* Whether it stays. */
static bool send_to(struct follower *follower, const unsigned char *frame, size_t len)
{
    if (!is_follower(follower))
        return false;
    if (follower->opened < GP_SP_BYTES) {
        bool again = follower->late;
        follower->late = true;
        return !again;
    }
    ssize_t sent = send(follower->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)len ||
           (sent < 0 && errno == EAGAIN); /* half a frame cannot be mended */
}

void gp_hint_send(struct gp_hint *hint, struct gp_span message)
{
    unsigned char frame[FRAME_BYTES + GP_GATE_HINT_BYTES] = {GP_SP_IPC_TYPE};

    if (hint == NULL)
        return;
    assert(message.len <= GP_GATE_HINT_BYTES);
    gp_put_u64(frame + 1, message.len);
    memcpy(frame + FRAME_BYTES, message.ptr, message.len);
    for (unsigned i = hint->count; i-- > 0;) {
        if (!send_to(&hint->follower[i], frame, FRAME_BYTES + message.len))
            send_away(hint, i);
    }
}

/* ---------------------------------------------------------------- life */

/* What a daemon has left behind that was killed is in the way; one that lives is not touched. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    int fd;

    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        (void)unlink(address->sun_path); /* bind says what is wrong */
    (void)close(fd);                     /* nothing was said */
}

static int listen_at(struct gp_hint *hint, uv_loop_t *loop)
{
    remove_stale(&hint->address);
    hint->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (hint->fd < 0 ||
        bind(hint->fd, (struct sockaddr *)&hint->address, sizeof hint->address) != 0 ||
        listen(hint->fd, BACKLOG) != 0)
        return errno;
    if (uv_poll_init(loop, &hint->poll, hint->fd) != 0)
        return ENOMEM;
    hint->poll.data = hint;
    int rc = uv_poll_start(&hint->poll, UV_READABLE, on_readable);
    assert(rc == 0);
    return 0;
}

static int fail(struct gp_hint *hint, int error, const char *reason, const char **ret_reason)
{
    if (hint != NULL && hint->fd >= 0)
        (void)close(hint->fd);
    free(hint);
    *ret_reason = reason;
    return error;
}

int gp_hint_open(uv_loop_t *loop, const char *address, struct gp_hint **ret_hint,
                 const char **ret_reason)
{
    struct gp_hint *hint;
    int error;

    if (strncmp(address, "ipc://", 6) != 0)
        return fail(NULL, GP_EINVAL, "hints go over ipc:// only", ret_reason);
    hint = calloc(1, sizeof *hint);
    if (hint == NULL)
        return fail(NULL, GP_ENOMEM, gp_error_text(GP_ENOMEM), ret_reason);
    hint->fd = -1;
    hint->address.sun_family = AF_UNIX;
    if (strlen(address + 6) >= sizeof hint->address.sun_path)
        return fail(hint, GP_EINVAL, "this path is too long", ret_reason);
    memcpy(hint->address.sun_path, address + 6, strlen(address + 6));
    error = listen_at(hint, loop);
    if (error != 0)
        return fail(hint, GP_EIO, strerror(error), ret_reason);
    *ret_hint = hint;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct gp_hint *hint = handle->data;

    (void)close(hint->fd); /* who waits in its queue is reset */
    free(hint);
}

void gp_hint_close(struct gp_hint *hint)
{
    if (hint == NULL)
        return;
    hint->closing = true;
    while (hint->count > 0)
        send_away(hint, hint->count - 1);
    (void)unlink(hint->address.sun_path); /* the next start would */
    uv_close((uv_handle_t *)&hint->poll, on_closed);
}
