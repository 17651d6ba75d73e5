/*
 * by_state: open incidents by a mark, which is their state or something else that engine/ marks.
 *
 *   key    03 0000000000000007   mark, id
 *   value  000135dea8759669 06   padded, level: which of a mark's incidents lie in an area is known
 *                                without looking at them
 *
 * It holds the few incidents that are open, so that what is rare among them is found among
 * millions.
 */
#include "base/bytes.h"
#include "store/internal.h"

#define KEY_BYTES   9
#define VALUE_BYTES 9

static struct gp_span state_key(uint8_t mark, uint64_t id, unsigned char bytes[KEY_BYTES])
{
    bytes[0] = mark;
    gp_put_u64(bytes + 1, id);
    return gp_bytes(bytes, KEY_BYTES);
}

int gp_by_state_put(struct gp_txn *txn, const struct gp_state_row *row)
{
    unsigned char key[KEY_BYTES], value[VALUE_BYTES];

    gp_put_u64(value, row->padded);
    value[8] = row->level;
    return gp_row_put(txn, GP_TABLE_BY_STATE, state_key(row->mark, row->id, key),
                      gp_bytes(value, sizeof value), 0);
}

int gp_by_state_del(struct gp_txn *txn, uint8_t mark, uint64_t id)
{
    unsigned char key[KEY_BYTES];
    return gp_row_del(txn, GP_TABLE_BY_STATE, state_key(mark, id, key));
}

int gp_by_state_read(struct gp_span key, struct gp_span value, struct gp_state_row *ret_row)
{
    const unsigned char *at = (const unsigned char *)key.ptr;
    const unsigned char *said = (const unsigned char *)value.ptr;

    if (key.len != KEY_BYTES || value.len != VALUE_BYTES)
        return GP_ECORRUPT;
    *ret_row = (struct gp_state_row){
        .mark = at[0], .id = gp_get_u64(at + 1), .padded = gp_get_u64(said), .level = said[8]};
    return 0;
}
