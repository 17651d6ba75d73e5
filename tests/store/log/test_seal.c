/* Sealing, and what a crash in the middle of it leaves behind. */
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

static void upkeep(struct box *box)
{
    struct gp_wal_mark mark = mark_of(box);

    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_false(gp_wal_upkeep_due(box->log, &mark));
}

/* Fills until segment `number` is the newest. Returns the last entry. */
static uint64_t fill_to(struct box *box, uint64_t number)
{
    while (mark_of(box).segment < number)
        put_group(box, 5, 2);
    return gp_wal_synced(box->log);
}

static struct gp_wal_figures figures_of(struct box *box)
{
    struct gp_wal_figures figures;

    gp_wal_figures(box->log, &figures);
    return figures;
}

/* ---------------------------------------------------------------- what sealing does */

static void sealed_entries_stay_and_texts_go(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    uint64_t last;

    open_log(box, NULL);
    last = fill_to(box, 4);
    assert_true(folder_has(box, "secret 1 of a resident"));
    upkeep(box);
    assert_int_equal(figures_of(box).sealed, 3);
    assert_int_equal(figures_of(box).raw, 1);
    assert_int_equal(count_files(box, ".seg"), 3);
    assert_entries(box, 1, last);
    gp_wal_rotate(box->log);
    assert_int_equal(gp_wal_side(box->log, (struct gp_span){"done", 4}), 0);
    sync_group(box);
    upkeep(box);
    assert_false(folder_has(box, "secret"));
    assert_entries(box, 1, last);
    mark = mark_of(box);
    close_log(box);
    open_log(box, &mark);
    assert_entries(box, 1, last);
    put_group(box, 5, 0);
    assert_entries(box, 1, last + 5);
}

static void only_what_the_tables_have_is_sealed(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start, full, behind;

    open_log(box, NULL);
    start = mark_of(box);
    put_group(box, 3, 0);
    put_group(box, 0, 1);
    full = mark_of(box);
    gp_wal_rotate(box->log);
    put_group(box, 1, 0);
    behind = mark_of(box);
    assert_false(gp_wal_upkeep_due(box->log, &start));
    full.offset -= 8; /* the side record behind the last entry is not committed */
    assert_false(gp_wal_upkeep_due(box->log, &full));
    assert_int_equal(gp_wal_upkeep(box->log, &full), 0);
    assert_int_equal(figures_of(box).sealed, 0);
    full.offset += 8;
    assert_true(gp_wal_upkeep_due(box->log, &full));
    assert_true(gp_wal_upkeep_due(box->log, &behind));
    assert_int_equal(gp_wal_upkeep(box->log, &full), 0);
    assert_int_equal(figures_of(box).sealed, 1);
    close_log(box);
    full.offset -= 8;
    assert_int_equal(try_open(box, &full), GP_ECORRUPT); /* its side record is gone */
    full.offset += 8;
    open_log(box, &full);
    assert_entries(box, 1, 4);
}

static void segments_without_entries_leave_nothing(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_group(box, 2, 0);
    while (mark_of(box).segment < 4)
        put_group(box, 0, 3);
    put_group(box, 2, 0);
    upkeep(box);
    assert_int_equal(figures_of(box).sealed, 1);
    assert_int_equal(figures_of(box).raw, 1);
    mark = mark_of(box);
    close_log(box);
    open_log(box, &mark);
    assert_entries(box, 1, 4);
}

