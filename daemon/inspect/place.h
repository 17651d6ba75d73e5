/** The place where a new store is put when it is whole: made beside it, then renamed. */
#ifndef GP_INSPECT_PLACE_H
#define GP_INSPECT_PLACE_H

#include <stddef.h>

/** Bytes of a path without the slashes that a shell has completed it with. Thread: any. */
size_t gp_place_len(const char *path);

/** Brings the name of what was renamed to this path to the disk. Requires: below PATH_MAX. Errors:
 * GP_EIO; errno says why. */
int gp_place_sync(const char *path);

#endif
