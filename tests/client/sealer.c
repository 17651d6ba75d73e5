#include "client/sealer.h"

#include "base/bytes.h"
#include "base/error.h"
#include "client/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void sealer_init(struct sealer *sealer)
{
    assert_int_equal(gp_trust_start(), 0);
    memset(sealer, 0, sizeof *sealer);
    gp_keys_new(&sealer->keys);
    sealer->welcome = (struct gp_welcome){.role = 8, .lifetime_s = 12 * 60 * 60, .now_ms = 1};
    memcpy(sealer->welcome.server_key, sealer->keys.box[0].public, GP_KEY_BYTES);
}

void sealer_identity(const struct sealer *sealer, struct gp_identity *ret_identity)
{
    gp_identity_new(sealer->keys.box[0].public, sealer->keys.sign_public, ret_identity);
}

void sealer_forget(struct sealer *sealer)
{
    for (unsigned i = 0; i < sealer->sessions; i++)
        gp_channel_clear(&sealer->session[i]);
}

/* ---------------------------------------------------------------- handshakes */

static void spoil(struct sealer *sealer, unsigned char *answer, size_t len)
{
    if (sealer->spoil == 0)
        return;
    sealer->spoil--;
    answer[len - 1] ^= 1;
}

static void answer_hello(struct peer_link *link, const struct gp_envelope *envelope)
{
    struct sealer *sealer = link->peer->context;
    unsigned char answer[GP_WELCOME_BYTES];
    struct gp_welcome welcome = sealer->welcome;
    struct gp_noise noise;

    sealer->hellos++;
    memcpy(sealer->key_id, envelope->key_id, sizeof sealer->key_id);
    if (sealer->deaf > 0) {
        sealer->deaf--;
        return;
    }
    gp_random(welcome.session, sizeof welcome.session);
    assert_int_equal(gp_hello_read(&sealer->keys, envelope, &noise), 0);
    assert_int_equal(gp_welcome_write(&noise, &welcome, answer), 0);
    if (welcome.status == GP_WELCOME_OK) {
        assert_true(sealer->sessions < SEALER_SESSIONS_MAX);
        gp_channel_init(&sealer->session[sealer->sessions++], &noise, welcome.session);
    }
    spoil(sealer, answer, sizeof answer);
    peer_answer(link, (struct gp_span){(const char *)answer, sizeof answer});
}

/* ---------------------------------------------------------------- requests */

static void keep(struct sealer *sealer, struct gp_span letter)
{
    unsigned nth = sealer->letters++;

    if (nth >= SEALER_LETTERS_MAX)
        return;
    assert_true(letter.len <= SEALER_BYTES_MAX);
    memcpy(sealer->bytes[nth], letter.ptr, letter.len);
    sealer->letter[nth] = (struct gp_span){sealer->bytes[nth], letter.len};
}

void sealer_answer(struct peer_link *link, struct gp_span reply)
{
    struct sealer *sealer = link->peer->context;
    unsigned char answer[SEALER_BYTES_MAX];
    size_t len = reply.len + GP_ENVELOPE_OVERHEAD;

    assert_true(len <= sizeof answer);
    assert_int_equal(gp_channel_seal_answer(&sealer->session[sealer->at[link->nth].session],
                                            &sealer->at[link->nth].asked, reply, answer),
                     0);
    spoil(sealer, answer, len);
    peer_answer(link, (struct gp_span){(const char *)answer, len});
}

static bool find_session(const struct sealer *sealer, const struct gp_envelope *envelope,
                         unsigned *ret_session)
{
    for (unsigned i = 0; i < sealer->sessions && !sealer->forgets; i++)
        if (memcmp(sealer->session[i].session, envelope->session, GP_SESSION_ID_BYTES) == 0) {
            *ret_session = i;
            return true;
        }
    return false;
}

static void say_again(struct peer_link *link, const struct gp_envelope *envelope)
{
    unsigned char again[GP_AGAIN_BYTES];

    gp_again_write(envelope->session, again);
    peer_answer(link, (struct gp_span){(const char *)again, sizeof again});
}

/* The same envelope once more is answered once more; its plain text is not to be had by the
 * channel, so a test that spoils answers asks about incident 1. */
static void answer_request(struct peer_link *link, const struct gp_envelope *envelope)
{
    struct sealer *sealer = link->peer->context;
    unsigned char plain[SEALER_BYTES_MAX];
    unsigned session;
    size_t len;

    if (!find_session(sealer, envelope, &session)) {
        say_again(link, envelope);
        return;
    }
    assert_true(link->nth < SEALER_LINKS_MAX);
    sealer->at[link->nth].session = session;
    gp_asked_of(envelope, &sealer->at[link->nth].asked);
    int rc = gp_channel_open_request(&sealer->session[session], envelope, plain, &len);
    if (rc == GP_EEXIST) {
        sealer_answer(link, place_answer(1));
        return;
    }
    assert_int_equal(rc, 0);
    struct gp_request request = place_request((struct gp_span){(const char *)plain, len});
    if (request.kind == GP_REQUEST_COMMAND)
        sealer_answer(link, place_answer(request.command.incident));
}

void sealer_on_request(struct peer_link *link, struct gp_span letter)
{
    struct sealer *sealer = link->peer->context;
    struct gp_envelope envelope;

    assert_int_equal(gp_envelope_read(letter, &envelope), 0);
    if (envelope.type == GP_ENVELOPE_HELLO) {
        answer_hello(link, &envelope);
        return;
    }
    assert_int_equal(envelope.type, GP_ENVELOPE_REQUEST);
    keep(sealer, letter);
    if (sealer->mute > 0)
        sealer->mute--;
    else
        answer_request(link, &envelope);
}

/* ---------------------------------------------------------------- what came */

static struct gp_envelope envelope_of(const struct sealer *sealer, unsigned letter)
{
    struct gp_envelope envelope;

    assert_true(letter < sealer->letters);
    assert_int_equal(gp_envelope_read(sealer->letter[letter], &envelope), 0);
    return envelope;
}

uint64_t sealer_counter(const struct sealer *sealer, unsigned letter)
{
    return envelope_of(sealer, letter).counter;
}

bool sealer_same_session(const struct sealer *sealer, unsigned a, unsigned b)
{
    struct gp_envelope first = envelope_of(sealer, a), second = envelope_of(sealer, b);

    return memcmp(first.session, second.session, GP_SESSION_ID_BYTES) == 0;
}