static void spares_are_made_and_taken(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    uint64_t last;

    open_log(box, NULL);
    mark = mark_of(box);
    assert_false(gp_wal_upkeep_due(box->log, &mark)); /* a small log needs none */
    put_long(box, SEGMENT_BYTES / 2 + 8);
    mark = mark_of(box);
    assert_true(gp_wal_upkeep_due(box->log, &mark));
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_int_equal(figures_of(box).spares, GP_SPARES_MAX);
    assert_true(has_file(box, "spare-0.log") && has_file(box, "spare-1.log"));
    put_long(box, SEGMENT_BYTES / 2 + 8);
    put_long(box, SEGMENT_BYTES / 2 + 8);
    assert_int_equal(figures_of(box).spares, 0);
    put_long(box, SEGMENT_BYTES / 2 + 8);
    last = gp_wal_synced(box->log);
    assert_int_equal(last, 4);
    assert_int_equal(mark_of(box).segment, 4);
    upkeep(box);
    assert_int_equal(figures_of(box).spares, 2);
    mark = mark_of(box);
    close_log(box);
    open_log(box, &mark);
    assert_int_equal(figures_of(box).spares, 2);
    assert_int_equal(figures_of(box).sealed, 3);
}

/* The writer has taken it and not renamed it yet: its name must not go to another file. */
static void a_spare_that_is_being_taken_keeps_its_name(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    char spare[GP_WAL_NAME_BYTES];

    open_log(box, NULL);
    put_long(box, SEGMENT_BYTES / 2 + 8);
    upkeep(box);
    mark = mark_of(box);
    for (unsigned place = 0; place < GP_SPARES_MAX; place++) {
        gp_name_spare(place, spare);
        assert_int_equal(unlinkat(box->folder, spare, 0), 0);
        box->log->spare[place] = GP_SPARE_TAKEN;
    }
    assert_true(gp_wal_upkeep_due(box->log, &mark)); /* it will be none */
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_int_equal(count_files(box, ""), 1);
    box->log->spare[1] = GP_SPARE_NONE;
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_true(has_file(box, "spare-1.log") && !has_file(box, "spare-0.log"));
}

static void a_reader_keeps_what_it_reads(void **state)
{
    struct box *box = *state;
    struct gp_wal_reader *reader;
    struct gp_span entry, next;

    open_log(box, NULL);
    (void)fill_to(box, 3);
    reader = reader_of(box, false);
    assert_int_equal(gp_wal_get(reader, 2, &entry), 0);
    upkeep(box);
    assert_false(has_file(box, "0000000000000001.log"));
    assert_true(gp_span_equal(entry, entry_of(2)));
    assert_int_equal(gp_wal_get(reader, 3, &next), 0); /* of the same group */
    assert_true(gp_span_equal(next, entry_of(3)));
    assert_int_equal(gp_wal_get(reader, 6, &next), 0); /* of the sealed one */
    assert_true(gp_span_equal(next, entry_of(6)));
    drop_readers(box);
}

static void many_sealed_segments_keep_few_files_open(void **state)
{
    struct box *box = *state;
    struct gp_wal_reader *reader;
    struct gp_span entry;
    uint64_t last;

    open_log(box, NULL);
    last = fill_to(box, 3 * GP_SEALED_OPEN_MAX);
    upkeep(box);
    reader = reader_of(box, false);
    for (uint64_t i = 0; i < 2 * last; i++) {
        uint64_t seq = 1 + i * 7919 % last;
        assert_int_equal(gp_wal_get(reader, seq, &entry), 0);
        assert_true(gp_span_equal(entry, entry_of(seq)));
        assert_true(box->log->sealed_open <= GP_SEALED_OPEN_MAX + 1);
    }
    drop_readers(box);
    assert_entries(box, 1, last);
}

/* Blocks end in the middle of it, where no hash is stored. */
static void a_group_larger_than_a_block_is_sealed(void **state)
{
    struct box *box = *state;

    open_log(box, NULL);
    put_group(box, 3, 1);
    put_group(box, 2500, 3);
    put_group(box, 900, 3);
    put_group(box, 40, 0);
    upkeep(box);
    assert_int_equal(figures_of(box).sealed, 3);
    assert_entries(box, 1, 3443);
}

