/*
 * Copies of a store that is written to: each is a store as of one instant, with every side record
 * behind its tables; and copies made small.
 */
#include "store/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROUNDS  5
#define RESERVE (UINT64_C(1) << 20)
#define TYPED   "typed by somebody"

static char copy_path[96];
static uint64_t room_bytes = UINT64_MAX; /* of the disk, at most */

static int make_copy_folder(void **state)
{
    int rc = make_folder(state);
    room_bytes = UINT64_MAX;
    (void)snprintf(copy_path, sizeof copy_path, "%s/copy", store_folder);
    return rc;
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_copy_folder, remove_folder)

static struct gp_store *open_with(const char *path, uint32_t segment_bytes, uint64_t reserve)
{
    struct gp_store_options options = {.map_bytes = MAP_BYTES * 8,
                                       .create = true,
                                       .segment_bytes = segment_bytes,
                                       .reserve_bytes = reserve};
    struct gp_store *store = NULL;

    assert_int_equal(gp_store_open(path, &options, &store), 0);
    return store;
}

static struct gp_store *open_path(const char *path, uint32_t segment_bytes)
{
    return open_with(path, segment_bytes, 0);
}

static int fold(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)context;
    return gp_incident_put(txn, seq, entry);
}

/* An entry, its row, and a text beside it, which no fold derives. */
static void say(struct gp_txn *txn)
{
    char bytes[200];
    const struct gp_personal typed = {.text = GP_SPAN(TYPED)};
    uint64_t seq;

    arc4random_buf(bytes, sizeof bytes);
    assert_int_equal(gp_journal_append(txn, (struct gp_span){bytes, sizeof bytes}, &seq), 0);
    assert_int_equal(fold(NULL, txn, seq, (struct gp_span){bytes, sizeof bytes}), 0);
    assert_int_equal(gp_personal_put(txn, seq, seq, &typed), 0);
}

static void add_batch(struct gp_store *store, int count)
{
    struct gp_txn *txn = begin(store);

    while (count-- > 0)
        say(txn);
    assert_int_equal(gp_txn_commit(txn), 0);
}

static void add_many(struct gp_store *store, int count)
{
    while (count-- > 0)
        add_batch(store, 1);
}

/* The copy comes up to its journal's end by itself, and lacks nothing before that. */
static void assert_copy(struct gp_store *store, const struct gp_copied *copied, uint64_t least)
{
    struct gp_store *copy = open_path(copy_path, 0);
    unsigned char hash[GP_HASH_BYTES], live[GP_HASH_BYTES];
    struct gp_personal typed;
    struct gp_span record;
    uint64_t head, bad;

    assert_int_equal(gp_store_recover(copy, fold, NULL), 0);
    struct gp_txn *txn = look(copy);
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    assert_int_equal(head, copied->seq);
    assert_true(head >= least);
    assert_memory_equal(hash, copied->hash, sizeof hash);
    assert_int_equal(gp_journal_verify(txn, 1, head, &bad), 0);
    for (uint64_t seq = 1; seq <= head; seq++) {
        assert_int_equal(gp_incident_get(txn, seq, &record), 0);
        assert_int_equal(gp_personal_get(txn, seq, seq, &typed), 0);
        assert_true(gp_span_is(typed.text, TYPED));
    }
    gp_txn_abort(txn);
    gp_store_close(copy);
    txn = look(store);
    assert_int_equal(gp_journal_hash(txn, head, live), 0);
    assert_memory_equal(hash, live, sizeof hash);
    gp_txn_abort(txn);
}

static void remove_copy(void)
{
    char line[128];
    (void)snprintf(line, sizeof line, "rm -r %s", copy_path);
    assert_int_equal(system(line), 0);
}

static void assert_mode(const char *below, mode_t mode)
{
    char path[160];
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s%s", copy_path, below);
    assert_int_equal(lstat(path, &stat), 0);
    assert_int_equal(stat.st_mode & 07777, mode);
}

static off_t size_of(const char *below)
{
    char path[160];
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s%s", copy_path, below);
    return lstat(path, &stat) == 0 ? stat.st_size : -1;
}

/* ---------------------------------------------------------------- what was synced */

#define SYNCED_MAX 64

