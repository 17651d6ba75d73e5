/* May this role do this here? Scopes are looked at in the order of what they cost. */
#include "core/permit.h"

#include "core/decide.h"
#include "core/post.h"
#include "core/standing.h"

#include <assert.h>
#include <stdio.h>

/* One question, and where its target lies. */
struct look {
    const struct gp_speaker *speaker;
    const struct gp_org *org;
    const struct gp_target *target;
    uint32_t area; /* that answers for the target's place now; GP_NONE: it has none */
    bool reads;
};

/* ---------------------------------------------------------------- posts */

/* Who acts for a post may; of what is read, who is of it may see. */
static bool is_of(const struct look *look, uint32_t post)
{
    const struct gp_speaker *speaker = look->speaker;

    if (post == GP_NONE)
        return false;
    if (look->reads && gp_person_listed(look->org, speaker->person, post, speaker->now_ms))
        return true;
    return gp_person_acts_for(look->org, speaker->person, post, look->area, speaker->now_ms);
}

/* Whether the speaker is of a post of these kinds that serves exactly this area, of any line. */
static bool serves(const struct look *look, uint32_t area, const enum gp_post_kind *kinds,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first, found = gp_org_scopes(look->org, kinds[i], area, &first);
        for (size_t j = first; j < first + found; j++) {
            if (is_of(look, look->org->scopes[j].post))
                return true;
        }
    }
    return false;
}

/* The same of the target's place or an area above it. */
static bool serves_above(const struct look *look, const enum gp_post_kind *kinds, size_t count)
{
    for (uint32_t area = look->area; area != GP_NONE; area = look->org->areas[area].parent) {
        if (serves(look, area, kinds, count))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- scopes */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool in_street(const struct look *look)
{
    static const enum gp_post_kind kinds[] = {GP_POST_SK, GP_POST_S1, GP_POST_S2, GP_POST_X};
    return serves_above(look, kinds, COUNT(kinds));
}

static bool in_community(const struct look *look)
{
    static const enum gp_post_kind kinds[] = {GP_POST_D1, GP_POST_D2, GP_POST_R, GP_POST_A};
    return serves_above(look, kinds, COUNT(kinds));
}

/* A duty person answers for every place below the area of the shift. */
static bool on_duty(const struct look *look)
{
    for (uint32_t area = look->area; area != GP_NONE; area = look->org->areas[area].parent) {
        if (gp_duty_person(look->org, area, look->speaker->now_ms) == look->speaker->person)
            return true;
    }
    return false;
}

static bool is_speaker(const struct look *look, struct gp_span person)
{
    return person.len > 0 && gp_span_equal(person, look->org->persons[look->speaker->person].id);
}

static bool is_own(const struct look *look)
{
    static const enum gp_post_kind kinds[] = {GP_POST_B};
    const struct gp_target *target = look->target;

    return is_speaker(look, target->reporter) ||
           is_of(look, gp_org_post(look->org, target->owner)) ||
           is_of(look, gp_org_post(look->org, target->assistant)) ||
           (look->area != GP_NONE && serves(look, look->area, kinds, COUNT(kinds))) ||
           on_duty(look);
}

/* A department has posts in many places; those that serve this one are the likeliest. */
static bool in_department(const struct look *look)
{
    static const uint32_t kinds = UINT32_C(1) << GP_POST_F | UINT32_C(1) << GP_POST_K |
                                  UINT32_C(1) << GP_POST_H | UINT32_C(1) << GP_POST_H2;
    const struct gp_org *org = look->org;
    uint32_t department = gp_org_department(org, look->target->department);

    if (department == GP_NONE)
        return false;
    if (look->area != GP_NONE &&
        is_of(look, gp_post_of(org, GP_POST_F, look->area, GP_NONE, department)))
        return true;
    for (uint32_t i = 0; i < org->post_count; i++) {
        if (org->posts[i].department == department && (kinds >> org->posts[i].kind & 1) &&
            is_of(look, i))
            return true;
    }
    return false;
}

static bool lies_in(const struct look *look, enum gp_reach scope)
{
    switch (scope) {
    case GP_REACH_ALL:
        return true;
    case GP_REACH_STREET:
        return in_street(look);
    case GP_REACH_COMMUNITY:
        return in_community(look);
    case GP_REACH_OWN:
        return is_own(look);
    case GP_REACH_DEPARTMENT:
        return in_department(look);
    default:
        assert(scope == GP_REACH_SELF);
        return is_speaker(look, look->target->person);
    }
}

/* ---------------------------------------------------------------- who asks */

uint8_t gp_role_speaking(const struct gp_org *org, uint8_t role, struct gp_span owner,
                         uint32_t person)
{
    uint32_t via, user;

    if (role != GP_ROLE_BRIDGE || person == GP_NONE)
        return role;
    via = gp_org_person(org, owner);
    if (via == GP_NONE)
        return role;
    user = gp_org_user(org, person, via);
    if (user != GP_NONE)
        return org->users[user].role;
    return person == via || !gp_org_has_users(org, via) ? role : GP_ROLE_NOBODY;
}

/* ---------------------------------------------------------------- the question */

#define BELOW_READS(name, number, text) &&(number) < GP_ACTION_READS
static_assert(true GP_VERBS(BELOW_READS), "every verb is an action under its number");

static uint16_t scopes_of(const struct gp_org *org, int role, int action)
{
    if (role <= GP_ROLE_LOCAL || role >= GP_ROLES_END || action <= GP_ACTION_NONE ||
        action >= GP_ACTIONS_END)
        return 0;
    return org->rights.reach[role][action];
}

bool gp_has_right(const struct gp_speaker *speaker, int action)
{
    return speaker->person != GP_NONE && scopes_of(speaker->org, speaker->role, action) != 0;
}

bool gp_permit(const struct gp_speaker *speaker, int action, const struct gp_target *target)
{
    /* From what a look costs: one comparison first, a walk over the department's posts last. */
    static const enum gp_reach order[] = {GP_REACH_ALL,       GP_REACH_SELF,   GP_REACH_OWN,
                                          GP_REACH_COMMUNITY, GP_REACH_STREET, GP_REACH_DEPARTMENT};
    uint16_t scopes = scopes_of(speaker->org, speaker->role, action);

    if (!gp_has_right(speaker, action))
        return false;
    const struct look look = {
        .speaker = speaker,
        .org = speaker->org,
        .target = target,
        .area = gp_org_area_near(speaker->org, target->area, speaker->now_ms),
        .reads = action >= GP_ACTION_READS,
    };
    for (size_t i = 0; i < COUNT(order); i++) {
        if ((scopes >> order[i] & 1) && lies_in(&look, order[i]))
            return true;
    }
    return false;
}

void gp_right_format(const struct gp_org *org, int role, int action,
                     char ret_scopes[GP_REACH_BYTES])
{
    uint16_t scopes = scopes_of(org, role, action);
    size_t used = 0;

    ret_scopes[0] = '\0';
    for (int scope = GP_REACH_ALL; scope < GP_REACH_END; scope++) {
        if (scopes >> scope & 1)
            used += (size_t)snprintf(ret_scopes + used, GP_REACH_BYTES - used, "%s%s",
                                     used > 0 ? " " : "", gp_reach_name(scope));
    }
    assert(used < GP_REACH_BYTES);
}
