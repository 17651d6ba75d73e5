#include "client/pipe.h"

#include "base/error.h"
#include "base/frame.h"

#include <assert.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- end */

static void on_closed(uv_handle_t *handle)
{
    struct gp_pipe *pipe = handle->data;

    gp_reader_release(&pipe->reader);
    pipe->calls->on_closed(pipe);
    free(pipe);
}

void gp_pipe_close(struct gp_pipe *pipe)
{
    if (pipe->state == GP_PIPE_ENDED)
        return;
    pipe->state = GP_PIPE_ENDED;
    uv_close((uv_handle_t *)&pipe->uv, on_closed);
}

static void lose(struct gp_pipe *pipe, int error)
{
    gp_pipe_close(pipe);
    pipe->calls->on_lost(pipe, error);
}

static int error_of(int status)
{
    switch (status) {
    case UV_ENOENT:
    case UV_ECONNREFUSED:
        return GP_ENOTFOUND;
    case UV_EAGAIN:
        return GP_EAGAIN;
    case UV_ENOMEM:
    case UV_ENOBUFS:
        return GP_ENOMEM;
    case UV_EOF:
    case UV_ECONNRESET:
    case UV_EPIPE:
        return GP_ECLOSED;
    default:
        return GP_EIO;
    }
}

/* ---------------------------------------------------------------- what comes */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct gp_pipe *pipe = handle->data;
    unsigned char *room = NULL;
    size_t len = 0;

    (void)suggested;
    if (gp_reader_room(&pipe->reader, &room, &len) != 0)
        len = 0; /* on_read gets UV_ENOBUFS */
    *ret_buf = uv_buf_init((char *)room, (unsigned)len);
}

static void take_opening(struct gp_pipe *pipe)
{
    int rc = gp_reader_open(&pipe->reader);

    if (rc == GP_EAGAIN)
        return;
    if (rc != 0) {
        lose(pipe, rc);
        return;
    }
    pipe->state = GP_PIPE_FREE;
    pipe->calls->on_open(pipe);
}

/* An answer is the only thing that may come, alone, and not before the whole letter has gone. */
static void take_answer(struct gp_pipe *pipe)
{
    struct gp_span body = {0};
    uint32_t number = 0;
    int rc =
        pipe->state == GP_PIPE_BUSY ? gp_reader_next(&pipe->reader, &number, &body) : GP_EFORMAT;

    if (rc == GP_EAGAIN)
        return;
    if (rc == 0 && (number != pipe->number || pipe->rest != NULL || gp_reader_more(&pipe->reader)))
        rc = GP_EFORMAT;
    if (rc != 0) {
        lose(pipe, rc);
        return;
    }
    pipe->state = GP_PIPE_FREE;
    pipe->has_answered = true;
    pipe->calls->on_answer(pipe, body);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    struct gp_pipe *pipe = stream->data;

    (void)buf;
    if (pipe->state == GP_PIPE_ENDED || len == 0)
        return;
    if (len < 0) {
        lose(pipe, error_of((int)len));
        return;
    }
    gp_reader_took(&pipe->reader, (size_t)len);
    if (pipe->state == GP_PIPE_OPENING)
        take_opening(pipe);
    else
        take_answer(pipe);
}

/* ---------------------------------------------------------------- connecting */

static void on_connected(uv_connect_t *request, int status)
{
    struct gp_pipe *pipe = request->data;
    unsigned char opening[GP_SP_BYTES];
    uv_buf_t buf = uv_buf_init((char *)opening, sizeof opening);

    if (pipe->state == GP_PIPE_ENDED)
        return;
    pipe->state = GP_PIPE_OPENING;
    gp_sp_write(GP_SP_REQ, opening);
    if (status == 0 && uv_try_write((uv_stream_t *)&pipe->uv, &buf, 1) != GP_SP_BYTES)
        status = UV_EPIPE; /* its buffer was empty */
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&pipe->uv, on_alloc, on_read);
    if (status != 0)
        lose(pipe, error_of(status));
}

int gp_pipe_open(uv_loop_t *loop, const char *path, const struct gp_pipe_calls *calls, void *owner,
                 struct gp_pipe **ret_pipe)
{
    struct gp_pipe *pipe = calloc(1, sizeof *pipe);

    if (pipe == NULL)
        return GP_ENOMEM;
    gp_ring_init(&pipe->ring);
    pipe->owner = owner;
    pipe->calls = calls;
    pipe->number = GP_FRAME_PATH_LAST;
    gp_reader_init(&pipe->reader);
    int rc = uv_pipe_init(loop, &pipe->uv, 0);
    assert(rc == 0); /* it only fills a struct */
    pipe->uv.data = pipe->connect.data = pipe->write.data = pipe;
    uv_pipe_connect(&pipe->connect, &pipe->uv, path, on_connected); /* fails later */
    *ret_pipe = pipe;
    return 0;
}

/* ---------------------------------------------------------------- what goes */

static void on_written(uv_write_t *request, int status)
{
    struct gp_pipe *pipe = request->data;

    (void)status; /* a daemon that left is seen by reading */
    free(pipe->rest);
    pipe->rest = NULL;
}

/* Behind the first `sent` bytes of both. */
static void post(struct gp_pipe *pipe, const uv_buf_t bufs[2], size_t sent)
{
    size_t whole = bufs[0].len + bufs[1].len, skip = sent < bufs[0].len ? sent : bufs[0].len;
    size_t head = bufs[0].len - skip;

    pipe->rest = malloc(whole - sent);
    if (pipe->rest == NULL)
        return;
    memcpy(pipe->rest, bufs[0].base + skip, head);
    memcpy(pipe->rest + head, bufs[1].base + (sent - skip), bufs[1].len - (sent - skip));
    uv_buf_t rest = uv_buf_init(pipe->rest, (unsigned)(whole - sent));
    if (uv_write(&pipe->write, (uv_stream_t *)&pipe->uv, &rest, 1, on_written) == 0)
        return;
    free(pipe->rest);
    pipe->rest = NULL;
}

void gp_pipe_send(struct gp_pipe *pipe, struct gp_span letter)
{
    unsigned char head[GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES];
    uv_buf_t bufs[2] = {uv_buf_init((char *)head, sizeof head),
                        uv_buf_init((char *)(uintptr_t)letter.ptr, (unsigned)letter.len)};

    assert(pipe->state == GP_PIPE_FREE);
    pipe->state = GP_PIPE_BUSY;
    pipe->number = (pipe->number + 1) | GP_FRAME_PATH_LAST;
    gp_frame_write_head(pipe->number, letter.len, head);
    int sent = uv_try_write((uv_stream_t *)&pipe->uv, bufs, 2);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent >= 0 && (size_t)sent < sizeof head + letter.len)
        post(pipe, bufs, (size_t)sent);
}
