/*
 * Who is speaking. The one place where a command gets its actor and device; the rest of the daemon
 * never looks at what a message claims. Of a sealed request it is the person whose device the
 * session is of; only a bridge names the user for whom it speaks. An unsealed one, where such are
 * taken at all, is believed.
 */
#include "app/seal/seal.h"

#include <inttypes.h>
#include <stdio.h>

#define GP_DEVICE_TEXT_BYTES 24 /* "#" and a number */

/* Who speaks for nobody speaks for itself. The pool asks for the device's owner, too, when the
 * session may be gone. */
static bool take_session(struct gp_job *job)
{
    struct gp_request *request = &job->request;
    struct gp_span own = {job->session->person, job->session->person_len};
    char *device = gp_arena_alloc(&job->arena, GP_DEVICE_TEXT_BYTES);

    job->owner = gp_arena_copy(&job->arena, own);
    if (device == NULL || job->owner.ptr == NULL) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(GP_ENOMEM));
        return false;
    }
    if (job->role != GP_ROLE_BRIDGE || request->person.len == 0)
        request->person = job->owner;
    (void)snprintf(device, GP_DEVICE_TEXT_BYTES, "#%" PRIu64, job->by_device);
    request->device = gp_span_of(device);
    return true;
}

static bool changes(const struct gp_request *request)
{
    return request->kind == GP_REQUEST_COMMAND || request->kind == GP_REQUEST_CONTROL;
}

/* Repeats are known by device and id: nobody gets between an enrolled device and its own. */
static bool claims_a_number(const struct gp_request *request)
{
    return request->device.len > 0 && request->device.ptr[0] == '#';
}

bool gp_speaker_identify(struct gp_job *job)
{
    struct gp_request *request = &job->request;

    if (!job->sealed && claims_a_number(request)) {
        gp_job_refuse(job, GP_STATUS_INVALID, "speaker.device: # begins an enrolled one");
        return false;
    }
    if (job->sealed && !take_session(job))
        return false;
    if (changes(request) && request->person.len == 0) {
        gp_job_refuse(job, GP_STATUS_INVALID, "speaker.person: say who is speaking");
        return false;
    }
    if (request->kind == GP_REQUEST_COMMAND) {
        request->command.actor = request->person;
        request->command.device = request->device;
        request->command.by_device = job->by_device;
    }
    return true;
}
