/* What reaches over one incident: strikes are counted per person and year, duplicates close with
 * their main incident, on-spot closings are counted per grid; and all of it is rebuilt the same. */
#include "engine/city.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GRID GP_SPAN("340705006001002")

static struct city city;
static uint64_t ids;

static int begin(void **state)
{
    (void)state;
    city_open(&city, 1);
    ids = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    city_rebuild_and_compare(&city);
    city_close(&city);
    return 0;
}

static struct gp_answer apply(const char *by, struct gp_command command)
{
    command.actor = gp_span_of(by);
    command.device = GP_SPAN("handset-1");
    gp_put_u64(command.id, (uint64_t)city.now_ms << 16);
    gp_put_u64(command.id + 8, ++ids);
    return city_apply(&city, &command);
}

static uint64_t must(const char *by, struct gp_command command)
{
    struct gp_answer answer = apply(by, command);

    if (answer.reason != GP_REASON_NONE)
        fail_msg("%s refused: %s, %s", gp_verb_name(command.verb), gp_reason_word(answer.reason),
                 answer.detail);
    return answer.incident;
}

static uint64_t report(const char *by, const char *category)
{
    return must(by, (struct gp_command){.verb = GP_VERB_REPORT,
                                        .grid = GRID,
                                        .category = gp_span_of(category),
                                        .captured_ms = city.now_ms});
}

static void pass(int64_t ms)
{
    city.now_ms += ms;
    assert_int_equal(gp_rehearsal_advance(city.rehearsal, city.now_ms), 0);
}

/* The entries of a kind, the newest last; up to 16. */
static size_t entries(uint8_t what, struct gp_arena *arena, struct gp_entry *ret_entry[16])
{
    struct gp_feed_ask ask = {0};
    struct gp_feed_page page;
    size_t count = 0;

    do {
        assert_int_equal(gp_engine_feed(gp_rehearsal_store(city.rehearsal), city.org, &ask,
                                        GP_SPAN("feng"), city.now_ms, arena, &page),
                         0);
        for (uint32_t i = 0; i < page.count; i++) {
            if (page.item[i]->what == what && count < 16)
                ret_entry[count++] = page.item[i];
        }
        ask.after = page.scanned_to;
    } while (page.scanned_to < page.head);
    return count;
}

static uint8_t state_of(uint64_t id)
{
    struct gp_incident incident;
    struct gp_arena arena;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city.rehearsal), city.org, id,
                                        GP_SPAN("feng"), city.now_ms, &arena, &incident),
                     0);
    gp_arena_release(&arena);
    return incident.state;
}

/* E18: the third card of the year; after a granted appeal the count is two, so the next is third
 * again. The year after it begins anew. */
static void strikes_count_per_person_and_year(void **state)
{
    static const uint32_t numbers[] = {1, 2, 3, 3, 1};
    struct gp_entry *entry[16];
    struct gp_arena arena;

    (void)state;
    for (int i = 0; i < 5; i++) {
        uint64_t id = report("zhang", "n2");
        pass(14 * GP_MS_DAY);
        if (i == 2) {
            must("chen", (struct gp_command){
                             .verb = GP_VERB_APPEAL, .incident = id, .text = GP_SPAN("why")});
            struct gp_command sign = {.verb = GP_VERB_SIGN,
                                      .incident = id,
                                      .person = GP_SPAN("chen"),
                                      .result = GP_RESULT_YES};
            must("zhou", sign);
            assert_int_equal(apply("zhou", sign).reason, GP_REASON_OWN_WORK);
            must("feng", sign);
        }
        must("chen", (struct gp_command){.verb = GP_VERB_FINISH, .incident = id});
        if (i == 3)
            pass(60 * GP_MS_DAY); /* another year */
    }
    gp_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(entries(GP_WHAT_STRIKE, &arena, entry), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(gp_span_is(entry[i]->subject, "chen"));
        assert_int_equal(entry[i]->nth, numbers[i]);
        assert_int_equal(entry[i]->level, numbers[i]);
    }
    assert_int_equal(entries(GP_WHAT_APPEALED, &arena, entry), 3);
    gp_arena_release(&arena);
}

