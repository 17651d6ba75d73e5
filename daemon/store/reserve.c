/*
 * Space is taken before work: blocks of data.mdb behind the last page that LMDB uses, and spare
 * segments of the log (log/upkeep.c). What lies ahead is not for new reports: when it cannot be
 * had any more they are refused, and reading, deadlines, handling and closing go on out of it.
 *
 * The blocks lie behind the file's end (FALLOC_FL_KEEP_SIZE): LMDB, copies and whoever looks at the
 * file see no difference, an extending write finds its block, and they stay when the file is
 * closed. They are taken a quarter more than asked for, so that not each checkpoint calls for a
 * few.
 */
#include "store/internal.h"
#include "store/log/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BLOCK_BYTES ((uint64_t)512) /* of st_blocks, whatever the file system's are */
#define PROBE_BYTES ((uint64_t)1 << 20)
#define LOCK_BYTES  ((uint64_t)GP_READERS_MAX * 128) /* more than LMDB's slots need */

/* Asked first, because some file systems keep all that was left when there was not enough. */
static bool has_room(int fd, uint64_t bytes)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) != 0 || (uint64_t)disk.f_bavail * disk.f_frsize >= bytes;
}

/* Errors: GP_ENOSPC; GP_EVERSION: this file system takes nothing ahead, though it has room. */
static int take(int fd, uint64_t from, uint64_t to)
{
    struct stat stat;
    int rc;

    if (fstat(fd, &stat) != 0)
        return gp_errno();
    uint64_t has = (uint64_t)stat.st_blocks * BLOCK_BYTES;
    if (to > has && !has_room(fd, to - has))
        return GP_ENOSPC;
    do {
        rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    } while (rc != 0 && errno == EINTR);
    if (rc == 0)
        return 0;
    return errno == EOPNOTSUPP || errno == ENOSYS ? GP_EVERSION : gp_errno();
}

/* What the last commit uses, and what it may use at most. */
static int look_at_file(const struct gp_store *store, int *ret_fd, uint64_t *ret_used,
                        uint64_t *ret_most)
{
    MDB_envinfo info;
    MDB_stat stat;

    if (mdb_env_info(store->env, &info) != 0 || mdb_env_stat(store->env, &stat) != 0 ||
        mdb_env_get_fd(store->env, ret_fd) != 0)
        return GP_EIO;
    *ret_used = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    *ret_most = info.me_mapsize;
    return 0;
}

static uint64_t ahead(uint64_t used, uint64_t bytes, uint64_t most)
{
    return used + bytes < most ? used + bytes : most;
}

bool gp_reserve_due(const struct gp_store *store)
{
    uint64_t used, most;
    int fd;

    if (store->reserve_bytes == 0 || look_at_file(store, &fd, &used, &most) != 0)
        return false;
    return atomic_load(&store->taken) < ahead(used, store->reserve_bytes, most);
}

int gp_reserve_take(struct gp_store *store)
{
    uint64_t used, most, from = atomic_load(&store->taken);
    int fd, rc = look_at_file(store, &fd, &used, &most);

    if (rc != 0 || store->reserve_bytes == 0 || from >= ahead(used, store->reserve_bytes, most))
        return rc;
    uint64_t to = ahead(used, store->reserve_bytes + store->reserve_bytes / 4, most);
    rc = take(fd, from, to);
    if (rc == GP_ENOSPC) {
        to = ahead(used, store->reserve_bytes, most);
        rc = take(fd, from, to);
    }
    if (rc == 0)
        atomic_store(&store->taken, to);
    store->unreserved = rc == GP_EVERSION;
    return rc == GP_EVERSION ? 0 : rc; /* there is room, and it is looked at again */
}

/* What a start finds: blocks, of which all but a few of the file system's own are of the file. */
int gp_reserve_open(struct gp_store *store, uint64_t bytes)
{
    uint64_t used, most;
    struct stat stat;
    int fd, rc = look_at_file(store, &fd, &used, &most);

    if (rc != 0 || bytes == 0)
        return rc;
    if (fstat(fd, &stat) != 0)
        return gp_errno();
    store->reserve_bytes = bytes;
    atomic_store(&store->taken, used); /* looking at all blocks of a large file would take long */
    rc = gp_reserve_take(store);
    if (rc == GP_ENOSPC)
        atomic_store(&store->taken, (uint64_t)stat.st_blocks * BLOCK_BYTES);
    return rc;
}

/* A quarter is for the tables to come up to the journal, by the next start as well. */
bool gp_reserve_spent(const struct gp_store *store)
{
    uint64_t used, most;
    int fd;

    if (!gp_store_short(store) || store->reserve_bytes == 0 || store->unreserved ||
        look_at_file(store, &fd, &used, &most) != 0)
        return false;
    return atomic_load(&store->taken) < ahead(used, store->reserve_bytes / 4, most);
}

bool gp_reserve_gone(const struct gp_store *store)
{
    uint64_t used, most, end;
    struct stat stat;
    int fd;

    if (look_at_file(store, &fd, &used, &most) != 0 || fstat(fd, &stat) != 0)
        return false;
    end = (uint64_t)stat.st_blocks * BLOCK_BYTES;
    if (end < used)
        end = used;
    return take(fd, end, end + PROBE_BYTES) == GP_ENOSPC;
}

/* LMDB maps it, and a page of a hole that finds no block would end the process (SIGBUS). Before
 * LMDB opens it: closing a descriptor of it takes the process' locks on it away. */
int gp_reserve_lock_file(const struct gp_store *store)
{
    int fd = openat(store->folder_fd, "lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc;

    if (fd < 0)
        return gp_errno();
    rc = take(fd, 0, LOCK_BYTES);
    (void)close(fd); /* nothing was written */
    return rc == GP_EVERSION ? 0 : rc;
}

bool gp_store_short(const struct gp_store *store)
{
    return atomic_load(&store->without);
}

/* As much again as lies ahead: the file may grow by some checkpoints before the next look, and then
 * be topped up. */
bool gp_store_crowded(const struct gp_store *store)
{
    return gp_store_short(store) ||
           (store->reserve_bytes > 0 && !has_room(store->folder_fd, store->reserve_bytes));
}
