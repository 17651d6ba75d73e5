/*
 * Tables against what they are of. What should stand there is written into a throw-away store by
 * the functions that wrote it first, and the two are compared row by row: so no rule about rows
 * stands here. By the journal all tables can be told; where it is damaged, the indexes by the
 * records that they are of.
 */
#include "engine/verify_internal.h"

#include <stdlib.h>

#define SCRATCH_MAP_BYTES (UINT64_C(256) << 30)

static int open_scratch(struct gp_store *store, const char *path, struct gp_store **ret_scratch)
{
    const struct gp_store_options options = {.map_bytes = SCRATCH_MAP_BYTES,
                                             .drill = gp_store_is_drill(store),
                                             .create = true,
                                             .unsafe_nosync = true};

    return gp_store_open(path, &options, ret_scratch);
}

/* ---------------------------------------------------------------- comparing */

struct comparison {
    const struct gp_verify *verify;
    enum gp_table table;
    bool by_records; /* and not by the journal */
};

static void on_difference(void *context, struct gp_span key, enum gp_row_difference difference,
                          struct gp_span is, struct gp_span should)
{
    const struct comparison *on = context;

    if (difference == GP_ROW_OTHER && on->table == GP_TABLE_DEDUP && gp_kept_row_same(is, should))
        return;
    switch (difference) {
    case GP_ROW_MISSING:
        gp_say_row(on->verify, GP_FLAW_MISSING, on->table, key,
                   on->by_records ? "it is missing: a record has it"
                                  : "it is missing: the journal has it");
        return;
    case GP_ROW_EXTRA:
        /* A key stays that a device had before; which those were, the journal alone knows. */
        if (!on->by_records || on->table != GP_TABLE_DEVICE_KEY)
            gp_say_row(on->verify, GP_FLAW_EXTRA, on->table, key,
                       on->by_records ? "no record has it" : "the journal does not have it");
        return;
    case GP_ROW_OTHER:
        gp_say_row(on->verify, GP_FLAW_OTHER, on->table, key,
                   on->by_records ? "its record says something else"
                                  : "the journal says something else");
        return;
    }
}

static int compare_tables(struct gp_store *store, struct gp_store *scratch,
                          const enum gp_table *tables, size_t count, uint32_t without,
                          struct comparison *on)
{
    struct gp_txn *is = NULL, *should = NULL;
    int rc = gp_store_checkpoint(scratch);

    if (rc == 0)
        rc = gp_txn_read(store, &is);
    if (rc == 0)
        rc = gp_txn_read(scratch, &should);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        on->table = tables[i];
        if ((without & UINT32_C(1) << tables[i]) == 0)
            rc = gp_table_compare(is, should, tables[i], on_difference, on);
        gp_verify_progress(on->verify, i + 1, count);
        if (rc == GP_ECORRUPT || rc == GP_ENOTFOUND || rc == GP_EINVAL) { /* of the pages */
            gp_say_row(on->verify, GP_FLAW_TABLE, tables[i], (struct gp_span){0},
                       "it cannot be compared to its end");
            rc = 0;
        }
    }
    gp_txn_abort(is);
    gp_txn_abort(should);
    return rc;
}

/* ---------------------------------------------------------------- by the journal */

static void on_fold(void *context, uint64_t done, uint64_t head)
{
    const struct gp_verify *verify = context;

    if (verify->progress != NULL)
        verify->progress(verify->context, done, head);
}

int gp_verify_fold(struct gp_store *store, const char *scratch, uint32_t without,
                   const struct gp_verify *verify)
{
    static const enum gp_table tables[] = {
        GP_TABLE_INCIDENT, GP_TABLE_BY_AREA,  GP_TABLE_BY_POST,    GP_TABLE_BY_DEPT,
        GP_TABLE_BY_STATE, GP_TABLE_DEADLINE, GP_TABLE_DEDUP,      GP_TABLE_VACANT,
        GP_TABLE_LINK,     GP_TABLE_STRIKE,   GP_TABLE_ON_SPOT,    GP_TABLE_LEAVE,
        GP_TABLE_TENURE,   GP_TABLE_DEVICE,   GP_TABLE_DEVICE_KEY,
    };
    struct comparison on = {.verify = verify};
    struct gp_store *should = NULL;
    uint64_t bad = 0;
    int rc = open_scratch(store, scratch, &should);

    if (rc == 0)
        rc = gp_rebuild_entries(store, should, on_fold, (void *)(uintptr_t)verify, &bad);
    if (rc != 0 && !gp_is_ours(rc) && bad != 0) {
        gp_say_entry(verify, GP_FLAW_ENTRY, bad, "it does not fold into the tables of before it");
        gp_store_close(should);
        return 0;
    }
    if (rc == 0)
        rc = compare_tables(store, should, tables, sizeof tables / sizeof tables[0], without, &on);
    gp_store_close(should);
    return rc;
}