static _Thread_local ino_t synced[SYNCED_MAX];
static _Thread_local unsigned synced_count;

int fsync(int fd)
{
    struct stat stat;

    if (synced_count < SYNCED_MAX && fstat(fd, &stat) == 0)
        synced[synced_count++] = stat.st_ino;
    return (int)syscall(SYS_fsync, fd);
}

static void assert_synced(const char *below)
{
    char path[160];
    struct stat stat;
    unsigned i = 0;

    (void)snprintf(path, sizeof path, "%s%s", copy_path, below);
    assert_int_equal(lstat(path, &stat), 0);
    while (i < synced_count && synced[i] != stat.st_ino)
        i++;
    assert_true(i < synced_count);
}

/* ---------------------------------------------------------------- room */

int fstatvfs(int fd, struct statvfs *ret_disk)
{
    struct statfs disk;

    if (fstatfs(fd, &disk) != 0)
        return -1;
    memset(ret_disk, 0, sizeof *ret_disk);
    ret_disk->f_frsize = (unsigned long)disk.f_bsize;
    ret_disk->f_bavail = disk.f_bavail;
    if (room_bytes / ret_disk->f_frsize < ret_disk->f_bavail)
        ret_disk->f_bavail = room_bytes / ret_disk->f_frsize;
    return 0;
}

/* ---------------------------------------------------------------- at rest */

static void a_copy_is_what_was_acknowledged(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_copying copying = {0};
    struct gp_copied copied;

    (void)state;
    add_many(store, 5);
    assert_int_equal(gp_store_checkpoint(store), 0);
    add_many(store, 5); /* in the log alone */
    synced_count = 0;
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), 0);
    assert_int_equal(copied.seq, 10);
    assert_int_equal(copied.bytes, atomic_load(&copying.done));
    assert_mode("", 0700);
    assert_mode("/journal", 0700);
    assert_mode("/data.mdb", 0600);
    assert_mode("/journal/0000000000000001.log", 0600);
    assert_synced("");
    assert_synced("/journal");
    assert_synced("/data.mdb");
    assert_synced("/journal/0000000000000001.log");
    assert_copy(store, &copied, 10);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), GP_EEXIST);
    gp_store_close(store);
}

static void an_empty_store_can_be_copied(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_copying copying = {0};
    struct gp_copied copied;

    (void)state;
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), 0);
    assert_int_equal(copied.seq, 0);
    assert_copy(store, &copied, 0);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- under load */

struct load {
    struct gp_store *store;
    atomic_bool over;
    atomic_uint_fast64_t acknowledged;
    struct gp_copying copying;
    struct gp_copied copied;
    int rc, upkeep_rc;
    uint64_t least;
};

static void *copy(void *context)
{
    struct load *load = context;

    load->least = atomic_load(&load->acknowledged);
    load->rc = gp_store_copy(load->store, copy_path, &load->copying, &load->copied);
    atomic_store(&load->over, true);
    return NULL;
}

/* What may take away what the copy needs. */
static void *keep_up(void *context)
{
    struct load *load = context;

    while (!atomic_load(&load->over) && load->upkeep_rc == 0) {
        load->upkeep_rc = gp_store_settle(load->store);
        if (load->upkeep_rc == 0)
            load->upkeep_rc = gp_store_upkeep(load->store);
    }
    return NULL;
}

static void copy_under_load(struct gp_store *store, uint64_t before)
{
    struct load load = {.store = store, .acknowledged = before};
    pthread_t copier, keeper;

    assert_int_equal(pthread_create(&keeper, NULL, keep_up, &load), 0);
    assert_int_equal(pthread_create(&copier, NULL, copy, &load), 0);
    for (unsigned i = 0; i < 20 || !atomic_load(&load.over); i++) {
        add_batch(store, 1);
        atomic_fetch_add(&load.acknowledged, 1);
        if (i % 7 == 0)
            assert_int_equal(gp_store_checkpoint(store), 0);
    }
    assert_int_equal(pthread_join(copier, NULL), 0);
    assert_int_equal(pthread_join(keeper, NULL), 0);
    assert_int_equal(load.upkeep_rc, 0);
    assert_int_equal(load.rc, 0);
    assert_copy(store, &load.copied, load.least);
    remove_copy();
}

