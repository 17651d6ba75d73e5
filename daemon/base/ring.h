/**
 * A ring: a doubly linked list whose links lie in what is listed, so that anything can leave in
 * the middle without a search and without memory.
 */
#ifndef GP_BASE_RING_H
#define GP_BASE_RING_H

#include <stdbool.h>
#include <stddef.h>

struct gp_ring {
    struct gp_ring *next, *prev;
};

/** The struct of this type whose field `member` is at `ring`. */
#define GP_RING_OF(ring, type, member) ((type *)(void *)((char *)(ring)-offsetof(type, member)))

/** Makes an empty list, or a link that is in none. */
static inline void gp_ring_init(struct gp_ring *ring)
{
    ring->next = ring->prev = ring;
}

static inline bool gp_ring_empty(const struct gp_ring *ring)
{
    return ring->next == ring;
}

/** Requires: link is in no list. */
static inline void gp_ring_append(struct gp_ring *list, struct gp_ring *link)
{
    link->next = list;
    link->prev = list->prev;
    list->prev->next = link;
    list->prev = link;
}

/** Takes a link out of its list; one that is in none stays so. */
static inline void gp_ring_remove(struct gp_ring *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    gp_ring_init(link);
}

#endif
