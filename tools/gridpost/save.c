#include "gridpost/save.h"

#include "gridpost/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int fd, struct gp_span bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            bytes.ptr += done;
            bytes.len -= (size_t)done;
        }
    }
    return true;
}

/* A new name is on the disk only when its folder is. */
static bool sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

    (void)snprintf(folder, sizeof folder, "%.*s", len == 0 ? 1 : (int)len, len == 0 ? "." : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd); /* nothing was written by it */
    return done;
}

static bool fill(int fd, struct gp_span bytes, mode_t mode)
{
    bool done = fchmod(fd, mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
    int why = errno;

    done = close(fd) == 0 && done;
    if (!done && why != 0)
        errno = why;
    return done;
}

/* Leaves the whole file beside its place. */
static int write_beside(const char *path, struct gp_span bytes, mode_t mode,
                        char ret_beside[PATH_MAX])
{
    int len = snprintf(ret_beside, PATH_MAX, "%s.XXXXXX", path);

    if (len < 0 || len >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return GP_ELIMIT;
    }
    int fd = mkostemp(ret_beside, O_CLOEXEC);
    if (fd < 0)
        return GP_EIO;
    if (fill(fd, bytes, mode))
        return 0;
    int why = errno;
    (void)unlink(ret_beside); /* the first failure is the one to tell */
    errno = why;
    return GP_EIO;
}

int gp_save(const char *path, struct gp_span bytes, mode_t mode)
{
    char beside[PATH_MAX];
    int rc = write_beside(path, bytes, mode, beside);

    if (rc != 0)
        return rc;
    if (rename(beside, path) != 0) {
        int why = errno;
        (void)unlink(beside); /* the first failure is the one to tell */
        errno = why;
        return GP_EIO;
    }
    return sync_folder_of(path) ? 0 : GP_EIO;
}

int gp_save_or_say(const char *path, struct gp_span bytes, mode_t mode)
{
    if (gp_save(path, bytes, mode) == 0)
        return GP_EXIT_DONE;
    fprintf(stderr, _("gridpost: %s: %s\n"), path, strerror(errno));
    return GP_EXIT_FAILED;
}

int gp_read_or_say(const char *path, struct gp_span *ret_bytes)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char *bytes = malloc(GP_SAVED_BYTES_MAX + 1);
    size_t len = 0;
    bool read = file != NULL && bytes != NULL;
    int why = errno;

    if (read) {
        len = fread(bytes, 1, GP_SAVED_BYTES_MAX, file);
        read = ferror(file) == 0 && feof(file) != 0;
        why = ferror(file) ? errno : EFBIG;
    }
    if (file != NULL && file != stdin)
        (void)fclose(file); /* only read */
    if (!read) {
        fprintf(stderr, _("gridpost: %s: %s\n"), path, strerror(why));
        free(bytes);
        return why == ENOENT ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    bytes[len] = '\0';
    *ret_bytes = (struct gp_span){bytes, len};
    return GP_EXIT_DONE;
}
