/* HELLO and WELCOME, JOIN and JOINED, whole: lengths, keys, digits, and what must be refused. */
#include "trust/pair.h"

#include <stdlib.h>

static struct gp_server_keys server_keys;
static struct gp_keypair device_key;
static const unsigned char psk[GP_PSK_BYTES] = {9, 9, 9};

static int set_up(void **state)
{
    if (start_trust(state) != 0)
        return -1;
    gp_keys_new(&server_keys);
    gp_keypair_new(&server_keys.box[1]);
    server_keys.box_count = 2;
    gp_keypair_new(&device_key);
    return 0;
}

static struct gp_welcome sample(void)
{
    struct gp_welcome welcome = {
        .status = GP_WELCOME_OK, .role = 3, .lifetime_s = 43200, .now_ms = INT64_C(1790726400123)};

    memset(welcome.session, 0x77, sizeof welcome.session);
    memcpy(welcome.server_key, server_keys.box[0].public, GP_KEY_BYTES);
    return welcome;
}

static void assert_same(const struct gp_welcome *a, const struct gp_welcome *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->role, b->role);
    assert_int_equal(a->lifetime_s, b->lifetime_s);
    assert_true(a->now_ms == b->now_ms);
    assert_memory_equal(a->session, b->session, GP_SESSION_ID_BYTES);
    assert_memory_equal(a->server_key, b->server_key, GP_KEY_BYTES);
}

static int read_hello(const unsigned char *message, size_t len, struct gp_noise *ret_noise)
{
    struct gp_envelope envelope;
    int error = gp_envelope_read(over(message, len), &envelope);

    return error != 0 ? error : gp_hello_read(&server_keys, &envelope, ret_noise);
}

static int read_join(const unsigned char *message, size_t len, const unsigned char *with,
                     struct gp_noise *ret_noise, char *ret_label)
{
    struct gp_envelope envelope;
    int error = gp_envelope_read(over(message, len), &envelope);

    return error != 0 ? error : gp_join_read(&server_keys, &envelope, with, ret_noise, ret_label);
}

/* ---------------------------------------------------------------- there and back */

static void a_device_shakes_hands_and_talks(void **state)
{
    unsigned char hello[GP_HELLO_BYTES], answer[GP_WELCOME_BYTES], request[128], plain[128];
    struct gp_welcome welcome = sample(), read;
    struct gp_channel device_end, server_end;
    struct gp_envelope envelope;
    struct gp_noise device, server;
    struct gp_asked asked;
    size_t len;

    (void)state;
    for (int key = 0; key < 2; key++) { /* the newest, the old one */
        assert_int_equal(gp_hello_write(&device_key, server_keys.box[key].public, &device, hello),
                         0);
        assert_int_equal(read_hello(hello, sizeof hello, &server), 0);
        assert_memory_equal(gp_noise_remote(&server), device_key.public, GP_KEY_BYTES);
        assert_int_equal(gp_welcome_write(&server, &welcome, answer), 0);
        assert_int_equal(gp_welcome_read(&device, over(answer, sizeof answer), &read), 0);
        assert_same(&read, &welcome);
        gp_channel_init(&device_end, &device, read.session);
        gp_channel_init(&server_end, &server, welcome.session);
        assert_int_equal(gp_channel_seal_request(&device_end, GP_SPAN("hi"), request, &asked), 0);
        assert_int_equal(gp_envelope_read(over(request, 2 + GP_ENVELOPE_OVERHEAD), &envelope), 0);
        assert_int_equal(gp_channel_open_request(&server_end, &envelope, plain, &len), 0);
        assert_memory_equal(plain, "hi", 2);
    }
}

