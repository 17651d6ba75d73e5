/* Noise against the published vectors (tests/data/noise.json), both sides, byte for byte; and what
 * the vectors do not try: changed bytes, cut messages, points of low order. */
#include "trust/common.h"

#include <jansson.h>
#include <sodium.h>

#define MESSAGE_MAX 1024

struct bytes {
    unsigned char byte[MESSAGE_MAX];
    size_t len;
    bool there;
};

static struct bytes hex_of(json_t *from, const char *key)
{
    struct bytes bytes = {0};
    const char *text = json_string_value(json_object_get(from, key));

    if (text == NULL)
        return bytes;
    bytes.there = true;
    assert_int_equal(
        sodium_hex2bin(bytes.byte, MESSAGE_MAX, text, strlen(text), NULL, &bytes.len, NULL), 0);
    return bytes;
}

static struct gp_span span(const struct bytes *bytes)
{
    return over(bytes->byte, bytes->len);
}

static const unsigned char *if_there(const struct bytes *bytes)
{
    return bytes->there ? bytes->byte : NULL;
}

static enum gp_noise_pattern pattern_of(json_t *vector)
{
    static const char *const names[] = {"NK", "XK", "IK", "IKpsk1", "IKpsk2"};
    const char *name = json_string_value(json_object_get(vector, "protocol_name"));

    for (int i = 0; i < GP_NOISE_PATTERNS; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "Noise_%s_25519_ChaChaPoly_BLAKE2b", names[i]);
        if (strcmp(text, name) == 0)
            return (enum gp_noise_pattern)i;
    }
    fail_msg("no pattern for %s", name);
    return GP_NOISE_PATTERNS;
}

static void side_of(json_t *vector, bool initiator, struct gp_noise *ret_noise)
{
    struct bytes prologue = hex_of(vector, initiator ? "init_prologue" : "resp_prologue");
    struct bytes own = hex_of(vector, initiator ? "init_static" : "resp_static");
    struct bytes remote = hex_of(vector, initiator ? "init_remote_static" : "none");
    json_t *psks = json_object_get(vector, initiator ? "init_psks" : "resp_psks");
    json_t *psk_text = json_array_get(psks, 0);
    struct bytes psk = {0};
    struct gp_keypair pair;

    if (psk_text != NULL) {
        json_t *holder = json_pack("{s:O}", "psk", psk_text);
        psk = hex_of(holder, "psk");
        json_decref(holder);
    }
    if (own.there)
        gp_keypair_of(own.byte, &pair);
    gp_noise_init(ret_noise, pattern_of(vector), initiator, span(&prologue),
                  own.there ? &pair : NULL, if_there(&remote), if_there(&psk));
}

/* One message of the handshake: written as the vector says, read as it was meant. */
static void handshake_message(json_t *vector, json_t *message, struct gp_noise *from,
                              struct gp_noise *to)
{
    struct bytes ephemeral = hex_of(vector, from->initiator ? "init_ephemeral" : "resp_ephemeral");
    struct bytes payload = hex_of(message, "payload");
    struct bytes ciphertext = hex_of(message, "ciphertext");
    unsigned char written[MESSAGE_MAX], read[MESSAGE_MAX];
    size_t written_len, read_len;

    assert_int_equal(
        gp_noise_write(from, if_there(&ephemeral), span(&payload), written, &written_len), 0);
    assert_int_equal(written_len, ciphertext.len);
    assert_memory_equal(written, ciphertext.byte, written_len);
    assert_int_equal(gp_noise_read(to, over(written, written_len), read, &read_len), 0);
    assert_int_equal(read_len, payload.len);
    assert_memory_equal(read, payload.byte, read_len);
}

static void transport_message(json_t *message, const unsigned char key[32], uint64_t counter)
{
    struct bytes payload = hex_of(message, "payload");
    struct bytes ciphertext = hex_of(message, "ciphertext");
    unsigned char nonce[12] = {0}, sealed[MESSAGE_MAX];
    unsigned long long len;

    nonce[4] = (unsigned char)counter;
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(sealed, &len, payload.byte, payload.len, NULL,
                                                    0, NULL, nonce, key);
    assert_int_equal(len, ciphertext.len);
    assert_memory_equal(sealed, ciphertext.byte, ciphertext.len);
}

static void play(json_t *vector)
{
    json_t *messages = json_object_get(vector, "messages"), *message;
    struct gp_noise side[2]; /* the initiator's, the responder's */
    struct bytes hash = hex_of(vector, "handshake_hash");
    unsigned char key[2][2][32];
    uint64_t sent[2] = {0};
    size_t i, first = 0;

    side_of(vector, true, &side[0]);
    side_of(vector, false, &side[1]);
    json_array_foreach(messages, i, message)
    {
        if (gp_noise_done(&side[0])) {
            if (first == 0) {
                first = i;
                gp_noise_split(&side[0], key[0][0], key[0][1]);
                gp_noise_split(&side[1], key[1][0], key[1][1]);
                assert_memory_equal(key[0], key[1], sizeof key[0]);
            }
            transport_message(message, key[0][i % 2], sent[i % 2]++);
        } else {
            handshake_message(vector, message, &side[i % 2], &side[1 - i % 2]);
        }
    }
    assert_true(first > 0);
    assert_true(gp_noise_done(&side[1]));
    assert_memory_equal(gp_noise_hash(&side[0]), gp_noise_hash(&side[1]), GP_NOISE_HASH_BYTES);
    if (hash.there)
        assert_memory_equal(gp_noise_hash(&side[0]), hash.byte, GP_NOISE_HASH_BYTES);
}

