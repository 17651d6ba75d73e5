/**
 * The outbox: one file of lines that is only ever appended to, and written anew when much of it is
 * over. A line is
 *
 *   7f3a91c2d40be855 {"k":"cursor","at":4711}
 *
 * XXH3-64 of the JSON in 16 digits, a blank, the JSON, a line feed. The kinds of record are the
 * desk's (desk_records.c). What a killed process or a power failure left half written is cut off; a
 * damaged line with a cursor behind it, which was synced, is a damaged file that is not gone on
 * with.
 *
 * Thread: any, one at a time.
 */
#ifndef GP_NOTIFY_OUTBOX_H
#define GP_NOTIFY_OUTBOX_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define GP_RECORD_CURSOR "cursor" /* "k" of the record that says how far the journal was read */

struct gp_outbox;

/** Is told each record, in order. Returns 0, or an error that ends the reading. */
typedef int gp_outbox_fn(void *context, const json_t *record);

/**
 * Opens the file of a folder, which must exist, making it where it is not there, and reads it.
 *
 * Errors: GP_ECORRUPT: damaged, *ret_line is where; GP_EIO, GP_ENOMEM, GP_ENOSPC, and `each`'s own
 */
int gp_outbox_open(const char *folder, gp_outbox_fn *each, void *context, unsigned *ret_line,
                   struct gp_outbox **ret_outbox);
void gp_outbox_close(struct gp_outbox *outbox); /* accepts NULL */

/** Reads the file of a folder that may be in use. Errors: as gp_outbox_open, GP_ENOTFOUND. */
int gp_outbox_read(const char *folder, gp_outbox_fn *each, void *context, unsigned *ret_line);

/**
 * Appends a record, and frees it. After an error what was appended since the last rewrite may be
 * lacking: gp_outbox_is_whole says so, until gp_outbox_rewrite has succeeded.
 *
 * Errors: GP_ENOSPC, GP_EIO, GP_ENOMEM
 */
int gp_outbox_add(struct gp_outbox *outbox, json_t *record);

/** Brings all that was appended to the disk. Errors: GP_ENOSPC, GP_EIO. */
int gp_outbox_sync(struct gp_outbox *outbox);

bool gp_outbox_is_whole(const struct gp_outbox *outbox);

/** Bytes of the file. */
int64_t gp_outbox_bytes(const struct gp_outbox *outbox);

/**
 * Writes the file anew: `all` appends what still counts by gp_outbox_add. On the disk before it
 * returns; a power failure leaves the old file or the new one.
 *
 * Errors: GP_ENOSPC, GP_EIO, GP_ENOMEM: the old file stays
 */
int gp_outbox_rewrite(struct gp_outbox *outbox, int (*all)(void *context, struct gp_outbox *outbox),
                      void *context);

#endif
