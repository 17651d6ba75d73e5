/* People on a real store: what commands change counts at once, survives, and is taken back with a
 * batch that fails. */
#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void later_items_of_a_batch_see_the_change(void **state)
{
    struct stage *stage = *state;

    struct gp_item items[] = {stage_leave(stage, "li", -1, 48),
                              stage_about(GP_VERB_APPROVE, "sun", 1), stage_report()};
    stage_apply(stage, items, 3);
    assert_int_equal(items[0].answer.leave, 1);
    assert_int_equal(items[1].answer.leave, 1);
    assert_string_equal(stage_count(stage).told, "zhao");
    assert_int_equal(stage_count(stage).shifts, 0); /* it came behind the begin */

    stage_restart(stage);
    struct gp_item after[] = {stage_report()};
    stage_apply(stage, after, 1);
    assert_string_equal(stage_count(stage).told, "zhao");
    city_rebuild_and_compare(&stage->city);
}

/* Whatever names incident 9 fails its batch from now on. */
static void break_incident_9(const struct stage *stage)
{
    struct gp_txn *txn;

    assert_int_equal(gp_txn_write(gp_rehearsal_store(stage->city.rehearsal), &txn), 0);
    assert_int_equal(gp_incident_put(txn, 9, GP_SPAN("no record")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

static struct gp_item note(uint64_t incident)
{
    struct gp_item item = stage_command(GP_VERB_NOTE, "li");

    item.command.incident = incident;
    item.command.text = GP_SPAN("seen");
    return item;
}

static void failed_batch_takes_its_change_back(void **state)
{
    struct stage *stage = *state;
    static struct gp_item items[3];

    items[0] = stage_leave(stage, "li", -1, 48);
    items[1] = stage_hold("zhang");
    stage_apply(stage, items, 2);
    items[0] = stage_about(GP_VERB_APPROVE, "sun", 1);
    items[1] = stage_hold("he");
    break_incident_9(stage);
    items[2] = note(9);
    assert_int_equal(stage_try(stage, items, 3), GP_ECORRUPT);

    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    stage_apply(stage, &expire, 1);
    assert_true(stage_holds(stage, "zhang", 0));
    assert_false(stage_away(gp_view_org(stage->view), "li", stage->now_ms));
}

/* A command has what its incident owes fired first: both cards are drafted by notes. */
static void failed_batch_takes_its_strike_back(void **state)
{
    struct stage *stage = *state;
    static struct gp_item items[2];

    items[0] = stage_report();
    items[1] = stage_report();
    stage_apply(stage, items, 2);
    break_incident_9(stage);
    stage->now_ms += 30 * GP_MS_DAY;
    items[0] = note(1);
    items[1] = note(9);
    assert_int_equal(stage_try(stage, items, 2), GP_ECORRUPT);
    assert_int_equal(stage_count(stage).last_strike, 0);

    items[0] = note(1);
    stage_apply(stage, items, 1);
    assert_int_equal(stage_count(stage).last_strike, 1);
    items[0] = note(2);
    stage_apply(stage, items, 1);
    assert_int_equal(stage_count(stage).last_strike, 2);
}

static void tenures_overlay_holdings(void **state)
{
    struct stage *stage = *state;
    struct gp_item item;

    item = stage_hold("zhang");
    item.command.from_ms = stage->now_ms + 2 * GP_MS_HOUR;
    stage_apply(stage, &item, 1);
    assert_true(stage_holds(stage, "li", GP_MS_HOUR));
    assert_true(stage_holds(stage, "zhang", 2 * GP_MS_HOUR));
    item = stage_hold("");
    item.command.from_ms = stage->now_ms + 3 * GP_MS_HOUR;
    item.command.to_ms = stage->now_ms + 4 * GP_MS_HOUR;
    stage_apply(stage, &item, 1);
    assert_true(stage_holds(stage, "zhang", 2 * GP_MS_HOUR));
    assert_true(stage_holds(stage, "", 3 * GP_MS_HOUR));
    assert_true(stage_holds(stage, "", 4 * GP_MS_HOUR)); /* held no longer from then on */
    item = stage_hold("he");
    item.command.from_ms = stage->now_ms - 24 * GP_MS_HOUR;
    stage_apply(stage, &item, 1);
    assert_true(stage_holds(stage, "li", -25 * GP_MS_HOUR));
    assert_true(stage_holds(stage, "he", -24 * GP_MS_HOUR));
    assert_true(stage_holds(stage, "he", 3 * GP_MS_HOUR));

    struct gp_view *view;
    assert_int_equal(gp_view_open(gp_rehearsal_store(stage->city.rehearsal), &stage->org, &view),
                     0);
    stage->view = view; /* as a start builds it */
    assert_true(stage_holds(stage, "he", 0));
    gp_view_unref(view);
    city_rebuild_and_compare(&stage->city);
}

static void repeated_command_gets_the_same_leave(void **state)
{
    struct stage *stage = *state;

    struct gp_item first = stage_leave(stage, "li", 1, 48);
    memset(first.command.id, 7, sizeof first.command.id);
    struct gp_item again = first;
    stage_apply(stage, &first, 1);
    stage_apply(stage, &again, 1);
    assert_true(again.answer.repeated);
    assert_int_equal(again.answer.leave, first.answer.leave);
    assert_int_equal(again.answer.incident, 0);
    assert_int_equal(stage_count(stage).leaves, 1);
    city_rebuild_and_compare(&stage->city);
}

static void leaves_come_in_pages(void **state)
{
    struct stage *stage = *state;
    struct gp_leaves_page page;
    struct gp_arena arena;
    static const char *const people[] = {"li", "zhang", "zhao"};

    for (int i = 0; i < 3; i++) {
        struct gp_item item = stage_leave(stage, people[i], 24 * (i + 1), 24 * (i + 2));
        item.command.standin = GP_SPAN("qian");
        stage_apply(stage, &item, 1);
    }
    gp_arena_init(&arena, 1 << 20);
    struct gp_leaves_ask ask = {.limit = 2};
    struct gp_store *store = gp_rehearsal_store(stage->city.rehearsal);
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.item[1].id, 2);
    ask.after = page.next;
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next, 0);
    ask = (struct gp_leaves_ask){.person = GP_SPAN("zhang")};
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    ask = (struct gp_leaves_ask){.from_ms = stage->now_ms + 48 * GP_MS_HOUR,
                                 .to_ms = stage->now_ms + 49 * GP_MS_HOUR};
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.item[0].id, 2);
    ask = (struct gp_leaves_ask){.state = GP_LEAVE_APPROVED};
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 0);
    ask = (struct gp_leaves_ask){.holdings = true, .person = GP_SPAN("li"), .limit = 1};
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_int_equal(page.holding_count, 1);
    assert_true(gp_span_is(page.holding[0].post, STAGE_POST));
    ask.after = page.next;
    assert_int_equal(gp_engine_leaves(store, &stage->org, &ask, &arena, &page), 0);
    assert_true(gp_span_is(page.holding[0].post, "B-340705006001001"));
    assert_int_equal(page.next, 0);
    gp_arena_release(&arena);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)
    const struct CMUnitTest tests[] = {
        T(later_items_of_a_batch_see_the_change), T(failed_batch_takes_its_change_back),
        T(failed_batch_takes_its_strike_back),    T(tenures_overlay_holdings),
        T(repeated_command_gets_the_same_leave),  T(leaves_come_in_pages),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
