/*
 * The tables of the incidents' state. Keys are fixed-width and big-endian, so that a range of keys
 * is a range of numbers; `due` and `day` have their sign bit turned (base/bytes.h).
 *
 *   incident  id                     0000000000000007          → record
 *   by_area   closed, padded, id     000135de…69 …0007         → level, state,
 *                                                                category        06 03 1f02a7c4
 *   by_post   post, closed, due, id  9a3f01c2 00 8000019a… …07 → nothing
 *   by_dept   department, closed, id 5e7b11d0 00 …0007         → nothing
 *   deadline  due, id                8000019a… …0007           → step            05
 *   dedup     command id, device     019a… (16) 77ab… (8)      → kept answer
 *   vacant    day, post              80000000000050f1 9a3f01c2 → seq
 *
 * Each value is followed by its checksum (internal.h).
 */
#include "base/bytes.h"
#include "store/internal.h"

#define KEY_MAX 24

struct key {
    unsigned char bytes[KEY_MAX];
    size_t len;
};

static void add_u8(struct key *key, uint8_t value)
{
    key->bytes[key->len++] = value;
}

static void add_u32(struct key *key, uint32_t value)
{
    gp_put_u32(key->bytes + key->len, value);
    key->len += 4;
}

static void add_u64(struct key *key, uint64_t value)
{
    gp_put_u64(key->bytes + key->len, value);
    key->len += 8;
}

static struct gp_span span(const struct key *key)
{
    return gp_bytes(key->bytes, key->len);
}

static const struct gp_span nothing = {"", 0};

/* ---------------------------------------------------------------- incident */

static struct key id_key(uint64_t id)
{
    struct key key = {.len = 0};
    add_u64(&key, id);
    return key;
}

int gp_incident_put(struct gp_txn *txn, uint64_t id, struct gp_span record)
{
    struct key key = id_key(id);
    return gp_row_put(txn, GP_TABLE_INCIDENT, span(&key), record, MDB_APPEND);
}

int gp_incident_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record)
{
    struct key key = id_key(id);
    return gp_row_get(txn, GP_TABLE_INCIDENT, span(&key), ret_record);
}

int gp_incident_glance(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record)
{
    struct key key = id_key(id);
    return gp_row_glance(txn, GP_TABLE_INCIDENT, span(&key), ret_record);
}

/* ---------------------------------------------------------------- indexes */

#define AREA_BYTES   6
#define AREA_BYTES_3 2 /* without the category: what format 3 began with (engine/upgrade.c) */

static struct key area_key(uint64_t padded, bool closed, uint64_t id)
{
    struct key key = {.len = 0};
    add_u64(&key, closed ? padded | GP_AREA_CLOSED : padded);
    add_u64(&key, id);
    return key;
}

int gp_by_area_put(struct gp_txn *txn, uint64_t padded, uint64_t id, struct gp_area_row row)
{
    struct key key = area_key(padded, row.closed, id);
    unsigned char value[AREA_BYTES] = {row.level, row.state};

    gp_put_u32(value + AREA_BYTES_3, row.category);
    return gp_row_put(txn, GP_TABLE_BY_AREA, span(&key), gp_bytes(value, sizeof value), 0);
}

int gp_by_area_del(struct gp_txn *txn, uint64_t padded, bool closed, uint64_t id)
{
    struct key key = area_key(padded, closed, id);
    return gp_row_del(txn, GP_TABLE_BY_AREA, span(&key));
}

int gp_by_area_read(struct gp_span key, struct gp_span value, uint64_t *ret_padded,
                    uint64_t *ret_id, struct gp_area_row *ret_row, bool *ret_whole)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;

    if (key.len != 16 || (value.len != AREA_BYTES && value.len != AREA_BYTES_3) || bytes[1] >= 32)
        return GP_ECORRUPT;
    *ret_padded = gp_get_u64((const unsigned char *)key.ptr) & ~GP_AREA_CLOSED;
    *ret_id = gp_get_u64((const unsigned char *)key.ptr + 8);
    *ret_whole = value.len == AREA_BYTES;
    *ret_row = (struct gp_area_row){
        .level = bytes[0],
        .state = bytes[1],
        .category = *ret_whole ? gp_get_u32(bytes + AREA_BYTES_3) : 0,
        .closed = (unsigned char)key.ptr[0] >> 7,
    };
    return 0;
}

