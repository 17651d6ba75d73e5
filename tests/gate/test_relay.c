/* Messages pass both ways, whole or not at all, and each client has a link of its own. */
#include "gate/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One client and the daemon's end of its link. */
struct pair {
    int client, daemon;
};

static struct gate gate;
static int edge = -1;
static char buffer[GP_GATE_REPLY_BYTES + 64];

static int set_up(void **state)
{
    (void)state;
    gate_prepare(&gate);
    edge = stand_listen(gate.edge, 10);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (edge >= 0)
        (void)close(edge);
    gate_remove(&gate);
    return 0;
}

static struct pair connect_pair(void)
{
    struct pair pair = {.client = peer_open(gate.port, 1, GP_SP_REQ, GP_SP_REP)};
    pair.daemon = stand_greet(edge, GP_SP_REP, GP_SP_REQ);
    return pair;
}

static void close_pair(struct pair pair)
{
    (void)close(pair.client);
    peer_await_end(pair.daemon);
}

static void assert_arrives(int daemon, const char *text)
{
    size_t len = stand_message(daemon, buffer, sizeof buffer);

    assert_int_equal(len, 4 + strlen(text));
    assert_memory_equal(buffer, "\x80\0\0\1", 4);
    assert_memory_equal(buffer + 4, text, strlen(text));
}

/* ---------------------------------------------------------------- both ways */

static void request_and_reply_pass(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    struct pair pair = connect_pair();
    peer_request(pair.client, "hello");
    assert_arrives(pair.daemon, "hello");
    stand_send(pair.daemon, "\x80\0\0\1world", 9);
    assert_int_equal(peer_message(pair.client, buffer, sizeof buffer), 9);
    assert_memory_equal(buffer, "\x80\0\0\1world", 9);
    assert_int_equal(gate_count(&gate, "requests"), 1);
    assert_int_equal(gate_count(&gate, "replies"), 1);
    close_pair(pair);
    gate_await_count(&gate, "open", 0);
    assert_int_equal(gate_count(&gate, "ended"), 1);
    assert_int_equal(gate_stop(&gate), 0);
}

static void request_in_single_bytes_arrives_whole(void **state)
{
    static const char bytes[] = "\0\0\0\0\0\0\0\x9\x80\0\0\1hello";

    (void)state;
    gate_start(&gate, NULL);
    struct pair pair = connect_pair();
    for (size_t i = 0; i < sizeof bytes - 2; i++)
        peer_send(pair.client, bytes + i, 1);
    assert_true(peer_rests(pair.daemon)); /* not a byte before the last one */
    peer_send(pair.client, bytes + sizeof bytes - 2, 1);
    assert_arrives(pair.daemon, "hello");
    close_pair(pair);
    assert_int_equal(gate_stop(&gate), 0);
}

static void requests_in_one_piece_arrive_in_order(void **state)
{
    static const char bytes[] = "\0\0\0\0\0\0\0\x5\x80\0\0\1a"
                                "\0\0\0\0\0\0\0\x6\x80\0\0\1bb"
                                "\0\0\0\0\0\0\0\x7\x80\0\0\1cc";

    (void)state;
    gate_start(&gate, NULL);
    struct pair pair = connect_pair();
    peer_send(pair.client, bytes, sizeof bytes - 1);
    assert_arrives(pair.daemon, "a");
    assert_arrives(pair.daemon, "bb");
    assert_true(peer_rests(pair.daemon));
    peer_send(pair.client, "c", 1);
    assert_arrives(pair.daemon, "ccc");
    close_pair(pair);
    assert_int_equal(gate_stop(&gate), 0);
}

static void largest_messages_pass(void **state)
{
    static char largest[GP_GATE_REPLY_BYTES];

    (void)state;
    gate_start(&gate, NULL);
    struct pair pair = connect_pair();
    memset(largest, 'x', sizeof largest);
    largest[0] = (char)0x80;
    gp_put_u64((unsigned char *)buffer, GP_GATE_REQUEST_BYTES);
    peer_send(pair.client, buffer, 8);
    peer_send(pair.client, largest, GP_GATE_REQUEST_BYTES);
    assert_int_equal(stand_message(pair.daemon, buffer, sizeof buffer), GP_GATE_REQUEST_BYTES);
    assert_memory_equal(buffer, largest, GP_GATE_REQUEST_BYTES);
    for (int i = 0; i < 3; i++) {
        stand_send(pair.daemon, largest, GP_GATE_REPLY_BYTES);
        assert_int_equal(peer_message(pair.client, buffer, sizeof buffer), GP_GATE_REPLY_BYTES);
        assert_memory_equal(buffer, largest, GP_GATE_REPLY_BYTES);
    }
    close_pair(pair);
    assert_int_equal(gate_stop(&gate), 0);
}

