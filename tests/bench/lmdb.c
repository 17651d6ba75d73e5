/*
 * bench_lmdb FOLDER SECONDS PRELOAD BATCH…   what the puts of reports cost LMDB alone
 *
 * A thread, a transaction for each BATCH reports, no socket: the rows that a report gives gridpost
 * (incident, its four indexes, the kept answer, texts) and four entries of the journal, each in a
 * table of its own. At least PRELOAD incidents are there before; the folder can be used again.
 * Prints one line of key=value pairs for each BATCH.
 */
#include "bench/facts.h"
#include "bench/load.h"
#include "bench/usage.h"

#include "base/bytes.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAP_BYTES     ((size_t)64 << 30)
#define PRELOAD_BATCH 1000
#define KEY_MAX       24

enum table { INCIDENT, AREA, OWNER, DEPARTMENT, STEP, ANSWER, TEXTS, JOURNAL, TABLES };

struct key {
    size_t len;
    unsigned char bytes[KEY_MAX];
};

static MDB_env *env;
static MDB_dbi tables[TABLES];
static uint64_t incidents, entries;

static void check(int rc)
{
    if (rc != 0)
        load_die("lmdb: %s", mdb_strerror(rc));
}

static uint64_t rows(MDB_txn *txn, enum table table)
{
    MDB_stat about;

    check(mdb_stat(txn, tables[table], &about));
    return about.ms_entries;
}

static void open_env(const char *folder)
{
    MDB_txn *txn;
    char name[12]; /* any int */

    check(mdb_env_create(&env));
    check(mdb_env_set_maxdbs(env, TABLES));
    check(mdb_env_set_mapsize(env, MAP_BYTES));
    check(mdb_env_open(env, folder, 0, 0600));
    check(mdb_txn_begin(env, NULL, 0, &txn));
    for (int i = 0; i < TABLES; i++) {
        (void)snprintf(name, sizeof name, "%d", i);
        check(mdb_dbi_open(txn, name, MDB_CREATE, &tables[i]));
    }
    incidents = rows(txn, INCIDENT);
    entries = rows(txn, JOURNAL);
    check(mdb_txn_commit(txn));
}

static void add(struct key *key, uint64_t number)
{
    gp_put_u64(key->bytes + key->len, number);
    key->len += 8;
}

static void put(MDB_txn *txn, enum table table, struct key key, const void *bytes, size_t len)
{
    MDB_val to = {key.len, key.bytes}, value = {len, (void *)(uintptr_t)bytes};

    check(mdb_put(txn, tables[table], &to, &value, 0));
}

/* An index: up to two numbers, then the incident's. */
static void put_index(MDB_txn *txn, enum table table, uint64_t first, const uint64_t *second)
{
    struct key key = {0};

    add(&key, first);
    if (second != NULL)
        add(&key, *second);
    add(&key, incidents);
    put(txn, table, key, "stat", 4);
}

static void put_report(MDB_txn *txn)
{
    struct facts facts;
    struct key id = {0}, report = {.len = sizeof facts.id};
    uint64_t due;

    facts_next(&facts);
    due = (uint64_t)facts.due_ms;
    incidents++;
    add(&id, incidents);
    put(txn, INCIDENT, id, facts.record, sizeof facts.record);
    put_index(txn, AREA, facts.area, NULL);
    put_index(txn, OWNER, (uint64_t)facts.owner, &due);
    put_index(txn, DEPARTMENT, (uint64_t)facts.department, NULL);
    put_index(txn, STEP, (uint64_t)facts.step_ms, NULL);
    memcpy(report.bytes, facts.id, sizeof facts.id);
    put(txn, ANSWER, report, facts.answer, sizeof facts.answer);
    put(txn, TEXTS, id, facts.texts, sizeof facts.texts);
    for (int i = 0; i < FACTS_ENTRIES; i++) {
        struct key seq = {0};
        add(&seq, ++entries);
        put(txn, JOURNAL, seq, facts.entry[i], facts_entry_bytes[i]);
    }
}

static void put_batch(size_t count)
{
    MDB_txn *txn;

    check(mdb_txn_begin(env, NULL, 0, &txn));
    for (size_t i = 0; i < count; i++)
        put_report(txn);
    check(mdb_txn_commit(txn));
}

static void preload(uint64_t count)
{
    check(mdb_env_set_flags(env, MDB_NOSYNC, 1));
    while (incidents < count)
        put_batch(PRELOAD_BATCH);
    check(mdb_env_sync(env, 1));
    check(mdb_env_set_flags(env, MDB_NOSYNC, 0));
}

static void measure(const char *folder, double seconds, size_t batch)
{
    const int self = (int)getpid();
    double bytes = usage_disk_bytes(folder), processor = usage_processor_s(&self, 1);
    double start = load_now(), spent;
    uint64_t before = incidents;

    do
        put_batch(batch);
    while ((spent = load_now() - start) < seconds);
    double count = (double)(incidents - before);
    printf("clients=%zu reports=%.0f per_second=%.0f processor_us=%.1f disk_bytes=%.0f\n", batch,
           count, count / spent, (usage_processor_s(&self, 1) - processor) * 1e6 / count,
           (usage_disk_bytes(folder) - bytes) / count);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: bench_lmdb FOLDER SECONDS PRELOAD BATCH…\n", stderr);
        return 64;
    }
    open_env(argv[1]);
    preload(strtoul(argv[3], NULL, 10));
    for (int i = 4; i < argc; i++)
        measure(argv[1], atof(argv[2]), strtoul(argv[i], NULL, 10));
    mdb_env_close(env);
    return 0;
}
