#include "trust/session.h"

#include "base/broken.h"
#include "trust/internal.h"

#define AD_MAX (GP_ENVELOPE_HEAD_MAX + 8 + GP_TAG_BYTES)

/* ---------------------------------------------------------------- the window
 * bits is a ring: counter c has bit c % GP_WINDOW, which holds for the GP_WINDOW counters below
 * next.
 */

enum gp_window_look gp_window_look(const struct gp_window *window, uint64_t counter)
{
    uint64_t place = counter % GP_WINDOW;

    if (counter >= window->next)
        return GP_WINDOW_NEW;
    if (window->next - counter > GP_WINDOW)
        return GP_WINDOW_OLD;
    return (window->bits[place / 64] >> place % 64 & 1) != 0 ? GP_WINDOW_SEEN : GP_WINDOW_NEW;
}

void gp_window_mark(struct gp_window *window, uint64_t counter)
{
    uint64_t place = counter % GP_WINDOW;

    assert(gp_window_look(window, counter) == GP_WINDOW_NEW);
    if (counter >= window->next && counter - window->next >= GP_WINDOW)
        memset(window->bits, 0, sizeof window->bits); /* a jump over the whole ring */
    else
        for (uint64_t c = window->next; c < counter; c++)
            window->bits[c % GP_WINDOW / 64] &= ~(UINT64_C(1) << c % 64);
    window->bits[place / 64] |= UINT64_C(1) << place % 64;
    if (counter >= window->next)
        window->next = counter + 1;
}

/* ---------------------------------------------------------------- the channel */

void gp_channel_init(struct gp_channel *channel, const struct gp_noise *noise,
                     const unsigned char session[GP_SESSION_ID_BYTES])
{
    *channel = (struct gp_channel){.initiator = noise->initiator};
    memcpy(channel->session, session, GP_SESSION_ID_BYTES);
    if (noise->initiator)
        gp_noise_split(noise, channel->send, channel->receive);
    else
        gp_noise_split(noise, channel->receive, channel->send);
}

/* The associated data: the head, and for an answer what it answers. */
static size_t associate(struct gp_span head, const struct gp_asked *asked,
                        unsigned char ret_data[AD_MAX])
{
    size_t len = head.len;

    memcpy(ret_data, head.ptr, head.len);
    if (asked != NULL && !gp_broken("answer-not-bound")) {
        gp_put_u64(ret_data + len, asked->counter);
        memcpy(ret_data + len + 8, asked->tag, GP_TAG_BYTES);
        len += 8 + GP_TAG_BYTES;
    }
    return len;
}

static int seal(struct gp_channel *channel, const struct gp_asked *asked, struct gp_span plain,
                unsigned char *ret_message)
{
    struct gp_envelope envelope = {.type = asked == NULL ? GP_ENVELOPE_REQUEST : GP_ENVELOPE_ANSWER,
                                   .counter = channel->sent};
    unsigned char data[AD_MAX], nonce[GP_NONCE_BYTES];
    size_t head, len;

    if (channel->sent >= GP_SESSION_MESSAGES)
        return GP_ELIMIT;
    memcpy(envelope.session, channel->session, GP_SESSION_ID_BYTES);
    head = gp_envelope_write_head(&envelope, ret_message);
    len = associate(gp_span_over(ret_message, head), asked, data);
    gp_nonce(channel->sent, nonce);
    channel->sent += gp_broken("nonce-reused") ? 0 : 1;
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(ret_message + head, NULL, gp_bytes(plain),
                                                    plain.len, data, len, NULL, nonce,
                                                    channel->send);
    return 0;
}

static int unseal(struct gp_channel *channel, const struct gp_asked *asked,
                  const struct gp_envelope *envelope, unsigned char *ret_plain, size_t *ret_len)
{
    unsigned char data[AD_MAX], nonce[GP_NONCE_BYTES];
    size_t len;

    if (envelope->type != (asked == NULL ? GP_ENVELOPE_REQUEST : GP_ENVELOPE_ANSWER))
        return GP_EFORMAT;
    if (memcmp(envelope->session, channel->session, GP_SESSION_ID_BYTES) != 0)
        return GP_EFORMAT;
    if (envelope->counter >= GP_SESSION_MESSAGES)
        return GP_ELIMIT;
    if (gp_window_look(&channel->window, envelope->counter) != GP_WINDOW_NEW &&
        !gp_broken("replay-window-off"))
        return GP_EEXIST;
    len = associate(envelope->head, asked, data);
    gp_nonce(envelope->counter, nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, gp_bytes(envelope->body),
                                                  envelope->body.len, data, len, nonce,
                                                  channel->receive) != 0)
        return GP_EFORMAT;
    if (!gp_broken("replay-window-off"))
        gp_window_mark(&channel->window, envelope->counter);
    *ret_len = envelope->body.len - GP_TAG_BYTES;
    return 0;
}

int gp_channel_seal_request(struct gp_channel *channel, struct gp_span plain,
                            unsigned char *ret_message, struct gp_asked *ret_asked)
{
    struct gp_asked asked = {.counter = channel->sent};
    int error;

    assert(channel->initiator);
    error = seal(channel, NULL, plain, ret_message);
    if (error != 0)
        return error;
    memcpy(asked.tag, ret_message + GP_ENVELOPE_HEAD_MAX + plain.len, GP_TAG_BYTES);
    *ret_asked = asked;
    return 0;
}

int gp_channel_open_request(struct gp_channel *channel, const struct gp_envelope *envelope,
                            unsigned char *ret_plain, size_t *ret_len)
{
    assert(!channel->initiator);
    return unseal(channel, NULL, envelope, ret_plain, ret_len);
}

void gp_asked_of(const struct gp_envelope *request, struct gp_asked *ret_asked)
{
    assert(request->type == GP_ENVELOPE_REQUEST);
    ret_asked->counter = request->counter;
    memcpy(ret_asked->tag, request->body.ptr + request->body.len - GP_TAG_BYTES, GP_TAG_BYTES);
}

int gp_channel_seal_answer(struct gp_channel *channel, const struct gp_asked *asked,
                           struct gp_span plain, unsigned char *ret_message)
{
    assert(!channel->initiator);
    return seal(channel, asked, plain, ret_message);
}

int gp_channel_open_answer(struct gp_channel *channel, const struct gp_asked *asked,
                           const struct gp_envelope *envelope, unsigned char *ret_plain,
                           size_t *ret_len)
{
    assert(channel->initiator);
    return unseal(channel, asked, envelope, ret_plain, ret_len);
}

void gp_channel_clear(struct gp_channel *channel)
{
    if (channel != NULL)
        sodium_memzero(channel, sizeof *channel);
}
