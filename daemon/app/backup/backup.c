/*
 * A backup, one at a time; a check is one that is not kept, and needs no compacting:
 *
 *   none ──► copying ──► compacting ──► verifying ──► finishing ──► none
 *            (pool)      (child)        (child)       (pool)
 *
 * Whatever goes wrong leads to finishing, which removes the copy. A child that died of what it
 * read, or its word that something is wrong, says that the copy is damaged, and so the store: also
 * where compacting found it, verifying follows, since its findings name rows. Where the store's
 * disk is nearly full all of them give way: what they take may be of that disk. All of it lies
 * under a name that is none of a backup until it is good and synced; the folder is the daemon's
 * setting and never a client's.
 */
#include "app/backup/backup.h"

#include "base/tree.h"
#include "inspect/inspect.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct gp_backup {
    struct gp_app *app;
    const char *shelf; /* "": there are no backups */
    uint64_t job;
    bool check;
    enum gp_backup_phase phase;
    enum gp_backup_result result;
    struct gp_label label;
    struct gp_copying copying;
    char name[GP_LABEL_NAME_BYTES];
    char copy[GP_SHELF_PATH_MAX];
    char finding[GP_TEXT_BYTES_MAX + 1];
    char actor[GP_ID_BYTES_MAX + 1];
    int64_t ended_ms, newest_ms;
    bool damaged, placed;
    bool yields;    /* its child was ended for the store's sake */
    int error;      /* of the copy, or of finishing it */
    int thin_error; /* of taking older ones away */
    uv_work_t work;
    struct gp_child child;
    uv_work_t look; /* at what there is, behind the start */
    bool looks;
    int64_t found_ms;
    struct gp_lister lister;
};

/* ---------------------------------------------------------------- the end */

static double seconds(const struct gp_backup *backup)
{
    return (double)(backup->ended_ms - backup->label.at_ms) / 1000;
}

static void log_good(const struct gp_backup *backup)
{
    if (backup->check)
        gp_log(GP_LOG_INFO, "backup",
               "checked: head %" PRIu64 ", nothing found, %.1f s, asked for by %s",
               backup->label.seq, seconds(backup), backup->actor);
    else
        gp_log(GP_LOG_INFO, "backup",
               "%s/%s: made, %" PRIu64 " MiB, head %" PRIu64 ", %.1f s, asked for by %s",
               backup->shelf, backup->name, atomic_load(&backup->copying.done) >> 20,
               backup->label.seq, seconds(backup), backup->actor);
    if (backup->thin_error != 0)
        gp_log(GP_LOG_WARNING, "backup", "%s: older ones could not be removed: %s", backup->shelf,
               gp_error_text(backup->thin_error));
}

