/** Days, weeks and months of the server's zone: where a stretch of time is cut. */
#ifndef GP_WEB_PERIODS_H
#define GP_WEB_PERIODS_H

#include <stdint.h>

#define GP_PERIODS_MAX 53 /* a year in weeks */

enum gp_each { GP_EACH_NONE, GP_EACH_DAY, GP_EACH_WEEK, GP_EACH_MONTH };

struct gp_period {
    int64_t from_ms, to_ms; /* half-open */
};

/** The first instant of a day (of base/clocktext.h). Thread: any. */
int64_t gp_day_begins(int64_t day);

/** "day", "week", "month"; else GP_EACH_NONE. Thread: any. */
enum gp_each gp_each_parse(const char *word);

/**
 * Cuts [from, to) wherever a day, an ISO week (from Monday) or a month begins: the first and the
 * last piece may be shorter.
 *
 * Thread:   any
 * Requires: from_ms < to_ms
 * Returns:  how many there are; 0: more than GP_PERIODS_MAX
 */
unsigned gp_periods_cut(int64_t from_ms, int64_t to_ms, enum gp_each each,
                        struct gp_period ret_periods[GP_PERIODS_MAX]);

#endif
