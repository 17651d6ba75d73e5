/**
 * Sessions of users that have signed in, and how often somebody may try. No I/O and no clock: times
 * are given, in milliseconds of any clock that does not fall.
 *
 * A session is known by a token of 32 random bytes that only the browser has: here is its hash.
 * Thread: the loop's.
 */
#ifndef GP_WEB_SIGN_H
#define GP_WEB_SIGN_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define GP_SIGN_TOKEN_TEXT   65 /* 64 hexadecimal digits and NUL */
#define GP_SIGN_ID_BYTES     65
#define GP_SIGN_SESSIONS_MAX 4096
#define GP_SIGN_OF_USER_MAX  8                   /* one more ends the oldest */
#define GP_SIGN_LIFE_MS      (12 * 3600 * 1000L) /* as a device's session with the daemon */
#define GP_SIGN_IDLE_MS      (2 * 3600 * 1000L)  /* without a request or an open stream */

/* Failures within GP_SIGN_WINDOW_MS, behind which nobody may try until it is over. A peer that
 * fails for one user stops itself first, so that it can hardly shut the user out. */
#define GP_SIGN_WINDOW_MS (15 * 60 * 1000L)
#define GP_SIGN_PAIR_MAX  5   /* of one peer for one user */
#define GP_SIGN_PEER_MAX  50  /* of one peer: an office behind one address has many users */
#define GP_SIGN_USER_MAX  100 /* for one user, whoever tries */

struct gp_sign;
struct gp_web_stream; /* what an open stream is, to those who end it */

struct gp_signed {
    char user[GP_SIGN_ID_BYTES], person[GP_SIGN_ID_BYTES];
    char csrf[GP_SIGN_TOKEN_TEXT]; /* what a change must repeat in its header */
    uint8_t role;                  /* enum gp_role */
    int64_t begun_ms, seen_ms;
    unsigned streams;             /* that are open: such a session is not idle */
    struct gp_web_stream *stream; /* the first of them; stream.c's */
    bool in_use;
    unsigned char hash[32];
};

/** `ended` is told of every session that ends, for whatever reason, before it is wiped. */
int gp_sign_new(void (*ended)(void *context, struct gp_signed *session), void *context,
                struct gp_sign **ret_sign);
void gp_sign_free(struct gp_sign *sign); /* ends all; accepts NULL */

/** How long this peer must wait before it may try for this user; 0: not at all. */
int64_t gp_sign_wait_ms(const struct gp_sign *sign, const char *peer, const char *user,
                        int64_t now_ms);
/** Counts a try that was in vain. One that was not is forgiven its pair's failures. */
void gp_sign_failed(struct gp_sign *sign, const char *peer, const char *user, int64_t now_ms);
void gp_sign_succeeded(struct gp_sign *sign, const char *peer, const char *user);

/**
 * Where the last step of a user's one-time codes is kept, so that none is taken twice; NULL: no
 * memory. Lifetime: until the next call.
 */
int64_t *gp_sign_totp_step(struct gp_sign *sign, const char *user);

/**
 * Begins a session.
 *
 * Requires: user and person shorter than GP_SIGN_ID_BYTES
 * Errors:   GP_EAGAIN: too many sessions
 */
int gp_sign_begin(struct gp_sign *sign, const char *user, const char *person, uint8_t role,
                  int64_t now_ms, char ret_token[GP_SIGN_TOKEN_TEXT],
                  struct gp_signed **ret_session);

/** The session of a token, which was seen now; NULL: there is none, or it is over. */
struct gp_signed *gp_sign_find(struct gp_sign *sign, const char *token, int64_t now_ms);

/** Whether a change may be made: the token in its header is the session's. */
bool gp_sign_csrf_fits(const struct gp_signed *session, const char *csrf);

void gp_sign_end(struct gp_sign *sign, struct gp_signed *session);

/** Ends those that are over by their age or idleness, and all for which `stays` says no. */
void gp_sign_sweep(struct gp_sign *sign, int64_t now_ms,
                   bool (*stays)(void *context, const struct gp_signed *session), void *context);

/** Calls `call` with every session; it may end none. */
void gp_sign_each(struct gp_sign *sign, void (*call)(void *context, struct gp_signed *session),
                  void *context);

unsigned gp_sign_count(const struct gp_sign *sign);
/** How many streams are open, of all sessions, or of all of one user. */
unsigned gp_sign_streams(const struct gp_sign *sign);
unsigned gp_sign_streams_of(const struct gp_sign *sign, const char *user);

#endif
