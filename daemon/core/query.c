#include "core/query.h"

#include "base/error.h"
#include "core/ladder.h"
#include "core/post.h"

const char *gp_order_name(int order)
{
    switch (order) {
#define X(name, number, word)                                                                      \
    case name:                                                                                     \
        return word;
        GP_ORDERS(X)
#undef X
    default:
        return "?";
    }
}

int gp_order_parse(struct gp_span word, uint8_t *ret_order)
{
#define X(name, number, text)                                                                      \
    if (gp_span_is(word, text)) {                                                                  \
        *ret_order = name;                                                                         \
        return 0;                                                                                  \
    }
    GP_ORDERS(X)
#undef X
    return GP_ENOTFOUND;
}

void gp_traits_of(const struct gp_incident *incident, struct gp_traits *ret_traits)
{
    *ret_traits = (struct gp_traits){
        .state = incident->state,
        .is_private = incident->row.is_private,
        .area = incident->area,
        .owner = incident->owner,
        .department = incident->row.department,
        .category = incident->row.code,
        .received_ms = incident->received_ms,
        .overdue_ms = incident->overdue_ms,
    };
}

/* What the escalation tail shows: every rung but the first, which is no escalation yet. */
static bool escalation(const struct gp_entry *entry)
{
    uint8_t what = entry->what;

    return (what == GP_WHAT_STEP && entry->step != GP_STEP_DISPATCH) || what == GP_WHAT_HANDOVER ||
           what == GP_WHAT_VACANT || what == GP_WHAT_STRIKE;
}

static bool names_person(const struct gp_entry *entry, struct gp_span person)
{
    if (gp_span_equal(entry->actor, person) || gp_span_equal(entry->subject, person))
        return true;
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (gp_span_equal(entry->recipient[i].person, person))
            return true;
    }
    return false;
}

bool gp_feed_match(const struct gp_org *org, const struct gp_feed_filter *filter,
                   const struct gp_entry *entry)
{
    if (filter->incident != 0 && entry->incident != filter->incident)
        return false;
    if (filter->whats != 0 && !(filter->whats >> entry->what & 1))
        return false;
    if (filter->escalations && !escalation(entry))
        return false;
    if (filter->area.padded != 0 &&
        (entry->area.padded == 0 || !gp_org_covers(org, filter->area, entry->area, entry->at_ms)))
        return false;
    if (filter->department.len > 0 && !gp_span_equal(filter->department, entry->department))
        return false;
    if (filter->line.len > 0 && !gp_span_equal(filter->line, entry->line))
        return false;
    return filter->person.len == 0 || names_person(entry, filter->person);
}

/* A holder on leave goes on seeing what is the post's. */
static bool belongs_to(const struct gp_org *org, uint32_t person, uint32_t post, uint32_t area,
                       int64_t at_ms)
{
    return post != GP_NONE && (gp_person_listed(org, person, post, at_ms) ||
                               gp_person_acts_for(org, person, post, area, at_ms));
}

/* Whether the reader is of the posts that answer for a department and a community. */
static bool of_chain(const struct gp_org *org, uint32_t person, uint32_t area, uint32_t department,
                     int64_t at_ms)
{
    static const enum gp_post_kind chain[] = {GP_POST_D1, GP_POST_D2, GP_POST_F,
                                              GP_POST_K,  GP_POST_H2, GP_POST_H};

    for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
        uint32_t post = gp_post_of(org, chain[i], area, GP_NONE, department);
        if (belongs_to(org, person, post, area, at_ms))
            return true;
    }
    return false;
}

bool gp_may_see_entry(const struct gp_org *org, const struct gp_entry *entry, struct gp_span reader,
                      int64_t at_ms)
{
    uint32_t person = gp_org_person(org, reader);
    uint32_t area = gp_org_area_at(org, gp_org_area_ref(org, entry->area), at_ms);

    if (person == GP_NONE || area == GP_NONE)
        return false;
    return names_person(entry, reader) ||
           belongs_to(org, person, gp_org_post(org, entry->owner), area, at_ms) ||
           of_chain(org, person, area, gp_org_department(org, entry->department), at_ms);
}

bool gp_may_see_incident(const struct gp_org *org, const struct gp_incident *incident,
                         struct gp_span reader, int64_t at_ms)
{
    uint32_t person = gp_org_person(org, reader);
    uint32_t area = gp_org_area_at(org, gp_org_area_ref(org, incident->area), at_ms);

    if (person == GP_NONE || area == GP_NONE)
        return false;
    return gp_span_equal(incident->reporter, reader) ||
           belongs_to(org, person, gp_org_post(org, incident->owner), area, at_ms) ||
           belongs_to(org, person, gp_org_post(org, incident->assistant), area, at_ms) ||
           of_chain(org, person, area, gp_org_department(org, incident->row.department), at_ms);
}

/* Where no community is known, nothing below the district is told. */
static struct gp_area_ref district_of(struct gp_area_ref ref)
{
    const uint64_t below_district = UINT64_C(1000000000);

    return (struct gp_area_ref){
        .padded = ref.padded - ref.padded % below_district, .digits = 6, .level = GP_LEVEL_NONE};
}

static struct gp_area_ref community_of(const struct gp_org *org, struct gp_area_ref ref)
{
    uint32_t community = gp_org_ancestor(org, gp_org_area_ref(org, ref), GP_LEVEL_COMMUNITY);
    return community != GP_NONE ? org->areas[community].ref : district_of(ref);
}

/* A grid has one officer: to name the officer, or a post of that grid, is to name the grid. */
static void mask_officer(const struct gp_org *org, struct gp_entry *entry)
{
    uint32_t post = gp_org_post(org, entry->actor_post);
    uint8_t kept = 0;

    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (!gp_recipient_is(&entry->recipient[i], "B"))
            entry->recipient[kept++] = entry->recipient[i];
    }
    entry->recipient_count = kept;
    if (entry->what == GP_WHAT_REPORTED || (post != GP_NONE && org->posts[post].kind == GP_POST_B))
        entry->actor = entry->actor_post = (struct gp_span){0};
}

void gp_entry_mask(const struct gp_org *org, struct gp_entry *entry)
{
    entry->text = entry->phone = (struct gp_span){0};
    entry->place = (struct gp_place){0};
    mask_officer(org, entry);
    if (entry->area.level > GP_LEVEL_COMMUNITY)
        entry->area = community_of(org, entry->area);
}

struct gp_area_ref gp_masked_area(struct gp_area_ref area, struct gp_area_ref community)
{
    return community.padded != 0 ? community : district_of(area);
}

void gp_incident_mask(struct gp_incident *incident)
{
    incident->text = (struct gp_span){0};
    incident->place = (struct gp_place){0};
    incident->reporter = (struct gp_span){0};
    incident->device = (struct gp_span){0};
    incident->area = gp_masked_area(incident->area, incident->community);
}