static void an_entry_larger_than_a_block_is_sealed(void **state)
{
    struct box *box = *state;
    struct gp_wal_reader *reader;
    struct gp_span entry;
    uint64_t bad;

    open_log(box, NULL);
    put_group(box, 2, 0);
    put_long(box, 3 * (size_t)GP_BLOCK_BYTES);
    put_long(box, (size_t)GP_BLOCK_BYTES / 2);
    put_long(box, SEGMENT_BYTES);
    upkeep(box);
    reader = reader_of(box, false);
    assert_int_equal(gp_wal_get(reader, 3, &entry), 0);
    assert_int_equal(entry.len, 3 * (size_t)GP_BLOCK_BYTES - GP_GROUP_HEAD - GP_RECORD_HEAD);
    assert_int_equal(entry.ptr[entry.len - 1], 'x');
    assert_int_equal(gp_wal_verify(reader, 1, 5, &bad), 0);
    drop_readers(box);
}

/* ---------------------------------------------------------------- crashes */

/* As if the process had died between renaming the sealed file and unlinking the raw one. */
static void a_raw_segment_that_was_sealed_goes(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    unsigned char *raw[2];
    size_t len;
    uint64_t last;

    open_log(box, NULL);
    last = fill_to(box, 3);
    raw[0] = slurp(box, "0000000000000001.log", &len);
    raw[1] = slurp(box, "0000000000000002.log", &len);
    upkeep(box);
    mark = mark_of(box);
    close_log(box);
    spill(box, "0000000000000002.log", raw[1], len);
    open_log(box, &mark);
    assert_false(has_file(box, "0000000000000002.log"));
    assert_entries(box, 1, last);
    close_log(box);
    spill(box, "0000000000000001.log", raw[0], len); /* as by a folder that was not synced */
    spill(box, "0000000000000002.log", raw[1], len);
    open_log(box, &mark);
    assert_int_equal(figures_of(box).raw, 1);
    assert_entries(box, 1, last);
    free(raw[0]);
    free(raw[1]);
}

static void what_was_under_way_is_removed(void **state)
{
    static const char *const names[] = {"seal.tmp", "segment.tmp", "spare.tmp", "cut.tmp"};
    struct box *box = *state;
    struct gp_wal_mark mark;
    uint64_t last;

    open_log(box, NULL);
    last = fill_to(box, 3);
    mark = mark_of(box);
    close_log(box);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        spill(box, names[i], (const unsigned char *)"half", 4);
    spill(box, "spare-1.log", (const unsigned char *)"half", 4);
    spill(box, "notes.txt", (const unsigned char *)"ours", 4); /* nobody's of the log */
    open_log(box, &mark);
    assert_int_equal(count_files(box, ".tmp"), 0);
    assert_false(has_file(box, "spare-1.log"));
    assert_true(has_file(box, "notes.txt"));
    upkeep(box);
    assert_entries(box, 1, last);
}

/* As if it had died when the spare had its head and not its name. */
static void a_spare_that_was_taken_is_no_spare(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    unsigned char *raw;
    size_t len;

    open_log(box, NULL);
    put_long(box, SEGMENT_BYTES / 2 + 8);
    upkeep(box);
    mark = mark_of(box);
    raw = slurp(box, "0000000000000001.log", &len);
    close_log(box);
    poke(box, "spare-0.log", 0, raw, 100);
    open_log(box, &mark);
    assert_false(has_file(box, "spare-0.log"));
    assert_true(has_file(box, "spare-1.log"));
    assert_int_equal(figures_of(box).spares, 1);
    close_log(box);
    box->options.segment_bytes = 2 * SEGMENT_BYTES;
    open_log(box, &mark);
    assert_int_equal(figures_of(box).spares, 0); /* of another size */
    free(raw);
}

static void an_empty_newest_segment_is_fine(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_group(box, 3, 0);
    mark = mark_of(box);
    gp_wal_rotate(box->log);
    add_entries(box, 1);
    assert_int_equal(gp_wal_write(box->log), 0);
    assert_int_equal(gp_wal_cut(box->log), 0);
    close_log(box);
    open_log(box, &mark);
    assert_int_equal(figures_of(box).raw, 2);
    upkeep(box);
    assert_int_equal(figures_of(box).sealed, 1);
    put_group(box, 3, 0);
    assert_entries(box, 1, 6);
}

