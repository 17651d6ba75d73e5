/* docs/PROTOCOL.md is what handsets are written from, docs/SECURITY.md what receipts are checked
 * by: their examples must be what this room makes of the same keys, and what it accepts. */
#include "base/bytes.h"
#include "lib/document.h"
#include "trust/common.h"
#include "trust/hint.h"
#include "trust/invitation.h"
#include "trust/receipt.h"

#include <sodium.h>
#include <string.h>

#define BLOCK_MAX 512

static char document[DOCUMENT_BYTES_MAX], security[DOCUMENT_BYTES_MAX];
static const char prologue[] = "gridpost 1";

/* The four secrets of the example, in its order, and the two sides made of them. */
static struct gp_keypair server, device, device_once, server_once;
static struct gp_server_keys keys;
static struct gp_noise asks, answers;
static unsigned char session[GP_SESSION_ID_BYTES];

static struct gp_span block(const char *name, unsigned char bytes[BLOCK_MAX])
{
    return document_hex(document, name, bytes);
}

static void assert_block(const char *name, const void *bytes, size_t len)
{
    unsigned char given[BLOCK_MAX];
    struct gp_span span = block(name, given);

    assert_int_equal(span.len, len);
    assert_memory_equal(span.ptr, bytes, len);
}

static void read_pair(const unsigned char *secrets, size_t which, struct gp_keypair *ret_pair)
{
    gp_keypair_of(secrets + which * GP_KEY_BYTES, ret_pair);
}

static int setup(void **state)
{
    unsigned char secrets[BLOCK_MAX];

    (void)state;
    if (gp_trust_start() != 0)
        return -1;
    document_read("PROTOCOL.md", document);
    document_read("SECURITY.md", security);
    assert_int_equal(block("secrets", secrets).len, 4 * GP_KEY_BYTES);
    read_pair(secrets, 0, &server);
    read_pair(secrets, 1, &device);
    read_pair(secrets, 2, &device_once);
    read_pair(secrets, 3, &server_once);
    keys = (struct gp_server_keys){.box = {server}, .box_count = 1};
    return 0;
}

/* ---------------------------------------------------------------- the handshake */

static void read_envelope(const char *name, unsigned char bytes[BLOCK_MAX],
                          struct gp_envelope *ret_envelope)
{
    assert_int_equal(gp_envelope_read(block(name, bytes), ret_envelope), 0);
}

/* The device writes the first message as the document has it, and the server takes it. */
static void say_hello(void)
{
    unsigned char message[GP_HELLO_BYTES], given[BLOCK_MAX], zeros[16] = {0};
    struct gp_envelope envelope = {.type = GP_ENVELOPE_HELLO};
    size_t head, len;

    gp_key_id(server.public, envelope.key_id);
    head = gp_envelope_write_head(&envelope, message);
    gp_noise_init(&asks, GP_NOISE_IK, true, gp_span_of(prologue), &device, server.public, NULL);
    assert_block("h-0", gp_noise_hash(&asks), GP_NOISE_HASH_BYTES);
    assert_int_equal(
        gp_noise_write(&asks, device_once.secret, over(zeros, sizeof zeros), message + head, &len),
        0);
    assert_block("hello", message, head + len);
    read_envelope("hello", given, &envelope);
    assert_int_equal(gp_hello_read(&keys, &envelope, &answers), 0);
    assert_memory_equal(gp_noise_remote(&answers), device.public, GP_KEY_BYTES);
}

/* The server writes the second one, and the device takes it. */
static void welcome(struct gp_welcome *ret_welcome)
{
    unsigned char message[GP_WELCOME_BYTES], payload[BLOCK_MAX], given[BLOCK_MAX];
    struct gp_envelope envelope = {.type = GP_ENVELOPE_WELCOME};
    size_t head = gp_envelope_write_head(&envelope, message), len;

    assert_int_equal(gp_noise_write(&answers, server_once.secret, block("welcome-payload", payload),
                                    message + head, &len),
                     0);
    assert_block("welcome", message, head + len);
    assert_int_equal(gp_welcome_read(&asks, block("welcome", given), ret_welcome), 0);
    memcpy(session, ret_welcome->session, sizeof session);
}

