#include "replay/run.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "rehearsal/rehearsal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GP_AGREE_MS (60 * GP_MS_SECOND) /* dues closer than this agree */
#define GP_CALL_MS  20000
#define GP_TELL_MS  5000 /* between two lines of progress */
#define GP_CHECKER  "p.SK.900001"
#define GP_REPORTER "p.B."

enum act { ACT_REPORT, ACT_ACCEPT, ACT_CLOSE };

struct moment {
    int64_t at_ms;
    uint32_t row;
    uint8_t act;
};

/* How commands reach an engine: inline, or over the wire. */
struct target {
    struct gp_replay *replay;
    int64_t zone_ms;
    struct gp_rehearsal *rehearsal;
    const struct gp_org *org;
    struct gp_client *client;
    struct gp_arena arena; /* of an incident that is looked at */
    uint64_t *incident;    /* of each row; 0: refused */
    int64_t *due_ms;       /* of each row, as the daemon computed it */
    char person[GP_ID_BYTES_MAX + 4];
    struct gp_replay_progress progress;
    int64_t told_ms; /* CLOCK_MONOTONIC, when progress was told last */
};

/* ---------------------------------------------------------------- moments */

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->act - y->act;
}

static void add_moment(const struct gp_replay *replay, struct moment *moments, size_t *count,
                       struct moment moment)
{
    if (replay->until_ms == 0 || moment.at_ms < replay->until_ms)
        moments[(*count)++] = moment;
}

/* A closing before the opening is applied at the opening. */
static size_t list_moments(const struct gp_replay *replay, struct moment *moments)
{
    size_t count = 0;

    for (size_t i = 0; i < replay->table->count; i++) {
        const struct gp_replay_row *row = &replay->table->row[i];
        int64_t accept_ms = row->opened_ms + replay->accept_after_ms;
        int64_t close_ms = row->closed_ms > row->opened_ms ? row->closed_ms : row->opened_ms;
        add_moment(replay, moments, &count,
                   (struct moment){row->opened_ms, (uint32_t)i, ACT_REPORT});
        if (!row->closed || accept_ms < close_ms)
            add_moment(replay, moments, &count,
                       (struct moment){accept_ms, (uint32_t)i, ACT_ACCEPT});
        if (row->closed)
            add_moment(replay, moments, &count, (struct moment){close_ms, (uint32_t)i, ACT_CLOSE});
    }
    qsort(moments, count, sizeof *moments, by_time);
    return count;
}

/* ---------------------------------------------------------------- one command */

/* A repeated replay makes the same ids, so nothing is stored twice. */
static void fixed_id(const struct moment *moment, uint8_t step, unsigned char id[16])
{
    gp_put_u64(id, (uint64_t)moment->at_ms << 16 | (uint64_t)step << 8 | moment->act);
    gp_put_u64(id + 8, UINT64_C(0x6772696470000000) | moment->row);
}

static int apply(struct target *target, const struct moment *moment, struct gp_command *command,
                 uint8_t step, struct gp_answer *ret_answer)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND, .device = GP_SPAN("replay")};
    struct gp_reply reply;
    int rc;

    if (target->rehearsal != NULL)
        return gp_rehearsal_command(target->rehearsal, moment->at_ms, command, ret_answer);
    fixed_id(moment, step, command->id);
    request.person = command->actor;
    request.command = *command;
    request.command.actor = (struct gp_span){0};
    rc = gp_client_call(target->client, &request, GP_CALL_MS, &reply);
    if (rc != 0)
        return rc;
    *ret_answer = (struct gp_answer){.reason = reply.reason};
    if (reply.status == GP_STATUS_OK) {
        ret_answer->incident = reply.answer.incident;
        ret_answer->due_ms = reply.answer.due_ms;
    } else if (reply.status != GP_STATUS_REFUSED) {
        return GP_EAGAIN;
    }
    return 0;
}

