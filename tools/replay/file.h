/** Whole files in memory, decompressed where they end in .xz. */
#ifndef GP_REPLAY_FILE_H
#define GP_REPLAY_FILE_H

#include <stddef.h>

/**
 * Reads a file.
 *
 * Lifetime: *ret_data is the caller's, freed with free()
 * Errors:   GP_ENOTFOUND, GP_EIO, GP_EFORMAT (damaged .xz), GP_ELIMIT (above 2 GiB), GP_ENOMEM
 */
int gp_replay_read(const char *path, char **ret_data, size_t *ret_len);

#endif
