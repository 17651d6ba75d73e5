/*
 * The writer. What is not synced is the group and nothing else: gp_wal_write puts it behind
 * everything that is synced, so `synced_to` of a group is always the entry before it, and a torn
 * tail is a piece of the one group that nobody was answered for.
 */
#include "base/broken.h"
#include "base/bytes.h"
#include "store/log/internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUP_KEEP ((size_t)4 << 20) /* a buffer that one large group made larger is given back */

/* ---------------------------------------------------------------- marks */

void gp_wal_mark_pack(const struct gp_wal_mark *mark, unsigned char ret_bytes[GP_WAL_MARK_BYTES])
{
    gp_put_u64(ret_bytes, mark->seq);
    memcpy(ret_bytes + 8, mark->hash, GP_WAL_HASH_BYTES);
    gp_put_u64(ret_bytes + 40, mark->segment);
    gp_put_u32(ret_bytes + 48, mark->offset);
}

int gp_wal_mark_unpack(struct gp_span bytes, struct gp_wal_mark *ret_mark)
{
    const unsigned char *from = (const unsigned char *)bytes.ptr;

    if (bytes.len != GP_WAL_MARK_BYTES || gp_get_u64(from + 40) == 0 ||
        gp_get_u32(from + 48) < GP_SEGMENT_HEAD)
        return GP_ECORRUPT;
    ret_mark->seq = gp_get_u64(from);
    memcpy(ret_mark->hash, from + 8, GP_WAL_HASH_BYTES);
    ret_mark->segment = gp_get_u64(from + 40);
    ret_mark->offset = gp_get_u32(from + 48);
    return 0;
}

void gp_wal_mark_file(const struct gp_wal_mark *mark, char ret_name[GP_WAL_NAME_BYTES])
{
    gp_name_raw(mark->segment, ret_name);
}

/* ---------------------------------------------------------------- life */

static void clear_group(struct gp_wal *log)
{
    struct gp_pending *group = &log->group;

    group->len = GP_GROUP_HEAD;
    group->entries = 0;
    group->records = 0;
    group->written = false;
    group->on_disk = 0;
    log->head = atomic_load(&log->synced);
    memcpy(log->head_hash, log->synced_hash, GP_WAL_HASH_BYTES);
    if (group->room <= GROUP_KEEP)
        return;
    free(group->bytes);
    group->bytes = NULL;
    group->room = 0;
}

static int check_options(const struct gp_wal_options *options)
{
    uint32_t bytes = options->segment_bytes;
    return bytes == 0 || (bytes >= GP_SEGMENT_BYTES_MIN && bytes % 4096 == 0) ? 0 : GP_EINVAL;
}

int gp_wal_open(int folder_fd, const struct gp_wal_options *options, const struct gp_wal_mark *from,
                struct gp_wal **ret_log, struct gp_wal_found *ret_found)
{
    struct gp_wal *log;
    int rc = check_options(options);

    *ret_found = (struct gp_wal_found){0};
    if (rc != 0)
        return rc;
    if (sodium_init() < 0) /* also finds the fastest BLAKE2b of this machine */
        return GP_EIO;
    log = calloc(1, sizeof *log);
    if (log == NULL)
        return GP_ENOMEM;
    log->folder_fd = folder_fd;
    log->segment_bytes = options->segment_bytes != 0 ? options->segment_bytes : GP_SEGMENT_BYTES;
    log->nosync = options->unsafe_nosync;
    log->spares_ahead = options->spares_ahead;
    log->fd = -1;                               /* none yet */
    (void)pthread_mutex_init(&log->lock, NULL); /* never fails on Linux */
    rc = gp_scan(log, from, options->create, ret_found);
    if (rc != 0) {
        gp_wal_close(log);
        return rc;
    }
    clear_group(log);
    *ret_log = log;
    return 0;
}

void gp_wal_close(struct gp_wal *log)
{
    if (log == NULL)
        return;
    for (size_t i = 0; i < log->segments; i++) {
        assert(log->segment[i]->references == 1);
        gp_segment_free(log->segment[i]);
    }
    free(log->segment);
    free(log->group.bytes);
    free(log->group.entry);
    if (log->fd >= 0)
        (void)close(log->fd); /* what counts is synced */
    (void)pthread_mutex_destroy(&log->lock);
    free(log);
}

/* ---------------------------------------------------------------- building a group */

static int make_room(struct gp_pending *group, size_t bytes)
{
    size_t need = group->len + bytes + 8; /* the zeros at its end */
    size_t room = group->room == 0 ? (size_t)1 << 16 : group->room;

    if (need > GP_GROUP_BYTES_MAX)
        return GP_ELIMIT;
    while (room < need)
        room *= 2;
    if (room > group->room) {
        unsigned char *grown = realloc(group->bytes, room);
        if (grown == NULL)
            return GP_ENOMEM;
        group->bytes = grown;
        group->room = room;
    }
    return 0;
}

static int make_entry_room(struct gp_pending *group)
{
    if (group->entries < group->entry_room)
        return 0;
    size_t room = group->entry_room == 0 ? 1024 : 2 * group->entry_room;
    uint32_t *grown = realloc(group->entry, room * sizeof *grown);
    if (grown == NULL)
        return GP_ENOMEM;
    group->entry = grown;
    group->entry_room = room;
    return 0;
}

static int add(struct gp_pending *group, enum gp_record_kind kind, struct gp_span bytes)
{
    int rc;

    assert(!group->written);
    if (bytes.len > GP_RECORD_BYTES_MAX)
        return GP_ELIMIT;
    rc = make_room(group, GP_RECORD_HEAD + bytes.len);
    if (rc != 0)
        return rc;
    gp_record_head(group->bytes + group->len, kind, bytes.len);
    if (bytes.len > 0)
        memcpy(group->bytes + group->len + GP_RECORD_HEAD, bytes.ptr, bytes.len);
    group->len += GP_RECORD_HEAD + bytes.len;
    group->records++;
    return 0;
}

