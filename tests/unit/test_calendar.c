/* Working time: the golden cases of DOMAIN section 11 as instants, and every edge by hand. The
 * office calendar is the town's; the others are built here. */
#include "base/error.h"
#include "core/calendar.h"
#include "lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HOURS(from_hour, to_hour)                                                                  \
    {                                                                                              \
        .from_ms = (int32_t)((from_hour)*3600000.0), .to_ms = (int32_t)((to_hour)*3600000.0)       \
    }
#define ALWAYS .first_day = INT64_MIN, .last_day = INT64_MAX

static struct town town;
static const struct gp_calendar *office = &town.calendar;

static int begin(void **state)
{
    (void)state;
    town_build(&town);
    return 0;
}

static struct gp_amount amount(const char *text)
{
    struct gp_amount amount;

    assert_int_equal(gp_amount_parse(gp_span_of(text), &amount), 0);
    return amount;
}

static void expect_at(int64_t got_ms, const char *expected, const char *what)
{
    char got[GP_CLOCKTEXT_BYTES], want[GP_CLOCKTEXT_BYTES];

    gp_instant_format(got_ms, 8 * GP_MS_HOUR, got);
    gp_instant_format(town_at(expected), 8 * GP_MS_HOUR, want);
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s instead of %s", what, got, want);
}

static int64_t add(const struct gp_calendar *calendar, int64_t from_ms, const char *text,
                   enum gp_wd_mode mode)
{
    int64_t ms = 0;

    assert_int_equal(gp_calendar_add(calendar, from_ms, amount(text), mode, &ms), 0);
    return ms;
}

static void expect_add(const char *from, const char *text, enum gp_wd_mode mode, const char *due)
{
    expect_at(add(office, town_at(from), text, mode), due, from);
}

/* ---------------------------------------------------------------- golden cases */

static const struct golden {
    const char *name, *from, *limit;
    unsigned percent[2];
    const char *at[2]; /* the instants of those percentages */
    const char *due;
    const char *later[4], *later_at[4]; /* amounts after the due */
} goldens[] = {
    {"E1",
     "2026-09-30 16:40",
     "8wh",
     {25, 80},
     {"2026-10-08 08:40", "2026-10-08 15:04"},
     "2026-10-08 16:40",
     {"4wh", "8wh", "24wh", "32wh"},
     {"2026-10-09 10:40", "2026-10-09 16:40", "2026-10-12 16:40", "2026-10-13 16:40"}},
    {"E2",
     "2026-10-03 23:10",
     "2uh",
     {50, 0},
     {"2026-10-04 00:10", "2026-10-03 23:10"},
     "2026-10-04 01:10",
     {"1uh", "4uh"},
     {"2026-10-04 02:10", "2026-10-04 05:10"}},
    {"E3",
     "2026-09-18 17:30",
     "4wh",
     {25, 80},
     {"2026-09-20 08:30", "2026-09-20 10:42"},
     "2026-09-20 11:30",
     {"4wh", "8wh", "24wh"},
     {"2026-09-20 17:30", "2026-09-21 11:30", "2026-09-23 11:30"}},
    {"E5",
     "2026-06-15 09:00",
     "4wh",
     {25, 80},
     {"2026-06-15 10:00", "2026-06-15 14:12"},
     "2026-06-15 15:00",
     {"4wh", "8wh", "24wh"},
     {"2026-06-16 09:00", "2026-06-16 15:00", "2026-06-18 15:00"}},
    {"E7",
     "2026-06-10 11:30",
     "2wh",
     {25, 80},
     {"2026-06-10 12:00", "2026-06-10 15:06"},
     "2026-06-10 15:30",
     {"4wh"},
     {"2026-06-11 09:30"}},
    {"E9",
     "2026-10-13 08:00",
     "8wh",
     {80, 100},
     {"2026-10-13 16:24", "2026-10-13 18:00"},
     "2026-10-13 18:00",
     {"8wh"},
     {"2026-10-14 18:00"}},
    {"E11",
     "2026-10-14 15:00",
     "4wh",
     {0, 100},
     {"2026-10-14 15:00", "2026-10-15 09:00"},
     "2026-10-15 09:00",
     {NULL},
     {NULL}},
    {"E12 at 18:00",
     "2026-06-12 18:00",
     "4wh",
     {25, 100},
     {"2026-06-15 09:00", "2026-06-15 12:00"},
     "2026-06-15 12:00",
     {"4wh"},
     {"2026-06-15 18:00"}},
    {"E12 at 12:30",
     "2026-06-12 12:30",
     "4wh",
     {25, 50},
     {"2026-06-12 15:00", "2026-06-12 16:00"},
     "2026-06-12 18:00",
     {"1wh"},
     {"2026-06-15 09:00"}},
    {"E20",
     "2026-06-18 16:00",
     "4wh",
     {25, 80},
     {"2026-06-18 17:00", "2026-06-22 09:12"},
     "2026-06-22 10:00",
     {NULL},
     {NULL}},
};

