/*
 * meta: name → bytes. Facts of the daemon's life, which no fold derives: each put and deletion is a
 * record of the log as well. The store's own names are not: they say what the tables beside them
 * are, and go with these.
 *
 *   format        one byte, GP_STORE_FORMAT
 *   kind          "real" or "drill"
 *   journal-mark  the place in the log up to which the tables are (gp_wal_mark_pack)
 *   by-area       which bytes rows of by_area have
 */
#include "store/internal.h"

#include <string.h>

static bool is_own(const char *name)
{
    static const char *const own[] = {GP_META_FORMAT, GP_META_KIND, GP_META_PLACE, GP_META_BY_AREA};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(name, own[i]) == 0)
            return true;
    }
    return false;
}

int gp_meta_put(struct gp_txn *txn, const char *name, struct gp_span value)
{
    int rc = gp_row_put(txn, GP_TABLE_META, gp_span_of(name), value, 0);
    return rc == 0 && !is_own(name) ? gp_side_meta(txn, name, &value) : rc;
}

int gp_meta_get(struct gp_txn *txn, const char *name, struct gp_span *ret_value)
{
    return gp_row_get(txn, GP_TABLE_META, gp_span_of(name), ret_value);
}

int gp_meta_del(struct gp_txn *txn, const char *name)
{
    int rc = gp_row_del(txn, GP_TABLE_META, gp_span_of(name));
    return rc == 0 && !is_own(name) ? gp_side_meta(txn, name, NULL) : rc;
}
