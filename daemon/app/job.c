#include "app/seal/seal.h"

#include <malloc.h>
#include <stdlib.h>

/* Heap of one job: a request, or a page of the largest records and its packed form. */
#define GP_JOB_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* What a job keeps for the next request, of each arena: an ordinary one needs no malloc, and a rush
 * of large answers is given back. A report takes less than 3 KB to read and 1 KB to answer. So many
 * jobs rest as a batch of a thousand clients gives back before the next requests take them: 4 MB,
 * and 8 MB at the most. */
#define GP_JOB_BLOCK_BYTES ((size_t)4000)
#define GP_JOB_KEPT_BYTES  ((size_t)8 * 1024)
#define GP_FREE_JOBS_MAX   512

/* Large answers are freed among what rests, and the C library keeps such holes for itself: after so
 * much of them, when nobody reads any more, it is asked to give them to the system. */
#define GP_TRIM_BYTES ((size_t)16 * 1024 * 1024)

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
        gp_arena_init_blocks(&job->arena, GP_JOB_BYTES_MAX, GP_JOB_BLOCK_BYTES);
        gp_arena_init_blocks(&job->page, GP_JOB_BYTES_MAX, GP_JOB_BLOCK_BYTES);
    }
    job->letter = letter;
    job->came = uv_now(&app->loop);
    job->next = NULL;
    job->error = 0;
    job->denied = false;
    job->answer = (struct gp_span){0};
    job->expires = 0;
    job->again = false;
    job->sealed = false;
    job->role = GP_ROLE_LOCAL;
    job->owner = (struct gp_span){0};
    job->by_device = 0;
    job->session = NULL;
    job->reads = false;
    job->counted = NULL;
    job->way_count = 0;
    job->join = NULL;
    return job;
}

static void give_back(struct gp_app *app, size_t freed)
{
    if (freed > GP_JOB_KEPT_BYTES)
        app->freed_bytes += freed;
    if (app->freed_bytes < GP_TRIM_BYTES || app->readers > 0)
        return;
    app->freed_bytes = 0;
    (void)malloc_trim(0); /* whether there was any */
}

void gp_job_end(struct gp_job *job)
{
    struct gp_app *app = job->app;
    size_t used = job->page.used;

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
    } else {
        gp_arena_release(&job->arena);
        gp_arena_release(&job->page);
        free(job);
    }
    give_back(app, used);
}

static void give(struct gp_job *job, struct gp_span answer)
{
    if (job->sealed)
        gp_sealed_answer(job, answer);
    else
        gp_letter_reply(&job->letter, answer);
    gp_job_end(job);
}

void gp_job_send(struct gp_job *job, struct gp_span answer)
{
    job->app->figures.answers.of[GP_STATUS_OK]++;
    give(job, answer);
}

void gp_job_reply(struct gp_job *job, const struct gp_reply *reply)
{
    struct gp_span packed;

    if (gp_wire_reply_pack(reply, &job->page, &packed) == 0) {
        gp_figures_answered(job->app, reply);
        give(job, packed);
        return;
    }
    gp_log(GP_LOG_ERROR, "reply", "an answer could not be packed: the client will ask again");
    gp_job_end(job);
}

struct gp_job **gp_job_place(struct gp_job **places, size_t count, const struct gp_job *job)
{
    for (size_t i = 0; i < count; i++) {
        if (places[i] == job)
            return &places[i];
    }
    return NULL;
}

void gp_job_refuse(struct gp_job *job, enum gp_status status, const char *detail)
{
    struct gp_reply reply = {.status = (uint8_t)status, .detail = gp_span_of(detail)};
    gp_job_reply(job, &reply);
}
