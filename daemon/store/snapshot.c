/*
 * Which of the two snapshots in data.mdb is whole.
 *
 * LMDB keeps two meta pages, and a commit writes the one whose snapshot is the older: page 0 for
 * even transactions, page 1 for odd ones. Checkpoints do not wait for the disk (settle.c), so after
 * a power cut the newest meta page may be there while pages that it points to are not; the snapshot
 * before it is whole, because nothing is written over that until the newer one is on the disk.
 * `data.synced` says which one was:
 *
 *   transaction u64, checksum u32 (the low half of XXH3-64 over the first 8 bytes)
 *
 * It lies within one sector and is written in place, after the data was synced. At opening, before
 * LMDB looks, a snapshot that is one ahead of it is stepped back from: the older meta page is
 * copied over the newer one. What that takes from the tables is folded again from the log.
 *
 * No file, or one that is torn or of another transaction: the newest snapshot is on the disk. A
 * file that was being written is of data that were; stores from before it synced each commit; and
 * a copy of a store that was stopped has what it has.
 *
 * The meta page as LMDB 0.9 lays it out on 64 bits (mdb.c: MDB_page, MDB_meta; data version 1):
 *
 *     0 page number u64, 8 pad u16, 10 flags u16 (8: meta)
 *    16 magic u32, 20 version u32, …, 40 page size u32, …, 136 last page u64,
 *   144 transaction u64, 152 end
 */
#include "base/bytes.h"
#include "store/internal.h"
#include "store/log/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define META_MAGIC   0xBEEFC0DE
#define META_VERSION 1
#define META_FLAG    8
#define META_BEGIN   16 /* behind the page's own head */
#define META_END     152
#define AT_LAST_PAGE 136
#define AT_TXN       144
#define SYNCED_BYTES 12

struct meta {
    unsigned char bytes[META_END]; /* of the page */
    uint64_t txn;
    uint32_t page_bytes;
};

static uint32_t word(const struct meta *meta, size_t at)
{
    uint32_t value;
    memcpy(&value, meta->bytes + at, sizeof value); /* LMDB writes what the machine has */
    return value;
}

/* A file that ends before it is GP_ECORRUPT. */
static int read_meta(int fd, uint64_t at, struct meta *ret_meta)
{
    uint16_t flags;
    int rc = gp_disk_read(fd, ret_meta->bytes, META_END, at);

    if (rc != 0)
        return rc;
    memcpy(&flags, ret_meta->bytes + 10, sizeof flags);
    memcpy(&ret_meta->txn, ret_meta->bytes + AT_TXN, sizeof ret_meta->txn);
    ret_meta->page_bytes = word(ret_meta, 40);
    return (flags & META_FLAG) != 0 && word(ret_meta, 16) == META_MAGIC &&
                   word(ret_meta, 20) == META_VERSION
               ? 0
               : GP_EVERSION;
}

/* ---------------------------------------------------------------- data.synced */

static void pack(uint64_t txn, unsigned char bytes[SYNCED_BYTES])
{
    gp_put_u64(bytes, txn);
    gp_put_u32(bytes + 8, (uint32_t)XXH3_64bits(bytes, 8));
}

/* GP_ECORRUPT: it names no transaction. What cannot be read is another matter: it may name one. */
static int read_synced(int fd, uint64_t *ret_txn)
{
    unsigned char bytes[SYNCED_BYTES], again[SYNCED_BYTES];
    int rc = gp_disk_read(fd, bytes, sizeof bytes, 0);

    if (rc != 0)
        return rc;
    *ret_txn = gp_get_u64(bytes);
    pack(*ret_txn, again);
    return memcmp(bytes, again, sizeof bytes) == 0 ? 0 : GP_ECORRUPT;
}

int gp_snapshot_note(const struct gp_store *store, uint64_t txn)
{
    unsigned char bytes[SYNCED_BYTES];
    size_t written;

    pack(txn, bytes);
    int rc = gp_disk_write(store->synced_fd, bytes, sizeof bytes, 0, &written);
    if (rc != 0)
        return rc;
    return fdatasync(store->synced_fd) == 0 ? 0 : GP_EIO;
}

/* ---------------------------------------------------------------- choosing */

/* Both meta pages. */
static int read_both(int fd, struct meta meta[2])
{
    int rc = read_meta(fd, 0, &meta[0]);
    return rc == 0 ? read_meta(fd, meta[0].page_bytes, &meta[1]) : rc;
}

static int step_back(int fd, const struct meta meta[2], int newest)
{
    uint64_t at = (newest == 1 ? meta[0].page_bytes : 0) + META_BEGIN;
    size_t written;
    int rc =
        gp_disk_write(fd, meta[1 - newest].bytes + META_BEGIN, META_END - META_BEGIN, at, &written);

    if (rc != 0)
        return rc;
    return fdatasync(fd) == 0 ? 0 : GP_EIO;
}

static int choose(int data_fd, int synced_fd)
{
    struct meta meta[2];
    uint64_t synced = 0;

    int rc = read_synced(synced_fd, &synced);
    if (rc == 0)
        rc = read_both(data_fd, meta);
    if (rc == GP_ECORRUPT || rc == GP_EVERSION) /* LMDB is to say what is wrong with its file */
        return 0;
    if (rc != 0)
        return rc;
    int newest = meta[0].txn < meta[1].txn;
    if (meta[newest].txn != synced + 1 || meta[1 - newest].txn != synced)
        return 0;
    return step_back(data_fd, meta, newest);
}

