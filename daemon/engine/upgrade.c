/*
 * Bringing up what an older gridpost wrote, where that takes more than an empty table
 * (store/env.c).
 *
 * Rows of by_area got their incident's category after format 3 had begun, those of closed incidents
 * another key, and open incidents their rows of by_state. They are brought up before the engine
 * applies anything, some thousands in each transaction; "by-area" in meta says that it is done. A
 * row tells by its length whether it was, so a stop on the way costs nothing but the walk over what
 * is done. Closed ones go behind all that are to be looked at.
 */
#include "engine/internal.h"

#include <stdlib.h>

/* Rows one write transaction looks at: bounded, or LMDB's free list grows (ARCHITECTURE section 4).
 */
#define GP_UPGRADE_ROWS 4096

struct old_row {
    uint64_t padded, id;
    struct gp_area_row row;
};

struct upgrade {
    unsigned char from[16]; /* the first key that was not looked at */
    size_t count;
    bool ended;
    struct old_row old[GP_UPGRADE_ROWS];
};

static int is_done(struct gp_store *store, bool *ret_done)
{
    struct gp_txn *txn = NULL;
    struct gp_span value;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_meta_get(txn, GP_META_BY_AREA, &value);
    *ret_done = rc == 0;
    gp_txn_abort(txn);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* Looks at the next rows and remembers those that are not whole. */
static int look(struct upgrade *upgrade, struct gp_txn *txn)
{
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    int rc =
        gp_walk_open(txn, GP_TABLE_BY_AREA,
                     (struct gp_span){(const char *)upgrade->from, sizeof upgrade->from}, &walk);

    upgrade->count = 0;
    for (unsigned rows = 0; rc == 0 && rows < GP_UPGRADE_ROWS; rows++) {
        struct old_row *old = &upgrade->old[upgrade->count];
        bool whole = false;
        rc = gp_walk_next(walk, &key, &value);
        if (rc == 0)
            rc = gp_by_area_read(key, value, &old->padded, &old->id, &old->row, &whole);
        if (rc == 0 && old->row.closed)
            rc = GP_ENOTFOUND; /* from here on all are new */
        if (rc != 0)
            break;
        gp_put_u64(upgrade->from, old->padded);
        gp_put_u64(upgrade->from + 8, old->id + 1); /* there is no incident of the highest number */
        upgrade->count += !whole;
    }
    gp_walk_close(walk);
    upgrade->ended = rc == GP_ENOTFOUND;
    return upgrade->ended ? 0 : rc;
}

/* Peeking gives what by_state needs as well: where it lies is in the row. */
static int write_marks(struct gp_txn *txn, const struct old_row *old,
                       const struct gp_traits *traits)
{
    const struct gp_incident incident = {
        .id = old->id,
        .state = old->row.state,
        .area = {.padded = old->padded, .level = old->row.level},
        .overdue_ms = traits->overdue_ms,
    };

    return gp_tables_write_marks(txn, NULL, &incident);
}

static int bring_up(struct gp_txn *txn, struct old_row *old)
{
    struct gp_traits traits;
    struct gp_span record;
    int rc = gp_incident_get(txn, old->id, &record);

    if (rc == 0)
        rc = gp_wire_traits_peek(record, &traits);
    if (rc != 0)
        return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc;
    old->row.category = gp_post_key(traits.category);
    old->row.closed = !gp_state_open(old->row.state);
    if (old->row.closed)
        rc = gp_by_area_del(txn, old->padded, false, old->id);
    if (rc == 0)
        rc = gp_by_area_put(txn, old->padded, old->id, old->row);
    return rc == 0 ? write_marks(txn, old, &traits) : rc;
}

/* One transaction's worth; the last one says that all are, and where times fall. */
static int bring_up_some(struct upgrade *upgrade, struct gp_store *store)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_write(store, &txn);

    if (rc == 0)
        rc = look(upgrade, txn);
    for (size_t i = 0; rc == 0 && i < upgrade->count; i++)
        rc = bring_up(txn, &upgrade->old[i]);
    if (rc == 0 && upgrade->ended)
        rc = gp_falls_find(txn);
    if (rc == 0 && upgrade->ended)
        rc = gp_meta_put(txn, GP_META_BY_AREA, GP_META_BY_AREA_DONE);
    if (rc == 0)
        return gp_txn_commit(txn);
    gp_txn_abort(txn);
    return rc;
}

int gp_engine_upgrade(struct gp_store *store)
{
    struct upgrade *upgrade;
    bool done;
    int rc = is_done(store, &done);

    if (rc != 0 || done)
        return rc;
    upgrade = calloc(1, sizeof *upgrade);
    if (upgrade == NULL)
        return GP_ENOMEM;
    while (rc == 0 && !upgrade->ended)
        rc = bring_up_some(upgrade, store);
    free(upgrade);
    if (rc == 0)
        rc = gp_store_checkpoint(store);          /* another thread will write */
    return rc == 0 ? gp_store_settle(store) : rc; /* the log tells of no row that was changed */
}
