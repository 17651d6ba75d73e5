/**
 * A set of ids from 0 up to a bound: a bit each, and how many of the set lie below an id, so that
 * what belongs to its members can stand in an array without gaps.
 */
#ifndef GP_ENGINE_IDSET_H
#define GP_ENGINE_IDSET_H

#include <stdbool.h>
#include <stdint.h>

struct gp_idset {
    uint64_t *word;   /* a bit for each id */
    uint32_t *before; /* for each word: members in the words before it; filled by gp_idset_seal */
    uint64_t end;     /* ids are below it */
    uint32_t count;
};

/** Makes an empty set. Errors: GP_ENOMEM. Ensures: it can be released, also after an error. */
int gp_idset_init(struct gp_idset *set, uint64_t end);
void gp_idset_release(struct gp_idset *set);

/** Requires: id < set->end. */
void gp_idset_add(struct gp_idset *set, uint64_t id);
bool gp_idset_has(const struct gp_idset *set, uint64_t id); /* false from set->end on */

/** The smallest member. Requires: there is one. */
uint64_t gp_idset_first(const struct gp_idset *set);

/** Ends adding: from here on gp_idset_rank may be asked. Errors: GP_ENOMEM. */
int gp_idset_seal(struct gp_idset *set);
/** How many members are below this one. Requires: sealed, and it is a member. */
uint32_t gp_idset_rank(const struct gp_idset *set, uint64_t id);

#endif
