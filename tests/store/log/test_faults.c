/*
 * A disk that is full or fails. RLIMIT_FSIZE stands in for the former: writes beyond it fail, and
 * one across it is cut short. What comes to the disk is seen by this program's own functions of
 * libc's names.
 */
#include "store/log/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FIRST "0000000000000001.log"

/* ---------------------------------------------------------------- calls */

static struct {
    uint64_t written_from; /* the lowest offset of a write since this was set */
    uint64_t synced_from;  /* and of those that were synced */
    bool names;            /* of files, that the folder was not synced after */
    bool fails;
} disk;

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if ((uint64_t)at < disk.written_from)
        disk.written_from = (uint64_t)at;
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

int fdatasync(int fd)
{
    if (disk.fails) {
        errno = EIO;
        return -1;
    }
    disk.synced_from = disk.written_from;
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    struct stat stat;

    if (fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode))
        disk.names = false;
    return (int)syscall(SYS_fsync, fd);
}

int unlinkat(int fd, const char *name, int flags)
{
    disk.names = true;
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}

/* ---------------------------------------------------------------- a full disk */

/* Files may grow up to here; RLIM_INFINITY: as they like. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_write_cut_short_is_undone(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    unsigned char *bytes;
    size_t len;

    open_log(box, NULL);
    put_group(box, 3, 1);
    mark = mark_of(box);
    add_entries(box, 5);
    limit_files(mark.offset + 100);
    assert_int_equal(gp_wal_write(box->log), GP_ENOSPC);
    bytes = slurp(box, FIRST, &len);
    assert_false(gp_is_zero(bytes + mark.offset, 100));
    free(bytes);
    assert_int_equal(gp_wal_cut(box->log), 0);
    limit_files(RLIM_INFINITY);
    bytes = slurp(box, FIRST, &len);
    assert_true(gp_is_zero(bytes + mark.offset, len - mark.offset));
    free(bytes);
    put_group(box, 2, 0);
    assert_entries(box, 1, 5);
    close_log(box);
    open_log(box, &mark);
    assert_entries(box, 1, 5);
    assert_int_equal(box->found.cut_bytes, 0);
}

/* Killed before it could be cut: the next opening does it. */
static void a_write_cut_short_is_a_torn_tail(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_group(box, 3, 1);
    mark = mark_of(box);
    add_entries(box, 5);
    limit_files(mark.offset + 100);
    assert_int_equal(gp_wal_write(box->log), GP_ENOSPC);
    limit_files(RLIM_INFINITY);
    close_log(box);
    limit_files(0);
    assert_int_equal(try_open(box, &mark), GP_ENOSPC); /* there must be room to set it aside */
    limit_files(RLIM_INFINITY);
    assert_int_equal(count_files(box, ".tmp") + count_files(box, ".bin"), 0);
    open_log(box, &mark);
    assert_true(box->found.cut_bytes > 80 && box->found.cut_bytes <= 100);
    assert_entries(box, 1, 3);
}

static void no_room_for_a_segment_is_said_and_passes(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_long(box, SEGMENT_BYTES - GP_SEGMENT_HEAD);
    mark = mark_of(box);
    for (rlim_t limit = 0; limit < SEGMENT_BYTES; limit += 4096) {
        add_entries(box, 1);
        limit_files(limit);
        assert_int_equal(gp_wal_write(box->log), GP_ENOSPC);
        limit_files(RLIM_INFINITY);
        assert_int_equal(gp_wal_cut(box->log), 0);
        assert_int_equal(count_files(box, ""), 1);
    }
    limit_files(GP_SEGMENT_HEAD);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), GP_ENOSPC); /* no spare either */
    limit_files(RLIM_INFINITY);
    assert_int_equal(count_files(box, ""), 1);
    put_group(box, 1, 0);
    assert_int_equal(gp_wal_synced(box->log), 2);
    close_log(box);
    open_log(box, &mark);
    assert_int_equal(gp_wal_synced(box->log), 2);
}

static void no_room_for_sealing_leaves_all_as_it_is(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    struct gp_wal_figures figures;

    open_log(box, NULL);
    put_group(box, 50, 2);
    gp_wal_rotate(box->log);
    put_group(box, 1, 0);
    mark = mark_of(box);
    limit_files(500);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), GP_ENOSPC);
    limit_files(RLIM_INFINITY);
    assert_int_equal(count_files(box, ""), 2);
    gp_wal_figures(box->log, &figures);
    assert_int_equal(figures.raw, 2);
    assert_entries(box, 1, 51);
    assert_true(gp_wal_upkeep_due(box->log, &mark));
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_entries(box, 1, 51);
    assert_int_equal(count_files(box, ".seg"), 1);
}

/* Which gives more room back than the spare would have taken. */
static void no_room_for_a_spare_is_no_reason_not_to_seal(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_group(box, 20, 2);
    gp_wal_rotate(box->log);
    put_long(box, SEGMENT_BYTES / 2 + 8);
    mark = mark_of(box);
    limit_files(SEGMENT_BYTES / 2);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), GP_ENOSPC);
    limit_files(RLIM_INFINITY);
    assert_int_equal(count_files(box, ".seg"), 1);
    assert_int_equal(count_files(box, ""), 2);
    assert_true(gp_wal_upkeep_due(box->log, &mark));
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_int_equal(count_files(box, "spare-0.log"), 1);
}

