/**
 * A peer that speaks just enough of nanomsg's ipc protocol by hand to behave badly: it need not
 * read, and may stop in the middle of a message.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_PEER_H
#define GP_TESTS_CRASH_PEER_H

#include "wire/message.h"

#define PEER_FRAME_BYTES 256

enum peer_protocol { PEER_SUB = 0x21, PEER_REQ = 0x30 };

struct peer {
    int fd;
    unsigned char frame[PEER_FRAME_BYTES]; /* the request it sends over and over */
    size_t frame_len, frame_at;            /* frame_at: what was sent of it */
};

/** Connects to an ipc address and shakes hands. */
void peer_open(struct peer *peer, const char *address, enum peer_protocol protocol);
void peer_close(struct peer *peer);

/** Sets what peer_push sends. */
void peer_set_request(struct peer *peer, const struct gp_request *request);

/** Sends the request again and again until the connection takes no more bytes. */
void peer_push(struct peer *peer);

/** Sends the first bytes of the request only. */
void peer_push_part(struct peer *peer, size_t len);

/** Bytes that wait to be read. */
int peer_unread(const struct peer *peer);

#endif
