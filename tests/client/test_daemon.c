/* The asynchronous client and the real gridpostd: many at once, restarts in the middle of it. */
#include "base/error.h"
#include "client/async_internal.h"
#include "client/desk.h"
#include "lib/sealed.h"
#include "lib/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LONG_MS  120000 /* a time-out that no test waits for */
#define REPORTS  100
#define FEEDS    50
#define RESTS_MS 1500 /* of a feed that nothing matches */

struct scene {
    struct world world;
    struct desk desk;
    struct sealed bridge; /* only enrolled: its session is the desk's */
    struct gp_identity identity;
    unsigned first, feeds; /* of the asks that are judged: the feeds come first */
};

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.world.daemon);
    daemon_setting(&scene.world.daemon, "bridge_rate: 1000000");
    world_start(&scene.world, NULL);
    desk_init(&scene.desk);
    desk_open(&scene.desk, scene.world.daemon.socket, NULL, 0, 0);
    scene.first = 0;
    scene.feeds = FEEDS;
    *state = &scene;
    return 0;
}

/* A session may have 32 reads under way. */
static int set_up_sealed(void **state)
{
    struct scene *scene;

    (void)set_up(state);
    scene = *state;
    desk_close(&scene->desk);
    sealed_enrol(&scene->bridge, &scene->world.client, scene->world.daemon.edge, "feng",
                 GP_ROLE_BRIDGE);
    sealed_close(&scene->bridge);
    gp_identity_new(scene->bridge.server, scene->bridge.sign, &scene->identity);
    scene->identity.own = scene->bridge.own;
    desk_open(&scene->desk, scene->world.daemon.edge, &scene->identity, 0, 0);
    scene->feeds = GP_SESSION_READS_MAX - 4;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    desk_close(&scene->desk);
    desk_end(&scene->desk);
    world_stop(&scene->world);
    daemon_remove(&scene->world.daemon);
    return 0;
}

static struct desk_ask *ask_report(struct scene *scene)
{
    struct gp_request request = request_report();

    return desk_ask(&scene->desk, &request, LONG_MS);
}

/* Of what li does: every report; or nothing, for a while. */
static struct desk_ask *ask_feed(struct scene *scene, bool nothing)
{
    struct gp_request request = request_feed(0, nothing ? RESTS_MS : GP_FEED_WAIT_MS_MAX);

    request.feed.filter.person = GP_SPAN("li");
    if (nothing)
        request.feed.filter.whats = UINT64_C(1) << GP_WHAT_STRIKE;
    return desk_ask(&scene->desk, &request, LONG_MS);
}

static void ask_all(struct scene *scene)
{
    for (unsigned i = 0; i < scene->feeds; i++)
        (void)ask_feed(scene, i % 2 == 0);
    for (unsigned i = 0; i < REPORTS; i++)
        (void)ask_report(scene);
}

static void judge_feeds(const struct scene *scene)
{
    uint64_t entries = 0;

    for (unsigned i = 0; i < scene->feeds; i++) {
        const struct desk_ask *ask = &scene->desk.ask[scene->first + i];
        assert_int_equal(ask->status, GP_STATUS_OK);
        if (i % 2 == 0)
            assert_int_equal(ask->value, 0); /* nothing is what it asked for */
        entries += ask->value;
    }
    assert_true(entries > 0);
}

/* Everybody has the answer that belongs to what was asked, and each report was made once. */
static void judge(struct scene *scene)
{
    bool seen[REPORTS + 1] = {false};

    desk_finish(&scene->desk);
    assert_int_equal(scene->desk.by_error, 0);
    judge_feeds(scene);
    assert_int_equal(scene->desk.asks, scene->first + scene->feeds + REPORTS);
    for (unsigned i = scene->first + scene->feeds; i < scene->desk.asks; i++) {
        const struct desk_ask *ask = &scene->desk.ask[i];
        assert_int_equal(ask->status, GP_STATUS_OK);
        assert_in_range(ask->value, 1, REPORTS);
        assert_false(seen[ask->value]);
        seen[ask->value] = true;
    }
}

/* The status is asked over the same socket, by a client that is no part of this. */
static void assert_made_once(struct scene *scene)
{
    struct client client;

    client_open(&client, scene->world.daemon.socket);
    assert_int_equal(client_status(&client).incidents, REPORTS);
    client_close(&client);
}

