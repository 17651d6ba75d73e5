/* Followers: catch-up and live in one, waits, replaced asks, hints, and followers that are slow. */
#include "base/bytes.h"
#include "lib/client.h"
#include "lib/daemon.h"
#include "trust/hint.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ARENA_BYTES ((size_t)256 << 20)

struct world {
    struct daemon daemon;
    struct client client;
    struct crowd crowd;
    struct gp_arena arena; /* of the crowd's answers */
};

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_start(&world.daemon, NULL);
    client_open(&world.client, world.daemon.socket);
    crowd_open(&world.crowd, world.daemon.socket, 4);
    gp_arena_init(&world.arena, ARENA_BYTES);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    client_close(&world->client);
    crowd_close(&world->crowd);
    gp_arena_release(&world->arena);
    assert_int_equal(daemon_stop(&world->daemon), 0);
    daemon_remove(&world->daemon);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t head_of(struct world *world)
{
    return client_status(&world->client).head;
}

static struct gp_reply next_answer(struct world *world, uint32_t *ret_number)
{
    struct gp_reply reply;

    assert_true(crowd_receive(&world->crowd, 25000, &world->arena, ret_number, &reply));
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_FEED);
    return reply;
}

/* Waits, by asking, until so many asks are parked: then what follows reaches them as news. */
static void await_parked(struct world *world, uint32_t count)
{
    int64_t until_ms = now_ms() + 20000;

    while (client_status(&world->client).followers != count)
        assert_true(now_ms() < until_ms);
}

/* ---------------------------------------------------------------- catch-up */

static void catch_up_gives_every_entry_once_in_order(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_feed(0, 0);
    uint64_t seq = 0, head;

    for (int i = 0; i < 40; i++)
        (void)client_report(&world->client);
    head = head_of(world);
    while (seq < head) {
        request.feed.after = seq;
        struct gp_reply reply = client_ask(&world->client, &request);
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_in_range(reply.feed.count, 1, GP_FEED_ENTRIES_MAX);
        for (uint32_t i = 0; i < reply.feed.count; i++)
            assert_int_equal(reply.feed.item[i]->seq, ++seq);
        assert_int_equal(reply.feed.scanned_to, seq);
        assert_int_equal(reply.feed.head, head);
    }
}

/* What a filter leaves out is still looked at: scanned_to says how far, so nothing can be missed.
 */
static void filter_says_how_far_it_has_looked(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_feed(0, 0);

    (void)client_report(&world->client);
    request.feed.filter.department = GP_SPAN("XF");
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.feed.count, 0);
    assert_int_equal(reply.feed.scanned_to, head_of(world));
}

static void limit_is_kept(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_feed(0, 0);

    (void)client_report(&world->client);
    request.feed.limit = 1;
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.feed.count, 1);
    assert_int_equal(reply.feed.scanned_to, 1);
}

/* ---------------------------------------------------------------- live */

static void waiting_ask_gets_what_comes(void **state)
{
    struct world *world = *state;
    uint64_t head = head_of(world);
    struct gp_request request = request_feed(head, 20000);
    uint32_t number;

    crowd_send(&world->crowd, 1, &request);
    await_parked(world, 1);
    uint64_t id = client_report(&world->client);
    struct gp_reply reply = next_answer(world, &number);
    assert_int_equal(number, 1);
    assert_true(reply.feed.count >= 2); /* the report and its steps come together */
    assert_int_equal(reply.feed.item[0]->seq, head + 1);
    assert_int_equal(reply.feed.item[0]->incident, id);
    assert_int_equal(reply.feed.item[0]->what, GP_WHAT_REPORTED);
}

static void wait_ends_with_an_empty_answer(void **state)
{
    struct world *world = *state;
    uint64_t head = head_of(world);
    struct gp_request request = request_feed(head, 300);
    int64_t asked_ms = now_ms();
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_true(now_ms() - asked_ms >= 290);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.feed.count, 0);
    assert_int_equal(reply.feed.scanned_to, head);
    assert_int_equal(reply.feed.head, head);
}

/* News that a filter leaves out ends no wait, and is not looked at again. */
static void foreign_news_ends_no_wait(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_feed(head_of(world), 1500);
    uint32_t number;

    request.feed.filter.department = GP_SPAN("XF");
    crowd_send(&world->crowd, 2, &request);
    await_parked(world, 1);
    (void)client_report(&world->client);
    struct gp_reply reply = next_answer(world, &number);
    assert_int_equal(reply.feed.count, 0);
    assert_int_equal(reply.feed.scanned_to, head_of(world));
}

static void newer_ask_of_a_follower_replaces_the_older(void **state)
{
    struct world *world = *state;
    uint64_t head = head_of(world);
    struct gp_request request = request_feed(head, 20000);
    uint32_t number;

    request.feed.follower = GP_SPAN("window-1");
    crowd_send(&world->crowd, 10, &request);
    await_parked(world, 1);
    crowd_send(&world->crowd, 11, &request);
    struct gp_reply reply = next_answer(world, &number);
    assert_int_equal(number, 10);
    assert_int_equal(reply.feed.count, 0);
    assert_int_equal(reply.feed.scanned_to, head);

    request.feed.follower = GP_SPAN("window-2"); /* another one replaces nobody */
    crowd_send(&world->crowd, 12, &request);
    await_parked(world, 2);
    (void)client_report(&world->client);
    (void)next_answer(world, &number);
    assert_in_range(number, 11, 12);
    (void)next_answer(world, &number);
    assert_in_range(number, 11, 12);
}

