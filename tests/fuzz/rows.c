/*
 * Rows of the tables that nobody of ours has written. The input names a table, a key and a value;
 * the row is put into a store as it is, with a checksum that is right, and everything that reads
 * rows of that table reads it. What is promised: a row of another shape is damage or is not found,
 * never more; what is read lies within the row; a row of the right shape is put back as the same.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "engine/internal.h"
#include "scratch.h"
#include "store/internal.h"

#define KEY_MAX   64
#define VALUE_MAX 4096

struct row {
    struct gp_txn *txn;
    enum gp_table table;
    struct gp_span key, value;
    uint64_t a, b; /* the numbers that a key of two would hold */
};

static struct gp_store *store;

static bool fine(int rc)
{
    return rc == 0 || rc == GP_ENOTFOUND || rc == GP_ECORRUPT;
}

/* ---------------------------------------------------------------- by table */

static bool take(void *taker, uint64_t id)
{
    (void)id;
    return ++*(unsigned *)taker < 8;
}

static void read_by_area(const struct row *row)
{
    struct gp_area_row read;
    uint64_t padded, id, damaged = 0;
    unsigned taken = 0;
    bool whole;

    PROMISE(
        fine(gp_by_area_newest(row->txn, row->a, (uint32_t)row->b, 16, take, &taken, &damaged)));
    PROMISE(damaged == 0); /* the checksum is right */
    int rc = gp_by_area_read(row->key, row->value, &padded, &id, &read, &whole);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
    if (rc == 0)
        PROMISE(padded == (row->a & ~GP_AREA_CLOSED) && id == row->b);
}

static void read_by_state(const struct row *row)
{
    struct gp_state_row read;

    int rc = gp_by_state_read(row->key, row->value, &read);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
    PROMISE(rc != 0 || gp_by_state_put(row->txn, &read) == 0);
}

static void read_personal(const struct row *row)
{
    struct gp_personal personal;
    unsigned char hash[GP_PERSONAL_HASH_BYTES];
    uint64_t incident, seq;
    uint32_t count;

    PROMISE(fine(gp_personal_get(row->txn, row->a, row->b, &personal)));
    PROMISE(fine(gp_personal_next(row->txn, row->a, 0, &seq)));
    PROMISE(fine(gp_personal_count(row->txn, row->a, 8, &count)));
    int rc = gp_personal_read(row->key, row->value, &incident, &seq, &personal);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
    if (rc != 0)
        return;
    PROMISE(incident == row->a && seq == row->b);
    PROMISE(fuzz_within(personal.text, row->value) && fuzz_within(personal.phone, row->value));
    gp_personal_hash(&personal, hash);
}

static void read_dedup(const struct row *row)
{
    static const unsigned char id[GP_COMMAND_ID_BYTES] = {1};
    struct gp_kept_row kept;

    int rc = gp_kept_row_read(id, row->value, &kept);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
}

static void read_deadline(const struct row *row)
{
    int64_t due_ms;
    uint64_t id;

    PROMISE(fine(gp_deadline_first(row->txn, &due_ms, &id)));
}

static void read_side(const struct row *row)
{
    uint64_t id;
    uint32_t closings;
    struct gp_span record;

    PROMISE(fine(gp_link_next(row->txn, row->a, 0, &id)));
    PROMISE(fine(gp_strike_get(row->txn, row->a, row->b, &record)));
    PROMISE(fine(gp_strike_next(row->txn, row->a, (uint16_t)(row->b >> 48), 0, &id, &record)));
    PROMISE(fine(gp_on_spot_get(row->txn, row->a, &closings)));
    PROMISE(fine(gp_vacant_get(row->txn, (uint32_t)row->b, gp_key_time(row->a), &id)));
}

static void read_ids(const struct row *row)
{
    unsigned char key[GP_KEY_BYTES] = {0};
    struct gp_span record;
    uint64_t id;

    PROMISE(fine(gp_last_id(row->txn, row->table, &id)));
    PROMISE(fine(gp_incident_get(row->txn, row->a, &record)));
    PROMISE(fine(gp_leave_get(row->txn, row->a, &record)));
    PROMISE(fine(gp_device_get(row->txn, row->a, &record)));
    memcpy(key, row->key.ptr, row->key.len < sizeof key ? row->key.len : sizeof key);
    PROMISE(fine(gp_device_key_get(row->txn, key, &id)));
}

