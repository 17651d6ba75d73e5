/**
 * A REQ's connection of the scalability protocols, spoken by hand over a plain socket, so that one
 * process holds a thousand of them as cheaply as it holds those to other servers. One request is
 * under way at a time.
 *
 *   each side opens with 8 bytes (base/sp.h); a message is then
 *   ipc   01, length u64, number u32 with its top bit set, body
 *   tcp       length u64, number u32 with its top bit set, body       (the number counts as length)
 */
#ifndef GP_TESTS_BENCH_SP_H
#define GP_TESTS_BENCH_SP_H

#include "base/span.h"

#include <stdint.h>

#define SP_BYTES_MAX 8192 /* of an answer with what is in front of it */

struct sp {
    int fd;
    bool ipc;
    uint32_t number; /* of the request under way */
    size_t have;     /* bytes of its answer that came */
    unsigned char bytes[SP_BYTES_MAX];
};

/** Connects to an ipc:// or tcp:// address and exchanges the openings. */
void sp_open(struct sp *sp, const char *address);

void sp_send(struct sp *sp, const void *body, size_t len);

/** Reads what is there. Returns whether the answer is whole; *ret_body then points into sp until
 * the next call. */
bool sp_receive(struct sp *sp, struct gp_span *ret_body);

/** Waits for the answer. */
struct gp_span sp_wait(struct sp *sp);

#endif
