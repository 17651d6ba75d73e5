/*
 * Deadlines: the first key of the deadline table is the next step of the whole city. On time, steps
 * fire one by one in the order (time, incident); after the daemon was down, everything that one
 * incident missed fires together (R16).
 */
#include "base/broken.h"
#include "engine/internal.h"

#include <assert.h>
#include <stdio.h>

static void count(struct gp_engine *engine)
{
    for (uint8_t i = 0; i < engine->decision.entry_count; i++) {
        const struct gp_entry *entry = &engine->decision.entry[i];
        if (entry->what != GP_WHAT_STEP)
            continue;
        engine->audit.due++;
        if (entry->flags & GP_FLAG_COALESCED)
            engine->audit.coalesced++;
        else
            engine->audit.fired++;
    }
}

/* A step is late by the instant of the plan; one that a slow command settles, too. */
static void count_fired(struct gp_run *run)
{
    const struct gp_decision *decision = &run->engine->decision;
    struct gp_fired *fired = &run->batch->fired;

    for (uint8_t i = 0; i < decision->entry_count; i++) {
        const struct gp_entry *entry = &decision->entry[i];
        if (entry->what != GP_WHAT_STEP || !entry->has_nominal)
            continue;
        fired->step[entry->step]++;
        fired->count++;
        fired->coalesced += (entry->flags & GP_FLAG_COALESCED) != 0;
        gp_histogram_add(&fired->late_ms, &gp_bounds_late_ms,
                         entry->late_ms > 0 ? (uint64_t)entry->late_ms : 0);
    }
}

/* Up to when steps are due. */
static int64_t due_until(const struct gp_run *run)
{
    return run->batch->now_ms + (gp_broken("fire-early") ? 1000 : 0);
}

/* Fires what engine->incident has due up to the scene's now and keeps the result there. */
static int fire(struct gp_run *run, int64_t now_ms)
{
    struct gp_engine *engine = run->engine;
    struct gp_scene scene = gp_run_scene(run, &engine->incident);
    int rc;

    scene.now_ms = now_ms;
    if (engine->catching_up)
        gp_decide_catch_up(&scene, &engine->decision);
    else
        gp_decide_expire(&scene, &engine->decision);
    assert(engine->decision.entry_count > 0);
    rc = gp_run_record(run, &engine->incident, NULL);
    if (rc != 0)
        return rc;
    if (engine->catching_up)
        count(engine);
    count_fired(run);
    engine->incident = engine->decision.after;
    return 0;
}

static bool owes(const struct gp_incident *incident, int64_t before_ms)
{
    const struct gp_plan_step *next = gp_plan_next(&incident->plan);
    return next != NULL && next->at_ms < before_ms;
}

int gp_run_settle(struct gp_run *run)
{
    int64_t now_ms = run->batch->now_ms;

    if (run->batch->held)
        return 0;
    while (owes(&run->engine->incident, now_ms)) {
        int rc = fire(run, now_ms);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* One row of the deadline table, and what it counts in an item's share. */
static int fire_one(struct gp_run *run, uint64_t id, unsigned *fired)
{
    unsigned shifted = 0;
    int rc;

    (*fired)++;
    if (id & GP_DEADLINE_LEAVE) {
        rc = gp_run_begin_leave(run, id & ~GP_DEADLINE_LEAVE, &shifted);
        *fired += shifted;
        return rc;
    }
    rc = gp_run_load(run, id);
    return rc == 0 ? fire(run, due_until(run)) : rc;
}

/* Fires due incidents in the table's order until none is left or the item has done its share. */
static int fire_due(struct gp_run *run, bool *ret_more)
{
    for (unsigned fired = 0; fired < GP_EXPIRE_STEPS_MAX;) {
        int64_t due_ms;
        uint64_t id;
        int rc = gp_deadline_first(run->txn, &due_ms, &id);

        if (rc == GP_ENOTFOUND || (rc == 0 && due_ms > due_until(run))) {
            *ret_more = false;
            return 0;
        }
        if (rc == 0 && run->engine->catching_up && gp_broken("lose-step-at-restart"))
            rc = gp_deadline_del(run->txn, due_ms, id);
        else if (rc == 0)
            rc = fire_one(run, id, &fired);
        if (rc != 0)
            return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* a deadline of nothing */
        gp_arena_reset(&run->engine->arena);
    }
    *ret_more = true;
    return 0;
}

int gp_run_expire(struct gp_run *run, struct gp_item *item)
{
    if (run->batch->held)
        return 0;
    return fire_due(run, &item->more);
}

static int write_audit(struct gp_run *run)
{
    struct gp_engine *engine = run->engine;
    struct gp_entry entry;
    char text[120];

    (void)snprintf(text, sizeof text, "start: due %llu fired %llu coalesced %llu",
                   (unsigned long long)engine->audit.due, (unsigned long long)engine->audit.fired,
                   (unsigned long long)engine->audit.coalesced);
    gp_run_plain_entry(run, GP_WHAT_AUDIT, gp_span_of(text), &entry);
    return gp_run_record_plain(run, &entry);
}

int gp_run_start(struct gp_run *run, struct gp_item *item)
{
    struct gp_engine *engine = run->engine;

    if (run->batch->held)
        return 0;
    if (!engine->catching_up)
        memset(&engine->audit, 0, sizeof engine->audit);
    engine->catching_up = true;
    int rc = fire_due(run, &item->more);
    if (rc != 0 || item->more)
        return rc;
    engine->catching_up = false;
    return write_audit(run);
}
