#include "show/metrics.h"

#include "core/clock.h"

#include <inttypes.h>
#include <string.h>

/* ---------------------------------------------------------------- writing */

void gp_metrics_family(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(FILE *to, const char *name, const char *type, const char *help, uint64_t value)
{
    gp_metrics_family(to, name, type, help);
    fprintf(to, "%s %" PRIu64 "\n", name, value);
}

/* A number of units of which 10^decimals are one, without zeros at its end. No floating point: that
 * would be written as the language of the environment has it. */
static void put_scaled(FILE *to, uint64_t value, unsigned decimals)
{
    uint64_t one_of = 1, rest;

    for (unsigned i = 0; i < decimals; i++)
        one_of *= 10;
    fprintf(to, "%" PRIu64, value / one_of);
    rest = value % one_of;
    if (rest == 0)
        return;
    while (rest % 10 == 0) {
        rest /= 10;
        decimals--;
    }
    fprintf(to, ".%0*" PRIu64, (int)decimals, rest);
}

static void put_label(FILE *to, struct gp_span value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\n')
            fputs("\\n", to);
        else if (c == '\\' || c == '"')
            fprintf(to, "\\%c", c);
        else
            fputc(c, to);
    }
}

static void labelled(FILE *to, const char *name, const char *label, struct gp_span value)
{
    fprintf(to, "%s{%s=\"", name, label);
    put_label(to, value);
    fputs("\"} ", to);
}

/* A time of none is not there. */
static void instant(FILE *to, const char *name, const char *help, int64_t ms)
{
    if (ms <= 0)
        return;
    gp_metrics_family(to, name, "gauge", help);
    fprintf(to, "%s ", name);
    put_scaled(to, (uint64_t)ms, 3);
    fputc('\n', to);
}

/* ---------------------------------------------------------------- counts by kind */

static const char *status_word(int status)
{
    static const char *const words[] = {
        [GP_STATUS_OK] = "ok",
        [GP_STATUS_REFUSED] = "refused",
        [GP_STATUS_INVALID] = "invalid",
        [GP_STATUS_NOT_FOUND] = "not_found",
        [GP_STATUS_TRY_AGAIN] = "try_again",
        [GP_STATUS_VERSION] = "version",
        [GP_STATUS_LIMITED] = "limited",
        [GP_STATUS_SEALED_ONLY] = "sealed_only",
    };
    bool known = status > 0 && status < (int)(sizeof words / sizeof words[0]);

    return known ? words[status] : "?";
}

/* From the first kind to the last that there is in this version; of a newer daemon's kinds those
 * that it has met, by their number. */
static void by_kind(FILE *to, const char *name, const char *label, const struct gp_counts *counts,
                    int first, const char *(*word)(int))
{
    for (int i = first; i < GP_COUNTS_MAX; i++) {
        char number[16];
        const char *text = word(i);
        (void)snprintf(number, sizeof number, "%d", i);
        if (text[0] == '\0' || text[0] == '?') {
            if (counts->of[i] == 0)
                continue;
            text = number;
        }
        labelled(to, name, label, gp_span_of(text));
        fprintf(to, "%" PRIu64 "\n", counts->of[i]);
    }
}

/* Steps that time fires: neither the first of a plan, which a command does, nor the end of a
 * suspension, which is none. */
static const char *fired_step(int step)
{
    return step < GP_STEP_RESUME ? gp_step_name(step) : "?";
}

static const char *said_verb(int verb)
{
    return verb < GP_VERB_ENROL ? gp_verb_name(verb) : "?";
}

static void counts(FILE *to, const struct gp_daemon_figures *figures)
{
    gp_metrics_family(to, "gridpost_requests_total", "counter",
                      "Requests that could be read, by kind.");
    by_kind(to, "gridpost_requests_total", "kind", &figures->requests, 1, gp_request_word);
    gp_metrics_family(to, "gridpost_answers_total", "counter", "Answers, by status.");
    by_kind(to, "gridpost_answers_total", "status", &figures->answers, 1, status_word);
    gp_metrics_family(to, "gridpost_refusals_total", "counter", "Answers that refuse, by reason.");
    by_kind(to, "gridpost_refusals_total", "reason", &figures->refusals, 1, gp_reason_word);
    gp_metrics_family(to, "gridpost_commands_total", "counter",
                      "Commands that are in the journal, each once, by verb.");
    by_kind(to, "gridpost_commands_total", "verb", &figures->done, 1, said_verb);
    gp_metrics_family(to, "gridpost_steps_total", "counter", "Steps that time has fired, by step.");
    by_kind(to, "gridpost_steps_total", "step", &figures->steps, GP_STEP_UNACCEPTED, fired_step);
    one(to, "gridpost_steps_coalesced_total", "counter",
        "Steps that were made up for after an outage.", figures->coalesced);
    one(to, "gridpost_repeats_total", "counter",
        "Commands that came again and got the answer of before.", figures->status.repeated);
    one(to, "gridpost_malformed_total", "counter", "Requests that could not be read.",
        figures->status.malformed);
    one(to, "gridpost_batches_failed_total", "counter", "Batches that could not be stored.",
        figures->failed);
}

