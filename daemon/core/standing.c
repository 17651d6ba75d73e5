#include "core/standing.h"

#include "base/clocktext.h"
#include "base/search.h"
#include "core/post.h"

#include <stdio.h>

#define KIND(kind)    (UINT32_C(1) << (kind))
#define ANYWHERE      (KIND(GP_POST_S1) | KIND(GP_POST_X))
#define OF_DEPARTMENT (KIND(GP_POST_F) | KIND(GP_POST_K) | KIND(GP_POST_H) | KIND(GP_POST_H2))

/* The table of standing.h; heads 0: one signature does. */
static const struct rule {
    uint32_t brief, leaders, heads;
} rules[] = {
    [0] = {KIND(GP_POST_D1) | KIND(GP_POST_R) | KIND(GP_POST_S1),
           KIND(GP_POST_R) | KIND(GP_POST_S1), 0}, /* A, B, no post */
    [GP_POST_D1] = {KIND(GP_POST_R) | KIND(GP_POST_S1), KIND(GP_POST_R), KIND(GP_POST_S1)},
    [GP_POST_D2] = {KIND(GP_POST_R) | KIND(GP_POST_S2), KIND(GP_POST_R), KIND(GP_POST_S2)},
    [GP_POST_R] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_S1] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_S2] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_SK] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_X] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_F] = {KIND(GP_POST_H) | KIND(GP_POST_H2), KIND(GP_POST_H) | KIND(GP_POST_H2), 0},
    [GP_POST_K] = {KIND(GP_POST_H) | KIND(GP_POST_H2), KIND(GP_POST_H) | KIND(GP_POST_H2), 0},
    [GP_POST_H2] = {KIND(GP_POST_H) | ANYWHERE, KIND(GP_POST_H) | ANYWHERE, 0},
    [GP_POST_H] = {ANYWHERE, ANYWHERE, 0},
    [GP_POST_Z] = {0},
};

/* ---------------------------------------------------------------- what a person is */

static unsigned rank(uint8_t kind)
{
    static const uint8_t order[] = {GP_POST_X, GP_POST_S1, GP_POST_S2, GP_POST_H,  GP_POST_H2,
                                    GP_POST_R, GP_POST_D1, GP_POST_D2, GP_POST_SK, GP_POST_K,
                                    GP_POST_F, GP_POST_A,  GP_POST_B};
    unsigned at = 0;

    while (at < sizeof order && order[at] != kind)
        at++;
    return at;
}

struct gp_standing gp_standing_of(const struct gp_org *org, uint32_t person, int64_t at_ms)
{
    struct gp_standing standing = {
        .person = person,
        .post = GP_NONE,
        .area = GP_NONE,
        .department = org->persons[person].department,
    };

    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->person != person || at_ms < holding->from_ms || at_ms >= holding->to_ms)
            continue;
        if (standing.post == GP_NONE ||
            rank(org->posts[holding->post].kind) < rank(org->posts[standing.post].kind))
            standing.post = holding->post;
    }
    if (standing.post == GP_NONE)
        return standing;
    const struct gp_post *post = &org->posts[standing.post];
    if (post->area_count > 0)
        standing.area = post->areas[0];
    if (post->department != GP_NONE)
        standing.department = post->department;
    return standing;
}

