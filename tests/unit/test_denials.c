/* When the journal hears of denials. */
#include "app/seal/denials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define START 1000

/* Counts one, and tells the journal what is due. */
static unsigned deny(struct gp_denials *denials, uint64_t device, uint64_t now_ms)
{
    unsigned count = gp_denials_count(denials, device, now_ms);

    if (count > 0)
        gp_denials_told(denials, device, now_ms);
    return count;
}

static void first_of_a_minute_is_told_with_those_since(void **state)
{
    static struct gp_denials denials;

    (void)state;
    assert_int_equal(deny(&denials, 7, START), 1);
    assert_int_equal(deny(&denials, 7, START + 1), 0);
    assert_int_equal(deny(&denials, 8, START + 1), 1);
    assert_int_equal(deny(&denials, 7, START + 59999), 0);
    assert_int_equal(deny(&denials, 7, START + 60000), 3);
    assert_int_equal(deny(&denials, 7, START + 60001), 0);
}

static void untold_one_is_due_again(void **state)
{
    static struct gp_denials denials;

    (void)state;
    assert_int_equal(gp_denials_count(&denials, 7, START), 1);
    assert_int_equal(gp_denials_count(&denials, 7, START), 2);
}

static void devices_of_one_place_share_its_minute(void **state)
{
    static struct gp_denials denials;
    unsigned told = 0;

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        told += deny(&denials, 7 + i % 2 * GP_DENIALS_KNOWN, START + i) > 0;
    assert_int_equal(told, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_of_a_minute_is_told_with_those_since),
        cmocka_unit_test(untold_one_is_due_again),
        cmocka_unit_test(devices_of_one_place_share_its_minute),
    };

    return cmocka_run_group_tests_name("denials", tests, NULL, NULL);
}
