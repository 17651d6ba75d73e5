/**
 * A span: some bytes that somebody else owns. Text in gridpost travels as spans and is
 * not NUL-terminated. The empty span (ptr may be NULL) means "not said".
 */
#ifndef GP_BASE_SPAN_H
#define GP_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct gp_span {
    const char *ptr;
    size_t len; /* bytes */
};

/** A span over a string literal, as a constant expression. */
#define GP_SPAN(literal)                                                                           \
    (struct gp_span)                                                                               \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

/** What printf may be given for "%.*s": never NULL, not even with length 0. Thread: any. */
static inline const char *gp_span_text(struct gp_span span)
{
    return span.ptr != NULL ? span.ptr : "";
}

/** Arguments for printf's "%.*s". */
#define GP_SPAN_ARG(span) (int)(span).len, gp_span_text(span)

/** The span over a NUL-terminated string; NULL gives the empty span. Thread: any. */
static inline struct gp_span gp_span_of(const char *text)
{
    return (struct gp_span){text, text != NULL ? strlen(text) : 0};
}

/** Whether both spans hold the same bytes. Thread: any. */
static inline bool gp_span_equal(struct gp_span a, struct gp_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/** Whether the span holds the bytes of a NUL-terminated string. Thread: any. */
static inline bool gp_span_is(struct gp_span a, const char *text)
{
    return gp_span_equal(a, gp_span_of(text));
}

/** Byte order of two spans, shorter first on a tie: <0, 0, >0. Thread: any. */
static inline int gp_span_compare(struct gp_span a, struct gp_span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

/**
 * Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF) without NUL.
 *
 * Thread: any
 */
bool gp_utf8_valid(struct gp_span text);

#endif
