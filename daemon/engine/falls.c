/*
 * Where times fall: those of entries and incidents rise with their numbers, but for an admin who
 * lowers a clock that was ahead. Whoever looks for a time by halving has to know where, so each
 * such place is kept in meta, "time-falls": the last entry before it and the last incident, u64
 * each. A list that is full says that there may be more.
 */
#include "engine/internal.h"

#define PLACE_BYTES 16

int gp_falls_read(struct gp_txn *txn, struct gp_falls *ret_falls)
{
    struct gp_span value;
    int rc = gp_meta_get(txn, GP_META_FALLS, &value);

    ret_falls->count = 0;
    if (rc != 0)
        return rc == GP_ENOTFOUND ? 0 : rc;
    if (value.len % PLACE_BYTES != 0 || value.len / PLACE_BYTES > GP_FALLS_MAX)
        return GP_ECORRUPT;
    for (size_t at = 0; at < value.len; at += PLACE_BYTES) {
        const unsigned char *bytes = (const unsigned char *)value.ptr + at;
        ret_falls->place[ret_falls->count++] =
            (struct gp_fall){.seq = gp_get_u64(bytes), .id = gp_get_u64(bytes + 8)};
    }
    return 0;
}

static void add(struct gp_falls *falls, uint64_t seq, uint64_t id)
{
    if (falls->count < GP_FALLS_MAX)
        falls->place[falls->count++] = (struct gp_fall){.seq = seq, .id = id};
}

static int put(struct gp_txn *txn, const struct gp_falls *falls)
{
    unsigned char bytes[PLACE_BYTES * GP_FALLS_MAX];

    for (unsigned i = 0; i < falls->count; i++) {
        gp_put_u64(bytes + (size_t)PLACE_BYTES * i, falls->place[i].seq);
        gp_put_u64(bytes + (size_t)PLACE_BYTES * i + 8, falls->place[i].id);
    }
    return gp_meta_put(txn, GP_META_FALLS,
                       (struct gp_span){(const char *)bytes, (size_t)PLACE_BYTES * falls->count});
}

int gp_run_note_fall(struct gp_run *run)
{
    struct gp_falls falls;
    int rc;

    /* A batch without an entry, as re-planning has them, does not say its time. */
    if (run->head == run->batch->head_before || run->engine->said_ms <= run->batch->now_ms)
        return 0;
    rc = gp_falls_read(run->txn, &falls);
    if (rc != 0)
        return rc;
    add(&falls, run->batch->head_before, run->last_id_before);
    return put(run->txn, &falls);
}

int gp_falls_look(struct gp_txn *txn, struct gp_falls *ret_falls)
{
    struct gp_entry_peek entry, before = {.at_ms = INT64_MIN};
    struct gp_span bytes;
    uint64_t head, last_id = 0;
    int rc = gp_journal_head(txn, &head, NULL);

    for (uint64_t seq = 1; rc == 0 && seq <= head; seq++) {
        rc = gp_journal_get(txn, seq, &bytes);
        if (rc != 0 || gp_wire_entry_peek(bytes, &entry) != 0)
            return rc == 0 || rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
        if (entry.at_ms < before.at_ms)
            add(ret_falls, seq - 1, last_id);
        if (entry.incident > last_id)
            last_id = entry.incident;
        before = entry;
    }
    return rc;
}

int gp_falls_find(struct gp_txn *txn)
{
    struct gp_falls falls = {0};
    int rc = gp_falls_look(txn, &falls);

    return rc == 0 && falls.count > 0 ? put(txn, &falls) : rc;
}
