/**
 * Channels: a message becomes a request of HTTP or SMTP, and an answer becomes a verdict. Pure: no
 * network, no clock.
 */
#ifndef GP_NOTIFY_CHANNEL_H
#define GP_NOTIFY_CHANNEL_H

#include "notify/compose.h"

#define GP_OUTGOING_HEADERS 8

struct gp_outgoing {
    struct gp_buffer url, body;
    struct gp_buffer header[GP_OUTGOING_HEADERS];
    size_t header_count;
    bool mail;
    const char *from, *to, *user, *password; /* of mail; user NULL: none */
    const char *ca_file, *proxy;             /* "": the system's; none */
};

/* How a transfer ended. */
enum gp_ending {
    GP_ENDING_ANSWERED = 0, /* a server answered: `status` is what */
    GP_ENDING_UNREACHED = 1,
    GP_ENDING_TIMED_OUT = 2,
    GP_ENDING_BROKEN = 3, /* the connection ended, or what came was not the protocol */
    GP_ENDING_TLS = 4,    /* the server did not prove who it is */
    GP_ENDING_DENIED = 5, /* the mail server does not take user and password */
};

struct gp_answer {
    enum gp_ending ending;
    long status;                    /* of HTTP, or of SMTP's last reply */
    int64_t after_ms;               /* Retry-After; 0: nothing was said */
    char body[GP_ANSWER_BYTES + 1]; /* its beginning, NUL-terminated */
    size_t body_len;
};

/**
 * Writes the request that carries a message at an instant, which some signatures are of.
 *
 * Lifetime: the request refers to the channel and the address
 * Errors:   GP_ENOMEM; *ret_outgoing is then empty
 */
int gp_channel_write(const struct gp_channel *channel, const char *address,
                     const struct gp_message *message, int64_t now_ms,
                     struct gp_outgoing *ret_outgoing);

void gp_outgoing_release(struct gp_outgoing *outgoing);

/** What an answer means. `why` says no word that a server or a secret brought in. */
void gp_channel_judge(const struct gp_channel *channel, const struct gp_answer *answer,
                      struct gp_verdict *ret_verdict);

/** A mail with its header lines, RFC 5322: UTF-8 in the subject as RFC 2047 says, the text in
 * base64. Into outgoing->body. */
void gp_mail_write(const struct gp_channel *channel, const char *address,
                   const struct gp_message *message, int64_t now_ms, struct gp_buffer *body);

#endif
