#include "crash/loop.h"

#include "crash/held.h"

#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEALED_MAX  8     /* devices that one person may have */
#define READY_MS    30000 /* longer than anything takes, also under a sanitizer */
#define START_MS    60    /* a start that is killed gets up to so long */
#define SHUTDOWN_MS 20    /* a shutdown, up to so long */
#define FROZEN_MS   80    /* a daemon that is stopped, up to so long */
#define HELD_MS     20
#define RELOAD_MS   30

/* What is done before a kill, of 100. */
enum act {
    ACT_LOAD,
    ACT_START,
    ACT_SHUTDOWN,
    ACT_FREEZE,
    ACT_FROZEN,
    ACT_HELD,
    ACT_RELOAD,
    ACT_COUNT
};
static const unsigned share[ACT_COUNT] = {
    [ACT_LOAD] = 40,  [ACT_START] = 20, [ACT_SHUTDOWN] = 14, [ACT_FREEZE] = 6,
    [ACT_FROZEN] = 4, [ACT_HELD] = 8,   [ACT_RELOAD] = 8,
};

struct loop {
    const struct loop_plan *plan;
    struct loop_figures *figures;
    unsigned seed;
    struct daemon daemon;
    struct clients clients;
    struct sealed device[SEALED_MAX], *devices[SEALED_MAX];
    uint64_t base; /* the journal's head when the clients came */
};

static double monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int draw_ms(struct loop *loop, int below)
{
    return rand_r(&loop->seed) % below;
}

/* Each kind comes once at first, so that none is left out of a short run. */
static enum act draw_act(struct loop *loop, unsigned n)
{
    unsigned lot = (unsigned)rand_r(&loop->seed) % 100, act = 0;

    if (loop->plan->under_load)
        return ACT_LOAD;
    if (n < ACT_COUNT)
        return (enum act)n;
    while (lot >= share[act])
        lot -= share[act++];
    return (enum act)act;
}

/* ---------------------------------------------------------------- begin */

static void use_store(struct daemon *daemon, const char *store)
{
    char own[DAEMON_PATH_BYTES];

    (void)snprintf(own, sizeof own, "%s", daemon->store);
    assert_in_range(strlen(store), 1, sizeof daemon->store - 1);
    (void)snprintf(daemon->store, sizeof daemon->store, "%s", store);
    daemon_edit(daemon, "gridpost.yaml", own, daemon->store);
}

static void use_folder(struct loop *loop)
{
    const struct loop_plan *plan = loop->plan;

    daemon_prepare(&loop->daemon);
    daemon_setting(&loop->daemon, "device_rate: 1000000\nperson_rate: 1000000");
    if (plan->config != NULL) {
        daemon_copy(&loop->daemon, plan->config);
        daemon_setting(&loop->daemon, "default_calendar: office");
    }
    if (!plan->under_load) {
        daemon_setting(&loop->daemon, "batch_items_max: 4"); /* many commits to be killed in */
        daemon_fault(&loop->daemon, wall_ms());
    }
    if (plan->store != NULL)
        use_store(&loop->daemon, plan->store);
}

static void enrol(struct loop *loop)
{
    struct client client;

    assert_in_range(loop->plan->sealed, 0, SEALED_MAX);
    client_open(&client, loop->daemon.socket);
    for (unsigned i = 0; i < loop->plan->sealed; i++) {
        sealed_enrol(&loop->device[i], &client, loop->daemon.edge, "li", GP_ROLE_OFFICER);
        loop->devices[i] = &loop->device[i];
    }
    loop->base = client_status(&client).head;
    client_close(&client);
}

static void begin(struct loop *loop)
{
    const struct loop_plan *plan = loop->plan;

    use_folder(loop);
    daemon_start(&loop->daemon, NULL);
    enrol(loop);
    const struct clients_plan clients = {
        .address = loop->daemon.socket,
        .sealed_at = loop->daemon.edge,
        .device = loop->devices,
        .place = plan->place,
        .places = plan->places,
        .workers = plan->workers,
        .sealed = plan->sealed,
        .followers = plan->followers,
        .rate = plan->rate,
        .report_pct = 40,
        .seed = plan->seed,
        .after = loop->base,
    };
    clients_open(&loop->clients, &clients);
}

/* ---------------------------------------------------------------- kills */

static void count_ready(struct loop_figures *figures, double took_ms)
{
    figures->ready_ms =
        realloc(figures->ready_ms, (figures->starts + 1) * sizeof *figures->ready_ms);
    assert_non_null(figures->ready_ms);
    figures->ready_ms[figures->starts++] = took_ms;
}

/* With the clients at its door from the first moment. */
static void start_under_load(struct loop *loop)
{
    double begin_ms = monotonic_ms();

    daemon_forget(&loop->daemon);
    daemon_spawn(&loop->daemon, NULL);
    assert_true(clients_run(&loop->clients, loop->daemon.notify, READY_MS));
    daemon_await(&loop->daemon, "READY=1");
    double took_ms = monotonic_ms() - begin_ms;
    count_ready(loop->figures, took_ms);
    if (loop->plan->under_load)
        print_message("READY in %.0f ms\n", took_ms);
}

