/*
 * Pages by due look at all that matches, a third of a second of a processor where a whole city is
 * open. They take turns for GP_SORTS_MAX of the pool's threads, so that handshakes and other reads
 * find one; and of those that wait, one of a person who has none under way goes first, so that who
 * asks for many waits for oneself.
 */
#include "app/internal.h"

static bool sorts(const struct gp_job *job)
{
    return job->request.kind == GP_REQUEST_QUERY && job->request.query.order == GP_ORDER_DUE;
}

static struct gp_job **place_of(struct gp_app *app, const struct gp_job *job)
{
    return gp_job_place(app->sorting, GP_SORTS_MAX, job);
}

static bool has_one(const struct gp_app *app, struct gp_span person)
{
    for (size_t i = 0; i < GP_SORTS_MAX; i++) {
        if (app->sorting[i] != NULL && gp_span_equal(app->sorting[i]->request.person, person))
            return true;
    }
    return false;
}

bool gp_sorting_enter(struct gp_job *job)
{
    struct gp_app *app = job->app;
    struct gp_job **place = place_of(app, NULL), **last = &app->unsorted;

    if (!sorts(job))
        return true;
    if (place != NULL) {
        *place = job;
        return true;
    }
    while (*last != NULL)
        last = &(*last)->next;
    job->next = NULL;
    *last = job;
    return false;
}

struct gp_job *gp_sorting_leave(const struct gp_job *job)
{
    struct gp_app *app = job->app;
    struct gp_job **chosen = &app->unsorted, *next;

    if (!sorts(job))
        return NULL;
    *place_of(app, job) = NULL;
    while (*chosen != NULL && has_one(app, (*chosen)->request.person))
        chosen = &(*chosen)->next;
    if (*chosen == NULL)
        chosen = &app->unsorted;
    next = *chosen;
    if (next != NULL)
        *chosen = next->next;
    return next;
}
