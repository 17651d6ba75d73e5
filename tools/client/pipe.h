/**
 * A pipe: one connection to the daemon's Unix socket that speaks SP as a REQ does, without nanomsg.
 * One letter is under way on it at a time.
 *
 *   gp_pipe_open ──► CONNECTING ──► OPENING ──on_open──► FREE ◄──────on_answer──────┐
 *                        │ on_lost     │ on_lost          │ └───gp_pipe_send──► BUSY┘
 *                        ▼             ▼                  ▼ on_lost               ▼ on_lost
 *                    ENDED: gp_pipe_close was called, by its owner or by itself ──► on_closed
 *
 * Whatever the daemon says that is not the answer to the letter under way ends the pipe, and
 * nothing but that pipe. Everything runs on the loop's thread; no callback comes from inside a
 * function of this file.
 */
#ifndef GP_CLIENT_PIPE_H
#define GP_CLIENT_PIPE_H

#include "base/ring.h"
#include "client/reader.h"

#include <uv.h>

struct gp_pipe;

struct gp_pipe_calls {
    /** The daemon has greeted: the pipe is free. */
    void (*on_open)(struct gp_pipe *pipe);

    /** The answer to the letter; the pipe is free. Lifetime: body until it returns. */
    void (*on_answer)(struct gp_pipe *pipe, struct gp_span body);

    /**
     * It ended by itself. GP_ENOTFOUND: nobody listens there; GP_EAGAIN: somebody does, and takes
     * no more connections now; GP_ECLOSED: the daemon ended it; GP_EFORMAT, GP_ELIMIT: what came
     * was no answer; GP_EIO: no descriptors, no right to connect, and the like; GP_ENOMEM.
     */
    void (*on_lost)(struct gp_pipe *pipe, int error);

    /** Last of all, behind gp_pipe_close and on_lost: the pipe's memory goes when it returns. */
    void (*on_closed)(struct gp_pipe *pipe);
};

enum gp_pipe_state {
    GP_PIPE_CONNECTING,
    GP_PIPE_OPENING,
    GP_PIPE_FREE,
    GP_PIPE_BUSY,
    GP_PIPE_ENDED,
};

struct gp_pipe {
    /* the owner's: its list, whose it is, who uses it, and since when it is what it is */
    struct gp_ring ring;
    void *owner, *user;
    int64_t since_ms;

    enum gp_pipe_state state;
    bool has_answered; /* once at least */
    const struct gp_pipe_calls *calls;
    uv_pipe_t uv;
    uv_connect_t connect;
    uv_write_t write;
    char *rest;      /* of the letter: what the kernel did not take at once; NULL: nothing */
    uint32_t number; /* of the letter that went last */
    struct gp_reader reader;
};

/**
 * Begins to connect.
 *
 * Requires: path fits a sun_path
 * Errors:   GP_ENOMEM
 */
int gp_pipe_open(uv_loop_t *loop, const char *path, const struct gp_pipe_calls *calls, void *owner,
                 struct gp_pipe **ret_pipe);

/**
 * Sends a letter. When that fails nothing is said: the pipe's end follows, or no answer comes.
 *
 * Requires: the pipe is free
 * Lifetime: the letter is copied where it has to be
 */
void gp_pipe_send(struct gp_pipe *pipe, struct gp_span letter);

/** Ends a pipe; nothing but on_closed follows. One that has ended stays so. */
void gp_pipe_close(struct gp_pipe *pipe);

#endif
