#include "calls/life.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPTS  6
#define RESTS_MS  2000 /* longer than anything rests that found no space */
#define LIFTED_AT 3    /* a fault that stays is gone before this attempt */
#define PATH      160

/* What is right: of each operation, and of the store behind each chunk. */
static struct {
    uint64_t note[OPS], head[OPS];
    unsigned char digest[CHUNKS][GP_TABLE_COUNT][32], hash[CHUNKS][GP_HASH_BYTES];
    uint64_t calls[CHUNKS][FAULT_COUNT];
} right;

static struct site site;
static char root[PATH], path[PATH + 16];
static struct life_case now;
static const char *doing = "";

/* ---------------------------------------------------------------- saying what is wrong */

static _Noreturn __attribute__((format(printf, 1, 2))) void wrong(const char *format, ...)
{
    va_list list;

    (void)fflush(stdout);
    fprintf(stderr, "WRONG while %s: ", doing);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "; %llu failed, from %s to %s\n", (unsigned long long)fail_failed(),
            fail_first(), fail_last());
    fprintf(stderr, "again: test_calls --fault %s --chunk %u --at %llu%s\n", fault_name(now.fault),
            now.chunk, (unsigned long long)now.at, now.sticky ? " --sticky" : "");
    _exit(1);
}

/* ---------------------------------------------------------------- folders */

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

