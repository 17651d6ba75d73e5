/* The tail after a crash, byte by byte: what nobody was answered for is cut, all else is refused.
 */
#include "store/log/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FIRST  "0000000000000001.log"
#define SECOND "0000000000000002.log"

/* A segment with some groups, and the places between its last ones. */
struct scene {
    struct box *box;
    struct gp_wal_mark start, middle, before, end; /* two groups behind `middle`, one `before` */
    unsigned char *whole;
    size_t len;
    size_t used; /* of the last group: up to its last byte that is none of the zeros at its end */
};

static void make_scene(struct box *box, unsigned entries, unsigned sides, struct scene *scene)
{
    box->options.unsafe_nosync = true; /* many openings: the bytes are the same */
    scene->box = box;
    open_log(box, NULL);
    scene->start = mark_of(box);
    put_group(box, 3, 2);
    put_group(box, 0, 1);
    scene->middle = mark_of(box);
    put_group(box, entries, sides);
    scene->before = mark_of(box);
    put_group(box, entries, sides);
    scene->end = mark_of(box);
    close_log(box);
    scene->whole = slurp(box, FIRST, &scene->len);
    scene->used = scene->end.offset - scene->before.offset;
    while (scene->whole[scene->before.offset + scene->used - 1] == 0)
        scene->used--;
}

/* A copy that goes wrong from `at` on: zeros up to the segment's end. */
static unsigned char *torn_at(const struct scene *scene, size_t at)
{
    unsigned char *bytes = malloc(scene->len);

    assert_non_null(bytes);
    memcpy(bytes, scene->whole, scene->len);
    memset(bytes + at, 0, scene->len - at);
    return bytes;
}

static size_t length_from(const unsigned char *bytes, size_t from, size_t to)
{
    while (to > from && bytes[to - 1] == 0)
        to--;
    return to - from;
}

/* Opens with these bytes: cut behind `end`, set aside, and good to go on. Frees them. */
static void assert_cut(struct scene *scene, unsigned char *bytes, const struct gp_wal_mark *end)
{
    struct box *box = scene->box;
    size_t torn = length_from(bytes, end->offset, scene->len), len;
    char name[GP_WAL_NAME_BYTES];
    struct gp_wal_mark mark;

    spill(box, FIRST, bytes, scene->len);
    open_log(box, &scene->start);
    mark = mark_of(box);
    assert_int_equal(mark.seq, end->seq);
    assert_int_equal(mark.offset, end->offset);
    assert_int_equal(box->found.cut_bytes, torn);
    if (torn > 0) {
        gp_name_cut(1, end->offset, name);
        assert_string_equal(box->found.cut_name, name);
        unsigned char *aside = slurp(box, name, &len);
        assert_int_equal(len, torn);
        assert_memory_equal(aside, bytes + end->offset, torn);
        free(aside);
        assert_int_equal(unlinkat(box->folder, name, 0), 0);
    }
    free(bytes);
    assert_entries(box, 1, end->seq);
    put_group(box, 1, 0);
    close_log(box);
    open_log(box, end);
    assert_int_equal(box->found.cut_bytes, 0);
    assert_int_equal(gp_wal_synced(box->log), end->seq + 1);
    close_log(box);
}

static void assert_refused(struct scene *scene, const unsigned char *bytes,
                           const struct gp_wal_mark *from, uint64_t offset)
{
    struct box *box = scene->box;

    spill(box, FIRST, bytes, scene->len);
    assert_int_equal(try_open(box, from), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, FIRST);
    assert_int_equal(box->found.bad_offset, offset);
    assert_int_equal(count_files(box, ".bin"), 0);
    size_t len;
    unsigned char *after = slurp(box, FIRST, &len); /* it is evidence: nothing changed */
    assert_int_equal(len, scene->len);
    assert_memory_equal(after, bytes, len);
    free(after);
}

/* ---------------------------------------------------------------- the last group */

static void torn_at_every_byte_of_the_last_group_is_cut(void **state)
{
    struct scene scene;

    make_scene(*state, 3, 1, &scene);
    for (size_t at = 0; at < scene.used; at++)
        assert_cut(&scene, torn_at(&scene, scene.before.offset + at), &scene.before);
    assert_cut(&scene, torn_at(&scene, scene.before.offset + scene.used), &scene.end);
    free(scene.whole);
}

