/* A request from its sealing to its end. */
#include "base/error.h"
#include "client/async_internal.h"
#include "client/kind.h"
#include "client/letter.h"

#include <assert.h>
#include <stdlib.h>

#define AGAIN_MAX      2     /* handshakes at once for one call; behind that there are pauses */
#define PAUSE_MS       1000  /* the first one of those, and of TRY_AGAIN */
#define PAUSE_MS_MAX   60000 /* they are doubled up to this */
#define DOUBLINGS_MAX  6     /* enough for both */
#define ARENA_KEEP     65536 /* bytes kept between two answers: most are smaller */
#define SAME_AGAIN_MAX 1     /* silences behind which the very same envelope goes again */
#define FORGET_AFTER   3     /* silences behind which the session is held for forgotten */

/* ---------------------------------------------------------------- lists */

static void take_out(struct gp_async_call *call)
{
    struct gp_async *async = call->async;

    if (call->place == GP_CALL_PLACES)
        return;
    gp_ring_remove(&call->ring);
    async->at[call->place].count--;
    async->resting_sent -= call->place == GP_CALL_SENT && call->rest_ms > 0;
    call->place = GP_CALL_PLACES;
}

static void put_before(struct gp_async_call *call, enum gp_call_place place, struct gp_ring *next)
{
    struct gp_async *async = call->async;

    gp_ring_append(next, &call->ring);
    async->at[place].count++;
    async->resting_sent += place == GP_CALL_SENT && call->rest_ms > 0;
    call->place = place;
}

void gp_call_put(struct gp_async_call *call, enum gp_call_place place)
{
    take_out(call);
    put_before(call, place, &call->async->at[place].ring);
}

static enum gp_call_place waiting_place(const struct gp_async_call *call)
{
    return call->rest_ms > 0 ? GP_CALL_RESTING : GP_CALL_BRISK;
}

void gp_call_wait_first(struct gp_async_call *call)
{
    enum gp_call_place place = waiting_place(call);

    assert(call->pipe == NULL);
    take_out(call);
    put_before(call, place, call->async->at[place].ring.next);
}

void gp_call_over(struct gp_async_call *call, int error)
{
    call->error = error;
    gp_call_put(call, GP_CALL_OVER);
}

/* ---------------------------------------------------------------- making, freeing */

int gp_call_new(struct gp_async *async, const struct gp_request *request,
                struct gp_async_call **ret_call)
{
    struct gp_span packed = {0};

    gp_arena_trim(&async->request, ARENA_KEEP);
    int rc = gp_wire_request_pack(request, &async->request, &packed);
    if (rc != 0)
        return rc;
    size_t envelope = async->sealed ? packed.len + GP_ENVELOPE_OVERHEAD : 0;
    struct gp_async_call *call = calloc(1, sizeof *call + packed.len + envelope);
    if (call == NULL)
        return GP_ENOMEM;
    gp_ring_init(&call->ring);
    call->async = async;
    call->place = GP_CALL_PLACES;
    call->kind = gp_client_kind_for(request);
    call->rest_ms = request->kind == GP_REQUEST_FEED ? request->feed.wait_ms : 0;
    call->plain_len = packed.len;
    memcpy(call->bytes, packed.ptr, packed.len);
    *ret_call = call;
    return 0;
}

static void unseal(struct gp_async_call *call)
{
    gp_talk_leave(call->talk);
    call->talk = NULL;
}

void gp_call_free(struct gp_async_call *call)
{
    take_out(call);
    unseal(call);
    free(call);
}

/* ---------------------------------------------------------------- sending */

static struct gp_span plain_of(const struct gp_async_call *call)
{
    return (struct gp_span){(const char *)call->bytes, call->plain_len};
}

static struct gp_span letter_of(const struct gp_async_call *call)
{
    if (!call->async->sealed)
        return plain_of(call);
    return (struct gp_span){(const char *)call->bytes + call->plain_len,
                            call->plain_len + GP_ENVELOPE_OVERHEAD};
}

/* At the last moment: a counter that is overtaken by a thousand others is not taken any more. */
static bool seal(struct gp_async_call *call)
{
    struct gp_async *async = call->async;

    if (!async->sealed || call->talk != NULL)
        return true;
    if (!gp_greeter_can_seal(async))
        return false;
    if (gp_channel_seal_request(&async->talk->talk.channel, plain_of(call),
                                call->bytes + call->plain_len, &call->asked) != 0) {
        gp_greeter_forget(async, async->talk);
        return false;
    }
    call->talk = async->talk;
    call->talk->users++;
    return true;
}

bool gp_call_send(struct gp_async_call *call)
{
    struct gp_async *async = call->async;

    if (async->pipes.free_count == 0 || !seal(call))
        return false;
    call->pipe = gp_pipes_send(&async->pipes, call, letter_of(call));
    call->sent_ms = gp_letters_now();
    gp_call_put(call, GP_CALL_SENT);
    return true;
}

