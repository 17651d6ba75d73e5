/* The model of the disk: what must be there, what may be, and what never is. */
#include "power/disk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ITEMS_MAX 64
#define CHOICES   2000
#define FILE_LEN  (4 * DISK_SECTOR)

static struct trace_item items[ITEMS_MAX];
static struct trace trace;
static struct disk disk;
static struct image image;
static uint32_t calls;
static unsigned char ones[FILE_LEN], twos[FILE_LEN];

static void add(enum record_kind kind, struct record head, const void *bytes)
{
    assert_in_range(trace.count, 0, ITEMS_MAX - 1);
    head.kind = kind;
    items[trace.count++] = (struct trace_item){head, bytes};
}

static void add_path(enum record_kind kind, uint32_t handle, const char *path)
{
    add(kind, (struct record){.handle = handle, .at = O_CREAT}, path);
}

static uint32_t begin_write(uint32_t handle, uint64_t at, uint64_t size, const void *bytes)
{
    add(RECORD_WRITE,
        (struct record){.call = ++calls,
                        .handle = handle,
                        .at = at,
                        .size = size,
                        .len = bytes != NULL ? (uint32_t)size : 0},
        bytes);
    return calls;
}

static uint32_t begin_sync(uint32_t handle)
{
    add(RECORD_SYNC, (struct record){.call = ++calls, .handle = handle}, NULL);
    return calls;
}

static void end(uint32_t call, uint64_t result)
{
    add(RECORD_END, (struct record){.call = call, .at = result}, NULL);
}

static void write_all(uint32_t handle, uint64_t at, uint64_t size, const void *bytes)
{
    end(begin_write(handle, at, size, bytes), size);
}

static void sync_all(uint32_t handle)
{
    end(begin_sync(handle), 0);
}

/* Handle 1 is the root, 2 its file "a". */
static int begin(void **state)
{
    (void)state;
    trace = (struct trace){.item = items, .path = "a trace"};
    calls = 0;
    memset(ones, 1, sizeof ones);
    memset(twos, 2, sizeof twos);
    add_path(RECORD_OPEN, 1, "");
    add_path(RECORD_OPEN, 2, "a");
    return 0;
}

static void cut_at_end(void)
{
    disk_open(&disk, &trace);
    disk_advance(&disk, trace.count);
    image_open(&image);
}

static int finish(void **state)
{
    (void)state;
    disk_close(&disk);
    image_close(&image);
    return 0;
}

static const struct image_file *find(const char *path)
{
    for (size_t i = 0; i < image.count; i++) {
        if (strcmp(image.file[i].path, path) == 0)
            return &image.file[i];
    }
    return NULL;
}

/* A sector's byte where all of them are the same; -1: mixed; -2: behind the file's end. */
static int sector(const struct image_file *file, size_t number)
{
    const unsigned char *bytes = file->bytes + number * DISK_SECTOR;

    if (file->len < (number + 1) * DISK_SECTOR)
        return -2;
    return memcmp(bytes, bytes + 1, DISK_SECTOR - 1) == 0 ? bytes[0] : -1;
}

static void what_is_synced_is_there(void **state)
{
    (void)state;
    write_all(2, 0, FILE_LEN, ones);
    sync_all(2);
    sync_all(1);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        assert_non_null(find("a"));
        assert_int_equal(find("a")->len, FILE_LEN);
        assert_memory_equal(find("a")->bytes, ones, FILE_LEN);
    }
}

/* Each sector of a write is there or not, and every mixture of four comes up. */
static void what_is_not_synced_is_torn_at_sectors(void **state)
{
    bool seen[16] = {false};

    (void)state;
    write_all(2, 0, FILE_LEN, ones);
    sync_all(2);
    sync_all(1);
    write_all(2, 0, FILE_LEN, twos);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        unsigned pattern = 0;
        image_choose(&image, &disk, choice);
        for (unsigned i = 0; i < 4; i++) {
            int byte = sector(find("a"), i);
            assert_in_range(byte, 1, 2);
            pattern |= (byte == 2 ? 1u : 0u) << i;
        }
        seen[pattern] = true;
    }
    for (unsigned i = 0; i < 16; i++)
        assert_true(seen[i]);
}

