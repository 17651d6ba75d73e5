/*
 * effective(post, t), DOMAIN section 4:
 *   1. the holder, if holding is valid at t and no approved leave covers t      → holder
 *   2. the stand-in named in the leave, then the post's deputies in order       → cover
 *   3. the duty person of the community, else of the nearest ancestor           → duty
 *   4. up the territory: D2, D1, R, street duty, S1                             → superior
 *   5. nobody: the step falls through at once
 * Department posts climb F → K → H2 → H, then the street's duty person; S and X go from the street
 * to the district. A person is visited once; at most GP_HOPS_MAX people are looked at.
 */
#include "core/post.h"

#include "base/search.h"

struct visit {
    const struct gp_org *org;
    uint32_t area;
    int64_t at_ms;
    uint32_t seen[GP_HOPS_MAX];
    uint8_t hops;
    struct gp_effective found;
};

/* ---------------------------------------------------------------- holdings and leaves */

static size_t first_holding(const struct gp_org *org, uint32_t post)
{
    return gp_search_field(struct gp_holding, org->holdings, org->holding_count, post, post);
}

/* Whoever holds the post at t; of several the first who is present, else the first. */
static uint32_t holder_at(const struct gp_org *org, uint32_t post, int64_t at_ms)
{
    uint32_t holder = GP_NONE;

    for (size_t i = first_holding(org, post); i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->post != post)
            break;
        if (at_ms < holding->from_ms || at_ms >= holding->to_ms)
            continue;
        if (!gp_person_away(org, holding->person, at_ms))
            return holding->person;
        if (holder == GP_NONE)
            holder = holding->person;
    }
    return holder;
}

bool gp_post_vacant(const struct gp_org *org, uint32_t post, int64_t at_ms)
{
    return holder_at(org, post, at_ms) == GP_NONE;
}

static const struct gp_leave *leave_at(const struct gp_org *org, uint32_t person, int64_t at_ms)
{
    size_t i = gp_search_field(struct gp_leave, org->leaves, org->leave_count, person, person);

    for (; i < org->leave_count && org->leaves[i].person == person; i++) {
        const struct gp_leave *leave = &org->leaves[i];
        if (leave->approved && at_ms >= leave->from_ms && at_ms < leave->to_ms)
            return leave;
    }
    return NULL;
}

bool gp_person_away(const struct gp_org *org, uint32_t person, int64_t at_ms)
{
    return leave_at(org, person, at_ms) != NULL;
}

/* ---------------------------------------------------------------- duty */

static bool on_shift(const struct gp_shift *shift, int64_t zone_ms, int64_t at_ms)
{
    if (at_ms < shift->valid_from_ms || at_ms >= shift->valid_to_ms)
        return false;
    if (shift->weekdays == 0)
        return true;
    int64_t day = gp_day_of(at_ms, zone_ms);
    int64_t time = at_ms + zone_ms - day * GP_MS_DAY;
    bool overnight = shift->to_ms <= shift->from_ms;
    bool today = (shift->weekdays >> gp_weekday(day)) & 1;
    bool yesterday = (shift->weekdays >> gp_weekday(day - 1)) & 1;

    if (today && time >= shift->from_ms && (overnight || time < shift->to_ms))
        return true;
    return yesterday && overnight && time < shift->to_ms;
}

static uint32_t duty_of_area(const struct gp_org *org, uint32_t area, int64_t at_ms)
{
    size_t i = gp_search_field(struct gp_shift, org->shifts, org->shift_count, area, area);
    int64_t zone_ms = gp_org_calendar(org, area)->zone_ms;

    for (; i < org->shift_count && org->shifts[i].area == area; i++) {
        const struct gp_shift *shift = &org->shifts[i];
        if (on_shift(shift, zone_ms, at_ms) && !gp_person_away(org, shift->person, at_ms))
            return shift->person;
    }
    return GP_NONE;
}

uint32_t gp_duty_person(const struct gp_org *org, uint32_t area, int64_t at_ms)
{
    for (; area != GP_NONE; area = org->areas[area].parent) {
        uint32_t person = duty_of_area(org, area, at_ms);
        if (person != GP_NONE)
            return person;
    }
    return GP_NONE;
}

