/**
 * What the files of the store share. Nothing outside store/ includes this.
 *
 * Every value on disk ends in a checksum: the low 32 bits, big-endian, of
 * XXH3-64 over the value, seeded with XXH3-64 over the key, seeded with the table's number (LMDB
 * itself notices no flipped bit).
 */
#ifndef GP_STORE_INTERNAL_H
#define GP_STORE_INTERNAL_H

#include "store/store.h"

#include <lmdb.h>
#include <stdbool.h>

#define GP_SUM_BYTES 4

struct gp_store {
    MDB_env *env;
    MDB_dbi table[GP_TABLE_COUNT];
    bool drill;
    int lock_fd;
    int folder_fd;
};

struct gp_txn {
    struct gp_store *store;
    MDB_txn *mdb;
    bool writing;
    int error;       /* the first one: later calls and the commit return it */
    bool head_known; /* journal head below is read already */
    uint64_t head;
    unsigned char head_hash[GP_HASH_BYTES];
    MDB_cursor *cursor[GP_TABLE_COUNT]; /* of a writer: those that were needed so far (row.c) */
};

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

/** LMDB's and errno's numbers in our words: the one place. */
int gp_mdb_error(int mdb);

/** Remembers the first error of a write transaction; returns it. */
int gp_txn_fail(struct gp_txn *txn, int error);
/** The result of a read: all but GP_ENOTFOUND fails a write transaction. Returns rc. */
int gp_txn_seen(struct gp_txn *txn, int rc);

/** Closes a writer's cursor over a table, before rows of it are deleted by another one. */
void gp_cursor_close(struct gp_txn *txn, enum gp_table table);
/** Closes all of them; txn.c calls it before a transaction ends. */
void gp_cursors_close(struct gp_txn *txn);

/** Puts a row with its checksum. flags: MDB_APPEND where the key is mostly behind all others, which
 * is quicker then and fills the pages; else 0. */
int gp_row_put(struct gp_txn *txn, enum gp_table table, struct gp_span key, struct gp_span value,
               unsigned flags);
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

/** The first row whose key is at or behind `from`, checked. Errors: GP_ENOTFOUND, GP_ECORRUPT. */
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
