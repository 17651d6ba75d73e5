/* The asynchronous client against a daemon that answers what a test tells it to, unsealed. */
#include "base/error.h"
#include "base/limits.h"
#include "client/async_internal.h"
#include "client/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LONG_MS 60000 /* a time-out that no test waits for */

static struct gp_request command, feed;

static struct desk_ask *ask_command(struct place *place, uint64_t incident, unsigned timeout_ms)
{
    command = desk_command(incident);
    return desk_ask(&place->desk, &command, timeout_ms);
}

static struct desk_ask *ask_feed(struct place *place)
{
    feed = desk_feed(20000);
    return desk_ask(&place->desk, &feed, LONG_MS);
}

static void assert_done(const struct desk_ask *ask, uint64_t incident)
{
    assert_true(ask->ended);
    assert_int_equal(ask->error, 0);
    assert_int_equal(ask->status, GP_STATUS_OK);
    assert_int_equal(ask->value, incident);
}

/* ---------------------------------------------------------------- opening */

static void what_is_no_address_or_limit_is_refused(void **state)
{
    static const char *const wrong[] = {"", "gp.ipc", "tcp://127.0.0.1:1", "ipc://"};
    struct place *place = *state;
    struct gp_async *async = NULL;
    struct gp_async_limits limits = {.connections = GP_ASYNC_CONNECTIONS_MAX + 1};
    char far[256] = "ipc:///";

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(gp_async_open(&place->desk.loop, wrong[i], NULL, NULL, &async), GP_EINVAL);
    memset(far + 7, 'x', 150);
    assert_int_equal(gp_async_open(&place->desk.loop, far, NULL, NULL, &async), GP_EINVAL);
    assert_int_equal(gp_async_open(&place->desk.loop, place->address, NULL, &limits, &async),
                     GP_EINVAL);
    limits = (struct gp_async_limits){.queue = GP_ASYNC_QUEUE_MAX + 1};
    assert_int_equal(gp_async_open(&place->desk.loop, place->address, NULL, &limits, &async),
                     GP_EINVAL);
    assert_null(async);
}

static void what_the_daemon_would_refuse_is_not_taken_on(void **state)
{
    struct place *place = *state;
    struct gp_request request = desk_command(1);

    place_start(place, place_on_request, 0, 0);
    request.person = GP_SPAN("li\xFF");
    assert_int_equal(gp_async_ask(place->desk.async, &request, LONG_MS, NULL, NULL, NULL),
                     GP_EUTF8);
    place_stop(place);
    assert_int_equal(place->peer.accepted, 0);
}

/* ---------------------------------------------------------------- many at once */

static void many_share_few_connections(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 4, 0);
    for (uint64_t i = 0; i < 300; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    desk_finish(&place->desk);
    for (uint64_t i = 0; i < 300; i++)
        assert_done(&place->desk.ask[i], i + 1);
    assert_in_range(place->peer.accepted, 1, 4);
    place_stop(place);
}

static void leave_unanswered(struct peer_link *link, struct gp_span body)
{
    (void)link;
    (void)body;
}

