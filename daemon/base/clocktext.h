/**
 * Times as people write them. One time unit inside gridpost: int64 milliseconds since
 * 1970-01-01T00:00:00Z; a zone is a fixed offset in milliseconds (China has no summer time).
 */
#ifndef GP_BASE_CLOCKTEXT_H
#define GP_BASE_CLOCKTEXT_H

#include "base/span.h"

#include <stdint.h>

#define GP_MS_SECOND INT64_C(1000)
#define GP_MS_MINUTE (60 * GP_MS_SECOND)
#define GP_MS_HOUR   (60 * GP_MS_MINUTE)
#define GP_MS_DAY    (24 * GP_MS_HOUR)

/* "2026-09-30T16:40:00.123+08:00" and a NUL, with room for years the format does not foresee. */
#define GP_CLOCKTEXT_BYTES 40

/**
 * Days since 1970-01-01 of a date of the Gregorian calendar, and back. Valid for years 1 to 9999.
 * Source: the usual era arithmetic over 400-year cycles starting in March.
 *
 * Thread: any
 */
int64_t gp_day_from_date(int year, int month, int day);
void gp_date_from_day(int64_t day, int *ret_year, int *ret_month, int *ret_day);

/** Weekday of a day number: 0 Monday … 6 Sunday. Thread: any. */
int gp_weekday(int64_t day);

/** Day number of an instant in a zone (floor division). Thread: any. */
int64_t gp_day_of(int64_t ms, int64_t zone_ms);

/**
 * Reads "YYYY-MM-DD". Errors: GP_EFORMAT. Thread: any.
 */
int gp_date_parse(struct gp_span text, int64_t *ret_day);

/**
 * Reads ISO 8601 with zone: "2026-09-30T16:40[:SS[.mmm]](Z|+08:00)"; a blank may stand for the T.
 *
 * Errors: GP_EFORMAT: also for days that do not exist and for a missing zone.
 */
int gp_instant_parse(struct gp_span text, int64_t *ret_ms);

/**
 * Writes ISO 8601 with the zone's offset, whole seconds unless there are milliseconds.
 *
 * Ensures: NUL-terminated text in ret_text
 */
void gp_instant_format(int64_t ms, int64_t zone_ms, char ret_text[GP_CLOCKTEXT_BYTES]);

/** Reads a zone such as "+08:00", "-05:00" or "Z" into milliseconds. Errors: GP_EFORMAT. */
int gp_zone_parse(struct gp_span text, int64_t *ret_zone_ms);

#endif
