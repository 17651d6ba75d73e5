#include "notify/again.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ids are written with letters, digits and "%-._+", so they are names of files as they are. */
static bool is_id(const char *id)
{
    if (id[0] == '.' || id[0] == '\0' || strlen(id) > NAME_MAX)
        return false;
    return strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%-._") ==
           strlen(id);
}

int gp_again_ask(const char *state, const char *id)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/again", state);

    if (!is_id(id) || len < 0 || len + 1 + NAME_MAX >= (int)sizeof path)
        return GP_EINVAL;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return GP_EIO;
    (void)snprintf(path + len, sizeof path - (size_t)len, "/%s", id);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return GP_EIO;
    return close(file) == 0 ? 0 : GP_EIO;
}

unsigned gp_again_take(const char *state, void (*each)(void *context, struct gp_span id),
                       void *context)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    unsigned count = 0;

    (void)snprintf(path, sizeof path, "%s/again", state);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0; /* nobody ever wished */
    while ((entry = readdir(folder)) != NULL) {
        if (!is_id(entry->d_name))
            continue;
        each(context, gp_span_of(entry->d_name));
        count++;
        (void)unlinkat(dirfd(folder), entry->d_name, 0); /* one that stays finds no dead letter */
    }
    (void)closedir(folder);
    return count;
}
