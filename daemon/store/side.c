/*
 * The tables of the side lines, of people and of devices. Keys as in tables.c; each value is
 * followed by its checksum.
 *
 *   link     main, id                0000000000000007 0000000000000009           → nothing
 *   strike   person, year, incident  77ab…(8) 07ea 0000000000000007              → record
 *   on_spot  padded                  000135de…69                                 → 0000000a
 *   leave    id                      0000000000000001                            → record
 *   tenure   id                      0000000000000001                            → record
 *   device   id                      0000000000000001                            → record
 *   device_key  public key           3d40…(32)                                   → 0000000000000001
 */
#include "base/bytes.h"
#include "store/internal.h"

#define KEY_MAX 18

static const struct gp_span nothing = {"", 0};

static const unsigned char *bytes_of(struct gp_span span)
{
    return (const unsigned char *)span.ptr;
}

/* ---------------------------------------------------------------- link */

static struct gp_span link_key(uint64_t main, uint64_t id, unsigned char key[KEY_MAX])
{
    gp_put_u64(key, main);
    gp_put_u64(key + 8, id);
    return gp_bytes(key, 16);
}

int gp_link_put(struct gp_txn *txn, uint64_t main, uint64_t id)
{
    unsigned char key[KEY_MAX];
    return gp_row_put(txn, GP_TABLE_LINK, link_key(main, id, key), nothing, 0);
}

int gp_link_del(struct gp_txn *txn, uint64_t main, uint64_t id)
{
    unsigned char key[KEY_MAX];
    return gp_row_del(txn, GP_TABLE_LINK, link_key(main, id, key));
}

int gp_link_next(struct gp_txn *txn, uint64_t main, uint64_t after, uint64_t *ret_id)
{
    unsigned char from[KEY_MAX];
    struct gp_span key, value;
    int rc = gp_row_from(txn, GP_TABLE_LINK, link_key(main, after + 1, from), &key, &value);

    if (rc == 0 && key.len != 16)
        rc = GP_ECORRUPT;
    if (rc == 0 && gp_get_u64(bytes_of(key)) != main)
        rc = GP_ENOTFOUND;
    if (rc == 0)
        *ret_id = gp_get_u64(bytes_of(key) + 8);
    return gp_txn_seen(txn, rc);
}

/* ---------------------------------------------------------------- strike */

static struct gp_span strike_key(uint64_t person, uint16_t year, uint64_t incident,
                                 unsigned char key[KEY_MAX])
{
    gp_put_u64(key, person);
    key[8] = (unsigned char)(year >> 8);
    key[9] = (unsigned char)year;
    gp_put_u64(key + 10, incident);
    return gp_bytes(key, 18);
}

int gp_strike_put(struct gp_txn *txn, uint64_t person, uint16_t year, uint64_t incident,
                  struct gp_span record)
{
    unsigned char key[KEY_MAX];
    return gp_row_put(txn, GP_TABLE_STRIKE, strike_key(person, year, incident, key), record, 0);
}

/* The first strike of the person at or behind (year, incident). */
static int strike_from(struct gp_txn *txn, uint64_t person, uint16_t year, uint64_t incident,
                       uint16_t *ret_year, uint64_t *ret_incident, struct gp_span *ret_record)
{
    unsigned char from[KEY_MAX];
    struct gp_span key;
    int rc = gp_row_from(txn, GP_TABLE_STRIKE, strike_key(person, year, incident, from), &key,
                         ret_record);

    if (rc == 0 && key.len != 18)
        rc = GP_ECORRUPT;
    if (rc == 0 && gp_get_u64(bytes_of(key)) != person)
        rc = GP_ENOTFOUND;
    if (rc == 0) {
        *ret_year = (uint16_t)(bytes_of(key)[8] << 8 | bytes_of(key)[9]);
        *ret_incident = gp_get_u64(bytes_of(key) + 10);
    }
    return gp_txn_seen(txn, rc);
}

int gp_strike_get(struct gp_txn *txn, uint64_t person, uint64_t incident,
                  struct gp_span *ret_record)
{
    uint16_t year = 0;
    uint64_t found = 0, from = 0;

