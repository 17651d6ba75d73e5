#define _XOPEN_SOURCE 700
#include "scratch.h"

#include "fuzz.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[SCRATCH_PATH_BYTES / 2];

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_all(void)
{
    (void)nftw(folder, remove_one, 8,
               FTW_DEPTH | FTW_PHYS); /* what remains is in a folder of tmp */
}

const char *scratch_folder(void)
{
    const char *parent = getenv("TMPDIR");

    if (folder[0] != '\0')
        return folder;
    if (parent == NULL)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    PROMISE(strlen(parent) < sizeof folder - sizeof "/gridpost-fuzz-XXXXXX");
    (void)snprintf(folder, sizeof folder, "%s/gridpost-fuzz-XXXXXX", parent);
    PROMISE(mkdtemp(folder) != NULL);
    PROMISE(atexit(remove_all) == 0);
    return folder;
}

const char *scratch_path(const char *name)
{
    static char path[SCRATCH_PATH_BYTES];

    PROMISE(strlen(name) < sizeof path - sizeof folder);
    (void)snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    return path;
}

static void make_parents(const char *name)
{
    char parent[SCRATCH_PATH_BYTES];

    for (const char *at = strchr(name, '/'); at != NULL; at = strchr(at + 1, '/')) {
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(at - name), name);
        (void)mkdir(scratch_path(parent), 0700); /* mostly there */
    }
}

const char *scratch_put(const char *name, struct gp_span bytes)
{
    make_parents(name);
    const char *path = scratch_path(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    PROMISE(fd >= 0);
    PROMISE(write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    PROMISE(close(fd) == 0);
    return path;
}

void scratch_remove(const char *name)
{
    (void)nftw(scratch_path(name), remove_one, 8, FTW_DEPTH | FTW_PHYS); /* it may not be there */
}
