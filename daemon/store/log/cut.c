/*
 * The torn tail: a piece of the group that was being written when the machine stopped. Whoever
 * sent what is in it had no answer and asks again. It is cut off only where no whole group is in
 * it, or it would be damage in the middle of what was promised.
 */
#include "store/log/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TMP_NAME "cut.tmp"

static bool has_group(const struct gp_raw *raw, uint32_t from)
{
    struct gp_group group;

    for (uint32_t at = from; at < raw->head.bytes; at += 8) {
        if (gp_group_check(raw->map + at, raw->head.bytes - at, raw->head.number, raw->seed,
                           &group) == 0)
            return true;
    }
    return false;
}

static int write_copy(const struct gp_wal *log, const unsigned char *bytes, size_t len)
{
    int fd = openat(log->folder_fd, TMP_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    size_t written;
    int rc;

    if (fd < 0)
        return gp_errno();
    rc = gp_disk_write(fd, bytes, len, 0, &written);
    if (rc == 0)
        rc = gp_wal_sync_file(log, fd);
    if (close(fd) != 0 && rc == 0)
        rc = gp_errno();
    return rc;
}

/* One that was cut at the same place before, without a group since, is replaced. */
static int set_aside(const struct gp_wal *log, const unsigned char *bytes, size_t len,
                     const char *name)
{
    int rc = write_copy(log, bytes, len);

    if (rc == 0 && renameat(log->folder_fd, TMP_NAME, log->folder_fd, name) != 0)
        rc = gp_errno();
    if (rc == 0)
        rc = gp_wal_sync_folder(log);
    if (rc != 0)
        (void)unlinkat(log->folder_fd, TMP_NAME, 0); /* the next opening does, too */
    return rc;
}

int gp_cut_tail(struct gp_wal *log, struct gp_wal_found *found)
{
    const struct gp_raw *raw = log->newest->raw;
    uint32_t end = raw->head.bytes;
    int rc;

    if (has_group(raw, raw->end))
        return GP_ECORRUPT;
    while (end > raw->end && raw->map[end - 1] == 0)
        end--;
    gp_name_cut(raw->head.number, raw->end, found->cut_name);
    rc = set_aside(log, raw->map + raw->end, end - raw->end, found->cut_name);
    if (rc == GP_ENOSPC && gp_wal_give_spares(log) > 0)
        rc = set_aside(log, raw->map + raw->end, end - raw->end, found->cut_name);
    if (rc == 0)
        rc = gp_disk_zero(log->fd, raw->end, end);
    if (rc == 0)
        rc = gp_wal_sync_file(log, log->fd);
    if (rc == 0)
        found->cut_bytes = end - raw->end;
    return rc;
}
