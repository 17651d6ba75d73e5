/*
 * gridpostd itself, on a copy and in a process of its own: LMDB follows what it finds in pages, and
 * may end the process where those are damaged. So a death says that the copy is damaged.
 */
#include "app/backup/backup.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

void gp_child_words(enum gp_child_act act, const char *store, bool drill,
                    const char *ret_words[GP_CHILD_WORDS])
{
    ret_words[0] = "gridpostd";
    ret_words[1] = act == GP_CHILD_COMPACT ? "--compact" : "--verify";
    ret_words[2] = "--store";
    ret_words[3] = store;
    ret_words[4] = drill ? "--drill" : NULL;
    ret_words[5] = NULL;
}

/* ---------------------------------------------------------------- what it says */

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_room)
{
    struct gp_child *child = handle->data;
    size_t which = handle == (uv_handle_t *)&child->said[1];

    (void)suggested;
    *ret_room = uv_buf_init(child->room[which], sizeof child->room[which]);
}

/* Its words go on over the wire and into the log: printable ones. */
static void take(struct gp_child *child, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && child->text_len < sizeof child->text - 1; i++) {
        bool plain = (bytes[i] >= ' ' && bytes[i] <= '~') || bytes[i] == '\n';
        child->text[child->text_len++] = plain ? bytes[i] : '?';
    }
    child->text[child->text_len] = '\0';
}

static void on_closed(uv_handle_t *handle)
{
    struct gp_child *child = handle->data;

    if (--child->handles > 0)
        return;
    child->runs = false;
    child->over(child->context);
}

static void on_said(uv_stream_t *stream, ssize_t len, const uv_buf_t *room)
{
    if (len > 0)
        take(stream->data, room->base, (size_t)len);
    else if (len < 0)
        uv_close((uv_handle_t *)stream, on_closed);
}

/* ---------------------------------------------------------------- the process */

static void on_ended(uv_process_t *process, int64_t exit_code, int signal)
{
    struct gp_child *child = process->data;

    child->exit_code = exit_code;
    child->signal = signal;
    uv_close((uv_handle_t *)process, on_closed);
}

/* Without what systemd gave the daemon for itself. The caller frees the list. */
static char **environment(void)
{
    static const char *const ours[] = {"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_"};
    size_t count = 0, kept = 0;

    while (environ[count] != NULL)
        count++;
    char **list = calloc(count + 1, sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++) {
        bool keep = true;
        for (size_t j = 0; j < sizeof ours / sizeof ours[0]; j++)
            keep = keep && strncmp(environ[i], ours[j], strlen(ours[j])) != 0;
        if (keep)
            list[kept++] = environ[i];
    }
    return list;
}

static int spawn(struct gp_child *child, uv_loop_t *loop, const char *const *words)
{
    uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}};
    uv_process_options_t options = {
        .file = GP_CHILD_PROGRAM,
        .args = (char **)(uintptr_t)words, /* only read */
        .env = environment(),              /* NULL: as it is */
        .stdio = stdio,
        .stdio_count = 3,
        .exit_cb = on_ended,
    };

    for (int i = 0; i < 2; i++) {
        stdio[i + 1].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
        stdio[i + 1].data.stream = (uv_stream_t *)&child->said[i];
    }
    int rc = uv_spawn(loop, &child->process, &options);
    free(options.env);
    return rc;
}

void gp_child_start(struct gp_child *child, uv_loop_t *loop, enum gp_child_act act,
                    const char *store, bool drill)
{
    const char *words[GP_CHILD_WORDS];

    gp_child_words(act, store, drill, words);
    child->runs = true;
    child->exit_code = -1;
    child->signal = 0;
    child->text_len = 0;
    child->text[0] = '\0';
    child->handles = 3;
    child->process = (uv_process_t){.data = child};
    for (int i = 0; i < 2; i++) {
        (void)uv_pipe_init(loop, &child->said[i], 0); /* allocates nothing */
        child->said[i].data = child;
    }
    int rc = spawn(child, loop, words);
    for (int i = 0; i < 2; i++) {
        if (rc != 0 || uv_read_start((uv_stream_t *)&child->said[i], on_room, on_said) != 0)
            uv_close((uv_handle_t *)&child->said[i], on_closed);
    }
    if (rc != 0)
        uv_close((uv_handle_t *)&child->process, on_closed);
}

void gp_child_kill(struct gp_child *child)
{
    if (uv_is_active((const uv_handle_t *)&child->process))
        (void)uv_process_kill(&child->process, SIGKILL); /* it may have ended by itself */
}
