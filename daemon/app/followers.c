/*
 * Followers: catch-up and live in one. A feed request is looked after at once; if nothing is there
 * and it is willing to wait, it is parked until the journal has grown: GP_FEED_GATHER_MS after the
 * first new entry, or when a whole answer's worth has come, all parked requests look again from
 * where they had got to. So nobody can miss an entry, and one commit wakes nobody twice.
 */
#include "app/internal.h"

#define GP_WAITS_LOOK_MS 100

static void answer(struct gp_job *job)
{
    gp_job_send(job, job->answer);
}

/* An answer without entries that says how far the filter has looked. */
static void answer_empty(struct gp_job *job)
{
    struct gp_reply reply = {
        .status = GP_STATUS_OK,
        .kind = GP_REPLY_FEED,
        .feed = {.scanned_to = job->scanned_to, .head = job->head, .hint = gp_hints_key(job)},
    };
    gp_job_reply(job, &reply);
}

static void on_waits(uv_timer_t *timer);

/* One waiting request per follower: a newer one replaces the older. */
static void replace_older(struct gp_app *app, const struct gp_job *newer)
{
    struct gp_span name = newer->request.feed.follower;

    for (struct gp_job **at = &app->parked; *at != NULL && name.len > 0; at = &(*at)->next) {
        struct gp_job *job = *at;
        if (!gp_span_equal(job->request.feed.follower, name) ||
            !gp_span_equal(job->request.person, newer->request.person))
            continue;
        *at = job->next;
        app->parked_count--;
        answer_empty(job);
        return;
    }
}

static void park(struct gp_job *job)
{
    uint32_t places = job->role == GP_ROLE_BRIDGE ? GP_FOLLOWERS_BRIDGE : GP_FOLLOWERS_MAX;
    struct gp_app *app = job->app;

    replace_older(app, job);
    if (app->parked_count >= places) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "too many followers");
        return;
    }
    job->request.feed.after = job->scanned_to;
    gp_arena_release(&job->page); /* it may wait for long, beside thousands */
    job->next = app->parked;
    app->parked = job;
    app->parked_count++;
    if (!uv_is_active((uv_handle_t *)&app->waits))
        (void)uv_timer_start(&app->waits, on_waits, GP_WAITS_LOOK_MS, GP_WAITS_LOOK_MS);
    if (app->head > job->scanned_to) /* it grew while we looked */
        gp_followers_head(app, app->head);
}

/* Its session ended: whatever it is answered becomes AGAIN. */
static bool is_orphan(const struct gp_job *job)
{
    return job->sealed && job->session == NULL;
}

/* The first look starts the wait; later ones go on with it. */
static bool waits_on(struct gp_job *job)
{
    struct gp_app *app = job->app;

    if (job->expires == 0)
        job->expires = uv_now(&app->loop) + job->request.feed.wait_ms;
    return app->phase == GP_RUNNING && uv_now(&app->loop) < job->expires;
}

void gp_followers_looked(struct gp_job *job)
{
    bool whole = job->scanned_to >= job->head;

    gp_figures_followed(job);
    if (is_orphan(job) || job->found > 0 || !whole || job->request.feed.wait_ms == 0 ||
        !waits_on(job))
        answer(job);
    else
        park(job);
}

static void look_again(struct gp_app *app)
{
    struct gp_job *job = app->parked;

    app->parked = NULL;
    app->parked_count = 0;
    while (job != NULL) {
        struct gp_job *next = job->next;
        job->next = NULL;
        gp_reader_again(job);
        job = next;
    }
}

/* Each look is judged, so who has lost the right is told at once and not by the next entry, which
 * may be long in coming. */
void gp_followers_judge(struct gp_app *app)
{
    look_again(app);
}

static void on_scan(uv_timer_t *timer)
{
    struct gp_app *app = timer->data;
    app->scan_from = app->head;
    look_again(app);
}

void gp_followers_head(struct gp_app *app, uint64_t head)
{
    app->head = head;
    if (app->parked == NULL) {
        app->scan_from = head;
        return;
    }
    if (head - app->scan_from >= GP_FEED_ENTRIES_MAX) {
        (void)uv_timer_stop(&app->scan);
        on_scan(&app->scan);
    } else if (!uv_is_active((uv_handle_t *)&app->scan)) {
        (void)uv_timer_start(&app->scan, on_scan, GP_FEED_GATHER_MS, 0);
    }
}

static bool is_over(const struct gp_job *job)
{
    return uv_now(&job->app->loop) >= job->expires;
}

static bool is_any(const struct gp_job *job)
{
    (void)job; /* whichever */
    return true;
}

/* Ends the waits of which `ends` says so. */
static void end_waits(struct gp_app *app, bool (*ends)(const struct gp_job *job))
{
    struct gp_job **at = &app->parked;

    while (*at != NULL) {
        struct gp_job *job = *at;
        if (!ends(job)) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        app->parked_count--;
        answer_empty(job);
    }
}

static void on_waits(uv_timer_t *timer)
{
    struct gp_app *app = timer->data;

    end_waits(app, is_over);
    if (app->parked == NULL)
        (void)uv_timer_stop(&app->waits);
}

void gp_followers_flush(struct gp_app *app)
{
    end_waits(app, is_any);
}

void gp_followers_drop_orphans(struct gp_app *app)
{
    end_waits(app, is_orphan);
}

int gp_followers_start(struct gp_app *app)
{
    app->scan.data = app;
    app->waits.data = app;
    if (uv_timer_init(&app->loop, &app->scan) != 0 || uv_timer_init(&app->loop, &app->waits) != 0)
        return GP_ENOMEM;
    return 0;
}
