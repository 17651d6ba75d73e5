/*
 * The daemon is killed at random moments, also while it starts, and started again, while handsets
 * go on reporting. What was acknowledged is in the journal exactly once, whatever happened.
 *
 *   test_kill [ROUNDS]       GP_CRASH_SEED=N draws the moments of an earlier run
 */
#include "crash/fleet.h"
#include "lib/daemon.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROUNDS       30
#define ROUND_MS     100 /* a round lasts up to so long after READY=1 */
#define START_MS     60  /* a start that is killed gets up to so long */
#define ONE_IN_START 4   /* one round in so many is killed while it starts */

static unsigned rounds = ROUNDS;

static unsigned take_seed(void)
{
    const char *text = getenv("GP_CRASH_SEED");
    unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) : (unsigned)getpid();

    print_message("GP_CRASH_SEED=%u\n", seed);
    return seed;
}

/* Whatever the moment, it was the signal that ended the daemon. */
static void kill_daemon(struct daemon *daemon)
{
    daemon_signal(daemon, SIGKILL);
    assert_int_equal(daemon_wait(daemon), 128 + SIGKILL);
}

static void play_round(struct daemon *daemon, struct fleet *fleet, unsigned *seed)
{
    bool kill_start = (unsigned)rand_r(seed) % ONE_IN_START == 0;
    int moment_ms = rand_r(seed) % (kill_start ? START_MS : ROUND_MS);

    if (kill_start)
        daemon_spawn(daemon, NULL);
    else
        daemon_start(daemon, NULL);
    (void)fleet_run(fleet, -1, moment_ms);
    kill_daemon(daemon);
}

/* The hash chain is whole, and the journal alone brings back every table. */
static void check_store(struct daemon *daemon)
{
    char copy[DAEMON_PATH_BYTES + 8];

    (void)snprintf(copy, sizeof copy, "%s-copy", daemon->store);
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--verify", NULL}), 0);
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--rebuild", copy, NULL}), 0);
    daemon_assert_log(daemon, "every table is the same, byte for byte");
}

struct scene {
    struct daemon daemon;
    struct fleet fleet;
};

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.daemon);
    daemon_setting(&scene.daemon, "batch_items_max: 4"); /* many commits to be killed in */
    fleet_open(&scene.fleet, scene.daemon.socket);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    fleet_close(&scene->fleet);
    daemon_remove(&scene->daemon);
    return 0;
}

static void killed_daemon_keeps_each_acknowledged_report_once(void **state)
{
    struct scene *scene = *state;
    unsigned seed = take_seed();

    for (unsigned i = 0; i < rounds; i++)
        play_round(&scene->daemon, &scene->fleet, &seed);

    daemon_start(&scene->daemon, NULL);
    fleet_finish(&scene->fleet);
    print_message("%u rounds: %zu reports, %zu acknowledged only when they were sent again; %zu "
                  "connections given up\n",
                  rounds, scene->fleet.acknowledged, scene->fleet.repeated, scene->fleet.given_up);
    fleet_check_journal(&scene->fleet, scene->daemon.socket);
    assert_int_equal(daemon_stop(&scene->daemon), 0);
    check_store(&scene->daemon);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_daemon_keeps_each_acknowledged_report_once, set_up,
                                        tear_down),
    };

    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
