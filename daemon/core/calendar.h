/**
 * Working time (DOMAIN section 6): week templates with date ranges, days off, make-up days,
 * a fixed zone. Everything here is a pure function of a calendar that does not change.
 *
 * Segments are half-open: [08:00, 12:00) contains 08:00:00.000 and not 12:00:00.000. R1: a due
 * time is the earliest instant at which the worked time reaches the allowance, so ending exactly
 * at the end of a segment stays there. R2: a start outside hours counts from the next working
 * instant.
 */
#ifndef GP_CORE_CALENDAR_H
#define GP_CORE_CALENDAR_H

#include "base/clocktext.h"
#include "base/limits.h"
#include "base/span.h"
#include "core/limit.h"

#include <stdint.h>

struct gp_segment {
    int32_t from_ms, to_ms; /* of the local day, 0 <= from < to <= 24 h */
};

struct gp_day_hours {
    struct gp_segment segment[GP_SEGMENTS_MAX]; /* ascending, disjoint */
    uint8_t segment_count;                      /* 0: no working day */
};

/* Hours of each weekday (0 Monday) on the days first … last; templates do not overlap. */
struct gp_week {
    int64_t first_day, last_day; /* day numbers, inclusive; INT64_MIN and INT64_MAX when open */
    struct gp_day_hours hours[7];
};

struct gp_special_day {
    int64_t day;
    bool work;      /* make-up day; else off. Beats the weekday */
    bool own_hours; /* work with hours of its own; else those of the week's Monday … first working
                       day */
    struct gp_day_hours hours;
};

struct gp_calendar {
    struct gp_span id;
    int64_t zone_ms;
    int64_t
        workday_ms; /* what "1 wd" means in mode hours; 8 h unless the calendar says otherwise */
    int64_t known_until_ms; /* a time at or after it is provisional; INT64_MAX: always known */
    const struct gp_week *weeks;
    size_t week_count;
    const struct gp_special_day *specials; /* ascending by day */
    size_t special_count;
};

/** The working segments of a day. Thread: any. Lifetime: of the calendar. */
const struct gp_day_hours *gp_calendar_day(const struct gp_calendar *calendar, int64_t day);

/** Whether the instant lies inside a working segment. Thread: any. */
bool gp_calendar_working(const struct gp_calendar *calendar, int64_t at_ms);

/**
 * The first working instant at or after an instant.
 *
 * Errors: GP_ENOTFOUND: none within twenty years (a calendar without working days)
 */
int gp_calendar_next_working(const struct gp_calendar *calendar, int64_t at_ms, int64_t *ret_ms);

/**
 * R1 and R2: the earliest instant at which work_ms of working time have passed since from_ms;
 * from_ms itself when work_ms is 0.
 *
 * Requires: work_ms >= 0
 * Errors:   GP_ENOTFOUND: not reached within twenty years
 */
int gp_calendar_add_work(const struct gp_calendar *calendar, int64_t from_ms, int64_t work_ms,
                         int64_t *ret_ms);

/** Working time in [from_ms, to_ms), milliseconds; 0 when to_ms <= from_ms. Thread: any. */
int64_t gp_calendar_worked(const struct gp_calendar *calendar, int64_t from_ms, int64_t to_ms);

/**
 * Adds one amount to an instant, in the amount's own clock; wd by the mode.
 *
 * Errors: GP_ENOTFOUND as gp_calendar_add_work
 */
int gp_calendar_add(const struct gp_calendar *calendar, int64_t from_ms, struct gp_amount amount,
                    enum gp_wd_mode mode, int64_t *ret_ms);

/**
 * The instant at which percent of the allowance between from_ms and due_ms has passed, in the
 * allowance's own clock (working time unless the unit is continuous), exact to the millisecond,
 * rounded down.
 *
 * Requires: 0 <= percent <= 100, from_ms <= due_ms
 */
int gp_calendar_percent(const struct gp_calendar *calendar, int64_t from_ms, int64_t due_ms,
                        struct gp_amount amount, unsigned percent, int64_t *ret_ms);

#endif