struct area_search {
    uint64_t padded;
    uint32_t category;
    bool (*take)(void *taker, uint64_t id);
    void *taker;
    uint64_t *ret_damaged;
};

/* Where the row is another one's, whether that is whole is none of our business. */
static bool is_open_in(uint64_t padded, const MDB_val *key)
{
    return key->mv_size == 16 && gp_get_u64(key->mv_data) == padded;
}

/* One row back from where the cursor stands. GP_ENOTFOUND: nothing more is wanted. */
static int area_back(const struct area_search *search, MDB_cursor *cursor, MDB_cursor_op how)
{
    MDB_val key, stored;
    struct gp_span value;
    struct gp_area_row row;
    uint64_t padded, id;
    bool whole;

    int rc = gp_mdb_error(mdb_cursor_get(cursor, &key, &stored, how));
    if (rc == 0 && !is_open_in(search->padded, &key))
        rc = GP_ENOTFOUND;
    if (rc != 0)
        return rc;
    if (gp_row_check(GP_TABLE_BY_AREA, gp_unval(key), gp_unval(stored), &value) != 0) {
        *search->ret_damaged = gp_get_u64((const unsigned char *)key.mv_data + 8);
        return 0;
    }
    rc = gp_by_area_read(gp_unval(key), value, &padded, &id, &row, &whole);
    if (rc == 0 && !whole)
        rc = GP_ECORRUPT;
    if (rc != 0)
        return rc;
    if (row.category != search->category)
        return 0;
    return search->take(search->taker, id) ? 0 : GP_ENOTFOUND;
}

int gp_by_area_newest(struct gp_txn *txn, uint64_t padded, uint32_t category, unsigned rows,
                      bool (*take)(void *taker, uint64_t id), void *taker, uint64_t *ret_damaged)
{
    const struct area_search search = {padded, category, take, taker, ret_damaged};
    struct key end = area_key(padded, false, UINT64_MAX);
    MDB_val key = gp_val(span(&end)), stored;
    MDB_cursor *cursor;

    if (txn->error != 0)
        return txn->error;
    int rc = gp_mdb_error(mdb_cursor_open(txn->mdb, txn->store->table[GP_TABLE_BY_AREA], &cursor));
    if (rc != 0)
        return gp_txn_seen(txn, rc);
    rc = mdb_cursor_get(cursor, &key, &stored, MDB_SET_RANGE);
    MDB_cursor_op how = rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV;
    rc = how == MDB_LAST ? 0 : gp_mdb_error(rc);
    for (; rc == 0 && rows > 0; rows--) {
        rc = area_back(&search, cursor, how);
        how = MDB_PREV;
    }
    mdb_cursor_close(cursor);
    return gp_txn_seen(txn, rc) == GP_ENOTFOUND ? 0 : rc;
}

static struct key post_key(uint32_t post, uint8_t closed, int64_t due_ms, uint64_t id)
{
    struct key key = {.len = 0};
    add_u32(&key, post);
    add_u8(&key, closed);
    add_u64(&key, gp_time_key(due_ms));
    add_u64(&key, id);
    return key;
}

int gp_by_post_put(struct gp_txn *txn, uint32_t post, uint8_t closed, int64_t due_ms, uint64_t id)
{
    struct key key = post_key(post, closed, due_ms, id);
    return gp_row_put(txn, GP_TABLE_BY_POST, span(&key), nothing, 0);
}

int gp_by_post_del(struct gp_txn *txn, uint32_t post, uint8_t closed, int64_t due_ms, uint64_t id)
{
    struct key key = post_key(post, closed, due_ms, id);
    return gp_row_del(txn, GP_TABLE_BY_POST, span(&key));
}

