#include "trust/trust.h"

#include "trust/internal.h"

static_assert(GP_KEY_BYTES == crypto_scalarmult_BYTES, "X25519");
static_assert(GP_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(GP_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "Poly1305");
static_assert(GP_KEY_TEXT ==
                  sodium_base64_ENCODED_LEN(GP_KEY_BYTES, sodium_base64_VARIANT_ORIGINAL),
              "a key's text with its NUL");

int gp_trust_start(void)
{
    return sodium_init() < 0 ? GP_EIO : 0; /* 1: was ready already */
}

void gp_random(void *ret_bytes, size_t len)
{
    randombytes_buf(ret_bytes, len);
}

void gp_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

bool gp_secret_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void gp_keypair_new(struct gp_keypair *ret_pair)
{
    unsigned char secret[GP_KEY_BYTES];

    randombytes_buf(secret, sizeof secret);
    gp_keypair_of(secret, ret_pair);
    sodium_memzero(secret, sizeof secret);
}

void gp_keypair_of(const unsigned char secret[GP_KEY_BYTES], struct gp_keypair *ret_pair)
{
    memcpy(ret_pair->secret, secret, GP_KEY_BYTES);
    (void)crypto_scalarmult_base(ret_pair->public, secret); /* the base point cannot fail */
}

void gp_key_id(const unsigned char key[GP_KEY_BYTES], unsigned char ret_id[GP_KEY_ID_BYTES])
{
    unsigned char hash[32];

    (void)crypto_generichash(hash, sizeof hash, key, GP_KEY_BYTES, NULL, 0);
    memcpy(ret_id, hash, GP_KEY_ID_BYTES);
}

void gp_key_format(const unsigned char key[GP_KEY_BYTES], char ret_text[GP_KEY_TEXT])
{
    (void)sodium_bin2base64(ret_text, GP_KEY_TEXT, key, GP_KEY_BYTES,
                            sodium_base64_VARIANT_ORIGINAL);
}

/* One text stands for a key: libsodium's reader passes over bytes above 127 here and there. */
static bool is_text_of(struct gp_span text, const unsigned char key[GP_KEY_BYTES])
{
    char again[GP_KEY_TEXT];

    gp_key_format(key, again);
    bool is = sodium_memcmp(again, text.ptr, GP_KEY_TEXT - 1) == 0;
    sodium_memzero(again, sizeof again);
    return is;
}

int gp_key_parse(struct gp_span text, unsigned char ret_key[GP_KEY_BYTES])
{
    unsigned char key[GP_KEY_BYTES];
    size_t len;
    int error = GP_EFORMAT;

    if (text.len == GP_KEY_TEXT - 1 &&
        sodium_base642bin(key, sizeof key, text.ptr, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0 &&
        len == sizeof key && is_text_of(text, key)) {
        memcpy(ret_key, key, sizeof key);
        error = 0;
    }
    sodium_memzero(key, sizeof key);
    return error;
}
