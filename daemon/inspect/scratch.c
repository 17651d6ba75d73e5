#include "inspect/inspect.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>

int gp_scratch_make(const char *below, char ret_path[256])
{
    const char *base = below != NULL ? below : getenv("TMPDIR");
    int len;

    if (base == NULL || base[0] == '\0')
        base = "/var/tmp"; /* and not /tmp, which may be memory */
    len = snprintf(ret_path, 256, "%s/gridpost-check-XXXXXX", base);
    if (len < 0 || len >= 256) {
        ret_path[0] = '\0';
        return GP_ELIMIT;
    }
    if (mkdtemp(ret_path) != NULL)
        return 0;
    ret_path[0] = '\0';
    return errno == ENOSPC || errno == EDQUOT ? GP_ENOSPC : GP_EAGAIN;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat;
    (void)kind;
    (void)walk;
    return remove(path);
}

void gp_scratch_remove(const char *path)
{
    if (path[0] != '\0')
        (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS); /* throw-away files of ours */
}
