/**
 * A second opinion on working time: a table with one truth value for every minute of three years,
 * which is walked minute by minute. It shares no idea with core/calendar and takes nothing from it
 * but the description of a calendar; slow, so that it is obviously right.
 *
 * Times are milliseconds of the local clock since the table's first midnight. One table at a time.
 */
#ifndef GP_TESTS_UNIT_MINUTES_H
#define GP_TESTS_UNIT_MINUTES_H

#include "core/calendar.h"

#define MINUTES_DAYS   1100
#define MINUTES_OF_DAY 1440

/** Fills the table for a calendar, from a Monday on. The calendar must outlive its use. */
void minutes_fill(const struct gp_calendar *calendar, int64_t monday);

/** Between the table's times and instants of UTC. */
int64_t minutes_local(int64_t ms);
int64_t minutes_instant(int64_t local_ms);

/** Whether the minute of that time is a working one. */
bool minutes_working(int64_t at);

/** The first working instant at or after a time. Here and below -1: not within the table. */
int64_t minutes_next(int64_t at);

/** Working time in [from, to), both within the table. */
int64_t minutes_worked(int64_t from, int64_t to);

/** An amount later, in its own clock. */
int64_t minutes_add(int64_t from, struct gp_amount amount, enum gp_wd_mode mode);

/** When that part of the allowance from … due has passed, in the amount's own clock. */
int64_t minutes_percent(int64_t from, int64_t due, struct gp_amount amount, unsigned percent);

#endif
