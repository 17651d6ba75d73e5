/* Who waits for a handshake, and who goes when too many do. */
#include "app/seal/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* A letter with a number in the place of its bytes. */
static struct gp_letter letter(uint64_t connection, size_t number)
{
    return (struct gp_letter){.connection = connection, .len = number};
}

/* The number that goes; 0: none. */
static size_t put(struct gp_queue *queue, uint64_t connection, size_t number)
{
    struct gp_letter dropped = {0};

    return gp_queue_put(queue, letter(connection, number), &dropped) ? dropped.len : 0;
}

static void first_come_is_first_served(void **state)
{
    struct gp_queue queue = {0};

    (void)state;
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 1; i <= GP_QUEUE_MAX - 10; i++)
            assert_int_equal(put(&queue, i % 7, i), 0);
        for (size_t i = 1; i <= GP_QUEUE_MAX - 10; i++)
            assert_int_equal(gp_queue_take(&queue).len, i);
        assert_int_equal(queue.count, 0);
    }
}

/* However many come on few connections, one that has none waiting gets its turn. */
static void flood_is_in_nobodys_way(void **state)
{
    struct gp_queue queue = {0};
    size_t i = 1, found = 0;

    (void)state;
    for (; i <= 10 * GP_QUEUE_MAX; i++)
        (void)put(&queue, i % 8, i);
    assert_true(put(&queue, 100, 1000000) > 0);
    for (; i <= 20 * GP_QUEUE_MAX; i++)
        assert_int_not_equal(put(&queue, i % 8, i), 1000000);
    while (queue.count > 0)
        found += gp_queue_take(&queue).len == 1000000;
    assert_int_equal(found, 1);
}

static void oldest_of_who_has_most_goes(void **state)
{
    struct gp_queue queue = {0};

    (void)state;
    (void)put(&queue, 1, 1);
    (void)put(&queue, 2, 2);
    (void)put(&queue, 2, 3);
    for (size_t i = 4; i <= GP_QUEUE_MAX; i++)
        assert_int_equal(put(&queue, 10 + i, i), 0);
    assert_int_equal(put(&queue, 3, 1000), 2);
    assert_int_equal(put(&queue, 1, 1001), 1); /* it has most itself, with the one that comes */
}

/* All have one: the one that waits longest goes. */
static void crowd_shares(void **state)
{
    struct gp_queue queue = {0};

    (void)state;
    for (size_t i = 1; i <= GP_QUEUE_MAX; i++)
        assert_int_equal(put(&queue, i, i), 0);
    assert_int_equal(put(&queue, 1000, 1000), 1);
    assert_int_equal(gp_queue_take(&queue).len, 1000); /* in its place */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_is_first_served),
        cmocka_unit_test(flood_is_in_nobodys_way),
        cmocka_unit_test(oldest_of_who_has_most_goes),
        cmocka_unit_test(crowd_shares),
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
