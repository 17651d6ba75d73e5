/* What is written is read again, by numbers, by chains, by walks, and after another opening. */
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

static void assert_mark(const struct gp_wal_mark *mark, const struct gp_wal_mark *expected)
{
    unsigned char a[GP_WAL_MARK_BYTES], b[GP_WAL_MARK_BYTES];

    gp_wal_mark_pack(mark, a);
    gp_wal_mark_pack(expected, b);
    assert_memory_equal(a, b, sizeof a);
}

/* ---------------------------------------------------------------- opening */

static void a_new_log_is_empty_and_opens_again(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start;
    struct gp_wal_reader *reader;
    struct gp_span entry;
    unsigned char zeros[32] = {0}, hash[32] = {1};
    uint64_t head = 7;

    open_log(box, NULL);
    gp_wal_head(box->log, &head, hash);
    assert_int_equal(head, 0);
    assert_memory_equal(hash, zeros, 32);
    reader = reader_of(box, false);
    assert_int_equal(gp_wal_get(reader, 0, &entry), GP_ENOTFOUND);
    assert_int_equal(gp_wal_get(reader, 1, &entry), GP_ENOTFOUND);
    assert_int_equal(gp_wal_hash(reader, 0, hash), 0);
    assert_int_equal(gp_wal_hash(reader, 1, hash), GP_ENOTFOUND);
    drop_readers(box);
    start = mark_of(box);
    assert_int_equal(start.seq, 0);
    assert_int_equal(start.segment, 1);
    assert_int_equal(start.offset, GP_SEGMENT_HEAD);
    close_log(box);
    open_log(box, NULL); /* nothing was written: it is as new */
    close_log(box);
    open_log(box, &start);
    assert_int_equal(count_files(box, ".log"), 1);
}

static void opening_says_what_is_wrong(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    box->options.create = false;
    assert_int_equal(try_open(box, NULL), GP_ENOTFOUND);
    box->options.create = true;
    box->options.segment_bytes = SEGMENT_BYTES - 4096;
    assert_int_equal(try_open(box, NULL), GP_EINVAL);
    box->options.segment_bytes = SEGMENT_BYTES + 1;
    assert_int_equal(try_open(box, NULL), GP_EINVAL);
    box->options.segment_bytes = SEGMENT_BYTES;
    open_log(box, NULL);
    put_group(box, 1, 0);
    mark = mark_of(box);
    close_log(box);
    assert_int_equal(try_open(box, NULL), GP_EEXIST); /* tables that never heard of it */
    open_log(box, &mark);
    close_log(box);
    assert_int_equal(unlinkat(box->folder, "0000000000000001.log", 0), 0);
    assert_int_equal(try_open(box, &mark), GP_ECORRUPT); /* tables whose log is gone */
}

/* ---------------------------------------------------------------- writing and reading */

static void entries_are_there_after_sync_and_after_opening(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start, end;

    open_log(box, NULL);
    start = mark_of(box);
    for (unsigned i = 0; i < 60; i++)
        put_group(box, i % 4, i % 4 == 0 ? 1 : i % 3);
    assert_int_equal(gp_wal_synced(box->log), 90);
    assert_entries(box, 1, 90);
    end = mark_of(box);
    assert_int_equal(end.seq, 90);
    close_log(box);
    open_log(box, &start);
    assert_entries(box, 1, 90);
    assert_true(end.segment > 1);
    close_log(box);
    open_log(box, &end);
    assert_entries(box, 1, 90);
    put_group(box, 3, 0);
    assert_entries(box, 1, 93);
    assert_int_equal(box->found.cut_bytes, 0);
}

