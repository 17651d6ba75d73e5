/* Pages of incidents and feeds: nothing missing, nothing twice, whatever the page size. */
#include "engine/asking.h"
#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "core/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static bool holds(const struct asked *found, uint64_t id)
{
    unsigned times = 0;
    for (size_t i = 0; i < found->count; i++)
        times += found->id[i] == id;
    assert_true(times <= 1);
    return times == 1;
}

/* Compares a query, at three page sizes, with a plain test of every incident. Returns how many are
 * wanted. */
static size_t compare_any(struct city *city, struct gp_query query)
{
    static const uint32_t limits[] = {1, 7, GP_PAGE_ROWS_MAX};
    struct gp_arena arena;
    size_t matches = 0;

    gp_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < 3; i++) {
        struct asked found;
        matches = 0;
        query.limit = limits[i];
        asking_collect(city, query, &found);
        for (uint64_t id = 1; id <= city->incidents; id++) {
            struct gp_incident incident;
            asking_incident(city, id, &arena, &incident);
            bool want = asking_wants(city, &query, &incident);
            assert_int_equal(holds(&found, id), want);
            matches += want;
        }
        assert_int_equal(found.count, matches);
    }
    gp_arena_release(&arena);
    return matches;
}

static void compare(struct city *city, struct gp_query query)
{
    assert_true(compare_any(city, query) > 0);
}

static void every_index_agrees_with_a_plain_look(void **state)
{
    struct city city;
    struct gp_arena arena;
    struct gp_incident one;
    struct gp_area_ref area;

    (void)state;
    city_open(&city, 40);
    for (int i = 0; i < 400; i++)
        city_step(&city, 3);
    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city.rehearsal), city.org, 1,
                                        (struct gp_span){0}, city.now_ms, &arena, &one),
                     0);
    compare(&city, (struct gp_query){0});
    compare(&city, (struct gp_query){.area = one.area});
    assert_int_equal(gp_area_parse(GP_SPAN("340705"), &area), 0);
    compare(&city, (struct gp_query){.area = area});
    compare(&city, (struct gp_query){.department = one.row.department, .open_only = true});
    compare(&city, (struct gp_query){.post = one.owner});
    for (size_t i = 0; i < city.org->holding_count; i++) {
        const struct gp_holding *holding = &city.org->holdings[i];
        if (gp_span_equal(city.org->posts[holding->post].id, one.owner))
            compare(&city, (struct gp_query){.person = city.org->persons[holding->person].id});
    }
    compare(&city, (struct gp_query){.from_ms = CITY_START_MS + GP_MS_DAY,
                                     .to_ms = CITY_START_MS + 9 * GP_MS_DAY});
    compare(&city, (struct gp_query){.states = GP_STATE_BIT(GP_STATE_DISPATCHED)});
    gp_arena_release(&arena);
    city_close(&city);
}

static void any_conditions_together_agree_with_a_plain_look(void **state)
{
    struct city city;
    size_t found = 0;

    (void)state;
    city_open(&city, 44);
    for (int i = 0; i < 300; i++)
        city_step(&city, 3);
    for (unsigned round = 0; round < 150; round++) {
        struct gp_query query;
        asking_draw(&city, &query);
        found += compare_any(&city, query) > 0;
    }
    assert_true(found > 50);
    city_close(&city);
}

static void report_at(struct stage *stage, int64_t at_ms, size_t count)
{
    struct gp_item items[100];

    assert_true(count <= sizeof items / sizeof items[0]);
    for (size_t i = 0; i < count; i++)
        items[i] = stage_report();
    stage->now_ms = at_ms;
    stage_apply(stage, items, count);
    stage->city.incidents += count;
    stage->city.now_ms = at_ms;
}

/* The clock was a day ahead until an admin lowered it: then ids rise while times fall. */
static void clock_that_was_lowered_hides_nothing(void **state)
{
    struct stage *stage = *state;
    int64_t at_ms[] = {CITY_START_MS, CITY_START_MS + 24 * GP_MS_HOUR,
                       CITY_START_MS + 2 * GP_MS_HOUR, CITY_START_MS + 3 * GP_MS_HOUR};

    report_at(stage, at_ms[0], 100);
    report_at(stage, at_ms[1], 50);
    report_at(stage, at_ms[2], 25);
    for (int i = 0; i < 4; i++)
        report_at(stage, at_ms[3] + i, 80);
    for (int i = 0; i < 4; i++) {
        compare_any(&stage->city, (struct gp_query){.from_ms = at_ms[i]});
        compare_any(&stage->city, (struct gp_query){.to_ms = at_ms[i] + 1});
        compare_any(&stage->city, (struct gp_query){.from_ms = at_ms[i], .to_ms = at_ms[i] + 1});
    }
}