/* ---------------------------------------------------------------- histograms */

static void histogram(FILE *to, const char *name, const char *help,
                      const struct gp_measured *measured, unsigned decimals)
{
    const struct gp_bounds *bounds = &measured->bounds;
    uint64_t count = 0;

    if (bounds->count == 0)
        return;
    gp_metrics_family(to, name, "histogram", help);
    for (unsigned i = 0; i < bounds->count; i++) {
        count += measured->histogram.count[i];
        fprintf(to, "%s_bucket{le=\"", name);
        put_scaled(to, bounds->bound[i], decimals);
        fprintf(to, "\"} %" PRIu64 "\n", count);
    }
    count += measured->histogram.count[bounds->count];
    fprintf(to, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count, name);
    put_scaled(to, measured->histogram.sum, decimals);
    fprintf(to, "\n%s_count %" PRIu64 "\n", name, count);
}

static void measures(FILE *to, const struct gp_daemon_figures *figures)
{
    histogram(to, "gridpost_answer_seconds", "Of a command, from its coming to its answer.",
              &figures->answer_ms, 3);
    histogram(to, "gridpost_commit_seconds",
              "Of a batch that wrote something, from its beginning until it was on disk.",
              &figures->commit_us, 6);
    histogram(to, "gridpost_batch_items", "Items of a batch.", &figures->batch_items, 0);
    histogram(to, "gridpost_checkpoint_seconds", "Of committing the tables.",
              &figures->checkpoint_ms, 3);
    histogram(to, "gridpost_step_lateness_seconds",
              "Of a step, behind the instant that it was planned for.", &figures->late_ms, 3);
}

/* ---------------------------------------------------------------- how it is */

static void info(FILE *to, const struct gp_daemon_status *status)
{
    gp_metrics_family(
        to, "gridpost_info", "gauge",
        "Always 1; version, digest of the directory in force, whether it is a drill.");
    fputs("gridpost_info{version=\"", to);
    put_label(to, status->version);
    fputs("\",directory=\"", to);
    put_label(to, status->directory);
    fprintf(to, "\",drill=\"%s\"} 1\n", status->drill ? "true" : "false");
}

static void clocks(FILE *to, const struct gp_daemon_status *status)
{
    instant(to, "gridpost_start_time_seconds", "When the daemon was started, by its clock.",
            status->started_ms);
    instant(to, "gridpost_time_seconds", "The daemon's effective time.", status->now_ms);
    one(to, "gridpost_clock_held", "gauge", "1: the clock is held, and no step fires.",
        status->clock_state == GP_CLOCK_HELD);
    instant(to, "gridpost_next_deadline_timestamp_seconds",
            "When the next step is due; not there: none is planned.", status->next_deadline_ms);
    one(to, "gridpost_steps_planned", "gauge", "Steps and begins of leaves that are planned.",
        status->planned);
}

static void store(FILE *to, const struct gp_daemon_figures *figures)
{
    const struct gp_daemon_status *status = &figures->status;

    one(to, "gridpost_journal_entries_total", "counter",
        "Entries of the journal, since the store was made.", status->head);
    one(to, "gridpost_incidents_total", "counter", "Incidents, since the store was made.",
        status->incidents);
    one(to, "gridpost_tables_behind_entries", "gauge",
        "Entries that are acknowledged and not in what readers see.",
        status->head > figures->committed ? status->head - figures->committed : 0);
    one(to, "gridpost_store_data_bytes", "gauge", "The data file, on disk.", figures->data_bytes);
    one(to, "gridpost_store_data_max_bytes", "gauge",
        "What the data file may become (store_map_mib).", figures->map_bytes);
    one(to, "gridpost_store_journal_bytes", "gauge", "The journal, on disk.",
        figures->journal_bytes);
    one(to, "gridpost_no_room", "gauge", "1: nearly no space is left, and reports are not taken.",
        status->no_room);
    instant(to, "gridpost_backup_timestamp_seconds",
            "When the newest good backup was made; not there: there is none.", status->backup_ms);
}

