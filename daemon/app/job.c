#include "app/seal/seal.h"

#include <stdlib.h>

/* Heap of one job: a request, or a page of the largest records and its packed form. */
#define GP_JOB_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* What a job keeps for the next request, of each arena: an ordinary one needs no malloc, and a rush
 * of large answers is given back. */
#define GP_JOB_KEPT_BYTES ((size_t)64 * 1024)
#define GP_FREE_JOBS_MAX  64

struct gp_job *gp_job_new(struct gp_app *app, struct gp_letter letter)
{
    struct gp_job *job = app->free_jobs;

    if (job != NULL) {
        app->free_jobs = job->next;
        app->free_job_count--;
    } else {
        job = calloc(1, sizeof *job);
        if (job == NULL)
            return NULL;
        job->app = app;
        gp_arena_init(&job->arena, GP_JOB_BYTES_MAX);
        gp_arena_init(&job->page, GP_JOB_BYTES_MAX);
    }
    job->letter = letter;
    job->next = NULL;
    job->error = 0;
    job->denied = false;
    job->answer = (struct gp_span){0};
    job->expires = 0;
    job->again = false;
    job->sealed = false;
    job->role = GP_ROLE_LOCAL;
    job->by_device = 0;
    job->session = NULL;
    job->reads = false;
    job->way_count = 0;
    job->join = NULL;
    return job;
}

void gp_job_end(struct gp_job *job)
{
    struct gp_app *app = job->app;

    if (job->letter.body != NULL || job->letter.path != NULL)
        gp_letter_drop(&job->letter);
    gp_sealed_leave(job);
    gp_job_drop_view(job);
    if (app->free_job_count < GP_FREE_JOBS_MAX && app->phase == GP_RUNNING) {
        gp_arena_trim(&job->arena, GP_JOB_KEPT_BYTES);
        gp_arena_trim(&job->page, GP_JOB_KEPT_BYTES);
        job->next = app->free_jobs;
        app->free_jobs = job;
        app->free_job_count++;
        return;
    }
    gp_arena_release(&job->arena);
    gp_arena_release(&job->page);
    free(job);
}

void gp_job_send(struct gp_job *job, struct gp_span answer)
{
    if (job->sealed)
        gp_sealed_answer(job, answer);
    else
        gp_letter_reply(&job->letter, answer);
    gp_job_end(job);
}

void gp_job_reply(struct gp_job *job, const struct gp_reply *reply)
{
    struct gp_span packed;

    if (gp_wire_reply_pack(reply, &job->page, &packed) == 0) {
        gp_job_send(job, packed);
        return;
    }
    gp_log(GP_LOG_ERROR, "reply", "an answer could not be packed: the client will ask again");
    gp_job_end(job);
}

void gp_job_refuse(struct gp_job *job, enum gp_status status, const char *detail)
{
    struct gp_reply reply = {.status = (uint8_t)status, .detail = gp_span_of(detail)};
    gp_job_reply(job, &reply);
}
