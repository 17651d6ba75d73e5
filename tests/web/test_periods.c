/* Where days, weeks and months of the server's zone begin. */
#include "web/periods.h"

#include "base/clocktext.h"
#include "base/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int64_t day(const char *date)
{
    int64_t number = 0;

    assert_int_equal(gp_date_parse(gp_span_of(date), &number), 0);
    return gp_day_begins(number);
}

static int64_t at(const char *text)
{
    int64_t ms = 0;

    assert_int_equal(gp_instant_parse(gp_span_of(text), &ms), 0);
    return ms;
}

static void use_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static void a_day_begins_at_midnight_of_the_zone(void **state)
{
    (void)state;
    use_zone("CST-8");
    assert_int_equal(day("2026-06-15"), at("2026-06-15T00:00+08:00"));
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(day("2026-03-29"), at("2026-03-29T00:00+01:00")); /* the clocks change at 2 */
    assert_int_equal(day("2026-03-30"), at("2026-03-30T00:00+02:00"));
    assert_int_equal(day("2026-10-26"), at("2026-10-26T00:00+01:00"));
    use_zone("EST5EDT,M3.2.0,M11.1.0");
    assert_int_equal(day("2026-03-08"),
                     at("2026-03-08T00:00-05:00")); /* and here after midnight UTC */
    assert_int_equal(day("2026-03-09"), at("2026-03-09T00:00-04:00"));
}

static void check_cut(int64_t from_ms, int64_t to_ms, enum gp_each each, const char *const *starts)
{
    struct gp_period period[GP_PERIODS_MAX];
    unsigned count = gp_periods_cut(from_ms, to_ms, each, period);

    assert_int_equal(period[0].from_ms, from_ms);
    for (unsigned i = 1; i < count; i++) {
        assert_non_null(starts[i - 1]);
        assert_int_equal(period[i].from_ms, day(starts[i - 1]));
        assert_int_equal(period[i - 1].to_ms, period[i].from_ms);
    }
    assert_null(starts[count - 1]);
    assert_int_equal(period[count - 1].to_ms, to_ms);
}

static void pieces_begin_with_the_calendar(void **state)
{
    static const char *const days[] = {"2026-06-16", "2026-06-17", NULL};
    static const char *const weeks[] = {"2025-12-29", "2026-01-05", NULL};
    static const char *const months[] = {"2025-12-01", "2026-01-01", "2026-02-01", NULL};
    static const char *const none[] = {NULL};

    (void)state;
    use_zone("CST-8");
    check_cut(at("2026-06-15T22:30+08:00"), at("2026-06-17T00:01+08:00"), GP_EACH_DAY, days);
    check_cut(day("2026-06-16"), day("2026-06-17"), GP_EACH_DAY, none);
    check_cut(day("2025-12-28"), day("2026-01-06"), GP_EACH_WEEK,
              weeks); /* a Sunday to a Tuesday */
    check_cut(day("2025-12-29"), day("2026-01-05"), GP_EACH_WEEK, none);
    check_cut(day("2025-11-30"), day("2026-02-02"), GP_EACH_MONTH, months);
    check_cut(day("2025-11-01"), day("2025-12-01"), GP_EACH_MONTH, none);
}

static void more_than_a_year_in_weeks_is_too_much(void **state)
{
    struct gp_period period[GP_PERIODS_MAX];

    (void)state;
    use_zone("CST-8");
    assert_int_equal(gp_periods_cut(day("2026-01-01"), day("2027-01-01"), GP_EACH_WEEK, period),
                     53);
    assert_int_equal(gp_periods_cut(day("2026-01-01"), day("2026-02-23"), GP_EACH_DAY, period), 53);
    assert_int_equal(gp_periods_cut(day("2026-01-01"), day("2026-02-24"), GP_EACH_DAY, period), 0);
    assert_int_equal(gp_periods_cut(day("0002-01-01"), day("9999-01-01"), GP_EACH_DAY, period), 0);
}

static void pieces_have_names(void **state)
{
    (void)state;
    assert_int_equal(gp_each_parse("day"), GP_EACH_DAY);
    assert_int_equal(gp_each_parse("week"), GP_EACH_WEEK);
    assert_int_equal(gp_each_parse("month"), GP_EACH_MONTH);
    assert_int_equal(gp_each_parse("year"), GP_EACH_NONE);
    assert_int_equal(gp_each_parse(""), GP_EACH_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_begins_at_midnight_of_the_zone),
        cmocka_unit_test(pieces_begin_with_the_calendar),
        cmocka_unit_test(more_than_a_year_in_weeks_is_too_much),
        cmocka_unit_test(pieces_have_names),
    };
    return cmocka_run_group_tests_name("periods", tests, NULL, NULL);
}
