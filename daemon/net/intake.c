#include "net/intake.h"

#include "base/error.h"

#include <assert.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdlib.h>
#include <string.h>

/* Letters per wake-up, so that answers and timers get their turn under load. */
#define GP_INTAKE_BURST 256

/* nanomsg counts the return path as part of the message: 4 bytes of the REQ, and 4 for each device
 * on the way. */
#define GP_INTAKE_PATH_BYTES 64

struct gp_intake {
    uv_poll_t poll;
    int socket;
    bool paused, closing;
    gp_letter_fn on_letter;
    void *context;
};

/* A header begins with nanomsg's own number of the connection, 4 bytes. */
static uint64_t connection_of(const struct gp_intake *intake, struct nn_msghdr *header)
{
    const struct nn_cmsghdr *control = NN_CMSG_FIRSTHDR(header);
    uint32_t number = 0;
    size_t len;

    if (control == NULL)
        return 0;
    memcpy(&len, NN_CMSG_DATA(control), sizeof len);
    if (len >= sizeof number)
        memcpy(&number, NN_CMSG_DATA(control) + sizeof len, sizeof number);
    return (uint64_t)intake->socket << 32 | number;
}

/* GP_EAGAIN: nothing there now. A malformed message shows as EAGAIN too, but the descriptor is
 * level-triggered, so whatever is left wakes us again. */
static int receive(struct gp_intake *intake, struct gp_letter *ret_letter)
{
    struct gp_letter letter = {.intake = intake};
    struct nn_iovec part = {.iov_base = &letter.body, .iov_len = NN_MSG};
    struct nn_msghdr header = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &letter.path,
        .msg_controllen = NN_MSG,
    };
    int len = nn_recvmsg(intake->socket, &header, NN_DONTWAIT);

    if (len < 0)
        return GP_EAGAIN;
    letter.len = (size_t)len;
    letter.connection = connection_of(intake, &header);
    *ret_letter = letter;
    return 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct gp_intake *intake = poll->data;
    struct gp_letter letter;

    (void)events;
    if (status != 0)
        return;
    for (int i = 0; i < GP_INTAKE_BURST && !intake->paused && !intake->closing; i++) {
        if (receive(intake, &letter) != 0)
            return;
        intake->on_letter(intake->context, letter);
    }
}

static int open_socket(const char *address, size_t message_bytes_max, int *ret_socket)
{
    int max = (int)message_bytes_max + GP_INTAKE_PATH_BYTES;
    int socket = nn_socket(AF_SP_RAW, NN_REP);

    if (socket < 0)
        return GP_EIO;
    if (nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &max, sizeof max) < 0 ||
        nn_bind(socket, address) < 0) {
        (void)nn_close(socket);
        return GP_EIO;
    }
    *ret_socket = socket;
    return 0;
}

int gp_intake_open(uv_loop_t *loop, const char *address, size_t message_bytes_max,
                   gp_letter_fn on_letter, void *context, struct gp_intake **ret_intake,
                   const char **ret_reason)
{
    struct gp_intake *intake = calloc(1, sizeof *intake);
    int fd;
    size_t size = sizeof fd;
    int rc = intake != NULL ? open_socket(address, message_bytes_max, &intake->socket) : GP_ENOMEM;

    if (rc != 0) {
        *ret_reason = rc == GP_EIO ? nn_strerror(nn_errno()) : gp_error_text(rc);
        free(intake);
        return rc;
    }
    intake->on_letter = on_letter;
    intake->context = context;
    intake->poll.data = intake;
    if (nn_getsockopt(intake->socket, NN_SOL_SOCKET, NN_RCVFD, &fd, &size) < 0 ||
        uv_poll_init(loop, &intake->poll, fd) != 0) {
        *ret_reason = "the socket cannot be polled";
        (void)nn_close(intake->socket);
        free(intake);
        return GP_EIO;
    }
    intake->paused = true;
    gp_intake_resume(intake);
    *ret_intake = intake;
    return 0;
}

void gp_intake_pause(struct gp_intake *intake)
{
    if (intake->paused)
        return;
    intake->paused = true;
    (void)uv_poll_stop(&intake->poll); /* always 0 */
}

void gp_intake_resume(struct gp_intake *intake)
{
    if (!intake->paused || intake->closing)
        return;
    intake->paused = false;
    int rc = uv_poll_start(&intake->poll, UV_READABLE, on_readable);
    assert(rc == 0);
}

/* The descriptor belongs to nanomsg: it is closed only after libuv has let go of it. */
static void on_closed(uv_handle_t *handle)
{
    struct gp_intake *intake = handle->data;
    (void)nn_close(intake->socket);
    free(intake);
}

void gp_intake_close(struct gp_intake *intake)
{
    if (intake == NULL || intake->closing)
        return;
    gp_intake_pause(intake);
    intake->closing = true;
    uv_close((uv_handle_t *)&intake->poll, on_closed);
}

void gp_letter_reply(struct gp_letter *letter, struct gp_span answer)
{
    struct nn_iovec part = {.iov_base = (void *)(uintptr_t)answer.ptr, .iov_len = answer.len};
    struct nn_msghdr header = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &letter->path,
        .msg_controllen = NN_MSG,
    };

    /* Success hands the path over to nanomsg; a peer that left or is full gets nothing. */
    if (nn_sendmsg(letter->intake->socket, &header, NN_DONTWAIT) >= 0)
        letter->path = NULL;
    gp_letter_drop(letter);
}

void gp_letter_drop(struct gp_letter *letter)
{
    if (letter->body != NULL)
        (void)nn_freemsg(letter->body);
    if (letter->path != NULL)
        (void)nn_freemsg(letter->path);
    *letter = (struct gp_letter){0};
}
