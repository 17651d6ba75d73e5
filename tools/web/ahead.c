#include "web/ahead.h"

#include "core/forecast.h"
#include "core/ladder.h"
#include "core/plan.h"
#include "show/show.h"

#include <stdlib.h>

#define STEPS_MAX (GP_PLAN_STEPS_MAX * 2) /* of the plan, and of stages that begin on the way */

struct coming {
    int64_t at_ms;
    uint8_t step, stage;
    json_t *json;
};

struct ahead {
    const struct gp_org *org;
    const struct gp_incident *incident;
    struct gp_forecast forecast; /* hundreds of KiB */
    struct coming coming[STEPS_MAX];
    size_t count;
};

/* ---------------------------------------------------------------- one step */

static json_t *recipients_json(const struct gp_recipient *to, uint8_t count)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:s}", "person",
                                              gp_show_text(to[i].person), "post",
                                              gp_show_text(to[i].post), "capacity", to[i].capacity,
                                              "path", gp_path_name(to[i].path)));
    return list;
}

/* Of a step of the plan. Those behind `repeat` have a rung even where the ladder has none. */
static const struct gp_rung *rung_of(const struct ahead *ahead, uint8_t stage_index, uint8_t step)
{
    const struct gp_plan *plan = &ahead->incident->plan;

    if (stage_index >= plan->stage_count || step == GP_STEP_RESUME)
        return NULL;
    const struct gp_stage *stage = &plan->stage[stage_index];
    const struct gp_ladder *ladder = gp_stage_ladder(ahead->org, stage);
    return step > GP_STEP_REPEAT
               ? gp_ladder_side_rung(ladder, step, gp_unit_continuous(stage->amount.unit))
               : gp_ladder_rung(ladder, step);
}

/* "8wh": how often the repeat comes then. */
static json_t *every_json(const struct ahead *ahead, uint8_t stage, uint8_t step)
{
    const struct gp_rung *rung =
        step == GP_STEP_REPEAT ? rung_of(ahead, stage, GP_STEP_REPEAT) : NULL;
    char text[GP_LIMIT_TEXT_BYTES];

    if (rung == NULL)
        return json_null();
    gp_limit_format(&(const struct gp_limit){.stage = {rung->amount}, .stage_count = 1}, text);
    return json_string(text);
}

static void add(struct ahead *ahead, int64_t at_ms, uint8_t stage, uint8_t step, uint8_t status,
                struct gp_span owner, json_t *recipients)
{
    const struct gp_plan_step *planned = gp_plan_find(&ahead->incident->plan, stage, step);

    if (ahead->count == STEPS_MAX) {
        json_decref(recipients);
        return;
    }
    ahead->coming[ahead->count++] = (struct coming){
        .at_ms = at_ms,
        .step = step,
        .stage = stage,
        .json = json_pack("{s:s, s:o, s:i, s:b, s:s, s:o, s:o, s:o}", "step", gp_step_name(step),
                          "at", gp_show_time(at_ms, gp_show_zone(at_ms)), "stage", stage + 1,
                          "provisional", planned != NULL && planned->provisional, "status",
                          gp_show_status_name(status), "owner", gp_show_text(owner), "recipients",
                          recipients, "every", every_json(ahead, stage, step)),
    };
}

/* ---------------------------------------------------------------- what the rules say */

static bool take(void *context, const struct gp_entry *entry)
{
    struct ahead *ahead = context;

    if (entry->what == GP_WHAT_STEP || entry->what == GP_WHAT_RESUMED)
        add(ahead, entry->has_nominal ? entry->nominal_ms : entry->at_ms, entry->stage,
            entry->what == GP_WHAT_STEP ? entry->step : GP_STEP_RESUME, GP_PLANNED, entry->owner,
            recipients_json(entry->recipient, entry->recipient_count));
    return ahead->count < STEPS_MAX;
}

/* ---------------------------------------------------------------- what the plan has besides */

static bool is_there(const struct ahead *ahead, const struct gp_plan_step *step)
{
    for (size_t i = 0; i < ahead->count; i++) {
        if (ahead->coming[i].step == step->step &&
            (ahead->coming[i].stage == step->stage || step->step == GP_STEP_RESUME))
            return true;
    }
    return false;
}

static json_t *told_by(const struct ahead *ahead, const struct gp_plan_step *step)
{
    const struct gp_rung *rung = rung_of(ahead, step->stage, step->step);
    struct gp_recipient to[GP_RECIPIENTS_MAX];
    uint8_t count = 0;

    if (rung == NULL || gp_org_area_ref(ahead->org, ahead->incident->area) == GP_NONE)
        return json_array();
    struct gp_notice notice = {.tells = rung->tells, .urgent = rung->urgent};
    gp_recipients(ahead->org, ahead->incident, ahead->incident->owner, &notice, step->at_ms, to,
                  &count);
    return recipients_json(to, count);
}

static void add_rest(struct ahead *ahead)
{
    const struct gp_plan *plan = &ahead->incident->plan;

    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        if ((step->status == GP_PLANNED || step->status == GP_PAUSED) && !is_there(ahead, step))
            add(ahead, step->at_ms, step->stage, step->step, step->status, ahead->incident->owner,
                told_by(ahead, step));
    }
}

/* ---------------------------------------------------------------- all of it */

static int by_time(const void *a, const void *b)
{
    const struct coming *left = a, *right = b;

    if (left->at_ms != right->at_ms)
        return left->at_ms < right->at_ms ? -1 : 1;
    return left->step - right->step;
}

json_t *gp_ahead_json(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    json_t *list = ahead != NULL ? json_array() : NULL;

    if (ahead == NULL)
        return NULL;
    ahead->org = org;
    ahead->incident = incident;
    gp_forecast_go_on(org, incident, now_ms, &ahead->forecast, take, ahead);
    add_rest(ahead);
    qsort(ahead->coming, ahead->count, sizeof ahead->coming[0], by_time);
    for (size_t i = 0; i < ahead->count; i++)
        json_array_append_new(list, ahead->coming[i].json);
    free(ahead);
    return list;
}
