/**
 * libgridpost for a program with a libuv loop: many requests under way at once, none of which is
 * waited for. For one request after the other client.h is enough.
 *
 * Requests go over up to `connections` connections to the daemon's Unix socket, one on each, and
 * over one sealed session that all share. What is the daemon's or the way's fault is seen to here,
 * as long as the request's time allows:
 *
 *   the connection is lost     the same bytes go again over another one. A command has an id and is
 *                              done once; a question changes nothing; a feed that waits begins to
 *                              wait anew, and the caller notices nothing
 *   no answer                  after 5 seconds (and a feed's wait) the same; then sealed anew
 *   the session is not known   a handshake, and sealed anew
 *   LIMITED, TRY_AGAIN         after retry_ms; after 1, 2, 4 … seconds. Where the time is too short
 *                              for that, such a reply is what the request ends with
 *   nobody listens             a connect is tried every 25 ms to 800 ms
 *
 * A session is renewed half an hour before its end and before its last message; what was sealed in
 * the old one is still answered there.
 *
 * Everything runs on the loop's thread: call nothing of this file from another one.
 */
#ifndef GP_CLIENT_ASYNC_H
#define GP_CLIENT_ASYNC_H

#include "trust/identity.h"
#include "wire/message.h"

#include <uv.h>

struct gp_async;
struct gp_async_call; /* a request that was taken on, until its end */

/* 0: the default of base/limits.h. */
struct gp_async_limits {
    unsigned connections; /* at most; GP_ASYNC_CONNECTIONS, up to GP_ASYNC_CONNECTIONS_MAX */
    unsigned queue;       /* requests beside those; GP_ASYNC_QUEUE, up to GP_ASYNC_QUEUE_MAX */
};

/**
 * The end of a request, from the loop. It may call anything of this file, but for gp_async_cancel
 * of the very call that ends.
 *
 * error:    0, and a reply: one that is OK has the body that belongs to the request, any other may
 *           have none. Otherwise reply is NULL:
 *           GP_ETIMEDOUT: its time is over; a command may have been done, the same id asks for it
 *           GP_ENOTFOUND: its time is over, nobody listened there, and nobody has got it
 *           GP_EDENIED: the server does not know this device (any more). It is not asked again for
 *           a minute; what is asked meanwhile ends so as well
 *           GP_EPENDING: an admin must confirm this device first. The same, for three seconds
 *           GP_EFORMAT: nothing came but what is no answer, or one to something else; of a
 *           handshake: the same, for a second
 *           GP_ECLOSED: gp_async_close was called
 *           GP_ENOMEM; others: the answer is not usable
 * Lifetime: *reply until it returns
 */
typedef void gp_async_fn(void *context, int error, const struct gp_reply *reply);

/**
 * Begins. Nothing is connected before the first request, so the daemon need not be there.
 *
 * Requires: identity: whose messages are sealed; NULL: they are not, which only a daemon of
 *           --insecure-local takes. limits: NULL means the defaults
 * Ensures:  SIGPIPE does not end the process any more: where it had its default it is ignored
 * Lifetime: address, identity and limits are copied; the loop must live until gp_async_close has
 *           said so
 * Errors:   GP_EINVAL not ipc://PATH, or a limit too large; GP_ENOMEM; GP_EIO: no randomness
 */
int gp_async_open(uv_loop_t *loop, const char *address, const struct gp_identity *identity,
                  const struct gp_async_limits *limits, struct gp_async **ret_async);

/**
 * Asks. Feeds that wait take seven eighths of the connections at most, so that nothing else ever
 * waits behind them.
 *
 * Ensures:  on success `then` is called once, not from inside this function, within timeout_ms and
 *           a little; unless gp_async_cancel comes first. On failure it is not called
 * Lifetime: the request is the caller's again at once. *ret_call (which may be NULL) is valid until
 *           `then` is called or the call is cancelled
 * Errors:   GP_EAGAIN as many requests as the limits allow are there already: ask later;
 *           GP_ECLOSED gp_async_close was called; GP_ENOMEM; others: the request cannot be packed,
 *           as gp_client_call
 */
int gp_async_ask(struct gp_async *async, const struct gp_request *request, unsigned timeout_ms,
                 gp_async_fn *then, void *context, struct gp_async_call **ret_call);

/**
 * Forgets a request: its `then` is not called. Its connection is closed where it was sent already,
 * so that the daemon forgets a feed that waits. A command may have been done.
 */
void gp_async_cancel(struct gp_async_call *call);

/** Whether nobody listens at the address, as far as is known; looked at again by itself. */
bool gp_async_is_away(const struct gp_async *async);

/**
 * The identity as it is now: the server may have handed over a newer key of its own, which is worth
 * keeping, for the older one will die. NULL: messages go unsealed. Lifetime: the client's.
 */
const struct gp_identity *gp_async_identity(const struct gp_async *async);

/**
 * Ends. Requests that are there end with GP_ECLOSED, from the loop; then, when no handle is left in
 * the loop and the client is freed, `closed` (which may be NULL) is called, from the loop.
 *
 * Requires: it was not called before
 */
void gp_async_close(struct gp_async *async, void (*closed)(void *context), void *context);

#endif
