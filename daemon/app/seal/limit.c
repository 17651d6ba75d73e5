/*
 * Limits of what a device, and a person with all devices, may ask in a minute, and of what a
 * session may read at once: the places in the pool and among followers are for all. A bridge speaks
 * for many and has limits of its own, in place of a device's and a person's. They hold for
 * sealed messages: who speaks unsealed sits on this machine and is trusted with more than its
 * speed.
 */
#include "app/seal/seal.h"

#define GP_TOO_MANY_MS 1000 /* until one of those under way may be over */

static uint32_t wait_of(const struct gp_job *job)
{
    struct gp_seal *seal = job->app->seal;
    struct gp_span person = {job->session->person, job->session->person_len};
    uint64_t now_ms = uv_now(&job->app->loop);
    uint32_t wait_ms;

    if (job->role == GP_ROLE_BRIDGE)
        return gp_rate_take(seal->bridge_rate, job->by_device, now_ms);
    wait_ms = gp_rate_take(seal->device_rate, job->by_device, now_ms);
    return wait_ms != 0 ? wait_ms : gp_rate_take(seal->person_rate, gp_device_hash(person), now_ms);
}

static void refuse(struct gp_job *job, uint32_t retry_ms, const char *detail)
{
    const struct gp_reply reply = {
        .status = GP_STATUS_LIMITED, .retry_ms = retry_ms, .detail = gp_span_of(detail)};

    job->app->seal->limited++;
    gp_job_reply(job, &reply);
}

bool gp_limit_allows(struct gp_job *job)
{
    uint32_t wait_ms = job->session != NULL ? wait_of(job) : 0;

    if (wait_ms != 0)
        refuse(job, wait_ms, "too fast");
    return wait_ms == 0;
}

bool gp_limit_allows_read(struct gp_job *job)
{
    unsigned most = job->role == GP_ROLE_BRIDGE ? GP_BRIDGE_READS_MAX : GP_SESSION_READS_MAX;

    if (job->session == NULL)
        return true;
    if (job->session->reads >= most) {
        refuse(job, GP_TOO_MANY_MS, "too many reads at once");
        return false;
    }
    job->session->reads++;
    job->reads = true;
    return true;
}