/* ---------------------------------------------------------------- by the records */

struct indexing {
    struct gp_store *from, *to;
    const struct gp_verify *verify;
    enum gp_table table;
    uint64_t done, of;
    struct gp_arena arena;
    struct gp_incident incident;
    struct gp_entry entry; /* carries a leave or a device */
};

/* What an incident, a leave or a device brings with it. */
static int write_rows_of(struct indexing *on, struct gp_txn *to, struct gp_span record)
{
    int rc;

    gp_arena_reset(&on->arena);
    if (on->table == GP_TABLE_INCIDENT) {
        memset(&on->incident, 0, sizeof on->incident);
        rc = gp_wire_incident_unpack(record, &on->arena, &on->incident);
        return rc == 0 ? gp_tables_write(to, NULL, &on->incident, record) : rc;
    }
    memset(&on->entry, 0, sizeof on->entry);
    rc = on->table == GP_TABLE_LEAVE ? gp_wire_leave_unpack(record, &on->arena, &on->entry.leave)
                                     : gp_wire_device_unpack(record, &on->arena, &on->entry.device);
    return rc == 0 ? gp_tables_write_entry(to, &on->entry, &on->arena) : rc;
}

/* Records that cannot be read were told of. */
static int index_record(void *context, struct gp_txn *from, struct gp_txn *to, struct gp_span key,
                        struct gp_span value)
{
    struct indexing *on = context;
    int rc = write_rows_of(on, to, value);

    (void)from;
    (void)key;
    gp_verify_progress(on->verify, ++on->done, on->of);
    return rc == GP_EFORMAT || rc == GP_EUTF8 || rc == GP_ELIMIT ? 0 : rc;
}

static int index_table(struct indexing *on, enum gp_table table)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(on->from, &txn);

    if (rc != 0)
        return rc;
    on->table = table;
    on->done = 0;
    on->of = gp_table_says(txn, table);
    gp_txn_abort(txn);
    return gp_rebuild_rows(on->from, table, on->to, index_record, on);
}

static int index_all(struct indexing *on, uint32_t without)
{
    static const enum gp_table records[] = {GP_TABLE_INCIDENT, GP_TABLE_LEAVE, GP_TABLE_DEVICE};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof records / sizeof records[0]; i++) {
        if ((without & UINT32_C(1) << records[i]) == 0)
            rc = index_table(on, records[i]);
    }
    return rc;
}

int gp_verify_index(struct gp_store *store, const char *scratch, uint32_t without,
                    const struct gp_verify *verify)
{
    static const enum gp_table tables[] = {
        GP_TABLE_BY_AREA,  GP_TABLE_BY_POST, GP_TABLE_BY_DEPT,    GP_TABLE_BY_STATE,
        GP_TABLE_DEADLINE, GP_TABLE_LINK,    GP_TABLE_DEVICE_KEY,
    };
    struct comparison on = {.verify = verify, .by_records = true};
    struct indexing *indexing = calloc(1, sizeof *indexing);
    int rc = indexing != NULL ? 0 : GP_ENOMEM;

    if (rc != 0)
        return rc;
    indexing->from = store;
    indexing->verify = verify;
    gp_arena_init(&indexing->arena, GP_ENGINE_ITEM_BYTES_MAX);
    rc = open_scratch(store, scratch, &indexing->to);
    if (rc == 0)
        rc = index_all(indexing, without);
    if (rc == 0)
        rc = compare_tables(store, indexing->to, tables, sizeof tables / sizeof tables[0], without,
                            &on);
    gp_store_close(indexing->to);
    gp_arena_release(&indexing->arena);
    free(indexing);
    return rc;
}
