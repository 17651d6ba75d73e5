/**
 * How often somebody may ask: so many requests a minute, and as many at once. A table of the next
 * instant at which each would be on time (the generic cell rate algorithm), bounded: where it is
 * full, whoever has been quiet for longest loses nothing but a fresh start.
 *
 * Thread: one, the caller's.
 */
#ifndef GP_APP_SEAL_RATE_H
#define GP_APP_SEAL_RATE_H

#include <stddef.h>
#include <stdint.h>

struct gp_rate;

/** Makes a table for about `most` askers at a time. Errors: GP_ENOMEM. */
int gp_rate_open(size_t most, int64_t per_minute, struct gp_rate **ret_rate);
void gp_rate_close(struct gp_rate *rate); /* accepts NULL */

/**
 * Asks for one request of `key` at now_ms, which never runs backwards.
 *
 * Returns: 0: it may, and is counted; else after how many ms it may, at least 1
 */
uint32_t gp_rate_take(struct gp_rate *rate, uint64_t key, uint64_t now_ms);

#endif