static void only_the_writers_reader_sees_the_group(void **state)
{
    struct box *box = *state;
    struct gp_wal_reader *own, *other;
    struct gp_span entry;
    unsigned char hash[32], expected[32];
    uint64_t bad;

    open_log(box, NULL);
    put_group(box, 3, 1);
    add_entries(box, 3);
    own = reader_of(box, true);
    other = reader_of(box, false);
    for (int written = 0; written < 2; written++) {
        for (uint64_t seq = 1; seq <= 6; seq++) {
            assert_int_equal(gp_wal_get(own, seq, &entry), 0);
            assert_true(gp_span_equal(entry, entry_of(seq)));
            chain_of(seq, expected);
            assert_int_equal(gp_wal_hash(own, seq, hash), 0);
            assert_memory_equal(hash, expected, 32);
        }
        assert_int_equal(gp_wal_get(own, 7, &entry), GP_ENOTFOUND);
        assert_int_equal(gp_wal_verify(own, 1, 6, &bad), 0);
        assert_int_equal(gp_wal_get(other, 4, &entry), GP_ENOTFOUND);
        assert_int_equal(gp_wal_hash(other, 4, hash), GP_ENOTFOUND);
        assert_int_equal(gp_wal_verify(other, 1, 4, &bad), GP_ECORRUPT);
        assert_int_equal(bad, 4);
        if (written == 0)
            assert_int_equal(gp_wal_write(box->log), 0);
    }
    assert_int_equal(gp_wal_sync(box->log), 0);
    assert_int_equal(gp_wal_get(other, 6, &entry), 0);
    drop_readers(box);
}

static void a_cut_group_never_was(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark before, after;
    uint64_t head;

    open_log(box, NULL);
    put_group(box, 3, 1);
    before = mark_of(box);
    add_entries(box, 2);
    assert_int_equal(gp_wal_cut(box->log), 0);
    gp_wal_head(box->log, &head, NULL);
    assert_int_equal(head, 3);
    assert_false(gp_wal_pending(box->log));
    add_entries(box, 40);
    assert_int_equal(gp_wal_write(box->log), 0);
    assert_int_equal(gp_wal_cut(box->log), 0);
    assert_int_equal(gp_wal_cut(box->log), 0);
    after = mark_of(box);
    assert_mark(&after, &before);
    put_group(box, 1, 0);
    close_log(box);
    open_log(box, &before);
    assert_int_equal(box->found.cut_bytes, 0); /* there are zeros again */
    assert_entries(box, 1, 4);
}

static void too_long_an_entry_is_refused(void **state)
{
    struct box *box = *state;
    size_t len = GP_RECORD_BYTES_MAX + 1;
    char *text = calloc(1, len);
    uint64_t seq;

    assert_non_null(text);
    open_log(box, NULL);
    add_entries(box, 1);
    assert_int_equal(gp_wal_entry(box->log, (struct gp_span){text, len}, &seq), GP_ELIMIT);
    assert_int_equal(gp_wal_side(box->log, (struct gp_span){text, len}), GP_ELIMIT);
    assert_int_equal(gp_wal_entry(box->log, (struct gp_span){text, len - 1}, &seq), 0);
    assert_int_equal(seq, 2);
    sync_group(box);
    free(text);
}

static void an_empty_entry_is_one(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start;
    struct gp_wal_reader *reader;
    struct gp_span entry;
    uint64_t seq, bad;

    open_log(box, NULL);
    start = mark_of(box);
    assert_int_equal(gp_wal_entry(box->log, (struct gp_span){0}, &seq), 0);
    sync_group(box);
    close_log(box);
    open_log(box, &start);
    reader = reader_of(box, false);
    assert_int_equal(gp_wal_get(reader, 1, &entry), 0);
    assert_int_equal(entry.len, 0);
    assert_int_equal(gp_wal_verify(reader, 1, 1, &bad), 0);
    drop_readers(box);
}

/* ---------------------------------------------------------------- segments */

static void a_group_that_just_fits_stays_one_more_byte_goes_on(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    open_log(box, NULL);
    put_long(box, 8000);
    put_long(box, SEGMENT_BYTES - GP_SEGMENT_HEAD - 8000); /* to its last byte */
    mark = mark_of(box);
    assert_int_equal(mark.segment, 1);
    assert_int_equal(mark.offset, SEGMENT_BYTES);
    put_long(box, 8000);
    put_long(box, SEGMENT_BYTES - GP_SEGMENT_HEAD - 8000 + 1);
    assert_int_equal(mark_of(box).segment, 3);
    assert_int_equal(mark_of(box).offset,
                     GP_SEGMENT_HEAD + SEGMENT_BYTES - GP_SEGMENT_HEAD - 8000 + 8);
    close_log(box);
    open_log(box, &mark);
    assert_int_equal(gp_wal_synced(box->log), 4);
}

