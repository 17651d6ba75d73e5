#include "client/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* How long nanomsg waits for an answer before it sends the same bytes again; a feed request, which
 * may rest at the daemon, gets its wait on top. A connection that dies is noticed at once. */
#define GP_RESEND_MS 3000
#define GP_LOOK_MS   500u

struct gp_client {
    int socket;
    struct gp_arena request, reply;
    void *message; /* the last answer, nanomsg's memory */
    bool (*stop)(void);
};

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

static int open_socket(const char *address, int *ret_socket)
{
    int max = GP_REPLY_BYTES_MAX + 1024;
    int socket = nn_socket(AF_SP, NN_REQ);

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

int gp_client_open(const char *address, struct gp_client **ret_client)
{
    struct gp_client *client;
    int rc = knock(address);

    if (rc != 0)
        return rc;
    client = calloc(1, sizeof *client);
    if (client == NULL)
        return GP_ENOMEM;
    rc = open_socket(address, &client->socket);
    if (rc != 0) {
        free(client);
        return rc;
    }
    gp_arena_init(&client->request, GP_UNPACK_BYTES_MAX);
    gp_arena_init(&client->reply, GP_REPLY_UNPACK_BYTES_MAX);
    *ret_client = client;
    return 0;
}

static void drop_message(struct gp_client *client)
{
    if (client->message != NULL)
        (void)nn_freemsg(client->message);
    client->message = NULL;
}

void gp_client_close(struct gp_client *client)
{
    if (client == NULL)
        return;
    drop_message(client);
    (void)nn_close(client->socket);
    gp_arena_release(&client->request);
    gp_arena_release(&client->reply);
    free(client);
}

/* ---------------------------------------------------------------- one call */

static int send_message(struct gp_client *client, const struct gp_request *request)
{
    int resend = GP_RESEND_MS;
    struct gp_span message;
    int rc = gp_wire_request_pack(request, &client->request, &message);

    if (rc != 0)
        return rc;
    if (request->kind == GP_REQUEST_FEED)
        resend += (int)request->feed.wait_ms;
    if (nn_setsockopt(client->socket, NN_REQ, NN_REQ_RESEND_IVL, &resend, sizeof resend) < 0 ||
        nn_send(client->socket, message.ptr, message.len, 0) < 0)
        return GP_EIO;
    return 0;
}

static int receive(struct gp_client *client, unsigned timeout_ms, size_t *ret_len)
{
    int timeout = (int)timeout_ms;
    int len;

    (void)nn_setsockopt(client->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout);
    len = nn_recv(client->socket, &client->message, NN_MSG, 0);
    if (len < 0) {
        client->message = NULL;
        if (nn_errno() == EINTR)
            return GP_EAGAIN;
        return nn_errno() == ETIMEDOUT ? GP_ETIMEDOUT : GP_EIO;
    }
    *ret_len = (size_t)len;
    return 0;
}

void gp_client_stop_on(struct gp_client *client, bool (*stop)(void))
{
    client->stop = stop;
}

/* A request that rests at the daemon for long looks up now and then: a signal may have come just
 * before nn_recv, and the connection may be gone. */
static int receive_resting(struct gp_client *client, unsigned timeout_ms, size_t *ret_len)
{
    int rc = GP_ETIMEDOUT;

    while (rc == GP_ETIMEDOUT && timeout_ms > 0) {
        unsigned slice = timeout_ms < GP_LOOK_MS ? timeout_ms : GP_LOOK_MS;
        if (client->stop != NULL && client->stop())
            return GP_EAGAIN;
        rc = receive(client, slice, ret_len);
        if (rc == GP_ETIMEDOUT &&
            nn_get_statistic(client->socket, NN_STAT_CURRENT_CONNECTIONS) == 0)
            return GP_ECLOSED;
        timeout_ms -= slice;
    }
    return rc;
}

/* Which body the answer to a request has. */
static enum gp_reply_kind kind_for(const struct gp_request *request)
{
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_QUERY:
        return GP_REPLY_PAGE;
    case GP_REQUEST_INCIDENT:
        return GP_REPLY_INCIDENT;
    case GP_REQUEST_FEED:
        return GP_REPLY_FEED;
    case GP_REQUEST_STATUS:
        return GP_REPLY_STATUS;
    case GP_REQUEST_LEAVES:
        return GP_REPLY_LEAVES;
    case GP_REQUEST_ROSTER:
        return GP_REPLY_ROSTER;
    case GP_REQUEST_ASSESS:
        return GP_REPLY_ASSESS;
    case GP_REQUEST_WHO:
        return GP_REPLY_FORECAST;
    default:
        return GP_REPLY_ANSWER;
    }
}

int gp_client_call(struct gp_client *client, const struct gp_request *request, unsigned timeout_ms,
                   struct gp_reply *ret_reply)
{
    struct gp_reply reply = {0};
    size_t len = 0;
    int rc;

    drop_message(client);
    gp_arena_reset(&client->request);
    gp_arena_reset(&client->reply);
    rc = send_message(client, request);
    if (rc == 0)
        rc = request->kind == GP_REQUEST_FEED ? receive_resting(client, timeout_ms, &len)
                                              : receive(client, timeout_ms, &len);
    if (rc == 0)
        rc = gp_wire_reply_unpack((struct gp_span){client->message, len}, &client->reply, &reply);
    if (rc != 0)
        return rc;
    if (reply.status == GP_STATUS_OK && reply.kind != kind_for(request))
        return GP_EFORMAT;
    *ret_reply = reply;
    return 0;
}

int gp_client_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        getrandom(ret_id + 6, GP_COMMAND_ID_BYTES - 6, 0) != GP_COMMAND_ID_BYTES - 6)
        return GP_EIO;
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 5; i >= 0; i--, ms >>= 8)
        ret_id[i] = (unsigned char)ms;
    return 0;
}
