#include "trust/file.h"

#include "trust/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *gp_file_reason(const char *path, const char *what)
{
    static _Thread_local char reason[GP_FILE_PATH_MAX + 128];

    (void)snprintf(reason, sizeof reason, "%s: %s", path, what); /* cut is still a reason */
    return reason;
}

static int fail(const char *path, const char **ret_reason)
{
    int number = errno;

    *ret_reason = gp_file_reason(path, strerror(number));
    switch (number) {
    case ENOENT:
        return GP_ENOTFOUND;
    case EEXIST:
        return GP_EEXIST;
    case ENOSPC:
    case EDQUOT:
        return GP_ENOSPC;
    case ENOMEM:
        return GP_ENOMEM;
    default:
        return GP_EIO;
    }
}

static int refuse(int error, const char *path, const char *what, const char **ret_reason)
{
    *ret_reason = gp_file_reason(path, what);
    return error;
}

int gp_file_path(const char *folder, const char *name, char ret_path[GP_FILE_PATH_MAX],
                 const char **ret_reason)
{
    int len = snprintf(ret_path, GP_FILE_PATH_MAX, "%s/%s", folder, name);

    if (len < 0 || len >= GP_FILE_PATH_MAX)
        return refuse(GP_EINVAL, name, "the folder's path is too long", ret_reason);
    return 0;
}

/* ---------------------------------------------------------------- reading */

static int check(const char *path, int fd, mode_t forbidden, const char **ret_reason)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return fail(path, ret_reason);
    if (!S_ISREG(status.st_mode))
        return refuse(GP_EINVAL, path, "this is no plain file", ret_reason);
    if ((status.st_mode & forbidden) != 0)
        return refuse(GP_EINVAL, path, "others can read it; chmod 600, and think about a new key",
                      ret_reason);
    return 0;
}

static int read_whole(const char *path, int fd, char *to, size_t *ret_len, const char **ret_reason)
{
    size_t len = 0;

    for (;;) {
        ssize_t n = read(fd, to + len, GP_FILE_BYTES_MAX - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(path, ret_reason);
        if (n == 0)
            break;
        len += (size_t)n;
        if (len == GP_FILE_BYTES_MAX)
            return refuse(GP_EFORMAT, path, "this is too long to be ours", ret_reason);
    }
    *ret_len = len;
    return 0;
}

int gp_file_read(const char *path, mode_t forbidden, char ret_bytes[GP_FILE_BYTES_MAX],
                 size_t *ret_len, const char **ret_reason)
{
    /* Without O_NONBLOCK a pipe under this name would keep the daemon from starting. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

    if (fd < 0)
        return fail(path, ret_reason);
    error = check(path, fd, forbidden, ret_reason);
    if (error == 0)
        error = read_whole(path, fd, ret_bytes, ret_len, ret_reason);
    (void)close(fd); /* only read */
    return error;
}

/* ---------------------------------------------------------------- writing */

static int sync_folder_of(const char *path, const char **ret_reason)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int fd, error = 0;

    (void)snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
                   slash != NULL ? path : ".");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(folder, ret_reason);
    if (fsync(fd) != 0)
        error = fail(folder, ret_reason);
    (void)close(fd); /* fsync has said it all */
    return error;
}

static int write_whole(const char *path, int fd, struct gp_span bytes, mode_t mode,
                       const char **ret_reason)
{
    if (fchmod(fd, mode) != 0)
        return fail(path, ret_reason);
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(path, ret_reason);
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
    return fsync(fd) != 0 ? fail(path, ret_reason) : 0;
}

int gp_file_write(const char *path, struct gp_span bytes, mode_t mode, const char **ret_reason)
{
    char draft[PATH_MAX];
    int len = snprintf(draft, sizeof draft, "%s.XXXXXX", path), fd, error;

    if (len < 0 || (size_t)len >= sizeof draft)
        return refuse(GP_EINVAL, path, "this path is too long", ret_reason);
    fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0)
        return fail(path, ret_reason);
    error = write_whole(path, fd, bytes, mode, ret_reason);
    if (close(fd) != 0 && error == 0)
        error = fail(path, ret_reason);
    if (error == 0 && rename(draft, path) != 0)
        error = fail(path, ret_reason);
    if (error != 0) {
        (void)unlink(draft); /* the reason stands already */
        return error;
    }
    return sync_folder_of(path, ret_reason);
}

int gp_file_link(const char *path, const char *also, const char **ret_reason)
{
    return link(path, also) != 0 ? fail(also, ret_reason) : 0;
}

int gp_file_remove(const char *path, const char **ret_reason)
{
    if (unlink(path) != 0)
        return fail(path, ret_reason);
    return sync_folder_of(path, ret_reason);
}

int gp_file_folder(const char *path, const char **ret_reason)
{
    struct stat status;

    if (mkdir(path, 0700) == 0)
        return sync_folder_of(path, ret_reason);
    if (errno != EEXIST || stat(path, &status) != 0)
        return fail(path, ret_reason);
    if (!S_ISDIR(status.st_mode))
        return refuse(GP_EINVAL, path, "this is no folder", ret_reason);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refuse(GP_EINVAL, path, "others can write into it; chmod 700", ret_reason);
    return 0;
}
