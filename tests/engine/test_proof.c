/* How the engine tells that the journal's chain holds, and where it is broken. */
#include "engine/engine.h"
#include "store/fixture.h"
#include "wire/message.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ENTRIES (GP_READ_ROWS_MAX + 500)

static const unsigned char zeros[GP_HASH_BYTES];

/* Entries that look like those of a journal as far as a look at their time goes. */
static void write_journal(uint64_t entries)
{
    static const unsigned char bytes[] = {0x0a, 0x05, 0x08, 0x01, 0x10, 0x89, 0x06}; /* at_ms 777 */
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    uint64_t seq;

    for (uint64_t i = 0; i < entries; i++)
        assert_int_equal(
            gp_journal_append(txn, (struct gp_span){(const char *)bytes, sizeof bytes}, &seq), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static struct gp_verified verify(uint64_t from, uint64_t upto)
{
    struct gp_store *store = open_as(false);
    const struct gp_verify_ask ask = {from, upto};
    struct gp_verified verified;

    assert_int_equal(gp_engine_verify(store, &ask, &verified), 0);
    gp_store_close(store);
    return verified;
}

/* Turns a bit of an entry's text; its checksum tells. */
static void damage(uint64_t seq)
{
    struct raw raw;
    unsigned char key_bytes[8], copy[64];
    MDB_val key = {.mv_size = 8, .mv_data = key_bytes}, value;

    raw_begin(&raw, "journal");
    gp_put_u64(key_bytes, seq);
    assert_int_equal(mdb_get(raw.txn, raw.table, &key, &value), 0);
    assert_true(value.mv_size <= sizeof copy);
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size - 5] ^= 1;
    value.mv_data = copy;
    assert_int_equal(mdb_put(raw.txn, raw.table, &key, &value, 0), 0);
    raw_end(&raw);
}

static void an_empty_journal_holds(void **state)
{
    unsigned char hash[GP_HASH_BYTES] = {1};
    uint64_t seq = 9;
    int64_t at_ms = 9;

    (void)state;
    struct gp_verified verified = verify(0, 0);
    assert_int_equal(verified.upto, 0);
    assert_int_equal(verified.bad, 0);
    struct gp_store *store = open_as(false);
    assert_int_equal(gp_engine_head(store, &seq, hash, &at_ms), 0);
    assert_int_equal(seq, 0);
    assert_int_equal(at_ms, 0);
    assert_memory_equal(hash, zeros, sizeof hash);
    gp_store_close(store);
}

static void the_head_has_its_hash_and_time(void **state)
{
    unsigned char hash[GP_HASH_BYTES];
    uint64_t seq;
    int64_t at_ms;

    (void)state;
    write_journal(3);
    struct gp_store *store = open_as(false);
    assert_int_equal(gp_engine_head(store, &seq, hash, &at_ms), 0);
    gp_store_close(store);
    assert_int_equal(seq, 3);
    assert_int_equal(at_ms, 777);
    assert_memory_equal(verify(2, 3).hash, hash, sizeof hash);
}

static void one_look_is_bounded_and_the_next_goes_on(void **state)
{
    (void)state;
    write_journal(ENTRIES);
    struct gp_verified verified = verify(0, 0);
    assert_int_equal(verified.upto, GP_READ_ROWS_MAX);
    assert_int_equal(verified.head, ENTRIES);
    verified = verify(verified.upto + 1, 0);
    assert_int_equal(verified.upto, ENTRIES);
    assert_int_equal(verified.bad, 0);
}

static void the_first_bad_entry_is_named(void **state)
{
    (void)state;
    write_journal(9);
    unsigned char hash[GP_HASH_BYTES];
    memcpy(hash, verify(1, 4).hash, sizeof hash);
    damage(5);
    struct gp_verified verified = verify(2, 0);
    assert_int_equal(verified.bad, 5);
    assert_int_equal(verified.upto, 4);
    assert_memory_equal(verified.hash, hash, sizeof hash);
    verified = verify(6, 0); /* what it begins behind is bad */
    assert_int_equal(verified.bad, 5);
    assert_int_equal(verified.upto, 4);
    verified = verify(7, 0); /* who skips it sees no more of it */
    assert_int_equal(verified.bad, 0);
    assert_int_equal(verified.upto, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_journal_holds),
        TEST(the_head_has_its_hash_and_time),
        TEST(one_look_is_bounded_and_the_next_goes_on),
        TEST(the_first_bad_entry_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
