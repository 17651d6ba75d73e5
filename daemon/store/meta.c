/*
 * meta: name → bytes. Facts of the daemon's life, which no fold derives: each put and deletion is a
 * record of the log as well. The store's own names are not: they say what the tables beside them
 * are.
 *
 *   format        one byte, GP_STORE_FORMAT
 *   kind          "real" or "drill"
 *   journal-mark  the place in the log up to which the tables are (gp_wal_mark_pack)
 */
#include "store/internal.h"

int gp_meta_put_own(struct gp_txn *txn, const char *name, struct gp_span value)
{
    return gp_row_put(txn, GP_TABLE_META, gp_span_of(name), value, 0);
}

int gp_meta_put(struct gp_txn *txn, const char *name, struct gp_span value)
{
    int rc = gp_meta_put_own(txn, name, value);
    return rc == 0 ? gp_side_meta(txn, name, &value) : rc;
}

int gp_meta_get(struct gp_txn *txn, const char *name, struct gp_span *ret_value)
{
    return gp_row_get(txn, GP_TABLE_META, gp_span_of(name), ret_value);
}

int gp_meta_del(struct gp_txn *txn, const char *name)
{
    int rc = gp_row_del(txn, GP_TABLE_META, gp_span_of(name));
    return rc == 0 ? gp_side_meta(txn, name, NULL) : rc;
}
