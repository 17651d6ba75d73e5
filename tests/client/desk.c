#include "client/desk.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define STEP_MS 30000 /* longer than anything takes, also under a sanitizer */

void desk_init(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    assert_int_equal(uv_loop_init(&desk->loop), 0);
    assert_int_equal(uv_timer_init(&desk->loop, &desk->late), 0);
}

void desk_open(struct desk *desk, const char *address, const struct gp_identity *identity,
               unsigned connections, unsigned queue)
{
    struct gp_async_limits limits = {.connections = connections, .queue = queue};

    assert_int_equal(gp_async_open(&desk->loop, address, identity, &limits, &desk->async), 0);
}

static uint64_t value_of(const struct gp_reply *reply)
{
    switch (reply->kind) {
    case GP_REPLY_ANSWER:
        return reply->answer.incident;
    case GP_REPLY_FEED:
        return reply->feed.count;
    case GP_REPLY_STATUS:
        return reply->daemon.head;
    default:
        return 0;
    }
}

static void on_end(void *context, int error, const struct gp_reply *reply)
{
    struct desk_ask *ask = context;

    assert_false(ask->desk->inside);
    assert_false(ask->ended);
    assert_int_equal(error != 0, reply == NULL);
    ask->ended = true;
    ask->error = error;
    ask->desk->ended++;
    ask->desk->by_error += error != 0;
    if (reply != NULL) {
        ask->status = reply->status;
        ask->value = value_of(reply);
    }
    if (ask->then != NULL)
        ask->then(ask);
}

struct desk_ask *desk_ask(struct desk *desk, const struct gp_request *request, unsigned timeout_ms)
{
    assert_true(desk->asks < DESK_ASKS_MAX);
    struct desk_ask *ask = &desk->ask[desk->asks++];

    *ask = (struct desk_ask){.desk = desk};
    desk->inside = true;
    assert_int_equal(gp_async_ask(desk->async, request, timeout_ms, on_end, ask, &ask->call), 0);
    desk->inside = false;
    return ask;
}

static void on_late(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing has happened for %d ms", STEP_MS);
}

void desk_step(struct desk *desk)
{
    assert_int_equal(uv_timer_start(&desk->late, on_late, STEP_MS, 0), 0);
    (void)uv_run(&desk->loop, UV_RUN_ONCE);
    assert_int_equal(uv_timer_stop(&desk->late), 0);
}

void desk_finish(struct desk *desk)
{
    desk_run_until(desk, desk->ended == desk->asks);
}

static void on_closed(void *context)
{
    ((struct desk *)context)->closed = true;
}

void desk_close(struct desk *desk)
{
    desk->closed = false;
    desk->inside = true;
    gp_async_close(desk->async, on_closed, desk);
    assert_false(desk->closed);
    desk->inside = false;
    desk_run_until(desk, desk->closed);
    desk->async = NULL;
}

void desk_end(struct desk *desk)
{
    uv_close((uv_handle_t *)&desk->late, NULL);
    (void)uv_run(&desk->loop, UV_RUN_NOWAIT);
    assert_int_equal(uv_loop_close(&desk->loop), 0);
}

/* ---------------------------------------------------------------- requests */

struct gp_request desk_command(uint64_t incident)
{
    static uint64_t number;
    struct gp_request request = {
        .kind = GP_REQUEST_COMMAND,
        .person = GP_SPAN("li"),
        .device = GP_SPAN("desk"),
        .command = {.verb = GP_VERB_ACCEPT, .incident = incident},
    };

    gp_put_u64(request.command.id + 8, ++number);
    return request;
}

struct gp_request desk_feed(uint32_t wait_ms)
{
    return (struct gp_request){
        .kind = GP_REQUEST_FEED, .person = GP_SPAN("li"), .feed = {.wait_ms = wait_ms}};
}

struct gp_request desk_status(void)
{
    return (struct gp_request){.kind = GP_REQUEST_STATUS};
}
