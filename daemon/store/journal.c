/*
 * The journal as transactions see it: a reader sees the entries up to its tables' place in the log,
 * the writer all of them, its own batch's too. Bytes, chain and files are log/'s.
 */
#include "store/internal.h"

#include <assert.h>

/* Where the tables of this snapshot are. A store without a place has no entry yet. */
static int read_place(struct gp_txn *txn)
{
    struct gp_wal_mark mark = {0};
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_PLACE, &value);

    if (rc == 0)
        rc = gp_wal_mark_unpack(value, &mark);
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    txn->head = mark.seq;
    memcpy(txn->head_hash, mark.hash, GP_HASH_BYTES);
    txn->head_known = true;
    return 0;
}

static int know_head(struct gp_txn *txn)
{
    if (txn->error != 0)
        return txn->error;
    if (txn->recovering || (txn->head_known && !txn->writing))
        return 0;
    if (txn->writing || txn->borrowed) {
        gp_wal_head(txn->store->wal, &txn->head, txn->head_hash);
        return 0;
    }
    return gp_txn_seen(txn, read_place(txn));
}

int gp_journal_head(struct gp_txn *txn, uint64_t *ret_seq, unsigned char *ret_hash)
{
    int rc = know_head(txn);

    if (rc != 0)
        return rc;
    *ret_seq = txn->head;
    if (ret_hash != NULL)
        memcpy(ret_hash, txn->head_hash, GP_HASH_BYTES);
    return 0;
}

int gp_journal_append(struct gp_txn *txn, struct gp_span entry, uint64_t *ret_seq)
{
    assert(txn->writing);
    assert(!txn->recovering);
    if (txn->error != 0)
        return txn->error;
    int rc = gp_wal_entry(txn->store->wal, entry, ret_seq);
    txn->entries += rc == 0;
    return rc != 0 ? gp_txn_fail(txn, rc) : 0;
}

static int open_reader(struct gp_txn *txn)
{
    if (txn->reader != NULL)
        return 0;
    return gp_wal_reader_open(txn->store->wal, txn->writing, &txn->reader);
}

/* Nothing behind the head is there, whatever the log has by now. */
static int look_at(struct gp_txn *txn, uint64_t seq)
{
    int rc = know_head(txn);

    if (rc == 0 && (seq == 0 || seq > txn->head))
        rc = GP_ENOTFOUND;
    return rc == 0 ? open_reader(txn) : rc;
}

int gp_journal_get(struct gp_txn *txn, uint64_t seq, struct gp_span *ret_entry)
{
    int rc = look_at(txn, seq);
    return gp_txn_seen(txn, rc == 0 ? gp_wal_get(txn->reader, seq, ret_entry) : rc);
}

int gp_journal_hash(struct gp_txn *txn, uint64_t seq, unsigned char ret_hash[GP_HASH_BYTES])
{
    memset(ret_hash, 0, GP_HASH_BYTES);
    if (seq == 0)
        return 0;
    int rc = look_at(txn, seq);
    return gp_txn_seen(txn, rc == 0 ? gp_wal_hash(txn->reader, seq, ret_hash) : rc);
}

int gp_journal_verify(struct gp_txn *txn, uint64_t from, uint64_t to, uint64_t *ret_bad)
{
    int rc = know_head(txn);

    *ret_bad = from;
    if (rc == 0)
        rc = open_reader(txn);
    if (rc == 0)
        rc = gp_wal_verify(txn->reader, from, to < txn->head ? to : txn->head, ret_bad);
    if (rc == 0 && to > txn->head) {
        *ret_bad = txn->head + 1;
        rc = GP_ECORRUPT; /* a missing entry */
    }
    return rc;
}
