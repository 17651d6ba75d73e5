/* Which rules a note concerns. Rules of persons and posts are looked up by halving, since a city
 * has one for each of its people; rules of groups are few and looked at one by one. */
#include "notify/desk_internal.h"

#include <stdlib.h>

struct gp_matcher {
    const struct gp_notify_settings *settings;
    uint32_t *single; /* rules of persons and posts, by (kind, match, index) */
    uint32_t *group;
    uint32_t single_count, group_count;
};

static int compare(const struct gp_rule *rule, enum gp_rule_kind kind, struct gp_span match)
{
    if (rule->kind != kind)
        return rule->kind < kind ? -1 : 1;
    return gp_span_compare(gp_span_of(rule->match), match);
}

static int by_match(const void *a, const void *b, void *context)
{
    const struct gp_rule *rules = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = compare(&rules[x], rules[y].kind, gp_span_of(rules[y].match));

    return order != 0 ? order : (x > y) - (x < y);
}

struct gp_matcher *gp_matcher_new(const struct gp_notify_settings *settings)
{
    struct gp_matcher *matcher = calloc(1, sizeof *matcher);
    size_t room = settings->rule_count > 0 ? settings->rule_count : 1;

    if (matcher == NULL)
        return NULL;
    matcher->settings = settings;
    matcher->single = calloc(room, sizeof *matcher->single);
    matcher->group = calloc(room, sizeof *matcher->group);
    if (matcher->single == NULL || matcher->group == NULL) {
        gp_matcher_free(matcher);
        return NULL;
    }
    for (uint32_t i = 0; i < settings->rule_count; i++) {
        enum gp_rule_kind kind = settings->rule[i].kind;
        if (kind == GP_RULE_PERSON || kind == GP_RULE_POST)
            matcher->single[matcher->single_count++] = i;
        else
            matcher->group[matcher->group_count++] = i;
    }
    qsort_r(matcher->single, matcher->single_count, sizeof *matcher->single, by_match,
            settings->rule);
    return matcher;
}

void gp_matcher_free(struct gp_matcher *matcher)
{
    if (matcher == NULL)
        return;
    free(matcher->single);
    free(matcher->group);
    free(matcher);
}

/* ---------------------------------------------------------------- looking */

struct hits {
    const struct gp_notify_settings *settings;
    struct gp_hit *hit;
    size_t count;
};

/* The earliest rule of a destination gives its name and its quiet hours. */
static void add_hit(struct hits *hits, uint32_t rule, uint64_t who)
{
    if (who == 0)
        return;
    for (size_t i = 0; i < hits->count; i++) {
        struct gp_hit *hit = &hits->hit[i];
        if (hits->settings->rule[hit->rule].dest == hits->settings->rule[rule].dest) {
            hit->who |= who;
            hit->rule = rule < hit->rule ? rule : hit->rule;
            return;
        }
    }
    if (hits->count < GP_HITS_MAX)
        hits->hit[hits->count++] = (struct gp_hit){rule, who};
}

static void add_singles(const struct gp_matcher *matcher, struct hits *hits, enum gp_rule_kind kind,
                        struct gp_span match, uint64_t who)
{
    const struct gp_rule *rules = matcher->settings->rule;
    uint32_t low = 0, high = matcher->single_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(&rules[matcher->single[middle]], kind, match) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < matcher->single_count && compare(&rules[matcher->single[low]], kind, match) == 0;
         low++)
        add_hit(hits, matcher->single[low], who);
}

static int by_rule(const void *a, const void *b)
{
    const struct gp_hit *x = a, *y = b;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

size_t gp_matcher_find(const struct gp_matcher *matcher, const struct gp_note *note,
                       struct gp_hit ret_hits[GP_HITS_MAX])
{
    struct hits hits = {.settings = matcher->settings, .hit = ret_hits};

    for (uint8_t i = 0; i < note->told_count; i++) {
        add_singles(matcher, &hits, GP_RULE_PERSON, note->told[i].person, UINT64_C(1) << i);
        add_singles(matcher, &hits, GP_RULE_POST, note->told[i].post, UINT64_C(1) << i);
    }
    for (uint32_t i = 0; i < matcher->group_count; i++) {
        uint32_t rule = matcher->group[i];
        add_hit(&hits, rule,
                gp_rule_match(matcher->settings, &matcher->settings->rule[rule], note));
    }
    qsort(ret_hits, hits.count, sizeof *ret_hits, by_rule);
    return hits.count;
}