/* It was the signal that ended the daemon; or it had ended in order just before. */
static void kill_daemon(struct loop *loop, bool may_have_ended)
{
    daemon_signal(&loop->daemon, SIGKILL);
    int code = daemon_wait(&loop->daemon);
    if (code != 128 + SIGKILL && !(may_have_ended && code == 0))
        fail_msg("gridpostd ended by itself, with %d", code);
    loop->figures->kills++;
}

static void freeze(struct loop *loop, bool thaw)
{
    daemon_signal(&loop->daemon, SIGSTOP);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, FROZEN_MS));
    loop->figures->frozen++;
    if (!thaw)
        return;
    daemon_signal(&loop->daemon, SIGCONT);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, FROZEN_MS));
}

/* Batches stand where they come to the disk: whoever is answered of one in that time will miss it.
 */
static void hold(struct loop *loop)
{
    daemon_hold(&loop->daemon, true);
    (void)clients_run(&loop->clients, -1, HELD_MS);
    loop->figures->held++;
}

static void shut_down(struct loop *loop)
{
    daemon_signal(&loop->daemon, SIGTERM);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, SHUTDOWN_MS));
    loop->figures->stopped++;
}

static void reload(struct loop *loop)
{
    daemon_signal(&loop->daemon, SIGHUP);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, RELOAD_MS));
}

/* One start that is killed, and everything before that. */
static void play_act(struct loop *loop, enum act act)
{
    if (act == ACT_START) {
        daemon_spawn(&loop->daemon, NULL);
        (void)clients_run(&loop->clients, -1, draw_ms(loop, START_MS));
        loop->figures->early++;
        kill_daemon(loop, false);
        return;
    }
    start_under_load(loop);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, loop->plan->load_ms));
    if (act == ACT_SHUTDOWN)
        shut_down(loop);
    else if (act == ACT_FREEZE || act == ACT_FROZEN)
        freeze(loop, act == ACT_FREEZE);
    else if (act == ACT_RELOAD)
        reload(loop);
    else if (act == ACT_HELD)
        hold(loop);
    kill_daemon(loop, act == ACT_SHUTDOWN);
    if (act == ACT_HELD)
        daemon_hold(&loop->daemon, false);
}

/* ---------------------------------------------------------------- the end */

/* The hash chain and the texts are whole, and the journal alone brings back every table. A store
 * that was there before is too large for that. */
static void check_store(struct loop *loop)
{
    char copy[DAEMON_PATH_BYTES + 8];

    if (loop->plan->store != NULL)
        return;
    assert_int_equal(daemon_run(&loop->daemon, (const char *const[]){"--verify", NULL}), 0);
    (void)snprintf(copy, sizeof copy, "%s-copy", loop->daemon.store);
    assert_int_equal(daemon_run(&loop->daemon, (const char *const[]){"--rebuild", copy, NULL}), 0);
    daemon_assert_log(&loop->daemon, "every table is the same, byte for byte");
}

static void add_figures(struct loop *loop, uint64_t head)
{
    const struct clients *clients = &loop->clients;
    struct loop_figures *figures = loop->figures;

    figures->commands += clients->acknowledged;
    figures->reports += clients->reported;
    figures->refused += clients->refused;
    figures->repeats += clients->history.repeat_count;
    figures->resent += clients->resent;
    figures->recovered += clients->recovered;
    figures->sessions += clients->welcomes;
    figures->given_up += clients->given_up;
    figures->entries += head - loop->base;
    for (size_t i = 0; i < clients->history.feed_count; i++)
        figures->seen += clients->history.feed[i].count;
}

static void end(struct loop *loop)
{
    daemon_start(&loop->daemon, NULL);
    uint64_t head = clients_finish(&loop->clients);
    add_figures(loop, head);
    assert_int_equal(daemon_stop(&loop->daemon), 0);
    held_check(loop->daemon.store, loop->base + 1, head, &loop->clients.history,
               loop->plan->history);
    check_store(loop);
    clients_close(&loop->clients);
    for (unsigned i = 0; i < loop->plan->sealed; i++)
        sealed_close(&loop->device[i]);
    daemon_remove(&loop->daemon);
}

void loop_run(const struct loop_plan *plan, struct loop_figures *figures)
{
    struct loop *loop = calloc(1, sizeof *loop);

    assert_non_null(loop);
    loop->plan = plan;
    loop->figures = figures;
    loop->seed = plan->seed;
    begin(loop);
    (void)clients_run(&loop->clients, -1, draw_ms(loop, plan->load_ms));
    kill_daemon(loop, false); /* which is the first one */
    for (unsigned i = 1; i < plan->kills; i++)
        play_act(loop, draw_act(loop, i));
    end(loop);
    free(loop);
}

/* ---------------------------------------------------------------- figures */

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

double loop_ready(struct loop_figures *figures, unsigned percent)
{
    if (figures->starts == 0)
        return 0;
    qsort(figures->ready_ms, figures->starts, sizeof *figures->ready_ms, by_size);
    return figures->ready_ms[(figures->starts - 1) * percent / 100];
}

void loop_figures_release(struct loop_figures *figures)
{
    free(figures->ready_ms);
}
