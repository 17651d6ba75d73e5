/*
 * When hints leave: after a batch, at most one in GP_HINT_GAP_MS, and a heartbeat when nothing has
 * happened for GP_HINT_BEAT_MS, so that a subscriber knows a silent city from a dead line.
 */
#include "app/seal/seal.h"

#include "trust/hint.h"

#define GP_HINT_GAP_MS  250
#define GP_HINT_BEAT_MS 5000

static void on_hint_due(uv_timer_t *timer);

static void wait_for(struct gp_app *app, uint64_t ms)
{
    (void)uv_timer_start(&app->hint_due, on_hint_due, ms, 0); /* fails without callback only */
}

static void publish(struct gp_app *app)
{
    const struct gp_hint_key *key = &app->seal->hint;
    struct gp_hint_body body = {.epoch = key->epoch, .head = app->head};
    unsigned char message[GP_HINT_BYTES];

    memcpy(body.feed, key->feed, sizeof body.feed);
    gp_hint_write(&body, key->key, message);
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

struct gp_hint_key gp_hints_key(const struct gp_job *job)
{
    bool asked = job->request.kind == GP_REQUEST_FEED && job->request.feed.hint;

    return asked ? job->app->seal->hint : (struct gp_hint_key){0};
}

int gp_hints_start(struct gp_app *app)
{
    app->hint_due.data = app;
    if (uv_timer_init(&app->loop, &app->hint_due) != 0)
        return GP_ENOMEM;
    wait_for(app, GP_HINT_BEAT_MS);
    return 0;
}
