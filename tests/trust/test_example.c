/* The worked example of the documents (tests/data/sealed.txt), which example.py made without a line
 * of ours: trust/ writes the same bytes, and reads them. */
#include "trust/common.h"

#include "trust/hint.h"
#include "trust/invitation.h"
#include "trust/receipt.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX 40
#define BYTES_MAX 256

static struct line {
    char name[32], text[2 * BYTES_MAX];
} lines[LINES_MAX];
static size_t line_count;

static const unsigned char session[GP_SESSION_ID_BYTES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                           8, 9, 10, 11, 12, 13, 14, 15};

static int load(void **state)
{
    FILE *file = fopen(GP_SOURCE_DIR "/tests/data/sealed.txt", "r");

    if (file == NULL)
        return -1;
    while (line_count < LINES_MAX &&
           fscanf(file, "%31s %511s", lines[line_count].name, lines[line_count].text) == 2)
        line_count++;
    (void)fclose(file);
    return start_trust(state);
}

static const char *text_of(const char *name)
{
    for (size_t i = 0; i < line_count; i++)
        if (strcmp(lines[i].name, name) == 0)
            return lines[i].text;
    fail_msg("no line %s", name);
    return NULL;
}

static void is(const char *name, const void *bytes, size_t len)
{
    char text[2 * BYTES_MAX + 1];

    assert_string_equal(sodium_bin2hex(text, sizeof text, bytes, len), text_of(name));
}

static struct gp_span bytes_of(const char *name, unsigned char ret_bytes[BYTES_MAX])
{
    const char *text = text_of(name);
    size_t len;

    assert_int_equal(sodium_hex2bin(ret_bytes, BYTES_MAX, text, strlen(text), NULL, &len, NULL), 0);
    return over(ret_bytes, len);
}

static void server_keys(struct gp_server_keys *ret_keys)
{
    unsigned char seed[GP_KEY_BYTES];

    memset(seed, 5, sizeof seed);
    ret_keys->box[0] = pair_of(2);
    ret_keys->box_count = 1;
    (void)crypto_sign_seed_keypair(ret_keys->sign_public, ret_keys->sign_secret, seed);
}

/* ---------------------------------------------------------------- handshakes */

/* One message as the library's own functions write it, but for the fixed ephemeral key. */
static size_t by_hand(struct gp_noise *noise, const struct gp_envelope *envelope,
                      unsigned char ephemeral, struct gp_span payload, unsigned char *ret_message)
{
    unsigned char secret[GP_KEY_BYTES];
    size_t head = gp_envelope_write_head(envelope, ret_message), len;

    memset(secret, ephemeral, sizeof secret);
    assert_int_equal(gp_noise_write(noise, secret, payload, ret_message + head, &len), 0);
    return head + len;
}

static void first_by_hand(enum gp_envelope_type type, const unsigned char *psk,
                          struct gp_span payload, struct gp_noise *ret_device)
{
    struct gp_keypair own = pair_of(1), server = pair_of(2);
    struct gp_envelope envelope = {.type = type, .device = 17};
    unsigned char message[BYTES_MAX];
    size_t len;

    gp_key_id(server.public, envelope.key_id);
    gp_noise_init(ret_device, psk != NULL ? GP_NOISE_IKPSK1 : GP_NOISE_IK, true,
                  GP_SPAN("gridpost 1"), &own, server.public, psk);
    len = by_hand(ret_device, &envelope, 3, payload, message);
    is(type == GP_ENVELOPE_HELLO ? "hello" : "join", message, len);
}

static void assert_welcome(const struct gp_welcome *welcome, uint8_t status, uint8_t role)
{
    assert_int_equal(welcome->status, status);
    assert_int_equal(welcome->role, role);
    assert_int_equal(welcome->lifetime_s, 43200);
    assert_memory_equal(welcome->session, session, sizeof session);
    assert_true(welcome->now_ms == INT64_C(1790726400123));
    assert_memory_equal(welcome->server_key, pair_of(2).public, GP_KEY_BYTES);
}

static void the_session(void **state)
{
    static const unsigned char reserved[16];
    unsigned char hello[BYTES_MAX], answer[BYTES_MAX], keys[2][GP_KEY_BYTES], plain[BYTES_MAX];
    struct gp_server_keys server_key;
    struct gp_noise device, server;
    struct gp_channel device_end, server_end = {0};
    struct gp_envelope envelope;
    struct gp_welcome welcome;
    struct gp_asked asked;
    size_t len;

    (void)state;
    is("device_public", pair_of(1).public, GP_KEY_BYTES);
    is("server_public", pair_of(2).public, GP_KEY_BYTES);
    first_by_hand(GP_ENVELOPE_HELLO, NULL, over(reserved, sizeof reserved), &device);
    server_keys(&server_key);
    assert_int_equal(gp_envelope_read(bytes_of("hello", hello), &envelope), 0);
    assert_int_equal(gp_hello_read(&server_key, &envelope, &server), 0);
    is("device_public", gp_noise_remote(&server), GP_KEY_BYTES);

    assert_int_equal(gp_welcome_read(&device, bytes_of("welcome", answer), &welcome), 0);
    assert_welcome(&welcome, GP_WELCOME_OK, 1);
    is("handshake_hash", gp_noise_hash(&device), GP_NOISE_HASH_BYTES);
    gp_noise_split(&device, keys[0], keys[1]);
    is("key_forth", keys[0], GP_KEY_BYTES);
    is("key_back", keys[1], GP_KEY_BYTES);

    gp_channel_init(&device_end, &device, welcome.session);
    memcpy(server_end.session, session, sizeof session);
    memcpy(server_end.receive, keys[0], GP_KEY_BYTES);
    memcpy(server_end.send, keys[1], GP_KEY_BYTES);
    assert_int_equal(gp_channel_seal_request(&device_end, GP_SPAN("hello"), hello, &asked), 0);
    is("request", hello, 5 + GP_ENVELOPE_OVERHEAD);
    assert_int_equal(gp_envelope_read(over(hello, 5 + GP_ENVELOPE_OVERHEAD), &envelope), 0);
    assert_int_equal(gp_channel_open_request(&server_end, &envelope, plain, &len), 0);
    assert_int_equal(gp_channel_seal_answer(&server_end, &asked, GP_SPAN("done"), answer), 0);
    is("answer", answer, 4 + GP_ENVELOPE_OVERHEAD);
    gp_again_write(session, answer);
    is("again", answer, GP_AGAIN_BYTES);
}