/* ---------------------------------------------------------------- which post serves an area */

/* The first area from here up that has such a post. */
static uint32_t nearest(const struct gp_org *org, enum gp_post_kind kind, uint32_t area,
                        uint32_t line, uint32_t department)
{
    for (; area != GP_NONE; area = org->areas[area].parent) {
        uint32_t post = gp_org_scope(org, kind, area, line, department);
        if (post != GP_NONE)
            return post;
    }
    return GP_NONE;
}

static uint32_t community_of(const struct gp_org *org, uint32_t area)
{
    uint32_t community = gp_org_ancestor(org, area, GP_LEVEL_COMMUNITY);
    return community != GP_NONE ? community : area;
}

static uint32_t street_of(const struct gp_org *org, uint32_t area)
{
    uint32_t street = gp_org_ancestor(org, area, GP_LEVEL_STREET);
    return street != GP_NONE ? street : gp_org_ancestor(org, area, GP_LEVEL_DISTRICT);
}

uint32_t gp_post_of(const struct gp_org *org, enum gp_post_kind kind, uint32_t area, uint32_t line,
                    uint32_t department)
{
    uint32_t post;

    switch (kind) {
    case GP_POST_A:
        return nearest(org, kind, community_of(org, area), line, GP_NONE);
    case GP_POST_B:
        return gp_org_scope(org, kind, area, GP_NONE, GP_NONE);
    case GP_POST_F:
    case GP_POST_K:
    case GP_POST_H:
    case GP_POST_H2:
        post = nearest(org, kind, community_of(org, area), GP_NONE, department);
        return post != GP_NONE ? post : gp_org_scope(org, kind, GP_NONE, GP_NONE, department);
    case GP_POST_D1:
    case GP_POST_D2:
    case GP_POST_R:
        return gp_org_scope(org, kind, community_of(org, area), GP_NONE, GP_NONE);
    case GP_POST_S1:
    case GP_POST_S2:
    case GP_POST_SK:
    case GP_POST_X:
        return nearest(org, kind, street_of(org, area), GP_NONE, GP_NONE);
    case GP_POST_Z:
        break;
    }
    return GP_NONE;
}

/* ---------------------------------------------------------------- the chain */

/* Whether this person ends the search; each is looked at once. */
static bool try_person(struct visit *visit, uint32_t person, uint32_t post, enum gp_path path)
{
    if (person == GP_NONE || visit->hops == GP_HOPS_MAX)
        return false;
    for (uint8_t i = 0; i < visit->hops; i++) {
        if (visit->seen[i] == person)
            return false;
    }
    visit->seen[visit->hops++] = person;
    if (gp_person_away(visit->org, person, visit->at_ms))
        return false;
    visit->found = (struct gp_effective){.person = person, .post = post, .path = (uint8_t)path};
    return true;
}

static bool try_cover(struct visit *visit, uint32_t post, uint32_t holder)
{
    const struct gp_post *row = &visit->org->posts[post];
    const struct gp_leave *leave =
        holder != GP_NONE ? leave_at(visit->org, holder, visit->at_ms) : NULL;

    if (leave != NULL && try_person(visit, leave->standin, post, GP_PATH_COVER))
        return true;
    for (uint8_t i = 0; i < row->deputy_count; i++) {
        if (try_person(visit, row->deputies[i], post, GP_PATH_COVER))
            return true;
    }
    return false;
}

static bool try_duty(struct visit *visit, uint32_t area, enum gp_path path)
{
    return try_person(visit, gp_duty_person(visit->org, area, visit->at_ms), GP_NONE, path);
}

static bool try_holder_of(struct visit *visit, uint32_t post, uint32_t except)
{
    if (post == GP_NONE || post == except)
        return false;
    return try_person(visit, holder_at(visit->org, post, visit->at_ms), post, GP_PATH_SUPERIOR);
}

