/*
 * Before format 4 the journal was a table: seq u64 → hash before (32), entry bytes, checksum. Such
 * a store is brought up when it is opened: the entries are written into the log, then format and
 * place come in one commit, then the table is emptied. A start that is killed before that commit
 * begins anew, one that is killed behind it goes on emptying.
 */
#include "base/bytes.h"
#include "store/internal.h"

/* Entries of a group, and rows of a transaction: bounded, or LMDB's free list grows. */
#define CHUNK 1000

/* ---------------------------------------------------------------- what lies there already */

static void ignore(void *context, const struct gp_wal_flaw *flaw)
{
    (void)context;
    (void)flaw;
}

/* Whether the table has an entry with this number and hash. */
static int has_entry(struct gp_store *store, uint64_t seq, const unsigned char hash[GP_HASH_BYTES],
                     bool *ret_has)
{
    unsigned char key_bytes[8], is[GP_HASH_BYTES];
    struct gp_span value;
    MDB_val key, stored;
    MDB_txn *mdb;
    MDB_dbi table;
    int rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb));

    if (rc != 0)
        return rc;
    gp_put_u64(key_bytes, seq);
    key = gp_val(gp_bytes(key_bytes, sizeof key_bytes));
    rc = gp_mdb_error(mdb_dbi_open(mdb, gp_table_name(GP_TABLE_JOURNAL), 0, &table));
    if (rc == 0)
        rc = gp_mdb_error(mdb_get(mdb, table, &key, &stored));
    if (rc == 0)
        rc = gp_row_check(GP_TABLE_JOURNAL, gp_unval(key), gp_unval(stored), &value);
    if (rc == 0 && value.len >= GP_HASH_BYTES) {
        gp_chain((const unsigned char *)value.ptr, seq,
                 (struct gp_span){value.ptr + GP_HASH_BYTES, value.len - GP_HASH_BYTES}, is);
        *ret_has = memcmp(is, hash, GP_HASH_BYTES) == 0;
    }
    mdb_txn_abort(mdb);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_upgrade_is_leftover(struct gp_store *store, bool *ret_is)
{
    const struct gp_wal_check check = {.flaw = ignore};
    struct gp_wal_checked checked;
    int rc = gp_wal_check(store->journal_fd, &check, &checked);

    *ret_is = rc == 0 && checked.last == 0;
    if (rc != 0 || checked.last == 0)
        return rc;
    return has_entry(store, checked.last, checked.hash, ret_is);
}

/* ---------------------------------------------------------------- moving */

struct move {
    struct gp_store *store;
    MDB_txn *mdb;
    MDB_cursor *cursor;
};

static int move_one(struct move *move, MDB_val key, MDB_val stored)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_span value;
    uint64_t head, seq;
    int rc = gp_row_check(GP_TABLE_JOURNAL, gp_unval(key), gp_unval(stored), &value);

    gp_wal_head(move->store->wal, &head, hash);
    if (rc == 0 && (key.mv_size != 8 || gp_get_u64(key.mv_data) != head + 1 ||
                    value.len < GP_HASH_BYTES || memcmp(value.ptr, hash, GP_HASH_BYTES) != 0))
        rc = GP_ECORRUPT;
    if (rc != 0)
        return rc;
    value.ptr += GP_HASH_BYTES;
    value.len -= GP_HASH_BYTES;
    return gp_wal_entry(move->store->wal, value, &seq);
}

/* A group of the log. *ret_more: there may be further rows. */
static int move_some(struct move *move, bool *ret_more)
{
    MDB_val key, stored;
    int rc = 0;

    *ret_more = true;
    for (int rows = 0; rc == 0 && rows < CHUNK && *ret_more; rows++) {
        rc = gp_mdb_error(mdb_cursor_get(move->cursor, &key, &stored, MDB_NEXT));
        *ret_more = rc != GP_ENOTFOUND;
        rc = rc == 0 ? move_one(move, key, stored) : *ret_more ? rc : 0;
    }
    if (rc != 0 || !gp_wal_pending(move->store->wal))
        return rc;
    rc = gp_wal_write(move->store->wal);
    return rc == 0 ? gp_wal_sync(move->store->wal) : rc;
}

/* Seals what is full: the tables are up to date already, and a large journal's raw segments would
 * all have to be read by the next start. */
static int keep_up(struct gp_wal *wal)
{
    struct gp_wal_mark mark;

    gp_wal_mark(wal, &mark);
    return gp_wal_upkeep_due(wal, &mark) ? gp_wal_upkeep(wal, &mark) : 0;
}

int gp_upgrade_journal(struct gp_store *store)
{
    struct move move = {.store = store};
    MDB_dbi *table = &store->table[GP_TABLE_JOURNAL];
    bool more = true;
    int rc = gp_mdb_error(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &move.mdb));

    if (rc != 0)
        return rc;
    rc = gp_mdb_error(mdb_dbi_open(move.mdb, gp_table_name(GP_TABLE_JOURNAL), 0, table));
    if (rc == 0)
        rc = gp_mdb_error(mdb_cursor_open(move.mdb, *table, &move.cursor));
    while (rc == 0 && more) {
        rc = move_some(&move, &more);
        if (rc == 0)
            rc = keep_up(store->wal);
    }
    if (move.cursor != NULL)
        mdb_cursor_close(move.cursor);
    mdb_txn_abort(move.mdb); /* with it the handle: all tables are opened behind this */
    return rc == GP_ENOTFOUND ? GP_EVERSION : rc;
}

/* ---------------------------------------------------------------- emptying */

/* What is in these rows is in the log, so whether they are whole does not matter. */
static int drop_rows(struct gp_txn *txn, bool *ret_more)
{
    MDB_val key, stored;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn->mdb, txn->store->table[GP_TABLE_JOURNAL], &cursor);

    if (rc != 0)
        return gp_mdb_error(rc);
    for (int rows = 0; rc == 0 && rows < CHUNK; rows++) {
        rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT);
        if (rc == 0)
            rc = mdb_cursor_del(cursor, 0);
        if (rc == 0)
            txn->wrote |= UINT32_C(1) << GP_TABLE_JOURNAL;
    }
    mdb_cursor_close(cursor);
    *ret_more = rc == 0;
    return rc == MDB_NOTFOUND ? 0 : gp_mdb_error(rc);
}

static int clear_some(struct gp_store *store, bool *ret_more)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_write(store, &txn);

    if (rc == 0)
        rc = drop_rows(txn, ret_more);
    if (rc != 0) {
        gp_txn_abort(txn);
        return rc;
    }
    return gp_txn_commit(txn);
}

int gp_upgrade_clear(struct gp_store *store)
{
    bool more = true;
    int rc = 0;

    while (rc == 0 && more)
        rc = clear_some(store, &more);
    return rc;
}
