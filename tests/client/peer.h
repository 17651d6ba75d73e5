/**
 * A stand-in for the daemon's Unix socket, in the loop of the test: it speaks SP as a REP does, and
 * answers each request, or does worse, as the test says. Every function fails the running test when
 * it cannot do what it says.
 */
#ifndef GP_TESTS_CLIENT_PEER_H
#define GP_TESTS_CLIENT_PEER_H

#include "base/ring.h"
#include "base/sp.h"
#include "base/span.h"

#include <uv.h>

#define PEER_BYTES_MAX 65536

struct peer;

/* One connection of the client's. */
struct peer_link {
    uv_pipe_t pipe;
    struct gp_ring ring;
    struct peer *peer;
    unsigned nth; /* of all that were accepted, from 0 */
    bool greeted; /* the client's opening has come, and ours went */
    bool waits;   /* it has come, and ours did not go yet */
    bool owed;    /* a request has come and was not answered */
    uint32_t number;
    size_t len;
    unsigned char bytes[PEER_BYTES_MAX];
};

/** A request has come, behind its head. Lifetime: body until it returns. */
typedef void peer_fn(struct peer_link *link, struct gp_span body);

struct peer {
    uv_loop_t *loop;
    uv_pipe_t listener;
    struct gp_ring links;
    const char *path;
    peer_fn *on_request;
    void *context; /* the test's */
    bool silent;   /* it does not greet: peer_greet does */
    unsigned accepted, open, requests;
    unsigned ungreeted, ungreeted_most, owed, owed_most;
    unsigned handles;
    bool stopped;
};

/** Listens. The rest of the struct is zero, or as the test wants it. */
void peer_start(struct peer *peer, uv_loop_t *loop, const char *path, peer_fn *on_request);

/** Ends all connections and listens no more, as a daemon that is killed; runs the loop for that. */
void peer_stop(struct peer *peer);

/** Greets one client that waits for it; false: none does. */
bool peer_greet(struct peer *peer);

/** Answers the request of this connection. */
void peer_answer(struct peer_link *link, struct gp_span body);

/** Sends bytes as they are. */
void peer_send(struct peer_link *link, const void *bytes, size_t len);

/** Ends a connection, behind what was sent. */
void peer_end(struct peer_link *link);

#endif