static void torn_at_every_byte_is_refused_where_the_tables_have_it(void **state)
{
    struct scene scene;

    make_scene(*state, 3, 1, &scene);
    for (size_t at = 0; at < scene.used; at++) {
        unsigned char *bytes = torn_at(&scene, scene.before.offset + at);
        assert_refused(&scene, bytes, &scene.end, scene.before.offset);
        free(bytes);
    }
    free(scene.whole);
}

static void a_flipped_bit_in_the_last_group_is_cut(void **state)
{
    struct scene scene;

    make_scene(*state, 2, 1, &scene);
    for (size_t at = scene.before.offset; at < scene.end.offset; at++) {
        unsigned char *bytes = torn_at(&scene, scene.len);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        assert_cut(&scene, bytes, &scene.before);
    }
    free(scene.whole);
}

static void noise_in_place_of_the_last_group_is_cut(void **state)
{
    struct scene scene;
    uint32_t noise = 1;

    make_scene(*state, 3, 1, &scene);
    for (int round = 0; round < 300; round++) {
        unsigned char *bytes = torn_at(&scene, scene.before.offset);
        noise = noise * 1664525u + 1013904223u;
        size_t len = 1 + noise % (scene.len - scene.before.offset);
        for (size_t i = 0; i < len; i++) {
            noise = noise * 1664525u + 1013904223u;
            bytes[scene.before.offset + i] = (unsigned char)(noise >> 24);
        }
        assert_cut(&scene, bytes, &scene.before);
    }
    free(scene.whole);
}

/* The disk wrote later pages first, or any of them: none but all of them make a group. */
static void a_group_that_lacks_pages_is_cut(void **state)
{
    struct scene scene;

    ((struct box *)*state)->options.segment_bytes = 4 * SEGMENT_BYTES;
    make_scene(*state, 90, 10, &scene);
    size_t pages = scene.end.offset / 4096 - scene.before.offset / 4096 + 1;
    assert_true(pages >= 4 && pages < 10);
    for (unsigned missing = 1; missing < 1u << pages; missing++) {
        unsigned char *bytes = torn_at(&scene, scene.len);
        for (size_t page = 0; page < pages; page++) {
            size_t from = (scene.before.offset / 4096 + page) * 4096, to = from + 4096;
            from = from < scene.before.offset ? scene.before.offset : from;
            if ((missing >> page & 1) != 0)
                memset(bytes + from, 0, to - from);
        }
        assert_cut(&scene, bytes, &scene.before);
    }
    free(scene.whole);
}

/* ---------------------------------------------------------------- the last two groups */

static void damage_in_front_of_a_whole_group_is_refused(void **state)
{
    struct scene scene;

    make_scene(*state, 3, 1, &scene);
    for (size_t at = scene.middle.offset; at < scene.before.offset; at++) {
        unsigned char *bytes = torn_at(&scene, scene.len);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        assert_refused(&scene, bytes, &scene.start, scene.middle.offset);
        memset(bytes + scene.middle.offset, 0, at + 1 - scene.middle.offset);
        assert_refused(&scene, bytes, &scene.start, scene.middle.offset);
        free(bytes);
    }
    free(scene.whole);
}

static void torn_in_both_is_cut_where_the_tables_have_neither(void **state)
{
    struct scene scene;

    make_scene(*state, 3, 1, &scene);
    for (size_t at = scene.middle.offset; at < scene.before.offset; at++) {
        unsigned char *bytes = torn_at(&scene, scene.before.offset + scene.used / 2);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        assert_refused(&scene, bytes, &scene.before, scene.middle.offset);
        assert_cut(&scene, bytes, &scene.middle);
    }
    free(scene.whole);
}

static void damage_anywhere_before_is_refused(void **state)
{
    struct scene scene;

    make_scene(*state, 3, 1, &scene);
    for (size_t at = 0; at < scene.middle.offset; at += at < GP_SEGMENT_HEAD ? 7 : 1) {
        unsigned char *bytes = torn_at(&scene, scene.len);
        bytes[at] ^= (unsigned char)(1 << at % 8);
        spill(scene.box, FIRST, bytes, scene.len);
        int rc = try_open(scene.box, &scene.start);
        assert_int_equal(rc, GP_ECORRUPT);
        assert_string_equal(scene.box->found.bad_name, FIRST);
        assert_true(scene.box->found.bad_offset <= at);
        free(bytes);
    }
    free(scene.whole);
}

