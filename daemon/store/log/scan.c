/*
 * Opening. The names of the sealed segments must follow one another without a gap; the last one's
 * trailer is read. The raw ones, a few, are read through: each group must be whole and follow from
 * the one before, by its number and, from the tables' checkpoint on, by its hash. The first place
 * without a whole group is the end, and behind it there are zeros, or there was a crash, or there
 * is damage:
 *
 *   behind it zeros                              a clean end
 *   other bytes, in the newest segment, and no
 *   whole group among them                       a torn tail: cut
 *   anything else                                damage: refused
 *
 * The last group may have been written and not synced, by a process that was killed then or ended
 * because the sync failed. Then the kernel shows what the disk lacks, and a sync that failed has
 * left its pages clean. So that group is written again and synced before it counts; the folder is
 * synced for the newest segment's name.
 *
 * A crash between two steps of sealing leaves a raw segment beside the sealed one that has its
 * entries: the raw one goes, as it would have gone.
 */
#include "store/log/internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scan {
    struct gp_wal *log;
    struct gp_wal_found *found;
    struct gp_folder folder;
    const struct gp_wal_mark *from;
    uint64_t seq;        /* up to here all is well */
    struct gp_link link; /* a place at or before it from which its hash can be computed */
    uint32_t link_offset;
    struct gp_raw *raw; /* the one under way; NULL: none */
    bool clean;         /* behind its groups are only zeros */
};

static int damaged(const struct scan *scan, const char *name, uint64_t offset)
{
    memcpy(scan->found->bad_name, name, strlen(name) + 1);
    scan->found->bad_offset = offset;
    return GP_ECORRUPT;
}

static int damaged_raw(const struct scan *scan, uint64_t number, uint64_t offset)
{
    char name[GP_WAL_NAME_BYTES];
    gp_name_raw(number, name);
    return damaged(scan, name, offset);
}

/* ---------------------------------------------------------------- sealed segments */

