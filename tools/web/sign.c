#include "web/sign.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_BYTES 32
#define TRIES       8192 /* counters of failures; a power of two */
#define PROBES      8    /* places that a counter may have */

/* Failures of one key: a pair, a peer or a user. */
struct tries {
    uint64_t key; /* 0: free */
    int64_t since_ms;
    uint32_t count;
};

/* The last one-time code of a user. */
struct code {
    char user[GP_SIGN_ID_BYTES];
    int64_t step;
};

struct gp_sign {
    struct code *code;
    size_t codes;
    void (*ended)(void *context, struct gp_signed *session);
    void *context;
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    unsigned count;
    struct gp_signed session[GP_SIGN_SESSIONS_MAX];
    struct tries tries[TRIES];
};

static_assert(2 * TOKEN_BYTES + 1 == GP_SIGN_TOKEN_TEXT, "a token is its bytes in hexadecimal");

int gp_sign_new(void (*ended)(void *context, struct gp_signed *session), void *context,
                struct gp_sign **ret_sign)
{
    if (sodium_init() < 0)
        return GP_EIO;
    struct gp_sign *sign = calloc(1, sizeof *sign);
    if (sign == NULL)
        return GP_ENOMEM;
    sign->ended = ended;
    sign->context = context;
    crypto_shorthash_keygen(sign->hash_key);
    *ret_sign = sign;
    return 0;
}

void gp_sign_free(struct gp_sign *sign)
{
    if (sign == NULL)
        return;
    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        if (sign->session[i].in_use)
            gp_sign_end(sign, &sign->session[i]);
    }
    free(sign->code);
    free(sign);
}

/* Grows with the users that have one; who they are was proven by a password first. */
int64_t *gp_sign_totp_step(struct gp_sign *sign, const char *user)
{
    for (size_t i = 0; i < sign->codes; i++) {
        if (strcmp(sign->code[i].user, user) == 0)
            return &sign->code[i].step;
    }
    struct code *more = realloc(sign->code, (sign->codes + 1) * sizeof *more);
    if (more == NULL)
        return NULL;
    sign->code = more;
    struct code *code = &sign->code[sign->codes++];
    *code = (struct code){0};
    memcpy(code->user, user, strnlen(user, sizeof code->user - 1));
    return &code->step;
}

/* ---------------------------------------------------------------- how often */

/* Keyed, so that nobody can make names whose counters lie in one place. */
static uint64_t key_of(const struct gp_sign *sign, const char *peer, const char *user)
{
    char text[256];
    uint64_t key;
    int len = snprintf(text, sizeof text, "%s\n%s", peer, user);

    if (len < 0 || (size_t)len >= sizeof text)
        len = sizeof text - 1;
    crypto_shorthash((unsigned char *)&key, (const unsigned char *)text, (size_t)len,
                     sign->hash_key);
    return key != 0 ? key : 1;
}

static bool is_over(const struct tries *tries, int64_t now_ms)
{
    return tries->key == 0 || now_ms - tries->since_ms >= GP_SIGN_WINDOW_MS;
}

static struct tries *find_tries(const struct gp_sign *sign, uint64_t key)
{
    for (unsigned i = 0; i < PROBES; i++) {
        const struct tries *tries = &sign->tries[(key + i) % TRIES];
        if (tries->key == key)
            return (struct tries *)tries;
    }
    return NULL;
}

/* A free place, else that of the oldest: many strangers push out each other. */
static struct tries *place_tries(struct gp_sign *sign, uint64_t key, int64_t now_ms)
{
    struct tries *best = NULL;

    for (unsigned i = 0; i < PROBES; i++) {
        struct tries *tries = &sign->tries[(key + i) % TRIES];
        if (is_over(tries, now_ms)) {
            best = tries;
            break;
        }
        if (best == NULL || tries->since_ms < best->since_ms)
            best = tries;
    }
    *best = (struct tries){.key = key, .since_ms = now_ms};
    return best;
}

static void count_one(struct gp_sign *sign, uint64_t key, int64_t now_ms)
{
    struct tries *tries = find_tries(sign, key);

    if (tries == NULL || is_over(tries, now_ms))
        tries = place_tries(sign, key, now_ms);
    tries->count++;
}

static int64_t wait_of(const struct gp_sign *sign, uint64_t key, uint32_t most, int64_t now_ms)
{
    const struct tries *tries = find_tries(sign, key);

    if (tries == NULL || is_over(tries, now_ms) || tries->count < most)
        return 0;
    return tries->since_ms + GP_SIGN_WINDOW_MS - now_ms;
}

int64_t gp_sign_wait_ms(const struct gp_sign *sign, const char *peer, const char *user,
                        int64_t now_ms)
{
    int64_t pair = wait_of(sign, key_of(sign, peer, user), GP_SIGN_PAIR_MAX, now_ms);
    int64_t of_peer = wait_of(sign, key_of(sign, peer, ""), GP_SIGN_PEER_MAX, now_ms);
    int64_t of_user = wait_of(sign, key_of(sign, "", user), GP_SIGN_USER_MAX, now_ms);
    int64_t most = pair > of_peer ? pair : of_peer;

    return most > of_user ? most : of_user;
}

void gp_sign_failed(struct gp_sign *sign, const char *peer, const char *user, int64_t now_ms)
{
    count_one(sign, key_of(sign, peer, user), now_ms);
    count_one(sign, key_of(sign, peer, ""), now_ms);
    count_one(sign, key_of(sign, "", user), now_ms);
}

