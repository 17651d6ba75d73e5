#include "store/log/fixture.h"

#include "base/bytes.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

int make_box(void **state)
{
    struct box *box = calloc(1, sizeof *box);

    assert_non_null(box);
    (void)snprintf(box->path, sizeof box->path, "/tmp/gridpost-log-XXXXXX");
    assert_non_null(mkdtemp(box->path));
    box->folder = open(box->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(box->folder >= 0);
    box->options = (struct gp_wal_options){.segment_bytes = SEGMENT_BYTES, .create = true};
    *state = box;
    return 0;
}

/* Calls for each file; the log has no folders in its own. */
static void each_file(const struct box *box, void (*call)(const struct box *, const char *, void *),
                      void *context)
{
    const struct dirent *entry;
    DIR *folder = opendir(box->path);

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            call(box, entry->d_name, context);
    }
    assert_int_equal(closedir(folder), 0);
}

static void remove_file(const struct box *box, const char *name, void *unused)
{
    (void)unused;
    assert_int_equal(unlinkat(box->folder, name, 0), 0);
}

int remove_box(void **state)
{
    struct box *box = *state;

    close_log(box);
    each_file(box, remove_file, NULL);
    (void)close(box->folder);
    assert_int_equal(rmdir(box->path), 0);
    free(box);
    return 0;
}

int try_open(struct box *box, const struct gp_wal_mark *from)
{
    assert_null(box->log);
    return gp_wal_open(box->folder, &box->options, from, &box->log, &box->found);
}

void open_log(struct box *box, const struct gp_wal_mark *from)
{
    assert_int_equal(try_open(box, from), 0);
}

struct gp_wal_reader *reader_of(struct box *box, bool with_group)
{
    struct gp_wal_reader **reader = &box->readers[box->reader_count];

    assert_true(box->reader_count < sizeof box->readers / sizeof box->readers[0]);
    assert_int_equal(gp_wal_reader_open(box->log, with_group, reader), 0);
    box->reader_count++;
    return *reader;
}

void drop_readers(struct box *box)
{
    while (box->reader_count > 0)
        gp_wal_reader_close(box->readers[--box->reader_count]);
}

void close_log(struct box *box)
{
    drop_readers(box);
    gp_wal_close(box->log);
    box->log = NULL;
}

/* ---------------------------------------------------------------- what is written */

static char *next_text(void)
{
    static _Thread_local char texts[4][512];
    static _Thread_local unsigned at;

    return texts[at++ % 4];
}

struct gp_span entry_of(uint64_t seq)
{
    char *text = next_text();
    size_t len = 8 + (size_t)(seq * 37 % 293);
    uint32_t noise = (uint32_t)seq * 2654435761u;

    gp_put_u64((unsigned char *)text, seq);
    for (size_t i = 8; i < len; i++) {
        noise = noise * 1664525u + 1013904223u;
        text[i] = i % 3 == 0 ? (char)(noise >> 24) : (char)('a' + i % 16);
    }
    return (struct gp_span){text, len};
}

struct gp_span side_of(unsigned n)
{
    char *text = next_text();
    int len = snprintf(text, 512, "secret %u of a resident, %*d", n, (int)(n % 90), 7);

    return (struct gp_span){text, (size_t)len};
}

void add_entries(struct box *box, unsigned count)
{
    uint64_t head, seq;

    gp_wal_head(box->log, &head, NULL);
    for (unsigned i = 1; i <= count; i++) {
        assert_int_equal(gp_wal_entry(box->log, entry_of(head + i), &seq), 0);
        assert_int_equal(seq, head + i);
    }
}

void sync_group(struct box *box)
{
    assert_true(gp_wal_pending(box->log));
    assert_int_equal(gp_wal_write(box->log), 0);
    assert_int_equal(gp_wal_sync(box->log), 0);
    assert_false(gp_wal_pending(box->log));
}

void put_group(struct box *box, unsigned entries, unsigned sides)
{
    if (entries > 1)
        add_entries(box, entries - 1);
    for (unsigned i = 0; i < sides; i++)
        assert_int_equal(gp_wal_side(box->log, side_of(i)), 0);
    if (entries > 0)
        add_entries(box, 1);
    sync_group(box);
}

void put_long(struct box *box, size_t group_bytes)
{
    size_t len = group_bytes - GP_GROUP_HEAD - GP_RECORD_HEAD;
    char *text = malloc(len);
    uint64_t seq;

    assert_non_null(text);
    memset(text, 'x', len);
    assert_int_equal(gp_wal_entry(box->log, (struct gp_span){text, len}, &seq), 0);
    free(text);
    sync_group(box);
}

