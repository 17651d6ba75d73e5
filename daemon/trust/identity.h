/**
 * What a device knows: its own key, the server's two public keys, its number and where to call.
 * One file, mode 0600, of these lines in any order:
 *
 *   gridpost-identity-1
 *   server BASE64         the server's X25519 key
 *   sign BASE64           the server's Ed25519 key, against which receipts are verified
 *   secret BASE64         the device's own X25519 secret
 *   device 17             its number; 0 until it is known
 *   address ipc:///…      may be missing
 *
 * Thread: any, one at a time per file. Requires: gp_trust_start() was called.
 */
#ifndef GP_TRUST_IDENTITY_H
#define GP_TRUST_IDENTITY_H

#include "trust/trust.h"

#define GP_ADDRESS_BYTES_MAX 127

struct gp_identity {
    unsigned char server[GP_KEY_BYTES], sign[GP_KEY_BYTES];
    struct gp_keypair own;
    uint64_t device;
    char address[GP_ADDRESS_BYTES_MAX + 1]; /* "": none */
};

/** A fresh key pair of a device that knows this server; number 0, no address. */
void gp_identity_new(const unsigned char server[GP_KEY_BYTES],
                     const unsigned char sign[GP_KEY_BYTES], struct gp_identity *ret_identity);

/**
 * Reads the file.
 *
 * Lifetime: *ret_reason (on failure) is good until this thread's next call of keys.h or identity.h
 * Errors:   GP_ENOTFOUND; GP_EINVAL others can read it, or no plain file; GP_EFORMAT; GP_EIO
 */
int gp_identity_load(const char *path, struct gp_identity *ret_identity, const char **ret_reason);

/**
 * Writes the file whole, durably, in place of what was there; its folder must exist. On failure
 * what was there is still there. Errors: GP_ENOTFOUND no such folder; GP_EIO; GP_ENOSPC.
 */
int gp_identity_save(const char *path, const struct gp_identity *identity, const char **ret_reason);

/** Wipes. Accepts NULL. */
void gp_identity_clear(struct gp_identity *identity);

#endif
