/*
 * When hints leave: after a batch, at most one in GP_HINT_GAP_MS, and a heartbeat when nothing has
 * happened for GP_HINT_BEAT_MS, so that a subscriber knows a silent city from a dead line.
 */
#include "app/internal.h"

#include "base/bytes.h"

#define GP_HINT_GAP_MS  250
#define GP_HINT_BEAT_MS 5000
#define GP_HINT_TOPIC   "gp.head"

static void on_hint_due(uv_timer_t *timer);

static void wait_for(struct gp_app *app, uint64_t ms)
{
    (void)uv_timer_start(&app->hint_due, on_hint_due, ms, 0); /* fails without callback only */
}

static void publish(struct gp_app *app)
{
    unsigned char message[sizeof GP_HINT_TOPIC + 8];

    memcpy(message, GP_HINT_TOPIC, sizeof GP_HINT_TOPIC);
    gp_put_u64(message + sizeof GP_HINT_TOPIC, app->head);
    gp_hint_send(app->hint, (struct gp_span){(const char *)message, sizeof message});
    app->hint_at = uv_now(&app->loop);
    app->hint_owed = false;
    wait_for(app, GP_HINT_BEAT_MS);
}

static void on_hint_due(uv_timer_t *timer)
{
    publish(timer->data);
}

void gp_hints_head(struct gp_app *app)
{
    uint64_t gone = uv_now(&app->loop) - app->hint_at;

    if (app->hint == NULL || app->hint_owed)
        return;
    if (gone >= GP_HINT_GAP_MS) {
        publish(app);
        return;
    }
    app->hint_owed = true;
    wait_for(app, GP_HINT_GAP_MS - gone);
}

int gp_hints_start(struct gp_app *app)
{
    app->hint_due.data = app;
    if (uv_timer_init(&app->loop, &app->hint_due) != 0)
        return GP_ENOMEM;
    wait_for(app, GP_HINT_BEAT_MS);
    return 0;
}
