/*
 * Noise, revision 34. The names of the specification's objects: hash is h, chain is ck, k and
 * counter are the CipherState's k and n; MixHash, MixKey, MixKeyAndHash, EncryptAndHash and
 * DecryptAndHash have their own functions below, in its order (section 5).
 */
#include "trust/noise.h"

#include "trust/internal.h"

#include <stdio.h>

#define HASH  GP_NOISE_HASH_BYTES
#define BLOCK 128 /* BLAKE2b's, for HMAC */

enum token { END, E, S, EE, ES, SE, SS, PSK };

#define MESSAGES_MAX 3
#define TOKENS_MAX   6 /* with END */

/* Section 7.5 and 9: what each message does; the first is the initiator's. All of these patterns
 * have the pre-message "<- s": the initiator knows the responder. */
static const struct pattern {
    const char *name;
    bool psk; /* then e is mixed into the key, too */
    uint8_t messages;
    uint8_t tokens[MESSAGES_MAX][TOKENS_MAX];
} patterns[GP_NOISE_PATTERNS] = {
    [GP_NOISE_NK] = {"NK", false, 2, {{E, ES}, {E, EE}}},
    [GP_NOISE_XK] = {"XK", false, 3, {{E, ES}, {E, EE}, {S, SE}}},
    [GP_NOISE_IK] = {"IK", false, 2, {{E, ES, S, SS}, {E, EE, SE}}},
    [GP_NOISE_IKPSK1] = {"IKpsk1", true, 2, {{E, ES, S, SS, PSK}, {E, EE, SE}}},
    [GP_NOISE_IKPSK2] = {"IKpsk2", true, 2, {{E, ES, S, SS}, {E, EE, SE, PSK}}},
};

static_assert(GP_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES, "the nonce");
static_assert(HASH <= crypto_generichash_BYTES_MAX, "BLAKE2b-512");

/* ---------------------------------------------------------------- HASH and HKDF */

static void hash_two(struct gp_span a, struct gp_span b, unsigned char ret_hash[HASH])
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, HASH); /* fails for bad lengths only */
    (void)crypto_generichash_update(&state, gp_bytes(a), a.len);
    (void)crypto_generichash_update(&state, gp_bytes(b), b.len);
    (void)crypto_generichash_final(&state, ret_hash, HASH);
}

/* RFC 2104 over BLAKE2b-512, which libsodium does not have: its keyed BLAKE2b is another thing. */
static void hmac(const unsigned char key[HASH], struct gp_span text, unsigned char ret_mac[HASH])
{
    unsigned char pad[BLOCK], inner[HASH];

    memset(pad, 0x36, sizeof pad);
    for (size_t i = 0; i < HASH; i++)
        pad[i] ^= key[i];
    hash_two(gp_span_over(pad, BLOCK), text, inner);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    hash_two(gp_span_over(pad, BLOCK), gp_span_over(inner, HASH), ret_mac);
    sodium_memzero(pad, sizeof pad);
    sodium_memzero(inner, sizeof inner);
}

