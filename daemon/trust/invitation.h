/**
 * Invitations: what an admin hands to somebody who shall join, as text or as a QR code.
 *
 *   GP1:  then base32 (RFC 4648, upper case, no padding: QR's alphanumeric mode) of 117 bytes:
 *   u8 version 1 · device u64 · expires u64 seconds · server's public key 32 · psk 32 ·
 *   server's signing key 32 · the first 4 bytes of BLAKE2b-256 of all before them
 *
 * It is good for GP_INVITATION_MS. The check is against slips of the pen; who holds the text may
 * join, so it is a secret until then.
 *
 * Thread: any. Requires: gp_trust_start() was called.
 */
#ifndef GP_TRUST_INVITATION_H
#define GP_TRUST_INVITATION_H

#include "base/limits.h"
#include "trust/trust.h"

#define GP_INVITATION_TEXT 193 /* bytes, with NUL */

struct gp_invitation {
    uint64_t device;   /* the number that was made for it */
    int64_t expires_s; /* seconds since 1970; good while the time is below */
    unsigned char server[GP_KEY_BYTES], psk[GP_KEY_BYTES], sign[GP_KEY_BYTES];
};

/** Writes the text, NUL-terminated. */
void gp_invitation_write(const struct gp_invitation *invitation, char ret_text[GP_INVITATION_TEXT]);

/**
 * Reads a text. Lower case is taken for upper case, blanks and line ends are passed over: it may
 * have been typed or wrapped.
 *
 * Errors: GP_EINVAL it is no invitation; GP_EVERSION of a newer gridpost; GP_EFORMAT it begins like
 *         one and is mistyped, cut or damaged
 */
int gp_invitation_read(struct gp_span text, struct gp_invitation *ret_invitation);

/** Whether its time is over. */
bool gp_invitation_over(const struct gp_invitation *invitation, int64_t now_ms);

#endif
