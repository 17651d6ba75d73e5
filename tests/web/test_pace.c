/* How often somebody may. */
#include "web/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct gp_pace_rule three = {'a', 3, 1000}, other = {'b', 3, 1000};

static int set_up(void **state)
{
    struct gp_pace *pace;
    int rc = gp_pace_new(&pace);

    *state = pace;
    return rc;
}

static int tear_down(void **state)
{
    gp_pace_free(*state);
    return 0;
}

/* Takes one where that may be. */
static int64_t take(struct gp_pace *pace, const struct gp_pace_rule *rule, const char *name,
                    int64_t now_ms)
{
    int64_t wait_ms = gp_pace_wait_ms(pace, rule, name, now_ms);

    if (wait_ms == 0)
        gp_pace_take(pace, rule, name, now_ms);
    return wait_ms;
}

static void so_many_at_once_and_then_one_each_interval(void **state)
{
    struct gp_pace *pace = *state;

    for (int i = 0; i < 3; i++)
        assert_int_equal(take(pace, &three, "x", 5000), 0);
    assert_int_equal(take(pace, &three, "x", 5000), 1000);
    assert_int_equal(take(pace, &three, "x", 5400), 600);
    assert_int_equal(take(pace, &three, "x", 6000), 0);
    assert_int_equal(take(pace, &three, "x", 6000), 1000);
    assert_int_equal(take(pace, &three, "x", 8000), 0);
    assert_int_equal(take(pace, &three, "x", 8000), 0);
    assert_int_equal(take(pace, &three, "x", 8000), 1000);
}

static void names_and_rules_are_apart(void **state)
{
    struct gp_pace *pace = *state;

    for (int i = 0; i < 3; i++)
        assert_int_equal(take(pace, &three, "x", 0), 0);
    assert_true(take(pace, &three, "x", 0) > 0);
    assert_int_equal(take(pace, &three, "y", 0), 0);
    assert_int_equal(take(pace, &other, "x", 0), 0);
}

/* Who is far over is not forgotten for those who come once. */
static void many_strangers_do_not_forgive_one(void **state)
{
    struct gp_pace *pace = *state;
    char name[32];

    for (int i = 0; i < 3; i++)
        assert_int_equal(take(pace, &three, "x", 0), 0);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(name, sizeof name, "stranger %d", i);
        assert_int_equal(take(pace, &three, name, 0), 0);
    }
    assert_int_equal(take(pace, &three, "x", 0), 1000);
}

static void an_address_of_six_counts_with_its_network(void **state)
{
    static const char *const pairs[][2] = {
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "::ffff:192.0.2.7"},
        {"no address", "no address"},
    };
    char name[64];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        gp_pace_peer(pairs[i][0], name, sizeof name);
        assert_string_equal(name, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(so_many_at_once_and_then_one_each_interval, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(names_and_rules_are_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_strangers_do_not_forgive_one, set_up, tear_down),
        cmocka_unit_test(an_address_of_six_counts_with_its_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
