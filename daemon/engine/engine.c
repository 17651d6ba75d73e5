#include "engine/engine.h"

#include "base/bytes.h"
#include "engine/internal.h"

#include <assert.h>
#include <stdlib.h>

static int read_said(struct gp_store *store, int64_t *ret_ms)
{
    struct gp_txn *txn = NULL;
    uint64_t head = 0;
    int rc = gp_txn_read(store, &txn);

    *ret_ms = INT64_MIN;
    if (rc == 0)
        rc = gp_journal_head(txn, &head, NULL);
    if (rc == 0 && head != 0)
        rc = gp_entry_at_ms(txn, head, ret_ms);
    gp_txn_abort(txn);
    return rc;
}

int gp_engine_open(struct gp_store *store, struct gp_engine **ret_engine)
{
    struct gp_engine *engine;
    int64_t said_ms = 0;

    assert(store != NULL);
    int rc = gp_engine_recover(store);
    if (rc == 0)
        rc = gp_engine_upgrade(store);
    if (rc == 0)
        rc = read_said(store, &said_ms);
    if (rc != 0)
        return rc;
    engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return GP_ENOMEM;
    engine->store = store;
    engine->drill = gp_store_is_drill(store);
    engine->said_ms = said_ms;
    gp_arena_init(&engine->arena, GP_ENGINE_ITEM_BYTES_MAX);
    gp_arena_init(&engine->look, GP_LOOK_BYTES);
    *ret_engine = engine;
    return 0;
}

void gp_engine_close(struct gp_engine *engine)
{
    if (engine == NULL)
        return;
    gp_view_unref(engine->view);
    gp_arena_release(&engine->arena);
    gp_arena_release(&engine->look);
    free(engine);
}

/* ---------------------------------------------------------------- one batch */

static int apply_item(struct gp_run *run, struct gp_item *item)
{
    item->more = false;
    item->answer = (struct gp_answer){0};
    switch ((enum gp_item_kind)item->kind) {
    case GP_ITEM_COMMAND:
        return gp_run_command(run, item);
    case GP_ITEM_EXPIRE:
        return gp_run_expire(run, item);
    case GP_ITEM_START:
        return gp_run_start(run, item);
    case GP_ITEM_REPLAN:
        return gp_run_replan(run, item);
    case GP_ITEM_CLOCK:
        return gp_run_clock(run, item);
    case GP_ITEM_FORGET:
        return gp_run_forget(run, item);
    case GP_ITEM_DIRECTORY:
        return gp_run_directory(run, item);
    case GP_ITEM_AUDIT:
        return gp_run_audit(run, item);
    }
    assert(!"unknown kind of item");
    return GP_EINVAL;
}

