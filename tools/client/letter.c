#include "client/letter.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How long to wait for an answer before the same bytes are sent again; a request that may rest at
 * the daemon gets its rest on top. */
#define GP_RESEND_MS 3000

/* How often to look whether to stop, and whether the connection is another one. */
#define GP_LOOK_MS      100
#define GP_LOOK_REST_MS 500 /* of a request that rests: also, whether the connection is gone */

#define GP_NUMBER_BYTES 4
#define GP_NUMBER_LAST  UINT32_C(0x80000000) /* the top bit ends the path (SP's REQ/REP) */

int64_t gp_letters_now(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        abort(); /* Linux has had it since 2.6.39 */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- is anybody there */

/* nanomsg connects in the background and never says that nobody listens: ask the kernel first. */
static int try_connect(int family, const struct sockaddr *address, socklen_t size)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc;

    if (fd < 0)
        return GP_EIO;
    rc = connect(fd, address, size) == 0 ? 0 : GP_ENOTFOUND;
    (void)close(fd); /* only a knock at the door */
    return rc;
}

static int knock_ipc(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path[0] == '\0' || strlen(path) >= sizeof address.sun_path)
        return GP_EINVAL;
    memcpy(address.sun_path, path, strlen(path) + 1);
    return try_connect(AF_UNIX, (const struct sockaddr *)&address, sizeof address);
}

static int knock_tcp(const char *place)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(place, ':');
    char host[64];

    if (colon == NULL || (size_t)(colon - place) >= sizeof host)
        return GP_EINVAL;
    memcpy(host, place, (size_t)(colon - place));
    host[colon - place] = '\0';
    address.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return 0; /* a name: let nanomsg resolve it */
    return try_connect(AF_INET, (const struct sockaddr *)&address, sizeof address);
}

static int knock(const char *address)
{
    if (strncmp(address, "ipc://", 6) == 0)
        return knock_ipc(address + 6);
    if (strncmp(address, "tcp://", 6) == 0)
        return knock_tcp(address + 6);
    return GP_EINVAL;
}

/* ---------------------------------------------------------------- opening */

static int connect_to(const char *address, int *ret_socket)
{
    int max = GP_REPLY_BYTES_MAX + 1024;
    int socket = nn_socket(AF_SP_RAW, NN_REQ);

    if (socket < 0)
        return GP_EIO;
    if (nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &max, sizeof max) < 0 ||
        nn_connect(socket, address) < 0) {
        (void)nn_close(socket);
        return GP_EINVAL;
    }
    *ret_socket = socket;
    return 0;
}

int gp_letters_open(struct gp_letters *letters, const char *address)
{
    struct gp_letters fresh = {0};
    size_t len = strlen(address);
    int rc = len < sizeof fresh.address ? knock(address) : GP_EINVAL;

    if (rc == 0)
        rc = connect_to(address, &fresh.socket);
    if (rc != 0)
        return rc;
    memcpy(fresh.address, address, len + 1);
    *letters = fresh;
    return 0;
}

static void drop_answer(struct gp_letters *letters)
{
    if (letters->answer != NULL)
        (void)nn_freemsg(letters->answer);
    letters->answer = NULL;
}

void gp_letters_close(struct gp_letters *letters)
{
    drop_answer(letters);
    (void)nn_close(letters->socket);
}

/* What still comes to a letter that was given up is for nobody; and the connection may be one that
 * nanomsg 1.1.5 takes for alive and nobody has at the other end (docs/PROTOCOL.md, section 1). */
static int renew(struct gp_letters *letters)
{
    int socket = -1;
    int rc = connect_to(letters->address, &socket);

    if (rc != 0)
        return rc;
    (void)nn_close(letters->socket);
    letters->socket = socket;
    letters->given_up = false;
    return 0;
}

/* ---------------------------------------------------------------- one message */

/* The control part of a message: its path, which is nothing but the letter's number. */
struct path {
    struct nn_cmsghdr head;
    size_t len;
    unsigned char number[GP_NUMBER_BYTES];
};

static_assert(offsetof(struct path, number) == NN_CMSG_LEN(sizeof(size_t)),
              "as nanomsg lays it out");
static_assert(sizeof(struct path) >= NN_CMSG_SPACE(sizeof(size_t) + GP_NUMBER_BYTES),
              "nanomsg reads and writes that much");

static int failure(void)
{
    switch (nn_errno()) {
    case EINTR:
        return GP_EAGAIN;
    case ETIMEDOUT:
        return GP_ETIMEDOUT;
    default:
        return GP_EIO;
    }
}

