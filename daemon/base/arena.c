#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define GP_ARENA_BLOCK_BYTES ((size_t)16 * 1024)

struct gp_arena_block {
    struct gp_arena_block *next;
    size_t size; /* bytes in data */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void gp_arena_init(struct gp_arena *arena, size_t ceiling)
{
    gp_arena_init_blocks(arena, ceiling, GP_ARENA_BLOCK_BYTES);
}

void gp_arena_init_blocks(struct gp_arena *arena, size_t ceiling, size_t block)
{
    assert(ceiling > 0);
    assert(block > 0);
    *arena = (struct gp_arena){.ceiling = ceiling, .block = block};
}

static size_t aligned(size_t size)
{
    size_t mask = alignof(max_align_t) - 1;
    return (size + mask) & ~mask;
}

/* Appends a block that holds at least size bytes behind the current one. */
static struct gp_arena_block *block_add(struct gp_arena *arena, size_t size)
{
    size_t bytes = size > arena->block ? size : arena->block;
    struct gp_arena_block *block = malloc(sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->size = bytes;
    block->used = 0;
    if (arena->current == NULL) {
        block->next = NULL;
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    return block;
}

/* A block with room for size bytes: the current one, a kept one behind it, or a new one. */
static struct gp_arena_block *block_with_room(struct gp_arena *arena, size_t size)
{
    struct gp_arena_block *block = arena->current;
    while (block != NULL && block->size - block->used < size) {
        arena->current = block;
        block = block->next;
    }
    if (block == NULL)
        block = block_add(arena, size);
    if (block != NULL)
        arena->current = block;
    return block;
}

void *gp_arena_alloc(struct gp_arena *arena, size_t size)
{
    if (size > arena->ceiling)
        return NULL;
    size = aligned(size == 0 ? 1 : size);
    if (size > arena->ceiling - arena->used)
        return NULL;
    struct gp_arena_block *block = block_with_room(arena, size);
    if (block == NULL)
        return NULL;
    void *memory = block->data + block->used;
    block->used += size;
    arena->used += size;
    assert(arena->used <= arena->ceiling);
    return memory;
}

void *gp_arena_zalloc(struct gp_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    void *memory = gp_arena_alloc(arena, count * size);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

struct gp_span gp_arena_copy(struct gp_arena *arena, struct gp_span text)
{
    if (text.len == 0)
        return (struct gp_span){"", 0};
    char *copy = gp_arena_alloc(arena, text.len);
    if (copy != NULL)
        memcpy(copy, text.ptr, text.len);
    return (struct gp_span){copy, text.len};
}

struct gp_arena_mark gp_arena_here(const struct gp_arena *arena)
{
    return (struct gp_arena_mark){
        .block = arena->current,
        .block_used = arena->current != NULL ? arena->current->used : 0,
        .used = arena->used,
    };
}

/* Blocks behind the current one are empty, always. */
void gp_arena_back(struct gp_arena *arena, struct gp_arena_mark mark)
{
    struct gp_arena_block *block = mark.block != NULL ? mark.block->next : arena->first;

    assert(mark.used <= arena->used);
    for (; block != NULL; block = block->next)
        block->used = 0;
    if (mark.block != NULL)
        mark.block->used = mark.block_used;
    arena->current = mark.block != NULL ? mark.block : arena->first;
    arena->used = mark.used;
}

void gp_arena_reset(struct gp_arena *arena)
{
    gp_arena_trim(arena, arena->ceiling); /* else requests of ever new sizes would pile up blocks */
}

void gp_arena_trim(struct gp_arena *arena, size_t most)
{
    size_t kept = 0;

    for (struct gp_arena_block **link = &arena->first; *link != NULL;) {
        struct gp_arena_block *block = *link;
        if (block->size > most - kept) {
            *link = block->next;
            free(block);
            continue;
        }
        kept += block->size;
        block->used = 0;
        link = &block->next;
    }
    arena->current = arena->first;
    arena->used = 0;
}

void gp_arena_release(struct gp_arena *arena)
{
    if (arena == NULL)
        return;
    struct gp_arena_block *block = arena->first;
    while (block != NULL) {
        struct gp_arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct gp_arena){.ceiling = arena->ceiling, .block = arena->block};
}
