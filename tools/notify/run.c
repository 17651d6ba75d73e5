#include "notify/run.h"

#include "base/log.h"
#include "notify/again.h"
#include "notify/courier.h"
#include "notify/link.h"
#include "notify/say.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS  1000 /* between two looks at wishes and the file's size */
#define DRAIN_MS 3000 /* what is under way when it has to stop */

struct run {
    const struct gp_notify_settings *settings;
    const struct gp_run_options *options;
    struct gp_desk *desk;
    struct gp_courier *courier;
    struct gp_link *link;
    int lock;
    bool full_said, disk_said, ready, ended;
    int64_t looked_ms;
    enum gp_run_end end;
};

static volatile sig_atomic_t stop_asked, reload_asked;
static struct gp_courier *volatile to_wake; /* waking is one write to a pipe of libcurl's */

static void on_signal(int number)
{
    int saved = errno;

    if (number == SIGHUP)
        reload_asked = 1;
    else
        stop_asked = 1;
    if (to_wake != NULL)
        gp_courier_wake(to_wake);
    errno = saved;
}

void gp_run_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigaction(SIGTERM, &action, NULL); /* valid signals and memory: cannot fail */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGPIPE, &action, NULL);
}

int64_t gp_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wake(void *context)
{
    gp_courier_wake(context);
}

/* ---------------------------------------------------------------- messages */

static const struct gp_channel *channel_of(const struct run *run, const struct gp_batch *batch)
{
    return &run->settings->channel[run->settings->rule[batch->dest].channel];
}

static void end_batch(struct run *run, const struct gp_batch *batch,
                      const struct gp_verdict *verdict)
{
    const struct gp_channel *channel = channel_of(run, batch);
    const char *name = run->settings->rule[batch->dest].name;
    size_t dead = gp_desk_dead(run->desk);
    uint64_t seq = batch->letter[0]->note->seq;

    gp_desk_end(run->desk, batch, verdict, gp_now_ms());
    if (verdict->kind == GP_VERDICT_SENT)
        gp_log(GP_LOG_DEBUG, "sent", "entry %" PRIu64 " and %zu more to %s by %s", seq,
               batch->count - 1, name, channel->name);
    else
        gp_log(GP_LOG_WARNING, "not-sent", "entry %" PRIu64 " to %s by %s: %s; %s", seq, name,
               channel->name, verdict->why,
               verdict->kind == GP_VERDICT_RETRY ? "trying again" : "it is refused");
    if (gp_desk_dead(run->desk) > dead)
        gp_log(GP_LOG_ERROR, "given-up", "%zu notices to %s by %s: see gridpost-notify dead",
               gp_desk_dead(run->desk) - dead, name, channel->name);
}

static void fail_here(struct run *run, const struct gp_batch *batch, const char *why)
{
    struct gp_verdict verdict = {.kind = GP_VERDICT_RETRY};

    (void)snprintf(verdict.why, sizeof verdict.why, "%s", why);
    end_batch(run, batch, &verdict);
}

static void send_batch(struct run *run, struct gp_batch *batch)
{
    const struct gp_channel *channel = channel_of(run, batch);
    struct gp_batch *tag = malloc(sizeof *tag);
    struct gp_message message = {0};
    struct gp_outgoing outgoing = {0};
    int64_t now_ms = gp_now_ms();
    int rc = tag != NULL ? gp_compose(run->settings, batch, &message) : GP_ENOMEM;

    gp_desk_begin(run->desk, batch, now_ms);
    if (rc == 0)
        rc = gp_channel_write(channel, run->settings->rule[batch->dest].address, &message, now_ms,
                              &outgoing);
    gp_message_release(&message);
    if (rc == 0) {
        *tag = *batch;
        rc = gp_courier_start(run->courier, &outgoing, run->settings->timeout_ms, tag);
    }
    if (rc != 0) {
        free(tag);
        fail_here(run, batch, gp_error_text(rc));
    }
}

static void take_ends(struct run *run)
{
    struct gp_answer answer;
    void *tag;

    while (gp_courier_next(run->courier, &answer, &tag)) {
        struct gp_batch *batch = tag;
        struct gp_verdict verdict;
        gp_channel_judge(channel_of(run, batch), &answer, &verdict);
        end_batch(run, batch, &verdict);
        free(batch);
    }
}

