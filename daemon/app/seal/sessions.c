#include "app/seal/sessions.h"

#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>

/* Sessions in the order in which they end. */
struct line {
    struct gp_session *oldest, *newest;
    size_t count;
};

struct gp_sessions {
    size_t most, buckets; /* proven ones at the most; a power of two */
    struct gp_session **by_id, **by_owner;
    struct line fresh, proven;
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
    for (sessions->buckets = 16; sessions->buckets < most + GP_SESSIONS_FRESH_MAX;)
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
    gp_sessions_expire(sessions, UINT64_MAX);
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

static struct line *line_of(struct gp_sessions *sessions, const struct gp_session *session)
{
    return session->proven ? &sessions->proven : &sessions->fresh;
}

/* Behind all that end no later: nearly always at the end. */
static void line_up(struct gp_sessions *sessions, struct gp_session *session)
{
    struct line *line = line_of(sessions, session);
    struct gp_session *older = line->newest;

    while (older != NULL && older->ends_ms > session->ends_ms)
        older = older->older;
    session->older = older;
    session->newer = older != NULL ? older->newer : line->oldest;
    *(older != NULL ? &older->newer : &line->oldest) = session;
    *(session->newer != NULL ? &session->newer->older : &line->newest) = session;
    line->count++;
}

static void leave_line(struct gp_sessions *sessions, struct gp_session *session)
{
    struct line *line = line_of(sessions, session);

    *(session->older != NULL ? &session->older->newer : &line->oldest) = session->newer;
    *(session->newer != NULL ? &session->newer->older : &line->newest) = session->older;
    line->count--;
}

static void link_by_id(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **by_id = bucket_of_id(sessions, session->channel.session);

    session->next_by_id = *by_id;
    *by_id = session;
}

static void unlink_by_id(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **at = bucket_of_id(sessions, session->channel.session);

    while (*at != session)
        at = &(*at)->next_by_id;
    *at = session->next_by_id;
}

static void link_by_owner(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session **by_owner = bucket_of_owner(sessions, session->device);

    session->next_by_owner = *by_owner;
    session->by_owner_place = by_owner;
    if (*by_owner != NULL)
        (*by_owner)->by_owner_place = &session->next_by_owner;
    *by_owner = session;
}

/* Without a walk: a HELLO that is played back makes thousands of one device. */
static void unlink_by_owner(struct gp_session *session)
{
    *session->by_owner_place = session->next_by_owner;
    if (session->next_by_owner != NULL)
        session->next_by_owner->by_owner_place = session->by_owner_place;
}

void gp_sessions_end(struct gp_sessions *sessions, struct gp_session *session)
{
    sessions->on_end(sessions->context, session);
    for (int i = 0; i < GP_SESSION_ANSWERS_MAX; i++) {
        if (session->given[i] != NULL)
            forget(sessions, session->given[i]);
    }
    unlink_by_id(sessions, session);
    unlink_by_owner(session);
    leave_line(sessions, session);
    gp_channel_clear(&session->channel);
    free(session);
}

int gp_sessions_add(struct gp_sessions *sessions, const struct gp_noise *noise,
                    const unsigned char id[GP_SESSION_ID_BYTES],
                    const struct gp_session_owner *owner, uint64_t ends_ms)
{
    struct gp_session *session = calloc(1, sizeof *session);

    if (session == NULL)
        return GP_ENOMEM;
    assert(owner->person.len <= sizeof session->person);
    if (sessions->fresh.count >= GP_SESSIONS_FRESH_MAX)
        gp_sessions_end(sessions, sessions->fresh.oldest);
    gp_channel_init(&session->channel, noise, id);
    session->device = owner->device;
    session->role = owner->role;
    session->person_len = (uint8_t)owner->person.len;
    memcpy(session->person, owner->person.ptr, owner->person.len);
    session->ends_ms = ends_ms;
    link_by_id(sessions, session);
    link_by_owner(sessions, session);
    line_up(sessions, session);
    return 0;
}

/* A device's proven sessions: how many, and the oldest. */
static struct gp_session *oldest_proven(const struct gp_sessions *sessions, uint64_t device,
                                        unsigned *ret_count)
{
    struct gp_session *oldest = NULL;

    *ret_count = 0;
    for (struct gp_session *at = *bucket_of_owner(sessions, device); at != NULL;
         at = at->next_by_owner) {
        if (at->device != device || !at->proven)
            continue;
        if (oldest == NULL || at->ends_ms <= oldest->ends_ms)
            oldest = at;
        ++*ret_count;
    }
    return oldest;
}

void gp_sessions_prove(struct gp_sessions *sessions, struct gp_session *session)
{
    struct gp_session *oldest;
    unsigned count;

    if (session->proven)
        return;
    oldest = oldest_proven(sessions, session->device, &count);
    if (count >= GP_DEVICE_SESSIONS_MAX)
        gp_sessions_end(sessions, oldest);
    else if (sessions->proven.count >= sessions->most)
        gp_sessions_end(sessions, sessions->proven.oldest);
    leave_line(sessions, session);
    session->proven = true;
    line_up(sessions, session);
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
    struct gp_session *next;

    for (struct gp_session *at = *bucket_of_owner(sessions, device); at != NULL; at = next) {
        next = at->next_by_owner;
        if (at->device == device)
            gp_sessions_end(sessions, at);
    }
}

static void expire(struct gp_sessions *sessions, const struct line *line, uint64_t now_ms)
{
    while (line->oldest != NULL && line->oldest->ends_ms <= now_ms)
        gp_sessions_end(sessions, line->oldest);
}

void gp_sessions_expire(struct gp_sessions *sessions, uint64_t now_ms)
{
    expire(sessions, &sessions->fresh, now_ms);
    expire(sessions, &sessions->proven, now_ms);
}

size_t gp_sessions_count(const struct gp_sessions *sessions)
{
    return sessions->fresh.count + sessions->proven.count;
}
