/**
 * Wishes to send dead letters again: `gridpost-notify resend` leaves a file in STATE/again, whose
 * name is the letter's id, and the process that runs takes it up. So they need not speak with each
 * other, and a wish survives whoever runs.
 */
#ifndef GP_NOTIFY_AGAIN_H
#define GP_NOTIFY_AGAIN_H

#include "base/span.h"

/** Leaves a wish. Errors: GP_EINVAL: the id is too long or no id; GP_EIO. */
int gp_again_ask(const char *state, const char *id);

/** Takes up all wishes there are: calls `each` for one, then removes it. Returns how many. */
unsigned gp_again_take(const char *state, void (*each)(void *context, struct gp_span id),
                       void *context);

#endif
