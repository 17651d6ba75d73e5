/*
 * The files that the command reads: a receipt, or a signed head, in JSON; the input's first byte
 * says which. What is promised: a file that is refused leaves nothing; what is read is within the
 * bounds of a proof, and a head is written again as the file that it was.
 */
#include "fuzz.h"

#include "gridpost/proof.h"
#include "scratch.h"

#define CEILING ((size_t)1024 * 1024)

static void try_receipt(const char *path)
{
    struct gp_saved_receipt receipt;
    struct gp_arena arena;
    unsigned char hash[GP_DIGEST_BYTES];

    gp_arena_init(&arena, CEILING);
    int code = gp_proof_load(path, &arena, &receipt);
    PROMISE(code == GP_EXIT_DONE || code == GP_EXIT_FAILED);
    if (code == GP_EXIT_DONE) {
        PROMISE(receipt.proof.path_len <= GP_PROOF_PATH_MAX && receipt.request.len > 0);
        PROMISE(receipt.request.len <= GP_MESSAGE_BYTES_MAX && receipt.leaf.at_ms >= 0);
        gp_request_hash(receipt.request, hash);
        PROMISE(memcmp(hash, receipt.leaf.request_hash, sizeof hash) == 0);
        (void)gp_receipt_verify(&receipt.leaf, &receipt.proof, receipt.key);
    }
    gp_arena_release(&arena);
}

static void try_head(const char *path)
{
    struct gp_saved_head head = {0}, again = {0};

    if (gp_proof_load_head(path, &head) != GP_EXIT_DONE)
        return;
    json_t *object = gp_proof_head_json(&head);
    char *text = json_dumps(object, 0);
    PROMISE(text != NULL);
    path = scratch_put("again.json", gp_span_of(text));
    PROMISE(gp_proof_load_head(path, &again) == GP_EXIT_DONE);
    PROMISE(memcmp(&head, &again, sizeof head) == 0); /* it has no gaps */
    free(text);
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    bool head = fuzz_byte(&input) % 2 != 0;
    const char *path = scratch_put("proof.json", fuzz_rest(&input));

    PROMISE(gp_trust_start() == 0);
    if (head)
        try_head(path);
    else
        try_receipt(path);
    return 0;
}
