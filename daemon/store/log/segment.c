/*
 * Raw segments in memory, and the table of all segments. The table and all references are under
 * the log's lock; what a segment with a reference says about itself does not change, but the
 * newest one's, which the writer fills: readers go by its index and by log->synced only.
 */
#include "base/bytes.h"
#include "store/log/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC       UINT32_C(0x47507367)
#define FORMAT      1
#define AT_CHECKSUM 80

#define SHRINK_BYTES ((off_t)512 << 10)

/* ---------------------------------------------------------------- the head */

void gp_segment_pack(const struct gp_segment_head *head, unsigned char ret_bytes[GP_SEGMENT_HEAD])
{
    memset(ret_bytes, 0, GP_SEGMENT_HEAD);
    gp_put_u32(ret_bytes, MAGIC);
    gp_put_u32(ret_bytes + 4, FORMAT);
    gp_put_u64(ret_bytes + 8, head->number);
    gp_put_u64(ret_bytes + 16, head->first);
    gp_put_u32(ret_bytes + 24, head->bytes);
    gp_put_u32(ret_bytes + 28, head->ended);
    memcpy(ret_bytes + 32, head->salt, sizeof head->salt);
    memcpy(ret_bytes + 48, head->before, GP_WAL_HASH_BYTES);
    gp_put_u64(ret_bytes + AT_CHECKSUM, XXH3_64bits(ret_bytes, AT_CHECKSUM));
}

int gp_segment_unpack(const unsigned char bytes[GP_SEGMENT_HEAD], struct gp_segment_head *ret_head)
{
    if (gp_get_u32(bytes) != MAGIC ||
        gp_get_u64(bytes + AT_CHECKSUM) != XXH3_64bits(bytes, AT_CHECKSUM) ||
        !gp_is_zero(bytes + AT_CHECKSUM + 8, GP_SEGMENT_HEAD - AT_CHECKSUM - 8))
        return GP_ECORRUPT;
    if (gp_get_u32(bytes + 4) != FORMAT)
        return GP_EVERSION;
    ret_head->number = gp_get_u64(bytes + 8);
    ret_head->first = gp_get_u64(bytes + 16);
    ret_head->bytes = gp_get_u32(bytes + 24);
    ret_head->ended = gp_get_u32(bytes + 28);
    memcpy(ret_head->salt, bytes + 32, sizeof ret_head->salt);
    memcpy(ret_head->before, bytes + 48, GP_WAL_HASH_BYTES);
    return 0;
}

/* ---------------------------------------------------------------- segments */

/* A file of 16 MiB that goes at once keeps the log's syncs waiting for some 11 ms, where the disk
 * is told of free blocks (ext4's discard): a piece takes one. Nobody maps it any more. */
static void shrink(int fd, off_t bytes)
{
    while (bytes > 0) {
        bytes = bytes > SHRINK_BYTES ? bytes - SHRINK_BYTES : 0;
        if (ftruncate(fd, bytes) != 0)
            break; /* closing it does the rest */
    }
    (void)close(fd);
}

static void free_raw(struct gp_raw *raw)
{
    if (raw == NULL)
        return;
    if (raw->map != NULL)
        (void)munmap((void *)raw->map, raw->head.bytes); /* a map of our own: cannot fail */
    if (raw->gone_fd >= 0)
        shrink(raw->gone_fd, (off_t)raw->head.bytes);
    free(raw->index);
    free(raw);
}

int gp_segment_new_raw(int fd, const struct gp_segment_head *head, struct gp_segment **ret_segment)
{
    struct gp_segment *segment = calloc(1, sizeof *segment);
    struct gp_raw *raw = calloc(1, sizeof *raw);
    void *map = mmap(NULL, head->bytes, PROT_READ, MAP_SHARED, fd, 0);

    if (raw != NULL)
        raw->gone_fd = -1;
    if (raw != NULL && map != MAP_FAILED) {
        raw->head = *head;
        raw->map = map;
        raw->seed = gp_salt_seed(head->salt);
        raw->end = GP_SEGMENT_HEAD;
        raw->last = head->first - 1;
        raw->index = calloc(head->bytes / GP_INDEX_STEP, sizeof *raw->index);
    }
    if (segment == NULL || raw == NULL || map == MAP_FAILED || raw->index == NULL) {
        if (map != MAP_FAILED && (raw == NULL || raw->map == NULL))
            (void)munmap(map, head->bytes);
        free_raw(raw);
        free(segment);
        return GP_ENOMEM;
    }
    segment->first = head->first;
    segment->raw = raw;
    segment->file_bytes = head->bytes;
    segment->references = 1;
    *ret_segment = segment;
    return 0;
}

int gp_segment_new_sealed(uint64_t first, uint64_t last, uint64_t file_bytes,
                          struct gp_segment **ret_segment)
{
    struct gp_segment *segment = calloc(1, sizeof *segment);

    if (segment == NULL)
        return GP_ENOMEM;
    segment->first = first;
    segment->last = last;
    segment->file_bytes = file_bytes;
    segment->references = 1;
    *ret_segment = segment;
    return 0;
}

void gp_segment_free(struct gp_segment *segment)
{
    if (segment == NULL)
        return;
    free_raw(segment->raw);
    gp_sealed_close(segment->sealed);
    free(segment);
}

