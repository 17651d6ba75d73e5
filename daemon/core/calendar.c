#include "core/calendar.h"

#include "base/error.h"

#include <assert.h>

/* How far a search for working time goes before a calendar counts as having none. */
#define GP_SEARCH_DAYS (20 * 366)

static const struct gp_day_hours no_hours;

/* ---------------------------------------------------------------- which hours a day has */

static const struct gp_week *week_of(const struct gp_calendar *calendar, int64_t day)
{
    for (size_t i = 0; i < calendar->week_count; i++) {
        const struct gp_week *week = &calendar->weeks[i];
        if (day >= week->first_day && day <= week->last_day)
            return week;
    }
    return NULL;
}

/* The first special day at or behind a day. */
static size_t special_from(const struct gp_calendar *calendar, int64_t day)
{
    size_t low = 0, high = calendar->special_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->specials[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A make-up day without hours of its own works like the week's first working day. */
static const struct gp_day_hours *ordinary_hours(const struct gp_week *week)
{
    for (int i = 0; i < 7; i++) {
        if (week->hours[i].segment_count > 0)
            return &week->hours[i];
    }
    return &no_hours;
}

/* Day after day: what stays the same from one to the next is not looked up again. */
struct days {
    const struct gp_calendar *calendar;
    int64_t day;
    int weekday;
    size_t special;             /* the first special day at or behind this one */
    const struct gp_week *week; /* that has the day; NULL: none has */
};

static struct days days_from(const struct gp_calendar *calendar, int64_t day)
{
    return (struct days){
        .calendar = calendar,
        .day = day,
        .weekday = gp_weekday(day),
        .special = special_from(calendar, day),
        .week = week_of(calendar, day),
    };
}

static void days_next(struct days *days)
{
    const struct gp_calendar *calendar = days->calendar;

    days->day++;
    days->weekday = days->weekday == 6 ? 0 : days->weekday + 1;
    if (days->special < calendar->special_count &&
        calendar->specials[days->special].day < days->day)
        days->special++;
    if (days->week == NULL || days->day > days->week->last_day)
        days->week = week_of(calendar, days->day);
}

static const struct gp_day_hours *hours_of(const struct days *days)
{
    const struct gp_calendar *calendar = days->calendar;
    const struct gp_special_day *special =
        days->special < calendar->special_count ? &calendar->specials[days->special] : NULL;
    bool today = special != NULL && special->day == days->day;

    if (today && !special->work)
        return &no_hours;
    if (today && special->own_hours)
        return &special->hours;
    if (days->week == NULL)
        return &no_hours;
    return today ? ordinary_hours(days->week) : &days->week->hours[days->weekday];
}

const struct gp_day_hours *gp_calendar_day(const struct gp_calendar *calendar, int64_t day)
{
    const struct days days = days_from(calendar, day);
    return hours_of(&days);
}

static int64_t day_start(const struct gp_calendar *calendar, int64_t day)
{
    return day * GP_MS_DAY - calendar->zone_ms;
}

/* ---------------------------------------------------------------- segments as instants */

bool gp_calendar_working(const struct gp_calendar *calendar, int64_t at_ms)
{
    int64_t day = gp_day_of(at_ms, calendar->zone_ms);
    int64_t time = at_ms - day_start(calendar, day);
    const struct gp_day_hours *hours = gp_calendar_day(calendar, day);

    for (uint8_t i = 0; i < hours->segment_count; i++) {
        if (time >= hours->segment[i].from_ms && time < hours->segment[i].to_ms)
            return true;
    }
    return false;
}

int gp_calendar_next_working(const struct gp_calendar *calendar, int64_t at_ms, int64_t *ret_ms)
{
    struct days days = days_from(calendar, gp_day_of(at_ms, calendar->zone_ms));

    for (int64_t last = days.day + GP_SEARCH_DAYS; days.day <= last; days_next(&days)) {
        const struct gp_day_hours *hours = hours_of(&days);
        int64_t start = day_start(calendar, days.day);
        for (uint8_t i = 0; i < hours->segment_count; i++) {
            if (start + hours->segment[i].to_ms > at_ms) {
                int64_t from = start + hours->segment[i].from_ms;
                *ret_ms = from > at_ms ? from : at_ms;
                return 0;
            }
        }
    }
    return GP_ENOTFOUND;
}

int gp_calendar_add_work(const struct gp_calendar *calendar, int64_t from_ms, int64_t work_ms,
                         int64_t *ret_ms)
{
    struct days days;

    assert(work_ms >= 0);
    if (work_ms == 0) {
        *ret_ms = from_ms;
        return 0;
    }
    days = days_from(calendar, gp_day_of(from_ms, calendar->zone_ms));
    for (int64_t last = days.day + GP_SEARCH_DAYS; days.day <= last; days_next(&days)) {
        const struct gp_day_hours *hours = hours_of(&days);
        int64_t start = day_start(calendar, days.day);
        for (uint8_t i = 0; i < hours->segment_count; i++) {
            int64_t from = start + hours->segment[i].from_ms;
            int64_t to = start + hours->segment[i].to_ms;
            if (from < from_ms)
                from = from_ms;
            if (to <= from)
                continue;
            if (to - from >= work_ms) { /* R1: ending exactly at the segment's end stays there */
                *ret_ms = from + work_ms;
                return 0;
            }
            work_ms -= to - from;
        }
    }
    return GP_ENOTFOUND;
}

int64_t gp_calendar_worked(const struct gp_calendar *calendar, int64_t from_ms, int64_t to_ms)
{
    int64_t worked = 0;
    struct days days;

    if (to_ms <= from_ms)
        return 0;
    int64_t last = gp_day_of(to_ms, calendar->zone_ms);
    days = days_from(calendar, gp_day_of(from_ms, calendar->zone_ms));
    for (; days.day <= last; days_next(&days)) {
        const struct gp_day_hours *hours = hours_of(&days);
        int64_t start = day_start(calendar, days.day);
        for (uint8_t i = 0; i < hours->segment_count; i++) {
            int64_t from = start + hours->segment[i].from_ms;
            int64_t to = start + hours->segment[i].to_ms;
            if (from < from_ms)
                from = from_ms;
            if (to > to_ms)
                to = to_ms;
            if (to > from)
                worked += to - from;
        }
    }
    return worked;
}

/* ---------------------------------------------------------------- amounts */

/* The nth working day behind a day. */
static int nth_working_day(const struct gp_calendar *calendar, int64_t day, uint32_t n,
                           int64_t *ret_day)
{
    struct days days = days_from(calendar, day);

    for (unsigned idle = 0; idle < GP_SEARCH_DAYS;) {
        days_next(&days);
        if (hours_of(&days)->segment_count == 0) {
            idle++;
            continue;
        }
        idle = 0;
        if (--n == 0) {
            *ret_day = days.day;
            return 0;
        }
    }
    return GP_ENOTFOUND;
}

/* Start day not counted; ends with the last segment of the Nth working day. */
static int add_days_eod(const struct gp_calendar *calendar, int64_t from_ms, uint32_t n,
                        int64_t *ret_ms)
{
    int64_t day;
    int rc = nth_working_day(calendar, gp_day_of(from_ms, calendar->zone_ms), n, &day);

    if (rc != 0)
        return rc;
    const struct gp_day_hours *hours = gp_calendar_day(calendar, day);
    *ret_ms = day_start(calendar, day) + hours->segment[hours->segment_count - 1].to_ms;
    return 0;
}

/* From the first working instant the same clock time N working days later. */
static int add_days_clock(const struct gp_calendar *calendar, int64_t from_ms, uint32_t n,
                          int64_t *ret_ms)
{
    int64_t first_ms, day;
    int rc = gp_calendar_next_working(calendar, from_ms, &first_ms);

    if (rc != 0)
        return rc;
    int64_t first_day = gp_day_of(first_ms, calendar->zone_ms);
    rc = nth_working_day(calendar, first_day, n, &day);
    if (rc == 0)
        *ret_ms = first_ms + (day - first_day) * GP_MS_DAY;
    return rc;
}

static int add_days(const struct gp_calendar *calendar, int64_t from_ms, uint32_t n,
                    enum gp_wd_mode mode, int64_t *ret_ms)
{
    if (n == 0) {
        *ret_ms = from_ms;
        return 0;
    }
    switch (mode) {
    case GP_WD_EOD:
        return add_days_eod(calendar, from_ms, n, ret_ms);
    case GP_WD_CLOCK:
        return add_days_clock(calendar, from_ms, n, ret_ms);
    case GP_WD_HOURS:
        break;
    }
    return gp_calendar_add_work(calendar, from_ms, n * calendar->workday_ms, ret_ms);
}

int gp_calendar_add(const struct gp_calendar *calendar, int64_t from_ms, struct gp_amount amount,
                    enum gp_wd_mode mode, int64_t *ret_ms)
{
    switch ((enum gp_unit)amount.unit) {
    case GP_UNIT_MINUTE:
        *ret_ms = from_ms + amount.n * GP_MS_MINUTE;
        return 0;
    case GP_UNIT_URGENT_HOUR:
        *ret_ms = from_ms + amount.n * GP_MS_HOUR;
        return 0;
    case GP_UNIT_URGENT_DAY:
        *ret_ms = from_ms + amount.n * GP_MS_DAY;
        return 0;
    case GP_UNIT_WORK_HOUR:
        return gp_calendar_add_work(calendar, from_ms, amount.n * GP_MS_HOUR, ret_ms);
    case GP_UNIT_WORK_DAY:
        return add_days(calendar, from_ms, amount.n, mode, ret_ms);
    case GP_UNIT_WORK_SECOND:
        return gp_calendar_add_work(calendar, from_ms, amount.n * GP_MS_SECOND, ret_ms);
    case GP_UNIT_SECOND:
        *ret_ms = from_ms + amount.n * GP_MS_SECOND;
        return 0;
    }
    return GP_EINVAL;
}

int gp_calendar_percent(const struct gp_calendar *calendar, int64_t from_ms, int64_t due_ms,
                        struct gp_amount amount, unsigned percent, int64_t *ret_ms)
{
    assert(percent <= 100);
    assert(from_ms <= due_ms);
    if (gp_unit_continuous(amount.unit)) {
        *ret_ms = from_ms + (due_ms - from_ms) * percent / 100;
        return 0;
    }
    int64_t allowance_ms = gp_calendar_worked(calendar, from_ms, due_ms);
    return gp_calendar_add_work(calendar, from_ms, allowance_ms * percent / 100, ret_ms);
}
