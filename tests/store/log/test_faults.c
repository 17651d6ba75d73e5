/* A disk that is full or fails. RLIMIT_FSIZE stands in for the former: writes beyond it fail, and
 * one across it is cut short. */
#include "store/log/fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FIRST "0000000000000001.log"

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
    assert_int_equal(count_files(box, ""), 1);
    put_group(box, 1, 0);
    assert_int_equal(mark_of(box).segment, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_write_cut_short_is_undone),
        TEST(a_write_cut_short_is_a_torn_tail),
        TEST(no_room_for_a_segment_is_said_and_passes),
        TEST(no_room_for_sealing_leaves_all_as_it_is),
        TEST(a_failing_disk_is_said),
        TEST(a_segment_without_memory_to_map_it_is_not_there),
    };
    (void)signal(SIGXFSZ, SIG_IGN); /* EFBIG, please */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
