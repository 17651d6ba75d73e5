/* The card for programs: times and recipients in the words of ladders.yaml. */
#include "core/ladder.h"
#include "gridpost/duty.h"

static json_t *amount_json(struct gp_amount amount)
{
    struct gp_limit limit = {.stage = {amount}, .stage_count = 1};
    char text[GP_LIMIT_TEXT_BYTES];

    gp_limit_format(&limit, text);
    return json_string(text);
}

/* "start + 2wh", "due", "80%". */
static json_t *at_json(const struct gp_rung *rung)
{
    static const char *const anchors[] = {
        [GP_ANCHOR_START] = "start", [GP_ANCHOR_DUE] = "due", [GP_ANCHOR_CARD] = "card"};
    struct gp_limit limit = {.stage = {rung->amount}, .stage_count = 1};
    char text[GP_LIMIT_TEXT_BYTES];

    if (rung->has_percent && !rung->has_amount)
        return json_sprintf("%u%%", rung->percent);
    if (!rung->has_amount)
        return json_string(anchors[rung->anchor]);
    gp_limit_format(&limit, text);
    return json_sprintf("%s + %s", anchors[rung->anchor], text);
}

static json_t *tells_json(const struct gp_rung *rung)
{
    json_t *list = json_array();

    for (int tell = GP_TELL_OWNER; tell <= GP_TELL_X; tell++) {
        if (rung->tells & (UINT32_C(1) << tell))
            json_array_append_new(list, json_string(gp_tell_name(tell)));
    }
    return list;
}

static json_t *rung_json(const struct gp_rung *rung)
{
    json_t *object = json_object();
    bool either = rung->has_percent && rung->has_amount;
    bool repeat = rung->step == GP_STEP_REPEAT;

    json_object_set_new(object, "step", json_string(gp_step_name(rung->step)));
    json_object_set_new(object, "at", at_json(rung));
    json_object_set_new(object, "or", either ? json_sprintf("%u%%", rung->percent) : json_null());
    json_object_set_new(object, "tell", tells_json(rung));
    json_object_set_new(object, "urgent", json_boolean(rung->urgent));
    json_object_set_new(object, "handover", json_boolean(rung->handover));
    json_object_set_new(object, "strike", json_boolean(rung->strike));
    json_object_set_new(object, "times", repeat ? json_integer(rung->times) : json_null());
    json_object_set_new(object, "then", repeat ? amount_json(rung->then) : json_null());
    return object;
}

static json_t *stage_json(const struct gp_org *org, const struct gp_row *row, uint8_t stage)
{
    uint32_t index = gp_ladder_of_stage(org, row->policy, &row->limit, stage);
    json_t *object = json_object(), *steps = json_array();

    json_object_set_new(object, "stage", json_integer(stage + 1));
    json_object_set_new(object, "limit", amount_json(row->limit.stage[stage]));
    json_object_set_new(object, "policy",
                        index != GP_NONE ? gp_show_text(org->ladders[index].id) : json_null());
    for (uint8_t i = 0; index != GP_NONE && i < org->ladders[index].rung_count; i++) {
        const struct gp_rung *rung = &org->ladders[index].rung[i];
        if (gp_duty_fires(rung, stage))
            json_array_append_new(steps, rung_json(rung));
    }
    json_object_set_new(object, "steps", steps);
    return object;
}

static json_t *parties_json(const struct gp_org *org, const struct gp_row *row)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < row->tell_count; i++)
        json_array_append_new(list,
                              row->tell[i].kind == GP_PARTY_STREET
                                  ? json_string("S")
                                  : gp_show_text(org->departments[row->tell[i].department].code));
    return list;
}

static json_t *named_json(struct gp_span code, struct gp_span name_zh, struct gp_span name_en)
{
    json_t *object = json_object();

    json_object_set_new(object, "code", gp_show_text(code));
    json_object_set_new(object, "name_zh", gp_show_text(name_zh));
    json_object_set_new(object, "name_en", gp_show_text(name_en));
    return object;
}

static void add_checked(const struct gp_row *row, json_t *object)
{
    json_object_set_new(object, "category", gp_show_text(row->code));
    json_object_set_new(object, "condition", gp_show_text(row->condition));
    json_object_set_new(object, "name_zh", gp_show_text(row->name_zh));
    json_object_set_new(object, "name_en", gp_show_text(row->name_en));
    json_object_set_new(object, "condition_zh", gp_show_text(row->condition_zh));
    json_object_set_new(object, "first_act", gp_show_text(row->first_act));
    json_object_set_new(object, "on_spot", json_boolean(row->on_spot));
    json_object_set_new(object, "private", json_boolean(row->is_private));
    json_object_set_new(object, "informed", json_boolean(row->informed));
    json_object_set_new(object, "filing", json_string(row->manual_filing ? "manual" : "auto"));
}

json_t *gp_duty_json(const struct gp_org *org, const struct gp_row *row)
{
    static const char *const modes[] = {
        [GP_WD_HOURS] = "hours", [GP_WD_EOD] = "eod", [GP_WD_CLOCK] = "clock"};
    const struct gp_line *of = &org->lines[row->line];
    const struct gp_department *department = &org->departments[row->department];
    json_t *object = json_object(), *stages = json_array();
    char limit[GP_LIMIT_TEXT_BYTES];

    add_checked(row, object);
    json_object_set_new(object, "line", named_json(of->code, of->name_zh, of->name_en));
    json_object_set_new(object, "department",
                        named_json(department->code, department->name_zh, department->name_en));
    json_object_set_new(object, "first_owner", json_string(gp_post_kind_name(row->first_owner)));
    json_object_set_new(object, "tell", parties_json(org, row));
    json_object_set_new(object, "urgency", gp_show_text(row->urgency));
    gp_limit_format(&row->limit, limit);
    json_object_set_new(object, "limit", json_string(limit));
    json_object_set_new(object, "wd_mode", json_string(modes[row->wd_mode]));
    json_object_set_new(object, "policy", gp_show_text(row->policy));
    for (uint8_t stage = 0; stage < row->limit.stage_count; stage++)
        json_array_append_new(stages, stage_json(org, row, stage));
    json_object_set_new(object, "stages", stages);
    return object;
}
