/* People on a real store: what commands change counts at once, survives, and is taken back with a
 * batch that fails; a leave that begins tells of each incident once. */
#include "engine/city.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define A_POST "A-shizheng-340705006001"

/* The city's store under an engine that the test drives by itself. */
struct stage {
    struct city city;
    struct gp_engine *engine;
    struct gp_org org; /* in force; starts as the city's */
    int64_t now_ms;
    int64_t next_deadline_ms;
    struct gp_view *view; /* after the last batch */
};

static void open_engine(struct stage *stage)
{
    assert_int_equal(gp_engine_open(gp_rehearsal_store(stage->city.rehearsal), &stage->engine), 0);
}

static void stage_open(struct stage *stage)
{
    city_open(&stage->city, 1);
    stage->org = *stage->city.org;
    stage->now_ms = CITY_START_MS;
    open_engine(stage);
}

static void stage_close(struct stage *stage)
{
    gp_engine_close(stage->engine);
    city_close(&stage->city);
}

/* As after a crash: what the engine knew is gone. */
static void restart(struct stage *stage)
{
    gp_engine_close(stage->engine);
    open_engine(stage);
}

static int try_batch(struct stage *stage, struct gp_item *items, size_t count)
{
    struct gp_batch batch = {
        .org = &stage->org, .now_ms = stage->now_ms, .item = items, .item_count = count};
    int rc = gp_engine_apply(stage->engine, &batch);

    stage->next_deadline_ms = batch.next_deadline_ms;
    stage->view = batch.view;
    return rc;
}

static void apply(struct stage *stage, struct gp_item *items, size_t count)
{
    assert_int_equal(try_batch(stage, items, count), 0);
    for (size_t i = 0; i < count; i++) {
        if (items[i].answer.reason != GP_REASON_NONE)
            fail_msg("item %zu: %s, %s", i, gp_reason_word(items[i].answer.reason),
                     items[i].answer.detail);
    }
}

static struct gp_item command(enum gp_verb verb, const char *by)
{
    return (struct gp_item){.kind = GP_ITEM_COMMAND,
                            .command = {.verb = (uint8_t)verb, .actor = gp_span_of(by)}};
}

static struct gp_item leave(const struct stage *stage, const char *by, int from_h, int to_h)
{
    struct gp_item item = command(GP_VERB_LEAVE, by);

    item.command.from_ms = stage->now_ms + from_h * GP_MS_HOUR;
    item.command.to_ms = stage->now_ms + to_h * GP_MS_HOUR;
    item.command.standin = GP_SPAN("zhao");
    return item;
}

static struct gp_item about(enum gp_verb verb, const char *by, uint64_t id)
{
    struct gp_item item = command(verb, by);

    item.command.leave = id;
    return item;
}

static struct gp_item hold(const char *person)
{
    struct gp_item item = command(GP_VERB_HOLD, "feng");

    item.command.post = GP_SPAN(A_POST);
    item.command.person = gp_span_of(person);
    return item;
}

static struct gp_item report(void)
{
    struct gp_item item = command(GP_VERB_REPORT, "zhang");

    item.command.grid = GP_SPAN("340705006001002");
    item.command.category = GP_SPAN("n8");
    return item;
}

/* ---------------------------------------------------------------- the journal */

struct count {
    unsigned shifts, leaves;
    uint64_t last_shifted; /* incident */
    char told[40];         /* first recipient of the last owner_shift or dispatch step */
};

static struct count count_entries(const struct stage *stage)
{
    static struct gp_entry entry;
    struct count count = {0};
    struct gp_txn *txn;
    struct gp_arena arena;
    uint64_t head;

    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_txn_read(gp_rehearsal_store(stage->city.rehearsal), &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    for (uint64_t seq = 1; seq <= head; seq++) {
        struct gp_span bytes;
        gp_arena_reset(&arena);
        assert_int_equal(gp_journal_get(txn, seq, &bytes), 0);
        assert_int_equal(gp_wire_entry_unpack(bytes, &arena, &entry), 0);
        count.leaves += entry.what == GP_WHAT_LEAVE;
        if (entry.what == GP_WHAT_OWNER_SHIFT) {
            assert_true(entry.incident > count.last_shifted); /* each once */
            count.last_shifted = entry.incident;
            count.shifts++;
        }
        if (entry.what == GP_WHAT_OWNER_SHIFT || entry.step == GP_STEP_DISPATCH)
            (void)snprintf(count.told, sizeof count.told, "%.*s",
                           GP_SPAN_ARG(entry.recipient[0].person));
    }
    gp_txn_abort(txn);
    gp_arena_release(&arena);
    return count;
}

static uint32_t holder_of(const struct gp_org *org, int64_t at_ms)
{
    uint32_t post = gp_org_post(org, GP_SPAN(A_POST)), person = GP_NONE;

    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (i > 0)
            assert_true(org->holdings[i - 1].post <= holding->post);
        if (holding->post == post && at_ms >= holding->from_ms && at_ms < holding->to_ms) {
            assert_int_equal(person, GP_NONE); /* one at a time */
            person = holding->person;
        }
    }
    return person;
}

