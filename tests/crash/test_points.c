/*
 * Killed at every call by which the store writes: the k-th of them is not made, or half of it is,
 * and the process dies as by kill -9, for every k from the first start over batches, checkpoints,
 * new segments and compressing to the end. What was acknowledged must be there again, entry by
 * entry, the tables must be what the journal says, and work must go on.
 *
 * The calls are caught in this program: its own functions of these names stand before libc's.
 */
#include "engine/city.h"
#include "wire/message.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define BATCHES          14
#define BATCH_ITEMS      3
#define CHECKPOINT_EVERY 4

/* What the child has told, in memory that outlives it. */
struct told {
    uint64_t head, incidents;
    unsigned char hash[GP_HASH_BYTES];
    uint64_t calls; /* in all, of a run that nothing stopped */
};

static struct told *told;
static uint64_t calls, last_call; /* of this process; 0: it is not to die */
static bool halves;               /* the last one is half made */
static struct city city;
static char folder[64], path[80], copy[80];

/* ---------------------------------------------------------------- calls */

static bool is_last(void)
{
    calls++;
    return last_call != 0 && calls == last_call;
}

static void die(void)
{
    (void)raise(SIGKILL);
}

static void step(void)
{
    if (is_last())
        die();
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (is_last()) {
        if (halves)
            (void)syscall(SYS_pwrite64, fd, bytes, len / 2, at);
        die();
    }
    return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    if (is_last()) {
        if (halves)
            (void)syscall(SYS_write, fd, bytes, len / 2);
        die();
    }
    return syscall(SYS_write, fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    if (is_last()) {
        if (halves)
            (void)syscall(SYS_writev, fd, part, (count + 1) / 2);
        die();
    }
    return syscall(SYS_writev, fd, part, count);
}

int fdatasync(int fd)
{
    step();
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    step();
    return (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t len)
{
    step();
    return (int)syscall(SYS_ftruncate, fd, len);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    step();
    return (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

int unlinkat(int fd, const char *name, int flags)
{
    step();
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    step();
    return (int)syscall(SYS_mkdirat, fd, name, mode);
}

/* ---------------------------------------------------------------- the one that dies */

static struct gp_store *open_store(const char *where, bool create)
{
    struct gp_store_found found = {0};
    struct gp_store_options options = {
        .map_bytes = UINT64_C(64) << 20, .create = create, .segment_bytes = 16384, .found = &found};
    struct gp_store *store = NULL;
    int rc = gp_store_open(where, &options, &store);

    if (rc != 0)
        print_error("%s: opening: %s; %s %llu\n", where, gp_error_text(rc), found.bad_name,
                    (unsigned long long)found.bad_offset);
    assert_int_equal(rc, 0);
    return store;
}

static void apply(struct gp_engine *engine)
{
    struct gp_item items[BATCH_ITEMS] = {0};
    struct gp_batch batch = {
        .org = city.org, .now_ms = city.now_ms, .item = items, .item_count = BATCH_ITEMS};

    for (size_t i = 0; i < BATCH_ITEMS; i++) {
        items[i].kind = GP_ITEM_COMMAND;
        city_random_report(&city, &items[i].command);
    }
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    for (size_t i = 0; i < BATCH_ITEMS; i++) {
        assert_int_equal(items[i].answer.error, 0);
        told->incidents += items[i].answer.incident != 0;
    }
    city.now_ms += 1000;
}

/* Its answers leave: from here on the batch is promised. */
static void acknowledge(struct gp_store *store)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_txn *txn;
    uint64_t head;

    assert_int_equal(gp_txn_read(store, &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    gp_txn_abort(txn);
    memcpy(told->hash, hash, sizeof hash);
    told->head = head;
}

static void live(void)
{
    struct gp_store *store = open_store(path, true);
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    for (int i = 1; i <= BATCHES; i++) {
        apply(engine);
        acknowledge(store);
        if (i % CHECKPOINT_EVERY != 0)
            continue;
        assert_int_equal(gp_store_checkpoint(store), 0);
        if (i % (2 * CHECKPOINT_EVERY) == 0) /* else the next one does it */
            assert_int_equal(gp_store_settle(store), 0);
        if (gp_store_upkeep_due(store))
            assert_int_equal(gp_store_upkeep(store), 0);
    }
    gp_engine_close(engine);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- what is left */

static void check_promises(struct gp_store *store)
{
    unsigned char hash[GP_HASH_BYTES];
    struct gp_store_figures figures;
    struct gp_txn *txn;
    uint64_t head, bad;

    assert_int_equal(gp_txn_read(store, &txn), 0);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_true(head >= told->head);
    assert_int_equal(gp_journal_hash(txn, told->head, hash), 0);
    assert_memory_equal(hash, told->hash, sizeof hash);
    assert_int_equal(gp_journal_verify(txn, 1, head, &bad), 0);
    assert_int_equal(gp_store_figures(txn, &figures), 0);
    assert_true(figures.rows[GP_TABLE_INCIDENT] + BATCH_ITEMS >= told->incidents);
    gp_txn_abort(txn);
}

static void check_tables(struct gp_store *store)
{
    struct gp_store_options options = {
        .map_bytes = UINT64_C(64) << 20, .create = true, .unsafe_nosync = true};
    struct gp_store *again;
    struct gp_texts texts;
    enum gp_table table = GP_TABLE_COUNT;
    uint64_t bad;

    assert_int_equal(gp_store_open(copy, &options, &again), 0);
    assert_int_equal(gp_engine_rebuild(store, again, NULL, NULL), 0);
    int rc = gp_engine_compare(store, again, &table);
    if (rc != 0)
        print_error("table %s differs\n", gp_table_name(table));
    assert_int_equal(rc, 0);
    assert_int_equal(gp_engine_check_texts(store, &texts, &bad), 0);
    gp_store_close(again);
}

/* Twice: what the first opening has done must bear another one. */
static void check_all(void)
{
    for (int round = 0; round < 2; round++) {
        struct gp_store *store = open_store(path, true);
        struct gp_engine *engine;

        assert_int_equal(gp_engine_open(store, &engine), 0);
        check_promises(store);
        if (round == 0) {
            check_tables(store);
            apply(engine);
        }
        gp_engine_close(engine);
        gp_store_close(store);
    }
}

/* ---------------------------------------------------------------- rounds */

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

static void begin_round(void)
{
    /* In memory where that is to be had: no power is cut here, and a sync takes its time. */
    (void)snprintf(folder, sizeof folder, "%s/gridpost-points-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/store", folder);
    (void)snprintf(copy, sizeof copy, "%s/copy", folder);
    *told = (struct told){0};
}

/* Returns whether the child died where it should; else it came to its end. */
static bool run_child(void (*act)(void), uint64_t at, bool half)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        last_call = at;
        halves = half;
        calls = 0;
        act();
        told->calls = calls;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void die_at_every_call(bool half)
{
    bool died = true;

    for (uint64_t at = 1; died; at++) {
        begin_round();
        died = run_child(live, at, half);
        if (died)
            check_all();
        else
            assert_true(told->calls >= 3 * BATCHES); /* it does catch what the store writes by */
        assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    }
}

/* A life without checkpoints, so that there is much to fold again. */
static void live_unseen(void)
{
    struct gp_store *store = open_store(path, true);
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    for (int i = 0; i < BATCHES; i++) {
        apply(engine);
        acknowledge(store);
    }
    die();
}

static void recover(void)
{
    struct gp_store *store = open_store(path, true);
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    gp_engine_close(engine);
    gp_store_close(store);
}

/* Recovering, cut short at each of its calls, begins again and comes to the same. */
static void killed_while_recovering(void **state)
{
    bool died = true;

    (void)state;
    for (uint64_t at = 1; died; at++) {
        begin_round();
        assert_true(run_child(live_unseen, 0, false));
        died = run_child(recover, at, at % 2 == 0);
        check_all();
        assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    }
}

/* ---------------------------------------------------------------- damaged tables */

/* The tables have the reports and lack what time made of them, and of further ones. */
static void live_on(void)
{
    struct gp_store *store = open_store(path, true);
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    struct gp_batch batch = {.org = city.org, .item = &expire, .item_count = 1};
    struct gp_engine *engine;

    assert_int_equal(gp_engine_open(store, &engine), 0);
    apply(engine);
    assert_int_equal(gp_store_checkpoint(store), 0);
    assert_int_equal(gp_store_settle(store), 0);
    city.now_ms += 5 * GP_MS_DAY;
    batch.now_ms = city.now_ms;
    assert_int_equal(gp_engine_apply(engine, &batch), 0);
    apply(engine);
    acknowledge(store);
    die();
}

/* A bit of each incident's record, as a disk may flip it. */
static void damage_incidents(void)
{
    static const char device[] = "handset-1"; /* of random reports; no text about people */
    char name[100];
    struct stat stat;

    (void)snprintf(name, sizeof name, "%s/data.mdb", path);
    int fd = open(name, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    char *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(bytes != MAP_FAILED);
    char *end = bytes + stat.st_size, *at = bytes;
    unsigned flipped = 0;
    for (; (at = memmem(at, (size_t)(end - at), device, sizeof device - 1)) != NULL; flipped++)
        at[0] ^= 1;
    assert_true(flipped >= BATCH_ITEMS);
    assert_int_equal(munmap(bytes, (size_t)stat.st_size), 0);
    (void)close(fd);
}

/* The journal is whole, so everything is: also what the damaged tables never came up to. */
static void damaged_tables_are_rebuilt_to_the_journals_end(void **state)
{
    char intact[96], command[300];
    struct gp_engine *engine;
    enum gp_table table = GP_TABLE_COUNT;

    (void)state;
    begin_round();
    (void)snprintf(intact, sizeof intact, "%s/intact", folder);
    assert_true(run_child(live_on, 0, false));
    (void)snprintf(command, sizeof command, "cp -r %s %s", path, intact);
    assert_int_equal(system(command), 0);
    damage_incidents();
    struct gp_store *store = open_store(path, false), *again = open_store(copy, true);
    assert_int_equal(gp_engine_open(store, &engine), GP_ECORRUPT);
    assert_int_equal(gp_engine_rebuild(store, again, NULL, NULL), 0);
    assert_int_equal(gp_engine_compare(store, again, &table), GP_ECORRUPT);
    assert_int_equal(table, GP_TABLE_INCIDENT);
    gp_store_close(store);
    check_promises(again);
    store = open_store(intact, false);
    assert_int_equal(gp_engine_recover(store), 0);
    int rc = gp_engine_compare(store, again, &table);
    if (rc != 0)
        print_error("table %s differs\n", gp_table_name(table));
    assert_int_equal(rc, 0);
    gp_store_close(store);
    gp_store_close(again);
    assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void killed_before_every_call(void **state)
{
    (void)state;
    die_at_every_call(false);
}

static void killed_in_the_middle_of_every_call(void **state)
{
    (void)state;
    die_at_every_call(true);
}

static int set_up(void **state)
{
    (void)state;
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(told != MAP_FAILED);
    city_open(&city, 7);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    city_close(&city);
    return munmap(told, sizeof *told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_every_call),
        cmocka_unit_test(killed_in_the_middle_of_every_call),
        cmocka_unit_test(killed_while_recovering),
        cmocka_unit_test(damaged_tables_are_rebuilt_to_the_journals_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