/* Segments so small that many are full, sealed and gone while a copy is made. */
static void copies_under_load_lack_nothing(void **state)
{
    struct gp_store *store = open_path(store_path, 16384);

    (void)state;
    add_many(store, 400);
    for (int round = 0; round < ROUNDS; round++) {
        struct gp_txn *txn = look(store);
        uint64_t head;
        assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
        gp_txn_abort(txn);
        copy_under_load(store, head);
    }
    gp_store_close(store);
}

/* The thread that copies stops where it has begun with the tables, until it may go on. */
static _Thread_local bool stops;
static sem_t stopped, may_go_on;

int sync_file_range(int fd, off_t at, off_t len, unsigned flags)
{
    if (stops) {
        stops = false;
        assert_int_equal(sem_post(&stopped), 0);
        while (sem_wait(&may_go_on) != 0) {
        }
    }
    return (int)syscall(SYS_sync_file_range, fd, at, len, flags);
}

static void *copy_and_stop(void *context)
{
    stops = true;
    return copy(context);
}

/* As much as can happen while the tables are copied: all that came behind them is full, settled and
 * would be sealed, which keeps no side record. */
static void what_comes_behind_the_tables_is_kept(void **state)
{
    struct gp_store *store = open_path(store_path, 16384);
    struct load load = {.store = store, .acknowledged = 3000};
    pthread_t copier;

    (void)state;
    assert_int_equal(sem_init(&stopped, 0, 0), 0);
    assert_int_equal(sem_init(&may_go_on, 0, 0), 0);
    add_batch(store, 3000); /* their rows fill several pieces */
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(pthread_create(&copier, NULL, copy_and_stop, &load), 0);
    while (sem_wait(&stopped) != 0) {
    }
    for (int i = 0; i < 4; i++) {
        add_many(store, 100);
        assert_int_equal(gp_store_checkpoint(store), 0);
        assert_int_equal(gp_store_settle(store), 0);
        assert_int_equal(gp_store_upkeep(store), 0);
    }
    assert_int_equal(sem_post(&may_go_on), 0);
    assert_int_equal(pthread_join(copier, NULL), 0);
    assert_int_equal(load.rc, 0);
    assert_int_equal(load.copied.seq, 3400);
    assert_copy(store, &load.copied, 3000);
    gp_store_close(store);
}

/* A copy that is over holds nothing back. */
static void segments_are_sealed_again_behind_a_copy(void **state)
{
    struct gp_store *store = open_path(store_path, 16384);
    struct gp_copying copying = {0};
    struct gp_copied copied;

    (void)state;
    add_many(store, 10);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), 0);
    add_many(store, 400);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    assert_true(gp_store_upkeep_due(store));
    assert_int_equal(gp_store_upkeep(store), 0);
    assert_false(gp_store_upkeep_due(store));
    gp_store_close(store);
}

/* ---------------------------------------------------------------- ends before its end */

static void a_copy_that_is_stopped_says_so(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_copying copying = {.stop = true};
    struct gp_copied copied;

    (void)state;
    add_batch(store, 1);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), GP_EAGAIN);
    add_batch(store, 1);
    assert_int_equal(gp_store_checkpoint(store), 0);
    gp_store_close(store);
}

static void a_copy_leaves_room_to_others(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_copying copying = {.reserve_bytes = UINT64_MAX};
    struct gp_copied copied;

    (void)state;
    add_batch(store, 1);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), GP_ENOSPC);
    assert_true(atomic_load(&copying.done) == 0);
    gp_store_close(store);
}

