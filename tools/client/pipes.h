/**
 * The pipes to one daemon: opened as they are wanted, up to a maximum, used again, closed when
 * nobody has used them for GP_ASYNC_IDLE_MS. At most GP_ASYNC_OPENING_MAX are being opened at once,
 * because the daemon's backlog is short, and one while nobody listens there. Behind what failed
 * comes a pause that doubles until something is answered.
 *
 * Everything runs on the loop's thread; no callback comes from inside a function of this file.
 */
#ifndef GP_CLIENT_PIPES_H
#define GP_CLIENT_PIPES_H

#include "base/limits.h"
#include "client/pipe.h"

struct gp_pipes_calls {
    /** A pipe is free, or more may be opened: send what waits, and want the rest. */
    void (*on_ready)(void *context);

    /** The answer to what `user` sent; its pipe is free again. Lifetime: body until it returns. */
    void (*on_answer)(void *context, void *user, struct gp_span body);

    /** The pipe of `user` was lost before an answer. error: as gp_pipe_calls. */
    void (*on_lost)(void *context, void *user, int error);

    /** Behind a gp_pipes_close that said false: no handle is left. */
    void (*on_closed)(void *context);
};

struct gp_pipes {
    uv_loop_t *loop;
    const char *path;
    const struct gp_pipes_calls *calls;
    void *context;
    unsigned most; /* pipes at once */

    struct gp_ring opening, free, busy;
    unsigned opening_count, free_count, count; /* count: of all three */
    unsigned handles;                          /* with those that are being closed */
    unsigned failures;                         /* in a row */
    int64_t pause_until_ms;                    /* before it nothing is opened */
    bool away;                                 /* the last that was opened could not be */
    bool absent;                               /* the same, and nobody listened there */
    bool closing;
};

/** Begins without a pipe. Requires: path fits a sun_path. Lifetime: path, calls: the pipes'. */
void gp_pipes_init(struct gp_pipes *pipes, uv_loop_t *loop, const char *path, unsigned most,
                   const struct gp_pipes_calls *calls, void *context);

/** Sends a letter over a free pipe and returns it; NULL when none is free. */
struct gp_pipe *gp_pipes_send(struct gp_pipes *pipes, void *user, struct gp_span letter);

/** So many letters wait: opens pipes for them, as far as may be. */
void gp_pipes_want(struct gp_pipes *pipes, unsigned letters);

/** Closes a busy pipe, whose answer nobody waits for any more. */
void gp_pipes_drop(struct gp_pipe *pipe);

/** Looks at deadlines; then is the time to want pipes again, too, for a pause may be over. */
void gp_pipes_tick(struct gp_pipes *pipes);

/** Closes all. True: no handle is left; false: on_closed follows from the loop, and nothing else.
 */
bool gp_pipes_close(struct gp_pipes *pipes);

#endif
