/**
 * The Noise protocol framework, revision 34 (noiseprotocol.org), as far as gridpost needs it:
 * handshakes of the name Noise_PATTERN_25519_ChaChaPoly_BLAKE2b. A pattern is a table of tokens,
 * so those that only the published vectors use cost a row each.
 *
 * Requires, for the whole file: gp_trust_start() was called.
 */
#ifndef GP_TRUST_NOISE_H
#define GP_TRUST_NOISE_H

#include "trust/trust.h"

#define GP_NOISE_HASH_BYTES 64 /* BLAKE2b */
/* What a handshake message has beside its payload, at most: e, s and two tags. */
#define GP_NOISE_OVERHEAD_MAX (2 * GP_KEY_BYTES + 2 * GP_TAG_BYTES)
#define GP_NOISE_MESSAGE_MAX  65535 /* section 3 of the specification */

enum gp_noise_pattern {
    GP_NOISE_NK,
    GP_NOISE_XK,
    GP_NOISE_IK,     /* a device that is known: HELLO and WELCOME */
    GP_NOISE_IKPSK1, /* a device that joins by an invitation: JOIN and JOINED */
    GP_NOISE_IKPSK2,
    GP_NOISE_PATTERNS,
};

/** A handshake on its way. Plain: may be copied to answer in one of several ways. */
struct gp_noise {
    enum gp_noise_pattern pattern;
    bool initiator;
    uint8_t message;  /* which is next, from 0 */
    bool keyed;       /* k holds a key */
    uint64_t counter; /* n of the specification's CipherState */
    unsigned char hash[GP_NOISE_HASH_BYTES], chain[GP_NOISE_HASH_BYTES];
    unsigned char k[GP_KEY_BYTES], psk[GP_KEY_BYTES];
    struct gp_keypair own, ephemeral;
    unsigned char remote[GP_KEY_BYTES], remote_ephemeral[GP_KEY_BYTES];
};

/**
 * Begins a handshake.
 *
 * Requires: the keys that the pattern's side needs: `own` (NULL where this side has no static
 *           key), `remote` (the initiator of all patterns here; NULL for the responder), `psk` for
 *           the psk patterns; prologue as both sides know it
 * Ensures:  everything is copied
 */
void gp_noise_init(struct gp_noise *noise, enum gp_noise_pattern pattern, bool initiator,
                   struct gp_span prologue, const struct gp_keypair *own,
                   const unsigned char *remote, const unsigned char *psk);

/**
 * Writes the next message. `ephemeral` is the secret of the ephemeral key: NULL for a random one,
 * which is what everybody but a test wants.
 *
 * Requires: it is this side's turn; ret_message has room for payload.len + GP_NOISE_OVERHEAD_MAX
 * Errors:   GP_EFORMAT: the other side's key is a point of low order; the handshake is over.
 *           GP_ELIMIT: longer than GP_NOISE_MESSAGE_MAX
 */
int gp_noise_write(struct gp_noise *noise, const unsigned char *ephemeral, struct gp_span payload,
                   unsigned char *ret_message, size_t *ret_len);

/**
 * Reads the next message. ret_payload has room for message.len bytes.
 *
 * Requires: it is the other side's turn
 * Ensures:  on failure the handshake is as it was before: the true message may still come
 * Errors:   GP_EFORMAT: cut, changed, not for these keys, or with a point of low order
 */
int gp_noise_read(struct gp_noise *noise, struct gp_span message, unsigned char *ret_payload,
                  size_t *ret_len);

/** Whether all messages went. */
bool gp_noise_done(const struct gp_noise *noise);

/**
 * Split(): the keys of what follows, from the initiator to the responder and back.
 *
 * Requires: gp_noise_done
 */
void gp_noise_split(const struct gp_noise *noise, unsigned char ret_forth[GP_KEY_BYTES],
                    unsigned char ret_back[GP_KEY_BYTES]);

/** The handshake hash h: 64 bytes that name this very handshake. Lifetime: the noise's. */
const unsigned char *gp_noise_hash(const struct gp_noise *noise);

/** The other side's static public key: given at init, or read. Lifetime: the noise's. */
const unsigned char *gp_noise_remote(const struct gp_noise *noise);

/** Wipes all keys. Accepts NULL. */
void gp_noise_clear(struct gp_noise *noise);

#endif
