/**
 * Intake: a raw REP socket of nanomsg under libuv. Messages are opaque here; each comes as a letter
 * that keeps the way back to who sent it, so that any number can be answered in any order.
 *
 * nanomsg is called from the loop's thread only.
 */
#ifndef GP_NET_INTAKE_H
#define GP_NET_INTAKE_H

#include "base/span.h"

#include <uv.h>

struct gp_intake;

/* A message and its return path. Whoever holds it must reply or drop, once. */
struct gp_letter {
    struct gp_intake *intake;
    void *body; /* nanomsg's memory */
    size_t len;
    void *path;          /* the SP header, never looked into outside net/ */
    uint64_t connection; /* that it came on: equal for letters of one, and of no two at a time */
};

typedef void (*gp_letter_fn)(void *context, struct gp_letter letter);

/**
 * Binds a socket and starts to read. Whoever sends a little more than message_bytes_max may still
 * be read, so the limit is checked behind this; who sends much more loses the connection.
 *
 * Thread:   loop
 * Ensures:  on_letter is called on the loop, at most GP_INTAKE_BURST times per wake-up
 * Lifetime: on_letter owns its letter
 * Errors:   GP_EIO: the address cannot be bound (*ret_reason says why, static storage)
 */
int gp_intake_open(uv_loop_t *loop, const char *address, size_t message_bytes_max,
                   gp_letter_fn on_letter, void *context, struct gp_intake **ret_intake,
                   const char **ret_reason);

/** Stops and restarts reading: nanomsg's buffers fill and push back. Thread: loop. */
void gp_intake_pause(struct gp_intake *intake);
void gp_intake_resume(struct gp_intake *intake);

/** Starts closing; the memory goes when libuv has closed the handle. Accepts NULL. */
void gp_intake_close(struct gp_intake *intake);

/** Sends an answer along the letter's path; the letter is gone. A peer that left gets nothing. */
void gp_letter_reply(struct gp_letter *letter, struct gp_span answer);

/** Throws a letter away. */
void gp_letter_drop(struct gp_letter *letter);

#endif
