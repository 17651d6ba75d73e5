#include "power/judge.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A digest of each table but meta: what that says may change without an entry. */
struct judge_tables {
    bool known;
    unsigned char digest[GP_TABLE_COUNT][32];
};

void judge_open(struct judge *judge, const char *folder, const struct history *history)
{
    *judge = (struct judge){.history = history};
    (void)snprintf(judge->store, sizeof judge->store, "%s/disk/store", folder);
    (void)snprintf(judge->copy, sizeof judge->copy, "%s/copy", folder);
    city_open(&judge->city, 11);
    judge->city.now_ms += GP_MS_DAY; /* behind the lives */
    judge->tables = calloc(history->head + 1, sizeof *judge->tables);
    if (judge->tables == NULL)
        power_fail("no memory");
}

void judge_close(struct judge *judge)
{
    city_close(&judge->city);
    free(judge->tables);
}

__attribute__((format(printf, 2, 3))) static bool wrong(struct judge *judge, const char *format,
                                                        ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(judge->wrong, sizeof judge->wrong, format, arguments);
    va_end(arguments);
    return false;
}

static bool is_ok(struct judge *judge, int rc, const char *what)
{
    return rc == 0 || wrong(judge, "%s: %s", what, gp_error_text(rc));
}

/* ---------------------------------------------------------------- the journal */

static bool check_head(struct judge *judge, uint64_t head, const unsigned char *hash,
                       uint64_t promised)
{
    const struct history *history = judge->history;

    if (head < promised)
        return wrong(judge, "LOST: entry %llu was promised, the journal ends with %llu",
                     (unsigned long long)promised, (unsigned long long)head);
    if (head > history->head)
        return wrong(judge, "the journal has %llu entries, and only %llu were written",
                     (unsigned long long)head, (unsigned long long)history->head);
    if (memcmp(hash, history->entry[head].hash, GP_HASH_BYTES) != 0)
        return wrong(judge, "entry %llu or one before it is not what was written",
                     (unsigned long long)head);
    if (!history->entry[head].ends_batch)
        return wrong(judge, "HALF: the journal ends with %llu, in the middle of a batch",
                     (unsigned long long)head);
    return true;
}

static bool check_journal(struct judge *judge, struct gp_txn *txn, uint64_t promised,
                          uint64_t *ret_head)
{
    unsigned char hash[GP_HASH_BYTES];
    uint64_t bad = 0;

    if (!is_ok(judge, gp_journal_head(txn, ret_head, hash), "the head") ||
        !check_head(judge, *ret_head, hash, promised))
        return false;
    int rc = *ret_head > 0 ? gp_journal_verify(txn, 1, *ret_head, &bad) : 0;
    return rc == 0 ||
           wrong(judge, "the chain at %llu: %s", (unsigned long long)bad, gp_error_text(rc));
}

/* ---------------------------------------------------------------- the tables */

static bool look_at_tables(struct judge *judge, struct gp_txn *txn, struct judge_tables *tables)
{
    uint64_t rows;

    *tables = (struct judge_tables){.known = true};
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (table != GP_TABLE_META &&
            !is_ok(judge, gp_table_digest(txn, (enum gp_table)table, tables->digest[table], &rows),
                   gp_table_name((enum gp_table)table)))
            return false;
    }
    return true;
}

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

/* The journal alone must give these tables, and they all texts that it tells of. */
static bool prove(struct judge *judge, struct gp_store *store)
{
    struct gp_store_options options = {.map_bytes = POWER_MAP_BYTES,
                                       .create = true,
                                       .unsafe_nosync = true,
                                       .segment_bytes = POWER_SEGMENT_BYTES};
    enum gp_table table = GP_TABLE_COUNT;
    struct gp_texts texts;
    struct gp_store *copy = NULL;
    uint64_t bad = 0;

    (void)nftw(judge->copy, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* it may not be there */
    bool ok = is_ok(judge, gp_store_open(judge->copy, &options, &copy), "a store to rebuild into");
    if (ok)
        ok = is_ok(judge, gp_engine_rebuild(store, copy, NULL, NULL), "rebuilding");
    if (ok && gp_engine_compare(store, copy, &table) != 0)
        ok = wrong(judge, "HALF: table %s is not what the journal gives", gp_table_name(table));
    gp_store_close(copy);
    return ok && is_ok(judge, gp_engine_check_texts(store, &texts, &bad), "the texts");
}

static bool check_tables(struct judge *judge, struct gp_store *store,
                         const struct judge_tables *found, uint64_t head)
{
    struct judge_tables *known = &judge->tables[head];

    if (!known->known) {
        if (!prove(judge, store))
            return false;
        *known = *found;
        return true;
    }
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (memcmp(found->digest[table], known->digest[table], 32) != 0)
            return wrong(judge, "HALF: table %s is not what entry %llu leaves",
                         gp_table_name((enum gp_table)table), (unsigned long long)head);
    }
    return true;
}

/* ---------------------------------------------------------------- all of it */

static bool check_store(struct judge *judge, struct gp_store *store, uint64_t promised)
{
    struct judge_tables found;
    struct gp_txn *txn;
    uint64_t head = 0;

    if (!is_ok(judge, gp_txn_read(store, &txn), "reading"))
        return false;
    bool ok = check_journal(judge, txn, promised, &head) && look_at_tables(judge, txn, &found);
    gp_txn_abort(txn);
    return ok && check_tables(judge, store, &found, head);
}

static bool apply_one(struct judge *judge, struct gp_engine *engine, uint64_t *ret_head)
{
    struct gp_item item = {.kind = GP_ITEM_COMMAND};
    struct gp_batch batch = {
        .org = judge->city.org, .now_ms = judge->city.now_ms, .item = &item, .item_count = 1};

    city_random_report(&judge->city, &item.command);
    if (!is_ok(judge, gp_engine_apply(engine, &batch), "a batch"))
        return false;
    *ret_head = batch.head;
    return true;
}

static bool open_both(struct judge *judge, struct gp_store **ret_store,
                      struct gp_engine **ret_engine)
{
    struct gp_store_found found = {0};
    int rc = power_store_open(judge->store, &found, ret_store);

    if (rc != 0)
        return wrong(judge, "it does not open: %s %s %llu", gp_error_text(rc), found.bad_name,
                     (unsigned long long)found.bad_offset);
    rc = gp_engine_open(*ret_store, ret_engine);
    if (rc == 0)
        return true;
    gp_store_close(*ret_store);
    return is_ok(judge, rc, "the engine");
}

static bool check_again(struct judge *judge, uint64_t head)
{
    struct gp_engine *engine;
    struct gp_store *store;
    uint64_t found = 0;

    if (!open_both(judge, &store, &engine))
        return false;
    bool ok = is_ok(judge,
                    gp_engine_head(store, &found, (unsigned char[GP_HASH_BYTES]){0}, &(int64_t){0}),
                    "the head");
    if (ok && found != head)
        ok = wrong(judge, "opened again, the journal ends with %llu, not %llu",
                   (unsigned long long)found, (unsigned long long)head);
    gp_engine_close(engine);
    gp_store_close(store);
    return ok;
}

bool judge_state(struct judge *judge, uint64_t promised, bool on)
{
    struct gp_engine *engine;
    struct gp_store *store;
    uint64_t head = 0;

    if (!open_both(judge, &store, &engine))
        return false;
    bool ok = check_store(judge, store, promised);
    if (ok && on)
        ok = apply_one(judge, engine, &head);
    gp_engine_close(engine);
    gp_store_close(store);
    return ok && (!on || check_again(judge, head));
}
