#include "app/seal/sessions.h"

#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>

struct gp_sessions {
    size_t most, count, buckets; /* buckets: a power of two */
    struct gp_session **by_id, **by_owner;
    struct gp_session *oldest, *newest;
    struct gp_given *oldest_given, *newest_given;
    size_t given_bytes;
    gp_session_end_fn on_end;
    void *context;
};

/* Ids are random and ours, device numbers dense: both spread by themselves. */
static struct gp_session **bucket_of_id(const struct gp_sessions *sessions, const unsigned char *id)
{
    return &sessions->by_id[gp_get_u64(id) & (sessions->buckets - 1)];
}

static struct gp_session **bucket_of_owner(const struct gp_sessions *sessions, uint64_t device)
{
    return &sessions->by_owner[device & (sessions->buckets - 1)];
}

int gp_sessions_open(size_t most, gp_session_end_fn on_end, void *context,
                     struct gp_sessions **ret_sessions)
{
    struct gp_sessions *sessions = calloc(1, sizeof *sessions);

    if (sessions == NULL)
        return GP_ENOMEM;
    sessions->most = most;
    sessions->on_end = on_end;
    sessions->context = context;
    for (sessions->buckets = 16; sessions->buckets < most;)
        sessions->buckets *= 2;
    sessions->by_id = calloc(sessions->buckets, sizeof(struct gp_session *));
    sessions->by_owner = calloc(sessions->buckets, sizeof(struct gp_session *));
    if (sessions->by_id == NULL || sessions->by_owner == NULL) {
        gp_sessions_close(sessions);
        return GP_ENOMEM;
    }
    *ret_sessions = sessions;
    return 0;
}

void gp_sessions_close(struct gp_sessions *sessions)
{
    if (sessions == NULL)
        return;
    while (sessions->oldest != NULL)
        gp_sessions_end(sessions, sessions->oldest);
    free(sessions->by_id);
    free(sessions->by_owner);
    free(sessions);
}

/* ---------------------------------------------------------------- answers */

bool gp_asked_equal(const struct gp_asked *a, const struct gp_asked *b)
{
    return a->counter == b->counter && memcmp(a->tag, b->tag, sizeof a->tag) == 0;
}

static void forget(struct gp_sessions *sessions, struct gp_given *given)
{
    if (given->older != NULL)
        given->older->newer = given->newer;
    else
        sessions->oldest_given = given->newer;
    if (given->newer != NULL)
        given->newer->older = given->older;
    else
        sessions->newest_given = given->older;
    sessions->given_bytes -= given->len;
    for (int i = 0; i < GP_SESSION_ANSWERS_MAX; i++) {
        if (given->session->given[i] == given)
            given->session->given[i] = NULL;
    }
    free(given);
}

void gp_session_keep(struct gp_sessions *sessions, struct gp_session *session,
                     const struct gp_asked *asked, struct gp_span answer)
{
    struct gp_given **place = &session->given[session->given_next];
    struct gp_given *given = malloc(sizeof *given + answer.len);

    if (given == NULL)
        return;
    if (*place != NULL)
        forget(sessions, *place);
    *given = (struct gp_given){.asked = *asked, .session = session, .len = answer.len};
    memcpy(given->bytes, answer.ptr, answer.len);
    given->older = sessions->newest_given;
    if (given->older != NULL)
        given->older->newer = given;
    else
        sessions->oldest_given = given;
    sessions->newest_given = given;
    sessions->given_bytes += answer.len;
    *place = given;
    session->given_next = (uint8_t)((session->given_next + 1) % GP_SESSION_ANSWERS_MAX);
    while (sessions->given_bytes > GP_ANSWERS_BYTES_MAX)
        forget(sessions, sessions->oldest_given);
}

const struct gp_given *gp_session_given(const struct gp_session *session,
                                        const struct gp_asked *asked)
{
    for (int i = 0; i < GP_SESSION_ANSWERS_MAX; i++) {
        struct gp_given *given = session->given[i];
        if (given == NULL || !gp_asked_equal(&given->asked, asked))
            continue;
        return given->resent++ < GP_ANSWER_RESENDS_MAX ? given : NULL;
    }
    return NULL;
}

/* ---------------------------------------------------------------- sessions */

