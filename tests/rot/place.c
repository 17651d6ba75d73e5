#include "rot/place.h"

#include "store/log/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <lmdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TABLES_MAX 32
#define PATH_BYTES 512

/* ---------------------------------------------------------------- files */

static void join(char to[PATH_BYTES], const char *path, const char *name)
{
    assert_true(snprintf(to, PATH_BYTES, "%s/%s", path, name) < PATH_BYTES);
}

static size_t size_of(const char *path, const char *name)
{
    char file[PATH_BYTES];
    struct stat stat_of;

    join(file, path, name);
    assert_int_equal(stat(file, &stat_of), 0);
    return (size_t)stat_of.st_size;
}

void place_read(const char *path, const char *name, size_t at, void *bytes, size_t len)
{
    char file[PATH_BYTES];

    join(file, path, name);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, bytes, len, (off_t)at), len);
    (void)close(fd);
}

void place_write(const char *path, const char *name, size_t at, const void *bytes, size_t len)
{
    char file[PATH_BYTES];

    join(file, path, name);
    int fd = open(file, O_WRONLY | O_CLOEXEC | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, (off_t)at), len);
    (void)close(fd);
}

static void copy_file(const char *from, const char *to, const char *name)
{
    size_t len = size_of(from, name);
    void *bytes = malloc(len > 0 ? len : 1);

    assert_non_null(bytes);
    place_read(from, name, 0, bytes, len);
    place_write(to, name, 0, bytes, len);
    free(bytes);
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

void place_remove(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* it may not be there */
}

void place_copy(const char *from, const char *to)
{
    char folder[PATH_BYTES], name[PATH_BYTES];
    const struct dirent *entry;

    assert_int_equal(mkdir(to, 0700), 0);
    copy_file(from, to, "data.mdb");
    copy_file(from, to, "data.synced");
    join(folder, to, "journal");
    assert_int_equal(mkdir(folder, 0700), 0);
    join(folder, from, "journal");
    DIR *names = opendir(folder);
    assert_non_null(names);
    while ((entry = readdir(names)) != NULL) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, "spare", 5) == 0)
            continue;
        join(name, "journal", entry->d_name);
        copy_file(from, to, name);
    }
    (void)closedir(names);
}

/* ---------------------------------------------------------------- rows */

struct raw {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table[GP_TABLE_COUNT];
    const char *map;
};

/* Where LMDB has mapped the file: the kernel says. */
static const char *find_map(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024];
    uintptr_t from = 0;

    assert_non_null(maps);
    while (from == 0 && fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "/data.mdb") != NULL)
            assert_int_equal(sscanf(line, "%" SCNxPTR, &from), 1);
    }
    (void)fclose(maps);
    assert_true(from != 0);
    return (const char *)from;
}

static int open_raw(const char *path, struct raw *raw)
{
    int rc = mdb_env_create(&raw->env);

    if (rc == 0)
        rc = mdb_env_set_maxdbs(raw->env, TABLES_MAX);
    if (rc == 0)
        rc = mdb_env_set_mapsize(raw->env, (size_t)1 << 30); /* or a meta page says it */
    if (rc == 0)
        rc = mdb_env_open(raw->env, path, MDB_RDONLY | MDB_NOLOCK, 0600);
    if (rc == 0)
        rc = mdb_txn_begin(raw->env, NULL, MDB_RDONLY, &raw->txn);
    for (int i = 0; rc == 0 && i < GP_TABLE_COUNT; i++)
        rc = mdb_dbi_open(raw->txn, gp_table_name((enum gp_table)i), 0, &raw->table[i]);
    return rc;
}

static void close_raw(struct raw *raw)
{
    mdb_txn_abort(raw->txn);
    mdb_env_close(raw->env);
}

static void *grow(void *array, size_t count, size_t each)
{
    if ((count & (count + 1)) != 0) /* room up to the next power of two less one */
        return array;
    array = realloc(array, (2 * count + 2) * each);
    assert_non_null(array);
    return array;
}

static void add_page(struct places *places, size_t at)
{
    for (size_t i = places->pages; i > 0 && i + 64 > places->pages; i--) {
        if (places->page[i - 1] == at)
            return;
    }
    places->page = grow(places->page, places->pages, sizeof *places->page);
    places->page[places->pages++] = at;
}

