/* Status and figures: how the daemon is. */
#include "wire/internal.h"

/* Bodies of a request by their numbers, less one: the first of a list is of the first body. */
#define FIRST_BODY 10

static const struct {
    const char *word;
    uint8_t body;
} bodies[] = {
    [GP_REQUEST_COMMAND] = {"command", GP__REQUEST__BODY_COMMAND},
    [GP_REQUEST_QUERY] = {"query", GP__REQUEST__BODY_QUERY},
    [GP_REQUEST_INCIDENT] = {"incident", GP__REQUEST__BODY_INCIDENT},
    [GP_REQUEST_FEED] = {"feed", GP__REQUEST__BODY_FEED},
    [GP_REQUEST_STATUS] = {"status", GP__REQUEST__BODY_STATUS},
    [GP_REQUEST_ROSTER] = {"roster", GP__REQUEST__BODY_ROSTER},
    [GP_REQUEST_CONTROL] = {"control", GP__REQUEST__BODY_CONTROL},
    [GP_REQUEST_WHO] = {"who", GP__REQUEST__BODY_WHO},
    [GP_REQUEST_LEAVES] = {"leaves", GP__REQUEST__BODY_LEAVES},
    [GP_REQUEST_ASSESS] = {"assess", GP__REQUEST__BODY_ASSESS},
    [GP_REQUEST_DEVICES] = {"devices", GP__REQUEST__BODY_DEVICES},
    [GP_REQUEST_VERIFY] = {"verify", GP__REQUEST__BODY_VERIFY},
    [GP_REQUEST_HEAD] = {"head", GP__REQUEST__BODY_HEAD},
    [GP_REQUEST_BACKUP] = {"backup", GP__REQUEST__BODY_BACKUP},
    [GP_REQUEST_FIGURES] = {"figures", GP__REQUEST__BODY_FIGURES},
    [GP_REQUEST_SUMMARY] = {"summary", GP__REQUEST__BODY_SUMMARY},
};

#define KINDS ((int)(sizeof bodies / sizeof bodies[0]))

const char *gp_request_word(int kind)
{
    return kind > 0 && kind < KINDS ? bodies[kind].word : "?";
}

/* ---------------------------------------------------------------- writing */

Gp__DaemonStatus *gp_out_daemon(struct gp_out *out, const struct gp_daemon_status *from)
{
    Gp__DaemonStatus *status = gp_out_new(out, sizeof *status);

    gp__daemon_status__init(status);
    status->version = gp_out_text(out, from->version);
    status->directory = gp_out_text(out, from->directory);
    status->reload = gp_out_text(out, from->reload);
    GP_SET(status, drill, from->drill);
    GP_SET(status, clock_rate, from->clock_rate);
    GP_SET(status, now_ms, from->now_ms);
    GP_SET(status, started_ms, from->started_ms);
    GP_SET(status, next_deadline_ms, from->next_deadline_ms);
    GP_SET(status, clock_state, from->clock_state);
    GP_SET(status, head, from->head);
    GP_SET(status, incidents, from->incidents);
    GP_SET(status, planned, from->planned);
    GP_SET(status, batches, from->batches);
    GP_SET(status, commands, from->commands);
    GP_SET(status, refused, from->refused);
    GP_SET(status, repeats, from->repeated);
    GP_SET(status, malformed, from->malformed);
    GP_SET(status, followers, from->followers);
    GP_SET(status, store_bytes, from->store_bytes);
    GP_SET(status, sessions, from->sessions);
    GP_SET(status, handshakes, from->handshakes);
    GP_SET(status, denied, from->denied);
    GP_SET(status, limited, from->limited);
    GP_SET(status, no_room, from->no_room);
    GP_SET(status, backup_ms, from->backup_ms);
    return status;
}

/* As many as there are up to the last that is not 0. Packing does not write to them. */
static size_t out_counts(const struct gp_counts *from, uint64_t **ret_list)
{
    size_t count = GP_COUNTS_MAX - 1;

    while (count > 0 && from->of[count] == 0)
        count--;
    *ret_list = (uint64_t *)(uintptr_t)&from->of[1];
    return count;
}

static void out_requests(struct gp_out *out, const struct gp_counts *from, Gp__Figures *to)
{
    struct gp_counts *by_body = gp_out_new(out, sizeof *by_body);

    for (int kind = 1; kind < KINDS; kind++)
        by_body->of[bodies[kind].body - FIRST_BODY + 1] = from->of[kind];
    to->n_request = out_counts(by_body, &to->request);
}

static Gp__Histogram *out_measured(struct gp_out *out, const struct gp_measured *from)
{
    Gp__Histogram *to = gp_out_new(out, sizeof *to);

    gp__histogram__init(to);
    to->n_bound = from->bounds.count;
    to->bound = (uint64_t *)(uintptr_t)from->bounds.bound;
    to->n_count = from->bounds.count + 1u;
    to->count = (uint64_t *)(uintptr_t)from->histogram.count;
    GP_SET(to, sum, from->histogram.sum);
    return to;
}

