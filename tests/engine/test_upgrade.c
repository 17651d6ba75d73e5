/* Rows of by_area as format 3 began with, which lack their incident's category and lie in one half,
 * and no rows of by_state. */
#include "base/bytes.h"
#include "engine/engine.h"
#include "store/fixture.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GRID      UINT64_C(340705006001001)
#define INCIDENTS 5000 /* more than one transaction brings up */
#define OVERDUE   0x80 /* mark in by_state */
#define NEW_ROWS  100  /* that a run before, cut short, has brought up */
#define LOWERED   3000 /* the first that came after the clock was lowered */

static const char *const codes[] = {"n4", "n8", "l5"};

static const char *code_of(uint64_t id)
{
    return codes[id % 3];
}

static bool is_closed(uint64_t id)
{
    return id % 7 == 0;
}

static bool is_overdue(uint64_t id)
{
    return id % 5 == 0;
}

static struct gp_area_row row_of(uint64_t id)
{
    return (struct gp_area_row){
        .level = GP_LEVEL_GRID,
        .state = is_closed(id) ? GP_STATE_CLOSED : GP_STATE_DISPATCHED,
        .category = gp_post_key(gp_span_of(code_of(id))),
        .closed = is_closed(id),
    };
}

static void put_incident(struct gp_txn *txn, struct gp_arena *arena, uint64_t id)
{
    struct gp_incident incident = {.id = id,
                                   .row.code = gp_span_of(code_of(id)),
                                   .received_ms = (int64_t)(id < LOWERED ? INCIDENTS + id : id),
                                   .overdue_ms = is_overdue(id) ? 1 : 0};
    const struct gp_state_row mark = {GP_STATE_DISPATCHED, GP_LEVEL_GRID, id, GRID},
                              overdue = {OVERDUE, GP_LEVEL_GRID, id, GRID};
    struct gp_entry entry = {.seq = id, .incident = id, .at_ms = incident.received_ms};
    struct gp_span record;
    uint64_t seq;

    gp_arena_reset(arena);
    assert_int_equal(gp_wire_entry_pack(&entry, arena, &record), 0);
    assert_int_equal(gp_journal_append(txn, record, &seq), 0);
    assert_int_equal(gp_wire_incident_pack(&incident, arena, &record), 0);
    assert_int_equal(gp_incident_put(txn, id, record), 0);
    assert_int_equal(gp_by_area_put(txn, GRID, id, row_of(id)), 0);
    if (!is_closed(id))
        assert_int_equal(gp_by_state_put(txn, &mark), 0);
    if (!is_closed(id) && is_overdue(id))
        assert_int_equal(gp_by_state_put(txn, &overdue), 0);
}

struct digests {
    unsigned char area[32], state[32];
};

static void take_digests(struct gp_txn *txn, struct digests *ret_digests)
{
    uint64_t rows;

    assert_int_equal(gp_table_digest(txn, GP_TABLE_BY_AREA, ret_digests->area, &rows), 0);
    assert_int_equal(rows, INCIDENTS);
    assert_int_equal(gp_table_digest(txn, GP_TABLE_BY_STATE, ret_digests->state, &rows), 0);
}

static void write_incidents(struct digests *ret_digests)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = begin(store);
    struct gp_arena arena;

    gp_arena_init(&arena, 65536);
    for (uint64_t id = 1; id <= INCIDENTS; id++)
        put_incident(txn, &arena, id);
    take_digests(txn, ret_digests);
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

    gp_put_u64(key_bytes, GRID | (row.closed ? GP_AREA_CLOSED : 0));
    gp_put_u64(key_bytes + 8, id);
    assert_int_equal(mdb_del(raw->txn, raw->table, &key, NULL), 0);
    gp_put_u64(key_bytes, GRID);
    stored[0] = row.level;
    stored[1] = row.state;
    XXH64_hash_t seed = XXH3_64bits_withSeed(key_bytes, sizeof key_bytes, GP_TABLE_BY_AREA);
    gp_put_u32(stored + 2, (uint32_t)XXH3_64bits_withSeed(stored, 2, seed));
    assert_int_equal(mdb_put(raw->txn, raw->table, &key, &value, 0), 0);
}

