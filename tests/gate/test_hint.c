/* Hints go out to all, and nothing goes in. */
#include "gate/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
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

static struct gate gate;
static int listener = -1;
static char buffer[GP_GATE_HINT_BYTES];

static int set_up(void **state)
{
    (void)state;
    gate_prepare(&gate);
    listener = stand_listen(gate.hint, 10);
    gate_start(&gate, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (listener >= 0)
        (void)close(listener);
    listener = -1;
    gate_remove(&gate);
    return 0;
}

static int greet(void)
{
    return stand_greet(listener, GP_SP_PUB, GP_SP_SUB);
}

static int follow(void)
{
    return peer_open(gate.hint_port, 1, GP_SP_SUB, GP_SP_PUB);
}

static void assert_hint(int follower, const char *text)
{
    assert_int_equal(peer_message(follower, buffer, sizeof buffer), strlen(text));
    assert_memory_equal(buffer, text, strlen(text));
}

/* ---------------------------------------------------------------- outwards */

static void every_follower_gets_each_hint(void **state)
{
    int followers[10], daemon = greet();

    (void)state;
    for (int i = 0; i < 10; i++)
        followers[i] = follow();
    stand_send(daemon, "one", 3);
    stand_send(daemon, "two", 3);
    for (int i = 0; i < 10; i++) {
        assert_hint(followers[i], "one");
        assert_hint(followers[i], "two");
        (void)close(followers[i]);
    }
    gate_await_count(&gate, "open", 0);
    stand_send(daemon, "three", 5); /* to nobody */
    gate_await_count(&gate, "hints", 3);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

static void hint_in_single_bytes_and_many_at_once(void **state)
{
    static const char one[] = "\1\0\0\0\0\0\0\0\3one";
    char many[40 * (sizeof one - 1)];
    int daemon = greet(), follower = follow();

    (void)state;
    for (size_t i = 0; i < sizeof one - 1; i++)
        peer_send(daemon, one + i, 1);
    assert_hint(follower, "one");
    for (size_t i = 0; i < 40; i++)
        memcpy(many + i * (sizeof one - 1), one, sizeof one - 1);
    peer_send(daemon, many, sizeof many);
    for (int i = 0; i < 40; i++)
        assert_hint(follower, "one");
    (void)close(follower);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

/* It does not read, and does not hold up the one that does. */
static void slow_follower_misses_some(void **state)
{
    static const char hint[GP_GATE_HINT_BYTES] = "hint";
    int daemon = greet(), slow = follow(), quick = follow(), small = 1024;
    unsigned sent = 0;

    (void)state;
    assert_int_equal(setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    while (gate_count(&gate, "missed") == 0) {
        for (int i = 0; i < 2000; i++, sent++) {
            stand_send(daemon, hint, sizeof hint);
            assert_int_equal(peer_message(quick, buffer, sizeof buffer), sizeof hint);
        }
        assert_in_range(sent, 1, 1000000);
    }
    for (unsigned whole = 0; whole < 100; whole++)
        assert_int_equal(peer_message(slow, buffer, sizeof buffer), sizeof hint);
    (void)close(slow);
    (void)close(quick);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

/* ---------------------------------------------------------------- inwards */

static void one_byte_behind_the_opening_ends_a_follower(void **state)
{
    int daemon = greet(), talker = follow(), other = follow();

    (void)state;
    peer_send(talker, "\0", 1);
    peer_await_end(talker);
    assert_int_equal(gate_count(&gate, "talked"), 1);
    assert_true(peer_rests(daemon)); /* it has not heard of it */
    stand_send(daemon, "on", 2);
    assert_hint(other, "on");
    (void)close(other);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

static void message_with_the_opening_ends_it_too(void **state)
{
    static const char bytes[] = "\0SP\0\0\x21\0\0\0\0\0\0\0\0\0\4kill";
    int daemon = greet(), talker = peer_connect(gate.hint_port, 1);

    (void)state;
    peer_send(talker, bytes, sizeof bytes - 1);
    peer_await_end(talker);
    assert_int_equal(gate_count(&gate, "talked"), 1);
    assert_true(peer_rests(daemon));
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

static void who_is_no_subscriber_is_reset(void **state)
{
    static const char *const openings[] = {"\0SP\0\0\x20\0\0", "\0SP\0\0\x30\0\0", "GET / HT"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int fd = peer_connect(gate.hint_port, 1);
        peer_send(fd, openings[i], 8);
        peer_await_end(fd);
    }
    assert_int_equal(gate_count(&gate, "opening"), 3);
    assert_int_equal(gate_stop(&gate), 0);
}

/* nanomsg's own PUB aborts its process at the first message from outside. Here it is this one, and
 * what is sent to the port in front of it does not come to it. */
static void message_into_the_port_does_not_kill_a_publisher(void **state)
{
    static const char message[] = "\0\0\0\0\0\0\0\4kill";
    char ipc[GATE_PATH_BYTES + 6];
    int pub = nn_socket(AF_SP, NN_PUB), talker, follower;

    (void)state;
    (void)close(listener);
    listener = -1;
    (void)unlink(gate.hint); /* the stand-in's */
    (void)snprintf(ipc, sizeof ipc, "ipc://%s", gate.hint);
    assert_true(nn_bind(pub, ipc) >= 0);
    for (int i = 0; i < 20; i++) {
        talker = follow();
        peer_send(talker, message, sizeof message - 1);
        peer_await_end(talker);
    }
    follower = follow();
    do /* the gate may not have come back to it yet */
        assert_int_equal(nn_send(pub, "alive", 5, 0), 5);
    while (peer_rests(follower));
    assert_hint(follower, "alive");
    (void)close(follower);
    assert_int_equal(gate_stop(&gate), 0);
    assert_int_equal(nn_close(pub), 0);
}

/* ---------------------------------------------------------------- the daemon */

static void daemon_may_go_and_come(void **state)
{
    int daemon = greet(), follower = follow();

    (void)state;
    stand_send(daemon, "before", 6);
    assert_hint(follower, "before");
    (void)close(daemon);
    daemon = greet(); /* it connects again, and followers stay */
    stand_send(daemon, "after", 5);
    assert_hint(follower, "after");
    (void)close(follower);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

static void what_is_no_hint_is_not_passed_on(void **state)
{
    static const char head[] = {1, 0, 0, 0, 0, 0, 0, 0, GP_GATE_HINT_BYTES + 1};
    int daemon = greet(), follower = follow();

    (void)state;
    peer_send(daemon, head, sizeof head);
    gate_await_log(&gate, "what comes is no hint");
    assert_true(peer_rests(follower));
    peer_await_end(daemon);
    daemon = greet();
    stand_send(daemon, "good", 4);
    assert_hint(follower, "good");
    (void)close(follower);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

/* Something else listens where the daemon should; and the daemon's own opening may come in parts.
 */
static void who_opens_otherwise_is_not_the_daemon(void **state)
{
    int daemon = stand_accept(listener), follower = follow();

    (void)state;
    peer_read(daemon, buffer, GP_SP_BYTES);
    peer_send(daemon, "\0SP\0\0\x31\0\0", GP_SP_BYTES);
    peer_await_end(daemon);
    gate_await_log(&gate, "what comes is no hint; no hints until it is back");
    daemon = stand_accept(listener);
    peer_read(daemon, buffer, GP_SP_BYTES);
    peer_send(daemon, "\0SP\0", 4);
    int other = follow(); /* in the meantime the gate has read it */
    assert_false(gate_log_has(&gate, "the daemon is back"));
    peer_send(daemon, "\0\x20\0\0", 4);
    gate_await_log(&gate, "the daemon is back");
    stand_send(daemon, "good", 4);
    assert_hint(follower, "good");
    assert_hint(other, "good");
    (void)close(follower);
    (void)close(other);
    assert_int_equal(gate_stop(&gate), 0);
    (void)close(daemon);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(every_follower_gets_each_hint),
        TEST(hint_in_single_bytes_and_many_at_once),
        TEST(slow_follower_misses_some),
        TEST(one_byte_behind_the_opening_ends_a_follower),
        TEST(message_with_the_opening_ends_it_too),
        TEST(who_is_no_subscriber_is_reset),
        TEST(message_into_the_port_does_not_kill_a_publisher),
        TEST(daemon_may_go_and_come),
        TEST(what_is_no_hint_is_not_passed_on),
        TEST(who_opens_otherwise_is_not_the_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
