/* The engine on a real store: repeats, refusals, order of steps, rebuilding. */
#include "engine/city.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "engine/verify.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void repeated_report_gets_the_same_answer(void **state)
{
    struct city city;
    struct gp_command report;
    unsigned char hash[GP_HASH_BYTES];

    (void)state;
    city_open(&city, 1);
    city_random_report(&city, &report);
    struct gp_answer first = city_apply(&city, &report);
    assert_int_equal(first.reason, GP_REASON_NONE);
    assert_false(first.repeated);
    uint64_t head = city_head(&city, hash);
    assert_int_equal(first.seq, head);

    struct gp_answer again = city_apply(&city, &report);
    assert_true(again.repeated);
    assert_int_equal(again.incident, first.incident);
    assert_int_equal(again.seq, first.seq);
    assert_int_equal(again.version, first.version);
    assert_int_equal(again.state, first.state);
    assert_int_equal(again.due_ms, first.due_ms);
    assert_int_equal(city_head(&city, hash), head);
    city_close(&city);
}

static void same_id_with_another_body_is_a_conflict(void **state)
{
    struct city city;
    struct gp_command report;
    unsigned char hash[GP_HASH_BYTES];

    (void)state;
    city_open(&city, 2);
    city_random_report(&city, &report);
    (void)city_apply(&city, &report);
    uint64_t head = city_head(&city, hash);
    report.body_hash[0] ^= 1;
    assert_int_equal(city_apply(&city, &report).reason, GP_REASON_CONFLICT);
    assert_int_equal(city_head(&city, hash), head);

    report.device = GP_SPAN("another handset"); /* ids are per device */
    assert_int_equal(city_apply(&city, &report).reason, GP_REASON_NONE);
    city_close(&city);
}

static void refusal_changes_nothing(void **state)
{
    struct city city;
    struct gp_command report;
    unsigned char before[GP_HASH_BYTES], after[GP_HASH_BYTES];

    (void)state;
    city_open(&city, 3);
    city_random_report(&city, &report);
    (void)city_apply(&city, &report);
    uint64_t head = city_head(&city, before);
    struct gp_command close = {.verb = GP_VERB_CLOSE, .incident = 1, .actor = report.actor};
    assert_int_not_equal(city_apply(&city, &close).reason, GP_REASON_NONE);
    struct gp_command nowhere = {.verb = GP_VERB_ACCEPT, .incident = 99, .actor = report.actor};
    assert_int_equal(city_apply(&city, &nowhere).reason, GP_REASON_UNKNOWN_INCIDENT);
    report.grid = GP_SPAN("999999999999999");
    report.id[15] ^= 1;
    assert_int_equal(city_apply(&city, &report).reason, GP_REASON_UNKNOWN_AREA);
    assert_int_equal(city_head(&city, after), head);
    assert_memory_equal(before, after, GP_HASH_BYTES);
    city_close(&city);
}

static void handset_with_a_wrong_clock_is_flagged(void **state)
{
    struct city city;
    struct gp_command report;
    struct gp_feed_page page;
    struct gp_arena arena;
    struct gp_feed_ask ask = {0};

    (void)state;
    city_open(&city, 4);
    city_random_report(&city, &report);
    report.captured_ms = city.now_ms;
    memset(report.id, 0, 6); /* made in 1970 */
    (void)city_apply(&city, &report);
    gp_arena_init(&arena, 4 << 20);
    assert_int_equal(gp_engine_feed(gp_rehearsal_store(city.rehearsal), city.org, &ask,
                                    report.actor, city.now_ms, &arena, &page),
                     0);
    assert_true(page.count > 0);
    assert_int_equal(page.item[0]->what, GP_WHAT_REPORTED);
    assert_true(page.item[0]->flags & GP_FLAG_SKEW);
    gp_arena_release(&arena);
    city_close(&city);
}

/* ---------------------------------------------------------------- order of steps */

struct order {
    int64_t last_nominal_ms;
    uint64_t last_incident;
    uint64_t last_seq;
    unsigned steps;
};

