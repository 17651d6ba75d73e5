/* An incident as JSON. */
#include "show/show.h"

const char *gp_show_status_name(int status)
{
    static const char *const words[] = {
        [GP_PLANNED] = "planned",
        [GP_FIRED] = "fired",
        [GP_DROPPED] = "dropped",
        [GP_PAUSED] = "paused",
    };

    return status >= GP_PLANNED && status <= GP_PAUSED ? words[status] : "?";
}

static json_t *steps_json(const struct gp_plan *plan, int64_t zone_ms)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        json_t *row = json_object();
        json_object_set_new(row, "step", json_string(gp_step_name(step->step)));
        json_object_set_new(row, "at", gp_show_time(step->at_ms, zone_ms));
        json_object_set_new(row, "stage", json_integer(step->stage + 1));
        json_object_set_new(row, "status", json_string(gp_show_status_name(step->status)));
        json_object_set_new(row, "provisional", json_boolean(step->provisional));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *texts_json(const struct gp_span *text, uint8_t count)
{
    json_t *list = json_array();

    for (uint8_t i = 0; i < count; i++)
        json_array_append_new(list, gp_show_text(text[i]));
    return list;
}

static json_t *count_json(unsigned count)
{
    return json_integer((json_int_t)count);
}

/* What the side lines left behind (DOMAIN section 8). */
static json_t *side_json(const struct gp_side *side, int64_t zone_ms)
{
    json_t *object = json_object();
    const char *reason = gp_return_reason_name(side->return_reason);

    json_object_set_new(object, "returned_by", gp_show_text(side->returner));
    json_object_set_new(object, "returned", gp_show_time(side->returned_ms, zone_ms));
    json_object_set_new(object, "return_reason",
                        reason[0] != '\0' ? json_string(reason) : json_null());
    json_object_set_new(object, "suggested", gp_show_text(side->suggested));
    json_object_set_new(object, "returns", count_json(side->returns));
    json_object_set_new(object, "buck_passed", count_json(side->buck_passed));
    json_object_set_new(object, "bound", json_boolean(side->bound));
    json_object_set_new(object, "extension_asked", gp_show_time(side->asked_ms, zone_ms));
    json_object_set_new(object, "extension_hours", count_json(side->asked_h));
    json_object_set_new(object, "suspended_until", gp_show_time(side->resume_ms, zone_ms));
    json_object_set_new(object, "check_due", gp_show_time(side->check_due_ms, zone_ms));
    json_object_set_new(object, "reworks", count_json(side->reworks));
    json_object_set_new(object, "reopens", count_json(side->reopens));
    json_object_set_new(object, "downward", json_boolean(side->downward));
    json_object_set_new(object, "approval", gp_show_text(side->approval));
    json_object_set_new(object, "on_spot", json_boolean(side->on_spot));
    json_object_set_new(object, "drawn", json_boolean(side->drawn));
    json_object_set_new(object, "main",
                        side->main != 0 ? json_integer((json_int_t)side->main) : json_null());
    json_object_set_new(object, "vacant_post", gp_show_text(side->unfilled));
    json_object_set_new(object, "strikes", texts_json(side->struck, side->struck_count));
    return object;
}

json_t *gp_show_incident(const struct gp_incident *incident)
{
    int64_t zone_ms = gp_show_zone(incident->received_ms);
    json_t *object = json_object();

    json_object_set_new(object, "incident", json_integer((json_int_t)incident->id));
    json_object_set_new(object, "state", json_string(gp_state_name(incident->state)));
    json_object_set_new(object, "version", json_integer(incident->version));
    json_object_set_new(object, "area", gp_show_area(incident->area));
    json_object_set_new(object, "community", gp_show_area(incident->community));
    json_object_set_new(object, "category", gp_show_text(incident->row.code));
    json_object_set_new(object, "condition", gp_show_text(incident->row.condition));
    json_object_set_new(object, "line", gp_show_text(incident->row.line));
    json_object_set_new(object, "department", gp_show_text(incident->row.department));
    json_object_set_new(object, "owner", gp_show_text(incident->owner));
    json_object_set_new(object, "assistant", gp_show_text(incident->assistant));
    json_object_set_new(object, "reporter", gp_show_text(incident->reporter));
    json_object_set_new(object, "text", gp_show_text(incident->text));
    json_object_set_new(object, "erased", gp_show_time(incident->erased_ms, zone_ms));
    json_object_set_new(object, "captured", gp_show_time(incident->captured_ms, zone_ms));
    json_object_set_new(object, "received", gp_show_time(incident->received_ms, zone_ms));
    json_object_set_new(object, "due", gp_show_time(gp_plan_due(&incident->plan), zone_ms));
    json_object_set_new(object, "accepted", gp_show_time(incident->accepted_ms, zone_ms));
    json_object_set_new(object, "finished", gp_show_time(incident->finished_ms, zone_ms));
    json_object_set_new(object, "verified", gp_show_time(incident->verified_ms, zone_ms));
    json_object_set_new(object, "closed", gp_show_time(incident->closed_ms, zone_ms));
    json_object_set_new(object, "informed", json_boolean(incident->informed));
    json_object_set_new(object, "overdue", json_boolean(incident->overdue_ms != 0));
    json_object_set_new(object, "overdue_post", gp_show_text(incident->overdue_post));
    json_object_set_new(object, "side", side_json(&incident->side, zone_ms));
    json_object_set_new(object, "steps", steps_json(&incident->plan, zone_ms));
    return object;
}
