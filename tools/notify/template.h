/**
 * Templates: texts with {placeholders}, taken apart when the settings are read, so that a mistake
 * is found then and not at night. "{{" and "}}" stand for braces.
 */
#ifndef GP_NOTIFY_TEMPLATE_H
#define GP_NOTIFY_TEMPLATE_H

#include "base/arena.h"
#include "notify/buffer.h"
#include "notify/words.h"

/* What each says is in docs/NOTIFY.md; a value that is not there is written "-". */
#define GP_PLACEHOLDERS(X)                                                                         \
    X(GP_PLACE_ID, "id")                                                                           \
    X(GP_PLACE_SEQ, "seq")                                                                         \
    X(GP_PLACE_INCIDENT, "incident")                                                               \
    X(GP_PLACE_NAME, "name")                                                                       \
    X(GP_PLACE_WORD, "word")                                                                       \
    X(GP_PLACE_CATEGORY, "category")                                                               \
    X(GP_PLACE_CONDITION, "condition")                                                             \
    X(GP_PLACE_AREA, "area")                                                                       \
    X(GP_PLACE_CODE, "code")                                                                       \
    X(GP_PLACE_DEPARTMENT, "department")                                                           \
    X(GP_PLACE_LINE, "line")                                                                       \
    X(GP_PLACE_OWNER, "owner")                                                                     \
    X(GP_PLACE_SUBJECT, "subject")                                                                 \
    X(GP_PLACE_TIME, "time")                                                                       \
    X(GP_PLACE_DUE, "due")                                                                         \
    X(GP_PLACE_LATE, "late")                                                                       \
    X(GP_PLACE_PERSONS, "persons")                                                                 \
    X(GP_PLACE_CAPACITIES, "capacities")                                                           \
    X(GP_PLACE_NTH, "nth")                                                                         \
    X(GP_PLACE_LINK, "link")                                                                       \
    X(GP_PLACE_COUNT, "count")

enum gp_place_kind {
    GP_PLACE_NONE = 0, /* a piece of text */
#define X(name, text) name,
    GP_PLACEHOLDERS(X)
#undef X
};

struct gp_piece {
    struct gp_piece *next;
    enum gp_place_kind kind;
    struct gp_span text; /* of GP_PLACE_NONE */
};

struct gp_template {
    const struct gp_piece *first; /* NULL: an empty text */
};

/**
 * Takes a text apart, into the arena.
 *
 * Ensures: on GP_EFORMAT *ret_wrong is what is wrong: an unknown placeholder with its braces, or a
 *          brace that stands alone. Lifetime: the text's, the arena's
 * Errors:  GP_EFORMAT, GP_ENOMEM
 */
int gp_template_parse(struct gp_span text, struct gp_arena *arena, struct gp_template *ret_template,
                      struct gp_span *ret_wrong);

/* What placeholders are filled from. */
struct gp_fill {
    const struct gp_org *org; /* NULL: no directory */
    const struct gp_note *note;
    uint64_t who; /* of note->told, by bit: whom this letter is for */
    enum gp_language language;
    int64_t zone_ms;
    struct gp_span id, link;
    size_t count; /* of a digest: how many notices */
};

/** Writes the text. With `one_line` line feeds become blanks. */
void gp_template_write(const struct gp_template *template, const struct gp_fill *fill,
                       bool one_line, struct gp_buffer *buffer);

#endif
