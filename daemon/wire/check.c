#include "base/broken.h"
#include "base/bytes.h"
#include "base/clocktext.h"
#include "wire/internal.h"

#include <assert.h>

#define GP_YEAR_10000_MS INT64_C(253402300800000)
#define GP_LAT_E7_MAX    900000000
#define GP_LON_E7_MAX    1800000000

void gp_in_fail(struct gp_in *in, int error, const char *field)
{
    if (in->error != 0)
        return;
    in->error = error;
    in->field = field;
}

/* ---------------------------------------------------------------- protobuf-c over an arena */

static void *arena_alloc(void *data, size_t size)
{
    struct gp_in *in = data;
    void *memory = gp_arena_alloc(in->arena, size);

    in->starved = in->starved || memory == NULL;
    return memory;
}

static void arena_free(void *data, void *memory)
{
    (void)data;
    (void)memory; /* all at once, with the arena */
}

ProtobufCMessage *gp_unpack(struct gp_in *in, const ProtobufCMessageDescriptor *type,
                            struct gp_span bytes, size_t max)
{
    ProtobufCAllocator allocator = {arena_alloc, arena_free, in};
    ProtobufCMessage *message;

    if (bytes.len > max && !gp_broken("no-size-cap")) {
        gp_in_fail(in, GP_ELIMIT, "message");
        return NULL;
    }
    message = protobuf_c_message_unpack(type, &allocator, bytes.len, (const uint8_t *)bytes.ptr);
    if (message == NULL)
        gp_in_fail(in, in->starved ? GP_ENOMEM : GP_EFORMAT, "message");
    return message;
}

/* ---------------------------------------------------------------- fields, reading */

/* Length of what is in front, in whole words, in which no byte could be of a control character. */
static size_t plain_len(struct gp_span text)
{
    size_t len = 0;

    for (uint64_t word; text.len - len >= sizeof word; len += sizeof word) {
        memcpy(&word, text.ptr + len, sizeof word);
        bool low = ((word - gp_bytes_of(0x20)) & ~word & gp_bytes_of(0x80)) != 0;
        if (low || gp_has_zero(word ^ gp_bytes_of(0x7F)) || gp_has_zero(word ^ gp_bytes_of(0xC2)))
            break;
    }
    return len;
}

/* U+0000 to U+001F, U+007F and U+0080 to U+009F: some of the last, too, steer a terminal. */
static bool has_control(struct gp_span text, bool lines_allowed)
{
    for (size_t i = plain_len(text); i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && !(lines_allowed && (c == '\n' || c == '\t'))) || c == 0x7F)
            return true;
        if (c == 0xC2 && (unsigned char)text.ptr[i + 1] < 0xA0) /* valid UTF-8: a byte follows */
            return true;
    }
    return false;
}

static struct gp_span checked(struct gp_in *in, const char *text, size_t max, bool lines_allowed,
                              const char *field)
{
    struct gp_span span = gp_span_of(text);

    if (span.len > max)
        gp_in_fail(in, GP_ELIMIT, field);
    else if (!gp_broken("no-utf8-check") && !gp_utf8_valid(span))
        gp_in_fail(in, GP_EUTF8, field);
    else if (has_control(span, lines_allowed))
        gp_in_fail(in, GP_EFORMAT, field);
    else
        return span;
    return (struct gp_span){0};
}

struct gp_span gp_in_id(struct gp_in *in, const char *text, const char *field)
{
    return checked(in, text, GP_ID_BYTES_MAX, false, field);
}

struct gp_span gp_in_line(struct gp_in *in, const char *text, size_t max, const char *field)
{
    return checked(in, text, max, false, field);
}

void gp_in_bytes(struct gp_in *in, ProtobufCBinaryData from, size_t len, const char *field,
                 unsigned char *ret_bytes)
{
    memset(ret_bytes, 0, len);
    if (from.len == len)
        memcpy(ret_bytes, from.data, len);
    else
        gp_in_fail(in, GP_EFORMAT, field);
}

struct gp_span gp_in_text(struct gp_in *in, const char *text, size_t max, const char *field)
{
    return checked(in, text, max, true, field);
}

struct gp_area_ref gp_in_area(struct gp_in *in, const char *code, uint32_t level, const char *field)
{
    struct gp_area_ref area = {0};

