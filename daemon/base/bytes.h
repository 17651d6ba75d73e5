/**
 * Bytes on disk and wire: fixed-width big-endian numbers and a bounded cursor. Big-endian,
 * because then the order of the bytes is the order of the numbers and a key range is a range.
 */
#ifndef GP_BASE_BYTES_H
#define GP_BASE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline void gp_put_u32(unsigned char *to, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        to[i] = (unsigned char)value;
}

static inline void gp_put_u64(unsigned char *to, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        to[i] = (unsigned char)value;
}

static inline uint32_t gp_get_u32(const unsigned char *from)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = (value << 8) | from[i];
    return value;
}

static inline uint64_t gp_get_u64(const unsigned char *from)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = (value << 8) | from[i];
    return value;
}

/** A word of eight equal bytes, to look at eight at once. */
static inline uint64_t gp_bytes_of(unsigned char byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

/** Whether one of eight bytes is 0. */
static inline bool gp_has_zero(uint64_t bytes)
{
    return ((bytes - gp_bytes_of(1)) & ~bytes & gp_bytes_of(0x80)) != 0;
}

/** Signed times as keys: the sign bit is turned, so that earlier sorts first. */
static inline uint64_t gp_time_key(int64_t ms)
{
    return (uint64_t)ms ^ (UINT64_C(1) << 63);
}

static inline int64_t gp_key_time(uint64_t key)
{
    return (int64_t)(key ^ (UINT64_C(1) << 63));
}

#endif
