/*
 * The store thread owns every write transaction. A batch crosses to it whole through a mailbox of
 * one, and comes back by uv_async; while it is away the loop does not touch it.
 *
 * Behind a batch, when its answers are on their way, the thread makes a checkpoint where one is
 * due: by its size or age, after GP_CHECKPOINT_IDLE_MS without a batch, or because readers wait.
 * Those get one at once when no batch comes. When batches do not cease they wait, so that
 * checkpoints take at most a fifth of the thread's time: each writes the pages that all batches
 * since the last have touched. They come to the disk in the pool (upkeep.c), before the next
 * checkpoint.
 */
#include "app/internal.h"

#include <assert.h>

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)
/* Without a batch for so long the thread counts as idle to readers that wait. */
#define GP_QUIET_MS 1
/* Before a checkpoint that failed is tried again by itself. */
#define GP_RETRY_MS 1000
/* Between two checkpoints that readers ask for, in durations of the last one. */
#define GP_CHECKPOINT_SHARE 4

enum duty { DUTY_BATCH, DUTY_CHECKPOINT, DUTY_STOP };

static uint64_t now_ms(void)
{
    return uv_hrtime() / NS_PER_MS;
}

/* Under the lock: how long to wait for a batch before a checkpoint; UINT64_MAX: none is owed. */
static uint64_t patience_ms(const struct gp_app *app)
{
    uint64_t age_ms = now_ms() - app->checkpoint_ms;
    uint64_t rest_ms = GP_CHECKPOINT_SHARE * app->checkpoint_took_ms;

    if (!gp_store_checkpoint_owed(app->store))
        return app->checkpoint_wanted ? 0 : UINT64_MAX;
    /* It would wait for the disk: gp_worker_look says when. What failed is not waited for. */
    if (gp_store_settle_due(app->store) && !app->settle_broken)
        return UINT64_MAX;
    if (!app->checkpoint_wanted && app->checkpoint_error != 0)
        return age_ms < GP_RETRY_MS ? GP_RETRY_MS - age_ms : GP_CHECKPOINT_IDLE_MS;
    if (!app->checkpoint_wanted)
        return GP_CHECKPOINT_IDLE_MS;
    if (rest_ms < GP_CHECKPOINT_IDLE_MS)
        rest_ms = GP_CHECKPOINT_IDLE_MS;
    return age_ms >= rest_ms ? 0 : GP_QUIET_MS;
}

static enum duty next_duty(struct gp_app *app, struct gp_batch_slot **ret_slot)
{
    enum duty duty;

    uv_mutex_lock(&app->mailbox_lock);
    for (;;) {
        uint64_t patience = patience_ms(app);
        duty = app->mailbox != NULL ? DUTY_BATCH : app->mailbox_stop ? DUTY_STOP : DUTY_CHECKPOINT;
        if (patience == 0)
            duty = DUTY_CHECKPOINT;
        if (duty != DUTY_CHECKPOINT || patience == 0)
            break;
        if (patience == UINT64_MAX)
            uv_cond_wait(&app->mailbox_full, &app->mailbox_lock);
        else if (uv_cond_timedwait(&app->mailbox_full, &app->mailbox_lock, patience * NS_PER_MS) ==
                 UV_ETIMEDOUT)
            break;
    }
    *ret_slot = app->mailbox;
    uv_mutex_unlock(&app->mailbox_lock);
    return duty;
}

/* Spares are wanted long before a checkpoint comes, or the next segment is made within a batch. */
static void put_back(struct gp_app *app, int error)
{
    bool upkeep = gp_store_upkeep_due(app->store);

    uv_mutex_lock(&app->mailbox_lock);
    app->batch_error = error;
    app->mailbox = NULL;
    app->upkeep_due = upkeep;
    uv_mutex_unlock(&app->mailbox_lock);
    (void)uv_async_send(&app->batch_done); /* cannot fail on an open handle */
}

