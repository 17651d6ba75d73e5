/* Under load: peers that never read harm nobody, and a reload is not noticed. */
#include "base/bytes.h"
#include "crash/clients.h"
#include "crash/held.h"
#include "crash/peer.h"
#include "lib/client.h"
#include "lib/daemon.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORKERS      20
#define FOLLOWERS    2
#define REPORT_PCT   80
#define RELOADS      20
#define HINT_BYTES   40
#define DIGEST_BYTES 64
#define WAIT_MS      30000

struct scene {
    struct daemon daemon;
    struct clients clients;
};

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.daemon);
    daemon_setting(&scene.daemon, "batch_items_max: 4"); /* many commits */
    daemon_start(&scene.daemon, NULL);
    const struct clients_plan plan = {
        .address = scene.daemon.socket,
        .place = clients_golden,
        .places = CLIENTS_GOLDEN,
        .workers = WORKERS,
        .followers = FOLLOWERS,
        .report_pct = REPORT_PCT,
        .seed = 1,
    };
    clients_open(&scene.clients, &plan);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    clients_close(&scene->clients);
    daemon_remove(&scene->daemon);
    return 0;
}

/* Whatever went on: what the clients saw is there, and the daemon ends in order. */
static void check(struct scene *scene)
{
    uint64_t head = clients_finish(&scene->clients);

    assert_int_equal(daemon_stop(&scene->daemon), 0);
    held_check(scene->daemon.store, 1, head, &scene->clients.history, NULL);
    assert_int_equal(daemon_run(&scene->daemon, (const char *const[]){"--verify", NULL}), 0);
}

/* ---------------------------------------------------------------- peers that never read */

/* A subscriber that reads gets news of a head beyond this one. */
static void await_hint(int socket, uint64_t head)
{
    unsigned char hint[HINT_BYTES + 1];
    uint64_t said = 0;

    while (said <= head) {
        assert_int_equal(nn_recv(socket, hint, sizeof hint, 0), HINT_BYTES);
        assert_memory_equal(hint, "gph1", 4);
        said = gp_get_u64(hint + 16);
    }
}

static int subscribe(const char *address)
{
    int socket = nn_socket(AF_SP, NN_SUB), wait_ms = WAIT_MS;

    assert_true(socket >= 0);
    assert_int_equal(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "gph1", 4), 0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    assert_true(nn_connect(socket, address) >= 0);
    return socket;
}

static uint64_t head_of(const struct scene *scene)
{
    struct client client;

    client_open(&client, scene->daemon.socket);
    uint64_t head = client_status(&client).head;
    client_close(&client);
    return head;
}

static void subscriber_that_never_reads_misses_hints_alone(void **state)
{
    struct scene *scene = *state;
    struct peer deaf;

    peer_open(&deaf, scene->daemon.hint, PEER_SUB);
    int reader = subscribe(scene->daemon.hint);
    uint64_t head = head_of(scene);
    clients_run_reports(&scene->clients, 2000);
    await_hint(reader, head);
    assert_int_equal(nn_close(reader), 0);
    check(scene);
    peer_close(&deaf);
}

static void client_that_never_reads_holds_nobody_up(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = {.kind = GP_REQUEST_QUERY, .query = {.limit = 200}};
    struct peer deaf;

    clients_run_reports(&scene->clients, 400); /* something for its pages */
    peer_open(&deaf, scene->daemon.socket, PEER_REQ);
    peer_set_request(&deaf, &request);
    for (int i = 0; i < 20; i++) {
        peer_push(&deaf);
        clients_run_reports(&scene->clients, 50);
    }
    assert_true(peer_unread(&deaf) >= 64 * 1024); /* it was answered, until it was full */
    check(scene);
    peer_close(&deaf);
}

static void half_a_message_holds_nobody_up(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct peer peer[4];

    for (size_t i = 0; i < 4; i++) {
        peer_open(&peer[i], scene->daemon.socket, PEER_REQ);
        peer_set_request(&peer[i], &request);
        peer_push_part(&peer[i], 5 + 5 * i); /* within the frame, the SP header, the body */
    }
    clients_run_reports(&scene->clients, 200);
    for (size_t i = 0; i < 4; i++)
        peer_close(&peer[i]);
    clients_run_reports(&scene->clients, 200);
    check(scene); /* and what came in half was not reported */
}

/* ---------------------------------------------------------------- reload */

/* Waits for a notice while the clients go on. */
static void await_notice(struct scene *scene, const char *line)
{
    assert_true(clients_run(&scene->clients, scene->daemon.notify, WAIT_MS));
    daemon_await(&scene->daemon, line);
}

static void reload(struct scene *scene)
{
    daemon_signal(&scene->daemon, SIGHUP);
    await_notice(scene, "RELOADING=1");
    await_notice(scene, "READY=1");
}

static void read_digest(const struct scene *scene, char *ret_digest)
{
    struct client client;

    client_open(&client, scene->daemon.socket);
    struct gp_span digest = client_status(&client).directory;
    assert_in_range(digest.len, 1, DIGEST_BYTES);
    memset(ret_digest, 0, DIGEST_BYTES + 1);
    memcpy(ret_digest, digest.ptr, digest.len);
    client_close(&client);
}

static void reloads_under_load_lose_nothing(void **state)
{
    /* Nearly always another due, so that what is open is planned again beside the new reports. */
    static const char *const hours[2] = {"08:00-12:00", "07:00-11:00"};
    struct scene *scene = *state;
    char digest[2][DIGEST_BYTES + 1], now[DIGEST_BYTES + 1];

    read_digest(scene, digest[0]);
    for (size_t i = 0; i < RELOADS; i++) {
        clients_run_reports(&scene->clients, 25);
        daemon_edit(&scene->daemon, "calendar/office.yaml", hours[i % 2], hours[(i + 1) % 2]);
        reload(scene);
        read_digest(scene, now);
        if (i == 0)
            memcpy(digest[1], now, sizeof now);
        assert_string_equal(now, digest[(i + 1) % 2]);
    }
    assert_string_not_equal(digest[0], digest[1]);
    check(scene);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(subscriber_that_never_reads_misses_hints_alone),
        TEST(client_that_never_reads_holds_nobody_up),
        TEST(half_a_message_holds_nobody_up),
        TEST(reloads_under_load_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
