/**
 * A folder for the targets of decoders that read files: one a process, in $TMPDIR or on tmpfs, gone
 * at its end.
 */
#ifndef GP_TESTS_FUZZ_SCRATCH_H
#define GP_TESTS_FUZZ_SCRATCH_H

#include "base/span.h"

#define SCRATCH_PATH_BYTES 256

/** The folder's path. */
const char *scratch_folder(void);

/** The path of a name in it. Lifetime: until the next call. */
const char *scratch_path(const char *name);

/** Writes a file of mode 0600; its folder is made where it is missing. Returns its path. */
const char *scratch_put(const char *name, struct gp_span bytes);

/** Removes what a name stands for, with everything inside. */
void scratch_remove(const char *name);

#endif