static void expect_golden(const struct golden *golden)
{
    int64_t from_ms = town_at(golden->from), due_ms = add(office, from_ms, golden->limit, 0), at_ms;

    expect_at(due_ms, golden->due, golden->name);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gp_calendar_percent(office, from_ms, due_ms, amount(golden->limit),
                                             golden->percent[i], &at_ms),
                         0);
        expect_at(at_ms, golden->at[i], golden->name);
    }
    for (int i = 0; i < 4 && golden->later[i] != NULL; i++)
        expect_at(add(office, due_ms, golden->later[i], 0), golden->later_at[i], golden->name);
}

static void golden_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++)
        expect_golden(&goldens[i]);
}

/* Every day of 2026, as the State Council's notice has it. */
static void the_year_has_its_days(void **state)
{
    int working = 0, week_end_work = 0;

    (void)state;
    for (int64_t day = gp_day_from_date(2026, 1, 1); day <= gp_day_from_date(2026, 12, 31); day++) {
        bool works = gp_calendar_day(office, day)->segment_count > 0;
        working += works;
        week_end_work += works && gp_weekday(day) >= 5;
    }
    assert_int_equal(week_end_work, 6);
    assert_int_equal(working, 248);
}

/* ---------------------------------------------------------------- R1 and R2 to the millisecond */

static void segments_are_half_open(void **state)
{
    (void)state;
    assert_false(gp_calendar_working(office, town_at("2026-06-15 08:00") - 1));
    assert_true(gp_calendar_working(office, town_at("2026-06-15 08:00")));
    assert_true(gp_calendar_working(office, town_at("2026-06-15 12:00") - 1));
    assert_false(gp_calendar_working(office, town_at("2026-06-15 12:00")));
    assert_true(gp_calendar_working(office, town_at("2026-06-15 18:00") - 1));
    assert_false(gp_calendar_working(office, town_at("2026-06-15 18:00")));
    assert_false(gp_calendar_working(office, town_at("2026-06-14 10:00"))); /* Sunday */
    assert_true(gp_calendar_working(office, town_at("2026-09-20 10:00")));  /* made up */
    assert_false(gp_calendar_working(office, town_at("2026-06-19 10:00"))); /* Friday, off */
}

static void expect_next(const char *from, const char *expected)
{
    int64_t ms = 0;

    assert_int_equal(gp_calendar_next_working(office, town_at(from), &ms), 0);
    expect_at(ms, expected, from);
}

static void the_next_working_instant(void **state)
{
    int64_t ms;

    (void)state;
    expect_next("2026-06-15 09:17:03", "2026-06-15 09:17:03");
    expect_next("2026-06-15 07:59:59", "2026-06-15 08:00");
    expect_next("2026-06-15 12:00", "2026-06-15 14:00");
    expect_next("2026-06-12 18:00", "2026-06-15 08:00");
    expect_next("2026-09-30 18:00", "2026-10-08 08:00");
    expect_next("2026-10-09 23:59:59", "2026-10-10 08:00");
    assert_int_equal(gp_calendar_next_working(office, town_at("2026-06-12 18:00") - 1, &ms), 0);
    assert_int_equal(ms, town_at("2026-06-12 18:00") - 1);
}

static void r1_the_earliest_instant(void **state)
{
    int64_t ms;

    (void)state;
    expect_add("2026-06-15 16:00", "2wh", 0, "2026-06-15 18:00"); /* stays at the end */
    expect_add("2026-06-15 08:00", "4wh", 0, "2026-06-15 12:00");
    expect_add("2026-06-15 08:00", "8wh", 0, "2026-06-15 18:00");
    expect_add("2026-06-15 16:00:01", "2wh", 0, "2026-06-16 08:00:01");
    assert_int_equal(gp_calendar_add_work(office, town_at("2026-06-15 17:00"), GP_MS_HOUR + 1, &ms),
                     0);
    assert_int_equal(ms, town_at("2026-06-16 08:00") + 1);
    assert_int_equal(gp_calendar_add_work(office, town_at("2026-06-12 18:00") - 1, 2, &ms), 0);
    assert_int_equal(ms, town_at("2026-06-15 08:00") + 1);
}

