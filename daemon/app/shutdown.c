/*
 * Shutdown, one phase after the other:
 *
 *   running ──► draining ──► flushing ──► closing ──► uv_run returns, uv_loop_close() == 0
 *               no letters   answers      handles
 *               any more;    leave        closed, then
 *               what is      nanomsg's    sockets
 *               filled is    buffers
 *               applied
 *
 * Each row of the table says what a phase does when it begins and when it is over.
 */
#include "app/seal/seal.h"

#include <assert.h>

/* What nanomsg was given to send needs a moment: closing a socket drops it (NN_LINGER is ignored).
 */
#define GP_FLUSH_MS 100

static void begin_draining(struct gp_app *app)
{
    gp_notify_stopping();
    gp_sockets_pause(app);
    gp_followers_flush(app);
    gp_handshakes_drop(app);
    gp_backup_cut(app);
    app->drain_until = uv_now(&app->loop) + (uint64_t)app->settings.drain_ms_max;
}

static bool drained(struct gp_app *app)
{
    bool late = uv_now(&app->loop) >= app->drain_until;
    bool batches = gp_batcher_idle(app) || (app->exit_code != 0 && !app->in_flight);
    bool pool = app->readers == 0 && app->awaits == NULL && gp_upkeep_idle(app) &&
                !app->reloading && gp_handshakes_idle(app) && gp_backup_idle(app);
    /* A batch in flight and work in the pool are always waited for: they use what closing frees.
     * The latter is cut short when it is late. */
    return pool && (batches || (late && !app->in_flight));
}

static void begin_flushing(struct gp_app *app)
{
    app->drain_until = uv_now(&app->loop) + GP_FLUSH_MS;
}

/* The tick goes on to the end, so a clock that moves now still brings a batch of its own, and that
 * a checkpoint. */
static bool flushed(struct gp_app *app)
{
    return !app->in_flight && gp_upkeep_idle(app) && uv_now(&app->loop) >= app->drain_until;
}

static void begin_closing(struct gp_app *app)
{
    uv_handle_t *handles[] = {(uv_handle_t *)&app->drain,   (uv_handle_t *)&app->tick,
                              (uv_handle_t *)&app->scan,    (uv_handle_t *)&app->waits,
                              (uv_handle_t *)&app->on_term, (uv_handle_t *)&app->on_int,
                              (uv_handle_t *)&app->on_hup,  (uv_handle_t *)&app->batch_done,
                              (uv_handle_t *)&app->hint_due};

    gp_worker_stop(app);
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        uv_close(handles[i], NULL);
    gp_sockets_close(app);
}

static const struct phase {
    void (*begin)(struct gp_app *app);
    bool (*over)(struct gp_app *app);
} phases[] = {
    [GP_DRAINING] = {begin_draining, drained},
    [GP_FLUSHING] = {begin_flushing, flushed},
    [GP_CLOSING] = {begin_closing, NULL},
};

static void enter(struct gp_app *app, enum gp_phase phase)
{
    assert(phase == app->phase + 1);
    app->phase = phase;
    phases[phase].begin(app);
}

void gp_shutdown_advance(struct gp_app *app)
{
    while (app->phase != GP_RUNNING && app->phase != GP_CLOSING && phases[app->phase].over(app))
        enter(app, app->phase + 1);
}

static void on_drain(uv_timer_t *timer)
{
    struct gp_app *app = timer->data;

    if (uv_now(&app->loop) >= app->drain_until)
        atomic_store(&app->cut_short, true);
    gp_shutdown_advance(app);
}

void gp_shutdown_begin(struct gp_app *app, int exit_code)
{
    if (exit_code != 0)
        app->exit_code = exit_code;
    if (app->phase != GP_RUNNING)
        return;
    gp_log(GP_LOG_INFO, "stop", "draining");
    enter(app, GP_DRAINING);
    (void)uv_timer_start(&app->drain, on_drain, 10, 10); /* fails without callback only */
}

static void on_stop(uv_signal_t *signal, int number)
{
    (void)number;
    gp_shutdown_begin(signal->data, 0);
}

static void on_reload(uv_signal_t *signal, int number)
{
    (void)number;
    gp_reload(signal->data);
}

int gp_shutdown_start(struct gp_app *app)
{
    atomic_init(&app->cut_short, false);
    app->drain.data = app;
    app->on_term.data = app;
    app->on_int.data = app;
    app->on_hup.data = app;
    if (uv_timer_init(&app->loop, &app->drain) != 0 ||
        uv_signal_init(&app->loop, &app->on_term) != 0 ||
        uv_signal_init(&app->loop, &app->on_int) != 0 ||
        uv_signal_init(&app->loop, &app->on_hup) != 0 ||
        uv_signal_start(&app->on_term, on_stop, SIGTERM) != 0 ||
        uv_signal_start(&app->on_int, on_stop, SIGINT) != 0 ||
        uv_signal_start(&app->on_hup, on_reload, SIGHUP) != 0)
        return GP_ENOMEM;
    return 0;
}