/* GP_ETIMEDOUT: there is no connection. */
static int send_message(struct gp_letters *letters, struct gp_span letter, int timeout_ms)
{
    struct path path = {.head = {.cmsg_len = NN_CMSG_LEN(sizeof(size_t) + GP_NUMBER_BYTES),
                                 .cmsg_level = PROTO_SP,
                                 .cmsg_type = SP_HDR},
                        .len = GP_NUMBER_BYTES};
    struct nn_iovec part = {(void *)(uintptr_t)letter.ptr, letter.len};
    struct nn_msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &path,
        .msg_controllen = NN_CMSG_SPACE(sizeof(size_t) + GP_NUMBER_BYTES),
    };

    gp_put_u32(path.number, letters->number | GP_NUMBER_LAST);
    (void)nn_setsockopt(letters->socket, NN_SOL_SOCKET, NN_SNDTIMEO, &timeout_ms,
                        sizeof timeout_ms); /* a socket that is there, and a valid number */
    return nn_sendmsg(letters->socket, &message, 0) < 0 ? failure() : 0;
}

/* GP_ETIMEDOUT: nothing came, or what came is the answer to something else. */
static int receive_message(struct gp_letters *letters, int timeout_ms, size_t *ret_len)
{
    struct path path = {0};
    void *body = NULL;
    struct nn_iovec part = {&body, NN_MSG};
    struct nn_msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &path,
        .msg_controllen = sizeof path,
    };

    (void)nn_setsockopt(letters->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout_ms,
                        sizeof timeout_ms); /* as above */
    int len = nn_recvmsg(letters->socket, &message, 0);
    if (len < 0)
        return failure();
    if (path.len != GP_NUMBER_BYTES ||
        gp_get_u32(path.number) != (letters->number | GP_NUMBER_LAST)) {
        (void)nn_freemsg(body);
        return GP_ETIMEDOUT;
    }
    letters->answer = body;
    *ret_len = (size_t)len;
    return 0;
}

/* ---------------------------------------------------------------- one letter */

static bool is_stopped(const struct gp_letters *letters)
{
    return letters->stop != NULL && letters->stop();
}

/* A letter under way: when it was sent last, and how many connections had been made by then. */
struct under_way {
    bool is_sent;
    int64_t sent_ms;
    uint64_t connection;
};

static uint64_t connections_made(const struct gp_letters *letters)
{
    return nn_get_statistic(letters->socket, NN_STAT_ESTABLISHED_CONNECTIONS);
}

/* What is sent over a connection is lost with it. */
static bool is_to_send(const struct gp_letters *letters, const struct under_way *way,
                       const struct gp_wait *wait, int64_t now_ms)
{
    return !way->is_sent || connections_made(letters) != way->connection ||
           now_ms - way->sent_ms >= GP_RESEND_MS + (int64_t)wait->rest_ms;
}

static int go_on(struct gp_letters *letters, struct gp_span letter, const struct gp_wait *wait,
                 struct under_way *way, size_t *ret_len)
{
    int64_t now_ms = gp_letters_now(), left_ms = wait->until_ms - now_ms;
    int look_ms = wait->rests ? GP_LOOK_REST_MS : GP_LOOK_MS;
    int timeout_ms = left_ms < look_ms ? (int)left_ms : look_ms;

    if (!is_to_send(letters, way, wait, now_ms))
        return receive_message(letters, timeout_ms, ret_len);
    int rc = send_message(letters, letter, timeout_ms);
    if (rc == 0)
        *way = (struct under_way){true, now_ms, connections_made(letters)};
    return rc == 0 ? GP_ETIMEDOUT : rc;
}

static bool is_alone(const struct gp_letters *letters)
{
    return nn_get_statistic(letters->socket, NN_STAT_CURRENT_CONNECTIONS) == 0;
}

/* Looks up now and then: a signal may have come just before the wait began, and the connection may
 * be gone. */
static int exchange(struct gp_letters *letters, struct gp_span letter, const struct gp_wait *wait,
                    size_t *ret_len)
{
    struct under_way way = {0};
    int rc = GP_ETIMEDOUT;

    while (rc == GP_ETIMEDOUT && gp_letters_now() < wait->until_ms) {
        if (is_stopped(letters))
            return GP_EAGAIN;
        rc = go_on(letters, letter, wait, &way, ret_len);
        if (rc == GP_ETIMEDOUT && wait->rests && is_alone(letters))
            return GP_ECLOSED;
    }
    return rc;
}

int gp_letters_call(struct gp_letters *letters, struct gp_span letter, const struct gp_wait *wait,
                    struct gp_span *ret_answer)
{
    size_t len = 0;

    drop_answer(letters);
    if (gp_letters_now() >= wait->until_ms)
        return GP_ETIMEDOUT;
    int rc = letters->given_up ? renew(letters) : 0;
    if (rc != 0)
        return rc;
    letters->number++;
    rc = exchange(letters, letter, wait, &len);
    letters->given_up = rc != 0;
    if (rc == 0)
        *ret_answer = (struct gp_span){letters->answer, len};
    return rc;
}

bool gp_letters_pause(struct gp_letters *letters, const struct gp_wait *wait, unsigned pause_ms)
{
    int64_t end_ms = gp_letters_now() + pause_ms;

    if (end_ms >= wait->until_ms)
        return false;
    for (int64_t left; (left = end_ms - gp_letters_now()) > 0;) {
        if (is_stopped(letters))
            return false;
        (void)poll(NULL, 0, (int)(left < GP_LOOK_MS ? left : GP_LOOK_MS)); /* a signal: look up */
    }
    return true;
}
