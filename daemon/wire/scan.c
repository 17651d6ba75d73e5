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

/* The value of a field within a message within the one that is scanned; 0: it is not there. */
static uint64_t number_in(struct gp_span message, uint64_t tag)
{
    struct scan scan = scan_of(message);
    struct field field;

    while (next_field(&scan, &field)) {
        if (field.tag == tag)
            return field.number;
    }
    return 0;
}

/* sint32: 0, -1, 1, -2 … are 0, 1, 2, 3. */
static int32_t unzigzag(uint64_t number)
{
    return (int32_t)((uint32_t)number >> 1 ^ (0 - ((uint32_t)number & 1)));
}

static struct gp_place peek_place(struct gp_span message)
{
    enum { LAT_E7 = 1, LON_E7 = 2 };

    return (struct gp_place){
        .known = true,
        .lat_e7 = unzigzag(number_in(message, LAT_E7 << 3 | GP_VARINT)),
        .lon_e7 = unzigzag(number_in(message, LON_E7 << 3 | GP_VARINT)),
    };
}

static struct gp_span peek_code(struct gp_span row)
{
    enum { CODE = 1 };
    struct scan scan = scan_of(row);
    struct field field;

    return next_field(&scan, &field) && field.tag == (CODE << 3 | GP_BYTES) ? field.value
                                                                            : (struct gp_span){0};
}

int gp_wire_incident_peek(struct gp_span bytes, struct gp_similar *ret_similar)
{
    enum { ID = 1, ROW = 8, PLACE = 12, RECEIVED_MS = 14, SIDE = 30, MAIN_OF_SIDE = 27 };
    struct scan scan = scan_of(bytes);
    struct gp_similar similar = {0};
    struct field field;

    if (!next_field(&scan, &field) || field.tag != (ID << 3 | GP_VARINT))
        return GP_EFORMAT;
    similar.id = field.number;
    while (next_field(&scan, &field)) {
        if (field.tag == (ROW << 3 | GP_BYTES))
            similar.category = peek_code(field.value);
        else if (field.tag == (PLACE << 3 | GP_BYTES))
            similar.place = peek_place(field.value);
        else if (field.tag == (RECEIVED_MS << 3 | GP_VARINT))
            similar.received_ms = (int64_t)field.number;
        else if (field.tag == (SIDE << 3 | GP_BYTES))
            similar.main = number_in(field.value, MAIN_OF_SIDE << 3 | GP_VARINT);
    }
    *ret_similar = similar;
    return 0;
}
