#include "client/letter.h"

#include "base/error.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How long nanomsg waits for an answer before it sends the same bytes again; a request that may
 * rest at the daemon gets its rest on top. A connection that dies is noticed at once. */
#define GP_RESEND_MS 3000
#define GP_LOOK_MS   500

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

int gp_letters_open(struct gp_letters *letters, const char *address)
{
    int max = GP_REPLY_BYTES_MAX + 1024;
    int rc = knock(address);

    if (rc != 0)
        return rc;
    int socket = nn_socket(AF_SP, NN_REQ);
    if (socket < 0)
        return GP_EIO;
    if (nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &max, sizeof max) < 0 ||
        nn_connect(socket, address) < 0) {
        (void)nn_close(socket);
        return GP_EINVAL;
    }
    *letters = (struct gp_letters){.socket = socket};
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

/* ---------------------------------------------------------------- one letter */

static int send_letter(struct gp_letters *letters, struct gp_span letter,
                       const struct gp_wait *wait)
{
    int resend = GP_RESEND_MS + (int)wait->rest_ms;

    if (nn_setsockopt(letters->socket, NN_REQ, NN_REQ_RESEND_IVL, &resend, sizeof resend) < 0 ||
        nn_send(letters->socket, letter.ptr, letter.len, 0) < 0)
        return GP_EIO;
    return 0;
}

static int receive(struct gp_letters *letters, int64_t timeout_ms, size_t *ret_len)
{
    int timeout = timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    int len;

    (void)nn_setsockopt(letters->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout);
    len = nn_recv(letters->socket, &letters->answer, NN_MSG, 0);
    if (len < 0) {
        letters->answer = NULL;
        if (nn_errno() == EINTR)
            return GP_EAGAIN;
        return nn_errno() == ETIMEDOUT ? GP_ETIMEDOUT : GP_EIO;
    }
    *ret_len = (size_t)len;
    return 0;
}

static bool is_stopped(const struct gp_letters *letters)
{
    return letters->stop != NULL && letters->stop();
}

/* A request that rests at the daemon for long looks up now and then: a signal may have come just
 * before nn_recv, and the connection may be gone. */
static int receive_resting(struct gp_letters *letters, const struct gp_wait *wait, size_t *ret_len)
{
    int rc = GP_ETIMEDOUT;

    for (int64_t left; rc == GP_ETIMEDOUT && (left = wait->until_ms - gp_letters_now()) > 0;) {
        if (is_stopped(letters))
            return GP_EAGAIN;
        rc = receive(letters, left < GP_LOOK_MS ? left : GP_LOOK_MS, ret_len);
        if (rc == GP_ETIMEDOUT &&
            nn_get_statistic(letters->socket, NN_STAT_CURRENT_CONNECTIONS) == 0)
            return GP_ECLOSED;
    }
    return rc;
}

int gp_letters_call(struct gp_letters *letters, struct gp_span letter, const struct gp_wait *wait,
                    struct gp_span *ret_answer)
{
    size_t len = 0;
    int64_t left = wait->until_ms - gp_letters_now();
    int rc;

    drop_answer(letters);
    if (left <= 0)
        return GP_ETIMEDOUT;
    rc = send_letter(letters, letter, wait);
    if (rc == 0)
        rc = wait->rests ? receive_resting(letters, wait, &len) : receive(letters, left, &len);
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
