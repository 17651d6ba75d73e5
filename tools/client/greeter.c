/* The session that all calls share. */
#include "base/error.h"
#include "client/async_internal.h"
#include "client/letter.h"

#include <assert.h>
#include <stdlib.h>

#define PATIENCE_MS     2000  /* for a WELCOME, doubled with each that does not come … */
#define PATIENCE_MS_MAX 60000 /* … up to this */
#define DOUBLINGS_MAX   5
#define DENIED_MS       60000 /* PROTOCOL section 12: who is not known asks once a minute … */
#define PENDING_MS      3000  /* … and who waits to be confirmed every three seconds */
#define FAILED_MS       1000  /* what failed otherwise */

/* ---------------------------------------------------------------- sessions */

void gp_talk_leave(struct gp_shared_talk *talk)
{
    if (talk == NULL)
        return;
    assert(talk->users > 0);
    if (--talk->users > 0)
        return;
    gp_wipe(talk, sizeof *talk);
    free(talk);
}

void gp_greeter_forget(struct gp_async *async, const struct gp_shared_talk *talk)
{
    if (talk != async->talk || talk == NULL)
        return;
    gp_talk_leave(async->talk);
    async->talk = NULL;
}

bool gp_greeter_can_seal(const struct gp_async *async)
{
    return async->talk != NULL && gp_letters_now() < async->talk->talk.ends_ms;
}

static bool is_fresh(const struct gp_async *async, int64_t now_ms)
{
    return async->talk != NULL && now_ms < async->talk->renew_ms &&
           async->talk->talk.channel.sent < GP_SESSION_MESSAGES - GP_ASYNC_RENEW_MESSAGES;
}

/* ---------------------------------------------------------------- handshakes */

/* Whether there is a call that a session would help. */
static bool somebody_waits(const struct gp_async *async)
{
    return async->at[GP_CALL_BRISK].count + async->at[GP_CALL_RESTING].count > 0;
}

static void fail_place(struct gp_async *async, enum gp_call_place place, int error)
{
    struct gp_ring *ring = &async->at[place].ring;

    for (struct gp_ring *at = ring->next, *next; at != ring; at = next) {
        struct gp_async_call *call = GP_RING_OF(at, struct gp_async_call, ring);
        next = at->next;
        if (call->talk == NULL)
            gp_call_over(call, error);
    }
}

/* Who waits for a session waits in vain; unless there is one still. */
static void fail_waiting(struct gp_async *async, int error)
{
    if (gp_greeter_can_seal(async))
        return;
    fail_place(async, GP_CALL_BRISK, error);
    fail_place(async, GP_CALL_RESTING, error);
}

static void reset(struct gp_greeter *greeter)
{
    gp_greeting_clear(&greeter->greeting);
    greeter->waits = false;
    greeter->pipe = NULL;
    greeter->silences = greeter->wrongs = 0;
}

static int64_t pause_ms(int error)
{
    switch (error) {
    case GP_EDENIED:
        return DENIED_MS;
    case GP_EPENDING:
        return PENDING_MS;
    default:
        return FAILED_MS;
    }
}

/* There is no handshake for a while. */
static void fail(struct gp_async *async, int error)
{
    async->greeter.refused = error;
    async->greeter.refused_until_ms = gp_letters_now() + pause_ms(error);
    reset(&async->greeter);
    fail_waiting(async, error);
}

static void begin(struct gp_async *async)
{
    struct gp_greeter *greeter = &async->greeter;
    int rc = gp_greeting_begin(&greeter->greeting, &async->identity, greeter->hello);

    if (rc != 0)
        fail(async, rc);
    else
        greeter->waits = true;
}

static void send_hello(struct gp_async *async)
{
    struct gp_greeter *greeter = &async->greeter;
    struct gp_span hello = {(const char *)greeter->hello, sizeof greeter->hello};

    greeter->pipe = gp_pipes_send(&async->pipes, greeter, hello);
    greeter->waits = greeter->pipe == NULL;
    greeter->sent_ms = gp_letters_now();
}

void gp_greeter_serve(struct gp_async *async)
{
    struct gp_greeter *greeter = &async->greeter;
    int64_t now_ms = gp_letters_now();

    if (!async->sealed)
        return;
    if (!greeter->waits && greeter->pipe == NULL && !is_fresh(async, now_ms) &&
        somebody_waits(async)) {
        if (now_ms < greeter->refused_until_ms)
            fail_waiting(async, greeter->refused);
        else
            begin(async);
    }
    if (greeter->waits)
        send_hello(async);
}

/* ---------------------------------------------------------------- what becomes of it */

static int keep_session(struct gp_async *async, int64_t now_ms)
{
    struct gp_shared_talk *talk = calloc(1, sizeof *talk);

    if (talk == NULL)
        return GP_ENOMEM;
    int rc = gp_talk_begin(&talk->talk, &async->greeter.greeting, now_ms, &async->identity);
    if (rc != 0) {
        free(talk);
        return rc;
    }
    talk->users = 1;
    talk->heard_ms = now_ms;
    talk->renew_ms = talk->talk.ends_ms - (talk->talk.ends_ms - now_ms) / GP_ASYNC_RENEW_PARTS;
    gp_talk_leave(async->talk);
    async->talk = talk;
    return 0;
}

static void try_same_again(struct gp_async *async)
{
    async->greeter.pipe = NULL;
    if (++async->greeter.wrongs >= GP_ASYNC_WRONG_MAX)
        fail(async, GP_EFORMAT);
    else
        async->greeter.waits = true;
}

void gp_greeter_answer(struct gp_async *async, struct gp_span body)
{
    if (gp_greeting_take(&async->greeter.greeting, body) != GP_TAKEN_TRUE) {
        try_same_again(async);
        return;
    }
    int rc = keep_session(async, gp_letters_now());
    if (rc == GP_EDENIED || rc == GP_EPENDING)
        gp_greeter_forget(async, async->talk); /* the server has none of this device any more */
    if (rc != 0)
        fail(async, rc);
    else
        reset(&async->greeter);
}

void gp_greeter_lost(struct gp_async *async, int error)
{
    if (error == GP_EFORMAT || error == GP_ELIMIT) {
        try_same_again(async);
        return;
    }
    async->greeter.pipe = NULL;
    async->greeter.waits = true;
}

void gp_greeter_tick(struct gp_async *async, int64_t now_ms)
{
    struct gp_greeter *greeter = &async->greeter;
    unsigned doublings = greeter->silences < DOUBLINGS_MAX ? greeter->silences : DOUBLINGS_MAX;
    int64_t patience_ms = (int64_t)PATIENCE_MS << doublings;

    if (greeter->pipe != NULL &&
        now_ms - greeter->sent_ms >=
            (patience_ms < PATIENCE_MS_MAX ? patience_ms : PATIENCE_MS_MAX)) {
        gp_pipes_drop(greeter->pipe);
        greeter->pipe = NULL;
        greeter->silences++;
        greeter->waits = true;
    }
    if (greeter->waits && !somebody_waits(async))
        reset(greeter);
}

void gp_greeter_end(struct gp_async *async)
{
    reset(&async->greeter);
    gp_talk_leave(async->talk);
    async->talk = NULL;
}
