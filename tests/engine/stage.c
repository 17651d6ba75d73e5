#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void open_engine(struct stage *stage)
{
    assert_int_equal(gp_engine_open(gp_rehearsal_store(stage->city.rehearsal), &stage->engine), 0);
}

int stage_open(void **state)
{
    static struct stage stage;

    stage = (struct stage){.now_ms = CITY_START_MS};
    city_open(&stage.city, 1);
    stage.org = *stage.city.org;
    open_engine(&stage);
    *state = &stage;
    return 0;
}

int stage_close(void **state)
{
    struct stage *stage = *state;

    gp_engine_close(stage->engine);
    city_close(&stage->city);
    return 0;
}

void stage_restart(struct stage *stage)
{
    gp_engine_close(stage->engine);
    open_engine(stage);
}

int stage_try(struct stage *stage, struct gp_item *items, size_t count)
{
    struct gp_batch batch = {
        .org = &stage->org, .now_ms = stage->now_ms, .item = items, .item_count = count};
    int rc = gp_engine_apply(stage->engine, &batch);

    stage->next_deadline_ms = batch.next_deadline_ms;
    stage->view = batch.view;
    return rc;
}

void stage_apply(struct stage *stage, struct gp_item *items, size_t count)
{
    assert_int_equal(stage_try(stage, items, count), 0);
    for (size_t i = 0; i < count; i++) {
        if (items[i].answer.reason != GP_REASON_NONE)
            fail_msg("item %zu: %s, %s", i, gp_reason_word(items[i].answer.reason),
                     items[i].answer.detail);
    }
}

struct gp_item stage_command(enum gp_verb verb, const char *by)
{
    return (struct gp_item){.kind = GP_ITEM_COMMAND,
                            .command = {.verb = (uint8_t)verb, .actor = gp_span_of(by)}};
}

struct gp_item stage_leave(const struct stage *stage, const char *by, int from_h, int to_h)
{
    struct gp_item item = stage_command(GP_VERB_LEAVE, by);

    item.command.from_ms = stage->now_ms + from_h * GP_MS_HOUR;
    item.command.to_ms = stage->now_ms + to_h * GP_MS_HOUR;
    item.command.standin = GP_SPAN("zhao");
    return item;
}

struct gp_item stage_about(enum gp_verb verb, const char *by, uint64_t id)
{
    struct gp_item item = stage_command(verb, by);

    item.command.leave = id;
    return item;
}

struct gp_item stage_hold(const char *person)
{
    struct gp_item item = stage_command(GP_VERB_HOLD, "feng");

    item.command.post = GP_SPAN(STAGE_POST);
    item.command.person = gp_span_of(person);
    return item;
}

struct gp_item stage_report(void)
{
    struct gp_item item = stage_command(GP_VERB_REPORT, "zhang");

    item.command.grid = GP_SPAN("340705006001002");
    item.command.category = GP_SPAN("n8");
    return item;
}

/* ---------------------------------------------------------------- what came of it */

struct stage_count stage_count(const struct stage *stage)
{
    static struct gp_entry entry;
    struct stage_count count = {0};
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
        if (entry.what == GP_WHAT_STRIKE)
            count.last_strike = entry.nth;
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
    uint32_t post = gp_org_post(org, GP_SPAN(STAGE_POST)), person = GP_NONE;

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

bool stage_holds(const struct stage *stage, const char *person, int64_t after_ms)
{
    const struct gp_org *org = gp_view_org(stage->view);
    uint32_t holder = holder_of(org, stage->now_ms + after_ms);

    return person[0] == '\0' ? holder == GP_NONE : holder == gp_org_person(org, gp_span_of(person));
}

bool stage_away(const struct gp_org *org, const char *person, int64_t at_ms)
{
    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *row = &org->leaves[i];
        if (row->approved && row->person == gp_org_person(org, gp_span_of(person)) &&
            at_ms >= row->from_ms && at_ms < row->to_ms)
            return true;
    }
    return false;
}