static void the_keys_are_those_of_the_secrets(void **state)
{
    const struct gp_keypair *pairs[] = {&server, &device, &device_once, &server_once};
    unsigned char publics[4 * GP_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < GP_COUNT(pairs); i++)
        memcpy(publics + i * GP_KEY_BYTES, pairs[i]->public, GP_KEY_BYTES);
    assert_block("publics", publics, sizeof publics);
}

static void the_shared_values_are_true(void **state)
{
    const struct gp_keypair *pairs[][2] = {{&device_once, &server},
                                           {&device, &server},
                                           {&device_once, &server_once},
                                           {&device, &server_once}};
    unsigned char shared[4 * GP_KEY_BYTES];

    (void)state;
    for (size_t i = 0; i < GP_COUNT(pairs); i++)
        assert_int_equal(
            crypto_scalarmult(shared + i * GP_KEY_BYTES, pairs[i][0]->secret, pairs[i][1]->public),
            0);
    assert_block("shared", shared, sizeof shared);
}

static void the_handshake_is_byte_for_byte(void **state)
{
    struct gp_welcome said;
    unsigned char both[2 * GP_KEY_BYTES];

    (void)state;
    say_hello();
    assert_block("k-1", asks.k, GP_KEY_BYTES);
    assert_block("h-1", gp_noise_hash(&asks), GP_NOISE_HASH_BYTES);
    welcome(&said);
    assert_block("k-2", asks.k, GP_KEY_BYTES);
    assert_block("h-2", gp_noise_hash(&asks), GP_NOISE_HASH_BYTES);
    gp_noise_split(&asks, both, both + GP_KEY_BYTES);
    assert_block("split", both, sizeof both);
}

static void the_welcome_says_what_stands_beside_it(void **state)
{
    struct gp_welcome said;

    (void)state;
    say_hello();
    welcome(&said);
    assert_int_equal(said.status, GP_WELCOME_OK);
    assert_int_equal(said.role, 1);
    assert_int_equal(said.lifetime_s, 43200);
    assert_int_equal(said.lifetime_s, GP_SESSION_MS / 1000);
    assert_int_equal(said.now_ms, INT64_C(1790757645500));
    assert_memory_equal(said.server_key, server.public, GP_KEY_BYTES);
}

/* ---------------------------------------------------------------- the session */

static void open_channels(struct gp_channel *ret_device, struct gp_channel *ret_server)
{
    struct gp_welcome said;

    say_hello();
    welcome(&said);
    gp_channel_init(ret_device, &asks, session);
    gp_channel_init(ret_server, &answers, session);
}

static void request_and_answer_are_byte_for_byte(void **state)
{
    unsigned char plain[BLOCK_MAX], sealed[BLOCK_MAX], given[BLOCK_MAX], opened[BLOCK_MAX];
    struct gp_channel ours, theirs;
    struct gp_envelope envelope;
    struct gp_asked asked, asked_there;
    struct gp_span span;
    size_t len;

    (void)state;
    open_channels(&ours, &theirs);
    span = block("report-request", plain);
    assert_int_equal(gp_channel_seal_request(&ours, span, sealed, &asked), 0);
    assert_block("request", sealed, span.len + GP_ENVELOPE_OVERHEAD);
    read_envelope("request", given, &envelope);
    assert_int_equal(gp_channel_open_request(&theirs, &envelope, opened, &len), 0);
    assert_block("report-request", opened, len);

    gp_asked_of(&envelope, &asked_there);
    span = block("report-reply", plain);
    assert_int_equal(gp_channel_seal_answer(&theirs, &asked_there, span, sealed), 0);
    assert_block("answer", sealed, span.len + GP_ENVELOPE_OVERHEAD);
    read_envelope("answer", given, &envelope);
    assert_int_equal(gp_channel_open_answer(&ours, &asked, &envelope, opened, &len), 0);
    assert_block("report-reply", opened, len);
}

static void an_unknown_session_is_answered_so(void **state)
{
    unsigned char given[BLOCK_MAX], message[GP_AGAIN_BYTES];
    struct gp_envelope envelope;

    (void)state;
    read_envelope("request", given, &envelope);
    gp_again_write(envelope.session, message);
    assert_block("again", message, sizeof message);
}

