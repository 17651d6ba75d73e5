#include "bench/fleet.h"

#include "base/bytes.h"
#include "trust/keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX  256
#define READ_BYTES  65536
#define PATH_BYTES  4
#define PATH_LAST   UINT32_C(0x80000000)
#define ARENA_BYTES ((size_t)32 << 20)
#define ROOM_MIN    512

static void die(const char *what)
{
    perror(what);
    exit(1);
}

double fleet_now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void fleet_device(uint32_t number, struct gp_keypair *ret_pair)
{
    unsigned char secret[GP_KEY_BYTES] = {'f', 'l', 'e', 'e', 't'};

    gp_put_u32(secret + 8, number);
    gp_keypair_of(secret, ret_pair);
}

/* ---------------------------------------------------------------- the fleet */

void fleet_die_again(struct client *client)
{
    (void)client;
    fputs("bench: the daemon does not know a session any more\n", stderr);
    exit(1);
}

void fleet_address(struct fleet *fleet, const char *address)
{
    struct sockaddr_un *path = (struct sockaddr_un *)&fleet->address;
    struct sockaddr_in *host = (struct sockaddr_in *)&fleet->address;
    char text[64];
    unsigned port;

    memset(&fleet->address, 0, sizeof fleet->address);
    if (strncmp(address, "ipc://", 6) == 0) {
        fleet->ipc = true;
        path->sun_family = AF_UNIX;
        (void)snprintf(path->sun_path, sizeof path->sun_path, "%s", address + 6);
        fleet->address_len = sizeof *path;
    } else if (sscanf(address, "tcp://%63[0-9.]:%u", text, &port) == 2 &&
               inet_pton(AF_INET, text, &host->sin_addr) == 1) {
        fleet->ipc = false;
        host->sin_family = AF_INET;
        host->sin_port = htons((uint16_t)port);
        fleet->address_len = sizeof *host;
    } else {
        fprintf(stderr, "bench: %s: neither ipc://PATH nor tcp://HOST:PORT\n", address);
        exit(64);
    }
}

static void know_server(struct fleet *fleet, const char *folder)
{
    struct gp_server_keys keys;
    const char *reason = "";

    if (gp_trust_start() != 0 || gp_keys_open(folder, false, &keys, &reason) != 0) {
        fprintf(stderr, "bench: the server's keys: %s\n", reason);
        exit(1);
    }
    memcpy(fleet->server, keys.box[0].public, sizeof fleet->server);
    gp_keys_clear(&keys);
}

void fleet_open(struct fleet *fleet, uint32_t count, const struct fleet_calls *calls,
                const char *address, const char *keys, uint32_t first)
{
    *fleet = (struct fleet){.calls = calls, .count = count, .sealed = keys != NULL};
    fleet->epoll = epoll_create1(EPOLL_CLOEXEC);
    fleet->client = calloc(count, sizeof *fleet->client);
    if (fleet->epoll < 0 || fleet->client == NULL)
        die("fleet");
    gp_arena_init(&fleet->arena, ARENA_BYTES);
    fleet_address(fleet, address);
    if (keys != NULL)
        know_server(fleet, keys);
    for (uint32_t i = 0; i < count; i++) {
        fleet->client[i] = (struct client){.fleet = fleet, .number = i, .fd = -1};
        if (keys != NULL)
            fleet_device(first + i, &fleet->client[i].own);
    }
}

void fleet_close(struct fleet *fleet)
{
    for (uint32_t i = 0; i < fleet->count; i++) {
        client_close(&fleet->client[i]);
        free(fleet->client[i].in);
        free(fleet->client[i].out);
        free(fleet->client[i].last);
    }
    free(fleet->client);
    gp_arena_release(&fleet->arena);
    (void)close(fleet->epoll);
}

/* ---------------------------------------------------------------- connections */

void client_close(struct client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd); /* epoll forgets it, too */
    client->fd = -1;
    client->state = CLIENT_CLOSED;
    client->in_len = client->out_len = 0;
    client->in_hello = false;
}

static void lose(struct client *client)
{
    client_close(client);
    client->fleet->lost++;
    client->fleet->calls->on_lost(client);
}

static void watch(struct client *client, int operation, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0),
                                .data.ptr = client};

    if (epoll_ctl(client->fleet->epoll, operation, client->fd, &event) != 0)
        die("epoll");
}

