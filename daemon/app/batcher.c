/*
 * Group commit: one batch is filling, one at most is in flight, and one that came back is being
 * answered. Whatever arrives while a batch is away is the next one, so batches grow with the load
 * by themselves. The store does not wait for answers: the next batch goes before they are made,
 * unless the one that came back changes what its successor must know.
 */
#include "app/seal/seal.h"

#include <assert.h>
#include <stdio.h>

/* Between two times that the log is told of a store that takes no reports. */
#define GP_FULL_LOG_MS 60000

/* One is free: of the others one is in flight, and one is being answered. */
static struct gp_batch_slot *free_slot(const struct gp_app *app)
{
    size_t i = 0;

    while (app->slot[i]->busy) {
        i++;
        assert(i < GP_BATCH_SLOTS);
    }
    return app->slot[i];
}

bool gp_batcher_idle(const struct gp_app *app)
{
    return !app->in_flight && app->filling->batch.item_count == 0;
}

static void hand_over(struct gp_app *app)
{
    struct gp_batch_slot *slot = app->filling;
    int64_t now_ms;

    if (app->in_flight || slot->batch.item_count == 0)
        return;
    now_ms = gp_app_now(app); /* may add an item, a clock alarm, and so hand over by itself */
    if (app->in_flight)
        return;
    slot->batch.now_ms = now_ms;
    slot->batch.held = gp_app_held(app);
    slot->directory = gp_directory_ref(app->directory);
    slot->batch.org = gp_directory_org(slot->directory);
    slot->batch.item = slot->item;
    slot->busy = true;
    app->flying = slot;
    app->filling = free_slot(app);
    app->filling->batch.item_count = 0;
    app->commands_flying = app->commands_filling;
    app->commands_filling = 0;
    app->batches++;
    app->batch_sent = uv_now(&app->loop);
    gp_worker_submit(app, slot);
}

static void pause_when_full(struct gp_app *app)
{
    if (app->commands_filling < (size_t)app->settings.batch_items_max || app->intake_paused)
        return;
    app->intake_paused = true;
    gp_sockets_pause(app);
}

static void resume(struct gp_app *app)
{
    if (!app->intake_paused || app->phase != GP_RUNNING)
        return;
    app->intake_paused = false;
    gp_sockets_resume(app);
}

bool gp_batcher_takes(const struct gp_app *app)
{
    return app->commands_filling < GP_BATCH_ITEMS_MAX;
}

void gp_batcher_command(struct gp_app *app, struct gp_job *job)
{
    struct gp_batch *batch = &app->filling->batch;

    if (!gp_batcher_takes(app)) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "busy");
        return;
    }
    app->filling->item[batch->item_count++] =
        (struct gp_item){.kind = GP_ITEM_COMMAND, .command = job->request.command, .context = job};
    app->commands_filling++;
    pause_when_full(app);
    hand_over(app);
}

bool gp_batcher_has_room(const struct gp_app *app)
{
    return app->filling->batch.item_count - app->commands_filling < GP_BATCH_OWN_ITEMS;
}

bool gp_batcher_own(struct gp_app *app, const struct gp_item *item)
{
    struct gp_batch *batch = &app->filling->batch;

    if (!gp_batcher_has_room(app))
        return false;
    app->filling->item[batch->item_count++] = *item;
    hand_over(app);
    return true;
}

/* An item in flight keeps its note: the other slot has its own. Half of the room is left to what
 * cannot be said later: deadlines and the clock must not wait for denials. */
bool gp_batcher_note(struct gp_app *app, const char *text, struct gp_span actor)
{
    struct gp_batch_slot *slot = app->filling;
    size_t own = slot->batch.item_count - app->commands_filling;
    struct gp_note *note;
    struct gp_item item = {.kind = GP_ITEM_AUDIT};

    if (app->phase != GP_RUNNING || own >= GP_BATCH_OWN_ITEMS / 2)
        return false;
    note = &slot->note[own];
    (void)snprintf(note->text, sizeof note->text, "%s", text);
    item.text = gp_span_of(note->text);
    item.actor = (struct gp_span){note->actor, actor.len};
    memcpy(note->actor, actor.ptr, actor.len);
    return gp_batcher_own(app, &item);
}

