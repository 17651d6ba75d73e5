/* Rows of by_area as format 3 began with, which lack their incident's category. */
#include "base/bytes.h"
#include "engine/engine.h"
#include "store/fixture.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GRID      UINT64_C(340705006001001)
#define INCIDENTS 5000 /* more than one transaction brings up */
#define NEW_ROWS  100  /* that a run before, cut short, has brought up */

static const char *const codes[] = {"n4", "n8", "l5"};

static const char *code_of(uint64_t id)
{
    return codes[id % 3];
}

static struct gp_area_row row_of(uint64_t id)
{
    return (struct gp_area_row){
        .level = GP_LEVEL_GRID,
        .state = id % 7 == 0 ? GP_STATE_CLOSED : GP_STATE_DISPATCHED,
        .category = gp_post_key(gp_span_of(code_of(id))),
    };
}

static void put_incident(struct gp_txn *txn, struct gp_arena *arena, uint64_t id)
{
    struct gp_incident incident = {.id = id, .row.code = gp_span_of(code_of(id))};
    struct gp_span record;

    gp_arena_reset(arena);
    assert_int_equal(gp_wire_incident_pack(&incident, arena, &record), 0);
    assert_int_equal(gp_incident_put(txn, id, record), 0);
    assert_int_equal(gp_by_area_put(txn, GRID, id, row_of(id)), 0);
}

static void write_incidents(unsigned char ret_digest[32])
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_arena arena;
    uint64_t rows;

    gp_arena_init(&arena, 65536);
    for (uint64_t id = 1; id <= INCIDENTS; id++)
        put_incident(txn, &arena, id);
    assert_int_equal(gp_table_digest(txn, GP_TABLE_BY_AREA, ret_digest, &rows), 0);
    assert_int_equal(rows, INCIDENTS);
    assert_int_equal(gp_txn_commit(txn), 0);
    gp_arena_release(&arena);
    gp_store_close(store);
}

/* What a gridpost of before would have written. */
static void make_row_older(struct raw *raw, uint64_t id)
{
    unsigned char key_bytes[16], stored[6];
    MDB_val key = {.mv_size = sizeof key_bytes, .mv_data = key_bytes};
    MDB_val value = {.mv_size = sizeof stored, .mv_data = stored};
    struct gp_area_row row = row_of(id);

    gp_put_u64(key_bytes, GRID);
    gp_put_u64(key_bytes + 8, id);
    stored[0] = row.level;
    stored[1] = row.state;
    XXH64_hash_t seed = XXH3_64bits_withSeed(key_bytes, sizeof key_bytes, GP_TABLE_BY_AREA);
    gp_put_u32(stored + 2, (uint32_t)XXH3_64bits_withSeed(stored, 2, seed));
    assert_int_equal(mdb_put(raw->txn, raw->table, &key, &value, 0), 0);
}

static void make_store_older(void)
{
    MDB_val name = {.mv_size = strlen(GP_META_BY_AREA), .mv_data = (void *)GP_META_BY_AREA};
    struct raw raw;

    raw_begin(&raw, "by_area");
    for (uint64_t id = NEW_ROWS + 1; id <= INCIDENTS; id++)
        make_row_older(&raw, id);
    raw_end(&raw);
    raw_begin(&raw, "meta");
    assert_int_equal(mdb_del(raw.txn, raw.table, &name, NULL), 0);
    raw_end(&raw);
}

static int open_engine(void)
{
    struct gp_store *store = open_as(false);
    struct gp_engine *engine = NULL;
    int rc = gp_engine_open(store, &engine);

    gp_engine_close(engine);
    gp_store_close(store);
    return rc;
}

static void expect_rows(const unsigned char digest[32])
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = look(store);
    unsigned char found[32];
    struct gp_span done;
    uint64_t rows;

    assert_int_equal(gp_table_digest(txn, GP_TABLE_BY_AREA, found, &rows), 0);
    assert_int_equal(rows, INCIDENTS);
    assert_memory_equal(found, digest, sizeof found);
    assert_int_equal(gp_meta_get(txn, GP_META_BY_AREA, &done), 0);
    assert_true(gp_span_equal(done, GP_META_BY_AREA_DONE));
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void rows_get_their_category(void **state)
{
    unsigned char digest[32];

    (void)state;
    write_incidents(digest);
    make_store_older();
    assert_int_equal(open_engine(), 0);
    expect_rows(digest);
    assert_int_equal(open_engine(), 0); /* nothing is left to do */
    expect_rows(digest);
}

static void a_row_of_no_incident_is_damage(void **state)
{
    unsigned char digest[32], key_bytes[8];
    MDB_val key = {.mv_size = sizeof key_bytes, .mv_data = key_bytes};
    struct raw raw;

    (void)state;
    write_incidents(digest);
    make_store_older();
    raw_begin(&raw, "incident");
    gp_put_u64(key_bytes, INCIDENTS);
    assert_int_equal(mdb_del(raw.txn, raw.table, &key, NULL), 0);
    raw_end(&raw);
    assert_int_equal(open_engine(), GP_ECORRUPT);
}

static bool take_none(void *taker, uint64_t id)
{
    (void)taker;
    (void)id;
    return false;
}

/* Not to be taken for one of another category. */
static void an_older_row_is_no_answer(void **state)
{
    unsigned char digest[32];

    (void)state;
    write_incidents(digest);
    make_store_older();
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = look(store);
    assert_int_equal(gp_by_area_newest(txn, GRID, 1, gp_states_open(), 10, take_none, NULL),
                     GP_ECORRUPT);
    gp_txn_abort(txn);
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_get_their_category),
        TEST(a_row_of_no_incident_is_damage),
        TEST(an_older_row_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
