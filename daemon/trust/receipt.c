#include "trust/receipt.h"

#include "trust/internal.h"

#define RECEIPTS_TEXT "gridpost receipts 1" /* signed with its NUL */
#define HEAD_TEXT     "gridpost head 1"

typedef unsigned char digest[GP_DIGEST_BYTES];

void gp_request_hash(struct gp_span request, unsigned char ret_hash[GP_DIGEST_BYTES])
{
    (void)crypto_generichash(ret_hash, GP_DIGEST_BYTES, gp_bytes(request), request.len, NULL, 0);
}

/* ---------------------------------------------------------------- the tree */

static void hash_leaf(const struct gp_leaf *leaf, digest ret_hash)
{
    unsigned char bytes[1 + GP_DIGEST_BYTES + 8 + 8];

    bytes[0] = 0;
    memcpy(bytes + 1, leaf->request_hash, GP_DIGEST_BYTES);
    gp_put_u64(bytes + 1 + GP_DIGEST_BYTES, leaf->seq);
    gp_put_u64(bytes + 1 + GP_DIGEST_BYTES + 8, (uint64_t)leaf->at_ms);
    gp_request_hash(gp_span_over(bytes, sizeof bytes), ret_hash);
}

static void hash_node(const digest left, const digest right, digest ret_hash)
{
    unsigned char bytes[1 + 2 * GP_DIGEST_BYTES];

    bytes[0] = 1;
    memcpy(bytes + 1, left, GP_DIGEST_BYTES);
    memcpy(bytes + 1 + GP_DIGEST_BYTES, right, GP_DIGEST_BYTES);
    gp_request_hash(gp_span_over(bytes, sizeof bytes), ret_hash);
}

/* Adds this level's sibling to the path of each leaf; the last of an odd level has none. */
static void extend_paths(const digest *row, uint32_t width, unsigned level, struct gp_proof *proofs,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t sibling = (i >> level) ^ 1;
        if (sibling < width)
            memcpy(proofs[i].path[proofs[i].path_len++], row[sibling], GP_DIGEST_BYTES);
    }
}

/* From one level to the next, in place: pairs are joined, the last of an odd level goes up as it
 * is. That gives the RFC's tree, whose left part is the largest power of two. */
static uint32_t join_pairs(digest *row, uint32_t width)
{
    for (uint32_t i = 0; i + 1 < width; i += 2)
        hash_node(row[i], row[i + 1], row[i / 2]);
    if (width % 2 != 0)
        memmove(row[width / 2], row[width - 1], GP_DIGEST_BYTES);
    return (width + 1) / 2;
}

static void root_text(const digest root,
                      unsigned char ret_text[sizeof RECEIPTS_TEXT + GP_DIGEST_BYTES])
{
    memcpy(ret_text, RECEIPTS_TEXT, sizeof RECEIPTS_TEXT);
    memcpy(ret_text + sizeof RECEIPTS_TEXT, root, GP_DIGEST_BYTES);
}

void gp_receipts_sign(const struct gp_leaf *leaves, uint32_t count,
                      const struct gp_server_keys *keys, struct gp_proof *ret_proofs)
{
    digest row[GP_PROOF_LEAVES];
    unsigned char text[sizeof RECEIPTS_TEXT + GP_DIGEST_BYTES], signature[GP_SIGNATURE_BYTES];
    uint32_t width = count;

    assert(count >= 1);
    assert(count <= GP_PROOF_LEAVES);
    for (uint32_t i = 0; i < count; i++) {
        hash_leaf(&leaves[i], row[i]);
        ret_proofs[i] = (struct gp_proof){.index = i, .count = count};
    }
    for (unsigned level = 0; width > 1; level++) {
        extend_paths((const digest *)row, width, level, ret_proofs, count);
        width = join_pairs(row, width);
    }
    root_text(row[0], text);
    (void)crypto_sign_detached(signature, NULL, text, sizeof text, keys->sign_secret);
    for (uint32_t i = 0; i < count; i++)
        memcpy(ret_proofs[i].signature, signature, sizeof signature);
}

/* RFC 9162 section 2.1.3.2: the root that a path leads to. */
static bool climb(const struct gp_proof *proof, digest node)
{
    uint32_t at = proof->index, last = proof->count - 1;

    for (uint8_t i = 0; i < proof->path_len; i++) {
        if (last == 0)
            return false;
        if (at % 2 != 0 || at == last) {
            hash_node(proof->path[i], node, node);
            while (at % 2 == 0 && at != 0) { /* went up alone where a level was odd */
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash_node(node, proof->path[i], node);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool gp_receipt_verify(const struct gp_leaf *leaf, const struct gp_proof *proof,
                       const unsigned char key[GP_KEY_BYTES])
{
    unsigned char text[sizeof RECEIPTS_TEXT + GP_DIGEST_BYTES];
    digest node;

    if (proof->count == 0 || proof->count > GP_PROOF_LEAVES || proof->index >= proof->count ||
        proof->path_len > GP_PROOF_PATH_MAX)
        return false;
    hash_leaf(leaf, node);
    if (!climb(proof, node))
        return false;
    root_text(node, text);
    return crypto_sign_verify_detached(proof->signature, text, sizeof text, key) == 0;
}

/* ---------------------------------------------------------------- heads */

#define HEAD_BYTES (sizeof HEAD_TEXT + 8 + 8 + GP_DIGEST_BYTES)

static void head_text(const struct gp_head *head, unsigned char ret_text[HEAD_BYTES])
{
    unsigned char *at = ret_text + sizeof HEAD_TEXT;

    memcpy(ret_text, HEAD_TEXT, sizeof HEAD_TEXT);
    gp_put_u64(at, head->seq);
    gp_put_u64(at + 8, (uint64_t)head->at_ms);
    memcpy(at + 16, head->hash, GP_DIGEST_BYTES);
}

void gp_head_sign(const struct gp_head *head, const struct gp_server_keys *keys,
                  unsigned char ret_signature[GP_SIGNATURE_BYTES])
{
    unsigned char text[HEAD_BYTES];

    head_text(head, text);
    (void)crypto_sign_detached(ret_signature, NULL, text, sizeof text, keys->sign_secret);
}

bool gp_head_verify(const struct gp_head *head, const unsigned char signature[GP_SIGNATURE_BYTES],
                    const unsigned char key[GP_KEY_BYTES])
{
    unsigned char text[HEAD_BYTES];

    head_text(head, text);
    return crypto_sign_verify_detached(signature, text, sizeof text, key) == 0;
}
