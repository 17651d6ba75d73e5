#include "minutes.h"

static bool works[MINUTES_DAYS * MINUTES_OF_DAY];
static int64_t first_day;
static const struct gp_calendar *current;

/* ---------------------------------------------------------------- the table */

static void mark(const struct gp_day_hours *hours, int64_t index)
{
    for (int i = 0; i < hours->segment_count; i++) {
        for (int64_t at = hours->segment[i].from_ms; at < hours->segment[i].to_ms;
             at += GP_MS_MINUTE)
            works[index * MINUTES_OF_DAY + at / GP_MS_MINUTE] = true;
    }
}

static const struct gp_day_hours *first_of_week(const struct gp_week *week)
{
    int i = 0;

    while (i < 6 && week->hours[i].segment_count == 0)
        i++;
    return &week->hours[i];
}

static const struct gp_special_day *special_at(int64_t index)
{
    const struct gp_special_day *found = NULL;

    for (size_t i = 0; i < current->special_count; i++) {
        if (current->specials[i].day == first_day + index)
            found = &current->specials[i];
    }
    return found;
}

/* An ordinary day by its weekday; a make-up day like its week's first working one. */
static void mark_by_week(int64_t index, int weekday, bool make_up)
{
    for (size_t i = 0; i < current->week_count; i++) {
        const struct gp_week *week = &current->weeks[i];
        if (week->first_day <= first_day + index && week->last_day >= first_day + index)
            mark(make_up ? first_of_week(week) : &week->hours[weekday], index);
    }
}

void minutes_fill(const struct gp_calendar *calendar, int64_t monday)
{
    int weekday = 0;

    first_day = monday;
    current = calendar;
    memset(works, 0, sizeof works);
    for (int64_t index = 0; index < MINUTES_DAYS; index++, weekday = (weekday + 1) % 7) {
        const struct gp_special_day *special = special_at(index);
        if (special == NULL || (special->work && !special->own_hours))
            mark_by_week(index, weekday, special != NULL);
        else if (special->own_hours)
            mark(&special->hours, index);
    }
}

int64_t minutes_local(int64_t ms)
{
    return ms + current->zone_ms - first_day * GP_MS_DAY;
}

int64_t minutes_instant(int64_t local_ms)
{
    return local_ms - current->zone_ms + first_day * GP_MS_DAY;
}

/* ---------------------------------------------------------------- walking it */

static bool in_table(int64_t at)
{
    return at < MINUTES_DAYS * GP_MS_DAY;
}

bool minutes_working(int64_t at)
{
    return works[at / GP_MS_MINUTE];
}

int64_t minutes_next(int64_t at)
{
    for (int64_t minute = at / GP_MS_MINUTE; in_table(at) && !works[minute]; minute++)
        at = (minute + 1) * GP_MS_MINUTE;
    return in_table(at) ? at : -1;
}

static int64_t add_work(int64_t at, int64_t work)
{
    for (int64_t minute = at / GP_MS_MINUTE; work > 0; minute++) {
        int64_t end = (minute + 1) * GP_MS_MINUTE;
        if (!in_table(at))
            return -1;
        if (works[minute] && end - at >= work)
            return at + work;
        if (works[minute])
            work -= end - at;
        at = end;
    }
    return at;
}

int64_t minutes_worked(int64_t from, int64_t to)
{
    int64_t sum = 0;

    for (int64_t minute = from / GP_MS_MINUTE; from < to; minute++) {
        int64_t end = (minute + 1) * GP_MS_MINUTE;
        if (end > to)
            end = to;
        if (works[minute])
            sum += end - from;
        from = end;
    }
    return sum;
}

/* End of the last working minute of a day, or -1. */
static int64_t day_end(int64_t day)
{
    for (int64_t minute = MINUTES_OF_DAY - 1; minute >= 0; minute--) {
        if (works[day * MINUTES_OF_DAY + minute])
            return day * GP_MS_DAY + (minute + 1) * GP_MS_MINUTE;
    }
    return -1;
}

static int64_t nth_day(int64_t day, uint32_t n)
{
    while (n > 0) {
        if (++day >= MINUTES_DAYS)
            return -1;
        if (day_end(day) >= 0)
            n--;
    }
    return day;
}

static int64_t add_days(int64_t from, uint32_t n, enum gp_wd_mode mode)
{
    int64_t day;

    if (n == 0)
        return from;
    if (mode == GP_WD_HOURS)
        return add_work(from, n * current->workday_ms);
    if (mode == GP_WD_CLOCK)
        from = minutes_next(from);
    if (from < 0)
        return -1;
    day = nth_day(from / GP_MS_DAY, n);
    if (day < 0)
        return -1;
    return mode == GP_WD_EOD ? day_end(day) : day * GP_MS_DAY + from % GP_MS_DAY;
}

int64_t minutes_add(int64_t from, struct gp_amount amount, enum gp_wd_mode mode)
{
    int64_t minute = 60 * 1000, at;

    if (amount.unit == GP_UNIT_MINUTE)
        at = from + amount.n * minute;
    else if (amount.unit == GP_UNIT_URGENT_HOUR)
        at = from + amount.n * 60 * minute;
    else if (amount.unit == GP_UNIT_URGENT_DAY)
        at = from + amount.n * 24 * 60 * minute;
    else if (amount.unit == GP_UNIT_WORK_HOUR)
        at = add_work(from, amount.n * 60 * minute);
    else
        at = add_days(from, amount.n, mode);
    return at >= 0 && in_table(at) ? at : -1;
}

int64_t minutes_percent(int64_t from, int64_t due, struct gp_amount amount, unsigned percent)
{
    if (amount.unit == GP_UNIT_WORK_HOUR || amount.unit == GP_UNIT_WORK_DAY)
        return add_work(from, minutes_worked(from, due) * percent / 100);
    return from + (due - from) * percent / 100;
}