static void as_many_are_under_way_as_there_are_connections(void **state)
{
    struct place *place = *state;

    place_start(place, leave_unanswered, 40, 0);
    for (uint64_t i = 0; i < 60; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    desk_run_until(&place->desk, place->peer.owed == 40);
    assert_int_equal(place->peer.accepted, 40);
    assert_int_equal(place->peer.requests, 40);
    place_stop(place);
}

/* The backlog of nanomsg's listener is ten. */
static void no_more_than_eight_connections_wait_for_their_opening(void **state)
{
    struct place *place = *state;

    place->peer.silent = true;
    place_start(place, place_on_request, 0, 0);
    for (uint64_t i = 0; i < 40; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    desk_run_until(&place->desk, place->peer.ungreeted == 8);
    while (place->desk.ended < 40) {
        while (!peer_greet(&place->peer))
            desk_step(&place->desk);
        desk_step(&place->desk);
    }
    assert_int_equal(place->peer.ungreeted_most, 8);
    assert_int_equal(place->desk.by_error, 0);
    place_stop(place);
}

static void beyond_the_queue_it_is_said_to_ask_later(void **state)
{
    struct place *place = *state;
    struct desk *desk = &place->desk;

    place_start(place, leave_unanswered, 2, 3);
    for (uint64_t i = 0; i < 5; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    command = desk_command(9);
    assert_int_equal(gp_async_ask(desk->async, &command, LONG_MS, NULL, NULL, NULL), GP_EAGAIN);
    desk_run_until(desk, place->peer.owed == 2);
    assert_int_equal(gp_async_ask(desk->async, &command, LONG_MS, NULL, NULL, NULL), GP_EAGAIN);
    peer_answer(GP_RING_OF(place->peer.links.next, struct peer_link, ring), place_answer(1));
    desk_run_until(desk, desk->ended == 1);
    (void)ask_command(place, 9, LONG_MS);
    place_stop(place);
}

/* ---------------------------------------------------------------- feeds that wait */

static void feeds_that_wait_leave_connections_to_others(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 16, 0);
    for (int i = 0; i < 30; i++)
        (void)ask_feed(place);
    desk_run_until(&place->desk, place->peer.owed == 14);
    for (uint64_t i = 0; i < 50; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    desk_run_until(&place->desk, place->desk.ended == 50);
    assert_int_equal(place->peer.owed, 14);
    assert_int_equal(place->peer.accepted, 16);
    place_stop(place);
}

static void the_next_feed_gets_the_place_of_one_that_ended(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 2, 0);
    for (int i = 0; i < 3; i++)
        (void)ask_feed(place);
    for (unsigned i = 0; i < 3; i++) {
        desk_run_until(&place->desk, place->peer.requests == i + 1);
        assert_int_equal(place->peer.owed, 1);
        peer_answer(GP_RING_OF(place->peer.links.next, struct peer_link, ring), place_feed());
    }
    desk_finish(&place->desk);
    assert_int_equal(place->desk.by_error, 0);
    place_stop(place);
}

/* ---------------------------------------------------------------- cancelling */

static void cancelled_feed_is_gone_at_the_daemon_as_well(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 2, 0);
    struct desk_ask *first = ask_feed(place), *second = ask_feed(place);
    desk_run_until(&place->desk, place->peer.owed == 1);
    gp_async_cancel(first->call);
    desk_run_until(&place->desk, place->peer.requests == 2); /* the second has its place */
    assert_int_equal(place->peer.open, 1);
    gp_async_cancel(second->call);
    desk_run_until(&place->desk, place->peer.open == 0);
    assert_int_equal(place->desk.ended, 0);
    place_stop(place);
    assert_int_equal(place->desk.ended, 0);
}

static void cancelled_before_it_was_sent_it_never_is(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 0, 0);
    gp_async_cancel(ask_command(place, 1, LONG_MS)->call);
    struct desk_ask *ask = ask_command(place, 2, LONG_MS);
    desk_run_until(&place->desk, ask->ended);
    assert_int_equal(place->peer.requests, 1);
    assert_int_equal(place->desk.ended, 1);
    place_stop(place);
}

static void cancel_next(struct desk_ask *ask)
{
    for (unsigned i = 0; i < ask->desk->asks; i++) {
        struct desk_ask *other = &ask->desk->ask[i];
        if (!other->ended && other->call != NULL) {
            gp_async_cancel(other->call);
            other->call = NULL;
        }
    }
}

/* Those whose time is over at the same moment, too. */
static void an_end_may_cancel_all_others(void **state)
{
    struct place *place = *state;

    place_start(place, leave_unanswered, 0, 0);
    for (uint64_t i = 0; i < 10; i++)
        ask_command(place, i + 1, 100)->then = cancel_next;
    desk_run_until(&place->desk, place->desk.ended > 0);
    desk_run_until(&place->desk, place->peer.open == 0);
    assert_int_equal(place->desk.ended, 1);
    place_stop(place);
    assert_int_equal(place->desk.ended, 1);
}

/* ---------------------------------------------------------------- time */

