/* How often somebody may ask: as many at once as in a minute, then one by one, each for itself. */
#include "app/seal/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define START UINT64_C(1000000)

static void minutes_worth_at_once_then_one_by_one(void **state)
{
    struct gp_rate *rate;

    (void)state;
    assert_int_equal(gp_rate_open(16, 120, &rate), 0);
    for (int i = 0; i < 120; i++)
        assert_int_equal(gp_rate_take(rate, 7, START), 0);
    assert_int_equal(gp_rate_take(rate, 7, START), 500);
    assert_int_equal(gp_rate_take(rate, 7, START + 499), 1);
    assert_int_equal(gp_rate_take(rate, 7, START + 500), 0);
    assert_int_equal(gp_rate_take(rate, 7, START + 500), 500);
    assert_int_equal(gp_rate_take(rate, 8, START + 500), 0); /* somebody else */
    for (int i = 0; i < 120; i++)
        assert_int_equal(gp_rate_take(rate, 7, START + 60500), 0);
    assert_true(gp_rate_take(rate, 7, START + 60500) > 0);
    gp_rate_close(rate);
}

static void extremes_hold(void **state)
{
    struct gp_rate *rate;

    (void)state;
    assert_int_equal(gp_rate_open(16, 1, &rate), 0);
    assert_int_equal(gp_rate_take(rate, 1, START), 0);
    assert_int_equal(gp_rate_take(rate, 1, START), 60000);
    gp_rate_close(rate);
    assert_int_equal(gp_rate_open(16, 1000000, &rate), 0);
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(gp_rate_take(rate, 1, START), 0);
    assert_int_equal(gp_rate_take(rate, 1, START), 1);
    gp_rate_close(rate);
}

/* As many askers as it was made for keep their own count. */
static void askers_do_not_push_each_other_out(void **state)
{
    enum { ASKERS = 10000 };
    struct gp_rate *rate;
    unsigned free_again = 0;

    (void)state;
    assert_int_equal(gp_rate_open(ASKERS, 1, &rate), 0);
    for (uint64_t key = 1; key <= ASKERS; key++)
        assert_int_equal(gp_rate_take(rate, key, START), 0);
    for (uint64_t key = 1; key <= ASKERS; key++)
        free_again += gp_rate_take(rate, key, START) == 0;
    assert_true(free_again < ASKERS / 100); /* a place for each key has eight cells */
    gp_rate_close(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_worth_at_once_then_one_by_one),
        cmocka_unit_test(extremes_hold),
        cmocka_unit_test(askers_do_not_push_each_other_out),
    };

    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
