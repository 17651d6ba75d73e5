#include "lib/client.h"

#include "base/bytes.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CLIENT_WAIT_MS     30000
#define CLIENT_ARENA_BYTES ((size_t)32 * 1024 * 1024)

/* A request's number on the wire: the top bit ends the path of an SP header (REQ/REP RFC). */
#define CROWD_LAST UINT32_C(0x80000000)

static int open_socket(int domain, const char *address)
{
    int wait_ms = CLIENT_WAIT_MS, bytes = GP_REPLY_BYTES_MAX;
    int socket = nn_socket(domain, NN_REQ);

    assert_true(socket >= 0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_SNDTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &bytes, sizeof bytes), 0);
    assert_true(nn_connect(socket, address) >= 0);
    return socket;
}

void client_open(struct client *client, const char *address)
{
    client->socket = open_socket(AF_SP, address);
    gp_arena_init(&client->arena, CLIENT_ARENA_BYTES);
}

void client_close(struct client *client)
{
    assert_int_equal(nn_close(client->socket), 0);
    gp_arena_release(&client->arena);
}

static struct gp_reply unpack(struct gp_arena *arena, const void *bytes, int len)
{
    struct gp_reply reply;
    struct gp_span copy;

    assert_true(len >= 0); /* else nobody answered */
    copy = gp_arena_copy(arena, (struct gp_span){bytes, (size_t)len});
    assert_int_equal(gp_wire_reply_unpack(copy, arena, &reply), 0);
    return reply;
}

void client_send_bytes(struct client *client, const void *bytes, size_t len)
{
    assert_int_equal(nn_send(client->socket, bytes, len, 0), (int)len);
}

void client_send(struct client *client, const struct gp_request *request)
{
    struct gp_span packed;

    gp_arena_reset(&client->arena);
    assert_int_equal(gp_wire_request_pack(request, &client->arena, &packed), 0);
    client_send_bytes(client, packed.ptr, packed.len);
}

struct gp_reply client_receive(struct client *client)
{
    void *answer = NULL;
    int len = nn_recv(client->socket, &answer, NN_MSG, 0);
    struct gp_reply reply = unpack(&client->arena, answer, len);

    assert_int_equal(nn_freemsg(answer), 0);
    return reply;
}

struct gp_reply client_ask_bytes(struct client *client, const void *bytes, size_t len)
{
    client_send_bytes(client, bytes, len);
    return client_receive(client);
}

struct gp_reply client_ask(struct client *client, const struct gp_request *request)
{
    client_send(client, request);
    return client_receive(client);
}

/* ---------------------------------------------------------------- requests */

static void fresh_id(struct gp_command *command)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    gp_put_u64(command->id, ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) << 16);
    assert_int_equal(getrandom(command->id + 6, 10, 0), 10);
}

struct gp_request request_command(enum gp_verb verb, uint64_t incident, const char *person)
{
    struct gp_request request = {
        .kind = GP_REQUEST_COMMAND,
        .person = gp_span_of(person),
        .device = GP_SPAN("handset-1"),
        .command = {.verb = (uint8_t)verb, .incident = incident},
    };

    fresh_id(&request.command);
    return request;
}

struct gp_request request_report(void)
{
    struct gp_request request = request_command(GP_VERB_REPORT, 0, "li");

    request.command.grid = GP_SPAN("340705006001001");
    request.command.category = GP_SPAN("n4");
    request.command.text = GP_SPAN("路灯不亮");
    return request;
}

struct gp_request request_feed(uint64_t after, uint32_t wait_ms)
{
    return (struct gp_request){.kind = GP_REQUEST_FEED,
                               .person = GP_SPAN("li"),
                               .feed = {.after = after, .wait_ms = wait_ms}};
}

struct gp_daemon_status client_status(struct client *client)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply = client_ask(client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_STATUS);
    return reply.daemon;
}

uint64_t client_report(struct client *client)
{
    struct gp_request request = request_report();
    struct gp_reply reply = client_ask(client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_ANSWER);
    return reply.answer.incident;
}

/* ---------------------------------------------------------------- many at once */

