/*
 * Looking through all files of a log that nobody has open. It reads what opening takes on trust,
 * and goes on where opening would refuse: behind a damaged block the index says where the next one
 * begins, behind a damaged group the next whole one is searched for, and the hash that each stores
 * of what is before it is where the chain is taken up again.
 */
#include "store/log/internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct checking {
    struct gp_wal log; /* the folder, and that nothing is changed; no more of it is used */
    const struct gp_wal_check *check;
    struct gp_wal_checked *out;
    struct gp_folder folder;
    struct gp_unpacker *unpacker;
    uint64_t seq; /* everything up to here was looked at */
    bool known;   /* hash is that of seq, computed */
    unsigned char hash[GP_WAL_HASH_BYTES];
    uint64_t number; /* of the raw segment before; 0: there was none */
    uint32_t ended;
};

static void say(struct checking *on, const char *file, uint64_t offset, uint64_t first,
                uint64_t last, const char *what)
{
    struct gp_wal_flaw flaw = {.offset = offset, .first = first, .last = last, .what = what};

    memcpy(flaw.file, file, strlen(file) + 1);
    on->check->flaw(on->check->context, &flaw);
}

static void progress(const struct checking *on)
{
    if (on->check->progress != NULL)
        on->check->progress(on->check->context, on->seq);
}

/* Entries that nobody has: the chain is taken up behind them. */
static void skip_to(struct checking *on, uint64_t seq)
{
    on->seq = seq;
    on->known = false;
}

/* What lies together: whether it follows from what is before, and whether it is as many entries as
 * it says. */
static void check_chunk(struct checking *on, const struct gp_chunk *chunk, const char *file,
                        uint64_t offset)
{
    struct gp_link link = gp_link_before(chunk->before, chunk->first, chunk->records);

    if (on->known && memcmp(on->hash, chunk->before, GP_WAL_HASH_BYTES) != 0)
        say(on, file, offset, chunk->first, chunk->last, "it does not follow from what is before");
    if (gp_link_finish(&link, chunk->last) != 0) {
        say(on, file, offset, chunk->first, chunk->last, "its records are not what its head says");
        skip_to(on, chunk->last);
        return;
    }
    on->out->entries += chunk->last + 1 - chunk->first;
    on->seq = chunk->last;
    on->known = true;
    memcpy(on->hash, link.hash, GP_WAL_HASH_BYTES);
    if (chunk->last >= chunk->first) {
        on->out->last = chunk->last;
        memcpy(on->out->hash, link.hash, GP_WAL_HASH_BYTES);
    }
}

/* ---------------------------------------------------------------- sealed segments */

static int check_blocks(struct checking *on, const struct gp_sealed *sealed, const char *file)
{
    for (uint32_t i = 0; i < sealed->blocks; i++) {
        uint64_t last = i + 1 < sealed->blocks ? sealed->block[i + 1].first - 1 : sealed->last;
        struct gp_chunk chunk;
        int rc = gp_sealed_chunk(on->unpacker, sealed, sealed->block[i].first, &chunk);
        if (rc == GP_ENOMEM)
            return rc;
        if (rc != 0) {
            say(on, file, sealed->block[i].offset, sealed->block[i].first, last,
                "the block is damaged");
            skip_to(on, last);
        } else {
            check_chunk(on, &chunk, file, sealed->block[i].offset);
        }
        progress(on);
    }
    if (on->known && memcmp(on->hash, sealed->after, GP_WAL_HASH_BYTES) != 0)
        say(on, file, sealed->index_offset, sealed->last, sealed->last,
            "its last entry is another one than its trailer says");
    return 0;
}

static int check_sealed_file(struct checking *on, const struct gp_file_name *name, const char *file)
{
    struct gp_sealed *sealed;
    int rc = gp_sealed_open(on->log.folder_fd, name->a, name->b, &sealed);

    if (rc == GP_ENOMEM)
        return rc;
    if (rc != 0) {
        say(on, file, 0, name->a, name->b, "its index or its trailer is damaged");
        skip_to(on, name->b);
        return 0;
    }
    if (!gp_sealed_has_frame(sealed))
        say(on, file, sealed->index_offset - GP_SEALED_FRAME, 1, 0,
            "the frame before its index is damaged");
    rc = check_blocks(on, sealed, file);
    gp_sealed_close(sealed);
    return rc;
}

