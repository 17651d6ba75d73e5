/* Dates and instants as people write them, against the C library's calendar and by hand. */
#include "base/clocktext.h"
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ZONE_MS (8 * GP_MS_HOUR)

/* Every day from year 1 to 9999 against gmtime_r, which knows nothing of our arithmetic. */
static void days_agree_with_the_library(void **state)
{
    int64_t first = gp_day_from_date(1, 1, 1), last = gp_day_from_date(9999, 12, 31);

    (void)state;
    for (int64_t day = first; day <= last; day += 3) { /* 3 and 7, 400 years' days share nothing */
        time_t seconds = (time_t)day * 86400;
        struct tm tm;
        int year, month, date;
        assert_non_null(gmtime_r(&seconds, &tm));
        gp_date_from_day(day, &year, &month, &date);
        if (year != tm.tm_year + 1900 || month != tm.tm_mon + 1 || date != tm.tm_mday ||
            gp_weekday(day) != (tm.tm_wday + 6) % 7 || gp_day_from_date(year, month, date) != day)
            fail_msg("day %lld is %d-%d-%d", (long long)day, year, month, date);
    }
    assert_int_equal(gp_day_from_date(1970, 1, 1), 0);
    assert_int_equal(gp_day_from_date(2024, 3, 1) - gp_day_from_date(2024, 2, 28), 2);
    assert_int_equal(gp_day_from_date(2100, 3, 1) - gp_day_from_date(2100, 2, 28), 1);
}

static void a_day_begins_at_local_midnight(void **state)
{
    (void)state;
    assert_int_equal(gp_day_of(0, 0), 0);
    assert_int_equal(gp_day_of(-1, 0), -1);
    assert_int_equal(gp_day_of(-GP_MS_DAY, 0), -1);
    assert_int_equal(gp_day_of(-GP_MS_DAY - 1, 0), -2);
    assert_int_equal(gp_day_of(16 * GP_MS_HOUR - 1, ZONE_MS), 0);
    assert_int_equal(gp_day_of(16 * GP_MS_HOUR, ZONE_MS), 1);
    assert_int_equal(gp_day_of(4 * GP_MS_HOUR, -5 * GP_MS_HOUR), -1);
}

static void dates_are_read_strictly(void **state)
{
    static const char *const bad[] = {"",           "2026",       "2026-1-01",   "2026-13-01",
                                      "2026-00-10", "2026-04-31", "2026-02-29",  "2100-02-29",
                                      "2026-01-00", "0000-01-01", "2026-01-01 ", "2026/01/01",
                                      "-026-01-01", "2026-01-1x"};
    int64_t day = 7;

    (void)state;
    assert_int_equal(gp_date_parse(GP_SPAN("2024-02-29"), &day), 0);
    assert_int_equal(day, gp_day_from_date(2024, 2, 29));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        day = 7;
        if (gp_date_parse(gp_span_of(bad[i]), &day) != GP_EFORMAT || day != 7)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_equal(gp_date_parse((struct gp_span){0}, &day), GP_EFORMAT);
}

static void instants_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00Z", 0},
        {"1970-01-01T08:00+08:00", 0},
        {"1969-12-31T19:00:00-05:00", 0},
        {"1970-01-01 00:00:01.234Z", 1234},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2026-09-30T16:40:00+08:00", 1790757600000},
        {"2000-02-29T23:59:59Z", 951868799000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = 7;
        if (gp_instant_parse(gp_span_of(good[i].text), &ms) != 0 || ms != good[i].ms)
            fail_msg("'%s' was read as %lld", good[i].text, (long long)ms);
    }
}