static void bind_source(const struct client *client)
{
    int on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET,
                                 .sin_addr.s_addr =
                                     htonl(INADDR_LOOPBACK + client->number % FLEET_SOURCES)};

    (void)setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(client->fd, (struct sockaddr *)&source, sizeof source) != 0)
        die("bind");
}

void client_connect(struct client *client)
{
    struct fleet *fleet = client->fleet;

    client->fd = socket(fleet->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0)
        die("socket");
    if (!fleet->ipc)
        bind_source(client);
    if (connect(client->fd, (struct sockaddr *)&fleet->address, fleet->address_len) != 0 &&
        errno != EINPROGRESS) {
        if (errno != EAGAIN && errno != ECONNREFUSED && errno != ENOENT)
            die("connect");
        lose(client);
        return;
    }
    client->state = CLIENT_CONNECTING;
    watch(client, EPOLL_CTL_ADD, true);
}

/* ---------------------------------------------------------------- bytes */

static void room(unsigned char **bytes, size_t *have, size_t need)
{
    size_t wanted = *have > 0 ? *have : ROOM_MIN;

    while (wanted < need)
        wanted *= 2;
    if (wanted == *have)
        return;
    *bytes = realloc(*bytes, wanted);
    *have = wanted;
    if (*bytes == NULL)
        die("memory");
}

/* Sends what is kept; false: the connection is gone. */
static bool flush(struct client *client)
{
    while (client->out_len > 0) {
        ssize_t len = send(client->fd, client->out, client->out_len, MSG_NOSIGNAL);
        if (len < 0 && errno == EAGAIN)
            return true;
        if (len < 0)
            return false;
        client->out_len -= (size_t)len;
        memmove(client->out, client->out + len, client->out_len);
    }
    return true;
}

static void put(struct client *client, const void *bytes, size_t len)
{
    room(&client->out, &client->out_room, client->out_len + len);
    memcpy(client->out + client->out_len, bytes, len);
    client->out_len += len;
}

void client_resend(struct client *client)
{
    put(client, client->last, client->last_len);
    if (!flush(client))
        client->out_len = 0; /* its reading sees the end */
    if (client->out_len > 0)
        watch(client, EPOLL_CTL_MOD, true);
}

static void send_message(struct client *client, const void *bytes, size_t len)
{
    unsigned char head[1 + 8 + PATH_BYTES] = {GP_SP_IPC_TYPE};
    size_t skip = client->fleet->ipc ? 0 : 1, head_len = sizeof head - skip;

    gp_put_u64(head + 1, len + PATH_BYTES);
    gp_put_u32(head + 9, PATH_LAST | ++client->request);
    client->last_len = head_len + len;
    room(&client->last, &client->last_room, client->last_len);
    memcpy(client->last, head + skip, head_len);
    memcpy(client->last + head_len, bytes, len);
    client->sent_s = fleet_now();
    client_resend(client);
}

void client_hello(struct client *client)
{
    unsigned char message[GP_HELLO_BYTES];

    if (gp_hello_write(&client->own, client->fleet->server, &client->noise, message) != 0)
        die("hello");
    client->in_hello = true;
    client->has_session = false;
    send_message(client, message, sizeof message);
}

void client_ask(struct client *client, const struct gp_request *request)
{
    unsigned char sealed[GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD];
    struct gp_span packed;

    gp_arena_reset(&client->fleet->arena);
    if (gp_wire_request_pack(request, &client->fleet->arena, &packed) != 0)
        die("a request that cannot be packed");
    if (!client->fleet->sealed) {
        send_message(client, packed.ptr, packed.len);
        return;
    }
    if (gp_channel_seal_request(&client->channel, packed, sealed, &client->asked) != 0)
        die("seal");
    send_message(client, sealed, packed.len + GP_ENVELOPE_OVERHEAD);
}

/* ---------------------------------------------------------------- messages */

static void take_plain(struct client *client, struct gp_span plain)
{
    struct gp_reply reply;

    if (gp_wire_reply_unpack(plain, &client->fleet->arena, &reply) != 0)
        die("an answer that cannot be read");
    client->fleet->calls->on_reply(client, &reply);
}

