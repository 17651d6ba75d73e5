/*
 * Forgetting old repeats (R20).
 *
 * A kept answer may go when GP_DEDUP_DAYS have passed since its id was made *and* since it was
 * stored: a handset whose clock stands in 1970 makes ids that are old from the first, and repeats
 * them like any other. In a drill only the second counts: its clock is not the one that ids are
 * made by.
 *
 * The table's order is that of the ids, so what may go lies before one key, with younger rows of
 * wrong clocks among it. These are passed over, and one item looks at no more than
 * GP_FORGET_ROWS_MAX rows; where it stops, the next begins. That place is a fold of the journal
 * like the table itself (each item that moves it has written an entry), or rebuilding would forget
 * other rows. A drill's ids are made while it runs, so its rows lie in the order in which they were
 * stored and the first young one ends the look; a wrong clock there delays forgetting, no more.
 *
 * Words about people (why somebody is on leave) go with the same entry when they are as old: they
 * belong to no incident that could be erased. They lie in the order in which they were written.
 */
#include "engine/internal.h"

#include "base/bytes.h"

#define KEY_BYTES 24 /* of the table: id, device */

struct look {
    int64_t before_ms;
    bool drill;
    bool drop;                     /* what may go, goes */
    bool goes_on;                  /* out: an earlier look had stopped in the middle */
    bool over;                     /* out: nothing that may go is left behind the last row */
    uint32_t old;                  /* out: rows that may go, or went */
    unsigned char last[KEY_BYTES]; /* out: key of the last row */
};

enum verdict { GOES, STAYS, ENDS };

static int judge(const struct look *look, struct gp_span key, struct gp_span value,
                 enum verdict *ret_verdict)
{
    const unsigned char *id = (const unsigned char *)key.ptr;
    struct gp_kept_row row;
    int rc = key.len == KEY_BYTES ? gp_kept_row_read(id, value, &row) : GP_ECORRUPT;

    if (rc != 0)
        return rc;
    if (!look->drill && gp_id_made_ms(id) >= look->before_ms)
        *ret_verdict = ENDS;
    else if (row.stored_ms < look->before_ms)
        *ret_verdict = GOES;
    else
        *ret_verdict = look->drill ? ENDS : STAYS;
    return 0;
}

/* The next row. look->over: there is none to look at. */
static int look_at_one(struct look *look, struct gp_walk *walk)
{
    struct gp_span key, value;
    enum verdict verdict = ENDS;
    int rc = gp_walk_next(walk, &key, &value);

    if (rc == 0)
        rc = judge(look, key, value, &verdict);
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    look->over = verdict == ENDS;
    if (look->over)
        return 0;
    memcpy(look->last, key.ptr, KEY_BYTES);
    if (verdict == STAYS)
        return 0;
    look->old++;
    return look->drop ? gp_walk_drop(walk) : 0;
}

static int look_on(struct look *look, struct gp_txn *txn)
{
    struct gp_walk *walk = NULL;
    struct gp_span from = {0};
    int rc = gp_meta_get(txn, GP_META_FORGET, &from);

    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    look->goes_on = rc == 0;
    rc = gp_walk_open(txn, GP_TABLE_DEDUP, from, &walk);
    for (uint32_t looked = 0; rc == 0 && !look->over && looked < GP_FORGET_ROWS_MAX; looked++)
        rc = look_at_one(look, walk);
    gp_walk_close(walk);
    return rc;
}

/* ---------------------------------------------------------------- words about people */

static int written_ms(struct gp_txn *txn, struct gp_arena *arena, uint64_t seq, int64_t *ret_ms)
{
    struct gp_entry *entry;
    struct gp_span bytes;
    int rc;

    gp_arena_reset(arena);
    entry = gp_arena_zalloc(arena, 1, sizeof *entry);
    rc = entry != NULL ? gp_journal_get(txn, seq, &bytes) : GP_ENOMEM;
    if (rc == 0)
        rc = gp_wire_entry_unpack(bytes, arena, entry);
    if (rc == 0)
        *ret_ms = entry->at_ms;
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* words of no entry */
}

/* The newest of the oldest words that may go, at most GP_ERASE_ROWS_MAX of them; 0: none may. */
static int find_words(struct gp_txn *txn, int64_t before_ms, uint64_t *ret_last, bool *ret_more)
{
    struct gp_arena arena;
    uint64_t last = 0, seq;
    unsigned old = 0;
    int64_t at_ms;
    int rc = 0;

    gp_arena_init(&arena, GP_LOOK_BYTES);
    while (old < GP_ERASE_ROWS_MAX && (rc = gp_personal_next(txn, 0, last + 1, &seq)) == 0 &&
           (rc = written_ms(txn, &arena, seq, &at_ms)) == 0 && at_ms < before_ms) {
        last = seq;
        old++;
    }
    gp_arena_release(&arena);
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    *ret_last = last;
    *ret_more = old == GP_ERASE_ROWS_MAX;
    return 0;
}

static int drop_words(struct gp_txn *txn, int64_t before_ms)
{
    uint64_t last;
    bool more;
    int rc = find_words(txn, before_ms, &last, &more);

    return rc == 0 && last != 0 ? gp_personal_erase(txn, 0, last + 1, GP_ERASE_ROWS_MAX) : rc;
}

/* ---------------------------------------------------------------- both */

int gp_run_forget(struct gp_run *run, struct gp_item *item)
{
    uint64_t words = 0;
    bool more_words = false;
    struct look look = {.before_ms = run->batch->now_ms - GP_DEDUP_DAYS * GP_MS_DAY,
                        .drill = run->engine->drill};
    struct gp_entry entry;
    int rc = run->batch->held ? 0 : look_on(&look, run->txn);

    if (rc == 0 && !run->batch->held)
        rc = find_words(run->txn, look.before_ms, &words, &more_words);
    if (rc != 0 || run->batch->held)
        return rc;
    item->more = !look.over || more_words;
    if (look.over && look.old == 0 && !look.goes_on && words == 0)
        return 0;
    gp_run_plain_entry(run, GP_WHAT_AUDIT,
                       GP_SPAN("repeats and words about people older than 400 days are forgotten"),
                       &entry);
    entry.forget_before_ms = look.before_ms;
    return gp_run_record_plain(run, &entry);
}

int gp_tables_forget(struct gp_txn *txn, const struct gp_entry *entry)
{
    struct look look = {.before_ms = entry->forget_before_ms,
                        .drill = (entry->flags & GP_FLAG_DRILL) != 0,
                        .drop = true};
    int rc = drop_words(txn, look.before_ms);

    if (rc == 0)
        rc = look_on(&look, txn);
    if (rc != 0)
        return rc;
    if (!look.over)
        return gp_meta_put(txn, GP_META_FORGET, (struct gp_span){(char *)look.last, KEY_BYTES});
    return look.goes_on ? gp_meta_del(txn, GP_META_FORGET) : 0;
}