/* The person behind the post that owns the incident now. */
static int find_owner(struct target *target, uint64_t id, int64_t now_ms)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    struct gp_incident incident;
    struct gp_reply reply;
    int rc;

    gp_arena_reset(&target->arena);
    if (target->rehearsal != NULL) {
        rc = gp_rehearsal_advance(target->rehearsal, now_ms);
        if (rc == 0)
            rc = gp_engine_incident(gp_rehearsal_store(target->rehearsal), target->org, id,
                                    (struct gp_span){0}, now_ms, &target->arena, &incident);
        if (rc != 0)
            return rc;
    } else {
        rc = gp_client_call(target->client, &request, GP_CALL_MS, &reply);
        if (rc != 0 || reply.status != GP_STATUS_OK)
            return rc != 0 ? rc : GP_EAGAIN;
        incident = *reply.incident;
    }
    (void)snprintf(target->person, sizeof target->person, "p.%.*s", GP_SPAN_ARG(incident.owner));
    return 0;
}

static int do_report(struct target *target, const struct moment *moment)
{
    const struct gp_replay_row *row = &target->replay->table->row[moment->row];
    char grid[GP_REPLAY_CODE_BYTES], category[GP_REPLAY_CODE_BYTES],
        condition[GP_REPLAY_CODE_BYTES];
    struct gp_answer answer = {0};
    int rc;

    gp_replay_grid_code(target->replay->table, row->grid, grid);
    gp_replay_row_code(row, category, condition);
    (void)snprintf(target->person, sizeof target->person, GP_REPORTER "%s", grid);
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .actor = gp_span_of(target->person),
        .device = GP_SPAN("replay"),
        .grid = gp_span_of(grid),
        .category = gp_span_of(category),
        .condition = gp_span_of(condition),
        .captured_ms = row->opened_ms,
        .place = row->place,
        .text = gp_span_of(row->text),
    };
    rc = apply(target, moment, &command, 0, &answer);
    target->incident[moment->row] = answer.incident;
    target->due_ms[moment->row] = answer.due_ms;
    if (rc == 0 && answer.reason == GP_REASON_NONE)
        target->replay->summary.reported++;
    else
        target->replay->summary.refused++;
    return rc;
}

static int act_as(struct target *target, const struct moment *moment, enum gp_verb verb,
                  const char *person, uint8_t step, size_t *counter)
{
    struct gp_answer answer = {0};
    struct gp_command command = {
        .verb = (uint8_t)verb,
        .actor = gp_span_of(person),
        .device = GP_SPAN("replay"),
        .incident = target->incident[moment->row],
    };
    int rc = apply(target, moment, &command, step, &answer);

    if (rc == 0 && answer.reason != GP_REASON_NONE)
        target->replay->summary.refused++;
    else if (rc == 0 && counter != NULL)
        ++*counter;
    return rc;
}

static int do_close(struct target *target, const struct moment *moment)
{
    int rc = act_as(target, moment, GP_VERB_FINISH, target->person, 1, NULL);

    if (rc == 0)
        rc = act_as(target, moment, GP_VERB_VERIFY, GP_CHECKER, 2, NULL);
    if (rc == 0)
        rc = act_as(target, moment, GP_VERB_CLOSE, GP_CHECKER, 3, &target->replay->summary.closed);
    return rc;
}

static int do_moment(struct target *target, const struct moment *moment)
{
    int rc;

    if (moment->act == ACT_REPORT)
        return do_report(target, moment);
    if (target->incident[moment->row] == 0)
        return 0;
    rc = find_owner(target, target->incident[moment->row], moment->at_ms);
    if (rc != 0)
        return rc;
    if (moment->act == ACT_ACCEPT)
        return act_as(target, moment, GP_VERB_ACCEPT, target->person, 0,
                      &target->replay->summary.accepted);
    return do_close(target, moment);
}

/* ---------------------------------------------------------------- agreement */

