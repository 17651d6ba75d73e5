#include "store/log/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define TMP_NAME "seal.tmp"
/* Of a journal's blocks, level 1 makes a tenth to an eighth, and 3 and 6 no tenth less of it; they
 * take 1.5 and 6 times as long. */
#define LEVEL 1

struct sealer {
    struct gp_sealed sealed; /* what is written so far */
    uint32_t block_room;
    uint64_t offset;     /* of the next block */
    uint64_t seq;        /* of the last entry */
    struct gp_link link; /* of the group it is in: hashes are computed for blocks only */
    ZSTD_CCtx *zstd;
    unsigned char *raw, *packed; /* of the block under way */
    size_t raw_len, raw_room, packed_room;
};

static bool reserve(unsigned char **bytes, size_t *room, size_t need)
{
    unsigned char *grown;

    if (need <= *room)
        return true;
    grown = realloc(*bytes, need);
    if (grown == NULL)
        return false;
    *bytes = grown;
    *room = need;
    return true;
}

static int init(struct sealer *sealer, const struct gp_raw *raw)
{
    *sealer = (struct sealer){.seq = raw->head.first - 1};
    sealer->sealed.first = raw->head.first;
    sealer->sealed.last = raw->last;
    memcpy(sealer->sealed.before, raw->head.before, GP_WAL_HASH_BYTES);
    sealer->sealed.fd = -1;
    sealer->zstd = ZSTD_createCCtx();
    if (sealer->zstd == NULL ||
        ZSTD_isError(ZSTD_CCtx_setParameter(sealer->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(sealer->zstd, ZSTD_c_checksumFlag, 1)))
        return GP_ENOMEM;
    return 0;
}

static void release(struct sealer *sealer)
{
    (void)ZSTD_freeCCtx(sealer->zstd); /* 0 always; accepts NULL */
    free(sealer->raw);
    free(sealer->packed);
    free(sealer->sealed.block);
    if (sealer->sealed.fd >= 0)
        (void)close(sealer->sealed.fd); /* what counts is synced */
}

/* Notes where the block under way begins; its entries come one by one. */
static int begin_block(struct sealer *sealer)
{
    struct gp_sealed *sealed = &sealer->sealed;

    if (sealed->blocks == sealer->block_room) {
        uint32_t room = sealer->block_room == 0 ? 256 : 2 * sealer->block_room;
        struct gp_block *grown = realloc(sealed->block, room * sizeof *grown);
        if (grown == NULL)
            return GP_ENOMEM;
        sealed->block = grown;
        sealer->block_room = room;
    }
    if (gp_link_advance(&sealer->link, sealer->seq) != 0)
        return GP_ECORRUPT;
    struct gp_block *block = &sealed->block[sealed->blocks];
    block->first = sealer->seq + 1;
    block->offset = (uint32_t)sealer->offset;
    memcpy(block->before, sealer->link.hash, GP_WAL_HASH_BYTES);
    return 0;
}

static int end_block(struct sealer *sealer)
{
    struct gp_sealed *sealed = &sealer->sealed;
    size_t packed, written;
    int rc;

    if (sealer->raw_len == 0)
        return 0;
    if (!reserve(&sealer->packed, &sealer->packed_room, ZSTD_compressBound(sealer->raw_len)))
        return GP_ENOMEM;
    packed = ZSTD_compress2(sealer->zstd, sealer->packed, sealer->packed_room, sealer->raw,
                            sealer->raw_len);
    if (ZSTD_isError(packed)) /* it has room enough: memory is all that can be missing */
        return GP_ENOMEM;
    rc = gp_disk_write(sealed->fd, sealer->packed, packed, sealer->offset, &written);
    if (rc != 0)
        return rc;
    sealed->block[sealed->blocks++].raw_bytes = (uint32_t)sealer->raw_len;
    sealed->raw_bytes += sealer->raw_len;
    sealer->offset += packed;
    sealer->raw_len = 0;
    return 0;
}

static int add_entry(struct sealer *sealer, struct gp_span entry)
{
    size_t bytes = GP_RECORD_HEAD + entry.len;
    int rc = 0;

    if (sealer->raw_len + bytes > GP_BLOCK_BYTES)
        rc = end_block(sealer);
    if (rc == 0 && sealer->raw_len == 0)
        rc = begin_block(sealer);
    if (rc != 0)
        return rc;
    if (!reserve(&sealer->raw, &sealer->raw_room,
                 bytes > GP_BLOCK_BYTES ? bytes : (size_t)GP_BLOCK_BYTES))
        return GP_ENOMEM;
    gp_record_head(sealer->raw + sealer->raw_len, GP_RECORD_ENTRY, entry.len);
    memcpy(sealer->raw + sealer->raw_len + GP_RECORD_HEAD, entry.ptr, entry.len);
    sealer->raw_len += bytes;
    sealer->seq++;
    return 0;
}

/* A block that is long enough ends with a group, where the next one's hash is stored. */
static int add_group(struct sealer *sealer, const struct gp_group *group, struct gp_records records)
{
    enum gp_record_kind kind;
    struct gp_span bytes;
    int rc = sealer->raw_len > GP_BLOCK_BYTES / 2 ? end_block(sealer) : 0;

    sealer->link = gp_link_before(group->before, group->first, records);
    while (rc == 0 && (rc = gp_record_next(&records, &kind, &bytes)) == 0) {
        if (kind == GP_RECORD_ENTRY)
            rc = add_entry(sealer, bytes);
    }
    if (rc != GP_ENOTFOUND)
        return rc;
    return sealer->seq == group->last ? 0 : GP_ECORRUPT;
}

/* All entries. The hash of the last one is computed; that it all fits together, gp_wal_verify
 * tells. */
static int add_groups(struct sealer *sealer, const struct gp_raw *raw)
{
    struct gp_group group;
    int rc = 0;

    for (uint32_t at = GP_SEGMENT_HEAD; rc == 0 && at < raw->end; at += group.bytes) {
        rc = gp_group_check(raw->map + at, raw->end - at, raw->head.number, raw->seed, &group);
        if (rc == 0 && group.first != sealer->seq + 1)
            rc = GP_ECORRUPT;
        if (rc == 0)
            rc = add_group(sealer, &group, gp_group_records(raw->map + at, &group));
    }
    if (rc == 0 && sealer->seq != raw->last)
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = gp_link_advance(&sealer->link, sealer->seq);
    return rc == 0 ? end_block(sealer) : rc;
}

static int write_tail(struct sealer *sealer)
{
    struct gp_sealed *sealed = &sealer->sealed;
    size_t len = gp_sealed_tail_bytes(sealed->blocks), written;
    int rc;

    sealed->index_offset = (uint32_t)(sealer->offset + GP_SEALED_FRAME);
    memcpy(sealed->after, sealer->link.hash, GP_WAL_HASH_BYTES);
    if (!reserve(&sealer->packed, &sealer->packed_room, len))
        return GP_ENOMEM;
    gp_sealed_pack(sealed, sealer->packed);
    rc = gp_disk_write(sealed->fd, sealer->packed, len, sealer->offset, &written);
    sealer->offset += len;
    return rc;
}

static int write_all(const struct gp_wal *log, struct sealer *sealer, const struct gp_raw *raw)
{
    char name[GP_WAL_NAME_BYTES];
    int rc;

    sealer->sealed.fd = openat(log->folder_fd, TMP_NAME,
                               O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (sealer->sealed.fd < 0)
        return gp_errno();
    rc = add_groups(sealer, raw);
    if (rc == 0)
        rc = write_tail(sealer);
    if (rc == 0)
        rc = gp_wal_sync_file(log, sealer->sealed.fd);
    gp_name_sealed(sealer->sealed.first, sealer->sealed.last, name);
    if (rc == 0 && renameat(log->folder_fd, TMP_NAME, log->folder_fd, name) != 0)
        rc = gp_errno();
    if (rc == 0)
        return gp_wal_sync_folder(log);
    (void)unlinkat(log->folder_fd, TMP_NAME, 0); /* the next opening does, too */
    return rc;
}

int gp_seal_segment(const struct gp_wal *log, const struct gp_raw *raw, uint64_t *ret_file_bytes)
{
    struct sealer sealer;
    int rc = init(&sealer, raw);

    if (rc == 0)
        rc = write_all(log, &sealer, raw);
    if (rc == 0)
        *ret_file_bytes = sealer.offset;
    release(&sealer);
    return rc;
}
