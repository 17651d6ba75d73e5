/*
 * A checkpoint hands its pages to the kernel and goes on; settling brings them to the disk, in the
 * pool, while batches are written to the log. An fdatasync of all of them at once would keep the
 * log's waiting behind it for some 70 ms; so they go in pieces, each waited for, and the sync at
 * the end finds little left. Then data.synced is told (snapshot.c).
 *
 * One checkpoint at most is not settled: the next one settles it first if nobody has. Until then
 * the log keeps what the checkpoint before it needs.
 */
#include "base/broken.h"
#include "store/internal.h"
#include "store/log/disk.h"

#include <unistd.h>

/* A checkpoint of fewer entries is little in itself, and looking for its pages in a file of 15 GB
 * would take 60,000 calls. */
#define PIECES_ENTRIES 4096

static int sync_data(const struct gp_store *store)
{
    MDB_envinfo info; /* of the last commit: there is none before this one is settled */
    int fd;

    if (mdb_env_info(store->env, &info) != 0 || mdb_env_get_fd(store->env, &fd) != 0)
        return GP_EIO;
    if (store->much && gp_disk_push_all(fd) != 0)
        return GP_EIO;
    if (gp_broken("no-meta-sync") && gp_snapshot_note(store, info.me_last_txnid) != 0)
        return GP_EIO;
    if (!gp_broken("skip-lmdb-sync") && fdatasync(fd) != 0)
        return GP_EIO;
    return gp_snapshot_note(store, info.me_last_txnid);
}

static void set_settled(struct gp_store *store)
{
    (void)pthread_mutex_lock(&store->settled_lock); /* cannot fail: nobody locks twice */
    store->settled = store->mark;
    (void)pthread_mutex_unlock(&store->settled_lock);
    atomic_store(&store->unsettled, false);
}

void gp_settle_later(struct gp_store *store)
{
    store->much = store->entries >= PIECES_ENTRIES;
    if (store->synced_fd >= 0)
        atomic_store(&store->unsettled, true);
    else
        set_settled(store); /* a store that nothing is synced of */
}

bool gp_store_settle_due(const struct gp_store *store)
{
    return atomic_load(&store->unsettled);
}

int gp_store_settle(struct gp_store *store)
{
    int rc = 0;

    (void)pthread_mutex_lock(&store->settle_lock);
    if (atomic_load(&store->unsettled)) {
        rc = atomic_load(&store->dead);
        if (rc == 0)
            rc = sync_data(store);
        if (rc == 0)
            set_settled(store);
        else if (rc != GP_ENOSPC)
            atomic_store(&store->dead, GP_EIO); /* nobody knows what is on the disk now */
    }
    (void)pthread_mutex_unlock(&store->settle_lock);
    return rc;
}
