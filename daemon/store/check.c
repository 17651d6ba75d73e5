/*
 * Looking at every row, of a store that may be damaged. A walk by a cursor sees what lies on the
 * pages, in their order; a search goes by the keys of the pages above. So a row that a search does
 * not find, though the walk came by it, says that a page above it is damaged.
 */
#include "store/internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the journal */

static void on_flaw(void *context, const struct gp_wal_flaw *flaw)
{
    const struct gp_log_check *check = context;
    struct gp_log_flaw told = {
        .offset = flaw->offset, .first = flaw->first, .last = flaw->last, .what = flaw->what};

    static_assert(sizeof told.file == sizeof flaw->file, "names fit");
    memcpy(told.file, flaw->file, sizeof told.file);
    check->flaw(check->context, &told);
}

static void on_progress(void *context, uint64_t seq)
{
    const struct gp_log_check *check = context;
    check->progress(check->context, seq);
}

static int check_log(int journal_fd, const struct gp_log_check *check,
                     struct gp_log_checked *ret_checked)
{
    struct gp_wal_check wal = {.flaw = on_flaw,
                               .progress = check->progress != NULL ? on_progress : NULL,
                               .context = (void *)(uintptr_t)check};
    struct gp_wal_checked checked;
    int rc = gp_wal_check(journal_fd, &wal, &checked);

    if (rc != 0)
        return rc;
    ret_checked->entries = checked.entries;
    ret_checked->last = checked.last;
    ret_checked->tail_offset = checked.tail_offset;
    memcpy(ret_checked->hash, checked.hash, GP_HASH_BYTES);
    memcpy(ret_checked->tail_name, checked.tail_name, sizeof ret_checked->tail_name);
    return 0;
}

int gp_store_check_log(const char *path, const struct gp_log_check *check,
                       struct gp_log_checked *ret_checked)
{
    const struct gp_store_options options = {0};
    struct gp_store folder = {.lock_fd = -1, .folder_fd = -1, .journal_fd = -1};
    int rc = gp_folder_open(&folder, path, &options);

    *ret_checked = (struct gp_log_checked){0};
    if (rc == 0)
        folder.journal_fd =
            openat(folder.folder_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (rc == 0 && folder.journal_fd >= 0)
        rc = check_log(folder.journal_fd, check, ret_checked);
    if (folder.journal_fd >= 0)
        (void)close(folder.journal_fd);
    if (folder.lock_fd >= 0)
        (void)close(folder.lock_fd); /* lets go of the lock */
    if (folder.folder_fd >= 0)
        (void)close(folder.folder_fd);
    return rc;
}

int gp_store_place(struct gp_txn *txn, struct gp_store_place *ret_place)
{
    struct gp_wal_mark mark;
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_PLACE, &value);

    if (rc == 0)
        rc = gp_wal_mark_unpack(value, &mark);
    if (rc != 0)
        return rc;
    ret_place->seq = mark.seq;
    ret_place->offset = mark.offset;
    gp_wal_mark_file(&mark, ret_place->file);
    return 0;
}

/* ---------------------------------------------------------------- rows */

static enum gp_row_state judge(struct gp_txn *txn, enum gp_table table, MDB_val key, MDB_val stored,
                               struct gp_span *ret_value)
{
    MDB_val again;

    *ret_value = gp_unval(stored);
    if (gp_row_check(table, gp_unval(key), gp_unval(stored), ret_value) != 0)
        return GP_ROW_DAMAGED;
    if (mdb_get(txn->mdb, txn->store->table[table], &key, &again) != 0 ||
        again.mv_data != stored.mv_data)
        return GP_ROW_ASTRAY;
    return GP_ROW_WHOLE;
}

static int walk_rows(struct gp_txn *txn, enum gp_table table, MDB_cursor *cursor, uint64_t most,
                     gp_row_look look, void *context, uint64_t *ret_rows)
{
    MDB_val key, stored;
    uint64_t rows = 0;
    int rc;

    while ((rc = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) == 0) {
        struct gp_span value;
        enum gp_row_state state;
        if (rows == most)
            return GP_ECORRUPT; /* pages that go round in a circle never end */
        rows++;
        state = judge(txn, table, key, stored, &value);
        look(context, gp_unval(key), value, state);
    }
    *ret_rows = rows;
    return rc == MDB_NOTFOUND && rows == most ? 0 : GP_ECORRUPT;
}

uint64_t gp_table_says(struct gp_txn *txn, enum gp_table table)
{
    MDB_stat stat;

    if (txn->store->table[table] == GP_NO_TABLE ||
        mdb_stat(txn->mdb, txn->store->table[table], &stat) != 0)
        return 0;
    return stat.ms_entries;
}

int gp_table_check(struct gp_txn *txn, enum gp_table table, gp_row_look look, void *context,
                   uint64_t *ret_rows)
{
    MDB_cursor *cursor;
    MDB_stat stat;

    if (txn->store->table[table] == GP_NO_TABLE)
        return GP_ENOTFOUND;
    int rc = mdb_stat(txn->mdb, txn->store->table[table], &stat);
    if (rc == 0)
        rc = mdb_cursor_open(txn->mdb, txn->store->table[table], &cursor);
    if (rc != 0)
        return gp_mdb_error(rc);
    rc = walk_rows(txn, table, cursor, stat.ms_entries, look, context, ret_rows);
    mdb_cursor_close(cursor);
    return rc;
}

/* ---------------------------------------------------------------- two tables */

struct side {
    struct gp_walk *walk;
    struct gp_span key, value;
    bool ended;
};

static int step(struct side *side, bool pass_damaged)
{
    int rc;

    do {
        side->key = (struct gp_span){0};
        rc = gp_walk_next(side->walk, &side->key, &side->value);
    } while (rc == GP_ECORRUPT && side->key.ptr != NULL && pass_damaged);
    side->ended = rc == GP_ENOTFOUND;
    return side->ended ? 0 : rc;
}

/* Which of the two comes first; 0: both have the key. */
static int order(const struct side *is, const struct side *should)
{
    if (is->ended)
        return 1;
    return should->ended ? -1 : gp_span_compare(is->key, should->key);
}

static int compare_rows(struct side *is, struct side *should, gp_row_differs look, void *context)
{
    const struct gp_span none = {0};
    int rc = step(is, true);

    if (rc == 0)
        rc = step(should, false);
    while (rc == 0 && !(is->ended && should->ended)) {
        int first = order(is, should);
        if (first < 0)
            look(context, is->key, GP_ROW_EXTRA, none, none);
        else if (first > 0)
            look(context, should->key, GP_ROW_MISSING, none, none);
        else if (!gp_span_equal(is->value, should->value))
            look(context, is->key, GP_ROW_OTHER, is->value, should->value);
        if (first <= 0)
            rc = step(is, true);
        if (rc == 0 && first >= 0)
            rc = step(should, false);
    }
    return rc;
}

int gp_table_compare(struct gp_txn *is, struct gp_txn *should, enum gp_table table,
                     gp_row_differs look, void *context)
{
    struct side a = {0}, b = {0};
    int rc = gp_walk_open(is, table, (struct gp_span){0}, &a.walk);

    if (rc == 0)
        rc = gp_walk_open(should, table, (struct gp_span){0}, &b.walk);
    if (rc == 0)
        rc = compare_rows(&a, &b, look, context);
    gp_walk_close(a.walk);
    gp_walk_close(b.walk);
    return rc;
}
