#include "power/trace.h"

#include "wire/message.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)32 << 20)

void power_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    exit(1);
}

void *power_grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 16 : 2 * *room;
    void *grown = realloc(items, *room * size);
    if (grown == NULL)
        power_fail("no memory");
    return grown;
}

/* splitmix64. Source: Steele, Lea and Flood, OOPSLA 2014. */
uint64_t power_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void read_all(struct trace *trace, int fd)
{
    struct stat stat;
    size_t done = 0;

    if (fstat(fd, &stat) != 0 || (trace->bytes = malloc((size_t)stat.st_size + 1)) == NULL)
        power_fail("%s cannot be read", trace->path);
    trace->len = (size_t)stat.st_size;
    while (done < trace->len) {
        ssize_t got = read(fd, trace->bytes + done, trace->len - done);
        if (got <= 0)
            power_fail("%s cannot be read", trace->path);
        done += (size_t)got;
    }
}

/* An answer that says what became of a command is a promise. */
static void read_reply(struct trace_item *item)
{
    const struct gp_span bytes = {(const char *)item->bytes, item->head.len};
    struct gp_reply reply;
    struct gp_arena arena;

    gp_arena_init(&arena, ARENA_BYTES);
    if (gp_wire_reply_unpack(bytes, &arena, &reply) == 0 && reply.status == GP_STATUS_OK &&
        reply.kind == GP_REPLY_ANSWER && reply.reason == GP_REASON_NONE && reply.answer.seq > 0) {
        item->head.kind = RECORD_PROMISE;
        item->head.at = reply.answer.seq;
        item->head.size = reply.answer.incident;
    }
    gp_arena_release(&arena);
}

static void index_items(struct trace *trace)
{
    size_t room = 0;

    for (size_t at = 0; trace->len - at >= sizeof(struct record);) {
        struct trace_item item;
        memcpy(&item.head, trace->bytes + at, sizeof item.head);
        at += sizeof item.head;
        if (item.head.len > trace->len - at)
            return;
        item.bytes = trace->bytes + at;
        at += item.head.len;
        trace->item = power_grow(trace->item, trace->count, &room, sizeof item);
        trace->item[trace->count++] = item;
        if (item.head.kind == RECORD_REPLY)
            read_reply(&trace->item[trace->count - 1]);
        if (item.head.kind == RECORD_BASE)
            trace->base = trace->count;
    }
}

void trace_open(struct trace *trace, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *trace = (struct trace){0};
    (void)snprintf(trace->path, sizeof trace->path, "%s", path);
    if (fd < 0)
        power_fail("%s cannot be read", path);
    read_all(trace, fd);
    (void)close(fd); /* only read */
    index_items(trace);
}

void trace_close(struct trace *trace)
{
    free(trace->item);
    free(trace->bytes);
    *trace = (struct trace){0};
}

void trace_append(const char *path, const struct record *record, const void *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, record, sizeof *record) != (ssize_t)sizeof *record ||
        (record->len > 0 && write(fd, bytes, record->len) != (ssize_t)record->len) ||
        close(fd) != 0)
        power_fail("%s cannot be written", path);
}