static void unlink_by_id(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **at = bucket_of_id(sessions, session->channel.session);

    while (*at != session)
        at = &(*at)->next_by_id;
    *at = session->next_by_id;
}

static void unlink_by_owner(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **at = bucket_of_owner(sessions, session->device);

    while (*at != session)
        at = &(*at)->next_by_owner;
    *at = session->next_by_owner;
}

static void unlink_by_age(struct gp_sessions *sessions, struct gp_session *session)
{
    if (session->older != NULL)
        session->older->newer = session->newer;
    else
        sessions->oldest = session->newer;
    if (session->newer != NULL)
        session->newer->older = session->older;
    else
        sessions->newest = session->older;
}

void gp_sessions_end(struct gp_sessions *sessions, struct gp_session *session)
{
    sessions->on_end(sessions->context, session);
    for (int i = 0; i < GP_SESSION_ANSWERS_MAX; i++) {
        if (session->given[i] != NULL)
            forget(sessions, session->given[i]);
    }
    unlink_by_id(sessions, session);
    unlink_by_owner(sessions, session);
    unlink_by_age(sessions, session);
    sessions->count--;
    gp_channel_clear(&session->channel);
    free(session);
}

/* A device's sessions: how many, and which may go first. A bucket has the newest first. */
static struct gp_session *least_of(const struct gp_sessions *sessions, uint64_t device,
                                   unsigned *ret_count)
{
    struct gp_session *found = NULL;

    *ret_count = 0;
    for (struct gp_session *at = *bucket_of_owner(sessions, device); at != NULL;
         at = at->next_by_owner) {
        if (at->device != device)
            continue;
        if (found == NULL || found->used || !at->used)
            found = at;
        ++*ret_count;
    }
    return found;
}

static void make_room(struct gp_sessions *sessions, uint64_t device)
{
    unsigned count;
    struct gp_session *least = least_of(sessions, device, &count);

    if (count >= GP_DEVICE_SESSIONS_MAX)
        gp_sessions_end(sessions, least);
    else if (sessions->count >= sessions->most)
        gp_sessions_end(sessions, sessions->oldest);
}

static void link_session(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **by_id = bucket_of_id(sessions, session->channel.session);
    struct gp_session **by_owner = bucket_of_owner(sessions, session->device);

    session->next_by_id = *by_id;
    *by_id = session;
    session->next_by_owner = *by_owner;
    *by_owner = session;
    session->older = sessions->newest;
    if (session->older != NULL)
        session->older->newer = session;
    else
        sessions->oldest = session;
    sessions->newest = session;
    sessions->count++;
}

int gp_sessions_add(struct gp_sessions *sessions, const struct gp_noise *noise,
                    const unsigned char id[GP_SESSION_ID_BYTES],
                    const struct gp_session_owner *owner, uint64_t ends_ms)
{
    struct gp_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return GP_ENOMEM;
    assert(owner->person.len <= sizeof session->person);
    make_room(sessions, owner->device);
    gp_channel_init(&session->channel, noise, id);
    session->device = owner->device;
    session->role = owner->role;
    session->person_len = (uint8_t)owner->person.len;
    memcpy(session->person, owner->person.ptr, owner->person.len);
    session->ends_ms = ends_ms;
    link_session(sessions, session);
    return 0;
}

struct gp_session *gp_sessions_find(const struct gp_sessions *sessions,
                                    const unsigned char id[GP_SESSION_ID_BYTES])
{
    struct gp_session *at = *bucket_of_id(sessions, id);

    while (at != NULL && memcmp(at->channel.session, id, GP_SESSION_ID_BYTES) != 0)
        at = at->next_by_id;
    return at;
}

void gp_sessions_end_device(struct gp_sessions *sessions, uint64_t device)
{
    unsigned count;
    struct gp_session *session;

    while ((session = least_of(sessions, device, &count)) != NULL)
        gp_sessions_end(sessions, session);
}

void gp_sessions_expire(struct gp_sessions *sessions, uint64_t now_ms)
{
    while (sessions->oldest != NULL && sessions->oldest->ends_ms <= now_ms)
        gp_sessions_end(sessions, sessions->oldest);
}

size_t gp_sessions_count(const struct gp_sessions *sessions)
{
    return sessions->count;
}
