/**
 * Letters to the daemon and their answers, as bytes, and how long to wait. Inside libgridpost only.
 *
 * A raw REQ socket, which gives letters their numbers here, passes over answers to other letters
 * and sends again: nanomsg's own REQ does all that, too, but while an answer waits to be fetched
 * the next one that comes is put in its place and freed (1.1.5 and 1.2: nn_req_in). A late answer
 * to a letter that was given up, the second answer to one that was sent twice, or anything at all
 * that somebody on the way puts behind an answer would be handed out as the answer, out of freed
 * memory.
 */
#ifndef GP_CLIENT_LETTER_H
#define GP_CLIENT_LETTER_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define GP_ADDRESS_BYTES 129 /* nanomsg takes 128 (NN_SOCKADDR_MAX), and a zero */

struct gp_letters {
    char address[GP_ADDRESS_BYTES];
    int socket;
    bool given_up;   /* the last letter was: the next one goes over a socket of its own */
    uint32_t number; /* of the last letter */
    void *answer;    /* the last one, nanomsg's memory; NULL: none */
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
 * Sends a letter and waits for an answer. The same bytes are sent again when the connection dies or
 * no answer comes.
 *
 * Ensures:  a failure has closed the connection before the next letter is sent
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