static void without_an_answer_its_time_runs_out(void **state)
{
    struct place *place = *state;

    place_start(place, leave_unanswered, 1, 0);
    struct desk_ask *sent = ask_command(place, 1, 400), *waits = ask_command(place, 2, 400);
    desk_finish(&place->desk);
    assert_int_equal(sent->error, GP_ETIMEDOUT);
    assert_int_equal(waits->error, GP_ETIMEDOUT);
    assert_int_equal(place->peer.requests, 1);
    place_stop(place);
}

static void where_nobody_listens_that_is_said_at_the_end(void **state)
{
    struct place *place = *state;

    desk_open(&place->desk, place->address, NULL, 0, 0);
    assert_false(gp_async_is_away(place->desk.async));
    struct desk_ask *ask = ask_command(place, 1, 200);
    desk_run_until(&place->desk, gp_async_is_away(place->desk.async));
    assert_false(ask->ended);
    desk_finish(&place->desk);
    assert_int_equal(ask->error, GP_ENOTFOUND);
    peer_start(&place->peer, &place->desk.loop, place->path, place_on_request);
    desk_run_until(&place->desk, !gp_async_is_away(place->desk.async)); /* nobody asks */
    place_stop(place);
}

static void who_comes_late_is_found(void **state)
{
    struct place *place = *state;

    desk_open(&place->desk, place->address, NULL, 0, 0);
    struct desk_ask *ask = ask_command(place, 5, LONG_MS);
    desk_run_until(&place->desk, gp_async_is_away(place->desk.async));
    peer_start(&place->peer, &place->desk.loop, place->path, place_on_request);
    desk_finish(&place->desk);
    assert_done(ask, 5);
    place_stop(place);
}

/* Lets a minute pass for the first connection of a list. */
static void age(struct gp_ring *pipes)
{
    GP_RING_OF(pipes->next, struct gp_pipe, ring)->since_ms -= GP_ASYNC_IDLE_MS + 1;
}

static void a_connection_that_nobody_uses_is_closed(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 0, 0);
    struct desk_ask *ask = ask_command(place, 1, LONG_MS);
    desk_run_until(&place->desk, ask->ended);
    for (int i = 0; i < 3; i++)
        desk_step(&place->desk);
    assert_int_equal(place->peer.open, 1);
    age(&place->desk.async->pipes.free);
    desk_run_until(&place->desk, place->peer.open == 0);
    ask = ask_command(place, 2, LONG_MS);
    desk_run_until(&place->desk, ask->ended);
    assert_done(ask, 2);
    place_stop(place);
}

static void who_does_not_greet_in_time_is_given_up(void **state)
{
    struct place *place = *state;

    place->peer.silent = true;
    place_start(place, place_on_request, 0, 0);
    struct desk_ask *ask = ask_command(place, 1, LONG_MS);
    desk_run_until(&place->desk, place->peer.open == 1);
    age(&place->desk.async->pipes.opening);
    desk_run_until(&place->desk, place->peer.accepted == 2 && place->peer.open == 1);
    while (!peer_greet(&place->peer))
        desk_step(&place->desk);
    desk_run_until(&place->desk, ask->ended);
    assert_done(ask, 1);
    place_stop(place);
}

/* ---------------------------------------------------------------- the daemon's "later" */

static uint32_t retry_ms;

static void say_later(struct peer_link *link, struct gp_span body)
{
    struct place *place = link->peer->context;
    uint8_t status =
        place_request(body).command.incident == 1 ? GP_STATUS_LIMITED : GP_STATUS_TRY_AGAIN;

    if (place->peer.requests == 1)
        peer_answer(link, place_reply(status, retry_ms));
    else
        peer_answer(link, place_answer(7));
}

static void later(struct place *place, uint64_t incident, unsigned timeout_ms,
                  struct desk_ask **ret_ask, uint64_t *ret_took_ms)
{
    place->peer.context = place;
    place_start(place, say_later, 0, 0);
    uint64_t began_ms = uv_hrtime() / 1000000;
    *ret_ask = ask_command(place, incident, timeout_ms);
    desk_finish(&place->desk);
    *ret_took_ms = uv_hrtime() / 1000000 - began_ms;
    place_stop(place);
}

