/**
 * One writer for both formats of Open311: the same calls give XML and, by the specification's
 * "Spark" convention, JSON. A list is an element around its items in XML and an array in JSON; an
 * object is an element around its fields, and an object; a value that is not said is an empty
 * element, and null. The name of the outermost one is seen in XML only.
 *
 * The first error stays, so that fields can be written one after the other; gp_markup_finish tells.
 * Texts are taken as hostile: what is not UTF-8, control characters but line feed and tab, and
 * what turns the direction of text around come out as U+FFFD.
 */
#ifndef GP_WEB_OPEN311_MARKUP_H
#define GP_WEB_OPEN311_MARKUP_H

#include "base/span.h"

#include <stdint.h>

enum gp_markup_format { GP_MARKUP_XML = 1, GP_MARKUP_JSON = 2 };

struct gp_markup;

/** Thread: any, one at a time. Errors: GP_ENOMEM. */
int gp_markup_open(enum gp_markup_format format, struct gp_markup **ret_markup);

/*
 * Containers. A list's items are all of one name: objects, or texts; in JSON they have none.
 *
 * Requires: at most 8 of them within each other; one that is outermost; names are static storage
 */
void gp_markup_list(struct gp_markup *markup, const char *name);
void gp_markup_object(struct gp_markup *markup, const char *name);
void gp_markup_close(struct gp_markup *markup); /* the innermost one */

void gp_markup_text(struct gp_markup *markup, const char *name, struct gp_span text);
void gp_markup_word(struct gp_markup *markup, const char *name, const char *word);
void gp_markup_number(struct gp_markup *markup, const char *name, int64_t number);
void gp_markup_bool(struct gp_markup *markup, const char *name, bool value);
void gp_markup_null(struct gp_markup *markup, const char *name);
/** Degrees times 10^7, written with as many digits as they have. */
void gp_markup_degrees(struct gp_markup *markup, const char *name, int32_t degrees_e7);
/** ISO 8601 with the zone's offset, in whole seconds, as clients expect it. 0: not said. */
void gp_markup_instant(struct gp_markup *markup, const char *name, int64_t ms, int64_t zone_ms);

/**
 * Ends the document.
 *
 * Requires: every container is closed
 * Ensures:  the markup is freed, on failure too
 * Lifetime: *ret_bytes, NUL-terminated, is the caller's: free()
 * Errors:   GP_ENOMEM
 */
int gp_markup_finish(struct gp_markup *markup, char **ret_bytes, size_t *ret_len);

/** Frees what was begun and is not wanted. Accepts NULL. */
void gp_markup_abandon(struct gp_markup *markup);

/** "text/xml; charset=utf-8" or "application/json; charset=utf-8". Thread: any. */
const char *gp_markup_type(enum gp_markup_format format);

#endif