static void a_group_larger_than_a_segment_gets_its_own(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start;

    open_log(box, NULL);
    start = mark_of(box);
    put_group(box, 1, 0);
    put_group(box, 500, 0); /* some 80 KiB */
    put_group(box, 40, 0);  /* more than what is left of its last 4 KiB */
    assert_int_equal(mark_of(box).segment, 3);
    assert_entries(box, 1, 541);
    close_log(box);
    open_log(box, &start);
    assert_entries(box, 1, 541);
}

static void rotating_begins_a_segment(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark before;

    open_log(box, NULL);
    gp_wal_rotate(box->log); /* it is empty */
    add_entries(box, 1);
    assert_int_equal(gp_wal_write(box->log), 0);
    gp_wal_rotate(box->log); /* and is again */
    assert_int_equal(gp_wal_cut(box->log), 0);
    put_group(box, 1, 0);
    assert_int_equal(mark_of(box).segment, 1);
    before = mark_of(box);
    gp_wal_rotate(box->log);
    gp_wal_rotate(box->log);
    assert_int_equal(mark_of(box).segment, 2);
    add_entries(box, 1);
    assert_int_equal(gp_wal_write(box->log), 0);
    assert_int_equal(gp_wal_cut(box->log), 0);
    assert_int_equal(mark_of(box).segment, 2);
    put_group(box, 1, 0);
    put_group(box, 1, 0);
    assert_int_equal(mark_of(box).segment, 2);
    close_log(box);
    open_log(box, &before);
    assert_entries(box, 1, 3);
}

/* Only side records, as of an office that sleeps: the segments begin at one seq. */
static void segments_without_entries_are_told_apart(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark start;

    open_log(box, NULL);
    put_group(box, 2, 0);
    start = mark_of(box);
    while (mark_of(box).segment < 5)
        put_group(box, 0, 3);
    assert_entries(box, 1, 2);
    put_group(box, 2, 1);
    assert_entries(box, 1, 4);
    close_log(box);
    open_log(box, &start);
    assert_entries(box, 1, 4);
}

static void a_throw_away_log_works_as_any(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark;

    box->options.unsafe_nosync = true;
    box->options.segment_bytes = 0;
    open_log(box, NULL);
    for (int i = 0; i < 40; i++)
        put_group(box, 5, 1);
    mark = mark_of(box);
    assert_entries(box, 1, 200);
    close_log(box);
    open_log(box, &mark);
    assert_entries(box, 1, 200);
}

static void figures_count_what_is_there(void **state)
{
    struct box *box = *state;
    struct gp_wal_figures figures;

    open_log(box, NULL);
    gp_wal_figures(box->log, &figures);
    assert_int_equal(figures.first, 1);
    assert_int_equal(figures.last, 0);
    assert_int_equal(figures.raw, 1);
    assert_int_equal(figures.sealed + figures.spares, 0);
    assert_int_equal(figures.bytes, SEGMENT_BYTES);
    put_group(box, 500, 0);
    gp_wal_figures(box->log, &figures);
    assert_int_equal(figures.last, 500);
    assert_int_equal(figures.raw, 2);
    assert_true(figures.bytes > 4 * SEGMENT_BYTES);
}

/* ---------------------------------------------------------------- walking */

struct seen {
    uint64_t groups, entries, sides;
};

/* Walks from a mark, asserts what every record says. marks: of each group's end, or NULL. */
static struct seen walk_from(struct box *box, const struct gp_wal_mark *from,
                             const struct gp_wal_mark *marks)
{
    struct seen seen = {0};
    struct gp_wal_walk *walk;
    struct gp_wal_mark mark;
    enum gp_record_kind kind;
    struct gp_span bytes;
    unsigned side = 0;
    uint64_t seq;
    bool last;
    int rc;

    assert_int_equal(gp_wal_walk_open(box->log, from, &walk), 0);
    gp_wal_walk_mark(walk, &mark);
    assert_mark(&mark, from);
    while ((rc = gp_wal_walk_next(walk, &kind, &seq, &bytes, &last)) == 0) {
        seen.entries += kind == GP_RECORD_ENTRY;
        seen.sides += kind == GP_RECORD_SIDE;
        assert_int_equal(seq, from->seq + seen.entries);
        assert_true(gp_span_equal(bytes, kind == GP_RECORD_ENTRY ? entry_of(seq) : side_of(side)));
        side = last || kind == GP_RECORD_ENTRY ? 0 : side + 1;
        if (!last)
            continue;
        gp_wal_walk_mark(walk, &mark);
        if (marks != NULL)
            assert_mark(&mark, &marks[seen.groups]);
        seen.groups++;
    }
    assert_int_equal(rc, GP_ENOTFOUND);
    gp_wal_walk_close(walk);
    return seen;
}