static struct key dept_key(uint32_t department, uint8_t closed, uint64_t id)
{
    struct key key = {.len = 0};
    add_u32(&key, department);
    add_u8(&key, closed);
    add_u64(&key, id);
    return key;
}

int gp_by_dept_put(struct gp_txn *txn, uint32_t department, uint8_t closed, uint64_t id)
{
    struct key key = dept_key(department, closed, id);
    return gp_row_put(txn, GP_TABLE_BY_DEPT, span(&key), nothing, 0);
}

int gp_by_dept_del(struct gp_txn *txn, uint32_t department, uint8_t closed, uint64_t id)
{
    struct key key = dept_key(department, closed, id);
    return gp_row_del(txn, GP_TABLE_BY_DEPT, span(&key));
}

/* ---------------------------------------------------------------- deadline */

static struct key deadline_key(int64_t due_ms, uint64_t id)
{
    struct key key = {.len = 0};
    add_u64(&key, gp_time_key(due_ms));
    add_u64(&key, id);
    return key;
}

int gp_deadline_put(struct gp_txn *txn, int64_t due_ms, uint64_t id, uint8_t step)
{
    struct key key = deadline_key(due_ms, id);
    return gp_row_put(txn, GP_TABLE_DEADLINE, span(&key), gp_bytes(&step, 1), 0);
}

int gp_deadline_del(struct gp_txn *txn, int64_t due_ms, uint64_t id)
{
    struct key key = deadline_key(due_ms, id);
    return gp_row_del(txn, GP_TABLE_DEADLINE, span(&key));
}

int gp_deadline_first(struct gp_txn *txn, int64_t *ret_due_ms, uint64_t *ret_id)
{
    struct gp_span key;
    int rc = gp_row_edge(txn, GP_TABLE_DEADLINE, MDB_FIRST, &key);

    if (rc == 0 && key.len != 16)
        rc = GP_ECORRUPT;
    if (rc != 0)
        return rc;
    *ret_due_ms = gp_key_time(gp_get_u64((const unsigned char *)key.ptr));
    *ret_id = gp_get_u64((const unsigned char *)key.ptr + 8);
    return 0;
}

/* ---------------------------------------------------------------- dedup */

static struct key dedup_key(const unsigned char id[16], uint64_t device)
{
    struct key key = {.len = 16};
    memcpy(key.bytes, id, 16);
    add_u64(&key, device);
    return key;
}

int gp_dedup_put(struct gp_txn *txn, const unsigned char id[16], uint64_t device,
                 struct gp_span answer)
{
    struct key key = dedup_key(id, device);
    return gp_row_put(txn, GP_TABLE_DEDUP, span(&key), answer, 0);
}

int gp_dedup_get(struct gp_txn *txn, const unsigned char id[16], uint64_t device,
                 struct gp_span *ret_answer)
{
    struct key key = dedup_key(id, device);
    return gp_row_get(txn, GP_TABLE_DEDUP, span(&key), ret_answer);
}

/* ---------------------------------------------------------------- vacant */

static struct key vacant_key(uint32_t post, int64_t day)
{
    struct key key = {.len = 0};
    add_u64(&key, gp_time_key(day));
    add_u32(&key, post);
    return key;
}

int gp_vacant_put(struct gp_txn *txn, uint32_t post, int64_t day, uint64_t seq)
{
    struct key key = vacant_key(post, day);
    unsigned char value[8];

    gp_put_u64(value, seq);
    return gp_row_put(txn, GP_TABLE_VACANT, span(&key), gp_bytes(value, sizeof value), 0);
}

int gp_vacant_get(struct gp_txn *txn, uint32_t post, int64_t day, uint64_t *ret_seq)
{
    struct key key = vacant_key(post, day);
    struct gp_span value;
    int rc = gp_row_get(txn, GP_TABLE_VACANT, span(&key), &value);

    if (rc == 0 && value.len != 8)
        rc = GP_ECORRUPT;
    if (rc == 0)
        *ret_seq = gp_get_u64((const unsigned char *)value.ptr);
    return rc;
}
