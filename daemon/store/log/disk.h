/** Writing in pieces, for the log and the tables beside it. */
#ifndef GP_STORE_LOG_DISK_H
#define GP_STORE_LOG_DISK_H

#include <sys/types.h>

/** errno in our words. */
int gp_disk_error(void);

/**
 * Writes a piece of a file out and waits for it, so that syncs of other files wait for a piece at
 * most. A sync must follow all the same; but a failed write is told once of a descriptor, here, and
 * the sync behind it would say that all is well.
 *
 * Ensures: 0 also where the file system can't do it: all is left to the sync then
 * Errors:  GP_EIO, GP_ENOSPC
 */
int gp_disk_push(int fd, off_t at, off_t len);

#endif
