/*
 * Envelopes in, envelopes out. A request's counter is used up when it opens, so it is done at most
 * once. The same envelope again (REQ sockets resend byte for byte, perhaps on another connection)
 * joins the return paths of the job that is under way, or gets the kept answer under a fresh
 * counter; anything else that uses a counter again is dropped without a word, and so is all that
 * does not open: whoever sent it knows no key.
 */
#include "app/seal/seal.h"

#include <assert.h>

static void drop(struct gp_app *app, struct gp_letter *letter)
{
    app->seal->dropped++;
    gp_letter_drop(letter);
}

static struct gp_span message_of(const struct gp_letter *letter)
{
    return (struct gp_span){letter->body, letter->len};
}

/* ---------------------------------------------------------------- answers */

static void answer_again(struct gp_letter *letter, const unsigned char session[GP_SESSION_ID_BYTES])
{
    unsigned char message[GP_AGAIN_BYTES];

    gp_again_write(session, message);
    gp_letter_reply(letter, (struct gp_span){(const char *)message, sizeof message});
}

void gp_sealed_unknown(struct gp_app *app, struct gp_letter *letter,
                       const unsigned char session[GP_SESSION_ID_BYTES])
{
    if (gp_allowance_take(app, &app->seal->agains, GP_AGAINS_PER_S))
        answer_again(letter, session);
    else
        drop(app, letter);
}

/* Errors: GP_ELIMIT: the session has sent all it may. */
static int answer_sealed(struct gp_app *app, struct gp_session *session,
                         const struct gp_asked *asked, struct gp_span plain,
                         struct gp_letter *letter)
{
    unsigned char *sealed = app->seal->sealed;
    int rc;

    assert(plain.len <= GP_REPLY_BYTES_MAX);
    rc = gp_channel_seal_answer(&session->channel, asked, plain, sealed);
    if (rc == 0)
        gp_letter_reply(letter,
                        (struct gp_span){(const char *)sealed, plain.len + GP_ENVELOPE_OVERHEAD});
    return rc;
}

/* One path. A session that is used up ends, and its device hears AGAIN here as everywhere. */
static void answer_path(struct gp_job *job, struct gp_span plain, struct gp_letter *letter)
{
    struct gp_app *app = job->app;

    if (job->session != NULL && answer_sealed(app, job->session, &job->asked, plain, letter) != 0)
        gp_sessions_end(app->seal->sessions, job->session);
    if (job->session == NULL)
        answer_again(letter, job->session_id);
}

void gp_sealed_answer(struct gp_job *job, struct gp_span answer)
{
    if (job->session != NULL)
        gp_session_keep(job->app->seal->sessions, job->session, &job->asked, answer);
    answer_path(job, answer, &job->letter);
    for (uint8_t i = 0; i < job->way_count; i++)
        answer_path(job, answer, &job->way[i]);
    job->way_count = 0;
}

void gp_sealed_only(struct gp_app *app, struct gp_letter letter)
{
    const char *detail = letter.intake == app->intake[GP_DOOR_EDGE]
                             ? "enrol this device (gridpost enrol, gridpost join)"
                             : "enrol this device (gridpost enrol, gridpost join), or start "
                               "gridpostd with --insecure-local for a trial";
    struct gp_job *job;

    if (!gp_allowance_take(app, &app->seal->sealed_onlys, GP_SEALED_ONLY_PER_S) ||
        (job = gp_job_new(app, letter)) == NULL)
        drop(app, &letter);
    else
        gp_job_refuse(job, GP_STATUS_SEALED_ONLY, detail);
}

/* ---------------------------------------------------------------- jobs of a session */

static void attach(struct gp_job *job, struct gp_session *session, const struct gp_asked *asked)
{
    job->sealed = true;
    job->asked = *asked;
    memcpy(job->session_id, session->channel.session, sizeof job->session_id);
    job->by_device = session->device;
    job->role = session->role;
    job->session = session;
    job->session_next = session->jobs;
    job->session_at = &session->jobs;
    if (session->jobs != NULL)
        session->jobs->session_at = &job->session_next;
    session->jobs = job;
}

