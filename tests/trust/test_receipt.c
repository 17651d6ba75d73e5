/* Receipts: trees of 1 to 70 leaves and the largest, each path checked against a tree built as RFC
 * 9162 words it, and every kind of wrong path refused; signed heads. */
#include "trust/common.h"

#include "base/bytes.h"
#include "trust/receipt.h"

#include <sodium.h>
#include <stdlib.h>

#define TREE_MAX 70

static struct gp_server_keys keys;

static int set_up(void **state)
{
    if (start_trust(state) != 0)
        return -1;
    gp_keys_new(&keys);
    return 0;
}

static void make(struct gp_leaf *leaves, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        leaves[i] = (struct gp_leaf){.seq = 1000 + i, .at_ms = 1790726400000 + i};
        gp_request_hash(over(&leaves[i], sizeof leaves[i]), leaves[i].request_hash);
    }
}

/* MTH of RFC 9162 section 2.1.1, by its words: split at the largest power of two below n. */
static void tree_hash(const struct gp_leaf *leaves, uint32_t n, unsigned char ret_hash[32])
{
    unsigned char bytes[65];
    uint32_t k = 1;

    if (n == 1) {
        bytes[0] = 0;
        memcpy(bytes + 1, leaves->request_hash, 32);
        gp_put_u64(bytes + 33, leaves->seq);
        gp_put_u64(bytes + 41, (uint64_t)leaves->at_ms);
        (void)crypto_generichash(ret_hash, 32, bytes, 49, NULL, 0);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    bytes[0] = 1;
    tree_hash(leaves, k, bytes + 1);
    tree_hash(leaves + k, n - k, bytes + 33);
    (void)crypto_generichash(ret_hash, 32, bytes, 65, NULL, 0);
}

/* PATH of section 2.1.3.1, by its words. */
static uint8_t tree_path(const struct gp_leaf *leaves, uint32_t n, uint32_t m,
                         unsigned char ret_path[][32])
{
    uint32_t k = 1;
    uint8_t len;

    if (n == 1)
        return 0;
    while (k * 2 < n)
        k *= 2;
    if (m < k) {
        len = tree_path(leaves, k, m, ret_path);
        tree_hash(leaves + k, n - k, ret_path[len]);
    } else {
        len = tree_path(leaves + k, n - k, m - k, ret_path);
        tree_hash(leaves, k, ret_path[len]);
    }
    return (uint8_t)(len + 1);
}

static void the_root_is_what_is_signed(void **state)
{
    struct gp_leaf leaves[TREE_MAX];
    struct gp_proof proofs[TREE_MAX];
    unsigned char text[20 + 32] = "gridpost receipts 1";

    (void)state;
    make(leaves, TREE_MAX);
    for (uint32_t n = 1; n <= TREE_MAX; n++) {
        gp_receipts_sign(leaves, n, &keys, proofs);
        tree_hash(leaves, n, text + 20);
        assert_int_equal(crypto_sign_verify_detached(proofs[n - 1].signature, text, sizeof text,
                                                     keys.sign_public),
                         0);
    }
}

static void every_path_is_the_one_of_the_rfc_and_verifies(void **state)
{
    struct gp_leaf leaves[TREE_MAX];
    struct gp_proof proofs[TREE_MAX];
    unsigned char path[GP_PROOF_PATH_MAX][32];

    (void)state;
    make(leaves, TREE_MAX);
    for (uint32_t n = 1; n <= TREE_MAX; n++) {
        gp_receipts_sign(leaves, n, &keys, proofs);
        for (uint32_t m = 0; m < n; m++) {
            assert_int_equal(proofs[m].index, m);
            assert_int_equal(proofs[m].count, n);
            assert_int_equal(proofs[m].path_len, tree_path(leaves, n, m, path));
            assert_memory_equal(proofs[m].path, path, proofs[m].path_len * 32u);
            assert_true(gp_receipt_verify(&leaves[m], &proofs[m], keys.sign_public));
        }
    }
}

static void the_largest_batch_has_its_receipts(void **state)
{
    struct gp_leaf *leaves = calloc(GP_PROOF_LEAVES, sizeof *leaves);
    struct gp_proof *proofs = calloc(GP_PROOF_LEAVES, sizeof *proofs);

    (void)state;
    make(leaves, GP_PROOF_LEAVES);
    gp_receipts_sign(leaves, GP_PROOF_LEAVES, &keys, proofs);
    for (uint32_t m = 0; m < GP_PROOF_LEAVES; m += 89)
        assert_true(gp_receipt_verify(&leaves[m], &proofs[m], keys.sign_public));
    assert_int_equal(proofs[0].path_len, GP_PROOF_PATH_MAX);
    free(leaves);
    free(proofs);
}

/* ---------------------------------------------------------------- refused */

/* Whether a proof that was changed in one way is refused. */
static void refuse(const struct gp_leaf *leaf, struct gp_proof proof)
{
    assert_false(gp_receipt_verify(leaf, &proof, keys.sign_public));
}

static void refuse_wrong_shapes(const struct gp_leaf *leaf, const struct gp_proof *good)
{
    struct gp_proof proof = *good;

    for (uint32_t i = 0; i < good->count + 2; i++) {
        proof.index = i;
        if (i != good->index)
            refuse(leaf, proof);
    }
    proof = *good;
    if (proof.path_len > 0) {
        proof.path_len--;
        refuse(leaf, proof);
        proof.path_len++;
    }
    proof.path_len++;
    refuse(leaf, proof);
    proof.path_len = GP_PROOF_PATH_MAX + 1;
    refuse(leaf, proof);
    proof = *good;
    proof.count = 0;
    refuse(leaf, proof);
    proof.count = GP_PROOF_LEAVES + 1;
    refuse(leaf, proof);
}

static void refuse_wrong_bits(const struct gp_leaf *leaf, const struct gp_proof *good)
{
    struct gp_proof proof = *good;
    struct gp_leaf other = *leaf;

    for (uint8_t i = 0; i < proof.path_len; i++) {
        proof.path[i][i] ^= 0x40;
        refuse(leaf, proof);
        proof.path[i][i] ^= 0x40;
    }
    other.seq ^= 1;
    refuse(&other, *good);
    other = *leaf;
    other.at_ms ^= 1;
    refuse(&other, *good);
    other = *leaf;
    other.request_hash[31] ^= 1;
    refuse(&other, *good);
}

static void what_is_wrong_is_refused(void **state)
{
    static const uint32_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, TREE_MAX};
    struct gp_leaf leaves[TREE_MAX];
    struct gp_proof proofs[TREE_MAX];

    (void)state;
    make(leaves, TREE_MAX);
    for (size_t i = 0; i < GP_COUNT(sizes); i++) {
        gp_receipts_sign(leaves, sizes[i], &keys, proofs);
        for (uint32_t m = 0; m<sizes[i]; m += sizes[i]> 9 ? 7 : 1) {
            refuse_wrong_shapes(&leaves[m], &proofs[m]);
            refuse_wrong_bits(&leaves[m], &proofs[m]);
        }
    }
}

