#include "base/bytes.h"
#include "store/internal.h"

#include <assert.h>
#include <errno.h>
#include <xxhash.h>

int gp_mdb_error(int mdb)
{
    switch (mdb) {
    case 0:
        return 0;
    case MDB_NOTFOUND:
        return GP_ENOTFOUND;
    case MDB_KEYEXIST:
        return GP_EEXIST;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return GP_ENOSPC;
    case ENOMEM:
        return GP_ENOMEM;
    case MDB_READERS_FULL:
    case MDB_TXN_FULL:
    case EAGAIN:
    case EBUSY:
    case EMFILE: /* others have them all for the moment */
    case ENFILE:
        return GP_EAGAIN;
    case MDB_CORRUPTED:
    case MDB_CURSOR_FULL: /* pages that go round in a circle */
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        return GP_ECORRUPT;
    case MDB_VERSION_MISMATCH:
        return GP_EVERSION;
    case MDB_BAD_TXN:
    case MDB_BAD_VALSIZE:
    case EINVAL:
        return GP_EINVAL;
    case ENOENT:
        return GP_ENOTFOUND;
    case MDB_PANIC: /* a commit's last page could not be written: nothing is damaged by that */
    default:
        return GP_EIO;
    }
}

static uint32_t checksum(enum gp_table table, struct gp_span key, struct gp_span value)
{
    XXH64_hash_t sum = XXH3_64bits_withSeed(key.ptr, key.len, (XXH64_hash_t)table);
    return (uint32_t)XXH3_64bits_withSeed(value.ptr, value.len, sum);
}

/* ---------------------------------------------------------------- cursors */

/* A writer's cursor over a table stays open and stands where the last row was: keys that come in
 * order are found on its page, without a way down from the root. */
static int cursor_of(struct gp_txn *txn, enum gp_table table, MDB_cursor **ret_cursor)
{
    int rc = 0;

    if (txn->cursor[table] == NULL)
        rc = mdb_cursor_open(txn->mdb, txn->store->table[table], &txn->cursor[table]);
    *ret_cursor = txn->cursor[table];
    return rc;
}

void gp_cursor_close(struct gp_txn *txn, enum gp_table table)
{
    if (txn->cursor[table] != NULL)
        mdb_cursor_close(txn->cursor[table]);
    txn->cursor[table] = NULL;
}

void gp_cursors_close(struct gp_txn *txn)
{
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        gp_cursor_close(txn, (enum gp_table)table);
}

/* ---------------------------------------------------------------- one row */

static int put(struct gp_txn *txn, enum gp_table table, struct gp_span key, MDB_val *room,
               unsigned flags)
{
    MDB_val mdb_key = gp_val(key);
    MDB_cursor *cursor;
    int rc = cursor_of(txn, table, &cursor);

    if (rc != 0)
        return rc;
    rc = mdb_cursor_put(cursor, &mdb_key, room, MDB_RESERVE | flags);
    if (rc == MDB_KEYEXIST) /* only said of MDB_APPEND: the key is not the last */
        rc = mdb_cursor_put(cursor, &mdb_key, room, MDB_RESERVE);
    return rc;
}

int gp_row_put(struct gp_txn *txn, enum gp_table table, struct gp_span key, struct gp_span value,
               unsigned flags)
{
    MDB_val room = {.mv_size = value.len + GP_SUM_BYTES};

    assert(txn->writing);
    if (txn->error != 0)
        return txn->error;
    int rc = put(txn, table, key, &room, flags);
    if (rc != 0)
        return gp_txn_fail(txn, gp_mdb_error(rc));
    txn->wrote |= UINT32_C(1) << table;
    if (value.len > 0)
        memcpy(room.mv_data, value.ptr, value.len);
    gp_put_u32((unsigned char *)room.mv_data + value.len, checksum(table, key, value));
    return 0;
}

int gp_row_check(enum gp_table table, struct gp_span key, struct gp_span stored,
                 struct gp_span *ret_value)
{
    if (stored.len < GP_SUM_BYTES)
        return GP_ECORRUPT;
    struct gp_span value = {stored.ptr, stored.len - GP_SUM_BYTES};
    uint32_t sum = gp_get_u32((const unsigned char *)stored.ptr + value.len);
    if (sum != checksum(table, key, value))
        return GP_ECORRUPT;
    *ret_value = value;
    return 0;
}

