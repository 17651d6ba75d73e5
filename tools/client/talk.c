#include "client/talk.h"

/* ---------------------------------------------------------------- handshake */

int gp_greeting_begin(struct gp_greeting *greeting, const struct gp_identity *identity,
                      unsigned char ret_hello[GP_HELLO_BYTES])
{
    return gp_hello_write(&identity->own, identity->server, &greeting->noise, ret_hello);
}

int gp_greeting_join(struct gp_greeting *greeting, const struct gp_identity *identity,
                     const struct gp_invitation *invitation, struct gp_span label,
                     unsigned char ret_join[GP_JOIN_BYTES])
{
    return gp_join_write(&identity->own, invitation->server, invitation->psk, invitation->device,
                         label, &greeting->noise, ret_join);
}

enum gp_taken gp_greeting_take(struct gp_greeting *greeting, struct gp_span answer)
{
    return gp_welcome_read(&greeting->noise, answer, &greeting->welcome) == 0 ? GP_TAKEN_TRUE
                                                                              : GP_TAKEN_WRONG;
}

/* A server that cannot read a join says AGAIN, of no session: it does not have the invitation. */
static bool is_again_of_none(struct gp_span answer)
{
    static const unsigned char none[GP_SESSION_ID_BYTES];
    struct gp_envelope envelope;

    return gp_envelope_read(answer, &envelope) == 0 && envelope.type == GP_ENVELOPE_AGAIN &&
           memcmp(envelope.session, none, sizeof none) == 0;
}

enum gp_taken gp_greeting_take_joined(struct gp_greeting *greeting, struct gp_span answer)
{
    if (is_again_of_none(answer))
        return GP_TAKEN_AGAIN;
    return gp_joined_read(&greeting->noise, answer, &greeting->welcome) == 0 ? GP_TAKEN_TRUE
                                                                             : GP_TAKEN_WRONG;
}

void gp_greeting_clear(struct gp_greeting *greeting)
{
    gp_noise_clear(&greeting->noise);
}

/* ---------------------------------------------------------------- session */

int gp_talk_begin(struct gp_talk *talk, const struct gp_greeting *greeting, int64_t now_ms,
                  struct gp_identity *identity)
{
    const struct gp_welcome *welcome = &greeting->welcome;

    if (welcome->status == GP_WELCOME_WAITS)
        return GP_EPENDING;
    if (welcome->status != GP_WELCOME_OK)
        return GP_EDENIED;
    gp_channel_init(&talk->channel, &greeting->noise, welcome->session);
    talk->ends_ms = now_ms + (int64_t)welcome->lifetime_s * 1000;
    memcpy(identity->server, welcome->server_key, GP_KEY_BYTES);
    return 0;
}

enum gp_taken gp_talk_take(struct gp_talk *talk, const struct gp_asked *asked,
                           struct gp_span answer, unsigned char *ret_plain, size_t room,
                           size_t *ret_len)
{
    struct gp_envelope envelope;

    if (gp_envelope_read(answer, &envelope) != 0)
        return GP_TAKEN_WRONG;
    if (envelope.type == GP_ENVELOPE_AGAIN)
        return memcmp(envelope.session, talk->channel.session, GP_SESSION_ID_BYTES) == 0
                   ? GP_TAKEN_AGAIN
                   : GP_TAKEN_WRONG;
    if (envelope.type != GP_ENVELOPE_ANSWER || envelope.body.len > room)
        return GP_TAKEN_WRONG;
    return gp_channel_open_answer(&talk->channel, asked, &envelope, ret_plain, ret_len) == 0
               ? GP_TAKEN_TRUE
               : GP_TAKEN_WRONG;
}
