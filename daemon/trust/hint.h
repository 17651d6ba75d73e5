/**
 * Hints: what is published to followers. A hint says that a feed went on and nothing of what it
 * holds; who has the feed's key of that epoch can tell it from a stranger's.
 *
 *   "gph1" · feed 8 · epoch u32 · head u64 · tag 16 (BLAKE2b keyed, over all before it): 40 bytes
 *
 * Thread: any. Requires: gp_trust_start() was called.
 */
#ifndef GP_TRUST_HINT_H
#define GP_TRUST_HINT_H

#include "trust/trust.h"

#define GP_HINT_BYTES      40
#define GP_HINT_FEED_BYTES 8

struct gp_hint_body {
    unsigned char feed[GP_HINT_FEED_BYTES]; /* opaque; with "gph1" before it the topic */
    uint32_t epoch;                         /* of the key; a revocation begins the next */
    uint64_t head;                          /* last sequence of the journal */
};

/** Writes a hint. */
void gp_hint_write(const struct gp_hint_body *body, const unsigned char key[GP_KEY_BYTES],
                   unsigned char ret_message[GP_HINT_BYTES]);

/** Reads a hint and checks its tag. Errors: GP_EFORMAT: cut, changed, or by another key. */
int gp_hint_check(struct gp_span message, const unsigned char key[GP_KEY_BYTES],
                  struct gp_hint_body *ret_body);

#endif
