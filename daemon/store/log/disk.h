/** Reading and writing of files, for the log and the tables beside it. */
#ifndef GP_STORE_LOG_DISK_H
#define GP_STORE_LOG_DISK_H

#include "base/copying.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* So little that a sync of the log is not held up for long. */
#define GP_PIECE_BYTES (256U << 10)

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

/** All of a file, in such pieces. Errors: as above. */
int gp_disk_push_all(int fd);

/**
 * Copies [from, to) of a file to the same place of another one, in pieces that are waited for.
 *
 * Errors:   as gp_wal_copy
 */
int gp_disk_copy(int from_fd, int to_fd, uint64_t from, uint64_t to, struct gp_copying *copying);

/** Makes a file that must not be there, for its owner only. Errors: GP_EIO, GP_ENOSPC. */
int gp_disk_create(int folder_fd, const char *name, int *ret_fd);

#endif
