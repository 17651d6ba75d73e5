/**
 * Sealed messages over letters: handshakes and one session at a time, of one request at a time.
 * What is said in them is talk.h's. Inside libgridpost only.
 *
 * A request is sealed once for each time that the daemon shall look at it; letter.c may send those
 * bytes again, and so does this file when an answer is not true. The daemon executes a counter once
 * and gives its answer as often as it is asked.
 */
#ifndef GP_CLIENT_SEAL_H
#define GP_CLIENT_SEAL_H

#include "base/limits.h"
#include "client/letter.h"
#include "client/talk.h"

struct gp_seal {
    struct gp_identity identity;
    struct gp_greeting greeting; /* the last one */
    bool is_open;                /* the session is there */
    struct gp_talk talk;         /* its end by gp_letters_now */
    struct gp_asked asked;       /* of a request under way */
    size_t plain_len;
    unsigned char letter[GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD];
    unsigned char plain[GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD];
};

/** Begins without a session. Errors: GP_ENOMEM; GP_EIO: no randomness. */
int gp_seal_new(const struct gp_identity *identity, struct gp_seal **ret_seal);
void gp_seal_free(struct gp_seal *seal); /* wipes; accepts NULL */

/**
 * Sends a message sealed and waits for the answer to it, after a handshake where there is no
 * session. What is no true answer is dropped.
 *
 * Lifetime: *ret_plain is valid until the next call
 * Errors:   GP_EDENIED the server does not know this device (any more), or forgets each session;
 *           GP_EPENDING it waits for confirmation; GP_EFORMAT nothing but untrue answers came;
 *           and as gp_letters_call
 */
int gp_seal_call(struct gp_seal *seal, struct gp_letters *letters, struct gp_span message,
                 const struct gp_wait *wait, struct gp_span *ret_plain);

/** A handshake anew, and nothing else. Errors: as gp_seal_call. */
int gp_seal_greet(struct gp_seal *seal, struct gp_letters *letters, const struct gp_wait *wait);

/**
 * Joins by an invitation, with the key of the identity.
 *
 * Requires: label has at most GP_LABEL_BYTES bytes
 * Ensures:  *ret_digits are those that the admin must see as well; there is no session yet
 * Errors:   GP_EDENIED the invitation is over, was used, or is not known; and as gp_letters_call
 */
int gp_seal_join(struct gp_seal *seal, struct gp_letters *letters,
                 const struct gp_invitation *invitation, struct gp_span label,
                 const struct gp_wait *wait, uint32_t *ret_digits);

#endif
