/**
 * A limit: an allowance of working or continuous time, perhaps in stages ("2uh+5wd").
 * DOMAIN section 6 and 7.
 */
#ifndef GP_CORE_LIMIT_H
#define GP_CORE_LIMIT_H

#include "base/limits.h"
#include "base/span.h"

#include <stdint.h>

enum gp_unit {                          /* stored: never change the numbers */
               GP_UNIT_MINUTE = 1,      /* "m": continuous; ladders only */
               GP_UNIT_URGENT_HOUR = 2, /* "uh": continuous */
               GP_UNIT_URGENT_DAY = 3,  /* "ud": continuous, 24 h */
               GP_UNIT_WORK_HOUR = 4,   /* "wh": inside working segments only */
               GP_UNIT_WORK_DAY = 5,    /* "wd": by enum gp_wd_mode */
               GP_UNIT_WORK_SECOND = 6, /* what is left of an allowance: in no file */
               GP_UNIT_SECOND = 7,      /* the same, continuous */
};

enum gp_wd_mode {                  /* stored */
                  GP_WD_HOURS = 0, /* N times the calendar's workday, as work hours */
                  GP_WD_EOD =
                      1, /* start day not counted, last segment's end of the Nth working day */
                  GP_WD_CLOCK =
                      2, /* from the first working instant, same clock time N working days later */
};

#define GP_AMOUNT_MAX  100000    /* more than eleven years of hours is a slip of the pen */
#define GP_SECONDS_MAX 360000000 /* the same in seconds */

struct gp_amount {
    uint32_t n;
    uint8_t unit; /* enum gp_unit */
};

struct gp_limit {
    struct gp_amount stage[GP_STAGES_MAX];
    uint8_t stage_count; /* 1 … GP_STAGES_MAX */
};

/** Whether the unit is continuous time. Thread: any. */
bool gp_unit_continuous(uint8_t unit);

/** So many hours in the clock of a unit: continuous or working ones. Thread: any. */
struct gp_amount gp_hours_of(uint8_t unit, uint32_t hours);

/**
 * Reads one amount, such as "4wh", "15m", "2ud". A limit of 0 is legal.
 *
 * Errors: GP_EFORMAT: unknown unit, no number, or more than 100,000
 */
int gp_amount_parse(struct gp_span text, struct gp_amount *ret_amount);

/** Reads a limit with its stages. Errors: GP_EFORMAT, also for minutes; GP_ELIMIT: too many stages.
 */
int gp_limit_parse(struct gp_span text, struct gp_limit *ret_limit);

#define GP_LIMIT_TEXT_BYTES 48
/** Writes a limit as it is read, NUL-terminated. Thread: any. */
void gp_limit_format(const struct gp_limit *limit, char ret_text[GP_LIMIT_TEXT_BYTES]);

#endif