bool gp_stands_for(const struct gp_org *org, uint32_t person, uint32_t post, int64_t at_ms)
{
    const struct gp_post *row = &org->posts[post];

    for (uint8_t i = 0; i < row->deputy_count; i++) {
        if (row->deputies[i] == person)
            return true;
    }
    size_t i = gp_search_field(struct gp_holding, org->holdings, org->holding_count, post, post);
    for (; i < org->holding_count && org->holdings[i].post == post; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->person == person && at_ms >= holding->from_ms && at_ms < holding->to_ms)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- posts above a person */

struct posts {
    uint32_t list[GP_SIGNERS_MAX];
    size_t count;
};

static void add(struct posts *posts, uint32_t post)
{
    if (post != GP_NONE && posts->count < GP_SIGNERS_MAX)
        posts->list[posts->count++] = post;
}

static void add_area(const struct gp_org *org, const struct gp_standing *standing, uint32_t kinds,
                     uint32_t area, struct posts *posts)
{
    for (int kind = GP_POST_A; kind <= GP_POST_X; kind++) {
        uint32_t department = KIND(kind) & OF_DEPARTMENT ? standing->department : GP_NONE;
        if (KIND(kind) & kinds)
            add(posts, gp_org_scope(org, (enum gp_post_kind)kind, area, GP_NONE, department));
    }
}

static void add_anywhere(const struct gp_org *org, uint32_t kinds, struct posts *posts)
{
    for (uint32_t post = 0; post < org->post_count; post++) {
        if (KIND(org->posts[post].kind) & kinds)
            add(posts, post);
    }
}

/* From the person's area up, at last what serves no area; somebody without an area is everybody's.
 */
static struct posts posts_above(const struct gp_org *org, const struct gp_standing *standing,
                                uint32_t kinds)
{
    struct posts posts = {.count = 0};

    for (uint32_t area = standing->area; area != GP_NONE; area = org->areas[area].parent)
        add_area(org, standing, kinds, area, &posts);
    add_area(org, standing, kinds & OF_DEPARTMENT, GP_NONE, &posts);
    if (standing->area == GP_NONE)
        add_anywhere(org, kinds & ANYWHERE, &posts);
    return posts;
}

static bool filled(const struct gp_org *org, const struct posts *posts, int64_t at_ms)
{
    for (size_t i = 0; i < posts->count; i++) {
        if (!gp_post_vacant(org, posts->list[i], at_ms))
            return true;
    }
    return false;
}

static bool stands_for_one(const struct gp_org *org, const struct posts *posts, uint32_t person,
                           int64_t at_ms)
{
    for (size_t i = 0; i < posts->count; i++) {
        if (gp_stands_for(org, person, posts->list[i], at_ms))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- leave */

/* Who signs: leaders, and heads where two are needed. An empty list: that one is not needed. */
struct signers {
    struct posts leaders, heads;
};

static const struct rule *rule_of(const struct gp_org *org, const struct gp_standing *standing)
{
    uint8_t kind = standing->post != GP_NONE ? org->posts[standing->post].kind : 0;

    if (kind == 0 && standing->department != GP_NONE)
        return &rules[GP_POST_F];
    return kind == GP_POST_A || kind == GP_POST_B ? &rules[0] : &rules[kind];
}

static struct posts heads_of(const struct gp_org *org, const struct gp_standing *standing,
                             uint32_t kinds, int64_t at_ms)
{
    struct posts heads = posts_above(org, standing, kinds);

    if (!filled(org, &heads, at_ms))
        heads = posts_above(org, standing, KIND(GP_POST_S1));
    if (!filled(org, &heads, at_ms))
        heads.count = 0;
    return heads;
}

static struct signers signers_of(const struct gp_org *org, const struct gp_standing *standing,
                                 bool longer, int64_t at_ms)
{
    const struct rule *rule = rule_of(org, standing);
    struct signers signers = {.leaders =
                                  posts_above(org, standing, longer ? rule->leaders : rule->brief)};

    if (!filled(org, &signers.leaders, at_ms))
        signers.leaders.count = 0;
    if (longer && rule->heads != 0)
        signers.heads = heads_of(org, standing, rule->heads, at_ms);
    if (signers.leaders.count + signers.heads.count == 0)
        add_anywhere(org, ANYWHERE, &signers.leaders);
    return signers;
}

uint8_t gp_leave_needs(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                       int64_t at_ms)
{
    struct signers signers = signers_of(org, standing, longer, at_ms);

    return (uint8_t)((signers.leaders.count > 0 ? GP_SIGNED_LEADER : 0) |
                     (signers.heads.count > 0 ? GP_SIGNED_HEAD : 0));
}

uint8_t gp_leave_signs(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                       uint32_t signer, int64_t at_ms)
{
    struct signers signers = signers_of(org, standing, longer, at_ms);
    uint8_t signs = 0;

    if (signer == standing->person)
        return 0;
    if (stands_for_one(org, &signers.leaders, signer, at_ms))
        signs |= GP_SIGNED_LEADER;
    if (stands_for_one(org, &signers.heads, signer, at_ms))
        signs |= GP_SIGNED_HEAD;
    return signs;
}

size_t gp_leave_signers(const struct gp_org *org, const struct gp_standing *standing, bool longer,
                        int64_t at_ms, uint32_t ret_posts[GP_SIGNERS_MAX])
{
    struct signers signers = signers_of(org, standing, longer, at_ms);
    struct posts all = signers.leaders;

    for (size_t i = 0; i < signers.heads.count; i++)
        add(&all, signers.heads.list[i]);
    memcpy(ret_posts, all.list, all.count * sizeof all.list[0]);
    return all.count;
}

bool gp_may_enter_leave(const struct gp_org *org, const struct gp_standing *standing,
                        uint32_t actor, int64_t at_ms)
{
    const uint32_t desks = KIND(GP_POST_SK) | KIND(GP_POST_K) | KIND(GP_POST_D1) | KIND(GP_POST_R) |
                           KIND(GP_POST_S2) | KIND(GP_POST_H) | KIND(GP_POST_H2) | ANYWHERE;
    struct posts posts = posts_above(org, standing, desks);

    return stands_for_one(org, &posts, actor, at_ms) ||
           gp_leave_signs(org, standing, false, actor, at_ms) != 0 ||
           gp_leave_signs(org, standing, true, actor, at_ms) != 0;
}

/* ---------------------------------------------------------------- holdings */

/* Whether all areas of a post lie within those of another. */
static bool covers(const struct gp_org *org, const struct gp_post *outer,
                   const struct gp_post *inner)
{
    for (uint32_t i = 0; i < inner->area_count; i++) {
        bool inside = false;
        for (uint32_t k = 0; k < outer->area_count && !inside; k++)
            inside =
                gp_area_covers(org->areas[outer->areas[k]].ref, org->areas[inner->areas[i]].ref);
        if (!inside)
            return false;
    }
    return inner->area_count > 0;
}

/* Whether the people of one post say who holds the other. */
static bool fills(const struct gp_org *org, const struct gp_post *mine, const struct gp_post *post)
{
    bool of_grid = post->kind == GP_POST_A || post->kind == GP_POST_B;
    bool of_desk = post->kind == GP_POST_F || post->kind == GP_POST_K;

    switch (mine->kind) {
    case GP_POST_X:
        return true;
    case GP_POST_S1:
        return covers(org, mine, post);
    case GP_POST_D1:
        return of_grid && covers(org, mine, post);
    case GP_POST_H:
        return (of_desk || post->kind == GP_POST_H2) && mine->department == post->department;
    case GP_POST_H2:
        return of_desk && mine->department == post->department;
    default:
        return false;
    }
}

bool gp_may_fill(const struct gp_org *org, uint32_t actor, uint32_t post, int64_t at_ms)
{
    for (uint32_t i = 0; i < org->post_count; i++) {
        if (fills(org, &org->posts[i], &org->posts[post]) && gp_stands_for(org, actor, i, at_ms))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- words */

static bool midnight(int64_t ms, int64_t zone_ms)
{
    return ms + zone_ms == gp_day_of(ms, zone_ms) * GP_MS_DAY;
}

/* The day only, where that says all. `end`: of the day before midnight. */
static void format_edge(int64_t ms, int64_t zone_ms, bool whole, bool end,
                        char ret_text[GP_CLOCKTEXT_BYTES])
{
    gp_instant_format(whole && end ? ms - GP_MS_DAY : ms, zone_ms, ret_text);
    ret_text[whole ? 10 : 16] = '\0'; /* YYYY-MM-DD, or with THH:MM */
}

void gp_interval_format(int64_t from_ms, int64_t to_ms, int64_t zone_ms,
                        char ret_text[GP_INTERVAL_BYTES])
{
    char from[GP_CLOCKTEXT_BYTES], to[GP_CLOCKTEXT_BYTES] = "";
    bool open = to_ms == INT64_MAX;
    bool whole = midnight(from_ms, zone_ms) && (open || midnight(to_ms, zone_ms));

    format_edge(from_ms, zone_ms, whole, false, from);
    if (!open)
        format_edge(to_ms, zone_ms, whole, true, to);
    (void)snprintf(ret_text, GP_INTERVAL_BYTES, "%s..%s", from, to);
}