/* Steps planned for an instant come after all commands of that instant (DOMAIN section 6). */
static int apply_items(struct gp_run *run, bool expiring)
{
    for (size_t i = 0; i < run->batch->item_count; i++) {
        struct gp_item *item = &run->batch->item[i];
        if ((item->kind == GP_ITEM_EXPIRE) != expiring)
            continue;
        gp_arena_reset(&run->engine->arena);
        int rc = gp_run_refresh(run); /* what the item before it has changed counts */
        if (rc == 0)
            rc = apply_item(run, item);
        if (rc == GP_ELIMIT && item->kind == GP_ITEM_COMMAND) {
            item->answer.error = rc; /* this one alone cannot be stored; nothing of it was */
            continue;
        }
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* The journal has seen this time: effective time never runs backwards past it. In hold it stands at
 * the last good one, which may be later than what was kept. */
static int raise_mark(struct gp_run *run)
{
    unsigned char bytes[8];
    struct gp_span old;
    int64_t mark_ms = run->batch->now_ms;
    int rc = gp_meta_get(run->txn, GP_META_MARK, &old);

    if (rc == 0 && old.len == 8 &&
        gp_key_time(gp_get_u64((const unsigned char *)old.ptr)) >= mark_ms)
        return 0;
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    gp_put_u64(bytes, gp_time_key(mark_ms));
    return gp_meta_put(run->txn, GP_META_MARK, (struct gp_span){(char *)bytes, sizeof bytes});
}

static bool lowers_mark(const struct gp_batch *batch)
{
    for (size_t i = 0; i < batch->item_count; i++) {
        const struct gp_item *item = &batch->item[i];
        if (item->kind == GP_ITEM_CLOCK && item->lower_mark_ms != 0 &&
            item->answer.reason == GP_REASON_NONE && !item->answer.repeated)
            return true;
    }
    return false;
}

static int next_deadline(struct gp_txn *txn, int64_t *ret_ms)
{
    uint64_t id;
    int rc = gp_deadline_first(txn, ret_ms, &id);

    if (rc != GP_ENOTFOUND)
        return rc;
    *ret_ms = INT64_MAX;
    return 0;
}

/* The last batch's view, unless it lies over another directory. */
static int begin_view(struct gp_run *run)
{
    struct gp_engine *engine = run->engine;

    if (!gp_view_is_of(engine->view, run->batch->org))
        return gp_view_build(run->txn, run->batch->org, &engine->look, &run->view);
    run->view = gp_view_ref(engine->view);
    return 0;
}

static int run_begin(struct gp_run *run)
{
    int rc = gp_engine_recover(run->engine->store);

    if (rc == 0)
        rc = gp_txn_write(run->engine->store, &run->txn);
    if (rc == 0)
        rc = gp_journal_head(run->txn, &run->head, NULL);
    if (rc == 0)
        rc = gp_last_id(run->txn, GP_TABLE_INCIDENT, &run->last_id);
    run->last_id_before = run->last_id;
    if (rc == 0)
        rc = begin_view(run);
    run->batch->head_before = run->head;
    run->batch->passed_over = 0;
    run->batch->fired = (struct gp_fired){0};
    gp_run_recall(run);
    return rc;
}

/* A batch that changed nothing needs no disk. */
static int run_end(struct gp_run *run)
{
    int rc = gp_run_refresh(run);

    if (rc == 0 && run->dirty)
        rc = gp_run_note_fall(run);
    if (rc == 0)
        rc = next_deadline(run->txn, &run->batch->next_deadline_ms);
    if (rc == 0 && run->dirty && !lowers_mark(run->batch))
        rc = raise_mark(run);
    if (rc == 0 && run->dirty) {
        rc = gp_txn_commit(run->txn);
        run->txn = NULL;
    }
    return rc;
}

static void fail_all(struct gp_batch *batch, int error)
{
    batch->head = batch->head_before;
    for (size_t i = 0; i < batch->item_count; i++) {
        batch->item[i].answer = (struct gp_answer){.error = error};
        batch->item[i].more = false;
    }
}

int gp_engine_apply(struct gp_engine *engine, struct gp_batch *batch)
{
    struct gp_run run = {.engine = engine, .batch = batch};
    bool catching_up = engine->catching_up;
    int rc;

    assert(batch->org != NULL);
    rc = run_begin(&run);
    if (rc == 0)
        rc = apply_items(&run, false);
    if (rc == 0)
        rc = apply_items(&run, true);
    if (rc == 0)
        rc = run_end(&run);
    gp_txn_abort(run.txn);
    if (rc != 0) {
        gp_view_unref(run.view);
        engine->catching_up = catching_up;
        gp_tally_forget(engine);
        fail_all(batch, rc);
        return rc;
    }
    batch->head = run.head;
    if (run.head > batch->head_before)
        engine->said_ms = batch->now_ms;
    gp_view_unref(engine->view);
    engine->view = run.view;
    batch->view = run.view;
    return 0;
}

/* ---------------------------------------------------------------- start */

static int read_meta(struct gp_txn *txn, struct gp_engine_start *state)
{
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_MARK, &value);

    if (rc == 0 && value.len != 8)
        return GP_ECORRUPT;
    if (rc == 0)
        state->mark_ms = gp_key_time(gp_get_u64((const unsigned char *)value.ptr));
    else if (rc != GP_ENOTFOUND)
        return rc;
    rc = gp_meta_get(txn, GP_META_DIRECTORY, &value);
    if (rc == 0 && value.len != sizeof state->directory_digest)
        return GP_ECORRUPT;
    if (rc == 0)
        memcpy(state->directory_digest, value.ptr, value.len);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_engine_state(struct gp_engine *engine, struct gp_engine_start *ret_state)
{
    struct gp_engine_start state = {0};
    struct gp_txn *txn = NULL;
    uint64_t replan_after;
    int rc = gp_txn_read(engine->store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, &state.head, NULL);
    if (rc == 0)
        rc = next_deadline(txn, &state.next_deadline_ms);
    if (rc == 0)
        rc = read_meta(txn, &state);
    if (rc == 0)
        rc = gp_replan_next(txn, &state.replanning, &replan_after);
    gp_txn_abort(txn);
    if (rc == 0)
        *ret_state = state;
    return rc;
}
