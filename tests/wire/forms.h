/**
 * The packed forms under one roof: for each, how to read it and how to make a sample of it, so that
 * a test can say "all of them".
 */
#ifndef GP_TESTS_WIRE_FORMS_H
#define GP_TESTS_WIRE_FORMS_H

#include "wire/sample.h"

#include "gridpost.pb-c.h"

struct form {
    const char *name;
    const ProtobufCMessageDescriptor *type;
    size_t ceiling;   /* of memory, as the daemon sets it */
    size_t bytes_max; /* of the message */
    int (*read)(struct gp_span bytes, struct gp_arena *arena);
    int (*make)(int kind, struct gp_arena *arena, struct gp_span *ret_bytes);
    int kind;
};

extern const struct form forms[];
extern const size_t form_count;

/** The sample of a form, packed. Lifetime: the arena's. Fails the test when it does not pack. */
struct gp_span form_sample(const struct form *form, struct gp_arena *arena);

/** Reads bytes in an arena of the form's ceiling, a heap block of exactly their size. */
int form_read(const struct form *form, struct gp_span bytes);

#endif
