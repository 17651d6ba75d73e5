/**
 * A long copy of files under way, between who makes it, in the pool, and who asked for it.
 */
#ifndef GP_BASE_COPYING_H
#define GP_BASE_COPYING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct gp_copying {
    uint64_t reserve_bytes;             /* of the disk, that the copy leaves to others */
    atomic_bool stop;                   /* set: it ends with GP_EAGAIN, within a piece */
    bool (*in_the_way)(const void *of); /* asked before each piece; true: it ends with GP_EYIELD */
    const void *of_whom;
    atomic_uint_fast64_t done, of; /* bytes; `of` may grow while it goes on */
};

#endif
