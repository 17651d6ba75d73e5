/*
 * personal: what people typed, and phones of residents. incident, seq → salt (16), bytes of the
 * text u16, text, phone.
 *
 *   key    0000000000000007 0000000000000012
 *   value  5a11…16 bytes of salt… 0006 e4ba95e79b96 3133383030   …checksum
 *
 * The journal's entry `seq` holds BLAKE2b-256 over this value. The length of the text stands in it,
 * so that no text and phone hash as another text and phone do.
 */
#include "base/bytes.h"
#include "store/internal.h"

#include <assert.h>
#include <sodium.h>

#define HEAD_BYTES (GP_SALT_BYTES + 2)
#define VALUE_MAX  (HEAD_BYTES + GP_TEXT_BYTES_MAX + GP_ID_BYTES_MAX)

/* ---------------------------------------------------------------- bytes */

static struct gp_span personal_key(uint64_t incident, uint64_t seq, unsigned char key[16])
{
    gp_put_u64(key, incident);
    gp_put_u64(key + 8, seq);
    return gp_bytes(key, 16);
}

static struct gp_span pack(const struct gp_personal *personal, unsigned char value[VALUE_MAX])
{
    struct gp_span text = personal->text, phone = personal->phone;

    assert(text.len <= GP_TEXT_BYTES_MAX);
    assert(phone.len <= GP_ID_BYTES_MAX);
    memcpy(value, personal->salt, GP_SALT_BYTES);
    value[GP_SALT_BYTES] = (unsigned char)(text.len >> 8);
    value[GP_SALT_BYTES + 1] = (unsigned char)text.len;
    if (text.len > 0)
        memcpy(value + HEAD_BYTES, text.ptr, text.len);
    if (phone.len > 0)
        memcpy(value + HEAD_BYTES + text.len, phone.ptr, phone.len);
    return gp_bytes(value, HEAD_BYTES + text.len + phone.len);
}

static int unpack(struct gp_span value, struct gp_personal *ret_personal)
{
    const unsigned char *bytes = (const unsigned char *)value.ptr;
    size_t len;

    if (value.len < HEAD_BYTES)
        return GP_ECORRUPT;
    len = (size_t)bytes[GP_SALT_BYTES] << 8 | bytes[GP_SALT_BYTES + 1];
    if (len > GP_TEXT_BYTES_MAX || len > value.len - HEAD_BYTES ||
        value.len - HEAD_BYTES - len > GP_ID_BYTES_MAX)
        return GP_ECORRUPT;
    memcpy(ret_personal->salt, bytes, GP_SALT_BYTES);
    ret_personal->text = (struct gp_span){value.ptr + HEAD_BYTES, len};
    ret_personal->phone =
        (struct gp_span){value.ptr + HEAD_BYTES + len, value.len - HEAD_BYTES - len};
    return 0;
}

void gp_personal_hash(const struct gp_personal *personal,
                      unsigned char ret_hash[GP_PERSONAL_HASH_BYTES])
{
    unsigned char value[VALUE_MAX];
    struct gp_span packed = pack(personal, value);

    (void)crypto_generichash(ret_hash, GP_PERSONAL_HASH_BYTES, (const unsigned char *)packed.ptr,
                             packed.len, NULL, 0); /* fails for bad lengths only */
}

void gp_personal_salted(const unsigned char salt[GP_SALT_BYTES], const unsigned char hash[16],
                        unsigned char ret_salted[16])
{
    unsigned char both[GP_SALT_BYTES + 16], full[GP_HASH_BYTES];

    memcpy(both, salt, GP_SALT_BYTES);
    memcpy(both + GP_SALT_BYTES, hash, 16);
    (void)crypto_generichash(full, sizeof full, both, sizeof both, NULL, 0); /* the same */
    memcpy(ret_salted, full, 16);
}

/* ---------------------------------------------------------------- rows */

int gp_personal_put_row(struct gp_txn *txn, uint64_t incident, uint64_t seq, struct gp_span value)
{
    unsigned char key[16];

    return gp_row_put(txn, GP_TABLE_PERSONAL, personal_key(incident, seq, key), value, MDB_APPEND);
}

int gp_personal_put(struct gp_txn *txn, uint64_t incident, uint64_t seq,
                    const struct gp_personal *personal)
{
    unsigned char bytes[VALUE_MAX];
    struct gp_span value = pack(personal, bytes);
    int rc = gp_personal_put_row(txn, incident, seq, value);

    return rc == 0 ? gp_side_personal(txn, incident, seq, value) : rc;
}

int gp_personal_get(struct gp_txn *txn, uint64_t incident, uint64_t seq,
                    struct gp_personal *ret_personal)
{
    unsigned char key[16];
    struct gp_span value;
    int rc = gp_row_get(txn, GP_TABLE_PERSONAL, personal_key(incident, seq, key), &value);

    return rc == 0 ? gp_txn_seen(txn, unpack(value, ret_personal)) : rc;
}

int gp_personal_read(struct gp_span key, struct gp_span value, uint64_t *ret_incident,
                     uint64_t *ret_seq, struct gp_personal *ret_personal)
{
    if (key.len != 16)
        return GP_ECORRUPT;
    *ret_incident = gp_get_u64((const unsigned char *)key.ptr);
    *ret_seq = gp_get_u64((const unsigned char *)key.ptr + 8);
    return unpack(value, ret_personal);
}

int gp_personal_next(struct gp_txn *txn, uint64_t incident, uint64_t from, uint64_t *ret_seq)
{
    unsigned char bytes[16];
    struct gp_span key, value;
    int rc = gp_row_from(txn, GP_TABLE_PERSONAL, personal_key(incident, from, bytes), &key, &value);

    if (rc == 0 && key.len != 16)
        rc = gp_txn_seen(txn, GP_ECORRUPT);
    if (rc != 0)
        return rc;
    if (gp_get_u64((const unsigned char *)key.ptr) != incident)
        return GP_ENOTFOUND;
    *ret_seq = gp_get_u64((const unsigned char *)key.ptr + 8);
    return 0;
}

int gp_personal_count(struct gp_txn *txn, uint64_t incident, uint32_t most, uint32_t *ret_count)
{
    uint32_t count = 0;
    uint64_t seq = 0;
    int rc = 0;

    while (count < most && (rc = gp_personal_next(txn, incident, seq, &seq)) == 0) {
        count++;
        seq++;
    }
    if (rc == 0 || rc == GP_ENOTFOUND)
        *ret_count = count;
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_personal_erase(struct gp_txn *txn, uint64_t incident, uint64_t before, uint32_t most)
{
    int rc = 0;

    for (uint32_t erased = 0; rc == 0 && erased < most; erased++) {
        unsigned char key[16];
        uint64_t seq;
        rc = gp_personal_next(txn, incident, 0, &seq);
        if (rc == 0 && seq >= before)
            return 0;
        if (rc == 0)
            rc = gp_row_del(txn, GP_TABLE_PERSONAL, personal_key(incident, seq, key));
        txn->store->erased = txn->store->erased || rc == 0;
    }
    return rc == GP_ENOTFOUND ? 0 : rc;
}