/* What was found, a line each: gp_log writes one. */
static void log_finding(const struct gp_backup *backup)
{
    const char *line = backup->finding;

    while (*line != '\0') {
        size_t len = strcspn(line, "\n");
        if (len > 0)
            gp_log(GP_LOG_ERROR, "backup", "found: %.*s", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void log_end(const struct gp_backup *backup)
{
    const char *what = backup->check ? "check" : "backup";

    switch (backup->result) {
    case GP_BACKUP_GOOD:
        log_good(backup);
        break;
    case GP_BACKUP_DAMAGED:
        log_finding(backup);
        gp_log(GP_LOG_ERROR, "backup",
               "the copy is damaged, and so is the store: nothing was kept; keep the last good "
               "backup, and see OPERATIONS.md");
        break;
    case GP_BACKUP_CUT:
        gp_log(GP_LOG_WARNING, "backup", "%s cut short: stopping", what);
        break;
    case GP_BACKUP_GAVE_WAY:
        gp_log(GP_LOG_WARNING, "backup", "%s %s: reports need what is left; make room", what,
               backup->finding);
        break;
    default:
        gp_log(GP_LOG_ERROR, "backup", "%s failed: %s", what, backup->finding);
        break;
    }
}

/* That a copy of everything was made, and who asked for it, is the journal's business too. */
static void journal(const struct gp_backup *backup)
{
    char text[GP_LABEL_NAME_BYTES + 32];

    (void)snprintf(text, sizeof text, "backup %s made", backup->name);
    (void)gp_batcher_note(backup->app, text, gp_span_of(backup->actor)); /* the log has it, too */
}

static enum gp_backup_result judge(const struct gp_backup *backup)
{
    if (backup->placed)
        return GP_BACKUP_GOOD;
    if (atomic_load(&backup->copying.stop))
        return GP_BACKUP_CUT;
    if (backup->error != 0)
        return backup->error == GP_EYIELD ? GP_BACKUP_GAVE_WAY : GP_BACKUP_FAILED;
    return backup->damaged ? GP_BACKUP_DAMAGED : GP_BACKUP_GOOD;
}

static void conclude(struct gp_backup *backup)
{
    backup->result = judge(backup);
    backup->ended_ms = gp_app_now(backup->app);
    if (backup->result == GP_BACKUP_GAVE_WAY ||
        (backup->result == GP_BACKUP_FAILED && backup->finding[0] == '\0'))
        (void)snprintf(backup->finding, sizeof backup->finding, "%s", gp_error_text(backup->error));
    if (backup->result != GP_BACKUP_GOOD)
        backup->name[0] = '\0';
    log_end(backup);
    if (backup->result == GP_BACKUP_GOOD && !backup->check) {
        backup->newest_ms = backup->label.at_ms;
        journal(backup);
    }
    backup->phase = GP_BACKUP_NONE;
    gp_shutdown_advance(backup->app);
}

/* ---------------------------------------------------------------- finishing */

static void queue(struct gp_backup *backup, uv_work_t *work, uv_work_cb act, uv_after_work_cb then)
{
    work->data = backup;
    int rc = uv_queue_work(&backup->app->loop, work, act, then);
    assert(rc == 0); /* it refuses a missing function only */
}

static void finish_work(uv_work_t *work)
{
    struct gp_backup *backup = work->data;

    if (judge(backup) == GP_BACKUP_GOOD && !backup->check) {
        backup->error = gp_shelf_put(backup->shelf, backup->copy, &backup->label);
        backup->placed = backup->error == 0;
        if (backup->placed)
            backup->thin_error =
                gp_shelf_thin(backup->shelf, backup->app->settings.backup_keep, &backup->label);
    }
    /* what it leaves goes when the next one begins */
    (void)gp_tree_remove(backup->copy, GP_TREE_STORE);
    if (backup->child.signal != 0) /* it could not take its throw-away store with it */
        gp_scratch_sweep(NULL);
}

static void finish_done(uv_work_t *work, int status)
{
    (void)status; /* nobody cancels it */
    conclude(work->data);
}

static void finish(struct gp_backup *backup)
{
    backup->phase = GP_BACKUP_FINISHING;
    queue(backup, &backup->work, finish_work, finish_done);
}

/* ---------------------------------------------------------------- children */

/* EX_TEMPFAIL: it had no room, say. What is wrong with the version of a store that we have open is
 * damage, too. */
static bool says_damaged(const struct gp_child *child)
{
    if (child->signal != 0)
        return gp_inspect_is_deadly(child->signal);
    return child->exit_code > 0 && child->exit_code != EX_TEMPFAIL;
}

static void add_finding(struct gp_backup *backup, const char *what)
{
    const struct gp_child *child = &backup->child;
    size_t len = strlen(backup->finding), room = sizeof backup->finding - len;

    if (child->signal != 0)
        (void)snprintf(backup->finding + len, room, "%s: ended by signal %d\n%s", what,
                       child->signal, child->text);
    else
        (void)snprintf(backup->finding + len, room, "%s: %s", what,
                       child->text_len > 0 ? child->text : "it could not be started");
}

static void start_child(struct gp_backup *backup, enum gp_backup_phase phase);

static void child_over(void *context)
{
    struct gp_backup *backup = context;
    const struct gp_child *child = &backup->child;
    bool compacted = backup->phase == GP_BACKUP_COMPACTING;
    bool good = child->exit_code == 0 && child->signal == 0;

    if (!good)
        add_finding(backup, compacted ? "compacting" : "verifying");
    if (!good && says_damaged(child))
        backup->damaged = true;
    else if (backup->yields && (compacted || !good)) /* a copy that is good takes no more room */
        backup->error = GP_EYIELD;
    else if (!good)
        backup->error = GP_EIO;
    if (compacted && backup->error == 0 && !backup->yields && !atomic_load(&backup->copying.stop))
        start_child(backup, GP_BACKUP_VERIFYING);
    else
        finish(backup);
}

static void start_child(struct gp_backup *backup, enum gp_backup_phase phase)
{
    enum gp_child_act act = phase == GP_BACKUP_COMPACTING ? GP_CHILD_COMPACT : GP_CHILD_VERIFY;

    backup->phase = phase;
    backup->child.over = child_over;
    backup->child.context = backup;
    gp_child_start(&backup->child, &backup->app->loop, act, backup->copy, backup->label.drill);
}

/* ---------------------------------------------------------------- copying */

static void copy_work(uv_work_t *work)
{
    struct gp_backup *backup = work->data;
    struct gp_copied copied;
    int rc = gp_shelf_prepare(backup->shelf);

    if (rc == 0)
        rc = gp_store_copy(backup->app->store, backup->copy, &backup->copying, &copied);
    backup->error = rc;
    if (rc != 0)
        return;
    backup->label.seq = copied.seq;
    memcpy(backup->label.hash, copied.hash, sizeof backup->label.hash);
}

static void copy_done(uv_work_t *work, int status)
{
    struct gp_backup *backup = work->data;

    (void)status;                       /* nobody cancels it */
    if (backup->error == GP_ECORRUPT) { /* a file of the journal is missing: not the copy's fault */
        backup->damaged = true;
        backup->error = 0;
        (void)snprintf(backup->finding, sizeof backup->finding, "copying: %s",
                       gp_error_text(GP_ECORRUPT));
        finish(backup);
        return;
    }
    if (backup->error != 0 || atomic_load(&backup->copying.stop)) {
        finish(backup);
        return;
    }
    if (!backup->check)
        gp_label_name(&backup->label, backup->name);
    start_child(backup, backup->check ? GP_BACKUP_VERIFYING : GP_BACKUP_COMPACTING);
}

static void begin(struct gp_backup *backup, const struct gp_job *job)
{
    struct gp_app *app = backup->app;
    int64_t now_ms = gp_app_now(app);

    backup->job++;
    backup->check = job->request.backup == GP_BACKUP_CHECK;
    backup->phase = GP_BACKUP_COPYING;
    backup->result = GP_BACKUP_UNKNOWN;
    backup->label =
        (struct gp_label){.at_ms = now_ms - now_ms % 1000, .drill = app->options->drill};
    backup->copying = (struct gp_copying){.reserve_bytes = GP_BACKUP_RESERVE_BYTES};
    backup->name[0] = backup->finding[0] = '\0';
    backup->ended_ms = 0;
    backup->damaged = backup->placed = backup->yields = false;
    backup->error = backup->thin_error = 0;
    (void)snprintf(backup->actor, sizeof backup->actor, "%.*s", GP_SPAN_ARG(job->request.person));
    (void)snprintf(backup->copy, sizeof backup->copy, "%s/" GP_SHELF_TMP "%" PRIu64, backup->shelf,
                   backup->job);
    queue(backup, &backup->work, copy_work, copy_done);
}

/* ---------------------------------------------------------------- asking */

static void answer(struct gp_job *job, const struct gp_backup *backup)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_BACKUP};

    reply.backup = (struct gp_backup_state){
        .job = backup->job,
        .check = backup->check,
        .phase = (uint8_t)backup->phase,
        .result = (uint8_t)backup->result,
        .done = atomic_load(&backup->copying.done),
        .of = atomic_load(&backup->copying.of),
        .started_ms = backup->label.at_ms,
        .ended_ms = backup->ended_ms,
    };
    if (backup->phase == GP_BACKUP_NONE) { /* else others write these */
        reply.backup.seq = backup->label.seq;
        reply.backup.name = gp_span_of(backup->name);
        reply.backup.finding = gp_span_of(backup->finding);
        memcpy(reply.backup.hash, backup->label.hash, sizeof reply.backup.hash);
    }
    gp_job_reply(job, &reply);
}

void gp_backup_answer(struct gp_job *job)
{
    struct gp_backup *backup = job->app->backup;

    if (job->request.backup != GP_BACKUP_LOOK) {
        if (backup->shelf[0] == '\0') {
            gp_job_refuse(job, GP_STATUS_NOT_FOUND, "no folder for backups is set: backup_dir");
            return;
        }
        if (job->request.backup == GP_BACKUP_LIST) {
            gp_lister_start(&backup->lister, backup->shelf, job);
            return;
        }
        if (backup->phase != GP_BACKUP_NONE || job->app->phase != GP_RUNNING) {
            gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "another backup or check is under way");
            return;
        }
        begin(backup, job);
    }
    answer(job, backup);
}

