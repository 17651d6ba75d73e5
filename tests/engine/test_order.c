/* Pages that have an order: all of them together are what a plain sort of every incident gives. */
#include "engine/asking.h"
#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void busy_city(struct city *city, uint64_t seed, int steps)
{
    city_open(city, seed);
    for (int i = 0; i < steps; i++)
        city_step(city, 3);
}

/* Of a plain look: everything that the query wants, sorted. */
struct plain {
    struct row {
        uint64_t id;
    } row[ASKED_MOST];
    size_t count;
};

static int newest_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return (x->id < y->id) - (x->id > y->id);
}

static void look_plainly(struct city *city, const struct gp_query *query, struct plain *ret_plain)
{
    struct gp_arena arena;

    ret_plain->count = 0;
    gp_arena_init(&arena, 1 << 20);
    for (uint64_t id = 1; id <= city->incidents; id++) {
        struct gp_incident incident;
        asking_incident(city, id, &arena, &incident);
        if (asking_wants(city, query, &incident))
            ret_plain->row[ret_plain->count++] = (struct row){id};
    }
    gp_arena_release(&arena);
    qsort(ret_plain->row, ret_plain->count, sizeof ret_plain->row[0], newest_first);
}

/* Returns how many are wanted. */
static size_t compare(struct city *city, struct gp_query query)
{
    static const uint32_t limits[] = {1, 7, GP_PAGE_ROWS_MAX};
    static struct plain plain;

    look_plainly(city, &query, &plain);
    for (size_t i = 0; i < 3; i++) {
        struct asked asked;
        query.limit = limits[i];
        asking_collect(city, query, &asked);
        assert_int_equal(asked.count, plain.count);
        for (size_t at = 0; at < plain.count; at++)
            assert_int_equal(asked.id[at], plain.row[at].id);
    }
    return plain.count;
}

static void newest_come_first_whatever_is_asked(void **state)
{
    struct city city;
    size_t found = 0;

    (void)state;
    busy_city(&city, 50, 300);
    assert_int_equal(compare(&city, (struct gp_query){.order = GP_ORDER_NEWEST}), city.incidents);
    for (unsigned round = 0; round < 100; round++) {
        struct gp_query query;
        asking_draw(&city, &query);
        query.order = GP_ORDER_NEWEST;
        found += compare(&city, query) > 0;
    }
    assert_true(found > 33);
    city_close(&city);
}

/* Ids rise while times fall: a period has ids on both sides of that. */
static void newest_of_a_period_are_there_though_the_clock_was_lowered(void **state)
{
    struct stage *stage = *state;

    for (int i = 0; i < 80; i++) {
        struct gp_item item = stage_report();
        stage->now_ms = CITY_START_MS + (80 - i) * GP_MS_MINUTE;
        stage_apply(stage, &item, 1);
    }
    stage->city.incidents += 80;
    stage->city.now_ms = stage->now_ms;
    for (int i = 0; i < 80; i += 13) {
        int64_t at_ms = CITY_START_MS + i * GP_MS_MINUTE;
        struct gp_query query = {.order = GP_ORDER_NEWEST, .from_ms = at_ms};
        assert_true(compare(&stage->city, query) > 0);
        query.to_ms = at_ms + 5 * GP_MS_MINUTE;
        assert_true(compare(&stage->city, query) > 0);
    }
}

/* A page that found nothing yet has cost enough: the cursor goes on behind it. */
static void a_page_of_the_newest_ends_when_it_has_cost_enough(void **state)
{
    struct city city;
    struct gp_command command;
    struct asked asked;

    (void)state;
    city_open(&city, 45);
    for (unsigned i = 0; i < 2000; i++) {
        city_random_report(&city, &command);
        (void)city_apply(&city, &command);
    }
    asking_collect(&city, (struct gp_query){.order = GP_ORDER_NEWEST, .overdue_only = true},
                   &asked);
    assert_int_equal(asked.count, 0);
    assert_in_range(asked.pages, 2, 20);
    city_close(&city);
}

static void refuse(struct city *city, struct gp_query query)
{
    struct gp_arena arena;
    struct gp_page page;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_query(gp_rehearsal_store(city->rehearsal), city->org, &query,
                                     (struct gp_span){0}, city->now_ms, &arena, &page),
                     GP_EINVAL);
    gp_arena_release(&arena);
}

static void cursor_of_another_order_is_refused(void **state)
{
    struct city city;

    (void)state;
    busy_city(&city, 51, 20);
    refuse(&city, (struct gp_query){.order = GP_ORDER_NEWEST,
                                    .cursor = {GP_TABLE_INCIDENT, 0, 0, 0, 0, 0, 0, 0, 1},
                                    .cursor_len = 9});
    refuse(&city, (struct gp_query){
                      .order = GP_ORDER_NEWEST, .cursor = {0xff, 0, 0, 0, 1}, .cursor_len = 5});
    refuse(&city, (struct gp_query){.order = GP_ORDER_NEWEST, /* a number that there is not */
                                    .cursor = {0xff, 1, 0, 0, 0, 0, 0, 0, 1},
                                    .cursor_len = 9});
    refuse(&city, (struct gp_query){.cursor = {0xff, 0, 0, 0, 0, 0, 0, 0, 1}, .cursor_len = 9});
    city_close(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_come_first_whatever_is_asked),
        cmocka_unit_test_setup_teardown(newest_of_a_period_are_there_though_the_clock_was_lowered,
                                        stage_open, stage_close),
        cmocka_unit_test(a_page_of_the_newest_ends_when_it_has_cost_enough),
        cmocka_unit_test(cursor_of_another_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
