/**
 * What the files of the store share. Nothing outside store/ includes this.
 *
 * Every value on disk ends in a checksum: the low 32 bits, big-endian, of
 * XXH3-64 over the value, seeded with XXH3-64 over the key, seeded with the table's number (LMDB
 * itself notices no flipped bit).
 */
#ifndef GP_STORE_INTERNAL_H
#define GP_STORE_INTERNAL_H

#include "store/log/wal.h"
#include "store/store.h"

#include <assert.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define GP_SUM_BYTES 4
#define GP_NO_TABLE  UINT_MAX /* no handle of LMDB's */

#define GP_READERS_MAX 256 /* of LMDB: pool threads, tests and headroom */

struct gp_store {
    MDB_env *env;
    MDB_dbi table[GP_TABLE_COUNT];
    bool drill;
    int lock_fd;
    int folder_fd;
    int journal_fd;
    int synced_fd; /* data.synced; -1: of a store that nothing is synced of */
    struct gp_wal *wal;
    /* the writer's: checkpoint.c */
    MDB_txn *standing;       /* over many batches; NULL: the last checkpoint is all there is */
    struct gp_wal_mark mark; /* of the last checkpoint; settling reads it while it is unsettled */
    uint64_t entries;        /* in the standing transaction */
    int64_t since_ms;        /* monotonic: when it got its first batch */
    bool acknowledged;       /* the log has records behind the mark */
    bool behind;             /* and the tables lack them */
    unsigned borrowed;       /* our readers in the standing transaction */
    int64_t full_ms;         /* monotonic: when recovering last found no space; 0: it did not */
    bool doubted;            /* the last commit failed as on a disk that fails, or is full */
    bool erased;             /* texts that the newest segment may still have */
    atomic_int dead; /* a sync failed, so that nothing can be said of what is on disk: GP_EIO */
    /* settle.c */
    atomic_bool unsettled;       /* the last checkpoint is not on the disk yet */
    bool much;                   /* that has many pages; written while nothing is unsettled */
    pthread_mutex_t settle_lock; /* whoever settles it */
    struct gp_wal_mark settled;  /* of the last checkpoint on the disk; under the lock */
    bool copying;                /* a copy begun at `floor` is under way; as `settled` */
    struct gp_wal_mark floor;    /* nothing behind it is sealed */
    pthread_mutex_t settled_lock;
    /* reserve.c */
    uint64_t reserve_bytes;     /* of the data file, ahead of what is used; 0: none */
    bool unreserved;            /* the file system takes nothing ahead: free space is looked at */
    atomic_uint_fast64_t taken; /* bytes of the data file that have blocks */
    atomic_bool without;        /* what lies ahead could not be had: no new reports */
    /* seen by readers */
    _Atomic uintptr_t writer;       /* the thread of the standing transaction; 0: there is none */
    atomic_uint_fast64_t committed; /* seq of the last checkpoint */
    atomic_uint_fast64_t written[GP_TABLE_COUNT]; /* seq of the last batch that wrote in a table */
};

struct gp_txn {
    struct gp_store *store;
    MDB_txn *mdb;
    bool writing;
    bool borrowed;   /* reads in the standing transaction, which goes on behind it */
    bool recovering; /* its records are in the log already */
    int error;       /* the first one: later calls and the commit return it */
    uint32_t wrote;  /* tables, bit (1 << table) */
    uint64_t entries;
    struct gp_wal_reader *reader; /* NULL: no entry was looked at yet */
    bool head_known;              /* journal head below is read already */
    uint64_t head;
    unsigned char head_hash[GP_HASH_BYTES];
    MDB_cursor *cursor[GP_TABLE_COUNT]; /* of a writer: those that were needed so far (row.c) */
};

static_assert(GP_TABLE_COUNT <= 32, "gp_txn.wrote has a bit for each table");

/**
 * Opens the folder and takes its lock.
 *
 * Errors:   GP_ENOTFOUND no store and !create, or no parent; GP_EEXIST a new store would lie among
 *           other files; GP_EINVAL not a folder; GP_ELOCKED; GP_EIO
 */
