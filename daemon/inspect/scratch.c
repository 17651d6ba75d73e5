/*
 * Folders for throw-away stores. Who makes one holds a lock on it, and so do its children; a
 * process that was killed cannot remove what it made, but holds nothing any more: then the next one
 * that makes a folder there does.
 */
#include "inspect/inspect.h"

#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME  "gridpost-checking-"
#define TRIES 8

static const char *base_of(const char *below)
{
    const char *base = below != NULL ? below : getenv("TMPDIR");
    return base != NULL && base[0] != '\0' ? base : "/var/tmp"; /* and not /tmp: it may be memory */
}

static bool write_path(const char *base, const char *name, char ret_path[256])
{
    int len = snprintf(ret_path, 256, "%s/%s", base, name);
    return len > 0 && len < 256;
}

/* ---------------------------------------------------------------- removing */

void gp_scratch_remove(const char *path)
{
    (void)gp_tree_remove(path, GP_TREE_ROUND); /* throw-away files of ours */
}

static void sweep_one(const char *base, int base_fd, const char *name)
{
    int fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    char path[256];
    struct stat stat;

    if (fd < 0)
        return; /* none of ours, or it went meanwhile */
    if (fstat(fd, &stat) == 0 && stat.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        write_path(base, name, path))
        gp_scratch_remove(path);
    (void)close(fd); /* lets go of the lock */
}

void gp_scratch_sweep(const char *below)
{
    const char *base = base_of(below);
    DIR *folder = opendir(base);
    const struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, NAME, strlen(NAME)) == 0)
            sweep_one(base, dirfd(folder), entry->d_name);
    }
    if (folder != NULL)
        (void)closedir(folder); /* only read */
}

/* ---------------------------------------------------------------- making */

/* Whether the path still leads to what is open: who sweeps may have been quicker. */
static bool is_there(const char *path, int fd)
{
    struct stat its, now;
    return fstat(fd, &its) == 0 && stat(path, &now) == 0 && its.st_ino == now.st_ino &&
           its.st_dev == now.st_dev;
}

/* Errors: GP_EEXIST: somebody swept it away. A file system without locks is left as it is: nobody
 * sweeps there. */
static int lock(const char *path, int *ret_lock)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return errno == ENOENT ? GP_EEXIST : GP_EAGAIN;
    if ((flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) || !is_there(path, fd)) {
        (void)close(fd); /* nothing was written */
        return GP_EEXIST;
    }
    *ret_lock = fd;
    return 0;
}

static int make_one(const char *base, char ret_path[256], int *ret_lock)
{
    if (!write_path(base, NAME "XXXXXX", ret_path))
        return GP_ELIMIT;
    if (mkdtemp(ret_path) == NULL)
        return gp_errno() == GP_ENOSPC ? GP_ENOSPC : GP_EAGAIN;
    int rc = lock(ret_path, ret_lock);
    if (rc != 0)
        (void)rmdir(ret_path); /* it may be gone */
    return rc;
}

int gp_scratch_make(const char *below, char ret_path[256], int *ret_lock)
{
    int rc = GP_EEXIST;

    gp_scratch_sweep(below);
    for (int i = 0; rc == GP_EEXIST && i < TRIES; i++)
        rc = make_one(base_of(below), ret_path, ret_lock);
    if (rc != 0)
        ret_path[0] = '\0';
    return rc == GP_EEXIST ? GP_EAGAIN : rc;
}
