/* The journal's chain: how far it holds, and where it ends. */
#include "engine/internal.h"

#include <string.h>

/* A look at [from, to] that begins behind what a look before it has seen. */
static int look(struct gp_txn *txn, uint64_t from, uint64_t to, struct gp_verified *verified)
{
    uint64_t bad = 0;
    int rc = to >= from ? gp_journal_verify(txn, from, to, &bad) : 0;

    verified->upto = to;
    if (rc == GP_ECORRUPT) {
        verified->bad = bad;
        verified->upto = bad - 1;
    }
    if (rc != 0 && rc != GP_ECORRUPT)
        return rc;
    rc = gp_journal_hash(txn, verified->upto, verified->hash);
    if (rc != GP_ECORRUPT && rc != GP_ENOTFOUND)
        return rc;
    memset(verified->hash, 0, sizeof verified->hash); /* more than one is bad */
    return 0;
}

int gp_engine_verify(struct gp_store *store, const struct gp_verify_ask *ask,
                     struct gp_verified *ret_verified)
{
    struct gp_verified verified = {0};
    uint64_t from = ask->from != 0 ? ask->from : 1, to = ask->upto;
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, &verified.head, NULL);
    if (to == 0 || to > verified.head)
        to = verified.head;
    if (rc == 0 && from - 1 > to)
        rc = GP_EINVAL;
    if (rc == 0 && to - (from - 1) > GP_READ_ROWS_MAX)
        to = from - 1 + GP_READ_ROWS_MAX;
    if (rc == 0)
        rc = look(txn, from, to, &verified);
    gp_txn_abort(txn);
    if (rc == 0)
        *ret_verified = verified;
    return rc;
}

int gp_entry_at_ms(struct gp_txn *txn, uint64_t seq, int64_t *ret_at_ms)
{
    struct gp_entry_peek peek;
    struct gp_span bytes;
    int rc = gp_journal_get(txn, seq, &bytes);

    if (rc == 0)
        rc = gp_wire_entry_peek(bytes, &peek) == 0 ? 0 : GP_ECORRUPT;
    if (rc == 0)
        *ret_at_ms = peek.at_ms;
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
}

int gp_engine_head(struct gp_store *store, uint64_t *ret_seq, unsigned char ret_hash[GP_HASH_BYTES],
                   int64_t *ret_at_ms)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_txn *txn = NULL;
    uint64_t seq = 0;
    int64_t at_ms = 0;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, &seq, hash);
    if (rc == 0 && seq != 0)
        rc = gp_entry_at_ms(txn, seq, &at_ms);
    gp_txn_abort(txn);
    if (rc != 0)
        return rc;
    *ret_seq = seq;
    *ret_at_ms = at_ms;
    memcpy(ret_hash, hash, sizeof hash);
    return 0;
}
