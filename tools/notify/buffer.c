#include "notify/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool make_room(struct gp_buffer *buffer, size_t more)
{
    size_t room = buffer->room > 0 ? buffer->room : 256;

    while (room < buffer->len + more + 1)
        room *= 2;
    if (room > buffer->room) {
        char *ptr = realloc(buffer->ptr, room);
        if (ptr == NULL) {
            buffer->failed = true;
            return false;
        }
        buffer->ptr = ptr;
        buffer->room = room;
    }
    return true;
}

void gp_buffer_add(struct gp_buffer *buffer, struct gp_span text)
{
    if (buffer->failed || !make_room(buffer, text.len))
        return;
    if (text.len > 0)
        memcpy(buffer->ptr + buffer->len, text.ptr, text.len);
    buffer->len += text.len;
    buffer->ptr[buffer->len] = '\0';
}

void gp_buffer_say(struct gp_buffer *buffer, const char *text)
{
    gp_buffer_add(buffer, gp_span_of(text));
}

void gp_buffer_printf(struct gp_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        buffer->failed = true;
        return;
    }
    gp_buffer_add(buffer, (struct gp_span){text, (size_t)len});
    free(text);
}

struct gp_span gp_buffer_span(const struct gp_buffer *buffer)
{
    return (struct gp_span){buffer->ptr, buffer->len};
}

void gp_buffer_cut(struct gp_buffer *buffer, size_t len)
{
    assert(len <= buffer->len);
    buffer->len = len;
    if (buffer->ptr != NULL)
        buffer->ptr[len] = '\0';
}

void gp_buffer_release(struct gp_buffer *buffer)
{
    free(buffer->ptr);
    *buffer = (struct gp_buffer){0};
}