int gp_wal_entry(struct gp_wal *log, struct gp_span entry, uint64_t *ret_seq)
{
    struct gp_pending *group = &log->group;
    uint32_t at = (uint32_t)group->len;
    int rc = make_entry_room(group);

    if (rc == 0)
        rc = add(group, GP_RECORD_ENTRY, entry);
    if (rc != 0)
        return rc;
    group->entry[group->entries++] = at;
    log->head++;
    gp_chain(log->head_hash, log->head, entry, log->head_hash);
    *ret_seq = log->head;
    return 0;
}

int gp_wal_side(struct gp_wal *log, struct gp_span record)
{
    return add(&log->group, GP_RECORD_SIDE, record);
}

bool gp_wal_pending(const struct gp_wal *log)
{
    return log->group.records > 0;
}

/* ---------------------------------------------------------------- writing */

static size_t group_bytes(const struct gp_pending *group)
{
    return (group->len + 7) / 8 * 8;
}

static void finish_group(struct gp_wal *log, size_t bytes)
{
    struct gp_pending *pending = &log->group;
    uint64_t synced = atomic_load(&log->synced);
    struct gp_group group = {
        .bytes = (uint32_t)bytes,
        .records = pending->records,
        .segment = log->newest->raw->head.number,
        .first = synced + 1,
        .last = log->head,
        .synced_to = synced,
    };

    memcpy(group.before, log->synced_hash, GP_WAL_HASH_BYTES);
    memset(pending->bytes + pending->len, 0, bytes - pending->len);
    gp_group_pack(&group, log->newest->raw->seed, pending->bytes);
}

int gp_wal_write(struct gp_wal *log)
{
    struct gp_pending *group = &log->group;
    size_t bytes = group_bytes(group);
    const struct gp_raw *newest = log->newest->raw;
    int rc = 0;

    assert(group->records > 0);
    assert(!group->written);
    group->written = true; /* also when it fails: only gp_wal_cut helps then */
    if ((log->rotate && newest->end > GP_SEGMENT_HEAD) || bytes > newest->head.bytes - newest->end)
        rc = gp_make_segment(log, bytes);
    if (rc != 0)
        return rc;
    finish_group(log, bytes);
    return gp_disk_write(log->fd, group->bytes, bytes, log->newest->raw->end, &group->on_disk);
}

int gp_wal_sync(struct gp_wal *log)
{
    struct gp_raw *raw = log->newest->raw;
    struct gp_group group = {
        .bytes = (uint32_t)log->group.on_disk,
        .first = atomic_load(&log->synced) + 1,
        .last = log->head,
    };
    int rc;

    assert(log->group.on_disk == group_bytes(&log->group));
    rc = gp_broken("skip-log-sync") ? 0 : gp_wal_sync_file(log, log->fd);
    if (rc != 0)
        return rc;
    (void)pthread_mutex_lock(&log->lock);
    gp_raw_note(raw, &group, raw->end); /* who copies it looks at its end under the lock */
    if (raw->end > raw->head.bytes / 2)
        atomic_store(&log->half_full, true);
    memcpy(log->synced_hash, log->head_hash, GP_WAL_HASH_BYTES);
    atomic_store(&log->synced, log->head);
    (void)pthread_mutex_unlock(&log->lock);
    clear_group(log);
    return 0;
}

int gp_wal_cut(struct gp_wal *log)
{
    uint64_t from = log->newest->raw->end;
    size_t on_disk = log->group.on_disk;
    int rc = 0;

    if (on_disk > 0) {
        rc = gp_disk_zero(log->fd, from, from + on_disk);
        if (rc == 0)
            rc = gp_wal_sync_file(log, log->fd);
    }
    clear_group(log);
    return rc == 0 ? 0 : GP_EIO;
}

void gp_wal_rotate(struct gp_wal *log)
{
    log->rotate = log->newest->raw->end > GP_SEGMENT_HEAD || log->group.written;
    if (log->rotate && !log->group.written)
        (void)gp_make_segment(log, 0); /* if it fails, the next group tries again */
}

/* ---------------------------------------------------------------- where it stands */

void gp_wal_head(const struct gp_wal *log, uint64_t *ret_seq,
                 unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    *ret_seq = log->head;
    if (ret_hash != NULL)
        memcpy(ret_hash, log->head_hash, GP_WAL_HASH_BYTES);
}

void gp_wal_mark(const struct gp_wal *log, struct gp_wal_mark *ret_mark)
{
    ret_mark->seq = atomic_load(&log->synced);
    memcpy(ret_mark->hash, log->synced_hash, GP_WAL_HASH_BYTES);
    ret_mark->segment = log->newest->raw->head.number;
    ret_mark->offset = log->newest->raw->end;
}

uint64_t gp_wal_synced(const struct gp_wal *log)
{
    return atomic_load(&log->synced);
}

void gp_wal_figures(struct gp_wal *log, struct gp_wal_figures *ret_figures)
{
    struct gp_wal_figures figures = {.first = 1};

    (void)pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < log->segments; i++) {
        figures.bytes += log->segment[i]->file_bytes;
        if (log->segment[i]->raw != NULL)
            figures.raw++;
        else
            figures.sealed++;
    }
    for (int i = 0; i < GP_SPARES_MAX; i++)
        figures.spares += log->spare[i] == GP_SPARE_READY;
    (void)pthread_mutex_unlock(&log->lock);
    figures.bytes += (uint64_t)figures.spares * log->segment_bytes;
    figures.last = atomic_load(&log->synced);
    *ret_figures = figures;
}
