/* Bytes on disk, and what becomes of damage. Raw LMDB looks at what store/ wrote. */
#include "store/fixture.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- bytes */

static void hex(const MDB_val *value, char *to)
{
    const unsigned char *bytes = value->mv_data;
    for (size_t i = 0; i < value->mv_size; i++)
        (void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* The only row of a table, by LMDB alone; the last four bytes of the value are its checksum. */
static void assert_only_row(const char *table, const char *key_hex, const char *value_hex)
{
    struct raw raw;
    MDB_cursor *cursor;
    MDB_val key, value;
    char text[1024];

    raw_begin(&raw, table);
    assert_int_equal(mdb_cursor_open(raw.txn, raw.table, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
    hex(&key, text);
    assert_string_equal(text, key_hex);
    hex(&value, text);
    assert_string_equal(text, value_hex);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_NEXT), MDB_NOTFOUND);
    mdb_cursor_close(cursor);
    raw_end(&raw);
}

static const struct gp_personal typed = {
    .salt = {0x5a, [15] = 0x0f}, .text = {"\xe4\xba\x95\xe7\x9b\x96", 6}, .phone = {"13800", 5}};

static void every_table_has_its_bytes(void **state)
{
    static const unsigned char id[16] = {0x01, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 1, 2,
                                         3,    4,    5,    6,    7,    8,    9, 10};
    struct gp_store *store = open_as(false);
    const struct gp_area_row row = {.level = 6, .state = 3, .category = 0x1f02a7c4};
    const struct gp_state_row marked = {3, 6, 7, UINT64_C(340705402001001)};
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_incident_put(txn, 7, GP_SPAN("record")), 0);
    assert_int_equal(gp_by_area_put(txn, UINT64_C(340705402001001), 7, row), 0);
    assert_int_equal(gp_by_state_put(txn, &marked), 0);
    assert_int_equal(gp_by_post_put(txn, 0x9a3f01c2, 1, 1000, 7), 0);
    assert_int_equal(gp_by_dept_put(txn, 0x5e7b11d0, 0, 7), 0);
    assert_int_equal(gp_deadline_put(txn, -1, 7, 5), 0);
    assert_int_equal(gp_dedup_put(txn, id, 0x77ab, GP_SPAN("kept")), 0);
    assert_int_equal(gp_vacant_put(txn, 0x9a3f01c2, 20721, 12), 0);
    assert_int_equal(gp_personal_put(txn, 7, 18, &typed), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);

    assert_only_row("incident", "0000000000000007", "7265636f7264ce4c9139");
    assert_only_row("by_area", "000135dea87596690000000000000007", "06031f02a7c40874f0e0");
    assert_only_row("by_state", "030000000000000007", "000135dea8759669061f00143a");
    assert_only_row("by_post", "9a3f01c20180000000000003e80000000000000007", "551d041b");
    assert_only_row("by_dept", "5e7b11d0000000000000000007", "0b1176a0");
    assert_only_row("deadline", "7fffffffffffffff0000000000000007", "05bc21f7c6");
    assert_only_row("dedup", "019abcdef0120102030405060708090a00000000000077ab",
                    "6b657074d7b363f3");
    assert_only_row("vacant", "80000000000050f19a3f01c2", "000000000000000c4d9078da");
    assert_only_row("personal", "00000000000000070000000000000012",
                    "5a00000000000000000000000000000f0006e4ba95e79b963133383030eb89df1f");
}

static void devices_have_their_bytes(void **state)
{
    static const unsigned char key[GP_KEY_BYTES] = {0x3d, 0x40, [31] = 0x0c};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_device_put(txn, 3, GP_SPAN("record")), 0);
    assert_int_equal(gp_device_key_put(txn, key, 3), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    assert_only_row("device", "0000000000000003", "7265636f726434248cec");
    assert_only_row("device_key",
                    "3d4000000000000000000000000000000000000000000000000000000000000c",
                    "0000000000000003590fcebb");
}

static void chain_is_blake2b_over_hash_number_and_entry(void **state)
{
    unsigned char input[32 + 8 + 3] = {0}, expected[32], hash[32];
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    uint64_t seq, head;

    (void)state;
    assert_int_equal(gp_journal_append(txn, GP_SPAN("one"), &seq), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("two"), &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_put_u64(input + 32, 1);
    memcpy(input + 40, "one", 3);
    assert_int_equal(crypto_generichash(expected, 32, input, sizeof input, NULL, 0), 0);
    memcpy(input, expected, 32);
    gp_put_u64(input + 32, 2);
    memcpy(input + 40, "two", 3);
    assert_int_equal(crypto_generichash(expected, 32, input, sizeof input, NULL, 0), 0);
    txn = look(store);
    assert_int_equal(gp_journal_head(txn, &head, hash), 0);
    assert_int_equal(head, 2);
    assert_memory_equal(hash, expected, 32);
    assert_int_equal(gp_journal_hash(txn, 2, hash), 0);
    assert_memory_equal(hash, expected, 32);
    assert_int_equal(gp_journal_hash(txn, 1, hash), 0);
    assert_memory_equal(hash, input, 32);
    assert_int_equal(gp_journal_hash(txn, 3, hash), GP_ENOTFOUND);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void personal_hash_is_blake2b_over_the_row(void **state)
{
    static const unsigned char row[] = "\x5a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0f"
                                       "\0\x06\xe4\xba\x95\xe7\x9b\x96"
                                       "13800";
    static const struct gp_personal moved = {.salt = {0x5a, [15] = 0x0f},
                                             .text = {"\xe4\xba\x95\xe7\x9b\x96"
                                                      "13800",
                                                      11}};
    unsigned char expected[32], hash[32];

    (void)state;
    assert_int_equal(crypto_generichash(expected, 32, row, sizeof row - 1, NULL, 0), 0);
    gp_personal_hash(&typed, hash);
    assert_memory_equal(hash, expected, 32);
    gp_personal_hash(&moved, hash); /* the same letters, and no phone */
    assert_memory_not_equal(hash, expected, 32);
}

static void salted_hash_is_blake2b_over_salt_and_hash(void **state)
{
    unsigned char input[32], expected[32], salted[16];

    (void)state;
    for (int i = 0; i < 32; i++)
        input[i] = (unsigned char)i;
    assert_int_equal(crypto_generichash(expected, 32, input, sizeof input, NULL, 0), 0);
    gp_personal_salted(input, input + 16, salted);
    assert_memory_equal(salted, expected, 16);
}

/* ---------------------------------------------------------------- damage */

/* Turns one bit of the last byte before the checksum of a table's first value. */
static void damage(const char *table)
{
    struct raw raw;
    MDB_cursor *cursor;
    MDB_val key, value;
    unsigned char copy[512];

    raw_begin(&raw, table);
    assert_int_equal(mdb_cursor_open(raw.txn, raw.table, &cursor), 0);
    assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
    assert_true(value.mv_size > 4 && value.mv_size <= sizeof copy);
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size - 5] ^= 1;
    value.mv_data = copy;
    assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
    mdb_cursor_close(cursor);
    raw_end(&raw);
}

/* Turns one bit of the first place in the journal's first segment that has these bytes. */
static void damage_journal(const char *bytes)
{
    char name[120], segment[16384];
    FILE *file;
    size_t len = strlen(bytes), at = 0;

    (void)snprintf(name, sizeof name, "%s/journal/0000000000000001.log", store_path);
    file = fopen(name, "r+");
    assert_non_null(file);
    assert_int_equal(fread(segment, 1, sizeof segment, file), sizeof segment);
    while (at + len < sizeof segment && memcmp(segment + at, bytes, len) != 0)
        at++;
    assert_true(at + len < sizeof segment);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_equal(fputc(segment[at] ^ 1, file), segment[at] ^ 1);
    assert_int_equal(fclose(file), 0);
}

/* Puts the value of one key under another, with its checksum, of the same table. */
static void copy_row(const char *table, uint64_t from, uint64_t to)
{
    struct raw raw;
    unsigned char key_bytes[8], copy[512];
    MDB_val key = {.mv_size = 8, .mv_data = key_bytes}, value;

    raw_begin(&raw, table);
    gp_put_u64(key_bytes, from);
    assert_int_equal(mdb_get(raw.txn, raw.table, &key, &value), 0);
    assert_true(value.mv_size <= sizeof copy);
    memcpy(copy, value.mv_data, value.mv_size);
    value.mv_data = copy;
    gp_put_u64(key_bytes, to);
    assert_int_equal(mdb_put(raw.txn, raw.table, &key, &value, 0), 0);
    raw_end(&raw);
}

static void flipped_bit_is_noticed(void **state)
{
    struct gp_store_found found = {0};
    struct gp_store_options options = {
        .map_bytes = MAP_BYTES, .segment_bytes = 16384, .found = &found};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;
    uint64_t seq;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("record")), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("one"), &seq), 0);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("two"), &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    damage("incident");
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
    damage_journal("two");
    assert_int_equal(gp_store_open(store_path, &options, &store), GP_ECORRUPT);
    assert_string_equal(found.bad_name, "0000000000000001.log");
    assert_int_equal(found.bad_offset, 4096); /* of the group */
}