static void no_room_to_rotate_is_made_good_by_the_next_group(void **state)
{
    struct box *box = *state;

    open_log(box, NULL);
    put_group(box, 3, 1);
    limit_files(GP_SEGMENT_HEAD);
    gp_wal_rotate(box->log);
    limit_files(RLIM_INFINITY);
    assert_int_equal(mark_of(box).segment, 1);
    assert_int_equal(count_files(box, ""), 1);
    put_group(box, 1, 0);
    assert_int_equal(mark_of(box).segment, 2);
    assert_entries(box, 1, 4);
}

/* ---------------------------------------------------------------- a failing disk */

/* The writer's file, another for a while. */
static int swap_file(struct box *box, int fd)
{
    int old = box->log->fd;

    box->log->fd = fd;
    return old;
}

static void a_failing_disk_is_said(void **state)
{
    struct box *box = *state;
    int ends[2], file;

    open_log(box, NULL);
    put_group(box, 2, 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    add_entries(box, 1);
    file = swap_file(box, ends[0]); /* cannot be written */
    assert_int_equal(gp_wal_write(box->log), GP_EIO);
    (void)swap_file(box, file);
    assert_int_equal(gp_wal_cut(box->log), 0);
    put_group(box, 1, 0);
    assert_entries(box, 1, 3);
    add_entries(box, 1);
    assert_int_equal(gp_wal_write(box->log), 0);
    file = swap_file(box, ends[1]); /* cannot be synced */
    assert_int_equal(gp_wal_sync(box->log), GP_EIO);
    assert_int_equal(gp_wal_synced(box->log), 3);
    assert_int_equal(gp_wal_cut(box->log), GP_EIO);
    (void)swap_file(box, file);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_segment_without_memory_to_map_it_is_not_there(void **state)
{
    struct box *box = *state;
    struct rlimit limit, none;

    open_log(box, NULL);
    put_long(box, SEGMENT_BYTES - GP_SEGMENT_HEAD);
    add_entries(box, 1);
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    none = limit;
    none.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    int rc = gp_wal_write(box->log);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    assert_int_equal(rc, GP_ENOMEM);
    assert_int_equal(gp_wal_cut(box->log), 0);
    assert_false(disk.names); /* or it would be there again after a power cut, with others before */
    assert_int_equal(count_files(box, ""), 1);
    put_group(box, 1, 0);
    assert_int_equal(mark_of(box).segment, 2);
}

/* Killed behind the write, or ended because of the sync: the kernel shows a whole group that the
 * disk may not have. It counts from now on, so now it must come there, and its file's name too. */
static void what_opening_finds_is_on_disk_before_it_counts(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_group(box, 3, 1);
    put_group(box, 2, 1);
    mark = mark_of(box);
    put_group(box, 2, 0);
    const uint64_t unsynced = mark_of(box).offset;
    add_entries(box, 4);
    assert_int_equal(gp_wal_write(box->log), 0);
    close_log(box);
    disk.fails = true;
    assert_int_equal(try_open(box, &mark), GP_EIO);
    disk.fails = false;
    disk.written_from = disk.synced_from = UINT64_MAX;
    disk.names = true;
    open_log(box, &mark);
    assert_int_equal(disk.synced_from, unsynced); /* what is before it was synced */
    assert_false(disk.names);
    assert_int_equal(box->found.cut_bytes, 0);
    assert_entries(box, 1, 11);
    mark = mark_of(box);
    close_log(box);
    disk.written_from = UINT64_MAX;
    open_log(box, &mark); /* what the tables have was synced before they took it */
    assert_int_equal(disk.written_from, UINT64_MAX);
    put_group(box, 1, 0);
    gp_wal_rotate(box->log);
    add_entries(box, 1);
    assert_int_equal(gp_wal_write(box->log), 0);
    assert_int_equal(gp_wal_cut(box->log), 0);
    close_log(box);
    disk.written_from = UINT64_MAX;
    open_log(box, &mark); /* and a full segment before there was another */
    assert_int_equal(disk.written_from, UINT64_MAX);
    assert_int_equal(mark_of(box).segment, 2);
    assert_entries(box, 1, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_write_cut_short_is_undone),
        TEST(a_write_cut_short_is_a_torn_tail),
        TEST(no_room_for_a_segment_is_said_and_passes),
        TEST(no_room_for_sealing_leaves_all_as_it_is),
        TEST(no_room_for_a_spare_is_no_reason_not_to_seal),
        TEST(no_room_to_rotate_is_made_good_by_the_next_group),
        TEST(a_failing_disk_is_said),
        TEST(a_segment_without_memory_to_map_it_is_not_there),
        TEST(what_opening_finds_is_on_disk_before_it_counts),
    };
    (void)signal(SIGXFSZ, SIG_IGN); /* EFBIG, please */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
