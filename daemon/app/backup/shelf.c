#include "app/backup/backup.h"

#include "base/broken.h"
#include "base/tree.h"
#include "trust/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 4096 /* backups that are looked at */

static bool joined(char ret_path[GP_SHELF_PATH_MAX], const char *folder, const char *name)
{
    return snprintf(ret_path, GP_SHELF_PATH_MAX, "%s/%s", folder, name) < GP_SHELF_PATH_MAX;
}

/* ---------------------------------------------------------------- syncing */

static int sync_file(void *context, int folder_fd, const char *name)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc;

    (void)context;
    if (fd < 0)
        return gp_errno();
    rc = gp_broken("backup-not-synced") || fsync(fd) == 0 ? 0 : GP_EIO;
    (void)close(fd); /* only synced through */
    return rc;
}

static int sync_entry(void *context, int folder_fd, const char *name)
{
    int rc = 0;

    if (gp_tree_is_folder(folder_fd, name))
        rc = gp_tree_walk(folder_fd, name, sync_file, NULL);
    return rc == 0 ? sync_file(context, folder_fd, name) : rc;
}

int gp_shelf_sync(const char *folder)
{
    int rc = gp_tree_walk(AT_FDCWD, folder, sync_entry, NULL);
    return rc == 0 ? sync_file(NULL, AT_FDCWD, folder) : rc;
}

/* ---------------------------------------------------------------- the shelf */

static int clear_entry(void *context, int folder_fd, const char *name)
{
    char path[GP_SHELF_PATH_MAX];

    if (strncmp(name, GP_SHELF_TMP, strlen(GP_SHELF_TMP)) != 0 ||
        !gp_tree_is_folder(folder_fd, name) || !joined(path, context, name))
        return 0;
    return gp_tree_remove(path, GP_TREE_STORE);
}

int gp_shelf_prepare(const char *shelf)
{
    char name[GP_SHELF_PATH_MAX];
    const char *reason;
    int rc = gp_file_folder(shelf, &reason);

    (void)snprintf(name, sizeof name, "%s", shelf);
    return rc == 0 ? gp_tree_walk(AT_FDCWD, shelf, clear_entry, name) : rc;
}

struct names {
    struct gp_label *label;
    size_t count;
};

static int note_label(void *context, int folder_fd, const char *name)
{
    struct names *names = context;

    if (names->count < NAMES_MAX && gp_label_parse(name, &names->label[names->count]) &&
        gp_tree_is_folder(folder_fd, name))
        names->count++;
    return 0;
}

/* The newest first. */
static int compare(const void *one, const void *two)
{
    const struct gp_label *a = one, *b = two;

    if (a->at_ms != b->at_ms)
        return a->at_ms > b->at_ms ? -1 : 1;
    return (a->seq < b->seq) - (a->seq > b->seq);
}

/* The caller frees names->label, also after an error. */
static int list(const char *shelf, struct names *names)
{
    names->count = 0;
    names->label = calloc(NAMES_MAX, sizeof *names->label);
    if (names->label == NULL)
        return GP_ENOMEM;
    int rc = gp_tree_walk(AT_FDCWD, shelf, note_label, names);
    qsort(names->label, names->count, sizeof *names->label, compare);
    return rc;
}