/* More followers than reads may wait in the pool: each of them gets the news. */
static void every_one_of_many_followers_gets_the_news(void **state)
{
    enum { FOLLOWERS = 600 };
    struct world *world = *state;
    uint64_t head = head_of(world);
    struct gp_request request = request_feed(head, 20000);
    struct crowd crowd;
    struct gp_reply reply;
    uint32_t number;

    crowd_open(&crowd, world->daemon.socket, FOLLOWERS);
    for (uint32_t i = 0; i < FOLLOWERS; i += 100) { /* in groups: first looks are bounded */
        for (uint32_t j = i; j < i + 100; j++)
            crowd_send(&crowd, j, &request);
        await_parked(world, i + 100);
    }
    (void)client_report(&world->client);
    for (uint32_t i = 0; i < FOLLOWERS; i++) {
        gp_arena_reset(&world->arena);
        assert_true(crowd_receive(&crowd, 30000, &world->arena, &number, &reply));
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_int_equal(reply.feed.item[0]->seq, head + 1);
    }
    crowd_close(&crowd);
}

static void stopping_daemon_answers_who_waits(void **state)
{
    struct world *world = *state;
    uint64_t head = head_of(world);
    struct gp_request request = request_feed(head, 20000);
    struct client follower;

    client_open(&follower, world->daemon.socket);
    client_send(&follower, &request);
    await_parked(world, 1);
    assert_int_equal(daemon_stop(&world->daemon), 0);
    struct gp_reply reply = client_receive(&follower);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.feed.count, 0);
    assert_int_equal(reply.feed.scanned_to, head);
    client_close(&follower);
    daemon_start(&world->daemon, NULL); /* REQ connects again by itself */
    (void)client_status(&world->client);
}

/* ---------------------------------------------------------------- hints */

static int subscribe(const char *address)
{
    int wait_ms = 20000;
    int socket = nn_socket(AF_SP, NN_SUB);

    assert_true(socket >= 0);
    assert_int_equal(nn_setsockopt(socket, NN_SUB, NN_SUB_SUBSCRIBE, "gph1", 4), 0);
    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    assert_true(nn_connect(socket, address) >= 0);
    return socket;
}

/* A subscriber joins at some time of its own: reports go on until it has heard one. */
static void hint_says_the_head_and_nothing_else(void **state)
{
    struct world *world = *state;
    int socket = subscribe(world->daemon.hint);
    int wait_ms = 100, len = -1;
    unsigned char hint[64];

    assert_int_equal(nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms),
                     0);
    for (int i = 0; i < 200 && len < 0; i++) {
        (void)client_report(&world->client);
        len = nn_recv(socket, hint, sizeof hint, 0);
    }
    assert_int_equal(len, GP_HINT_BYTES); /* test_proof.c checks its tag */
    assert_memory_equal(hint, "gph1", 4);
    assert_in_range(gp_get_u64(hint + 16), 1, head_of(world));
    assert_int_equal(nn_close(socket), 0);
}

/* However much is reported, hints keep their distance; and where nothing is, they come by time. */
static void hints_are_few_and_come_in_silence(void **state)
{
    struct world *world = *state;
    int socket = subscribe(world->daemon.hint);
    unsigned char hint[64];
    int64_t began_ms;
    unsigned count = 0;

    assert_true(nn_recv(socket, hint, sizeof hint, 0) > 0); /* the heartbeat, at the latest */
    began_ms = now_ms();
    while (now_ms() < began_ms + 1500) {
        (void)client_report(&world->client);
        while (nn_recv(socket, hint, sizeof hint, NN_DONTWAIT) > 0)
            count++;
    }
    assert_in_range(count, 1, (now_ms() - began_ms) / 250 + 1);
    assert_true(nn_recv(socket, hint, sizeof hint, 0) > 0);
    assert_true(nn_recv(socket, hint, sizeof hint, 0) > 0);
    assert_int_equal(nn_close(socket), 0);
}

/* It hears nothing of most hints, and nobody else notices. */
static void slow_subscriber_does_no_harm(void **state)
{
    enum { ROUNDS = 60, CROWD = 50 };
    struct world *world = *state;
    int socket = subscribe(world->daemon.hint); /* and never reads */
    struct crowd crowd;
    struct gp_reply reply;
    uint32_t number;

    crowd_open(&crowd, world->daemon.socket, CROWD);
    for (int round = 0; round < ROUNDS; round++) {
        gp_arena_reset(&world->arena);
        for (uint32_t i = 0; i < CROWD; i++) {
            struct gp_request request = request_report();
            crowd_send(&crowd, i, &request);
        }
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &world->arena, &number, &reply));
            assert_int_equal(reply.status, GP_STATUS_OK);
        }
    }
    crowd_close(&crowd);
    assert_int_equal(nn_close(socket), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catch_up_gives_every_entry_once_in_order),
        cmocka_unit_test(filter_says_how_far_it_has_looked),
        cmocka_unit_test(limit_is_kept),
        cmocka_unit_test(waiting_ask_gets_what_comes),
        cmocka_unit_test(wait_ends_with_an_empty_answer),
        cmocka_unit_test(foreign_news_ends_no_wait),
        cmocka_unit_test(newer_ask_of_a_follower_replaces_the_older),
        cmocka_unit_test(every_one_of_many_followers_gets_the_news),
        cmocka_unit_test(stopping_daemon_answers_who_waits),
        cmocka_unit_test(hint_says_the_head_and_nothing_else),
        cmocka_unit_test(hints_are_few_and_come_in_silence),
        cmocka_unit_test(slow_subscriber_does_no_harm),
    };

    return cmocka_run_group_tests_name("feed", tests, set_up, tear_down);
}
