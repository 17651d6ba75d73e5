/*
 * Checkpoints come to the disk behind batches, and the power goes at the worst moment: of what a
 * checkpoint wrote some pages are on the disk, its meta page among them or not. Whatever the next
 * start finds, it is a whole snapshot, and the log has the rest.
 */
#include "store/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define BATCHES    40
#define PAGE_BYTES 4096
#define SECTOR     512
#define CUTS       100

static bool syncs_fail, pages_fail;

int sync_file_range(int fd, off_t at, off_t len, unsigned flags)
{
    if (!pages_fail)
        return (int)syscall(SYS_sync_file_range, fd, at, len, flags);
    pages_fail = false; /* the kernel tells it once, and the sync behind it of nothing */
    errno = EIO;
    return -1;
}

int fdatasync(int fd)
{
    if (!syncs_fail)
        return (int)syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}

/* ---------------------------------------------------------------- a life of batches */

static int fold(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)context;
    /* Rows all over a table, so that a checkpoint rewrites pages that others have. */
    return gp_incident_put(txn, seq * 7919 % 1009, entry);
}

static void add_entries(struct gp_store *store, int count)
{
    struct gp_txn *txn = begin(store);
    char entry[300];
    uint64_t seq;

    for (int i = 0; i < count; i++) {
        assert_int_equal(gp_journal_head(txn, &seq, NULL), 0);
        memset(entry, 'a' + (int)(seq % 26), sizeof entry);
        assert_int_equal(gp_journal_append(txn, (struct gp_span){entry, sizeof entry}, &seq), 0);
        assert_int_equal(fold(NULL, txn, seq, (struct gp_span){entry, sizeof entry}), 0);
    }
    assert_int_equal(gp_txn_commit(txn), 0);
}

static void add_batch(struct gp_store *store)
{
    add_entries(store, 1);
}

static void add_batches(struct gp_store *store)
{
    for (int i = 0; i < BATCHES; i++)
        add_batch(store);
}

static void assert_all(struct gp_store *store, uint64_t head)
{
    struct gp_txn *txn = look(store);
    struct gp_span record;
    uint64_t found;

    assert_int_equal(gp_journal_head(txn, &found, NULL), 0);
    assert_int_equal(found, head);
    for (uint64_t seq = 1; seq <= head; seq++) {
        assert_int_equal(gp_incident_get(txn, seq * 7919 % 1009, &record), 0);
        assert_int_equal(record.len, 300);
        assert_int_equal(record.ptr[0], 'a' + (int)((seq - 1) % 26));
    }
    gp_txn_abort(txn);
}

static void recover(struct gp_store *store)
{
    assert_int_equal(gp_store_recover(store, fold, NULL), 0);
    assert_false(gp_store_behind(store));
}

/* ---------------------------------------------------------------- the data file */

struct image {
    unsigned char *bytes;
    size_t len;
};

static void path_of(const char *name, char path[120])
{
    (void)snprintf(path, 120, "%s/%s", store_path, name);
}

static struct image read_data(void)
{
    struct image image;
    struct stat stat;
    char path[120];

    path_of("data.mdb", path);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &stat) == 0);
    image.len = (size_t)stat.st_size;
    image.bytes = calloc(1, image.len);
    assert_non_null(image.bytes);
    assert_int_equal(read(fd, image.bytes, image.len), image.len);
    assert_int_equal(close(fd), 0);
    return image;
}

static void write_data(const struct image *image)
{
    char path[120];

    path_of("data.mdb", path);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, image->bytes, image->len), image->len);
    assert_int_equal(close(fd), 0);
}

/* The newest commit by the meta pages. */
static uint64_t newest(const struct image *image)
{
    uint64_t even, odd;

    memcpy(&even, image->bytes + 144, sizeof even);
    memcpy(&odd, image->bytes + PAGE_BYTES + 144, sizeof odd);
    return even > odd ? even : odd;
}

/* ---------------------------------------------------------------- power cuts */

/* The child is killed behind a checkpoint that is not settled; before: what the disk had of it. */
static void die_unsettled(void)
{
    struct gp_store *store = open_as(false);

    add_batches(store);
    if (gp_store_checkpoint(store) == 0 && gp_store_settle_due(store))
        (void)raise(SIGKILL);
}

static void live_settled(void)
{
    struct gp_store *store = open_as(false);

    add_batches(store);
    gp_store_close(store);
}

static void in_a_child(void (*live)(void), bool killed)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        live();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WIFSIGNALED(status), killed);
}

/* Each sector that was written is on the disk or not, as the draw has it; the meta pages' first
 * ones as `meta` says. */
static struct image cut(const struct image *before, const struct image *after, unsigned *draw,
                        bool meta)
{
    struct image image = {.bytes = malloc(after->len), .len = after->len};

    assert_non_null(image.bytes);
    memcpy(image.bytes, after->bytes, after->len);
    for (size_t at = 0; at < after->len; at += SECTOR) {
        bool is_meta = at < 2 * PAGE_BYTES && at % PAGE_BYTES == 0;
        *draw = *draw * 1664525u + 1013904223u;
        if (is_meta ? meta : (*draw >> 24) % 2 == 0)
            continue;
        if (at < before->len)
            memcpy(image.bytes + at, before->bytes + at, SECTOR);
        else
            memset(image.bytes + at, 0, SECTOR); /* a hole: the file grew, the page did not come */
    }
    return image;
}

