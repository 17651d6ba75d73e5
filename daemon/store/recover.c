/*
 * Recovering: the tables are at the last checkpoint, and the log's records behind it are applied
 * again. Entries are folded by who knows them; *side records* are what no fold derives, and are the
 * store's own:
 *
 *   01 incident u64, seq u64, value      a row of `personal`
 *   02 length u8 of the name, name, value  a row of `meta`
 *   03 name                              that one is gone
 */
#include "base/bytes.h"
#include "base/limits.h"
#include "store/internal.h"

#include <assert.h>
#include <stdlib.h>

enum side { SIDE_PERSONAL = 1, SIDE_META = 2, SIDE_META_GONE = 3 };

#define PERSONAL_HEAD  17 /* kind, incident, seq */
#define NAME_MAX_BYTES 64
#define PAUSE_MS       1000 /* between two tries on a full disk */

/* ---------------------------------------------------------------- writing */

static int add_side(struct gp_txn *txn, struct gp_span head, struct gp_span value)
{
    unsigned char small[2048], *bytes = small;
    size_t len = head.len + value.len;

    if (txn->recovering)
        return 0;
    if (len > sizeof small && (bytes = malloc(len)) == NULL)
        return gp_txn_fail(txn, GP_ENOMEM);
    memcpy(bytes, head.ptr, head.len);
    if (value.len > 0)
        memcpy(bytes + head.len, value.ptr, value.len);
    int rc = gp_wal_side(txn->store->wal, gp_bytes(bytes, len));
    if (bytes != small)
        free(bytes);
    return rc != 0 ? gp_txn_fail(txn, rc) : 0;
}

int gp_side_personal(struct gp_txn *txn, uint64_t incident, uint64_t seq, struct gp_span value)
{
    unsigned char head[PERSONAL_HEAD] = {SIDE_PERSONAL};

    gp_put_u64(head + 1, incident);
    gp_put_u64(head + 9, seq);
    return add_side(txn, gp_bytes(head, sizeof head), value);
}

int gp_side_meta(struct gp_txn *txn, const char *name, const struct gp_span *value)
{
    unsigned char head[2 + NAME_MAX_BYTES] = {value != NULL ? SIDE_META : SIDE_META_GONE};
    size_t len = strlen(name), at = 1;

    assert(len <= NAME_MAX_BYTES);
    if (value != NULL)
        head[at++] = (unsigned char)len;
    memcpy(head + at, name, len);
    return add_side(txn, gp_bytes(head, at + len), value != NULL ? *value : (struct gp_span){0});
}

/* ---------------------------------------------------------------- applying */

static int apply_personal(struct gp_txn *txn, struct gp_span record)
{
    const unsigned char *bytes = (const unsigned char *)record.ptr;

    if (record.len < PERSONAL_HEAD)
        return GP_ECORRUPT;
    const uint64_t incident = gp_get_u64(bytes + 1), seq = gp_get_u64(bytes + 9);
    const struct gp_span value = {record.ptr + PERSONAL_HEAD, record.len - PERSONAL_HEAD};
    int rc = gp_personal_put_row(txn, incident, seq, value);
    return rc == 0 ? gp_side_personal(txn, incident, seq, value) : rc;
}

/* A fold that takes a name away (engine/forget.c) has done so again before its record comes. */
static int take_away(struct gp_txn *txn, const char *name)
{
    struct gp_span value;
    int rc = gp_meta_get(txn, name, &value);

    if (rc != 0)
        return rc == GP_ENOTFOUND ? 0 : rc;
    return gp_meta_del(txn, name);
}

static int apply_meta(struct gp_txn *txn, struct gp_span record)
{
    char name[NAME_MAX_BYTES + 1] = {0};
    bool gone = record.ptr[0] == SIDE_META_GONE;
    size_t at = gone ? 1 : 2;
    size_t len = gone ? record.len - 1 : record.len < 2 ? 0 : (unsigned char)record.ptr[1];

    if (len == 0 || len > NAME_MAX_BYTES || len > record.len - at)
        return GP_ECORRUPT;
    memcpy(name, record.ptr + at, len);
    if (gone)
        return take_away(txn, name);
    return gp_meta_put(txn, name, (struct gp_span){record.ptr + at + len, record.len - at - len});
}

static int apply_side(struct gp_txn *txn, struct gp_span record)
{
    if (record.len == 0)
        return GP_ECORRUPT;
    switch ((enum side)record.ptr[0]) {
    case SIDE_PERSONAL:
        return apply_personal(txn, record);
    case SIDE_META:
    case SIDE_META_GONE:
        return apply_meta(txn, record);
    }
    return GP_ECORRUPT;
}

struct recovery {
    struct gp_store *store;
    struct gp_wal_walk *walk;
    gp_recover_fold fold;
    void *context;
    uint64_t entries; /* since the last checkpoint */
};

/* A record that was journalled can be folded, or its bytes or what it is folded into are damaged.
 * Want of memory or room is neither. */
