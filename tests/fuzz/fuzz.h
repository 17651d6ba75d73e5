#ifndef GP_TESTS_FUZZ_H
#define GP_TESTS_FUZZ_H

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** libFuzzer's interface: looks at one input, aborts when a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* An input that is eaten from its front; behind its end there are zeros. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_bytes *bytes)
{
    if (bytes->left == 0)
        return 0;
    bytes->left--;
    return *bytes->at++;
}

/* Of so many bytes, big-endian. */
static inline uint64_t fuzz_number(struct fuzz_bytes *bytes, unsigned len)
{
    uint64_t number = 0;

    while (len-- > 0)
        number = number << 8 | fuzz_byte(bytes);
    return number;
}

/* The next bytes, at most so many; none where the input is at its end. */
static inline struct gp_span fuzz_span(struct fuzz_bytes *bytes, size_t most)
{
    size_t len = most < bytes->left ? most : bytes->left;
    struct gp_span span = {(const char *)bytes->at, len};

    bytes->at += len;
    bytes->left -= len;
    return span;
}

static inline struct gp_span fuzz_rest(struct fuzz_bytes *bytes)
{
    return fuzz_span(bytes, bytes->left);
}

/* Whether a span lies within bytes that were given; the empty one may lie anywhere. */
static inline bool fuzz_within(struct gp_span inner, struct gp_span outer)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

/**
 * Damages a message as the input says, until it says 0 or ends: 1 a byte changed, 2 cut off there,
 * 3 a byte put in, 4 a piece of it copied over another place, 5 a number of 4 bytes written.
 *
 * Requires: room for `room` bytes at `message`
 */
static inline void fuzz_damage(struct fuzz_bytes *how, unsigned char *message, size_t *len,
                               size_t room)
{
    for (uint8_t act; *len > 0 && (act = fuzz_byte(how) % 6) != 0;) {
        size_t at = fuzz_number(how, 2) % *len, more = *len - at;
        uint8_t byte = fuzz_byte(how);
        if (act == 1)
            message[at] ^= byte;
        else if (act == 2)
            *len = at;
        else if (act == 3 && *len < room) {
            memmove(message + at + 1, message + at, more);
            message[at] = byte;
            ++*len;
        } else if (act == 4)
            memmove(message + at, message + at * byte / 256, more * byte / 256);
        else if (act == 5 && more >= 4)
            for (int i = 0; i < 4; i++)
                message[at + (size_t)i] = i == 0 ? byte : fuzz_byte(how);
    }
}

#endif
