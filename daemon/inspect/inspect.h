/**
 * Looking through a whole store that no daemon has open. The work is done in a child process: LMDB
 * follows what a damaged page says, and may die of it. Then its death is a finding, and another
 * child goes on with what was not looked at.
 */
#ifndef GP_INSPECT_INSPECT_H
#define GP_INSPECT_INSPECT_H

#include "engine/verify.h"

#include <stdio.h>

struct gp_inspect_options {
    const char *path;
    const char *scratch; /* folder for a throw-away store, as large as the store; NULL: TMPDIR, else
                          * /var/tmp */
    int64_t silence_ms;  /* a child that computes for about so long and says nothing is ended; 0:
                          * five minutes. One that waits for the disk is not */
    uint64_t map_bytes;  /* as gp_store_options */
    void (*flaw)(void *context, const struct gp_flaw *flaw);
    void (*progress)(void *context, const char *part, uint64_t done, uint64_t of); /* or NULL */
    void *context;
};

struct gp_inspected {
    uint64_t flaws;
    uint64_t entries;                  /* of the journal, whole */
    unsigned char hash[GP_HASH_BYTES]; /* of the last one */
    uint64_t rows;                     /* of all tables */
    struct gp_texts texts;
    bool log_whole; /* nothing was found in the journal's files */
    bool folded;    /* the tables were compared with the journal */
};

/**
 * Checks everything: journal, every row, indexes, tables against the journal, personal texts, meta.
 *
 * What is looked at is not changed but by opening (a torn tail is set aside, as at any start), and,
 * where nothing was found up to then, by folding what the tables lack.
 *
 * Thread: the process has no other
 * Ensures: 0: all was looked at, whatever was found
 * Errors:  GP_ENOTFOUND no store; GP_ELOCKED; GP_EINVAL not a folder; GP_EVERSION a newer one;
 *          GP_ENOSPC, GP_EIO, GP_ENOMEM: it could not be done; GP_EAGAIN: likewise, somebody has
 *          ended the child, or there is no folder for the throw-away store
 */
int gp_inspect(const struct gp_inspect_options *options, struct gp_inspected *ret_inspected);

/** Whether a process dies of this signal by what it reads in a damaged page. One that it was sent
 * from outside, by who makes room when memory is short, say, tells nothing of the store. */
bool gp_inspect_is_deadly(int number);

/** A finding as a line: what, where, the key for people and in hex. */
void gp_inspect_print(FILE *to, const struct gp_flaw *flaw);
/** What was looked at, and that all is well; or how much is not. */
void gp_inspect_print_end(FILE *to, const struct gp_inspected *inspected);
/** How far it is, on one line that is written again; NULL: ends the line. */
void gp_inspect_print_progress(const char *part, uint64_t done, uint64_t of);

/**
 * Makes a folder for throw-away files below options->scratch, and sweeps there first.
 *
 * Ensures:  *ret_lock is a descriptor, by which it is known that it is in use: to be kept open by
 *           who uses it, and closed behind gp_scratch_remove
 * Errors:   GP_ENOSPC, GP_ELIMIT; GP_EAGAIN: none can be made there. ret_path is "" then
 */
int gp_scratch_make(const char *below, char ret_path[256], int *ret_lock);
/** Removes it with all that is in it. Accepts "". */
void gp_scratch_remove(const char *path);
/** Removes such folders there whose makers were killed. Thread: any. */
void gp_scratch_sweep(const char *below);

#endif