static void a_device_joins_and_both_show_the_same_digits(void **state)
{
    unsigned char join[GP_JOIN_BYTES], answer[GP_JOINED_BYTES], other[GP_JOINED_BYTES];
    char label[GP_LABEL_BYTES + 1];
    struct gp_welcome welcome = sample(), read;
    struct gp_noise device, server, refusing;

    (void)state;
    assert_int_equal(gp_join_write(&device_key, server_keys.box[0].public, psk, 17,
                                   GP_SPAN("phone of li"), &device, join),
                     0);
    assert_int_equal(read_join(join, sizeof join, psk, &server, label), 0);
    assert_string_equal(label, "phone of li");
    assert_memory_equal(gp_noise_remote(&server), device_key.public, GP_KEY_BYTES);
    refusing = server;
    welcome.status = GP_WELCOME_WAITS;
    assert_int_equal(gp_joined_write(&server, &welcome, answer), 0);
    welcome.status = GP_WELCOME_UNKNOWN;
    assert_int_equal(gp_joined_write(&refusing, &welcome, other), 0);
    assert_int_equal(gp_joined_read(&device, over(answer, sizeof answer), &read), 0);
    assert_int_equal(read.status, GP_WELCOME_WAITS);
    assert_int_equal(gp_digits(gp_noise_hash(&device)), gp_digits(gp_noise_hash(&server)));
    assert_memory_not_equal(gp_noise_hash(&server), gp_noise_hash(&refusing), GP_NOISE_HASH_BYTES);
}

static void a_label_may_fill_its_place_or_be_empty(void **state)
{
    unsigned char join[GP_JOIN_BYTES];
    char label[GP_LABEL_BYTES + 1];
    struct gp_noise device, server;

    (void)state;
    assert_int_equal(gp_join_write(&device_key, server_keys.box[0].public, psk, 1,
                                   GP_SPAN("12345678901234567890123456789012"), &device, join),
                     0);
    assert_int_equal(read_join(join, sizeof join, psk, &server, label), 0);
    assert_string_equal(label, "12345678901234567890123456789012");
    assert_int_equal(gp_join_write(&device_key, server_keys.box[0].public, psk, 1,
                                   (struct gp_span){0}, &device, join),
                     0);
    assert_int_equal(read_join(join, sizeof join, psk, &server, label), 0);
    assert_string_equal(label, "");
}

