/* Checking a log that nobody has open: a file is missing, one too many, too long, or none of it. */
#include "store/log/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEALED    3 /* segments 1 to 3 are sealed, and those up to LAST are not */
#define LAST      6
#define FLAWS_MAX 16

static uint64_t first[LAST + 2]; /* entry of each segment, and of what would be behind them */
static struct gp_wal_checked right;

static struct gp_wal_flaw told[FLAWS_MAX];
static unsigned told_count, looked;

/* ---------------------------------------------------------------- the log */

static void note(void *context, const struct gp_wal_flaw *flaw)
{
    (void)context;
    assert_true(told_count < FLAWS_MAX);
    told[told_count++] = *flaw;
}

static void look(void *context, uint64_t seq)
{
    (void)context;
    (void)seq;
    looked++;
}

static struct gp_wal_checked check(const struct box *box)
{
    const struct gp_wal_check options = {.flaw = note, .progress = look};
    struct gp_wal_checked checked;

    told_count = looked = 0;
    assert_int_equal(gp_wal_check(box->folder, &options, &checked), 0);
    assert_true(looked > 0);
    return checked;
}

static void fill_to(struct box *box, uint64_t number)
{
    while (mark_of(box).segment < number) {
        uint64_t before = gp_wal_synced(box->log), segment = mark_of(box).segment;
        put_group(box, 5, 1);
        if (mark_of(box).segment != segment)
            first[mark_of(box).segment] = before + 1;
    }
}

static int make_log(void **state)
{
    int rc = make_box(state);
    struct box *box = *state;

    open_log(box, NULL);
    first[1] = 1;
    fill_to(box, SEALED + 1);
    struct gp_wal_mark mark = mark_of(box);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    fill_to(box, LAST);
    put_group(box, 5, 1);
    first[LAST + 1] = gp_wal_synced(box->log) + 1;
    close_log(box);
    right = check(box);
    assert_int_equal(told_count, 0);
    assert_int_equal(right.last + 1, first[LAST + 1]);
    assert_int_equal(right.entries, right.last);
    assert_int_equal(count_files(box, ".seg"), SEALED);
    return rc;
}

static const char *sealed(unsigned number)
{
    static char name[2][GP_WAL_NAME_BYTES];

    gp_name_sealed(first[number], first[number + 1] - 1, name[number % 2]);
    return name[number % 2];
}

static const char *raw(unsigned number)
{
    static char name[2][GP_WAL_NAME_BYTES];

    gp_name_raw(number, name[number % 2]);
    return name[number % 2];
}

static void drop(const struct box *box, const char *name)
{
    assert_int_equal(unlinkat(box->folder, name, 0), 0);
}

/* Writes the file anew, so many bytes longer, or shorter. */
static void resize(const struct box *box, const char *name, long by)
{
    size_t len;
    unsigned char *bytes = slurp(box, name, &len);
    unsigned char *other = calloc(1, len + (size_t)labs(by));

    assert_non_null(other);
    memcpy(other, bytes, len);
    drop(box, name);
    spill(box, name, other, (size_t)((long)len + by));
    free(other);
    free(bytes);
}

static void assert_told(unsigned at, const char *file, const char *what, uint64_t from, uint64_t to)
{
    assert_true(at < told_count);
    assert_string_equal(told[at].file, file);
    assert_string_equal(told[at].what, what);
    assert_int_equal(told[at].first, from);
    assert_int_equal(told[at].last, to);
}

/* All but these entries are whole, up to the last one. */
static void assert_rest(const struct gp_wal_checked *checked, uint64_t lost)
{
    assert_int_equal(checked->entries, right.entries - lost);
    assert_int_equal(checked->last, right.last);
    assert_memory_equal(checked->hash, right.hash, sizeof right.hash);
}

/* ---------------------------------------------------------------- sealed ones */

static void a_sealed_file_is_missing(void **state)
{
    struct box *box = *state;

    for (unsigned number = 1; number < SEALED; number++) {
        size_t len;
        unsigned char *bytes = slurp(box, sealed(number), &len);
        drop(box, sealed(number));
        struct gp_wal_checked checked = check(box);
        assert_int_equal(told_count, 1);
        assert_told(0, sealed(number + 1), "a file before it is missing", first[number],
                    first[number + 1] - 1);
        assert_rest(&checked, first[number + 1] - first[number]);
        spill(box, sealed(number), bytes, len);
        free(bytes);
    }
}

static void two_files_have_the_same_entries(void **state)
{
    struct box *box = *state;
    char other[GP_WAL_NAME_BYTES];
    size_t len;
    unsigned char *bytes = slurp(box, sealed(2), &len);

    gp_name_sealed(first[2] + 1, first[3] - 1, other);
    spill(box, other, bytes, len);
    free(bytes);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, other, "another file has its entries", first[2] + 1, first[3] - 1);
    assert_rest(&checked, 0);
}