/* More often than anybody keeps count of. */
static void clock_that_is_lowered_all_the_time_hides_nothing(void **state)
{
    struct stage *stage = *state;

    for (int i = 0; i < 80; i++)
        report_at(stage, CITY_START_MS + (80 - i) * GP_MS_MINUTE, 1);
    for (int i = 0; i < 80; i += 13) {
        int64_t at_ms = CITY_START_MS + i * GP_MS_MINUTE;
        compare(&stage->city, (struct gp_query){.from_ms = at_ms});
        compare(&stage->city, (struct gp_query){.to_ms = at_ms + 2 * GP_MS_MINUTE});
    }
}

/* A page that found nothing yet has cost enough: the cursor goes on behind it. */
static void a_page_ends_when_it_has_cost_enough(void **state)
{
    struct city city;
    struct gp_command command;
    struct asked found;

    (void)state;
    city_open(&city, 45);
    for (unsigned i = 0; i < 2000; i++) {
        city_random_report(&city, &command);
        (void)city_apply(&city, &command);
    }
    asking_collect(&city, (struct gp_query){.overdue_only = true}, &found);
    assert_int_equal(found.count, 0);
    assert_true(found.pages > 1);
    city_close(&city);
}

/* Each grid becomes an old code of the next, and so all of the last. */
static void merge_grids(const struct gp_org *org, struct gp_area *areas, int64_t from_ms)
{
    uint32_t last = (uint32_t)org->area_count - 1, next = last;

    memcpy(areas, org->areas, org->area_count * sizeof *areas);
    for (uint32_t i = last; i-- > 0;) {
        if (areas[i].ref.level != GP_LEVEL_GRID)
            continue;
        areas[i].alias_of = next;
        areas[i].valid_to_ms = from_ms;
        next = i;
    }
}

/* What was filed under codes that were merged since is found by the code that answers now. */
static void old_codes_are_found_by_the_new_one(void **state)
{
    struct city city;
    struct gp_area areas[16];
    struct gp_org merged;
    struct gp_area_ref grid, community;
    struct asked found;

    (void)state;
    city_open(&city, 43);
    for (int i = 0; i < 200; i++)
        city_step(&city, 3);
    assert_true(city.org->area_count <= 16);
    merged = *city.org;
    grid = merged.areas[merged.area_count - 1].ref;
    assert_int_equal(gp_area_parse(GP_SPAN("340705402"), &community), 0);
    merge_grids(city.org, areas, city.now_ms + GP_MS_DAY);
    merged.areas = areas;
    city.org = &merged;
    compare(&city, (struct gp_query){.area = grid});
    asking_collect(&city, (struct gp_query){.area = grid}, &found);
    assert_true(found.count < city.incidents / 2);
    city.now_ms += GP_MS_DAY;
    compare(&city, (struct gp_query){.area = grid});
    compare(&city, (struct gp_query){.area = community});
    compare(&city, (struct gp_query){.area = areas[3].ref});
    asking_collect(&city, (struct gp_query){.area = community}, &found);
    assert_true(found.count > city.incidents * 3 / 4);    /* not what is masked to its community */
    for (uint32_t i = 0; i < city.org->area_count; i++) { /* whichever index serves */
        for (uint8_t at = 1; at <= GP_STATE_REOPENED; at++)
            compare_any(&city, (struct gp_query){.area = areas[i].ref, .states = GP_STATE_BIT(at)});
        compare_any(&city, (struct gp_query){
                               .area = areas[i].ref, .overdue_only = true, .open_only = true});
    }
    city_close(&city);
}

static void cursor_of_another_query_is_refused(void **state)
{
    struct city city;
    struct gp_arena arena;
    struct gp_page page;
    struct gp_query query = {.cursor = {GP_TABLE_BY_POST, 1, 2, 3}, .cursor_len = 4};

    (void)state;
    city_open(&city, 41);
    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_query(gp_rehearsal_store(city.rehearsal), city.org, &query,
                                     (struct gp_span){0}, city.now_ms, NULL, &arena, &page),
                     GP_EINVAL);
    gp_arena_release(&arena);
    city_close(&city);
}

