#include "base/tree.h"

#include "base/error.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((off_t)1 << 20) /* of a file that goes */

int gp_tree_walk(int at_fd, const char *name, gp_tree_act *act, void *context)
{
    int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    const struct dirent *entry;
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    int rc = folder != NULL ? 0 : gp_errno();

    if (folder == NULL) {
        if (fd >= 0)
            (void)close(fd); /* only read */
        return rc;
    }
    while (rc == 0 && (errno = 0, entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = act(context, fd, entry->d_name);
    }
    if (rc == 0 && errno != 0)
        rc = gp_errno();
    (void)closedir(folder); /* only read */
    return rc;
}

bool gp_tree_is_folder(int at_fd, const char *name)
{
    struct stat stat;
    return fstatat(at_fd, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(stat.st_mode);
}

/* ---------------------------------------------------------------- removing */

/* A name that somebody else gave the file keeps it whole. */
static void shrink(int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat;

    if (fd < 0)
        return; /* unlinking says what is wrong */
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_nlink == 1) {
        for (off_t bytes = stat.st_size - PIECE_BYTES; bytes > 0; bytes -= PIECE_BYTES) {
            if (ftruncate(fd, bytes) != 0)
                break;
        }
    }
    (void)close(fd); /* its bytes go */
}

/* The context: how many folders may lie in each other, the one that this is an entry of among them.
 */
static int remove_entry(void *context, int folder_fd, const char *name)
{
    unsigned deep = *(const unsigned *)context - 1;
    bool folder = gp_tree_is_folder(folder_fd, name);
    int rc = 0;

    if (folder && deep == 0)
        return GP_ELIMIT;
    if (folder)
        rc = gp_tree_walk(folder_fd, name, remove_entry, &deep);
    else
        shrink(folder_fd, name);
    if (rc == 0 && unlinkat(folder_fd, name, folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
        rc = gp_errno();
    return rc;
}

int gp_tree_remove(const char *path, unsigned deep)
{
    assert(deep > 0);
    int rc = gp_tree_walk(AT_FDCWD, path, remove_entry, &deep);
    if (rc == GP_ENOTFOUND)
        return 0;
    return rc == 0 && rmdir(path) != 0 ? gp_errno() : rc;
}
