/* What commands and asks are about, for the table of rights: see permit.h. */
#include "core/permit.h"

#include "core/standing.h"

/* ---------------------------------------------------------------- targets */

void gp_target_of_incident(const struct gp_incident *incident, struct gp_target *ret_target)
{
    *ret_target = (struct gp_target){
        .area = incident->area,
        .department = incident->row.department,
        .owner = incident->owner,
        .assistant = incident->assistant,
        .reporter = incident->reporter,
    };
}

void gp_target_of_person(const struct gp_org *org, uint32_t person, int64_t at_ms,
                         struct gp_target *ret_target)
{
    struct gp_target target = {0};

    if (person != GP_NONE) {
        struct gp_standing standing = gp_standing_of(org, person, at_ms);
        target.person = org->persons[person].id;
        if (standing.area != GP_NONE)
            target.area = org->areas[standing.area].ref;
        if (standing.department != GP_NONE)
            target.department = org->departments[standing.department].code;
    }
    *ret_target = target;
}

/* ---------------------------------------------------------------- asks */

bool gp_permit_query(const struct gp_speaker *speaker, const struct gp_query *query)
{
    const struct gp_target target = {
        .area = query->area,
        .department = query->department,
        .owner = query->post,
        .person = query->person,
    };
    return gp_permit(speaker, GP_ACTION_QUERY, &target);
}

bool gp_permit_summary(const struct gp_speaker *speaker, const struct gp_summary_ask *ask)
{
    const struct gp_target target = {.area = ask->area, .department = ask->department};
    return gp_permit(speaker, GP_ACTION_QUERY, &target);
}

bool gp_permit_incident(const struct gp_speaker *speaker, const struct gp_incident *incident)
{
    struct gp_target target;

    if (incident == NULL)
        return gp_has_right(speaker, GP_ACTION_INCIDENT);
    gp_target_of_incident(incident, &target);
    return gp_permit(speaker, GP_ACTION_INCIDENT, &target);
}

/* Whether a view may be read by one action: by its filters, or because of the incident that it is
 * confined to. */
static bool may_follow(const struct gp_speaker *speaker, enum gp_action action,
                       const struct gp_feed_filter *filter, const struct gp_incident *incident)
{
    struct gp_target target = {
        .area = filter->area, .department = filter->department, .person = filter->person};

    if (gp_permit(speaker, action, &target))
        return true;
    if (incident == NULL)
        return false;
    gp_target_of_incident(incident, &target);
    return gp_permit(speaker, action, &target);
}

bool gp_permit_feed(const struct gp_speaker *speaker, const struct gp_feed_filter *filter,
                    const struct gp_incident *incident)
{
    return may_follow(speaker, GP_ACTION_FEED, filter, incident) ||
           (filter->escalations && may_follow(speaker, GP_ACTION_ESCALATIONS, filter, incident));
}

/* Figures and the incidents behind them are confined by area or by their unit. */
bool gp_permit_assess(const struct gp_speaker *speaker, const struct gp_assess_ask *ask)
{
    struct gp_target target = {.area = ask->area};

    switch ((enum gp_assess_by)ask->by) {
    case GP_BY_POST:
        target.owner = ask->unit;
        break;
    case GP_BY_PERSON:
        target.person = ask->unit;
        break;
    case GP_BY_DEPARTMENT:
        target.department = ask->unit;
        break;
    case GP_BY_AREA:
    case GP_BY_LINE:
    case GP_BY_NONE:
        break;
    }
    return gp_permit(speaker, GP_ACTION_ASSESS, &target);
}

bool gp_permit_leaves(const struct gp_speaker *speaker, const struct gp_leaves_ask *ask)
{
    struct gp_target target;

    gp_target_of_person(speaker->org, gp_org_person(speaker->org, ask->person), speaker->now_ms,
                        &target);
    return gp_permit(speaker, GP_ACTION_LEAVES, &target);
}

bool gp_permit_roster(const struct gp_speaker *speaker, struct gp_area_ref area)
{
    return gp_permit(speaker, GP_ACTION_ROSTER, &(const struct gp_target){.area = area});
}

bool gp_permit_who(const struct gp_speaker *speaker, struct gp_span grid)
{
    struct gp_target target = {0};

    if (gp_area_parse(grid, &target.area) != 0)
        target.area = (struct gp_area_ref){0}; /* no place: the forecast will say so */
    return gp_permit(speaker, GP_ACTION_WHO, &target);
}

bool gp_permit_devices(const struct gp_speaker *speaker, struct gp_span person)
{
    const struct gp_target target = {.person = person};
    return gp_permit(speaker, GP_ACTION_DEVICES, &target);
}