static void await_connections(const struct crowd *crowd, unsigned connections)
{
    struct timespec pause = {.tv_nsec = 5000000};

    for (int i = 0; i < CLIENT_WAIT_MS / 5; i++) {
        if (nn_get_statistic(crowd->socket, NN_STAT_CURRENT_CONNECTIONS) == connections)
            return;
        (void)nanosleep(&pause, NULL); /* nanomsg has no other way to tell */
    }
    fail_msg("the daemon does not take %u connections", connections);
}

void crowd_open(struct crowd *crowd, const char *address, unsigned connections)
{
    crowd->socket = open_socket(AF_SP_RAW, address);
    for (unsigned i = 1; i < connections; i++)
        assert_true(nn_connect(crowd->socket, address) >= 0);
    await_connections(crowd, connections);
}

void crowd_close(struct crowd *crowd)
{
    assert_int_equal(nn_close(crowd->socket), 0);
}

/* A control message with the SP header, which is the request's number. */
struct header {
    struct nn_cmsghdr head;
    size_t len;
    unsigned char number[4];
};

void crowd_send_bytes(struct crowd *crowd, uint32_t number, const void *bytes, size_t len)
{
    struct header header = {
        .head = {.cmsg_len = NN_CMSG_LEN(sizeof(size_t) + 4),
                 .cmsg_level = PROTO_SP,
                 .cmsg_type = SP_HDR},
        .len = 4,
    };
    struct nn_iovec part = {(void *)(uintptr_t)bytes, len};
    struct nn_msghdr message = {.msg_iov = &part,
                                .msg_iovlen = 1,
                                .msg_control = &header,
                                .msg_controllen = NN_CMSG_SPACE(sizeof(size_t) + 4)};

    gp_put_u32(header.number, number | CROWD_LAST);
    assert_int_equal(nn_sendmsg(crowd->socket, &message, 0), (int)len);
}

void crowd_send(struct crowd *crowd, uint32_t number, const struct gp_request *request)
{
    struct gp_arena arena;
    struct gp_span packed;

    gp_arena_init(&arena, CLIENT_ARENA_BYTES);
    assert_int_equal(gp_wire_request_pack(request, &arena, &packed), 0);
    crowd_send_bytes(crowd, number, packed.ptr, packed.len);
    gp_arena_release(&arena);
}

static uint32_t number_of(struct nn_msghdr *message)
{
    struct nn_cmsghdr *head = NN_CMSG_FIRSTHDR(message);
    uint32_t number;

    while (head != NULL && (head->cmsg_level != PROTO_SP || head->cmsg_type != SP_HDR))
        head = NN_CMSG_NXTHDR(message, head);
    assert_non_null(head);
    number = gp_get_u32(NN_CMSG_DATA(head) + sizeof(size_t));
    assert_true((number & CROWD_LAST) != 0);
    return number & ~CROWD_LAST;
}

void *crowd_receive_bytes(struct crowd *crowd, int timeout_ms, uint32_t *ret_number, int *ret_len)
{
    void *body = NULL;
    unsigned char control[256];
    struct nn_iovec part = {.iov_base = &body, .iov_len = NN_MSG};
    struct nn_msghdr message = {.msg_iov = &part,
                                .msg_iovlen = 1,
                                .msg_control = control,
                                .msg_controllen = sizeof control};

    assert_int_equal(
        nn_setsockopt(crowd->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout_ms, sizeof timeout_ms),
        0);
    *ret_len = nn_recvmsg(crowd->socket, &message, 0);
    if (*ret_len < 0)
        return NULL;
    *ret_number = number_of(&message);
    return body;
}

bool crowd_receive(struct crowd *crowd, int timeout_ms, struct gp_arena *arena,
                   uint32_t *ret_number, struct gp_reply *ret_reply)
{
    int len;
    void *body = crowd_receive_bytes(crowd, timeout_ms, ret_number, &len);

    if (body == NULL)
        return false;
    *ret_reply = unpack(arena, body, len);
    assert_int_equal(nn_freemsg(body), 0);
    return true;
}