int gp_folder_open(struct gp_store *store, const char *path,
                   const struct gp_store_options *options);
/** Makes the entries of the files in the folder, and its own in its parent, durable. */
int gp_folder_sync(const struct gp_store *store, const char *path);

/** Makes the folder of the journal, or opens it. Errors: GP_EIO, GP_ENOSPC. */
int gp_folder_journal(struct gp_store *store);
/** Removes what a start that did not come to its end has left there. */
int gp_folder_clear_journal(const struct gp_store *store);

/** LMDB's and errno's numbers in our words: the one place. */
int gp_mdb_error(int mdb);

/** The result of a read: all but GP_ENOTFOUND fails a write transaction. Returns rc. */
int gp_txn_seen(struct gp_txn *txn, int rc);

/* ---- checkpoint.c ---- */

int64_t gp_monotonic_ms(void);

/** Makes sure that a transaction stands. Errors: GP_EIO, GP_ENOMEM. */
int gp_standing_open(struct gp_store *store);
/** Ends it where it holds nothing, so that no reader stands in it for long. */
void gp_standing_rest(struct gp_store *store);
/** Throws the standing transaction away, and what the log has not synced. */
void gp_standing_drop(struct gp_store *store);
/** Settles the checkpoint before it and commits, with the place in the log up to which the tables
 * are. */
int gp_standing_commit(struct gp_store *store, const struct gp_wal_mark *mark);

/* ---- settle.c, snapshot.c ---- */

/** A checkpoint was committed: what it wrote is to come to the disk. */
void gp_settle_later(struct gp_store *store);

/** Before LMDB opens data.mdb: sees to it that its newest snapshot is one that was on the disk.
 * Errors: GP_EIO, GP_ENOSPC. */
int gp_snapshot_choose(struct gp_store *store, bool nosync);
/** Behind that: whether LMDB has the transaction that we read in the file. Errors: GP_EVERSION: it
 * lays its pages out in another way than this room knows; GP_EIO. */
int gp_snapshot_check(const struct gp_store *store, uint64_t *ret_txn);
/** Notes that a transaction is on the disk. Errors: GP_ENOSPC: it may be tried again; GP_EIO. */
int gp_snapshot_note(const struct gp_store *store, uint64_t txn);

/* ---- reserve.c ---- */

/** At a start: takes what is to lie ahead. bytes 0: nothing is. Errors: as gp_reserve_take. */
int gp_reserve_open(struct gp_store *store, uint64_t bytes);
/** Whether so little is left of it, and no more to be had, that nothing at all is to be begun. */
bool gp_reserve_spent(const struct gp_store *store);
/** Whether less of the data file lies ahead than should. Thread: any. */
bool gp_reserve_due(const struct gp_store *store);
/** Takes more of it. Thread: one at a time. Errors: GP_ENOSPC: try again later; GP_EIO. */
int gp_reserve_take(struct gp_store *store);
/** Whether not even a little is to be had: LMDB says GP_EIO where the disk took a part of a write
 * only. */
bool gp_reserve_gone(const struct gp_store *store);
/** Takes all blocks of LMDB's lock file. Requires: LMDB has not opened it. Errors: GP_ENOSPC. */
int gp_reserve_lock_file(const struct gp_store *store);

/* A snapshot that a reader holds: what its pages say does not change while it is open. */
struct gp_snapshot {
    MDB_txn *reader;
    uint64_t bytes; /* of the data file, at most: what lies behind is none of its */
    uint32_t page_bytes;
    unsigned char meta[152]; /* its meta page, up to its end */
};

/** Takes the newest snapshot. Errors: GP_EVERSION as above; GP_EAGAIN: no reader is free; GP_EIO,
 * GP_ENOMEM. */
int gp_snapshot_take(const struct gp_store *store, struct gp_snapshot *ret_snapshot);
void gp_snapshot_drop(struct gp_snapshot *snapshot);
/** Writes the two meta pages of a file that has this snapshot alone. Errors: GP_ENOSPC, GP_EIO,
 * GP_ENOMEM. */
