/* A leave as JSON. */
#include "show/show.h"

json_t *gp_show_leave(const struct gp_leave_record *leave)
{
    int64_t zone_ms = gp_show_zone(leave->from_ms);
    json_t *object = json_object();

    json_object_set_new(object, "leave", json_integer((json_int_t)leave->id));
    json_object_set_new(object, "person", gp_show_text(leave->person));
    json_object_set_new(object, "from", gp_show_time(leave->from_ms, zone_ms));
    json_object_set_new(object, "to", gp_show_time(leave->to_ms, zone_ms));
    json_object_set_new(object, "state", json_string(gp_leave_state_name(leave->state)));
    json_object_set_new(object, "standin", gp_show_text(leave->standin));
    json_object_set_new(object, "first_approver", gp_show_text(leave->first_approver));
    json_object_set_new(object, "override", gp_show_text(leave->override_reason));
    json_object_set_new(object, "begun", json_boolean(leave->begun));
    json_object_set_new(object, "source", gp_show_text(leave->source));
    return object;
}
