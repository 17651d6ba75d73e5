/**
 * Everything that is in a store, piece by piece, and a store from it: the entries of the journal in
 * their order, then what no fold derives. How the pieces are written down is the command's.
 */
#ifndef GP_INSPECT_TRANSFER_H
#define GP_INSPECT_TRANSFER_H

#include "engine/engine.h"

/* ---------------------------------------------------------------- out of a store */

struct gp_export;

struct gp_export_head {
    bool drill;
    uint64_t seq; /* of the last entry; 0: none */
    unsigned char hash[GP_HASH_BYTES];
    int64_t at_ms; /* when it was journalled; 0 */
};

/**
 * Opens a store that nobody else has open, and brings its tables up to its journal.
 *
 * Errors: as gp_store_open and gp_engine_open
 */
int gp_export_open(const char *path, struct gp_export **ret_export,
                   struct gp_export_head *ret_head);
void gp_export_close(struct gp_export *export); /* accepts NULL */

struct gp_export_item {
    uint64_t seq; /* of an entry; 0: it is a row */
    unsigned char hash[GP_HASH_BYTES];
    const struct gp_entry *entry; /* read, with its text */
    struct gp_span bytes;         /* as it is journalled */
    enum gp_table table;          /* of a row, its key and its value */
    struct gp_span key, value;
};

/**
 * The next piece.
 *
 * Lifetime: until the next call
 * Errors:   GP_ENOTFOUND: that was all; GP_ECORRUPT, also of an entry that is not what its hash
 *           says; the store's
 */
int gp_export_next(struct gp_export *export, struct gp_export_item *ret_item);

/* ---------------------------------------------------------------- into a new store */

struct gp_import;

/**
 * Begins a store beside the place where it shall lie. Nothing is there until gp_import_finish.
 *
 * Errors: GP_EEXIST: something is there; GP_ENOTFOUND: its parent is missing; GP_ELIMIT: too long a
 *         name; the store's
 */
int gp_import_open(const char *path, bool drill, struct gp_import **ret_import);

/** The next entry. Errors: GP_ECORRUPT: it is not the one that follows, or its hash is another one;
 * GP_EFORMAT; the store's. */
int gp_import_entry(struct gp_import *import, uint64_t seq, struct gp_span bytes,
                    const unsigned char hash[GP_HASH_BYTES]);

/** A row, behind all entries. Errors: GP_ECORRUPT: it is not what was journalled; the store's. */
int gp_import_row(struct gp_import *import, enum gp_table table, struct gp_span key,
                  struct gp_span value);

/**
 * Puts the store in its place.
 *
 * Errors: GP_ECORRUPT: its head is another one; GP_EFORMAT: a row of meta says what its journal
 *         does not; GP_EEXIST: something came there meanwhile; the store's
 */
int gp_import_finish(struct gp_import *import, uint64_t head,
                     const unsigned char hash[GP_HASH_BYTES]);

/** Ends it; what was not finished is gone. Accepts NULL. */
void gp_import_close(struct gp_import *import);

#endif
