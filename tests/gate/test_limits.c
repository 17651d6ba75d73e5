/* Who is sent away: caps, deadlines, what is no SP, and what is short. */
#include "gate/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* Eight addresses of a kind may be, and the fixture has named one. */
#define MANY(word, at)                                                                             \
    WORDS(word, at, word, at, word, at, word, at, word, at, word, at, word, at, word, at)

static struct gate gate;
static int edge;
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
    (void)close(edge);
    gate_remove(&gate);
    return 0;
}

static int open_client(void)
{
    return peer_open(gate.port, 1, GP_SP_REQ, GP_SP_REP);
}

static int greet(void)
{
    return stand_greet(edge, GP_SP_REP, GP_SP_REQ);
}

/* ---------------------------------------------------------------- what is no SP */

static void other_openings_are_reset(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } openings[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18},
        {"\x16\x03\x01\x02\0\1\0", 7},
        {"\0SP\0\0\x31\0\0", 8},
        {"\0SP\0\0\x20\0\0", 8},
        {"\0SP\1\0\x30\0\0", 8},
        {"\0SP\0\0\x30\0\1", 8},
        {"\0\0\0\0\0\0\0\1\x80\0\0\1", 12},
        {"\xff", 1},
    };
    const size_t count = sizeof openings / sizeof openings[0];

    (void)state;
    gate_start(&gate, NULL);
    for (size_t i = 0; i < count; i++) {
        int fd = peer_connect(gate.port, 1);
        peer_send(fd, openings[i].bytes, openings[i].len);
        peer_await_end(fd);
    }
    assert_int_equal(gate_count(&gate, "opening"), count);
    assert_int_equal(gate_count(&gate, "open"), 0);
    assert_true(stand_alone(edge)); /* the daemon has not heard of any of them */
    assert_int_equal(gate_stop(&gate), 0);
}

static void what_is_no_request_is_reset(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } requests[] = {
        {"\0\0\0\0\0\0\x41\0", 8},               /* 16,640 bytes */
        {"\xff\xff\xff\xff\xff\xff\xff\xff", 8}, /* and a length that wraps */
        {"\0\0\0\0\0\0\0\0", 8},
        {"\0\0\0\0\0\0\0\3\x80\0\0", 11},
        {"\0\0\0\0\0\0\0\4\0\0\0\1", 12},
        {"GET / HTTP/1.1\r\n\r\n", 18},
    };
    const size_t count = sizeof requests / sizeof requests[0];

    (void)state;
    gate_start(&gate, NULL);
    for (size_t i = 0; i < count; i++) {
        int fd = open_client(), daemon = greet();
        peer_send(fd, requests[i].bytes, requests[i].len);
        peer_await_end(fd);
        assert_int_equal(recv(daemon, buffer, 1, 0), 0); /* an end, and no byte before it */
        (void)close(daemon);
    }
    assert_int_equal(gate_count(&gate, "frame"), count);
    assert_int_equal(gate_count(&gate, "requests"), 0);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- deadlines */

static void opening_has_a_deadline(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--handshake-timeout", "0.1"));
    int silent = peer_connect(gate.port, 1), slow = peer_connect(gate.port, 1);
    peer_send(slow, "\0SP\0\0\x30\0", 7);
    peer_await_end(silent);
    peer_await_end(slow);
    assert_int_equal(gate_count(&gate, "slow_open"), 2);
    assert_true(stand_alone(edge));
    assert_int_equal(gate_stop(&gate), 0);
}

