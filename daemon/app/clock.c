/* Effective time: the rule is core/clock.c; here the clocks are read and alarms become entries. */
#include "app/internal.h"

#include "base/clocktext.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Two clocks that are read within this are read at once: far below what counts as a step. */
#define APART_MS 100

struct reading {
    int64_t wall_ms, boot_ms;
};

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now); /* both clocks exist on every Linux */
    return (int64_t)now.tv_sec * GP_MS_SECOND + now.tv_nsec / 1000000;
}

static int64_t boot_ms(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

/* Both of one instant: where the machine sleeps, or this process does, between the two readings,
 * the one would have jumped against the other. */
static struct reading read_both(void)
{
    struct reading now = {.boot_ms = boot_ms()};
    int64_t before_ms;

    do {
        before_ms = now.boot_ms;
        now.wall_ms = read_clock(CLOCK_REALTIME);
        now.boot_ms = boot_ms();
    } while (now.boot_ms - before_ms > APART_MS);
    return now;
}

static const char *alarm_text(enum gp_clock_alarm alarm)
{
    switch (alarm) {
    case GP_CLOCK_BACKWARDS:
        return "wall clock went back: time goes on from the mark";
    case GP_CLOCK_JUMPED:
        return "wall clock jumped ahead: the ladder is held until it stays consistent";
    case GP_CLOCK_FAR_AHEAD:
        return "wall clock is far ahead of the store: the ladder is held until an admin confirms";
    case GP_CLOCK_SETTLED:
        return "clock is consistent again: the ladder goes on";
    case GP_CLOCK_QUIET:
        break;
    }
    return "";
}

static void raise_alarm(struct gp_app *app, enum gp_clock_alarm alarm)
{
    struct gp_item item = {.kind = GP_ITEM_CLOCK, .text = gp_span_of(alarm_text(alarm))};

    if (alarm == GP_CLOCK_QUIET)
        return;
    gp_log(GP_LOG_WARNING, "clock", "%s", alarm_text(alarm));
    (void)gp_batcher_own(app, &item); /* the log has it, should there be no room */
    if (alarm == GP_CLOCK_SETTLED)
        gp_deadline_queue_start(app);
}

void gp_app_clock_start(struct gp_app *app, int64_t mark_ms)
{
    enum gp_clock_alarm alarm;
    struct reading now = read_both();

    if (app->options->drill) {
        app->drill_start_ms =
            mark_ms != 0 ? mark_ms : now.wall_ms; /* a drill goes on where it was */
        if (app->options->clock_start_ms > mark_ms)
            app->drill_start_ms = app->options->clock_start_ms;
        app->drill_boot_ms = now.boot_ms;
        return;
    }
    gp_clock_start(&app->clock, app->settings.clock_jump_max_ms, app->settings.clock_start_max_ms,
                   mark_ms, now.wall_ms, now.boot_ms, &alarm);
    raise_alarm(app, alarm);
}

int64_t gp_app_now(struct gp_app *app)
{
    enum gp_clock_alarm alarm;

    if (app->options->drill)
        return app->drill_start_ms +
               (boot_ms() - app->drill_boot_ms) * (int64_t)app->options->clock_rate;
    struct reading now = read_both();
    int64_t now_ms = gp_clock_read(&app->clock, now.wall_ms, now.boot_ms, &alarm);
    raise_alarm(app, alarm);
    return now_ms;
}

bool gp_app_held(const struct gp_app *app)
{
    return !app->options->drill && app->clock.state == GP_CLOCK_HELD;
}

/* Both say why not, or NULL. */
static const char *may_confirm(const struct gp_app *app, struct gp_item *item)
{
    if (!gp_app_held(app))
        return "the clock is not held";
    item->text = GP_SPAN("confirmed by an admin: the ladder goes on");
    return NULL;
}

static const char *may_lower(const struct gp_app *app, int64_t mark_ms, struct gp_item *item)
{
    struct gp_clock trial = app->clock;
    enum gp_clock_alarm alarm;

    if (gp_clock_lower_mark(&trial, mark_ms, &alarm) != 0)
        return "the mark is not above that time";
    item->text = GP_SPAN("mark lowered by an admin");
    item->lower_mark_ms = mark_ms;
    return NULL;
}

static const char *may_act(const struct gp_app *app, const struct gp_request *request,
                           struct gp_item *item)
{
    if (app->options->drill)
        return "a drill has a clock of its own";
    if (request->control.act == GP_CONTROL_CLOCK_CONFIRM)
        return may_confirm(app, item);
    return may_lower(app, request->control.at_ms, item);
}

void gp_app_clock_control(struct gp_app *app, struct gp_job *job)
{
    struct gp_item item = {.kind = GP_ITEM_CLOCK,
                           .actor = job->request.person,
                           .by_device = job->by_device,
                           .command.device = job->request.device,
                           .context = job};

    if (app->clock_act_queued || !gp_batcher_has_room(app)) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "busy");
        return;
    }
    memcpy(item.command.id, job->request.control.id, sizeof item.command.id);
    memcpy(item.command.body_hash, job->request.control.body_hash, sizeof item.command.body_hash);
    item.why_not = may_act(app, &job->request, &item);
    app->clock_act_queued = true;
    (void)gp_batcher_own(app, &item); /* there is room */
}

static void lower(struct gp_app *app, int64_t mark_ms)
{
    enum gp_clock_alarm alarm;
    bool held = gp_app_held(app);

    if (gp_clock_lower_mark(&app->clock, mark_ms, &alarm) != 0)
        return; /* a mark only rises by itself */
    raise_alarm(app, alarm);
    if (held && !gp_app_held(app))
        gp_deadline_queue_start(app);
}

/* The clock follows what is on disk, never the other way round. */
static void act(struct gp_app *app, const struct gp_item *item)
{
    const struct gp_job *job = item->context;

    gp_log(GP_LOG_WARNING, "clock", "%.*s (%.*s)", GP_SPAN_ARG(item->text),
           GP_SPAN_ARG(job->request.person));
    if (item->lower_mark_ms != 0) {
        lower(app, item->lower_mark_ms);
    } else if (gp_app_held(app)) { /* else it has settled meanwhile */
        struct reading now = read_both();
        gp_clock_confirm(&app->clock, now.wall_ms, now.boot_ms);
        gp_deadline_queue_start(app);
    }
}

void gp_app_clock_answer(struct gp_app *app, const struct gp_item *item)
{
    struct gp_reply reply = gp_batcher_reply(item);

    app->clock_act_queued = false;
    if (item->answer.error != 0) {
        gp_job_refuse(item->context, GP_STATUS_TRY_AGAIN, gp_error_text(item->answer.error));
        return;
    }
    if (reply.status == GP_STATUS_OK && !reply.answer.repeated)
        act(app, item);
    gp_job_reply(item->context, &reply);
}
