/*
 * journal: seq u64 → hash before (32), entry bytes, checksum (4).
 *
 *   key    0000000000000002
 *   value  1f…32 bytes: hash(1)…   0a07…entry…   5c11e0a2
 *
 * hash(n) = BLAKE2b-256(hash(n-1) ‖ n as u64 ‖ entry bytes); hash(0) is 32 zero bytes. A changed or
 * missing entry shows in every hash behind it.
 */
#include "base/bytes.h"
#include "store/internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

static struct gp_span seq_key(uint64_t seq, unsigned char bytes[8])
{
    gp_put_u64(bytes, seq);
    return gp_bytes(bytes, 8);
}

static void chain(const unsigned char before[GP_HASH_BYTES], uint64_t seq, struct gp_span entry,
                  unsigned char ret_hash[GP_HASH_BYTES])
{
    crypto_generichash_state state;
    unsigned char number[8];

    gp_put_u64(number, seq);
    (void)crypto_generichash_init(&state, NULL, 0, GP_HASH_BYTES); /* fails for bad lengths only */
    (void)crypto_generichash_update(&state, before, GP_HASH_BYTES);
    (void)crypto_generichash_update(&state, number, sizeof number);
    (void)crypto_generichash_update(&state, (const unsigned char *)entry.ptr, entry.len);
    (void)crypto_generichash_final(&state, ret_hash, GP_HASH_BYTES);
}

static int split(struct gp_span value, struct gp_span *ret_before, struct gp_span *ret_entry)
{
    if (value.len < GP_HASH_BYTES)
        return GP_ECORRUPT;
    *ret_before = (struct gp_span){value.ptr, GP_HASH_BYTES};
    *ret_entry = (struct gp_span){value.ptr + GP_HASH_BYTES, value.len - GP_HASH_BYTES};
    return 0;
}

/* Reads the last row; an empty journal is head 0. */
static int read_head(struct gp_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key, stored;
    struct gp_span value, before, entry;
    int rc = mdb_cursor_open(txn->mdb, txn->store->table[GP_TABLE_JOURNAL], &cursor);

    if (rc != 0)
        return gp_mdb_error(rc);
    rc = gp_mdb_error(mdb_cursor_get(cursor, &key, &stored, MDB_LAST));
    mdb_cursor_close(cursor);
    if (rc == GP_ENOTFOUND) {
        txn->head = 0;
        memset(txn->head_hash, 0, sizeof txn->head_hash);
        txn->head_known = true;
        return 0;
    }
    if (rc == 0 && key.mv_size != 8)
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = gp_row_check(GP_TABLE_JOURNAL, gp_unval(key), gp_unval(stored), &value);
    if (rc == 0)
        rc = split(value, &before, &entry);
    if (rc != 0)
        return rc;
    txn->head = gp_get_u64(key.mv_data);
    chain((const unsigned char *)before.ptr, txn->head, entry, txn->head_hash);
    txn->head_known = true;
    return 0;
}

static int know_head(struct gp_txn *txn)
{
    if (txn->error != 0)
        return txn->error;
    return txn->head_known ? 0 : gp_txn_seen(txn, read_head(txn));
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
    unsigned char key[8];
    unsigned char small[1024];
    size_t len = GP_HASH_BYTES + entry.len;
    int rc = know_head(txn);

    if (rc != 0)
        return gp_txn_fail(txn, rc);
    unsigned char *value = len <= sizeof small ? small : malloc(len);
    if (value == NULL)
        return gp_txn_fail(txn, GP_ENOMEM);
    memcpy(value, txn->head_hash, GP_HASH_BYTES);
    if (entry.len > 0)
        memcpy(value + GP_HASH_BYTES, entry.ptr, entry.len);
    rc = gp_row_put(txn, GP_TABLE_JOURNAL, seq_key(txn->head + 1, key), gp_bytes(value, len),
                    MDB_APPEND);
    if (value != small)
        free(value);
    if (rc != 0)
        return rc;
    txn->head++;
    chain(txn->head_hash, txn->head, entry, txn->head_hash);
    *ret_seq = txn->head;
    return 0;
}

static int get(struct gp_txn *txn, uint64_t seq, struct gp_span *ret_before,
               struct gp_span *ret_entry)
{
    unsigned char key[8];
    struct gp_span value;
    int rc = gp_row_get(txn, GP_TABLE_JOURNAL, seq_key(seq, key), &value);

    return rc == 0 ? gp_txn_seen(txn, split(value, ret_before, ret_entry)) : rc;
}

int gp_journal_get(struct gp_txn *txn, uint64_t seq, struct gp_span *ret_entry)
{
    struct gp_span before;
    return get(txn, seq, &before, ret_entry);
}

int gp_journal_hash(struct gp_txn *txn, uint64_t seq, unsigned char ret_hash[GP_HASH_BYTES])
{
    struct gp_span before, entry;

    memset(ret_hash, 0, GP_HASH_BYTES);
    if (seq == 0)
        return 0;
    int rc = get(txn, seq, &before, &entry);
    if (rc == 0)
        chain((const unsigned char *)before.ptr, seq, entry, ret_hash);
    return rc;
}

int gp_journal_verify(struct gp_txn *txn, uint64_t from, uint64_t to, uint64_t *ret_bad)
{
    unsigned char hash[GP_HASH_BYTES]; /* that the next entry must begin with */
    int rc = gp_journal_hash(txn, from - 1, hash);

    *ret_bad = from - 1;
    for (uint64_t seq = from; rc == 0 && seq <= to; seq++) {
        struct gp_span before, entry;
        *ret_bad = seq;
        rc = get(txn, seq, &before, &entry);
        if (rc == 0 && memcmp(before.ptr, hash, GP_HASH_BYTES) != 0)
            rc = GP_ECORRUPT;
        if (rc == 0)
            chain(hash, seq, entry, hash);
    }
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* a missing entry */
}
