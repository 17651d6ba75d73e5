/**
 * How often somebody may: so many at once, and from then on one each interval. Names are hashed
 * into a table of fixed size; where it is full, who is closest to being forgiven is forgotten.
 * No clock: times are given, in milliseconds of any clock that does not fall.
 *
 * Thread: the loop's
 */
#ifndef GP_WEB_PACE_H
#define GP_WEB_PACE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct gp_pace;

struct gp_pace_rule {
    char mark; /* tells names of one rule from those of another */
    unsigned burst;
    int64_t interval_ms;
};

/** Errors: GP_ENOMEM; GP_EIO: no randomness. */
int gp_pace_new(struct gp_pace **ret_pace);
void gp_pace_free(struct gp_pace *pace); /* accepts NULL */

/** How long this one must wait; 0: not at all. */
int64_t gp_pace_wait_ms(const struct gp_pace *pace, const struct gp_pace_rule *rule,
                        const char *name, int64_t now_ms);
/** Counts one. */
void gp_pace_take(struct gp_pace *pace, const struct gp_pace_rule *rule, const char *name,
                  int64_t now_ms);

/**
 * By what a peer's address counts: itself, or the /64 that an IPv6 address lies in, since one who
 * has any has all of it. What is no address stays as it is.
 */
void gp_pace_peer(const char *address, char *ret_name, size_t size);

#endif
