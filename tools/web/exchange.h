/** What an exchange is made of. Inside http*.c only. */
#ifndef GP_WEB_EXCHANGE_H
#define GP_WEB_EXCHANGE_H

#include "web/http.h"

#include <libwebsockets.h>

#define GP_HTTP_PAIRS_MAX 64
#define GP_HTTP_ADDED_MAX 8

/* Bytes that wait to be written, with room in front for what libwebsockets puts there. */
struct gp_chunk {
    struct gp_chunk *next;
    size_t len, sent;
    unsigned char room[LWS_PRE];
    unsigned char bytes[];
};

struct gp_pair {
    const char *name, *value;
};

struct gp_pairs {
    struct gp_pair pair[GP_HTTP_PAIRS_MAX];
    size_t count;
};

enum gp_exchange_phase {
    GP_EXCHANGE_BODY,    /* the request is still coming */
    GP_EXCHANGE_HANDLER, /* a handler has it */
    GP_EXCHANGE_STREAM,  /* the same, which has begun to answer */
    GP_EXCHANGE_ANSWERED /* nobody but http.c has it */
};

struct gp_exchange {
    struct gp_exchange *next, **link; /* of all that are open */
    struct gp_http *http;
    struct lws *wsi;
    enum gp_exchange_phase phase;
    enum gp_http_method method;
    char *path;
    char peer[64];
    struct gp_pairs query;
    char *query_text;                   /* what `query` points into */
    char *encoded_path, *encoded_query; /* made when they are asked for */
    char *header[10];                   /* in the order of known_header */
    char *body;
    size_t body_len, body_of;

    int status;
    const char *type; /* static */
    size_t length;    /* of the response's body */
    bool headers_sent, streaming;
    bool closes;                    /* the connection ends with it: what follows is no request */
    char *added[GP_HTTP_ADDED_MAX]; /* "name:" NUL value NUL */
    unsigned added_count;
    struct gp_chunk *first, **last;
    size_t queued;
    void (*gone)(struct gp_exchange *exchange, void *context);
    void *gone_context;
};

/** The names of known headers, for `header` above; NULL at the end. */
extern const char *const gp_http_known_header[];

/** Puts a new one into a list. NULL: no memory. */
struct gp_exchange *gp_exchange_new(struct gp_http *http, struct lws *wsi,
                                    struct gp_exchange **list);
void gp_exchange_free(struct gp_exchange *exchange); /* accepts NULL */

/** Takes what the request's head says. Errors: GP_ENOMEM; GP_ELIMIT: too much. */
int gp_exchange_read_head(struct gp_exchange *exchange, bool behind_proxy);

/** Adds a piece of the body. Errors: GP_ELIMIT; GP_ENOMEM. */
int gp_exchange_add_body(struct gp_exchange *exchange, struct gp_span piece);

/** Puts bytes into the queue. Errors: GP_ENOMEM. */
int gp_exchange_queue(struct gp_exchange *exchange, struct gp_span bytes);
/** The first chunk leaves the queue. */
void gp_exchange_drop(struct gp_exchange *exchange);

#endif
