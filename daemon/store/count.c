/* How long a range of keys is, as far as that matters. */
#include "store/internal.h"

int gp_table_count(struct gp_txn *txn, enum gp_table table, struct gp_span from, struct gp_span end,
                   unsigned most, unsigned *ret_count)
{
    MDB_val key = gp_val(from), stored;
    MDB_cursor *cursor;
    unsigned count = 0;

    if (txn->error != 0)
        return txn->error;
    int rc = mdb_cursor_open(txn->mdb, txn->store->table[table], &cursor);
    if (rc != 0)
        return gp_mdb_error(rc);
    rc = mdb_cursor_get(cursor, &key, &stored, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    while (rc == 0 && count < most && gp_span_compare(gp_unval(key), end) < 0) {
        count++;
        rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (rc != 0 && rc != MDB_NOTFOUND)
        return gp_txn_seen(txn, gp_mdb_error(rc));
    *ret_count = count;
    return 0;
}
