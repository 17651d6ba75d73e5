/* A letter becomes a request and goes where its kind is served. */
#include "app/internal.h"

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

/* What a person types is stored under a salted hash; the salt is nobody's choice but ours. */
static void take_command(struct gp_job *job)
{
    struct gp_command *command = &job->request.command;

    if (uv_random(NULL, NULL, command->salt, sizeof command->salt, 0, NULL) != 0)
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, "no random numbers to be had");
    else
        gp_batcher_command(job->app, job);
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
    case GP_REQUEST_DEVICES: /* asked in sealed sessions only */
    case GP_REQUEST_VERIFY:
    case GP_REQUEST_HEAD:
        gp_job_refuse(job, GP_STATUS_INVALID, "body: not on this socket");
        break;
    }
}

void gp_app_on_letter(void *context, struct gp_letter letter)
{
    struct gp_app *app = context;
    struct gp_job *job = gp_job_new(app, letter);
    const char *field = "message";
    int rc;

    if (job == NULL) {
        gp_letter_drop(&letter); /* out of memory: the client asks again */
        return;
    }
    rc = gp_wire_request_unpack((struct gp_span){letter.body, letter.len}, &job->arena,
                                &job->request, &field);
    if (rc != 0)
        refuse_malformed(job, rc, field);
    else if (gp_speaker_identify(job))
        serve(job);
}
