/**
 * A daemon that answers what a test tells it to: a thread with a REP socket. It keeps the bytes
 * of every request, so that a test can look at what the client really sent.
 */
#ifndef GP_TESTS_TOOLS_FAKE_H
#define GP_TESTS_TOOLS_FAKE_H

#include "tools/sealed.h"
#include "wire/message.h"

#include <stdatomic.h>

#define FAKE_REQUESTS_MAX 64

/**
 * What passes between a test and the fake daemon's thread goes by way of another process, where no
 * checker of threads can follow: each side raises this before and reads it behind, so that what the
 * test set is seen by the thread, and the other way round.
 */
extern atomic_uint fake_fence;

/**
 * Answers a request: fills the reply and returns true, or returns false to stay silent.
 *
 * Thread:   the fake's own
 * Requires: nth counts from 0; *ret_reply is zeroed
 * Lifetime: what the reply points to must live until the next call
 */
typedef bool fake_answer(void *context, const struct gp_request *request, unsigned nth,
                         struct gp_reply *ret_reply);

struct fake;

/** Binds the address and starts to answer. Fails the test if it cannot. */
struct fake *fake_start(const char *address, fake_answer *answer, void *context);

/**
 * The same for sealed messages, as `sealed` says. What it keeps of a request are the opened bytes;
 * handshakes are not counted.
 *
 * Lifetime: *sealed is the fake's until fake_stop; a test may look at it when an answer has come
 */
struct fake *fake_start_sealed(const char *address, fake_answer *answer, void *context,
                               struct sealed *sealed);

/** Blocks until the fake has got so many requests. */
void fake_wait(struct fake *fake, unsigned count);

/** How many requests have come so far. */
unsigned fake_count(struct fake *fake);

/** The bytes of a request; nth < fake_count(). Lifetime: until fake_stop. */
struct gp_span fake_request(struct fake *fake, unsigned nth);

/** Closes the socket and ends the thread. */
void fake_stop(struct fake *fake);

#endif