static void find_rows(struct raw *raw, enum gp_table table, struct places *places)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    size_t before = places->rows;

    assert_int_equal(mdb_cursor_open(raw->txn, raw->table[table], &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        places->row = grow(places->row, places->rows, sizeof *places->row);
        struct row_place *row = &places->row[places->rows++];
        *row = (struct row_place){.table = table,
                                  .key_at = (size_t)((const char *)key.mv_data - raw->map),
                                  .value_at = (size_t)((const char *)value.mv_data - raw->map),
                                  .key_len = key.mv_size,
                                  .value_len = value.mv_size};
        assert_true(key.mv_size <= sizeof row->key);
        memcpy(row->key, key.mv_data, key.mv_size);
        add_page(places, row->key_at / places->page_bytes * places->page_bytes);
    }
    mdb_cursor_close(cursor);
    if (table != GP_TABLE_JOURNAL && places->rows == before)
        fail_msg("table %s is empty", gp_table_name(table));
}

/* ---------------------------------------------------------------- the journal */

static void add_log(struct places *places, const char *file, size_t at, size_t len, uint64_t first,
                    uint64_t last, bool block)
{
    places->log = grow(places->log, places->logs, sizeof *places->log);
    struct log_place *place = &places->log[places->logs++];
    *place = (struct log_place){.at = at, .len = len, .first = first, .last = last, .block = block};
    (void)snprintf(place->file, sizeof place->file, "%s", file);
}

