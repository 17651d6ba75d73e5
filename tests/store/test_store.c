/* What the store promises of transactions, order, walking and forgetting. */
#include "store/fixture.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "store/internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- transactions */

static void abort_leaves_nothing(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;
    uint64_t seq, head;

    (void)state;
    assert_int_equal(gp_journal_append(txn, GP_SPAN("lost"), &seq), 0);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("lost")), 0);
    gp_txn_abort(txn);
    txn = begin(store);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_int_equal(head, 0);
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ENOTFOUND);
    assert_int_equal(gp_journal_append(txn, GP_SPAN("first"), &seq), 0);
    assert_int_equal(seq, 1);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static void first_error_sticks(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_deadline_del(txn, 5, 1), GP_ECORRUPT); /* never put */
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("x")), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    gp_store_close(store);
}

/* Puts a row that no checksum fits; the store is closed. */
static void put_unchecked(const char *table, const unsigned char *key_bytes, size_t key_len)
{
    unsigned char unchecked[8] = {0};
    MDB_val key = {.mv_size = key_len, .mv_data = (void *)(uintptr_t)key_bytes};
    MDB_val value = {.mv_size = sizeof unchecked, .mv_data = unchecked};
    struct raw raw;

    raw_begin(&raw, table);
    assert_int_equal(mdb_put(raw.txn, raw.table, &key, &value, 0), 0);
    raw_end(&raw);
}

static const unsigned char first_id[8] = {0, 0, 0, 0, 0, 0, 0, 1};

static void damage_met_while_writing_sticks(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("record")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    put_unchecked("incident", first_id, sizeof first_id);

    store = open_as(false);
    txn = begin(store);
    assert_int_equal(gp_incident_get(txn, 2, &record), GP_ENOTFOUND); /* an answer, no damage */
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ECORRUPT);
    assert_int_equal(gp_incident_put(txn, 2, GP_SPAN("x")), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    gp_store_close(store);
}