/* ---------------------------------------------------------------- from start to end */

/* The setting is of the store that the settings name: what another store, or a drill's, leaves
 * there would push out the backups of that one. */
static const char *shelf_of(const struct gp_app *app)
{
    if (app->options->backup != NULL)
        return app->options->backup;
    if (app->options->store != NULL || app->options->drill)
        return "";
    return app->settings.backup_dir;
}

/* Of the settings org/ has made sure; options come past it. */
int gp_backup_check(const struct gp_app *app)
{
    const char *store = app->options->store != NULL ? app->options->store : app->settings.store;
    const char *shelf = shelf_of(app);

    if (shelf[0] == '\0' || !gp_settings_inside(shelf, store))
        return 0;
    gp_log(GP_LOG_ERROR, "backup",
           "%s: inside the store's folder: name one beside it, or better on another disk", shelf);
    return EX_CONFIG;
}

int gp_backup_open(struct gp_app *app)
{
    struct gp_backup *backup = calloc(1, sizeof *backup);

    if (backup == NULL)
        return GP_ENOMEM;
    backup->app = app;
    backup->shelf = shelf_of(app);
    app->backup = backup;
    return 0;
}

static void look_work(uv_work_t *work)
{
    struct gp_backup *backup = work->data;
    backup->found_ms = gp_shelf_newest(backup->shelf);
}