static void the_published_vectors_pass(void **state)
{
    json_t *all = json_load_file(GP_SOURCE_DIR "/tests/data/noise.json", 0, NULL);
    json_t *vector;
    size_t i;

    (void)state;
    assert_non_null(all);
    assert_int_equal(json_array_size(json_object_get(all, "vectors")), 8);
    json_array_foreach(json_object_get(all, "vectors"), i, vector) play(vector);
    json_decref(all);
}

/* ---------------------------------------------------------------- beyond the vectors */

static const unsigned char psk[32] = {7};

static void begin(enum gp_noise_pattern pattern, struct gp_noise *ret_device,
                  struct gp_noise *ret_server)
{
    struct gp_keypair device = pair_of(1), server = pair_of(2);

    gp_noise_init(ret_device, pattern, true, GP_SPAN("p"), &device, server.public, psk);
    gp_noise_init(ret_server, pattern, false, GP_SPAN("p"), &server, NULL, psk);
}

static void a_changed_or_cut_message_is_refused_and_the_true_one_still_comes(void **state)
{
    struct gp_noise device, server, before;
    unsigned char message[MESSAGE_MAX], payload[MESSAGE_MAX];
    size_t len, payload_len = 4711;

    (void)state;
    begin(GP_NOISE_IK, &device, &server);
    before = server;
    assert_int_equal(gp_noise_write(&device, NULL, GP_SPAN("hello"), message, &len), 0);
    for (size_t bit = 0; bit < len * 8; bit++) {
        message[bit / 8] ^= (unsigned char)(1 << bit % 8);
        /* X25519 takes no notice of the top bit of a point; the hash does. */
        assert_int_equal(gp_noise_read(&server, over(message, len), payload, &payload_len),
                         GP_EFORMAT);
        message[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(gp_noise_read(&server, over(message, cut), payload, &payload_len),
                         GP_EFORMAT);
    assert_int_equal(payload_len, 4711);
    assert_memory_equal(&server, &before, sizeof server);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &payload_len), 0);
    assert_int_equal(payload_len, 5);
    assert_memory_equal(gp_noise_remote(&server), pair_of(1).public, GP_KEY_BYTES);
}

/* All points of order 1, 2, 4 and 8 and what reduces to them: cr.yp.to/ecdh.html, "validate". */
static const unsigned char low_order[][32] = {
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

static void points_of_low_order_are_refused(void **state)
{
    struct gp_keypair pair = pair_of(1);
    struct gp_noise noise, server;
    unsigned char message[MESSAGE_MAX] = {0}, payload[MESSAGE_MAX];
    size_t len;

    (void)state;
    for (size_t i = 0; i < GP_COUNT(low_order); i++) {
        /* as the server's static key */
        gp_noise_init(&noise, GP_NOISE_IK, true, GP_SPAN("p"), &pair, low_order[i], NULL);
        assert_int_equal(gp_noise_write(&noise, NULL, GP_SPAN(""), message, &len), GP_EFORMAT);
        /* as the device's ephemeral key */
        begin(GP_NOISE_IK, &noise, &server);
        assert_int_equal(gp_noise_write(&noise, NULL, GP_SPAN(""), message, &len), 0);
        memcpy(message, low_order[i], GP_KEY_BYTES);
        assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), GP_EFORMAT);
        /* as the device's static key, which it "proves" by an ss that is all zeros */
        pair = pair_of(1);
        memcpy(pair.public, low_order[i], GP_KEY_BYTES);
        gp_noise_init(&noise, GP_NOISE_IK, true, GP_SPAN("p"), &pair, pair_of(2).public, NULL);
        assert_int_equal(gp_noise_write(&noise, NULL, GP_SPAN(""), message, &len), 0);
        assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), GP_EFORMAT);
    }
}

static void another_psk_prologue_or_pattern_is_refused(void **state)
{
    struct gp_keypair server_pair = pair_of(2);
    unsigned char message[MESSAGE_MAX], payload[MESSAGE_MAX], other[32] = {8};
    struct gp_noise device, server;
    size_t len;

    (void)state;
    begin(GP_NOISE_IKPSK1, &device, &server);
    assert_int_equal(gp_noise_write(&device, NULL, GP_SPAN(""), message, &len), 0);
    gp_noise_init(&server, GP_NOISE_IKPSK1, false, GP_SPAN("p"), &server_pair, NULL, other);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), GP_EFORMAT);
    gp_noise_init(&server, GP_NOISE_IKPSK1, false, GP_SPAN("q"), &server_pair, NULL, psk);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), GP_EFORMAT);
    gp_noise_init(&server, GP_NOISE_IK, false, GP_SPAN("p"), &server_pair, NULL, NULL);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), GP_EFORMAT);
    gp_noise_init(&server, GP_NOISE_IKPSK1, false, GP_SPAN("p"), &server_pair, NULL, psk);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &len), 0);
}

static void ephemeral_keys_are_fresh(void **state)
{
    struct gp_noise device, server;
    unsigned char first[MESSAGE_MAX], second[MESSAGE_MAX];
    size_t len;

    (void)state;
    begin(GP_NOISE_IK, &device, &server);
    assert_int_equal(gp_noise_write(&device, NULL, GP_SPAN(""), first, &len), 0);
    begin(GP_NOISE_IK, &device, &server);
    assert_int_equal(gp_noise_write(&device, NULL, GP_SPAN(""), second, &len), 0);
    assert_memory_not_equal(first, second, GP_KEY_BYTES);
    assert_int_equal(len, 32 + 48 + 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_pass),
        cmocka_unit_test(a_changed_or_cut_message_is_refused_and_the_true_one_still_comes),
        cmocka_unit_test(points_of_low_order_are_refused),
        cmocka_unit_test(another_psk_prologue_or_pattern_is_refused),
        cmocka_unit_test(ephemeral_keys_are_fresh),
    };
    return cmocka_run_group_tests_name("noise", tests, start_trust, NULL);
}
