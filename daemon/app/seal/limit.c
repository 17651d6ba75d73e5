/*
 * Limits of what a device, and a person with all devices, may ask. They hold for sealed messages:
 * who speaks unsealed sits on this machine and is trusted with more than its speed.
 */
#include "app/seal/seal.h"

static uint32_t wait_of(const struct gp_job *job)
{
    struct gp_app *app = job->app;
    struct gp_span person = {job->session->person, job->session->person_len};
    uint64_t now_ms = uv_now(&app->loop);
    uint32_t wait_ms = gp_rate_take(app->seal->device_rate, job->by_device, now_ms);

    return wait_ms != 0 ? wait_ms
                        : gp_rate_take(app->seal->person_rate, gp_device_hash(person), now_ms);
}

bool gp_limit_allows(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_LIMITED, .detail = GP_SPAN("too fast")};

    if (job->session == NULL)
        return true;
    reply.retry_ms = wait_of(job);
    if (reply.retry_ms == 0)
        return true;
    job->app->seal->limited++;
    gp_job_reply(job, &reply);
    return false;
}
