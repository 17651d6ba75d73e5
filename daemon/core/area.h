/**
 * Areas by their national digits code (DOMAIN section 3). A code's prefix is its ancestor, so
 * with zeros on the right up to 15 digits a subtree is one range of numbers. What a node *is*
 * is said by its level; a node is (padded code, level), so that a level that is missing
 * ("000") cannot collide with its parent.
 */
#ifndef GP_CORE_AREA_H
#define GP_CORE_AREA_H

#include "base/span.h"

#include <stdint.h>

/* From the top down; a smaller number is higher. The numbers are stored: never change them. */
#define GP_LEVELS(X)                                                                               \
    X(GP_LEVEL_CITY, 1, "city", "市")                                                              \
    X(GP_LEVEL_DISTRICT, 2, "district", "区县")                                                    \
    X(GP_LEVEL_STREET, 3, "street", "街道")                                                        \
    X(GP_LEVEL_COMMUNITY, 4, "community", "社区")                                                  \
    X(GP_LEVEL_COMMITTEE, 5, "committee", "居委会")                                                \
    X(GP_LEVEL_GRID, 6, "grid", "网格")

enum gp_level {
    GP_LEVEL_NONE = 0,
#define X(name, number, text, zh) name = (number),
    GP_LEVELS(X)
#undef X
};

struct gp_area_ref {
    uint64_t padded; /* code with zeros on the right up to 15 digits; 0: no area */
    uint8_t digits;  /* of the code as written: 6, 9, 12 or 15 */
    uint8_t level;   /* enum gp_level; 0 in a prefix that a query names */
};

/**
 * Reads a code of 2 to 15 digits.
 *
 * Thread:  any
 * Ensures: *ret_area has level GP_LEVEL_NONE
 * Errors:  GP_EFORMAT: not digits only, empty, too long, or starts with 0
 */
int gp_area_parse(struct gp_span code, struct gp_area_ref *ret_area);

/** Writes the code's digits and a NUL. Thread: any. */
void gp_area_format(struct gp_area_ref area, char ret_code[16]);

/** The subtree of a code as a half-open range of padded codes. Thread: any. */
void gp_area_range(struct gp_area_ref area, uint64_t *ret_first, uint64_t *ret_end);

/** Whether inner's code lies in outer's subtree (or is it). Thread: any. */
bool gp_area_covers(struct gp_area_ref outer, struct gp_area_ref inner);

/** Name of a level ("community"), "?" for a number that is none. Thread: any. */
const char *gp_level_name(int level);

/** Reads a level's English or Chinese name; GP_LEVEL_NONE if it is none. Thread: any. */
int gp_level_parse(struct gp_span text);

#endif
