/*
 * Envelopes. An even first byte: the rest is a message as it is. What is promised: what is read has
 * the length of its type, lies within the message, and its head is written again as the same bytes.
 *
 * An odd one: a sealed request and its answer, each damaged as the rest says, in a session of fixed
 * keys. What is promised: what was changed does not open and changes nothing; the honest one opens
 * afterwards, once, as what was sealed; an answer opens for its request only, and no counter is
 * used twice.
 */
#include "fuzz.h"

#include "trust/handshake.h"
#include "trust/session.h"

#define PLAIN_MAX 64
#define ROOM      256

/* ---------------------------------------------------------------- heads */

static void try_head(struct gp_span message)
{
    unsigned char head[GP_ENVELOPE_HEAD_MAX];
    struct gp_envelope envelope;

    if (gp_envelope_read(message, &envelope) != 0)
        return;
    PROMISE(gp_envelope_is(message));
    PROMISE(envelope.head.ptr == message.ptr && fuzz_within(envelope.body, message));
    PROMISE(envelope.head.len + envelope.body.len == message.len);
    PROMISE(gp_envelope_write_head(&envelope, head) == envelope.head.len);
    PROMISE(memcmp(head, message.ptr, envelope.head.len) == 0);
}

/* ---------------------------------------------------------------- sessions */

struct pair {
    struct gp_channel device, server;
};

static void init_side(struct gp_channel *channel, bool initiator)
{
    *channel = (struct gp_channel){.initiator = initiator};
    memset(channel->session, 0x51, sizeof channel->session);
    memset(initiator ? channel->send : channel->receive, 0x11, GP_KEY_BYTES);
    memset(initiator ? channel->receive : channel->send, 0x22, GP_KEY_BYTES);
}

/* What of a session is held by whoever opens; `asked` is NULL at the server's side. */
static int open_any(struct gp_channel *channel, const struct gp_asked *asked,
                    struct gp_span message, unsigned char *plain, size_t *len)
{
    struct gp_envelope envelope;
    int rc = gp_envelope_read(message, &envelope);

    if (rc != 0)
        return rc;
    return asked != NULL ? gp_channel_open_answer(channel, asked, &envelope, plain, len)
                         : gp_channel_open_request(channel, &envelope, plain, len);
}

/* An answer opens for its own request and for no other. */
static void try_other_request(struct gp_channel *channel, struct gp_asked asked,
                              struct gp_span honest)
{
    unsigned char plain[ROOM];
    size_t len = 0;

    asked.counter ^= 1;
    PROMISE(open_any(channel, &asked, honest, plain, &len) == GP_EFORMAT);
    asked.counter ^= 1;
    asked.tag[0] ^= 1;
    PROMISE(open_any(channel, &asked, honest, plain, &len) == GP_EFORMAT);
}

/* The session's id is for whoever looks the channel up: the tag covers it all the same. */
static void try_damage(struct fuzz_bytes *how, struct gp_channel *channel,
                       const struct gp_asked *asked, struct gp_span honest, struct gp_span sealed)
{
    unsigned char bytes[ROOM], plain[ROOM];
    struct gp_channel before = *channel;
    size_t size = honest.len, len = 0;

    memcpy(bytes, honest.ptr, honest.len);
    fuzz_damage(how, bytes, &size, sizeof bytes);
    if (!gp_span_equal((struct gp_span){(char *)bytes, size}, honest)) {
        unsigned char *exact = malloc(size > 0 ? size : 1);
        PROMISE(exact != NULL);
        memcpy(exact, bytes, size);
        PROMISE(open_any(channel, asked, (struct gp_span){(char *)exact, size}, plain, &len) != 0);
        PROMISE(memcmp(&before, channel, sizeof before) == 0);
        free(exact);
    }
    PROMISE(open_any(channel, asked, honest, plain, &len) == 0);
    PROMISE(gp_span_equal((struct gp_span){(char *)plain, len}, sealed));
    PROMISE(open_any(channel, asked, honest, plain, &len) == GP_EEXIST);
}

static void try_session(struct fuzz_bytes *input)
{
    struct pair pair;
    struct gp_asked asked;
    unsigned char request[ROOM], answer[ROOM];

    init_side(&pair.device, true);
    init_side(&pair.server, false);
    pair.device.sent = fuzz_number(input, 2);
    pair.server.window.next = fuzz_number(input, 2) % (pair.device.sent + 1);
    struct gp_span plain = fuzz_span(input, fuzz_byte(input) % PLAIN_MAX), sealed;
    uint64_t first = pair.device.sent;
    PROMISE(gp_channel_seal_request(&pair.device, plain, request, &asked) == 0);
    try_damage(input, &pair.server, NULL,
               (struct gp_span){(char *)request, plain.len + GP_ENVELOPE_OVERHEAD}, plain);
    PROMISE(gp_channel_seal_answer(&pair.server, &asked, plain, answer) == 0);
    PROMISE(asked.counter == first && pair.device.sent == first + 1 && pair.server.sent == 1);
    sealed = (struct gp_span){(char *)answer, plain.len + GP_ENVELOPE_OVERHEAD};
    try_other_request(&pair.device, asked, sealed);
    try_damage(input, &pair.device, &asked, sealed, plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};

    PROMISE(gp_trust_start() == 0);
    if (fuzz_byte(&input) % 2 == 0)
        try_head(fuzz_rest(&input));
    else
        try_session(&input);
    return 0;
}