static void owe_one(struct gp_app *app, const struct gp_item *item)
{
    assert(app->owed_count < GP_OWED_ITEMS);
    app->owed[app->owed_count++] = *item;
}

void gp_batcher_must(struct gp_app *app, const struct gp_item *item)
{
    if (app->owed_count > 0 || !gp_batcher_own(app, item))
        owe_one(app, item);
}

/* ---------------------------------------------------------------- answers */

static void note_denial(struct gp_job *job, const struct gp_answer *answer)
{
    if (job->sealed &&
        (answer->reason == GP_REASON_NO_RIGHT || answer->reason == GP_REASON_REVOKED))
        gp_denied(job->app, job->by_device, job->request.person, gp_rights_action(job));
}

struct gp_reply gp_batcher_reply(const struct gp_item *item)
{
    const struct gp_answer *answer = &item->answer;
    struct gp_reply reply = {
        .status = GP_STATUS_OK,
        .kind = GP_REPLY_ANSWER,
        .reason = answer->reason,
        .answer = {.repeated = answer->repeated,
                   .incident = answer->incident != 0 ? answer->incident : answer->leave,
                   .seq = answer->seq,
                   .version = answer->version,
                   .state = answer->state,
                   .due_ms = answer->due_ms,
                   .at_ms = answer->at_ms,
                   .device = answer->device},
    };

    memcpy(reply.answer.id, item->command.id, sizeof reply.answer.id);
    if (answer->error != 0) {
        reply.status = GP_STATUS_TRY_AGAIN;
        reply.detail = gp_span_of(gp_error_text(answer->error));
    } else if (answer->reason != GP_REASON_NONE) {
        reply.status = GP_STATUS_REFUSED;
        reply.detail = gp_span_of(answer->detail);
    }
    return reply;
}

static void answer_command(struct gp_app *app, const struct gp_item *item)
{
    const struct gp_answer *answer = &item->answer;
    struct gp_job *job = item->context;
    struct gp_reply reply = gp_batcher_reply(item);

    app->commands++;
    app->repeated += answer->repeated;
    gp_figures_command(job, item);
    if (reply.status == GP_STATUS_REFUSED) {
        app->refused++;
        note_denial(job, answer);
    } else if (reply.status == GP_STATUS_OK) {
        gp_receipt_take(app, item, &reply.answer.receipt);
        if (item->command.verb == GP_VERB_INVITE)
            reply.answer.invitation = gp_invitation_for(job, answer);
    }
    gp_job_reply(job, &reply);
}

static void answer_all(struct gp_app *app, const struct gp_batch_slot *slot)
{
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        const struct gp_item *item = &slot->item[i];
        if (item->kind == GP_ITEM_COMMAND && ((struct gp_job *)item->context)->join != NULL) {
            gp_figures_done(app, item);
            gp_join_answer(item->context, &item->answer);
        } else if (item->kind == GP_ITEM_COMMAND)
            answer_command(app, item);
        else if (item->context != NULL)
            gp_app_clock_answer(app, item);
    }
}

/* ---------------------------------------------------------------- failures */

static bool fatal(int error)
{
    return error == GP_EIO || error == GP_ECORRUPT;
}

/* What only we know of must not be lost with its batch. EXPIRE and FORGET come again by
 * themselves, and who sent a command is told. */
static void owe(struct gp_app *app, const struct gp_batch_slot *slot)
{
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        const struct gp_item *item = &slot->item[i];
        bool alarm = item->kind == GP_ITEM_CLOCK && item->context == NULL;
        if (item->kind == GP_ITEM_START || item->kind == GP_ITEM_REPLAN ||
            item->kind == GP_ITEM_DIRECTORY || (alarm && app->owed_count < GP_OWED_ALARMS_MAX))
            owe_one(app, item);
    }
}

void gp_batcher_retry(struct gp_app *app)
{
    size_t count = app->owed_count;

    app->owed_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!gp_batcher_own(app, &app->owed[i]))
            app->owed[app->owed_count++] = app->owed[i];
    }
}