static void read_meta(const struct row *row)
{
    static const char *const names[] = {GP_META_FALLS, GP_META_REPLAN};
    struct gp_wal_mark mark;
    struct gp_falls falls;
    uint64_t after;
    bool running;

    int rc = gp_wal_mark_unpack(row->value, &mark);
    PROMISE(rc == 0 || rc == GP_ECORRUPT);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        PROMISE(gp_meta_put(row->txn, names[i], row->value) == 0);
    PROMISE(fine(gp_falls_read(row->txn, &falls)) && falls.count <= GP_FALLS_MAX);
    PROMISE(fine(gp_replan_next(row->txn, &running, &after)));
}

typedef void (*read_table)(const struct row *row);

static const read_table reads[GP_TABLE_COUNT] = {
    [GP_TABLE_INCIDENT] = read_ids,      [GP_TABLE_BY_AREA] = read_by_area,
    [GP_TABLE_DEADLINE] = read_deadline, [GP_TABLE_DEDUP] = read_dedup,
    [GP_TABLE_VACANT] = read_side,       [GP_TABLE_META] = read_meta,
    [GP_TABLE_LINK] = read_side,         [GP_TABLE_STRIKE] = read_side,
    [GP_TABLE_ON_SPOT] = read_side,      [GP_TABLE_LEAVE] = read_ids,
    [GP_TABLE_TENURE] = read_ids,        [GP_TABLE_PERSONAL] = read_personal,
    [GP_TABLE_DEVICE] = read_ids,        [GP_TABLE_DEVICE_KEY] = read_ids,
    [GP_TABLE_BY_STATE] = read_by_state,
};

/* ---------------------------------------------------------------- all of them */

/* The row as a walk finds it, checksum checked. */
static void check_walk(struct row *row)
{
    struct gp_walk *walk;
    struct gp_span key, value;

    PROMISE(gp_walk_open(row->txn, row->table, row->key, &walk) == 0);
    PROMISE(gp_walk_next(walk, &key, &value) == 0);
    PROMISE(gp_span_equal(key, row->key) && gp_span_equal(value, row->value));
    gp_walk_close(walk);
}

/* One byte of the stored row changed: its checksum says so. */
static void check_flip(const struct row *row, uint8_t at)
{
    unsigned char stored[VALUE_MAX + GP_SUM_BYTES];
    struct gp_span value;

    PROMISE(gp_row_get(row->txn, row->table, row->key, &value) == 0);
    size_t len = value.len + GP_SUM_BYTES;
    memcpy(stored, value.ptr, len); /* the checksum lies behind it */
    stored[at % len] ^= 1;
    PROMISE(gp_row_check(row->table, row->key, gp_bytes(stored, len), &value) == GP_ECORRUPT);
}

static void open_store(void)
{
    struct gp_store_options options = {.create = true,
                                       .unsafe_nosync = true,
                                       .map_bytes = UINT64_C(16) << 20,
                                       .segment_bytes = 16 * 1024};

    PROMISE(gp_store_open(scratch_path("store"), &options, &store) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    struct row row = {.table = fuzz_byte(&input) % GP_TABLE_COUNT};
    uint8_t flip = fuzz_byte(&input);

    row.key = fuzz_span(&input, fuzz_byte(&input) % (KEY_MAX + 1));
    row.value = fuzz_span(&input, VALUE_MAX);
    if (row.key.len == 0 || row.table == GP_TABLE_JOURNAL)
        return 0;
    struct fuzz_bytes key = {(const uint8_t *)row.key.ptr, row.key.len};
    row.a = fuzz_number(&key, 8);
    row.b = fuzz_number(&key, 8);
    if (store == NULL)
        open_store();
    PROMISE(gp_txn_write(store, &row.txn) == 0);
    PROMISE(gp_row_put(row.txn, row.table, row.key, row.value, 0) == 0);
    check_walk(&row);
    check_flip(&row, flip);
    if (reads[row.table] != NULL)
        reads[row.table](&row);
    gp_txn_abort(row.txn);
    return 0;
}