static void look_done(uv_work_t *work, int status)
{
    struct gp_backup *backup = work->data;

    (void)status; /* nobody cancels it */
    backup->looks = false;
    if (backup->found_ms > backup->newest_ms) /* one may have been made meanwhile */
        backup->newest_ms = backup->found_ms;
    gp_shutdown_advance(backup->app);
}

void gp_backup_start(struct gp_app *app)
{
    struct gp_backup *backup = app->backup;

    if (backup->shelf[0] == '\0')
        return;
    backup->looks = true;
    queue(backup, &backup->look, look_work, look_done);
}

void gp_backup_close(struct gp_app *app)
{
    free(app->backup);
}

int64_t gp_backup_newest(const struct gp_app *app)
{
    return app->backup->newest_ms;
}

/* Nobody waits for it at a shutdown: the next one starts anew. */
void gp_backup_cut(struct gp_app *app)
{
    if (app->backup->phase == GP_BACKUP_NONE)
        return;
    atomic_store(&app->backup->copying.stop, true);
    gp_child_kill(&app->backup->child);
}

/* A copy that is being made looks by itself. */
void gp_backup_tick(struct gp_app *app)
{
    struct gp_backup *backup = app->backup;

    if (backup->phase != GP_BACKUP_COMPACTING && backup->phase != GP_BACKUP_VERIFYING)
        return;
    if (backup->yields || !gp_store_crowded(app->store))
        return;
    backup->yields = true;
    gp_child_kill(&backup->child);
}

bool gp_backup_idle(const struct gp_app *app)
{
    return app->backup->phase == GP_BACKUP_NONE && !app->backup->looks &&
           app->backup->lister.job == NULL;
}