static void r2_a_start_outside_hours(void **state)
{
    (void)state;
    expect_add("2026-06-15 03:00", "1wh", 0, "2026-06-15 09:00");
    expect_add("2026-06-15 12:00", "1wh", 0, "2026-06-15 15:00");
    expect_add("2026-06-15 13:59:59", "1wh", 0, "2026-06-15 15:00");
    expect_add("2026-06-13 10:00", "1wh", 0, "2026-06-15 09:00"); /* Saturday */
    expect_add("2026-12-31 18:00", "1wh", 0, "2027-01-01 09:00"); /* 2027 knows no holidays yet */
}

static void nothing_is_due_at_once(void **state)
{
    static const char *const none[] = {"0m", "0uh", "0ud", "0wh", "0wd"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        for (int mode = GP_WD_HOURS; mode <= GP_WD_CLOCK; mode++)
            expect_add("2026-06-13 10:00", none[i], mode, "2026-06-13 10:00");
    }
}

static void urgent_time_is_continuous(void **state)
{
    (void)state;
    expect_add("2026-10-03 23:10", "15m", 0, "2026-10-03 23:25");
    expect_add("2026-09-30 17:59:59", "3ud", 0, "2026-10-03 17:59:59");
    expect_add("2025-12-31 23:00", "2uh", 0, "2026-01-01 01:00");
    expect_add("2026-01-01 00:00", "8760uh", 0, "2027-01-01 00:00");
}

static void worked_time_is_counted(void **state)
{
    int64_t from_ms = town_at("2026-09-30 16:40");

    (void)state;
    assert_int_equal(gp_calendar_worked(office, from_ms, from_ms), 0);
    assert_int_equal(gp_calendar_worked(office, from_ms, from_ms - 1), 0);
    assert_int_equal(gp_calendar_worked(office, from_ms, from_ms + 1), 1);
    assert_int_equal(gp_calendar_worked(office, from_ms, town_at("2026-10-08 08:00")),
                     80 * GP_MS_MINUTE);
    assert_int_equal(gp_calendar_worked(office, from_ms, town_at("2026-10-08 16:40")),
                     8 * GP_MS_HOUR);
    assert_int_equal(
        gp_calendar_worked(office, town_at("2026-06-15 00:00"), town_at("2026-06-22 00:00")),
        32 * GP_MS_HOUR); /* Friday off */
}

/* ---------------------------------------------------------------- working days */

static void days_as_hours(void **state)
{
    (void)state;
    expect_add("2026-06-15 09:00", "1wd", GP_WD_HOURS, "2026-06-16 09:00");
    expect_add("2026-06-15 12:30", "1wd", GP_WD_HOURS, "2026-06-16 12:00");
    expect_add("2026-06-12 18:00", "1wd", GP_WD_HOURS, "2026-06-15 18:00");
    expect_add("2026-09-30 16:40", "5wd", GP_WD_HOURS, "2026-10-13 16:40");
    town.calendar.workday_ms = 4 * GP_MS_HOUR; /* "1 wd" of another length */
    expect_add("2026-06-15 09:00", "1wd", GP_WD_HOURS, "2026-06-15 15:00");
}

static void days_to_their_end(void **state)
{
    (void)state;
    expect_add("2026-06-15 00:00", "1wd", GP_WD_EOD, "2026-06-16 18:00");
    expect_add("2026-06-15 23:59:59", "1wd", GP_WD_EOD, "2026-06-16 18:00");
    expect_add("2026-06-18 09:00", "1wd", GP_WD_EOD, "2026-06-22 18:00"); /* Dragon Boat */
    expect_add("2026-06-20 09:00", "1wd", GP_WD_EOD, "2026-06-22 18:00"); /* from a day off */
    expect_add("2026-09-18 09:00", "2wd", GP_WD_EOD, "2026-09-21 18:00"); /* Sunday counts */
    expect_add("2026-09-30 09:00", "3wd", GP_WD_EOD, "2026-10-10 18:00");
}

