/** Text that grows. What fails once stays failed, so it is asked once, at the end. */
#ifndef GP_NOTIFY_BUFFER_H
#define GP_NOTIFY_BUFFER_H

#include "base/span.h"

struct gp_buffer { /* all zero: empty */
    char *ptr;     /* NUL-terminated unless it is NULL */
    size_t len, room;
    bool failed; /* memory was out; what it holds is not all */
};

void gp_buffer_add(struct gp_buffer *buffer, struct gp_span text);
void gp_buffer_say(struct gp_buffer *buffer, const char *text);
__attribute__((format(printf, 2, 3))) void gp_buffer_printf(struct gp_buffer *buffer,
                                                            const char *format, ...);

/** What it holds. Lifetime: until the next change. */
struct gp_span gp_buffer_span(const struct gp_buffer *buffer);

/** Back to a length that it had before. */
void gp_buffer_cut(struct gp_buffer *buffer, size_t len);

void gp_buffer_release(struct gp_buffer *buffer);

#endif
