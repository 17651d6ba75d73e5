/**
 * Writing a message's bytes straight from our structs, without a generated struct between: for what
 * every report writes several times, journal entries and the incident's record. The numbers of
 * fields are gridpost.proto's own (proto/fields.awk); the rest of the rules is packing's as
 * proto/README.md has them: fields in the order of their numbers, defaults left out.
 *
 * Nothing outside wire/ includes this.
 */
#ifndef GP_WIRE_PUT_H
#define GP_WIRE_PUT_H

#include "gridpost.fields.h"
#include "wire/internal.h"

struct gp_put {
    struct gp_arena *arena; /* for what is packed apart and then copied in */
    unsigned char *at, *end;
    bool full; /* there was no room for something: what was written is not the message */
    int error; /* the first other one */
};

enum { GP_PUT_VARINT = 0, GP_PUT_FIXED64 = 1, GP_PUT_BYTES = 2 };

/** A number with its tag, also when it is 0. */
void gp_put_value(struct gp_put *put, unsigned field, uint64_t value);
/** A number; 0 is left out. Negative ones as int64 has them. */
static inline void gp_put_number(struct gp_put *put, unsigned field, uint64_t value)
{
    if (value != 0)
        gp_put_value(put, field, value);
}
/** The same of the types sint32 and sint64. */
static inline void gp_put_signed(struct gp_put *put, unsigned field, int64_t value)
{
    gp_put_number(put, field, (uint64_t)value << 1 ^ (0 - (uint64_t)(value < 0)));
}
/** The same of the type fixed64. */
void gp_put_fixed64(struct gp_put *put, unsigned field, uint64_t value);

/** Bytes, also when there are none. */
void gp_put_bytes(struct gp_put *put, unsigned field, const void *bytes, size_t len);
/** Text, also the empty one. Errors: GP_EUTF8: it contains a NUL, and would be cut there. */
void gp_put_string(struct gp_put *put, unsigned field, struct gp_span text);
/** Text; the empty one is left out. */
static inline void gp_put_text(struct gp_put *put, unsigned field, struct gp_span text)
{
    if (text.len > 0)
        gp_put_string(put, field, text);
}
/** A list of texts, in which empty ones have their place. */
void gp_put_texts(struct gp_put *put, unsigned field, const struct gp_span *text, size_t count);
/** A packed list of numbers; an empty one is left out. */
void gp_put_numbers(struct gp_put *put, unsigned field, const uint64_t *value, size_t count);

/** A message within the message: its fields stand between the two calls. Returns where it begins.
 */
unsigned char *gp_put_begin(struct gp_put *put, unsigned field);
void gp_put_end(struct gp_put *put, unsigned char *begin);
/** A generated struct as a message within the message. */
void gp_put_message(struct gp_put *put, unsigned field, const ProtobufCMessage *message);

/** The digits of an area, and no area left out. */
void gp_put_area(struct gp_put *put, unsigned field, struct gp_area_ref area);
void gp_put_place(struct gp_put *put, unsigned field, struct gp_place place);
void gp_put_row(struct gp_put *put, unsigned field, const struct gp_row_copy *row);
void gp_put_plan(struct gp_put *put, unsigned field, const struct gp_plan *plan);
void gp_put_plan_step(struct gp_put *put, unsigned field, const struct gp_plan_step *step);
void gp_put_side(struct gp_put *put, unsigned field, const struct gp_side *side);

typedef void (*gp_put_body)(struct gp_put *put, const void *what);

/** Packs what a body writes into the arena. Errors: GP_ENOMEM, GP_EUTF8; GP_ELIMIT above max bytes.
 */
int gp_put_pack(struct gp_arena *arena, gp_put_body body, const void *what, size_t max,
                struct gp_span *ret_bytes);

/** The same as a message that generated structs can hold: gp_out_pack copies its bytes, and nothing
 * else may look at it. */
ProtobufCMessage *gp_put_raw(struct gp_out *out, gp_put_body body, const void *what, size_t max);

#endif