/* ---------------------------------------------------------------- many at once */

static void many_are_answered(void **state)
{
    struct scene *scene = *state;

    ask_all(scene);
    judge(scene);
    assert_made_once(scene);
}

/* ---------------------------------------------------------------- restarts */

static void killed_and_started_again(void **state)
{
    struct scene *scene = *state;
    struct daemon *daemon = &scene->world.daemon;

    ask_all(scene);
    for (uint64_t ended = 1; ended <= REPORTS / 2; ended += REPORTS / 4) {
        desk_run_until(&scene->desk, scene->desk.ended >= ended);
        daemon_kill(daemon);
        desk_run_until(&scene->desk, gp_async_is_away(scene->desk.async));
        daemon_start(daemon, NULL);
    }
    judge(scene);
    assert_made_once(scene);
}

static void start_with_faults(struct daemon *daemon)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    daemon_kill(daemon);
    daemon_fault(daemon, (int64_t)now.tv_sec * 1000);
    daemon_start(daemon, NULL);
}

/* With a session, since a handshake reads the store as well. */
static void get_a_session(struct scene *scene)
{
    struct gp_request request = desk_status();
    const struct desk_ask *status = desk_ask(&scene->desk, &request, LONG_MS);

    desk_run_until(&scene->desk, status->ended);
    assert_int_equal(status->error, 0);
    scene->first = scene->desk.asks;
}

/* The daemon has read all that fits on the connections, and stored nothing of it. */
static void killed_before_anything_was_answered(void **state)
{
    struct scene *scene = *state;
    struct daemon *daemon = &scene->world.daemon;
    struct gp_async *async = scene->desk.async;

    start_with_faults(daemon);
    get_a_session(scene);
    daemon_hold(daemon, true);
    ask_all(scene);
    desk_run_until(&scene->desk, async->at[GP_CALL_SENT].count == GP_ASYNC_CONNECTIONS);
    assert_int_equal(scene->desk.ended, scene->first);
    daemon_kill(daemon);
    daemon_hold(daemon, false);
    daemon_start(daemon, NULL);
    judge(scene);
    assert_made_once(scene);
}

/* A daemon that ends in order says TRY_AGAIN to what it does not do any more. */
static void stopped_and_started_again(void **state)
{
    struct scene *scene = *state;
    struct daemon *daemon = &scene->world.daemon;

    ask_all(scene);
    desk_run_until(&scene->desk, scene->desk.ended >= 1);
    daemon_signal(daemon, SIGTERM);
    for (int i = 0; i < 5; i++)
        desk_step(&scene->desk);
    assert_int_equal(daemon_wait(daemon), 0);
    daemon_start(daemon, NULL);
    desk_finish(&scene->desk);
    assert_int_equal(scene->desk.by_error, 0);
    for (unsigned i = 0; i < scene->desk.asks; i++)
        assert_int_equal(scene->desk.ask[i].status, GP_STATUS_OK);
    assert_made_once(scene);
}

/* ---------------------------------------------------------------- revoked */

static void a_revoked_device_is_told_so_feeds_as_well(void **state)
{
    struct scene *scene = *state;

    struct desk_ask *report = ask_report(scene);
    desk_run_until(&scene->desk, report->ended);
    struct desk_ask *feed = ask_feed(scene, true);
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct desk_ask *status = desk_ask(&scene->desk, &request, LONG_MS);
    desk_run_until(&scene->desk, status->ended);
    sealed_revoke(&scene->world.client, scene->bridge.device);
    struct desk_ask *after = ask_report(scene);
    desk_finish(&scene->desk);
    assert_int_equal(report->error, 0);
    assert_int_equal(after->error, GP_EDENIED);
    assert_true(feed->error == GP_EDENIED);
}

/* A pattern runs some of them. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define S(name) {"sealed: " #name, name, set_up_sealed, tear_down, NULL}
        T(many_are_answered),
        T(killed_and_started_again),
        T(killed_before_anything_was_answered),
        T(stopped_and_started_again),
        S(many_are_answered),
        S(killed_and_started_again),
        S(killed_before_anything_was_answered),
        S(stopped_and_started_again),
        S(a_revoked_device_is_told_so_feeds_as_well),
#undef S
#undef T
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
