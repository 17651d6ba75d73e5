/**
 * What the daemon says over one connection, as bytes: the opening, then its answers in SP's framing
 * (base/frame.h). Knows no handle, so that tests and fuzzers can cut the stream as they like.
 *
 *   gp_reader_room ─► bytes are put there ─► gp_reader_took ─► gp_reader_open, then gp_reader_next
 *                                                              until it says GP_EAGAIN
 *
 * It never holds more than one answer of the largest size, and of one that is still coming no more
 * than twice what has come. Thread: any, one at a time.
 */
#ifndef GP_CLIENT_READER_H
#define GP_CLIENT_READER_H

#include "base/span.h"

#include <stdint.h>

struct gp_reader {
    unsigned char *bytes;
    size_t len, room; /* of bytes: what is there, what would fit */
    size_t given;     /* of the answer that was given last: it goes with the next call */
    bool is_open;     /* the opening has come */
};

/** Begins with nothing; takes no memory yet. */
void gp_reader_init(struct gp_reader *reader);

/** Frees. May be called again. */
void gp_reader_release(struct gp_reader *reader);

/**
 * Where the next bytes go.
 *
 * Ensures:  *ret_len > 0
 * Lifetime: *ret_room until the next call of any function here
 * Errors:   GP_ENOMEM
 */
int gp_reader_room(struct gp_reader *reader, unsigned char **ret_room, size_t *ret_len);

/** So many bytes were put there. Requires: no more than there was room for. */
void gp_reader_took(struct gp_reader *reader, size_t len);

/**
 * Looks for the opening of a side that takes requests.
 *
 * Requires: it has not been found yet
 * Errors:   GP_EAGAIN more must come; GP_EFORMAT it is another one, or bytes came with it: the
 *           daemon never speaks before it is asked
 */
int gp_reader_open(struct gp_reader *reader);

/**
 * Looks for the next answer.
 *
 * Requires: the opening was found
 * Lifetime: *ret_body until the next call of any function here
 * Errors:   GP_EAGAIN more must come; GP_EFORMAT, GP_ELIMIT: what came is no answer and will not
 *           become one: the connection must end
 */
int gp_reader_next(struct gp_reader *reader, uint32_t *ret_number, struct gp_span *ret_body);

/** Whether bytes have come behind the answer that was given last. */
bool gp_reader_more(const struct gp_reader *reader);

#endif
