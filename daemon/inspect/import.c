/*
 * A new store is made in a folder beside its place, and renamed when it is whole and on the disk:
 * until then nothing is there, and what was begun goes.
 */
#include "inspect/transfer.h"

#include "base/tree.h"
#include "engine/transfer.h"
#include "engine/verify.h"
#include "inspect/inspect.h"
#include "inspect/place.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Entries or rows of a transaction: bounded, or LMDB's free list grows. */
#define CHUNK 1000

struct gp_import {
    char path[PATH_MAX]; /* where it shall lie */
    char made[PATH_MAX]; /* where it is made; "": nothing is there */
    struct gp_store *store;
    struct gp_txn *txn; /* NULL: none is open */
    struct gp_transfer *transfer;
    unsigned pieces; /* in it */
};

/* ---------------------------------------------------------------- the place */

/* An empty folder is no obstacle: a rename puts another one in its place. */
static int check_free(const char *path)
{
    const struct dirent *entry;
    DIR *folder = opendir(path);
    int rc = 0;

    if (folder == NULL)
        return errno == ENOENT ? 0 : GP_EEXIST;
    while (rc == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = GP_EEXIST;
    }
    (void)closedir(folder); /* only read */
    return rc;
}

static int make_folder(struct gp_import *import, const char *path)
{
    size_t len = gp_place_len(path);

    if (len == 0 || len + 16 > sizeof import->path)
        return GP_ELIMIT;
    memcpy(import->path, path, len);
    (void)snprintf(import->made, sizeof import->made, "%.*s.new-XXXXXX", (int)len, path);
    if (mkdtemp(import->made) != NULL)
        return 0;
    import->made[0] = '\0';
    return gp_errno();
}

/* ---------------------------------------------------------------- its life */

int gp_import_open(const char *path, bool drill, struct gp_import **ret_import)
{
    const struct gp_store_options options = {.create = true, .drill = drill};
    struct gp_import *import = calloc(1, sizeof *import);
    int rc = import != NULL ? check_free(path) : GP_ENOMEM;

    if (rc == 0)
        rc = make_folder(import, path);
    if (rc == 0)
        rc = gp_store_open(import->made, &options, &import->store);
    if (rc == 0)
        rc = gp_transfer_open(&import->transfer);
    if (rc != 0) {
        gp_import_close(import);
        return rc;
    }
    *ret_import = import;
    return 0;
}

void gp_import_close(struct gp_import *import)
{
    if (import == NULL)
        return;
    gp_txn_abort(import->txn);
    gp_transfer_close(import->transfer);
    gp_store_close(import->store);
    (void)gp_tree_remove(import->made, GP_TREE_STORE); /* nothing that anybody asked for */
    free(import);
}

/* ---------------------------------------------------------------- pieces */

static int end_chunk(struct gp_import *import)
{
    struct gp_txn *txn = import->txn;
    int rc;

    import->txn = NULL;
    import->pieces = 0;
    rc = txn != NULL ? gp_txn_commit(txn) : 0;
    if (rc == 0 && gp_store_settle_due(import->store))
        rc = gp_store_settle(import->store);
    if (rc == 0 && gp_store_upkeep_due(import->store)) /* or all raw files would pile up */
        rc = gp_store_upkeep(import->store);
    return rc;
}

static int begin_piece(struct gp_import *import)
{
    int rc = import->pieces == CHUNK ? end_chunk(import) : 0;

    if (rc == 0 && import->txn == NULL)
        rc = gp_txn_write(import->store, &import->txn);
    import->pieces++;
    return rc;
}

int gp_import_entry(struct gp_import *import, uint64_t seq, struct gp_span bytes,
                    const unsigned char hash[GP_HASH_BYTES])
{
    int rc = begin_piece(import);
    return rc == 0 ? gp_transfer_entry(import->transfer, import->txn, seq, bytes, hash) : rc;
}

int gp_import_row(struct gp_import *import, enum gp_table table, struct gp_span key,
                  struct gp_span value)
{
    int rc = begin_piece(import);
    return rc == 0 ? gp_transfer_row(import->transfer, import->txn, table, key, value) : rc;
}

static int check_head(struct gp_import *import, uint64_t head,
                      const unsigned char hash[GP_HASH_BYTES])
{
    unsigned char is[GP_HASH_BYTES];
    uint64_t seq;
    int64_t at_ms;
    int rc = gp_engine_head(import->store, &seq, is, &at_ms);

    if (rc != 0)
        return rc;
    return seq == head && memcmp(is, hash, GP_HASH_BYTES) == 0 ? 0 : GP_ECORRUPT;
}

static void note_flaw(void *context, const struct gp_flaw *flaw)
{
    bool *flawed = context;

    (void)flaw;
    *flawed = true;
}

/* The rows that no hash covers: how long they are, and where times fall. */
static int check_meta(struct gp_import *import)
{
    bool flawed = false;
    const struct gp_verify verify = {.flaw = note_flaw, .context = &flawed};
    int rc = gp_verify_meta(import->store, &verify);

    return rc == 0 && flawed ? GP_EFORMAT : rc;
}

int gp_import_finish(struct gp_import *import, uint64_t head,
                     const unsigned char hash[GP_HASH_BYTES])
{
    int rc = end_chunk(import);

    if (rc == 0)
        rc = check_head(import, head, hash);
    if (rc == 0)
        rc = gp_store_checkpoint(import->store);
    if (rc == 0)
        rc = check_meta(import);
    if (rc == 0)
        rc = gp_store_settle(import->store);
    if (rc != 0)
        return rc;
    gp_store_close(import->store);
    import->store = NULL;
    if (rename(import->made, import->path) != 0)
        return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR ? GP_EEXIST : GP_EIO;
    import->made[0] = '\0';
    return gp_place_sync(import->path);
}