static void checkpoint(struct gp_app *app)
{
    uint64_t begun_ms = now_ms();
    int error = gp_engine_recover(app->store); /* of what a batch that failed took with it */

    if (error == 0)
        error = gp_store_checkpoint(app->store);
    bool upkeep = gp_store_upkeep_due(app->store);

    uv_mutex_lock(&app->mailbox_lock);
    app->checkpoint_ms = now_ms();
    app->checkpoint_took_ms = app->checkpoint_ms - begun_ms;
    app->checkpoint_wanted = false;
    app->checkpoint_made = true;
    app->checkpoint_error = error;
    app->upkeep_due = upkeep;
    uv_mutex_unlock(&app->mailbox_lock);
    (void)uv_async_send(&app->batch_done);
}

/* How long it took goes back with the batch. */
static void apply(struct gp_app *app, struct gp_batch_slot *slot)
{
    uint64_t begun = uv_hrtime();
    int error = gp_engine_apply(app->engine, &slot->batch);

    slot->took_us = (uv_hrtime() - begun) / NS_PER_US;
    put_back(app, error);
}

static void run(void *context)
{
    struct gp_app *app = context;
    struct gp_batch_slot *slot;
    enum duty duty;

    while ((duty = next_duty(app, &slot)) != DUTY_STOP) {
        if (duty == DUTY_BATCH)
            apply(app, slot);
        if (duty == DUTY_CHECKPOINT || gp_store_checkpoint_due(app->store))
            checkpoint(app);
    }
    (void)gp_store_checkpoint(app->store); /* what it does not commit, the next start folds */
}

/* ---------------------------------------------------------------- the loop's side */

static void after_checkpoint(struct gp_app *app, int error)
{
    if (error != 0 && (error == GP_EIO || error == GP_ECORRUPT || !app->checkpoint_failed))
        gp_log(GP_LOG_ERROR, "store", "the tables could not be committed: %s; the journal has all",
               gp_error_text(error));
    app->checkpoint_failed = error != 0;
    if (error == GP_EIO || error == GP_ECORRUPT)
        gp_shutdown_begin(app, 1);
    gp_fresh_look(app, error);
    if (error == 0)
        gp_app_view_fresh(app);
    gp_shutdown_advance(app);
}

static void on_worker(uv_async_t *async)
{
    struct gp_app *app = async->data;
    bool back, made, upkeep;
    int error, checkpoint_error;
    uint64_t took_ms;

    uv_mutex_lock(&app->mailbox_lock);
    back = app->in_flight && app->mailbox == NULL;
    error = app->batch_error;
    made = app->checkpoint_made;
    app->checkpoint_made = false;
    checkpoint_error = app->checkpoint_error;
    took_ms = app->checkpoint_took_ms;
    upkeep = app->upkeep_due;
    app->upkeep_due = false;
    uv_mutex_unlock(&app->mailbox_lock);
    if (back)
        gp_batcher_done(app, app->flying, error);
    if (made) {
        gp_histogram_add(&app->figures.checkpoint_ms, &gp_bounds_answer_ms, took_ms);
        after_checkpoint(app, checkpoint_error);
    }
    gp_upkeep_settle(app);
    if (upkeep)
        gp_upkeep_begin(app);
}

int gp_worker_start(struct gp_app *app)
{
    if (uv_mutex_init(&app->mailbox_lock) != 0 || uv_cond_init(&app->mailbox_full) != 0)
        return GP_ENOMEM;
    app->batch_done.data = app;
    if (uv_async_init(&app->loop, &app->batch_done, on_worker) != 0)
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

void gp_worker_checkpoint(struct gp_app *app)
{
    assert(app->worker_started);
    uv_mutex_lock(&app->mailbox_lock);
    app->checkpoint_wanted = true;
    uv_cond_signal(&app->mailbox_full);
    uv_mutex_unlock(&app->mailbox_lock);
}

void gp_worker_look(struct gp_app *app, bool failed)
{
    assert(app->worker_started);
    uv_mutex_lock(&app->mailbox_lock);
    app->settle_broken = failed;
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
