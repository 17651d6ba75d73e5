/*
 * Copies of a store: made of one that is written to, and made small of one that nobody has open.
 *
 * A reader holds one snapshot of LMDB's; its pages are written nowhere else until the reader is
 * gone, so they can be read from the file as bytes. Behind them comes the log, which then goes at
 * least as far as the snapshot's mark. What side records lie between that mark and the log's end is
 * in raw segments, and from the beginning of the copy on none of those is sealed.
 */
#include "base/limits.h"
#include "store/internal.h"
#include "store/log/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DATA_TMP "data.tmp"

/* ---------------------------------------------------------------- beside the writer */

static void hold_segments(struct gp_store *store, bool hold)
{
    (void)pthread_mutex_lock(&store->settled_lock); /* cannot fail: nobody locks twice */
    store->copying = hold;
    store->floor = store->settled;
    (void)pthread_mutex_unlock(&store->settled_lock);
}

/* A file may end before its last pages, where those were never written. */
static int copy_pages(const struct gp_store *store, const struct gp_snapshot *snapshot, int fd,
                      struct gp_copying *copying)
{
    uint64_t end = snapshot->bytes;
    struct stat stat;
    int from_fd;

    if (mdb_env_get_fd(store->env, &from_fd) != 0 || fstat(from_fd, &stat) != 0)
        return GP_EIO;
    if ((uint64_t)stat.st_size < end)
        end = (uint64_t)stat.st_size;
    atomic_fetch_add(&copying->of, end);
    int rc = gp_snapshot_write(snapshot, fd);
    if (rc == 0)
        rc = gp_disk_copy(from_fd, fd, 2 * (uint64_t)snapshot->page_bytes, end, copying);
    if (rc == 0 && ftruncate(fd, (off_t)snapshot->bytes) != 0)
        rc = gp_mdb_error(errno);
    if (rc == 0)
        rc = fsync(fd) == 0 ? 0 : GP_EIO;
    return rc;
}

/* What is freed while the reader is open makes the file grow, so the store needs its disk. */
static bool is_in_the_way(const void *of)
{
    return gp_store_crowded(of);
}

static int copy_tables(const struct gp_store *store, int folder_fd, struct gp_copying *copying)
{
    struct gp_snapshot snapshot;
    int fd = -1;
    int rc = gp_disk_create(folder_fd, "data.mdb", &fd);

    if (rc != 0)
        return rc;
    rc = gp_snapshot_take(store, &snapshot);
    if (rc == 0) {
        rc = copy_pages(store, &snapshot, fd, copying);
        gp_snapshot_drop(&snapshot);
    }
    (void)close(fd); /* it is synced, or of no use */
    return rc;
}

static int copy_journal(struct gp_store *store, int folder_fd, struct gp_copying *copying,
                        struct gp_wal_mark *ret_end)
{
    int fd, rc;

    if (mkdirat(folder_fd, "journal", 0700) != 0)
        return gp_mdb_error(errno);
    fd = openat(folder_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gp_mdb_error(errno);
    rc = gp_wal_copy(store->wal, fd, copying, ret_end);
    (void)close(fd); /* it is synced */
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
}

int gp_store_copy(struct gp_store *store, const char *path, struct gp_copying *copying,
                  struct gp_copied *ret_copied)
{
    struct gp_wal_mark end;
    int fd, rc;

    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? GP_EEXIST : gp_mdb_error(errno);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gp_mdb_error(errno);
    copying->in_the_way = is_in_the_way;
    copying->of_whom = store;
    hold_segments(store, true);
    rc = copy_tables(store, fd, copying);
    if (rc == 0)
        rc = copy_journal(store, fd, copying, &end);
    hold_segments(store, false);
    if (rc == 0)
        rc = fsync(fd) == 0 ? 0 : GP_EIO;
    (void)close(fd); /* it is synced, or of no use */
    if (rc != 0)
        return rc;
    ret_copied->seq = end.seq;
    memcpy(ret_copied->hash, end.hash, sizeof ret_copied->hash);
    ret_copied->bytes = atomic_load(&copying->done);
    return 0;
}

/* ---------------------------------------------------------------- compacting */

/* LMDB's list of free pages is a table: of each value the first word is the count. */
static int count_free(MDB_env *env, uint64_t *ret_pages)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    MDB_txn *txn;
    size_t pages;
    int rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);

    if (rc != 0)
        return gp_mdb_error(rc);
    *ret_pages = 0;
    rc = mdb_cursor_open(txn, 0, &cursor);
    while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        if (value.mv_size < sizeof pages)
            rc = MDB_CORRUPTED;
        else
            memcpy(&pages, value.mv_data, sizeof pages);
        *ret_pages += rc == 0 ? pages : 0;
    }
    if (cursor != NULL)
        mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND ? 0 : gp_mdb_error(rc);
}