static void message_has_a_deadline_from_its_first_byte(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--frame-timeout", "0.1", "--handshake-timeout", "0.1"));
    int rests = open_client(), rests_daemon = greet();
    int slow = open_client(), slow_daemon = greet();
    peer_send(slow, "\0", 1);
    peer_await_end(slow);
    assert_int_equal(gate_count(&gate, "slow_frame"), 1);
    peer_request(rests, "late"); /* no message was under way, so none was late */
    assert_int_equal(stand_message(rests_daemon, buffer, sizeof buffer), 8);
    (void)close(rests);
    (void)close(rests_daemon);
    (void)close(slow_daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

static void idle_clients_go(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--idle-timeout", "0.3"));
    int idle = open_client(), idle_daemon = greet();
    peer_await_end(idle);
    assert_int_equal(gate_count(&gate, "idle"), 1);
    peer_await_end(idle_daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- caps */

static void one_address_has_a_cap(void **state)
{
    int fds[3];

    (void)state;
    gate_start(&gate, WORDS("--per-address", "3"));
    for (int i = 0; i < 3; i++)
        fds[i] = peer_connect(gate.port, 1);
    gate_await_count(&gate, "open", 3);
    peer_await_end(peer_connect(gate.port, 1));
    peer_await_end(peer_connect(gate.hint_port, 1)); /* both kinds count together */
    assert_int_equal(gate_count(&gate, "refused"), 2);
    int other = peer_connect(gate.port, 2);
    gate_await_count(&gate, "open", 4);
    (void)close(fds[0]);
    gate_await_count(&gate, "open", 3);
    fds[0] = open_client(); /* a place is free again */
    int daemon = greet();
    for (int i = 0; i < 3; i++)
        (void)close(fds[i]);
    (void)close(other);
    (void)close(daemon);
    gate_await_count(&gate, "open", 0);
    assert_int_equal(gate_stop(&gate), 0);
}

static void all_addresses_have_a_cap(void **state)
{
    int fds[5];

    (void)state;
    gate_start(&gate, WORDS("--connections", "5"));
    for (unsigned i = 0; i < 5; i++)
        fds[i] = peer_connect(gate.port, 1 + i);
    gate_await_count(&gate, "open", 5);
    peer_await_end(peer_connect(gate.port, 77));
    assert_int_equal(gate_count(&gate, "refused"), 1);
    assert_int_equal(gate_count(&gate, "accepted"), 5);
    for (unsigned i = 0; i < 5; i++)
        (void)close(fds[i]);
    assert_int_equal(gate_stop(&gate), 0);
}

/* With few descriptors those who come are turned away, those who are there are served, and the
 * gate does not spin: it answers signals, and takes clients again when some are free. */
static void without_descriptors_it_turns_away(void **state)
{
    int fds[40];

    (void)state;
    gate.descriptors = 40;
    gate_start(&gate, WORDS("--connections", "1000"));
    gate_await_log(&gate, "1000 connections need 2064 of them and 40 are allowed");
    int early = open_client(), daemon = greet();
    for (int i = 0; i < 40; i++)
        fds[i] = peer_connect(gate.port, 1);
    for (int i = 30; i < 40; i++)
        peer_await_end(fds[i]);
    assert_in_range(gate_count(&gate, "no_fd"), 10, 30);
    assert_true(gate_log_has(&gate, "descriptors: none left"));
    peer_request(early, "still here");
    assert_int_equal(stand_message(daemon, buffer, sizeof buffer), 14);
    for (int i = 0; i < 30; i++)
        (void)close(fds[i]);
    gate_await_count(&gate, "open", 1);
    int late = open_client(), late_daemon = greet();
    (void)close(late);
    (void)close(late_daemon);
    (void)close(early);
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

/* Clients whose messages are not complete fill the memory there is; one more waits, unread,
 * until they are late, and is then served. */
static void without_memory_clients_wait_unread(void **state)
{
    enum { SLOW = 70 };
    static char part[GP_GATE_REQUEST_BYTES];
    int slow[SLOW], daemons[SLOW];

    (void)state;
    gate_start(&gate, WORDS("--memory", "1", "--frame-timeout", "2"));
    int honest = open_client(), honest_daemon = greet();
    gp_put_u64((unsigned char *)part, GP_GATE_REQUEST_BYTES);
    part[8] = (char)0x80;
    for (int i = 0; i < SLOW; i++) {
        slow[i] = open_client();
        daemons[i] = greet();
        peer_send(slow[i], part, sizeof part); /* eight bytes are missing */
    }
    assert_in_range(gate_count(&gate, "memory"), 1 << 20, (1 << 20) + GP_GATE_READ_BYTES);
    peer_request(honest, "patience");
    assert_true(peer_rests(honest_daemon));
    for (int i = 0; i < SLOW; i++) {
        peer_await_end(slow[i]);
        (void)close(daemons[i]);
    }
    assert_int_equal(stand_message(honest_daemon, buffer, sizeof buffer), 12);
    assert_in_range(gate_count(&gate, "slow_frame"), 60, SLOW);
    (void)close(honest);
    (void)close(honest_daemon);
    gate_await_count(&gate, "memory", 0);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- the daemon's links */

static void eight_connects_at_a_time(void **state)
{
    int clients[30], daemons[30];

    (void)state;
    gate_start(&gate, NULL);
    for (int i = 0; i < 30; i++)
        clients[i] = open_client();
    for (int i = 0; i < GP_GATE_PENDING_MAX; i++)
        daemons[i] = stand_accept(edge); /* accepted, and not greeted yet */
    assert_true(stand_alone(edge));
    for (int i = 0; i < 30; i++) {
        unsigned char opening[GP_SP_BYTES];
        gp_sp_write(GP_SP_REP, opening);
        peer_send(daemons[i], opening, sizeof opening);
        if (i + GP_GATE_PENDING_MAX < 30)
            daemons[i + GP_GATE_PENDING_MAX] = stand_accept(edge);
    }
    for (int i = 0; i < 30; i++) {
        (void)close(clients[i]);
        peer_await_end(daemons[i]);
    }
    assert_int_equal(gate_stop(&gate), 0);
}

/* A client that leaves while the daemon has not greeted its link stays in the daemon's backlog. */
static void client_that_left_keeps_its_place(void **state)
{
    int daemons[GP_GATE_PENDING_MAX];

    (void)state;
    gate_start(&gate, WORDS("--link-timeout", "0.2"));
    for (int i = 0; i < GP_GATE_PENDING_MAX; i++) {
        int client = open_client();
        daemons[i] = stand_accept(edge);
        peer_await_end(client);
    }
    int late = open_client();
    assert_true(stand_alone(edge));
    peer_await_end(late);
    peer_send(daemons[3], "\0SP\0\0\x31\0\0", 8);
    peer_await_end(daemons[3]);
    late = open_client();
    int daemon = greet();
    peer_request(late, "at last");
    assert_int_equal(stand_message(daemon, buffer, sizeof buffer), 11);
    (void)close(late);
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0); /* seven are still given up */
    for (int i = 0; i < GP_GATE_PENDING_MAX; i++) {
        if (i != 3)
            peer_await_end(daemons[i]);
    }
}

static void client_is_not_read_before_its_link_stands(void **state)
{
    char message[1000] = {0};

    (void)state;
    gp_put_u64((unsigned char *)message, sizeof message - 8);
    message[8] = (char)0x80;
    gate_start(&gate, NULL);
    int client = open_client(), daemon = stand_accept(edge);
    (void)peer_fill(client, message, sizeof message);
    assert_int_equal(gate_count(&gate, "requests"), 0);
    assert_int_equal(gate_count(&gate, "memory"), 0);
    peer_read(daemon, buffer, GP_SP_BYTES);
    assert_true(peer_rests(daemon));
    (void)close(client);
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

static void link_has_a_deadline(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--link-timeout", "0.2"));
    int client = open_client(), daemon = stand_accept(edge); /* and no opening */
    peer_await_end(client);
    assert_int_equal(gate_count(&gate, "no_link"), 1);
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

/* Who is no REP is no daemon, and a client is sent away rather than kept. */
static void another_socket_is_no_edge(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    int client = open_client(), daemon = stand_accept(edge);
    peer_send(daemon, "\0SP\0\0\x20\0\0", 8);
    peer_await_end(client);
    gate_await_log(&gate, "it is no socket that takes requests");
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

static void daemon_may_go_and_come(void **state)
{
    (void)state;
    gate_start(&gate, NULL);
    int client = open_client(), daemon = greet();
    (void)close(edge);
    (void)unlink(gate.edge); /* as a daemon's end leaves it */
    (void)close(daemon);
    peer_await_end(client);
    client = open_client();
    peer_await_end(client); /* there is nobody to relay to */
    gate_await_log(&gate, "clients are sent away");
    edge = stand_listen(gate.edge, 10);
    client = open_client();
    daemon = greet();
    gate_await_log(&gate, "the daemon is back");
    peer_request(client, "again");
    assert_int_equal(stand_message(daemon, buffer, sizeof buffer), 9);
    (void)close(client);
    (void)close(daemon);
    assert_int_equal(gate_stop(&gate), 0);
}

/* While it is away, one client at a time is spent on a try; the others wait for their deadline. */
static void clients_are_sent_away_slowly(void **state)
{
    int clients[20];
    uint64_t away = 0;

    (void)state;
    (void)close(edge);
    (void)unlink(gate.edge); /* there is no daemon */
    gate_start(&gate, NULL);
    peer_await_end(open_client());
    for (int i = 0; i < 20; i++)
        clients[i] = open_client();
    while (away < 3)
        away = gate_count(&gate, "no_link");
    assert_in_range(away, 3, 6);
    edge = stand_listen(gate.edge, 10);
    int daemon = greet(); /* one that waited */
    (void)close(daemon);
    for (int i = 0; i < 20; i++)
        (void)close(clients[i]);
    assert_int_equal(gate_stop(&gate), 0);
}

/* ---------------------------------------------------------------- start */

static void mistakes_of_the_command_line_are_64(void **state)
{
    const char *const *mistakes[] = {
        WORDS("--listen", "tcp://localhost:7310"),
        WORDS("--edge", "run/edge.ipc"),
        WORDS("--connections", "0"),
        WORDS("--connections", "12x"),
        WORDS("--frame-timeout", "0"),
        WORDS("--frame-timeout", "nan"),
        WORDS("--frame-timeout", "5s"),
        WORDS("--link-timeout", "86401"),
        WORDS("--listen", "tcp://127.0.0.1"),
        WORDS("--listen", "tcp://127.0.0.1:65536"),
        WORDS("--listen", "tcp://127.0.0.1:73x"),
        WORDS("--listen", "tcp://[::1:7310"),
        WORDS("--listen", "tcp://[fe80::1%lo]:7310"),
        WORDS("--hint-listen", "ipc:///run/hint"),
        WORDS("--hint", "tcp://127.0.0.1:7311"),
        MANY("--listen", "tcp://127.0.0.1:0"),
        MANY("--hint-listen", "tcp://127.0.0.1:0"),
        WORDS("--idle-timeout", "-1"),
        WORDS("--memory", ""),
        WORDS("--per-address", "1000001"),
        WORDS("word"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        assert_int_equal(gate_run(&gate, mistakes[i]), EX_USAGE);
}

static void address_in_use_is_1(void **state)
{
    struct gate other;

    (void)state;
    gate_start(&gate, NULL);
    gate_prepare(&other);
    assert_int_equal(gate_run(&other, WORDS("--listen", gate.address)), 1);
    assert_true(gate_log_has(&other, "Address already in use: not starting"));
    gate_remove(&other);
    assert_int_equal(gate_stop(&gate), 0);
}

/* systemd ends a service that is silent for WATCHDOG_USEC. */
static void the_watchdog_is_fed(void **state)
{
    char message[128];
    unsigned fed = 0, other = 0;

    (void)state;
    assert_int_equal(setenv("WATCHDOG_USEC", "400000", 1), 0);
    gate_start(&gate, NULL);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    while (fed < 3) {
        ssize_t len = recv(gate.notify, message, sizeof message - 1, 0);
        assert_true(len > 0);
        message[len] = '\0';
        if (strcmp(message, "WATCHDOG=1") == 0)
            fed++;
        else
            assert_true(++other < 5); /* how many there are, every ten seconds */
    }
    assert_int_equal(gate_stop(&gate), 0);
}

static void ipv6_is_served(void **state)
{
    (void)state;
    gate_start(&gate, WORDS("--listen", "tcp://[::1]:0", "--listen", "tcp://0.0.0.0:0"));
    assert_true(gate_log_has(&gate, "requests at tcp://[::1]:"));
    assert_true(gate_log_has(&gate, "requests at tcp://0.0.0.0:"));
    assert_int_equal(gate_stop(&gate), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(other_openings_are_reset),
        TEST(what_is_no_request_is_reset),
        TEST(opening_has_a_deadline),
        TEST(message_has_a_deadline_from_its_first_byte),
        TEST(idle_clients_go),
        TEST(one_address_has_a_cap),
        TEST(all_addresses_have_a_cap),
        TEST(without_descriptors_it_turns_away),
        TEST(without_memory_clients_wait_unread),
        TEST(eight_connects_at_a_time),
        TEST(client_that_left_keeps_its_place),
        TEST(client_is_not_read_before_its_link_stands),
        TEST(link_has_a_deadline),
        TEST(another_socket_is_no_edge),
        TEST(daemon_may_go_and_come),
        TEST(clients_are_sent_away_slowly),
        TEST(mistakes_of_the_command_line_are_64),
        TEST(address_in_use_is_1),
        TEST(the_watchdog_is_fed),
        TEST(ipv6_is_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
