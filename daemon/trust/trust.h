/**
 * Trust: who speaks, and that nobody else reads or changes it. Noise handshakes, sealed envelopes,
 * key files, invitations, receipts and hints. This room knows keys and bytes; it has no clock, no
 * sockets and no idea of what a message says. docs/SECURITY.md has the formats with examples.
 *
 * Except for keys.h and identity.h (which read and write files) everything here is a plain
 * function over plain structs: a struct belongs to whoever holds it, may be copied, and is used by
 * one thread at a time. Secrets are wiped by the _clear functions.
 */
#ifndef GP_TRUST_TRUST_H
#define GP_TRUST_TRUST_H

#include "base/error.h"
#include "base/span.h"

#include <stdint.h>

#define GP_KEY_BYTES    32 /* X25519, public or secret; Ed25519 public; a symmetric key */
#define GP_KEY_ID_BYTES 4  /* of the server's key that a handshake means */
#define GP_TAG_BYTES    16 /* Poly1305 */
#define GP_KEY_TEXT     45 /* bytes of a key in base64, with padding and NUL */

/** An X25519 key pair. */
struct gp_keypair {
    unsigned char public[GP_KEY_BYTES], secret[GP_KEY_BYTES];
};

/**
 * Readies the cryptography of this process. Comes before any other call of this room; calling it
 * again, also from several threads at once, does no harm.
 *
 * Thread: any
 * Errors: GP_EIO: the machine gives no randomness; the process should end
 */
int gp_trust_start(void);

/** Fills bytes from the kernel's generator. Thread: any. */
void gp_random(void *ret_bytes, size_t len);

/** Overwrites bytes so that the compiler keeps it. Thread: any. */
void gp_wipe(void *bytes, size_t len);

/** Whether two secrets are equal, in a time that says nothing about where they differ. */
bool gp_secret_equal(const void *a, const void *b, size_t len);

/** A new random key pair. Thread: any. */
void gp_keypair_new(struct gp_keypair *ret_pair);

/** The key pair of a secret. Thread: any. */
void gp_keypair_of(const unsigned char secret[GP_KEY_BYTES], struct gp_keypair *ret_pair);

/** A key's short name in handshakes: the first bytes of its BLAKE2b-256. Thread: any. */
void gp_key_id(const unsigned char key[GP_KEY_BYTES], unsigned char ret_id[GP_KEY_ID_BYTES]);

/** Writes a key as base64 (RFC 4648 section 4, padded), NUL-terminated. Thread: any. */
void gp_key_format(const unsigned char key[GP_KEY_BYTES], char ret_text[GP_KEY_TEXT]);

/** Reads what gp_key_format wrote, and nothing else. Thread: any. Errors: GP_EFORMAT. */
int gp_key_parse(struct gp_span text, unsigned char ret_key[GP_KEY_BYTES]);

#endif
