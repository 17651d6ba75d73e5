/* Queries and forms as they come over the wire, and the small readers of values. */
#include "base/error.h"
#include "web/open311/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_arena arena;

static int begin(void **state)
{
    (void)state;
    gp_arena_init(&arena, 64 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static struct gp_open311_form read_form(const char *raw)
{
    struct gp_open311_form form;

    assert_int_equal(gp_open311_form_read(gp_span_of(raw), &arena, &form), 0);
    return form;
}

static void expect(struct gp_span got, const char *expected)
{
    if (!gp_span_is(got, expected))
        fail_msg("'%.*s' instead of '%s'", GP_SPAN_ARG(got), expected);
}

static void pairs_are_decoded(void **state)
{
    struct gp_open311_form form =
        read_form("&a=1+2%203&b&=x&c=%E4%BA%95%e7%9B%96&a=second&d=x=y&&e=%2B%26");

    (void)state;
    assert_int_equal(form.count, 6);
    expect(gp_open311_form_get(&form, "a"), "1 2 3");
    expect(gp_open311_form_get(&form, "b"), "");
    expect(gp_open311_form_get(&form, "c"), "井盖");
    expect(gp_open311_form_get(&form, "d"), "x=y");
    expect(gp_open311_form_get(&form, "e"), "+&");
    expect(gp_open311_form_get(&form, "f"), "");
    assert_int_equal(read_form("").count, 0);
    assert_int_equal(read_form("&&&").count, 0);
}

static void an_empty_value_is_as_none(void **state)
{
    struct gp_open311_form form = read_form("a=&a=2&attribute[x]=&attribute[x][]=3");

    (void)state;
    expect(gp_open311_form_get(&form, "a"), "2");
    expect(gp_open311_form_attribute(&form, "x"), "3");
}

static void what_is_malformed_is_refused(void **state)
{
    static const struct {
        const char *raw;
        int rc;
    } cases[] = {
        {"a=%", GP_EFORMAT},       {"a=%4", GP_EFORMAT}, {"a=%4g", GP_EFORMAT},
        {"%zz=1", GP_EFORMAT},     {"a=%00", GP_EUTF8},  {"a=%FF", GP_EUTF8},
        {"a=%ED%A0%80", GP_EUTF8}, {"a=\xC3", GP_EUTF8}, {"a=%C0%80", GP_EUTF8},
    };
    struct gp_open311_form form;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(gp_open311_form_read(gp_span_of(cases[i].raw), &arena, &form),
                         cases[i].rc);
}

static void fields_and_memory_are_limited(void **state)
{
    char raw[2 * GP_OPEN311_FIELDS_MAX + 8];
    size_t used = 0;
    struct gp_open311_form form;

    (void)state;
    for (int i = 0; i < GP_OPEN311_FIELDS_MAX; i++)
        used += (size_t)snprintf(raw + used, sizeof raw - used, "a&");
    assert_int_equal(read_form(raw).count, GP_OPEN311_FIELDS_MAX);
    (void)snprintf(raw + used, sizeof raw - used, "a&");
    assert_int_equal(gp_open311_form_read(gp_span_of(raw), &arena, &form), GP_ELIMIT);
    gp_arena_release(&arena);
    gp_arena_init(&arena, 64);
    assert_int_equal(gp_open311_form_read(GP_SPAN("a=1"), &arena, &form), GP_ENOMEM);
}

static void attributes_are_found_in_either_spelling(void **state)
{
    struct gp_open311_form form = read_form(
        "attribute%5Bab%5D=0&attribute[a]x=1&attribute[b]=2&attribute[c][]=3&attribute[]=4"
        "&attribute=5&attribute[");

    (void)state;
    expect(gp_open311_form_attribute(&form, "a"), "");
    expect(gp_open311_form_attribute(&form, "ab"), "0");
    expect(gp_open311_form_attribute(&form, "b"), "2");
    expect(gp_open311_form_attribute(&form, "c"), "3");
    expect(gp_open311_form_attribute(&form, "d"), "");
}

static void lists_are_parted_by_commas(void **state)
{
    struct gp_span list = GP_SPAN(" 1,, 2 ,x y,"), value;

    (void)state;
    assert_true(gp_open311_list_next(&list, &value));
    expect(value, "1");
    assert_true(gp_open311_list_next(&list, &value));
    expect(value, "2");
    assert_true(gp_open311_list_next(&list, &value));
    expect(value, "x y");
    assert_false(gp_open311_list_next(&list, &value));
    list = (struct gp_span){0};
    assert_false(gp_open311_list_next(&list, &value));
}

static void numbers_are_digits_only(void **state)
{
    uint64_t number = 7;

    (void)state;
    assert_true(gp_open311_number(GP_SPAN("0"), 9, &number));
    assert_int_equal(number, 0);
    assert_true(gp_open311_number(GP_SPAN("0009223372036854775"), INT64_MAX, &number));
    assert_int_equal(number, INT64_C(9223372036854775));
    assert_true(gp_open311_number(GP_SPAN("9223372036854775807"), INT64_MAX, &number));
    number = 7;
    assert_false(gp_open311_number(GP_SPAN("9223372036854775808"), INT64_MAX, &number));
    assert_false(gp_open311_number(GP_SPAN("10000000000000000000"), UINT64_MAX, &number));
    assert_false(gp_open311_number(GP_SPAN(""), 9, &number));
    assert_false(gp_open311_number(GP_SPAN("-1"), 9, &number));
    assert_false(gp_open311_number(GP_SPAN("1 "), 9, &number));
    assert_false(gp_open311_number(GP_SPAN("10"), 9, &number));
    assert_int_equal(number, 7);
}

static void degrees_are_rounded_to_a_centimetre(void **state)
{
    static const struct {
        const char *text;
        int most;
        int64_t expected; /* 1: is none */
    } cases[] = {
        {"37.76524078", 90, 377652408},
        {"-122.4212043", 180, -1224212043},
        {"0", 90, 0},
        {"-0.0", 90, 0},
        {"90", 90, 900000000},
        {"90.0000000", 90, 900000000},
        {"90.00000004", 90, 900000000},
        {"90.00000005", 90, 1},
        {"-180", 180, -1800000000},
        {"180.0000001", 180, 1},
        {"30.12345675", 90, 301234568},
        {"30.123456749", 90, 301234567},
        {"30.", 90, 300000000},
        {".5", 90, 1},
        {"", 90, 1},
        {"-", 90, 1},
        {".", 90, 1},
        {"1e1", 90, 1},
        {"+30", 90, 1},
        {"30,5", 90, 1},
        {"nan", 90, 1},
        {"0x10", 90, 1},
        {"1.2.3", 90, 1},
        {"0030", 90, 1},
        {"30 ", 90, 1},
        {"30.0000000000000000000000000000001", 90, 300000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t got = 1;
        bool is = gp_open311_degrees(gp_span_of(cases[i].text), cases[i].most, &got);
        if (is != (cases[i].expected != 1) || got != cases[i].expected)
            fail_msg("'%s': %d, %d", cases[i].text, is, got);
    }
}

static void a_path_keeps_its_plus(void **state)
{
    struct gp_span text;

    (void)state;
    assert_int_equal(gp_open311_decode(GP_SPAN("a+b%20c"), &arena, &text), 0);
    expect(text, "a+b c");
    assert_int_equal(gp_open311_decode(GP_SPAN("%f"), &arena, &text), GP_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pairs_are_decoded, begin, end),
        cmocka_unit_test_setup_teardown(an_empty_value_is_as_none, begin, end),
        cmocka_unit_test_setup_teardown(what_is_malformed_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(fields_and_memory_are_limited, begin, end),
        cmocka_unit_test_setup_teardown(attributes_are_found_in_either_spelling, begin, end),
        cmocka_unit_test(lists_are_parted_by_commas),
        cmocka_unit_test(numbers_are_digits_only),
        cmocka_unit_test(degrees_are_rounded_to_a_centimetre),
        cmocka_unit_test_setup_teardown(a_path_keeps_its_plus, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