    for (;;) {
        int rc = strike_from(txn, person, year, from, &year, &found, ret_record);
        if (rc != 0 || found == incident)
            return rc;
        if (found == UINT64_MAX)
            return GP_ENOTFOUND;
        from = found + 1;
    }
}

int gp_strike_next(struct gp_txn *txn, uint64_t person, uint16_t year, uint64_t after,
                   uint64_t *ret_incident, struct gp_span *ret_record)
{
    uint16_t found;
    int rc = strike_from(txn, person, year, after + 1, &found, ret_incident, ret_record);
    return rc == 0 && found != year ? GP_ENOTFOUND : rc;
}

/* ---------------------------------------------------------------- on_spot */

static struct gp_span u64_key(uint64_t number, unsigned char key[KEY_MAX])
{
    gp_put_u64(key, number);
    return gp_bytes(key, 8);
}

int gp_on_spot_put(struct gp_txn *txn, uint64_t padded, uint32_t closings)
{
    unsigned char key[KEY_MAX], value[4];

    gp_put_u32(value, closings);
    return gp_row_put(txn, GP_TABLE_ON_SPOT, u64_key(padded, key), gp_bytes(value, sizeof value),
                      0);
}

int gp_on_spot_get(struct gp_txn *txn, uint64_t padded, uint32_t *ret_closings)
{
    unsigned char key[KEY_MAX];
    struct gp_span value;
    int rc = gp_row_get(txn, GP_TABLE_ON_SPOT, u64_key(padded, key), &value);

    *ret_closings = 0;
    if (rc == GP_ENOTFOUND)
        return 0;
    if (rc == 0 && value.len != 4)
        rc = GP_ECORRUPT;
    if (rc == 0)
        *ret_closings = gp_get_u32(bytes_of(value));
    return gp_txn_seen(txn, rc);
}

/* ---------------------------------------------------------------- leave, tenure */

int gp_leave_put(struct gp_txn *txn, uint64_t id, struct gp_span record)
{
    unsigned char key[KEY_MAX];
    return gp_row_put(txn, GP_TABLE_LEAVE, u64_key(id, key), record, 0);
}

int gp_leave_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record)
{
    unsigned char key[KEY_MAX];
    return gp_row_get(txn, GP_TABLE_LEAVE, u64_key(id, key), ret_record);
}

int gp_tenure_put(struct gp_txn *txn, uint64_t id, struct gp_span record)
{
    unsigned char key[KEY_MAX];
    return gp_row_put(txn, GP_TABLE_TENURE, u64_key(id, key), record, 0);
}

/* ---------------------------------------------------------------- devices */

int gp_device_put(struct gp_txn *txn, uint64_t id, struct gp_span record)
{
    unsigned char key[KEY_MAX];
    return gp_row_put(txn, GP_TABLE_DEVICE, u64_key(id, key), record, 0);
}

int gp_device_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record)
{
    unsigned char key[KEY_MAX];
    return gp_row_get(txn, GP_TABLE_DEVICE, u64_key(id, key), ret_record);
}

int gp_device_key_put(struct gp_txn *txn, const unsigned char key[GP_KEY_BYTES], uint64_t id)
{
    unsigned char value[8];

    gp_put_u64(value, id);
    return gp_row_put(txn, GP_TABLE_DEVICE_KEY, gp_bytes(key, GP_KEY_BYTES),
                      gp_bytes(value, sizeof value), 0);
}

int gp_device_key_get(struct gp_txn *txn, const unsigned char key[GP_KEY_BYTES], uint64_t *ret_id)
{
    struct gp_span value;
    int rc = gp_row_get(txn, GP_TABLE_DEVICE_KEY, gp_bytes(key, GP_KEY_BYTES), &value);

    if (rc == 0 && value.len != 8)
        rc = GP_ECORRUPT;
    if (rc == 0)
        *ret_id = gp_get_u64(bytes_of(value));
    return gp_txn_seen(txn, rc);
}