static int add_blocks(void *context, int folder_fd, const char *name)
{
    uint64_t *bytes = context;
    struct stat stat;

    if (fstatat(folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        *bytes += (uint64_t)stat.st_blocks * 512;
    return 0;
}

static int add_bytes(void *context, int folder_fd, const char *name)
{
    int rc =
        gp_tree_is_folder(folder_fd, name) ? gp_tree_walk(folder_fd, name, add_blocks, context) : 0;

    if (rc == GP_ENOTFOUND) /* it went meanwhile */
        rc = 0;
    return rc == 0 ? add_blocks(context, folder_fd, name) : rc;
}

static int look_at(const char *shelf, const struct gp_label *label, struct gp_shelved *ret_shelved)
{
    char name[GP_LABEL_NAME_BYTES], path[GP_SHELF_PATH_MAX];
    struct gp_label written;

    *ret_shelved = (struct gp_shelved){.label = *label};
    gp_label_name(label, name);
    if (!joined(path, shelf, name))
        return GP_ELIMIT;
    ret_shelved->verified = gp_label_read(path, &written) == 0 && written.seq == label->seq &&
                            written.at_ms == label->at_ms;
    int rc = gp_tree_walk(AT_FDCWD, path, add_bytes, &ret_shelved->bytes);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

int gp_shelf_list(const char *shelf, size_t max, struct gp_shelved *ret_shelved, size_t *ret_count)
{
    struct names names;
    int rc = list(shelf, &names);
    size_t count = 0;

    if (rc == GP_ENOTFOUND)
        rc = 0;
    while (rc == 0 && count < names.count && count < max) {
        rc = look_at(shelf, &names.label[count], &ret_shelved[count]);
        count++;
    }
    free(names.label);
    if (rc == 0)
        *ret_count = count;
    return rc;
}

int64_t gp_shelf_newest(const char *shelf)
{
    struct names names;
    int rc = list(shelf, &names);
    int64_t newest_ms = rc == 0 && names.count > 0 ? names.label[0].at_ms : 0;

    free(names.label);
    return newest_ms;
}

/* A process that opened the copy has left these. A note on transactions of the file that is whole
 * says nothing that a backup needs. */
static int drop_locks(const char *copy)
{
    static const char *const names[] = {"daemon.lock", "lock.mdb", "data.synced"};
    char path[GP_SHELF_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!joined(path, copy, names[i]))
            return GP_ELIMIT;
        if (unlink(path) != 0 && errno != ENOENT)
            return gp_errno();
    }
    return 0;
}

int gp_shelf_put(const char *shelf, const char *copy, const struct gp_label *label)
{
    char name[GP_LABEL_NAME_BYTES], path[GP_SHELF_PATH_MAX];
    struct stat stat;

    gp_label_name(label, name);
    if (!joined(path, shelf, name))
        return GP_ELIMIT;
    if (lstat(path, &stat) == 0)
        return GP_EEXIST;
    int rc = drop_locks(copy);
    if (rc == 0)
        rc = gp_label_write(copy, label);
    if (rc == 0)
        rc = gp_shelf_sync(copy);
    if (rc == 0)
        rc = rename(copy, path) == 0 ? 0 : gp_errno();
    return rc == 0 ? sync_file(NULL, AT_FDCWD, shelf) : rc;
}

/* First it loses its name, so that no half of a backup ever has one. */
static int throw_away(const char *shelf, const struct gp_label *label)
{
    char name[GP_LABEL_NAME_BYTES], gone[GP_LABEL_NAME_BYTES + sizeof GP_SHELF_TMP];
    char path[GP_SHELF_PATH_MAX], away[GP_SHELF_PATH_MAX];

    gp_label_name(label, name);
    (void)snprintf(gone, sizeof gone, GP_SHELF_TMP "%s", name);
    if (!joined(path, shelf, name) || !joined(away, shelf, gone))
        return GP_ELIMIT;
    if (rename(path, away) != 0)
        return gp_errno();
    return gp_tree_remove(away, GP_TREE_STORE);
}

int gp_shelf_thin(const char *shelf, int64_t keep, const struct gp_label *made)
{
    struct names names;
    int rc = list(shelf, &names);
    int64_t kept = 1; /* the one that was made */

    for (size_t i = 0; rc == 0 && i < names.count; i++) {
        if (names.label[i].at_ms == made->at_ms && names.label[i].seq == made->seq)
            continue;
        if (kept++ >= keep)
            rc = throw_away(shelf, &names.label[i]);
    }
    free(names.label);
    return rc;
}
