/**
 * Envelopes: the heads of everything that is sealed. Numbers are big-endian.
 *
 *   offset 0  u8  0xE1: no message of proto/ begins so; the low nibble is the format's version
 *          1  u8  type
 *   HELLO    2  id of the server's key 4     6  Noise message 112                   in all 118
 *   WELCOME  2  Noise message 112                                                           114
 *   JOIN     2  id of the server's key 4     6  device u64   14  Noise message 128          142
 *   JOINED   2  Noise message 112                                                           114
 *   REQUEST  2  session 16   18  counter u64   26  ciphertext ‖ tag 16              at least 42
 *   ANSWER   2  session 16   18  counter u64   26  ciphertext ‖ tag 16              at least 42
 *   AGAIN    2  session 16                                                                   18
 */
#ifndef GP_TRUST_ENVELOPE_H
#define GP_TRUST_ENVELOPE_H

#include "trust/trust.h"

#define GP_ENVELOPE_MARK       0xE0 /* the high nibble of the first byte */
#define GP_ENVELOPE_VERSION    1
#define GP_SESSION_ID_BYTES    16
#define GP_ENVELOPE_HEAD_MAX   26
#define GP_ENVELOPE_OVERHEAD   (GP_ENVELOPE_HEAD_MAX + GP_TAG_BYTES) /* of REQUEST and ANSWER */
#define GP_HELLO_BYTES         118
#define GP_WELCOME_BYTES       114
#define GP_JOIN_BYTES          142
#define GP_JOINED_BYTES        114
#define GP_AGAIN_BYTES         18
#define GP_HANDSHAKE_BYTES_MAX GP_JOIN_BYTES

enum gp_envelope_type { /* on the wire: only ever append */
                        GP_ENVELOPE_HELLO = 1,
                        GP_ENVELOPE_WELCOME,
                        GP_ENVELOPE_JOIN,
                        GP_ENVELOPE_JOINED,
                        GP_ENVELOPE_REQUEST,
                        GP_ENVELOPE_ANSWER,
                        GP_ENVELOPE_AGAIN, /* unknown session: handshake anew */
};

struct gp_envelope {
    enum gp_envelope_type type;
    unsigned char key_id[GP_KEY_ID_BYTES];      /* HELLO, JOIN */
    uint64_t device;                            /* JOIN */
    unsigned char session[GP_SESSION_ID_BYTES]; /* REQUEST, ANSWER, AGAIN */
    uint64_t counter;                           /* REQUEST, ANSWER */
    struct gp_span head, body; /* the body: Noise message, or ciphertext and tag; may be empty */
};

/** Whether a message is (or wants to be) an envelope, by its first byte. Thread: any. */
bool gp_envelope_is(struct gp_span message);

/**
 * Reads the head of a message and checks the length that its type has. Says nothing about
 * whether the body is true.
 *
 * Thread:   any
 * Lifetime: head and body point into the message
 * Errors:   GP_EFORMAT no envelope, unknown type or wrong length; GP_EVERSION
 */
int gp_envelope_read(struct gp_span message, struct gp_envelope *ret_envelope);

/** Writes the head that the type has; returns its length. Reads no spans. Thread: any. */
size_t gp_envelope_write_head(const struct gp_envelope *envelope,
                              unsigned char ret_head[GP_ENVELOPE_HEAD_MAX]);

/** Writes an AGAIN: the only answer to a session that is not known. Thread: any. */
void gp_again_write(const unsigned char session[GP_SESSION_ID_BYTES],
                    unsigned char ret_message[GP_AGAIN_BYTES]);

#endif