static void duplicates_close_together(void **state)
{
    struct gp_entry *entry[16];
    struct gp_arena arena;
    uint64_t main = report("zhang", "n4");
    uint64_t second = report("zhao", "n4"), third = report("li", "n4"), fourth = report("li", "n4");

    (void)state;
    gp_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(entries(GP_WHAT_REPORTED, &arena, entry), 4);
    assert_int_equal(entry[0]->similar_count, 0);
    assert_int_equal(entry[3]->similar_count, 3);
    assert_int_equal(entry[3]->similar[0], third); /* the newest first */
    struct gp_command link = {.verb = GP_VERB_LINK, .incident = second, .other = main};
    must("zheng", link);
    link.incident = third;
    must("zheng", link);
    link.incident = fourth;
    link.other = third;
    assert_int_equal(apply("zheng", link).reason, GP_REASON_LINKED);
    link.incident = main;
    link.other = fourth;
    assert_int_equal(apply("zheng", link).reason, GP_REASON_LINKED); /* others follow it */
    must("zheng", (struct gp_command){.verb = GP_VERB_UNLINK, .incident = third});

    must("li", (struct gp_command){.verb = GP_VERB_FINISH, .incident = main});
    must("wang", (struct gp_command){.verb = GP_VERB_VERIFY, .incident = main});
    struct gp_answer closed =
        apply("wang", (struct gp_command){.verb = GP_VERB_CLOSE, .incident = main});
    assert_int_equal(closed.incident, main);
    assert_int_equal(state_of(main), GP_STATE_CLOSED);
    assert_int_equal(state_of(second), GP_STATE_CLOSED);
    assert_int_equal(state_of(third), GP_STATE_DISPATCHED);
    gp_arena_reset(&arena);
    assert_int_equal(entries(GP_WHAT_CLOSED, &arena, entry), 2);
    assert_int_equal(entry[1]->other, main);
    assert_true(gp_span_is(entry[1]->recipient[0].person, "zhao")); /* who reported it follows */
    (void)report("li", "n4");
    gp_arena_reset(&arena);
    assert_int_equal(entries(GP_WHAT_REPORTED, &arena, entry), 5);
    assert_int_equal(entry[4]->similar_count, 2); /* none of those that are closed by now */
    assert_int_equal(entry[4]->similar[0], fourth);
    assert_int_equal(entry[4]->similar[1], third);
    gp_arena_release(&arena);
}

static void delivery_is_about_a_notice_that_was(void **state)
{
    uint64_t id = report("zhang", "n4"); /* entries 1 to 4; the last tells li and zhang */
    struct gp_command deliver = {.verb = GP_VERB_DELIVER,
                                 .incident = id,
                                 .ref_seq = 4,
                                 .person = GP_SPAN("li"),
                                 .delivery = GP_DELIVERY_SENT};

    (void)state;
    must("feng", deliver);
    deliver.person = GP_SPAN("wang");
    assert_int_equal(apply("feng", deliver).reason, GP_REASON_NOT_TOLD);
    deliver.person = GP_SPAN("li");
    deliver.ref_seq = 999;
    assert_int_equal(apply("feng", deliver).reason, GP_REASON_NOT_TOLD);
    deliver.incident = report("zhang", "n4");
    deliver.ref_seq = 4; /* of the other one */
    assert_int_equal(apply("feng", deliver).reason, GP_REASON_NOT_TOLD);
}

/* A suspension's end, a return's clock and the checker's fire by themselves, and in order. */
static void clocks_beside_the_owners(void **state)
{
    struct gp_entry *entry[16];
    struct gp_arena arena;
    uint64_t suspended = report("zhang", "n8"), returned = report("zhang", "n8");
    uint64_t finished = report("zhang", "n8");

    (void)state;
    must("zheng", (struct gp_command){.verb = GP_VERB_SUSPEND,
                                      .incident = suspended,
                                      .text = GP_SPAN("part"),
                                      .from_ms = city.now_ms + 20 * GP_MS_DAY});
    must("li", (struct gp_command){.verb = GP_VERB_RETURN,
                                   .incident = returned,
                                   .return_reason = GP_RETURN_WRONG_LINE});
    must("li", (struct gp_command){.verb = GP_VERB_FINISH, .incident = finished});
    pass(40 * GP_MS_DAY);
    gp_arena_init(&arena, (size_t)64 << 20);
    size_t count = entries(GP_WHAT_STEP, &arena, entry);
    assert_true(count > 4);
    assert_int_equal(entry[3]->step, GP_STEP_DISPATCH_LATE);
    assert_int_equal(entry[3]->incident, returned);
    assert_int_equal(entry[4]->step, GP_STEP_VERIFY_LATE);
    assert_int_equal(entry[4]->incident, finished);
    assert_int_equal(entries(GP_WHAT_RESUMED, &arena, entry), 1);
    assert_int_equal(entry[0]->late_ms, 0);
    gp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(strikes_count_per_person_and_year, begin, end),
        cmocka_unit_test_setup_teardown(duplicates_close_together, begin, end),
        cmocka_unit_test_setup_teardown(delivery_is_about_a_notice_that_was, begin, end),
        cmocka_unit_test_setup_teardown(clocks_beside_the_owners, begin, end),
    };
    return cmocka_run_group_tests_name("side", tests, NULL, NULL);
}
