/* A letter becomes a request and goes where its kind is served. */
#include "app/seal/seal.h"

#include <stdio.h>

/* Malformed messages are counted; the log gets the first of each thousand. */
static void refuse_malformed(struct gp_job *job, int error, const char *field)
{
    struct gp_app *app = job->app;
    char detail[120];

    (void)snprintf(detail, sizeof detail, "%s: %s", field, gp_error_text(error));
    if (app->malformed++ % 1000 == 0)
        gp_log(GP_LOG_WARNING, "malformed", "message refused (%s), %llu so far", detail,
               (unsigned long long)app->malformed);
    gp_job_refuse(job, error == GP_EVERSION ? GP_STATUS_VERSION : GP_STATUS_INVALID, detail);
}

/* Random numbers are drawn for many salts at once. A salt that is gone is to be had nowhere: it is
 * wiped here as it is given away. */
static bool take_salt(struct gp_app *app, unsigned char ret_salt[GP_SALT_BYTES])
{
    unsigned char *salt;

    if (app->salts_left == 0) {
        if (uv_random(NULL, NULL, app->salt, sizeof app->salt, 0, NULL) != 0)
            return false;
        app->salts_left = GP_SALTS;
    }
    salt = app->salt[--app->salts_left];
    memcpy(ret_salt, salt, GP_SALT_BYTES);
    gp_wipe(salt, GP_SALT_BYTES);
    return true;
}

/* What a person types is stored under a salted hash; the salt is nobody's choice but ours. */
static void take_command(struct gp_job *job)
{
    struct gp_command *command = &job->request.command;

    if (command->verb == GP_VERB_ROTATE)
        command->obstacle = gp_seal_obstacle(job);
    if (!take_salt(job->app, command->salt))
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "no random numbers to be had");
    else
        gp_batcher_command(job->app, job);
}

/* What is read in the pool is judged there, at each look. */
static bool may_ask(const struct gp_job *job)
{
    switch ((enum gp_request_kind)job->request.kind) {
    case GP_REQUEST_STATUS:
    case GP_REQUEST_ROSTER:
    case GP_REQUEST_WHO:
    case GP_REQUEST_CONTROL:
    case GP_REQUEST_HEAD:
    case GP_REQUEST_BACKUP:
    case GP_REQUEST_FIGURES:
        return gp_rights_read(job, gp_view_org(job->app->view), gp_app_now(job->app), NULL);
    default:
        return true;
    }
}

static void serve(struct gp_job *job)
{
    switch ((enum gp_request_kind)job->request.kind) {
    case GP_REQUEST_COMMAND:
        take_command(job);
        break;
    case GP_REQUEST_QUERY:
    case GP_REQUEST_INCIDENT:
    case GP_REQUEST_FEED:
    case GP_REQUEST_ASSESS:
    case GP_REQUEST_LEAVES:
    case GP_REQUEST_DEVICES:
    case GP_REQUEST_VERIFY:
    case GP_REQUEST_SUMMARY:
        if (gp_limit_allows_read(job))
            gp_reader_start(job);
        break;
    case GP_REQUEST_STATUS:
        gp_status_answer(job);
        break;
    case GP_REQUEST_ROSTER:
        gp_roster_answer(job);
        break;
    case GP_REQUEST_WHO:
        gp_who_answer(job);
        break;
    case GP_REQUEST_CONTROL:
        gp_app_clock_control(job->app, job);
        break;
    case GP_REQUEST_HEAD:
        gp_head_answer(job);
        break;
    case GP_REQUEST_BACKUP:
        gp_backup_answer(job);
        break;
    case GP_REQUEST_FIGURES:
        if (gp_limit_allows_read(job))
            gp_figures_answer(job);
        break;
    }
}

void gp_request_take(struct gp_job *job, struct gp_span message)
{
    const char *field = "message";
    int rc;

    if (!gp_limit_allows(job))
        return;
    rc = gp_wire_request_unpack(message, &job->arena, &job->request, &field);
    if (rc != 0) {
        refuse_malformed(job, rc, field);
        return;
    }
    job->app->figures.requests.of[job->request.kind]++;
    if (job->request.kind == GP_REQUEST_COMMAND)
        gp_request_hash(message, job->request_hash);
    if (!gp_speaker_identify(job))
        return;
    gp_rights_narrow(job);
    if (may_ask(job))
        serve(job);
    else
        gp_rights_refuse(job);
}

/* On the edge nothing is believed that is not sealed, whatever the options. */
static bool believed(const struct gp_app *app, const struct gp_letter *letter)
{
    return app->options->insecure_local && letter->intake != app->intake[GP_DOOR_EDGE];
}

void gp_app_on_letter(void *context, struct gp_letter letter)
{
    struct gp_app *app = context;
    struct gp_span message = {letter.body, letter.len};
    struct gp_job *job;

    if (gp_envelope_is(message)) {
        gp_sealed_letter(app, letter);
    } else if (!believed(app, &letter)) {
        gp_sealed_only(app, letter);
    } else {
        job = gp_job_new(app, letter);
        if (job != NULL)
            gp_request_take(job, message);
        else
            gp_letter_drop(&letter); /* out of memory: the client asks again */
    }
}
