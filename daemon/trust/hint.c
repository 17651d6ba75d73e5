#include "trust/hint.h"

#include "trust/internal.h"

#define WORD        "gph1"
#define FEED_AT     (sizeof WORD - 1)
#define EPOCH_AT    (FEED_AT + GP_HINT_FEED_BYTES)
#define HEAD_AT     (EPOCH_AT + 4)
#define HINT_TAG_AT (HEAD_AT + 8)

static_assert(HINT_TAG_AT + GP_TAG_BYTES == GP_HINT_BYTES, "as the contract has it");
static_assert(GP_TAG_BYTES >= crypto_generichash_BYTES_MIN, "a tag of BLAKE2b");

static void tag_of(const unsigned char *message, const unsigned char key[GP_KEY_BYTES],
                   unsigned char ret_tag[GP_TAG_BYTES])
{
    (void)crypto_generichash(ret_tag, GP_TAG_BYTES, message, HINT_TAG_AT, key, GP_KEY_BYTES);
}

void gp_hint_write(const struct gp_hint_body *body, const unsigned char key[GP_KEY_BYTES],
                   unsigned char ret_message[GP_HINT_BYTES])
{
    memcpy(ret_message, WORD, FEED_AT);
    memcpy(ret_message + FEED_AT, body->feed, GP_HINT_FEED_BYTES);
    gp_put_u32(ret_message + EPOCH_AT, body->epoch);
    gp_put_u64(ret_message + HEAD_AT, body->head);
    tag_of(ret_message, key, ret_message + HINT_TAG_AT);
}

int gp_hint_check(struct gp_span message, const unsigned char key[GP_KEY_BYTES],
                  struct gp_hint_body *ret_body)
{
    const unsigned char *bytes = gp_bytes(message);
    unsigned char tag[GP_TAG_BYTES];

    if (message.len != GP_HINT_BYTES || memcmp(bytes, WORD, FEED_AT) != 0)
        return GP_EFORMAT;
    tag_of(bytes, key, tag);
    if (sodium_memcmp(tag, bytes + HINT_TAG_AT, GP_TAG_BYTES) != 0)
        return GP_EFORMAT;
    memcpy(ret_body->feed, bytes + FEED_AT, GP_HINT_FEED_BYTES);
    ret_body->epoch = gp_get_u32(bytes + EPOCH_AT);
    ret_body->head = gp_get_u64(bytes + HEAD_AT);
    return 0;
}