struct gp_wal_mark mark_of(const struct box *box)
{
    struct gp_wal_mark mark;

    gp_wal_mark(box->log, &mark);
    return mark;
}

void chain_of(uint64_t seq, unsigned char ret_hash[32])
{
    unsigned char input[32 + 8 + 512] = {0}, hash[32] = {0};

    for (uint64_t i = 1; i <= seq; i++) {
        struct gp_span entry = entry_of(i);
        memcpy(input, hash, 32);
        gp_put_u64(input + 32, i);
        memcpy(input + 40, entry.ptr, entry.len);
        assert_int_equal(crypto_generichash(hash, 32, input, 40 + entry.len, NULL, 0), 0);
    }
    memcpy(ret_hash, hash, 32);
}

static void assert_entry(struct gp_wal_reader *reader, uint64_t seq)
{
    struct gp_span entry, expected = entry_of(seq);

    assert_int_equal(gp_wal_get(reader, seq, &entry), 0);
    assert_int_equal(entry.len, expected.len);
    assert_memory_equal(entry.ptr, expected.ptr, entry.len);
}

void assert_entries(struct box *box, uint64_t from, uint64_t to)
{
    struct gp_wal_reader *reader = reader_of(box, false);
    unsigned char hash[32], expected[32];
    uint64_t bad;

    for (uint64_t seq = from; seq <= to; seq++)
        assert_entry(reader, seq);
    for (uint64_t seq = to; seq >= from; seq--)
        assert_entry(reader, seq);
    for (uint64_t seq = to; seq >= from && seq + 3 > to; seq--) {
        assert_int_equal(gp_wal_hash(reader, seq, hash), 0);
        chain_of(seq, expected);
        assert_memory_equal(hash, expected, 32);
    }
    assert_int_equal(gp_wal_verify(reader, from, to, &bad), 0);
    drop_readers(box);
}

/* ---------------------------------------------------------------- the folder */

bool has_file(const struct box *box, const char *name)
{
    return faccessat(box->folder, name, F_OK, 0) == 0;
}

struct count {
    const char *suffix;
    unsigned files;
};

static void count_file(const struct box *box, const char *name, void *context)
{
    struct count *count = context;
    size_t len = strlen(name), suffix = strlen(count->suffix);

    (void)box;
    if (len >= suffix && strcmp(name + len - suffix, count->suffix) == 0)
        count->files++;
}

unsigned count_files(const struct box *box, const char *suffix)
{
    struct count count = {suffix, 0};

    each_file(box, count_file, &count);
    return count.files;
}

unsigned char *slurp(const struct box *box, const char *name, size_t *ret_len)
{
    int fd = openat(box->folder, name, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    unsigned char *bytes;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    *ret_len = (size_t)stat.st_size;
    bytes = malloc(*ret_len + 1);
    assert_non_null(bytes);
    assert_int_equal(gp_disk_read(fd, bytes, *ret_len, 0), 0);
    (void)close(fd);
    return bytes;
}

static void write_at(const struct box *box, const char *name, int flags, size_t offset,
                     const void *bytes, size_t len)
{
    int fd = openat(box->folder, name, flags | O_WRONLY | O_CLOEXEC, 0600);
    size_t written;

    assert_true(fd >= 0);
    assert_int_equal(gp_disk_write(fd, bytes, len, offset, &written), 0);
    if ((flags & O_CREAT) != 0) /* O_TRUNC would make ext4 write it at once when it is closed */
        assert_int_equal(ftruncate(fd, (off_t)len), 0);
    (void)close(fd);
}

void spill(const struct box *box, const char *name, const unsigned char *bytes, size_t len)
{
    write_at(box, name, O_CREAT, 0, bytes, len);
}

void poke(const struct box *box, const char *name, size_t offset, const void *bytes, size_t len)
{
    write_at(box, name, 0, offset, bytes, len);
}

struct needle {
    const char *text;
    bool found;
};

static void look_into(const struct box *box, const char *name, void *context)
{
    struct needle *needle = context;
    size_t len;
    unsigned char *bytes = slurp(box, name, &len);

    if (memmem(bytes, len, needle->text, strlen(needle->text)) != NULL)
        needle->found = true;
    free(bytes);
}

bool folder_has(const struct box *box, const char *text)
{
    struct needle needle = {text, false};

    each_file(box, look_into, &needle);
    return needle.found;
}
