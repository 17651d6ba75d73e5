/*
 * One journal entry becomes writes to the tables, by what it says and what stands there: the same
 * for recovering (the entry is in this store's journal) and rebuilding (it was just copied to it).
 */
#include "engine/internal.h"

#include <stdlib.h>

struct gp_folding {
    struct gp_arena arena; /* of one entry and its incident */
    struct gp_entry entry;
    struct gp_incident before, after;
};

int gp_folding_open(struct gp_folding **ret_folding)
{
    struct gp_folding *folding = calloc(1, sizeof *folding);

    if (folding == NULL)
        return GP_ENOMEM;
    gp_arena_init(&folding->arena, GP_ENGINE_ITEM_BYTES_MAX);
    *ret_folding = folding;
    return 0;
}

void gp_folding_close(struct gp_folding *folding)
{
    if (folding == NULL)
        return;
    gp_arena_release(&folding->arena);
    free(folding);
}

/* The incident of an entry as the tables have it; *ret_before NULL when the entry creates it. */
static int load_before(struct gp_folding *folding, struct gp_txn *txn,
                       const struct gp_incident **ret_before)
{
    struct gp_span record;
    int rc = gp_incident_get(txn, folding->entry.incident, &record);

    *ret_before = NULL;
    memset(&folding->before, 0, sizeof folding->before);
    if (rc == GP_ENOTFOUND)
        return (folding->entry.patch.bits & GP_PATCH_REPORT) != 0 ? 0 : GP_ECORRUPT;
    if (rc == 0) {
        record = gp_arena_copy(&folding->arena, record);
        rc = record.ptr != NULL ? 0 : GP_ENOMEM;
    }
    if (rc == 0)
        rc = gp_wire_incident_unpack(record, &folding->arena, &folding->before);
    if (rc == 0)
        *ret_before = &folding->before;
    return rc;
}

static int fold_incident(struct gp_folding *folding, struct gp_txn *txn)
{
    const struct gp_incident *before;
    struct gp_span record;
    int rc = load_before(folding, txn, &before);

    if (rc == 0 && !gp_fold_fits(&folding->entry, &folding->before))
        rc = GP_ECORRUPT; /* well-formed, and no entry of this incident */
    if (rc != 0)
        return rc;
    folding->after = folding->before;
    gp_fold(&folding->entry, &folding->after);
    rc = gp_wire_incident_pack(&folding->after, &folding->arena, &record);
    return rc == 0 ? gp_tables_write(txn, before, &folding->after, record) : rc;
}

int gp_folding_entry(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span bytes)
{
    struct gp_folding *folding = context;
    int rc;

    gp_arena_reset(&folding->arena);
    rc = gp_wire_entry_unpack(bytes, &folding->arena, &folding->entry);
    if (rc != 0)
        return rc;
    if (folding->entry.seq != seq)
        return GP_ECORRUPT;
    rc = gp_tables_write_entry(txn, &folding->entry, &folding->arena);
    return rc == 0 && folding->entry.incident != 0 ? fold_incident(folding, txn) : rc;
}

int gp_engine_recover(struct gp_store *store)
{
    struct gp_folding *folding = NULL;
    int rc = gp_store_behind(store) ? gp_folding_open(&folding) : 0;

    if (rc == 0)
        rc = gp_store_recover(store, gp_folding_entry, folding);
    gp_folding_close(folding);
    return rc;
}
