/**
 * Queries and forms (application/x-www-form-urlencoded), decoded: names and values in the order in
 * which they came.
 */
#ifndef GP_WEB_OPEN311_FORM_H
#define GP_WEB_OPEN311_FORM_H

#include "base/arena.h"
#include "base/span.h"

#include <stdint.h>

#define GP_OPEN311_FIELDS_MAX 128 /* of one form: a report with many attributes has some thirty */

struct gp_open311_field {
    struct gp_span name, value;
};

struct gp_open311_form {
    struct gp_open311_field *field;
    uint32_t count;
};

/**
 * Decodes a form.
 *
 * Thread:   any
 * Ensures:  names and values are UTF-8 without NUL
 * Lifetime: the arena's
 * Errors:   GP_EFORMAT: a bad escape; GP_EUTF8; GP_ELIMIT: too many fields; GP_ENOMEM
 */
int gp_open311_form_read(struct gp_span raw, struct gp_arena *arena,
                         struct gp_open311_form *ret_form);

/** Decodes one piece of a path, where + stands for itself. Errors and lifetime: as above. */
int gp_open311_decode(struct gp_span raw, struct gp_arena *arena, struct gp_span *ret_text);

/** The first value of that name that says something; the empty span: there is none. Thread: any. */
struct gp_span gp_open311_form_get(const struct gp_open311_form *form, const char *name);

/** The same of attribute[code] or attribute[code][]. */
struct gp_span gp_open311_form_attribute(const struct gp_open311_form *form, const char *code);

/**
 * Cuts the first value off a list that commas part, blanks around it off as well.
 *
 * Ensures: false when none is left; empty values are passed over
 */
bool gp_open311_list_next(struct gp_span *list, struct gp_span *ret_value);

/** A number of decimal digits only, at most `most`. Thread: any. Ensures: false: it is none. */
bool gp_open311_number(struct gp_span text, uint64_t most, uint64_t *ret_number);

/**
 * Decimal degrees ("-122.4212043") times 10^7, rounded; no exponent, and no more than `most`
 * degrees either way. Thread: any. Ensures: false: it is none.
 */
bool gp_open311_degrees(struct gp_span text, int most, int32_t *ret_degrees_e7);

#endif