/* Numbers that the text names. */
static void limits_are_true(void **state)
{
    (void)state;
    assert_int_equal(GP_WINDOW, 1024);
    assert_int_equal(GP_SESSION_MESSAGES, 1 << 20);
    assert_int_equal(GP_SESSION_MS, 12 * 60 * 60 * 1000);
    assert_int_equal(GP_ENVELOPE_OVERHEAD, 42);
    assert_int_equal(GP_INVITATION_MS, 15 * 60 * 1000);
}

/* ---------------------------------------------------------------- joining */

static void the_invitation_is_what_stands_beside_it(void **state)
{
    struct gp_span text = document_text(document, "invitation");
    char again[GP_INVITATION_TEXT];
    unsigned char bytes[BLOCK_MAX];
    struct gp_invitation invitation;

    (void)state;
    assert_int_equal(gp_invitation_read(text, &invitation), 0);
    assert_int_equal(invitation.device, 17);
    assert_int_equal(invitation.expires_s, INT64_C(1790758545));
    assert_memory_equal(invitation.server, server.public, GP_KEY_BYTES);
    assert_block("psk", invitation.psk, GP_KEY_BYTES);
    assert_memory_equal(invitation.sign, block("invitation", bytes).ptr + 81, GP_KEY_BYTES);
    gp_invitation_write(&invitation, again);
    assert_int_equal(strlen(again) + 1, text.len);
    assert_memory_equal(again, text.ptr, strlen(again));
}

/* The bytes are those of the text: five bits a letter. */
static void the_invitation_is_base32(void **state)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct gp_span text = document_text(document, "invitation");
    unsigned char bytes[BLOCK_MAX], given[BLOCK_MAX];
    size_t count = 0;
    unsigned bits = 0, have = 0;

    (void)state;
    assert_memory_equal(text.ptr, "GP1:", 4);
    for (size_t i = 4; i + 1 < text.len; i++) {
        bits = bits << 5 | (unsigned)(strchr(letters, text.ptr[i]) - letters);
        have += 5;
        if (have >= 8)
            bytes[count++] = (unsigned char)(bits >> (have -= 8));
    }
    assert_block("invitation", bytes, count);
    assert_int_equal(crypto_generichash(given, 32, bytes, count - 4, NULL, 0), 0);
    assert_memory_equal(given, bytes + count - 4, 4);
}

static void joining_is_byte_for_byte(void **state)
{
    unsigned char psk[BLOCK_MAX], given[BLOCK_MAX], message[GP_JOIN_BYTES];
    unsigned char label[GP_LABEL_BYTES] = "李雷的手机", payload[BLOCK_MAX];
    struct gp_envelope envelope = {.type = GP_ENVELOPE_JOIN, .device = 17};
    char called[GP_LABEL_BYTES + 1], digits[32];
    struct gp_welcome said;
    size_t head, len;

    (void)state;
    (void)block("psk", psk);
    gp_key_id(server.public, envelope.key_id);
    head = gp_envelope_write_head(&envelope, message);
    gp_noise_init(&asks, GP_NOISE_IKPSK1, true, gp_span_of(prologue), &device, server.public, psk);
    assert_int_equal(
        gp_noise_write(&asks, device_once.secret, over(label, sizeof label), message + head, &len),
        0);
    assert_block("join", message, head + len);
    read_envelope("join", given, &envelope);
    assert_int_equal(gp_join_read(&keys, &envelope, psk, &answers, called), 0);
    assert_string_equal(called, "李雷的手机");

    (void)block("welcome-payload",
                payload); /* the same but for these: it waits, without a session */
    payload[0] = GP_WELCOME_WAITS;
    memset(payload + 1, 0, 23);
    envelope = (struct gp_envelope){.type = GP_ENVELOPE_JOINED};
    head = gp_envelope_write_head(&envelope, message);
    assert_int_equal(
        gp_noise_write(&answers, server_once.secret, over(payload, 64), message + head, &len), 0);
    assert_block("joined", message, head + len);
    assert_int_equal(gp_joined_read(&asks, block("joined", given), &said), 0);
    assert_block("h-join", gp_noise_hash(&asks), GP_NOISE_HASH_BYTES);
    (void)snprintf(digits, sizeof digits, "six digits are %06u.",
                   gp_digits(gp_noise_hash(&asks)) % GP_DIGITS_END);
    assert_non_null(strstr(document, digits));
}