static int get(struct gp_txn *txn, enum gp_table table, struct gp_span key, MDB_val *ret_stored)
{
    MDB_val mdb_key = gp_val(key);
    MDB_cursor *cursor;

    if (!txn->writing)
        return mdb_get(txn->mdb, txn->store->table[table], &mdb_key, ret_stored);
    int rc = cursor_of(txn, table, &cursor);
    return rc == 0 ? mdb_cursor_get(cursor, &mdb_key, ret_stored, MDB_SET) : rc;
}

int gp_row_get(struct gp_txn *txn, enum gp_table table, struct gp_span key,
               struct gp_span *ret_value)
{
    MDB_val stored;

    if (txn->error != 0)
        return txn->error;
    int rc = gp_mdb_error(get(txn, table, key, &stored));
    if (rc == 0)
        rc = gp_row_check(table, key, gp_unval(stored), ret_value);
    return gp_txn_seen(txn, rc);
}

int gp_row_glance(struct gp_txn *txn, enum gp_table table, struct gp_span key,
                  struct gp_span *ret_value)
{
    MDB_val stored;

    if (txn->error != 0)
        return txn->error;
    int rc = gp_mdb_error(get(txn, table, key, &stored));
    if (rc == 0 && gp_row_check(table, key, gp_unval(stored), ret_value) != 0)
        rc = GP_ENOTFOUND;
    return gp_txn_seen(txn, rc);
}

int gp_row_del(struct gp_txn *txn, enum gp_table table, struct gp_span key)
{
    MDB_val mdb_key = gp_val(key);

    assert(txn->writing);
    if (txn->error != 0)
        return txn->error;
    txn->wrote |= UINT32_C(1) << table;
    gp_cursor_close(txn, table); /* it might stand on a page that goes */
    int rc = mdb_del(txn->mdb, txn->store->table[table], &mdb_key, NULL);
    if (rc == MDB_NOTFOUND)
        return gp_txn_fail(txn, GP_ECORRUPT); /* an index row that the incident says is there */
    return rc != 0 ? gp_txn_fail(txn, gp_mdb_error(rc)) : 0;
}

/* Whether two keys are of the same owner: their first 8 bytes, which all tables that are looked
 * through so begin with. */
static bool same_owner(struct gp_span a, struct gp_span b)
{
    return a.len >= 8 && b.len >= 8 && memcmp(a.ptr, b.ptr, 8) == 0;
}

/* The row that an operation finds, from `key` on where it looks at that. */
static int row_at(struct gp_txn *txn, enum gp_table table, MDB_cursor_op how, MDB_val key,
                  struct gp_span *ret_key, struct gp_span *ret_value)
{
    const struct gp_span from = gp_unval(key);
    MDB_cursor *cursor;
    MDB_val stored;

    if (txn->error != 0)
        return txn->error;
    int rc = gp_mdb_error(mdb_cursor_open(txn->mdb, txn->store->table[table], &cursor));
    if (rc != 0)
        return gp_txn_seen(txn, rc);
    rc = gp_mdb_error(mdb_cursor_get(cursor, &key, &stored, how));
    mdb_cursor_close(cursor);
    if (rc == 0 && how == MDB_SET_RANGE && !same_owner(from, gp_unval(key)))
        rc = GP_ENOTFOUND; /* another one's row: whether that is whole is none of our business */
    if (rc == 0)
        rc = gp_row_check(table, gp_unval(key), gp_unval(stored), ret_value);
    if (rc == 0)
        *ret_key = gp_unval(key);
    return gp_txn_seen(txn, rc);
}

int gp_row_from(struct gp_txn *txn, enum gp_table table, struct gp_span from,
                struct gp_span *ret_key, struct gp_span *ret_value)
{
    return row_at(txn, table, MDB_SET_RANGE, gp_val(from), ret_key, ret_value);
}

int gp_row_edge(struct gp_txn *txn, enum gp_table table, MDB_cursor_op edge,
                struct gp_span *ret_key)
{
    struct gp_span value;
    return row_at(txn, table, edge, (MDB_val){0}, ret_key, &value);
}

int gp_last_id(struct gp_txn *txn, enum gp_table table, uint64_t *ret_id)
{
    struct gp_span key = {0};
    int rc = gp_row_edge(txn, table, MDB_LAST, &key);

    if (rc == GP_ENOTFOUND) {
        *ret_id = 0;
        return 0;
    }
    if (rc == 0 && key.len != 8)
        rc = GP_ECORRUPT;
    if (rc == 0)
        *ret_id = gp_get_u64((const unsigned char *)key.ptr);
    return rc;
}
