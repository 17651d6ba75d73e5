/*
 * A sealed segment, all numbers of ours big-endian:
 *
 *   blocks    each a zstd frame with checksum and content size; in it records of entries (group.c),
 *             about 128 KiB of them; side records are dropped
 *   frame     8 bytes, zstd's: 50 2a 4d 18, and the bytes that follow as a little-endian u32. zstd
 *             skips it, so `zstd -dc` reads the entries of a segment without us
 *   index     for each block: first seq u64, offset u32, bytes unpacked u32, hash before first (32)
 *   trailer   magic u32 "GPse", format u32 (1), first seq u64, last seq u64, bytes unpacked of all
 *             blocks u64, blocks u32, offset of the index u32, hash before first (32), hash of
 *             last (32), checksum u64: XXH3-64 of index and trailer up to here
 */
#include "base/bytes.h"
#include "store/log/internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>
#include <zstd_errors.h>

#define MAGIC         UINT32_C(0x47507365)
#define FORMAT        1
#define INDEX_BYTES   48
#define TRAILER_BYTES 112
#define AT_CHECKSUM   104

/* ---------------------------------------------------------------- index and trailer */

size_t gp_sealed_tail_bytes(uint32_t blocks)
{
    return GP_SEALED_FRAME + (size_t)blocks * INDEX_BYTES + TRAILER_BYTES;
}

static void pack_index(const struct gp_block *block, unsigned char *to)
{
    gp_put_u64(to, block->first);
    gp_put_u32(to + 8, block->offset);
    gp_put_u32(to + 12, block->raw_bytes);
    memcpy(to + 16, block->before, GP_WAL_HASH_BYTES);
}

static void pack_trailer(const struct gp_sealed *sealed, unsigned char *to)
{
    gp_put_u32(to, MAGIC);
    gp_put_u32(to + 4, FORMAT);
    gp_put_u64(to + 8, sealed->first);
    gp_put_u64(to + 16, sealed->last);
    gp_put_u64(to + 24, sealed->raw_bytes);
    gp_put_u32(to + 32, sealed->blocks);
    gp_put_u32(to + 36, sealed->index_offset);
    memcpy(to + 40, sealed->before, GP_WAL_HASH_BYTES);
    memcpy(to + 72, sealed->after, GP_WAL_HASH_BYTES);
}

static void pack_frame(uint32_t blocks, unsigned char to[GP_SEALED_FRAME])
{
    static const unsigned char skippable[4] = {0x50, 0x2a, 0x4d, 0x18};
    size_t content = (size_t)blocks * INDEX_BYTES + TRAILER_BYTES;

    memcpy(to, skippable, sizeof skippable);
    for (int i = 0; i < 4; i++)
        to[4 + i] = (unsigned char)(content >> (8 * i));
}

bool gp_sealed_has_frame(const struct gp_sealed *sealed)
{
    unsigned char is[GP_SEALED_FRAME], should[GP_SEALED_FRAME];

    pack_frame(sealed->blocks, should);
    return gp_disk_read(sealed->fd, is, sizeof is, sealed->index_offset - GP_SEALED_FRAME) == 0 &&
           memcmp(is, should, sizeof is) == 0;
}

void gp_sealed_pack(const struct gp_sealed *sealed, unsigned char *ret_bytes)
{
    size_t index_bytes = (size_t)sealed->blocks * INDEX_BYTES;
    unsigned char *index = ret_bytes + GP_SEALED_FRAME;

    pack_frame(sealed->blocks, ret_bytes);
    for (uint32_t i = 0; i < sealed->blocks; i++)
        pack_index(&sealed->block[i], index + (size_t)i * INDEX_BYTES);
    pack_trailer(sealed, index + index_bytes);
    gp_put_u64(index + index_bytes + AT_CHECKSUM, XXH3_64bits(index, index_bytes + AT_CHECKSUM));
}

