#include "store/log/disk.h"

#include "base/broken.h"
#include "store/log/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int gp_disk_write(int fd, const void *bytes, size_t len, uint64_t offset, size_t *ret_written)
{
    *ret_written = 0;
    while (*ret_written < len) {
        ssize_t got = pwrite(fd, (const char *)bytes + *ret_written, len - *ret_written,
                             (off_t)(offset + *ret_written));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? gp_errno() : GP_EIO;
        *ret_written += (size_t)got;
    }
    return 0;
}

int gp_disk_read(int fd, void *to, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(fd, (char *)to + done, len - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gp_errno();
        if (got == 0)
            return GP_ECORRUPT;
        done += (size_t)got;
    }
    return 0;
}

int gp_disk_push(int fd, off_t at, off_t len)
{
    const unsigned flags =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

    if (sync_file_range(fd, at, len, flags) == 0 || errno == EINVAL || errno == ESPIPE ||
        errno == ENOSYS)
        return 0;
    return gp_errno();
}

/* Pages that a range has none of cost a look. */
int gp_disk_push_all(int fd)
{
    struct stat stat;
    int rc = fstat(fd, &stat) == 0 ? 0 : GP_EIO;

    for (off_t at = 0; rc == 0 && at < stat.st_size; at += GP_PIECE_BYTES)
        rc = gp_disk_push(fd, at, GP_PIECE_BYTES);
    return rc;
}

int gp_disk_zero(int fd, uint64_t from, uint64_t to)
{
    static const unsigned char zeros[1 << 16];
    size_t written;
    int rc = 0;

    while (rc == 0 && from < to) {
        size_t len = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        rc = gp_disk_write(fd, zeros, len, from, &written);
        from += written;
    }
    return rc;
}

bool gp_is_zero(const unsigned char *bytes, size_t len)
{
    return len == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0);
}

int gp_wal_sync_folder(const struct gp_wal *log)
{
    if (log->nosync || gp_broken("no-folder-sync") || fsync(log->folder_fd) == 0)
        return 0;
    return GP_EIO;
}

int gp_wal_sync_file(const struct gp_wal *log, int fd)
{
    if (log->nosync || fdatasync(fd) == 0)
        return 0;
    return GP_EIO;
}
