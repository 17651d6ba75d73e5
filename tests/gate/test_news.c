/* What the gate says of those that it sent away: once a minute, and only what is new. */
#include "gate/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct gate gate;
static int edge;

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

/* A minute passes in a moment; no deadline of a client's may. */
static void start_hurried(void)
{
    assert_int_equal(setenv("LD_PRELOAD", GP_HURRY, 1), 0);
    gate_start(&gate, WORDS("--handshake-timeout", "86400", "--idle-timeout", "86400"));
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
}

static void each_minute_has_its_own_news(void **state)
{
    (void)state;
    start_hurried();
    int fd = peer_connect(gate.port, 1);
    peer_send(fd, "GET / HTTP/1.1\r\n\r\n", 18);
    peer_await_end(fd);
    gate_await_log(&gate, "news: of the last minute:");
    assert_true(gate_log_has(&gate, " opening=1\n"));
    fd = peer_open(gate.hint_port, 1, GP_SP_SUB, GP_SP_PUB);
    peer_send(fd, "x", 1);
    peer_await_end(fd);
    gate_await_log(&gate, " talked=1\n");
    assert_false(gate_log_has(&gate, "opening=1 talked=1")); /* that was told */
    assert_int_equal(gate_stop(&gate), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_minute_has_its_own_news, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
