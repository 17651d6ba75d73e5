/* The real gridpostd behind the gate: what clients of it have from it. */
#include "gate/fixture.h"
#include "lib/client.h"
#include "lib/daemon.h"

#include "base/bytes.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ARENA_BYTES ((size_t)256 << 20)

struct world {
    struct daemon daemon;
    struct gate gate;
    struct client client; /* through the gate */
};

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_start(&world.daemon, NULL);
    gate_prepare(&world.gate);
    gate_front(&world.gate, world.daemon.socket, world.daemon.hint);
    gate_start(&world.gate, NULL);
    client_open(&world.client, world.gate.address);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    client_close(&world->client);
    assert_int_equal(gate_stop(&world->gate), 0);
    assert_int_equal(daemon_stop(&world->daemon), 0);
    gate_remove(&world->gate);
    daemon_remove(&world->daemon);
    return 0;
}

/* ---------------------------------------------------------------- requests */

static void reports_come_through(void **state)
{
    struct world *world = *state;

    for (uint64_t i = 1; i <= 20; i++)
        assert_int_equal(client_report(&world->client), i);
    assert_int_equal(client_status(&world->client).incidents, 20);
    assert_int_equal(gate_count(&world->gate, "requests"), 21);
    assert_int_equal(gate_count(&world->gate, "replies"), 21);
}

/* Many at once over many connections; none is lost or mixed up. */
static void crowds_come_through(void **state)
{
    enum { CONNECTIONS = 32, ROUNDS = 20 };
    struct world *world = *state;
    struct gp_arena arena;
    struct crowd crowd;
    struct gp_reply reply;
    uint32_t number;

    gp_arena_init(&arena, ARENA_BYTES);
    crowd_open(&crowd, world->gate.address, CONNECTIONS);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t seen = 0;
        for (uint32_t i = 0; i < CONNECTIONS; i++) {
            struct gp_request request = request_report();
            crowd_send(&crowd, i, &request);
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            assert_int_equal(reply.status, GP_STATUS_OK);
            seen |= UINT32_C(1) << number;
        }
        assert_int_equal(seen, UINT32_MAX);
    }
    crowd_close(&crowd);
    gp_arena_release(&arena);
    assert_int_equal(client_status(&world->client).incidents, CONNECTIONS * ROUNDS);
}

/* A whole page of long texts: the largest answer there is. */
static void full_pages_come_through(void **state)
{
    static char text[GP_TEXT_BYTES_MAX];
    struct world *world = *state;

    memset(text, 'x', sizeof text);
    for (int i = 0; i < 40; i++) {
        struct gp_request report = request_report();
        report.command.text = (struct gp_span){text, sizeof text};
        assert_int_equal(client_ask(&world->client, &report).status, GP_STATUS_OK);
    }
    struct gp_request ask = request_feed(0, 0);
    struct gp_reply reply = client_ask(&world->client, &ask);
    assert_int_equal(reply.kind, GP_REPLY_FEED);
    assert_int_equal(reply.feed.count, GP_FEED_ENTRIES_MAX);
}

static void feeds_rest_and_get_the_news(void **state)
{
    struct world *world = *state;
    struct client reporter;

    client_open(&reporter, world->daemon.socket);
    (void)client_report(&reporter);
    struct gp_request ask = request_feed(client_status(&reporter).head, 20000);
    client_send(&world->client, &ask);
    while (client_status(&reporter).followers == 0)
        continue; /* until it is parked */
    (void)client_report(&reporter);
    struct gp_reply reply = client_receive(&world->client);
    assert_int_equal(reply.kind, GP_REPLY_FEED);
    assert_true(reply.feed.count > 0);
    client_close(&reporter);
}

/* nanomsg sends again what was not answered, as soon as there is a connection again. */
static void clients_survive_the_daemon(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    daemon_kill(&world->daemon);
    struct gp_request report = request_report();
    client_send(&world->client, &report);
    gate_await_log(&world->gate, "clients are sent away");
    daemon_start(&world->daemon, NULL);
    assert_int_equal(client_receive(&world->client).answer.incident, 2);
    gate_await_log(&world->gate, "the daemon is back");
}

/* ---------------------------------------------------------------- what does not come through */

static void send_garbage(const struct gate *gate, unsigned seed)
{
    char bytes[64];
    int fd = seed % 2 == 0 ? peer_connect(gate->port, seed)
                           : peer_open(gate->port, seed, GP_SP_REQ, GP_SP_REP);

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
    bytes[0] = (char)0x80; /* no opening, and no length */
    peer_send(fd, bytes, sizeof bytes);
    peer_await_end(fd);
}

static void garbage_does_not_reach_the_daemon(void **state)
{
    struct world *world = *state;
    struct client local;

    for (unsigned i = 1; i <= 100; i++)
        send_garbage(&world->gate, i);
    client_open(&local, world->daemon.socket);
    assert_int_equal(client_status(&local).malformed, 0);
    client_close(&local);
    assert_int_equal(gate_count(&world->gate, "opening"), 50);
    assert_int_equal(gate_count(&world->gate, "frame"), 50);
    (void)client_report(&world->client);
}

/* What is SP and no message of gridpost's is the daemon's matter: it refuses, and lives. */
static void nonsense_is_answered_by_the_daemon(void **state)
{
    struct world *world = *state;

    struct gp_reply reply = client_ask_bytes(&world->client, "\xff\xff\xff", 3);
    assert_int_not_equal(reply.status, GP_STATUS_OK);
    (void)client_report(&world->client);
}

/* ---------------------------------------------------------------- hints */

static void hints_come_through(void **state)
{
    struct world *world = *state;
    char address[64], hint[64];
    int sub = nn_socket(AF_SP, NN_SUB), wait_ms = 100;

    (void)snprintf(address, sizeof address, "tcp://127.0.0.1:%u", world->gate.hint_port);
    assert_int_equal(nn_setsockopt(sub, NN_SUB, NN_SUB_SUBSCRIBE, "", 0), 0);
    assert_int_equal(nn_setsockopt(sub, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms), 0);
    assert_true(nn_connect(sub, address) >= 0);
    do /* a subscription takes effect at some time */
        (void)client_report(&world->client);
    while (nn_recv(sub, hint, sizeof hint, 0) < 0);
    assert_int_equal(nn_close(sub), 0);
}

static void message_into_the_hint_port_kills_nothing(void **state)
{
    static const char message[] = "\0\0\0\0\0\0\0\4kill";
    struct world *world = *state;

    for (int i = 0; i < 50; i++) {
        int fd = peer_open(world->gate.hint_port, 1, GP_SP_SUB, GP_SP_PUB);
        peer_send(fd, message, sizeof message - 1);
        peer_await_end(fd);
    }
    assert_int_equal(gate_count(&world->gate, "talked"), 50);
    (void)client_report(&world->client); /* and tear_down sees it end in order */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(reports_come_through),
        TEST(crowds_come_through),
        TEST(full_pages_come_through),
        TEST(feeds_rest_and_get_the_news),
        TEST(clients_survive_the_daemon),
        TEST(garbage_does_not_reach_the_daemon),
        TEST(nonsense_is_answered_by_the_daemon),
        TEST(hints_come_through),
        TEST(message_into_the_hint_port_kills_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
