#include "web/row.h"

#include "core/calendar.h"
#include "core/plan.h"
#include "core/post.h"
#include "show/show.h"

#define GP_FULL_BP 10000

/* ---------------------------------------------------------------- time */

/* The clock of an allowance, and the gap in it that does not count. */
struct measure {
    const struct gp_calendar *calendar; /* NULL: continuous */
    int64_t start_ms, due_ms, gap_from_ms, gap_to_ms;
};

static int64_t between(const struct measure *measure, int64_t from_ms, int64_t to_ms)
{
    if (to_ms <= from_ms)
        return 0;
    return measure->calendar != NULL ? gp_calendar_worked(measure->calendar, from_ms, to_ms)
                                     : to_ms - from_ms;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What of the allowance's clock had passed by then. */
static int64_t passed(const struct measure *measure, int64_t at_ms)
{
    int64_t all = between(measure, measure->start_ms, at_ms);

    if (measure->gap_from_ms != 0 && measure->gap_to_ms != 0)
        all -= between(measure, measure->gap_from_ms, earlier(measure->gap_to_ms, at_ms));
    return all;
}

static int32_t share(const struct measure *measure, int64_t at_ms)
{
    int64_t whole = passed(measure, measure->due_ms), part = passed(measure, at_ms);

    if (whole <= 0)
        return at_ms >= measure->due_ms ? GP_FULL_BP : 0;
    if (part >= 3 * whole)
        return GP_ROW_BP_MAX;
    return (int32_t)(part * GP_FULL_BP / whole);
}

static bool owner_works(const struct gp_incident *incident)
{
    return incident->state == GP_STATE_DISPATCHED || incident->state == GP_STATE_ACCEPTED ||
           incident->state == GP_STATE_REWORK || incident->state == GP_STATE_REOPENED;
}

/* The warning that comes next, else the last one that came. */
static int64_t warning_of(const struct gp_plan *plan, int64_t now_ms)
{
    static const uint8_t warnings[] = {GP_STEP_YELLOW1, GP_STEP_YELLOW};
    int64_t warn_ms = 0;

    for (size_t i = 0; i < sizeof warnings; i++) {
        const struct gp_plan_step *step = gp_plan_find(plan, plan->current, warnings[i]);
        if (step != NULL && warn_ms <= now_ms)
            warn_ms = step->at_ms;
    }
    return warn_ms;
}

static const struct gp_calendar *calendar_of(const struct gp_org *org,
                                             const struct gp_incident *incident)
{
    uint32_t area = gp_org_area_ref(org, incident->area);

    return area != GP_NONE ? gp_org_calendar(org, area) : &org->calendars[org->default_calendar];
}

/* False: no clock runs. */
static bool measure_of(const struct gp_org *org, const struct gp_incident *incident,
                       struct measure *ret_measure)
{
    const struct gp_stage *stage = gp_plan_stage_now(&incident->plan);

    *ret_measure = (struct measure){.calendar = calendar_of(org, incident),
                                    .due_ms = gp_incident_due(incident)};
    if (ret_measure->due_ms == 0)
        return false;
    if (!owner_works(incident)) {
        ret_measure->start_ms = incident->finished_ms;
        return true;
    }
    ret_measure->start_ms = stage->start_ms;
    ret_measure->gap_from_ms = stage->gap_from_ms;
    ret_measure->gap_to_ms = stage->gap_to_ms;
    if (gp_unit_continuous(stage->amount.unit))
        ret_measure->calendar = NULL;
    return true;
}

void gp_row_time_of(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms,
                    struct gp_row_time *ret_time)
{
    struct measure measure;

    *ret_time = (struct gp_row_time){0};
    if (!measure_of(org, incident, &measure))
        return;
    ret_time->due_ms = measure.due_ms;
    ret_time->used_bp = share(&measure, now_ms);
    if (owner_works(incident))
        ret_time->warn_ms = warning_of(&incident->plan, now_ms);
    if (ret_time->warn_ms != 0)
        ret_time->warn_bp = share(&measure, ret_time->warn_ms);
}

/* ---------------------------------------------------------------- people and text */

uint32_t gp_row_owner(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms)
{
    uint32_t post = gp_org_post(org, incident->owner);
    uint32_t area = gp_org_area_ref(org, incident->area);

    return post != GP_NONE && area != GP_NONE ? gp_post_effective(org, post, area, now_ms).person
                                              : GP_NONE;
}

struct gp_span gp_row_text(struct gp_span text, unsigned characters)
{
    size_t len = 0;

    while (len < text.len) {
        bool begins = ((unsigned char)text.ptr[len] & 0xc0) != 0x80;
        if (begins && characters-- == 0)
            break;
        len++;
    }
    return (struct gp_span){text.ptr, len};
}

/* ---------------------------------------------------------------- JSON */

static void add_time(json_t *row, const struct gp_org *org, const struct gp_incident *incident,
                     int64_t now_ms)
{
    int64_t zone_ms = gp_show_zone(now_ms);
    struct gp_row_time time;

    gp_row_time_of(org, incident, now_ms, &time);
    json_object_set_new(row, "received", gp_show_time(incident->received_ms, zone_ms));
    json_object_set_new(row, "due", gp_show_time(time.due_ms, zone_ms));
    json_object_set_new(row, "warn", gp_show_time(time.warn_ms, zone_ms));
    json_object_set_new(row, "warn_bp",
                        time.warn_ms != 0 ? json_integer(time.warn_bp) : json_null());
    json_object_set_new(row, "used_bp",
                        time.due_ms != 0 ? json_integer(time.used_bp) : json_null());
    json_object_set_new(row, "overdue", json_boolean(incident->overdue_ms != 0));
}

json_t *gp_row_json(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms)
{
    uint32_t person = gp_row_owner(org, incident, now_ms);
    json_t *row = json_object();

    json_object_set_new(row, "incident", json_integer((json_int_t)incident->id));
    json_object_set_new(row, "version", json_integer(incident->version));
    json_object_set_new(row, "state", json_string(gp_state_name(incident->state)));
    json_object_set_new(row, "area", gp_show_area(incident->area));
    json_object_set_new(row, "category", gp_show_text(incident->row.code));
    json_object_set_new(row, "condition", gp_show_text(incident->row.condition));
    json_object_set_new(row, "line", gp_show_text(incident->row.line));
    json_object_set_new(row, "department", gp_show_text(incident->row.department));
    json_object_set_new(row, "text", gp_show_text(gp_row_text(incident->text, GP_ROW_TEXT_CHARS)));
    json_object_set_new(row, "private", json_boolean(incident->row.is_private));
    json_object_set_new(row, "owner", gp_show_text(incident->owner));
    json_object_set_new(row, "owner_person",
                        person != GP_NONE ? gp_show_text(org->persons[person].id) : json_null());
    add_time(row, org, incident, now_ms);
    json_object_set_new(row, "urgent", json_boolean(gp_span_is(incident->row.policy, "U")));
    return row;
}
