/* The only place where transactions begin and end. */
#include "store/internal.h"

#include <assert.h>
#include <stdlib.h>

static int begin(struct gp_store *store, bool writing, struct gp_txn **ret_txn)
{
    struct gp_txn *txn = calloc(1, sizeof *txn);

    if (txn == NULL)
        return GP_ENOMEM;
    int rc = mdb_txn_begin(store->env, NULL, writing ? 0 : MDB_RDONLY, &txn->mdb);
    if (rc != 0) {
        free(txn);
        return gp_mdb_error(rc);
    }
    txn->store = store;
    txn->writing = writing;
    *ret_txn = txn;
    return 0;
}

int gp_txn_write(struct gp_store *store, struct gp_txn **ret_txn)
{
    return begin(store, true, ret_txn);
}

int gp_txn_read(struct gp_store *store, struct gp_txn **ret_txn)
{
    return begin(store, false, ret_txn);
}

int gp_txn_fail(struct gp_txn *txn, int error)
{
    assert(error != 0);
    if (txn->error == 0)
        txn->error = error;
    return txn->error;
}

int gp_txn_seen(struct gp_txn *txn, int rc)
{
    if (rc == 0 || rc == GP_ENOTFOUND || !txn->writing)
        return rc;
    return gp_txn_fail(txn, rc);
}

int gp_txn_commit(struct gp_txn *txn)
{
    int error = txn->error;

    assert(txn->writing);
    if (error != 0) {
        gp_txn_abort(txn);
        return error;
    }
    gp_cursors_close(txn);
    int rc = mdb_txn_commit(txn->mdb); /* frees it, whatever it returns */
    free(txn);
    return gp_mdb_error(rc);
}

void gp_txn_abort(struct gp_txn *txn)
{
    if (txn == NULL)
        return;
    gp_cursors_close(txn);
    mdb_txn_abort(txn->mdb);
    free(txn);
}
