/*
 * Rebuilding: every table is a fold of the journal. The entries of one store, folded into an empty
 * one, give the same tables byte for byte; the journal itself is copied and its chain checked on
 * the way. `meta` and `personal` cannot be derived and are copied, personal texts after a check
 * against their hashes in the journal.
 *
 * Tables that lag behind their journal come up to it first. Where they are too damaged for that,
 * they are rebuilt as they are, and the new ones come up to it.
 */
#include "engine/internal.h"

/* Entries per write transaction: bounded, or LMDB's free list grows (ARCHITECTURE section 4). */
#define GP_REBUILD_CHUNK 1000

struct rebuild {
    struct gp_store *from, *to;
    struct gp_folding *folding;
    uint64_t at;           /* the entry that is folded */
    struct gp_arena arena; /* of one text that is checked */
};

static int check_empty(struct gp_store *to)
{
    struct gp_txn *txn = NULL;
    uint64_t head = 0, last_id = 0;
    int rc = gp_txn_read(to, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, &head, NULL);
    if (rc == 0)
        rc = gp_last_id(txn, GP_TABLE_INCIDENT, &last_id);
    gp_txn_abort(txn);
    if (rc == 0 && (head != 0 || last_id != 0))
        rc = GP_EEXIST;
    return rc;
}

static int fold_one(struct rebuild *rebuild, struct gp_txn *from, struct gp_txn *to, uint64_t seq)
{
    struct gp_span bytes;
    uint64_t got = 0;
    int rc = gp_journal_get(from, seq, &bytes);

    rebuild->at = seq;
    if (rc == 0)
        rc = gp_journal_append(to, bytes, &got);
    if (rc == 0 && got != seq)
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = gp_folding_entry(rebuild->folding, to, seq, bytes);
    return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc;
}

static int fold_chunk(struct rebuild *rebuild, uint64_t first, uint64_t last)
{
    struct gp_txn *from = NULL, *to = NULL;
    uint64_t bad;
    int rc = gp_txn_read(rebuild->from, &from);

    if (rc == 0)
        rc = gp_journal_verify(from, first, last, &bad);
    if (rc == 0)
        rc = gp_txn_write(rebuild->to, &to);
    for (uint64_t seq = first; rc == 0 && seq <= last; seq++)
        rc = fold_one(rebuild, from, to, seq);
    gp_txn_abort(from);
    if (rc != 0) {
        gp_txn_abort(to);
        return rc;
    }
    return gp_txn_commit(to);
}

/* One row of `personal`, if it is what was journalled; a damaged text is lost, and no reason to
 * lose the rest: comparing the stores tells. */
static int copy_text(void *context, struct gp_txn *from, struct gp_txn *to, struct gp_span key,
                     struct gp_span value)
{
    struct rebuild *rebuild = context;
    struct gp_personal personal;
    uint64_t incident, seq;
    int rc = gp_personal_read(key, value, &incident, &seq, &personal);

    gp_arena_reset(&rebuild->arena);
    if (rc == 0)
        rc = gp_personal_check(from, &rebuild->arena, incident, seq, &personal);
    if (rc == GP_ECORRUPT)
        return 0;
    return rc == 0 ? gp_personal_put(to, incident, seq, &personal) : rc;
}

/* Further rows, as many as one transaction may write. */
static int take_some(struct gp_walk *walk, struct gp_txn *from, struct gp_txn *to, gp_take_row take,
                     void *context, bool *ret_more)
{
    int rc = 0;

    *ret_more = true;
    for (unsigned rows = 0; rc == 0 && rows < GP_REBUILD_CHUNK; rows++) {
        struct gp_span key = {0}, value;
        rc = gp_walk_next(walk, &key, &value);
        if (rc == GP_ENOTFOUND) {
            *ret_more = false;
            return 0;
        }
        if (rc == GP_ECORRUPT && key.ptr != NULL)
            rc = 0; /* a damaged row, with others behind it */
        else if (rc == 0)
            rc = take(context, from, to, key, value);
    }
    return rc;
}

/* The source is nobody else's meanwhile: one read transaction for all is in no way. */
int gp_rebuild_rows(struct gp_store *store, enum gp_table table, struct gp_store *target,
                    gp_take_row take, void *context)
{
    struct gp_txn *from = NULL, *to;
    struct gp_walk *walk = NULL;
    bool more = true;
    int rc = gp_txn_read(store, &from);

    if (rc == 0)
        rc = gp_walk_open(from, table, (struct gp_span){0}, &walk);
    while (rc == 0 && more) {
        rc = gp_txn_write(target, &to);
        if (rc != 0)
            break;
        rc = take_some(walk, from, to, take, context, &more);
        if (rc == 0)
            rc = gp_txn_commit(to);
        else
            gp_txn_abort(to);
    }
    gp_walk_close(walk);
    gp_txn_abort(from);
    return rc;
}

/* The facts of the daemon's life that no fold derives. */
static int copy_meta(struct rebuild *rebuild)
{
    struct gp_txn *from = NULL, *to = NULL;
    int rc = gp_txn_read(rebuild->from, &from);

    if (rc == 0)
        rc = gp_txn_write(rebuild->to, &to);
    for (size_t i = 0; rc == 0 && i < GP_META_FACTS; i++) {
        const char *name = gp_meta_facts[i].name;
        struct gp_span value;
        rc = gp_meta_facts[i].folded ? GP_ENOTFOUND : gp_meta_get(from, name, &value);
        if (rc == 0)
            rc = gp_meta_put(to, name, value);
        else if (rc == GP_ENOTFOUND)
            rc = 0;
    }
    gp_txn_abort(from);
    if (rc != 0) {
        gp_txn_abort(to);
        return rc;
    }
    return gp_txn_commit(to);
}