#define GROUPS 60

static void a_walk_from_each_mark_gives_what_is_behind_it(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark marks[GROUPS + 1];
    unsigned entries = 0, sides = 0;

    open_log(box, NULL);
    gp_wal_mark(box->log, &marks[0]);
    for (unsigned i = 0; i < GROUPS; i++) {
        put_group(box, i % 4, i % 4 == 0 ? 1 : i % 3);
        entries += i % 4;
        sides += i % 4 == 0 ? 1 : i % 3;
        gp_wal_mark(box->log, &marks[i + 1]);
    }
    for (int again = 0; again < 2; again++) {
        for (unsigned i = 0; i <= GROUPS; i++) {
            struct seen seen = walk_from(box, &marks[i], marks + i + 1);
            assert_int_equal(seen.groups, GROUPS - i);
            assert_int_equal(seen.entries, entries - marks[i].seq);
            if (i == 0)
                assert_int_equal(seen.sides, sides);
        }
        close_log(box);
        open_log(box, &marks[again == 0 ? 0 : GROUPS]);
    }
}

static void a_mark_of_nowhere_is_refused(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark mark, wrong;
    struct gp_wal_walk *walk;

    open_log(box, NULL);
    put_group(box, 3, 0);
    mark = mark_of(box);
    put_group(box, 3, 0);
    for (int i = 0; i < 7; i++) {
        wrong = mark;
        if (i == 0)
            wrong.seq++;
        else if (i == 1)
            wrong.hash[31] ^= 1;
        else if (i == 2)
            wrong.segment++;
        else if (i == 3)
            wrong.offset += 8;
        else if (i == 4)
            wrong.offset = GP_SEGMENT_HEAD;
        else if (i == 5)
            wrong.offset = 0;
        else
            wrong.offset = mark_of(box).offset + 8;
        assert_int_equal(gp_wal_walk_open(box->log, &wrong, &walk), GP_ECORRUPT);
    }
    close_log(box);
    for (int i = 0; i < 2; i++) {
        wrong = mark;
        if (i == 0)
            wrong.hash[0] ^= 1;
        else
            wrong.seq = 4;
        assert_int_equal(try_open(box, &wrong), GP_ECORRUPT);
        assert_string_equal(box->found.bad_name, "0000000000000001.log");
        assert_int_equal(box->found.bad_offset, mark.offset);
    }
    open_log(box, &mark);
}

static void tables_ahead_of_the_log_are_refused(void **state)
{
    struct box *box = *state;
    struct gp_wal_mark older, mark;
    size_t len;
    unsigned char *before;

    open_log(box, NULL);
    put_group(box, 3, 0);
    older = mark_of(box);
    before = slurp(box, "0000000000000001.log", &len);
    put_group(box, 3, 0);
    mark = mark_of(box);
    close_log(box);
    spill(box, "0000000000000001.log", before, len);
    assert_int_equal(try_open(box, &mark), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, "0000000000000001.log");
    assert_int_equal(box->found.bad_offset, older.offset);
    open_log(box, &older);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_log_is_empty_and_opens_again),
        TEST(opening_says_what_is_wrong),
        TEST(entries_are_there_after_sync_and_after_opening),
        TEST(only_the_writers_reader_sees_the_group),
        TEST(a_cut_group_never_was),
        TEST(too_long_an_entry_is_refused),
        TEST(an_empty_entry_is_one),
        TEST(a_group_that_just_fits_stays_one_more_byte_goes_on),
        TEST(a_group_larger_than_a_segment_gets_its_own),
        TEST(rotating_begins_a_segment),
        TEST(segments_without_entries_are_told_apart),
        TEST(a_throw_away_log_works_as_any),
        TEST(figures_count_what_is_there),
        TEST(a_walk_from_each_mark_gives_what_is_behind_it),
        TEST(a_mark_of_nowhere_is_refused),
        TEST(tables_ahead_of_the_log_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
