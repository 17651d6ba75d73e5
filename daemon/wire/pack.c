/*
 * Packing: a generated struct becomes bytes, the same that protobuf-c makes of it, in one pass
 * where protobuf-c takes two for each level of nesting. Messages are written from their end to
 * their beginning, so that the length which stands in front of a field is known when its turn
 * comes.
 *
 *   …  | tag | length | entry's fields … |        tag and length after the fields
 *      ◄────────────────────────────────── writing
 *
 * What does not fit is counted on, so that the second try has the room it needs.
 */
#include "wire/internal.h"

#include <assert.h>

/* Entries, records and answers fit; pages need a second pass. */
#define GP_PACK_BYTES 4096

enum { GP_VARINT = 0, GP_FIXED64 = 1, GP_BYTES = 2 };

struct back {
    unsigned char *end; /* of the room */
    size_t room, len;   /* len: written so far, or what it would be */
};

/* Where the n bytes in front of what was written go; NULL: there is no room. */
static inline unsigned char *take(struct back *to, size_t n)
{
    to->len += n;
    return to->len <= to->room ? to->end - to->len : NULL;
}

static inline void put_varint(struct back *to, uint64_t value)
{
    size_t n = value < 0x80 ? 1 : (size_t)(63 - __builtin_clzll(value)) / 7 + 1;
    unsigned char *at = take(to, n);

    if (at == NULL)
        return;
    for (; n > 1; n--, value >>= 7)
        *at++ = (unsigned char)(value | 0x80);
    *at = (unsigned char)value;
}

static inline void put_tag(struct back *to, const ProtobufCFieldDescriptor *field, unsigned type)
{
    put_varint(to, (uint64_t)field->id << 3 | type);
}

static void put_bytes(struct back *to, const void *bytes, size_t len)
{
    unsigned char *at = take(to, len);

    if (at != NULL && len > 0)
        memcpy(at, bytes, len);
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (0 - (uint64_t)(value < 0));
}

/* A number as its varint says it, of the types that gridpost.proto has in generated structs. */
static uint64_t number(ProtobufCType type, const void *member)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return (uint64_t)(int64_t) * (const int32_t *)member;
    case PROTOBUF_C_TYPE_SINT32:
        return zigzag(*(const int32_t *)member);
    case PROTOBUF_C_TYPE_UINT32:
        return *(const uint32_t *)member;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)member != 0;
    default:
        assert(type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_UINT64);
        return *(const uint64_t *)member;
    }
}

static void put_message(struct back *to, const ProtobufCMessage *message);

/* One value with its tag. */
static void put_value(struct back *to, const ProtobufCFieldDescriptor *field, const void *member)
{
    const ProtobufCBinaryData *binary = member;
    size_t before = to->len;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        put_bytes(to, *(char *const *)member, strlen(*(char *const *)member));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        put_bytes(to, binary->data, binary->len);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        put_message(to, *(ProtobufCMessage *const *)member);
        break;
    default:
        put_varint(to, number(field->type, member));
        put_tag(to, field, GP_VARINT);
        return;
    }
    put_varint(to, to->len - before);
    put_tag(to, field, GP_BYTES);
}

static size_t size_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    default:
        assert(type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_STRING ||
               type == PROTOBUF_C_TYPE_MESSAGE);
        return 8;
    }
}

static_assert(sizeof(char *) == 8 && sizeof(ProtobufCMessage *) == 8, "as size_of says");

static void put_list(struct back *to, const ProtobufCFieldDescriptor *field, size_t count,
                     const unsigned char *list)
{
    bool packed = field->flags & PROTOBUF_C_FIELD_FLAG_PACKED;
    size_t size = size_of(field->type), before = to->len;

    for (size_t i = count; i-- > 0;) {
        if (packed)
            put_varint(to, number(field->type, list + i * size));
        else
            put_value(to, field, list + i * size);
    }
    if (packed) {
        put_varint(to, to->len - before);
        put_tag(to, field, GP_BYTES);
    }
}

/* Whether an optional field is there: `quantifier` says it of numbers, of a oneof which one. */
static bool is_there(const ProtobufCFieldDescriptor *field, const void *quantifier,
                     const void *member)
{
    const void *pointer;

    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF && *(const uint32_t *)quantifier != field->id)
        return false;
    if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
        return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ||
               *(const protobuf_c_boolean *)quantifier;
    pointer = *(void *const *)member;
    return pointer != NULL && pointer != field->default_value;
}

const ProtobufCMessageDescriptor gp_raw_type = {.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
                                                .name = "raw"};

static void put_message(struct back *to, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const unsigned char *start = (const unsigned char *)message;

    if (type == &gp_raw_type) {
        struct gp_span bytes = ((const struct gp_raw *)message)->bytes;
        put_bytes(to, bytes.ptr, bytes.len);
        return;
    }
    for (unsigned i = type->n_fields; i-- > 0;) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const void *quantifier = start + field->quantifier_offset;
        const void *member = start + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t count = *(const size_t *)quantifier;
            if (count > 0)
                put_list(to, field, count, *(unsigned char *const *)member);
        } else if (is_there(field, quantifier, member)) {
            put_value(to, field, member);
        }
    }
}

int gp_out_pack(struct gp_out *out, const ProtobufCMessage *message, size_t max,
                struct gp_span *ret_bytes)
{
    unsigned char small[GP_PACK_BYTES];
    struct back to = {.end = small + sizeof small, .room = sizeof small};
    unsigned char *bytes;

    if (out->error != 0)
        return out->error;
    put_message(&to, message);
    if (to.len > max)
        return GP_ELIMIT;
    bytes = gp_arena_alloc(out->arena, to.len);
    if (bytes == NULL)
        return GP_ENOMEM;
    if (to.len <= sizeof small) {
        if (to.len > 0)
            memcpy(bytes, to.end - to.len, to.len);
    } else {
        to = (struct back){.end = bytes + to.len, .room = to.len};
        put_message(&to, message);
    }
    *ret_bytes = (struct gp_span){(const char *)bytes, to.len};
    return 0;
}
