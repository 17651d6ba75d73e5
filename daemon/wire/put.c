#include "wire/put.h"

#include <stdlib.h>

/* Entries and records fit, but for few. */
#define GP_SMALL_BYTES 4096

/* A tag and a varint of 64 bits. */
#define GP_NUMBER_BYTES_MAX 15

/* ---------------------------------------------------------------- bytes */

/* Room for n bytes and what stands in front of them. */
static bool has_room(struct gp_put *put, size_t n)
{
    put->full = put->full || (size_t)(put->end - put->at) < n + GP_NUMBER_BYTES_MAX;
    return !put->full;
}

static inline unsigned char *varint(unsigned char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (unsigned char)(value | 0x80);
    *at++ = (unsigned char)value;
    return at;
}

void gp_put_value(struct gp_put *put, unsigned field, uint64_t value)
{
    if (has_room(put, 0))
        put->at = varint(varint(put->at, field << 3 | GP_PUT_VARINT), value);
}

void gp_put_fixed64(struct gp_put *put, unsigned field, uint64_t value)
{
    if (value == 0 || !has_room(put, 0))
        return;
    put->at = varint(put->at, field << 3 | GP_PUT_FIXED64);
    for (int i = 0; i < 8; i++, value >>= 8)
        *put->at++ = (unsigned char)value;
}

void gp_put_bytes(struct gp_put *put, unsigned field, const void *bytes, size_t len)
{
    if (!has_room(put, len))
        return;
    put->at = varint(varint(put->at, field << 3 | GP_PUT_BYTES), len);
    if (len > 0)
        memcpy(put->at, bytes, len);
    put->at += len;
}

void gp_put_string(struct gp_put *put, unsigned field, struct gp_span text)
{
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL && put->error == 0)
        put->error = GP_EUTF8;
    gp_put_bytes(put, field, text.ptr, text.len);
}

void gp_put_texts(struct gp_put *put, unsigned field, const struct gp_span *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gp_put_string(put, field, text[i]);
}

/* ---------------------------------------------------------------- messages */

/* One byte is kept for the length, which is short mostly. */
unsigned char *gp_put_begin(struct gp_put *put, unsigned field)
{
    if (has_room(put, 0))
        put->at = varint(put->at, field << 3 | GP_PUT_BYTES) + 1;
    return put->at;
}

void gp_put_end(struct gp_put *put, unsigned char *begin)
{
    size_t len = (size_t)(put->at - begin), more = 0;

    for (size_t rest = len >> 7; rest > 0; rest >>= 7)
        more++;
    if (!has_room(put, more))
        return;
    if (more > 0)
        memmove(begin + more, begin, len);
    (void)varint(begin - 1, len);
    put->at += more;
}

void gp_put_numbers(struct gp_put *put, unsigned field, const uint64_t *value, size_t count)
{
    unsigned char *begin;

    if (count == 0)
        return;
    begin = gp_put_begin(put, field);
    for (size_t i = 0; i < count && has_room(put, 0); i++)
        put->at = varint(put->at, value[i]);
    gp_put_end(put, begin);
}

void gp_put_message(struct gp_put *put, unsigned field, const ProtobufCMessage *message)
{
    struct gp_out out = {.arena = put->arena};
    struct gp_span bytes;
    int rc;

    rc = gp_out_pack(&out, message, GP_REPLY_BYTES_MAX, &bytes);
    if (rc == 0)
        gp_put_bytes(put, field, bytes.ptr, bytes.len);
    else if (put->error == 0)
        put->error = rc;
}

/* ---------------------------------------------------------------- parts */

void gp_put_area(struct gp_put *put, unsigned field, struct gp_area_ref area)
{
    char code[16];

    if (area.padded == 0)
        return;
    gp_area_format(area, code);
    gp_put_text(put, field, gp_span_of(code));
}

void gp_put_place(struct gp_put *put, unsigned field, struct gp_place place)
{
    unsigned char *begin;

    if (!place.known)
        return;
    begin = gp_put_begin(put, field);
    gp_put_signed(put, GP_FIELD_PLACE_LAT_E7, place.lat_e7);
    gp_put_signed(put, GP_FIELD_PLACE_LON_E7, place.lon_e7);
    gp_put_end(put, begin);
}

/* ---------------------------------------------------------------- whole messages */

static int try_to_pack(struct gp_put *put, gp_put_body body, const void *what, size_t max,
                       struct gp_span *ret_bytes)
{
    unsigned char *start = put->at;

    body(put, what);
    *ret_bytes = (struct gp_span){(const char *)start, (size_t)(put->at - start)};
    if (put->error != 0)
        return put->error;
    return put->full || ret_bytes->len > max ? GP_ELIMIT : 0;
}

/* Again, with all the room there may be: beside the arena, which gets what comes of it. */
static int pack_large(struct gp_arena *arena, gp_put_body body, const void *what, size_t max,
                      struct gp_span *ret_bytes)
{
    size_t room = max + 2 * GP_NUMBER_BYTES_MAX;
    unsigned char *large = malloc(room);
    struct gp_put put = {.arena = arena, .at = large, .end = large + room};

    if (large == NULL)
        return GP_ENOMEM;
    int rc = try_to_pack(&put, body, what, max, ret_bytes);
    if (rc == 0)
        *ret_bytes = gp_arena_copy(arena, *ret_bytes);
    free(large);
    return rc;
}

int gp_put_pack(struct gp_arena *arena, gp_put_body body, const void *what, size_t max,
                struct gp_span *ret_bytes)
{
    unsigned char small[GP_SMALL_BYTES];
    struct gp_put put = {.arena = arena, .at = small, .end = small + sizeof small};
    struct gp_span bytes;
    int rc = try_to_pack(&put, body, what, max, &bytes);

    if (rc == 0)
        bytes = gp_arena_copy(arena, bytes);
    else if (put.full && put.error == 0)
        rc = pack_large(arena, body, what, max, &bytes);
    if (rc == 0 && bytes.ptr == NULL)
        rc = GP_ENOMEM;
    if (rc == 0)
        *ret_bytes = bytes;
    return rc;
}

ProtobufCMessage *gp_put_raw(struct gp_out *out, gp_put_body body, const void *what, size_t max)
{
    struct gp_raw *raw = gp_out_new(out, sizeof *raw);

    raw->base.descriptor = &gp_raw_type;
    if (out->error == 0)
        out->error = gp_put_pack(out->arena, body, what, max, &raw->bytes);
    return &raw->base;
}