static void copy_store(const char *from, const char *to)
{
    char command[300];
    (void)snprintf(command, sizeof command, "rm -rf %s && cp -R %s %s", to, from, to);
    assert_int_equal(system(command), 0);
}

static void the_power_goes_while_a_checkpoint_is_on_its_way(void **state)
{
    char kept[100];
    unsigned draw = 1;

    (void)state;
    (void)snprintf(kept, sizeof kept, "%s/kept", store_folder);
    in_a_child(live_settled, false);
    struct image before = read_data();
    in_a_child(die_unsettled, true);
    struct image after = read_data();
    copy_store(store_path, kept);
    assert_int_equal(newest(&after), newest(&before) + 1);
    for (int i = 0; i < CUTS; i++) {
        struct image image = cut(&before, &after, &draw, i % 4 != 0);
        copy_store(kept, store_path);
        write_data(&image);
        free(image.bytes);
        struct gp_store *store = open_as(false);
        assert_true(gp_store_behind(store));
        recover(store);
        assert_all(store, 2 * BATCHES);
        add_batch(store);
        assert_int_equal(gp_store_checkpoint(store), 0);
        gp_store_close(store);
    }
    free(before.bytes);
    free(after.bytes);
}

/* What a start has stepped back to bears the checkpoints that come. */
static void cut_again_and_again(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 6; round++) {
        in_a_child(die_unsettled, true);
        struct gp_store *store = open_as(false);
        recover(store);
        assert_all(store, round * BATCHES);
        gp_store_close(store);
    }
}

/* ---------------------------------------------------------------- settling */

static void die_settled(void)
{
    struct gp_store *store = open_as(false);

    add_batches(store);
    (void)gp_store_checkpoint(store);
    (void)gp_store_settle(store);
    (void)raise(SIGKILL);
}

static void what_is_settled_stays(void **state)
{
    (void)state;
    in_a_child(die_settled, true);
    struct gp_store *store = open_as(false);
    assert_false(gp_store_behind(store));
    assert_all(store, BATCHES);
    gp_store_close(store);
}

static void a_checkpoint_settles_the_one_before(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    assert_false(gp_store_settle_due(store));
    add_batch(store);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_true(gp_store_settle_due(store));
    assert_int_equal(gp_store_committed(store), 1); /* readers do not wait for it */
    add_batch(store);
    syncs_fail = true;
    assert_int_equal(gp_store_checkpoint(store), GP_EIO);
    syncs_fail = false;
    assert_int_equal(gp_store_committed(store), 1);
    gp_store_close(store);
}

static void settling_twice_is_settling_once(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    add_batch(store);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_true(gp_store_settle_due(store));
    assert_int_equal(gp_store_settle(store), 0);
    assert_false(gp_store_settle_due(store));
    syncs_fail = true;
    assert_int_equal(gp_store_settle(store), 0); /* nothing to sync */
    syncs_fail = false;
    gp_store_close(store);
}

/* A torn note is of data that were on the disk before it was written. */
static void a_torn_note_believes_the_newest(void **state)
{
    char path[120];

    (void)state;
    in_a_child(die_settled, true);
    path_of("data.synced", path);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "\xff", 1, 3), 1);
    assert_int_equal(close(fd), 0);
    struct gp_store *store = open_as(false);
    assert_false(gp_store_behind(store));
    assert_all(store, BATCHES);
    gp_store_close(store);
}

/* Side records are in raw segments only: those stay until no start can need them. */
static void segments_stay_until_it_is_settled(void **state)
{
    struct gp_store *store = open_as(false);

    (void)state;
    for (int i = 0; i < 4; i++)
        add_batches(store);            /* some segments of 16 KiB */
    while (gp_store_upkeep_due(store)) /* spares */
        assert_int_equal(gp_store_upkeep(store), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_false(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_settle(store), 0);
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), 0);
    gp_store_close(store);
}

static void a_sync_that_fails_ends_all_writing(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn;

    (void)state;
    add_batch(store);
    assert_int_equal(gp_store_checkpoint(store), 0);
    syncs_fail = true;
    assert_int_equal(gp_store_settle(store), GP_EIO);
    syncs_fail = false;
    assert_true(gp_store_settle_due(store));
    assert_int_equal(gp_txn_write(store, &txn), GP_EIO);
    assert_int_equal(gp_store_settle(store), GP_EIO); /* a second sync would say that all is well */
    gp_store_close(store);
    store = open_as(false);
    assert_true(gp_store_behind(store));
    recover(store);
    assert_all(store, 1);
    gp_store_close(store);
}

/* A large checkpoint goes in pieces, and one of those says it. */
static void a_page_that_fails_ends_all_writing(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn;

    (void)state;
    add_entries(store, 4096);
    assert_int_equal(gp_store_checkpoint(store), 0);
    pages_fail = true;
    assert_int_equal(gp_store_settle(store), GP_EIO);
    assert_false(pages_fail);
    assert_int_equal(gp_txn_write(store, &txn), GP_EIO);
    gp_store_close(store);
    store = open_as(false);
    assert_true(gp_store_behind(store)); /* what the disk refused is not believed */
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_power_goes_while_a_checkpoint_is_on_its_way),
        TEST(cut_again_and_again),
        TEST(what_is_settled_stays),
        TEST(a_checkpoint_settles_the_one_before),
        TEST(settling_twice_is_settling_once),
        TEST(a_torn_note_believes_the_newest),
        TEST(segments_stay_until_it_is_settled),
        TEST(a_sync_that_fails_ends_all_writing),
        TEST(a_page_that_fails_ends_all_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
