/**
 * Hints: a PUB socket that says how far the journal has come and nothing else. A hint may be lost;
 * the numbered log is the truth.
 *
 * Message: "gp.head" and a NUL (the topic), then the head sequence as 64 bits big-endian.
 */
#ifndef GP_NET_HINT_H
#define GP_NET_HINT_H

#include <stdint.h>

struct gp_hint;

/** Binds ipc://; other transports are refused: a stranger's message kills a PUB socket. */
int gp_hint_open(const char *address, struct gp_hint **ret_hint, const char **ret_reason);

/** Publishes; never blocks, and drops for followers that are slow. Accepts NULL. Thread: loop. */
void gp_hint_send(struct gp_hint *hint, uint64_t head);

void gp_hint_close(struct gp_hint *hint); /* accepts NULL */

#endif
