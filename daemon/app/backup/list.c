/* What backups there are. Looked at in the pool: their folder may lie on a disk that does not
 * answer, which then keeps one thread and not all. */
#include "app/backup/backup.h"

#include <assert.h>
#include <stdlib.h>

static struct gp_span name_of(struct gp_arena *arena, const struct gp_label *label)
{
    char name[GP_LABEL_NAME_BYTES];

    gp_label_name(label, name);
    return gp_arena_copy(arena, gp_span_of(name)); /* without memory packing fails, too */
}

static int pack(struct gp_job *job, const struct gp_shelved *shelved, size_t count)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_BACKUP};
    struct gp_backup_kept *kept = gp_arena_zalloc(&job->page, count + 1, sizeof *kept);

    if (kept == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        kept[i].name = name_of(&job->page, &shelved[i].label);
        kept[i].at_ms = shelved[i].label.at_ms;
        kept[i].seq = shelved[i].label.seq;
        kept[i].bytes = shelved[i].bytes;
        kept[i].verified = shelved[i].verified;
    }
    reply.backup.kept = kept;
    reply.backup.kept_count = (uint32_t)count;
    return gp_wire_reply_pack(&reply, &job->page, &job->answer);
}

static void work(uv_work_t *request)
{
    struct gp_lister *lister = request->data;
    struct gp_job *job = lister->job;
    struct gp_shelved *shelved = calloc(GP_PAGE_ROWS_MAX, sizeof *shelved);
    size_t count = 0;
    int rc = shelved != NULL ? 0 : GP_ENOMEM;

    if (rc == 0)
        rc = gp_shelf_list(lister->shelf, GP_PAGE_ROWS_MAX, shelved, &count);
    job->error = rc == 0 ? pack(job, shelved, count) : rc;
    free(shelved);
}

static void done(uv_work_t *request, int status)
{
    struct gp_lister *lister = request->data;
    struct gp_job *job = lister->job;
    struct gp_app *app = job->app;

    (void)status; /* nobody cancels it */
    lister->job = NULL;
    if (job->error != 0)
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(job->error));
    else
        gp_job_send(job, job->answer);
    gp_shutdown_advance(app);
}

void gp_lister_start(struct gp_lister *lister, const char *shelf, struct gp_job *job)
{
    if (lister->job != NULL) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "the backups are being listed for somebody else");
        return;
    }
    lister->job = job;
    lister->shelf = shelf;
    lister->work.data = lister;
    int rc = uv_queue_work(&job->app->loop, &lister->work, work, done);
    assert(rc == 0); /* it refuses a missing function only */
}
