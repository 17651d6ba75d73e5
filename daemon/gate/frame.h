/**
 * Framing of the scalability protocols (SP), as nanomsg and nng speak them: what a connection opens
 * with, and where in a stream a message begins and ends. Pure: bytes in, lengths out. Nothing
 * behind the return path is looked at.
 *
 * Opening, from both sides, over tcp and over ipc:
 *   00 53 50 00  00 30  00 00          "\0SP\0", protocol (0x30: REQ), reserved
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
#ifndef GP_GATE_FRAME_H
#define GP_GATE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define GP_SP_BYTES         8 /* of the opening */
#define GP_FRAME_HEAD_BYTES 9 /* of a message over ipc, the longest */

enum gp_sp { GP_SP_PUB = 0x20, GP_SP_SUB = 0x21, GP_SP_REQ = 0x30, GP_SP_REP = 0x31 };

/** Writes the opening of a side that speaks this protocol. Thread: any. */
void gp_sp_write(enum gp_sp protocol, unsigned char to[GP_SP_BYTES]);

/** Whether these are the first `len` bytes, at most GP_SP_BYTES, of that opening. Thread: any. */
bool gp_sp_begins(enum gp_sp protocol, const unsigned char *bytes, size_t len);

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

#endif