static void limited_is_asked_again_when_it_may_be(void **state)
{
    struct place *place = *state;
    struct desk_ask *ask;
    uint64_t took_ms;

    retry_ms = 60;
    later(place, 1, LONG_MS, &ask, &took_ms);
    assert_done(ask, 7);
    assert_int_equal(place->peer.requests, 2);
    assert_true(took_ms >= 60);
}

static void try_again_is_tried_again_after_a_second(void **state)
{
    struct place *place = *state;
    struct desk_ask *ask;
    uint64_t took_ms;

    later(place, 2, LONG_MS, &ask, &took_ms);
    assert_done(ask, 7);
    assert_int_equal(place->peer.requests, 2);
    assert_true(took_ms >= 1000);
}

static void without_time_for_that_the_reply_is_the_end(void **state)
{
    struct place *place = *state;
    struct desk_ask *ask;
    uint64_t took_ms;

    retry_ms = LONG_MS + 1;
    later(place, 1, LONG_MS, &ask, &took_ms);
    assert_int_equal(ask->error, 0);
    assert_int_equal(ask->status, GP_STATUS_LIMITED);
    place->peer.requests = 0;
    later(place, 2, 900, &ask, &took_ms);
    assert_int_equal(ask->error, 0);
    assert_int_equal(ask->status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(place->peer.requests, 1);
}

/* ---------------------------------------------------------------- restarts */

static struct gp_span kept[2];
static char kept_bytes[2][4096];

static void keep(struct peer_link *link, struct gp_span body)
{
    struct place *place = link->peer->context;
    unsigned nth = place->peer.requests - 1;

    assert_true(nth < 2 && body.len <= sizeof kept_bytes[0]);
    memcpy(kept_bytes[nth], body.ptr, body.len);
    kept[nth] = (struct gp_span){kept_bytes[nth], body.len};
    if (nth == 1)
        place_on_request(link, body);
}

static void what_was_under_way_goes_again_with_the_same_bytes(void **state)
{
    struct place *place = *state;

    place->peer.context = place;
    place_start(place, keep, 0, 0);
    struct desk_ask *ask = ask_command(place, 3, LONG_MS);
    desk_run_until(&place->desk, place->peer.requests == 1);
    peer_stop(&place->peer);
    peer_start(&place->peer, &place->desk.loop, place->path, keep);
    desk_finish(&place->desk);
    assert_done(ask, 3);
    assert_true(gp_span_equal(kept[0], kept[1]));
    place_stop(place);
}

static void a_restart_under_load_costs_nobody_an_answer(void **state)
{
    struct place *place = *state;
    struct peer *peer = &place->peer;

    place_start(place, leave_unanswered, 64, 0);
    for (uint64_t i = 0; i < 100; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    for (int i = 0; i < 50; i++)
        (void)ask_feed(place);
    desk_run_until(&place->desk, peer->owed == 64);
    peer_stop(peer);
    peer_start(peer, &place->desk.loop, place->path, place_on_request);
    desk_run_until(&place->desk, place->desk.ended == 100 && peer->owed == 50);
    for (uint64_t i = 0; i < 100; i++)
        assert_done(&place->desk.ask[i], i + 1);
    assert_true(peer->ungreeted_most <= 8);
    place_stop(place);
}

/* ---------------------------------------------------------------- answers that do not fit */

static void answer_as_a_feed(struct peer_link *link, struct gp_span body)
{
    (void)body;
    peer_answer(link, place_feed());
}

static void answer_noise(struct peer_link *link, struct gp_span body)
{
    (void)body;
    peer_answer(link, GP_SPAN("\x08\x01\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
}

static void an_answer_to_something_else_is_an_error(void **state)
{
    struct place *place = *state;

    place_start(place, answer_as_a_feed, 0, 0);
    struct desk_ask *ask = ask_command(place, 1, LONG_MS);
    desk_finish(&place->desk);
    assert_int_equal(ask->error, GP_EFORMAT);
    place->peer.on_request = answer_noise;
    ask = ask_command(place, 1, LONG_MS);
    desk_finish(&place->desk);
    assert_int_equal(ask->error, GP_EFORMAT);
    assert_int_equal(place->peer.open, 1); /* the framing was right */
    place_stop(place);
}

/* ---------------------------------------------------------------- ending */

static void closing_ends_what_is_there(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 8, 0);
    for (int i = 0; i < 10; i++)
        (void)ask_feed(place);
    desk_run_until(&place->desk, place->peer.owed == 7);
    for (uint64_t i = 0; i < 10; i++)
        (void)ask_command(place, i + 1, LONG_MS);
    desk_close(&place->desk);
    assert_int_equal(place->desk.ended, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(place->desk.ask[i].error, GP_ECLOSED);
    desk_run_until(&place->desk, place->peer.open == 0);
    peer_stop(&place->peer);
}

static void closing_needs_no_daemon_and_no_request(void **state)
{
    struct place *place = *state;

    desk_open(&place->desk, place->address, NULL, 0, 0);
    desk_close(&place->desk);
    desk_open(&place->desk, place->address, NULL, 0, 0);
    (void)ask_command(place, 1, LONG_MS);
    desk_run_until(&place->desk, gp_async_is_away(place->desk.async));
    desk_close(&place->desk);
    assert_int_equal(place->desk.ask[0].error, GP_ECLOSED);
}

static void on_closed(void *context)
{
    ((struct desk *)context)->closed = true;
}

static void close_all(struct desk_ask *ask)
{
    struct gp_request request = desk_command(8);

    if (ask->error == GP_ECLOSED)
        return;
    gp_async_close(ask->desk->async, on_closed, ask->desk);
    assert_int_equal(gp_async_ask(ask->desk->async, &request, LONG_MS, NULL, NULL, NULL),
                     GP_ECLOSED);
}

static void an_end_may_close_the_client(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 2, 0);
    (void)ask_feed(place);
    ask_command(place, 1, LONG_MS)->then = close_all;
    ask_command(place, 2, LONG_MS)->then = close_all;
    desk_run_until(&place->desk, place->desk.closed);
    assert_int_equal(place->desk.ended, 3);
    assert_int_equal(place->desk.ask[0].error, GP_ECLOSED);
    assert_done(&place->desk.ask[1], 1);
    assert_int_equal(place->desk.ask[2].error, GP_ECLOSED);
    peer_stop(&place->peer);
}

static void ask_more(struct desk_ask *ask)
{
    struct gp_request request = desk_command(ask->value + 1);

    if (ask->value < 200)
        desk_ask(ask->desk, &request, LONG_MS)->then = ask_more;
}

static void an_end_may_ask_on(void **state)
{
    struct place *place = *state;

    place_start(place, place_on_request, 0, 0);
    ask_command(place, 1, LONG_MS)->then = ask_more;
    desk_finish(&place->desk);
    assert_int_equal(place->desk.ended, 200);
    assert_int_equal(place->peer.accepted, 1);
    place_stop(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
        T(what_is_no_address_or_limit_is_refused),
        T(what_the_daemon_would_refuse_is_not_taken_on),
        T(many_share_few_connections),
        T(as_many_are_under_way_as_there_are_connections),
        T(no_more_than_eight_connections_wait_for_their_opening),
        T(beyond_the_queue_it_is_said_to_ask_later),
        T(feeds_that_wait_leave_connections_to_others),
        T(the_next_feed_gets_the_place_of_one_that_ended),
        T(cancelled_feed_is_gone_at_the_daemon_as_well),
        T(cancelled_before_it_was_sent_it_never_is),
        T(an_end_may_cancel_all_others),
        T(without_an_answer_its_time_runs_out),
        T(where_nobody_listens_that_is_said_at_the_end),
        T(who_comes_late_is_found),
        T(a_connection_that_nobody_uses_is_closed),
        T(who_does_not_greet_in_time_is_given_up),
        T(limited_is_asked_again_when_it_may_be),
        T(try_again_is_tried_again_after_a_second),
        T(without_time_for_that_the_reply_is_the_end),
        T(what_was_under_way_goes_again_with_the_same_bytes),
        T(a_restart_under_load_costs_nobody_an_answer),
        T(an_answer_to_something_else_is_an_error),
        T(closing_ends_what_is_there),
        T(closing_needs_no_daemon_and_no_request),
        T(an_end_may_close_the_client),
        T(an_end_may_ask_on),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