static int read_head(struct gp_store *store, uint64_t *ret_head)
{
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, ret_head, NULL);
    gp_txn_abort(txn);
    return rc;
}

static int fold_entries(struct rebuild *rebuild,
                        void (*progress)(void *context, uint64_t done, uint64_t head),
                        void *context)
{
    uint64_t head = 0;
    int rc = read_head(rebuild->from, &head);

    for (uint64_t seq = 1; rc == 0 && seq <= head; seq += GP_REBUILD_CHUNK) {
        uint64_t last = head - seq < GP_REBUILD_CHUNK ? head : seq + GP_REBUILD_CHUNK - 1;
        rc = fold_chunk(rebuild, seq, last);
        if (rc == 0 && progress != NULL)
            progress(context, last, head);
    }
    return rc;
}

static int rebuild_all(struct rebuild *rebuild,
                       void (*progress)(void *context, uint64_t done, uint64_t head), void *context)
{
    int rc = check_empty(rebuild->to);

    if (rc == 0 && !gp_store_behind(rebuild->from))
        rc = gp_engine_upgrade(rebuild->from); /* or the two would be compared in vain */
    if (rc == 0)
        rc = fold_entries(rebuild, progress, context);
    if (rc == 0)
        rc = gp_rebuild_rows(rebuild->from, GP_TABLE_PERSONAL, rebuild->to, copy_text, rebuild);
    if (rc == 0)
        rc = copy_meta(rebuild);
    if (rc != 0 || !gp_store_behind(rebuild->from))
        return rc;
    return gp_store_recover_to(rebuild->from, rebuild->to, gp_folding_entry, rebuild->folding);
}

int gp_engine_rebuild(struct gp_store *from, struct gp_store *to,
                      void (*progress)(void *context, uint64_t done, uint64_t head), void *context)
{
    struct rebuild rebuild = {.from = from, .to = to};
    int rc = gp_engine_recover(from);

    if (rc == 0 || rc == GP_ECORRUPT)
        rc = gp_folding_open(&rebuild.folding);
    if (rc != 0)
        return rc;
    gp_arena_init(&rebuild.arena, GP_ENGINE_ITEM_BYTES_MAX);
    rc = rebuild_all(&rebuild, progress, context);
    gp_arena_release(&rebuild.arena);
    gp_folding_close(rebuild.folding);
    return rc;
}

int gp_rebuild_entries(struct gp_store *from, struct gp_store *to,
                       void (*progress)(void *context, uint64_t done, uint64_t head), void *context,
                       uint64_t *ret_bad)
{
    struct rebuild rebuild = {.from = from, .to = to};
    int rc = gp_folding_open(&rebuild.folding);

    if (rc == 0)
        rc = fold_entries(&rebuild, progress, context);
    gp_folding_close(rebuild.folding);
    *ret_bad = rc != 0 ? rebuild.at : 0;
    return rc;
}

static void note_kept(void *context, struct gp_span key, enum gp_row_difference difference,
                      struct gp_span is, struct gp_span should)
{
    bool *differ = context;

    (void)key;
    *differ = *differ || difference != GP_ROW_OTHER ||
              !(gp_kept_row_same(is, should) || gp_kept_row_same(should, is));
}

/* Rows of format 1 are shorter than what their entries fold to. */
static int compare_kept(struct gp_txn *a, struct gp_txn *b)
{
    bool differ = false;
    int rc = gp_table_compare(a, b, GP_TABLE_DEDUP, note_kept, &differ);

    return rc == 0 && differ ? GP_ECORRUPT : rc;
}

static int compare_table(struct gp_txn *a, struct gp_txn *b, enum gp_table table)
{
    unsigned char digest_a[32], digest_b[32];
    uint64_t rows_a, rows_b;
    int rc = gp_table_digest(a, table, digest_a, &rows_a);

    if (rc == 0)
        rc = gp_table_digest(b, table, digest_b, &rows_b);
    if (rc != 0)
        return rc;
    if (rows_a == rows_b && memcmp(digest_a, digest_b, sizeof digest_a) == 0)
        return 0;
    return table == GP_TABLE_DEDUP ? compare_kept(a, b) : GP_ECORRUPT;
}

/* Equal last hashes, equal journals. */
static int compare_journal(struct gp_txn *a, struct gp_txn *b)
{
    unsigned char hash_a[GP_HASH_BYTES], hash_b[GP_HASH_BYTES];
    uint64_t head_a, head_b;
    int rc = gp_journal_head(a, &head_a, hash_a);

    if (rc == 0)
        rc = gp_journal_head(b, &head_b, hash_b);
    if (rc != 0)
        return rc;
    return head_a == head_b && memcmp(hash_a, hash_b, sizeof hash_a) == 0 ? 0 : GP_ECORRUPT;
}

int gp_engine_compare(struct gp_store *a, struct gp_store *b, enum gp_table *ret_table)
{
    struct gp_txn *txn_a = NULL, *txn_b = NULL;
    int rc = gp_txn_read(a, &txn_a);

    if (rc == 0)
        rc = gp_txn_read(b, &txn_b);
    for (int table = 0; rc == 0 && table < GP_TABLE_COUNT; table++) {
        if (table == GP_TABLE_META)
            continue;
        rc = table == GP_TABLE_JOURNAL ? compare_journal(txn_a, txn_b)
                                       : compare_table(txn_a, txn_b, table);
        if (rc != 0)
            *ret_table = table;
    }
    gp_txn_abort(txn_a);
    gp_txn_abort(txn_b);
    return rc;
}
