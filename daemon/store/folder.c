/*
 * The store's folder, its own and nobody else's:
 *
 *   data.mdb lock.mdb   LMDB's files
 *   data.synced         which of its commits is on the disk (snapshot.c)
 *   daemon.lock         flock(2)ed by the one process that has the store open
 *   journal/            the log's segments (log/)
 */
#include "store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int errno_error(void)
{
    return gp_mdb_error(errno);
}

/* LMDB begins a file with two meta pages in one write, and a commit has more. What has no more is
 * of a first start that was cut short, and nothing was ever in it, whatever came to the disk of it.
 * A file that cannot be looked at is not one of these. */
static int look_for_data(const struct gp_store *store, bool *ret_has)
{
    struct stat stat;
    bool there = fstatat(store->folder_fd, "data.mdb", &stat, 0) == 0;

    if (!there && errno != ENOENT)
        return errno_error();
    *ret_has = there && stat.st_size > 2 * sysconf(_SC_PAGESIZE);
    return 0;
}

static int remove_half_made(const struct gp_store *store)
{
    return unlinkat(store->folder_fd, "data.mdb", 0) == 0 || errno == ENOENT ? 0 : errno_error();
}

/* A name that a first start may have left behind when it was killed. */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {".",        "..",          "daemon.lock", "lock.mdb",
                                       "data.mdb", "data.synced", "journal"};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (strcmp(name, ours[i]) == 0)
            return true;
    }
    return false;
}

/* A slip in a path must not put a store among somebody's files. */
static int check_unused(const char *path)
{
    const struct dirent *entry;
    DIR *folder = opendir(path);
    int rc = 0;

    if (folder == NULL)
        return errno_error();
    while (rc == 0 && (entry = readdir(folder)) != NULL) {
        if (!is_ours(entry->d_name))
            rc = GP_EEXIST;
    }
    (void)closedir(folder); /* only read */
    return rc;
}

static int take_lock(struct gp_store *store)
{
    store->lock_fd =
        openat(store->folder_fd, "daemon.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock_fd < 0)
        return errno_error();
    int rc = flock(store->lock_fd, LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR)
        rc = flock(store->lock_fd, LOCK_EX | LOCK_NB);
    if (rc == 0)
        return 0;
    return errno == EWOULDBLOCK ? GP_ELOCKED : errno_error();
}

int gp_folder_open(struct gp_store *store, const char *path, const struct gp_store_options *options)
{
    bool has_data;

    if (options->create && mkdir(path, 0700) != 0 && errno != EEXIST)
        return errno_error();
    store->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->folder_fd < 0)
        return errno == ENOTDIR ? GP_EINVAL : errno_error();
    int rc = look_for_data(store, &has_data);
    if (rc == 0 && !has_data)
        rc = options->create ? check_unused(path) : GP_ENOTFOUND;
    if (rc == 0)
        rc = take_lock(store);
    if (rc == 0) /* who had the lock until now may have made it */
        rc = look_for_data(store, &has_data);
    return rc == 0 && !has_data ? remove_half_made(store) : rc;
}

/* Its name is on the disk before the tables say that they are in step with what lies in it. */
int gp_folder_journal(struct gp_store *store)
{
    if (mkdirat(store->folder_fd, "journal", 0700) != 0 && errno != EEXIST)
        return errno_error();
    if (store->synced_fd >= 0 && fsync(store->folder_fd) != 0)
        return errno_error();
    store->journal_fd =
        openat(store->folder_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return store->journal_fd >= 0 ? 0 : errno_error();
}

int gp_folder_clear_journal(const struct gp_store *store)
{
    int fd = openat(store->journal_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    int rc = 0;

    if (folder == NULL) {
        rc = errno_error();
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    while (rc == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rc = unlinkat(store->journal_fd, entry->d_name, 0) == 0 ? 0 : errno_error();
    }
    (void)closedir(folder); /* only read */
    return rc;
}

/* LMDB never syncs the folder that its files are entered in; a crash of an earlier start may have
 * left it so, too. */
int gp_folder_sync(const struct gp_store *store, const char *path)
{
    char copy[PATH_MAX];

    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
        return GP_ELIMIT;
    if (fsync(store->folder_fd) != 0)
        return errno_error();
    int parent_fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent_fd < 0)
        return errno_error();
    int rc = fsync(parent_fd) == 0 ? 0 : errno_error();
    (void)close(parent_fd); /* only synced through */
    return rc;
}
