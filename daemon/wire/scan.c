/*
 * A look over the raw bytes of a message: for what protobuf-c does not tell, a NUL inside a string,
 * and for the little that a long walk over the journal needs to know of most entries.
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

struct field {
    uint64_t tag;
    uint64_t number;      /* of type GP_VARINT; else 0 */
    struct gp_span value; /* of type GP_BYTES; else empty */
};

/* False at the end. */
static bool next_field(struct scan *scan, struct field *ret_field)
{
    uint64_t length = 0;

    *ret_field = (struct field){0};
    if (!get_varint(scan, &ret_field->tag))
        return false;
    switch (ret_field->tag & 7) {
    case GP_VARINT:
        return get_varint(scan, &ret_field->number);
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
    if ((ret_field->tag & 7) == GP_BYTES)
        ret_field->value = (struct gp_span){(const char *)scan->at, (size_t)length};
    scan->at += length;
    return true;
}

static struct scan scan_of(struct gp_span bytes)
{
    const unsigned char *start = (const unsigned char *)bytes.ptr;
    return (struct scan){start, bytes.len > 0 ? start + bytes.len : start};
}

bool gp_wire_has_nul(const ProtobufCMessageDescriptor *type, struct gp_span bytes)
{
    struct scan scan = scan_of(bytes);
    struct field found;

    while (next_field(&scan, &found)) {
        struct gp_span value = found.value;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, (unsigned)(found.tag >> 3));
        if (field == NULL || value.len == 0)
            continue;
        if (field->type == PROTOBUF_C_TYPE_STRING && memchr(value.ptr, '\0', value.len) != NULL)
            return true;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && gp_wire_has_nul(field->descriptor, value))
            return true;
    }
    return false;
}

int gp_wire_device_peek(struct gp_span bytes, struct gp_device_peek *ret_peek)
{
    enum { ID = 1, PERSON = 2, ROLE = 3, STATE = 4, EXPIRES_MS = 8 };
    struct scan scan = scan_of(bytes);
    struct gp_device_peek peek = {0};
    struct field field;

    if (!next_field(&scan, &field) || field.tag != (ID << 3 | GP_VARINT))
        return GP_EFORMAT;
    while (next_field(&scan, &field) && field.tag >> 3 <= EXPIRES_MS) {
        if (field.tag == (PERSON << 3 | GP_BYTES))
            peek.person = field.value;
        else if (field.tag == (ROLE << 3 | GP_VARINT))
            peek.role = (uint8_t)field.number;
        else if (field.tag == (STATE << 3 | GP_VARINT))
            peek.state = (uint8_t)field.number;
        else if (field.tag == (EXPIRES_MS << 3 | GP_VARINT))
            peek.expires_ms = (int64_t)field.number;
    }
    *ret_peek = peek;
    return 0;
}

/* Packing is canonical: the entry comes first in its message, and of it the low numbers. */
int gp_wire_entry_peek(struct gp_span bytes, struct gp_entry_peek *ret_peek)
{
    enum { ENTRY = 1, AT_MS = 2, INCIDENT = 3 };
    struct scan scan = scan_of(bytes);
    struct gp_entry_peek peek = {0};
    struct field field;

    if (!next_field(&scan, &field) || field.tag != (ENTRY << 3 | GP_BYTES))
        return GP_EFORMAT;
    scan = scan_of(field.value);
    while (next_field(&scan, &field) && field.tag >> 3 <= INCIDENT) {
        if (field.tag == (AT_MS << 3 | GP_VARINT))
            peek.at_ms = (int64_t)field.number;
        else if (field.tag == (INCIDENT << 3 | GP_VARINT))
            peek.incident = field.number;
    }
    *ret_peek = peek;
    return 0;
}
