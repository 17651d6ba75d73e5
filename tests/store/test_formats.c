/* Stores of older formats are brought up when they are opened, whenever that is cut short. */
#include "store/fixture.h"

#include "base/bytes.h"

#include <ftw.h>
#include <glob.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int remove_one(const char *name, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(name);
}

/* Up to format 3 the journal was a table: hash before, entry, checksum. */
static void put_row(const struct raw *raw, uint64_t seq, const unsigned char before[32],
                    struct gp_span entry)
{
    unsigned char key[8], row[32 + 16 + 4];
    MDB_val mdb_key = {.mv_size = 8, .mv_data = key};
    MDB_val value = {.mv_size = 32 + entry.len + 4, .mv_data = row};
    uint64_t sum;

    gp_put_u64(key, seq);
    memcpy(row, before, 32);
    memcpy(row + 32, entry.ptr, entry.len);
    sum = XXH3_64bits_withSeed(key, sizeof key, GP_TABLE_JOURNAL);
    gp_put_u32(row + 32 + entry.len, (uint32_t)XXH3_64bits_withSeed(row, 32 + entry.len, sum));
    assert_int_equal(mdb_put(raw->txn, raw->table, &mdb_key, &value, 0), 0);
}

#define OLD_ENTRIES 2000 /* none is left over for a last group */

/* Entry `seq` and the chain's hash behind it. */
static struct gp_span old_entry(uint64_t seq, unsigned char hash[32])
{
    static char text[16];
    unsigned char input[32 + 8 + sizeof text];
    int len = snprintf(text, sizeof text, "entry %u", (unsigned)seq);

    memcpy(input, hash, 32);
    gp_put_u64(input + 32, seq);
    memcpy(input + 40, text, (size_t)len);
    assert_int_equal(crypto_generichash(hash, 32, input, 40 + (size_t)len, NULL, 0), 0);
    return (struct gp_span){text, (size_t)len};
}

static void put_journal(uint64_t from_seq)
{
    unsigned char hash[32] = {0};
    struct raw raw;

    raw_begin(&raw, "journal");
    for (uint64_t seq = 1; seq <= OLD_ENTRIES; seq++) {
        unsigned char before[32];
        memcpy(before, hash, sizeof before);
        struct gp_span entry = old_entry(seq, hash);
        if (seq >= from_seq)
            put_row(&raw, seq, before, entry);
    }
    raw_end(&raw);
}

static uint64_t rows_in_table(void)
{
    struct raw raw;
    MDB_stat stat;

    raw_begin(&raw, "journal");
    assert_int_equal(mdb_stat(raw.txn, raw.table, &stat), 0);
    raw_end(&raw);
    return stat.ms_entries;
}

/* A store of format 1 lacks the tables from `link` on, one of format 2 those from `device` on, one
 * of format 3 by_state; none of them has a log. */
