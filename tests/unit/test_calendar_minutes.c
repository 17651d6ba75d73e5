/*
 * The calendar against a second one that shares no idea with it: a table with one truth value for
 * every minute of three years, which is walked step by step. Random calendars (seasons, gaps, days
 * off, make-up days with and without hours of their own, zones), random starts with a liking for
 * the edges of segments, all units and modes.
 *
 * GP_SEED and GP_ROUNDS in the environment repeat a failure and look further.
 */
#include "base/error.h"
#include "core/calendar.h"
#include "lib/town.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define DAY_MINUTES 1440
#define TABLE_DAYS  1100
#define START_DAYS  400 /* starts lie in the first of them */
#define TRIPLES     160 /* of one calendar */

static bool works[TABLE_DAYS * DAY_MINUTES];
static int64_t first_day;

static uint64_t random_state;

static uint64_t pick(uint64_t below)
{
    random_state ^= random_state << 13; /* xorshift64 */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

/* ---------------------------------------------------------------- random calendars */

static struct gp_week weeks[3];
static struct gp_special_day specials[120];

static void pick_hours(struct gp_day_hours *ret_hours)
{
    int32_t at = pick(3) == 0 ? 0 : (int32_t)pick(600);
    uint8_t count = (uint8_t)(1 + pick(GP_SEGMENTS_MAX));

    *ret_hours = (struct gp_day_hours){0};
    for (uint8_t i = 0; i < count && at < DAY_MINUTES; i++) {
        int32_t to = at + 1 + (int32_t)pick(pick(4) == 0 ? 1440 : 300);
        if (to > DAY_MINUTES)
            to = DAY_MINUTES;
        ret_hours->segment[ret_hours->segment_count++] = (struct gp_segment){
            .from_ms = at * (int32_t)GP_MS_MINUTE, .to_ms = to * (int32_t)GP_MS_MINUTE};
        at = to + (pick(4) == 0 ? 0 : (int32_t)pick(200)); /* neighbours may touch */
    }
}

static void pick_week(struct gp_week *week)
{
    struct gp_day_hours usual;

    pick_hours(&usual);
    for (int i = 0; i < 7; i++) {
        if (pick(7) == 0)
            pick_hours(&week->hours[i]);
        else
            week->hours[i] = pick(7) < (i < 5 ? 6 : 1) ? usual : (struct gp_day_hours){0};
    }
}

static size_t pick_specials(void)
{
    size_t count = 0;

    for (int64_t day = first_day; count < 120; day += 1 + (int64_t)pick(pick(3) == 0 ? 40 : 3)) {
        struct gp_special_day *special = &specials[count++];
        *special = (struct gp_special_day){.day = day, .work = pick(3) == 0};
        special->own_hours = special->work && pick(2) == 0;
        if (special->own_hours)
            pick_hours(&special->hours);
    }
    return count;
}

static struct gp_calendar pick_calendar(void)
{
    static const int64_t zones[] = {8 * GP_MS_HOUR, -4 * GP_MS_HOUR, 330 * GP_MS_MINUTE, 0};
    int64_t change = first_day + (int64_t)pick(300), back = change + (int64_t)pick(200);

    for (int i = 0; i < 3; i++)
        pick_week(&weeks[i]);
    weeks[0].first_day = INT64_MIN;
    weeks[0].last_day = change - 1;
    weeks[1].first_day = change;
    weeks[1].last_day = back;
    weeks[2].first_day = back + 1 + (pick(4) == 0 ? (int64_t)pick(60) : 0); /* perhaps a gap */
    weeks[2].last_day = INT64_MAX;
    return (struct gp_calendar){
        .zone_ms = zones[pick(4)],
        .workday_ms = 8 * GP_MS_HOUR + (int64_t)pick(2) * 30 * GP_MS_MINUTE,
        .known_until_ms = INT64_MAX,
        .weeks = weeks,
        .week_count = 3,
        .specials = specials,
        .special_count = pick_specials(),
    };
}

/* ---------------------------------------------------------------- the table */

static void mark(const struct gp_day_hours *hours, int64_t index)
{
    for (int i = 0; i < hours->segment_count; i++) {
        for (int64_t at = hours->segment[i].from_ms; at < hours->segment[i].to_ms;
             at += GP_MS_MINUTE)
            works[index * DAY_MINUTES + at / GP_MS_MINUTE] = true;
    }
}

static const struct gp_day_hours *first_of_week(const struct gp_week *week)
{
    int i = 0;

    while (i < 6 && week->hours[i].segment_count == 0)
        i++;
    return &week->hours[i];
}

static void fill_table(const struct gp_calendar *calendar)
{
    int weekday = 0; /* first_day is a Monday */

    memset(works, 0, sizeof works);
    for (int64_t index = 0; index < TABLE_DAYS; index++, weekday = (weekday + 1) % 7) {
        const struct gp_special_day *special = NULL;
        for (size_t i = 0; i < calendar->special_count; i++) {
            if (calendar->specials[i].day == first_day + index)
                special = &calendar->specials[i];
        }
        if (special != NULL && special->own_hours)
            mark(&special->hours, index);
        if (special != NULL && (special->own_hours || !special->work))
            continue;
        for (size_t i = 0; i < calendar->week_count; i++) {
            const struct gp_week *week = &calendar->weeks[i];
            if (week->first_day <= first_day + index && week->last_day >= first_day + index)
                mark(special != NULL ? first_of_week(week) : &week->hours[weekday], index);
        }
    }
}

/* Milliseconds of the local clock since the table's first midnight. */
static int64_t local(const struct gp_calendar *calendar, int64_t ms)
{
    return ms + calendar->zone_ms - first_day * GP_MS_DAY;
}

static int64_t instant(const struct gp_calendar *calendar, int64_t local_ms)
{
    return local_ms - calendar->zone_ms + first_day * GP_MS_DAY;
}

static bool in_table(int64_t local_ms)
{
    return local_ms < TABLE_DAYS * GP_MS_DAY;
}

static bool slow_working(int64_t at)
{
    return works[at / GP_MS_MINUTE];
}

/* All slow_ functions return -1 when they run out of the table. */
static int64_t slow_next(int64_t at)
{
    while (in_table(at) && !slow_working(at))
        at += GP_MS_MINUTE - at % GP_MS_MINUTE;
    return in_table(at) ? at : -1;
}

static int64_t slow_add_work(int64_t at, int64_t work)
{
    while (work > 0) {
        int64_t rest = GP_MS_MINUTE - at % GP_MS_MINUTE;
        if (!in_table(at))
            return -1;
        if (slow_working(at) && rest >= work)
            return at + work;
        if (slow_working(at))
            work -= rest;
        at += rest;
    }
    return at;
}

static int64_t slow_worked(int64_t from, int64_t to)
{
    int64_t sum = 0;

    while (from < to) {
        int64_t step = GP_MS_MINUTE - from % GP_MS_MINUTE;
        if (step > to - from)
            step = to - from;
        if (slow_working(from))
            sum += step;
        from += step;
    }
    return sum;
}

/* End of the last working minute of a day, or -1. */
static int64_t slow_day_end(int64_t day)
{
    for (int64_t minute = DAY_MINUTES - 1; minute >= 0; minute--) {
        if (works[day * DAY_MINUTES + minute])
            return day * GP_MS_DAY + (minute + 1) * GP_MS_MINUTE;
    }
    return -1;
}

static int64_t slow_nth_day(int64_t day, uint32_t n)
{
    while (n > 0) {
        if (++day >= TABLE_DAYS)
            return -1;
        if (slow_day_end(day) >= 0)
            n--;
    }
    return day;
}

static int64_t slow_days(const struct gp_calendar *calendar, int64_t from, uint32_t n,
                         enum gp_wd_mode mode)
{
    int64_t day;

    if (n == 0)
        return from;
    if (mode == GP_WD_HOURS)
        return slow_add_work(from, n * calendar->workday_ms);
    if (mode == GP_WD_CLOCK)
        from = slow_next(from);
    if (from < 0)
        return -1;
    day = slow_nth_day(from / GP_MS_DAY, n);
    if (day < 0)
        return -1;
    return mode == GP_WD_EOD ? slow_day_end(day) : day * GP_MS_DAY + from % GP_MS_DAY;
}

static int64_t slow_add(const struct gp_calendar *calendar, int64_t from, struct gp_amount amount,
                        enum gp_wd_mode mode)
{
    switch (amount.unit) {
    case GP_UNIT_MINUTE:
        return from + (int64_t)amount.n * 60 * 1000;
    case GP_UNIT_URGENT_HOUR:
        return from + (int64_t)amount.n * 60 * 60 * 1000;
    case GP_UNIT_URGENT_DAY:
        return from + (int64_t)amount.n * 24 * 60 * 60 * 1000;
    case GP_UNIT_WORK_HOUR:
        return slow_add_work(from, (int64_t)amount.n * 60 * 60 * 1000);
    default:
        return slow_days(calendar, from, amount.n, mode);
    }
}

/* ---------------------------------------------------------------- comparing */

static void same(const char *what, const struct gp_calendar *calendar, int64_t from, int64_t got_ms,
                 int64_t expected_local)
{
    char start[GP_CLOCKTEXT_BYTES], got[GP_CLOCKTEXT_BYTES], want[GP_CLOCKTEXT_BYTES];

    if (local(calendar, got_ms) == expected_local)
        return;
    gp_instant_format(instant(calendar, from), calendar->zone_ms, start);
    gp_instant_format(got_ms, calendar->zone_ms, got);
    gp_instant_format(instant(calendar, expected_local), calendar->zone_ms, want);
    fail_msg("%s from %s: %s instead of %s", what, start, got, want);
}

/* Half of the starts lie within a millisecond of a segment's edge. */
static int64_t pick_start(void)
{
    int64_t minute = 1 + (int64_t)pick(START_DAYS * DAY_MINUTES);

    if (pick(2) == 0)
        return minute * GP_MS_MINUTE + (int64_t)pick(GP_MS_MINUTE);
    while (minute < START_DAYS * DAY_MINUTES && works[minute] == works[minute - 1])
        minute++;
    return minute * GP_MS_MINUTE - 1 + (int64_t)pick(3);
}

static void compare_percent(const struct gp_calendar *calendar, int64_t from, int64_t due,
                            struct gp_amount amount)
{
    unsigned percent = (unsigned)pick(101);
    int64_t ms = 0, expected;

    assert_int_equal(gp_calendar_percent(calendar, instant(calendar, from), instant(calendar, due),
                                         amount, percent, &ms),
                     0);
    if (amount.unit == GP_UNIT_WORK_HOUR || amount.unit == GP_UNIT_WORK_DAY)
        expected = slow_add_work(from, slow_worked(from, due) * percent / 100);
    else
        expected = from + (due - from) * percent / 100;
    same("percent", calendar, from, ms, expected);
}

/* False: the table was too short to tell. */
static bool compare_triple(const struct gp_calendar *calendar)
{
    static const char *const units[] = {"", "m", "uh", "ud", "wh", "wd"};
    int64_t from = pick_start(), next = slow_next(from), ms = 0;
    struct gp_amount amount = {.unit = (uint8_t)(1 + pick(5))};
    enum gp_wd_mode mode = (enum gp_wd_mode)pick(3);

    amount.n = (uint32_t)pick(amount.unit == GP_UNIT_URGENT_DAY || pick(2) == 0 ? 6 : 60);
    int64_t due = slow_add(calendar, from, amount, mode);
    if (next < 0 || due < 0 || !in_table(due))
        return false;
    assert_int_equal(gp_calendar_working(calendar, instant(calendar, from)), slow_working(from));
    assert_int_equal(gp_calendar_next_working(calendar, instant(calendar, from), &ms), 0);
    same("next", calendar, from, ms, next);
    assert_int_equal(gp_calendar_add(calendar, instant(calendar, from), amount, mode, &ms), 0);
    same(units[amount.unit], calendar, from, ms, due);
    assert_int_equal(gp_calendar_worked(calendar, instant(calendar, from), instant(calendar, due)),
                     slow_worked(from, due));
    compare_percent(calendar, from, due, amount);
    return true;
}

static void compare(const struct gp_calendar *calendar)
{
    unsigned compared = 0;

    fill_table(calendar);
    for (int i = 0; i < TRIPLES; i++)
        compared += compare_triple(calendar);
    assert_true(compared > TRIPLES / 2); /* a table that tells nothing would prove nothing */
}

static void begin(uint64_t seed, int64_t monday)
{
    random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
    first_day = monday;
    for (int i = 0; i < 8; i++)
        (void)pick(2);
}

static void the_office_agrees(void **state)
{
    static struct town town;

    (void)state;
    town_build(&town);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        begin(seed, gp_day_from_date(2025, 12, 1));
        compare(&town.calendar);
    }
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void random_calendars_agree(void **state)
{
    uint64_t seed = setting("GP_SEED", 20261124), rounds = setting("GP_ROUNDS", 25);

    (void)state;
    for (uint64_t i = 0; i < rounds; i++) {
        print_message("GP_SEED=%" PRIu64 "\n", seed + i);
        begin(seed + i, i % 2 == 0 ? gp_day_from_date(2025, 12, 1) : gp_day_from_date(1969, 12, 1));
        struct gp_calendar calendar = pick_calendar();
        compare(&calendar);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_office_agrees),
        cmocka_unit_test(random_calendars_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