/* ---------------------------------------------------------------- what the server proves */

static const int64_t example_ms = INT64_C(1790757645500);

/* The signing keys of the example. */
static void read_sign_keys(struct gp_server_keys *ret_keys)
{
    unsigned char seed[BLOCK_MAX], given[BLOCK_MAX];

    assert_int_equal(document_hex(security, "sign-seed", seed).len, crypto_sign_SEEDBYTES);
    assert_int_equal(crypto_sign_seed_keypair(ret_keys->sign_public, ret_keys->sign_secret, seed),
                     0);
    assert_int_equal(document_hex(security, "sign-key", given).len, GP_KEY_BYTES);
    assert_memory_equal(given, ret_keys->sign_public, GP_KEY_BYTES);
}

/* The batch of the example: the report of PROTOCOL.md between two others. */
static void fill_leaves(struct gp_leaf leaves[3])
{
    unsigned char bytes[BLOCK_MAX];

    memset(leaves[0].request_hash, 0x11, GP_DIGEST_BYTES);
    gp_request_hash(block("report-request", bytes), leaves[1].request_hash);
    memset(leaves[2].request_hash, 0x22, GP_DIGEST_BYTES);
    for (size_t i = 0; i < 3; i++) {
        leaves[i].seq = 303 + i;
        leaves[i].at_ms = example_ms;
    }
}

static const unsigned char *take(const unsigned char **from, size_t len)
{
    const unsigned char *bytes = *from;

    *from += len;
    return bytes;
}

static void the_receipt_is_what_is_signed(void **state)
{
    struct gp_proof proofs[3], *proof = &proofs[1];
    struct gp_server_keys signing = {0};
    struct gp_leaf leaves[3];
    unsigned char given[BLOCK_MAX];
    const unsigned char *at = given;
    static const unsigned char place[8] = {0, 0, 0, 1, 0, 0, 0, 3}; /* index, count */

    (void)state;
    read_sign_keys(&signing);
    fill_leaves(leaves);
    gp_receipts_sign(leaves, 3, &signing, proofs);
    (void)document_hex(security, "receipt", given);
    assert_memory_equal(take(&at, GP_DIGEST_BYTES), leaves[1].request_hash, GP_DIGEST_BYTES);
    assert_memory_equal(take(&at, sizeof place), place, sizeof place);
    assert_int_equal(proof->index, 1);
    assert_int_equal(proof->count, 3);
    assert_int_equal(proof->path_len, 2);
    for (size_t i = 0; i < 2; i++)
        assert_memory_equal(take(&at, GP_DIGEST_BYTES), proof->path[i], GP_DIGEST_BYTES);
    assert_memory_equal(take(&at, GP_SIGNATURE_BYTES), proof->signature, GP_SIGNATURE_BYTES);
    assert_memory_equal(take(&at, GP_KEY_BYTES), signing.sign_public, GP_KEY_BYTES);
    assert_true(gp_receipt_verify(&leaves[1], proof, signing.sign_public));
}

static void leaf_and_root_are_what_the_text_says(void **state)
{
    unsigned char receipt[BLOCK_MAX], hashed[1 + 2 * GP_DIGEST_BYTES], given[BLOCK_MAX];
    unsigned char node[GP_DIGEST_BYTES];

    (void)state;
    (void)document_hex(security, "receipt", receipt);
    hashed[0] = 0;
    memcpy(hashed + 1, receipt, GP_DIGEST_BYTES);
    gp_put_u64(hashed + 33, 304);
    gp_put_u64(hashed + 41, (uint64_t)example_ms);
    (void)crypto_generichash(node, sizeof node, hashed, 49, NULL, 0);
    (void)document_hex(security, "leaf", given);
    assert_memory_equal(node, given, sizeof node);

    hashed[0] = 1;
    memcpy(hashed + 1, receipt + 40, GP_DIGEST_BYTES); /* the path's first, on the left */
    memcpy(hashed + 33, node, GP_DIGEST_BYTES);
    (void)crypto_generichash(node, sizeof node, hashed, sizeof hashed, NULL, 0);
    memcpy(hashed + 1, node, GP_DIGEST_BYTES);
    memcpy(hashed + 33, receipt + 72, GP_DIGEST_BYTES);
    (void)crypto_generichash(node, sizeof node, hashed, sizeof hashed, NULL, 0);
    (void)document_hex(security, "root", given);
    assert_memory_equal(node, given, sizeof node);
}

