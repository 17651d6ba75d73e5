/* What a start finds in the store's folder, and what it makes of it. */
#include "store/fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
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

/* The daemon starts children, of which one may run wild. */
static void no_file_is_left_to_children(void **state)
{
    struct gp_store *store = open_as(false);
    unsigned ours = 0;

    (void)state;
    for (int fd = 0; fd < 1024; fd++) {
        char link[32], path[512];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(link, path, sizeof path - 1);
        if (len < 0)
            continue;
        path[len] = '\0';
        if (strncmp(path, store_path, strlen(store_path)) != 0)
            continue;
        ours++;
        if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
            fail_msg("%s goes on to children", path);
    }
    assert_true(ours >= 4); /* two of data.mdb, the locks, and more */
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

static void unknown_format_is_refused(void **state)
{
    (void)state;
    put_meta("format", GP_SPAN("\x7f"));
    assert_int_equal(try_open(false, true), GP_EVERSION);
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

static void make_first_write(void)
{
    MDB_env *env;

    assert_int_equal(mkdir(store_path, 0700), 0);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_open(env, store_path, 0, 0600), 0);
    mdb_env_close(env);
}

/* The power goes in the first start: of LMDB's first write the size came to the disk, the bytes not
 * or not all. Nothing was ever in such a file. */
static void torn_first_write_is_started_again(void **state)
{
    static const char zeros[512];
    char name[120];

    (void)state;
    for (unsigned torn = 1; torn < 4; torn++) { /* the one meta page, the other, both */
        make_first_write();
        (void)snprintf(name, sizeof name, "%s/data.mdb", store_path);
        int fd = open(name, O_WRONLY);
        assert_true(fd >= 0);
        for (off_t page = 0; page < 2; page++) {
            if ((torn >> page & 1) != 0)
                assert_int_equal(
                    pwrite(fd, zeros, sizeof zeros, page * (off_t)sysconf(_SC_PAGESIZE)),
                    sizeof zeros);
        }
        assert_int_equal(close(fd), 0);
        assert_int_equal(try_open(false, false), GP_ENOTFOUND);
        assert_int_equal(try_open(false, true), 0);
        assert_int_equal(try_open(false, false), 0);
        remove_folder(NULL);
        assert_int_equal(mkdir(store_folder, 0700), 0);
    }
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
        TEST(no_file_is_left_to_children),
        TEST(drill_and_real_are_never_mixed),
        TEST(real_store_is_not_opened_in_a_drill),
        TEST(missing_store_is_not_made_unasked),
        TEST(unknown_format_is_refused),
        TEST(unknown_kind_is_refused),
        TEST(killed_first_start_is_started_again),
        TEST(torn_first_write_is_started_again),
        TEST(first_start_killed_anywhere_is_started_again),
        TEST(other_files_are_left_alone),
        TEST(another_programs_environment_is_refused),
        TEST(file_is_not_a_folder),
        TEST(files_are_for_the_owner_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
