#include "core/forecast.h"

#include "core/decide_internal.h"

#include <assert.h>

/* ---------------------------------------------------------------- one vacancy a post and day */

/* Time only goes on here, so the newest day of each post is all that can be asked for again. */
static bool vacancy_known(void *context, uint32_t post_key, int64_t day)
{
    const struct gp_forecast *forecast = context;

    for (uint8_t i = 0; i < forecast->vacant_count; i++) {
        if (forecast->vacant[i].post == post_key)
            return forecast->vacant[i].day == day;
    }
    return false;
}

static void note_vacancy(struct gp_forecast *forecast, const struct gp_entry *entry)
{
    uint32_t key = gp_post_key(entry->vacant_post);
    uint8_t i = 0;

    while (i < forecast->vacant_count && forecast->vacant[i].post != key)
        i++;
    assert(i < GP_FORECAST_VACANT_MAX);
    forecast->vacant[i].post = key;
    forecast->vacant[i].day = entry->vacant_day;
    if (i == forecast->vacant_count)
        forecast->vacant_count++;
}

/* ---------------------------------------------------------------- one decision after the other */

/* The first repeat of the last stage says all that will come. */
static bool is_last(const struct gp_incident *incident, const struct gp_entry *entry)
{
    return entry->what == GP_WHAT_STEP && entry->step == GP_STEP_REPEAT &&
           entry->stage + 1 == incident->plan.stage_count;
}

/* Where the last stage's ladder has no repeat, earlier stages' would go on for ever. */
static bool only_repeats(const struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].status == GP_PLANNED && plan->step[i].nth <= 1)
            return false;
    }
    return true;
}

/* Gives the newest decision's entries away; false when the forecast is at its end. */
static bool give(struct gp_forecast *forecast, gp_forecast_fn function, void *context)
{
    for (uint8_t i = 0; i < forecast->decision.entry_count; i++) {
        struct gp_entry *entry = &forecast->decision.entry[i];
        if (entry->what == GP_WHAT_STRIKE) /* a forecast accuses nobody */
            continue;
        if (entry->nth > 1) /* an earlier stage goes on repeating: said by its first repeat */
            continue;
        entry->seq = ++forecast->seq;
        if (entry->what == GP_WHAT_VACANT)
            note_vacancy(forecast, entry);
        if (!function(context, entry))
            return false;
        if (is_last(&forecast->decision.after, entry))
            return false;
    }
    forecast->incident = forecast->decision.after;
    return !only_repeats(&forecast->incident.plan);
}

/* Goes on with the report's decision as if the dispatcher had filed it at the same instant. */
static void file_at_once(const struct gp_scene *scene, struct gp_decision *decision)
{
    struct gp_decider decider = {
        .scene = scene,
        .out = decision,
        .incident = &decision->after,
        .area = gp_org_area_ref(scene->org, decision->after.area),
        .actor = GP_NONE,
    };

    gp_file_and_dispatch(&decider);
}

static void report(const struct gp_scene *scene, const struct gp_forecast_ask *ask,
                   struct gp_decision *decision)
{
    bool anybody = ask->person.len == 0 && scene->org->person_count > 0;
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .actor = anybody ? scene->org->persons[0].id : ask->person,
        .grid = ask->grid,
        .category = ask->category,
        .condition = ask->condition,
        .captured_ms = ask->at_ms,
    };

    gp_decide(scene, &command, decision);
    if (decision->reason == GP_REASON_NONE && decision->after.state == GP_STATE_REPORTED)
        file_at_once(scene, decision);
}

/* One planned instant after the other. */
static void go_on(struct gp_scene *scene, struct gp_forecast *forecast, gp_forecast_fn entry,
                  void *context)
{
    const struct gp_plan_step *next;

    scene->incident = &forecast->incident;
    do {
        next = gp_plan_next(&forecast->incident.plan);
        if (next == NULL)
            return;
        if (next->at_ms > scene->now_ms)
            scene->now_ms = next->at_ms;
        gp_decide_expire(scene, &forecast->decision);
    } while (forecast->decision.entry_count > 0 && give(forecast, entry, context));
}

enum gp_reason gp_forecast_run(const struct gp_org *org, const struct gp_forecast_ask *ask,
                               struct gp_forecast *forecast, gp_forecast_fn entry, void *context)
{
    const struct gp_recall recall = {.context = forecast, .vacancy_known = vacancy_known};
    struct gp_scene scene = {
        .org = org,
        .now_ms = ask->at_ms,
        .new_id = 1,
        .recall = &recall,
    };

    forecast->seq = 0;
    forecast->vacant_count = 0;
    report(&scene, ask, &forecast->decision);
    if (forecast->decision.reason != GP_REASON_NONE)
        return forecast->decision.reason;
    if (give(forecast, entry, context))
        go_on(&scene, forecast, entry, context);
    return GP_REASON_NONE;
}

void gp_forecast_go_on(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms,
                       struct gp_forecast *forecast, gp_forecast_fn entry, void *context)
{
    const struct gp_recall recall = {.context = forecast, .vacancy_known = vacancy_known};
    struct gp_scene scene = {.org = org, .now_ms = now_ms, .recall = &recall};

    forecast->seq = 0;
    forecast->vacant_count = 0;
    forecast->incident = *incident;
    if (!only_repeats(&incident->plan))
        go_on(&scene, forecast, entry, context);
}