/* Every row anew: pages are freed, and none of them is taken again while a reader is open. */
static void write_again(struct gp_store *store, uint64_t rows)
{
    const char bytes[200] = "";
    struct gp_txn *txn = begin(store);

    for (uint64_t id = 1; id <= rows; id++)
        assert_int_equal(gp_incident_put(txn, id, (struct gp_span){bytes, sizeof bytes}), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    assert_int_equal(gp_store_upkeep(store), 0);
}

static off_t tables_bytes(void)
{
    char path[160];
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s/data.mdb", store_path);
    assert_int_equal(lstat(path, &stat), 0);
    return stat.st_size;
}

static void assert_no_growth(struct gp_store *store)
{
    for (int i = 0; i < 4; i++)
        write_again(store, 1000);
    off_t before = tables_bytes();
    for (int i = 0; i < 8; i++)
        write_again(store, 1000);
    assert_int_equal(tables_bytes(), before);
}

/* What is free of the store's disk comes down to what is to lie ahead, while its tables are copied:
 * the copy ends before a report is refused, and what it held is there for the tables again. */
static void a_copy_gives_way_to_its_store(void **state)
{
    struct gp_store *store = open_with(store_path, 16384, RESERVE);
    struct load load = {.store = store};
    pthread_t copier;

    (void)state;
    assert_int_equal(sem_init(&stopped, 0, 0), 0);
    assert_int_equal(sem_init(&may_go_on, 0, 0), 0);
    add_batch(store, 3000); /* their rows fill several pieces */
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(pthread_create(&copier, NULL, copy_and_stop, &load), 0);
    while (sem_wait(&stopped) != 0) {
    }
    room_bytes = RESERVE - 4096;
    assert_true(gp_store_crowded(store));
    assert_int_equal(sem_post(&may_go_on), 0);
    assert_int_equal(pthread_join(copier, NULL), 0);
    assert_int_equal(load.rc, GP_EYIELD);
    assert_true(atomic_load(&load.copying.done) < atomic_load(&load.copying.of));
    assert_no_growth(store);
    assert_false(gp_store_short(store));

    room_bytes = UINT64_MAX;
    remove_copy();
    assert_false(gp_store_crowded(store));
    struct gp_copying again = {0};
    assert_int_equal(gp_store_copy(store, copy_path, &again, &load.copied), 0);
    gp_store_close(store);
}

/* A store that had no room to begin with is not copied. */
static void a_copy_of_a_store_without_room_is_not_begun(void **state)
{
    struct gp_store *store = open_with(store_path, 16384, RESERVE);
    struct gp_copying copying = {0};
    struct gp_copied copied;

    (void)state;
    add_batch(store, 1);
    room_bytes = 0;
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), GP_EYIELD);
    assert_true(atomic_load(&copying.done) == 0);
    room_bytes = UINT64_MAX;
    gp_store_close(store);
}

/* Readers that LMDB has no more of are an end, and nothing to wait for. */
static void a_copy_without_a_reader_ends(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_txn *reader[1024];
    struct gp_copying copying = {0};
    struct gp_copied copied;
    unsigned count = 0;

    (void)state;
    add_batch(store, 1);
    assert_int_equal(gp_store_checkpoint(store), 0);
    while (count < 1024 && gp_txn_read(store, &reader[count]) == 0)
        count++;
    assert_true(count < 1024);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), GP_EAGAIN);
    while (count > 0)
        gp_txn_abort(reader[--count]);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- made small */

/* Whether a file of the copy has some bytes anywhere. */
static bool has_bytes(const char *below, const char *bytes)
{
    char path[160];
    size_t size = (size_t)size_of(below);
    char *all = malloc(size);

    (void)snprintf(path, sizeof path, "%s%s", copy_path, below);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && all != NULL);
    assert_int_equal(read(fd, all, size), size);
    bool has = memmem(all, size, bytes, strlen(bytes)) != NULL;
    free(all);
    assert_int_equal(close(fd), 0);
    return has;
}