void gp_sign_succeeded(struct gp_sign *sign, const char *peer, const char *user)
{
    struct tries *tries = find_tries(sign, key_of(sign, peer, user));

    if (tries != NULL)
        *tries = (struct tries){0};
}

/* ---------------------------------------------------------------- sessions */

static void hash_token(const unsigned char token[TOKEN_BYTES], unsigned char ret_hash[32])
{
    (void)crypto_generichash(ret_hash, 32, token, TOKEN_BYTES, NULL, 0);
}

static void random_text(char ret_text[GP_SIGN_TOKEN_TEXT], unsigned char bytes[TOKEN_BYTES])
{
    randombytes_buf(bytes, TOKEN_BYTES);
    (void)sodium_bin2hex(ret_text, GP_SIGN_TOKEN_TEXT, bytes, TOKEN_BYTES);
}

static void end_oldest_of(struct gp_sign *sign, const char *user)
{
    struct gp_signed *oldest = NULL;
    unsigned count = 0;

    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        struct gp_signed *session = &sign->session[i];
        if (!session->in_use || strcmp(session->user, user) != 0)
            continue;
        count++;
        if (oldest == NULL || session->begun_ms < oldest->begun_ms)
            oldest = session;
    }
    if (count >= GP_SIGN_OF_USER_MAX)
        gp_sign_end(sign, oldest);
}

static struct gp_signed *free_place(struct gp_sign *sign)
{
    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        if (!sign->session[i].in_use)
            return &sign->session[i];
    }
    return NULL;
}

int gp_sign_begin(struct gp_sign *sign, const char *user, const char *person, uint8_t role,
                  int64_t now_ms, char ret_token[GP_SIGN_TOKEN_TEXT],
                  struct gp_signed **ret_session)
{
    unsigned char token[TOKEN_BYTES], csrf[TOKEN_BYTES];

    assert(strlen(user) < GP_SIGN_ID_BYTES && strlen(person) < GP_SIGN_ID_BYTES);
    end_oldest_of(sign, user);
    struct gp_signed *session = free_place(sign);
    if (session == NULL)
        return GP_EAGAIN;
    *session =
        (struct gp_signed){.role = role, .begun_ms = now_ms, .seen_ms = now_ms, .in_use = true};
    memcpy(session->user, user, strlen(user) + 1);
    memcpy(session->person, person, strlen(person) + 1);
    random_text(session->csrf, csrf);
    random_text(ret_token, token);
    hash_token(token, session->hash);
    sodium_memzero(token, sizeof token);
    sign->count++;
    *ret_session = session;
    return 0;
}

static bool has_ended(const struct gp_signed *session, int64_t now_ms)
{
    return now_ms - session->begun_ms >= GP_SIGN_LIFE_MS ||
           (session->streams == 0 && now_ms - session->seen_ms >= GP_SIGN_IDLE_MS);
}

struct gp_signed *gp_sign_find(struct gp_sign *sign, const char *token, int64_t now_ms)
{
    unsigned char bytes[TOKEN_BYTES], hash[32];
    size_t len = 0;

    if (strlen(token) != GP_SIGN_TOKEN_TEXT - 1 ||
        sodium_hex2bin(bytes, sizeof bytes, token, GP_SIGN_TOKEN_TEXT - 1, NULL, &len, NULL) != 0 ||
        len != sizeof bytes)
        return NULL;
    hash_token(bytes, hash);
    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        struct gp_signed *session = &sign->session[i];
        if (!session->in_use || sodium_memcmp(session->hash, hash, sizeof hash) != 0)
            continue;
        if (has_ended(session, now_ms)) {
            gp_sign_end(sign, session);
            return NULL;
        }
        session->seen_ms = now_ms;
        return session;
    }
    return NULL;
}

bool gp_sign_csrf_fits(const struct gp_signed *session, const char *csrf)
{
    return csrf != NULL && strlen(csrf) == GP_SIGN_TOKEN_TEXT - 1 &&
           sodium_memcmp(session->csrf, csrf, GP_SIGN_TOKEN_TEXT - 1) == 0;
}

void gp_sign_end(struct gp_sign *sign, struct gp_signed *session)
{
    assert(session->in_use);
    if (sign->ended != NULL)
        sign->ended(sign->context, session);
    sodium_memzero(session, sizeof *session);
    sign->count--;
}

void gp_sign_sweep(struct gp_sign *sign, int64_t now_ms,
                   bool (*stays)(void *context, const struct gp_signed *session), void *context)
{
    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        struct gp_signed *session = &sign->session[i];
        if (session->in_use && (has_ended(session, now_ms) || !stays(context, session)))
            gp_sign_end(sign, session);
    }
}

void gp_sign_each(struct gp_sign *sign, void (*call)(void *context, struct gp_signed *session),
                  void *context)
{
    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        if (sign->session[i].in_use)
            call(context, &sign->session[i]);
    }
}

unsigned gp_sign_count(const struct gp_sign *sign)
{
    return sign->count;
}

unsigned gp_sign_streams(const struct gp_sign *sign)
{
    unsigned count = 0;

    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++)
        count += sign->session[i].streams; /* 0 of a place that is free */
    return count;
}

unsigned gp_sign_streams_of(const struct gp_sign *sign, const char *user)
{
    unsigned count = 0;

    for (size_t i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        const struct gp_signed *session = &sign->session[i];
        if (session->in_use && strcmp(session->user, user) == 0)
            count += session->streams;
    }
    return count;
}