/* Whole, and its checksum right; but more was on disk when it was written than is in front of it.
 */
static void a_group_that_cannot_be_is_refused(void **state)
{
    struct scene scene;
    struct gp_segment_head head;
    struct gp_group group;

    make_scene(*state, 3, 1, &scene);
    assert_int_equal(gp_segment_unpack(scene.whole, &head), 0);
    const uint64_t seed = gp_salt_seed(head.salt);
    unsigned char *bytes = torn_at(&scene, scene.len);
    unsigned char *at = bytes + scene.before.offset;
    assert_int_equal(gp_group_check(at, scene.len - scene.before.offset, 1, seed, &group), 0);
    assert_int_equal(group.synced_to, scene.before.seq);
    group.synced_to++;
    gp_group_pack(&group, seed, at);
    assert_refused(&scene, bytes, &scene.start, scene.before.offset);
    group.synced_to--;
    group.before[5] ^= 1; /* nor one of another chain */
    gp_group_pack(&group, seed, at);
    assert_refused(&scene, bytes, &scene.start, scene.before.offset);
    group.before[5] ^= 1;
    group.last--; /* nor one that has more entries than it says */
    gp_group_pack(&group, seed, at);
    assert_refused(&scene, bytes, &scene.start, scene.before.offset);
    group.last++;
    gp_group_pack(&group, seed, at);
    assert_memory_equal(bytes, scene.whole, scene.len);
    free(bytes);
    free(scene.whole);
}

/* ---------------------------------------------------------------- what checksums do not tell */

/* Somebody changes an entry of the first group and makes its checksum right. */
static void forge(const struct scene *scene)
{
    unsigned char *bytes = torn_at(scene, scene->len);
    unsigned char *at = bytes + scene->start.offset;
    struct gp_segment_head head;
    struct gp_group group;

    assert_int_equal(gp_segment_unpack(bytes, &head), 0);
    const uint64_t seed = gp_salt_seed(head.salt);
    assert_int_equal(gp_group_check(at, scene->len - scene->start.offset, 1, seed, &group), 0);
    at[GP_GROUP_HEAD + GP_RECORD_HEAD] ^= 1;
    gp_group_pack(&group, seed, at);
    spill(scene->box, FIRST, bytes, scene->len);
    free(bytes);
}

