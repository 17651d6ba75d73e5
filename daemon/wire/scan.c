/* A look over the raw bytes of a message for what protobuf-c does not tell: a NUL in a string. */
#include "wire/field.h"
#include "wire/internal.h"

bool gp_wire_has_nul(const ProtobufCMessageDescriptor *type, struct gp_span bytes)
{
    struct gp_scan scan = gp_scan_of(bytes);
    struct gp_field found;

    while (gp_scan_next(&scan, &found)) {
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
