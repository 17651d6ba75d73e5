/**
 * A store with rows in every table, on disk, and where each of its rows and records lies in the
 * files: so that a test can damage one and ask for it by name. Every function fails the running
 * test when it cannot do what it says.
 */
#ifndef GP_TESTS_ROT_PLACE_H
#define GP_TESTS_ROT_PLACE_H

#include "store/store.h"

#include <stddef.h>

#define PLACE_KEY_MAX 128

/* A live row: where its key and its stored value (with the checksum) lie in data.mdb. */
struct row_place {
    enum gp_table table;
    size_t key_at, value_at;
    unsigned char key[PLACE_KEY_MAX];
    size_t key_len, value_len;
};

/* A piece of a file of the journal that is checked as one: a head, a group, a block, an index. */
struct log_place {
    char file[64];
    size_t at, len;
    uint64_t first, last; /* entries in it; first > last: none */
    bool block;           /* compressed: other bytes may be the same entries */
};

struct places {
    struct row_place *row;
    size_t rows;
    struct log_place *log;
    size_t logs;
    size_t *page; /* offsets of live pages of tables */
    size_t pages;
    size_t page_bytes;
};

/** Makes the store, closed in order, with sealed and raw segments. seed: what happens in it. */
void place_make(const char *path, unsigned seed, unsigned steps, bool drill);

/** Finds everything in it. */
void places_find(const char *path, struct places *ret_places);
void places_free(struct places *places);

/** Finds one row, whatever else is there. */
struct row_place place_of_row(const char *path, enum gp_table table, struct gp_span key);

/** Copies a store's folder; `to` must not be there. */
void place_copy(const char *from, const char *to);
/** Removes a folder with all that is in it. */
void place_remove(const char *path);

/** Reads or writes bytes of a file below a store. */
void place_read(const char *path, const char *name, size_t at, void *bytes, size_t len);
void place_write(const char *path, const char *name, size_t at, const void *bytes, size_t len);

/** Whether all rows can be walked over and found, and are the same as in another store; looks in a
 * process of its own, which may die. */
bool place_reads_like(const char *path, const char *other);

/** Whether a block of a sealed file still has the same entries as in another store. */
bool place_same_block(const char *path, const char *other, const struct log_place *place);

#endif