static void assert_forged(struct box *box, uint64_t last)
{
    struct gp_wal_reader *reader = reader_of(box, false);
    uint64_t bad;

    assert_int_equal(gp_wal_verify(reader, 1, last, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 1);
    assert_int_equal(gp_wal_verify(reader, 2, 2, &bad), GP_ECORRUPT);
    assert_int_equal(bad, 2);
    drop_readers(box);
}

static void a_forged_entry_breaks_the_chain(void **state)
{
    struct box *box = *state;
    struct scene scene;
    struct gp_wal_mark mark;
    uint64_t bad;

    make_scene(box, 3, 1, &scene);
    forge(&scene);
    assert_int_equal(try_open(box, &scene.start), GP_ECORRUPT); /* the next group says so */
    open_log(box, &scene.end); /* what the tables have is not computed again */
    assert_forged(box, scene.end.seq);
    assert_int_equal(gp_wal_verify(reader_of(box, false), 4, scene.end.seq, &bad), 0);
    drop_readers(box);
    gp_wal_rotate(box->log);
    put_group(box, 3, 0);
    mark = mark_of(box);
    assert_int_equal(gp_wal_upkeep(box->log, &mark), 0);
    assert_int_equal(count_files(box, ".seg"), 1);
    assert_forged(box, mark.seq);
    free(scene.whole);
}

/* ---------------------------------------------------------------- more than one segment */

static void what_another_segment_salted_is_no_group(void **state)
{
    struct box *box = *state;
    struct scene scene, other;

    make_scene(box, 3, 1, &scene);
    assert_int_equal(unlinkat(box->folder, FIRST, 0), 0);
    make_scene(box, 3, 1, &other); /* the same entries, and another salt */
    size_t len = scene.end.offset - scene.before.offset;
    unsigned char *bytes = torn_at(&scene, scene.before.offset);
    memcpy(bytes + scene.before.offset, other.whole + other.before.offset, len);
    assert_cut(&scene, bytes, &scene.before);
    free(scene.whole);
    free(other.whole);
}

static void only_the_newest_segment_may_be_torn(void **state)
{
    struct box *box = *state;
    struct scene scene;

    make_scene(box, 3, 1, &scene);
    open_log(box, &scene.end);
    gp_wal_rotate(box->log);
    put_group(box, 3, 0);
    close_log(box);
    unsigned char *bytes = torn_at(&scene, scene.before.offset + scene.used / 2);
    assert_refused(&scene, bytes, &scene.start, scene.before.offset);
    free(bytes);
    bytes = torn_at(&scene, scene.before.offset); /* without a trace */
    spill(box, FIRST, bytes, scene.len);
    assert_int_equal(try_open(box, &scene.start), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, SECOND);
    free(bytes);
    bytes = torn_at(&scene, scene.len);
    bytes[scene.end.offset + 100] = 1; /* behind its end */
    assert_refused(&scene, bytes, &scene.start, scene.end.offset);
    free(bytes);
    spill(box, FIRST, scene.whole, scene.len);
    open_log(box, &scene.start);
    free(scene.whole);
}

/* The chain tells nothing of side records; where the segment before ended does. */
static void lost_side_records_at_a_segments_end_are_noticed(void **state)
{
    struct box *box = *state;
    struct scene scene;

    make_scene(box, 0, 2, &scene);
    open_log(box, &scene.end);
    gp_wal_rotate(box->log);
    put_group(box, 3, 0);
    close_log(box);
    unsigned char *bytes = torn_at(&scene, scene.before.offset);
    spill(box, FIRST, bytes, scene.len);
    assert_int_equal(try_open(box, &scene.start), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, SECOND);
    free(bytes);
    free(scene.whole);
}

static void a_segment_without_a_head_or_an_end_is_refused(void **state)
{
    struct box *box = *state;
    struct scene scene;
    char path[128];

    make_scene(box, 3, 1, &scene);
    (void)snprintf(path, sizeof path, "%s/" FIRST, box->path);
    static const off_t lengths[] = {0, 100, GP_SEGMENT_HEAD, SEGMENT_BYTES - 1, SEGMENT_BYTES + 1};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        spill(box, FIRST, scene.whole, scene.len);
        assert_int_equal(truncate(path, lengths[i]), 0);
        assert_int_equal(try_open(box, &scene.start), GP_ECORRUPT);
        assert_string_equal(box->found.bad_name, FIRST);
    }
    unsigned char *bytes = torn_at(&scene, 0);
    assert_refused(&scene, bytes, &scene.start, 0);
    free(bytes);
    spill(box, FIRST, scene.whole, scene.len);
    spill(box, SECOND, scene.whole, scene.len); /* a copy is no other segment */
    assert_int_equal(try_open(box, &scene.start), GP_ECORRUPT);
    assert_string_equal(box->found.bad_name, SECOND);
    free(scene.whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(torn_at_every_byte_of_the_last_group_is_cut),
        TEST(torn_at_every_byte_is_refused_where_the_tables_have_it),
        TEST(a_flipped_bit_in_the_last_group_is_cut),
        TEST(noise_in_place_of_the_last_group_is_cut),
        TEST(a_group_that_lacks_pages_is_cut),
        TEST(damage_in_front_of_a_whole_group_is_refused),
        TEST(torn_in_both_is_cut_where_the_tables_have_neither),
        TEST(damage_anywhere_before_is_refused),
        TEST(a_group_that_cannot_be_is_refused),
        TEST(a_forged_entry_breaks_the_chain),
        TEST(what_another_segment_salted_is_no_group),
        TEST(only_the_newest_segment_may_be_torn),
        TEST(lost_side_records_at_a_segments_end_are_noticed),
        TEST(a_segment_without_a_head_or_an_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