static void instants_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-09-30",
        "2026-09-30T16:40",
        "2026-09-30T16:40:00",
        "2026-09-30T16:40:00.5Z",
        "2026-09-30T16:40:00.1234Z",
        "2026-09-30T24:00Z",
        "2026-09-30T16:60Z",
        "2026-09-30T16:40:60Z",
        "2026-09-31T16:40Z",
        "2026-09-30t16:40Z",
        "2026-09-30T16:40z",
        "2026-09-30T16:40+0800",
        "2026-09-30T16:40+08",
        "2026-09-30T16:40+15:00",
        "2026-09-30T16:40+08:60",
        "2026-09-30T16:40ZZ",
        "2026-09-30T16:40Z ",
        " 2026-09-30T16:40Z",
        "2026-09-30T1:40Z",
    };
    int64_t ms = 7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (gp_instant_parse(gp_span_of(bad[i]), &ms) != GP_EFORMAT || ms != 7)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_equal(gp_instant_parse((struct gp_span){0}, &ms), GP_EFORMAT);
    /* not NUL-terminated: nothing behind the span is looked at */
    assert_int_equal(gp_instant_parse((struct gp_span){"2026-09-30T16:40Z", 16}, &ms), GP_EFORMAT);
}

static void zones_are_read(void **state)
{
    int64_t zone_ms = 7;

    (void)state;
    assert_int_equal(gp_zone_parse(GP_SPAN("+08:00"), &zone_ms), 0);
    assert_int_equal(zone_ms, ZONE_MS);
    assert_int_equal(gp_zone_parse(GP_SPAN("-03:30"), &zone_ms), 0);
    assert_int_equal(zone_ms, -(3 * GP_MS_HOUR + 30 * GP_MS_MINUTE));
    assert_int_equal(gp_zone_parse(GP_SPAN("Z"), &zone_ms), 0);
    assert_int_equal(zone_ms, 0);
    assert_int_equal(gp_zone_parse(GP_SPAN("08:00"), &zone_ms), GP_EFORMAT);
    assert_int_equal(gp_zone_parse(GP_SPAN("+08:00 "), &zone_ms), GP_EFORMAT);
    assert_int_equal(gp_zone_parse(GP_SPAN(""), &zone_ms), GP_EFORMAT);
    assert_int_equal(gp_zone_parse((struct gp_span){0}, &zone_ms), GP_EFORMAT);
}

static void expect_format(int64_t ms, int64_t zone_ms, const char *expected)
{
    char text[GP_CLOCKTEXT_BYTES];

    gp_instant_format(ms, zone_ms, text);
    assert_string_equal(text, expected);
}

static void instants_are_written(void **state)
{
    (void)state;
    expect_format(1790757600000, ZONE_MS, "2026-09-30T16:40:00+08:00");
    expect_format(1790757600007, ZONE_MS, "2026-09-30T16:40:00.007+08:00");
    expect_format(-1, 0, "1969-12-31T23:59:59.999+00:00");
    expect_format(0, -(3 * GP_MS_HOUR + 30 * GP_MS_MINUTE), "1969-12-31T20:30:00-03:30");
    expect_format(16 * GP_MS_HOUR, ZONE_MS, "1970-01-02T00:00:00+08:00");
}

static void what_is_written_is_read_again(void **state)
{
    static const int64_t zones[] = {0, 8 * GP_MS_HOUR, -5 * GP_MS_HOUR, 345 * GP_MS_MINUTE};
    char text[GP_CLOCKTEXT_BYTES];

    (void)state;
    for (int64_t ms = -62135596800000 + GP_MS_DAY; ms < 253402300799999 - GP_MS_DAY;
         ms += 9999999967) { /* a prime step: every second, month and year comes up */
        for (size_t i = 0; i < 4; i++) {
            int64_t again = 0;
            gp_instant_format(ms, zones[i], text);
            if (gp_instant_parse(gp_span_of(text), &again) != 0 || again != ms)
                fail_msg("%s is not %lld", text, (long long)ms);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_agree_with_the_library),
        cmocka_unit_test(a_day_begins_at_local_midnight),
        cmocka_unit_test(dates_are_read_strictly),
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(instants_are_read_strictly),
        cmocka_unit_test(zones_are_read),
        cmocka_unit_test(instants_are_written),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
