/*
 * Who would be told of a report, and when: a forecast under the directory in force. It takes some
 * twenty microseconds and reads no store, so it is made on the loop.
 */
#include "app/internal.h"

struct answer {
    struct gp_job *job;
    const struct gp_org *org;
    struct gp_forecast_step *step[GP_FORECAST_MAX];
    uint32_t count;
    bool starved;
};

/* Keeps an entry with the names of whom it tells; a forecast that is longer is cut there. */
static bool keep(void *context, const struct gp_entry *entry)
{
    struct answer *answer = context;
    struct gp_forecast_step *step = gp_arena_zalloc(&answer->job->page, 1, sizeof *step);

    if (step == NULL) {
        answer->starved = true;
        return false;
    }
    step->entry = *entry;
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        uint32_t person = gp_org_person(answer->org, entry->recipient[i].person);
        if (person != GP_NONE)
            step->name[i] = answer->org->persons[person].name;
    }
    answer->step[answer->count++] = step;
    return answer->count < GP_FORECAST_MAX;
}

static void refuse(struct gp_job *job, enum gp_reason reason)
{
    struct gp_reply reply = {.status = GP_STATUS_REFUSED,
                             .reason = (uint8_t)reason,
                             .detail = gp_span_of(job->app->forecast->decision.detail)};
    gp_job_reply(job, &reply);
}

static void answer_with(struct gp_job *job, struct answer *answer)
{
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_FORECAST};
    int rc = answer->starved ? GP_ENOMEM : 0;

    reply.forecast.item = answer->step;
    reply.forecast.count = answer->count;
    if (rc == 0)
        rc = gp_wire_reply_pack(&reply, &job->page, &job->answer);
    if (rc != 0) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(rc));
        return;
    }
    gp_job_send(job, job->answer);
}

void gp_who_answer(struct gp_job *job)
{
    struct answer answer = {.job = job, .org = gp_view_org(job->app->view)};
    int64_t at_ms = job->request.who.at_ms;
    struct gp_forecast_ask ask = {
        .grid = job->request.who.grid,
        .category = job->request.who.category,
        .condition = job->request.who.condition,
        .at_ms = at_ms != 0 ? at_ms : gp_app_now(job->app),
    };
    enum gp_reason reason = gp_forecast_run(answer.org, &ask, job->app->forecast, keep, &answer);

    if (reason != GP_REASON_NONE)
        refuse(job, reason);
    else
        answer_with(job, &answer);
}
