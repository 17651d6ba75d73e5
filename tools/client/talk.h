/**
 * The device's side of sealed messages without a transport: a handshake is begun and its answer
 * taken, then requests are sealed and answers opened. seal.c brings the bytes to the daemon and
 * waits, async.c does so for many requests at once. Inside libgridpost only; daemon/trust/ has the
 * formats.
 *
 * Thread: any, one at a time for each struct. Requires: gp_trust_start() was called.
 */
#ifndef GP_CLIENT_TALK_H
#define GP_CLIENT_TALK_H

#include "trust/handshake.h"
#include "trust/identity.h"
#include "trust/invitation.h"
#include "trust/session.h"

/* What an answer is, of what was sent. */
enum gp_taken {
    GP_TAKEN_TRUE,
    GP_TAKEN_WRONG, /* somebody's bytes: the same letter again brings the true answer */
    GP_TAKEN_AGAIN, /* the server does not have the session, or the invitation */
};

/* ---------------------------------------------------------------- handshake */

/* A handshake under way, and what it has brought. */
struct gp_greeting {
    struct gp_noise noise;
    struct gp_welcome welcome;
};

/** Begins a handshake. Errors: GP_EFORMAT: the identity's server is no usable key. */
int gp_greeting_begin(struct gp_greeting *greeting, const struct gp_identity *identity,
                      unsigned char ret_hello[GP_HELLO_BYTES]);

/**
 * Begins to join by an invitation, with the identity's key.
 *
 * Requires: label has at most GP_LABEL_BYTES bytes
 * Errors:   GP_EFORMAT: the invitation's server is no usable key
 */
int gp_greeting_join(struct gp_greeting *greeting, const struct gp_identity *identity,
                     const struct gp_invitation *invitation, struct gp_span label,
                     unsigned char ret_join[GP_JOIN_BYTES]);

/** Takes the answer to a HELLO. Ensures: when it is not the true one, that may still come. */
enum gp_taken gp_greeting_take(struct gp_greeting *greeting, struct gp_span answer);

/** The same of a JOIN. GP_TAKEN_AGAIN: the invitation is not known. */
enum gp_taken gp_greeting_take_joined(struct gp_greeting *greeting, struct gp_span answer);

/** Wipes the handshake; what it has brought stays. */
void gp_greeting_clear(struct gp_greeting *greeting);

/* ---------------------------------------------------------------- session */

struct gp_talk {
    struct gp_channel channel;
    int64_t ends_ms; /* on the caller's clock: the server forgets it then */
};

/**
 * Begins a session by a HELLO's true answer. The server's newest key is taken over into the
 * identity at once, because the old one dies some time after.
 *
 * Errors: GP_EDENIED the server does not know this device (any more); GP_EPENDING an admin must
 *         confirm it first
 */
int gp_talk_begin(struct gp_talk *talk, const struct gp_greeting *greeting, int64_t now_ms,
                  struct gp_identity *identity);

/**
 * Opens the answer to the request that `asked` stands for (gp_channel_seal_request).
 *
 * Ensures: GP_TAKEN_TRUE: the first *ret_len bytes of ret_plain are the reply
 */
enum gp_taken gp_talk_take(struct gp_talk *talk, const struct gp_asked *asked,
                           struct gp_span answer, unsigned char *ret_plain, size_t room,
                           size_t *ret_len);

#endif