    if (code == NULL)
        return area;
    if (level > GP_LEVEL_GRID || gp_area_parse(gp_span_of(code), &area) != 0) {
        gp_in_fail(in, GP_EFORMAT, field);
        return (struct gp_area_ref){0};
    }
    area.level = (uint8_t)level;
    return area;
}

int64_t gp_in_time(struct gp_in *in, int64_t ms, const char *field)
{
    if (ms >= 0 && ms < GP_YEAR_10000_MS)
        return ms;
    gp_in_fail(in, GP_EFORMAT, field);
    return 0;
}

uint32_t gp_in_number(struct gp_in *in, uint32_t value, uint32_t max, const char *field)
{
    if (value <= max)
        return value;
    gp_in_fail(in, GP_EFORMAT, field);
    return 0;
}

struct gp_place gp_in_place(struct gp_in *in, const Gp__Place *place)
{
    if (place == NULL)
        return (struct gp_place){0};
    if (place->lat_e7 < -GP_LAT_E7_MAX || place->lat_e7 > GP_LAT_E7_MAX ||
        place->lon_e7 < -GP_LON_E7_MAX || place->lon_e7 > GP_LON_E7_MAX) {
        gp_in_fail(in, GP_EFORMAT, "place");
        return (struct gp_place){0};
    }
    return (struct gp_place){.known = true, .lat_e7 = place->lat_e7, .lon_e7 = place->lon_e7};
}

void *gp_in_array(struct gp_in *in, size_t count, size_t size, size_t max, const char *field)
{
    void *array;

    if (count == 0)
        return NULL;
    if (count > max) {
        gp_in_fail(in, GP_ELIMIT, field);
        return NULL;
    }
    array = gp_arena_zalloc(in->arena, count, size);
    if (array == NULL)
        gp_in_fail(in, GP_ENOMEM, field);
    return array;
}

/* ---------------------------------------------------------------- fields, writing */

void *gp_out_new(struct gp_out *out, size_t size)
{
    /* Larger than any generated struct: written to after an error, never read. */
    static _Thread_local union {
        max_align_t align;
        unsigned char bytes[1024];
    } scratch;
    void *memory = out->error == 0 ? gp_arena_zalloc(out->arena, 1, size) : NULL;

    assert(size <= sizeof scratch);
    if (memory != NULL)
        return memory;
    if (out->error == 0)
        out->error = GP_ENOMEM;
    memset(&scratch, 0, sizeof scratch);
    return &scratch;
}

ProtobufCBinaryData gp_out_bytes(const unsigned char *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)bytes};
}

void *gp_out_list(struct gp_out *out, size_t count)
{
    void *list;

    if (count == 0 || out->error != 0)
        return NULL;
    list = gp_arena_zalloc(out->arena, count, sizeof(void *));
    if (list == NULL)
        out->error = GP_ENOMEM;
    return list;
}

char *gp_out_text(struct gp_out *out, struct gp_span text)
{
    char *copy;

    if (text.len == 0 || out->error != 0)
        return NULL;
    if (memchr(text.ptr, '\0', text.len) != NULL) {
        out->error = GP_EUTF8; /* it would be cut there */
        return NULL;
    }
    copy = gp_arena_alloc(out->arena, text.len + 1);
    if (copy == NULL) {
        out->error = GP_ENOMEM;
        return NULL;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* In a list the empty text has a place of its own: protobuf-c takes no NULL there. */
char **gp_out_texts(struct gp_out *out, const struct gp_span *text, size_t count)
{
    char **list = gp_out_list(out, count);

    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = text[i].len > 0 ? gp_out_text(out, text[i])
                                  : (char *)(uintptr_t)protobuf_c_empty_string;
    return list;
}

char *gp_out_area(struct gp_out *out, struct gp_area_ref area)
{
    char code[16];

    if (area.padded == 0)
        return NULL;
    gp_area_format(area, code);
    return gp_out_text(out, gp_span_of(code));
}

Gp__Place *gp_out_place(struct gp_out *out, struct gp_place place)
{
    Gp__Place *to;

    if (!place.known)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__place__init(to);
    GP_SET(to, lat_e7, place.lat_e7);
    GP_SET(to, lon_e7, place.lon_e7);
    return to;
}