static bool climb_territory(struct visit *visit, uint32_t post)
{
    static const enum gp_post_kind direct[] = {GP_POST_D2, GP_POST_D1, GP_POST_R};

    if (try_duty(visit, community_of(visit->org, visit->area), GP_PATH_DUTY))
        return true;
    for (size_t i = 0; i < sizeof direct / sizeof direct[0]; i++) {
        uint32_t above = gp_post_of(visit->org, direct[i], visit->area, GP_NONE, GP_NONE);
        if (try_holder_of(visit, above, post))
            return true;
    }
    /* The street's duty person was asked with the community's: a duty climbs to what is above. */
    return try_holder_of(visit, gp_post_of(visit->org, GP_POST_S1, visit->area, GP_NONE, GP_NONE),
                         post);
}

static bool climb_department(struct visit *visit, uint32_t post)
{
    static const enum gp_post_kind chain[] = {GP_POST_F, GP_POST_K, GP_POST_H2, GP_POST_H};
    const struct gp_post *row = &visit->org->posts[post];
    bool above = false;

    for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
        uint32_t next = gp_post_of(visit->org, chain[i], visit->area, GP_NONE, row->department);
        if (above && try_holder_of(visit, next, post))
            return true;
        above = above || row->kind == (uint8_t)chain[i];
    }
    return try_duty(visit, street_of(visit->org, visit->area), GP_PATH_DUTY);
}

static bool climb_street(struct visit *visit, uint32_t post)
{
    const struct gp_post *row = &visit->org->posts[post];
    uint32_t district = gp_org_ancestor(visit->org, visit->area, GP_LEVEL_DISTRICT);

    if (try_duty(visit, street_of(visit->org, visit->area), GP_PATH_DUTY))
        return true;
    if (try_holder_of(visit, nearest(visit->org, row->kind, district, GP_NONE, GP_NONE), post))
        return true;
    return try_holder_of(visit, nearest(visit->org, GP_POST_S1, district, GP_NONE, GP_NONE), post);
}

static bool climb(struct visit *visit, uint32_t post)
{
    switch ((enum gp_post_kind)visit->org->posts[post].kind) {
    case GP_POST_F:
    case GP_POST_K:
    case GP_POST_H:
    case GP_POST_H2:
        return climb_department(visit, post);
    case GP_POST_S1:
    case GP_POST_S2:
    case GP_POST_SK:
    case GP_POST_X:
        return climb_street(visit, post);
    default:
        return climb_territory(visit, post);
    }
}

struct gp_effective gp_post_effective(const struct gp_org *org, uint32_t post, uint32_t area,
                                      int64_t at_ms)
{
    struct visit visit = {
        .org = org,
        .area = area,
        .at_ms = at_ms,
        .found = {.person = GP_NONE, .post = GP_NONE},
    };
    uint32_t holder = holder_at(org, post, at_ms);

    if (!try_person(&visit, holder, post, GP_PATH_HOLDER) && !try_cover(&visit, post, holder))
        (void)climb(&visit, post); /* nobody at all leaves GP_NONE */
    return visit.found;
}

static bool deputises(const struct gp_org *org, uint32_t person, uint32_t post)
{
    const struct gp_post *row = &org->posts[post];

    for (uint8_t i = 0; i < row->deputy_count; i++) {
        if (row->deputies[i] == person)
            return true;
    }
    return false;
}

static bool holds(const struct gp_org *org, uint32_t person, uint32_t post, int64_t at_ms)
{
    for (size_t i = first_holding(org, post); i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->post != post)
            break;
        if (holding->person == person && at_ms >= holding->from_ms && at_ms < holding->to_ms)
            return true;
    }
    return false;
}

bool gp_person_listed(const struct gp_org *org, uint32_t person, uint32_t post, int64_t at_ms)
{
    return deputises(org, person, post) || holds(org, person, post, at_ms);
}

bool gp_person_acts_for(const struct gp_org *org, uint32_t person, uint32_t post, uint32_t area,
                        int64_t at_ms)
{
    if (deputises(org, person, post))
        return true;
    if (holds(org, person, post, at_ms)) /* of two holders each, not only the effective one */
        return !gp_person_away(org, person, at_ms);
    return gp_post_effective(org, post, area, at_ms).person == person;
}
