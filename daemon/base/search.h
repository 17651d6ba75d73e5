/** Searching sorted arrays of structures by a number that each of them holds. */
#ifndef GP_BASE_SEARCH_H
#define GP_BASE_SEARCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * The first row whose u32 at key_offset is not below key; count when there is none.
 *
 * Requires: count rows of size bytes each, ascending by that number
 * Thread:   any
 */
static inline size_t gp_search_u32(const void *rows, size_t count, size_t size, size_t key_offset,
                                   uint32_t key)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t there;
        memcpy(&there, (const char *)rows + middle * size + key_offset, sizeof there);
        if (there < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** gp_search_u32 by a field's name: gp_search_field(struct gp_leave, leaves, count, person, 7). */
#define gp_search_field(type, rows, count, field, key)                                             \
    gp_search_u32(rows, count, sizeof(type), offsetof(type, field), key)

#endif
