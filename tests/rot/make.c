/* The store: what happens in it. */
#include "base/clocktext.h"
#include "engine/gadgets.h"
#include "rot/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEGMENT_BYTES (64U << 10) /* so that a small journal has several */

static struct gp_item about(enum gp_verb verb, const char *by, uint64_t incident, const char *text)
{
    struct gp_item item = stage_command(verb, by);

    item.command.incident = incident;
    item.command.text = gp_span_of(text);
    return item;
}

static uint64_t report(struct stage *stage, bool on_spot, uint64_t number)
{
    struct gp_item item = stage_report();

    item.command.on_spot = on_spot;
    item.command.informed = on_spot;
    item.command.text = GP_SPAN("井盖缺失");
    if (on_spot) {
        item.command.actor = GP_SPAN("li");
        item.command.category = GP_SPAN("o2");
    }
    gadget_number(&item, number);
    stage_apply(stage, &item, 1);
    return item.answer.incident;
}

static void apply(struct stage *stage, struct gp_item item)
{
    stage_apply(stage, &item, 1);
}

/* One that is closed, and whose texts are erased. */
static void erase_one(struct stage *stage)
{
    uint64_t id = report(stage, false, 9001);

    apply(stage, about(GP_VERB_FINISH, "li", id, "done"));
    apply(stage, about(GP_VERB_VERIFY, "wang", id, ""));
    apply(stage, about(GP_VERB_INFORM, "wang", id, ""));
    apply(stage, about(GP_VERB_CLOSE, "wang", id, ""));
    apply(stage, about(GP_VERB_ERASE, "feng", id, "over"));
}

static void link_some(struct stage *stage)
{
    uint64_t main = report(stage, false, 9002);

    for (unsigned i = 0; i < 3; i++) {
        struct gp_item link = about(GP_VERB_LINK, "zheng", report(stage, false, 9003 + i), "");
        link.command.other = main;
        apply(stage, link);
    }
    report(stage, true, 9010);
}

/* Leaves that wait, that have begun, and words about people. */
static void people(struct stage *stage)
{
    struct gp_item leave = stage_leave(stage, "li", 1, 30);

    leave.command.text = GP_SPAN("事假");
    apply(stage, leave);
    apply(stage, stage_about(GP_VERB_APPROVE, "wang", 1));
    leave = stage_leave(stage, "zhang", 100, 130);
    apply(stage, leave);
    apply(stage, stage_hold("zhao"));
    for (uint64_t i = 1; i <= 12; i++)
        (void)gadget_make(stage, i % 2 ? "li" : "zhao", GP_ROLE_OFFICER, i);
    apply(stage, gadget_revoke(2));
}

void place_make(const char *path, unsigned seed, unsigned steps, bool drill)
{
    const struct gp_store_options options = {
        .create = true, .drill = drill, .segment_bytes = SEGMENT_BYTES};
    struct gp_store *store;
    struct stage *stage;
    void *state;

    assert_int_equal(stage_open(&state), 0);
    stage = state;
    stage->city.random = 2 * (uint64_t)seed + 1;
    for (unsigned i = 0; i < steps; i++)
        city_step(&stage->city, 6);
    stage->now_ms = stage->city.now_ms + GP_MS_MINUTE;
    stage_restart(stage);
    erase_one(stage);
    link_some(stage);
    people(stage);
    assert_int_equal(gp_store_open(path, &options, &store), 0);
    assert_int_equal(
        gp_engine_rebuild(gp_rehearsal_store(stage->city.rehearsal), store, NULL, NULL), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    assert_int_equal(gp_store_upkeep(store), 0);
    gp_store_close(store);
    stage_close(&state);
}
