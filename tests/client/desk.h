/**
 * A desk: a loop with an asynchronous client, and what has become of what was asked. Every function
 * fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CLIENT_DESK_H
#define GP_TESTS_CLIENT_DESK_H

#include "client/async.h"

#include <stdbool.h>

#define DESK_ASKS_MAX 2048

/* One request, and its end. */
struct desk_ask {
    struct desk *desk;
    struct gp_async_call *call;
    bool ended;
    int error;
    uint8_t status; /* of the reply */
    uint64_t value; /* of the reply: an answer's incident, a feed's count of entries, a head */
    void (*then)(struct desk_ask *ask); /* the test's, behind all that; may be NULL */
};

struct desk {
    uv_loop_t loop;
    uv_timer_t late;
    struct gp_async *async;
    bool inside; /* an ask: no end may come */
    bool closed;
    uint64_t ended;    /* asks */
    uint64_t by_error; /* of those, with an error */
    struct desk_ask ask[DESK_ASKS_MAX];
    unsigned asks;
};

/** Makes a loop, without a client. */
void desk_init(struct desk *desk);

/** Opens the client. */
void desk_open(struct desk *desk, const char *address, const struct gp_identity *identity,
               unsigned connections, unsigned queue);

/** Asks; the end is in the ask that comes back. */
struct desk_ask *desk_ask(struct desk *desk, const struct gp_request *request, unsigned timeout_ms);

/** Runs the loop once, so that it waits for something at most 30 s. */
void desk_step(struct desk *desk);

/** Runs the loop while a condition does not hold. */
#define desk_run_until(desk, condition)                                                            \
    do {                                                                                           \
        while (!(condition))                                                                       \
            desk_step(desk);                                                                       \
    } while (0)

/** Runs until all that were asked have ended. */
void desk_finish(struct desk *desk);

/** Closes the client and runs until it says so. */
void desk_close(struct desk *desk);

/** The loop must have no handle left. */
void desk_end(struct desk *desk);

/** A command with an id of its own, a feed that waits, the daemon's status. */
struct gp_request desk_command(uint64_t incident);
struct gp_request desk_feed(uint32_t wait_ms);
struct gp_request desk_status(void);

#endif