static void a_sealed_file_ends_early(void **state)
{
    struct box *box = *state;

    resize(box, sealed(2), -8);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, sealed(2), "its index or its trailer is damaged", first[2], first[3] - 1);
    assert_rest(&checked, first[3] - first[2]);
}

/* ---------------------------------------------------------------- raw ones */

static void a_raw_file_is_missing(void **state)
{
    struct box *box = *state;

    drop(box, raw(5));
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, raw(6), "it does not begin where the one before it ended", first[5],
                first[6] - 1);
    assert_rest(&checked, first[6] - first[5]);
}

/* The head's number ties two segments together also where no entry is missing. */
static void a_raw_file_has_the_name_of_another(void **state)
{
    struct box *box = *state;

    assert_int_equal(renameat(box->folder, raw(5), box->folder, raw(4)), 0);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, raw(4), "its head is damaged", first[4], first[6] - 1);
    assert_rest(&checked, first[6] - first[4]);
}

static void a_raw_file_is_longer(void **state)
{
    struct box *box = *state;

    resize(box, raw(5), 4096);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_string_equal(told[0].file, raw(5));
    assert_string_equal(told[0].what, "the file is not as long as it was");
    assert_true(told[0].first > told[0].last); /* no entry is lost */
    assert_rest(&checked, 0);
}

static void a_raw_file_has_no_head(void **state)
{
    struct box *box = *state;

    poke(box, raw(4), 0, "\0\0\0\0\0\0\0\0", 8);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, raw(4), "its head is damaged", first[4], first[5] - 1);
    assert_rest(&checked, first[5] - first[4]);
}

/* Nobody says where it would have ended. */
static void the_newest_file_is_empty(void **state)
{
    struct box *box = *state;

    drop(box, raw(LAST));
    spill(box, raw(LAST), NULL, 0);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, raw(LAST), "its head is damaged", first[LAST], UINT64_MAX);
    assert_int_equal(checked.last, first[LAST] - 1);
}

/* The next whole one is found behind it. */
static void a_group_is_damaged(void **state)
{
    static const unsigned char zeros[GP_GROUP_HEAD];
    struct box *box = *state;
    struct gp_wal_checked checked;

    poke(box, raw(5), GP_SEGMENT_HEAD, zeros, 1);
    checked = check(box);
    assert_int_equal(told_count, 1);
    assert_told(0, raw(5), "a group is damaged", first[5], first[5] + 4);
    assert_rest(&checked, 5);
}

/* A torn tail is no flaw by itself; whoever knows the tables judges. */
static void the_newest_ends_in_other_bytes(void **state)
{
    struct box *box = *state;
    size_t len, end = GP_SEGMENT_HEAD;
    unsigned char *bytes = slurp(box, raw(LAST), &len);

    for (size_t at = GP_SEGMENT_HEAD; at < len; at++)
        end = bytes[at] != 0 ? (at / 8 + 1) * 8 : end;
    free(bytes);
    poke(box, raw(LAST), end + 64, "torn", 4);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 0);
    assert_string_equal(checked.tail_name, raw(LAST));
    assert_int_equal(checked.tail_offset, end);
    assert_rest(&checked, 0);
}

/* ---------------------------------------------------------------- what is ahead */

/* Its head is zeros, so the log would take it for one, and write before what is there. */
static void a_spare_is_not_zeros(void **state)
{
    struct box *box = *state;
    char name[GP_WAL_NAME_BYTES];
    unsigned char *zeros = calloc(1, GP_SEGMENT_BYTES);

    assert_non_null(zeros);
    gp_name_spare(0, name);
    spill(box, name, zeros, GP_SEGMENT_BYTES);
    free(zeros);
    (void)check(box);
    assert_int_equal(told_count, 0);
    poke(box, name, 70000, "x", 1);
    struct gp_wal_checked checked = check(box);
    assert_int_equal(told_count, 1);
    assert_string_equal(told[0].file, name);
    assert_string_equal(told[0].what, "a spare segment is not zeros");
    assert_int_equal(told[0].offset, 70000);
    assert_true(told[0].first > told[0].last);
    assert_rest(&checked, 0);
}

#define LOG(name) cmocka_unit_test_setup_teardown(name, make_log, remove_box)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG(a_sealed_file_is_missing),
        LOG(two_files_have_the_same_entries),
        LOG(a_sealed_file_ends_early),
        LOG(a_raw_file_is_missing),
        LOG(a_raw_file_has_the_name_of_another),
        LOG(a_raw_file_is_longer),
        LOG(a_raw_file_has_no_head),
        LOG(the_newest_file_is_empty),
        LOG(a_group_is_damaged),
        LOG(the_newest_ends_in_other_bytes),
        LOG(a_spare_is_not_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
