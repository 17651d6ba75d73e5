/* What stands on disk, byte by byte, by the libraries alone. */
#include "store/log/fixture.h"

#include "base/bytes.h"

#include <inttypes.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void assert_hex(const unsigned char *bytes, size_t len, const char *expected)
{
    char *text = malloc(2 * len + 1);

    assert_non_null(text);
    text[0] = '\0';
    for (size_t i = 0; i < len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    assert_string_equal(text, expected);
    free(text);
}

static void hash_of(const unsigned char before[32], uint64_t seq, const char *entry,
                    unsigned char ret_hash[32])
{
    unsigned char input[100];
    size_t len = strlen(entry);

    memcpy(input, before, 32);
    gp_put_u64(input + 32, seq);
    memcpy(input + 40, entry, len);
    assert_int_equal(crypto_generichash(ret_hash, 32, input, 40 + len, NULL, 0), 0);
}

static void add(struct box *box, const char *entry)
{
    uint64_t seq;
    assert_int_equal(gp_wal_entry(box->log, gp_span_of(entry), &seq), 0);
}

/* ---------------------------------------------------------------- marks and names */

static void a_mark_has_its_bytes(void **state)
{
    const struct gp_wal_mark mark = {
        .seq = 0x0102, .hash = {0xaa, [31] = 0xbb}, .segment = 7, .offset = 0x1f000};
    struct gp_wal_mark again = {0};
    unsigned char bytes[GP_WAL_MARK_BYTES];
    const struct gp_span span = {(char *)bytes, sizeof bytes};

    (void)state;
    gp_wal_mark_pack(&mark, bytes);
    assert_hex(bytes, sizeof bytes,
               "0000000000000102aa000000000000000000000000000000000000000000000000000000000000bb"
               "00000000000000070001f000");
    assert_int_equal(gp_wal_mark_unpack(span, &again), 0);
    assert_int_equal(again.seq, mark.seq);
    assert_memory_equal(again.hash, mark.hash, 32);
    assert_int_equal(again.segment, 7);
    assert_int_equal(again.offset, 0x1f000);
    assert_int_equal(gp_wal_mark_unpack((struct gp_span){span.ptr, span.len - 1}, &again),
                     GP_ECORRUPT);
    bytes[47] = 0; /* no segment */
    assert_int_equal(gp_wal_mark_unpack(span, &again), GP_ECORRUPT);
}

static void assert_name(const char *name, enum gp_file_kind kind, uint64_t a, uint64_t b)
{
    struct gp_file_name parsed = gp_name_parse(name);

    assert_int_equal(parsed.kind, kind);
    if (kind == GP_FILE_OTHER || kind == GP_FILE_TMP)
        return;
    assert_int_equal(parsed.a, a);
    assert_int_equal(parsed.b, b);
}

static void files_have_their_names(void **state)
{
    char name[GP_WAL_NAME_BYTES];

    (void)state;
    gp_name_raw(0x2a, name);
    assert_string_equal(name, "000000000000002a.log");
    assert_name(name, GP_FILE_RAW, 0x2a, 0);
    gp_name_sealed(1, 100000, name);
    assert_string_equal(name, "0000000000000001-00000000000186a0.seg");
    assert_name(name, GP_FILE_SEALED, 1, 100000);
    gp_name_spare(1, name);
    assert_string_equal(name, "spare-1.log");
    assert_name(name, GP_FILE_SPARE, 1, 0);
    gp_name_cut(0x2a, 0x1f000, name);
    assert_string_equal(name, "cut-000000000000002a-0001f000.bin");
    assert_name(name, GP_FILE_OTHER, 0, 0);
    assert_name("seal.tmp", GP_FILE_TMP, 0, 0);
    assert_name("000000000000002A.log", GP_FILE_OTHER, 0, 0);
    assert_name("000000000000002a.logs", GP_FILE_OTHER, 0, 0);
    assert_name("00000000000002a.log", GP_FILE_OTHER, 0, 0);
    assert_name("0000000000000001-00000000000186a.seg", GP_FILE_OTHER, 0, 0);
    assert_name("spare-9.log", GP_FILE_OTHER, 0, 0);
    assert_name("spare-", GP_FILE_OTHER, 0, 0);
    assert_name("", GP_FILE_OTHER, 0, 0);
}

/* ---------------------------------------------------------------- raw segments */

static void a_segment_has_its_bytes(void **state)
{
    struct box *box = *state;
    unsigned char *bytes, before[32] = {0};
    char expected[400];
    size_t len;

    open_log(box, NULL);
    add(box, "one");
    sync_group(box);
    bytes = slurp(box, "0000000000000001.log", &len);
    assert_int_equal(len, SEGMENT_BYTES);
    assert_hex(bytes, 32,
               "4750736700000001" /* magic, format */
               "0000000000000001" /* number */
               "0000000000000001" /* first */
               "0000400000000000" /* bytes, ended */);
    assert_false(gp_is_zero(bytes + 32, 16)); /* salt */
    assert_hex(bytes + 48, 32, ZEROS);
    assert_int_equal(gp_get_u64(bytes + 80), XXH3_64bits(bytes, 80));
    assert_true(gp_is_zero(bytes + 88, 4096 - 88));
    free(bytes);
    gp_wal_rotate(box->log);
    add(box, "two");
    sync_group(box);
    bytes = slurp(box, "0000000000000002.log", &len);
    assert_hex(bytes, 32,
               "4750736700000001"
               "0000000000000002"
               "0000000000000002"
               "0000400000001060");
    hash_of(before, 1, "one", before);
    for (int i = 0; i < 32; i++)
        (void)snprintf(expected + 2 * i, 3, "%02x", before[i]);
    assert_hex(bytes + 48, 32, expected);
    free(bytes);
}

static void a_group_has_its_bytes(void **state)
{
    struct box *box = *state;
    unsigned char *bytes;
    size_t len;

    open_log(box, NULL);
    add(box, "one");
    assert_int_equal(gp_wal_side(box->log, GP_SPAN("text")), 0);
    add(box, "third");
    sync_group(box);
    assert_int_equal(gp_wal_side(box->log, GP_SPAN("alone")), 0);
    sync_group(box);
    bytes = slurp(box, "0000000000000001.log", &len);
    assert_hex(bytes + 4096, 40,
               "4750677200000070" /* magic, bytes */
               "0000000000000001" /* segment */
               "0000000000000001" /* first */
               "0000000000000002" /* last */
               "0000000000000000" /* synced to */);
    assert_hex(bytes + 4096 + 40, 32, ZEROS);
    assert_hex(bytes + 4096 + 72, 8, "0000000300000000"); /* records */
    assert_hex(bytes + 4096 + 88, 24,
               "010000036f6e65"
               "0200000474657874"
               "010000057468697264");
    assert_int_equal(
        gp_get_u64(bytes + 4096 + 80),
        XXH3_64bits_withSeed(bytes + 4096 + 88, 24,
                             XXH3_64bits_withSeed(bytes + 4096, 80, XXH3_64bits(bytes + 32, 16))));
    assert_hex(bytes + 4096 + 112, 40,
               "4750677200000068"
               "0000000000000001"
               "0000000000000003"
               "0000000000000002" /* no entry */
               "0000000000000002");
    assert_hex(bytes + 4096 + 112 + 88, 16,
               "02000005616c6f6e65"
               "00000000000000");
    assert_true(gp_is_zero(bytes + 4096 + 216, len - 4096 - 216));
    free(bytes);
}

/* ---------------------------------------------------------------- sealed segments */

static void a_sealed_segment_has_its_bytes(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    unsigned char *bytes, zeros[32] = {0}, hash[32], unpacked[100];
    size_t len;

    open_log(box, NULL);
    add(box, "one");
    assert_int_equal(gp_wal_side(box->log, GP_SPAN("text")), 0);
    add(box, "third");
    sync_group(box);
    gp_wal_rotate(box->log);
    add(box, "next");
    sync_group(box);
    mark = mark_of(box);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    bytes = slurp(box, "0000000000000001-0000000000000002.seg", &len);
    /* zstd reads all of the file: the entries, and nothing of the rest */
    assert_int_equal(ZSTD_decompress(unpacked, sizeof unpacked, bytes, len), 16);
    assert_hex(unpacked, 16,
               "010000036f6e65"
               "010000057468697264");
    const unsigned char *tail = bytes + len - 168;
    assert_hex(tail, 8, "502a4d18a0000000");
    assert_hex(tail + 8, 16,
               "0000000000000001" /* first */
               "0000000000000010" /* offset, bytes unpacked */);
    assert_hex(tail + 24, 32, ZEROS);
    assert_hex(tail + 56, 32,
               "4750736500000001" /* magic, format */
               "0000000000000001" /* first */
               "0000000000000002" /* last */
               "0000000000000010" /* bytes unpacked */);
    assert_int_equal(gp_get_u32(tail + 88), 1);         /* blocks */
    assert_int_equal(gp_get_u32(tail + 92), len - 160); /* offset of the index */
    assert_hex(tail + 96, 32, ZEROS);
    hash_of(zeros, 1, "one", hash);
    hash_of(hash, 2, "third", hash);
    assert_memory_equal(tail + 128, hash, 32);
    assert_int_equal(gp_get_u64(tail + 160), XXH3_64bits(tail + 8, 152));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mark_has_its_bytes),           TEST(files_have_their_names),
        TEST(a_segment_has_its_bytes),        TEST(a_group_has_its_bytes),
        TEST(a_sealed_segment_has_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
