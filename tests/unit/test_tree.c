/* Folders that go with all that is in them, and nothing that lies elsewhere. */
#include "base/tree.h"

#include "base/error.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LARGE ((off_t)7 << 19) /* three and a half MiB */

static char around[64];
static off_t most_at_once; /* that a file was made shorter by */

/* Before libc's own. */
int ftruncate(int fd, off_t bytes)
{
    struct stat stat;

    assert_int_equal(fstat(fd, &stat), 0);
    if (stat.st_size - bytes > most_at_once)
        most_at_once = stat.st_size - bytes;
    return (int)syscall(SYS_ftruncate, fd, bytes);
}

static int make_around(void **state)
{
    (void)state;
    (void)snprintf(around, sizeof around, "/tmp/gridpost-tree-XXXXXX");
    return mkdtemp(around) != NULL && chdir(around) == 0 ? 0 : -1;
}

static int remove_around(void **state)
{
    char line[96];

    (void)state;
    (void)snprintf(line, sizeof line, "rm -r %s", around);
    return chdir("/") == 0 ? system(line) : -1;
}

static void make_file(const char *name, off_t bytes)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

    assert_true(fd >= 0);
    assert_int_equal(syscall(SYS_ftruncate, fd, bytes), 0);
    assert_int_equal(close(fd), 0);
}

static off_t size_of(const char *name)
{
    struct stat stat;
    return lstat(name, &stat) == 0 ? stat.st_size : -1;
}

static void a_folder_goes_with_all_that_is_in_it(void **state)
{
    (void)state;
    assert_int_equal(mkdir("tree", 0700), 0);
    assert_int_equal(mkdir("tree/store", 0700), 0);
    assert_int_equal(mkdir("tree/store/journal", 0700), 0);
    make_file("tree/store/data.mdb", LARGE);
    make_file("tree/store/journal/log", 10);
    make_file("tree/empty", 0);
    most_at_once = 0;
    assert_int_equal(gp_tree_remove("tree", GP_TREE_ROUND), 0);
    assert_int_equal(size_of("tree"), -1);
    assert_int_equal(most_at_once, 1 << 20); /* of the large one; what is left goes with its name */
}

static void what_has_another_name_stays(void **state)
{
    (void)state;
    make_file("kept", LARGE);
    make_file("pointed", LARGE);
    assert_int_equal(mkdir("other", 0700), 0);
    make_file("other/file", LARGE);
    assert_int_equal(mkdir("tree", 0700), 0);
    assert_int_equal(link("kept", "tree/kept"), 0);
    assert_int_equal(symlink("../pointed", "tree/pointed"), 0);
    assert_int_equal(symlink("../other", "tree/other"), 0);
    assert_int_equal(gp_tree_remove("tree", GP_TREE_ROUND), 0);
    assert_int_equal(size_of("tree"), -1);
    assert_int_equal(size_of("kept"), LARGE);
    assert_int_equal(size_of("pointed"), LARGE);
    assert_int_equal(size_of("other/file"), LARGE);
}

static void what_is_not_there_is_gone(void **state)
{
    (void)state;
    assert_int_equal(gp_tree_remove("nothing", GP_TREE_STORE), 0);
    assert_int_equal(gp_tree_remove("nothing/below", GP_TREE_STORE), 0);
    assert_int_equal(gp_tree_remove("", GP_TREE_STORE), 0);
}

static void what_is_no_folder_stays(void **state)
{
    (void)state;
    make_file("file", 3);
    assert_int_equal(mkdir("other", 0700), 0);
    assert_int_equal(symlink("other", "link"), 0);
    assert_int_equal(gp_tree_remove("file", GP_TREE_STORE), GP_EIO);
    assert_int_equal(gp_tree_remove("link", GP_TREE_STORE), GP_EIO);
    assert_int_equal(size_of("file"), 3);
    assert_int_not_equal(size_of("link"), -1);
    assert_false(gp_tree_is_folder(AT_FDCWD, "file"));
    assert_false(gp_tree_is_folder(AT_FDCWD, "link"));
    assert_true(gp_tree_is_folder(AT_FDCWD, "other"));
}

static void what_is_deeper_than_ours_stays(void **state)
{
    (void)state;
    assert_int_equal(mkdir("tree", 0700), 0);
    assert_int_equal(mkdir("tree/journal", 0700), 0);
    assert_int_equal(mkdir("tree/journal/deep", 0700), 0);
    make_file("tree/journal/deep/file", 3);
    assert_int_equal(gp_tree_remove("tree", 1), GP_ELIMIT);
    assert_int_equal(gp_tree_remove("tree", GP_TREE_STORE), GP_ELIMIT);
    assert_int_equal(size_of("tree/journal/deep/file"), 3);
    assert_int_equal(gp_tree_remove("tree", GP_TREE_ROUND), 0);
    assert_int_equal(size_of("tree"), -1);
}

static int stop_at_once(void *context, int folder_fd, const char *name)
{
    (void)folder_fd;
    (void)name;
    ++*(unsigned *)context;
    return GP_ECLOSED;
}

static void a_walk_ends_where_it_is_told(void **state)
{
    unsigned seen = 0;

    (void)state;
    make_file("one", 0);
    make_file("two", 0);
    assert_int_equal(gp_tree_walk(AT_FDCWD, ".", stop_at_once, &seen), GP_ECLOSED);
    assert_int_equal(seen, 1);
    assert_int_equal(gp_tree_walk(AT_FDCWD, "nothing", stop_at_once, &seen), GP_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, make_around, remove_around)
        T(a_folder_goes_with_all_that_is_in_it),
        T(what_has_another_name_stays),
        T(what_is_not_there_is_gone),
        T(what_is_no_folder_stays),
        T(what_is_deeper_than_ours_stays),
        T(a_walk_ends_where_it_is_told),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
