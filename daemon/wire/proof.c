/* What the daemon proves: receipts, heads, how far the chain was looked at, and keys for hints. The
 * hashes and signatures themselves are trust's. */
#include "wire/internal.h"

#define GP_RECEIPT_COUNT_MAX (UINT32_C(1) << GP_RECEIPT_PATH_MAX)

/* ---------------------------------------------------------------- receipts */

static void in_path(struct gp_in *in, ProtobufCBinaryData from, struct gp_receipt *to)
{
    const size_t one = sizeof to->path[0];

    if (from.len > sizeof to->path || from.len % one != 0) {
        gp_in_fail(in, GP_EFORMAT, "receipt.path");
        return;
    }
    to->path_len = (uint8_t)(from.len / one);
    if (from.len > 0)
        memcpy(to->path, from.data, from.len);
}

void gp_in_receipt(struct gp_in *in, const Gp__Receipt *from, struct gp_receipt *ret_receipt)
{
    struct gp_receipt *to = ret_receipt;

    if (from == NULL)
        return;
    to->present = true;
    gp_in_bytes(in, from->request_hash, sizeof to->request_hash, "receipt.request_hash",
                to->request_hash);
    to->index = gp_in_number(in, from->index, GP_RECEIPT_COUNT_MAX - 1, "receipt.index");
    to->count = gp_in_number(in, from->count, GP_RECEIPT_COUNT_MAX, "receipt.count");
    in_path(in, from->path, to);
    gp_in_bytes(in, from->signature, sizeof to->signature, "receipt.signature", to->signature);
    gp_in_bytes(in, from->key, sizeof to->key, "receipt.key", to->key);
}

Gp__Receipt *gp_out_receipt(struct gp_out *out, const struct gp_receipt *from)
{
    Gp__Receipt *to;

    if (!from->present)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__receipt__init(to);
    to->has_request_hash = to->has_signature = to->has_key = true;
    to->request_hash = gp_out_bytes(from->request_hash, sizeof from->request_hash);
    GP_SET(to, index, from->index);
    GP_SET(to, count, from->count);
    to->has_path = from->path_len > 0;
    to->path = gp_out_bytes(from->path[0], from->path_len * sizeof from->path[0]);
    to->signature = gp_out_bytes(from->signature, sizeof from->signature);
    to->key = gp_out_bytes(from->key, sizeof from->key);
    return to;
}

/* ---------------------------------------------------------------- keys for hints */

void gp_in_hint_key(struct gp_in *in, const Gp__HintKey *from, struct gp_hint_key *ret_key)
{
    if (from == NULL)
        return;
    ret_key->present = true;
    gp_in_bytes(in, from->feed, sizeof ret_key->feed, "hint.feed", ret_key->feed);
    ret_key->epoch = from->epoch;
    gp_in_bytes(in, from->key, sizeof ret_key->key, "hint.key", ret_key->key);
}

Gp__HintKey *gp_out_hint_key(struct gp_out *out, const struct gp_hint_key *from)
{
    Gp__HintKey *to;

    if (!from->present)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__hint_key__init(to);
    to->has_feed = to->has_key = true;
    to->feed = gp_out_bytes(from->feed, sizeof from->feed);
    GP_SET(to, epoch, from->epoch);
    to->key = gp_out_bytes(from->key, sizeof from->key);
    return to;
}

/* ---------------------------------------------------------------- the chain and its head */

void gp_in_verified(struct gp_in *in, const Gp__Verified *from, struct gp_verified *ret_verified)
{
    ret_verified->upto = from->upto;
    ret_verified->bad = from->bad;
    gp_in_bytes(in, from->hash, sizeof ret_verified->hash, "verified.hash", ret_verified->hash);
    ret_verified->head = from->head;
}

Gp__Verified *gp_out_verified(struct gp_out *out, const struct gp_verified *from)
{
    Gp__Verified *to = gp_out_new(out, sizeof *to);

    gp__verified__init(to);
    GP_SET(to, upto, from->upto);
    GP_SET(to, bad, from->bad);
    to->has_hash = true;
    to->hash = gp_out_bytes(from->hash, sizeof from->hash);
    GP_SET(to, head, from->head);
    return to;
}

void gp_in_head(struct gp_in *in, const Gp__Head *from, struct gp_signed_head *ret_head)
{
    ret_head->seq = from->seq;
    gp_in_bytes(in, from->hash, sizeof ret_head->hash, "head.hash", ret_head->hash);
    ret_head->at_ms = gp_in_time(in, from->at_ms, "head.at_ms");
    gp_in_bytes(in, from->signature, sizeof ret_head->signature, "head.signature",
                ret_head->signature);
    gp_in_bytes(in, from->key, sizeof ret_head->key, "head.key", ret_head->key);
}

Gp__Head *gp_out_head(struct gp_out *out, const struct gp_signed_head *from)
{
    Gp__Head *to = gp_out_new(out, sizeof *to);

    gp__head__init(to);
    GP_SET(to, seq, from->seq);
    to->has_hash = to->has_signature = to->has_key = true;
    to->hash = gp_out_bytes(from->hash, sizeof from->hash);
    GP_SET(to, at_ms, from->at_ms);
    to->signature = gp_out_bytes(from->signature, sizeof from->signature);
    to->key = gp_out_bytes(from->key, sizeof from->key);
    return to;
}
