/*
 * What the files of the log are made of. The input's first byte says what the rest is: the head of
 * a segment, a group with its records, a sealed segment's file, a file's name, a mark. Checksums
 * are made right first, for they would keep the fuzzer out. What is promised: what is read is
 * packed as the same bytes; records lie within their group, in as many as it says; no block leads
 * out of its file; a name is the name that is made of what it says.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "scratch.h"
#include "store/log/internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define ROOM ((size_t)128 * 1024)

/* ---------------------------------------------------------------- segments and groups */

static void try_head(struct gp_span input)
{
    unsigned char bytes[GP_SEGMENT_HEAD] = {0}, again[GP_SEGMENT_HEAD];
    struct gp_segment_head head;

    memcpy(bytes, input.ptr, input.len < sizeof bytes ? input.len : sizeof bytes);
    if (input.len <= 80)
        gp_put_u64(bytes + 80, XXH3_64bits(bytes, 80));
    if (gp_segment_unpack(bytes, &head) != 0)
        return;
    gp_segment_pack(&head, again);
    PROMISE(memcmp(bytes, again, sizeof bytes) == 0);
}

static void walk(struct gp_records records, const struct gp_group *group)
{
    struct gp_span whole = {(const char *)records.at, (size_t)(records.end - records.at)}, bytes;
    struct gp_link link = gp_link_before(group->before, group->first, records);
    enum gp_record_kind kind;
    uint64_t entries = 0;
    int rc;

    while ((rc = gp_record_next(&records, &kind, &bytes)) == 0) {
        PROMISE(fuzz_within(bytes, whole) && bytes.len <= GP_RECORD_BYTES_MAX);
        PROMISE(kind == GP_RECORD_ENTRY || kind == GP_RECORD_SIDE);
        entries += kind == GP_RECORD_ENTRY;
    }
    PROMISE(rc == GP_ENOTFOUND || rc == GP_ECORRUPT);
    bool dense = rc == GP_ENOTFOUND && entries == group->last + 1 - group->first;
    PROMISE((gp_link_finish(&link, group->last) == 0) == dense);
}

/* As zeros may follow it in its segment, the room is what the input is, and eight bytes more. */
static void try_group(struct gp_span input)
{
    size_t room = (input.len + 15) / 8 * 8;
    unsigned char *bytes = calloc(1, room), *again;
    struct gp_group group, read;

    PROMISE(bytes != NULL);
    memcpy(bytes, input.ptr, input.len);
    group = (struct gp_group){.bytes = room > GP_GROUP_HEAD ? gp_get_u32(bytes + 4) : 0};
    if (group.bytes >= GP_GROUP_HEAD && group.bytes <= room) {
        group.segment = gp_get_u64(bytes + 8);
        group.first = gp_get_u64(bytes + 16);
        group.last = gp_get_u64(bytes + 24);
        group.synced_to = gp_get_u64(bytes + 32);
        memcpy(group.before, bytes + 40, sizeof group.before);
        group.records = gp_get_u32(bytes + 72);
        gp_group_pack(&group, 7, bytes);
    }
    if (gp_group_check(bytes, room, group.segment, 7, &read) == 0) {
        again = malloc(read.bytes);
        PROMISE(again != NULL && read.bytes <= room);
        memcpy(again, bytes, read.bytes);
        gp_group_pack(&read, 7, again);
        PROMISE(memcmp(bytes, again, read.bytes) == 0);
        walk(gp_group_records(bytes, &read), &read);
        free(again);
    }
    free(bytes);
}

/* ---------------------------------------------------------------- sealed segments */

/* The trailer's checksum is over the index and itself, which begin where it says. */
static void seal(unsigned char *bytes, size_t len)
{
    unsigned char *trailer = bytes + len - 112;
    uint32_t index = gp_get_u32(trailer + 36);

    if (index <= len - 112)
        gp_put_u64(bytes + len - 8, XXH3_64bits(bytes + index, len - 8 - index));
}

static void look_into(const struct gp_sealed *sealed, uint64_t file_bytes)
{
    const uint64_t seqs[] = {sealed->first, sealed->first / 2 + sealed->last / 2, sealed->last};
    struct gp_unpacker *unpacker;
    struct gp_chunk chunk;

    PROMISE(sealed->blocks >= 1 && sealed->index_offset <= file_bytes);
    PROMISE(gp_unpacker_open(&unpacker) == 0);
    for (size_t i = 0; i < sizeof seqs / sizeof seqs[0]; i++) {
        if (seqs[i] < sealed->first || seqs[i] > sealed->last ||
            gp_sealed_chunk(unpacker, sealed, seqs[i], &chunk) != 0)
            continue;
        PROMISE(chunk.first <= seqs[i] && seqs[i] <= chunk.last && chunk.last <= sealed->last);
        struct gp_group group = {.first = chunk.first, .last = chunk.last};
        memcpy(group.before, chunk.before, sizeof group.before);
        walk(chunk.records, &group);
    }
    gp_unpacker_close(unpacker);
}

static void try_sealed(struct gp_span input)
{
    static unsigned char bytes[ROOM];
    char name[GP_WAL_NAME_BYTES];
    struct gp_sealed *sealed;
    size_t len = input.len < sizeof bytes ? input.len : sizeof bytes;
    uint64_t first = 0, last = 0;

    memcpy(bytes, input.ptr, len);
    if (len >= 112) {
        first = gp_get_u64(bytes + len - 112 + 8);
        last = gp_get_u64(bytes + len - 112 + 16);
        seal(bytes, len);
    }
    gp_name_sealed(first, last, name);
    (void)scratch_put(name, (struct gp_span){(char *)bytes, len});
    int folder = open(scratch_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    PROMISE(folder >= 0);
    if (gp_sealed_open(folder, first, last, &sealed) == 0) {
        look_into(sealed, len);
        gp_sealed_close(sealed);
    }
    (void)close(folder);
    scratch_remove(name);
}

/* ---------------------------------------------------------------- names and marks */

static void try_name(struct gp_span input)
{
    char *name = strndup(input.ptr, input.len), again[GP_WAL_NAME_BYTES] = "";

    PROMISE(name != NULL);
    struct gp_file_name parsed = gp_name_parse(name);
    if (parsed.kind == GP_FILE_RAW)
        gp_name_raw(parsed.a, again);
    else if (parsed.kind == GP_FILE_SEALED)
        gp_name_sealed(parsed.a, parsed.b, again);
    else if (parsed.kind == GP_FILE_SPARE)
        gp_name_spare((unsigned)parsed.a, again);
    if (again[0] != '\0')
        PROMISE(strcmp(name, again) == 0);
    PROMISE(parsed.kind != GP_FILE_SPARE || parsed.a < GP_SPARES_MAX);
    free(name);
}

static void try_mark(struct gp_span input)
{
    unsigned char again[GP_WAL_MARK_BYTES];
    struct gp_wal_mark mark;

    if (gp_wal_mark_unpack(input, &mark) != 0)
        return;
    gp_wal_mark_pack(&mark, again);
    PROMISE(input.len == sizeof again && memcmp(input.ptr, again, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(struct gp_span) = {try_head, try_group, try_sealed, try_name,
                                                    try_mark};

    if (size > 0)
        tries[data[0] % 5]((struct gp_span){(const char *)data + 1, size - 1});
    return 0;
}
