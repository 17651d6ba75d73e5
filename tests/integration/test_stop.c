/* A daemon that ends while its loop is late. */
#include "lib/client.h"
#include "lib/daemon.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LATE_MS 300 /* longer than the daemon flushes for, and until a checkpoint comes */

static int set_up(void **state)
{
    static struct daemon daemon;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    daemon_prepare(&daemon);
    daemon_fault(&daemon, (int64_t)now.tv_sec * 1000);
    *state = &daemon;
    return 0;
}

static int tear_down(void **state)
{
    daemon_remove(*state);
    return 0;
}

static void report_once(const struct daemon *daemon)
{
    struct client client;

    client_open(&client, daemon->socket);
    (void)client_report(&client);
    client_close(&client);
}

/* The checkpoint behind the report comes in the same round of the loop as the end: the loop has
 * looked how late it is, stands still, and finds both done. The first look is the one behind its
 * poll, the second the one before its timers. */
static void a_checkpoint_may_come_at_the_very_end(void **state)
{
    struct daemon *daemon = *state;

    for (int32_t looks = 1; looks <= 4; looks++) {
        daemon_start(daemon, NULL);
        report_once(daemon);
        daemon_signal(daemon, SIGTERM);
        daemon_await(daemon, "STOPPING=1");
        daemon_stall(daemon, looks);
        (void)poll(NULL, 0, LATE_MS); /* being late is what is tested */
        daemon_stall(daemon, 0);
        assert_int_equal(daemon_wait(daemon), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_checkpoint_may_come_at_the_very_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