static int unpack_trailer(const unsigned char *from, uint64_t file_bytes, struct gp_sealed *sealed)
{
    if (gp_get_u32(from) != MAGIC)
        return GP_ECORRUPT;
    if (gp_get_u32(from + 4) != FORMAT)
        return GP_EVERSION;
    if (gp_get_u64(from + 8) != sealed->first || gp_get_u64(from + 16) != sealed->last)
        return GP_ECORRUPT; /* its name says something else */
    sealed->raw_bytes = gp_get_u64(from + 24);
    sealed->blocks = gp_get_u32(from + 32);
    sealed->index_offset = gp_get_u32(from + 36);
    memcpy(sealed->before, from + 40, GP_WAL_HASH_BYTES);
    memcpy(sealed->after, from + 72, GP_WAL_HASH_BYTES);
    if (sealed->blocks == 0 || sealed->index_offset < GP_SEALED_FRAME ||
        sealed->index_offset + gp_sealed_tail_bytes(sealed->blocks) - GP_SEALED_FRAME != file_bytes)
        return GP_ECORRUPT;
    return 0;
}

/* Blocks lie one behind the other, in the order of their entries. */
static int unpack_index(const unsigned char *from, struct gp_sealed *sealed)
{
    for (uint32_t i = 0; i < sealed->blocks; i++, from += INDEX_BYTES) {
        struct gp_block *block = &sealed->block[i];
        block->first = gp_get_u64(from);
        block->offset = gp_get_u32(from + 8);
        block->raw_bytes = gp_get_u32(from + 12);
        memcpy(block->before, from + 16, GP_WAL_HASH_BYTES);
        if (i == 0 ? block->first != sealed->first || block->offset != 0
                   : block->first <= block[-1].first || block->offset <= block[-1].offset)
            return GP_ECORRUPT;
        if (block->first > sealed->last ||
            block->offset >= sealed->index_offset - GP_SEALED_FRAME ||
            block->raw_bytes > GP_RECORD_HEAD + GP_RECORD_BYTES_MAX)
            return GP_ECORRUPT;
    }
    return memcmp(sealed->block[0].before, sealed->before, GP_WAL_HASH_BYTES) == 0 ? 0
                                                                                   : GP_ECORRUPT;
}

static int read_index(struct gp_sealed *sealed, const unsigned char trailer[TRAILER_BYTES])
{
    size_t index_bytes = (size_t)sealed->blocks * INDEX_BYTES;
    unsigned char *bytes = malloc(index_bytes + TRAILER_BYTES);
    int rc;

    sealed->block = calloc(sealed->blocks, sizeof *sealed->block);
    if (bytes == NULL || sealed->block == NULL) {
        free(bytes);
        return GP_ENOMEM;
    }
    memcpy(bytes + index_bytes, trailer, TRAILER_BYTES);
    rc = gp_disk_read(sealed->fd, bytes, index_bytes, sealed->index_offset);
    if (rc == 0 &&
        gp_get_u64(trailer + AT_CHECKSUM) != XXH3_64bits(bytes, index_bytes + AT_CHECKSUM))
        rc = GP_ECORRUPT;
    if (rc == 0)
        rc = unpack_index(bytes, sealed);
    free(bytes);
    return rc;
}

static int read_tail(struct gp_sealed *sealed)
{
    unsigned char trailer[TRAILER_BYTES];
    struct stat stat;
    int rc;

    if (fstat(sealed->fd, &stat) != 0)
        return gp_errno();
    if (stat.st_size < TRAILER_BYTES)
        return GP_ECORRUPT;
    rc = gp_disk_read(sealed->fd, trailer, sizeof trailer, (uint64_t)stat.st_size - TRAILER_BYTES);
    if (rc == 0)
        rc = unpack_trailer(trailer, (uint64_t)stat.st_size, sealed);
    return rc == 0 ? read_index(sealed, trailer) : rc;
}

