/**
 * An arena: memory that is handed out piece by piece and taken back all at once, with a
 * ceiling so that hostile input cannot make it grow. Blocks are kept over a reset, up to the
 * ceiling again, so that the heap it takes stays within three times the ceiling.
 */
#ifndef GP_BASE_ARENA_H
#define GP_BASE_ARENA_H

#include "base/span.h"

#include <stddef.h>

struct gp_arena_block;

struct gp_arena {
    struct gp_arena_block *first; /* all blocks; the first is the oldest */
    struct gp_arena_block *current;
    size_t used;    /* bytes handed out since the last reset */
    size_t ceiling; /* bytes that may be handed out between two resets */
    size_t block;   /* bytes of an ordinary block */
};

/**
 * Makes an empty arena; takes no memory yet.
 *
 * Thread:   any, one at a time
 * Requires: ceiling > 0
 */
void gp_arena_init(struct gp_arena *arena, size_t ceiling);

/** As gp_arena_init, with blocks of a size of one's own: for what there are hundreds of. */
void gp_arena_init_blocks(struct gp_arena *arena, size_t ceiling, size_t block);

/**
 * Hands out size bytes, aligned for any type, contents undefined.
 *
 * Ensures:  NULL when the ceiling would be passed or memory is out; the arena stays usable
 * Lifetime: until gp_arena_reset or gp_arena_release
 */
void *gp_arena_alloc(struct gp_arena *arena, size_t size);

/** As gp_arena_alloc, for count * size bytes set to zero; NULL also on overflow. */
void *gp_arena_zalloc(struct gp_arena *arena, size_t count, size_t size);

/**
 * Copies a span into the arena.
 *
 * Ensures:  on failure the returned span has a NULL ptr although text.len > 0
 */
struct gp_span gp_arena_copy(struct gp_arena *arena, struct gp_span text);

/* How far an arena had been handed out. */
struct gp_arena_mark {
    struct gp_arena_block *block;
    size_t block_used, used;
};

/** Where the arena is now, to come back to: for what may turn out not to be wanted. */
struct gp_arena_mark gp_arena_here(const struct gp_arena *arena);

/**
 * Takes back what was handed out since the mark; what was before it stays.
 *
 * Requires: the arena was neither reset nor trimmed since
 */
void gp_arena_back(struct gp_arena *arena, struct gp_arena_mark mark);

/**
 * Takes everything back that was handed out; keeps blocks up to the ceiling for the next use.
 */
void gp_arena_reset(struct gp_arena *arena);

/** As gp_arena_reset, but keeps blocks of `most` bytes at the most: for what rests for a while. */
void gp_arena_trim(struct gp_arena *arena, size_t most);

/** Frees everything. Accepts NULL and an arena that was never used. */
void gp_arena_release(struct gp_arena *arena);

#endif