/* HKDF of section 4.3: `count` outputs of HASH bytes. */
static void hkdf(const unsigned char chain[HASH], struct gp_span material, unsigned count,
                 unsigned char ret_outputs[][HASH])
{
    unsigned char key[HASH], text[HASH + 1];
    size_t before = 0; /* bytes of the output before this one */

    hmac(chain, material, key);
    for (unsigned i = 0; i < count; i++, before = HASH) {
        text[before] = (unsigned char)(i + 1);
        hmac(key, gp_span_over(text, before + 1), ret_outputs[i]);
        memcpy(text, ret_outputs[i], HASH);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
}

/* ---------------------------------------------------------------- SymmetricState */

static void initialize_key(struct gp_noise *noise, const unsigned char key[HASH])
{
    memcpy(noise->k, key, GP_KEY_BYTES); /* truncated, as section 5.2 says for a HASHLEN of 64 */
    noise->keyed = true;
    noise->counter = 0;
}

static void mix_hash(struct gp_noise *noise, struct gp_span data)
{
    hash_two(gp_span_over(noise->hash, HASH), data, noise->hash);
}

static void mix_key(struct gp_noise *noise, const unsigned char material[GP_KEY_BYTES])
{
    unsigned char outputs[2][HASH];

    hkdf(noise->chain, gp_span_over(material, GP_KEY_BYTES), 2, outputs);
    memcpy(noise->chain, outputs[0], HASH);
    initialize_key(noise, outputs[1]);
    sodium_memzero(outputs, sizeof outputs);
}

static void mix_key_and_hash(struct gp_noise *noise, const unsigned char material[GP_KEY_BYTES])
{
    unsigned char outputs[3][HASH];

    hkdf(noise->chain, gp_span_over(material, GP_KEY_BYTES), 3, outputs);
    memcpy(noise->chain, outputs[0], HASH);
    mix_hash(noise, gp_span_over(outputs[1], HASH));
    initialize_key(noise, outputs[2]);
    sodium_memzero(outputs, sizeof outputs);
}

static size_t tag_bytes(const struct gp_noise *noise)
{
    return noise->keyed ? GP_TAG_BYTES : 0;
}

/* Writes plain.len + tag_bytes() bytes. */
static void encrypt_and_hash(struct gp_noise *noise, struct gp_span plain, unsigned char *ret_text)
{
    unsigned char nonce[GP_NONCE_BYTES];
    size_t len = plain.len + tag_bytes(noise);

    if (noise->keyed) {
        gp_nonce(noise->counter++, nonce);
        (void)crypto_aead_chacha20poly1305_ietf_encrypt(ret_text, NULL, gp_bytes(plain), plain.len,
                                                        noise->hash, HASH, NULL, nonce, noise->k);
    } else if (plain.len > 0) {
        memcpy(ret_text, plain.ptr, plain.len);
    }
    mix_hash(noise, gp_span_over(ret_text, len));
}

/* Writes text.len - tag_bytes() bytes. */
static int decrypt_and_hash(struct gp_noise *noise, struct gp_span text, unsigned char *ret_plain)
{
    unsigned char nonce[GP_NONCE_BYTES];

    if (text.len < tag_bytes(noise))
        return GP_EFORMAT;
    if (noise->keyed) {
        gp_nonce(noise->counter++, nonce);
        if (crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, gp_bytes(text),
                                                      text.len, noise->hash, HASH, nonce,
                                                      noise->k) != 0)
            return GP_EFORMAT;
    } else if (text.len > 0) {
        memcpy(ret_plain, text.ptr, text.len);
    }
    mix_hash(noise, text);
    return 0;
}

/* ---------------------------------------------------------------- HandshakeState */

void gp_noise_init(struct gp_noise *noise, enum gp_noise_pattern pattern, bool initiator,
                   struct gp_span prologue, const struct gp_keypair *own,
                   const unsigned char *remote, const unsigned char *psk)
{
    char name[HASH] = {0}; /* a name of at most HASHLEN bytes is padded with zeros */
    int len =
        snprintf(name, sizeof name, "Noise_%s_25519_ChaChaPoly_BLAKE2b", patterns[pattern].name);

    assert(len > 0 && (size_t)len < sizeof name);
    assert(initiator ? remote != NULL : own != NULL);
    assert(!patterns[pattern].psk || psk != NULL);
    *noise = (struct gp_noise){.pattern = pattern, .initiator = initiator};
    memcpy(noise->hash, name, HASH);
    memcpy(noise->chain, name, HASH);
    if (own != NULL)
        noise->own = *own;
    if (remote != NULL)
        memcpy(noise->remote, remote, GP_KEY_BYTES);
    if (psk != NULL)
        memcpy(noise->psk, psk, GP_KEY_BYTES);
    mix_hash(noise, prologue);
    mix_hash(noise, gp_span_over(initiator ? noise->remote : noise->own.public, GP_KEY_BYTES));
}

/* The DH of a token. libsodium says so when the result is zero: the other's point has low order. */
static int mix_dh(struct gp_noise *noise, enum token token)
{
    bool own_static = token == SS || token == (noise->initiator ? SE : ES);
    bool remote_static = token == SS || token == (noise->initiator ? ES : SE);
    unsigned char shared[GP_KEY_BYTES];
    int error = 0;

    if (crypto_scalarmult(shared, own_static ? noise->own.secret : noise->ephemeral.secret,
                          remote_static ? noise->remote : noise->remote_ephemeral) != 0)
        error = GP_EFORMAT;
    else
        mix_key(noise, shared);
    sodium_memzero(shared, sizeof shared);
    return error;
}

static void mix_ephemeral(struct gp_noise *noise, const unsigned char public[GP_KEY_BYTES])
{
    mix_hash(noise, gp_span_over(public, GP_KEY_BYTES));
    if (patterns[noise->pattern].psk)
        mix_key(noise, public);
}

