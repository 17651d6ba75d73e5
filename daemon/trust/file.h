/**
 * Small private files, read whole and checked; and files that are there whole or not at all. For
 * keys.c and identity.c; what the command saves is written by gp_file_write, too.
 */
#ifndef GP_TRUST_FILE_H
#define GP_TRUST_FILE_H

#include "base/span.h"

#include <sys/types.h>

#define GP_FILE_PATH_MAX  512
#define GP_FILE_BYTES_MAX 1024
#define GP_MODE_PRIVATE   0600
#define GP_MODE_OTHERS    077 /* nobody but the owner */

/**
 * Keeps a reason in words ("server.key: no such file") and gives it back.
 *
 * Lifetime: until this thread's next call
 */
const char *gp_file_reason(const char *path, const char *what);

/** The path of a name in a folder. Errors: GP_EINVAL: too long. */
int gp_file_path(const char *folder, const char *name, char ret_path[GP_FILE_PATH_MAX],
                 const char **ret_reason);

/**
 * Reads a file whole. `forbidden` are the mode bits that it may not have.
 *
 * Errors: GP_ENOTFOUND; GP_EINVAL no plain file, or a forbidden bit; GP_EFORMAT longer than
 *         GP_FILE_BYTES_MAX; GP_EIO
 */
int gp_file_read(const char *path, mode_t forbidden, char ret_bytes[GP_FILE_BYTES_MAX],
                 size_t *ret_len, const char **ret_reason);

/**
 * Writes a file under another name, syncs it, and renames it into place; what was there before
 * stays until then. A power failure leaves the old file or the new one.
 *
 * Requires: mode has the permissions that the file shall have, whatever the umask is
 * Errors:   GP_EINVAL: the path is too long; GP_ENOTFOUND, GP_ENOSPC, GP_EIO
 */
int gp_file_write(const char *path, struct gp_span bytes, mode_t mode, const char **ret_reason);

/** Gives a file a second name; GP_EEXIST: that name is taken. Not durable before a folder sync. */
int gp_file_link(const char *path, const char *also, const char **ret_reason);

/** Removes a name, durably. Errors: GP_ENOTFOUND, GP_EIO. */
int gp_file_remove(const char *path, const char **ret_reason);

/** Makes a folder of mode 0700, durably, if it is not there; refuses one others can write. */
int gp_file_folder(const char *path, const char **ret_reason);

#endif
