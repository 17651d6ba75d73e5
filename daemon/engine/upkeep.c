/* Items that are about the store as a whole: what a reload brings with it, the clock. */
#include "engine/internal.h"

#include "base/bytes.h"

#include <stdio.h>

/* Plans one incident again; nothing is written when nothing moves. */
static int replan_one(struct gp_run *run, uint64_t id)
{
    struct gp_engine *engine = run->engine;
    int rc = gp_run_load(run, id);

    if (rc != 0)
        return rc;
    if (gp_plan_next(&engine->incident.plan) == NULL)
        return 0;
    struct gp_scene scene = gp_run_scene(run, &engine->incident);
    gp_decide_replan(&scene, &engine->decision);
    if (engine->decision.entry_count == 0)
        return 0;
    return gp_run_record(run, &engine->incident, NULL);
}

int gp_replan_next(struct gp_txn *txn, bool *ret_running, uint64_t *ret_after)
{
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_REPLAN, &value);

    if (rc == 0 && value.len != 8)
        return GP_ECORRUPT;
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    *ret_running = rc == 0;
    *ret_after = rc == 0 ? gp_get_u64((const unsigned char *)value.ptr) : 0;
    return 0;
}

/* How far re-planning has come is written with what it did: a stop in the middle, also kill -9,
 * leaves a store that says where to go on. */
static int put_replan_next(struct gp_run *run, uint64_t after)
{
    unsigned char bytes[8];

    gp_put_u64(bytes, after);
    run->dirty = true;
    return gp_meta_put(run->txn, GP_META_REPLAN, (struct gp_span){(char *)bytes, sizeof bytes});
}

static int end_replan(struct gp_run *run)
{
    run->dirty = true;
    return gp_meta_del(run->txn, GP_META_REPLAN);
}

/* What a directory brings for the store: leaves, then devices. */
static int import_rows(struct gp_run *run, bool *ret_more)
{
    int rc = gp_run_import_leaves(run, ret_more);
    return rc == 0 && !*ret_more ? gp_run_import_devices(run, ret_more) : rc;
}

int gp_run_replan(struct gp_run *run, struct gp_item *item)
{
    uint64_t id = 0;
    bool running = false;
    int rc = gp_replan_next(run->txn, &running, &id);

    if (rc != 0 || !running)
        return rc;
    if (id == 0) /* at its beginning: its rows first */
        rc = import_rows(run, &item->more);
    if (rc != 0 || item->more)
        return rc;
    for (unsigned looked = 0; looked < GP_REPLAN_ROWS_MAX && id < run->last_id; looked++) {
        rc = replan_one(run, ++id);
        if (rc != 0)
            return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* ids are dense */
        gp_arena_reset(&run->engine->arena);
    }
    item->more = id < run->last_id;
    return item->more ? put_replan_next(run, id) : end_replan(run);
}

/* Time in an id counts for nothing here: it is the clock that is in doubt. */
static int record_clock(struct gp_run *run, struct gp_item *item)
{
    struct gp_entry entry;
    int rc = 0;

    gp_run_plain_entry(run, GP_WHAT_CLOCK, item->text, &entry);
    entry.actor = item->actor;
    entry.by_device = item->by_device;
    entry.kept = gp_run_kept(&item->command);
    if (item->lower_mark_ms != 0) {
        unsigned char mark[8];
        gp_put_u64(mark, gp_time_key(item->lower_mark_ms));
        rc = gp_meta_put(run->txn, GP_META_MARK, (struct gp_span){(char *)mark, sizeof mark});
    }
    if (rc == 0)
        rc = gp_run_record_plain(run, &entry);
    item->answer.seq = entry.seq;
    item->answer.at_ms = entry.at_ms;
    return rc;
}

int gp_run_clock(struct gp_run *run, struct gp_item *item)
{
    enum gp_reason reason;
    int rc = gp_run_may_act(run, item, GP_ACTION_CLOCK, &reason);

    if (rc == 0 && reason != GP_REASON_NONE) {
        item->answer.reason = (uint8_t)reason;
        return 0;
    }
    if (rc == 0)
        rc = gp_run_repeat(run, item); /* what was done is no longer to be done */
    if (rc != 0)
        return rc == GP_EEXIST ? 0 : rc;
    if (item->why_not == NULL)
        return record_clock(run, item);
    item->answer.reason = GP_REASON_CLOCK;
    (void)snprintf(item->answer.detail, sizeof item->answer.detail, "%s", item->why_not);
    return 0;
}

int gp_run_directory(struct gp_run *run, struct gp_item *item)
{
    const unsigned char *digest = run->batch->org->digest;
    struct gp_entry entry;
    int rc;

    if (item->text.len == 0)
        return import_rows(run, &item->more);
    rc = gp_meta_put(run->txn, GP_META_DIRECTORY, (struct gp_span){(const char *)digest, 32});
    if (rc != 0)
        return rc;
    gp_run_plain_entry(run, GP_WHAT_AUDIT, item->text, &entry);
    rc = gp_run_record_plain(run, &entry);
    if (rc != 0)
        return rc;
    item->more = true;
    return put_replan_next(run, 0);
}

int gp_run_audit(struct gp_run *run, struct gp_item *item)
{
    struct gp_entry entry;

    gp_run_plain_entry(run, GP_WHAT_AUDIT, item->text, &entry);
    entry.actor = item->actor;
    return gp_run_record_plain(run, &entry);
}
