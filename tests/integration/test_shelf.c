/* The folder of backups: what gets a name there, what goes, and in which order it comes to the
 * disk. */
#include "app/backup/backup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static char shelf[64];

/* ---------------------------------------------------------------- what was synced */

#define SYNCED_MAX 64

static ino_t synced[SYNCED_MAX];
static unsigned synced_count, synced_before_rename;

static ino_t inode_of(int fd)
{
    struct stat stat;
    assert_int_equal(fstat(fd, &stat), 0);
    return stat.st_ino;
}

int fsync(int fd)
{
    if (synced_count < SYNCED_MAX)
        synced[synced_count++] = inode_of(fd);
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    synced_before_rename = synced_count;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static bool was_synced(const char *path, unsigned from, unsigned end)
{
    struct stat stat;

    assert_int_equal(lstat(path, &stat), 0);
    for (unsigned i = from; i < end; i++) {
        if (synced[i] == stat.st_ino)
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- folders */

static int make_shelf(void **state)
{
    (void)state;
    (void)snprintf(shelf, sizeof shelf, "/tmp/gridpost-shelf-XXXXXX");
    return mkdtemp(shelf) != NULL ? 0 : -1;
}

static int remove_shelf(void **state)
{
    char line[96];
    (void)state;
    (void)snprintf(line, sizeof line, "rm -r %s", shelf);
    return system(line);
}

static const char *at(const char *name)
{
    static char path[4][160];
    static unsigned next;

    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", shelf, name);
    return path[next];
}

static void make_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *name)
{
    char path[200];

    assert_int_equal(mkdir(at(name), 0700), 0);
    (void)snprintf(path, sizeof path, "%s/journal", at(name));
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/data.mdb", at(name));
    make_file(path, "data");
    (void)snprintf(path, sizeof path, "%s/journal/1.log", at(name));
    make_file(path, "log");
}

static bool there(const char *name)
{
    return access(at(name), F_OK) == 0;
}

static struct gp_label label_of(const char *name)
{
    struct gp_label label;
    assert_true(gp_label_parse(name, &label));
    return label;
}

/* ---------------------------------------------------------------- names */

static void names_are_read_as_they_are_written(void **state)
{
    static const char *const wrong[] = {
        "2026-11-26T12-00-00Z",    "2026-11-26T12-00-00Z-",   "2026-11-26T12-00-00Z-1x",
        "2026-11-26T12-00-00Z-01", "2026-13-26T12-00-00Z-1",  "2026-02-30T12-00-00Z-1",
        " 2026-11-26T12-00-00Z-1", "2026-11-26 12-00-00Z-1",  "2026-11-26T12-00-00Z-+1",
        "x2026-11-26T12-00-00Z-1", "2026-11-26T12-00-00Z--1", "notes"};
    struct gp_label label = label_of("2026-11-26T12-00-09Z-18446744073709551615");
    char name[GP_LABEL_NAME_BYTES];

    (void)state;
    assert_int_equal(label.seq, UINT64_MAX);
    assert_int_equal(label.at_ms, INT64_C(1795694409000));
    gp_label_name(&label, name);
    assert_string_equal(name, "2026-11-26T12-00-09Z-18446744073709551615");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(gp_label_parse(wrong[i], &label));
}

static void a_label_is_read_as_it_was_written(void **state)
{
    struct gp_label label = label_of("2026-11-26T12-00-09Z-7"), again = {0};

    (void)state;
    label.drill = true;
    for (int i = 0; i < 32; i++)
        label.hash[i] = (unsigned char)(i * 9);
    assert_int_equal(gp_label_read(shelf, &again), GP_ENOTFOUND);
    assert_int_equal(gp_label_write(shelf, &label), 0);
    assert_int_equal(gp_label_read(shelf, &again), 0);
    assert_int_equal(again.seq, 7);
    assert_int_equal(again.at_ms, label.at_ms);
    assert_true(again.drill);
    assert_memory_equal(again.hash, label.hash, sizeof label.hash);
    make_file(at("backup.json"), "{\"format\":2}\n");
    assert_int_equal(gp_label_read(shelf, &again), GP_EFORMAT);
}

/* ---------------------------------------------------------------- putting */

static void all_is_synced_before_it_has_a_name(void **state)
{
    const char *name = "2026-11-26T12-00-09Z-7";
    struct gp_label label = label_of(name);
    char path[200];
    static const char *const inside[] = {"", "/data.mdb", "/backup.json", "/journal",
                                         "/journal/1.log"};

    (void)state;
    make_folder(".tmp-backup-1");
    make_file(at(".tmp-backup-1/daemon.lock"), "");
    synced_count = 0;
    assert_int_equal(gp_shelf_put(shelf, at(".tmp-backup-1"), &label), 0);
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", at(name), inside[i]);
        assert_true(was_synced(path, 0, synced_before_rename));
    }
    assert_true(was_synced(shelf, synced_before_rename, synced_count));
    assert_false(there("2026-11-26T12-00-09Z-7/daemon.lock"));
    assert_false(there(".tmp-backup-1"));

    make_folder(".tmp-backup-2"); /* of the same second */
    assert_int_equal(gp_shelf_put(shelf, at(".tmp-backup-2"), &label), GP_EEXIST);
    assert_int_equal(gp_shelf_newest(shelf), label.at_ms);
}

/* ---------------------------------------------------------------- taking away */

static void make_all(void)
{
    make_folder("2026-11-20T12-00-00Z-1");
    make_folder("2026-11-21T12-00-00Z-2");
    make_folder("2026-11-22T12-00-00Z-3");
    make_folder("2026-11-23T12-00-00Z-4");
    /* none of ours */
    make_folder("notes");
    make_folder("2026-11-20T12-00-00Z-1.kept");
    make_file(at("2026-11-19T12-00-00Z-1"), "a file");
    assert_int_equal(symlink("notes", at("2026-11-18T12-00-00Z-1")), 0);
}

static void assert_foreign_are_there(void)
{
    assert_true(there("notes/data.mdb"));
    assert_true(there("2026-11-20T12-00-00Z-1.kept/journal/1.log"));
    assert_true(there("2026-11-19T12-00-00Z-1"));
    assert_true(there("2026-11-18T12-00-00Z-1"));
}

static void the_oldest_go_and_no_foreign_name(void **state)
{
    struct gp_label made = label_of("2026-11-23T12-00-00Z-4");

    (void)state;
    make_all();
    assert_int_equal(gp_shelf_thin(shelf, 3, &made), 0);
    assert_false(there("2026-11-20T12-00-00Z-1"));
    assert_true(there("2026-11-21T12-00-00Z-2"));
    assert_int_equal(gp_shelf_thin(shelf, 2, &made), 0);
    assert_false(there("2026-11-21T12-00-00Z-2"));
    assert_true(there("2026-11-22T12-00-00Z-3"));
    assert_foreign_are_there();
}

/* A clock that was lowered makes it look old. */
static void the_one_just_made_stays(void **state)
{
    struct gp_label made = label_of("2026-11-20T12-00-00Z-1");

    (void)state;
    make_all();
    assert_int_equal(gp_shelf_thin(shelf, 2, &made), 0);
    assert_true(there("2026-11-20T12-00-00Z-1"));
    assert_true(there("2026-11-23T12-00-00Z-4"));
    assert_false(there("2026-11-22T12-00-00Z-3"));
    assert_int_equal(gp_shelf_thin(shelf, 1, &made), 0);
    assert_true(there("2026-11-20T12-00-00Z-1"));
    assert_false(there("2026-11-23T12-00-00Z-4"));
    assert_foreign_are_there();
}

static void what_died_under_way_is_cleared(void **state)
{
    struct stat stat;

    (void)state;
    make_all();
    make_folder(".tmp-backup-9");
    make_file(at(".tmp-backup-file"), "no folder");
    make_folder(".tmp-other");
    assert_int_equal(gp_shelf_prepare(shelf), 0);
    assert_false(there(".tmp-backup-9"));
    assert_true(there(".tmp-backup-file"));
    assert_true(there(".tmp-other"));
    assert_true(there("2026-11-20T12-00-00Z-1"));
    assert_foreign_are_there();
    assert_int_equal(gp_shelf_prepare(at("new")), 0);
    assert_int_equal(lstat(at("new"), &stat), 0);
    assert_int_equal(stat.st_mode & 07777, 0700);
    assert_int_equal(gp_shelf_newest(at("new")), 0);
    assert_int_equal(gp_shelf_newest(at("nowhere")), 0);
}

static void a_shelf_that_is_none_is_refused(void **state)
{
    (void)state;
    make_file(at("file"), "no folder");
    assert_int_equal(gp_shelf_prepare(at("file")), GP_EINVAL);
    assert_int_equal(gp_shelf_prepare(at("nowhere/below")), GP_ENOTFOUND);
    assert_int_equal(gp_shelf_prepare(at("file/below")), GP_EIO);
    assert_int_equal(gp_shelf_newest(at("file")), 0);
    assert_int_equal(mkdir(at("open"), 0700), 0);
    assert_int_equal(chmod(at("open"), 0777), 0);
    assert_int_equal(gp_shelf_prepare(at("open")), GP_EINVAL);
}

/* Two of one second: the one with more in it is the newer. */
static void of_one_second_the_longer_is_newer(void **state)
{
    struct gp_label made = label_of("2026-11-23T12-00-00Z-9");

    (void)state;
    make_folder("2026-11-23T12-00-00Z-4");
    make_folder("2026-11-23T12-00-00Z-5");
    make_folder("2026-11-23T12-00-00Z-9");
    assert_int_equal(gp_shelf_thin(shelf, 2, &made), 0);
    assert_false(there("2026-11-23T12-00-00Z-4"));
    assert_true(there("2026-11-23T12-00-00Z-5"));
    assert_true(there("2026-11-23T12-00-00Z-9"));
}

/* What a backup never has is not followed: the file that a link names stays. */
static void what_is_not_ours_in_a_backup_is_not_followed(void **state)
{
    struct gp_label made = label_of("2026-11-23T12-00-00Z-4");

    (void)state;
    make_all();
    assert_int_equal(symlink(at("notes"), at("2026-11-22T12-00-00Z-3/link")), 0);
    assert_int_equal(mkdir(at("2026-11-21T12-00-00Z-2/journal/deep"), 0700), 0);
    assert_int_not_equal(gp_shelf_thin(shelf, 1, &made), 0);
    assert_false(there("2026-11-22T12-00-00Z-3"));
    assert_true(there("notes/data.mdb"));
    assert_false(there("2026-11-21T12-00-00Z-2")); /* it is no backup any more */
    assert_true(there(".tmp-backup-2026-11-21T12-00-00Z-2/journal/deep"));
}

/* Somebody keeps a backup by hard links: `cp -al`. */
static void a_file_with_another_name_stays_whole(void **state)
{
    struct gp_label made = label_of("2026-11-23T12-00-00Z-4");
    struct stat stat;

    (void)state;
    make_all();
    assert_int_equal(truncate(at("2026-11-22T12-00-00Z-3/data.mdb"), 5 << 20), 0);
    assert_int_equal(link(at("2026-11-22T12-00-00Z-3/data.mdb"), at("notes/kept")), 0);
    assert_int_equal(gp_shelf_thin(shelf, 1, &made), 0);
    assert_false(there("2026-11-22T12-00-00Z-3"));
    assert_int_equal(lstat(at("notes/kept"), &stat), 0);
    assert_int_equal(stat.st_size, 5 << 20);
}

#define SHELF(name) cmocka_unit_test_setup_teardown(name, make_shelf, remove_shelf)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELF(names_are_read_as_they_are_written),
        SHELF(a_label_is_read_as_it_was_written),
        SHELF(all_is_synced_before_it_has_a_name),
        SHELF(the_oldest_go_and_no_foreign_name),
        SHELF(the_one_just_made_stays),
        SHELF(what_died_under_way_is_cleared),
        SHELF(a_file_with_another_name_stays_whole),
        SHELF(a_shelf_that_is_none_is_refused),
        SHELF(of_one_second_the_longer_is_newer),
        SHELF(what_is_not_ours_in_a_backup_is_not_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