int gp_snapshot_write(const struct gp_snapshot *snapshot, int fd);

/* ---- recover.c ---- */

/** Adds what a fold cannot derive to the log, unless it comes from there. */
int gp_side_personal(struct gp_txn *txn, uint64_t incident, uint64_t seq, struct gp_span value);
int gp_side_meta(struct gp_txn *txn, const char *name,
                 const struct gp_span *value); /* NULL: gone */

/* ---- meta.c ---- */

/* Names of the store's own: what they say is of the tables, so no record tells of them. */
#define GP_META_FORMAT "format"
#define GP_META_KIND   "kind"
#define GP_META_PLACE  "journal-mark"

/* ---- personal.c ---- */

/** Puts a row as the log has it. */
int gp_personal_put_row(struct gp_txn *txn, uint64_t incident, uint64_t seq, struct gp_span value);

/* ---- upgrade.c ---- */

/** Whether what lies in the journal's folder is what a start has left that was killed while it
 * moved this store's entries there; a journal with other or further entries is not. */
int gp_upgrade_is_leftover(struct gp_store *store, bool *ret_is);
/** Moves the journal of a store before format 4 from its table into the log. */
int gp_upgrade_journal(struct gp_store *store);
/** Empties that table, some rows at a time; a start that was killed goes on with it. */
int gp_upgrade_clear(struct gp_store *store);

/** Closes a writer's cursor over a table, before rows of it are deleted by another one. */
void gp_cursor_close(struct gp_txn *txn, enum gp_table table);
/** Closes all of them; txn.c calls it before a transaction ends. */
void gp_cursors_close(struct gp_txn *txn);

/** Puts a row with its checksum. flags: MDB_APPEND where the key is mostly behind all others, which
 * is quicker then and fills the pages; else 0. */
int gp_row_put(struct gp_txn *txn, enum gp_table table, struct gp_span key, struct gp_span value,
               unsigned flags);
/** The same for who can do without it: a row that its checksum does not fit is none, and what is
 * looked at in this transaction goes on. Errors: GP_ENOTFOUND, and as gp_row_get where LMDB fails.
 */
int gp_row_glance(struct gp_txn *txn, enum gp_table table, struct gp_span key,
                  struct gp_span *ret_value);
/** Gets a row, checksum checked and stripped. Errors: GP_ENOTFOUND, GP_ECORRUPT, GP_EIO. */
int gp_row_get(struct gp_txn *txn, enum gp_table table, struct gp_span key,
               struct gp_span *ret_value);
/** Deletes a row. Errors: GP_ECORRUPT: it was not there, though the caller's tables say so. */
int gp_row_del(struct gp_txn *txn, enum gp_table table, struct gp_span key);
/** The first (MDB_FIRST) or last (MDB_LAST) key of a table. Errors: GP_ENOTFOUND: it is empty. */
int gp_row_edge(struct gp_txn *txn, enum gp_table table, MDB_cursor_op edge,
                struct gp_span *ret_key);
/** Checks and strips the checksum of a stored value. */
int gp_row_check(enum gp_table table, struct gp_span key, struct gp_span stored,
                 struct gp_span *ret_value);

/** The first row whose key is at or behind `from` and begins with the same 8 bytes, checked.
 * Errors: GP_ENOTFOUND, GP_ECORRUPT. */
int gp_row_from(struct gp_txn *txn, enum gp_table table, struct gp_span from,
                struct gp_span *ret_key, struct gp_span *ret_value);

static inline MDB_val gp_val(struct gp_span span)
{
    return (MDB_val){.mv_size = span.len, .mv_data = (void *)(uintptr_t)span.ptr};
}

static inline struct gp_span gp_unval(MDB_val val)
{
    return (struct gp_span){val.mv_data, val.mv_size};
}

static inline struct gp_span gp_bytes(const unsigned char *bytes, size_t len)
{
    return (struct gp_span){(const char *)bytes, len};
}

#endif