static void row_of_another_key_is_noticed(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("record")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    copy_row("incident", 1, 2);
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_incident_get(txn, 1, &record), 0);
    assert_int_equal(gp_incident_get(txn, 2, &record), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void damaged_first_deadline_is_noticed(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    int64_t due;
    uint64_t id;

    (void)state;
    assert_int_equal(gp_deadline_put(txn, 1000, 7, 5), 0);
    assert_int_equal(gp_deadline_put(txn, 2000, 8, 5), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    damage("deadline");
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_deadline_first(txn, &due, &id), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* A device that another row's value stands for would speak with another's rights. */
static void damaged_device_is_noticed(void **state)
{
    static const unsigned char key[GP_KEY_BYTES] = {0x3d, 0x40, [31] = 0x0c};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;
    uint64_t id;

    (void)state;
    assert_int_equal(gp_device_put(txn, 3, GP_SPAN("record")), 0);
    assert_int_equal(gp_device_key_put(txn, key, 3), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    damage("device_key");
    copy_row("device", 3, 4);
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_device_key_get(txn, key, &id), GP_ECORRUPT);
    assert_int_equal(gp_device_get(txn, 4, &record), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void damaged_text_is_noticed(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_personal personal;
    uint64_t incident, seq;

    (void)state;
    assert_int_equal(gp_personal_put(txn, 7, 18, &typed), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    damage("personal");
    store = open_as(false);
    txn = look(store);
    assert_int_equal(gp_personal_get(txn, 7, 18, &personal), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
    /* what a checksum does not notice */
    static const char key[16], cut[17],
        lies[] = "0123456789abcdef\0\x09"
                 "12345678";
    assert_int_equal(gp_personal_read((struct gp_span){key, 15}, (struct gp_span){cut, 18},
                                      &incident, &seq, &personal),
                     GP_ECORRUPT);
    assert_int_equal(gp_personal_read((struct gp_span){key, 16}, (struct gp_span){cut, 17},
                                      &incident, &seq, &personal),
                     GP_ECORRUPT);
    assert_int_equal(gp_personal_read((struct gp_span){key, 16},
                                      (struct gp_span){lies, sizeof lies - 1}, &incident, &seq,
                                      &personal),
                     GP_ECORRUPT);
}

static void empty_entry_is_an_entry(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span entry;
    uint64_t seq, bad;

    (void)state;
    assert_int_equal(gp_journal_append(txn, (struct gp_span){0}, &seq), 0);
    assert_int_equal(gp_journal_get(txn, 1, &entry), 0);
    assert_int_equal(entry.len, 0);
    assert_int_equal(gp_journal_verify(txn, 1, 1, &bad), 0);
    gp_txn_abort(txn);
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_table_has_its_bytes),
        TEST(devices_have_their_bytes),
        TEST(chain_is_blake2b_over_hash_number_and_entry),
        TEST(personal_hash_is_blake2b_over_the_row),
        TEST(salted_hash_is_blake2b_over_salt_and_hash),
        TEST(damaged_text_is_noticed),
        TEST(flipped_bit_is_noticed),
        TEST(row_of_another_key_is_noticed),
        TEST(damaged_first_deadline_is_noticed),
        TEST(damaged_device_is_noticed),
        TEST(empty_entry_is_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