static int write_token(struct gp_noise *noise, enum token token, const unsigned char *ephemeral,
                       unsigned char *to, size_t *len)
{
    switch (token) {
    case E:
        if (ephemeral != NULL)
            gp_keypair_of(ephemeral, &noise->ephemeral);
        else
            gp_keypair_new(&noise->ephemeral);
        memcpy(to + *len, noise->ephemeral.public, GP_KEY_BYTES);
        mix_ephemeral(noise, noise->ephemeral.public);
        *len += GP_KEY_BYTES;
        return 0;
    case S: {
        size_t bytes = GP_KEY_BYTES + tag_bytes(noise);
        encrypt_and_hash(noise, gp_span_over(noise->own.public, GP_KEY_BYTES), to + *len);
        *len += bytes;
        return 0;
    }
    case PSK:
        mix_key_and_hash(noise, noise->psk);
        return 0;
    default:
        return mix_dh(noise, token);
    }
}

static struct gp_span take(struct gp_span *rest, size_t len)
{
    struct gp_span taken = {rest->ptr, len};

    rest->ptr += len;
    rest->len -= len;
    return taken;
}

static int read_token(struct gp_noise *noise, enum token token, struct gp_span *rest)
{
    size_t bytes = GP_KEY_BYTES + (token == S ? tag_bytes(noise) : 0);

    if ((token == E || token == S) && rest->len < bytes)
        return GP_EFORMAT;
    switch (token) {
    case E:
        memcpy(noise->remote_ephemeral, take(rest, bytes).ptr, GP_KEY_BYTES);
        mix_ephemeral(noise, noise->remote_ephemeral);
        return 0;
    case S:
        return decrypt_and_hash(noise, take(rest, bytes), noise->remote);
    case PSK:
        mix_key_and_hash(noise, noise->psk);
        return 0;
    default:
        return mix_dh(noise, token);
    }
}

static bool my_turn(const struct gp_noise *noise)
{
    return (noise->message % 2 == 0) == noise->initiator;
}

int gp_noise_write(struct gp_noise *noise, const unsigned char *ephemeral, struct gp_span payload,
                   unsigned char *ret_message, size_t *ret_len)
{
    const uint8_t *token = patterns[noise->pattern].tokens[noise->message];
    size_t len = 0, tag;
    int error;

    assert(!gp_noise_done(noise));
    assert(my_turn(noise));
    if (payload.len > GP_NOISE_MESSAGE_MAX - GP_NOISE_OVERHEAD_MAX)
        return GP_ELIMIT;
    for (; *token != END; token++) {
        error = write_token(noise, *token, ephemeral, ret_message, &len);
        if (error != 0)
            return error;
    }
    tag = tag_bytes(noise);
    encrypt_and_hash(noise, payload, ret_message + len);
    noise->message++;
    *ret_len = len + payload.len + tag;
    return 0;
}

static int read_message(struct gp_noise *noise, struct gp_span rest, unsigned char *ret_payload,
                        size_t *ret_len)
{
    const uint8_t *token = patterns[noise->pattern].tokens[noise->message];
    size_t tag;
    int error = 0;

    for (; *token != END && error == 0; token++)
        error = read_token(noise, *token, &rest);
    if (error != 0)
        return error;
    tag = tag_bytes(noise);
    error = decrypt_and_hash(noise, rest, ret_payload);
    if (error != 0)
        return error;
    noise->message++;
    *ret_len = rest.len - tag;
    return 0;
}

int gp_noise_read(struct gp_noise *noise, struct gp_span message, unsigned char *ret_payload,
                  size_t *ret_len)
{
    struct gp_noise next = *noise; /* so that a message that fails leaves no trace */
    int error;

    assert(!gp_noise_done(noise));
    assert(!my_turn(noise));
    if (message.len > GP_NOISE_MESSAGE_MAX)
        return GP_EFORMAT;
    error = read_message(&next, message, ret_payload, ret_len);
    if (error == 0)
        *noise = next;
    gp_noise_clear(&next);
    return error;
}

bool gp_noise_done(const struct gp_noise *noise)
{
    return noise->message == patterns[noise->pattern].messages;
}

void gp_noise_split(const struct gp_noise *noise, unsigned char ret_forth[GP_KEY_BYTES],
                    unsigned char ret_back[GP_KEY_BYTES])
{
    unsigned char outputs[2][HASH];

    assert(gp_noise_done(noise));
    hkdf(noise->chain, (struct gp_span){0}, 2, outputs);
    memcpy(ret_forth, outputs[0], GP_KEY_BYTES);
    memcpy(ret_back, outputs[1], GP_KEY_BYTES);
    sodium_memzero(outputs, sizeof outputs);
}

const unsigned char *gp_noise_hash(const struct gp_noise *noise)
{
    return noise->hash;
}

const unsigned char *gp_noise_remote(const struct gp_noise *noise)
{
    return noise->remote;
}

void gp_noise_clear(struct gp_noise *noise)
{
    if (noise != NULL)
        sodium_memzero(noise, sizeof *noise);
}
