/*
 * Denials: a device asked for what its role does not have, or was revoked. All are counted; of one
 * device's the first of a minute goes into the journal, with the number since the last that did, so
 * that a handset gone mad fills no disk and is found all the same.
 */
#include "app/seal/seal.h"

#include <stdio.h>

#define GP_DENIAL_MS 60000

static void journal(struct gp_job *job, struct gp_denial *denial, const char *what)
{
    struct gp_app *app = job->app;
    char text[160];

    (void)snprintf(text, sizeof text, "denied: device %llu: %s (%u since the last)",
                   (unsigned long long)denial->device, what, denial->count);
    if (!gp_batcher_note(app, text, job->request.person))
        return; /* the next one says it */
    gp_log(GP_LOG_WARNING, "rights", "%s", text);
    denial->count = 0;
    denial->next_ms = uv_now(&app->loop) + GP_DENIAL_MS;
}

void gp_denied(struct gp_job *job, const char *what)
{
    struct gp_seal *seal = job->app->seal;
    struct gp_denial *denial = &seal->denial[job->by_device % GP_DENIALS_KNOWN];

    seal->denied++;
    if (denial->device != job->by_device)
        *denial = (struct gp_denial){.device = job->by_device};
    denial->count++;
    if (uv_now(&job->app->loop) >= denial->next_ms)
        journal(job, denial, what);
}
