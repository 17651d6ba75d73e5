/*
 * Receipts and signed heads: a leaf, its proof and its key of a signed batch, damaged as the input
 * says. What is promised: what says something else than what was signed is not proven, whatever its
 * numbers are, and what was not changed is.
 */
#include "fuzz.h"

#include "trust/receipt.h"

#include <stddef.h>

#define LEAVES_MAX 12

struct receipt {
    struct gp_leaf leaf;
    struct gp_proof proof;
    unsigned char key[GP_KEY_BYTES];
};

struct head {
    struct gp_head head;
    unsigned char signature[GP_SIGNATURE_BYTES], key[GP_KEY_BYTES];
};

static struct gp_server_keys keys;

static void sign(uint32_t count, uint32_t at, struct receipt *ret_receipt)
{
    static struct gp_leaf leaves[LEAVES_MAX];
    static struct gp_proof proofs[LEAVES_MAX];

    memset(proofs, 0, sizeof proofs);
    for (uint32_t i = 0; i < count; i++)
        leaves[i] = (struct gp_leaf){.request_hash = {(unsigned char)i}, .seq = i + 1, .at_ms = i};
    gp_receipts_sign(leaves, count, &keys, proofs);
    memset(ret_receipt, 0, sizeof *ret_receipt);
    ret_receipt->leaf = leaves[at];
    ret_receipt->proof = proofs[at];
    memcpy(ret_receipt->key, keys.sign_public, GP_KEY_BYTES);
}

/* Whether both prove the same by the same. What lies behind the path says nothing; nor do index and
 * count, as in RFC 9162: a path may be one of several trees, but it is the leaf's. */
static bool same(const struct receipt *a, const struct receipt *b)
{
    return memcmp(a->leaf.request_hash, b->leaf.request_hash, GP_DIGEST_BYTES) == 0 &&
           a->leaf.seq == b->leaf.seq && a->leaf.at_ms == b->leaf.at_ms &&
           a->proof.path_len == b->proof.path_len &&
           memcmp(a->proof.path, b->proof.path, a->proof.path_len * sizeof a->proof.path[0]) == 0 &&
           memcmp(a->proof.signature, b->proof.signature, GP_SIGNATURE_BYTES) == 0 &&
           memcmp(a->key, b->key, GP_KEY_BYTES) == 0;
}

static bool verify(const struct receipt *receipt)
{
    return gp_receipt_verify(&receipt->leaf, &receipt->proof, receipt->key);
}

static void try_receipt(struct fuzz_bytes *input)
{
    uint32_t count = fuzz_byte(input) % LEAVES_MAX + 1, at = fuzz_byte(input) % count;
    struct receipt honest, damaged;
    size_t len = sizeof damaged;

    sign(count, at, &honest);
    PROMISE(verify(&honest));
    damaged = honest;
    fuzz_damage(input, (unsigned char *)&damaged, &len, sizeof damaged);
    if (damaged.proof.path_len <= GP_PROOF_PATH_MAX && same(&honest, &damaged))
        return;
    PROMISE(!verify(&damaged));
}

static void try_head(struct fuzz_bytes *input)
{
    struct head honest = {.head = {.seq = fuzz_number(input, 8)}}, damaged;
    size_t len = sizeof damaged;

    honest.head.at_ms = (int64_t)fuzz_number(input, 8);
    gp_head_sign(&honest.head, &keys, honest.signature);
    memcpy(honest.key, keys.sign_public, GP_KEY_BYTES);
    damaged = honest;
    fuzz_damage(input, (unsigned char *)&damaged, &len, sizeof damaged);
    bool whole = memcmp(&honest, &damaged, sizeof honest) == 0; /* it has no gaps */
    PROMISE(gp_head_verify(&damaged.head, damaged.signature, damaged.key) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};

    PROMISE(gp_trust_start() == 0);
    if (keys.box_count == 0)
        gp_keys_new(&keys);
    if (fuzz_byte(&input) % 2 == 0)
        try_receipt(&input);
    else
        try_head(&input);
    return 0;
}