static void the_signed_head_is_what_is_signed(void **state)
{
    unsigned char given[BLOCK_MAX], signature[GP_SIGNATURE_BYTES], fields[16];
    struct gp_head head = {.seq = 305, .at_ms = example_ms};
    struct gp_server_keys signing = {0};

    (void)state;
    read_sign_keys(&signing);
    memset(head.hash, 0x33, sizeof head.hash);
    gp_head_sign(&head, &signing, signature);
    (void)document_hex(security, "head", given);
    gp_put_u64(fields, head.seq);
    gp_put_u64(fields + 8, (uint64_t)head.at_ms);
    assert_memory_equal(given, fields, sizeof fields);
    assert_memory_equal(given + 16, head.hash, GP_DIGEST_BYTES);
    assert_memory_equal(given + 48, signature, GP_SIGNATURE_BYTES);
    assert_memory_equal(given + 112, signing.sign_public, GP_KEY_BYTES);
}

static void the_hint_is_what_is_published(void **state)
{
    unsigned char key[BLOCK_MAX], given[BLOCK_MAX], again[GP_HINT_BYTES];
    struct gp_hint_body body;
    struct gp_span hint;

    (void)state;
    (void)document_hex(security, "hint-key", key);
    hint = document_hex(security, "hint", given);
    assert_int_equal(gp_hint_check(hint, key, &body), 0);
    assert_int_equal(body.epoch, 1);
    assert_int_equal(body.head, 305);
    gp_hint_write(&body, key, again);
    assert_memory_equal(again, given, sizeof again);
}

/* The two documents show the same invitation and name the beginnings of the same envelopes. */
static void the_documents_agree(void **state)
{
    static const char *const types[] = {"hello", "welcome", "join", "joined"};
    struct gp_span here = document_text(document, "invitation");
    struct gp_span there = document_text(security, "invitation");
    unsigned char bytes[BLOCK_MAX], others[BLOCK_MAX];
    char row[64];

    (void)state;
    assert_true(gp_span_equal(here, there));
    assert_true(
        gp_span_equal(block("invitation", bytes), document_hex(security, "invitation", others)));
    for (size_t i = 0; i < GP_COUNT(types); i++) {
        (void)block(types[i], bytes);
        (void)snprintf(row, sizeof row, "`%02x %02x` `%02x %02x %02x %02x`", bytes[0], bytes[1],
                       bytes[2], bytes[3], bytes[4], bytes[5]);
        if (strstr(security, row) == NULL)
            fail_msg("SECURITY.md has another %s than %s", types[i], row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_are_those_of_the_secrets),
        cmocka_unit_test(the_shared_values_are_true),
        cmocka_unit_test(the_handshake_is_byte_for_byte),
        cmocka_unit_test(the_welcome_says_what_stands_beside_it),
        cmocka_unit_test(request_and_answer_are_byte_for_byte),
        cmocka_unit_test(an_unknown_session_is_answered_so),
        cmocka_unit_test(limits_are_true),
        cmocka_unit_test(the_invitation_is_what_stands_beside_it),
        cmocka_unit_test(the_invitation_is_base32),
        cmocka_unit_test(joining_is_byte_for_byte),
        cmocka_unit_test(the_receipt_is_what_is_signed),
        cmocka_unit_test(leaf_and_root_are_what_the_text_says),
        cmocka_unit_test(the_signed_head_is_what_is_signed),
        cmocka_unit_test(the_hint_is_what_is_published),
        cmocka_unit_test(the_documents_agree),
    };
    return cmocka_run_group_tests_name("trust_document", tests, setup, NULL);
}