/* A full disk fails every batch: the log gets the first of each thousand. */
static void after_failure(struct gp_app *app, const struct gp_batch_slot *slot, int error)
{
    if (app->failures++ % 1000 == 0 || fatal(error))
        gp_log(GP_LOG_ERROR, "store",
               "a batch could not be stored: %s; its senders will try again%s",
               gp_error_text(error), fatal(error) ? "; stopping" : "");
    if (fatal(error)) {
        gp_shutdown_begin(app, 1);
        return;
    }
    owe(app, slot);
    gp_deadline_batch_failed(app, slot);
}

/* A store that is nearly full turns reports away, one by one. */
static void look_for_full(struct gp_app *app, const struct gp_batch_slot *slot)
{
    bool full = false;

    for (size_t i = 0; i < slot->batch.item_count; i++)
        full = full || slot->item[i].answer.error == GP_ENOSPC;
    if (!full || uv_now(&app->loop) < app->full_at)
        return;
    app->full_at = uv_now(&app->loop) + GP_FULL_LOG_MS;
    gp_log(GP_LOG_ERROR, "store",
           "nearly no space left: reports are not taken, and their senders will try again");
}

static bool is_told(const struct gp_app *app, uint64_t incident)
{
    for (size_t i = 0; i < app->passed_over_count && i < GP_PASSED_OVER_MAX; i++) {
        if (app->passed_over[i] == incident)
            return true;
    }
    return false;
}

static void look_for_damage(struct gp_app *app, const struct gp_batch_slot *slot)
{
    uint64_t incident = slot->batch.passed_over;

    if (incident == 0 || is_told(app, incident))
        return;
    app->passed_over[app->passed_over_count++ % GP_PASSED_OVER_MAX] = incident;
    gp_log(GP_LOG_ERROR, "store",
           "a damaged row was read; run gridpostd --verify: incident %llu is passed over where "
           "likely duplicates are looked for",
           (unsigned long long)incident);
}

static void end_failures(struct gp_app *app)
{
    if (app->failures > 0)
        gp_log(GP_LOG_INFO, "store", "batches are stored again, after %llu that were not",
               (unsigned long long)app->failures);
    app->failures = 0;
}

static void after_success(struct gp_app *app, struct gp_batch_slot *slot)
{
    look_for_full(app, slot);
    look_for_damage(app, slot);
    if (slot->batch.head > slot->batch.head_before) /* else it needed no disk and proves nothing */
        end_failures(app);
    gp_deadline_batch_done(app, slot);
    gp_reload_batch_done(app, slot);
    if (slot->batch.head <= app->head)
        return;
    gp_followers_head(app, slot->batch.head);
    gp_hints_head(app);
}

/* Whether the next batch may go before what this one brings about is done: an act on the clock
 * changes its time, a start or another directory what it is about, a failure whether it is tried.
 */
static bool lets_go_on(const struct gp_batch_slot *slot, int error)
{
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        switch ((enum gp_item_kind)slot->item[i].kind) {
        case GP_ITEM_CLOCK:
        case GP_ITEM_START:
        case GP_ITEM_DIRECTORY:
        case GP_ITEM_REPLAN:
            return false;
        case GP_ITEM_COMMAND:
        case GP_ITEM_EXPIRE:
        case GP_ITEM_FORGET:
        case GP_ITEM_AUDIT:
            break;
        }
    }
    return error == 0;
}

/* The view first: with the next batch the engine may let go of it. Where that one does not go yet,
 * in_flight stays, so that what this brings about joins it. */
void gp_batcher_done(struct gp_app *app, struct gp_batch_slot *slot, int error)
{
    bool lets_go = lets_go_on(slot, error);

    app->commands_flying = 0;
    gp_figures_batch(app, slot, error);
    if (error == 0)
        gp_app_view_batch(app, slot);
    if (lets_go) {
        app->in_flight = false;
        hand_over(app);
    }
    if (error == 0) {
        gp_seal_batch(app, slot);
        gp_receipts_make(app, slot);
    }
    answer_all(app, slot);
    if (error != 0)
        after_failure(app, slot, error);
    else
        after_success(app, slot);
    gp_directory_unref(slot->directory);
    slot->directory = NULL;
    slot->batch.item_count = 0;
    slot->busy = false;
    if (!lets_go)
        app->in_flight = false;
    hand_over(app);
    resume(app);
    gp_shutdown_advance(app);
}
