/*
 * What the daemon proves: receipts, of which a whole batch shares one signature, and the signed
 * head of the journal.
 */
#include "app/seal/seal.h"

/* Not a repeat whose first text was erased: anybody could have any text proven as of then. */
static bool has_receipt(const struct gp_item *item)
{
    const struct gp_job *job = item->context;

    return item->kind == GP_ITEM_COMMAND && item->answer.error == 0 &&
           item->answer.reason == GP_REASON_NONE && !item->answer.unsure && job->join == NULL;
}

void gp_receipts_make(struct gp_app *app, const struct gp_batch_slot *slot)
{
    struct gp_seal *seal = app->seal;

    seal->proofs = seal->proofs_used = 0;
    for (size_t i = 0; i < slot->batch.item_count; i++) {
        const struct gp_item *item = &slot->item[i];
        const struct gp_job *job = item->context;
        if (!has_receipt(item))
            continue;
        struct gp_leaf *leaf = &seal->leaf[seal->proofs++];
        *leaf = (struct gp_leaf){.seq = item->answer.seq, .at_ms = item->answer.at_ms};
        memcpy(leaf->request_hash, job->request_hash, sizeof leaf->request_hash);
    }
    if (seal->proofs > 0)
        gp_receipts_sign(seal->leaf, seal->proofs, &seal->keys, seal->proof);
}

void gp_receipt_take(struct gp_app *app, const struct gp_item *item, struct gp_receipt *ret_receipt)
{
    struct gp_seal *seal = app->seal;
    const struct gp_proof *proof = &seal->proof[seal->proofs_used];

    if (!has_receipt(item))
        return;
    memcpy(ret_receipt->request_hash, seal->leaf[seal->proofs_used++].request_hash,
           sizeof ret_receipt->request_hash);
    ret_receipt->present = true;
    ret_receipt->index = proof->index;
    ret_receipt->count = proof->count;
    ret_receipt->path_len = proof->path_len;
    memcpy(ret_receipt->path, proof->path, sizeof ret_receipt->path);
    memcpy(ret_receipt->signature, proof->signature, sizeof ret_receipt->signature);
    memcpy(ret_receipt->key, seal->keys.sign_public, sizeof ret_receipt->key);
}

/* One short look, and a signature of some twenty microseconds: made on the loop. A head is given
 * out only of what the tables have, too: so no torn tail is ever cut before it. */
static void answer(void *context)
{
    struct gp_job *job = context;
    struct gp_app *app = job->app;
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_HEAD};
    struct gp_head head;
    int rc = gp_engine_head(app->store, &head.seq, head.hash, &head.at_ms);

    if (rc != 0) {
        gp_job_refuse(job, GP_STATUS_TRY_AGAIN, gp_error_text(rc));
        return;
    }
    reply.head.seq = head.seq;
    reply.head.at_ms = head.at_ms;
    memcpy(reply.head.hash, head.hash, sizeof reply.head.hash);
    memcpy(reply.head.key, app->seal->keys.sign_public, sizeof reply.head.key);
    gp_head_sign(&head, &app->seal->keys, reply.head.signature);
    gp_job_reply(job, &reply);
}

void gp_head_answer(struct gp_job *job)
{
    gp_fresh_await(job->app, &job->await, job->app->head, answer, job);
}
