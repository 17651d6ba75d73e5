/*
 * A group whose one entry is "one", the first of segment 1 (internal.h has the fields):
 *
 *   47506772 00000060 0000000000000001 0000000000000001 0000000000000001 0000000000000000
 *   …32 bytes: hash before… 00000001 00000000 …checksum…
 *   01000003 6f6e65 00
 *
 * The checksum's seed comes from the segment's salt, which never leaves the store: nobody can write
 * a text that looks like a group of this segment, and a group of another segment is none here.
 */
#include "base/bytes.h"
#include "store/log/internal.h"

#include <sodium.h>
#include <string.h>
#include <xxhash.h>

#define MAGIC       UINT32_C(0x47506772)
#define AT_CHECKSUM 80

void gp_chain(const unsigned char before[GP_WAL_HASH_BYTES], uint64_t seq, struct gp_span entry,
              unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    crypto_generichash_state state;
    unsigned char start[GP_WAL_HASH_BYTES + 8];

    memcpy(start, before, GP_WAL_HASH_BYTES);
    gp_put_u64(start + GP_WAL_HASH_BYTES, seq);
    (void)crypto_generichash_init(&state, NULL, 0, GP_WAL_HASH_BYTES); /* fails for bad lengths */
    (void)crypto_generichash_update(&state, start, sizeof start);
    (void)crypto_generichash_update(&state, (const unsigned char *)entry.ptr, entry.len);
    (void)crypto_generichash_final(&state, ret_hash, GP_WAL_HASH_BYTES);
}

uint64_t gp_salt_seed(const unsigned char salt[16])
{
    return XXH3_64bits(salt, 16);
}

/* ---------------------------------------------------------------- groups */

static uint64_t checksum(const unsigned char *bytes, uint32_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes + GP_GROUP_HEAD, len - GP_GROUP_HEAD,
                                XXH3_64bits_withSeed(bytes, AT_CHECKSUM, seed));
}

void gp_group_pack(const struct gp_group *group, uint64_t seed, unsigned char *bytes)
{
    gp_put_u32(bytes, MAGIC);
    gp_put_u32(bytes + 4, group->bytes);
    gp_put_u64(bytes + 8, group->segment);
    gp_put_u64(bytes + 16, group->first);
    gp_put_u64(bytes + 24, group->last);
    gp_put_u64(bytes + 32, group->synced_to);
    memcpy(bytes + 40, group->before, GP_WAL_HASH_BYTES);
    gp_put_u32(bytes + 72, group->records);
    gp_put_u32(bytes + 76, 0);
    gp_put_u64(bytes + AT_CHECKSUM, checksum(bytes, group->bytes, seed));
}

/* What can be told without looking at all of it. */
static bool may_be_group(const struct gp_group *group, uint64_t room, uint64_t segment)
{
    if (group->bytes < GP_GROUP_HEAD || group->bytes > room || group->bytes % 8 != 0)
        return false;
    return group->segment == segment && group->records > 0 && group->first > 0 &&
           group->last + 1 >= group->first && group->last + 1 - group->first <= group->records;
}

int gp_group_check(const unsigned char *bytes, uint64_t room, uint64_t segment, uint64_t seed,
                   struct gp_group *ret_group)
{
    if (room < GP_GROUP_HEAD || gp_get_u32(bytes) != MAGIC)
        return GP_ECORRUPT;
    struct gp_group group = {
        .bytes = gp_get_u32(bytes + 4),
        .segment = gp_get_u64(bytes + 8),
        .first = gp_get_u64(bytes + 16),
        .last = gp_get_u64(bytes + 24),
        .synced_to = gp_get_u64(bytes + 32),
        .records = gp_get_u32(bytes + 72),
    };
    memcpy(group.before, bytes + 40, GP_WAL_HASH_BYTES);
    if (!may_be_group(&group, room, segment) ||
        gp_get_u64(bytes + AT_CHECKSUM) != checksum(bytes, group.bytes, seed))
        return GP_ECORRUPT;
    *ret_group = group;
    return 0;
}

struct gp_records gp_group_records(const unsigned char *bytes, const struct gp_group *group)
{
    return (struct gp_records){bytes + GP_GROUP_HEAD, bytes + group->bytes};
}

/* ---------------------------------------------------------------- records */

void gp_record_head(unsigned char *to, enum gp_record_kind kind, size_t len)
{
    gp_put_u32(to, (uint32_t)kind << 24 | (uint32_t)len);
}

int gp_record_next(struct gp_records *records, enum gp_record_kind *ret_kind,
                   struct gp_span *ret_bytes)
{
    size_t left = (size_t)(records->end - records->at);

    if (left < GP_RECORD_HEAD || records->at[0] == 0) /* the zeros that fill the group up */
        return GP_ENOTFOUND;
    uint32_t head = gp_get_u32(records->at);
    size_t len = head & GP_RECORD_BYTES_MAX;
    if (head >> 24 > GP_RECORD_SIDE || len > left - GP_RECORD_HEAD)
        return GP_ECORRUPT;
    *ret_kind = (enum gp_record_kind)(head >> 24);
    *ret_bytes = (struct gp_span){(const char *)records->at + GP_RECORD_HEAD, len};
    records->at += GP_RECORD_HEAD + len;
    return 0;
}

/* ---------------------------------------------------------------- the chain */

struct gp_link gp_link_before(const unsigned char before[GP_WAL_HASH_BYTES], uint64_t first,
                              struct gp_records records)
{
    struct gp_link link = {.seq = first - 1, .rest = records};

    memcpy(link.hash, before, GP_WAL_HASH_BYTES);
    return link;
}

int gp_link_advance(struct gp_link *link, uint64_t seq)
{
    enum gp_record_kind kind;
    struct gp_span bytes;

    while (link->seq < seq) {
        if (gp_record_next(&link->rest, &kind, &bytes) != 0)
            return GP_ECORRUPT;
        if (kind == GP_RECORD_ENTRY)
            gp_chain(link->hash, ++link->seq, bytes, link->hash);
    }
    return 0;
}

int gp_link_finish(struct gp_link *link, uint64_t last)
{
    enum gp_record_kind kind;
    struct gp_span bytes;
    int rc = gp_link_advance(link, last);

    while (rc == 0 && (rc = gp_record_next(&link->rest, &kind, &bytes)) == 0) {
        if (kind == GP_RECORD_ENTRY)
            return GP_ECORRUPT; /* more than were said */
    }
    return rc == GP_ENOTFOUND ? 0 : rc;
}
