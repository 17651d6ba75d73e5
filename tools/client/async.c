#include "client/async.h"

#include "base/error.h"
#include "client/async_internal.h"
#include "client/letter.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#define RESTING_PARTS 8 /* of the connections one of so many is not for feeds that wait */

static const struct gp_pipes_calls pipes_calls;

/* ---------------------------------------------------------------- ending calls */

void gp_async_end(struct gp_async_call *call, int error, const struct gp_reply *reply)
{
    gp_async_fn *then = call->then;
    void *context = call->context;

    assert(call->pipe == NULL);
    call->async->count--;
    gp_call_free(call);
    then(context, error, reply);
}

static struct gp_async_call *first_at(const struct gp_async *async, enum gp_call_place place)
{
    return async->at[place].count > 0
               ? GP_RING_OF(async->at[place].ring.next, struct gp_async_call, ring)
               : NULL;
}

/* One at a time: a `then` may cancel the next, or end all. */
static void end_over(struct gp_async *async)
{
    for (struct gp_async_call *call; (call = first_at(async, GP_CALL_OVER)) != NULL;)
        gp_async_end(call, call->error, NULL);
}

/* ---------------------------------------------------------------- giving pipes */

static bool may_rest(const struct gp_async *async)
{
    return async->resting_sent < async->resting_max;
}

/* The calls that have waited longest; behind the first that has to wait for a session they all do.
 */
static void send_waiting(struct gp_async *async)
{
    struct gp_async_call *call;

    while ((call = first_at(async, GP_CALL_BRISK)) != NULL && gp_call_send(call))
        continue;
    while (may_rest(async) && (call = first_at(async, GP_CALL_RESTING)) != NULL &&
           gp_call_send(call))
        continue;
}

static unsigned letters_waiting(const struct gp_async *async)
{
    unsigned resting = async->at[GP_CALL_RESTING].count;
    unsigned most = async->resting_max - async->resting_sent;

    return async->at[GP_CALL_BRISK].count + (resting < most ? resting : most) +
           async->greeter.waits + async->pipes.absent; /* absent: looks whether it still is */
}

static void wake(struct gp_async *async);

/* Ends what is over, and sends what can be sent. What is over behind that is for the loop's next
 * round: a `then` that asks again at once would keep us here. */
static void serve(struct gp_async *async)
{
    end_over(async);
    if (async->closing)
        return;
    gp_greeter_serve(async);
    send_waiting(async);
    gp_pipes_want(&async->pipes, letters_waiting(async));
    if (async->at[GP_CALL_OVER].count > 0)
        wake(async);
}

/* ---------------------------------------------------------------- pipes */

static void on_ready(void *context)
{
    serve(context);
}

static void on_answer(void *context, void *user, struct gp_span body)
{
    struct gp_async *async = context;

    if (user == &async->greeter)
        gp_greeter_answer(async, body);
    else
        gp_call_answer(user, body);
    serve(async);
}

static void on_lost(void *context, void *user, int error)
{
    struct gp_async *async = context;

    if (user == &async->greeter)
        gp_greeter_lost(async, error);
    else
        gp_call_lost(user, error);
}

/* ---------------------------------------------------------------- time */