static void check_order(void *context, const struct gp_entry *entry)
{
    struct order *order = context;

    assert_int_equal(entry->seq, order->last_seq + 1);
    order->last_seq = entry->seq;
    if (entry->what != GP_WHAT_STEP || entry->step == GP_STEP_DISPATCH)
        return;
    assert_true(entry->has_nominal);
    assert_int_equal(entry->late_ms, entry->at_ms - entry->nominal_ms);
    assert_int_equal(entry->late_ms, 0);
    assert_true(entry->nominal_ms >= order->last_nominal_ms);
    if (entry->nominal_ms == order->last_nominal_ms)
        assert_true(entry->incident >= order->last_incident);
    order->last_nominal_ms = entry->nominal_ms;
    order->last_incident = entry->incident;
    order->steps++;
}

static void steps_fire_in_order_and_on_time(void **state)
{
    struct city city;
    struct order order = {0};

    (void)state;
    city_open(&city, 5);
    gp_rehearsal_on_entry(city.rehearsal, check_order, &order);
    for (int i = 0; i < 300; i++)
        city_step(&city, 6);
    assert_true(order.steps > 100);
    assert_true(city.refused > 10);
    city_close(&city);
}

/* A command finds done what its incident owed from before, also when the timer was late. */
static void late_timer_does_not_save_anyone(void **state)
{
    struct city city;
    struct gp_command report;
    struct gp_engine *engine;
    struct gp_arena arena;
    struct gp_incident incident;

    (void)state;
    city_open(&city, 6);
    do
        city_random_report(&city, &report);
    while (!gp_span_is(report.category, "n4"));
    struct gp_answer answer = city_apply(&city, &report);
    assert_int_equal(gp_engine_open(gp_rehearsal_store(city.rehearsal), &engine), 0);
    struct gp_item item = {.kind = GP_ITEM_COMMAND,
                           .command = {.verb = GP_VERB_NOTE,
                                       .incident = answer.incident,
                                       .actor = report.actor,
                                       .text = GP_SPAN("late")}};
    struct gp_batch batch = {
        .org = city.org, .now_ms = answer.due_ms + 1, .item = &item, .item_count = 1};
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    gp_engine_close(engine);
    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_engine_incident(gp_rehearsal_store(city.rehearsal), city.org,
                                        answer.incident, report.actor, batch.now_ms, &arena,
                                        &incident),
                     0);
    assert_int_equal(incident.overdue_ms, answer.due_ms);
    gp_arena_release(&arena);
    city_close(&city);
}

/* ---------------------------------------------------------------- rebuilding */

static void rebuilt_tables_are_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 10; seed < 14; seed++) {
        struct city city;
        city_open(&city, seed);
        for (int i = 0; i < 150; i++)
            city_step(&city, 12);
        assert_int_equal(gp_rehearsal_crash(city.rehearsal, city.now_ms), 0);
        city.now_ms += 40 * GP_MS_HOUR;
        assert_int_equal(gp_rehearsal_start(city.rehearsal, city.now_ms), 0);
        for (int i = 0; i < 50; i++)
            city_step(&city, 12);
        city_rebuild_and_compare(&city);
        city_close(&city);
    }
}

static void same_commands_give_the_same_chain(void **state)
{
    unsigned char hash[2][GP_HASH_BYTES];
    uint64_t head[2];

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct city city;
        city_open(&city, 20);
        for (int i = 0; i < 200; i++)
            city_step(&city, 8);
        head[round] = city_head(&city, hash[round]);
        city_close(&city);
    }
    assert_int_equal(head[0], head[1]);
    assert_memory_equal(hash[0], hash[1], GP_HASH_BYTES);
}

static void second_restart_sends_nothing(void **state)
{
    struct city city;
    unsigned char hash[GP_HASH_BYTES];

    (void)state;
    city_open(&city, 30);
    for (int i = 0; i < 40; i++)
        city_step(&city, 2);
    assert_int_equal(gp_rehearsal_crash(city.rehearsal, city.now_ms), 0);
    city.now_ms += 30 * GP_MS_HOUR;
    assert_int_equal(gp_rehearsal_start(city.rehearsal, city.now_ms), 0);
    uint64_t head = city_head(&city, hash);
    assert_int_equal(gp_rehearsal_crash(city.rehearsal, city.now_ms), 0);
    assert_int_equal(gp_rehearsal_start(city.rehearsal, city.now_ms), 0);
    assert_int_equal(city_head(&city, hash), head + 1); /* the self-audit line */
    city_close(&city);
}