static void reply_may_come_late_and_alone(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--frame-timeout", "0.2", "--handshake-timeout", "0.2"));
    struct pair pair = connect_pair();
    peer_request(pair.client, "feed");
    assert_arrives(pair.daemon, "feed");
    for (int i = 0; i < 10; i++)
        assert_true(peer_rests(pair.client)); /* several deadlines that are not its own */
    stand_send(pair.daemon, "news", 4);
    assert_int_equal(peer_message(pair.client, buffer, sizeof buffer), 4);
    close_pair(pair);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- each its own */

static void each_client_has_its_link(void **state)
{
    struct pair pairs[20];
    char text[32];

    (void)state;
    gate_start(&gate, NULL);
    for (unsigned i = 0; i < 20; i++)
        pairs[i] = connect_pair();
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(text, sizeof text, "client %u", i);
        peer_request(pairs[i].client, text);
    }
    for (unsigned i = 20; i-- > 0;) {
        (void)snprintf(text, sizeof text, "client %u", i);
        assert_arrives(pairs[i].daemon, text);
        stand_send(pairs[i].daemon, text, strlen(text));
        assert_int_equal(peer_message(pairs[i].client, buffer, sizeof buffer), strlen(text));
        assert_memory_equal(buffer, text, strlen(text));
    }
    for (unsigned i = 0; i < 20; i++)
        close_pair(pairs[i]);
    assert_int_equal(gate_stop(&gate), 0);
}

static void daemon_that_ends_a_link_ends_its_client(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    struct pair one = connect_pair(), other = connect_pair();
    stand_send(one.daemon, "last", 4);
    (void)close(one.daemon);
    assert_int_equal(peer_message(one.client, buffer, sizeof buffer), 4); /* what it said before */
    peer_await_end(one.client);
    gate_await_count(&gate, "link_ended", 1);
    peer_request(other.client, "still here");
    assert_arrives(other.daemon, "still here");
    close_pair(other);
    assert_int_equal(gate_stop(&gate), 0);
}

