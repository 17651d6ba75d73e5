/*
 * The only place where transactions begin and end. A write transaction of ours is one batch on
 * LMDB's standing transaction (checkpoint.c): it is durable when its group is in the log, and what
 * it wrote stays in LMDB's dirty pages until the next checkpoint.
 */
#include "base/broken.h"
#include "store/internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static int new_txn(struct gp_store *store, struct gp_txn **ret_txn)
{
    struct gp_txn *txn = calloc(1, sizeof *txn);

    if (txn == NULL)
        return GP_ENOMEM;
    txn->store = store;
    *ret_txn = txn;
    return 0;
}

static void end(struct gp_txn *txn)
{
    if (txn->writing)
        gp_standing_rest(txn->store);
    if (txn->borrowed) /* by the writer: nobody else touches the count */
        txn->store->borrowed--;
    gp_wal_reader_close(txn->reader);
    free(txn);
}

int gp_txn_write(struct gp_store *store, struct gp_txn **ret_txn)
{
    struct gp_txn *txn = NULL;
    int rc = store->dead;

    assert(!store->behind);
    if (rc == 0 && gp_store_checkpoint_due(store))
        rc = gp_store_checkpoint(store);
    if (rc == 0 && gp_reserve_spent(store))
        rc = GP_ENOSPC;
    if (rc == 0)
        rc = gp_standing_open(store);
    if (rc == 0)
        rc = new_txn(store, &txn);
    if (rc != 0)
        return rc;
    txn->mdb = store->standing;
    txn->writing = true;
    *ret_txn = txn;
    return 0;
}

/* The writer's own thread sees what it has acknowledged; LMDB's other readers the last checkpoint.
 */
int gp_txn_read(struct gp_store *store, struct gp_txn **ret_txn)
{
    struct gp_txn *txn;
    int rc = new_txn(store, &txn);

    if (rc != 0)
        return rc;
    txn->borrowed = atomic_load(&store->writer) == (uintptr_t)pthread_self();
    if (txn->borrowed) {
        txn->mdb = store->standing;
        store->borrowed++;
    } else {
        rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn->mdb));
    }
    if (rc != 0) {
        free(txn);
        return rc;
    }
    *ret_txn = txn;
    return 0;
}

int gp_txn_fail(struct gp_txn *txn, int error)
{
    assert(error != 0);
    if (txn->error == 0)
        txn->error = error;
    return txn->error;
}

int gp_txn_seen(struct gp_txn *txn, int rc)
{
    if (rc == 0 || rc == GP_ENOTFOUND || !txn->writing)
        return rc;
    return gp_txn_fail(txn, rc);
}

/* Whether the log's group has come to the disk. A sync that failed leaves unknown what is there:
 * only another start can tell. */
static int make_durable(struct gp_store *store)
{
    int rc;

    if (gp_broken("acknowledge-early") && store->entries % 2 == 0)
        return 0; /* the next batch takes it along */
    rc = gp_wal_write(store->wal);
    if (rc != 0)
        return rc;
    rc = gp_wal_sync(store->wal);
    if (rc != 0)
        store->dead = rc;
    return rc;
}

static void account(struct gp_txn *txn)
{
    struct gp_store *store = txn->store;
    uint64_t head;

    gp_wal_head(store->wal, &head, NULL);
    store->entries += txn->entries;
    store->acknowledged = true;
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if ((txn->wrote & UINT32_C(1) << table) != 0)
            atomic_store(&store->written[table], head);
    }
}

/* LMDB alone has it, so it is on disk when it is committed. */
static int commit_untold(struct gp_store *store)
{
    int rc = gp_store_checkpoint(store);
    return rc == 0 ? gp_store_settle(store) : rc;
}

int gp_txn_commit(struct gp_txn *txn)
{
    struct gp_store *store = txn->store;
    bool told = gp_wal_pending(store->wal);
    int rc = txn->error;

    assert(txn->writing);
    gp_cursors_close(txn);
    if (rc == 0 && told)
        rc = make_durable(store);
    if (rc != 0) {
        (void)gp_txn_fail(txn, rc);
        gp_txn_abort(txn);
        return rc;
    }
    if (told)
        account(txn);
    else if (txn->wrote != 0) /* the log does not tell of it */
        rc = commit_untold(store);
    end(txn);
    return rc;
}

void gp_txn_abort(struct gp_txn *txn)
{
    if (txn == NULL)
        return;
    gp_cursors_close(txn);
    if (txn->writing && (txn->wrote != 0 || txn->error != 0 || gp_wal_pending(txn->store->wal)))
        gp_standing_drop(txn->store);
    else if (!txn->writing && !txn->borrowed)
        mdb_txn_abort(txn->mdb);
    end(txn);
}