static bool holds(const struct stage *stage, const char *person, int64_t after_ms)
{
    const struct gp_org *org = gp_view_org(stage->view);
    uint32_t holder = holder_of(org, stage->now_ms + after_ms);

    return person[0] == '\0' ? holder == GP_NONE : holder == gp_org_person(org, gp_span_of(person));
}

static bool away(const struct gp_org *org, const char *person, int64_t at_ms)
{
    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *row = &org->leaves[i];
        if (row->approved && row->person == gp_org_person(org, gp_span_of(person)) &&
            at_ms >= row->from_ms && at_ms < row->to_ms)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- tests */

static void later_items_of_a_batch_see_the_change(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage);
    struct gp_item items[] = {leave(&stage, "li", -1, 48), about(GP_VERB_APPROVE, "sun", 1),
                              report()};
    apply(&stage, items, 3);
    assert_int_equal(items[0].answer.leave, 1);
    assert_int_equal(items[1].answer.leave, 1);
    assert_string_equal(count_entries(&stage).told, "zhao");
    assert_int_equal(count_entries(&stage).shifts, 0); /* it came behind the begin */

    restart(&stage);
    struct gp_item after[] = {report()};
    apply(&stage, after, 1);
    assert_string_equal(count_entries(&stage).told, "zhao");
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

static void failed_batch_takes_its_change_back(void **state)
{
    struct stage stage;
    static struct gp_item items[3];

    (void)state;
    stage_open(&stage);
    items[0] = leave(&stage, "li", -1, 48);
    items[1] = hold("zhang");
    apply(&stage, items, 2);
    items[0] = about(GP_VERB_APPROVE, "sun", 1);
    items[1] = hold("he");
    struct gp_txn *txn;
    assert_int_equal(gp_txn_write(gp_rehearsal_store(stage.city.rehearsal), &txn), 0);
    assert_int_equal(gp_incident_put(txn, 9, GP_SPAN("no record")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    items[2] = command(GP_VERB_NOTE, "li");
    items[2].command.incident = 9;
    assert_int_equal(try_batch(&stage, items, 3), GP_ECORRUPT);

    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    apply(&stage, &expire, 1);
    assert_true(holds(&stage, "zhang", 0));
    assert_false(away(gp_view_org(stage.view), "li", stage.now_ms));
    stage_close(&stage);
}

static void tenures_overlay_holdings(void **state)
{
    struct stage stage;
    struct gp_item item;

    (void)state;
    stage_open(&stage);
    item = hold("zhang");
    item.command.from_ms = stage.now_ms + 2 * GP_MS_HOUR;
    apply(&stage, &item, 1);
    assert_true(holds(&stage, "li", GP_MS_HOUR));
    assert_true(holds(&stage, "zhang", 2 * GP_MS_HOUR));
    item = hold("");
    item.command.from_ms = stage.now_ms + 3 * GP_MS_HOUR;
    item.command.to_ms = stage.now_ms + 4 * GP_MS_HOUR;
    apply(&stage, &item, 1);
    assert_true(holds(&stage, "zhang", 2 * GP_MS_HOUR));
    assert_true(holds(&stage, "", 3 * GP_MS_HOUR));
    assert_true(holds(&stage, "", 4 * GP_MS_HOUR)); /* held no longer from then on */
    item = hold("he");
    item.command.from_ms = stage.now_ms - 24 * GP_MS_HOUR;
    apply(&stage, &item, 1);
    assert_true(holds(&stage, "li", -25 * GP_MS_HOUR));
    assert_true(holds(&stage, "he", -24 * GP_MS_HOUR));
    assert_true(holds(&stage, "he", 3 * GP_MS_HOUR));

    struct gp_view *view;
    assert_int_equal(gp_view_open(gp_rehearsal_store(stage.city.rehearsal), &stage.org, &view), 0);
    stage.view = view; /* as a start builds it */
    assert_true(holds(&stage, "he", 0));
    gp_view_unref(view);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

#define MANY 150 /* more than one deadline row tells of at once */

static void each_incident_shifts_once_over_crashes(void **state)
{
    struct stage stage;
    static struct gp_item reports[MANY];
    struct count count;

    (void)state;
    stage_open(&stage);
    for (int i = 0; i < MANY; i++)
        reports[i] = report();
    apply(&stage, reports, MANY);
    struct gp_item done = command(GP_VERB_FINISH, "li");
    done.command.incident = 3;
    apply(&stage, &done, 1);
    struct gp_item items[] = {leave(&stage, "li", 1, 48), about(GP_VERB_APPROVE, "sun", 1)};
    apply(&stage, items, 2);
    assert_true(stage.next_deadline_ms <= stage.now_ms + GP_MS_HOUR);
    assert_int_equal(count_entries(&stage).shifts, 0);

    stage.now_ms += GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    for (int i = 0; i < 5; i++) {
        restart(&stage);
        apply(&stage, &expire, 1);
    }
    count = count_entries(&stage);
    assert_int_equal(count.shifts, MANY - 1); /* what is finished waits for the checker */
    assert_string_equal(count.told, "zhao");
    restart(&stage);
    struct gp_item start = {.kind = GP_ITEM_START};
    apply(&stage, &start, 1);
    assert_int_equal(count_entries(&stage).shifts, MANY - 1);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

/* Open, but finished: there may be more of those than one share, before the first one at work. */
static void finished_work_hides_none(void **state)
{
    struct stage stage;
    static struct gp_item reports[MANY], done[MANY - 1];

    (void)state;
    stage_open(&stage);
    for (int i = 0; i < MANY; i++)
        reports[i] = report();
    apply(&stage, reports, MANY);
    for (int i = 0; i < MANY - 1; i++) {
        done[i] = command(GP_VERB_FINISH, "li");
        done[i].command.incident = (uint64_t)i + 1;
    }
    apply(&stage, done, MANY - 1);
    struct gp_item items[] = {leave(&stage, "li", -1, 48), about(GP_VERB_APPROVE, "sun", 1)};
    apply(&stage, items, 2);
    assert_int_equal(count_entries(&stage).shifts, 1);
    assert_int_equal(count_entries(&stage).last_shifted, MANY);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

/* A file may name a holder of a post twice. */
static void double_holding_shifts_once(void **state)
{
    struct stage stage;
    struct gp_holding twice[64];
    struct gp_item item = report();
    size_t count = 0;

    (void)state;
    stage_open(&stage);
    for (size_t i = 0; i < stage.org.holding_count; i++) {
        const struct gp_holding *holding = &stage.org.holdings[i];
        twice[count++] = *holding;
        if (gp_span_is(stage.org.posts[holding->post].id, A_POST))
            twice[count++] = *holding;
    }
    assert_int_equal(count, stage.org.holding_count + 1);
    stage.org.holdings = twice;
    stage.org.holding_count = count;
    apply(&stage, &item, 1);
    struct gp_item items[] = {leave(&stage, "li", -1, 48), about(GP_VERB_APPROVE, "sun", 1)};
    apply(&stage, items, 2);
    assert_int_equal(count_entries(&stage).shifts, 1);
    stage_close(&stage);
}

static void interrupted_shift_goes_on(void **state)
{
    struct stage stage;
    static struct gp_item reports[MANY];

    (void)state;
    stage_open(&stage);
    for (int i = 0; i < MANY; i++)
        reports[i] = report();
    apply(&stage, reports, MANY);
    struct gp_item ask = leave(&stage, "li", -1, 48);
    apply(&stage, &ask, 1);
    struct gp_item approve = about(GP_VERB_APPROVE, "sun", 1);
    apply(&stage, &approve, 1); /* it has begun already: a share of them moves at once */
    unsigned first = count_entries(&stage).shifts;
    assert_true(first > 0 && first < MANY);
    assert_true(stage.next_deadline_ms < stage.now_ms);
    restart(&stage);
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    apply(&stage, &expire, 1);
    assert_int_equal(count_entries(&stage).shifts, MANY);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

static void cancelled_leave_never_begins(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage);
    struct gp_item items[] = {report(), leave(&stage, "li", 1, 48),
                              about(GP_VERB_APPROVE, "sun", 1), about(GP_VERB_CANCEL, "li", 1)};
    apply(&stage, items, 4);
    stage.now_ms += 2 * GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    apply(&stage, &expire, 1);
    assert_int_equal(count_entries(&stage).shifts, 0);
    assert_true(stage.next_deadline_ms > stage.now_ms);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

static void repeated_command_gets_the_same_leave(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage);
    struct gp_item first = leave(&stage, "li", 1, 48);
    memset(first.command.id, 7, sizeof first.command.id);
    struct gp_item again = first;
    apply(&stage, &first, 1);
    apply(&stage, &again, 1);
    assert_true(again.answer.repeated);
    assert_int_equal(again.answer.leave, first.answer.leave);
    assert_int_equal(again.answer.incident, 0);
    assert_int_equal(count_entries(&stage).leaves, 1);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

/* ---------------------------------------------------------------- leave.csv */

static void directory(struct stage *stage, const struct gp_leave *leaves, size_t count)
{
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY, .text = GP_SPAN("in force")};
    struct gp_item replan = {.kind = GP_ITEM_REPLAN};

    stage->org.leaves = leaves;
    stage->org.leave_count = count;
    restart(stage); /* another directory */
    apply(stage, &item, 1);
    restart(stage); /* between the two: the store knows that there is more to do */
    apply(stage, &replan, 1);
    assert_false(replan.more);
}

static void rows_of_the_file_are_taken_over(void **state)
{
    struct stage stage;
    struct gp_leave row;

    (void)state;
    stage_open(&stage);
    row = (struct gp_leave){
        .id = GP_SPAN("l001"),
        .person = gp_org_person(&stage.org, GP_SPAN("li")),
        .standin = gp_org_person(&stage.org, GP_SPAN("zhao")),
        .from_ms = stage.now_ms + GP_MS_HOUR,
        .to_ms = stage.now_ms + 48 * GP_MS_HOUR,
        .approved = true,
    };
    struct gp_item item = report();
    apply(&stage, &item, 1);
    directory(&stage, &row, 1);
    assert_int_equal(count_entries(&stage).leaves, 1);
    assert_int_equal(gp_view_org(stage.view)->leave_count, 1); /* not twice */
    directory(&stage, &row, 1);
    assert_int_equal(count_entries(&stage).leaves, 1);

    stage.now_ms += GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    apply(&stage, &expire, 1);
    assert_int_equal(count_entries(&stage).shifts, 1);
    assert_int_equal(count_entries(&stage).leaves, 2); /* it has begun */
    row.to_ms += GP_MS_HOUR;
    directory(&stage, &row, 1);
    apply(&stage, &expire, 1);
    assert_int_equal(count_entries(&stage).leaves, 3);
    assert_int_equal(count_entries(&stage).shifts, 1); /* longer, but begun */

    stage.now_ms += GP_MS_HOUR;
    directory(&stage, NULL, 0); /* back early */
    assert_int_equal(count_entries(&stage).leaves, 4);
    assert_true(away(gp_view_org(stage.view), "li", stage.now_ms - 1));
    assert_false(away(gp_view_org(stage.view), "li", stage.now_ms));
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

/* A mistaken file is put right: the leave is there again, as a new one. */
static void a_row_that_was_lost_comes_back(void **state)
{
    struct stage stage;
    struct gp_leave row;

    (void)state;
    stage_open(&stage);
    row = (struct gp_leave){
        .id = GP_SPAN("l001"),
        .person = gp_org_person(&stage.org, GP_SPAN("li")),
        .standin = GP_NONE,
        .from_ms = stage.now_ms + GP_MS_HOUR,
        .to_ms = stage.now_ms + 48 * GP_MS_HOUR,
        .approved = true,
    };
    directory(&stage, &row, 1);
    directory(&stage, NULL, 0);
    assert_false(away(gp_view_org(stage.view), "li", row.from_ms));
    directory(&stage, &row, 1);
    assert_true(away(gp_view_org(stage.view), "li", row.from_ms));
    assert_int_equal(gp_view_org(stage.view)->leave_count, 1);
    assert_int_equal(count_entries(&stage).leaves, 3);
    directory(&stage, &row, 1);
    assert_int_equal(count_entries(&stage).leaves, 3);
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

static void cancelled_rows_stay_cancelled(void **state)
{
    struct stage stage;
    struct gp_leave row;

    (void)state;
    stage_open(&stage);
    row = (struct gp_leave){
        .id = GP_SPAN("l001"),
        .person = gp_org_person(&stage.org, GP_SPAN("li")),
        .standin = GP_NONE,
        .from_ms = stage.now_ms + GP_MS_HOUR,
        .to_ms = stage.now_ms + 48 * GP_MS_HOUR,
    };
    directory(&stage, &row, 1);
    struct gp_item approve = about(GP_VERB_APPROVE, "sun", 1);
    apply(&stage, &approve, 1); /* requested in the file, approved by command */
    directory(&stage, &row, 1);
    assert_true(away(gp_view_org(stage.view), "li", row.from_ms));
    struct gp_item cancel = about(GP_VERB_CANCEL, "li", 1);
    apply(&stage, &cancel, 1);
    unsigned before = count_entries(&stage).leaves;
    directory(&stage, &row, 1);
    assert_int_equal(count_entries(&stage).leaves, before);
    assert_false(away(gp_view_org(stage.view), "li", row.from_ms));
    city_rebuild_and_compare(&stage.city);
    stage_close(&stage);
}

/* ---------------------------------------------------------------- pages */

static void leaves_come_in_pages(void **state)
{
    struct stage stage;
    struct gp_leaves_page page;
    struct gp_arena arena;
    static const char *const people[] = {"li", "zhang", "zhao"};

    (void)state;
    stage_open(&stage);
    for (int i = 0; i < 3; i++) {
        struct gp_item item = leave(&stage, people[i], 24 * (i + 1), 24 * (i + 2));
        item.command.standin = GP_SPAN("qian");
        apply(&stage, &item, 1);
    }
    gp_arena_init(&arena, 1 << 20);
    struct gp_leaves_ask ask = {.limit = 2};
    struct gp_store *store = gp_rehearsal_store(stage.city.rehearsal);
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.item[1].id, 2);
    ask.after = page.next;
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.next, 0);
    ask = (struct gp_leaves_ask){.person = GP_SPAN("zhang")};
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    ask = (struct gp_leaves_ask){.from_ms = stage.now_ms + 48 * GP_MS_HOUR,
                                 .to_ms = stage.now_ms + 49 * GP_MS_HOUR};
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.item[0].id, 2);
    ask = (struct gp_leaves_ask){.state = GP_LEAVE_APPROVED};
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.count, 0);
    ask = (struct gp_leaves_ask){.holdings = true, .person = GP_SPAN("li"), .limit = 1};
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_int_equal(page.holding_count, 1);
    assert_true(gp_span_is(page.holding[0].post, A_POST));
    ask.after = page.next;
    assert_int_equal(gp_engine_leaves(store, &stage.org, &ask, &arena, &page), 0);
    assert_true(gp_span_is(page.holding[0].post, "B-340705006001001"));
    assert_int_equal(page.next, 0);
    gp_arena_release(&arena);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_items_of_a_batch_see_the_change),
        cmocka_unit_test(failed_batch_takes_its_change_back),
        cmocka_unit_test(tenures_overlay_holdings),
        cmocka_unit_test(each_incident_shifts_once_over_crashes),
        cmocka_unit_test(finished_work_hides_none),
        cmocka_unit_test(double_holding_shifts_once),
        cmocka_unit_test(interrupted_shift_goes_on),
        cmocka_unit_test(cancelled_leave_never_begins),
        cmocka_unit_test(repeated_command_gets_the_same_leave),
        cmocka_unit_test(rows_of_the_file_are_taken_over),
        cmocka_unit_test(a_row_that_was_lost_comes_back),
        cmocka_unit_test(cancelled_rows_stay_cancelled),
        cmocka_unit_test(leaves_come_in_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