/* ---------------------------------------------------------------- another directory */

/* The city's directory with office hours from 10 o'clock. */
struct later {
    struct gp_org org;
    struct gp_calendar calendar;
    struct gp_week week;
};

static void later_hours(const struct city *city, struct later *later)
{
    later->org = *city->org;
    assert_int_equal(city->org->calendar_count, 1);
    later->calendar = city->org->calendars[0];
    assert_int_equal(later->calendar.week_count, 1);
    later->week = later->calendar.weeks[0];
    for (int day = 0; day < 5; day++)
        later->week.hours[day].segment[0].from_ms = 10 * GP_MS_HOUR;
    later->calendar.weeks = &later->week;
    later->org.calendars = &later->calendar;
    later->org.digest[0] ^= 1;
}

static bool apply_one(struct city *city, const struct gp_org *org, enum gp_item_kind kind)
{
    struct gp_item item = {.kind = (uint8_t)kind, .text = GP_SPAN("test")};
    struct gp_batch batch = {.org = org, .now_ms = city->now_ms, .item = &item, .item_count = 1};
    struct gp_engine *engine; /* a new one each time, as after a restart */

    assert_int_equal(gp_engine_open(gp_rehearsal_store(city->rehearsal), &engine), 0);
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    gp_engine_close(engine);
    return item.more;
}

static void lower_clock(struct city *city, int64_t to_ms)
{
    struct gp_item item = {
        .kind = GP_ITEM_CLOCK, .text = GP_SPAN("lowered"), .lower_mark_ms = to_ms};
    struct gp_batch batch = {
        .org = city->org, .now_ms = city->now_ms, .item = &item, .item_count = 1};
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(gp_rehearsal_store(city->rehearsal), &engine), 0);
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    gp_engine_close(engine);
    city->now_ms = to_ms;
}