/* Its name is on disk before anything relies on it. */
static int open_synced(struct gp_store *store)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

    store->synced_fd = openat(store->folder_fd, "data.synced", flags);
    if (store->synced_fd >= 0)
        return 0;
    if (errno != ENOENT)
        return gp_mdb_error(errno);
    store->synced_fd = openat(store->folder_fd, "data.synced", flags | O_CREAT | O_EXCL, 0600);
    if (store->synced_fd < 0 || fsync(store->folder_fd) != 0)
        return gp_mdb_error(errno);
    return 0;
}

static int remove_synced(const struct gp_store *store)
{
    return unlinkat(store->folder_fd, "data.synced", 0) == 0 || errno == ENOENT
               ? 0
               : gp_mdb_error(errno);
}

int gp_snapshot_choose(struct gp_store *store, bool nosync)
{
    int rc = nosync ? remove_synced(store) : open_synced(store);
    int fd;

    if (rc != 0 || nosync)
        return rc;
    fd = openat(store->folder_fd, "data.mdb", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : gp_mdb_error(errno);
    rc = choose(fd, store->synced_fd);
    (void)close(fd); /* what was written to it is synced */
    return rc;
}

/* Both, of the file that LMDB has open, where one that ends before them is none of LMDB's. */
static int read_open(const struct gp_store *store, struct meta meta[2])
{
    int fd;

    if (mdb_env_get_fd(store->env, &fd) != 0)
        return GP_EIO;
    int rc = read_both(fd, meta);
    return rc == GP_ECORRUPT ? GP_EVERSION : rc;
}

int gp_snapshot_check(const struct gp_store *store, uint64_t *ret_txn)
{
    struct meta meta[2];
    MDB_envinfo info;

    if (mdb_env_info(store->env, &info) != 0)
        return GP_EIO;
    int rc = read_open(store, meta);
    if (rc != 0)
        return rc;
    if (meta[meta[0].txn < meta[1].txn].txn != info.me_last_txnid)
        return GP_EVERSION;
    *ret_txn = info.me_last_txnid;
    return 0;
}

/* ---------------------------------------------------------------- copying */

static_assert(sizeof((struct gp_snapshot *)0)->meta == META_END, "all of a meta page that counts");

/* The meta page of a reader's transaction. While the newest commit is that one, nobody writes over
 * it; *ret_old: another has come. */
static int read_its_meta(const struct gp_store *store, size_t txn, struct meta *ret_meta,
                         bool *ret_old)
{
    struct meta meta[2];
    MDB_envinfo info;
    int rc = read_open(store, meta);

    if (mdb_env_info(store->env, &info) != 0)
        return GP_EIO;
    *ret_old = info.me_last_txnid != txn;
    if (*ret_old)
        return 0;
    if (rc != 0)
        return rc;
    if (meta[txn & 1].txn != txn)
        return GP_EVERSION;
    *ret_meta = meta[txn & 1];
    return 0;
}

static int try_take(const struct gp_store *store, struct gp_snapshot *snapshot, bool *ret_old)
{
    struct meta meta = {0};
    uint64_t last_page;
    int rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &snapshot->reader));

    if (rc != 0)
        return rc;
    rc = read_its_meta(store, mdb_txn_id(snapshot->reader), &meta, ret_old);
    if (rc != 0 || *ret_old) {
        gp_snapshot_drop(snapshot);
        return rc;
    }
    memcpy(&last_page, meta.bytes + AT_LAST_PAGE, sizeof last_page);
    memcpy(snapshot->meta, meta.bytes, META_END);
    snapshot->page_bytes = meta.page_bytes;
    snapshot->bytes = (last_page + 1) * meta.page_bytes;
    return 0;
}

int gp_snapshot_take(const struct gp_store *store, struct gp_snapshot *ret_snapshot)
{
    bool old = false;
    int rc;

    do /* checkpoints are far between */
        rc = try_take(store, ret_snapshot, &old);
    while (rc == 0 && old);
    return rc;
}

void gp_snapshot_drop(struct gp_snapshot *snapshot)
{
    mdb_txn_abort(snapshot->reader);
    snapshot->reader = NULL;
}

/* One page is the snapshot's, the other one says 0: LMDB takes the newer, and writes the next over
 * the older. */
int gp_snapshot_write(const struct gp_snapshot *snapshot, int fd)
{
    const size_t bytes = snapshot->page_bytes;
    unsigned char *pages = calloc(2, bytes);
    size_t written;
    uint64_t txn;

    if (pages == NULL)
        return GP_ENOMEM;
    memcpy(&txn, snapshot->meta + AT_TXN, sizeof txn);
    for (uint64_t page = 0; page < 2; page++) {
        memcpy(pages + page * bytes, snapshot->meta, META_END);
        memcpy(pages + page * bytes, &page, sizeof page); /* its own number */
        if (page != (txn & 1))
            memset(pages + page * bytes + AT_TXN, 0, sizeof txn);
    }
    int rc = gp_disk_write(fd, pages, 2 * bytes, 0, &written);
    free(pages);
    return rc;
}