static void say(const struct gp_replay *replay, const struct gp_replay_row *row, const char *what,
                int64_t ours_ms, int64_t zone_ms)
{
    char ours[GP_CLOCKTEXT_BYTES], theirs[GP_CLOCKTEXT_BYTES];

    if (replay->disagreements == NULL)
        return;
    gp_instant_format(ours_ms, zone_ms, ours);
    gp_instant_format(row->due_ms, zone_ms, theirs);
    fprintf(replay->disagreements, "line %u %s %s: %s: ours %s, the city's %s\n", row->line,
            row->id, replay->table->categories.item[row->category], what, ours, theirs);
}

static void compare_due(struct gp_replay *replay, const struct gp_replay_row *row, int64_t ours_ms,
                        int64_t zone_ms)
{
    int64_t apart_ms = ours_ms - row->due_ms;

    replay->summary.dues_checked++;
    if (apart_ms >= -GP_AGREE_MS && apart_ms <= GP_AGREE_MS)
        replay->summary.dues_agree++;
    else
        say(replay, row, "due", ours_ms, zone_ms);
}

static void compare_verdict(struct gp_replay *replay, const struct gp_replay_row *row,
                            int64_t ours_ms, int64_t zone_ms)
{
    bool ours_late = row->closed_ms > ours_ms;
    bool theirs_late = row->verdict != 0 ? row->verdict == 2 : row->closed_ms > row->due_ms;

    replay->summary.verdicts_checked++;
    if (ours_late == theirs_late)
        replay->summary.verdicts_agree++;
    else
        say(replay, row, ours_late ? "ours overdue" : "ours on time", ours_ms, zone_ms);
}

static void compare(struct target *target)
{
    struct gp_replay *replay = target->replay;

    for (size_t i = 0; i < replay->table->count; i++) {
        const struct gp_replay_row *row = &replay->table->row[i];
        int64_t ours_ms = target->due_ms[i];
        if (target->incident[i] == 0)
            continue;
        if (row->closed && row->closed_ms <= ours_ms)
            replay->summary.on_time++;
        else if (row->closed)
            replay->summary.overdue++;
        if (!row->has_due)
            continue;
        compare_due(replay, row, ours_ms, target->zone_ms);
        if (row->closed)
            compare_verdict(replay, row, ours_ms, target->zone_ms);
    }
}

/* ---------------------------------------------------------------- running */

static int64_t monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* it is always there */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tell_progress(struct target *target)
{
    const struct gp_replay *replay = target->replay;
    int64_t now_ms = monotonic_ms();
    bool end = target->progress.done == target->progress.count;

    if (replay->progress == NULL || (!end && now_ms < target->told_ms + GP_TELL_MS))
        return;
    target->told_ms = now_ms;
    replay->progress(&target->progress, &replay->summary);
}

/* How the drill is; its text is not kept. */
static int ask_drill(struct target *target, struct gp_daemon_status *ret_drill)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply;
    int rc = gp_client_call(target->client, &request, GP_CALL_MS, &reply);

    if (rc == 0 && (reply.status != GP_STATUS_OK || !reply.daemon.drill))
        rc = GP_EMODE;
    if (rc == 0)
        *ret_drill = reply.daemon;
    return rc;
}

/* Waits until the drill's clock has come to the moment. */
static int wait_for(struct target *target, int64_t at_ms)
{
    for (;;) {
        struct gp_daemon_status drill;
        int rc = ask_drill(target, &drill);
        if (rc == 0) {
            target->progress.clock_ms = drill.now_ms;
            tell_progress(target);
        }
        if (rc != 0 || drill.now_ms >= at_ms)
            return rc;
        int64_t rate = drill.clock_rate > 0 ? drill.clock_rate : 1;
        int64_t sleep_us = (at_ms - drill.now_ms) * 1000 / rate;
        if (sleep_us > 200000)
            sleep_us = 200000; /* look again: the daemon may have been stopped */
        struct timespec pause = {sleep_us / 1000000, sleep_us % 1000000 * 1000};
        (void)nanosleep(&pause, NULL);
    }
}

