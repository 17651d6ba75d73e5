/* How the engine tells that the journal's chain holds, and where it is broken. */
#include "engine/engine.h"
#include "store/fixture.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ENTRIES (GP_READ_ROWS_MAX + 500)

static const unsigned char zeros[GP_HASH_BYTES];

/* Entries that look like those of a journal as far as a look at their time goes: at_ms 777. */
static const unsigned char looks_like[] = {0x0a, 0x05, 0x08, 0x01, 0x10, 0x89, 0x06};

/* So many a batch. */
static void write_journal(uint64_t entries, uint64_t batch)
{
    struct gp_span bytes = {(const char *)looks_like, sizeof looks_like};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    uint64_t seq;

    for (uint64_t i = 1; i <= entries; i++) {
        assert_int_equal(gp_journal_append(txn, bytes, &seq), 0);
        if (i % batch != 0)
            continue;
        assert_int_equal(gp_txn_commit(txn), 0);
        txn = begin(store);
    }
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static struct gp_verified verify_open(struct gp_store *store, uint64_t from, uint64_t upto)
{
    const struct gp_verify_ask ask = {from, upto};
    struct gp_verified verified;

    assert_int_equal(gp_engine_verify(store, &ask, &verified), 0);
    return verified;
}

static struct gp_verified verify(uint64_t from, uint64_t upto)
{
    struct gp_store *store = open_as(false);
    struct gp_verified verified = verify_open(store, from, upto);

    gp_store_close(store);
    return verified;
}

/* Turns a bit of an entry, in the first segment; the checksum of its group tells. */
static void damage(uint64_t seq)
{
    char name[120], segment[16384], *at = segment;
    FILE *file;

    (void)snprintf(name, sizeof name, "%s/journal/0000000000000001.log", store_path);
    file = fopen(name, "r+");
    assert_non_null(file);
    assert_int_equal(fread(segment, 1, sizeof segment, file), sizeof segment);
    for (uint64_t i = 0; i < seq; i++) {
        at = memmem(at + 1, (size_t)(segment + sizeof segment - at - 1), looks_like,
                    sizeof looks_like);
        assert_non_null(at);
    }
    assert_int_equal(fseek(file, at - segment, SEEK_SET), 0);
    assert_int_equal(fputc(*at ^ 1, file), (unsigned char)(*at ^ 1));
    assert_int_equal(fclose(file), 0);
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
    write_journal(3, 3);
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
    write_journal(ENTRIES, ENTRIES);
    struct gp_verified verified = verify(0, 0);
    assert_int_equal(verified.upto, GP_READ_ROWS_MAX);
    assert_int_equal(verified.head, ENTRIES);
    verified = verify(verified.upto + 1, 0);
    assert_int_equal(verified.upto, ENTRIES);
    assert_int_equal(verified.bad, 0);
}

/* Damage that comes while the store is open: what is opened with it is not opened. */
static void the_first_bad_entry_is_named(void **state)
{
    (void)state;
    write_journal(9, 1);
    struct gp_store *store = open_as(false);
    unsigned char hash[GP_HASH_BYTES];
    memcpy(hash, verify_open(store, 1, 4).hash, sizeof hash);
    damage(5);
    struct gp_verified verified = verify_open(store, 2, 0);
    assert_int_equal(verified.bad, 5);
    assert_int_equal(verified.upto, 4);
    assert_memory_equal(verified.hash, hash, sizeof hash);
    gp_store_close(store);
    assert_int_equal(try_open(false, true), GP_ECORRUPT);
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