static void another_signature_or_key_is_refused(void **state)
{
    struct gp_server_keys others;
    struct gp_leaf leaves[3];
    struct gp_proof proofs[3], proof;

    (void)state;
    gp_keys_new(&others);
    make(leaves, 3);
    gp_receipts_sign(leaves, 3, &keys, proofs);
    assert_false(gp_receipt_verify(&leaves[0], &proofs[0], others.sign_public));
    for (size_t bit = 0; bit < GP_SIGNATURE_BYTES * 8; bit++) {
        proof = proofs[0];
        proof.signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
        refuse(&leaves[0], proof);
    }
    gp_receipts_sign(leaves, 2, &keys, proofs + 1);
    memcpy(proofs[0].signature, proofs[1].signature, GP_SIGNATURE_BYTES); /* of another batch */
    refuse(&leaves[0], proofs[0]);
}

/* A node is no leaf: the bytes before both hashes differ. */
static void a_node_does_not_pass_for_a_leaf(void **state)
{
    struct gp_leaf leaves[4], leaf = {0};
    struct gp_proof proofs[4], proof;

    (void)state;
    make(leaves, 4);
    gp_receipts_sign(leaves, 4, &keys, proofs);
    proof = proofs[0];
    memmove(proof.path[0], proof.path[1], 32); /* as if the pair were leaf 0 of 2 */
    proof.path_len = 1;
    proof.count = 2;
    tree_hash(leaves, 1, leaf.request_hash);
    refuse(&leaf, proof);
}

/* ---------------------------------------------------------------- heads */

static void a_head_is_signed_as_a_whole(void **state)
{
    struct gp_head head = {.seq = 7, .at_ms = 8, .hash = {9}}, other;
    unsigned char signature[GP_SIGNATURE_BYTES];
    struct gp_server_keys others;

    (void)state;
    gp_keys_new(&others);
    gp_head_sign(&head, &keys, signature);
    assert_true(gp_head_verify(&head, signature, keys.sign_public));
    assert_false(gp_head_verify(&head, signature, others.sign_public));
    other = head;
    other.seq = 8;
    assert_false(gp_head_verify(&other, signature, keys.sign_public));
    other = head;
    other.at_ms = 9;
    assert_false(gp_head_verify(&other, signature, keys.sign_public));
    other = head;
    other.hash[31] = 1;
    assert_false(gp_head_verify(&other, signature, keys.sign_public));
    signature[0] ^= 1;
    assert_false(gp_head_verify(&head, signature, keys.sign_public));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_what_is_signed),
        cmocka_unit_test(every_path_is_the_one_of_the_rfc_and_verifies),
        cmocka_unit_test(the_largest_batch_has_its_receipts),
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(another_signature_or_key_is_refused),
        cmocka_unit_test(a_node_does_not_pass_for_a_leaf),
        cmocka_unit_test(a_head_is_signed_as_a_whole),
    };
    return cmocka_run_group_tests_name("receipt", tests, set_up, NULL);
}