static int do_moments(struct target *target, const struct moment *moments, size_t count)
{
    int rc = 0;

    target->progress.count = count;
    target->told_ms = monotonic_ms();
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (target->client != NULL)
            rc = wait_for(target, moments[i].at_ms);
        else
            target->progress.clock_ms = moments[i].at_ms;
        if (rc == 0)
            rc = do_moment(target, &moments[i]);
        if (rc == 0) {
            target->progress.done++;
            tell_progress(target);
        }
    }
    return rc;
}

static int run(struct target *target)
{
    struct gp_replay *replay = target->replay;
    size_t rows = replay->table->count;
    struct moment *moments = calloc(rows * 3 + 1, sizeof *moments);
    size_t count = 0;
    int rc = 0;

    target->incident = calloc(rows + 1, sizeof *target->incident);
    target->due_ms = calloc(rows + 1, sizeof *target->due_ms);
    if (moments == NULL || target->incident == NULL || target->due_ms == NULL)
        rc = GP_ENOMEM;
    else
        count = list_moments(replay, moments);
    gp_arena_init(&target->arena, 1 << 20);
    if (rc == 0)
        rc = do_moments(target, moments, count);
    replay->summary.rows = rows + replay->table->skipped;
    replay->summary.skipped = replay->table->skipped;
    if (rc == 0)
        compare(target);
    gp_arena_release(&target->arena);
    free(moments);
    free(target->incident);
    free(target->due_ms);
    return rc;
}

static void count_handovers(void *context, const struct gp_entry *entry)
{
    struct gp_replay *replay = context;
    replay->summary.handovers += entry->what == GP_WHAT_HANDOVER;
}

static int64_t first_opening(const struct gp_replay_table *table)
{
    int64_t first_ms = INT64_MAX;

    for (size_t i = 0; i < table->count; i++) {
        if (table->row[i].opened_ms < first_ms)
            first_ms = table->row[i].opened_ms;
    }
    return first_ms;
}

int gp_replay_rehearse(struct gp_replay *replay, const struct gp_org *org)
{
    struct target target = {
        .replay = replay, .org = org, .zone_ms = org->calendars[org->default_calendar].zone_ms};
    int rc;

    if (replay->table->count == 0)
        return GP_EINVAL;
    rc = gp_rehearsal_open(org, first_opening(replay->table), &target.rehearsal);
    if (rc != 0)
        return rc;
    gp_rehearsal_on_entry(target.rehearsal, count_handovers, replay);
    rc = run(&target);
    gp_rehearsal_close(target.rehearsal);
    return rc;
}

/* What the drill's journal says of the time since that entry. */
static int read_handovers(struct target *target, uint64_t after)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .feed = {.after = after, .filter = {.escalations = true}}};
    struct gp_reply reply;

    do {
        int rc = gp_client_call(target->client, &request, GP_CALL_MS, &reply);
        if (rc != 0)
            return rc;
        if (reply.status != GP_STATUS_OK)
            return GP_EAGAIN;
        for (uint32_t i = 0; i < reply.feed.count; i++)
            count_handovers(target->replay, reply.feed.item[i]);
        request.feed.after = reply.feed.scanned_to;
    } while (reply.feed.scanned_to < reply.feed.head);
    return 0;
}

int gp_replay_send(struct gp_replay *replay, struct gp_client *client)
{
    struct target target = {.replay = replay, .client = client};
    struct gp_daemon_status drill;
    int rc;

    if (replay->table->count == 0)
        return GP_EINVAL;
    rc = ask_drill(&target, &drill);
    if (rc == 0 && drill.now_ms > first_opening(replay->table))
        rc = GP_EINVAL;
    if (rc == 0)
        rc = gp_zone_parse(gp_span_of(replay->mapping->zone), &target.zone_ms);
    if (rc == 0)
        rc = run(&target);
    return rc == 0 ? read_handovers(&target, drill.head) : rc;
}
