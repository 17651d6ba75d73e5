/*
 * Where times fall: ids and times of incidents rise together, but for an admin who lowers a clock
 * that was ahead. Whoever looks for a time by halving ids has to know where, so each such place is
 * kept in meta, "time-falls": the last id before it, u64 each, rising. A list that is full says
 * that there may be more.
 */
#include "engine/internal.h"

static int received_ms(struct gp_txn *txn, uint64_t id, int64_t *ret_ms)
{
    struct gp_traits traits;
    struct gp_span record;
    int rc = gp_incident_get(txn, id, &record);

    if (rc == 0)
        rc = gp_wire_traits_peek(record, &traits);
    if (rc != 0)
        return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc; /* ids are dense */
    *ret_ms = traits.received_ms;
    return 0;
}

int gp_falls_read(struct gp_txn *txn, struct gp_falls *ret_falls)
{
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_FALLS, &value);

    ret_falls->count = 0;
    if (rc != 0)
        return rc == GP_ENOTFOUND ? 0 : rc;
    if (value.len % 8 != 0 || value.len / 8 > GP_FALLS_MAX)
        return GP_ECORRUPT;
    for (size_t at = 0; at < value.len; at += 8)
        ret_falls->id[ret_falls->count++] = gp_get_u64((const unsigned char *)value.ptr + at);
    return 0;
}

static void add(struct gp_falls *falls, uint64_t id)
{
    if (falls->count < GP_FALLS_MAX)
        falls->id[falls->count++] = id;
}

static int put(struct gp_txn *txn, const struct gp_falls *falls)
{
    unsigned char bytes[8 * GP_FALLS_MAX];

    for (unsigned i = 0; i < falls->count; i++)
        gp_put_u64(bytes + 8 * i, falls->id[i]);
    return gp_meta_put(txn, GP_META_FALLS, (struct gp_span){(const char *)bytes, 8 * falls->count});
}

int gp_run_note_fall(struct gp_run *run)
{
    struct gp_falls falls;
    int64_t before_ms = 0;
    int rc;

    if (run->last_id == run->last_id_before || run->last_id_before == 0)
        return 0;
    rc = received_ms(run->txn, run->last_id_before, &before_ms);
    if (rc != 0 || before_ms <= run->batch->now_ms)
        return rc;
    rc = gp_falls_read(run->txn, &falls);
    if (rc != 0)
        return rc;
    add(&falls, run->last_id_before);
    return put(run->txn, &falls);
}

int gp_falls_find(struct gp_txn *txn)
{
    struct gp_falls falls = {0};
    int64_t before_ms = INT64_MIN, at_ms = INT64_MIN;
    uint64_t last;
    int rc = gp_last_id(txn, GP_TABLE_INCIDENT, &last);

    for (uint64_t id = 1; rc == 0 && id <= last; id++, before_ms = at_ms) {
        rc = received_ms(txn, id, &at_ms);
        if (rc == 0 && at_ms < before_ms)
            add(&falls, id - 1);
    }
    return rc == 0 && falls.count > 0 ? put(txn, &falls) : rc;
}
