/* Bytes on disk, and what the store promises around them. Raw LMDB looks at what store/ wrote. */
#include "store/store.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <ftw.h>
#include <lmdb.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MAP_BYTES (UINT64_C(16) << 20)

static char folder[64], path[80];

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/gridpost-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/store", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct gp_store *open_as(bool drill)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES, .create = true, .drill = drill};
    struct gp_store *store = NULL;

    assert_int_equal(gp_store_open(path, &options, &store), 0);
    return store;
}

static struct gp_txn *begin(struct gp_store *store)
{
    struct gp_txn *txn;
    assert_int_equal(gp_txn_write(store, &txn), 0);
    return txn;
}

static struct gp_txn *look(struct gp_store *store)
{
    struct gp_txn *txn;
    assert_int_equal(gp_txn_read(store, &txn), 0);
    return txn;
}

/* ---------------------------------------------------------------- bytes */

static void hex(const MDB_val *value, char *to)
{
    const unsigned char *bytes = value->mv_data;
    for (size_t i = 0; i < value->mv_size; i++)
        (void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* The only row of a table, by LMDB alone, without its checksum. */
static void assert_only_row(const char *table, const char *key_hex, const char *value_hex)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    MDB_val key, value;
    char text[1024];

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_RDONLY, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &dbi), 0);
    assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
    hex(&key, text);
    assert_string_equal(text, key_hex);
    assert_true(value.mv_size >= 4);
    value.mv_size -= 4;
    text[0] = '\0';
    hex(&value, text);
    assert_string_equal(text, value_hex);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), MDB_NOTFOUND);
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static void every_table_has_its_bytes(void **state)
{
    static const unsigned char id[16] = {0x01, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 1, 2,
                                         3,    4,    5,    6,    7,    8,    9, 10};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    uint64_t seq;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 7, GP_SPAN("record")), 0);
    assert_int_equal(gp_by_area_put(txn, UINT64_C(340705402001001), 7, 6, 3), 0);
    assert_int_equal(gp_by_post_put(txn, 0x9a3f01c2, 1, 1000, 7), 0);
    assert_int_equal(gp_by_dept_put(txn, 0x5e7b11d0, 0, 7), 0);
    assert_int_equal(gp_deadline_put(txn, -1, 7, 5), 0);
    assert_int_equal(gp_dedup_put(txn, id, 0x77ab, GP_SPAN("kept")), 0);
    assert_int_equal(gp_vacant_put(txn, 0x9a3f01c2, 20721, 12), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("entry"), &seq), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);

    assert_only_row("incident", "0000000000000007", "7265636f7264");
    assert_only_row("by_area", "000135dea87596690000000000000007", "0603");
    assert_only_row("by_post", "9a3f01c20180000000000003e80000000000000007", "");
    assert_only_row("by_dept", "5e7b11d0000000000000000007", "");
    assert_only_row("deadline", "7fffffffffffffff0000000000000007", "05");
    assert_only_row("dedup", "019abcdef0120102030405060708090a00000000000077ab", "6b657074");
    assert_only_row("vacant", "80000000000050f19a3f01c2", "000000000000000c");
    assert_only_row("journal", "0000000000000001",
                    "0000000000000000000000000000000000000000000000000000000000000000"
                    "656e747279");
}

