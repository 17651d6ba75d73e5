/**
 * HTTP, as the rest of gridpost-web sees it: a server with routes, and exchanges. One exchange is
 * one request and its response. libwebsockets stands behind it, in the process's own libuv loop,
 * and nothing outside http*.c knows that.
 *
 * Everything here happens on the loop. A handler may answer at once or later; until it does, it
 * keeps the exchange. Where the peer leaves first, or the server stops, the exchange is gone: who
 * asked with gp_http_on_gone is told, once, and must not use it again.
 */
#ifndef GP_WEB_HTTP_H
#define GP_WEB_HTTP_H

#include "base/error.h"
#include "base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define GP_HTTP_BODY_MAX   (64 * 1024)  /* of a request */
#define GP_HTTP_QUEUE_MAX  (256 * 1024) /* bytes that wait in an event stream */
#define GP_HTTP_PIECE      (16 * 1024)  /* written at a time */
#define GP_HTTP_HEADER_MAX 4096         /* of a request, all together: more is refused */

enum gp_http_method { GP_HTTP_GET = 1, GP_HTTP_HEAD, GP_HTTP_POST, GP_HTTP_OTHER };

struct gp_http;
struct gp_exchange;

typedef void gp_http_handler(struct gp_exchange *exchange, void *context);

/* A path without a "*" at its end is this path, with one it is everything that begins with it; the
 * first route that fits counts. HEAD is asked of GET's handler. */
struct gp_http_route {
    enum gp_http_method method;
    const char *path;
    gp_http_handler *handler;
};

struct gp_http_options {
    const char *host;  /* numeric address to listen at */
    uint16_t port;     /* 0: one that is free */
    bool behind_proxy; /* X-Forwarded-For is believed: only a proxy on this machine reaches us */
    const struct gp_http_route *route;
    size_t route_count;
    void *context; /* of every handler */
};

/**
 * Begins to listen.
 *
 * Requires: routes outlive the server
 * Ensures:  *ret_http is NULL only with GP_ENOMEM; else it must be closed and freed, also on
 * failure Errors:   GP_EIO: the address is not to be had; GP_ENOMEM
 */
int gp_http_open(uv_loop_t *loop, const struct gp_http_options *options, struct gp_http **ret_http);

/** The port that it listens at. */
uint16_t gp_http_port(const struct gp_http *http);

/** How many answers of a status have begun to leave. */
uint64_t gp_http_answered(const struct gp_http *http, int status);

/** Tells every exchange that is open that it is gone, and closes all of its handles; the loop must
 * run until they are. Once only, on the loop. */
void gp_http_close(struct gp_http *http);

/** Requires: it was closed, and the loop has nothing left to do. Accepts NULL. */
void gp_http_free(struct gp_http *http);

/* ---------------------------------------------------------------- the request */

enum gp_http_method gp_http_method(const struct gp_exchange *exchange);

/** The path, decoded, "/" first, without "." and ".." segments. Lifetime: the exchange's. */
const char *gp_http_path(const struct gp_exchange *exchange);

/** The first value of a name in the query, decoded; NULL: there is none. Lifetime: the exchange's.
 */
const char *gp_http_query(const struct gp_exchange *exchange, const char *name);

/**
 * Path, behind its begin, and query, percent-encoded as a whole, for who reads them by rules of
 * their own: the same when decoded as what was sent. Empty with ptr NULL: no memory.
 *
 * Requires: behind: what the path begins with
 * Lifetime: the exchange's, until the next call of the same
 */
struct gp_span gp_http_encoded_path(struct gp_exchange *exchange, const char *behind);
struct gp_span gp_http_encoded_query(struct gp_exchange *exchange);

/** A header by its name in lower case; NULL where it is not there. Known are: accept-encoding,
 * accept-language, authorization, content-type, cookie, host, if-none-match, last-event-id, origin,
 * x-csrf. */
const char *gp_http_header(const struct gp_exchange *exchange, const char *name);

/** A cookie's value; false: it is not there, or longer than `size` allows. */
bool gp_http_cookie(const struct gp_exchange *exchange, const char *name, char *ret_value,
                    size_t size);

/** Empty where there is none. One in chunks, without a Content-Length, was refused before (411). */
struct gp_span gp_http_body(const struct gp_exchange *exchange);

/** Whose request it is: the address of the peer, or what a trusted proxy says. */
const char *gp_http_peer(const struct gp_exchange *exchange);

/* ---------------------------------------------------------------- the response */

/** Adds a header to the response, "name:" in lower case with its colon. Copied. */
void gp_http_add(struct gp_exchange *exchange, const char *name, const char *value);

/** Answers; the bytes are copied. The exchange is not the handler's any more. */
void gp_http_reply(struct gp_exchange *exchange, int status, const char *type, struct gp_span body);

/** The same with JSON, whose reference it takes; NULL counts as a lack of memory (500). */
void gp_http_json(struct gp_exchange *exchange, int status, json_t *object);

/** The same with {"error": reason, "detail": detail}. */
void gp_http_refuse(struct gp_exchange *exchange, int status, const char *reason,
                    const char *detail);

/** Begins a response without an end, such as an event stream. */
void gp_http_stream(struct gp_exchange *exchange, const char *type);
/** Adds to it. False: the peer is too slow; the exchange is ended and not the handler's any more
 * (on_gone is not called). */
bool gp_http_push(struct gp_exchange *exchange, struct gp_span chunk);
/** Ends it when what was added has left; not the handler's any more. */
void gp_http_end(struct gp_exchange *exchange);

/** Whom to tell when the peer has left, or the server stops, before there was an answer. */
void gp_http_on_gone(struct gp_exchange *exchange,
                     void (*gone)(struct gp_exchange *exchange, void *context), void *context);

#endif