static void out_followers(struct gp_out *out, const struct gp_daemon_figures *from, Gp__Figures *to)
{
    to->follower = gp_out_list(out, from->follower_count);
    for (uint32_t i = 0; to->follower != NULL && i < from->follower_count; i++) {
        Gp__FollowerFigure *one = gp_out_new(out, sizeof *one);
        gp__follower_figure__init(one);
        one->name = gp_out_text(out, from->follower[i].name);
        GP_SET(one, behind, from->follower[i].behind);
        GP_SET(one, asked_ms, from->follower[i].asked_ms);
        to->follower[to->n_follower++] = one;
    }
}

static void out_departments(struct gp_out *out, const struct gp_daemon_figures *from,
                            Gp__Figures *to)
{
    to->department = gp_out_list(out, from->department_count);
    for (uint32_t i = 0; to->department != NULL && i < from->department_count; i++) {
        Gp__DepartmentFigure *one = gp_out_new(out, sizeof *one);
        gp__department_figure__init(one);
        one->department = gp_out_text(out, from->department[i].department);
        GP_SET(one, open, from->department[i].open);
        GP_SET(one, soon, from->department[i].soon);
        GP_SET(one, overdue, from->department[i].overdue);
        to->department[to->n_department++] = one;
    }
}

static void out_now(const struct gp_daemon_figures *from, Gp__Figures *to)
{
    GP_SET(to, queued, from->queued);
    GP_SET(to, readers, from->readers);
    GP_SET(to, committed, from->committed);
    GP_SET(to, paused, from->paused);
    GP_SET(to, data_bytes, from->data_bytes);
    GP_SET(to, journal_bytes, from->journal_bytes);
    GP_SET(to, map_bytes, from->map_bytes);
    GP_SET(to, counted_ms, from->counted_ms);
    GP_SET(to, partial, from->partial);
}

Gp__Figures *gp_out_figures(struct gp_out *out, const struct gp_daemon_figures *from)
{
    Gp__Figures *to = gp_out_new(out, sizeof *to);

    gp__figures__init(to);
    to->daemon = gp_out_daemon(out, &from->status);
    out_requests(out, &from->requests, to);
    to->n_answer = out_counts(&from->answers, &to->answer);
    to->n_refusal = out_counts(&from->refusals, &to->refusal);
    to->n_done = out_counts(&from->done, &to->done);
    to->n_step = out_counts(&from->steps, &to->step);
    GP_SET(to, coalesced, from->coalesced);
    GP_SET(to, failed, from->failed);
    GP_SET(to, dropped, from->dropped);
    to->commit_us = out_measured(out, &from->commit_us);
    to->batch_items = out_measured(out, &from->batch_items);
    to->answer_ms = out_measured(out, &from->answer_ms);
    to->checkpoint_ms = out_measured(out, &from->checkpoint_ms);
    to->late_ms = out_measured(out, &from->late_ms);
    out_now(from, to);
    out_followers(out, from, to);
    out_departments(out, from, to);
    return to;
}

/* ---------------------------------------------------------------- reading */

void gp_in_daemon(struct gp_in *in, const Gp__DaemonStatus *from, struct gp_daemon_status *ret_to)
{
    struct gp_daemon_status *status = ret_to;

    status->version = gp_in_id(in, from->version, "daemon.version");
    status->directory = gp_in_id(in, from->directory, "daemon.directory");
    status->reload = gp_in_text(in, from->reload, GP_REASON_BYTES_MAX, "daemon.reload");
    status->drill = from->drill;
    status->clock_rate = from->clock_rate;
    status->now_ms = gp_in_time(in, from->now_ms, "daemon.now_ms");
    status->started_ms = gp_in_time(in, from->started_ms, "daemon.started_ms");
    status->next_deadline_ms = gp_in_time(in, from->next_deadline_ms, "daemon.next_deadline_ms");
    status->clock_state = (uint8_t)gp_in_number(in, from->clock_state, 2, "daemon.clock_state");
    status->head = from->head;
    status->incidents = from->incidents;
    status->planned = from->planned;
    status->batches = from->batches;
    status->commands = from->commands;
    status->refused = from->refused;
    status->repeated = from->repeats;
    status->malformed = from->malformed;
    status->followers = from->followers;
    status->store_bytes = from->store_bytes;
    status->sessions = from->sessions;
    status->handshakes = from->handshakes;
    status->denied = from->denied;
    status->limited = from->limited;
    status->no_room = from->no_room;
    status->backup_ms = gp_in_time(in, from->backup_ms, "daemon.backup_ms");
}

static void in_counts(struct gp_in *in, const uint64_t *list, size_t count, const char *field,
                      struct gp_counts *to)
{
    if (count >= GP_COUNTS_MAX) {
        gp_in_fail(in, GP_ELIMIT, field);
        return;
    }
    for (size_t i = 0; i < count; i++)
        to->of[i + 1] = list[i];
}

