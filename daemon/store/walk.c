/* Walking a table in the order of its keys, and a digest over all of it. */
#include "base/bytes.h"
#include "store/internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

struct gp_walk {
    struct gp_txn *txn;
    MDB_cursor *cursor;
    enum gp_table table;
    MDB_cursor_op next; /* MDB_FIRST or MDB_SET_RANGE for the first row, then MDB_NEXT */
    size_t from_len;
    unsigned char from[64];
};

int gp_walk_open(struct gp_txn *txn, enum gp_table table, struct gp_span from,
                 struct gp_walk **ret_walk)
{
    struct gp_walk *walk;

    if (txn->error != 0)
        return txn->error;
    if (from.len > sizeof walk->from)
        return GP_ELIMIT;
    walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return gp_txn_seen(txn, GP_ENOMEM);
    int rc = gp_mdb_error(mdb_cursor_open(txn->mdb, txn->store->table[table], &walk->cursor));
    if (rc != 0) {
        free(walk);
        return gp_txn_seen(txn, rc);
    }
    walk->txn = txn;
    walk->table = table;
    walk->next = from.len > 0 ? MDB_SET_RANGE : MDB_FIRST;
    walk->from_len = from.len;
    if (from.len > 0)
        memcpy(walk->from, from.ptr, from.len);
    *ret_walk = walk;
    return 0;
}

int gp_walk_next(struct gp_walk *walk, struct gp_span *ret_key, struct gp_span *ret_value)
{
    MDB_val key = {.mv_size = walk->from_len, .mv_data = walk->from};
    MDB_val stored;

    if (walk->txn->error != 0)
        return walk->txn->error;
    int rc = gp_mdb_error(mdb_cursor_get(walk->cursor, &key, &stored, walk->next));
    if (rc != 0)
        return gp_txn_seen(walk->txn, rc);
    walk->next = MDB_NEXT;
    rc = gp_row_check(walk->table, gp_unval(key), gp_unval(stored), ret_value);
    *ret_key = gp_unval(key); /* also of a damaged row, so that it can be named */
    return gp_txn_seen(walk->txn, rc);
}

int gp_walk_drop(struct gp_walk *walk)
{
    assert(walk->txn->writing);
    if (walk->txn->error != 0)
        return walk->txn->error;
    walk->txn->wrote |= UINT32_C(1) << walk->table;
    gp_cursor_close(walk->txn, walk->table);
    int rc = mdb_cursor_del(walk->cursor, 0); /* a following MDB_NEXT finds the row behind it */
    return rc != 0 ? gp_txn_fail(walk->txn, gp_mdb_error(rc)) : 0;
}

void gp_walk_close(struct gp_walk *walk)
{
    if (walk == NULL)
        return;
    mdb_cursor_close(walk->cursor);
    free(walk);
}

static void digest_part(crypto_generichash_state *state, struct gp_span part)
{
    unsigned char len[8];

    gp_put_u64(len, part.len);
    (void)crypto_generichash_update(state, len, sizeof len);
    (void)crypto_generichash_update(state, (const unsigned char *)part.ptr, part.len);
}

int gp_table_digest(struct gp_txn *txn, enum gp_table table, unsigned char ret_digest[32],
                    uint64_t *ret_rows)
{
    crypto_generichash_state state;
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    uint64_t rows = 0;
    int rc = gp_walk_open(txn, table, (struct gp_span){0}, &walk);

    if (rc != 0)
        return rc;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    while ((rc = gp_walk_next(walk, &key, &value)) == 0) {
        digest_part(&state, key);
        digest_part(&state, value);
        rows++;
    }
    gp_walk_close(walk);
    if (rc != GP_ENOTFOUND)
        return rc;
    (void)crypto_generichash_final(&state, ret_digest, 32);
    *ret_rows = rows;
    return 0;
}
