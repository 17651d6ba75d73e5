#include "web/periods.h"

#include "base/clocktext.h"
#include "show/show.h"

#include <string.h>

int64_t gp_day_begins(int64_t day)
{
    int64_t utc_ms = day * GP_MS_DAY;
    int64_t near_ms = utc_ms - gp_show_zone(utc_ms);

    return utc_ms - gp_show_zone(near_ms); /* the clocks may change in between */
}

enum gp_each gp_each_parse(const char *word)
{
    static const char *const words[] = {
        [GP_EACH_DAY] = "day", [GP_EACH_WEEK] = "week", [GP_EACH_MONTH] = "month"};

    for (int each = GP_EACH_DAY; each <= GP_EACH_MONTH; each++) {
        if (strcmp(words[each], word) == 0)
            return (enum gp_each)each;
    }
    return GP_EACH_NONE;
}

/* The first day of the week or month behind this one. */
static int64_t next_day(int64_t day, enum gp_each each)
{
    int year, month, of_month;

    if (each == GP_EACH_DAY)
        return day + 1;
    if (each == GP_EACH_WEEK)
        return day + 7 - gp_weekday(day);
    gp_date_from_day(day, &year, &month, &of_month);
    return month == 12 ? gp_day_from_date(year + 1, 1, 1) : gp_day_from_date(year, month + 1, 1);
}

unsigned gp_periods_cut(int64_t from_ms, int64_t to_ms, enum gp_each each,
                        struct gp_period ret_periods[GP_PERIODS_MAX])
{
    unsigned count = 0;

    while (from_ms < to_ms) {
        int64_t day = gp_day_of(from_ms, gp_show_zone(from_ms));
        int64_t next_ms = gp_day_begins(next_day(day, each));
        if (count == GP_PERIODS_MAX)
            return 0;
        ret_periods[count++] = (struct gp_period){from_ms, next_ms < to_ms ? next_ms : to_ms};
        from_ms = next_ms;
    }
    return count;
}