/* Returns when to look again at the latest. */
static int64_t send_all(struct run *run)
{
    struct gp_batch batch;
    int64_t wake_ms;

    while (gp_desk_next(run->desk, gp_now_ms(), &batch, &wake_ms))
        send_batch(run, &batch);
    return wake_ms;
}

/* ---------------------------------------------------------------- the journal */

static void get_ready(struct run *run)
{
    char text[160];

    if (run->ready)
        return;
    run->ready = true;
    (void)snprintf(text, sizeof text, "READY=1\nSTATUS=%zu waiting, %zu dead",
                   gp_desk_waiting(run->desk), gp_desk_dead(run->desk));
    gp_say_state(text);
}

/* A full disk, or more notices than may wait: the journal is read on when there is room. */
static void take_page(struct run *run, struct gp_link_event *event)
{
    int rc = GP_EAGAIN;

    if (gp_desk_has_room(run->desk))
        rc = gp_desk_take(run->desk, event->note, event->count, event->scanned_to, gp_now_ms());
    else
        for (size_t i = 0; i < event->count; i++)
            gp_note_free(event->note[i]);
    if (rc == 0) {
        run->full_said = false;
        gp_link_go_on(run->link);
        return;
    }
    if (!run->full_said)
        gp_log(GP_LOG_ERROR, "no-room",
               "%s: the journal is not read on; the notices stay there until it is",
               rc == GP_EAGAIN ? "too many notices wait, or the outbox cannot be written"
                               : gp_error_text(rc));
    run->full_said = true;
    gp_link_again(run->link);
}

static void take_reported(struct run *run, const struct gp_link_event *event)
{
    for (size_t i = 0; i < event->report_count; i++) {
        if (event->said[i])
            gp_desk_said(run->desk, &event->report[i]);
    }
}

static void end_run(struct run *run, enum gp_run_end end)
{
    run->ended = true;
    run->end = end;
}

static void take_event(struct run *run, struct gp_link_event *event)
{
    switch (event->kind) {
    case GP_LINK_PAGE:
        take_page(run, event);
        break;
    case GP_LINK_REPORTED:
        take_reported(run, event);
        break;
    case GP_LINK_TROUBLE:
        gp_log(GP_LOG_WARNING, "daemon", "%s; trying again", event->words);
        break;
    case GP_LINK_WELL:
        gp_log(GP_LOG_INFO, "daemon", "it answers again");
        break;
    case GP_LINK_FATAL:
        gp_log(GP_LOG_ERROR, "journal", "%s If it is right so, move %s/outbox away and begin anew",
               event->words, run->settings->state);
        end_run(run, GP_RUN_NEVER);
        break;
    case GP_LINK_NOTHING:
        break;
    }
}

static void speak_with_link(struct run *run)
{
    static struct gp_link_event event; /* too large for a stack; one loop in a process */
    struct gp_delivery_report reports[GP_LINK_REPORTS];

    do {
        gp_link_take(run->link, &event);
        take_event(run, &event);
    } while (event.kind != GP_LINK_NOTHING && !run->ended);
    if (!gp_link_is_free(run->link))
        return;
    size_t count = gp_desk_reports(run->desk, reports, GP_LINK_REPORTS);
    if (count > 0)
        gp_link_report(run->link, reports, count);
}

/* ---------------------------------------------------------------- once a second */

static void on_wish(void *context, struct gp_span id)
{
    struct run *run = context;
    size_t count = gp_desk_resend(run->desk, id, gp_now_ms());

    gp_log(GP_LOG_INFO, "resend", "%.*s: %zu notices", GP_SPAN_ARG(id), count);
}

static void look_around(struct run *run)
{
    int64_t now_ms = gp_now_ms();

    gp_say_alive();
    if (now_ms >= run->looked_ms && now_ms - run->looked_ms < LOOK_MS)
        return;
    run->looked_ms = now_ms;
    (void)gp_again_take(run->settings->state, on_wish, run);
    int rc = gp_desk_tidy(run->desk, now_ms);
    if (rc != 0 && !run->disk_said)
        gp_log(GP_LOG_ERROR, "outbox", "it cannot be written anew: %s; trying again",
               gp_error_text(rc));
    run->disk_said = rc != 0;
}

/* ---------------------------------------------------------------- the loop */

static int wait_for(int64_t wake_ms)
{
    int64_t left = wake_ms - gp_now_ms();

    if (left < 0)
        return 0;
    return left < LOOK_MS ? (int)left : LOOK_MS;
}

