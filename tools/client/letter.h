/**
 * Letters to the daemon and their answers, as bytes: nanomsg's REQ socket, and how long to wait.
 * Inside libgridpost only.
 */
#ifndef GP_CLIENT_LETTER_H
#define GP_CLIENT_LETTER_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct gp_letters {
    int socket;
    void *answer; /* the last one, nanomsg's memory; NULL: none */
    bool (*stop)(void);
};

/* How long one call may take, and whether it may rest at the daemon meanwhile. */
struct gp_wait {
    int64_t until_ms; /* of gp_letters_now */
    unsigned rest_ms; /* the daemon may keep the request so long before it answers */
    bool rests;       /* look up now and then: a signal, or a connection that is gone */
};

/** Milliseconds that no clock step moves; they count suspend. */
int64_t gp_letters_now(void);

/** Errors: as gp_client_open. */
int gp_letters_open(struct gp_letters *letters, const char *address);
void gp_letters_close(struct gp_letters *letters);

/**
 * Sends a letter and waits for an answer. nanomsg sends the same bytes again when the connection
 * dies or no answer comes.
 *
 * Lifetime: *ret_answer is valid until the next call
 * Errors:   GP_ETIMEDOUT; GP_EAGAIN: a signal came first, or `stop` says so; GP_ECLOSED: the daemon
 *           went away while a request rested there; GP_EIO
 */
int gp_letters_call(struct gp_letters *letters, struct gp_span letter, const struct gp_wait *wait,
                    struct gp_span *ret_answer);

/**
 * Lets time pass. False: `stop` said so meanwhile, or it would be later than the wait allows.
 */
bool gp_letters_pause(struct gp_letters *letters, const struct gp_wait *wait, unsigned pause_ms);

#endif