static int check_sealed(struct checking *on)
{
    int rc = gp_unpacker_open(&on->unpacker);

    for (size_t i = 0; rc == 0 && i < on->folder.sealeds; i++) {
        const struct gp_file_name *name = &on->folder.sealed[i];
        char file[GP_WAL_NAME_BYTES];
        gp_name_sealed(name->a, name->b, file);
        if (name->b < name->a || name->a <= on->seq) {
            say(on, file, 0, name->a, name->b, "another file has its entries");
            continue;
        }
        if (name->a != on->seq + 1) {
            say(on, file, 0, on->seq + 1, name->a - 1, "a file before it is missing");
            skip_to(on, name->a - 1);
        }
        rc = check_sealed_file(on, name, file);
    }
    gp_unpacker_close(on->unpacker);
    return rc;
}

/* ---------------------------------------------------------------- raw segments */

struct raw_file {
    char name[GP_WAL_NAME_BYTES];
    struct gp_segment_head head;
    const unsigned char *map;
    size_t bytes; /* of the file */
    uint64_t seed;
    bool newest;
    uint64_t after; /* the entry that the next segment begins with; UINT64_MAX: nobody says */
};

/* Where the next whole group is; the file's end where there is none. */
static size_t find_group(const struct raw_file *raw, size_t from, struct gp_group *ret_group)
{
    for (size_t at = from; at + GP_GROUP_HEAD <= raw->bytes; at += 8) {
        if (gp_group_check(raw->map + at, raw->bytes - at, raw->head.number, raw->seed,
                           ret_group) == 0)
            return at;
    }
    return raw->bytes;
}

static void check_group(struct checking *on, const struct raw_file *raw, size_t at,
                        const struct gp_group *group)
{
    struct gp_chunk chunk = {.first = group->first,
                             .last = group->last,
                             .records = gp_group_records(raw->map + at, group)};

    memcpy(chunk.before, group->before, GP_WAL_HASH_BYTES);
    if (group->first != on->seq + 1) {
        say(on, raw->name, at, on->seq + 1, group->first > on->seq ? group->first - 1 : group->last,
            "entries are missing before it");
        skip_to(on, group->first - 1);
    } else if (group->synced_to > on->seq) {
        say(on, raw->name, at, group->first, group->last, "it says that later ones were there");
    }
    check_chunk(on, &chunk, raw->name, at);
}

/* Behind the last whole group. What is there in the newest segment may be a torn tail, of what
 * nobody was answered for: whoever knows how far the tables are can tell. */
static void check_end(struct checking *on, const struct raw_file *raw, size_t at)
{
    on->ended = (uint32_t)at;
    if (gp_is_zero(raw->map + at, raw->bytes - at))
        return;
    if (raw->newest) {
        memcpy(on->out->tail_name, raw->name, sizeof on->out->tail_name);
        on->out->tail_offset = at;
        return;
    }
    say(on, raw->name, at, on->seq + 1, raw->after == UINT64_MAX ? UINT64_MAX : raw->after - 1,
        "a group is damaged");
    if (raw->after != UINT64_MAX && raw->after > on->seq)
        skip_to(on, raw->after - 1);
}

static void check_groups(struct checking *on, const struct raw_file *raw)
{
    size_t at = GP_SEGMENT_HEAD;
    struct gp_group group;

    for (;;) {
        size_t found = find_group(raw, at, &group);
        bool zeros = found == raw->bytes || gp_is_zero(raw->map + at, found - at);
        if (found == raw->bytes)
            break;
        if (found != at) {
            say(on, raw->name, at, on->seq + 1, group.first - 1,
                zeros ? "a group is missing" : "a group is damaged");
            if (group.first > on->seq)
                skip_to(on, group.first - 1);
        }
        check_group(on, raw, found, &group);
        at = found + group.bytes;
        progress(on);
    }
    check_end(on, raw, at);
}

static void check_begin(struct checking *on, const struct raw_file *raw)
{
    const struct gp_segment_head *head = &raw->head;
    bool follows = on->number == 0 || (head->number == on->number + 1 && head->ended == on->ended);

    if (head->first != on->seq + 1 || !follows ||
        (on->known && memcmp(head->before, on->hash, GP_WAL_HASH_BYTES) != 0)) {
        say(on, raw->name, 0, on->seq + 1, head->first - 1,
            "it does not begin where the one before it ended");
        if (head->first > on->seq + 1)
            skip_to(on, head->first - 1);
    }
    on->number = head->number;
}

/* A raw segment whose head nobody can read has no salt by which its groups could be told. */
static void lose_raw(struct checking *on, const struct raw_file *raw)
{
    say(on, raw->name, 0, on->seq + 1, raw->after == UINT64_MAX ? UINT64_MAX : raw->after - 1,
        "its head is damaged");
    if (raw->after != UINT64_MAX && raw->after > on->seq)
        skip_to(on, raw->after - 1);
    on->number = 0;
}

