#include "inspect/transfer.h"

#include "base/arena.h"
#include "engine/transfer.h"
#include "engine/verify.h"

#include <stdlib.h>

#define ENTRY_BYTES ((size_t)1 << 20)

struct gp_export {
    struct gp_store *store;
    struct gp_txn *txn; /* one for all of it: the store is nobody else's */
    struct gp_export_head head;
    uint64_t seq;
    struct gp_walk *walk; /* over `table` */
    enum gp_table table;
    struct gp_arena arena; /* of one entry */
    struct gp_entry entry;
};

static int open_store(const char *path, struct gp_export *export)
{
    struct gp_store_options options = {0};
    int rc = gp_store_open(path, &options, &export->store);

    if (rc == GP_EMODE) {
        options.drill = true;
        rc = gp_store_open(path, &options, &export->store);
    }
    return rc == 0 ? gp_verify_catch_up(export->store) : rc;
}

int gp_export_open(const char *path, struct gp_export **ret_export, struct gp_export_head *ret_head)
{
    struct gp_export *export = calloc(1, sizeof *export);
    int rc = export != NULL ? 0 : GP_ENOMEM;

    if (rc != 0)
        return rc;
    gp_arena_init(&export->arena, ENTRY_BYTES);
    export->table = GP_TABLE_PERSONAL;
    rc = open_store(path, export);
    if (rc == 0)
        rc = gp_engine_head(export->store, &export->head.seq, export->head.hash,
                            &export->head.at_ms);
    if (rc == 0)
        rc = gp_txn_read(export->store, &export->txn);
    if (rc != 0) {
        gp_export_close(export);
        return rc;
    }
    export->head.drill = gp_store_is_drill(export->store);
    *ret_head = export->head;
    *ret_export = export;
    return 0;
}

void gp_export_close(struct gp_export *export)
{
    if (export == NULL)
        return;
    gp_walk_close(export->walk);
    gp_txn_abort(export->txn);
    gp_store_close(export->store);
    gp_arena_release(&export->arena);
    free(export);
}

static int next_entry(struct gp_export *export, struct gp_export_item *item)
{
    uint64_t seq = export->seq + 1;
    int rc;

    gp_arena_reset(&export->arena);
    memset(&export->entry, 0, sizeof export->entry);
    rc = gp_engine_entry(export->txn, seq, &export->arena, &export->entry);
    if (rc == 0)
        rc = gp_journal_hash(export->txn, seq, item->hash);
    if (rc == 0)
        rc = gp_journal_get(export->txn, seq, &item->bytes);
    if (rc != 0)
        return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
    item->seq = seq;
    item->entry = &export->entry;
    export->seq = seq;
    return 0;
}

/* Goes from one table to the next. */
static int next_row(struct gp_export *export, struct gp_export_item *item)
{
    int rc;

    if (export->walk == NULL) {
        rc = gp_walk_open(export->txn, export->table, (struct gp_span){0}, &export->walk);
        if (rc != 0)
            return rc;
    }
    item->table = export->table;
    do
        rc = gp_walk_next(export->walk, &item->key, &item->value);
    while (rc == 0 && export->table == GP_TABLE_META && !gp_transfer_is_fact(item->key));
    if (rc != GP_ENOTFOUND || export->table == GP_TABLE_META)
        return rc;
    gp_walk_close(export->walk);
    export->walk = NULL;
    export->table = GP_TABLE_META;
    return next_row(export, item);
}

int gp_export_next(struct gp_export *export, struct gp_export_item *ret_item)
{
    *ret_item = (struct gp_export_item){0};
    return export->seq < export->head.seq ? next_entry(export, ret_item)
                                          : next_row(export, ret_item);
}