static int journal_of(const char *path)
{
    char folder[PATH_BYTES];

    join(folder, path, "journal");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void find_blocks(const char *path, const struct gp_file_name *name, struct places *places)
{
    char file[GP_WAL_NAME_BYTES];
    struct gp_sealed *sealed;
    int fd = journal_of(path);

    gp_name_sealed(name->a, name->b, file);
    assert_int_equal(gp_sealed_open(fd, name->a, name->b, &sealed), 0);
    size_t blocks_end = sealed->index_offset - GP_SEALED_FRAME;
    for (uint32_t i = 0; i < sealed->blocks; i++) {
        const struct gp_block *block = &sealed->block[i];
        bool last = i + 1 == sealed->blocks;
        add_log(places, file, block->offset, (last ? blocks_end : block[1].offset) - block->offset,
                block->first, last ? sealed->last : block[1].first - 1, true);
    }
    add_log(places, file, blocks_end, GP_SEALED_FRAME, 1, 0, false);
    add_log(places, file, sealed->index_offset,
            gp_sealed_tail_bytes(sealed->blocks) - GP_SEALED_FRAME, sealed->first, sealed->last,
            false);
    gp_sealed_close(sealed);
    (void)close(fd);
}

static void find_groups(const char *path, const struct gp_file_name *name, struct places *places)
{
    char file[GP_WAL_NAME_BYTES], below[PATH_BYTES];
    struct gp_segment_head head;
    struct gp_group group;

    gp_name_raw(name->a, file);
    join(below, "journal", file);
    size_t len = size_of(path, below), at = GP_SEGMENT_HEAD, first = places->logs;
    unsigned char *bytes = malloc(len);
    assert_non_null(bytes);
    place_read(path, below, 0, bytes, len);
    assert_int_equal(gp_segment_unpack(bytes, &head), 0);
    add_log(places, file, 0, GP_SEGMENT_HEAD, head.first, 0, false);
    while (gp_group_check(bytes + at, len - at, head.number, gp_salt_seed(head.salt), &group) ==
           0) {
        add_log(places, file, at, group.bytes, group.first, group.last, false);
        places->log[first].last = group.last; /* without its head nobody reads them */
        at += group.bytes;
    }
    free(bytes);
}

static void find_log(const char *path, struct places *places)
{
    struct gp_wal log = {.folder_fd = journal_of(path), .looks = true};
    struct gp_folder folder;

    assert_int_equal(gp_folder_list(&log, &folder), 0);
    assert_true(folder.sealeds > 1);
    assert_true(folder.raws > 0);
    for (size_t i = 0; i < folder.sealeds; i++)
        find_blocks(path, &folder.sealed[i], places);
    for (size_t i = 0; i < folder.raws; i++)
        find_groups(path, &folder.raw[i], places);
    gp_folder_free(&folder);
    (void)close(log.folder_fd);
}

void places_find(const char *path, struct places *ret_places)
{
    struct raw raw = {0};

    *ret_places = (struct places){.page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    assert_int_equal(open_raw(path, &raw), 0);
    raw.map = find_map();
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        find_rows(&raw, (enum gp_table)table, ret_places);
    close_raw(&raw);
    find_log(path, ret_places);
}

struct row_place place_of_row(const char *path, enum gp_table table, struct gp_span key)
{
    MDB_val mdb_key = {.mv_size = key.len, .mv_data = (void *)(uintptr_t)key.ptr}, value;
    struct row_place row = {.table = table};
    struct raw raw = {0};

    assert_int_equal(open_raw(path, &raw), 0);
    assert_int_equal(mdb_get(raw.txn, raw.table[table], &mdb_key, &value), 0);
    row.value_at = (size_t)((const char *)value.mv_data - find_map());
    row.value_len = value.mv_size;
    close_raw(&raw);
    return row;
}

void places_free(struct places *places)
{
    free(places->row);
    free(places->log);
    free(places->page);
}

/* ---------------------------------------------------------------- what is still there */

/* Every row of one is found in the other, walking and by its key, and there are as many. */
static bool same_table(struct raw *a, struct raw *b, int table)
{
    MDB_val key, value, other;
    MDB_cursor *cursor;
    MDB_stat is, should;
    size_t rows = 0;
    bool same = mdb_cursor_open(a->txn, a->table[table], &cursor) == 0;

    if (!same || mdb_stat(a->txn, a->table[table], &is) != 0 ||
        mdb_stat(b->txn, b->table[table], &should) != 0)
        return false;
    while (same && rows <= should.ms_entries &&
           mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        same =
            mdb_get(b->txn, b->table[table], &key, &other) == 0 && other.mv_size == value.mv_size &&
            memcmp(other.mv_data, value.mv_data, value.mv_size) == 0 &&
            mdb_get(a->txn, a->table[table], &key, &other) == 0 && other.mv_data == value.mv_data;
        rows++;
    }
    return same && rows == should.ms_entries && is.ms_entries == should.ms_entries;
}

static bool reads_like(const char *path, const char *other)
{
    struct raw a = {0}, b = {0};

    if (open_raw(path, &a) != 0 || open_raw(other, &b) != 0)
        return false;
    for (int table = 0; table < GP_TABLE_COUNT; table++) {
        if (!same_table(&a, &b, table))
            return false;
    }
    return true;
}

bool place_reads_like(const char *path, const char *other)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka's would go on with the test */
        (void)signal(SIGBUS, SIG_DFL);
        (void)signal(SIGABRT, SIG_DFL);
        (void)alarm(20);
        _exit(reads_like(path, other) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool read_block(const char *path, const struct log_place *place,
                       struct gp_unpacker *unpacker, struct gp_chunk *ret_chunk)
{
    struct gp_file_name name = gp_name_parse(place->file);
    struct gp_sealed *sealed;
    int fd = journal_of(path);
    bool is = gp_sealed_open(fd, name.a, name.b, &sealed) == 0;

    if (is) {
        is = gp_sealed_chunk(unpacker, sealed, place->first, ret_chunk) == 0;
        gp_sealed_close(sealed);
    }
    (void)close(fd);
    return is;
}

bool place_same_block(const char *path, const char *other, const struct log_place *place)
{
    struct gp_unpacker *a, *b;
    struct gp_chunk is, should;

    assert_int_equal(gp_unpacker_open(&a), 0);
    assert_int_equal(gp_unpacker_open(&b), 0);
    bool same = read_block(path, place, a, &is) && read_block(other, place, b, &should);
    if (same) {
        size_t len = (size_t)(should.records.end - should.records.at);
        same = (size_t)(is.records.end - is.records.at) == len &&
               memcmp(is.records.at, should.records.at, len) == 0;
    }
    gp_unpacker_close(a);
    gp_unpacker_close(b);
    return same;
}
