/* Denials: a device asked for what its role does not have, or was revoked. All are counted. */
#include "app/seal/seal.h"

#include <stdio.h>

void gp_denied(struct gp_job *job, const char *what)
{
    struct gp_app *app = job->app;
    struct gp_seal *seal = app->seal;
    uint64_t now_ms = uv_now(&app->loop);
    unsigned count = gp_denials_count(&seal->denials, job->by_device, now_ms);
    char text[160];

    seal->denied++;
    if (count == 0)
        return;
    (void)snprintf(text, sizeof text, "denied: device %llu: %s (%u since the last)",
                   (unsigned long long)job->by_device, what, count);
    if (!gp_batcher_note(app, text, job->request.person))
        return; /* the next one says it */
    gp_log(GP_LOG_WARNING, "denied", "%s", text);
    gp_denials_told(&seal->denials, job->by_device, now_ms);
}