static void make_older(int format)
{
    static const char *const newer[] = {"by_state", "device", "device_key", "link",    "strike",
                                        "on_spot",  "leave",  "tenure",     "personal"};
    static const size_t lacks[] = {0, 9, 3, 1};
    const char byte = (char)format;
    char name[120];

    put_meta("format", (struct gp_span){&byte, 1});
    for (size_t i = 0; i < lacks[format]; i++) {
        struct raw raw;
        raw_begin(&raw, newer[i]);
        assert_int_equal(mdb_drop(raw.txn, raw.table, 1), 0);
        raw_end(&raw);
    }
    (void)snprintf(name, sizeof name, "%s/journal", store_path);
    assert_int_equal(nftw(name, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    put_journal(1);
}

static void find_journal(struct gp_store *store)
{
    struct gp_txn *txn = look(store);
    unsigned char expected[32] = {0}, hash[32];
    struct gp_span entry;
    uint64_t head, bad;

    for (uint64_t seq = 1; seq <= OLD_ENTRIES; seq++) {
        struct gp_span old = old_entry(seq, expected);
        assert_int_equal(gp_journal_get(txn, seq, &entry), 0);
        assert_true(gp_span_equal(entry, old));
    }
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    assert_int_equal(head, OLD_ENTRIES);
    assert_memory_equal(hash, expected, sizeof hash);
    assert_int_equal(gp_journal_verify(txn, 1, head, &bad), 0);
    gp_txn_abort(txn);
}

static void put_rows_of_every_format(struct gp_store *store)
{
    static const unsigned char key[GP_KEY_BYTES] = {7};
    struct gp_txn *txn = begin(store);
    struct gp_span format;

    assert_int_equal(gp_meta_get(txn, "format", &format), 0);
    assert_true(gp_span_is(format, "\x04"));
    assert_int_equal(gp_link_put(txn, 7, 9), 0);
    assert_int_equal(gp_by_state_put(txn, &(struct gp_state_row){.mark = 3, .id = 9}), 0);
    assert_int_equal(gp_device_put(txn, 3, GP_SPAN("record")), 0);
    assert_int_equal(gp_device_key_put(txn, key, 3), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
}

static void find_rows_of_every_format(struct gp_store *store)
{
    static const unsigned char key[GP_KEY_BYTES] = {7}, other[GP_KEY_BYTES] = {7, 1};
    struct gp_txn *txn = look(store);
    struct gp_span record;
    uint64_t id;

    assert_int_equal(gp_incident_get(txn, 5, &record), 0);
    assert_true(gp_span_is(record, "before"));
    assert_int_equal(gp_link_next(txn, 7, 0, &id), 0);
    assert_int_equal(id, 9);
    assert_int_equal(gp_device_get(txn, 3, &record), 0);
    assert_true(gp_span_is(record, "record"));
    assert_int_equal(gp_device_key_get(txn, key, &id), 0);
    assert_int_equal(id, 3);
    assert_int_equal(gp_device_key_get(txn, other, &id), GP_ENOTFOUND);
    gp_txn_abort(txn);
}

/* Whether the log has sealed segments: what was moved does not pile up in raw ones. */
static bool has_sealed(void)
{
    char pattern[120];
    glob_t found;

    (void)snprintf(pattern, sizeof pattern, "%s/journal/*.seg", store_path);
    int rc = glob(pattern, 0, NULL, &found);
    if (rc == 0)
        globfree(&found);
    return rc == 0;
}

static void brought_up_from(int format)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    assert_int_equal(gp_incident_put(txn, 5, GP_SPAN("before")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    make_older(format);
    assert_int_equal(try_open(true, true), GP_EMODE); /* and is left as it was */
    store = open_as(false);
    put_rows_of_every_format(store);
    gp_store_close(store);
    store = open_as(false);
    find_rows_of_every_format(store);
    find_journal(store);
    gp_store_close(store);
    assert_int_equal(rows_in_table(), 0);
    assert_true(has_sealed());
}

static void the_first_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(1);
}

static void the_second_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(2);
}

static void the_third_format_is_brought_up(void **state)
{
    (void)state;
    brought_up_from(3);
}

/* Killed while it emptied the table: the next start goes on. */
static void emptying_the_old_journal_goes_on(void **state)
{
    (void)state;
    gp_store_close(open_as(false));
    make_older(3);
    gp_store_close(open_as(false));
    put_journal(OLD_ENTRIES - 5);
    assert_int_equal(rows_in_table(), 6);
    struct gp_store *store = open_as(false);
    find_journal(store);
    gp_store_close(store);
    assert_int_equal(rows_in_table(), 0);
}

/* Killed while it wrote the log, before the format was: what it wrote is no journal. */
static void bringing_up_begins_anew(void **state)
{
    static const char old = 3;

    (void)state;
    gp_store_close(open_as(false));
    make_older(3);
    gp_store_close(open_as(false));
    put_meta("format", (struct gp_span){&old, 1});
    put_journal(1);
    struct gp_store *store = open_as(false);
    find_journal(store);
    gp_store_close(store);
}

/* What is in the log already need not be whole in the table. */
static void emptying_does_not_look_at_rows(void **state)
{
    unsigned char key[8] = {0, 0, 0, 0, 0, 0, 7, OLD_ENTRIES & 0xff};
    unsigned char damaged[] = {1, 2, 3, 4, 5, 6, 7};
    MDB_val mdb_key = {.mv_size = sizeof key, .mv_data = key};
    MDB_val value = {.mv_size = sizeof damaged, .mv_data = damaged};
    struct raw raw;

    (void)state;
    gp_store_close(open_as(false));
    make_older(3);
    gp_store_close(open_as(false));
    put_journal(OLD_ENTRIES - 5);
    raw_begin(&raw, "journal");
    assert_int_equal(mdb_put(raw.txn, raw.table, &mdb_key, &value, 0), 0);
    raw_end(&raw);
    struct gp_store *store = open_as(false);
    find_journal(store);
    gp_store_close(store);
    assert_int_equal(rows_in_table(), 0);
}

static void on_flaw(void *context, const struct gp_log_flaw *flaw)
{
    (void)context;
    fail_msg("%s at %u: %s", flaw->file, (unsigned)flaw->offset, flaw->what);
}

/* An old data file, of a backup, beside the journal that went on: both stay as they are. */
static void a_journal_that_went_on_is_not_lost(void **state)
{
    static const char old = 3;
    const struct gp_log_check check = {.flaw = on_flaw};
    struct gp_log_checked checked;
    uint64_t seq;

    (void)state;
    gp_store_close(open_as(false));
    make_older(3);
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("one more"), &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    put_meta("format", (struct gp_span){&old, 1});
    put_journal(1);
    assert_int_equal(try_open(false, false), GP_EEXIST);
    assert_int_equal(rows_in_table(), OLD_ENTRIES);
    assert_int_equal(gp_store_check_log(store_path, &check, &checked), 0);
    assert_int_equal(checked.last, seq);
}

static void a_broken_old_journal_is_not_brought_up(void **state)
{
    static const unsigned char zeros[32];
    struct raw raw;

    (void)state;
    gp_store_close(open_as(false));
    make_older(3);
    raw_begin(&raw, "journal");
    put_row(&raw, 1700, zeros, GP_SPAN("forged"));
    raw_end(&raw);
    assert_int_equal(try_open(false, true), GP_ECORRUPT);
    assert_int_equal(rows_in_table(), OLD_ENTRIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_format_is_brought_up),
        TEST(the_second_format_is_brought_up),
        TEST(the_third_format_is_brought_up),
        TEST(emptying_the_old_journal_goes_on),
        TEST(bringing_up_begins_anew),
        TEST(emptying_does_not_look_at_rows),
        TEST(a_journal_that_went_on_is_not_lost),
        TEST(a_broken_old_journal_is_not_brought_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
