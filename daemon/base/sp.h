/**
 * What a connection of the scalability protocols (SP) opens with, as nanomsg and nng speak them,
 * from both sides, over tcp and over ipc:
 *
 *   00 53 50 00  00 30  00 00          "\0SP\0", protocol (0x30: REQ), reserved
 *
 * Thread: any.
 */
#ifndef GP_BASE_SP_H
#define GP_BASE_SP_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define GP_SP_BYTES    8 /* of the opening */
#define GP_SP_IPC_TYPE 1 /* the first byte of a message over ipc, and the only type there is */

enum gp_sp { GP_SP_PUB = 0x20, GP_SP_SUB = 0x21, GP_SP_REQ = 0x30, GP_SP_REP = 0x31 };

/** Writes the opening of a side that speaks this protocol. */
static inline void gp_sp_write(enum gp_sp protocol, unsigned char to[GP_SP_BYTES])
{
    const unsigned char opening[GP_SP_BYTES] = {0, 'S', 'P', 0, 0, (unsigned char)protocol, 0, 0};
    memcpy(to, opening, sizeof opening);
}

/** Whether these are `len` bytes of that opening, from byte `at` on; at + len <= GP_SP_BYTES. */
static inline bool gp_sp_goes_on(enum gp_sp protocol, size_t at, const unsigned char *bytes,
                                 size_t len)
{
    unsigned char opening[GP_SP_BYTES];

    assert(len <= sizeof opening && at <= sizeof opening - len);
    gp_sp_write(protocol, opening);
    return memcmp(opening + at, bytes, len) == 0;
}

/** Whether these are its first `len` bytes. */
static inline bool gp_sp_begins(enum gp_sp protocol, const unsigned char *bytes, size_t len)
{
    return gp_sp_goes_on(protocol, 0, bytes, len);
}

#endif
