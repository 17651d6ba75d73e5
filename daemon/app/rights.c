/*
 * Whether a device may read what it asks for. Commands are judged in decide, where the batch is
 * applied; what is read is judged here, at each look, by the view that the look sees, so a feed
 * that waits loses its right with the post that gave it. An unsealed request has no role and is not
 * asked.
 */
#include "app/seal/seal.h"

#include "core/permit.h"

#include <stdio.h>

static int action_of(const struct gp_request *request)
{
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_COMMAND:
        return request->command.verb;
    case GP_REQUEST_QUERY:
    case GP_REQUEST_SUMMARY:
        return GP_ACTION_QUERY;
    case GP_REQUEST_INCIDENT:
        return GP_ACTION_INCIDENT;
    case GP_REQUEST_FEED:
        return request->feed.filter.escalations ? GP_ACTION_ESCALATIONS : GP_ACTION_FEED;
    case GP_REQUEST_ASSESS:
        return GP_ACTION_ASSESS;
    case GP_REQUEST_LEAVES:
        return GP_ACTION_LEAVES;
    case GP_REQUEST_STATUS:
        return GP_ACTION_STATUS;
    case GP_REQUEST_ROSTER:
        return GP_ACTION_ROSTER;
    case GP_REQUEST_WHO:
        return GP_ACTION_WHO;
    case GP_REQUEST_CONTROL:
        return GP_ACTION_CLOCK;
    case GP_REQUEST_DEVICES:
        return GP_ACTION_DEVICES;
    case GP_REQUEST_VERIFY:
        return GP_ACTION_CHAIN;
    case GP_REQUEST_HEAD:
        return GP_ACTION_HEAD;
    case GP_REQUEST_BACKUP:
        return GP_ACTION_BACKUP;
    case GP_REQUEST_FIGURES:
        return GP_ACTION_FIGURES;
    }
    return GP_ACTION_NONE;
}

static bool permitted(const struct gp_speaker *speaker, const struct gp_request *request,
                      const struct gp_incident *incident)
{
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_COMMAND:
        return true; /* decide asks */
    case GP_REQUEST_QUERY:
        return gp_permit_query(speaker, &request->query);
    case GP_REQUEST_SUMMARY:
        return gp_permit_summary(speaker, &request->summary);
    case GP_REQUEST_INCIDENT:
        return gp_permit_incident(speaker, incident);
    case GP_REQUEST_FEED:
        return gp_permit_feed(speaker, &request->feed.filter, incident);
    case GP_REQUEST_ASSESS:
        return gp_permit_assess(speaker, &request->assess);
    case GP_REQUEST_LEAVES:
        return gp_permit_leaves(speaker, &request->leaves);
    case GP_REQUEST_ROSTER:
        return gp_permit_roster(speaker, request->roster.area);
    case GP_REQUEST_WHO:
        return gp_permit_who(speaker, request->who.grid);
    case GP_REQUEST_DEVICES:
        return gp_permit_devices(speaker, request->devices.person);
    default:
        return gp_permit(speaker, action_of(request), GP_NO_TARGET);
    }
}

bool gp_rights_read(const struct gp_job *job, const struct gp_org *org, int64_t now_ms,
                    const struct gp_incident *incident)
{
    uint32_t person = gp_org_person(org, job->request.person);
    struct gp_speaker speaker = {
        .org = org,
        .person = person,
        .role = gp_role_speaking(org, job->role, job->owner, person),
        .now_ms = now_ms,
    };

    return !job->sealed || permitted(&speaker, &job->request, incident);
}

void gp_rights_narrow(struct gp_job *job)
{
    struct gp_request *request = &job->request;
    struct gp_span *person = NULL;

    if (request->kind == GP_REQUEST_LEAVES)
        person = &request->leaves.person;
    else if (request->kind == GP_REQUEST_DEVICES)
        person = &request->devices.person;
    if (person != NULL && person->len == 0 &&
        !gp_rights_read(job, gp_view_org(job->app->view), gp_app_now(job->app), NULL))
        *person = request->person;
}

const char *gp_rights_action(const struct gp_job *job)
{
    return gp_action_name(action_of(&job->request));
}

/* What a device may do about it: where a right reaches part of the way, a narrower question helps.
 */
static const char *advice(const struct gp_request *request)
{
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_QUERY:
    case GP_REQUEST_FEED:
        return "; confine it by area, department or person";
    case GP_REQUEST_SUMMARY:
        return "; confine it by area or department";
    case GP_REQUEST_ASSESS:
        return "; confine it by area";
    default:
        return "";
    }
}

void gp_rights_refuse(struct gp_job *job)
{
    struct gp_reply reply = {.status = GP_STATUS_REFUSED, .reason = GP_REASON_NO_RIGHT};
    const struct gp_org *org = gp_view_org(job->app->view);
    uint8_t role =
        gp_role_speaking(org, job->role, job->owner, gp_org_person(org, job->request.person));
    const char *action = gp_rights_action(job);
    char reach[GP_REACH_BYTES], detail[160];

    gp_right_format(org, role, action_of(&job->request), reach);
    if (role == GP_ROLE_NOBODY)
        (void)snprintf(detail, sizeof detail, "%.*s is no user of this bridge",
                       GP_SPAN_ARG(job->request.person));
    else if (reach[0] == '\0')
        (void)snprintf(detail, sizeof detail, "role %s: %s is none of its rights",
                       gp_role_name(role), action);
    else
        (void)snprintf(detail, sizeof detail, "role %s: %s reaches as far as: %s%s",
                       gp_role_name(role), action, reach, advice(&job->request));
    reply.detail = gp_span_of(detail);
    gp_denied(job->app, job->by_device, job->request.person, action);
    gp_job_reply(job, &reply);
}