static unsigned replanned(struct city *city)
{
    struct gp_txn *txn;
    struct gp_span packed;
    struct gp_arena arena;
    static struct gp_entry entry;
    unsigned count = 0;
    uint64_t head;

    gp_arena_init(&arena, 4 << 20);
    assert_int_equal(gp_txn_read(gp_rehearsal_store(city->rehearsal), &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    for (uint64_t seq = 1; seq <= head; seq++) {
        assert_int_equal(gp_journal_get(txn, seq, &packed), 0);
        assert_int_equal(gp_wire_entry_unpack(packed, &arena, &entry), 0);
        count += entry.what == GP_WHAT_REPLANNED;
        gp_arena_reset(&arena);
    }
    gp_txn_abort(txn);
    gp_arena_release(&arena);
    return count;
}

/* R15 goes on where a stop, planned or not, cut it short: the store says where. */
static void replanning_goes_on_after_a_restart(void **state)
{
    enum { OPEN = 2 * GP_REPLAN_ROWS_MAX + 100 };
    struct city city;
    static struct later later;
    struct gp_command report;

    (void)state;
    city_open(&city, 40);
    city_random_report(&city, &report);
    report.category = GP_SPAN("n4");
    report.condition = GP_SPAN("");
    for (int i = 0; i < OPEN; i++) {
        report.id[14] = (unsigned char)(i >> 8);
        report.id[15] = (unsigned char)i;
        assert_int_equal(city_apply(&city, &report).reason, GP_REASON_NONE);
    }
    later_hours(&city, &later);
    assert_false(city_replanning(gp_rehearsal_store(city.rehearsal)));
    assert_true(apply_one(&city, &later.org, GP_ITEM_DIRECTORY));
    assert_true(apply_one(&city, &later.org, GP_ITEM_REPLAN));
    assert_int_equal(replanned(&city), GP_REPLAN_ROWS_MAX);
    assert_true(city_replanning(gp_rehearsal_store(city.rehearsal)));
    city_rebuild_and_compare(&city);
    assert_true(apply_one(&city, &later.org, GP_ITEM_REPLAN));
    assert_false(apply_one(&city, &later.org, GP_ITEM_REPLAN));
    assert_int_equal(replanned(&city), OPEN);
    assert_false(city_replanning(gp_rehearsal_store(city.rehearsal)));
    assert_false(apply_one(&city, &later.org, GP_ITEM_REPLAN)); /* once too often does nothing */
    assert_int_equal(replanned(&city), OPEN);
    city_close(&city);
}

static size_t falls_of(struct city *city)
{
    struct gp_span falls;
    struct gp_txn *txn;

    assert_int_equal(gp_txn_read(gp_rehearsal_store(city->rehearsal), &txn), 0);
    assert_int_equal(gp_meta_get(txn, "time-falls", &falls), 0);
    gp_txn_abort(txn);
    return falls.len / 16;
}

static void say_falls_twice(struct city *city)
{
    struct gp_span falls;
    struct gp_txn *txn;
    char twice[32];

    assert_int_equal(gp_txn_write(gp_rehearsal_store(city->rehearsal), &txn), 0);
    assert_int_equal(gp_meta_get(txn, "time-falls", &falls), 0);
    assert_int_equal(falls.len, 16);
    memcpy(twice, falls.ptr, 16);
    memcpy(twice + 16, falls.ptr, 16);
    assert_int_equal(gp_meta_put(txn, "time-falls", (struct gp_span){twice, sizeof twice}), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

static void no_flaw(void *context, const struct gp_flaw *flaw)
{
    (void)context;
    fail_msg("%s: %s", gp_flaw_name(flaw->kind), flaw->text);
}

/* Time falls once, however many batches without an entry follow: re-planning that changes nothing
 * writes how far it is. */
static void a_fall_is_noted_with_an_entry(void **state)
{
    const struct gp_verify verify = {.flaw = no_flaw};
    struct city city;
    static struct later later;
    struct gp_command report;

    (void)state;
    city_open(&city, 41);
    later = (struct later){.org = *city.org}; /* the same rules by another digest */
    later.org.digest[0] ^= 1;
    city_random_report(&city, &report);
    for (int i = 0; i < GP_REPLAN_ROWS_MAX + 1; i++) {
        report.id[14] = (unsigned char)(i >> 8);
        report.id[15] = (unsigned char)i;
        assert_int_equal(city_apply(&city, &report).reason, GP_REASON_NONE);
    }
    assert_true(apply_one(&city, &later.org, GP_ITEM_DIRECTORY));
    lower_clock(&city, city.now_ms - GP_MS_HOUR);
    uint64_t head = city_head(&city, NULL);
    assert_true(apply_one(&city, &later.org, GP_ITEM_REPLAN));
    assert_false(apply_one(&city, &later.org, GP_ITEM_REPLAN));
    assert_int_equal(city_head(&city, NULL), head);
    assert_false(apply_one(&city, &later.org, GP_ITEM_AUDIT));
    assert_int_equal(city_head(&city, NULL), head + 1);
    assert_int_equal(falls_of(&city), 1);
    assert_int_equal(gp_verify_meta(gp_rehearsal_store(city.rehearsal), &verify), 0);
    say_falls_twice(&city); /* as gridposts of before did */
    assert_int_equal(falls_of(&city), 2);
    assert_int_equal(gp_verify_meta(gp_rehearsal_store(city.rehearsal), &verify), 0);
    city_close(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated_report_gets_the_same_answer),
        cmocka_unit_test(same_id_with_another_body_is_a_conflict),
        cmocka_unit_test(refusal_changes_nothing),
        cmocka_unit_test(handset_with_a_wrong_clock_is_flagged),
        cmocka_unit_test(steps_fire_in_order_and_on_time),
        cmocka_unit_test(late_timer_does_not_save_anyone),
        cmocka_unit_test(rebuilt_tables_are_the_same_bytes),
        cmocka_unit_test(same_commands_give_the_same_chain),
        cmocka_unit_test(second_restart_sends_nothing),
        cmocka_unit_test(replanning_goes_on_after_a_restart),
        cmocka_unit_test(a_fall_is_noted_with_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
