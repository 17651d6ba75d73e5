/* What a start finds in the store's folder, and what it makes of it. */
#include "store/fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

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
        _exit(gp_store_open(store_path, &options, &other) == GP_ELOCKED ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    gp_store_close(store);
}

static void drill_and_real_are_never_mixed(void **state)
{
    (void)state;
    gp_store_close(open_as(true));
    assert_int_equal(try_open(false, true), GP_EMODE);
    assert_int_equal(try_open(true, true), 0);
}

static void real_store_is_not_opened_in_a_drill(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    assert_false(gp_store_is_drill(store));
    gp_store_close(store);
    assert_int_equal(try_open(true, true), GP_EMODE);
    assert_int_equal(try_open(false, true), 0);
}

static void missing_store_is_not_made_unasked(void **state)
{
    (void)state;
    assert_int_equal(try_open(false, false), GP_ENOTFOUND);
    assert_int_equal(mkdir(store_path, 0700), 0);
    assert_int_equal(try_open(false, false), GP_ENOTFOUND);
}

static void put_meta(const char *name, struct gp_span value)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    assert_int_equal(gp_meta_put(txn, name, value), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static void unknown_format_is_refused(void **state)
{
    (void)state;
    put_meta("format", GP_SPAN("\x7f"));
    assert_int_equal(try_open(false, true), GP_EVERSION);
}

/* A store of format 1 lacks the tables from `link` on, one of format 2 those from `device` on, one
 * of format 3 by_state. */
static void make_older(int format)
{
    static const char *const newer[] = {"by_state", "device", "device_key", "link",    "strike",
                                        "on_spot",  "leave",  "tenure",     "personal"};
    static const size_t lacks[] = {[1] = 9, [2] = 3, [3] = 1};
    const char byte = (char)format;

    put_meta("format", (struct gp_span){&byte, 1});
    for (size_t i = 0; i < lacks[format]; i++) {
        struct raw raw;
        raw_begin(&raw, newer[i]);
        assert_int_equal(mdb_drop(raw.txn, raw.table, 1), 0);
        raw_end(&raw);
    }
}

static void put_rows_of_every_format(struct gp_store *store)
{
    static const unsigned char key[GP_KEY_BYTES] = {7};
    struct gp_txn *txn = begin(store);
    struct gp_span format;

    assert_int_equal(gp_meta_get(txn, "format", &format), 0);
    assert_true(gp_span_is(format, "\x04"));
    assert_int_equal(gp_link_put(txn, 7, 9), 0);
    assert_int_equal(gp_by_state_put(txn, &(struct gp_state_row){.mark = 3, .id = 9}), 0);
    assert_int_equal(gp_device_put(txn, 3, GP_SPAN("record")), 0);
    assert_int_equal(gp_device_key_put(txn, key, 3), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

static void find_rows_of_every_format(struct gp_store *store)
{
    static const unsigned char key[GP_KEY_BYTES] = {7}, other[GP_KEY_BYTES] = {7, 1};
    struct gp_txn *txn = look(store);
    struct gp_span record;
    uint64_t id;

    assert_int_equal(gp_incident_get(txn, 5, &record), 0);
    assert_true(gp_span_is(record, "before"));
    assert_int_equal(gp_link_next(txn, 7, 0, &id), 0);
    assert_int_equal(id, 9);
    assert_int_equal(gp_device_get(txn, 3, &record), 0);
    assert_true(gp_span_is(record, "record"));
    assert_int_equal(gp_device_key_get(txn, key, &id), 0);
    assert_int_equal(id, 3);
    assert_int_equal(gp_device_key_get(txn, other, &id), GP_ENOTFOUND);
    gp_txn_abort(txn);
}

static void brought_up_from(int format)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    assert_int_equal(gp_incident_put(txn, 5, GP_SPAN("before")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    make_older(format);
    assert_int_equal(try_open(true, true), GP_EMODE); /* and is left as it was */
    store = open_as(false);
    put_rows_of_every_format(store);
    gp_store_close(store);
    store = open_as(false);
    find_rows_of_every_format(store);
    gp_store_close(store);
}

static void the_first_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(1);
}

static void the_second_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(2);
}

static void the_third_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(3);
}

static void unknown_kind_is_refused(void **state)
{
    (void)state;
    put_meta("kind", GP_SPAN("drills"));
    assert_int_equal(try_open(false, true), GP_EVERSION);
    assert_int_equal(try_open(true, true), GP_EVERSION);
}

/* A start that was killed before its first commit leaves an environment without a table. */
static void killed_first_start_is_started_again(void **state)
{
    MDB_env *env;
    char name[120];

    (void)state;
    assert_int_equal(mkdir(store_path, 0700), 0);
    (void)snprintf(name, sizeof name, "%s/daemon.lock", store_path);
    assert_int_equal(close(open(name, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(try_open(false, true), 0); /* before LMDB made its file … */
    remove_folder(NULL);
    assert_int_equal(mkdir(store_folder, 0700), 0);
    assert_int_equal(mkdir(store_path, 0700), 0);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_open(env, store_path, 0, 0600), 0);
    mdb_env_close(env);
    assert_int_equal(try_open(false, false), GP_ENOTFOUND);
    assert_int_equal(try_open(false, true), 0); /* … and after */
    assert_int_equal(try_open(false, false), 0);
}

/* Tables and their format come in one commit: kill a first start wherever it is, and there is a
 * store or none. */
static void first_start_killed_anywhere_is_started_again(void **state)
{
    (void)state;
    for (useconds_t moment_us = 0; moment_us < 20000; moment_us += 500) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            (void)ualarm(moment_us + 1, 0); /* SIGALRM kills */
            (void)try_open(false, true);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(try_open(false, true), 0);
        remove_folder(NULL);
        assert_int_equal(mkdir(store_folder, 0700), 0);
    }
}

static void other_files_are_left_alone(void **state)
{
    char name[120];
    struct stat stat_of;

    (void)state;
    assert_int_equal(mkdir(store_path, 0700), 0);
    (void)snprintf(name, sizeof name, "%s/holiday.jpg", store_path);
    assert_int_equal(close(open(name, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(try_open(false, true), GP_EEXIST);
    (void)snprintf(name, sizeof name, "%s/daemon.lock", store_path);
    assert_int_equal(stat(name, &stat_of), -1); /* nothing was put beside them */
}

static void another_programs_environment_is_refused(void **state)
{
    struct raw raw;
    char byte = 'x';
    MDB_val key = {.mv_size = 1, .mv_data = &byte}, value = {.mv_size = 1, .mv_data = &byte};

    (void)state;
    assert_int_equal(mkdir(store_path, 0700), 0);
    raw_begin(&raw, NULL);
    assert_int_equal(mdb_put(raw.txn, raw.table, &key, &value, 0), 0);
    raw_end(&raw);
    assert_int_equal(try_open(false, true), GP_EVERSION);
}

static void file_is_not_a_folder(void **state)
{
    (void)state;
    assert_int_equal(close(open(store_path, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(try_open(false, true), GP_EINVAL);
}

static void files_are_for_the_owner_only(void **state)
{
    char name[120];
    struct stat stat_of;

    (void)state;
    gp_store_close(open_as(false));
    assert_int_equal(stat(store_path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0700);
    (void)snprintf(name, sizeof name, "%s/data.mdb", store_path);
    assert_int_equal(stat(name, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0077, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(second_opener_is_refused),
        TEST(drill_and_real_are_never_mixed),
        TEST(real_store_is_not_opened_in_a_drill),
        TEST(missing_store_is_not_made_unasked),
        TEST(unknown_format_is_refused),
        TEST(the_first_format_is_brought_up),
        TEST(the_second_format_is_brought_up),
        TEST(the_third_format_is_brought_up),
        TEST(unknown_kind_is_refused),
        TEST(killed_first_start_is_started_again),
        TEST(first_start_killed_anywhere_is_started_again),
        TEST(other_files_are_left_alone),
        TEST(another_programs_environment_is_refused),
        TEST(file_is_not_a_folder),
        TEST(files_are_for_the_owner_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
