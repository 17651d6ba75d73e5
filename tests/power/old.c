#include "power/old.h"

#include "base/bytes.h"
#include "power/history.h"

#include <ftw.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define FORMAT "\3"
#define TABLES 32

/* The rows of the old table: hash before (32), entry, checksum. */
struct old_rows {
    struct old_row {
        unsigned char *bytes;
        size_t len;
    } * row;
    uint64_t head;
};

static void must(int rc, const char *what)
{
    if (rc != 0)
        power_fail("an older store: %s: %d", what, rc);
}

static void fill_row(struct gp_txn *txn, uint64_t seq, struct old_row *row)
{
    struct gp_span entry;
    unsigned char key[8];

    must(gp_journal_get(txn, seq, &entry), "an entry");
    row->len = GP_HASH_BYTES + entry.len + 4;
    row->bytes = malloc(row->len);
    if (row->bytes == NULL)
        power_fail("no memory");
    memcpy(row->bytes + GP_HASH_BYTES, entry.ptr, entry.len);
    must(gp_journal_hash(txn, seq - 1, row->bytes), "a hash");
    gp_put_u64(key, seq);
    uint64_t sum = XXH3_64bits_withSeed(key, sizeof key, GP_TABLE_JOURNAL);
    gp_put_u32(row->bytes + row->len - 4,
               (uint32_t)XXH3_64bits_withSeed(row->bytes, row->len - 4, sum));
}

/* Reads the journal, and says that the store is of that format. */
static void read_rows(const char *path, struct old_rows *rows)
{
    struct gp_store *store;
    struct gp_txn *txn;

    must(power_store_open(path, NULL, &store), "opening");
    must(gp_txn_read(store, &txn), "reading");
    must(gp_journal_head(txn, &rows->head, NULL), "the head");
    rows->row = calloc(rows->head + 1, sizeof *rows->row);
    if (rows->row == NULL)
        power_fail("no memory");
    for (uint64_t seq = 1; seq <= rows->head; seq++)
        fill_row(txn, seq, &rows->row[seq]);
    gp_txn_abort(txn);
    must(gp_txn_write(store, &txn), "writing");
    must(gp_meta_put(txn, "format", (struct gp_span){FORMAT, 1}), "the format");
    must(gp_txn_commit(txn), "the commit");
    gp_store_close(store);
}

static void write_rows(const char *path, const struct old_rows *rows)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;

    must(mdb_env_create(&env), "LMDB");
    must(mdb_env_set_maxdbs(env, TABLES), "LMDB");
    must(mdb_env_set_mapsize(env, POWER_MAP_BYTES), "LMDB");
    must(mdb_env_open(env, path, 0, 0600), "LMDB");
    must(mdb_txn_begin(env, NULL, 0, &txn), "LMDB");
    must(mdb_dbi_open(txn, "journal", 0, &table), "its table");
    for (uint64_t seq = 1; seq <= rows->head; seq++) {
        unsigned char bytes[8];
        MDB_val key = {.mv_size = sizeof bytes, .mv_data = bytes};
        MDB_val value = {.mv_size = rows->row[seq].len, .mv_data = rows->row[seq].bytes};
        gp_put_u64(bytes, seq);
        must(mdb_put(txn, table, &key, &value, 0), "a row");
    }
    must(mdb_txn_commit(txn), "LMDB");
    mdb_env_close(env);
}

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

void old_make(const char *root)
{
    struct old_rows rows = {0};
    char path[240], name[260];

    (void)snprintf(path, sizeof path, "%s/store", root);
    read_rows(path, &rows);
    write_rows(path, &rows);
    for (uint64_t seq = 1; seq <= rows.head; seq++)
        free(rows.row[seq].bytes);
    free(rows.row);
    (void)snprintf(name, sizeof name, "%s/data.synced", path);
    must(unlink(name), "data.synced");
    (void)snprintf(name, sizeof name, "%s/journal", path);
    must(nftw(name, remove_one, 8, FTW_DEPTH | FTW_PHYS), "the log");
}
