#include "base/clocktext.h"

#include "base/error.h"

#include <stdio.h>

/* Years are counted from March, so that a leap day is the last of its year; an era is 400 years,
 * 146,097 days. */
int64_t gp_day_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void gp_date_from_day(int64_t day, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

int gp_weekday(int64_t day)
{
    int64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int64_t gp_day_of(int64_t ms, int64_t zone_ms)
{
    return floor_div(ms + zone_ms, GP_MS_DAY);
}

/* ---------------------------------------------------------------- reading */

struct cursor {
    const char *at, *end;
};

static struct cursor over(struct gp_span text)
{
    const char *at = text.len > 0 ? text.ptr : ""; /* the empty span's ptr may be NULL */
    return (struct cursor){at, at + text.len};
}

static bool digits(struct cursor *cursor, int count, int *ret_value)
{
    int value = 0;

    if (cursor->end - cursor->at < count)
        return false;
    for (int i = 0; i < count; i++) {
        char c = cursor->at[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    cursor->at += count;
    *ret_value = value;
    return true;
}

static bool eat(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

static bool date(struct cursor *cursor, int64_t *ret_day)
{
    int year, month, day, y, m, d;

    if (!digits(cursor, 4, &year) || !eat(cursor, '-') || !digits(cursor, 2, &month) ||
        !eat(cursor, '-') || !digits(cursor, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *ret_day = gp_day_from_date(year, month, day);
    gp_date_from_day(*ret_day, &y, &m, &d);
    return m == month && d == day; /* 31 April would come back as 1 May */
}

int gp_date_parse(struct gp_span text, int64_t *ret_day)
{
    struct cursor cursor = over(text);
    int64_t day;

    if (!date(&cursor, &day) || cursor.at != cursor.end)
        return GP_EFORMAT;
    *ret_day = day;
    return 0;
}

/* HH:MM[:SS[.mmm]] */
static bool time_of_day(struct cursor *cursor, int64_t *ret_ms)
{
    int hour, minute, second = 0, milli = 0;

    if (!digits(cursor, 2, &hour) || !eat(cursor, ':') || !digits(cursor, 2, &minute))
        return false;
    if (eat(cursor, ':')) {
        if (!digits(cursor, 2, &second))
            return false;
        if (eat(cursor, '.') && !digits(cursor, 3, &milli))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_ms = hour * GP_MS_HOUR + minute * GP_MS_MINUTE + second * GP_MS_SECOND + milli;
    return true;
}

static bool zone(struct cursor *cursor, int64_t *ret_zone_ms)
{
    int hour, minute;
    bool minus;

    if (eat(cursor, 'Z')) {
        *ret_zone_ms = 0;
        return true;
    }
    minus = eat(cursor, '-');
    if (!minus && !eat(cursor, '+'))
        return false;
    if (!digits(cursor, 2, &hour) || !eat(cursor, ':') || !digits(cursor, 2, &minute))
        return false;
    if (hour > 14 || minute > 59)
        return false;
    *ret_zone_ms = (minus ? -1 : 1) * (hour * GP_MS_HOUR + minute * GP_MS_MINUTE);
    return true;
}

int gp_instant_parse(struct gp_span text, int64_t *ret_ms)
{
    struct cursor cursor = over(text);
    int64_t day, time, zone_ms;

    if (!date(&cursor, &day) || (!eat(&cursor, 'T') && !eat(&cursor, ' ')) ||
        !time_of_day(&cursor, &time) || !zone(&cursor, &zone_ms) || cursor.at != cursor.end)
        return GP_EFORMAT;
    *ret_ms = day * GP_MS_DAY + time - zone_ms;
    return 0;
}

int gp_zone_parse(struct gp_span text, int64_t *ret_zone_ms)
{
    struct cursor cursor = over(text);
    int64_t zone_ms;

    if (!zone(&cursor, &zone_ms) || cursor.at != cursor.end)
        return GP_EFORMAT;
    *ret_zone_ms = zone_ms;
    return 0;
}

/* ---------------------------------------------------------------- writing */

void gp_instant_format(int64_t ms, int64_t zone_ms, char ret_text[GP_CLOCKTEXT_BYTES])
{
    int64_t day = gp_day_of(ms, zone_ms);
    int64_t rest = ms + zone_ms - day * GP_MS_DAY;
    int64_t minutes = (zone_ms < 0 ? -zone_ms : zone_ms) / GP_MS_MINUTE;
    char milli[8] = "";
    int year, month, date;

    gp_date_from_day(day, &year, &month, &date);
    if (rest % GP_MS_SECOND != 0)
        (void)snprintf(milli, sizeof milli, ".%03d", (int)(rest % GP_MS_SECOND));
    (void)snprintf(ret_text, GP_CLOCKTEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%s%c%02d:%02d", year,
                   month, date, (int)(rest / GP_MS_HOUR), (int)(rest / GP_MS_MINUTE % 60),
                   (int)(rest / GP_MS_SECOND % 60), milli, zone_ms < 0 ? '-' : '+',
                   (int)(minutes / 60), (int)(minutes % 60));
}
