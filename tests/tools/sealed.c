#include "tools/sealed.h"

#include <stdio.h>
#include <stdlib.h>

/* Runs on the fake's thread, where cmocka's assertions may not be used. */
static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "sealed fake: %s\n", what);
    abort();
}

void sealed_init(struct sealed *sealed)
{
    must(gp_trust_start() == 0, "no randomness");
    memset(sealed, 0, sizeof *sealed);
    gp_keys_new(&sealed->keys);
    gp_random(sealed->psk, sizeof sealed->psk);
    sealed->welcome = (struct gp_welcome){.role = 1, .lifetime_s = 12 * 60 * 60, .now_ms = 1};
    memcpy(sealed->welcome.server_key, sealed->keys.box[0].public, GP_KEY_BYTES);
}

void sealed_identity(const struct sealed *sealed, struct gp_identity *ret_identity)
{
    gp_identity_new(sealed->keys.box[0].public, sealed->keys.sign_public, ret_identity);
    ret_identity->device = 17;
}

/* ---------------------------------------------------------------- handshakes */

static struct gp_welcome next_welcome(struct sealed *sealed)
{
    struct gp_welcome welcome = sealed->welcome;

    if (sealed->waits > 0) {
        sealed->waits--;
        welcome.status = GP_WELCOME_WAITS;
    }
    gp_random(welcome.session, sizeof welcome.session);
    return welcome;
}

/* Changes an answer on its way, where the test wants that. */
static void spoil(struct sealed *sealed, size_t len)
{
    if (sealed->spoil == 0)
        return;
    sealed->spoil--;
    sealed->reply[len - 1] ^= 1;
}

static void answer_hello(struct sealed *sealed, const struct gp_envelope *envelope)
{
    struct gp_noise noise;
    struct gp_welcome welcome = next_welcome(sealed);

    sealed->hellos++;
    sealed->reply_len = 0;
    if (gp_hello_read(&sealed->keys, envelope, &noise) != 0)
        return; /* as the daemon: no answer is due */
    memcpy(sealed->device_key, gp_noise_remote(&noise), GP_KEY_BYTES);
    must(gp_welcome_write(&noise, &welcome, sealed->reply) == 0, "no welcome");
    sealed->reply_len = GP_WELCOME_BYTES;
    if (welcome.status == GP_WELCOME_OK)
        gp_channel_init(&sealed->channel, &noise, welcome.session);
    spoil(sealed, sealed->reply_len);
}

static void answer_join(struct sealed *sealed, const struct gp_envelope *envelope)
{
    struct gp_noise noise;
    struct gp_welcome welcome = next_welcome(sealed);

    sealed->joins++;
    sealed->reply_len = 0;
    if (gp_join_read(&sealed->keys, envelope, sealed->psk, &noise, sealed->label) != 0) {
        static const unsigned char none[GP_SESSION_ID_BYTES];
        gp_again_write(none, sealed->reply); /* as the daemon, for it has no such invitation */
        sealed->reply_len = GP_AGAIN_BYTES;
        return;
    }
    memcpy(sealed->device_key, gp_noise_remote(&noise), GP_KEY_BYTES);
    must(gp_joined_write(&noise, &welcome, sealed->reply) == 0, "no joined");
    sealed->reply_len = GP_JOINED_BYTES;
    sealed->digits = gp_digits(gp_noise_hash(&noise));
    spoil(sealed, sealed->reply_len);
}

/* ---------------------------------------------------------------- requests */

static bool is_again(const struct sealed *sealed, struct gp_span letter)
{
    return letter.len == sealed->last_len && memcmp(letter.ptr, sealed->last, letter.len) == 0;
}

static struct gp_span seal(struct sealed *sealed)
{
    size_t len = sealed->plain_len + GP_ENVELOPE_OVERHEAD;
    struct gp_span plain = {(const char *)sealed->plain, sealed->plain_len};

    must(gp_channel_seal_answer(&sealed->channel, &sealed->asked, plain, sealed->reply) == 0,
         "the session is used up");
    spoil(sealed, len);
    return (struct gp_span){(const char *)sealed->reply, len};
}

static enum sealed_what take_request(struct sealed *sealed, struct gp_span letter,
                                     const struct gp_envelope *envelope, struct gp_span *ret_answer)
{
    sealed->requests++;
    if (sealed->mute > 0) {
        sealed->mute--;
        *ret_answer = (struct gp_span){0};
        return SEALED_ANSWER;
    }
    if (sealed->forget > 0) {
        sealed->forget--;
        gp_again_write(envelope->session, sealed->reply);
        *ret_answer = (struct gp_span){(const char *)sealed->reply, GP_AGAIN_BYTES};
        return SEALED_ANSWER;
    }
    if (is_again(sealed, letter)) { /* its reply is in `plain`: it goes under a fresh counter */
        *ret_answer = seal(sealed);
        return SEALED_ANSWER;
    }
    must(letter.len <= sizeof sealed->last, "a letter too long");
    must(gp_channel_open_request(&sealed->channel, envelope, sealed->plain, &sealed->plain_len) ==
             0,
         "a request does not open");
    memcpy(sealed->last, letter.ptr, letter.len);
    sealed->last_len = letter.len;
    gp_asked_of(envelope, &sealed->asked);
    *ret_answer = (struct gp_span){(const char *)sealed->plain, sealed->plain_len};
    return SEALED_REQUEST;
}

enum sealed_what sealed_take(struct sealed *sealed, struct gp_span letter,
                             struct gp_span *ret_answer)
{
    struct gp_envelope envelope;

    must(gp_envelope_read(letter, &envelope) == 0, "no envelope");
    if (envelope.type == GP_ENVELOPE_REQUEST)
        return take_request(sealed, letter, &envelope, ret_answer);
    if (envelope.type == GP_ENVELOPE_HELLO)
        answer_hello(sealed, &envelope);
    else
        answer_join(sealed, &envelope);
    *ret_answer = (struct gp_span){(const char *)sealed->reply, sealed->reply_len};
    return SEALED_ANSWER;
}

struct gp_span sealed_reply(struct sealed *sealed, struct gp_span reply)
{
    must(reply.len <= sizeof sealed->plain, "a reply too long");
    memcpy(sealed->plain, reply.ptr, reply.len);
    sealed->plain_len = reply.len;
    return seal(sealed);
}
