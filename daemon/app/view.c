/* The newest view on disk, which readers share. It lies over a directory, so the two are kept
 * together. */
#include "app/internal.h"

/* Takes over the caller's reference. */
static void adopt(struct gp_app *app, struct gp_view *view)
{
    gp_view_unref(app->view);
    gp_directory_unref(app->view_directory);
    app->view_old = false;
    app->view = view;
    app->view_directory = gp_directory_ref(app->directory);
}

/* When tables are newer than what was seen, it is looked at again. */
static void on_fresh(void *context)
{
    struct gp_app *app = context;

    app->view_awaits = false;
    (void)gp_app_look_again(app); /* without memory the next batch brings a view */
}

static void await_newer(struct gp_app *app)
{
    uint64_t leave = gp_store_written(app->store, GP_TABLE_LEAVE);
    uint64_t tenure = gp_store_written(app->store, GP_TABLE_TENURE);
    uint64_t newest = leave > tenure ? leave : tenure;

    if (app->view_awaits || gp_store_committed(app->store) >= newest)
        return;
    app->view_old = app->checkpoint_failed || app->settle_failed || app->phase != GP_RUNNING;
    if (app->view_old) /* it would be told at once that there is no newer one, and ask again */
        return;
    app->view_awaits = true;
    gp_fresh_await(app, &app->view_await, newest, on_fresh, app);
}

int gp_app_look_again(struct gp_app *app)
{
    struct gp_view *view;
    int rc = gp_view_open(app->store, gp_directory_org(app->directory), &view);

    if (rc == 0) {
        adopt(app, view);
        await_newer(app);
    }
    return rc;
}

void gp_app_view_fresh(struct gp_app *app)
{
    if (app->view_old)
        (void)gp_app_look_again(app); /* without memory the next batch brings a view */
}

void gp_app_view_batch(struct gp_app *app, const struct gp_batch_slot *slot)
{
    struct gp_directory *before = app->batch_directory;

    app->batch_directory = gp_directory_ref(slot->directory);
    gp_directory_unref(before);
    if (slot->directory == app->directory)
        adopt(app, gp_view_ref(slot->batch.view));
    else if (gp_app_look_again(app) != 0) /* reloaded while it was away */
        gp_log(GP_LOG_ERROR, "store", "readers see an older directory until the next batch");
}

void gp_app_drop_views(struct gp_app *app)
{
    gp_view_unref(app->view);
    gp_directory_unref(app->view_directory);
    gp_directory_unref(app->batch_directory);
    app->view = NULL;
    app->view_directory = app->batch_directory = NULL;
}

void gp_job_take_view(struct gp_job *job)
{
    gp_job_drop_view(job);
    job->view = gp_view_ref(job->app->view);
    job->directory = gp_directory_ref(job->app->view_directory);
}

void gp_job_drop_view(struct gp_job *job)
{
    gp_view_unref(job->view);
    gp_directory_unref(job->directory);
    job->view = NULL;
    job->directory = NULL;
}