static void sync_covers_what_had_returned_before_it_began(void **state)
{
    bool missing = false, early = false;

    (void)state;
    uint32_t write = begin_write(2, 0, FILE_LEN, ones);
    uint32_t sync = begin_sync(2);
    end(write, FILE_LEN);
    end(sync, 0);
    write_all(2, 0, DISK_SECTOR, twos);
    (void)begin_sync(2); /* under way: it promises nothing */
    sync_all(1);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        missing |= find("a")->len == 0;
        early |= find("a")->len == FILE_LEN && sector(find("a"), 0) == 1;
    }
    assert_true(missing);
    assert_true(early);
}

/* The size comes by itself, and what it shows of bytes that did not come is zeros. */
static void size_and_bytes_come_apart(void **state)
{
    bool zeros = false, shorter = false, whole = false;

    (void)state;
    write_all(2, 0, DISK_SECTOR, ones);
    sync_all(2);
    sync_all(1);
    write_all(2, DISK_SECTOR, DISK_SECTOR, twos);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        assert_int_equal(sector(find("a"), 0), 1);
        int second = sector(find("a"), 1);
        assert_true(second == 0 || second == 2 || find("a")->len == DISK_SECTOR);
        zeros |= second == 0;
        whole |= second == 2;
        shorter |= second == -2;
    }
    assert_true(zeros && shorter && whole);
}

/* Within a sector a later write is never there without the earlier one. */
static void sector_is_what_it_was_at_some_time(void **state)
{
    (void)state;
    write_all(2, 0, DISK_SECTOR, NULL);
    sync_all(2);
    sync_all(1);
    write_all(2, 0, 100, ones);
    write_all(2, 100, 100, twos);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        const unsigned char *bytes = find("a")->bytes;
        assert_true(bytes[0] == 1 || bytes[100] == 0);
        assert_int_equal(bytes[0], bytes[99]);
        assert_int_equal(bytes[100], bytes[199]);
    }
}

static void rename_is_whole_and_waits_for_the_folder(void **state)
{
    bool old = false, new = false;

    (void)state;
    sync_all(1);
    add(RECORD_RENAME, (struct record){0}, "a\0b");
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        assert_int_equal(image.count, 1);
        old |= find("a") != NULL;
        new |= find("b") != NULL;
    }
    assert_true(old && new);
}

static void name_of_a_synced_file_may_be_missing(void **state)
{
    bool missing = false;

    (void)state;
    write_all(2, 0, FILE_LEN, ones);
    sync_all(2);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        missing |= image.count == 0;
    }
    assert_true(missing);
}

/* A removal of what was made needs the making; removed and synced, it is gone. */
static void names_come_in_their_order(void **state)
{
    (void)state;
    add(RECORD_UNLINK, (struct record){0}, "a");
    add_path(RECORD_OPEN, 3, "a");
    write_all(3, 0, DISK_SECTOR, ones);
    sync_all(3);
    sync_all(1);
    add(RECORD_UNLINK, (struct record){0}, "a");
    sync_all(1);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        assert_int_equal(image.count, 0);
    }
}

static void same_choice_same_state(void **state)
{
    (void)state;
    write_all(2, 0, FILE_LEN, ones);
    write_all(2, 0, FILE_LEN, twos);
    cut_at_end();
    for (uint64_t choice = 0; choice < CHOICES; choice++) {
        image_choose(&image, &disk, choice);
        uint64_t hash = image.hash;
        image_choose(&image, &disk, choice + 1);
        image_choose(&image, &disk, choice);
        assert_int_equal(image.hash, hash);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_synced_is_there),
        TEST(what_is_not_synced_is_torn_at_sectors),
        TEST(sync_covers_what_had_returned_before_it_began),
        TEST(size_and_bytes_come_apart),
        TEST(sector_is_what_it_was_at_some_time),
        TEST(rename_is_whole_and_waits_for_the_folder),
        TEST(name_of_a_synced_file_may_be_missing),
        TEST(names_come_in_their_order),
        TEST(same_choice_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
