/** Receipts and signed heads as files: JSON that anybody can read and check without the daemon. */
#ifndef GP_CLI_PROOF_H
#define GP_CLI_PROOF_H

#include "gridpost/cli.h"

#include "trust/receipt.h"

/* What a receipt's file says. */
struct gp_saved_receipt {
    struct gp_leaf leaf;
    struct gp_proof proof;
    unsigned char key[GP_KEY_BYTES]; /* that the server says it signs by */
    struct gp_span request;          /* packed, as the leaf's hash is of */
};

/* What a head's file says. */
struct gp_saved_head {
    struct gp_head head;
    unsigned char signature[GP_SIGNATURE_BYTES], key[GP_KEY_BYTES];
};

/**
 * Writes the receipt of an answer to a file, with the request it is about. Says what went wrong; an
 * answer without a receipt is a failure. Returns an exit code.
 */
int gp_proof_save(const char *path, struct gp_span request, const struct gp_reply *reply);

/**
 * Reads a receipt's file, "-" for standard input. Says what is wrong with it. Returns an exit code.
 *
 * Lifetime: *ret_receipt points into the arena
 */
int gp_proof_load(const char *path, struct gp_arena *arena, struct gp_saved_receipt *ret_receipt);

/** The object of a signed head. */
json_t *gp_proof_head_json(const struct gp_saved_head *head);

/** Reads a head's file. Says what is wrong with it. Returns an exit code. */
int gp_proof_load_head(const char *path, struct gp_saved_head *ret_head);

/** Bytes as lower-case hexadecimal digits. */
json_t *gp_proof_hex(const void *bytes, size_t len);

/**
 * The key that a signature is to be checked against: the one given as text, else the identity's,
 * else the file's own, which is said, for then only a slip shows and no forgery. Returns an exit
 * code.
 */
int gp_proof_key(struct gp_cli *cli, const char *given, const unsigned char own[GP_KEY_BYTES],
                 unsigned char ret_key[GP_KEY_BYTES]);

#endif