/* Looking through what belongs to one must not fail for what belongs to the next. */
static void damage_of_the_next_one_is_not_met(void **state)
{
    struct gp_store *store = open_as(false);
    unsigned char key_bytes[16] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9};
    unsigned char unchecked[30] = {0};
    MDB_val key = {.mv_size = sizeof key_bytes, .mv_data = key_bytes};
    MDB_val value = {.mv_size = sizeof unchecked, .mv_data = unchecked};
    const struct gp_personal typed = {.text = GP_SPAN("typed")};
    struct raw raw;
    uint64_t seq;

    (void)state;
    struct gp_txn *txn = begin(store);
    assert_int_equal(gp_personal_put(txn, 0, 7, &typed), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    raw_begin(&raw, "personal");
    assert_int_equal(mdb_put(raw.txn, raw.table, &key, &value, 0), 0);
    raw_end(&raw);

    store = open_as(false);
    txn = begin(store);
    assert_int_equal(gp_personal_next(txn, 0, 1, &seq), 0);
    assert_int_equal(seq, 7);
    assert_int_equal(gp_personal_next(txn, 0, 8, &seq), GP_ENOTFOUND);
    assert_int_equal(gp_personal_erase(txn, 0, UINT64_MAX, 10), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    txn = begin(store);
    assert_int_equal(gp_personal_next(txn, 1, 1, &seq), GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* A row of the right checksum and the wrong shape is damage as well. */
static void rows_of_another_shape_stick(void **state)
{
    static const char key[19] = {0};
    struct gp_store *store = open_as(false);
    uint32_t closings;
    uint64_t id;
    struct gp_span record;

    (void)state;
    struct gp_txn *txn = begin(store);
    assert_int_equal(gp_row_put(txn, GP_TABLE_ON_SPOT, (struct gp_span){key, 8}, GP_SPAN("odd"), 0),
                     0);
    assert_int_equal(gp_on_spot_get(txn, 0, &closings), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    txn = begin(store);
    assert_int_equal(gp_row_put(txn, GP_TABLE_LINK, (struct gp_span){key, 18}, GP_SPAN(""), 0), 0);
    assert_int_equal(gp_link_next(txn, 0, 0, &id), GP_ENOTFOUND); /* it lies before that */
    assert_int_equal(gp_link_next(txn, 0, UINT64_MAX, &id), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    txn = begin(store);
    assert_int_equal(gp_row_put(txn, GP_TABLE_STRIKE, (struct gp_span){key, 19}, GP_SPAN("x"), 0),
                     0);
    assert_int_equal(gp_strike_next(txn, 0, 0, UINT64_MAX, &id, &record), GP_ECORRUPT);
    assert_int_equal(gp_txn_commit(txn), GP_ECORRUPT);
    gp_store_close(store);
}

static void reader_sees_the_state_it_began_with(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store), *reader;
    struct gp_span record;

    (void)state;
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("old")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    reader = look(store);
    txn = begin(store);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("new")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    assert_int_equal(gp_incident_get(reader, 1, &record), 0);
    assert_true(gp_span_is(record, "old"));
    gp_txn_abort(reader);
    gp_store_close(store);
}

static void full_store_refuses_and_stays_usable(void **state)
{
    static char large[60000];
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record = {large, sizeof large};
    int rc = 0;

    (void)state;
    for (uint64_t id = 1; rc == 0 && id < 1000; id++)
        rc = gp_incident_put(txn, id, record);
    assert_int_equal(rc, GP_ENOSPC);
    assert_int_equal(gp_txn_commit(txn), GP_ENOSPC);
    txn = begin(store);
    assert_int_equal(gp_incident_put(txn, 1, GP_SPAN("fits")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

/* An eighth is left when it is called tight. */
static void store_says_when_it_is_nearly_full(void **state)
{
    static char large[60000];
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_span record = {large, sizeof large};
    uint64_t id = 1;

    (void)state;
    assert_false(gp_txn_tight(txn));
    while (!gp_txn_tight(txn))
        assert_int_equal(gp_incident_put(txn, id++, record), 0);
    assert_in_range(id * sizeof large, MAP_BYTES / 4 * 3, MAP_BYTES);
    assert_int_equal(gp_incident_put(txn, id, GP_SPAN("fits")), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static int no_tables(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span entry)
{
    (void)context;
    (void)txn;
    (void)seq;
    (void)entry;
    return 0;
}

static void kill_before_commit_loses_only_that(void **state)
{
    struct gp_store *store;
    struct gp_txn *txn;
    uint64_t seq, head;
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        store = open_as(false);
        txn = begin(store);
        assert_int_equal(gp_journal_append(txn, GP_SPAN("kept"), &seq), 0);
        assert_int_equal(gp_txn_commit(txn), 0);
        txn = begin(store);
        assert_int_equal(gp_journal_append(txn, GP_SPAN("lost"), &seq), 0);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    store = open_as(false);
    assert_true(gp_store_behind(store));
    assert_int_equal(gp_store_recover(store, no_tables, NULL), 0);
    txn = look(store);
    assert_int_equal(gp_journal_head(txn, &head, NULL), 0);
    assert_int_equal(head, 1);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- order, walking, forgetting */

static void earliest_deadline_comes_first(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    int64_t due;
    uint64_t id;

    (void)state;
    assert_int_equal(gp_deadline_first(txn, &due, &id), GP_ENOTFOUND);
    assert_int_equal(gp_deadline_put(txn, 2000, 1, 5), 0);
    assert_int_equal(gp_deadline_put(txn, 1000, 9, 5), 0);
    assert_int_equal(gp_deadline_put(txn, 1000, 3, 5), 0);
    assert_int_equal(gp_deadline_put(txn, -5, 8, 5), 0);
    assert_int_equal(gp_deadline_first(txn, &due, &id), 0);
    assert_int_equal(due, -5);
    assert_int_equal(gp_deadline_del(txn, -5, 8), 0);
    assert_int_equal(gp_deadline_first(txn, &due, &id), 0);
    assert_int_equal(due, 1000);
    assert_int_equal(id, 3);
    gp_txn_abort(txn);
    gp_store_close(store);
}

struct taken {
    uint64_t id[8];
    unsigned count, most;
};

static bool take(void *taker, uint64_t id)
{
    struct taken *taken = taker;

    taken->id[taken->count++] = id;
    return taken->count < taken->most;
}

static void newest_of_an_area_category_and_state(void **state)
{
    enum { OPEN = 3, SHUT = 9, CATEGORY = 77 };
    const struct gp_area_row open = {6, OPEN, CATEGORY, false}, shut = {6, SHUT, CATEGORY, true};
    struct taken all = {.most = 8}, both = {.most = 8}, one = {.most = 1}, few = {.most = 8};
    uint64_t damaged = 0;
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    assert_int_equal(gp_by_area_newest(txn, 5, CATEGORY, 9, take, &all, &damaged), 0);
    assert_int_equal(all.count, 0);
    for (uint64_t id = 1; id <= 6; id++)
        assert_int_equal(gp_by_area_put(txn, 5, id, id % 3 == 0 ? open : shut), 0);
    assert_int_equal(gp_by_area_put(txn, 4, 7, open), 0); /* of the area before it */
    assert_int_equal(gp_by_area_newest(txn, 5, CATEGORY, 9, take, &all, &damaged), 0);
    assert_int_equal(all.count, 2); /* the last row of the table: nothing stands behind it */
    assert_int_equal(all.id[0], 6);
    assert_int_equal(all.id[1], 3);
    assert_int_equal(gp_by_area_put(txn, 6, 8, open), 0); /* of the area behind it */
    assert_int_equal(gp_by_area_put(txn, 5, 9, (struct gp_area_row){6, OPEN, CATEGORY + 1, false}),
                     0);
    assert_int_equal(gp_by_area_newest(txn, 5, CATEGORY, 9, take, &both, &damaged), 0);
    assert_int_equal(both.count, 2); /* none that is closed, or of another category */
    assert_int_equal(gp_by_area_newest(txn, 5, CATEGORY, 9, take, &one, &damaged), 0);
    assert_int_equal(one.count, 1);
    assert_int_equal(gp_by_area_newest(txn, 5, CATEGORY, 2, take, &few, &damaged), 0);
    assert_int_equal(few.count, 1); /* 9 and 6 were looked at */
    assert_int_equal(damaged, 0);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* What is looked for as a hint only. */
static void damage_at_a_glance_is_no_row(void **state)
{
    const unsigned char area_key[16] = {0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 3};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct taken taken = {.most = 8};
    struct gp_span record;
    uint64_t damaged = 0;

    (void)state;
    for (uint64_t id = 1; id <= 3; id++) {
        assert_int_equal(gp_incident_put(txn, id, GP_SPAN("record")), 0);
        assert_int_equal(gp_by_area_put(txn, 5, id, (struct gp_area_row){.category = 7}), 0);
    }
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
    put_unchecked("incident", first_id, sizeof first_id);
    put_unchecked("by_area", area_key, sizeof area_key);

    store = open_as(false);
    txn = begin(store);
    assert_int_equal(gp_incident_glance(txn, 1, &record), GP_ENOTFOUND);
    assert_int_equal(gp_incident_glance(txn, 9, &record), GP_ENOTFOUND);
    assert_int_equal(gp_by_area_newest(txn, 6, 7, 9, take, &taken, &damaged), 0);
    assert_int_equal(damaged, 0); /* of another area */
    assert_int_equal(gp_by_area_newest(txn, 5, 7, 9, take, &taken, &damaged), 0);
    assert_int_equal(damaged, 3);
    assert_int_equal(taken.count, 2);
    assert_int_equal(gp_incident_put(txn, 4, GP_SPAN("another")), 0);
    assert_int_equal(gp_incident_glance(txn, 4, &record), 0);
    assert_true(gp_span_is(record, "another"));
    assert_int_equal(gp_txn_commit(txn), 0);
    txn = begin(store);
    assert_int_equal(gp_incident_get(txn, 1, &record), GP_ECORRUPT);
    assert_int_equal(gp_incident_glance(txn, 4, &record), GP_ECORRUPT); /* it has failed before */
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* A cursor that stays open must not be where an append takes the table's end to be. */
static void rows_stay_in_order_whatever_was_looked_at(void **state)
{
    enum { ROWS = 3000 }; /* of many pages */
    const struct gp_personal typed = {.text = GP_SPAN("well cover missing"), .phone = {"1", 1}};
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_personal found;
    struct gp_span key, value;
    struct gp_walk *walk;
    uint64_t id, seq, rows = 0;

    (void)state;
    for (uint64_t i = 1; i <= ROWS; i++) {
        assert_int_equal(gp_personal_put(txn, i, 2 * i, &typed), 0);
        assert_int_equal(gp_personal_get(txn, i / 2, 2 * i + 1, &found), GP_ENOTFOUND);
        if (i % 3 == 0) /* not behind all others */
            assert_int_equal(gp_personal_put(txn, i / 3, 2 * i + 1, &typed), 0);
        if (i % 5 == 0)
            assert_int_equal(gp_personal_erase(txn, i / 5, UINT64_MAX, 1), 0);
    }
    assert_int_equal(gp_walk_open(txn, GP_TABLE_PERSONAL, (struct gp_span){0}, &walk), 0);
    for (uint64_t before = 0; gp_walk_next(walk, &key, &value) == 0; rows++) {
        assert_int_equal(gp_personal_read(key, value, &id, &seq, &found), 0);
        assert_true(id >= before);
        before = id;
    }
    gp_walk_close(walk);
    assert_int_equal(rows, ROWS + ROWS / 3 - ROWS / 5);
    for (uint64_t i = ROWS / 2; i <= ROWS; i++)
        assert_int_equal(gp_personal_get(txn, i, 2 * i, &found), 0);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void put_id(struct gp_txn *txn, int64_t ms, unsigned char last)
{
    unsigned char id[16] = {0};

    gp_put_u64(id, (uint64_t)ms << 16);
    id[15] = last;
    assert_int_equal(gp_dedup_put(txn, id, last, GP_SPAN("answer")), 0);
}

/* Over many pages, so that some run empty under the walk. */
static void walk_goes_on_behind_rows_that_it_drops(void **state)
{
    enum { ROWS = 5000 };
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_store_figures figures;
    struct gp_walk *walk;
    struct gp_span key, value;

    (void)state;
    for (int i = 0; i < ROWS; i++)
        put_id(txn, i, (unsigned char)i);
    assert_int_equal(gp_walk_open(txn, GP_TABLE_DEDUP, (struct gp_span){0}, &walk), 0);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(gp_walk_next(walk, &key, &value), 0);
        assert_int_equal(gp_get_u64((const unsigned char *)key.ptr) >> 16, i);
        if (i < 2000 || i % 7 != 0)
            assert_int_equal(gp_walk_drop(walk), 0);
    }
    assert_int_equal(gp_walk_next(walk, &key, &value), GP_ENOTFOUND);
    gp_walk_close(walk);
    assert_int_equal(gp_store_figures(txn, &figures), 0);
    assert_int_equal(figures.rows[GP_TABLE_DEDUP], ROWS / 7 - 2000 / 7);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void walk_starts_where_it_is_told(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_walk *walk;
    struct gp_span key, value;
    unsigned char from[8];

    (void)state;
    for (uint64_t id = 1; id <= 5; id++)
        assert_int_equal(gp_incident_put(txn, id * 10, GP_SPAN("r")), 0);
    gp_put_u64(from, 25);
    assert_int_equal(gp_walk_open(txn, GP_TABLE_INCIDENT, (struct gp_span){(char *)from, 8}, &walk),
                     0);
    for (uint64_t id = 30; id <= 50; id += 10) {
        assert_int_equal(gp_walk_next(walk, &key, &value), 0);
        assert_int_equal(gp_get_u64((const unsigned char *)key.ptr), id);
        assert_true(gp_span_is(value, "r"));
    }
    assert_int_equal(gp_walk_next(walk, &key, &value), GP_ENOTFOUND);
    gp_walk_close(walk);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void digest_depends_on_content_only(void **state)
{
    struct gp_store *store = open_as(false);
    unsigned char digest[3][32];
    uint64_t rows;

    (void)state;
    for (int round = 0; round < 3; round++) {
        struct gp_txn *txn = begin(store);
        for (uint64_t i = 1; i <= 3; i++) {
            uint64_t id = round == 1 ? 4 - i : i;
            assert_int_equal(
                gp_incident_put(txn, id,
                                round == 2 && id == 2 ? GP_SPAN("other") : GP_SPAN("same")),
                0);
        }
        assert_int_equal(gp_table_digest(txn, GP_TABLE_INCIDENT, digest[round], &rows), 0);
        assert_int_equal(rows, 3);
        gp_txn_abort(txn);
    }
    assert_memory_equal(digest[0], digest[1], 32);
    assert_memory_not_equal(digest[0], digest[2], 32);
    gp_store_close(store);
}

/* ---------------------------------------------------------------- personal texts */

static void put_texts(struct gp_txn *txn, uint64_t incident, uint64_t first, uint64_t last)
{
    const struct gp_personal personal = {.text = GP_SPAN("typed"), .phone = GP_SPAN("13800")};

    for (uint64_t seq = first; seq <= last; seq++)
        assert_int_equal(gp_personal_put(txn, incident, seq, &personal), 0);
}

static uint32_t texts_of(struct gp_txn *txn, uint64_t incident)
{
    uint32_t count = 99;

    assert_int_equal(gp_personal_count(txn, incident, 50, &count), 0);
    return count;
}

static void texts_come_back(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_personal personal;

    (void)state;
    put_texts(txn, 7, 3, 3);
    assert_int_equal(gp_personal_get(txn, 7, 3, &personal), 0);
    assert_true(gp_span_is(personal.text, "typed"));
    assert_true(gp_span_is(personal.phone, "13800"));
    assert_int_equal(gp_personal_get(txn, 7, 4, &personal), GP_ENOTFOUND);
    assert_int_equal(gp_personal_get(txn, 3, 7, &personal), GP_ENOTFOUND);
    assert_int_equal(gp_txn_commit(txn), 0); /* not found is an answer, no failure */
    gp_store_close(store);
}

static void erasing_is_of_one_incident_and_of_before(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_personal personal;

    (void)state;
    put_texts(txn, 6, 1, 2);
    put_texts(txn, 7, 3, 9);
    put_texts(txn, 8, 10, 11);
    assert_int_equal(texts_of(txn, 7), 7);
    assert_int_equal(gp_personal_erase(txn, 7, 8, 100), 0);
    assert_int_equal(texts_of(txn, 7), 2);
    assert_int_equal(gp_personal_get(txn, 7, 7, &personal), GP_ENOTFOUND);
    assert_int_equal(gp_personal_get(txn, 7, 8, &personal), 0);
    assert_int_equal(texts_of(txn, 6), 2);
    assert_int_equal(texts_of(txn, 8), 2);
    assert_int_equal(gp_personal_erase(txn, 8, UINT64_MAX, 100), 0); /* the table's last */
    assert_int_equal(texts_of(txn, 8), 0);
    assert_int_equal(gp_personal_erase(txn, 8, UINT64_MAX, 100), 0);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

static void erasing_and_counting_are_bounded(void **state)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);

    (void)state;
    put_texts(txn, 7, 1, 60);
    assert_int_equal(texts_of(txn, 7), 50);
    assert_int_equal(gp_personal_erase(txn, 7, 100, 20), 0);
    assert_int_equal(texts_of(txn, 7), 40);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_store_close(store);
}

/* LMDB gives up when the page that ends a commit cannot be written. The data before it are whole:
 * an operator who reads that they are damaged would look in the wrong place. */
static void environment_that_gave_up_is_a_disk_error(void **state)
{
    (void)state;
    assert_int_equal(gp_mdb_error(MDB_PANIC), GP_EIO);
    assert_int_equal(gp_mdb_error(MDB_CORRUPTED), GP_ECORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(store_says_when_it_is_nearly_full),
        TEST(abort_leaves_nothing),
        TEST(first_error_sticks),
        TEST(damage_met_while_writing_sticks),
        TEST(damage_of_the_next_one_is_not_met),
        TEST(rows_of_another_shape_stick),
        TEST(reader_sees_the_state_it_began_with),
        TEST(full_store_refuses_and_stays_usable),
        TEST(kill_before_commit_loses_only_that),
        TEST(environment_that_gave_up_is_a_disk_error),
        TEST(earliest_deadline_comes_first),
        TEST(newest_of_an_area_category_and_state),
        TEST(damage_at_a_glance_is_no_row),
        TEST(rows_stay_in_order_whatever_was_looked_at),
        TEST(walk_goes_on_behind_rows_that_it_drops),
        TEST(walk_starts_where_it_is_told),
        TEST(digest_depends_on_content_only),
        TEST(texts_come_back),
        TEST(erasing_is_of_one_incident_and_of_before),
        TEST(erasing_and_counting_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
