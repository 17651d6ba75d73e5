/*
 * The census of open incidents and the store's sizes, counted in the pool and kept for
 * GP_CENSUS_MS: however many ask, the rows are walked once in that time. Who asks meanwhile waits
 * for the one that is under way, or gets the one that is there.
 */
#include "app/internal.h"

#include <assert.h>
#include <stdlib.h>

bool gp_counted_fresh(const struct gp_app *app)
{
    return app->counted != NULL && uv_now(&app->loop) < app->counted->ends;
}

struct gp_counted *gp_counted_ref(struct gp_app *app)
{
    app->counted->users++;
    return app->counted;
}

void gp_counted_unref(struct gp_counted *counted)
{
    if (counted == NULL || --counted->users > 0)
        return;
    gp_census_free(counted->census);
    free(counted);
}

/* ---------------------------------------------------------------- in the pool */

static int read_store(struct gp_store *store, struct gp_counted *counted)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_store_figures(txn, &counted->store);
    if (rc == 0)
        counted->tight = gp_txn_tight(txn);
    gp_txn_abort(txn);
    return rc;
}

static void work(uv_work_t *request)
{
    struct gp_app *app = request->data;
    struct gp_counted *counted = app->counting;

    app->count_error = gp_engine_census(app->store, app->count_now_ms, GP_CENSUS_ROWS_MAX,
                                        &app->cut_short, &counted->census);
    if (app->count_error == 0)
        app->count_error = read_store(app->store, counted);
}

/* ---------------------------------------------------------------- on the loop */

static void end(struct gp_app *app)
{
    struct gp_await *await = app->count_waits;

    app->count_waits = NULL;
    app->readers--;
    while (await != NULL) {
        struct gp_await *next = await->next;
        await->then(await->context);
        await = next;
    }
    gp_shutdown_advance(app);
}

static void done(uv_work_t *request, int status)
{
    struct gp_app *app = request->data;
    struct gp_counted *counted = app->counting;

    app->counting = NULL;
    if (status != 0)
        app->count_error = GP_EAGAIN;
    if (app->count_error == 0) {
        counted->ends = uv_now(&app->loop) + GP_CENSUS_MS;
        gp_counted_unref(app->counted);
        app->counted = counted;
    } else {
        gp_counted_unref(counted);
    }
    if (app->count_error == GP_ECORRUPT)
        gp_log(GP_LOG_ERROR, "store", "a damaged row was read; run gridpostd --verify");
    end(app);
}

static void begin(void *context)
{
    struct gp_app *app = context;

    app->count_now_ms = gp_app_now(app);
    app->count_work.data = app;
    int rc = uv_queue_work(&app->loop, &app->count_work, work, done);
    assert(rc == 0); /* it refuses a missing function only */
}

static void start(struct gp_app *app)
{
    app->readers++; /* closing waits for it as for any */
    app->counting = calloc(1, sizeof *app->counting);
    if (app->counting == NULL) {
        app->count_error = GP_ENOMEM;
        end(app);
        return;
    }
    app->counting->users = 1;
    gp_fresh_await(app, &app->count_await, app->head, begin, app);
}

void gp_counted_await(struct gp_app *app, struct gp_await *await, void (*then)(void *context),
                      void *context)
{
    bool runs = app->counting != NULL;

    if (gp_counted_fresh(app)) {
        then(context);
        return;
    }
    *await = (struct gp_await){.next = app->count_waits, .then = then, .context = context};
    app->count_waits = await;
    if (!runs)
        start(app);
}
