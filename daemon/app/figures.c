/* Figures: what is counted where it happens, and put together for whoever asks. */
#include "app/seal/seal.h"

/* A follower that has not asked for so long is gone. */
#define GP_FOLLOWING_MS ((uint64_t)24 * 3600 * 1000)

/* ---------------------------------------------------------------- counting */

void gp_figures_answered(struct gp_app *app, const struct gp_reply *reply)
{
    app->figures.answers.of[reply->status]++;
    if (reply->status == GP_STATUS_REFUSED)
        app->figures.refusals.of[reply->reason % GP_COUNTS_MAX]++;
}

void gp_figures_done(struct gp_app *app, const struct gp_item *item)
{
    const struct gp_answer *answer = &item->answer;

    if (answer->error == 0 && answer->reason == GP_REASON_NONE && !answer->repeated)
        app->figures.done.of[item->command.verb]++;
}

void gp_figures_command(struct gp_job *job, const struct gp_item *item)
{
    struct gp_app *app = job->app;

    gp_figures_done(app, item);
    gp_histogram_add(&app->figures.answer_ms, &gp_bounds_answer_ms, uv_now(&app->loop) - job->came);
}

static void add_fired(struct gp_counting *figures, const struct gp_fired *fired)
{
    for (int step = 1; step <= GP_STEP_RESUME; step++)
        figures->steps.of[step] += fired->step[step];
    figures->coalesced += fired->coalesced;
    gp_histogram_join(&figures->late_ms, &fired->late_ms);
}

/* A batch that changed nothing needed no disk, and says nothing about it. */
void gp_figures_batch(struct gp_app *app, const struct gp_batch_slot *slot, int error)
{
    struct gp_counting *figures = &app->figures;

    gp_histogram_add(&figures->batch_items, &gp_bounds_items, slot->batch.item_count);
    if (error != 0)
        figures->failed++;
    else if (slot->batch.head > slot->batch.head_before)
        gp_histogram_add(&figures->commit_us, &gp_bounds_commit_us, slot->took_us);
    if (error == 0 && slot->batch.fired.count > 0)
        add_fired(figures, &slot->batch.fired);
}

/* ---------------------------------------------------------------- followers */

/* Its place; a new one gets a free one, or that of whoever has not asked for longest. */
static struct gp_following *following_of(struct gp_app *app, uint64_t hash)
{
    struct gp_following *place = &app->figures.following[0];

    for (size_t i = 0; i < GP_FOLLOWER_FIGURES_MAX; i++) {
        struct gp_following *one = &app->figures.following[i];
        if (one->hash == hash)
            return one;
        if (place->hash != 0 && (one->hash == 0 || one->asked < place->asked))
            place = one;
    }
    return place;
}

static uint64_t hash_of(struct gp_span name, struct gp_span person)
{
    uint64_t hash = gp_device_hash(name) ^ gp_device_hash(person) << 1;
    return hash != 0 ? hash : 1;
}

void gp_figures_followed(struct gp_job *job)
{
    struct gp_app *app = job->app;
    struct gp_span name = job->request.feed.follower;
    uint64_t hash = hash_of(name, job->request.person);
    struct gp_following *one;

    if (name.len == 0)
        return;
    one = following_of(app, hash);
    if (one->hash != hash || !job->again) {
        one->hash = hash;
        one->asked = uv_now(&app->loop);
        one->asked_ms = job->now_ms;
        one->name_len = (uint8_t)name.len;
        memcpy(one->name, name.ptr, name.len);
    }
    one->at = job->found > 0 ? job->request.feed.after : job->scanned_to;
}

/* Two people may use one name: the one that is further behind stands for both. */
static void add_follower(const struct gp_app *app, const struct gp_following *one,
                         struct gp_daemon_figures *figures)
{
    struct gp_follower_figure figure = {
        .name = {one->name, one->name_len},
        .behind = app->head > one->at ? app->head - one->at : 0,
        .asked_ms = one->asked_ms,
    };

