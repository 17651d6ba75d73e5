#include "app/seal/seal.h"

#include <stdio.h>

void gp_status_store(struct gp_daemon_status *status, const struct gp_store_figures *store)
{
    status->incidents = store->rows[GP_TABLE_INCIDENT];
    status->planned = store->rows[GP_TABLE_DEADLINE];
    status->store_bytes = store->file_bytes;
}

static void read_store(struct gp_app *app, struct gp_daemon_status *status)
{
    struct gp_store_figures figures;
    struct gp_txn *txn;

    if (gp_txn_read(app->store, &txn) != 0)
        return; /* figures stay 0; the rest of the answer is worth having */
    if (gp_store_figures(txn, &figures) == 0)
        gp_status_store(status, &figures);
    status->no_room = gp_txn_tight(txn);
    gp_txn_abort(txn);
}

void gp_status_fill(struct gp_app *app, char directory[GP_DIRECTORY_BYTES],
                    struct gp_daemon_status *ret_status)
{
    const unsigned char *digest = gp_directory_org(app->directory)->digest;

    for (int i = 0; i < 8; i++)
        (void)snprintf(directory + 2 * i, 3, "%02x", digest[i]);
    *ret_status = (struct gp_daemon_status){
        .version = GP_SPAN(GP_VERSION),
        .directory = gp_span_of(directory),
        .reload = gp_span_of(app->reload_text),
        .drill = app->options->drill,
        .clock_rate = app->options->drill ? app->options->clock_rate : 1,
        .now_ms = gp_app_now(app),
        .started_ms = app->started_ms,
        .next_deadline_ms = app->next_deadline_ms != INT64_MAX ? app->next_deadline_ms : 0,
        .clock_state = gp_app_held(app) ? GP_CLOCK_HELD : GP_CLOCK_RUNNING,
        .head = app->head,
        .batches = app->batches,
        .commands = app->commands,
        .refused = app->refused,
        .repeated = app->repeated,
        .malformed = app->malformed,
        .followers = app->parked_count,
        .sessions = gp_sessions_count(app->seal->sessions),
        .handshakes = app->seal->handshakes,
        .denied = app->seal->denied,
        .limited = app->seal->limited,
        .backup_ms = gp_backup_newest(app),
    };
}

static void answer(void *context)
{
    struct gp_job *job = context;
    char directory[GP_DIRECTORY_BYTES];
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_STATUS};

    gp_status_fill(job->app, directory, &reply.daemon);
    read_store(job->app, &reply.daemon);
    gp_job_reply(job, &reply);
}

void gp_status_answer(struct gp_job *job)
{
    gp_fresh_await(job->app, &job->await, job->app->head, answer, job);
}
