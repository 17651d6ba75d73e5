/* Pages that have an order: all of them together are what a plain sort of every incident gives. */
#include "engine/asking.h"
#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "engine/internal.h"

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
        int64_t due_ms; /* 0: none */
        uint64_t id;
    } row[ASKED_MOST];
    size_t count;
};

static int newest_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return (x->id < y->id) - (x->id > y->id);
}

static int soonest_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->due_ms == 0 || y->due_ms == 0) {
        if (x->due_ms != y->due_ms)
            return x->due_ms == 0 ? 1 : -1;
    } else if (x->due_ms != y->due_ms) {
        return x->due_ms < y->due_ms ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
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
            ret_plain->row[ret_plain->count++] = (struct row){gp_incident_due(&incident), id};
    }
    gp_arena_release(&arena);
    qsort(ret_plain->row, ret_plain->count, sizeof ret_plain->row[0],
          query->order == GP_ORDER_DUE ? soonest_first : newest_first);
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
        assert_int_equal(asked.counted, query.order == GP_ORDER_DUE);
        assert_int_equal(asked.total, asked.counted ? plain.count : 0);
        for (size_t at = 0; at < plain.count; at++)
            assert_int_equal(asked.id[at], plain.row[at].id);
    }
    return plain.count;
}

static void whatever_is_asked(enum gp_order order, uint64_t seed)
{
    struct city city;
    size_t found = 0;

    busy_city(&city, seed, 300);
    assert_int_equal(compare(&city, (struct gp_query){.order = order}), city.incidents);
    for (unsigned round = 0; round < 100; round++) {
        struct gp_query query;
        asking_draw(&city, &query);
        query.order = order;
        found += compare(&city, query) > 0;
    }
    assert_true(found > 33);
    city_close(&city);
}

static void newest_come_first_whatever_is_asked(void **state)
{
    (void)state;
    whatever_is_asked(GP_ORDER_NEWEST, 50);
}

static void soonest_come_first_whatever_is_asked(void **state)
{
    (void)state;
    whatever_is_asked(GP_ORDER_DUE, 52);
}

/* ---------------------------------------------------------------- between two pages */

static bool was_asked(const struct asked *asked, uint64_t id)
{
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->id[i] == id)
            return true;
    }
    return false;
}

static bool same_place(struct city *city, uint64_t id, const struct row *before)
{
    struct gp_arena arena;
    struct gp_incident incident;
    struct gp_query open = {.open_only = true};

    gp_arena_init(&arena, 1 << 20);
    asking_incident(city, id, &arena, &incident);
    bool same =
        asking_wants(city, &open, &incident) && gp_incident_due(&incident) == before->due_ms;
    gp_arena_release(&arena);
    return same;
}

/* While the city goes on between the pages, whoever stays where they were is on one page. */
static void what_changes_meanwhile_moves_no_other_over_an_edge(void **state)
{
    static struct plain plain;
    static struct asked asked;
    struct gp_query query = {.order = GP_ORDER_DUE, .open_only = true, .limit = 3};
    struct city city;
    size_t stayed = 0;

    (void)state;
    busy_city(&city, 53, 300);
    look_plainly(&city, &query, &plain);
    asking_collect_while(&city, query, 6, &asked);
    for (size_t i = 0; i < plain.count; i++) {
        if (!same_place(&city, plain.row[i].id, &plain.row[i]))
            continue;
        assert_true(was_asked(&asked, plain.row[i].id));
        stayed++;
    }
    assert_in_range(stayed, 10, plain.count - 5); /* and some did not */
    city_close(&city);
}

/* ---------------------------------------------------------------- the newest */

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

static int ask(struct city *city, struct gp_query query, const atomic_bool *stop)
{
    struct gp_arena arena;
    struct gp_page page;

    gp_arena_init(&arena, 1 << 20);
    int rc = gp_engine_query(gp_rehearsal_store(city->rehearsal), city->org, &query,
                             (struct gp_span){0}, city->now_ms, stop, &arena, &page);
    gp_arena_release(&arena);
    return rc;
}

/* ---------------------------------------------------------------- bounds */

/* The same incident under so many numbers, straight into the tables. */
static void put_many(struct city *city, uint64_t last)
{
    struct gp_arena arena;
    struct gp_incident incident;
    struct gp_txn *txn = NULL;

    gp_arena_init(&arena, 1 << 20);
    asking_incident(city, 1, &arena, &incident);
    for (uint64_t id = city->incidents + 1; id <= last; id++) {
        struct gp_span record;
        size_t used = arena.used;
        if (txn == NULL)
            assert_int_equal(gp_txn_write(gp_rehearsal_store(city->rehearsal), &txn), 0);
        incident.id = id;
        assert_int_equal(gp_wire_incident_pack(&incident, &arena, &record), 0);
        assert_int_equal(gp_tables_write(txn, NULL, &incident, record), 0);
        arena.used = used;
        if (id % 8192 != 0 && id != last)
            continue;
        assert_int_equal(gp_txn_commit(txn), 0);
        txn = NULL;
    }
    city->incidents = last;
    gp_arena_release(&arena);
}

static void more_than_may_be_sorted_is_refused(void **state)
{
    const struct gp_query query = {.order = GP_ORDER_DUE, .open_only = true};
    struct city city;

    (void)state;
    busy_city(&city, 54, 20);
    put_many(&city, GP_SORT_ROWS_MAX / 2);
    assert_int_equal(ask(&city, query, NULL), 0);
    put_many(&city, GP_SORT_ROWS_MAX + 100);
    assert_int_equal(ask(&city, query, NULL), GP_ELIMIT);
    city_close(&city);
}

static void whoever_waits_for_the_end_can_stop_it(void **state)
{
    const struct gp_query query = {.order = GP_ORDER_DUE};
    atomic_bool stop = false;
    struct city city;

    (void)state;
    busy_city(&city, 55, 20);
    assert_int_equal(ask(&city, query, &stop), 0);
    stop = true;
    assert_int_equal(ask(&city, query, &stop), GP_EAGAIN);
    city_close(&city);
}

static void refuse(struct city *city, struct gp_query query)
{
    assert_int_equal(ask(city, query, NULL), GP_EINVAL);
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
    refuse(&city, (struct gp_query){
                      .order = GP_ORDER_DUE, .cursor = {0xff, 0, 0, 0, 1}, .cursor_len = 17});
    refuse(&city,
           (struct gp_query){.order = GP_ORDER_DUE, .cursor = {0xfe, 0, 0, 0, 1}, .cursor_len = 9});
    refuse(&city, (struct gp_query){.cursor = {0xff, 0, 0, 0, 0, 0, 0, 0, 1}, .cursor_len = 9});
    city_close(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(soonest_come_first_whatever_is_asked),
        cmocka_unit_test(what_changes_meanwhile_moves_no_other_over_an_edge),
        cmocka_unit_test(newest_come_first_whatever_is_asked),
        cmocka_unit_test_setup_teardown(newest_of_a_period_are_there_though_the_clock_was_lowered,
                                        stage_open, stage_close),
        cmocka_unit_test(a_page_of_the_newest_ends_when_it_has_cost_enough),
        cmocka_unit_test(more_than_may_be_sorted_is_refused),
        cmocka_unit_test(whoever_waits_for_the_end_can_stop_it),
        cmocka_unit_test(cursor_of_another_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