/* ---------------------------------------------------------------- missing and damaged segments */

static void assert_refused(struct box *box, const struct gp_wal_mark *mark, const char *name)
{
    assert_int_equal(try_open(box, mark), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, name);
}

static void a_missing_segment_is_noticed(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    char sealed[3][GP_WAL_NAME_BYTES];
    uint64_t last[4] = {0};
    unsigned char *bytes;
    size_t len;

    open_log(box, NULL);
    for (unsigned i = 1; i <= 3; i++) {
        last[i] = fill_to(box, i + 1) - 5;
        gp_name_sealed(last[i - 1] + 1, last[i], sealed[i - 1]);
    }
    upkeep(box);
    (void)fill_to(box, 6);
    mark = mark_of(box);
    close_log(box);
    for (int i = 0; i < 3; i++) { /* the file behind the gap is named */
        bytes = slurp(box, sealed[i], &len);
        assert_int_equal(unlinkat(box->folder, sealed[i], 0), 0);
        assert_refused(box, &mark, i < 2 ? sealed[i + 1] : "0000000000000004.log");
        spill(box, sealed[i], bytes, len);
        free(bytes);
    }
    bytes = slurp(box, "0000000000000005.log", &len);
    assert_int_equal(unlinkat(box->folder, "0000000000000005.log", 0), 0);
    assert_refused(box, &mark, "0000000000000006.log");
    spill(box, "0000000000000005.log", bytes, len);
    free(bytes);
    open_log(box, &mark);
}

static void damage_in_a_sealed_segment_is_found(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;
    struct gp_wal_reader *reader;
    char name[GP_WAL_NAME_BYTES];
    unsigned char *bytes;
    size_t len;
    uint64_t last, bad;
    struct gp_span entry;

    open_log(box, NULL);
    last = fill_to(box, 3) - 5;
    upkeep(box);
    mark = mark_of(box);
    close_log(box);
    assert_int_equal(count_files(box, ".seg"), 2);
    for (uint64_t first = 1; first <= last; first++) { /* the second one's name */
        gp_name_sealed(first, last, name);
        if (has_file(box, name))
            break;
    }
    bytes = slurp(box, name, &len);
    for (size_t at = 0; at < len; at += 13) {
        unsigned char flipped = bytes[at] ^ 0x10;
        poke(box, name, at, &flipped, 1);
        int rc = try_open(box, &mark);
        if (rc == 0) { /* in a block, or zstd's head of the tail, which nobody needs */
            reader = reader_of(box, false);
            rc = gp_wal_verify(reader, 1, last, &bad);
            if (rc == GP_ECORRUPT) {
                assert_int_equal(gp_wal_get(reader, bad, &entry), GP_ECORRUPT);
                assert_int_equal(gp_wal_get(reader, bad - 1, &entry), 0);
            }
            drop_readers(box);
            close_log(box);
        }
        if (at < len - gp_sealed_tail_bytes(1) || at >= len - gp_sealed_tail_bytes(1) + 8)
            assert_true(rc == GP_ECORRUPT || rc == GP_EVERSION);
        poke(box, name, at, bytes + at, 1);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sealed_entries_stay_and_texts_go),
        TEST(only_what_the_tables_have_is_sealed),
        TEST(segments_without_entries_leave_nothing),
        TEST(spares_are_made_and_taken),
        TEST(a_spare_that_is_being_taken_keeps_its_name),
        TEST(a_reader_keeps_what_it_reads),
        TEST(many_sealed_segments_keep_few_files_open),
        TEST(a_group_larger_than_a_block_is_sealed),
        TEST(an_entry_larger_than_a_block_is_sealed),
        TEST(a_raw_segment_that_was_sealed_goes),
        TEST(what_was_under_way_is_removed),
        TEST(a_spare_that_was_taken_is_no_spare),
        TEST(an_empty_newest_segment_is_fine),
        TEST(a_missing_segment_is_noticed),
        TEST(damage_in_a_sealed_segment_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
