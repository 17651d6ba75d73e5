/* Space that is taken before it is needed: of the data file and of the log, on disks that have it,
 * that lack it, and on such as take nothing ahead. */
#include "store/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define RESERVE (UINT64_C(1) << 20)
#define ENTRIES 64

/* A disk of the test's: what it answers in place of the real one. */
static int take_error;        /* errno of fallocate; 0: the real one is asked */
static bool full;             /* statvfs shows nothing free */
static int partly;            /* so many writes of several pages are taken in part */
static const char *waits_for; /* no new file has room until one of this name is gone; NULL */

int fallocate(int fd, int mode, off_t at, off_t len)
{
    errno = take_error;
    return take_error != 0 ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int fstatvfs(int fd, struct statvfs *ret_disk)
{
    (void)fd;
    *ret_disk = (struct statvfs){.f_frsize = 4096, .f_bavail = full ? 0 : 1 << 20};
    return 0;
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    struct iovec piece = part[0];

    if (partly == 0)
        return syscall(SYS_writev, fd, part, count);
    partly--;
    piece.iov_len /= 2;
    return syscall(SYS_writev, fd, &piece, 1);
}

static bool is_new(int fd)
{
    struct stat stat;
    return fstat(fd, &stat) == 0 && stat.st_size == 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (waits_for == NULL || !is_new(fd))
        return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

int unlinkat(int folder_fd, const char *name, int flags)
{
    if (waits_for != NULL && strcmp(name, waits_for) == 0)
        waits_for = NULL;
    return (int)syscall(SYS_unlinkat, folder_fd, name, flags);
}

static int set_up(void **state)
{
    take_error = 0;
    full = false;
    partly = 0;
    waits_for = NULL;
    return make_folder(state);
}

static struct gp_store *open_with(uint64_t reserve, struct gp_store_found *found)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES,
                                       .create = true,
                                       .segment_bytes = 16384,
                                       .reserve_bytes = reserve,
                                       .found = found};
    struct gp_store *store = NULL;

    assert_int_equal(gp_store_open(store_path, &options, &store), 0);
    return store;
}

static int fold(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)context;
    return gp_incident_put(txn, seq, entry);
}

static int add_batch(struct gp_store *store)
{
    struct gp_txn *txn;
    char entry[100];
    uint64_t seq;
    int rc = gp_txn_write(store, &txn);

    if (rc != 0)
        return rc;
    memset(entry, 'a', sizeof entry);
    for (int i = 0; i < ENTRIES; i++) {
        assert_int_equal(gp_journal_append(txn, (struct gp_span){entry, sizeof entry}, &seq), 0);
        assert_int_equal(fold(NULL, txn, seq, (struct gp_span){entry, sizeof entry}), 0);
    }
    return gp_txn_commit(txn);
}

static uint64_t incidents(struct gp_store *store)
{
    struct gp_txn *txn = look(store);
    struct gp_store_figures figures;

    assert_int_equal(gp_store_figures(txn, &figures), 0);
    gp_txn_abort(txn);
    return figures.rows[GP_TABLE_INCIDENT];
}

static struct stat stat_of(const char *name)
{
    char path[120];
    struct stat found = {0};

    (void)snprintf(path, sizeof path, "%s/%s", store_path, name);
    (void)stat(path, &found); /* zeros: it is not there */
    return found;
}

static uint64_t blocks_of_data(void)
{
    return (uint64_t)stat_of("data.mdb").st_blocks * 512;
}

static bool is_tight(struct gp_store *store)
{
    struct gp_txn *txn = look(store);
    bool tight = gp_txn_tight(txn);

    gp_txn_abort(txn);
    return tight;
}

/* ---------------------------------------------------------------- */

static void blocks_lie_behind_the_end_and_stay(void **state)
{
    struct gp_store *store = open_with(RESERVE, NULL);

    (void)state;
    assert_true(blocks_of_data() >= RESERVE);
    assert_true(stat_of("data.mdb").st_size < (off_t)RESERVE);
    assert_int_equal(add_batch(store), 0);
    gp_store_close(store);
    assert_true(blocks_of_data() >= RESERVE);
    store = open_with(0, NULL);
    assert_int_equal(incidents(store), ENTRIES);
    assert_true(blocks_of_data() >= RESERVE);
    gp_store_close(store);
}

static void who_asks_for_nothing_gets_nothing(void **state)
{
    struct gp_store *store = open_with(0, NULL);

    (void)state;
    take_error = ENOSPC;
    assert_int_equal(add_batch(store), 0);
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(is_tight(store));
    assert_true(blocks_of_data() < RESERVE);
    gp_store_close(store);
}

/* As much as the map allows, and no more. */
static void the_map_bounds_it(void **state)
{
    struct gp_store *store = open_with(4 * MAP_BYTES, NULL);

    (void)state;
    assert_true(blocks_of_data() >= MAP_BYTES);
    assert_true(blocks_of_data() < MAP_BYTES + RESERVE);
    assert_int_equal(gp_store_upkeep(store), 0); /* the spare segments */
    assert_false(gp_store_upkeep_due(store));
    assert_int_equal(stat_of("journal/spare-0.log").st_size, 16384);
    assert_int_equal(stat_of("journal/spare-1.log").st_size, 16384);
    gp_store_close(store);
}

/* It is mapped: a hole would be a death on a full disk. */
static void lock_file_has_no_hole(void **state)
{
    struct gp_store *store = open_with(0, NULL);
    struct stat lock = stat_of("lock.mdb");

    (void)state;
    assert_true(lock.st_size > 4096);
    assert_true(lock.st_blocks * 512 >= lock.st_size);
    gp_store_close(store);
}

