/** Reading and writing of files, for the log and the tables beside it. */
#ifndef GP_STORE_LOG_DISK_H
#define GP_STORE_LOG_DISK_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** errno in our words. */
int gp_disk_error(void);

/**
 * Writes all of it.
 *
 * Ensures:  *ret_written bytes were written, also on failure
 * Errors:   GP_ENOSPC, GP_EIO
 */
int gp_disk_write(int fd, const void *bytes, size_t len, uint64_t offset, size_t *ret_written);

/** Reads all of it. Errors: GP_ECORRUPT: the file ends before; GP_EIO. */
int gp_disk_read(int fd, void *to, size_t len, uint64_t offset);

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
