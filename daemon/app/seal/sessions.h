/**
 * The sessions of devices: channels by their ids, in memory only, so that nothing that was recorded
 * can be played into a daemon that has started again. All live equally long, so the oldest is the
 * first to end.
 *
 * A session is fresh until a request opens with its keys, and proven from then on: a recorded HELLO
 * can be played back by anybody, and makes a fresh session that nobody can use. Fresh sessions have
 * a room of their own, GP_SESSIONS_FRESH_MAX for all devices together, and go for each other only;
 * a proven one goes for a proven one only: the device's oldest of GP_DEVICE_SESSIONS_MAX, or the
 * oldest of all. So who plays back what was recorded ends nobody's session, and to push out the one
 * that a device has just made takes that many handshakes before its first request comes.
 *
 * A session also keeps its last answers: REQ sockets send a request again byte for byte when a
 * connection dies, and the same envelope must get the same answer without being done twice.
 *
 * Knows neither loop nor daemon; times are the caller's, in ms. Thread: one, the caller's.
 */
#ifndef GP_APP_SEAL_SESSIONS_H
#define GP_APP_SEAL_SESSIONS_H

#include "base/limits.h"
#include "trust/session.h"

#define GP_DEVICE_SESSIONS_MAX 4    /* proven ones */
#define GP_SESSIONS_FRESH_MAX  8192 /* of all devices: a second's handshakes, and some 4 MB */
#define GP_SESSION_ANSWERS_MAX 4    /* kept of one session */
#define GP_ANSWER_RESENDS_MAX  16   /* of one kept answer: who repeats it for ever gets no more */
#define GP_ANSWERS_BYTES_MAX   ((size_t)64 * 1024 * 1024) /* kept of all sessions */

struct gp_job;
struct gp_sessions;

/* An answer that was given, as it was before it was sealed. */
struct gp_given {
    struct gp_asked asked;
    struct gp_session *session;
    struct gp_given *older, *newer; /* of all sessions */
    unsigned resent;
    size_t len;
    unsigned char bytes[];
};

/* Whom a device's record makes it. */
struct gp_session_owner {
    uint64_t device;
    uint8_t role; /* enum gp_role */
    struct gp_span person;
};

struct gp_session {
    struct gp_channel channel;
    uint64_t device;
    uint8_t role;
    uint8_t person_len;
    bool proven; /* a request has opened: the device itself is at the other end */
    char person[GP_ID_BYTES_MAX];
    uint64_t ends_ms;
    struct gp_given *given[GP_SESSION_ANSWERS_MAX];
    uint8_t given_next;
    struct gp_job *jobs;                                /* requests under way: the user's list */
    unsigned reads;                                     /* of these: the user's count */
    struct gp_session *older, *newer;                   /* of the fresh or the proven ones */
    struct gp_session *next_by_id;                      /* of a bucket */
    struct gp_session *next_by_owner, **by_owner_place; /* of a bucket; what points here */
};

/* Called while a session ends, before it is gone. */
typedef void (*gp_session_end_fn)(void *context, struct gp_session *session);

/** Makes an empty table for so many proven sessions. Errors: GP_ENOMEM. */
int gp_sessions_open(size_t most, gp_session_end_fn on_end, void *context,
                     struct gp_sessions **ret_sessions);
/** Ends all. Accepts NULL. */
void gp_sessions_close(struct gp_sessions *sessions);

/**
 * Begins a fresh session with the keys of a handshake, in place of the oldest fresh one when there
 * are GP_SESSIONS_FRESH_MAX.
 *
 * Requires: ends_ms is not before that of the sessions that are there; owner.person fits an id
 * Errors:   GP_ENOMEM: nothing changed
 */
int gp_sessions_add(struct gp_sessions *sessions, const struct gp_noise *noise,
                    const unsigned char id[GP_SESSION_ID_BYTES],
                    const struct gp_session_owner *owner, uint64_t ends_ms);

/** A request has opened: a fresh session becomes a proven one, in place of another where the device
 * or the table has as many as may be. */
void gp_sessions_prove(struct gp_sessions *sessions, struct gp_session *session);

/** The session of this id, or NULL. Lifetime: until it ends. */
struct gp_session *gp_sessions_find(const struct gp_sessions *sessions,
                                    const unsigned char id[GP_SESSION_ID_BYTES]);

void gp_sessions_end(struct gp_sessions *sessions, struct gp_session *session);
void gp_sessions_end_device(struct gp_sessions *sessions, uint64_t device);
/** Ends those whose time is over. */
void gp_sessions_expire(struct gp_sessions *sessions, uint64_t now_ms);
size_t gp_sessions_count(const struct gp_sessions *sessions);

/** Keeps an answer in place of the session's oldest one; over GP_ANSWERS_BYTES_MAX the oldest of
 * all go. Without memory it is not kept. */
void gp_session_keep(struct gp_sessions *sessions, struct gp_session *session,
                     const struct gp_asked *asked, struct gp_span answer);

/** The kept answer to this very request, counted as given once more; NULL: there is none, or it
 * was given GP_ANSWER_RESENDS_MAX times. */
const struct gp_given *gp_session_given(const struct gp_session *session,
                                        const struct gp_asked *asked);

/** Whether two requests are the same. */
bool gp_asked_equal(const struct gp_asked *a, const struct gp_asked *b);

#endif
