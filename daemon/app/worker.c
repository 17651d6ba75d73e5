/*
 * The store thread owns every write transaction. A batch crosses to it whole through a mailbox of
 * one, and comes back by uv_async; while it is away the loop does not touch it.
 */
#include "app/internal.h"

#include <assert.h>

static struct gp_batch_slot *take(struct gp_app *app)
{
    struct gp_batch_slot *slot;

    uv_mutex_lock(&app->mailbox_lock);
    while (app->mailbox == NULL && !app->mailbox_stop)
        uv_cond_wait(&app->mailbox_full, &app->mailbox_lock);
    slot = app->mailbox;
    uv_mutex_unlock(&app->mailbox_lock);
    return slot;
}

static void put_back(struct gp_app *app, int error)
{
    uv_mutex_lock(&app->mailbox_lock);
    app->batch_error = error;
    app->mailbox = NULL;
    uv_mutex_unlock(&app->mailbox_lock);
    (void)uv_async_send(&app->batch_done); /* cannot fail on an open handle */
}

static void run(void *context)
{
    struct gp_app *app = context;
    struct gp_batch_slot *slot;

    while ((slot = take(app)) != NULL)
        put_back(app, gp_engine_apply(app->engine, &slot->batch));
}

static void on_batch_done(uv_async_t *async)
{
    struct gp_app *app = async->data;
    bool back;
    int error;

    uv_mutex_lock(&app->mailbox_lock);
    back = app->in_flight && app->mailbox == NULL;
    error = app->batch_error;
    uv_mutex_unlock(&app->mailbox_lock);
    if (!back)
        return;
    gp_batcher_done(app, app->filling == app->slot[0] ? app->slot[1] : app->slot[0], error);
}

int gp_worker_start(struct gp_app *app)
{
    if (uv_mutex_init(&app->mailbox_lock) != 0 || uv_cond_init(&app->mailbox_full) != 0)
        return GP_ENOMEM;
    app->batch_done.data = app;
    if (uv_async_init(&app->loop, &app->batch_done, on_batch_done) != 0)
        return GP_ENOMEM;
    if (uv_thread_create(&app->worker, run, app) != 0)
        return GP_ENOMEM;
    app->worker_started = true;
    return 0;
}

void gp_worker_submit(struct gp_app *app, struct gp_batch_slot *slot)
{
    assert(!app->in_flight);
    app->in_flight = true;
    uv_mutex_lock(&app->mailbox_lock);
    assert(app->mailbox == NULL);
    app->mailbox = slot;
    uv_cond_signal(&app->mailbox_full);
    uv_mutex_unlock(&app->mailbox_lock);
}

void gp_worker_stop(struct gp_app *app)
{
    if (!app->worker_started)
        return;
    assert(!app->in_flight);
    uv_mutex_lock(&app->mailbox_lock);
    app->mailbox_stop = true;
    uv_cond_signal(&app->mailbox_full);
    uv_mutex_unlock(&app->mailbox_lock);
    (void)uv_thread_join(&app->worker); /* it runs and is joined once */
    app->worker_started = false;
    uv_mutex_destroy(&app->mailbox_lock);
    uv_cond_destroy(&app->mailbox_full);
}
