/**
 * Hints: a PUB socket for small messages that say how far the journal has come and nothing else. A
 * hint may be lost; the numbered log is the truth. What is in one is trust/hint.h's matter.
 */
#ifndef GP_NET_HINT_H
#define GP_NET_HINT_H

#include "base/span.h"

struct gp_hint;

/** Binds ipc://; other transports are refused: a stranger's message kills a PUB socket. */
int gp_hint_open(const char *address, struct gp_hint **ret_hint, const char **ret_reason);

/** Publishes; never blocks, and drops for followers that are slow. Accepts NULL. Thread: loop. */
void gp_hint_send(struct gp_hint *hint, struct gp_span message);

void gp_hint_close(struct gp_hint *hint); /* accepts NULL */

#endif