static void the_digits_are_six_of_the_hash(void **state)
{
    unsigned char hash[GP_NOISE_HASH_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (unsigned char)i;
    assert_int_equal(gp_digits(hash), 286518); /* by Python's hashlib.blake2b */
    hash[63] ^= 1;
    assert_int_not_equal(gp_digits(hash), 286518);
}

/* ---------------------------------------------------------------- refused */

static void a_hello_to_another_server_finds_no_key(void **state)
{
    unsigned char hello[GP_HELLO_BYTES];
    struct gp_server_keys stranger;
    struct gp_noise device, server;

    (void)state;
    gp_keys_new(&stranger);
    assert_int_equal(gp_hello_write(&device_key, stranger.box[0].public, &device, hello), 0);
    assert_int_equal(read_hello(hello, sizeof hello, &server), GP_ENOTFOUND);
    /* even when it names a key that is there */
    gp_key_id(server_keys.box[0].public, hello + 2);
    assert_int_equal(read_hello(hello, sizeof hello, &server), GP_EFORMAT);
}

static void no_bit_of_a_first_message_may_change(void **state)
{
    unsigned char hello[GP_HELLO_BYTES], join[GP_JOIN_BYTES];
    char label[GP_LABEL_BYTES + 1];
    struct gp_noise device, server;

    (void)state;
    assert_int_equal(gp_hello_write(&device_key, server_keys.box[0].public, &device, hello), 0);
    for (size_t bit = 0; bit < sizeof hello * 8; bit++) {
        hello[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(read_hello(hello, sizeof hello, &server), 0);
        hello[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_int_equal(
        gp_join_write(&device_key, server_keys.box[0].public, psk, 1, GP_SPAN("x"), &device, join),
        0);
    for (size_t bit = 0; bit < sizeof join * 8; bit++) {
        if (bit / 8 >= 6 && bit / 8 < 14)
            continue; /* the device's number: it names another invitation, with another psk */
        join[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(read_join(join, sizeof join, psk, &server, label), 0);
        join[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void a_join_needs_its_own_psk_and_type(void **state)
{
    unsigned char join[GP_JOIN_BYTES], hello[GP_HELLO_BYTES], other[GP_PSK_BYTES] = {1};
    char label[GP_LABEL_BYTES + 1] = "as it was";
    struct gp_noise device, server;
    struct gp_envelope envelope;

    (void)state;
    assert_int_equal(
        gp_join_write(&device_key, server_keys.box[0].public, psk, 1, GP_SPAN("x"), &device, join),
        0);
    assert_int_equal(read_join(join, sizeof join, other, &server, label), GP_EFORMAT);
    assert_int_equal(read_hello(join, sizeof join, &server), GP_EFORMAT);
    assert_int_equal(gp_hello_write(&device_key, server_keys.box[0].public, &device, hello), 0);
    assert_int_equal(gp_envelope_read(over(hello, sizeof hello), &envelope), 0);
    assert_int_equal(gp_join_read(&server_keys, &envelope, psk, &server, label), GP_EFORMAT);
    assert_string_equal(label, "as it was");
}

static void a_false_welcome_is_dropped_and_the_true_one_still_comes(void **state)
{
    unsigned char hello[GP_HELLO_BYTES], answer[GP_WELCOME_BYTES], unknown[GP_WELCOME_BYTES];
    struct gp_welcome welcome = sample(), read = {.role = 99};
    struct gp_noise device, server, copy;

    (void)state;
    assert_int_equal(gp_hello_write(&device_key, server_keys.box[0].public, &device, hello), 0);
    assert_int_equal(read_hello(hello, sizeof hello, &server), 0);
    copy = server;
    assert_int_equal(gp_welcome_write(&server, &welcome, answer), 0);
    welcome.status = GP_WELCOME_WAITS + 1;
    assert_int_equal(gp_welcome_write(&copy, &welcome, unknown), 0);
    for (size_t bit = 0; bit < sizeof answer * 8; bit++) {
        answer[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_not_equal(gp_welcome_read(&device, over(answer, sizeof answer), &read), 0);
        answer[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_int_equal(gp_welcome_read(&device, over(answer, sizeof answer - 1), &read), GP_EFORMAT);
    assert_int_equal(gp_welcome_read(&device, over(hello, sizeof hello), &read), GP_EFORMAT);
    assert_int_equal(gp_joined_read(&device, over(answer, sizeof answer), &read), GP_EFORMAT);
    assert_int_equal(gp_welcome_read(&device, over(unknown, sizeof unknown), &read), GP_EFORMAT);
    assert_int_equal(read.role, 99);
    assert_int_equal(gp_welcome_read(&device, over(answer, sizeof answer), &read), 0);
}

static void a_welcome_of_another_handshake_is_refused(void **state)
{
    unsigned char hello[GP_HELLO_BYTES], answer[GP_WELCOME_BYTES];
    struct gp_welcome welcome = sample(), read;
    struct gp_noise device, other, server;

    (void)state;
    assert_int_equal(gp_hello_write(&device_key, server_keys.box[0].public, &other, hello), 0);
    assert_int_equal(gp_hello_write(&device_key, server_keys.box[0].public, &device, hello), 0);
    assert_int_equal(read_hello(hello, sizeof hello, &server), 0);
    assert_int_equal(gp_welcome_write(&server, &welcome, answer), 0);
    assert_int_equal(gp_welcome_read(&other, over(answer, sizeof answer), &read), GP_EFORMAT);
}

static void an_unusable_server_key_is_said(void **state)
{
    static const unsigned char zero[GP_KEY_BYTES];
    unsigned char hello[GP_HELLO_BYTES] = {0}, join[GP_JOIN_BYTES] = {0};
    struct gp_noise device;

    (void)state;
    assert_int_equal(gp_hello_write(&device_key, zero, &device, hello), GP_EFORMAT);
    assert_int_equal(gp_join_write(&device_key, zero, psk, 1, GP_SPAN("x"), &device, join),
                     GP_EFORMAT);
    assert_int_equal(hello[0], 0);
    assert_int_equal(join[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_shakes_hands_and_talks),
        cmocka_unit_test(a_device_joins_and_both_show_the_same_digits),
        cmocka_unit_test(a_label_may_fill_its_place_or_be_empty),
        cmocka_unit_test(the_digits_are_six_of_the_hash),
        cmocka_unit_test(a_hello_to_another_server_finds_no_key),
        cmocka_unit_test(no_bit_of_a_first_message_may_change),
        cmocka_unit_test(a_join_needs_its_own_psk_and_type),
        cmocka_unit_test(a_false_welcome_is_dropped_and_the_true_one_still_comes),
        cmocka_unit_test(a_welcome_of_another_handshake_is_refused),
        cmocka_unit_test(an_unusable_server_key_is_said),
    };
    return cmocka_run_group_tests_name("handshake", tests, set_up, NULL);
}
