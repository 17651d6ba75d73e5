/**
 * Reading a message field by field, straight from its packed bytes. For what protobuf-c does not
 * tell, and for walks over many rows that need little of each.
 *
 * A field is a tag (varint: number << 3 | wire type) and a value: 0 a varint, 1 eight bytes, 2 a
 * length (varint) and that many bytes, 5 four bytes.
 */
#ifndef GP_WIRE_FIELD_H
#define GP_WIRE_FIELD_H

#include "base/span.h"

#include <stdint.h>

enum { GP_VARINT = 0, GP_FIXED64 = 1, GP_BYTES = 2, GP_FIXED32 = 5 };

#define GP_TAG(number, type) ((uint64_t)(number) << 3 | (type))

struct gp_scan {
    const unsigned char *at, *end;
    bool broken; /* it ended within a field */
};

struct gp_field {
    uint64_t tag;
    uint64_t number;      /* of type GP_VARINT; else 0 */
    struct gp_span value; /* of type GP_BYTES; else empty */
};

static inline struct gp_scan gp_scan_of(struct gp_span bytes)
{
    const unsigned char *start = (const unsigned char *)bytes.ptr;
    return (struct gp_scan){start, bytes.len > 0 ? start + bytes.len : start, false};
}

static inline bool gp_scan_varint(struct gp_scan *scan, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (scan->at < scan->end && *scan->at < 0x80) { /* most are one byte */
        *ret_value = *scan->at++;
        return true;
    }
    for (unsigned shift = 0; shift < 64 && scan->at < scan->end; shift += 7) {
        unsigned char byte = *scan->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *ret_value = value;
            return true;
        }
    }
    scan->broken = true;
    return false;
}

static inline bool gp_scan_skip(struct gp_scan *scan, uint64_t length)
{
    scan->broken = length > (size_t)(scan->end - scan->at);
    if (scan->broken)
        return false;
    scan->at += length;
    return true;
}

static inline bool gp_scan_bytes(struct gp_scan *scan, struct gp_span *ret_value)
{
    uint64_t length;

    if (!gp_scan_varint(scan, &length))
        return false;
    const unsigned char *start = scan->at;
    *ret_value = (struct gp_span){(const char *)start, (size_t)length};
    return gp_scan_skip(scan, length);
}

/** The next field. False at the end, and where the bytes are no field: then scan->broken. */
static inline bool gp_scan_next(struct gp_scan *scan, struct gp_field *ret_field)
{
    ret_field->number = 0;
    ret_field->value = (struct gp_span){0};
    if (scan->at == scan->end || !gp_scan_varint(scan, &ret_field->tag))
        return false;
    switch (ret_field->tag & 7) {
    case GP_VARINT:
        return gp_scan_varint(scan, &ret_field->number);
    case GP_BYTES:
        return gp_scan_bytes(scan, &ret_field->value);
    case GP_FIXED64:
        return gp_scan_skip(scan, 8);
    case GP_FIXED32:
        return gp_scan_skip(scan, 4);
    default:
        scan->broken = true;
        return false;
    }
}

#endif
