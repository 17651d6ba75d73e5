/**
 * libgridpost: a client of the daemon. One request at a time per client; not thread-safe.
 */
#ifndef GP_CLIENT_CLIENT_H
#define GP_CLIENT_CLIENT_H

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
 * Sends a request and waits for its answer. nanomsg sends the same bytes again when the connection
 * dies or no answer comes, so a command must keep its id: the daemon then gives the same answer.
 *
 * Ensures:  a reply that is OK has the body that belongs to the request; any other may have none.
 *           On failure *ret_reply is untouched
 * Lifetime: *ret_reply points into the client, until the next call
 * Errors:   GP_ETIMEDOUT; GP_EAGAIN: a signal came first; GP_ECLOSED: the daemon went away while a
 *           feed request rested there (a command waits for it to come back); GP_EIO; GP_EFORMAT and
 * others: the answer or the request is not usable
 */
int gp_client_call(struct gp_client *client, const struct gp_request *request, unsigned timeout_ms,
                   struct gp_reply *ret_reply);

/**
 * Lets a feed request that rests at the daemon end with GP_EAGAIN, within half a second after
 * `stop` has begun to say so; it is asked about that often. NULL: nobody is asked.
 */
void gp_client_stop_on(struct gp_client *client, bool (*stop)(void));

/** Makes a fresh command id: 48 bits of milliseconds, 80 random bits. Errors: GP_EIO. */
int gp_client_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES]);

#endif
