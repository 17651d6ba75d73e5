/*
 * LMDB lags behind the log. One of its write transactions stands open over many batches, so that
 * the engine always sees the newest state and pages that many batches touch are written once; a
 * checkpoint commits it, together with the place in the log up to which the tables then are. What
 * is behind that place is folded again after a crash, or when a batch had to be thrown away with
 * the standing transaction (recover.c).
 */
#include "base/limits.h"
#include "store/internal.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

/* On a disk that is full: a start must find room for what the tables lack. */
#define SHORT_ENTRIES 1024

int64_t gp_monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* it cannot fail on Linux */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int gp_standing_open(struct gp_store *store)
{
    if (store->standing != NULL)
        return 0;
    int rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, 0, &store->standing));
    if (rc != 0)
        return rc;
    store->entries = 0;
    store->since_ms = gp_monotonic_ms();
    atomic_store(&store->writer, (uintptr_t)pthread_self());
    return 0;
}

static void forget_standing(struct gp_store *store)
{
    store->standing = NULL;
    atomic_store(&store->writer, 0);
}

void gp_standing_rest(struct gp_store *store)
{
    if (store->standing == NULL || store->acknowledged)
        return;
    mdb_txn_abort(store->standing);
    forget_standing(store);
}

void gp_standing_drop(struct gp_store *store)
{
    assert(store->borrowed == 0);
    if (store->dead == 0 && gp_wal_cut(store->wal) != 0)
        store->dead = GP_EIO;
    if (store->standing != NULL)
        mdb_txn_abort(store->standing);
    forget_standing(store);
    store->behind = store->acknowledged;
}

/* Of a write that a full disk takes a part of LMDB makes GP_EIO. Room may have come since, so that
 * it is one only where it comes twice. */
static int judge_commit(struct gp_store *store, int rc)
{
    bool doubtful = rc == GP_EIO && !store->doubted;

    store->doubted = rc == GP_EIO;
    return doubtful || (rc == GP_EIO && gp_reserve_gone(store)) ? GP_ENOSPC : rc;
}

int gp_standing_commit(struct gp_store *store, const struct gp_wal_mark *mark)
{
    unsigned char bytes[GP_WAL_MARK_BYTES];
    struct gp_txn own = {.store = store, .mdb = store->standing, .writing = true};

    assert(store->borrowed == 0);
    /* LMDB will write over the meta page of the one before the last: then the last one is what a
     * start goes back to. */
    int rc = gp_store_settle(store);
    if (rc != 0)
        return rc;
    /* Erased texts may still stand in the newest segment: sealing it takes them away. Before the
     * commit, or a crash behind that would leave nobody who knows of it. */
    if (store->erased)
        gp_wal_rotate(store->wal);
    gp_wal_mark_pack(mark, bytes);
    rc = gp_meta_put(&own, GP_META_PLACE, gp_bytes(bytes, sizeof bytes));
    gp_cursors_close(&own);
    if (rc != 0) {
        gp_standing_drop(store);
        return rc;
    }
    rc = gp_mdb_error(mdb_txn_commit(store->standing)); /* frees it, whatever it returns */
    forget_standing(store);
    rc = judge_commit(store, rc);
    if (rc != 0) {
        store->behind = store->acknowledged;
        return rc;
    }
    store->mark = *mark;
    gp_settle_later(store);
    store->acknowledged = false;
    store->erased = false;
    atomic_store(&store->committed, mark->seq);
    return 0;
}

bool gp_store_checkpoint_due(const struct gp_store *store)
{
    if (store->standing == NULL)
        return false;
    if (gp_store_short(store) && store->entries >= SHORT_ENTRIES)
        return true;
    if (gp_store_settle_due(store)) /* it would wait for the disk */
        return store->entries >= 2 * GP_CHECKPOINT_ENTRIES;
    return store->entries >= GP_CHECKPOINT_ENTRIES ||
           gp_monotonic_ms() - store->since_ms >= GP_CHECKPOINT_MS;
}

bool gp_store_checkpoint_owed(const struct gp_store *store)
{
    return store->standing != NULL;
}

int gp_store_checkpoint(struct gp_store *store)
{
    struct gp_wal_mark mark;

    if (store->dead != 0)
        return store->dead;
    if (store->standing == NULL)
        return 0;
    gp_wal_mark(store->wal, &mark);
    return gp_standing_commit(store, &mark);
}

/* Pages that are free within the file are not counted as room: not all of them are to be had
 * within one transaction. */
bool gp_txn_tight(struct gp_txn *txn)
{
    uint64_t pages = 0, map_pages, reserve;
    MDB_envinfo info;
    MDB_stat stat = {0};

    if (gp_store_short(txn->store))
        return true;
    for (int i = 0; i < GP_TABLE_COUNT; i++) {
        if (mdb_stat(txn->mdb, txn->store->table[i], &stat) != 0)
            return false; /* the next put says what is wrong */
        pages += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
    }
    if (mdb_env_info(txn->store->env, &info) != 0 || stat.ms_psize == 0)
        return false;
    map_pages = info.me_mapsize / stat.ms_psize;
    reserve = map_pages / 8 < GP_RESERVE_BYTES / stat.ms_psize ? map_pages / 8
                                                               : GP_RESERVE_BYTES / stat.ms_psize;
    return pages + reserve > map_pages;
}

uint64_t gp_store_committed(const struct gp_store *store)
{
    return atomic_load(&store->committed);
}

uint64_t gp_store_written(const struct gp_store *store, enum gp_table table)
{
    return atomic_load(&store->written[table]);
}

/* ---------------------------------------------------------------- upkeep */

/* What a copy under way needs stays raw: its tables are at `floor` or further on. */
static struct gp_wal_mark sealable_mark(struct gp_store *store)
{
    struct gp_wal_mark mark;

    (void)pthread_mutex_lock(&store->settled_lock); /* cannot fail: nobody locks twice */
    mark = store->copying ? store->floor : store->settled;
    (void)pthread_mutex_unlock(&store->settled_lock);
    return mark;
}

bool gp_store_upkeep_due(struct gp_store *store)
{
    struct gp_wal_mark mark = sealable_mark(store);
    return gp_wal_upkeep_due(store->wal, &mark) || gp_reserve_due(store) || gp_store_short(store);
}

int gp_store_upkeep(struct gp_store *store)
{
    struct gp_wal_mark mark = sealable_mark(store);
    int log = gp_wal_upkeep(store->wal, &mark);
    int data = gp_reserve_take(store);

    atomic_store(&store->without, log == GP_ENOSPC || data == GP_ENOSPC);
    return log != 0 ? log : data;
}