static int damage(int rc)
{
    return rc == GP_ENOTFOUND || rc == GP_EFORMAT || rc == GP_EUTF8 || rc == GP_ELIMIT ? GP_ECORRUPT
                                                                                       : rc;
}

static int apply_record(struct recovery *recovery, bool *ret_last_of_group)
{
    struct gp_txn txn = {.store = recovery->store, .writing = true, .recovering = true};
    enum gp_record_kind kind;
    struct gp_span bytes;
    int rc = gp_wal_walk_next(recovery->walk, &kind, &txn.head, &bytes, ret_last_of_group);

    if (rc == 0)
        rc = gp_standing_open(recovery->store);
    if (rc != 0)
        return rc;
    txn.mdb = recovery->store->standing;
    txn.head_known = true;
    recovery->entries += kind == GP_RECORD_ENTRY;
    rc = kind == GP_RECORD_ENTRY ? recovery->fold(recovery->context, &txn, txn.head, bytes)
                                 : apply_side(&txn, bytes);
    gp_wal_reader_close(txn.reader);
    gp_cursors_close(&txn);
    return rc != 0 ? damage(rc) : txn.error;
}

/* Bounded transactions: a long tail is what a full disk leaves. */
static int checkpoint_now_and_then(struct recovery *recovery)
{
    struct gp_wal_mark mark;

    if (recovery->entries < GP_RECOVER_ENTRIES)
        return 0;
    recovery->entries = 0;
    gp_wal_walk_mark(recovery->walk, &mark);
    int rc = gp_standing_commit(recovery->store, &mark);
    recovery->store->acknowledged = true; /* there may be more behind it */
    return rc;
}

static int apply_all(struct recovery *recovery)
{
    bool last_of_group = false;
    int rc;

    while ((rc = apply_record(recovery, &last_of_group)) == 0) {
        if (last_of_group && (rc = checkpoint_now_and_then(recovery)) != 0)
            return rc;
    }
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* It folds all that the tables lack: on a disk that stays full not for each batch and reader. */
static bool rests(const struct gp_store *store)
{
    return store->full_ms != 0 && gp_monotonic_ms() - store->full_ms < PAUSE_MS;
}

bool gp_store_behind(const struct gp_store *store)
{
    return store->behind;
}

int gp_store_recover(struct gp_store *store, gp_recover_fold fold, void *context)
{
    struct recovery recovery = {.store = store, .fold = fold, .context = context};
    int rc = store->dead;

    if (rc != 0 || !store->behind)
        return rc;
    if (rests(store))
        return GP_ENOSPC;
    rc = gp_wal_walk_open(store->wal, &store->mark, &recovery.walk);
    if (rc != 0)
        return rc;
    rc = apply_all(&recovery);
    gp_wal_walk_close(recovery.walk);
    store->acknowledged = true;
    if (rc == 0)
        rc = gp_store_checkpoint(store);
    store->full_ms = rc == GP_ENOSPC ? gp_monotonic_ms() : 0;
    if (rc != 0) {
        gp_standing_drop(store);
        return rc;
    }
    store->acknowledged = false;
    store->behind = false;
    return 0;
}

/* ---------------------------------------------------------------- into another store */

struct transfer {
    struct gp_wal_walk *walk;
    struct gp_store *to;
    gp_recover_fold fold;
    void *context;
};

static int transfer_record(struct transfer *transfer, struct gp_txn *txn, bool *ret_last_of_group)
{
    enum gp_record_kind kind;
    struct gp_span bytes;
    uint64_t seq, got = 0;
    int rc = gp_wal_walk_next(transfer->walk, &kind, &seq, &bytes, ret_last_of_group);

    if (rc != 0)
        return rc;
    if (kind == GP_RECORD_SIDE)
        return apply_side(txn, bytes);
    rc = gp_journal_append(txn, bytes, &got);
    if (rc == 0)
        rc = got == seq ? transfer->fold(transfer->context, txn, seq, bytes) : GP_ECORRUPT;
    return damage(rc);
}

/* A group is a batch there, too. Errors: GP_ENOTFOUND: there is none more. */
static int transfer_group(struct transfer *transfer)
{
    struct gp_txn *txn;
    bool last = false;
    int rc = gp_txn_write(transfer->to, &txn);

    if (rc != 0)
        return rc;
    while (rc == 0 && !last)
        rc = transfer_record(transfer, txn, &last);
    if (rc == 0)
        return gp_txn_commit(txn);
    gp_txn_abort(txn);
    return rc;
}

int gp_store_recover_to(struct gp_store *store, struct gp_store *to, gp_recover_fold fold,
                        void *context)
{
    struct transfer transfer = {.to = to, .fold = fold, .context = context};
    int rc = gp_wal_walk_open(store->wal, &store->mark, &transfer.walk);

    while (rc == 0)
        rc = transfer_group(&transfer);
    gp_wal_walk_close(transfer.walk);
    return rc == GP_ENOTFOUND ? 0 : rc;
}
