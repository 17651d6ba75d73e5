/**
 * Receipts and signed heads: what the server did, provable to anybody who knows its signing key.
 *
 * All receipts of a batch share one signature. They are the leaves of a Merkle tree of RFC 9162's
 * (and RFC 6962's) shape; each receipt carries its index, the count of leaves and the path of
 * hashes from its leaf to the root.
 *
 *   leaf  BLAKE2b-256(0x00 ‖ hash of the request 32 ‖ seq u64 ‖ at_ms u64)
 *   node  BLAKE2b-256(0x01 ‖ left 32 ‖ right 32)
 *   root  signed by Ed25519 over "gridpost receipts 1" ‖ 0x00 ‖ root 32
 *   head  signed by Ed25519 over "gridpost head 1" ‖ 0x00 ‖ seq u64 ‖ at_ms u64 ‖ hash 32
 *
 * The hash of a request is BLAKE2b-256 over the packed Request, as it was before it was sealed.
 *
 * Thread: any. Requires: gp_trust_start() was called.
 */
#ifndef GP_TRUST_RECEIPT_H
#define GP_TRUST_RECEIPT_H

#include "base/limits.h"
#include "trust/keys.h"

#define GP_DIGEST_BYTES   32
#define GP_PROOF_PATH_MAX GP_RECEIPT_PATH_MAX
#define GP_PROOF_LEAVES   (1 << GP_PROOF_PATH_MAX) /* that one signature can cover */

/** What a receipt says. */
struct gp_leaf {
    unsigned char request_hash[GP_DIGEST_BYTES];
    uint64_t seq;
    int64_t at_ms;
};

/** What proves it. wire/'s gp_receipt holds the same beside the request's hash. */
struct gp_proof {
    uint32_t index, count; /* this leaf, of how many */
    uint8_t path_len;
    unsigned char path[GP_PROOF_PATH_MAX][GP_DIGEST_BYTES]; /* from the leaf up */
    unsigned char signature[GP_SIGNATURE_BYTES];
};

/** A place of the journal. */
struct gp_head {
    uint64_t seq;
    int64_t at_ms;
    unsigned char hash[GP_DIGEST_BYTES]; /* the chain's, of that entry */
};

/** The hash of a packed request. */
void gp_request_hash(struct gp_span request, unsigned char ret_hash[GP_DIGEST_BYTES]);

/**
 * Signs a batch: one signature, a proof for each leaf.
 *
 * Requires: 1 ≤ count ≤ GP_PROOF_LEAVES; ret_proofs has room for count
 */
void gp_receipts_sign(const struct gp_leaf *leaves, uint32_t count,
                      const struct gp_server_keys *keys, struct gp_proof *ret_proofs);

/** Whether the proof proves the leaf, by the server whose signing key this is. */
bool gp_receipt_verify(const struct gp_leaf *leaf, const struct gp_proof *proof,
                       const unsigned char key[GP_KEY_BYTES]);

/** Signs a head. */
void gp_head_sign(const struct gp_head *head, const struct gp_server_keys *keys,
                  unsigned char ret_signature[GP_SIGNATURE_BYTES]);

/** Whether the signature is over this head, by the server whose signing key this is. */
bool gp_head_verify(const struct gp_head *head, const unsigned char signature[GP_SIGNATURE_BYTES],
                    const unsigned char key[GP_KEY_BYTES]);

#endif