static void drop_marks(struct raw *raw, uint64_t id)
{
    unsigned char bytes[9] = {GP_STATE_DISPATCHED};
    MDB_val key = {.mv_size = sizeof bytes, .mv_data = bytes};

    gp_put_u64(bytes + 1, id);
    assert_int_equal(mdb_del(raw->txn, raw->table, &key, NULL), is_closed(id) ? MDB_NOTFOUND : 0);
    bytes[0] = OVERDUE;
    (void)mdb_del(raw->txn, raw->table, &key, NULL); /* it may not be overdue */
}

static void make_store_older(void)
{
    MDB_val name = {.mv_size = strlen(GP_META_BY_AREA), .mv_data = (void *)GP_META_BY_AREA};
    struct raw raw;

    raw_begin(&raw, "by_area");
    for (uint64_t id = NEW_ROWS + 1; id <= INCIDENTS; id++)
        make_row_older(&raw, id);
    raw_end(&raw);
    raw_begin(&raw, "by_state");
    for (uint64_t id = NEW_ROWS + 1; id <= INCIDENTS; id++)
        drop_marks(&raw, id);
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

/* Where times fall was not told when it came. */
static void expect_fall(struct gp_txn *txn)
{
    struct gp_span falls;

    assert_int_equal(gp_meta_get(txn, "time-falls", &falls), 0);
    assert_int_equal(falls.len, 16); /* an entry and an incident */
    assert_int_equal(gp_get_u64((const unsigned char *)falls.ptr), LOWERED - 1);
    assert_int_equal(gp_get_u64((const unsigned char *)falls.ptr + 8), LOWERED - 1);
}

static void expect_rows(const struct digests *digests)
{
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = look(store);
    struct digests found;
    struct gp_span done;

    take_digests(txn, &found);
    assert_memory_equal(&found, digests, sizeof found);
    assert_int_equal(gp_meta_get(txn, GP_META_BY_AREA, &done), 0);
    assert_true(gp_span_equal(done, GP_META_BY_AREA_DONE));
    expect_fall(txn);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void rows_get_their_category(void **state)
{
    struct digests digests;

    (void)state;
    write_incidents(&digests);
    make_store_older();
    assert_int_equal(open_engine(), 0);
    expect_rows(&digests);
    assert_int_equal(open_engine(), 0); /* nothing is left to do */
    expect_rows(&digests);
}

/* Dies as by kill -9: what is in no log and in no commit is gone. */
static void open_engine_and_die(void)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct gp_store *store = open_as(false);
        struct gp_engine *engine;
        _exit(gp_engine_open(store, &engine) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void what_is_said_to_be_done_is_on_disk(void **state)
{
    struct digests digests;

    (void)state;
    write_incidents(&digests);
    make_store_older();
    open_engine_and_die();
    expect_rows(&digests);
}

static void a_row_of_no_incident_is_damage(void **state)
{
    struct digests digests;
    unsigned char key_bytes[8];
    MDB_val key = {.mv_size = sizeof key_bytes, .mv_data = key_bytes};
    struct raw raw;

    (void)state;
    write_incidents(&digests);
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
    struct digests digests;

    (void)state;
    write_incidents(&digests);
    make_store_older();
    struct gp_store *store = open_as(false);
    struct gp_txn *txn = look(store);
    uint64_t damaged = 0;
    assert_int_equal(gp_by_area_newest(txn, GRID, 1, 10, take_none, NULL, &damaged), GP_ECORRUPT);
    assert_int_equal(damaged, 0); /* it is whole, and older than the engine lets be */
    gp_txn_abort(txn);
    gp_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_get_their_category),
        TEST(what_is_said_to_be_done_is_on_disk),
        TEST(a_row_of_no_incident_is_damage),
        TEST(an_older_row_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
