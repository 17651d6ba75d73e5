/** Files that must be there whole or not at all. */
#ifndef GP_CLI_SAVE_H
#define GP_CLI_SAVE_H

#include "base/span.h"

#include <sys/types.h>

/**
 * Writes a file under another name, syncs it, and renames it into place; what was there before
 * stays until then. A power failure leaves the old file or the new one.
 *
 * Requires: mode has the permissions that the file shall have, whatever the umask is
 * Ensures:  on failure nothing has changed, and errno says why
 * Errors:   GP_EIO; GP_ELIMIT: the path is too long
 */
int gp_save(const char *path, struct gp_span bytes, mode_t mode);

/** The same, saying on stderr what went wrong. Returns an exit code. */
int gp_save_or_say(const char *path, struct gp_span bytes, mode_t mode);

#define GP_SAVED_BYTES_MAX (8 * 1024 * 1024) /* of a file that the command reads back */

/**
 * Reads a file whole, "-" for standard input; says what went wrong. Returns an exit code.
 *
 * Ensures:  *ret_bytes is NUL-terminated behind its length
 * Lifetime: the caller frees ret_bytes->ptr
 */
int gp_read_or_say(const char *path, struct gp_span *ret_bytes);

#endif