static void look(struct gp_async *async, enum gp_call_place place, int64_t now_ms)
{
    struct gp_ring *ring = &async->at[place].ring;

    for (struct gp_ring *at = ring->next, *next; at != ring; at = next) {
        next = at->next;
        gp_call_tick(GP_RING_OF(at, struct gp_async_call, ring), now_ms);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct gp_async *async = timer->data;
    int64_t now_ms = gp_letters_now();

    gp_pipes_tick(&async->pipes);
    look(async, GP_CALL_BRISK, now_ms);
    look(async, GP_CALL_RESTING, now_ms);
    look(async, GP_CALL_PAUSED, now_ms);
    look(async, GP_CALL_SENT, now_ms);
    gp_greeter_tick(async, now_ms);
    serve(async);
    if (!async->closing && async->count == 0 && async->pipes.count == 0 && !async->pipes.absent)
        (void)uv_timer_stop(timer); /* always 0 */
}

static void finish_closing(struct gp_async *async);

static void on_wake(uv_idle_t *idle)
{
    struct gp_async *async = idle->data;

    (void)uv_idle_stop(idle); /* always 0 */
    serve(async);
    if (async->closing)
        finish_closing(async);
}

/* Does from the loop what must not be done from inside a call of async.h. A timer of 0 ms that is
 * started in its own callback would run before the loop polls again (libuv 1.44), for ever. */
static void wake(struct gp_async *async)
{
    int rc = uv_idle_start(&async->wake, on_wake);

    assert(rc == 0);
    if (!async->closing && !uv_is_active((uv_handle_t *)&async->tick))
        rc = uv_timer_start(&async->tick, on_tick, GP_ASYNC_TICK_MS, GP_ASYNC_TICK_MS);
    assert(rc == 0);
}

/* ---------------------------------------------------------------- opening */

static int take_address(struct gp_async *async, const char *address)
{
    static const char scheme[] = "ipc://";
    const char *path = address + sizeof scheme - 1;

    if (strncmp(address, scheme, sizeof scheme - 1) != 0 || path[0] == '\0' ||
        strlen(path) >= sizeof async->path)
        return GP_EINVAL;
    memcpy(async->path, path, strlen(path) + 1);
    return 0;
}

static int take_limits(struct gp_async *async, const struct gp_async_limits *limits,
                       unsigned *ret_connections)
{
    struct gp_async_limits chosen = limits != NULL ? *limits : (struct gp_async_limits){0};

    if (chosen.connections == 0)
        chosen.connections = GP_ASYNC_CONNECTIONS;
    if (chosen.queue == 0)
        chosen.queue = GP_ASYNC_QUEUE;
    if (chosen.connections > GP_ASYNC_CONNECTIONS_MAX || chosen.queue > GP_ASYNC_QUEUE_MAX)
        return GP_EINVAL;
    async->count_max = chosen.connections + chosen.queue;
    async->resting_max = chosen.connections - chosen.connections / RESTING_PARTS;
    if (async->resting_max == chosen.connections && chosen.connections > 1)
        async->resting_max--;
    *ret_connections = chosen.connections;
    return 0;
}

/* libuv writes by calls that raise it. */
static void ignore_sigpipe(void)
{
    struct sigaction now;

    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        (void)signal(SIGPIPE, SIG_IGN); /* SIGPIPE is a signal */
}

static void init(struct gp_async *async, uv_loop_t *loop, unsigned connections)
{
    async->loop = loop;
    async->silence_ms = GP_ASYNC_SILENCE_MS;
    for (int place = 0; place < GP_CALL_PLACES; place++)
        gp_ring_init(&async->at[place].ring);
    gp_arena_init(&async->request, GP_UNPACK_BYTES_MAX);
    gp_arena_init(&async->reply, GP_REPLY_UNPACK_BYTES_MAX);
    gp_pipes_init(&async->pipes, loop, async->path, connections, &pipes_calls, async);
    int rc = uv_idle_init(loop, &async->wake) | uv_timer_init(loop, &async->tick);
    assert(rc == 0); /* they only fill structs */
    async->wake.data = async->tick.data = async;
    ignore_sigpipe();
}

int gp_async_open(uv_loop_t *loop, const char *address, const struct gp_identity *identity,
                  const struct gp_async_limits *limits, struct gp_async **ret_async)
{
    unsigned connections = 0;
    int rc = identity != NULL ? gp_trust_start() : 0;

    if (rc != 0)
        return rc;
    struct gp_async *async = calloc(1, sizeof *async);
    if (async == NULL)
        return GP_ENOMEM;
    rc = take_address(async, address);
    if (rc == 0)
        rc = take_limits(async, limits, &connections);
    if (rc != 0) {
        free(async);
        return rc;
    }
    async->sealed = identity != NULL;
    if (identity != NULL)
        async->identity = *identity;
    init(async, loop, connections);
    *ret_async = async;
    return 0;
}

/* ---------------------------------------------------------------- asking */

int gp_async_ask(struct gp_async *async, const struct gp_request *request, unsigned timeout_ms,
                 gp_async_fn *then, void *context, struct gp_async_call **ret_call)
{
    struct gp_async_call *call;

    if (async->closing)
        return GP_ECLOSED;
    if (async->count >= async->count_max)
        return GP_EAGAIN;
    int rc = gp_call_new(async, request, &call);
    if (rc != 0)
        return rc;
    call->then = then;
    call->context = context;
    call->until_ms = gp_letters_now() + timeout_ms;
    async->count++;
    gp_call_put(call, call->rest_ms > 0 ? GP_CALL_RESTING : GP_CALL_BRISK);
    wake(async);
    if (ret_call != NULL)
        *ret_call = call;
    return 0;
}

void gp_async_cancel(struct gp_async_call *call)
{
    struct gp_async *async = call->async;

    if (call->pipe != NULL)
        gp_pipes_drop(call->pipe);
    async->count--;
    gp_call_free(call);
    wake(async); /* somebody else may have its place now */
}

bool gp_async_is_away(const struct gp_async *async)
{
    return async->pipes.absent;
}

const struct gp_identity *gp_async_identity(const struct gp_async *async)
{
    return async->sealed ? &async->identity : NULL;
}

/* ---------------------------------------------------------------- closing */

static void part(struct gp_async *async)
{
    void (*closed)(void *) = async->closed;
    void *context = async->context;

    assert(async->handles > 0);
    if (--async->handles > 0)
        return;
    gp_arena_release(&async->request);
    gp_arena_release(&async->reply);
    gp_wipe(async, sizeof *async);
    free(async);
    if (closed != NULL)
        closed(context);
}

static void on_handle_closed(uv_handle_t *handle)
{
    part(handle->data);
}

static void on_pipes_closed(void *context)
{
    part(context);
}

static const struct gp_pipes_calls pipes_calls = {
    .on_ready = on_ready, .on_answer = on_answer, .on_lost = on_lost, .on_closed = on_pipes_closed};

static void finish_closing(struct gp_async *async)
{
    assert(async->count == 0);
    uv_close((uv_handle_t *)&async->wake, on_handle_closed);
    uv_close((uv_handle_t *)&async->tick, on_handle_closed);
}

static void close_place(struct gp_async *async, enum gp_call_place place)
{
    for (struct gp_async_call *call; (call = first_at(async, place)) != NULL;) {
        call->pipe = NULL;
        gp_call_over(call, GP_ECLOSED);
    }
}

void gp_async_close(struct gp_async *async, void (*closed)(void *context), void *context)
{
    assert(!async->closing);
    async->closing = true;
    async->closed = closed;
    async->context = context;
    async->handles = gp_pipes_close(&async->pipes) ? 2 : 3;
    close_place(async, GP_CALL_BRISK);
    close_place(async, GP_CALL_RESTING);
    close_place(async, GP_CALL_PAUSED);
    close_place(async, GP_CALL_SENT);
    gp_greeter_end(async);
    (void)uv_timer_stop(&async->tick); /* always 0 */
    wake(async);
}
