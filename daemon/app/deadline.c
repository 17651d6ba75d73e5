/*
 * Deadlines. The engine says when the next one is; a timer looks at least once a second, because
 * libuv's timers run on the monotonic clock, which stops in suspend. What is due joins a batch like
 * anything else.
 */
#include "app/seal/seal.h"

#include "base/clocktext.h"

#define GP_LOOK_MS   1000
#define GP_TIDY_MS   60000
#define GP_FORGET_MS GP_MS_DAY

static void queue_expire(struct gp_app *app)
{
    if (app->expire_queued || app->start_queued)
        return;
    app->expire_queued = gp_batcher_own(app, &(struct gp_item){.kind = GP_ITEM_EXPIRE});
}

void gp_deadline_queue_start(struct gp_app *app)
{
    if (app->start_queued)
        return;
    app->start_queued = true;
    gp_batcher_must(app, &(struct gp_item){.kind = GP_ITEM_START});
}

static void on_tick(uv_timer_t *timer);

/* Wakes at the next deadline, at most a second from now, and not before where batches fail; a
 * drill's clock runs faster. */
static void arm(struct gp_app *app, int64_t now_ms)
{
    uint32_t rate = app->options->drill ? app->options->clock_rate : 1;
    int64_t wait_ms = GP_LOOK_MS;

    if (app->next_deadline_ms != INT64_MAX && app->failures == 0) {
        int64_t until_ms = (app->next_deadline_ms - now_ms + rate - 1) / rate;
        if (until_ms < wait_ms)
            wait_ms = until_ms > 0 ? until_ms : 1;
    }
    (void)uv_timer_start(&app->tick, on_tick, (uint64_t)wait_ms,
                         0); /* fails without callback only */
}

static void upkeep(struct gp_app *app, int64_t now_ms)
{
    if (uv_now(&app->loop) >= app->tidy_at) {
        app->tidy_at = uv_now(&app->loop) + GP_TIDY_MS;
        gp_store_tidy(app->store);
    }
    if (now_ms >= app->forget_at_ms &&
        gp_batcher_own(app, &(struct gp_item){.kind = GP_ITEM_FORGET}))
        app->forget_at_ms = now_ms + GP_FORGET_MS;
}

static void on_tick(uv_timer_t *timer)
{
    struct gp_app *app = timer->data;
    int64_t now_ms = gp_app_now(app);

    if (app->phase == GP_RUNNING) {
        gp_seal_tick(app, now_ms);
        gp_batcher_retry(app);
        if (!gp_app_held(app) && app->next_deadline_ms <= now_ms)
            queue_expire(app);
        upkeep(app, now_ms);
        gp_upkeep_tick(app);
        gp_backup_tick(app);
        gp_notify_watchdog(app);
    }
    arm(app, now_ms);
}

int gp_deadline_start(struct gp_app *app)
{
    app->tick.data = app;
    if (uv_timer_init(&app->loop, &app->tick) != 0)
        return GP_ENOMEM;
    app->tidy_at = uv_now(&app->loop) + GP_TIDY_MS;
    arm(app, gp_app_now(app));
    return 0;
}

void gp_deadline_batch_done(struct gp_app *app, struct gp_batch_slot *slot)
{
    bool more_expire = false, more_start = false;

    for (size_t i = 0; i < slot->batch.item_count; i++) {
        const struct gp_item *item = &slot->item[i];
        if (item->kind == GP_ITEM_EXPIRE) {
            app->expire_queued = false;
            more_expire = item->more;
        } else if (item->kind == GP_ITEM_START) {
            app->start_queued = false;
            more_start = item->more;
        } else if (item->kind == GP_ITEM_FORGET && item->more) {
            app->forget_at_ms = 0;
        }
    }
    app->next_deadline_ms = slot->batch.next_deadline_ms;
    if (app->phase != GP_RUNNING)
        return;
    if (more_start)
        gp_deadline_queue_start(app);
    else if (more_expire)
        queue_expire(app);
    arm(app, gp_app_now(app));
}

void gp_deadline_batch_failed(struct gp_app *app, const struct gp_batch_slot *slot)
{
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        if (slot->item[i].kind == GP_ITEM_EXPIRE)
            app->expire_queued = false;
    }
    arm(app, gp_app_now(app));
}