/* ---------------------------------------------------------------- answers */

/* False: that would be later than its time allows. */
static bool pause_for(struct gp_async_call *call, int64_t pause_ms)
{
    call->resume_ms = gp_letters_now() + pause_ms;
    if (call->resume_ms >= call->until_ms)
        return false;
    unseal(call);
    gp_call_put(call, GP_CALL_PAUSED);
    return true;
}

static int64_t next_pause_ms(struct gp_async_call *call)
{
    int64_t pause_ms = (int64_t)PAUSE_MS << call->pauses;

    if (call->pauses < DOUBLINGS_MAX)
        call->pauses++;
    return pause_ms < PAUSE_MS_MAX ? pause_ms : PAUSE_MS_MAX;
}

/* What came for it is no answer; the same bytes once more bring the true one, if it is to be had.
 */
static void try_same_again(struct gp_async_call *call)
{
    if (++call->wrongs >= GP_ASYNC_WRONG_MAX)
        gp_call_over(call, GP_EFORMAT);
    else
        gp_call_wait_first(call);
}

static void take_again(struct gp_async_call *call)
{
    gp_greeter_forget(call->async, call->talk);
    unseal(call);
    if (++call->forgotten <= AGAIN_MAX)
        gp_call_wait_first(call);
    else if (!pause_for(call, next_pause_ms(call)))
        gp_call_over(call, GP_ETIMEDOUT);
}

static void take_reply(struct gp_async_call *call, struct gp_span plain)
{
    struct gp_async *async = call->async;
    struct gp_reply reply = {0};

    gp_arena_trim(&async->reply, ARENA_KEEP);
    int rc = gp_wire_reply_unpack(plain, &async->reply, &reply);
    if (rc == 0 && reply.status == GP_STATUS_OK && reply.kind != call->kind)
        rc = GP_EFORMAT;
    if (rc == 0 && reply.status == GP_STATUS_LIMITED && pause_for(call, reply.retry_ms))
        return;
    if (rc == 0 && reply.status == GP_STATUS_TRY_AGAIN && pause_for(call, next_pause_ms(call)))
        return;
    gp_async_end(call, rc, rc == 0 ? &reply : NULL);
}

static void take_sealed(struct gp_async_call *call, struct gp_span body)
{
    struct gp_async *async = call->async;
    size_t len = 0;

    switch (gp_talk_take(&call->talk->talk, &call->asked, body, async->plain, sizeof async->plain,
                         &len)) {
    case GP_TAKEN_TRUE:
        call->talk->heard_ms = gp_letters_now();
        take_reply(call, (struct gp_span){(const char *)async->plain, len});
        break;
    case GP_TAKEN_AGAIN:
        take_again(call);
        break;
    case GP_TAKEN_WRONG:
        try_same_again(call);
        break;
    }
}

void gp_call_answer(struct gp_async_call *call, struct gp_span body)
{
    call->pipe = NULL;
    if (call->async->sealed)
        take_sealed(call, body);
    else
        take_reply(call, body);
}

/* ---------------------------------------------------------------- no answer */

void gp_call_lost(struct gp_async_call *call, int error)
{
    call->pipe = NULL;
    if (error == GP_EFORMAT || error == GP_ELIMIT)
        try_same_again(call);
    else
        gp_call_wait_first(call);
}

static int64_t patience_ms(const struct gp_async_call *call)
{
    unsigned doublings = call->silences < DOUBLINGS_MAX ? call->silences : DOUBLINGS_MAX;

    return call->rest_ms + (call->async->silence_ms << doublings);
}

/* PROTOCOL section 12: the same envelope, then the next counter, then another session; but where
 * others are answered in this one, it is not the session's fault. */
static void fall_silent(struct gp_async_call *call)
{
    gp_pipes_drop(call->pipe);
    call->pipe = NULL;
    call->silences++;
    if (call->talk != NULL && call->silences >= FORGET_AFTER &&
        call->talk->heard_ms < call->sent_ms)
        gp_greeter_forget(call->async, call->talk);
    if (call->silences > SAME_AGAIN_MAX)
        unseal(call);
    gp_call_wait_first(call);
}

static void run_out(struct gp_async_call *call)
{
    bool nobody = call->sent_ms == 0 && call->async->pipes.absent;

    if (call->pipe != NULL)
        gp_pipes_drop(call->pipe);
    call->pipe = NULL;
    gp_call_over(call, nobody ? GP_ENOTFOUND : GP_ETIMEDOUT);
}

void gp_call_tick(struct gp_async_call *call, int64_t now_ms)
{
    if (now_ms >= call->until_ms)
        run_out(call);
    else if (call->place == GP_CALL_PAUSED && now_ms >= call->resume_ms)
        gp_call_put(call, waiting_place(call));
    else if (call->place == GP_CALL_SENT && now_ms - call->sent_ms >= patience_ms(call))
        fall_silent(call);
}
