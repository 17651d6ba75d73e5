/**
 * Letters that wait for a handshake: first come, first served, and bounded. When it is full the
 * connection that has most of them waiting loses its oldest, so that who floods the daemon with
 * handshakes is in the way of nobody but itself, whatever the number of its messages.
 *
 * Thread: one, the caller's.
 */
#ifndef GP_APP_SEAL_QUEUE_H
#define GP_APP_SEAL_QUEUE_H

#include "net/intake.h"

#include <stdbool.h>

#define GP_QUEUE_MAX 256

struct gp_queue {
    struct gp_letter letter[GP_QUEUE_MAX]; /* a ring */
    unsigned first, count;
};

/** Puts a letter at the end, or in the place of the one that goes for it. Returns: whether one
 * does; *ret_dropped is it then, for the caller to throw away. */
bool gp_queue_put(struct gp_queue *queue, struct gp_letter letter, struct gp_letter *ret_dropped);

/** Takes the first. Requires: there is one. */
struct gp_letter gp_queue_take(struct gp_queue *queue);

#endif