static void remove_all(const char *name)
{
    (void)nftw(name, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t len;

    if (in < 0 || out < 0)
        wrong("%s cannot be copied", from);
    while ((len = read(in, bytes, sizeof bytes)) > 0) {
        if (write(out, bytes, (size_t)len) != len)
            wrong("%s cannot be copied", from);
    }
    (void)close(in);
    (void)close(out);
}

/* Files and one folder below. */
static void copy_folder(const char *from, const char *to)
{
    char source[2 * PATH], target[2 * PATH];
    const struct dirent *entry;
    DIR *folder = opendir(from);

    if (folder == NULL || mkdir(to, 0700) != 0)
        wrong("%s cannot be copied", from);
    while ((entry = readdir(folder)) != NULL) {
        (void)snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        (void)snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (entry->d_type == DT_DIR)
            copy_folder(source, target);
        else
            copy_file(source, target);
    }
    (void)closedir(folder);
}

static void begin_of(unsigned chunk, char name[static PATH + 16])
{
    (void)snprintf(name, PATH + 16, "%s/begin-%u", root, chunk);
}

static void take_begin(unsigned chunk)
{
    char begin[PATH + 16];

    begin_of(chunk, begin);
    if (chunk > 0)
        copy_folder(begin, path);
}

static unsigned descriptors(void)
{
    unsigned count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* libyaml loses a text when it cannot make room for its node. */
static uint64_t yaml_lost;

static void check_given_back(uint64_t live, unsigned files)
{
    if (fail_live() - live > yaml_lost)
        wrong("%lld allocations are left", (long long)(fail_live() - live));
    if (descriptors() != files)
        wrong("%d descriptors are left", (int)(descriptors() - files));
}

/* ---------------------------------------------------------------- codes */

static bool fatal(int rc)
{
    return rc == GP_EIO || rc == GP_ECORRUPT;
}

/* LMDB takes a read or write of its own that is cut short as one of a broken file or disk, and does
 * not try again where a signal came. That ends the process, and nothing is lost. */
static bool is_lmdbs(int rc)
{
    bool reads = fail_was("pread", "data.mdb");
    bool writes = fail_was("pwrite", "data.mdb") || fail_was("writev", "data.mdb");

    if (now.fault == FAULT_SHORT)
        return (writes && (rc == GP_EIO || rc == GP_ENOSPC)) || (reads && rc == GP_ECORRUPT);
    return now.fault == FAULT_SIGNAL && reads && rc == GP_EIO;
}

/* A lock that cannot be taken is one that another process has, to LMDB, and its file is whole. */
static bool is_locks(int rc)
{
    return fail_was("fcntl", "lock.mdb") && (rc == GP_EINVAL || rc == GP_ECORRUPT);
}

/* LMDB says the same of a disk that is full in the middle of a write and of one that fails, so the
 * first time it is taken for full: the tables are folded again, and nothing is lost by that. */
static bool is_doubtful(int rc)
{
    return rc == GP_ENOSPC && (fail_was("lseek", "data.mdb") || fail_was("pwrite", "data.mdb") ||
                               fail_was("writev", "data.mdb"));
}

static bool is_right(int rc)
{
    switch (now.fault) {
    case FAULT_MEMORY:
        return rc == GP_ENOMEM;
    case FAULT_DISK: /* a file of the city that cannot be read is a finding */
        return rc == GP_EIO || (rc == GP_ECONFIG && fail_was("fopen", "")) || is_locks(rc) ||
               is_doubtful(rc);
    case FAULT_FULL:
        return rc == GP_ENOSPC;
    case FAULT_FILES:
        return rc == GP_EAGAIN;
    default:
        return is_lmdbs(rc);
    }
}

/* A full disk is not asked again within the second (store/recover.c), whatever asks. */
static bool rests(int rc)
{
    return rc == GP_ENOSPC && (now.fault == FAULT_FULL || is_doubtful(rc));
}

/* Once the page that ends a commit could not be written LMDB refuses everything, until it is opened
 * again. */
static bool is_panic(int rc)
{
    return rc == GP_EIO && fail_was("pwrite", "data.mdb");
}

static void judge(int rc, uint64_t failed_before)
{
    yaml_lost += rc == GP_ENOMEM && strcmp(doing, "reload") == 0;
    if (fail_failed() == failed_before && (is_panic(rc) || rests(rc)))
        return;
    if (fail_failed() == failed_before)
        wrong("it says %s, and nothing has failed", gp_error_name(rc));
    if (!is_right(rc))
        wrong("it says %s", gp_error_name(rc));
}

/* ---------------------------------------------------------------- opening, again */

/* Opens it in the end, and gives back what it took each time that it could not. */
static void open_in_the_end(void)
{
    const uint64_t live = fail_live();
    const unsigned files = descriptors();

    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        uint64_t failed = fail_failed();
        if (attempt == LIFTED_AT)
            fail_lift();
        fail_watch(true);
        int rc = site_open(&site, path);
        fail_watch(false);
        if (rc == 0)
            return;
        judge(rc, failed);
        check_given_back(live, files);
    }
    wrong("it never opens");
}

static bool was_logs_sync(void)
{
    return fail_was("fdatasync", ".log") && strstr(fail_last(), "spare") == NULL;
}

/* A sync that failed leaves unknown what is on the disk: only an opening can tell. */
static void nothing_is_acknowledged(void)
{
    uint64_t note;

    if ((was_logs_sync() || fail_was("fdatasync", "data.mdb")) && op_do(&site, 0, &note) == 0)
        wrong("a report is acknowledged behind a sync that failed");
}

/* Returns whether the operation that failed so is there all the same: it was on its way. */
static bool restart(unsigned number)
{
    uint64_t before = number > 0 ? right.head[number - 1] : 0;

    nothing_is_acknowledged();
    fail_watch(true);
    site_close(&site);
    fail_watch(false);
    doing = "opening again";
    open_in_the_end();
    uint64_t head = site_head(&site);
    if (head != before && head != right.head[number])
        wrong("entries to %llu, and not %llu or %llu", (unsigned long long)head,
              (unsigned long long)before, (unsigned long long)right.head[number]);
    return head != before;
}

/* ---------------------------------------------------------------- one operation */

/* Returns whether it was done. */
static bool attempt(unsigned number)
{
    uint64_t note = 0, before = site_head(&site), failed = fail_failed();

    fail_watch(true);
    int rc = op_do(&site, number, &note);
    fail_watch(false);
    if (rc == 0 && fail_failed() != failed && was_logs_sync())
        wrong("it is acknowledged, and the log's sync has failed");
    if (rc == 0 && note != right.note[number])
        wrong("something else came of it");
    if (rc == 0 && site_head(&site) != right.head[number])
        wrong("the head is another one");
    if (rc == 0)
        return true;
    judge(rc, failed);
    if (fatal(rc))
        return restart(number);
    if (site_head(&site) != before)
        wrong("it says %s, and there are entries of it", gp_error_name(rc));
    fail_wait(RESTS_MS);
    return false;
}

static void do_in_the_end(unsigned number)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        doing = op_name(number);
        if (i == LIFTED_AT)
            fail_lift();
        if (attempt(number))
            return;
    }
    wrong("it never works");
}