static void chain_is_blake2b_over_hash_number_and_entry(void **state)
{
    unsigned char input[32 + 8 + 3] = {0}, expected[32], hash[32];
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    uint64_t seq, head;

    (void)state;
    assert_int_equal(gp_journal_append(txn, GP_SPAN("one"), &seq), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("two"), &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_put_u64(input + 32, 1);
    memcpy(input + 40, "one", 3);
    assert_int_equal(crypto_generichash(expected, 32, input, sizeof input, NULL, 0), 0);
    memcpy(input, expected, 32);
    gp_put_u64(input + 32, 2);
    memcpy(input + 40, "two", 3);
    assert_int_equal(crypto_generichash(expected, 32, input, sizeof input, NULL, 0), 0);
    txn = look(store);
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    assert_int_equal(head, 2);
    assert_memory_equal(hash, expected, 32);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- damage */

/* Turns one bit of the last byte but four of a table's first value, behind the store's back. */
static void damage(const char *table)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    MDB_val key, value;
    unsigned char copy[512];

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 16), 0);
    assert_int_equal(mdb_env_set_mapsize(env, MAP_BYTES), 0);
    assert_int_equal(mdb_env_open(env, path, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &dbi), 0);
    assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
    assert_true(value.mv_size > 4 && value.mv_size <= sizeof copy);
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size - 5] ^= 1;
    value.mv_data = copy;
    assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
    mdb_cursor_close(cursor);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void flipped_bit_is_noticed(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;
    uint64_t seq, bad = 0;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("record")), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("one"), &seq), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("two"), &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    damage("incident");
    damage("journal");
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ECORRUPT);
    assert_int_equal(gp_journal_verify(txn, 1, 2, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 1);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- transactions */

static void abort_leaves_nothing(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;
    uint64_t seq, head;

    (void)state;
    assert_int_equal(gp_journal_append(txn, GP_SPAN("lost"), &seq), 0);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("lost")), 0);
    gp_txn_abort(txn);
    txn = begin(store);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_int_equal(head, 0);
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ENOTFOUND);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("first"), &seq), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static void first_error_sticks(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_deadline_del(txn, 5, 1), GP_ECORRUPT); /* never put */
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("x")), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    gp_store_close(store);
}

static void reader_sees_the_state_it_began_with(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store), *reader;
    struct gp_span record;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("old")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    reader = look(store);
    txn = begin(store);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("new")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_incident_get(reader, 1, &record), 0);
    assert_true(gp_span_is(record, "old"));
    gp_txn_abort(reader);
    gp_store_close(store);
}

static void full_store_refuses_and_stays_usable(void **state)
{
    static char large[60000];
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record = {large, sizeof large};
    int rc = 0;

    (void)state;
    for (uint64_t id = 1; rc == 0 && id < 1000; id++)
        rc = gp_incident_put(txn, id, record);
    assert_int_equal(rc, GP_ENOSPC);
    assert_int_equal(gp_txn_commit(txn), GP_ENOSPC);
    txn = begin(store);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("fits")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static void kill_before_commit_loses_only_that(void **state)
{
    struct gp_store *store;
    struct gp_txn *txn;
    uint64_t seq, head;
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        store = open_as(false);
        txn = begin(store);
        assert_int_equal(gp_journal_append(txn, GP_SPAN("kept"), &seq), 0);
        assert_int_equal(gp_txn_commit(txn), 0);
        txn = begin(store);
        assert_int_equal(gp_journal_append(txn, GP_SPAN("lost"), &seq), 0);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_int_equal(head, 1);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- opening */

static void second_opener_is_refused(void **state)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES, .create = true};
    struct gp_store *store, *other = NULL;
    int status;

    (void)state;
    store = open_as(false);
    pid_t child = fork(); /* another process: LMDB opens an environment once in each */
    if (child == 0)
        _exit(gp_store_open(path, &options, &other) == GP_ELOCKED ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    gp_store_close(store);
}

static void drill_and_real_are_never_mixed(void **state)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES, .create = true};
    struct gp_store *other = NULL;

    (void)state;
    gp_store_close(open_as(true));
    assert_int_equal(gp_store_open(path, &options, &other), GP_EMODE);
    options.drill = true;
    assert_int_equal(gp_store_open(path, &options, &other), 0);
    assert_true(gp_store_is_drill(other));
    gp_store_close(other);
}

static void missing_store_is_not_made_unasked(void **state)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES};
    struct gp_store *store = NULL;

    (void)state;
    assert_int_equal(gp_store_open(path, &options, &store), GP_ENOTFOUND);
}

static void unknown_format_is_refused(void **state)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES, .create = true};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_meta_put(txn, "format", GP_SPAN("\x7f")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    assert_int_equal(gp_store_open(path, &options, &store), GP_EVERSION);
}

static void files_are_for_the_owner_only(void **state)
{
    char name[120];
    struct stat stat_of;

    (void)state;
    gp_store_close(open_as(false));
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0700);
    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    assert_int_equal(stat(name, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0077, 0);
}

/* ---------------------------------------------------------------- order, walking, forgetting */