void gp_raw_note(struct gp_raw *raw, const struct gp_group *group, uint32_t offset)
{
    unsigned count = atomic_load_explicit(&raw->indexed, memory_order_relaxed);

    raw->end = offset + group->bytes;
    raw->last = group->last;
    if (count > 0 && offset - raw->index[count - 1].offset < GP_INDEX_STEP)
        return;
    raw->index[count].first = group->first;
    raw->index[count].offset = offset;
    atomic_store_explicit(&raw->indexed, count + 1, memory_order_release);
}

/* ---------------------------------------------------------------- the table */

int gp_segments_add(struct gp_wal *log, struct gp_segment *segment)
{
    int rc = 0;

    (void)pthread_mutex_lock(&log->lock); /* fails for a wrong use of ours only */
    if (log->segments == log->room) {
        size_t room = log->room == 0 ? 64 : 2 * log->room;
        struct gp_segment **grown = realloc(log->segment, room * sizeof *grown);
        if (grown == NULL)
            rc = GP_ENOMEM;
        else {
            log->segment = grown;
            log->room = room;
        }
    }
    if (rc == 0)
        log->segment[log->segments++] = segment;
    (void)pthread_mutex_unlock(&log->lock);
    return rc;
}

/* Whether that was the last reference: the caller frees it, outside the lock. */
static bool drop(struct gp_wal *log, struct gp_segment *segment)
{
    assert(segment->references > 0);
    if (--segment->references > 0)
        return false;
    if (segment->sealed != NULL)
        log->sealed_open--;
    return true;
}

void gp_segments_replace(struct gp_wal *log, const struct gp_segment *old, struct gp_segment *with)
{
    struct gp_segment *gone = NULL;

    (void)pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < log->segments; i++) {
        if (log->segment[i] != old)
            continue;
        gone = drop(log, log->segment[i]) ? log->segment[i] : NULL;
        if (with != NULL)
            log->segment[i] = with;
        else {
            memmove(log->segment + i, log->segment + i + 1,
                    (log->segments - i - 1) * sizeof(struct gp_segment *));
            log->segments--;
        }
        break;
    }
    (void)pthread_mutex_unlock(&log->lock);
    gp_segment_free(gone);
}

/* The last segment that begins at or before seq; of two that begin there, one has no entry. */
static struct gp_segment *search(const struct gp_wal *log, uint64_t seq)
{
    size_t from = 0, to = log->segments;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (log->segment[middle]->first <= seq)
            from = middle + 1;
        else
            to = middle;
    }
    return from > 0 ? log->segment[from - 1] : NULL;
}

int gp_segments_find(struct gp_wal *log, uint64_t seq, struct gp_segment **ret_segment)
{
    struct gp_segment *found;

    (void)pthread_mutex_lock(&log->lock);
    found = search(log, seq);
    if (found != NULL) {
        found->references++;
        found->used = ++log->tick;
    }
    (void)pthread_mutex_unlock(&log->lock);
    if (found == NULL)
        return GP_ENOTFOUND;
    *ret_segment = found;
    return 0;
}

int gp_segments_raw(struct gp_wal *log, uint64_t number, struct gp_segment **ret_segment)
{
    struct gp_segment *found = NULL;

    (void)pthread_mutex_lock(&log->lock);
    for (size_t i = log->segments; i > 0; i--) {
        struct gp_segment *segment = log->segment[i - 1];
        if (segment->raw == NULL || segment->raw->head.number < number)
            break;
        found = segment;
    }
    if (found != NULL)
        found->references++;
    (void)pthread_mutex_unlock(&log->lock);
    if (found == NULL)
        return GP_ENOTFOUND;
    *ret_segment = found;
    return 0;
}

/* Closes the sealed segment that was unused for longest; the caller closes its file. */
static struct gp_sealed *close_oldest(struct gp_wal *log)
{
    struct gp_segment *oldest = NULL;
    struct gp_sealed *sealed;

    for (size_t i = 0; i < log->segments && log->segment[i]->raw == NULL; i++) {
        struct gp_segment *segment = log->segment[i];
        if (segment->sealed != NULL && segment->references == 1 &&
            (oldest == NULL || segment->used < oldest->used))
            oldest = segment;
    }
    if (oldest == NULL)
        return NULL;
    sealed = oldest->sealed;
    oldest->sealed = NULL;
    log->sealed_open--;
    return sealed;
}

void gp_segments_put(struct gp_wal *log, struct gp_segment *segment)
{
    struct gp_sealed *closed = NULL;

    if (segment == NULL)
        return;
    (void)pthread_mutex_lock(&log->lock);
    if (!drop(log, segment))
        segment = NULL;
    if (log->sealed_open > GP_SEALED_OPEN_MAX)
        closed = close_oldest(log);
    (void)pthread_mutex_unlock(&log->lock);
    gp_sealed_close(closed);
    gp_segment_free(segment);
}

int gp_segments_open(struct gp_wal *log, struct gp_segment *segment)
{
    struct gp_sealed *opened;
    bool open;
    int rc;

    (void)pthread_mutex_lock(&log->lock);
    open = segment->sealed != NULL;
    (void)pthread_mutex_unlock(&log->lock);
    if (open)
        return 0;
    rc = gp_sealed_open(log->folder_fd, segment->first, segment->last, &opened);
    if (rc != 0)
        return rc;
    (void)pthread_mutex_lock(&log->lock);
    if (segment->sealed == NULL) { /* another reader may have been faster */
        segment->sealed = opened;
        opened = NULL;
        log->sealed_open++;
    }
    (void)pthread_mutex_unlock(&log->lock);
    gp_sealed_close(opened);
    return 0;
}
