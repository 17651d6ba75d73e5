/**
 * libgridpost: a client of the daemon. One request at a time per client; not thread-safe.
 *
 * Without an identity messages go as they are, which only a daemon of --insecure-local takes. With
 * one they are sealed: the first call makes a session, and so does a call that meets a daemon which
 * has forgotten it.
 */
#ifndef GP_CLIENT_CLIENT_H
#define GP_CLIENT_CLIENT_H

#include "trust/identity.h"
#include "trust/invitation.h"
#include "wire/message.h"

struct gp_client;

/**
 * Connects to a daemon's socket, ipc://PATH or tcp://HOST:PORT.
 *
 * Errors: GP_ENOTFOUND nobody listens there now; GP_EINVAL not an address; GP_ENOMEM; GP_EIO
 */
int gp_client_open(const char *address, struct gp_client **ret_client);
void gp_client_close(struct gp_client *client); /* accepts NULL */

/**
 * Sends a request and waits for its answer. The same bytes are sent again when the connection dies
 * or no answer comes, so a command must keep its id: the daemon then gives the same answer.
 * Asked to go slower (GP_STATUS_LIMITED), it waits and goes on as long as the time allows.
 *
 * Ensures:  a reply that is OK has the body that belongs to the request; any other may have none.
 *           On failure *ret_reply is untouched
 * Lifetime: *ret_reply points into the client, until the next call
 * Errors:   GP_ETIMEDOUT; GP_EAGAIN: a signal came first; GP_ECLOSED: the daemon went away while a
 *           feed request rested there (a command waits for it to come back); GP_EDENIED: the server
 *           does not know this device (any more); GP_EPENDING: an admin must confirm it first;
 * GP_EIO; GP_EFORMAT and others: the answer or the request is not usable
 */
int gp_client_call(struct gp_client *client, const struct gp_request *request, unsigned timeout_ms,
                   struct gp_reply *ret_reply);

/**
 * Lets a feed request that rests at the daemon end with GP_EAGAIN, within half a second after
 * `stop` has begun to say so; it is asked about that often. NULL: nobody is asked.
 */
void gp_client_stop_on(struct gp_client *client, bool (*stop)(void));

/**
 * The last request as it was packed, before it was sealed: what its receipt is about.
 *
 * Lifetime: until the next call; empty before the first
 */
struct gp_span gp_client_sent(const struct gp_client *client);

/**
 * From here on messages are sealed as this device's. It is copied.
 *
 * Errors: GP_ENOMEM; GP_EIO: no randomness; then the client is as it was
 */
int gp_client_identify(struct gp_client *client, const struct gp_identity *identity);

/**
 * The identity as it is now: the server may have handed over a newer key of its own, which is worth
 * keeping, for the older one will die. NULL: messages go unsealed. Lifetime: the client's.
 */
const struct gp_identity *gp_client_identity(const struct gp_client *client);

/**
 * Makes a session now, which a call would do by itself, and says which role (core/device.h) the
 * device has.
 *
 * Requires: gp_client_identify was called
 * Errors:   GP_EDENIED, GP_EPENDING, GP_ETIMEDOUT, GP_EAGAIN, GP_EFORMAT, GP_EIO as gp_client_call
 */
int gp_client_greet(struct gp_client *client, unsigned timeout_ms, uint8_t *ret_role);

/**
 * Joins by an invitation, with the key of the client's identity. Until an admin has confirmed the
 * six digits, everything else fails with GP_EPENDING.
 *
 * Requires: gp_client_identify was called with the invitation's server; label: what the device
 * calls itself, at most 32 bytes Errors:   GP_EDENIED: the invitation is over, was used, or is not
 * known there; GP_ETIMEDOUT and others: as gp_client_call. An invitation works once, also where the
 * answer was lost
 */
int gp_client_join(struct gp_client *client, const struct gp_invitation *invitation,
                   struct gp_span label, unsigned timeout_ms, uint32_t *ret_digits);

/** Makes a fresh command id: 48 bits of milliseconds, 80 random bits. Errors: GP_EIO. */
int gp_client_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES]);

#endif
