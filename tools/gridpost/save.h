/** Files that the command saves and reads back. */
#ifndef GP_CLI_SAVE_H
#define GP_CLI_SAVE_H

#include "base/span.h"

#include <sys/types.h>

/** Writes a file whole or not at all (gp_file_write), saying on stderr what went wrong. Returns an
 * exit code. */
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
