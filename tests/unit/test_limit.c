/* Limits and amounts as the catalogue and the ladders write them. */
#include "base/error.h"
#include "core/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void amounts_are_read(void **state)
{
    static const struct {
        const char *text;
        uint32_t n;
        uint8_t unit;
    } good[] = {
        {"15m", 15, GP_UNIT_MINUTE},         {"2uh", 2, GP_UNIT_URGENT_HOUR},
        {"3ud", 3, GP_UNIT_URGENT_DAY},      {"4wh", 4, GP_UNIT_WORK_HOUR},
        {"5wd", 5, GP_UNIT_WORK_DAY},        {"0wh", 0, GP_UNIT_WORK_HOUR},
        {"007uh", 7, GP_UNIT_URGENT_HOUR},   {"8760uh", 8760, GP_UNIT_URGENT_HOUR},
        {"100000m", 100000, GP_UNIT_MINUTE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct gp_amount amount = {0};
        if (gp_amount_parse(gp_span_of(good[i].text), &amount) != 0 || amount.n != good[i].n ||
            amount.unit != good[i].unit)
            fail_msg("'%s' was read as %u of %u", good[i].text, amount.n, amount.unit);
    }
}

static void amounts_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        "",     "wh",    "4",    "4h",      "4 wh",         " 4wh",
        "4wh ", "4WH",   "-4wh", "+4wh",    "4.5wh",        "4w",
        "4whx", "0x4wh", "4wh4", "100001m", "4294967300wh", "99999999999999999999wh"};
    struct gp_amount amount = {7, 7};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (gp_amount_parse(gp_span_of(bad[i]), &amount) != GP_EFORMAT || amount.n != 7)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_equal(gp_amount_parse((struct gp_span){0}, &amount), GP_EFORMAT);
}

static void limits_have_stages(void **state)
{
    struct gp_limit limit;

    (void)state;
    assert_int_equal(gp_limit_parse(GP_SPAN("4wh"), &limit), 0);
    assert_int_equal(limit.stage_count, 1);
    assert_int_equal(gp_limit_parse(GP_SPAN("2uh+5wd"), &limit), 0);
    assert_int_equal(limit.stage_count, 2);
    assert_int_equal(limit.stage[0].unit, GP_UNIT_URGENT_HOUR);
    assert_int_equal(limit.stage[1].n, 5);
    assert_int_equal(limit.stage[1].unit, GP_UNIT_WORK_DAY);
    assert_int_equal(gp_limit_parse(GP_SPAN("1uh+2wh+3wd"), &limit), 0);
    assert_int_equal(limit.stage_count, GP_STAGES_MAX);
}

static void limits_are_read_strictly(void **state)
{
    static const char *const bad[] = {"",          "+",   "4wh+",    "+4wh",   "4wh++4wh",
                                      "4wh + 4wh", "15m", "2uh+15m", "4wh,4wh"};
    struct gp_limit limit = {.stage_count = 9};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (gp_limit_parse(gp_span_of(bad[i]), &limit) != GP_EFORMAT || limit.stage_count != 9)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_equal(gp_limit_parse((struct gp_span){0}, &limit), GP_EFORMAT);
    assert_int_equal(gp_limit_parse(GP_SPAN("1wh+1wh+1wh+1wh"), &limit), GP_ELIMIT);
    assert_int_equal(limit.stage_count, 9);
}

static void limits_are_written_as_they_are_read(void **state)
{
    static const char *const texts[] = {"0wh", "4wh", "2uh+5wd", "100000uh+100000wh+100000wd"};
    struct gp_limit limit;
    char text[GP_LIMIT_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(gp_limit_parse(gp_span_of(texts[i]), &limit), 0);
        gp_limit_format(&limit, text);
        assert_string_equal(text, texts[i]);
    }
    /* the longest that a damaged record could hold still fits */
    limit = (struct gp_limit){{{UINT32_MAX, 2}, {UINT32_MAX, 3}, {UINT32_MAX, 99}}, 3};
    gp_limit_format(&limit, text);
    assert_string_equal(text, "4294967295uh+4294967295ud+4294967295?");
}

static void continuous_is_minutes_and_urgent(void **state)
{
    (void)state;
    assert_true(gp_unit_continuous(GP_UNIT_MINUTE));
    assert_true(gp_unit_continuous(GP_UNIT_URGENT_HOUR));
    assert_true(gp_unit_continuous(GP_UNIT_URGENT_DAY));
    assert_false(gp_unit_continuous(GP_UNIT_WORK_HOUR));
    assert_false(gp_unit_continuous(GP_UNIT_WORK_DAY));
    assert_false(gp_unit_continuous(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read),
        cmocka_unit_test(amounts_are_read_strictly),
        cmocka_unit_test(limits_have_stages),
        cmocka_unit_test(limits_are_read_strictly),
        cmocka_unit_test(limits_are_written_as_they_are_read),
        cmocka_unit_test(continuous_is_minutes_and_urgent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