/* What is asked by requests that are not known here is left out. */
static void in_requests(struct gp_in *in, const Gp__Figures *from, struct gp_counts *to)
{
    struct gp_counts by_body = {{0}};

    in_counts(in, from->request, from->n_request, "figures.request", &by_body);
    for (int kind = 1; kind < KINDS; kind++)
        to->of[kind] = by_body.of[bodies[kind].body - FIRST_BODY + 1];
}

static void in_measured(struct gp_in *in, const Gp__Histogram *from, const char *field,
                        struct gp_measured *to)
{
    if (from == NULL)
        return;
    if (from->n_bound > GP_BOUNDS_MAX)
        gp_in_fail(in, GP_ELIMIT, field);
    else if (from->n_count != from->n_bound + 1)
        gp_in_fail(in, GP_EFORMAT, field);
    for (size_t i = 1; i < from->n_bound; i++) {
        if (from->bound[i - 1] >= from->bound[i])
            gp_in_fail(in, GP_EFORMAT, field);
    }
    if (in->error != 0)
        return;
    to->bounds.count = (uint8_t)from->n_bound;
    for (size_t i = 0; i < from->n_bound; i++)
        to->bounds.bound[i] = from->bound[i];
    for (size_t i = 0; i < from->n_count; i++)
        to->histogram.count[i] = from->count[i];
    to->histogram.sum = from->sum;
}

static void in_followers(struct gp_in *in, const Gp__Figures *from, struct gp_daemon_figures *to)
{
    to->follower = gp_in_array(in, from->n_follower, sizeof *to->follower, GP_FOLLOWER_FIGURES_MAX,
                               "figures.follower");
    to->follower_count = to->follower != NULL ? (uint32_t)from->n_follower : 0;
    for (uint32_t i = 0; i < to->follower_count; i++) {
        to->follower[i].name = gp_in_id(in, from->follower[i]->name, "follower.name");
        to->follower[i].behind = from->follower[i]->behind;
        to->follower[i].asked_ms = gp_in_time(in, from->follower[i]->asked_ms, "follower.asked_ms");
    }
}

static void in_departments(struct gp_in *in, const Gp__Figures *from, struct gp_daemon_figures *to)
{
    to->department = gp_in_array(in, from->n_department, sizeof *to->department,
                                 GP_CENSUS_DEPARTMENTS_MAX, "figures.department");
    to->department_count = to->department != NULL ? (uint32_t)from->n_department : 0;
    for (uint32_t i = 0; i < to->department_count; i++) {
        to->department[i].department =
            gp_in_id(in, from->department[i]->department, "department.department");
        to->department[i].open = from->department[i]->open;
        to->department[i].soon = from->department[i]->soon;
        to->department[i].overdue = from->department[i]->overdue;
    }
}

static void in_now(struct gp_in *in, const Gp__Figures *from, struct gp_daemon_figures *to)
{
    to->coalesced = from->coalesced;
    to->failed = from->failed;
    to->dropped = from->dropped;
    to->queued = from->queued;
    to->readers = from->readers;
    to->committed = from->committed;
    to->paused = from->paused;
    to->data_bytes = from->data_bytes;
    to->journal_bytes = from->journal_bytes;
    to->map_bytes = from->map_bytes;
    to->counted_ms = gp_in_time(in, from->counted_ms, "figures.counted_ms");
    to->partial = from->partial;
}

void gp_in_figures(struct gp_in *in, const Gp__Figures *from, struct gp_reply *ret_reply)
{
    struct gp_daemon_figures *to = gp_in_array(in, 1, sizeof *to, 1, "figures");

    ret_reply->kind = GP_REPLY_FIGURES;
    ret_reply->figures = to;
    if (to == NULL)
        return;
    if (from->daemon != NULL)
        gp_in_daemon(in, from->daemon, &to->status);
    in_requests(in, from, &to->requests);
    in_counts(in, from->answer, from->n_answer, "figures.answer", &to->answers);
    in_counts(in, from->refusal, from->n_refusal, "figures.refusal", &to->refusals);
    in_counts(in, from->done, from->n_done, "figures.done", &to->done);
    in_counts(in, from->step, from->n_step, "figures.step", &to->steps);
    in_measured(in, from->commit_us, "figures.commit_us", &to->commit_us);
    in_measured(in, from->batch_items, "figures.batch_items", &to->batch_items);
    in_measured(in, from->answer_ms, "figures.answer_ms", &to->answer_ms);
    in_measured(in, from->checkpoint_ms, "figures.checkpoint_ms", &to->checkpoint_ms);
    in_measured(in, from->late_ms, "figures.late_ms", &to->late_ms);
    in_now(in, from, to);
    in_followers(in, from, to);
    in_departments(in, from, to);
}
