#include "base/bytes.h"
#include "base/span.h"

/* Length of the sequence that starts at p, or 0 if it is malformed. Table 3-7 of the Unicode
 * standard: the second byte's range depends on the first, later bytes are 80..BF. */
static size_t sequence_len(const unsigned char *p, size_t left)
{
    unsigned char first = p[0];
    unsigned char low = 0x80, high = 0xBF;
    size_t len;

    if (first < 0x80)
        return first != 0 ? 1 : 0;
    if (first >= 0xC2 && first <= 0xDF) {
        len = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        len = 3;
        if (first == 0xE0)
            low = 0xA0;
        if (first == 0xED)
            high = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
        len = 4;
        if (first == 0xF0)
            low = 0x90;
        if (first == 0xF4)
            high = 0x8F;
    } else {
        return 0;
    }
    if (left < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    }
    return len;
}

/* Length of the plain ASCII in front, in whole words; 0 also where a NUL is among it. */
static size_t ascii_len(const unsigned char *p, size_t left)
{
    size_t len = 0;

    for (uint64_t word; left - len >= sizeof word; len += sizeof word) {
        memcpy(&word, p + len, sizeof word);
        if (((word - gp_bytes_of(1)) | word) & gp_bytes_of(0x80)) /* a NUL, or not ASCII */
            break;
    }
    return len;
}

/* Whether a character of three bytes stands here, of those whose second byte may be any: so are
 * most that are Chinese. */
static bool is_plain_three(const unsigned char *p, size_t left)
{
    return left >= 3 && p[0] > 0xE0 && p[0] < 0xED && (p[1] & 0xC0) == 0x80 &&
           (p[2] & 0xC0) == 0x80;
}

bool gp_utf8_valid(struct gp_span text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t left = text.len;

    while (left > 0) {
        size_t len = is_plain_three(p, left) ? 3 : ascii_len(p, left);
        if (len == 0)
            len = sequence_len(p, left);
        if (len == 0)
            return false;
        p += len;
        left -= len;
    }
    return true;
}