static void earliest_deadline_comes_first(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    int64_t due;
    uint64_t id;

    (void)state;
    assert_int_equal(gp_deadline_first(txn, &due, &id), GP_ENOTFOUND);
    assert_int_equal(gp_deadline_put(txn, 2000, 1, 5), 0);
    assert_int_equal(gp_deadline_put(txn, 1000, 9, 5), 0);
    assert_int_equal(gp_deadline_put(txn, 1000, 3, 5), 0);
    assert_int_equal(gp_deadline_put(txn, -5, 8, 5), 0);
    assert_int_equal(gp_deadline_first(txn, &due, &id), 0);
    assert_int_equal(due, -5);
    assert_int_equal(gp_deadline_del(txn, -5, 8), 0);
    assert_int_equal(gp_deadline_first(txn, &due, &id), 0);
    assert_int_equal(due, 1000);
    assert_int_equal(id, 3);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void put_id(struct gp_txn *txn, int64_t ms, unsigned char last)
{
    unsigned char id[16] = {0};

    gp_put_u64(id, (uint64_t)ms << 16);
    id[15] = last;
    assert_int_equal(gp_dedup_put(txn, id, last, GP_SPAN("answer")), 0);
}

static void old_repeats_are_forgotten_oldest_first(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_store_figures figures;
    uint32_t dropped;

    (void)state;
    for (unsigned char i = 0; i < 10; i++)
        put_id(txn, 1000 * i, i);
    assert_int_equal(gp_dedup_forget(txn, 5000, 3, &dropped), 0);
    assert_int_equal(dropped, 3);
    assert_int_equal(gp_dedup_forget(txn, 5000, 100, &dropped), 0);
    assert_int_equal(dropped, 2);
    assert_int_equal(gp_store_figures(txn, &figures), 0);
    assert_int_equal(figures.rows[GP_TABLE_DEDUP], 5);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void walk_starts_where_it_is_told(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_walk *walk;
    struct gp_span key, value;
    unsigned char from[8];

    (void)state;
    for (uint64_t id = 1; id <= 5; id++)
        assert_int_equal(gp_incident_put(txn, id * 10, GP_SPAN("r")), 0);
    gp_put_u64(from, 25);
    assert_int_equal(gp_walk_open(txn, GP_TABLE_INCIDENT, (struct gp_span){(char *)from, 8}, &walk),
                     0);
    for (uint64_t id = 30; id <= 50; id += 10) {
        assert_int_equal(gp_walk_next(walk, &key, &value), 0);
        assert_int_equal(gp_get_u64((const unsigned char *)key.ptr), id);
        assert_true(gp_span_is(value, "r"));
    }
    assert_int_equal(gp_walk_next(walk, &key, &value), GP_ENOTFOUND);
    gp_walk_close(walk);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void digest_depends_on_content_only(void **state)
{
    struct gp_store *store = open_as(false);
    unsigned char digest[3][32];
    uint64_t rows;

    (void)state;
    for (int round = 0; round < 3; round++) {
        struct gp_txn *txn = begin(store);
        for (uint64_t i = 1; i <= 3; i++) {
            uint64_t id = round == 1 ? 4 - i : i;
            assert_int_equal(
                gp_incident_put(txn, id,
                                round == 2 && id == 2 ? GP_SPAN("other") : GP_SPAN("same")),
                0);
        }
        assert_int_equal(gp_table_digest(txn, GP_TABLE_INCIDENT, digest[round], &rows), 0);
        assert_int_equal(rows, 3);
        gp_txn_abort(txn);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    assert_memory_not_equal(digest[0], digest[2], 32);
    gp_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_table_has_its_bytes),
        TEST(chain_is_blake2b_over_hash_number_and_entry),
        TEST(flipped_bit_is_noticed),
        TEST(abort_leaves_nothing),
        TEST(first_error_sticks),
        TEST(reader_sees_the_state_it_began_with),
        TEST(full_store_refuses_and_stays_usable),
        TEST(kill_before_commit_loses_only_that),
        TEST(second_opener_is_refused),
        TEST(drill_and_real_are_never_mixed),
        TEST(missing_store_is_not_made_unasked),
        TEST(unknown_format_is_refused),
        TEST(files_are_for_the_owner_only),
        TEST(earliest_deadline_comes_first),
        TEST(old_repeats_are_forgotten_oldest_first),
        TEST(walk_starts_where_it_is_told),
        TEST(digest_depends_on_content_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