static void the_join(void **state)
{
    unsigned char bytes[BYTES_MAX], psk[GP_PSK_BYTES], padded[GP_LABEL_BYTES] = "phone of li";
    char label[GP_LABEL_BYTES + 1], digits[16];
    struct gp_server_keys server_key;
    struct gp_noise device, server;
    struct gp_envelope envelope;
    struct gp_welcome welcome;

    (void)state;
    memset(psk, 6, sizeof psk);
    server_keys(&server_key);
    first_by_hand(GP_ENVELOPE_JOIN, psk, over(padded, sizeof padded), &device);
    assert_int_equal(gp_envelope_read(bytes_of("join", bytes), &envelope), 0);
    assert_int_equal(envelope.device, 17);
    assert_int_equal(gp_join_read(&server_key, &envelope, psk, &server, label), 0);
    assert_string_equal(label, "phone of li");
    assert_int_equal(gp_joined_read(&device, bytes_of("joined", bytes), &welcome), 0);
    assert_welcome(&welcome, GP_WELCOME_WAITS, 0);
    (void)snprintf(digits, sizeof digits, "%06u", gp_digits(gp_noise_hash(&device)));
    assert_string_equal(digits, text_of("digits"));
}

/* ---------------------------------------------------------------- papers */

static void the_invitation(void **state)
{
    struct gp_invitation invitation = {.device = 17, .expires_s = 1790727300}, read;
    struct gp_server_keys keys;
    char text[GP_INVITATION_TEXT];

    (void)state;
    server_keys(&keys);
    memcpy(invitation.server, keys.box[0].public, GP_KEY_BYTES);
    memcpy(invitation.sign, keys.sign_public, GP_KEY_BYTES);
    memset(invitation.psk, 6, GP_PSK_BYTES);
    gp_invitation_write(&invitation, text);
    assert_string_equal(text, text_of("invitation"));
    assert_int_equal(gp_invitation_read(gp_span_of(text), &read), 0);
    assert_memory_equal(&read, &invitation, sizeof read);
}

static void the_hint(void **state)
{
    struct gp_hint_body body = {.epoch = 3, .head = 4711};
    unsigned char key[GP_KEY_BYTES], message[GP_HINT_BYTES];

    (void)state;
    memset(key, 7, sizeof key);
    memcpy(body.feed, "feed-one", GP_HINT_FEED_BYTES);
    gp_hint_write(&body, key, message);
    is("hint", message, sizeof message);
}

static void the_receipts(void **state)
{
    static const char *const requests[] = {"one", "two", "three"};
    struct gp_leaf leaves[3];
    struct gp_proof proofs[3];
    struct gp_server_keys keys;

    (void)state;
    server_keys(&keys);
    for (unsigned i = 0; i < 3; i++) {
        leaves[i] = (struct gp_leaf){.seq = i + 1, .at_ms = INT64_C(1790726400123)};
        gp_request_hash(gp_span_of(requests[i]), leaves[i].request_hash);
    }
    gp_receipts_sign(leaves, 3, &keys, proofs);
    is("sign_public", keys.sign_public, GP_KEY_BYTES);
    is("receipts_signature", proofs[2].signature, GP_SIGNATURE_BYTES);
    is("leaf_1", proofs[0].path[0], GP_DIGEST_BYTES);
    is("leaf_2", proofs[0].path[1], GP_DIGEST_BYTES);
    is("leaf_0", proofs[1].path[0], GP_DIGEST_BYTES);
    assert_int_equal(proofs[2].path_len, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_true(gp_receipt_verify(&leaves[i], &proofs[i], keys.sign_public));
}

static void the_head(void **state)
{
    struct gp_head head = {.seq = 4711, .at_ms = INT64_C(1790726400123)};
    unsigned char signature[GP_SIGNATURE_BYTES];
    struct gp_server_keys keys;

    (void)state;
    server_keys(&keys);
    memset(head.hash, 0x33, sizeof head.hash);
    gp_head_sign(&head, &keys, signature);
    is("head_signature", signature, sizeof signature);
    assert_true(gp_head_verify(&head, signature, keys.sign_public));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_session),    cmocka_unit_test(the_join),
        cmocka_unit_test(the_invitation), cmocka_unit_test(the_hint),
        cmocka_unit_test(the_receipts),   cmocka_unit_test(the_head),
    };
    return cmocka_run_group_tests_name("example", tests, load, NULL);
}