static void take_welcome(struct client *client, struct gp_span body)
{
    struct gp_welcome welcome;

    if (!client->in_hello || gp_welcome_read(&client->noise, body, &welcome) != 0)
        return; /* of an earlier handshake */
    client->in_hello = false;
    if (welcome.status == GP_WELCOME_OK) {
        gp_channel_init(&client->channel, &client->noise, welcome.session);
        client->has_session = true;
    }
    client->fleet->calls->on_welcome(client, welcome.status);
}

static void take_sealed(struct client *client, struct gp_span body)
{
    struct gp_envelope envelope;
    unsigned char *plain;
    size_t len;

    if (gp_envelope_read(body, &envelope) != 0)
        die("an answer that is no envelope");
    if (envelope.type == GP_ENVELOPE_WELCOME) {
        take_welcome(client, body);
    } else if (envelope.type == GP_ENVELOPE_AGAIN) {
        client->has_session = false;
        client->fleet->calls->on_again(client);
    } else if (envelope.type == GP_ENVELOPE_ANSWER && client->has_session) {
        plain = gp_arena_alloc(&client->fleet->arena, envelope.body.len);
        if (plain != NULL &&
            gp_channel_open_answer(&client->channel, &client->asked, &envelope, plain, &len) == 0)
            take_plain(client, (struct gp_span){(char *)plain, len});
    }
}

static void take(struct client *client, const unsigned char *body, size_t len)
{
    struct gp_span rest = {(const char *)body + PATH_BYTES, len - PATH_BYTES};

    if (len < PATH_BYTES || gp_get_u32(body) != (PATH_LAST | client->request))
        return; /* the answer to a request that was given up */
    gp_arena_reset(&client->fleet->arena);
    if (client->fleet->sealed)
        take_sealed(client, rest);
    else
        take_plain(client, gp_arena_copy(&client->fleet->arena, rest));
}

/* One message after the other; a callback may have closed the client. */
static void take_all(struct client *client)
{
    size_t head = client->fleet->ipc ? 9 : 8, at = 0;
    int fd = client->fd;

    if (client->state == CLIENT_OPENING && client->in_len >= GP_SP_BYTES) {
        at = GP_SP_BYTES;
        client->state = CLIENT_OPEN;
        client->fleet->calls->on_open(client);
    }
    while (client->fd == fd && client->state == CLIENT_OPEN && client->in_len - at >= head) {
        uint64_t len = gp_get_u64(client->in + at + head - 8);
        if (client->in_len - at - head < len)
            break;
        take(client, client->in + at + head, (size_t)len);
        at += head + (size_t)len;
    }
    if (client->fd != fd)
        return;
    client->in_len -= at;
    memmove(client->in, client->in + at, client->in_len);
}

static void receive(struct client *client)
{
    static unsigned char bytes[READ_BYTES];
    ssize_t len = recv(client->fd, bytes, sizeof bytes, 0);

    if (len < 0 && errno == EAGAIN)
        return;
    if (len <= 0) {
        lose(client);
        return;
    }
    room(&client->in, &client->in_room, client->in_len + (size_t)len);
    memcpy(client->in + client->in_len, bytes, (size_t)len);
    client->in_len += (size_t)len;
    take_all(client);
}

static void greet(struct client *client)
{
    unsigned char opening[GP_SP_BYTES];

    gp_sp_write(GP_SP_REQ, opening);
    client->state = CLIENT_OPENING;
    put(client, opening, sizeof opening);
}

static void serve(struct client *client, uint32_t events)
{
    if (client->state == CLIENT_CONNECTING && (events & EPOLLOUT) && !(events & EPOLLERR))
        greet(client);
    if ((events & EPOLLOUT) && client->state != CLIENT_CLOSED) {
        if (!flush(client)) {
            lose(client);
            return;
        }
        watch(client, EPOLL_CTL_MOD, client->out_len > 0);
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        receive(client);
}

void fleet_run(struct fleet *fleet, int wait_ms)
{
    struct epoll_event event[EVENTS_MAX];
    int count = epoll_wait(fleet->epoll, event, EVENTS_MAX, wait_ms);

    for (int i = 0; i < count; i++) {
        struct client *client = event[i].data.ptr;
        if (client->fd >= 0)
            serve(client, event[i].events);
    }
}