/* The disk may be the store's, too. */
static int look_for_room(MDB_env *env, int fd)
{
    struct statvfs disk;
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t unused = 0;
    int rc = count_free(env, &unused);

    if (rc != 0)
        return rc;
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0 || fstatvfs(fd, &disk) != 0)
        return GP_EIO;
    uint64_t pages = (uint64_t)info.me_last_pgno + 1;
    if (unused > pages)
        return GP_ECORRUPT;
    uint64_t needs = (pages - unused) * stat.ms_psize + GP_BACKUP_RESERVE_BYTES;
    return (uint64_t)disk.f_bavail * disk.f_frsize < needs ? GP_ENOSPC : 0;
}

/* Nobody else has it open, so that LMDB needs no lock file. */
static int write_compact(const char *path, int fd)
{
    MDB_env *env;
    int rc = mdb_env_create(&env);

    if (rc != 0)
        return gp_mdb_error(rc);
    rc = gp_mdb_error(mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK, 0600));
    if (rc == 0)
        rc = look_for_room(env, fd);
    if (rc == 0) {
        rc = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
        rc = rc == MDB_INCOMPATIBLE ? GP_ECORRUPT : gp_mdb_error(rc); /* pages that nobody has */
    }
    mdb_env_close(env);
    return rc;
}

/* A note about the old file's transactions says nothing about the new one's. */
static int put_in_place(const struct gp_store *store)
{
    if (unlinkat(store->folder_fd, "data.synced", 0) != 0 && errno != ENOENT)
        return gp_mdb_error(errno);
    if (fsync(store->folder_fd) != 0 ||
        renameat(store->folder_fd, DATA_TMP, store->folder_fd, "data.mdb") != 0 ||
        fsync(store->folder_fd) != 0)
        return gp_mdb_error(errno);
    return 0;
}

static int compact(const struct gp_store *store, const char *path)
{
    int fd = -1;

    if (unlinkat(store->folder_fd, DATA_TMP, 0) != 0 && errno != ENOENT)
        return gp_mdb_error(errno);
    int rc = gp_disk_create(store->folder_fd, DATA_TMP, &fd);
    if (rc != 0)
        return rc;
    rc = write_compact(path, fd);
    if (rc == 0)
        rc = gp_disk_push_all(fd);
    if (rc == 0)
        rc = fsync(fd) == 0 ? 0 : GP_EIO;
    (void)close(fd); /* it is synced, or of no use */
    if (rc == 0)
        rc = put_in_place(store);
    if (rc != 0)
        (void)unlinkat(store->folder_fd, DATA_TMP, 0); /* what happened counts more */
    return rc;
}

int gp_store_compact(const char *path)
{
    struct gp_store store = {.folder_fd = -1, .lock_fd = -1, .synced_fd = -1};
    struct gp_store_options options = {0};
    int rc = gp_folder_open(&store, path, &options);

    if (rc == 0) /* LMDB would take the newest one, and the one before it would be gone */
        rc = gp_snapshot_choose(&store, false);
    if (rc == 0)
        rc = compact(&store, path);
    if (store.synced_fd >= 0)
        (void)close(store.synced_fd);
    if (store.lock_fd >= 0)
        (void)close(store.lock_fd); /* lets go of the lock */
    if (store.folder_fd >= 0)
        (void)close(store.folder_fd);
    return rc;
}
