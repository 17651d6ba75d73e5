#include "engine/idset.h"

#include "base/error.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t bit(uint64_t id)
{
    return UINT64_C(1) << (id % 64);
}

static uint64_t words(const struct gp_idset *set)
{
    return set->end / 64 + 1;
}

int gp_idset_init(struct gp_idset *set, uint64_t end)
{
    *set = (struct gp_idset){.end = end};
    set->word = calloc(words(set), sizeof *set->word);
    return set->word != NULL ? 0 : GP_ENOMEM;
}

void gp_idset_release(struct gp_idset *set)
{
    free(set->word);
    free(set->before);
    *set = (struct gp_idset){0};
}

void gp_idset_add(struct gp_idset *set, uint64_t id)
{
    assert(id < set->end);
    set->count += !(set->word[id / 64] & bit(id));
    set->word[id / 64] |= bit(id);
}

bool gp_idset_has(const struct gp_idset *set, uint64_t id)
{
    return id < set->end && (set->word[id / 64] & bit(id)) != 0;
}

uint64_t gp_idset_first(const struct gp_idset *set)
{
    uint64_t at = 0;

    assert(set->count > 0);
    while (set->word[at] == 0)
        at++;
    return at * 64 + (uint64_t)__builtin_ctzll(set->word[at]);
}

int gp_idset_seal(struct gp_idset *set)
{
    uint32_t count = 0;

    set->before = malloc(words(set) * sizeof *set->before);
    if (set->before == NULL)
        return GP_ENOMEM;
    for (uint64_t i = 0; i < words(set); i++) {
        set->before[i] = count;
        count += (uint32_t)__builtin_popcountll(set->word[i]);
    }
    return 0;
}

uint32_t gp_idset_rank(const struct gp_idset *set, uint64_t id)
{
    assert(set->before != NULL);
    assert(gp_idset_has(set, id));
    return set->before[id / 64] +
           (uint32_t)__builtin_popcountll(set->word[id / 64] & (bit(id) - 1));
}