static void detach(struct gp_job *job)
{
    *job->session_at = job->session_next;
    if (job->session_next != NULL)
        job->session_next->session_at = job->session_at;
    job->session->reads -= job->reads;
    job->reads = false;
    job->session = NULL;
}

void gp_sealed_leave(struct gp_job *job)
{
    if (job->session != NULL)
        detach(job);
    for (uint8_t i = 0; i < job->way_count; i++)
        gp_letter_drop(&job->way[i]);
    job->way_count = 0;
    job->sealed = false;
}

void gp_sealed_orphan(void *context, struct gp_session *session)
{
    (void)context;
    while (session->jobs != NULL)
        detach(session->jobs);
}

/* ---------------------------------------------------------------- requests */

/* The paths that are there first stay: whoever recorded an envelope cannot push them out. */
static void join_paths(struct gp_app *app, struct gp_job *job, struct gp_letter *letter)
{
    if (job->way_count < GP_JOB_WAYS_MAX)
        job->way[job->way_count++] = *letter;
    else
        drop(app, letter);
}

static void take_again(struct gp_app *app, struct gp_session *session,
                       const struct gp_envelope *envelope, struct gp_letter *letter)
{
    struct gp_job *job = session->jobs;
    const struct gp_given *given;
    struct gp_asked asked;

    gp_asked_of(envelope, &asked);
    while (job != NULL && !gp_asked_equal(&job->asked, &asked))
        job = job->session_next;
    if (job != NULL) {
        join_paths(app, job, letter);
        return;
    }
    given = gp_session_given(session, &asked);
    if (given == NULL ||
        answer_sealed(app, session, &asked,
                      (struct gp_span){(const char *)given->bytes, given->len}, letter) != 0)
        drop(app, letter);
}

/* The plain text is copied: the arena has it for as long as the job lives. */
static void take_new(struct gp_app *app, struct gp_session *session,
                     const struct gp_envelope *envelope, struct gp_span plain,
                     struct gp_letter *letter)
{
    struct gp_job *job = gp_job_new(app, *letter);
    struct gp_asked asked;

    if (job == NULL) {
        drop(app, letter); /* out of memory, and the counter is used up: it handshakes anew */
        return;
    }
    gp_asked_of(envelope, &asked);
    attach(job, session, &asked);
    gp_sessions_prove(app->seal->sessions, session);
    plain = gp_arena_copy(&job->arena, plain);
    if (plain.ptr != NULL)
        gp_request_take(job, plain);
    else
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(GP_ENOMEM));
}

static void take_request(struct gp_app *app, const struct gp_envelope *envelope,
                         struct gp_letter *letter)
{
    struct gp_seal *seal = app->seal;
    struct gp_session *session = gp_sessions_find(seal->sessions, envelope->session);
    size_t len;
    int rc;

    if (session == NULL) {
        gp_sealed_unknown(app, letter, envelope->session);
        return;
    }
    rc = envelope->body.len <= sizeof seal->plain
             ? gp_channel_open_request(&session->channel, envelope, seal->plain, &len)
             : GP_EFORMAT;
    if (rc == 0)
        take_new(app, session, envelope, (struct gp_span){(const char *)seal->plain, len}, letter);
    else if (rc == GP_EEXIST)
        take_again(app, session, envelope, letter);
    else
        drop(app, letter);
}

void gp_sealed_letter(struct gp_app *app, struct gp_letter letter)
{
    struct gp_envelope envelope;

    if (gp_envelope_read(message_of(&letter), &envelope) != 0)
        drop(app, &letter);
    else if (envelope.type == GP_ENVELOPE_REQUEST)
        take_request(app, &envelope, &letter);
    else if (envelope.type == GP_ENVELOPE_HELLO || envelope.type == GP_ENVELOPE_JOIN)
        gp_handshake_letter(app, letter);
    else
        drop(app, &letter);
}
