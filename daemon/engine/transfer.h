/**
 * A store from what another one was: entries one by one, then what no fold derives. For imports;
 * rebuilding has its own.
 */
#ifndef GP_ENGINE_TRANSFER_H
#define GP_ENGINE_TRANSFER_H

#include "engine/engine.h"

struct gp_transfer;

/** Errors: GP_ENOMEM. */
int gp_transfer_open(struct gp_transfer **ret_transfer);
void gp_transfer_close(struct gp_transfer *transfer); /* accepts NULL */

/**
 * Journals and folds the next entry.
 *
 * Thread:   store
 * Requires: a write transaction, which is not committed after an error
 * Errors:   GP_ECORRUPT: it is not the next one, its hash is another one, or it does not fold;
 *           GP_EFORMAT: it is no entry; the store's
 */
int gp_transfer_entry(struct gp_transfer *transfer, struct gp_txn *txn, uint64_t seq,
                      struct gp_span bytes, const unsigned char hash[GP_HASH_BYTES]);

/**
 * A row that no fold derives: of `personal`, which must be the text that was journalled, or of
 * `meta`, a fact of the daemon's life.
 *
 * Errors: GP_ECORRUPT: it is none of these; the store's
 */
int gp_transfer_row(struct gp_transfer *transfer, struct gp_txn *txn, enum gp_table table,
                    struct gp_span key, struct gp_span value);

/** Whether a name in meta is such a fact, and not the store's own. Thread: any. */
bool gp_transfer_is_fact(struct gp_span name);

#endif