int gp_sealed_open(int folder_fd, uint64_t first, uint64_t last, struct gp_sealed **ret_sealed)
{
    char name[GP_WAL_NAME_BYTES];
    struct gp_sealed *sealed = calloc(1, sizeof *sealed);
    int rc;

    if (sealed == NULL)
        return GP_ENOMEM;
    sealed->first = first;
    sealed->last = last;
    gp_name_sealed(first, last, name);
    sealed->fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    rc = sealed->fd >= 0 ? read_tail(sealed) : gp_errno();
    if (rc != 0) {
        gp_sealed_close(sealed);
        return rc;
    }
    *ret_sealed = sealed;
    return 0;
}

void gp_sealed_close(struct gp_sealed *sealed)
{
    if (sealed == NULL)
        return;
    if (sealed->fd >= 0)
        (void)close(sealed->fd); /* only read */
    free(sealed->block);
    free(sealed);
}

/* ---------------------------------------------------------------- blocks */

struct gp_unpacker {
    ZSTD_DCtx *zstd;
    unsigned char *packed, *raw;
    size_t packed_room, raw_room;
};

int gp_unpacker_open(struct gp_unpacker **ret_unpacker)
{
    struct gp_unpacker *unpacker = calloc(1, sizeof *unpacker);

    if (unpacker != NULL)
        unpacker->zstd = ZSTD_createDCtx();
    if (unpacker == NULL || unpacker->zstd == NULL) {
        free(unpacker);
        return GP_ENOMEM;
    }
    *ret_unpacker = unpacker;
    return 0;
}

void gp_unpacker_close(struct gp_unpacker *unpacker)
{
    if (unpacker == NULL)
        return;
    (void)ZSTD_freeDCtx(unpacker->zstd); /* 0 always */
    free(unpacker->packed);
    free(unpacker->raw);
    free(unpacker);
}

static bool make_room(unsigned char **bytes, size_t *room, size_t need)
{
    if (need <= *room)
        return true;
    free(*bytes); /* what was in it is dead */
    *bytes = malloc(need);
    *room = *bytes != NULL ? need : 0;
    return *bytes != NULL;
}

static int unpack(struct gp_unpacker *unpacker, size_t packed_len, size_t raw_len)
{
    size_t got;

    if (ZSTD_getFrameContentSize(unpacker->packed, packed_len) != raw_len)
        return GP_ECORRUPT;
    got = ZSTD_decompressDCtx(unpacker->zstd, unpacker->raw, raw_len, unpacker->packed, packed_len);
    if (got == raw_len)
        return 0;
    return ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation ? GP_ENOMEM : GP_ECORRUPT;
}

static uint32_t find_block(const struct gp_sealed *sealed, uint64_t seq)
{
    uint32_t from = 0, to = sealed->blocks;

    while (to - from > 1) {
        uint32_t middle = from + (to - from) / 2;
        if (sealed->block[middle].first <= seq)
            from = middle;
        else
            to = middle;
    }
    return from;
}

int gp_sealed_chunk(struct gp_unpacker *unpacker, const struct gp_sealed *sealed, uint64_t seq,
                    struct gp_chunk *ret_chunk)
{
    uint32_t at = find_block(sealed, seq);
    const struct gp_block *block = &sealed->block[at];
    bool is_last = at + 1 == sealed->blocks;
    size_t packed_len =
        (is_last ? sealed->index_offset - GP_SEALED_FRAME : block[1].offset) - block->offset;
    int rc;

    if (!make_room(&unpacker->packed, &unpacker->packed_room, packed_len) ||
        !make_room(&unpacker->raw, &unpacker->raw_room, block->raw_bytes))
        return GP_ENOMEM;
    rc = gp_disk_read(sealed->fd, unpacker->packed, packed_len, block->offset);
    if (rc == 0)
        rc = unpack(unpacker, packed_len, block->raw_bytes);
    if (rc != 0)
        return rc;
    ret_chunk->first = block->first;
    ret_chunk->last = is_last ? sealed->last : block[1].first - 1;
    ret_chunk->records = (struct gp_records){unpacker->raw, unpacker->raw + block->raw_bytes};
    memcpy(ret_chunk->before, block->before, GP_WAL_HASH_BYTES);
    return 0;
}
