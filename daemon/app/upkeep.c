/*
 * What the store wants done beside its writer, in the pool: the last checkpoint brought to the
 * disk, which the next one waits for, and full segments of the journal compressed. Two jobs, so
 * that the first, which readers may wait behind, is never behind the second.
 */
#include "app/internal.h"

#include <assert.h>

/* A damaged segment is not looked at all the time; but reports wait for a disk that was full. */
#define GP_UPKEEP_RETRY_MS 10000
#define GP_UPKEEP_SPACE_MS 2000

static void queue(struct gp_app *app, uv_work_t *work, uv_work_cb act, uv_after_work_cb then)
{
    work->data = app;
    int rc = uv_queue_work(&app->loop, work, act, then);
    assert(rc == 0); /* it refuses a missing function only */
}

bool gp_upkeep_idle(const struct gp_app *app)
{
    return !app->settle_runs && !app->upkeep_runs;
}

/* ---------------------------------------------------------------- settling */

static void settle_work(uv_work_t *work)
{
    struct gp_app *app = work->data;
    app->settle_error = gp_store_settle(app->store);
}

/* Segments that waited for it may be compressed now. */
static void settle_done(uv_work_t *work, int status)
{
    struct gp_app *app = work->data;
    int error = status == 0 ? app->settle_error : 0;

    app->settle_runs = false;
    if (error != 0 && (error == GP_EIO || !app->settle_failed))
        gp_log(GP_LOG_ERROR, "store", "the tables could not be synced: %s; the journal has all",
               gp_error_text(error));
    app->settle_failed = error != 0;
    if (error != 0)
        gp_fresh_look(app, error); /* no checkpoint comes for those that wait for one */
    if (error == GP_EIO)
        gp_shutdown_begin(app, 1);
    if (error == 0) {
        if (gp_store_upkeep_due(app->store))
            gp_upkeep_begin(app);
        gp_upkeep_settle(app); /* the next one may have come meanwhile */
    }
    gp_worker_look(app, error != 0);
    gp_shutdown_advance(app);
}

void gp_upkeep_settle(struct gp_app *app)
{
    if (app->phase == GP_CLOSING) /* the worker is gone, and the last checkpoint was its */
        return;
    if (app->settle_runs || app->settle_error == GP_EIO || !gp_store_settle_due(app->store))
        return;
    app->settle_runs = true;
    queue(app, &app->settle, settle_work, settle_done);
}

/* ---------------------------------------------------------------- segments */

static void upkeep_work(uv_work_t *work)
{
    struct gp_app *app = work->data;
    app->upkeep_error = gp_store_upkeep(app->store);
}

/* What failed is due behind each batch, and not tried each time. */
static void upkeep_done(uv_work_t *work, int status)
{
    struct gp_app *app = work->data;
    int error = status == 0 ? app->upkeep_error : 0;
    int retry_ms = error == GP_ENOSPC ? GP_UPKEEP_SPACE_MS : GP_UPKEEP_RETRY_MS;

    app->upkeep_runs = false;
    if (error != 0 && !app->upkeep_failed)
        gp_log(GP_LOG_WARNING, "store",
               "no segment of the journal could be compressed, or space taken ahead: %s; tried "
               "again every %d s",
               gp_error_text(error), retry_ms / 1000);
    app->upkeep_failed = error != 0;
    app->upkeep_after = error != 0 ? uv_now(&app->loop) + (uint64_t)retry_ms : 0;
    gp_shutdown_advance(app);
}

void gp_upkeep_begin(struct gp_app *app)
{
    if (app->upkeep_runs || app->phase != GP_RUNNING || uv_now(&app->loop) < app->upkeep_after)
        return;
    app->upkeep_runs = true;
    queue(app, &app->upkeep, upkeep_work, upkeep_done);
}

/* Where a disk was full nothing else may come by, and what waits for space must find it. */
void gp_upkeep_tick(struct gp_app *app)
{
    if (app->settle_failed)
        gp_upkeep_settle(app);
    if (app->checkpoint_failed || app->view_old)
        gp_worker_checkpoint(app);
    if (gp_store_upkeep_due(app->store))
        gp_upkeep_begin(app);
}
