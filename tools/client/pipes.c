#include "client/pipes.h"

#include "base/error.h"
#include "client/letter.h"

#include <assert.h>

static const struct gp_pipe_calls pipe_calls;

void gp_pipes_init(struct gp_pipes *pipes, uv_loop_t *loop, const char *path, unsigned most,
                   const struct gp_pipes_calls *calls, void *context)
{
    *pipes = (struct gp_pipes){
        .loop = loop, .path = path, .calls = calls, .context = context, .most = most};
    gp_ring_init(&pipes->opening);
    gp_ring_init(&pipes->free);
    gp_ring_init(&pipes->busy);
}

static struct gp_pipe *first_of(const struct gp_ring *ring)
{
    return GP_RING_OF(ring->next, struct gp_pipe, ring);
}

static struct gp_pipe *last_of(const struct gp_ring *ring)
{
    return GP_RING_OF(ring->prev, struct gp_pipe, ring);
}

/* ---------------------------------------------------------------- using */

/* The one that was used last comes first, so that what is too many gets old. */
static void set_free(struct gp_pipes *pipes, struct gp_pipe *pipe)
{
    pipe->user = NULL;
    pipe->since_ms = gp_letters_now();
    gp_ring_append(pipes->free.next, &pipe->ring); /* before the first */
    pipes->free_count++;
}

struct gp_pipe *gp_pipes_send(struct gp_pipes *pipes, void *user, struct gp_span letter)
{
    if (pipes->free_count == 0)
        return NULL;
    struct gp_pipe *pipe = first_of(&pipes->free);
    gp_ring_remove(&pipe->ring);
    pipes->free_count--;
    gp_ring_append(&pipes->busy, &pipe->ring);
    pipe->user = user;
    gp_pipe_send(pipe, letter);
    return pipe;
}

void gp_pipes_drop(struct gp_pipe *pipe)
{
    struct gp_pipes *pipes = pipe->owner;

    assert(pipe->state == GP_PIPE_BUSY);
    gp_ring_remove(&pipe->ring);
    pipes->count--;
    pipe->user = NULL;
    gp_pipe_close(pipe);
}

/* ---------------------------------------------------------------- what fails */

/* What fails together counts once. */
static void fail(struct gp_pipes *pipes)
{
    int64_t now_ms = gp_letters_now(), pause_ms = GP_ASYNC_RETRY_MS;

    if (now_ms < pipes->pause_until_ms)
        return;
    for (unsigned i = 0; i < pipes->failures && pause_ms < GP_ASYNC_RETRY_MS_MAX; i++)
        pause_ms *= 2;
    pipes->failures++;
    pipes->pause_until_ms = now_ms + pause_ms;
}

/* A pipe that has ended, or is ending, leaves its list. */
static void strike_off(struct gp_pipes *pipes, struct gp_pipe *pipe, int error)
{
    bool was_opening = !pipe->reader.is_open;

    gp_ring_remove(&pipe->ring);
    pipes->count--;
    pipes->opening_count -= was_opening;
    pipes->free_count -= !was_opening && pipe->user == NULL;
    if (!pipe->has_answered || error != GP_ECLOSED)
        fail(pipes);
    if (!was_opening)
        return;
    pipes->away = true;
    pipes->absent = error == GP_ENOTFOUND;
}

static void on_lost(struct gp_pipe *pipe, int error)
{
    struct gp_pipes *pipes = pipe->owner;
    void *user = pipe->user;

    strike_off(pipes, pipe, error);
    if (user != NULL)
        pipes->calls->on_lost(pipes->context, user, error);
    pipes->calls->on_ready(pipes->context);
}

/* ---------------------------------------------------------------- a pipe's life */

static void on_open(struct gp_pipe *pipe)
{
    struct gp_pipes *pipes = pipe->owner;

    gp_ring_remove(&pipe->ring);
    pipes->opening_count--;
    set_free(pipes, pipe);
    pipes->away = pipes->absent = false;
    pipes->calls->on_ready(pipes->context);
}

static void on_answer(struct gp_pipe *pipe, struct gp_span body)
{
    struct gp_pipes *pipes = pipe->owner;
    void *user = pipe->user;

    gp_ring_remove(&pipe->ring);
    set_free(pipes, pipe);
    pipes->failures = 0;
    pipes->calls->on_answer(pipes->context, user, body);
}

static void on_closed(struct gp_pipe *pipe)
{
    struct gp_pipes *pipes = pipe->owner;

    assert(pipes->handles > 0);
    pipes->handles--;
    if (pipes->closing && pipes->handles == 0)
        pipes->calls->on_closed(pipes->context);
}

static const struct gp_pipe_calls pipe_calls = {
    .on_open = on_open, .on_answer = on_answer, .on_lost = on_lost, .on_closed = on_closed};

/* ---------------------------------------------------------------- opening */

static bool open_one(struct gp_pipes *pipes)
{
    struct gp_pipe *pipe;

    if (gp_pipe_open(pipes->loop, pipes->path, &pipe_calls, pipes, &pipe) != 0) {
        fail(pipes);
        return false;
    }
    pipe->since_ms = gp_letters_now();
    gp_ring_append(&pipes->opening, &pipe->ring);
    pipes->opening_count++;
    pipes->count++;
    pipes->handles++;
    return true;
}

void gp_pipes_want(struct gp_pipes *pipes, unsigned letters)
{
    unsigned opening_max = pipes->away ? 1 : GP_ASYNC_OPENING_MAX;

    if (pipes->closing || gp_letters_now() < pipes->pause_until_ms)
        return;
    while (pipes->free_count + pipes->opening_count < letters && pipes->count < pipes->most &&
           pipes->opening_count < opening_max)
        if (!open_one(pipes))
            return;
}

/* ---------------------------------------------------------------- time, end */

static void give_up(struct gp_pipes *pipes, struct gp_pipe *pipe)
{
    strike_off(pipes, pipe, GP_ETIMEDOUT);
    gp_pipe_close(pipe);
}

static void retire(struct gp_pipes *pipes, struct gp_pipe *pipe)
{
    gp_ring_remove(&pipe->ring);
    pipes->free_count--;
    pipes->count--;
    gp_pipe_close(pipe);
}

static bool is_older(const struct gp_pipe *pipe, int64_t now_ms, int64_t age_ms)
{
    return now_ms - pipe->since_ms > age_ms;
}

/* Both lists are in the order of age: the opening ones begin with the oldest, the free ones end. */
void gp_pipes_tick(struct gp_pipes *pipes)
{
    int64_t now_ms = gp_letters_now();

    while (pipes->opening_count > 0 &&
           is_older(first_of(&pipes->opening), now_ms, GP_ASYNC_OPENING_MS))
        give_up(pipes, first_of(&pipes->opening));
    while (pipes->free_count > 0 && is_older(last_of(&pipes->free), now_ms, GP_ASYNC_IDLE_MS))
        retire(pipes, last_of(&pipes->free));
}

static void close_all(struct gp_ring *ring)
{
    while (!gp_ring_empty(ring)) {
        struct gp_pipe *pipe = first_of(ring);
        gp_ring_remove(&pipe->ring);
        gp_pipe_close(pipe);
    }
}

bool gp_pipes_close(struct gp_pipes *pipes)
{
    pipes->closing = true;
    close_all(&pipes->opening);
    close_all(&pipes->free);
    close_all(&pipes->busy);
    pipes->opening_count = pipes->free_count = pipes->count = 0;
    return pipes->handles == 0;
}
