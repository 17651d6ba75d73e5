#include "store/log/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int append(struct gp_file_name **names, size_t *count, struct gp_file_name name)
{
    if ((*count & (*count + 1)) == 0) { /* one less than a power of two: full */
        struct gp_file_name *grown = realloc(*names, (2 * *count + 2) * sizeof *grown);
        if (grown == NULL)
            return GP_ENOMEM;
        *names = grown;
    }
    (*names)[(*count)++] = name;
    return 0;
}

static int compare(const void *one, const void *two)
{
    const struct gp_file_name *a = one, *b = two;

    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* Whether a file is zeros of our size. A spare is used from its head on, so that tells. */
static bool is_spare(const struct gp_wal *log, const char *name)
{
    unsigned char head[GP_SEGMENT_HEAD];
    int fd = openat(log->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat stat;
    bool is;

    if (fd < 0)
        return false;
    is = fstat(fd, &stat) == 0 && stat.st_size == (off_t)log->segment_bytes &&
         gp_disk_read(fd, head, sizeof head, 0) == 0 && gp_is_zero(head, sizeof head);
    (void)close(fd); /* only read */
    return is;
}

static int note(struct gp_wal *log, struct gp_folder *folder, const char *name)
{
    struct gp_file_name parsed = gp_name_parse(name);

    switch (parsed.kind) {
    case GP_FILE_RAW:
        return append(&folder->raw, &folder->raws, parsed);
    case GP_FILE_SEALED:
        return append(&folder->sealed, &folder->sealeds, parsed);
    case GP_FILE_SPARE:
        if (!is_spare(log, name))
            break;
        log->spare[parsed.a] = GP_SPARE_READY;
        return 0;
    case GP_FILE_TMP:
        break;
    case GP_FILE_OTHER:
        return 0;
    }
    return log->looks || unlinkat(log->folder_fd, name, 0) == 0 ? 0 : gp_errno();
}

static int read_names(struct gp_wal *log, struct gp_folder *folder, DIR *names)
{
    const struct dirent *entry;
    int rc = 0;

    while (rc == 0 && (errno = 0, entry = readdir(names)) != NULL)
        rc = note(log, folder, entry->d_name);
    return rc == 0 && errno != 0 ? gp_errno() : rc;
}

int gp_folder_list(struct gp_wal *log, struct gp_folder *folder)
{
    int fd = openat(log->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = fd >= 0 ? fdopendir(fd) : NULL;
    int rc;

    *folder = (struct gp_folder){0};
    if (names == NULL) {
        rc = gp_errno();
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    rc = read_names(log, folder, names);
    (void)closedir(names); /* only read */
    if (folder->raws > 0)
        qsort(folder->raw, folder->raws, sizeof *folder->raw, compare);
    if (folder->sealeds > 0)
        qsort(folder->sealed, folder->sealeds, sizeof *folder->sealed, compare);
    return rc;
}

void gp_folder_free(struct gp_folder *folder)
{
    free(folder->raw);
    free(folder->sealed);
}
