/* Which files of LMDB's are whole, page by page, and which are not. */
#include "store/fixture.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROWS 4000
#define PAGE 4096

static char told[200]; /* the last flaw */

static void note(void *context, enum gp_table table, uint64_t page, const char *what)
{
    unsigned *flaws = context;

    (void)table;
    (void)snprintf(told, sizeof told, "page %llu: %s", (unsigned long long)page, what);
    ++*flaws;
}

static unsigned count_flaws(void)
{
    struct gp_store *store = open_as(false);
    unsigned flaws = 0;

    told[0] = '\0';
    assert_int_equal(gp_pages_check(store, note, &flaws), 0);
    gp_store_close(store);
    return flaws;
}

/* Not in their order, so that pages split and merge. */
static int64_t time_of(int64_t i)
{
    return (int64_t)((uint64_t)i * UINT64_C(2654435761) % (UINT64_C(1) << 40));
}

static void put_rows(struct gp_txn *txn, int64_t from_ms, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(gp_deadline_put(txn, time_of(from_ms + i), 1, 1), 0);
}

static void del_rows(struct gp_txn *txn, int64_t from_ms, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(gp_deadline_del(txn, time_of(from_ms + i), 1), 0);
}

static void end(struct gp_store *store, struct gp_txn *txn)
{
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- a file that ends early */

/* Bytes that the file lacks of its last page; below 0: it has more. */
static int64_t missing_bytes(void)
{
    char path[100];
    struct stat stat;
    MDB_envinfo info;
    struct raw raw;

    raw_begin(&raw, "deadline");
    assert_int_equal(mdb_env_info(raw.env, &info), 0);
    raw_end(&raw);
    (void)snprintf(path, sizeof path, "%s/data.mdb", store_path);
    assert_int_equal(lstat(path, &stat), 0);
    return (int64_t)(info.me_last_pgno + 1) * PAGE - stat.st_size;
}

/* The last page that was ever used, as both meta pages say it. */
static void add_last_pages(uint64_t count)
{
    char path[100];
    uint64_t last;

    (void)snprintf(path, sizeof path, "%s/data.mdb", store_path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    for (long at = 136; at < 2 * PAGE; at += PAGE) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fread(&last, sizeof last, 1, file), 1);
        last += count;
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite(&last, sizeof last, 1, file), 1);
    }
    assert_int_equal(fclose(file), 0);
}

/* LMDB never writes a page that was taken and given back by one transaction. */
static void a_file_may_end_before_pages_that_were_never_used(void **state)
{
    int round = 0;

    (void)state;
    do {
        struct gp_store *store = open_as(false);
        struct gp_txn *txn = begin(store);
        assert_true(round < 100);
        put_rows(txn, 100 * round, 300);
        if (round % 3 == 0) {
            put_rows(txn, 100000, 400 + 37 * round);
            del_rows(txn, 100000, 400 + 37 * round);
        }
        del_rows(txn, 100 * round++, 200);
        end(store, txn);
    } while (missing_bytes() <= 0);
    if (count_flaws() != 0)
        fail_msg("%s", told);
    add_last_pages(1); /* that nobody took */
    assert_int_equal(count_flaws(), 1);
}

/* ---------------------------------------------------------------- free pages */

/* Lets a test write to a list of two or more pages: how many they are, and their numbers. */
static void change_list(void (*change)(uint64_t *list))
{
    MDB_val key, value;
    MDB_cursor *cursor;
    MDB_env *env;
    MDB_txn *txn;
    uint64_t pages = 0;

    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_mapsize(env, MAP_BYTES), 0);
    assert_int_equal(mdb_env_open(env, store_path, MDB_WRITEMAP | MDB_NOLOCK, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_cursor_open(txn, 0, &cursor), 0);
    while (pages < 2) {
        assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), 0);
        memcpy(&pages, value.mv_data, sizeof pages);
    }
    change(value.mv_data); /* the map is writable */
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static void make_free_pages(void)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    put_rows(txn, 0, ROWS);
    end(store, txn);
    store = open_as(false);
    txn = begin(store);
    del_rows(txn, 0, ROWS);
    end(store, txn);
    if (count_flaws() != 0)
        fail_msg("%s", told);
}

static void list_one_twice(uint64_t *list)
{
    list[2] = list[1];
}

/* It would be given to two tables; and that in whose place it stands is lost. */
static void a_page_that_is_free_twice_is_told_of(void **state)
{
    (void)state;
    make_free_pages();
    change_list(list_one_twice);
    assert_int_equal(count_flaws(), 2);
    assert_non_null(strstr(told, "lost"));
}

static void drop_one(uint64_t *list)
{
    list[0]--;
}

static void a_page_that_is_lost_is_told_of(void **state)
{
    (void)state;
    make_free_pages();
    change_list(drop_one);
    assert_int_equal(count_flaws(), 1);
    assert_non_null(strstr(told, "lost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_may_end_before_pages_that_were_never_used),
        TEST(a_page_that_is_free_twice_is_told_of),
        TEST(a_page_that_is_lost_is_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