static void load(FILE *to, const struct gp_daemon_figures *figures)
{
    const struct gp_daemon_status *status = &figures->status;

    one(to, "gridpost_queued_commands", "gauge", "Commands that wait for the store or are with it.",
        figures->queued);
    one(to, "gridpost_intake_paused", "gauge", "1: a batch is full, and nothing is taken in.",
        figures->paused);
    one(to, "gridpost_readers", "gauge", "Reads in the pool or waiting for it.", figures->readers);
    one(to, "gridpost_sessions", "gauge", "Sessions of devices that are open.", status->sessions);
    one(to, "gridpost_handshakes_total", "counter", "Handshakes that were answered.",
        status->handshakes);
    one(to, "gridpost_denied_total", "counter", "Requests of devices that were not their right.",
        status->denied);
    one(to, "gridpost_limited_total", "counter", "Requests that came too fast.", status->limited);
    one(to, "gridpost_dropped_total", "counter",
        "Envelopes that got no answer: nobody's, or not to be opened.", figures->dropped);
}

/* ---------------------------------------------------------------- followers, departments */

static void followers(FILE *to, const struct gp_daemon_figures *figures)
{
    one(to, "gridpost_followers", "gauge", "Feeds that wait for something new.",
        figures->status.followers);
    if (figures->follower_count == 0)
        return;
    gp_metrics_family(to, "gridpost_follower_behind_entries", "gauge",
                      "Entries of the journal that a follower has not looked at, by its name.");
    for (uint32_t i = 0; i < figures->follower_count; i++) {
        labelled(to, "gridpost_follower_behind_entries", "follower", figures->follower[i].name);
        fprintf(to, "%" PRIu64 "\n", figures->follower[i].behind);
    }
    gp_metrics_family(to, "gridpost_follower_asked_timestamp_seconds", "gauge",
                      "When a follower has asked last.");
    for (uint32_t i = 0; i < figures->follower_count; i++) {
        labelled(to, "gridpost_follower_asked_timestamp_seconds", "follower",
                 figures->follower[i].name);
        put_scaled(to, (uint64_t)figures->follower[i].asked_ms, 3);
        fputc('\n', to);
    }
}

static uint64_t open_of(const struct gp_department_figure *figure)
{
    return figure->open;
}

static uint64_t soon_of(const struct gp_department_figure *figure)
{
    return figure->soon;
}

static uint64_t overdue_of(const struct gp_department_figure *figure)
{
    return figure->overdue;
}

static void departments(FILE *to, const struct gp_daemon_figures *figures)
{
    static const struct {
        const char *name, *help;
        uint64_t (*of)(const struct gp_department_figure *figure);
    } rows[] = {
        {"gridpost_department_open_incidents", "Open incidents, by responsible department.",
         open_of},
        {"gridpost_department_due_soon_incidents", "Of these, due within 24 hours and not overdue.",
         soon_of},
        {"gridpost_department_overdue_incidents",
         "Of these, past their limit with the work not done.", overdue_of},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (figures->department_count > 0)
            gp_metrics_family(to, rows[i].name, "gauge", rows[i].help);
        for (uint32_t d = 0; d < figures->department_count; d++) {
            labelled(to, rows[i].name, "department", figures->department[d].department);
            fprintf(to, "%" PRIu64 "\n", rows[i].of(&figures->department[d]));
        }
    }
    instant(to, "gridpost_counted_timestamp_seconds", "When incidents and bytes were counted.",
            figures->counted_ms);
    one(to, "gridpost_counted_partially", "gauge",
        "1: there are more open incidents than were counted.", figures->partial);
}

static void up(FILE *to, bool is_up)
{
    one(to, "gridpost_up", "gauge", "1: the daemon has answered.", is_up);
}

void gp_show_metrics(const struct gp_daemon_figures *figures, FILE *to)
{
    up(to, true);
    info(to, &figures->status);
    clocks(to, &figures->status);
    counts(to, figures);
    measures(to, figures);
    load(to, figures);
    store(to, figures);
    followers(to, figures);
    departments(to, figures);
}

void gp_show_metrics_down(FILE *to)
{
    up(to, false);
}
