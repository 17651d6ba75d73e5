/*
 * Who is speaking. The one place where a command gets its actor and device; the rest of the daemon
 * never looks at what a message claims. Today the claim of the local socket is believed, because
 * the permissions of its directory decide who can reach it; a sealed session will put the person it
 * knows here instead.
 */
#include "app/internal.h"

bool gp_speaker_identify(struct gp_job *job)
{
    struct gp_request *request = &job->request;

    if (request->kind != GP_REQUEST_COMMAND && request->kind != GP_REQUEST_CONTROL)
        return true;
    if (request->person.len == 0) {
        gp_job_refuse(job, GP_STATUS_INVALID, "speaker.person: say who is speaking");
        return false;
    }
    if (request->kind == GP_REQUEST_COMMAND) {
        request->command.actor = request->person;
        request->command.device = request->device;
    }
    return true;
}