static int add_sealed(const struct scan *scan, const struct gp_file_name *file, const char *name)
{
    struct gp_segment *segment;
    struct stat stat;
    int rc;

    if (fstatat(scan->log->folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return gp_errno();
    rc = gp_segment_new_sealed(file->a, file->b, (uint64_t)stat.st_size, &segment);
    if (rc != 0)
        return rc;
    rc = gp_segments_add(scan->log, segment);
    if (rc != 0)
        gp_segment_free(segment);
    return rc;
}

static int scan_sealed(struct scan *scan)
{
    char name[GP_WAL_NAME_BYTES];
    struct gp_sealed *last;
    int rc;

    for (size_t i = 0; i < scan->folder.sealeds; i++) {
        const struct gp_file_name *file = &scan->folder.sealed[i];
        gp_name_sealed(file->a, file->b, name);
        if (file->a != scan->seq + 1 || file->b < file->a)
            return damaged(scan, name, 0);
        rc = add_sealed(scan, file, name);
        if (rc != 0)
            return rc;
        scan->seq = file->b;
    }
    if (scan->seq == 0)
        return 0;
    const struct gp_file_name *file = &scan->folder.sealed[scan->folder.sealeds - 1];
    rc = gp_sealed_open(scan->log->folder_fd, file->a, file->b, &last);
    if (rc != 0)
        return rc == GP_ECORRUPT ? damaged(scan, name, 0) : rc;
    scan->link = gp_link_before(last->after, scan->seq + 1, (struct gp_records){0});
    gp_sealed_close(last);
    return 0;
}

/* ---------------------------------------------------------------- raw segments */

static int open_raw(const struct scan *scan, uint64_t number, struct gp_segment_head *ret_head,
                    int *ret_fd)
{
    unsigned char bytes[GP_SEGMENT_HEAD];
    char name[GP_WAL_NAME_BYTES];
    struct stat stat;
    int fd, rc;

    gp_name_raw(number, name);
    fd = openat(scan->log->folder_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return gp_errno();
    rc = fstat(fd, &stat) == 0 ? 0 : gp_errno();
    if (rc == 0)
        rc = gp_disk_read(fd, bytes, sizeof bytes, 0);
    if (rc == 0)
        rc = gp_segment_unpack(bytes, ret_head);
    if (rc == 0 && (ret_head->number != number || stat.st_size != (off_t)ret_head->bytes ||
                    ret_head->bytes < GP_SEGMENT_HEAD || ret_head->first == 0))
        rc = GP_ECORRUPT;
    if (rc == 0) {
        *ret_fd = fd;
        return 0;
    }
    (void)close(fd);
    return rc == GP_ECORRUPT ? damaged(scan, name, 0) : rc;
}

/* Whether a sealed segment has the entries of a raw one that begins there. */
static bool was_sealed(const struct scan *scan, uint64_t first)
{
    struct gp_sealed *sealed;

    for (size_t i = 0; i < scan->folder.sealeds; i++) {
        const struct gp_file_name *file = &scan->folder.sealed[i];
        if (file->a != first)
            continue;
        if (gp_sealed_open(scan->log->folder_fd, file->a, file->b, &sealed) != 0)
            return false;
        gp_sealed_close(sealed);
        return true;
    }
    return false;
}

static int remove_raw(const struct scan *scan, uint64_t number)
{
    char name[GP_WAL_NAME_BYTES];

    gp_name_raw(number, name);
    if (unlinkat(scan->log->folder_fd, name, 0) != 0)
        return gp_errno();
    return gp_wal_sync_folder(scan->log);
}

/* Computes the hash of scan->seq: over the last group, as nobody asks for those in between. */
static int know_hash(struct scan *scan)
{
    if (gp_link_finish(&scan->link, scan->seq) == 0)
        return 0;
    return damaged_raw(scan, scan->raw->head.number, scan->link_offset);
}

/* Whether a segment goes on where everything before it ends; its hash is known. */
static bool follows(const struct scan *scan, const struct gp_segment_head *head)
{
    if (head->first != scan->seq + 1 ||
        memcmp(head->before, scan->link.hash, GP_WAL_HASH_BYTES) != 0)
        return false;
    if (scan->raw == NULL)
        return true;
    return head->number == scan->raw->head.number + 1 && head->ended == scan->raw->end;
}

/* What the tables have was checked when they took it; its chain is left to gp_wal_verify. */
static bool is_new(const struct scan *scan, const struct gp_raw *raw)
{
    const struct gp_wal_mark *from = scan->from;

    return from == NULL || raw->head.number > from->segment ||
           (raw->head.number == from->segment && raw->end >= from->offset);
}

/* Whether the group behind raw->end goes on where everything before it ends. */
static int check_group(struct scan *scan, const struct gp_raw *raw, const struct gp_group *group)
{
    if (group->first != scan->seq + 1 || group->synced_to > scan->seq)
        return damaged_raw(scan, raw->head.number, raw->end);
    if (!is_new(scan, raw))
        return 0;
    int rc = know_hash(scan);
    if (rc == 0 && memcmp(group->before, scan->link.hash, GP_WAL_HASH_BYTES) != 0)
        rc = damaged_raw(scan, raw->head.number, raw->end);
    return rc;
}

/* Reads the groups of a segment, up to where they end. */
static int scan_groups(struct scan *scan, struct gp_raw *raw)
{
    struct gp_group group;

    while (gp_group_check(raw->map + raw->end, raw->head.bytes - raw->end, raw->head.number,
                          raw->seed, &group) == 0) {
        int rc = check_group(scan, raw, &group);
        if (rc != 0)
            return rc;
        scan->link = gp_link_before(group.before, group.first,
                                    gp_group_records(raw->map + raw->end, &group));
        scan->link_offset = raw->end;
        scan->seq = group.last;
        gp_raw_note(raw, &group, raw->end);
    }
    scan->clean = gp_is_zero(raw->map + raw->end, raw->head.bytes - raw->end);
    return know_hash(scan);
}

static int scan_raw(struct scan *scan, uint64_t number)
{
    struct gp_segment_head head;
    struct gp_segment *segment;
    int fd;
    int rc = open_raw(scan, number, &head, &fd);

    if (rc != 0)
        return rc;
    if (scan->raw == NULL && head.first <= scan->seq && was_sealed(scan, head.first)) {
        (void)close(fd); /* only read */
        return remove_raw(scan, number);
    }
    if (scan->log->fd >= 0)
        (void)close(scan->log->fd); /* only read */
    scan->log->fd = fd;
    if (scan->raw != NULL && !scan->clean)
        return damaged_raw(scan, scan->raw->head.number, scan->raw->end);
    if (!follows(scan, &head))
        return damaged_raw(scan, number, 0);
    rc = gp_segment_new_raw(fd, &head, &segment);
    if (rc != 0)
        return rc;
    rc = gp_segments_add(scan->log, segment);
    if (rc != 0) {
        gp_segment_free(segment);
        return rc;
    }
    scan->log->newest = segment;
    scan->raw = segment->raw;
    return scan_groups(scan, segment->raw);
}

/* ---------------------------------------------------------------- all of it */

/* No segment at all: a new log, or a folder that lost its files. */
static int begin(const struct scan *scan, bool create)
{
    if (scan->from != NULL || scan->seq > 0)
        return GP_ECORRUPT;
    return create ? gp_make_segment(scan->log, 0) : GP_ENOTFOUND;
}

/* The tables' checkpoint must be a place of the log. */
static int check_mark(const struct scan *scan)
{
    const struct gp_wal_mark *from = scan->from;
    const struct gp_raw *newest = scan->raw;
    struct gp_segment *segment;
    uint32_t offset;
    int rc;

    if (from == NULL)
        return scan->seq > 0 || newest->end > GP_SEGMENT_HEAD ? GP_EEXIST : 0;
    rc = gp_mark_find(scan->log, from, &segment, &offset);
    if (rc == 0)
        gp_segments_put(scan->log, segment);
    if (rc != GP_ECORRUPT)
        return rc;
    if (from->segment > newest->head.number ||
        (from->segment == newest->head.number && from->offset > newest->end))
        return damaged_raw(scan, newest->head.number, newest->end); /* it is ahead */
    return damaged_raw(scan, from->segment, from->offset);
}

/* Brings to the disk what counts from now on. What the tables have was synced before they took it,
 * and all of a segment before the next one came. */
static int make_durable(const struct scan *scan)
{
    const struct gp_wal *log = scan->log;
    const struct gp_raw *raw = scan->raw;
    uint32_t from = scan->link_offset;
    size_t written;
    int rc = 0;

    if (log->nosync)
        return 0;
    if (raw->end > GP_SEGMENT_HEAD &&
        (scan->from->segment != raw->head.number || scan->from->offset != raw->end))
        rc = gp_disk_write(log->fd, raw->map + from, raw->end - from, from, &written);
    if (rc == 0)
        rc = gp_wal_sync_file(log, log->fd);
    return rc == 0 ? gp_wal_sync_folder(log) : rc;
}

static int scan_all(struct scan *scan, bool create)
{
    struct gp_wal *log = scan->log;
    int rc = gp_folder_list(log, &scan->folder);

    if (rc == 0)
        rc = scan_sealed(scan);
    for (size_t i = 0; rc == 0 && i < scan->folder.raws; i++)
        rc = scan_raw(scan, scan->folder.raw[i].a);
    if (rc != 0)
        return rc;
    if (scan->raw == NULL)
        return begin(scan, create);
    atomic_store(&log->synced, scan->seq);
    memcpy(log->synced_hash, scan->link.hash, GP_WAL_HASH_BYTES);
    rc = check_mark(scan);
    if (rc == 0 && !scan->clean) {
        rc = gp_cut_tail(log, scan->found);
        if (rc == GP_ECORRUPT)
            rc = damaged_raw(scan, scan->raw->head.number, scan->raw->end);
    }
    return rc == 0 ? make_durable(scan) : rc;
}

int gp_scan(struct gp_wal *log, const struct gp_wal_mark *from, bool create,
            struct gp_wal_found *found)
{
    struct scan scan = {.log = log, .found = found, .from = from};
    int rc = scan_all(&scan, create);

    gp_folder_free(&scan.folder);
    return rc;
}
