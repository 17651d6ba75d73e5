/**
 * What the files of the asynchronous client know of each other.
 *
 *   async.c    opens, takes requests on, gives them pipes, looks at deadlines, closes
 *   call.c     a request from its sealing to its end
 *   greeter.c  the session that all share: handshakes, renewing, forgetting
 *   pipes.c    connections
 *
 * Only on_… functions, which the loop calls, end requests; everything below them moves calls from
 * list to list. So `then`, which may call anything of async.h, never comes in the middle of a walk.
 */
#ifndef GP_CLIENT_ASYNC_INTERNAL_H
#define GP_CLIENT_ASYNC_INTERNAL_H

#include "client/async.h"
#include "client/pipes.h"
#include "client/talk.h"

#include <sys/un.h>

#define GP_ASYNC_WRONG_MAX 16 /* untrue answers that one letter is sent again for */

/* A session, as long as somebody may still be answered in it. */
struct gp_shared_talk {
    unsigned users;   /* the client itself and each call that is sealed in it */
    int64_t renew_ms; /* from here on a new one is wanted */
    int64_t heard_ms; /* when it last answered */
    struct gp_talk talk;
};

/* Where a call stands. */
enum gp_call_place {
    GP_CALL_BRISK,   /* waits for a pipe, and for a session */
    GP_CALL_RESTING, /* the same, and will rest at the daemon */
    GP_CALL_PAUSED,  /* waits for its resume_ms */
    GP_CALL_SENT,    /* has a pipe */
    GP_CALL_OVER,    /* its `then` is due, with `error` */
    GP_CALL_PLACES
};

struct gp_async_call {
    struct gp_ring ring;
    struct gp_async *async;
    enum gp_call_place place;
    struct gp_pipe *pipe; /* SENT: its; otherwise NULL */
    gp_async_fn *then;
    void *context;
    enum gp_reply_kind kind; /* what the answer must be */
    int error;
    int64_t until_ms, sent_ms, resume_ms; /* sent_ms 0: it never was */
    unsigned rest_ms;                     /* the daemon may keep it so long; 0: it does not rest */
    unsigned silences, wrongs, forgotten, pauses;
    struct gp_shared_talk *talk; /* in which it is sealed; NULL: not sealed (yet, or any more) */
    struct gp_asked asked;
    size_t plain_len;
    unsigned char bytes[]; /* the request as it was packed; of a sealed client its envelope, too */
};

struct gp_calls {
    struct gp_ring ring;
    unsigned count;
};

/* The handshake under way. */
struct gp_greeter {
    bool waits;           /* for a pipe */
    struct gp_pipe *pipe; /* on which the HELLO is */
    struct gp_greeting greeting;
    unsigned char hello[GP_HELLO_BYTES];
    int64_t sent_ms;
    unsigned silences, wrongs;
    int refused; /* what the last one ended with, until then; 0: it did not */
    int64_t refused_until_ms;
};

struct gp_async {
    uv_loop_t *loop;
    uv_idle_t wake;  /* in the loop's next round */
    uv_timer_t tick; /* every GP_ASYNC_TICK_MS while there is anything */
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    struct gp_pipes pipes;
    struct gp_calls at[GP_CALL_PLACES];
    unsigned count, count_max; /* of all calls */
    unsigned resting_sent, resting_max;
    int64_t silence_ms; /* GP_ASYNC_SILENCE_MS; tests cannot wait so long */
    bool sealed;
    struct gp_identity identity;
    struct gp_greeter greeter;
    struct gp_shared_talk *talk; /* the newest session; NULL: there is none */
    struct gp_arena request, reply;
    bool closing;
    unsigned handles; /* while closing: the two above, and the pipes as one */
    void (*closed)(void *context);
    void *context;
    unsigned char plain[GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD]; /* of one answer */
};

/* ---------------------------------------------------------------- call.c */

/** Packs a request and makes a call of it, in no list. Errors: as gp_async_ask. */
int gp_call_new(struct gp_async *async, const struct gp_request *request,
                struct gp_async_call **ret_call);

/** Takes a call out of its list and frees it. */
void gp_call_free(struct gp_async_call *call);

/** Puts a call that is in no list, or in another one, at the end of one. */
void gp_call_put(struct gp_async_call *call, enum gp_call_place place);

/** Lets a call wait for a pipe before all others of its kind. */
void gp_call_wait_first(struct gp_async_call *call);

/** Its `then` is due. */
void gp_call_over(struct gp_async_call *call, int error);

/** Sends it over a free pipe, sealed in the newest session if it is not yet. False: it stays. */
bool gp_call_send(struct gp_async_call *call);

/** The answer has come: the call ends, or waits for another one. May call `then`. */
void gp_call_answer(struct gp_async_call *call, struct gp_span body);

/** Its pipe was lost. */
void gp_call_lost(struct gp_async_call *call, int error);

/** Looks whether its time is over, or something is due. */
void gp_call_tick(struct gp_async_call *call, int64_t now_ms);

/* ---------------------------------------------------------------- greeter.c */

/** Whether something can be sealed now. */
bool gp_greeter_can_seal(const struct gp_async *async);

/** Begins a handshake where one is wanted, and sends the HELLO that waits for a pipe. */
void gp_greeter_serve(struct gp_async *async);

/** The answer to the HELLO; its pipe was lost; the time passes. */
void gp_greeter_answer(struct gp_async *async, struct gp_span body);
void gp_greeter_lost(struct gp_async *async, int error);
void gp_greeter_tick(struct gp_async *async, int64_t now_ms);

/** Nothing more is sealed in this session: the server does not know it, or it is used up. */
void gp_greeter_forget(struct gp_async *async, const struct gp_shared_talk *talk);

/** One user less; accepts NULL. */
void gp_talk_leave(struct gp_shared_talk *talk);

/** Ends the handshake, and the client's part in its session. */
void gp_greeter_end(struct gp_async *async);

/* ---------------------------------------------------------------- async.c */

/** Calls `then` and frees the call. */
void gp_async_end(struct gp_async_call *call, int error, const struct gp_reply *reply);

#endif