/* ---------------------------------------------------------------- a life */

static void read_state(unsigned char digest[GP_TABLE_COUNT][32], unsigned char hash[GP_HASH_BYTES])
{
    struct gp_txn *txn;
    uint64_t head, rows;
    int rc = gp_txn_read(site.store, &txn);

    if (rc == 0)
        rc = gp_journal_head(txn, &head, hash);
    for (int table = 0; rc == 0 && table < GP_TABLE_COUNT; table++) {
        if (table != GP_TABLE_META)
            rc = gp_table_digest(txn, (enum gp_table)table, digest[table], &rows);
    }
    if (rc != 0)
        wrong("it cannot be read: %s", gp_error_name(rc));
    gp_txn_abort(txn);
}

/* As it was left, it opens and has everything. */
static void check_state(unsigned chunk)
{
    unsigned char digest[GP_TABLE_COUNT][32] = {0}, hash[GP_HASH_BYTES];
    int rc = site_open(&site, path);

    doing = "looking at what was left";
    if (rc != 0)
        wrong("it does not open: %s", gp_error_name(rc));
    read_state(digest, hash);
    site_close(&site);
    if (memcmp(hash, right.hash[chunk], sizeof hash) != 0)
        wrong("the journal is another one");
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (memcmp(digest[table], right.digest[chunk][table], 32) != 0)
            wrong("table %s is another one", gp_table_name((enum gp_table)table));
    }
}

void life_run(const struct life_case *one)
{
    unsigned first = one->chunk * CHUNK_OPS;
    uint64_t live = fail_live();
    unsigned files = descriptors();

    now = *one;
    yaml_lost = 0;
    fail_arm(FAULT_NONE, 0, false);
    (void)snprintf(path, sizeof path, "%s/store", root);
    take_begin(one->chunk);
    fail_arm(one->fault, one->at, one->sticky);
    doing = "opening";
    open_in_the_end();
    for (unsigned i = first; i < first + CHUNK_OPS; i++)
        do_in_the_end(i);
    doing = "closing";
    fail_watch(true);
    site_close(&site);
    fail_watch(false);
    fail_lift();
    check_given_back(live, files);
    check_state(one->chunk);
    remove_all(path);
}

/* ---------------------------------------------------------------- what is right */

static void must(int rc, const char *what)
{
    if (rc != 0)
        wrong("%s: %s", what, gp_error_name(rc));
}

/* Lives on from where a chunk begins. */
static void live(unsigned chunk, bool notes)
{
    take_begin(chunk);
    must(site_open(&site, path), "opening");
    for (unsigned i = chunk * CHUNK_OPS; i < (chunk + 1) * CHUNK_OPS; i++) {
        uint64_t note;
        doing = op_name(i);
        must(op_do(&site, i, &note), "without a fault");
        if (!notes)
            continue;
        right.note[i] = note;
        right.head[i] = site_head(&site);
    }
}

/* A process that is killed at a chunk's end leaves what the next one begins with. */
static void make_begin(unsigned chunk)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        begin_of(chunk + 1, path);
        live(chunk, false);
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        wrong("no store to begin with");
}

static void learn(unsigned chunk)
{
    (void)snprintf(path, sizeof path, "%s/store", root);
    live(chunk, true);
    site_close(&site);
    must(site_open(&site, path), "opening");
    read_state(right.digest[chunk], right.hash[chunk]);
    site_close(&site);
    remove_all(path);
    for (enum fault fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
        struct life_case none = {.chunk = chunk, .fault = fault};
        life_run(&none);
        right.calls[chunk][fault] = fail_counted();
    }
}

void life_init(void)
{
    (void)snprintf(root, sizeof root, "%s/gridpost-calls-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(root) == NULL)
        wrong("no folder");
    site_init(&site);
    for (unsigned chunk = 0; chunk < CHUNKS; chunk++) {
        learn(chunk);
        if (chunk + 1 < CHUNKS)
            make_begin(chunk);
    }
}

void life_clean(void)
{
    (void)snprintf(path, sizeof path, "%s/store", root);
    remove_all(path);
}

void life_release(void)
{
    site_release(&site);
    remove_all(root);
}

uint64_t life_calls(unsigned chunk, enum fault fault)
{
    return right.calls[chunk][fault];
}
