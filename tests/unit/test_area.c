/* Areas by their digits code: reading, writing, subtrees as ranges. */
#include "base/error.h"
#include "core/area.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_area_ref area(const char *code)
{
    struct gp_area_ref ref;

    assert_int_equal(gp_area_parse(gp_span_of(code), &ref), 0);
    return ref;
}

static void codes_are_padded_on_the_right(void **state)
{
    (void)state;
    assert_true(area("340705").padded == UINT64_C(340705000000000));
    assert_true(area("340705006001001").padded == UINT64_C(340705006001001));
    assert_int_equal(area("340705006").digits, 9);
    assert_int_equal(area("340705006").level, GP_LEVEL_NONE);
    assert_true(area("99").padded == UINT64_C(990000000000000));
}

static void codes_are_read_strictly(void **state)
{
    static const char *const bad[] = {"",        "3",       "040705",  "34070a",           "340 05",
                                      "340705 ", "-340705", "340705.", "3407050060010011", "三四"};
    struct gp_area_ref ref = {.digits = 7};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (gp_area_parse(gp_span_of(bad[i]), &ref) != GP_EFORMAT || ref.digits != 7)
            fail_msg("'%s' was read", bad[i]);
    }
    assert_int_equal(gp_area_parse((struct gp_span){0}, &ref), GP_EFORMAT);
}

static void codes_are_written_as_they_are_read(void **state)
{
    static const char *const codes[] = {"34", "340705", "340705000", "340705000000",
                                        "340705006001001"};
    char text[16];

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        gp_area_format(area(codes[i]), text);
        assert_string_equal(text, codes[i]);
    }
    gp_area_format((struct gp_area_ref){0}, text);
    assert_string_equal(text, "");
}

static void a_subtree_is_one_range(void **state)
{
    uint64_t first, end;

    (void)state;
    gp_area_range(area("340705006"), &first, &end);
    assert_true(first == UINT64_C(340705006000000));
    assert_true(end == UINT64_C(340705007000000));
    gp_area_range(area("340705006001001"), &first, &end);
    assert_true(end == first + 1);
    gp_area_range((struct gp_area_ref){0}, &first, &end); /* no prefix: everywhere */
    assert_true(first == 0 && end == UINT64_C(1000000000000000));
}

static void prefixes_cover(void **state)
{
    struct gp_area_ref everywhere = {0};

    (void)state;
    assert_true(gp_area_covers(area("340705"), area("340705006001001")));
    assert_true(gp_area_covers(area("340705006"), area("340705006")));
    assert_false(gp_area_covers(area("340705006"), area("340705007001001")));
    assert_false(gp_area_covers(area("340705006001"), area("340705006"))); /* not the parent */
    assert_false(gp_area_covers(area("340705000000"), area("340705")));    /* nor with zeros */
    assert_true(gp_area_covers(area("340705"), area("340705000000")));
    assert_true(gp_area_covers(everywhere, area("340705")));
    assert_true(gp_area_covers(everywhere, area("999999999999999")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_padded_on_the_right),
        cmocka_unit_test(codes_are_read_strictly),
        cmocka_unit_test(codes_are_written_as_they_are_read),
        cmocka_unit_test(a_subtree_is_one_range),
        cmocka_unit_test(prefixes_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
