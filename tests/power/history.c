#include "power/history.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "engine/engine.h"
#include "power/disk.h"
#include "wire/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)4 << 20)
/* A group's head, as store/log/internal.h has it. */
#define GROUP_HEAD    88
#define GROUP_AT_LAST 24

int power_store_open(const char *path, struct gp_store_found *found, struct gp_store **ret_store)
{
    struct gp_store_options options = {.map_bytes = POWER_MAP_BYTES,
                                       .create = true,
                                       .segment_bytes = POWER_SEGMENT_BYTES,
                                       .found = found};
    return gp_store_open(path, &options, ret_store);
}

static void must(int rc, const char *what)
{
    if (rc != 0)
        power_fail("%s: %s", what, gp_error_text(rc));
}

/* ---------------------------------------------------------------- where batches end */

/* A batch is a group of the log, which is written by one call; a head of one among its bytes. */
static void note_group(struct history *history, const unsigned char *bytes, uint64_t len)
{
    if (len < GROUP_HEAD || memcmp(bytes, "GPgr", 4) != 0)
        return;
    uint64_t last = gp_get_u64(bytes + GROUP_AT_LAST);
    if (last <= history->head)
        history->entry[last].ends_batch = true;
}

static void note_groups(struct history *history, const struct trace *trace)
{
    for (size_t i = trace->base; i < trace->count; i++) {
        const struct trace_item *item = &trace->item[i];
        if (item->head.kind == RECORD_WRITE && item->head.len > 0)
            note_group(history, item->bytes, item->head.len);
    }
}

static void take_over(struct history *history, const struct history *before)
{
    for (uint64_t seq = 1; seq <= history->head && seq <= before->head; seq++) {
        if (memcmp(history->entry[seq].hash, before->entry[seq].hash, GP_HASH_BYTES) == 0)
            history->entry[seq].ends_batch |= before->entry[seq].ends_batch;
    }
}

/* ---------------------------------------------------------------- promises */

static void check_promise(struct gp_store *store, const struct trace_item *item)
{
    struct gp_entry entry = {0};
    struct gp_arena arena;
    struct gp_txn *txn;

    gp_arena_init(&arena, ARENA_BYTES);
    must(gp_txn_read(store, &txn), "reading");
    must(gp_engine_entry(txn, item->head.at, &arena, &entry), "an entry that was promised");
    if (entry.incident != item->head.size)
        power_fail("entry %llu is of another incident than was promised",
                   (unsigned long long)item->head.at);
    gp_txn_abort(txn);
    gp_arena_release(&arena);
}

static void check_promises(struct gp_store *store, const struct trace *trace)
{
    for (size_t i = trace->base; i < trace->count; i++) {
        if (trace->item[i].head.kind == RECORD_PROMISE)
            check_promise(store, &trace->item[i]);
    }
}

/* ---------------------------------------------------------------- writing and reading */

static void look_at(struct gp_store *store, struct history *history)
{
    struct gp_txn *txn;

    must(gp_txn_read(store, &txn), "reading");
    must(gp_journal_head(txn, &history->head, NULL), "the head");
    history->entry = calloc(history->head + 1, sizeof *history->entry);
    if (history->entry == NULL)
        power_fail("no memory");
    for (uint64_t seq = 0; seq <= history->head; seq++)
        must(gp_journal_hash(txn, seq, history->entry[seq].hash), "a hash");
    history->entry[0].ends_batch = true;
    gp_txn_abort(txn);
}

void history_write(const char *path, const char *root, const struct history *before)
{
    struct record record = {.kind = RECORD_HISTORY};
    struct history history = {0};
    struct gp_engine *engine;
    struct gp_store *store;
    struct trace trace;
    char store_path[240];

    trace_open(&trace, path);
    image_prove(&trace, root);
    (void)snprintf(store_path, sizeof store_path, "%s/store", root);
    must(power_store_open(store_path, NULL, &store), "the store that a life has left");
    must(gp_engine_open(store, &engine), "its engine");
    look_at(store, &history);
    note_groups(&history, &trace);
    if (before != NULL)
        take_over(&history, before);
    check_promises(store, &trace);
    gp_engine_close(engine);
    gp_store_close(store);
    record.at = history.head;
    record.len = (uint32_t)((history.head + 1) * sizeof *history.entry);
    trace_append(path, &record, history.entry);
    free(history.entry);
    trace_close(&trace);
}

void history_read(const struct trace *trace, struct history *ret_history)
{
    const struct trace_item *last = &trace->item[trace->count - 1];

    if (trace->count == 0 || last->head.kind != RECORD_HISTORY)
        power_fail("%s has no history", trace->path);
    ret_history->head = last->head.at;
    ret_history->entry = malloc(last->head.len);
    if (ret_history->entry == NULL)
        power_fail("no memory");
    memcpy(ret_history->entry, last->bytes, last->head.len);
}

void history_free(struct history *history)
{
    free(history->entry);
    *history = (struct history){0};
}
