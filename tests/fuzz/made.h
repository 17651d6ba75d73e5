/**
 * A store that is made once a process, always the same bytes, and kept as files: some raw segments
 * and a sealed one, entries and side records, tables at two checkpoints, and a log that is ahead
 * of both.
 */
#ifndef GP_TESTS_FUZZ_MADE_H
#define GP_TESTS_FUZZ_MADE_H

#include "base/span.h"

#include <stdint.h>

#define MADE_FILES_MAX     16
#define MADE_ENTRIES       240
#define MADE_MAP_BYTES     (UINT64_C(4) << 20)
#define MADE_SEGMENT_BYTES (16 * 1024)

struct made_file {
    char name[80];        /* in the store's folder */
    unsigned char *bytes; /* with room for more */
    size_t len, room;
    bool gone;
};

/** Entry seq, as it was written; from 1 to MADE_ENTRIES. Lifetime: until the next call. */
struct gp_span made_entry(uint64_t seq);

/** Copies of the files but the tables, by name; each one's bytes to be freed. Returns how many. */
size_t made_files(struct made_file files[MADE_FILES_MAX]);

/** The next made_write has the older tables. */
void made_older(void);

/** Makes the checksums of a file right, as far as its numbers say where they are. */
void made_mend(struct made_file *file);

/** Writes a store's folder of these files and the tables. */
void made_write(const char *folder, const struct made_file *files, size_t count);

#endif