static void check_raw(struct checking *on, struct raw_file *raw, uint64_t number)
{
    if (raw->bytes < GP_SEGMENT_HEAD || gp_segment_unpack(raw->map, &raw->head) != 0 ||
        raw->head.number != number || raw->head.first == 0) {
        lose_raw(on, raw);
        return;
    }
    if (on->number == 0 && raw->head.first <= on->seq)
        return; /* sealing was stopped behind the rename: the sealed one has it all */
    if (raw->head.bytes != raw->bytes)
        say(on, raw->name, raw->bytes, 1, 0, "the file is not as long as it was");
    raw->seed = gp_salt_seed(raw->head.salt);
    check_begin(on, raw);
    check_groups(on, raw);
}

static int open_file(const struct checking *on, const char *name, const unsigned char **ret_map,
                     size_t *ret_bytes)
{
    int fd = openat(on->log.folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat;
    void *map = NULL;

    if (fd < 0)
        return gp_errno();
    int rc = fstat(fd, &stat) == 0 ? 0 : gp_errno();
    if (rc == 0 && stat.st_size > 0)
        map = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (rc == 0 && map == MAP_FAILED)
        rc = GP_ENOMEM;
    (void)close(fd); /* mapped */
    if (rc == 0) {
        *ret_map = map;
        *ret_bytes = (size_t)stat.st_size;
    }
    return rc;
}

static void close_file(const unsigned char *map, size_t bytes)
{
    if (bytes > 0)
        (void)munmap((void *)(uintptr_t)map, bytes); /* a map of our own: cannot fail */
}

/* Which entry a segment begins with; UINT64_MAX where it does not say. */
static uint64_t first_of(const struct checking *on, size_t i)
{
    unsigned char bytes[GP_SEGMENT_HEAD];
    char name[GP_WAL_NAME_BYTES];
    struct gp_segment_head head;
    uint64_t first = UINT64_MAX;

    if (i >= on->folder.raws)
        return first;
    gp_name_raw(on->folder.raw[i].a, name);
    int fd = openat(on->log.folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return first;
    if (gp_disk_read(fd, bytes, sizeof bytes, 0) == 0 && gp_segment_unpack(bytes, &head) == 0 &&
        head.first > 0)
        first = head.first;
    (void)close(fd); /* only read */
    return first;
}

static int check_raws(struct checking *on)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < on->folder.raws; i++) {
        struct raw_file raw = {.newest = i + 1 == on->folder.raws, .after = first_of(on, i + 1)};
        gp_name_raw(on->folder.raw[i].a, raw.name);
        rc = open_file(on, raw.name, &raw.map, &raw.bytes);
        if (rc != 0)
            break;
        check_raw(on, &raw, on->folder.raw[i].a);
        close_file(raw.map, raw.bytes);
        progress(on);
    }
    return rc;
}

/* ---------------------------------------------------------------- all of it */

/* A spare is used from its beginning on: what is no zero would stand behind a segment's groups. */
static int check_spares(struct checking *on)
{
    int rc = 0;

    for (unsigned i = 0; rc == 0 && i < GP_SPARES_MAX; i++) {
        const unsigned char *map;
        char name[GP_WAL_NAME_BYTES];
        size_t bytes, at = 0;
        if (on->log.spare[i] != GP_SPARE_READY)
            continue;
        gp_name_spare(i, name);
        rc = open_file(on, name, &map, &bytes);
        if (rc != 0)
            break;
        if (!gp_is_zero(map, bytes)) {
            while (map[at] == 0)
                at++;
            say(on, name, at, 1, 0, "a spare segment is not zeros");
        }
        close_file(map, bytes);
    }
    return rc;
}

int gp_wal_check(int folder_fd, const struct gp_wal_check *check,
                 struct gp_wal_checked *ret_checked)
{
    struct gp_wal_checked checked = {0};
    struct checking on = {
        .log = {.folder_fd = folder_fd, .segment_bytes = GP_SEGMENT_BYTES, .looks = true},
        .check = check,
        .out = &checked,
        .known = true};
    int rc = gp_folder_list(&on.log, &on.folder);

    if (rc == 0)
        rc = check_sealed(&on);
    if (rc == 0)
        rc = check_raws(&on);
    if (rc == 0)
        rc = check_spares(&on);
    gp_folder_free(&on.folder);
    if (rc == 0)
        *ret_checked = checked;
    return rc;
}
