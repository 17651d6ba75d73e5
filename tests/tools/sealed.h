/**
 * The server's side of sealed messages, for one device at a time: what the fake daemon answers
 * handshakes with, and how it opens and seals. A test says before what shall go wrong.
 */
#ifndef GP_TESTS_TOOLS_SEALED_H
#define GP_TESTS_TOOLS_SEALED_H

#include "trust/handshake.h"
#include "trust/identity.h"
#include "trust/session.h"

#define SEALED_LETTER_MAX (512 * 1024)

struct sealed {
    struct gp_server_keys keys;
    struct gp_welcome welcome; /* what handshakes say; sealed_init: OK, role officer, 12 hours */
    unsigned char psk[GP_PSK_BYTES];
    unsigned waits;  /* so many handshakes are answered "waits for confirmation" before */
    unsigned forget; /* so many requests meet a server that has forgotten the session */
    unsigned mute;   /* so many of the same, and what the server says about it is lost */
    unsigned spoil;  /* so many answers are changed on their way */
    /* what came */
    unsigned hellos, joins, requests; /* requests: each letter, also one that comes again */
    unsigned char device_key[GP_KEY_BYTES];
    char label[GP_LABEL_BYTES + 1];
    uint32_t digits;
    /* the session */
    struct gp_channel channel;
    struct gp_asked asked;
    unsigned char last[SEALED_LETTER_MAX], plain[SEALED_LETTER_MAX], reply[SEALED_LETTER_MAX];
    size_t last_len, plain_len, reply_len;
};

/** Makes a server with keys of its own. */
void sealed_init(struct sealed *sealed);

/** An identity that knows this server. */
void sealed_identity(const struct sealed *sealed, struct gp_identity *ret_identity);

enum sealed_what {
    SEALED_ANSWER,  /* ret_answer goes back as it is; empty: nothing does */
    SEALED_REQUEST, /* ret_plain is a request to be answered by sealed_reply */
};

/**
 * Takes a letter.
 *
 * Lifetime: what comes back points into *sealed, until the next call
 */
enum sealed_what sealed_take(struct sealed *sealed, struct gp_span letter,
                             struct gp_span *ret_answer);

/** Seals the reply to the request that came last. Lifetime: as sealed_take. */
struct gp_span sealed_reply(struct sealed *sealed, struct gp_span reply);

#endif
