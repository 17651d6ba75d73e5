/*
 * The daemon is killed at random moments, also while it starts, ends, stands still or reloads, and
 * started again, while clients go on. What they saw is what the store holds (history.h).
 *
 *   test_kill [OPTION…]
 *     --kills N       in all (30), in episodes of 100, each with a store of its own
 *     --load-ms N     a round lasts up to so long after READY=1 (100)
 *     --rate N        commands a second by all clients, 0: as they come (0)
 *     --seed N        draws the moments of an earlier run
 *     --history FILE  where a history that is not well is written
 *     --store DIR     under full load on a filled store, which keeps what is added; …
 *     --config DIR    … of this configuration of the source tree ("config")
 *     --ready-ms N    a start that takes longer than this to READY=1 is a failure
 *
 * The last line is one of figures.
 */
#include "bench/city.h"
#include "crash/loop.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define KILLS         30
#define LOAD_MS       100
#define EPISODE_KILLS 100
#define CLIENTS       50
#define FOLLOWERS     4
#define SEALED        8

static struct loop_plan plan = {
    .kills = KILLS,
    .workers = CLIENTS - FOLLOWERS,
    .sealed = SEALED,
    .followers = FOLLOWERS,
    .load_ms = LOAD_MS,
    .place = clients_golden,
    .places = CLIENTS_GOLDEN,
};
static struct loop_figures figures;
static double ready_ms_max;

static unsigned take_seed(unsigned seed)
{
    if (seed == 0)
        seed = (unsigned)getpid();
    print_message("--seed %u\n", seed);
    return seed;
}

static void killed_daemon_keeps_what_its_clients_saw(void **state)
{
    struct loop_plan episode = plan;
    unsigned left = plan.kills;

    (void)state;
    while (left > 0) {
        episode.kills = left < EPISODE_KILLS ? left : EPISODE_KILLS;
        loop_run(&episode, &figures);
        left -= episode.kills;
        episode.seed += 1;
        print_message("%u kills, %zu commands of which %zu are reports\n", figures.kills,
                      figures.commands, figures.reports);
    }
    assert_int_equal(figures.kills, plan.kills);
    assert_true(figures.commands > 0 && figures.seen > 0);
    if (ready_ms_max > 0)
        assert_true(loop_ready(&figures, 100) < ready_ms_max);
}

/* ---------------------------------------------------------------- start */

static bool read_option(int option)
{
    double number = strtod(optarg, NULL);

    if (option == 'k')
        plan.kills = (unsigned)number;
    else if (option == 'l')
        plan.load_ms = (int)number;
    else if (option == 'r')
        plan.rate = number;
    else if (option == 's')
        plan.seed = (unsigned)number;
    else if (option == 'h')
        plan.history = optarg;
    else if (option == 'd')
        plan.store = optarg;
    else if (option == 'c')
        plan.config = optarg;
    else if (option == 'm')
        ready_ms_max = number;
    else
        return false;
    return plan.kills > 0 && plan.load_ms > 0;
}

static bool read_options(int argc, char **argv)
{
    static const struct option options[] = {{"kills", required_argument, NULL, 'k'},
                                            {"load-ms", required_argument, NULL, 'l'},
                                            {"rate", required_argument, NULL, 'r'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"history", required_argument, NULL, 'h'},
                                            {"store", required_argument, NULL, 'd'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"ready-ms", required_argument, NULL, 'm'},
                                            {0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?' || !read_option(option))
            return false;
    }
    return optind == argc && (plan.store == NULL) == (plan.config == NULL);
}

/* On a filled store each client reports in a grid of its own, and the handsets' keys are not what
 * is measured. */
static void use_city(struct city *city, struct clients_place place[CLIENTS])
{
    city_open(city, plan.config, NULL);
    for (uint64_t i = 0; i < CLIENTS; i++) {
        const struct gp_row *row = city_row_of(city, i * city->grid_count);
        const struct city_grid *grid = city_grid_of(city, i);
        place[i] =
            (struct clients_place){grid->code, row->code, row->condition, grid->officer, false};
    }
    plan.place = place;
    plan.places = CLIENTS;
    plan.sealed = 0;
    plan.under_load = true;
}

static void print_figures(void)
{
    printf("kills=%u starting=%u ending=%u frozen=%u held=%u commands=%zu reports=%zu refused=%zu "
           "repeats=%zu resent=%zu recovered=%zu sessions=%zu given_up=%zu entries=%llu seen=%zu "
           "ready_ms_median=%.0f ready_ms_max=%.0f\n",
           figures.kills, figures.early, figures.stopped, figures.frozen, figures.held,
           figures.commands, figures.reports, figures.refused, figures.repeats, figures.resent,
           figures.recovered, figures.sessions, figures.given_up,
           (unsigned long long)figures.entries, figures.seen, loop_ready(&figures, 50),
           loop_ready(&figures, 100));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_daemon_keeps_what_its_clients_saw),
    };
    static struct clients_place place[CLIENTS];
    struct city city = {0};

    if (!read_options(argc, argv)) {
        fputs("usage: see the top of tests/crash/test_kill.c\n", stderr);
        return 64;
    }
    plan.seed = take_seed(plan.seed);
    if (plan.config != NULL)
        use_city(&city, place);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fflush(stderr);
    print_figures();
    loop_figures_release(&figures);
    if (plan.config != NULL)
        city_close(&city);
    return failed;
}
