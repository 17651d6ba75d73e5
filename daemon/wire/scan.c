/*
 * A look over the raw bytes of a message for what protobuf-c does not tell: a NUL inside a string.
 *
 * A field is a tag (varint: number << 3 | wire type) and a value: 0 a varint, 1 eight bytes, 2 a
 * length (varint) and that many bytes, 5 four bytes.
 */
#include "wire/internal.h"

enum { GP_VARINT = 0, GP_FIXED64 = 1, GP_BYTES = 2, GP_FIXED32 = 5 };

struct scan {
    const unsigned char *at, *end;
};

static bool get_varint(struct scan *scan, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64 && scan->at < scan->end; shift += 7) {
        unsigned char byte = *scan->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

/* The next field; *ret_value is empty unless it is of type GP_BYTES. False at the end. */
static bool next_field(struct scan *scan, uint64_t *ret_tag, struct gp_span *ret_value)
{
    uint64_t length = 0;

    *ret_value = (struct gp_span){0};
    if (!get_varint(scan, ret_tag))
        return false;
    switch (*ret_tag & 7) {
    case GP_VARINT:
        return get_varint(scan, &length);
    case GP_FIXED64:
        length = 8;
        break;
    case GP_FIXED32:
        length = 4;
        break;
    case GP_BYTES:
        if (!get_varint(scan, &length))
            return false;
        break;
    default:
        return false;
    }
    if (length > (size_t)(scan->end - scan->at))
        return false;
    if ((*ret_tag & 7) == GP_BYTES)
        *ret_value = (struct gp_span){(const char *)scan->at, (size_t)length};
    scan->at += length;
    return true;
}

bool gp_wire_has_nul(const ProtobufCMessageDescriptor *type, struct gp_span bytes)
{
    const unsigned char *start = (const unsigned char *)bytes.ptr;
    struct scan scan = {start, bytes.len > 0 ? start + bytes.len : start};
    struct gp_span value;
    uint64_t tag;

    while (next_field(&scan, &tag, &value)) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(tag >> 3));
        if (field == NULL || value.len == 0)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING && memchr(value.ptr, '\0', value.len) != NULL)
            return true;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && gp_wire_has_nul(field->descriptor, value))
            return true;
    }
    return false;
}