    for (uint32_t i = 0; i < figures->follower_count; i++) {
        struct gp_follower_figure *other = &figures->follower[i];
        if (!gp_span_equal(other->name, figure.name))
            continue;
        if (figure.behind > other->behind)
            other->behind = figure.behind;
        if (figure.asked_ms < other->asked_ms)
            other->asked_ms = figure.asked_ms;
        return;
    }
    figures->follower[figures->follower_count++] = figure;
}

static int add_followers(struct gp_job *job, struct gp_daemon_figures *figures)
{
    const struct gp_app *app = job->app;

    figures->follower =
        gp_arena_zalloc(&job->page, GP_FOLLOWER_FIGURES_MAX, sizeof *figures->follower);
    if (figures->follower == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < GP_FOLLOWER_FIGURES_MAX; i++) {
        const struct gp_following *one = &app->figures.following[i];
        if (one->hash != 0 && uv_now(&app->loop) - one->asked < GP_FOLLOWING_MS)
            add_follower(app, one, figures);
    }
    return 0;
}

/* ---------------------------------------------------------------- the answer */

static int add_departments(struct gp_job *job, struct gp_daemon_figures *figures)
{
    const struct gp_census *census = job->app->counted->census;

    figures->counted_ms = census->now_ms;
    figures->partial = census->partial;
    figures->department_count = census->department_count;
    if (census->department_count == 0)
        return 0;
    figures->department =
        gp_arena_zalloc(&job->page, census->department_count, sizeof *figures->department);
    if (figures->department == NULL)
        return GP_ENOMEM;
    for (uint32_t i = 0; i < census->department_count; i++) {
        const struct gp_colour_counts *counts = &census->by_department[i];
        figures->department[i] = (struct gp_department_figure){
            .department = census->department[i],
            .open = gp_counts_open(counts),
            .soon = counts->soon,
            .overdue = counts->colour[GP_COLOUR_OVERDUE],
        };
    }
    return 0;
}

static void add_counted(const struct gp_app *app, struct gp_daemon_figures *figures)
{
    const struct gp_counting *from = &app->figures;

    figures->requests = from->requests;
    figures->answers = from->answers;
    figures->refusals = from->refusals;
    figures->done = from->done;
    figures->steps = from->steps;
    figures->coalesced = from->coalesced;
    figures->failed = from->failed;
    figures->dropped = app->seal->dropped;
    figures->commit_us = (struct gp_measured){gp_bounds_commit_us, from->commit_us};
    figures->batch_items = (struct gp_measured){gp_bounds_items, from->batch_items};
    figures->answer_ms = (struct gp_measured){gp_bounds_answer_ms, from->answer_ms};
    figures->checkpoint_ms = (struct gp_measured){gp_bounds_answer_ms, from->checkpoint_ms};
    figures->late_ms = (struct gp_measured){gp_bounds_late_ms, from->late_ms};
}

static void add_now(const struct gp_app *app, struct gp_daemon_figures *figures)
{
    const struct gp_store_figures *store = &app->counted->store;

    figures->queued = app->commands_filling + app->commands_flying;
    figures->readers = app->readers;
    figures->committed = gp_store_committed(app->store);
    figures->paused = app->intake_paused;
    figures->data_bytes = store->file_bytes - store->journal_bytes;
    figures->journal_bytes = store->journal_bytes;
    figures->map_bytes = store->map_bytes;
}

static void answer(void *context)
{
    struct gp_job *job = context;
    struct gp_app *app = job->app;
    char directory[GP_DIRECTORY_BYTES];
    struct gp_daemon_figures *figures = gp_arena_zalloc(&job->page, 1, sizeof *figures);
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_FIGURES, .figures = figures};

    if (!gp_counted_fresh(app)) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(app->count_error));
        return;
    }
    if (figures == NULL || add_followers(job, figures) != 0 || add_departments(job, figures) != 0) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(GP_ENOMEM));
        return;
    }
    gp_status_fill(app, directory, &figures->status);
    gp_status_store(&figures->status, &app->counted->store);
    figures->status.no_room = app->counted->tight;
    add_counted(app, figures);
    add_now(app, figures);
    gp_job_reply(job, &reply);
}

void gp_figures_answer(struct gp_job *job)
{
    gp_counted_await(job->app, &job->await, answer, job);
}