static void half_a_request_reaches_nobody(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    struct pair pair = connect_pair();
    peer_send(pair.client, "\0\0\0\0\0\0\0\x40\x80\0\0\1half", 16);
    assert_true(peer_rests(pair.daemon));
    (void)close(pair.client);
    assert_int_equal(recv(pair.daemon, buffer, 1, 0), 0); /* an end, and no byte before it */
    (void)close(pair.daemon);
    gate_await_count(&gate, "memory", 0);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- pushing back */

#define FILL_MESSAGE 1000 /* bytes, head included */

/* A message that is the same over tcp and, behind its type, over ipc. */
static void make_message(char message[FILL_MESSAGE])
{
    memset(message, 'x', FILL_MESSAGE);
    gp_put_u64((unsigned char *)message, FILL_MESSAGE - 8);
    gp_put_u32((unsigned char *)message + 8, UINT32_C(0x80000001));
}

/* Bytes that wait on the way are bounded by the kernel's buffers of two connections and a read. */
#define FILL_BYTES_MAX (32 * 1024 * 1024)

static void daemon_that_does_not_read_stops_its_client_alone(void **state)
{
    char message[FILL_MESSAGE];

    (void)state;
    make_message(message);
    gate_start(&gate, WORDS("--frame-timeout", "0.2"));
    struct pair pair = connect_pair(), other = connect_pair();
    size_t sent = peer_fill(pair.client, message, sizeof message);
    assert_in_range(sent, 1, FILL_BYTES_MAX);
    assert_in_range(gate_count(&gate, "memory"), 1, 2 * GP_GATE_READ_BYTES);
    peer_request(other.client, "mine");
    assert_arrives(other.daemon, "mine");
    for (size_t i = 0; i < sent / FILL_MESSAGE; i++) {
        assert_int_equal(stand_message(pair.daemon, buffer, sizeof buffer), FILL_MESSAGE - 8);
        assert_memory_equal(buffer, message + 8, FILL_MESSAGE - 8);
    }
    peer_send(pair.client, message + sent % FILL_MESSAGE, FILL_MESSAGE - sent % FILL_MESSAGE);
    assert_int_equal(stand_message(pair.daemon, buffer, sizeof buffer), FILL_MESSAGE - 8);
    close_pair(pair);
    close_pair(other);
    gate_await_count(&gate, "memory", 0);
    assert_int_equal(gate_count(&gate, "slow_frame"), 0);
    assert_int_equal(gate_stop(&gate), 0);
}

static void client_that_does_not_read_stops_its_link_alone(void **state)
{
    char message[FILL_MESSAGE + 1];

    (void)state;
    message[0] = 1;
    make_message(message + 1);
    gate_start(&gate, NULL);
    struct pair pair = connect_pair(), other = connect_pair();
    size_t sent = peer_fill(pair.daemon, message, sizeof message);
    assert_in_range(sent, 1, FILL_BYTES_MAX);
    assert_in_range(gate_count(&gate, "memory"), 1, 2 * GP_GATE_READ_BYTES);
    stand_send(other.daemon, "mine", 4);
    assert_int_equal(peer_message(other.client, buffer, sizeof buffer), 4);
    for (size_t i = 0; i < sent / sizeof message; i++)
        assert_int_equal(peer_message(pair.client, buffer, sizeof buffer), FILL_MESSAGE - 8);
    (void)close(pair.client);
    (void)close(pair.daemon);
    close_pair(other);
    gate_await_count(&gate, "memory", 0);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- nanomsg itself */

/* A REQ of nanomsg in front and a raw REP of nanomsg behind, as the daemon has it. */
static void nanomsg_speaks_through_it(void **state)
{
    char ipc[GATE_PATH_BYTES + 6];
    int rep = nn_socket(AF_SP_RAW, NN_REP), req = nn_socket(AF_SP, NN_REQ), wait_ms = 30000;

    (void)state;
    (void)close(edge);
    edge = -1;
    (void)unlink(gate.edge); /* the stand-in's */
    (void)snprintf(ipc, sizeof ipc, "ipc://%s", gate.edge);
    assert_true(nn_bind(rep, ipc) >= 0);
    gate_start(&gate, NULL);
    assert_int_equal(nn_setsockopt(req, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms), 0);
    assert_int_equal(nn_setsockopt(rep, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms), 0);
    assert_true(nn_connect(req, gate.address) >= 0);
    for (int i = 0; i < 100; i++) {
        void *path = NULL;
        struct nn_iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
        struct nn_msghdr header = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = &path, .msg_controllen = NN_MSG};
        assert_int_equal(nn_send(req, "question", 8, 0), 8);
        assert_int_equal(nn_recvmsg(rep, &header, 0), 8);
        part.iov_len = 200000; /* the buffer, whatever is in it */
        assert_int_equal(nn_sendmsg(rep, &header, 0), 200000);
        assert_int_equal(nn_recv(req, buffer, sizeof buffer, 0), 200000);
    }
    assert_int_equal(nn_close(req), 0);
    assert_int_equal(nn_close(rep), 0);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- stop */

static void stop_waits_for_what_is_under_way(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    struct pair owed = connect_pair(), rests = connect_pair();
    peer_request(owed.client, "question");
    assert_arrives(owed.daemon, "question");
    gate_terminate(&gate);
    peer_await_end(rests.client);
    stand_send(owed.daemon, "answer", 6);
    assert_int_equal(peer_message(owed.client, buffer, sizeof buffer), 6);
    peer_await_end(owed.client);
    assert_int_equal(gate_wait(&gate), 0);
    (void)close(owed.daemon);
    (void)close(rests.daemon);
}

static void stop_does_not_wait_for_ever(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    struct pair owed = connect_pair();
    peer_request(owed.client, "feed");
    assert_arrives(owed.daemon, "feed");
    assert_int_equal(gate_stop(&gate), 0);
    peer_await_end(owed.client);
    (void)close(owed.daemon);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(request_and_reply_pass),
        TEST(request_in_single_bytes_arrives_whole),
        TEST(requests_in_one_piece_arrive_in_order),
        TEST(largest_messages_pass),
        TEST(reply_may_come_late_and_alone),
        TEST(each_client_has_its_link),
        TEST(daemon_that_ends_a_link_ends_its_client),
        TEST(half_a_request_reaches_nobody),
        TEST(daemon_that_does_not_read_stops_its_client_alone),
        TEST(client_that_does_not_read_stops_its_link_alone),
        TEST(nanomsg_speaks_through_it),
        TEST(stop_waits_for_what_is_under_way),
        TEST(stop_does_not_wait_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