/* Follows a filtered feed page by page and checks that exactly the matching entries come. */
static void follow(struct city *city, struct gp_feed_ask ask)
{
    struct gp_arena arena, all_arena;
    struct gp_feed_ask all = {.limit = 1};
    struct gp_feed_page page = {0}, every = {0};

    gp_arena_init(&arena, 16 << 20);
    gp_arena_init(&all_arena, 16 << 20);
    do {
        gp_arena_reset(&arena);
        assert_int_equal(gp_engine_feed(gp_rehearsal_store(city->rehearsal), city->org, &ask,
                                        (struct gp_span){0}, city->now_ms, &arena, &page),
                         0);
        assert_true(page.scanned_to > ask.after || page.scanned_to == page.head);
        for (uint32_t i = 0; i < page.count;) {
            gp_arena_reset(&all_arena);
            assert_int_equal(gp_engine_feed(gp_rehearsal_store(city->rehearsal), city->org, &all,
                                            (struct gp_span){0}, city->now_ms, &all_arena, &every),
                             0);
            all.after = every.scanned_to;
            assert_int_equal(every.count, 1);
            if (gp_feed_match(city->org, &ask.filter, every.item[0]))
                assert_int_equal(every.item[0]->seq, page.item[i++]->seq);
        }
        ask.after = page.scanned_to;
    } while (page.scanned_to < page.head);
    gp_arena_release(&arena);
    gp_arena_release(&all_arena);
}

static void feeds_miss_nothing(void **state)
{
    struct city city;
    struct gp_area_ref area;

    (void)state;
    city_open(&city, 42);
    for (int i = 0; i < 60; i++)
        city_step(&city, 6);
    assert_int_equal(gp_area_parse(city.org->areas[city.org->area_count - 1].code, &area), 0);
    follow(&city, (struct gp_feed_ask){0});
    follow(&city, (struct gp_feed_ask){.filter = {.escalations = true}, .limit = 3});
    follow(&city, (struct gp_feed_ask){.filter = {.area = area}, .limit = 5});
    follow(&city, (struct gp_feed_ask){.filter = {.incident = 2}});
    follow(&city, (struct gp_feed_ask){.filter = {.line = city.org->lines[0].code}, .limit = 2});
    follow(&city, (struct gp_feed_ask){.filter = {.person = city.org->persons[0].id}});
    city_close(&city);
}

/* How many entries of the private incident 1 a reader gets with their grid, and reports with a
 * text. */
static void count_seen(struct city *city, const char *reader, unsigned *ret_all,
                       unsigned *ret_whole, unsigned *ret_texts)
{
    struct gp_arena arena;
    struct gp_feed_ask ask = {.filter = {.incident = 1}};
    struct gp_feed_page page;

    gp_arena_init(&arena, 16 << 20);
    assert_int_equal(gp_engine_feed(gp_rehearsal_store(city->rehearsal), city->org, &ask,
                                    gp_span_of(reader), city->now_ms, &arena, &page),
                     0);
    *ret_all = page.count;
    *ret_whole = *ret_texts = 0;
    for (uint32_t i = 0; i < page.count; i++) {
        *ret_whole += page.item[i]->area.level == GP_LEVEL_GRID;
        *ret_texts += page.item[i]->what == GP_WHAT_REPORTED && page.item[i]->text.len > 0;
    }
    gp_arena_release(&arena);
}

/* The owner of now, the assistant after a handover, the department and the reporter see a private
 * incident from its first entry on, when nobody owned it yet; others see no grid and no text. */
static void private_feed_is_whole_for_its_chain(void **state)
{
    static const char *const chain[] = {"li", "zhao", "chen", "qian", "cao"};
    static const char *const others[] = {"", "shen", "he"};
    struct city city;
    unsigned all, whole, texts;

    (void)state;
    city_open(&city, 43);
    struct gp_command report;
    city_random_report(&city, &report);
    report.actor = GP_SPAN("cao");
    report.grid = GP_SPAN("340705006001002");
    report.category = GP_SPAN("p4");
    report.condition = GP_SPAN("default");
    assert_int_equal(city_apply(&city, &report).reason, GP_REASON_NONE);
    for (int handed_over = 0; handed_over < 2; handed_over++) {
        for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
            count_seen(&city, chain[i], &all, &whole, &texts);
            if (whole != all || texts != 1)
                fail_msg("%s: %u of %u entries whole, %u texts", chain[i], whole, all, texts);
        }
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            count_seen(&city, others[i], &all, &whole, &texts);
            assert_int_equal(whole, 0);
            assert_int_equal(texts, 0);
        }
        city.now_ms += GP_MS_DAY;
        assert_int_equal(gp_rehearsal_advance(city.rehearsal, city.now_ms), 0);
    }
    city_close(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_agrees_with_a_plain_look),
        cmocka_unit_test(any_conditions_together_agree_with_a_plain_look),
        cmocka_unit_test_setup_teardown(clock_that_was_lowered_hides_nothing, stage_open,
                                        stage_close),
        cmocka_unit_test_setup_teardown(clock_that_is_lowered_all_the_time_hides_nothing,
                                        stage_open, stage_close),
        cmocka_unit_test(a_page_ends_when_it_has_cost_enough),
        cmocka_unit_test(old_codes_are_found_by_the_new_one),
        cmocka_unit_test(cursor_of_another_query_is_refused),
        cmocka_unit_test(feeds_miss_nothing),
        cmocka_unit_test(private_feed_is_whole_for_its_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
