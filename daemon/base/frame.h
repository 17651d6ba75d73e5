/**
 * Framing of the scalability protocols (SP), as nanomsg and nng speak them: where in a stream,
 * behind its opening (base/sp.h), a message begins and ends. Pure: bytes in, lengths out. Nothing
 * behind the return path is looked at.
 *
 * Message over tcp: length of the body u64, body.
 *   00 00 00 00 00 00 00 06  80 00 00 01  68 69
 * Message over ipc: the type 1 before it.
 *   01  00 00 00 00 00 00 00 06  80 00 00 01  68 69
 *
 * A request's body begins with its return path: u32s, of which the last one and no other has its
 * top bit set. A REQ that is connected directly sends one; each device on the way puts one before
 * it. All numbers are big-endian.
 */
#ifndef GP_BASE_FRAME_H
#define GP_BASE_FRAME_H

#include "base/sp.h"

#include <stdint.h>

#define GP_FRAME_HEAD_BYTES 9 /* of a message over ipc, the longest */
#define GP_FRAME_PATH_BYTES 4 /* of the return path of a REQ that is connected directly */
#define GP_FRAME_PATH_LAST  UINT32_C(0x80000000) /* the top bit */

/* What may come over a connection. */
struct gp_frame_rule {
    bool ipc;        /* the type comes before the length */
    bool path;       /* the body begins with a return path */
    size_t body_max; /* bytes */
};

/**
 * Looks for a whole message at the beginning of some bytes. What cannot become one any more is
 * refused by its first wrong byte, so nobody has to wait for the rest of it.
 *
 * Thread:   any
 * Ensures:  0: the message is the first *ret_bytes bytes, head included.
 *           GP_EAGAIN: look again when there are *ret_bytes bytes, which are more than len
 * Errors:   GP_EFORMAT no message of this kind; GP_ELIMIT too long. The stream is of no use any
 * more
 */
int gp_frame_look(const struct gp_frame_rule *rule, const unsigned char *bytes, size_t len,
                  size_t *ret_bytes);

/**
 * Writes what stands before the `len` bytes of a request that a REQ sends over ipc: the head, and
 * the number that comes back with the answer.
 *
 * Thread:   any
 * Requires: the number has its top bit set
 */
void gp_frame_write_head(uint32_t number, size_t len,
                         unsigned char ret_head[GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES]);

#endif
