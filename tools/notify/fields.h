/** Mappings of a YAML file read by a table: key, kind, where it goes, default, range, remedy. */
#ifndef GP_NOTIFY_FIELDS_H
#define GP_NOTIFY_FIELDS_H

#include "org/yaml.h"

#include <stdint.h>

enum gp_field_kind {
    GP_FIELD_TEXT,     /* const char *, NUL-terminated, in the loader's arena */
    GP_FIELD_NUMBER,   /* int64_t */
    GP_FIELD_DURATION, /* int64_t, milliseconds */
    GP_FIELD_CHOICE,   /* int: which of the choices */
    GP_FIELD_OTHER,    /* allowed, and read by somebody else */
};

struct gp_field {
    const char *key;
    enum gp_field_kind kind;
    size_t offset;
    const char
        *fallback;    /* NULL: it has to be there; a number's or a choice's "": what was there */
    int64_t min, max; /* texts: of their length in bytes */
    bool (*good)(struct gp_span text);
    const char *const *choices; /* ended by NULL */
    const char *remedy;
};

/**
 * Reads a mapping into the struct at `to`, by a table that a field without key ends. What is wrong
 * is a finding with its line, and leaves the default, or what was there before.
 *
 * Lifetime: texts live in the loader's arena
 */
void gp_fields_read(struct gp_yaml *yaml, yaml_node_t *mapping, const struct gp_field *fields,
                    void *to);

#endif