/* DOMAIN section 6's example: Boston, 8 h 30 a day. */
static void days_by_the_clock_in_boston(void **state)
{
    static const struct gp_week week = {ALWAYS, .hours = {{{HOURS(8.5, 17)}, 1},
                                                          {{HOURS(8.5, 17)}, 1},
                                                          {{HOURS(8.5, 17)}, 1},
                                                          {{HOURS(8.5, 17)}, 1},
                                                          {{HOURS(8.5, 17)}, 1}}};
    static const struct gp_calendar boston = {.zone_ms = -4 * GP_MS_HOUR,
                                              .workday_ms = 8 * GP_MS_HOUR + 30 * GP_MS_MINUTE,
                                              .known_until_ms = INT64_MAX,
                                              .weeks = &week,
                                              .week_count = 1};
    static const struct {
        const char *from, *text, *due;
        enum gp_wd_mode mode;
    } cases[] = {
        {"2015-06-12T18:00-04:00", "1wd", "2015-06-16T08:30-04:00", GP_WD_CLOCK},
        {"2015-06-12T18:00-04:00", "1wd", "2015-06-15T17:00-04:00", GP_WD_HOURS},
        {"2015-06-12T18:00-04:00", "1wd", "2015-06-15T17:00-04:00", GP_WD_EOD},
        {"2015-06-12T16:59:59-04:00", "1wd", "2015-06-15T16:59:59-04:00", GP_WD_CLOCK},
        {"2015-06-12T17:00-04:00", "2wd", "2015-06-17T08:30-04:00", GP_WD_CLOCK},
        {"2015-06-12T08:30-04:00", "1wd", "2015-06-15T08:30-04:00", GP_WD_CLOCK}, /* R1 not */
        {"2015-06-12T08:30-04:00", "1wd", "2015-06-12T17:00-04:00", GP_WD_HOURS},
        {"2015-06-12T12:00-04:00", "45wd", "2015-08-14T12:00-04:00", GP_WD_CLOCK},
        {"2015-06-12T03:00-04:00", "1wd", "2015-06-15T08:30-04:00", GP_WD_CLOCK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from_ms, due_ms;
        assert_int_equal(gp_instant_parse(gp_span_of(cases[i].from), &from_ms), 0);
        assert_int_equal(gp_instant_parse(gp_span_of(cases[i].due), &due_ms), 0);
        if (add(&boston, from_ms, cases[i].text, cases[i].mode) != due_ms)
            fail_msg("%s + %s is not %s", cases[i].from, cases[i].text, cases[i].due);
    }
}

static void days_by_the_clock_over_a_holiday(void **state)
{
    (void)state;
    expect_add("2026-06-18 10:17:05", "1wd", GP_WD_CLOCK, "2026-06-22 10:17:05");
    expect_add("2026-06-18 13:00", "1wd", GP_WD_CLOCK, "2026-06-22 14:00");
    expect_add("2026-09-30 18:00", "1wd", GP_WD_CLOCK, "2026-10-09 08:00");
    expect_add("2026-09-18 16:00", "1wd", GP_WD_CLOCK, "2026-09-20 16:00");
}

/* Half the working time between start and due, also where the mode's due is no sum of hours. */
static void percentages_of_a_mode(void **state)
{
    static const struct {
        const char *from;
        enum gp_wd_mode mode;
        unsigned percent;
        const char *due, *at;
    } cases[] = {
        {"2026-06-15 14:00", GP_WD_EOD, 50, "2026-06-16 18:00", "2026-06-16 10:00"},
        {"2026-06-15 22:00", GP_WD_EOD, 25, "2026-06-16 18:00", "2026-06-16 10:00"},
        {"2026-06-15 10:00", GP_WD_CLOCK, 80, "2026-06-16 10:00", "2026-06-16 08:24"},
        {"2026-06-13 10:00", GP_WD_CLOCK, 50, "2026-06-16 08:00", "2026-06-15 12:00"},
        {"2026-06-15 10:00", GP_WD_HOURS, 0, "2026-06-16 10:00", "2026-06-15 10:00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t from_ms = town_at(cases[i].from), at_ms;
        int64_t due_ms = add(office, from_ms, "1wd", cases[i].mode);
        expect_at(due_ms, cases[i].due, cases[i].from);
        assert_int_equal(
            gp_calendar_percent(office, from_ms, due_ms, amount("1wd"), cases[i].percent, &at_ms),
            0);
        expect_at(at_ms, cases[i].at, cases[i].from);
    }
}

static void percentages_are_exact(void **state)
{
    int64_t from_ms = town_at("2026-06-15 08:00"), ms;

    (void)state;
    /* a third of an hour less a millisecond, rounded down */
    assert_int_equal(
        gp_calendar_percent(office, from_ms, from_ms + 1000003, amount("1wh"), 33, &ms), 0);
    assert_int_equal(ms - from_ms, 330000); /* 330000.99 */
    assert_int_equal(
        gp_calendar_percent(office, from_ms, from_ms + 1000003, amount("1uh"), 33, &ms), 0);
    assert_int_equal(ms - from_ms, 330000);
    /* ten years of continuous time do not overflow */
    assert_int_equal(
        gp_calendar_percent(office, from_ms, from_ms + 3650 * GP_MS_DAY, amount("3650ud"), 80, &ms),
        0);
    assert_int_equal(ms - from_ms, 2920 * GP_MS_DAY);
}

/* ---------------------------------------------------------------- what a calendar can say */

/* Summer and winter hours; a make-up day takes the hours of its own season's week. */
static void seasons_change_the_hours(void **state)
{
    int64_t june = gp_day_from_date(2026, 6, 1), october = gp_day_from_date(2026, 10, 1);
    struct gp_week weeks[2] = {
        {.first_day = june,
         .last_day = october - 1,
         .hours = {[1] = {{HOURS(8, 12), HOURS(15, 19)}, 2}, [2] = {{HOURS(8, 12)}, 1}}},
        {.first_day = october,
         .last_day = INT64_MAX,
         .hours = {[0] = {{HOURS(9, 12)}, 1}, [1] = {{HOURS(9, 17)}, 1}}},
    };
    struct gp_special_day specials[] = {
        {.day = gp_day_from_date(2026, 5, 30), .work = true}, /* before any week: no hours */
        {.day = gp_day_from_date(2026, 9, 26), .work = true},
        {.day = gp_day_from_date(2026, 9, 27),
         .work = true,
         .own_hours = true,
         .hours = {{HOURS(20, 24)}, 1}},
        {.day = gp_day_from_date(2026, 10, 6)},
        {.day = gp_day_from_date(2026, 10, 10), .work = true},
        {.day = gp_day_from_date(2026, 10, 11), .work = true, .own_hours = true},
    };
    struct gp_calendar calendar = {.zone_ms = 8 * GP_MS_HOUR,
                                   .workday_ms = 8 * GP_MS_HOUR,
                                   .weeks = weeks,
                                   .week_count = 2,
                                   .specials = specials,
                                   .special_count = 6};

    (void)state;
    assert_int_equal(gp_calendar_day(&calendar, june - 1)->segment_count, 0); /* no week */
    assert_int_equal(gp_calendar_day(&calendar, specials[0].day)->segment_count, 0);
    assert_ptr_equal(gp_calendar_day(&calendar, gp_day_from_date(2026, 6, 2)), &weeks[0].hours[1]);
    assert_ptr_equal(gp_calendar_day(&calendar, october - 1), &weeks[0].hours[2]);
    assert_ptr_equal(gp_calendar_day(&calendar, gp_day_from_date(2026, 9, 29)), &weeks[0].hours[1]);
    assert_ptr_equal(gp_calendar_day(&calendar, gp_day_from_date(2026, 10, 13)),
                     &weeks[1].hours[1]);
    assert_ptr_equal(gp_calendar_day(&calendar, specials[1].day), &weeks[0].hours[1]);
    assert_ptr_equal(gp_calendar_day(&calendar, specials[2].day), &specials[2].hours);
    assert_int_equal(gp_calendar_day(&calendar, specials[3].day)->segment_count, 0);
    assert_ptr_equal(gp_calendar_day(&calendar, specials[4].day), &weeks[1].hours[0]);
    assert_int_equal(gp_calendar_day(&calendar, specials[5].day)->segment_count, 0);
}

static void a_segment_may_end_at_midnight(void **state)
{
    static const struct gp_week week = {ALWAYS,
                                        .hours = {{{HOURS(22, 24)}, 1}, {{HOURS(0, 2)}, 1}}};
    static const struct gp_calendar nights = {
        .zone_ms = 8 * GP_MS_HOUR, .weeks = &week, .week_count = 1};

    (void)state;
    assert_true(gp_calendar_working(&nights, town_at("2026-06-15 23:59:59")));
    assert_true(gp_calendar_working(&nights, town_at("2026-06-16 00:00")));
    expect_at(add(&nights, town_at("2026-06-15 22:00"), "2wh", 0), "2026-06-16 00:00", "to 24:00");
    expect_at(add(&nights, town_at("2026-06-15 22:00"), "3wh", 0), "2026-06-16 01:00", "across");
    expect_at(add(&nights, town_at("2026-06-13 22:00"), "1wd", GP_WD_EOD), "2026-06-16 00:00",
              "end of Monday");
    assert_int_equal(
        gp_calendar_worked(&nights, town_at("2026-06-15 00:00"), town_at("2026-06-17 00:00")),
        4 * GP_MS_HOUR);
}

static void without_working_days_nothing_is_found(void **state)
{
    static const struct gp_week week = {ALWAYS};
    static const struct gp_calendar never = {
        .workday_ms = 8 * GP_MS_HOUR, .weeks = &week, .week_count = 1};
    int64_t ms = 7;

    (void)state;
    assert_int_equal(gp_calendar_next_working(&never, 0, &ms), GP_ENOTFOUND);
    assert_int_equal(gp_calendar_add_work(&never, 0, 1, &ms), GP_ENOTFOUND);
    for (int mode = GP_WD_HOURS; mode <= GP_WD_CLOCK; mode++)
        assert_int_equal(gp_calendar_add(&never, 0, amount("1wd"), mode, &ms), GP_ENOTFOUND);
    assert_int_equal(gp_calendar_add(&never, 0, (struct gp_amount){1, 99}, 0, &ms), GP_EINVAL);
    assert_int_equal(ms, 7);
    assert_int_equal(gp_calendar_add(&never, 0, amount("2uh"), 0, &ms), 0);
}

/* The largest amounts that a file can say end, in time or with an error. */
static void large_allowances(void **state)
{
    int64_t ms = 7;

    (void)state;
    expect_at(add(office, town_at("2026-01-01 00:00"), "45wd", GP_WD_HOURS), "2026-03-11 18:00",
              "45 working days over the Spring Festival");
    assert_int_equal(gp_calendar_add(office, 0, amount("20000wh"), 0, &ms), 0); /* ten years */
    assert_int_equal(gp_calendar_worked(office, 0, ms), 20000 * GP_MS_HOUR);
    ms = 7;
    assert_int_equal(gp_calendar_add(office, 0, amount("100000wh"), 0, &ms), GP_ENOTFOUND);
    assert_int_equal(ms, 7);
}

/* A make-up day works as its week does; where that never works, neither does the day. */
static void a_make_up_day_needs_a_week_that_works(void **state)
{
    static const struct gp_week week = {ALWAYS};
    static const struct gp_special_day days[] = {
        {.day = 100, .work = true},
        {.day = 200, .work = true, .own_hours = true, .hours = {{HOURS(9, 12)}, 1}}};
    static const struct gp_calendar calendar = {.workday_ms = 8 * GP_MS_HOUR,
                                                .weeks = &week,
                                                .week_count = 1,
                                                .specials = days,
                                                .special_count = 2};

    (void)state;
    assert_int_equal(gp_calendar_day(&calendar, 100)->segment_count, 0);
    assert_int_equal(gp_calendar_day(&calendar, 200)->segment_count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        TEST(golden_cases),
        TEST(the_year_has_its_days),
        TEST(segments_are_half_open),
        TEST(the_next_working_instant),
        TEST(r1_the_earliest_instant),
        TEST(r2_a_start_outside_hours),
        TEST(nothing_is_due_at_once),
        TEST(urgent_time_is_continuous),
        TEST(worked_time_is_counted),
        TEST(days_as_hours),
        TEST(days_to_their_end),
        TEST(days_by_the_clock_in_boston),
        TEST(days_by_the_clock_over_a_holiday),
        TEST(percentages_of_a_mode),
        TEST(percentages_are_exact),
        TEST(seasons_change_the_hours),
        TEST(a_segment_may_end_at_midnight),
        TEST(without_working_days_nothing_is_found),
        TEST(large_allowances),
        TEST(a_make_up_day_needs_a_week_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