static void what_was_used_is_taken_again(void **state)
{
    struct gp_store *store = open_with(RESERVE, NULL);
    uint64_t before = blocks_of_data();

    (void)state;
    while (stat_of("data.mdb").st_size < (off_t)RESERVE) {
        assert_int_equal(add_batch(store), 0);
        assert_int_equal(gp_store_checkpoint(store), 0);
        assert_int_equal(gp_store_settle(store), 0);
    }
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_true(blocks_of_data() > before);
    assert_true(blocks_of_data() >= (uint64_t)stat_of("data.mdb").st_size + RESERVE);
    gp_store_close(store);
}

static void full_disk_is_opened_and_said(void **state)
{
    struct gp_store *store = open_with(0, NULL);

    (void)state;
    gp_store_close(store);
    full = true;
    store = open_with(RESERVE, NULL);
    assert_true(gp_store_short(store));
    assert_true(is_tight(store));
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), GP_ENOSPC);
    assert_true(gp_store_short(store));
    assert_int_equal(add_batch(store), GP_ENOSPC); /* nothing was ever taken ahead of it */
    full = false;
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(gp_store_short(store) || is_tight(store));
    assert_int_equal(add_batch(store), 0);
    gp_store_close(store);
}

/* Of what lies ahead work goes on, and the last quarter is the tables' own. */
static void work_goes_on_out_of_what_lies_ahead(void **state)
{
    struct gp_store *store = open_with(RESERVE, NULL);
    uint64_t batches = 0;
    int rc;

    (void)state;
    assert_int_equal(gp_store_upkeep(store), 0);
    full = true;
    while ((rc = add_batch(store)) == 0) {
        batches++;
        assert_int_equal(gp_store_checkpoint(store), 0);
        assert_int_equal(gp_store_settle(store), 0);
        int upkeep = gp_store_upkeep(store);
        assert_true(upkeep == 0 || upkeep == GP_ENOSPC);
    }
    assert_int_equal(rc, GP_ENOSPC);
    assert_true(batches > 5);
    assert_true(stat_of("data.mdb").st_size > (off_t)(RESERVE / 2));
    assert_true((uint64_t)stat_of("data.mdb").st_size + RESERVE / 8 < blocks_of_data());
    gp_store_close(store);
    store = open_with(RESERVE, NULL); /* still full */
    assert_int_equal(incidents(store), batches * ENTRIES);
    assert_int_equal(add_batch(store), GP_ENOSPC);
    gp_store_close(store);
}

/* Then what is free is looked at. */
static void file_system_that_takes_nothing_ahead(void **state)
{
    struct gp_store_found found = {0};

    (void)state;
    take_error = EOPNOTSUPP;
    struct gp_store *store = open_with(RESERVE, &found);
    assert_true(found.unreserved);
    assert_false(gp_store_short(store));
    assert_int_equal(add_batch(store), 0);
    full = true;
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), GP_ENOSPC);
    assert_true(is_tight(store));
    full = false;
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(is_tight(store));
    gp_store_close(store);
}

/* LMDB says of a write that was taken in part that the disk failed. */
static void disk_that_takes_a_part_is_full(void **state)
{
    struct gp_store *store = open_with(0, NULL);

    (void)state;
    assert_int_equal(add_batch(store), 0);
    partly = 1;
    full = true;
    assert_int_equal(gp_store_checkpoint(store), GP_ENOSPC);
    assert_int_equal(partly, 0);
    assert_true(gp_store_behind(store));
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    assert_int_equal(incidents(store), ENTRIES);

    full = false; /* once it may have been full, and twice it was not */
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            assert_int_equal(add_batch(store), 0);
        partly = 1;
        int rc = i == 0 ? gp_store_checkpoint(store) : gp_store_recover(store, fold, NULL);
        assert_int_equal(rc, i == 0 ? GP_ENOSPC : GP_EIO);
    }
    gp_store_close(store);
}

/* A power cut on a full disk: what is set aside finds room where segments were to be. */
static void torn_tail_is_set_aside_on_a_full_disk(void **state)
{
    struct gp_store *store = open_with(RESERVE, NULL);
    struct gp_store_found found = {0};
    char path[120];

    (void)state;
    assert_int_equal(gp_store_upkeep(store), 0);
    gp_store_close(store);
    (void)snprintf(path, sizeof path, "%s/journal/%016d.log", store_path, 1);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(syscall(SYS_pwrite64, fd, "torn", 4, (off_t)12000), 4);
    (void)close(fd); /* what counts was written */
    waits_for = "spare-1.log";
    full = true;
    store = open_with(RESERVE, &found);
    assert_true(found.cut_bytes > 0);
    assert_int_equal(stat_of("journal/spare-1.log").st_size, 0);
    gp_store_close(store);
}

int main(void)
{
#define DISK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, remove_folder)
    const struct CMUnitTest tests[] = {
        DISK_TEST(blocks_lie_behind_the_end_and_stay),
        DISK_TEST(who_asks_for_nothing_gets_nothing),
        DISK_TEST(the_map_bounds_it),
        DISK_TEST(lock_file_has_no_hole),
        DISK_TEST(what_was_used_is_taken_again),
        DISK_TEST(full_disk_is_opened_and_said),
        DISK_TEST(work_goes_on_out_of_what_lies_ahead),
        DISK_TEST(file_system_that_takes_nothing_ahead),
        DISK_TEST(disk_that_takes_a_part_is_full),
        DISK_TEST(torn_tail_is_set_aside_on_a_full_disk),
    };

    return cmocka_run_group_tests_name("reserve", tests, NULL, NULL);
}