static void erase_all(struct gp_store *store, uint64_t count)
{
    struct gp_txn *txn = begin(store);

    for (uint64_t id = 1; id <= count; id++)
        assert_int_equal(gp_personal_erase(txn, id, UINT64_MAX, 10), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
}

static void compacting_leaves_out_what_was_deleted(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    struct gp_copying copying = {0};
    struct gp_copied copied;
    struct gp_span record;

    (void)state;
    add_batch(store, 500);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    erase_all(store, 500);
    assert_int_equal(gp_store_copy(store, copy_path, &copying, &copied), 0);
    off_t before = size_of("/data.mdb");
    assert_true(has_bytes("/data.mdb", TYPED));
    assert_int_equal(gp_store_compact(copy_path), 0);
    assert_true(size_of("/data.mdb") < before);
    assert_false(has_bytes("/data.mdb", TYPED));
    assert_mode("/data.mdb", 0600);
    assert_int_equal(size_of("/lock.mdb"), -1);

    struct gp_store *copy = open_path(copy_path, 0);
    assert_int_equal(gp_store_recover(copy, fold, NULL), 0);
    struct gp_txn *txn = look(copy);
    assert_int_equal(gp_incident_get(txn, 500, &record), 0);
    gp_txn_abort(txn);
    add_batch(copy, 1); /* it goes on from there */
    gp_store_close(copy);
    copy = open_path(copy_path, 0);
    gp_store_close(copy);
    gp_store_close(store);
}

static void compacting_leaves_room_to_others(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    off_t before;

    (void)state;
    add_batch(store, 300);
    gp_store_close(store);
    (void)snprintf(copy_path, sizeof copy_path, "%s", store_path);
    before = size_of("/data.mdb");
    room_bytes = GP_BACKUP_RESERVE_BYTES + (uint64_t)before / 2;
    assert_int_equal(gp_store_compact(store_path), GP_ENOSPC);
    assert_int_equal(size_of("/data.tmp"), -1);
    assert_int_equal(size_of("/data.mdb"), before);
    room_bytes += (uint64_t)before;
    assert_int_equal(gp_store_compact(store_path), 0);
    room_bytes = UINT64_MAX;
    assert_true(size_of("/data.mdb") <= before);
}

/* What a power cut leaves of a checkpoint that was not settled: its meta page, and none of the
 * pages that it points to. */
static void cut_power(const char *before)
{
    char line[600];

    (void)snprintf(line, sizeof line,
                   "cp -r %s %s && dd if=%s of=%s/data.mdb bs=4096 skip=2 seek=2 status=none && "
                   "truncate -s +4M %s/data.mdb",
                   store_path, copy_path, before, copy_path, copy_path);
    assert_int_equal(system(line), 0);
}

static void compacting_keeps_the_snapshot_that_is_whole(void **state)
{
    struct gp_store *store = open_path(store_path, 0);
    char before[128], line[300];
    struct gp_span record;

    (void)state;
    add_batch(store, 300);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    (void)snprintf(before, sizeof before, "%s/before", store_folder);
    (void)snprintf(line, sizeof line, "cp %s/data.mdb %s", store_path, before);
    assert_int_equal(system(line), 0);
    add_batch(store, 300);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_true(gp_store_settle_due(store));
    cut_power(before);
    gp_store_close(store);

    assert_int_equal(gp_store_compact(copy_path), 0);
    assert_int_equal(size_of("/data.synced"), -1);
    struct gp_store *copy = open_path(copy_path, 0);
    assert_int_equal(gp_store_recover(copy, fold, NULL), 0);
    struct gp_txn *txn = look(copy);
    for (uint64_t seq = 1; seq <= 600; seq++)
        assert_int_equal(gp_incident_get(txn, seq, &record), 0);
    gp_txn_abort(txn);
    gp_store_close(copy);
}

static void a_store_in_use_is_not_compacted(void **state)
{
    struct gp_store *store = open_path(store_path, 0);

    (void)state;
    assert_int_equal(gp_store_compact(store_path), GP_ELOCKED);
    gp_store_close(store);
    assert_int_equal(gp_store_compact(store_path), 0);
    assert_int_equal(gp_store_compact(store_folder), GP_ENOTFOUND);
    store = open_path(store_path, 0);
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_is_what_was_acknowledged),
        TEST(an_empty_store_can_be_copied),
        TEST(copies_under_load_lack_nothing),
        TEST(what_comes_behind_the_tables_is_kept),
        TEST(segments_are_sealed_again_behind_a_copy),
        TEST(a_copy_that_is_stopped_says_so),
        TEST(a_copy_leaves_room_to_others),
        TEST(a_copy_gives_way_to_its_store),
        TEST(a_copy_of_a_store_without_room_is_not_begun),
        TEST(a_copy_without_a_reader_ends),
        TEST(compacting_leaves_out_what_was_deleted),
        TEST(compacting_leaves_room_to_others),
        TEST(compacting_keeps_the_snapshot_that_is_whole),
        TEST(a_store_in_use_is_not_compacted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
