/**
 * Transfers that are under way, any number at a time, by libcurl: one that stalls holds up no
 * other. The only file that knows libcurl. TLS is verified, redirects are not followed, and what
 * the environment says of proxies does not count.
 *
 * Thread: one at a time, but for gp_courier_wake.
 */
#ifndef GP_NOTIFY_COURIER_H
#define GP_NOTIFY_COURIER_H

#include "notify/channel.h"

struct gp_courier;

/** Errors: GP_ENOMEM. */
int gp_courier_open(struct gp_courier **ret_courier);

/** Ends what is under way without a word. Accepts NULL. */
void gp_courier_close(struct gp_courier *courier);

/**
 * Starts a transfer, which gp_courier_next gives back with `tag`.
 *
 * Lifetime: takes the request over, also where it fails
 * Errors:   GP_ENOMEM; GP_EINVAL: libcurl does not take the address
 */
int gp_courier_start(struct gp_courier *courier, struct gp_outgoing *outgoing, int64_t timeout_ms,
                     void *tag);

/** How many are under way. */
size_t gp_courier_count(const struct gp_courier *courier);

/** Waits until something moves, gp_courier_wake is called, or the time is over; and moves it. */
void gp_courier_wait(struct gp_courier *courier, int timeout_ms);

/** Ends a wait, or the next one. Thread: any. */
void gp_courier_wake(struct gp_courier *courier);

/** Ends a transfer that is under way, without a word; false: none is. */
bool gp_courier_abort(struct gp_courier *courier, void **ret_tag);

/** A transfer that is over; false: none. */
bool gp_courier_next(struct gp_courier *courier, struct gp_answer *ret_answer, void **ret_tag);

#endif
