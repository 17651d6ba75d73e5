/*
 * A copy of the log, made beside the writer. What segments there are, and how far each of them
 * goes, is noted at one instant; all of that stays as it is: sealed files are never written again,
 * raw ones are held by a reference and get no other bytes before their synced end.
 */
#include "store/log/disk.h"
#include "store/log/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---------------------------------------------------------------- bytes */

static int go_on(int fd, const struct gp_copying *copying)
{
    struct statvfs room;

    if (atomic_load(&copying->stop))
        return GP_EAGAIN;
    if (copying->in_the_way != NULL && copying->in_the_way(copying->of_whom))
        return GP_EYIELD;
    if (fstatvfs(fd, &room) != 0)
        return gp_errno();
    return (uint64_t)room.f_bavail * room.f_frsize < copying->reserve_bytes ? GP_ENOSPC : 0;
}

static int write_piece(int fd, const void *bytes, size_t len, uint64_t at,
                       struct gp_copying *copying)
{
    size_t written;
    int rc = go_on(fd, copying);

    if (rc == 0)
        rc = gp_disk_write(fd, bytes, len, at, &written);
    if (rc == 0)
        rc = gp_disk_push(fd, (off_t)at, (off_t)len);
    if (rc == 0)
        atomic_fetch_add(&copying->done, len);
    return rc;
}

int gp_disk_copy(int from_fd, int to_fd, uint64_t from, uint64_t to, struct gp_copying *copying)
{
    unsigned char *piece = malloc(GP_PIECE_BYTES);
    int rc = piece != NULL ? 0 : GP_ENOMEM;

    while (rc == 0 && from < to) {
        size_t len = to - from < GP_PIECE_BYTES ? (size_t)(to - from) : GP_PIECE_BYTES;
        rc = gp_disk_read(from_fd, piece, len, from);
        if (rc == 0)
            rc = write_piece(to_fd, piece, len, from, copying);
        from += len;
    }
    free(piece);
    return rc;
}

int gp_disk_create(int folder_fd, const char *name, int *ret_fd)
{
    int fd = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return gp_errno();
    *ret_fd = fd;
    return 0;
}

/* ---------------------------------------------------------------- segments */

struct piece {
    struct gp_segment *segment; /* referenced */
    uint32_t end;               /* of a raw one */
};

struct list {
    struct piece *piece;
    size_t count;
    uint64_t bytes;
};

static void add(struct list *list, struct gp_segment *segment)
{
    struct piece *piece = &list->piece[list->count++];

    segment->references++;
    piece->segment = segment;
    piece->end = segment->raw != NULL ? segment->raw->end : 0;
    list->bytes += segment->raw != NULL ? piece->end : segment->file_bytes;
}

/* Requires: the lock is held. */
static void note_end(const struct gp_wal *log, const struct list *list, struct gp_wal_mark *ret_end)
{
    const struct piece *newest = &list->piece[list->count - 1];

    ret_end->seq = atomic_load(&log->synced);
    memcpy(ret_end->hash, log->synced_hash, GP_WAL_HASH_BYTES);
    ret_end->segment = newest->segment->raw->head.number;
    ret_end->offset = newest->end;
}

static int take(struct gp_wal *log, struct list *list, struct gp_wal_mark *ret_end)
{
    (void)pthread_mutex_lock(&log->lock);
    list->piece = calloc(log->segments, sizeof *list->piece);
    for (size_t i = 0; list->piece != NULL && i < log->segments; i++)
        add(list, log->segment[i]);
    if (list->piece != NULL)
        note_end(log, list, ret_end);
    (void)pthread_mutex_unlock(&log->lock);
    return list->piece != NULL ? 0 : GP_ENOMEM;
}

static void give_back(struct gp_wal *log, struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        gp_segments_put(log, list->piece[i].segment);
    free(list->piece);
}

static int copy_raw(const struct gp_raw *raw, uint32_t end, int fd, struct gp_copying *copying)
{
    int rc = ftruncate(fd, (off_t)raw->head.bytes) == 0 ? 0 : gp_errno();

    for (uint32_t at = 0; rc == 0 && at < end;) {
        size_t len = end - at < GP_PIECE_BYTES ? end - at : GP_PIECE_BYTES;
        rc = write_piece(fd, raw->map + at, len, at, copying);
        at += (uint32_t)len;
    }
    return rc;
}

static int copy_sealed(const struct gp_wal *log, const char *name, int fd,
                       struct gp_copying *copying)
{
    int from_fd = openat(log->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat;
    int rc;

    if (from_fd < 0)
        return gp_errno();
    rc = fstat(from_fd, &stat) == 0 ? 0 : gp_errno();
    if (rc == 0)
        rc = gp_disk_copy(from_fd, fd, 0, (uint64_t)stat.st_size, copying);
    (void)close(from_fd); /* only read */
    return rc;
}

static int copy_piece(const struct gp_wal *log, const struct piece *piece, int folder_fd,
                      struct gp_copying *copying)
{
    const struct gp_segment *segment = piece->segment;
    char name[GP_WAL_NAME_BYTES];
    int fd = -1;

    if (segment->raw != NULL)
        gp_name_raw(segment->raw->head.number, name);
    else
        gp_name_sealed(segment->first, segment->last, name);
    int rc = gp_disk_create(folder_fd, name, &fd);
    if (rc != 0)
        return rc;
    rc = segment->raw != NULL ? copy_raw(segment->raw, piece->end, fd, copying)
                              : copy_sealed(log, name, fd, copying);
    if (rc == 0)
        rc = fsync(fd) == 0 ? 0 : GP_EIO;
    (void)close(fd); /* it is synced, or of no use */
    return rc;
}

int gp_wal_copy(struct gp_wal *log, int folder_fd, struct gp_copying *copying,
                struct gp_wal_mark *ret_end)
{
    struct gp_wal_mark end;
    struct list list = {0};
    int rc = take(log, &list, &end);

    atomic_fetch_add(&copying->of, list.bytes);
    for (size_t i = 0; rc == 0 && i < list.count; i++)
        rc = copy_piece(log, &list.piece[i], folder_fd, copying);
    give_back(log, &list);
    if (rc == 0)
        rc = fsync(folder_fd) == 0 ? 0 : GP_EIO;
    if (rc == 0)
        *ret_end = end;
    return rc;
}
