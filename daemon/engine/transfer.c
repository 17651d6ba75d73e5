#include "engine/transfer.h"

#include "engine/internal.h"

#include <stdlib.h>

struct gp_transfer {
    struct gp_folding *folding;
    struct gp_arena arena; /* of one text that is checked */
};

int gp_transfer_open(struct gp_transfer **ret_transfer)
{
    struct gp_transfer *transfer = calloc(1, sizeof *transfer);
    int rc = transfer != NULL ? gp_folding_open(&transfer->folding) : GP_ENOMEM;

    if (rc != 0) {
        free(transfer);
        return rc;
    }
    gp_arena_init(&transfer->arena, GP_LOOK_BYTES);
    *ret_transfer = transfer;
    return 0;
}

void gp_transfer_close(struct gp_transfer *transfer)
{
    if (transfer == NULL)
        return;
    gp_arena_release(&transfer->arena);
    gp_folding_close(transfer->folding);
    free(transfer);
}

int gp_transfer_entry(struct gp_transfer *transfer, struct gp_txn *txn, uint64_t seq,
                      struct gp_span bytes, const unsigned char hash[GP_HASH_BYTES])
{
    unsigned char is[GP_HASH_BYTES];
    uint64_t got = 0;
    int rc = gp_journal_append(txn, bytes, &got);

    if (rc == 0)
        rc = got == seq ? gp_journal_hash(txn, seq, is) : GP_ECORRUPT;
    if (rc == 0 && memcmp(is, hash, GP_HASH_BYTES) != 0)
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = gp_folding_entry(transfer->folding, txn, seq, bytes);
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
}

/* ---------------------------------------------------------------- rows */

static int put_personal(struct gp_transfer *transfer, struct gp_txn *txn, struct gp_span key,
                        struct gp_span value)
{
    struct gp_personal personal;
    uint64_t incident, seq;
    int rc = gp_personal_read(key, value, &incident, &seq, &personal);

    gp_arena_reset(&transfer->arena);
    if (rc == 0)
        rc = gp_personal_check(txn, &transfer->arena, incident, seq, &personal);
    return rc == 0 ? gp_personal_put(txn, incident, seq, &personal) : rc;
}

const struct gp_meta_fact gp_meta_facts[GP_META_FACTS] = {
    {GP_META_MARK, 8, false},  {GP_META_DIRECTORY, 32, false}, {GP_META_REPLAN, 8, false},
    {GP_META_FALLS, 0, false}, {GP_META_FORGET, 24, true},
};

static const struct gp_meta_fact *find_fact(struct gp_span name)
{
    for (size_t i = 0; i < GP_META_FACTS; i++) {
        if (gp_span_is(name, gp_meta_facts[i].name))
            return &gp_meta_facts[i];
    }
    return NULL;
}

bool gp_transfer_is_fact(struct gp_span name)
{
    return find_fact(name) != NULL;
}

static int put_fact(struct gp_txn *txn, struct gp_span key, struct gp_span value)
{
    const struct gp_meta_fact *fact = find_fact(key);
    return fact != NULL ? gp_meta_put(txn, fact->name, value) : GP_ECORRUPT;
}

int gp_transfer_row(struct gp_transfer *transfer, struct gp_txn *txn, enum gp_table table,
                    struct gp_span key, struct gp_span value)
{
    if (table == GP_TABLE_PERSONAL)
        return put_personal(transfer, txn, key, value);
    return table == GP_TABLE_META ? put_fact(txn, key, value) : GP_ECORRUPT;
}
