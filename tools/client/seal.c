#include "client/seal.h"

#include <stdlib.h>

#define GP_AGAIN_MAX 2  /* handshakes that one call does over, because the session was forgotten */
#define GP_WRONG_MAX 16 /* untrue answers that one letter is sent again for */
#define SESSION_OVER 1  /* beside 0 and the errors: it needs a handshake, then it can go on */

/* What an answer is, of what is under way. */
typedef enum gp_taken take_fn(struct gp_seal *seal, struct gp_span answer);

int gp_seal_new(const struct gp_identity *identity, struct gp_seal **ret_seal)
{
    int rc = gp_trust_start();

    if (rc != 0)
        return rc;
    struct gp_seal *seal = calloc(1, sizeof *seal);
    if (seal == NULL)
        return GP_ENOMEM;
    seal->identity = *identity;
    *ret_seal = seal;
    return 0;
}

void gp_seal_free(struct gp_seal *seal)
{
    if (seal == NULL)
        return;
    gp_wipe(seal, sizeof *seal);
    free(seal);
}

/* Whoever is on the way may put a wrong answer in the place of the true one; the letter then counts
 * as answered. The same bytes once more bring the true answer, if it is to be had. */
static int call_until(struct gp_seal *seal, struct gp_letters *letters, struct gp_span letter,
                      const struct gp_wait *wait, take_fn *take)
{
    for (unsigned wrong = 0; wrong < GP_WRONG_MAX; wrong++) {
        struct gp_span answer;
        int rc = gp_letters_call(letters, letter, wait, &answer);
        if (rc != 0)
            return rc;
        switch (take(seal, answer)) {
        case GP_TAKEN_TRUE:
            return 0;
        case GP_TAKEN_AGAIN:
            return SESSION_OVER;
        case GP_TAKEN_WRONG:
            break;
        }
    }
    return GP_EFORMAT;
}

/* A handshake and its answer rest nowhere. */
static struct gp_wait without_rest(const struct gp_wait *wait)
{
    struct gp_wait now = *wait;

    now.rest_ms = 0;
    return now;
}

/* ---------------------------------------------------------------- handshake */

static enum gp_taken take_welcome(struct gp_seal *seal, struct gp_span answer)
{
    return gp_greeting_take(&seal->greeting, answer);
}

int gp_seal_greet(struct gp_seal *seal, struct gp_letters *letters, const struct gp_wait *wait)
{
    unsigned char hello[GP_HELLO_BYTES];
    struct gp_wait now = without_rest(wait);

    seal->is_open = false;
    int rc = gp_greeting_begin(&seal->greeting, &seal->identity, hello);
    if (rc == 0)
        rc = call_until(seal, letters, (struct gp_span){(const char *)hello, sizeof hello}, &now,
                        take_welcome);
    if (rc == 0)
        rc = gp_talk_begin(&seal->talk, &seal->greeting, gp_letters_now(), &seal->identity);
    gp_greeting_clear(&seal->greeting);
    seal->is_open = rc == 0;
    return rc;
}

/* ---------------------------------------------------------------- join */

static enum gp_taken take_joined(struct gp_seal *seal, struct gp_span answer)
{
    return gp_greeting_take_joined(&seal->greeting, answer);
}

int gp_seal_join(struct gp_seal *seal, struct gp_letters *letters,
                 const struct gp_invitation *invitation, struct gp_span label,
                 const struct gp_wait *wait, uint32_t *ret_digits)
{
    unsigned char join[GP_JOIN_BYTES];
    struct gp_wait now = without_rest(wait);
    int rc = gp_greeting_join(&seal->greeting, &seal->identity, invitation, label, join);

    if (rc == 0)
        rc = call_until(seal, letters, (struct gp_span){(const char *)join, sizeof join}, &now,
                        take_joined);
    if (rc == SESSION_OVER || (rc == 0 && seal->greeting.welcome.status == GP_WELCOME_UNKNOWN))
        rc = GP_EDENIED;
    if (rc == 0)
        *ret_digits = gp_digits(gp_noise_hash(&seal->greeting.noise));
    gp_greeting_clear(&seal->greeting);
    return rc;
}

/* ---------------------------------------------------------------- requests */

static enum gp_taken take_answer(struct gp_seal *seal, struct gp_span answer)
{
    return gp_talk_take(&seal->talk, &seal->asked, answer, seal->plain, sizeof seal->plain,
                        &seal->plain_len);
}

static int ask(struct gp_seal *seal, struct gp_letters *letters, struct gp_span message,
               const struct gp_wait *wait)
{
    if (message.len + GP_ENVELOPE_OVERHEAD > sizeof seal->letter)
        return GP_ELIMIT;
    if (gp_channel_seal_request(&seal->talk.channel, message, seal->letter, &seal->asked) != 0)
        return SESSION_OVER;
    struct gp_span letter = {(const char *)seal->letter, message.len + GP_ENVELOPE_OVERHEAD};
    return call_until(seal, letters, letter, wait, take_answer);
}

static bool is_session_good(const struct gp_seal *seal)
{
    return seal->is_open && gp_letters_now() < seal->talk.ends_ms;
}

int gp_seal_call(struct gp_seal *seal, struct gp_letters *letters, struct gp_span message,
                 const struct gp_wait *wait, struct gp_span *ret_plain)
{
    for (unsigned again = 0; again <= GP_AGAIN_MAX; again++) {
        int rc = is_session_good(seal) ? 0 : gp_seal_greet(seal, letters, wait);
        if (rc == 0)
            rc = ask(seal, letters, message, wait);
        if (rc == 0)
            *ret_plain = (struct gp_span){(const char *)seal->plain, seal->plain_len};
        if (rc == SESSION_OVER || rc == GP_ETIMEDOUT) /* it may be forgotten, and AGAIN was lost */
            seal->is_open = false;
        if (rc != SESSION_OVER)
            return rc;
    }
    return GP_EDENIED;
}