static void loop(struct run *run)
{
    get_ready(run);
    while (!run->ended && !stop_asked && !reload_asked) {
        speak_with_link(run);
        look_around(run);
        int64_t wake_ms = send_all(run);
        gp_courier_wait(run->courier, wait_for(wake_ms));
        take_ends(run);
    }
    if (!run->ended)
        end_run(run, stop_asked ? GP_RUN_STOPPED : GP_RUN_RELOAD);
}

/* What is under way gets a little time; what does not end in it goes again after the next start. */
static void drain(struct run *run)
{
    int64_t until_ms = gp_now_ms() + DRAIN_MS;

    while (gp_courier_count(run->courier) > 0 && gp_now_ms() < until_ms) {
        gp_courier_wait(run->courier, 50);
        take_ends(run);
    }
}

static int open_lock(const char *state)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/lock", state);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
        (void)close(file);
        errno = EWOULDBLOCK;
        return -1;
    }
    return file;
}

static bool open_desk(struct run *run)
{
    unsigned line = 0;
    int rc = gp_desk_open(run->settings, gp_now_ms(), NULL, &line, &run->desk);

    if (rc == GP_ECORRUPT) {
        gp_log(GP_LOG_ERROR, "outbox",
               "%s/outbox is damaged at line %u: move it away and begin behind the last entry "
               "that was told, gridpost-notify run --since N",
               run->settings->state, line);
        end_run(run, GP_RUN_NEVER);
    } else if (rc != 0) {
        gp_log(GP_LOG_ERROR, "outbox", "%s/outbox: %s", run->settings->state, gp_error_text(rc));
    }
    if (rc == 0 && gp_desk_orphans(run->desk) > 0)
        gp_log(GP_LOG_WARNING, "outbox",
               "%zu notices were for recipients that the settings have no more; dropped",
               gp_desk_orphans(run->desk));
    return rc == 0;
}

static bool open_link(struct run *run)
{
    uint64_t after = 0;
    bool known = gp_desk_cursor(run->desk, &after);

    if (run->options->since_given) {
        known = true;
        after = run->options->since;
        int rc = gp_desk_restart(run->desk, after);
        if (rc != 0) {
            gp_log(GP_LOG_ERROR, "outbox", "%s", gp_error_text(rc));
            return false;
        }
    }
    int rc = gp_link_open(run->settings, known, after, wake, run->courier, &run->link);
    if (rc != 0)
        gp_log(GP_LOG_ERROR, "start", "%s", gp_error_text(rc));
    else if (known)
        gp_log(GP_LOG_INFO, "start",
               "following the journal behind entry %" PRIu64 "; %zu notices wait", after,
               gp_desk_waiting(run->desk));
    else
        gp_log(GP_LOG_INFO, "start", "following the journal from its end");
    return rc == 0;
}

static bool open_all(struct run *run)
{
    run->lock = open_lock(run->settings->state);
    if (run->lock < 0) {
        gp_log(GP_LOG_ERROR, "start", "%s/lock: %s", run->settings->state,
               errno == EWOULDBLOCK ? "another gridpost-notify runs here" : strerror(errno));
        return false;
    }
    if (!open_desk(run))
        return false;
    if (gp_courier_open(&run->courier) != 0) {
        gp_log(GP_LOG_ERROR, "start", "%s", gp_error_text(GP_ENOMEM));
        return false;
    }
    to_wake = run->courier;
    return open_link(run);
}

/* Batches of transfers that never ended. */
static void free_tags(struct run *run)
{
    void *tag;

    while (gp_courier_abort(run->courier, &tag))
        free(tag);
}

enum gp_run_end gp_run(const struct gp_notify_settings *settings,
                       const struct gp_run_options *options)
{
    struct run run = {.settings = settings, .options = options, .lock = -1, .end = GP_RUN_FAILED};

    reload_asked = 0;
    if (open_all(&run)) {
        loop(&run);
        if (run.end != GP_RUN_RELOAD)
            gp_say_state("STOPPING=1");
        drain(&run);
    }
    to_wake = NULL;
    gp_link_close(run.link);
    if (run.courier != NULL)
        free_tags(&run);
    gp_courier_close(run.courier);
    gp_desk_close(run.desk);
    if (run.lock >= 0)
        (void)close(run.lock);
    return run.end;
}
