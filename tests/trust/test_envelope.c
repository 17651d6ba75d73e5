/* Heads of envelopes: each type, its length to the byte, what is none of ours. */
#include "trust/pair.h"

#include <stdlib.h>

static const struct {
    enum gp_envelope_type type;
    size_t head, len;
    bool exact;
} kinds[] = {
    {GP_ENVELOPE_HELLO, 6, 118, true},    {GP_ENVELOPE_WELCOME, 2, 114, true},
    {GP_ENVELOPE_JOIN, 14, 142, true},    {GP_ENVELOPE_JOINED, 2, 114, true},
    {GP_ENVELOPE_REQUEST, 26, 42, false}, {GP_ENVELOPE_ANSWER, 26, 42, false},
    {GP_ENVELOPE_AGAIN, 18, 18, true},
};

static struct gp_envelope sample(enum gp_envelope_type type)
{
    struct gp_envelope envelope = {
        .type = type,
        .key_id = {1, 2, 3, 4},
        .device = UINT64_C(0x1122334455667788),
        .counter = UINT64_C(0x99AABBCCDDEEFF00),
    };
    memset(envelope.session, 0x5A, sizeof envelope.session);
    return envelope;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < GP_COUNT(kinds); i++) {
        struct gp_envelope envelope = sample(kinds[i].type), read;
        unsigned char message[200] = {0}, head[GP_ENVELOPE_HEAD_MAX];
        assert_int_equal(gp_envelope_write_head(&envelope, message), kinds[i].head);
        assert_int_equal(message[0], 0xE1);
        assert_int_equal(gp_envelope_read(over(message, kinds[i].len), &read), 0);
        assert_int_equal(read.type, kinds[i].type);
        assert_int_equal(read.head.len, kinds[i].head);
        assert_int_equal(read.body.len, kinds[i].len - kinds[i].head);
        assert_int_equal(gp_envelope_write_head(&read, head), kinds[i].head);
        assert_memory_equal(head, message, kinds[i].head);
    }
}

static void each_type_has_its_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < GP_COUNT(kinds); i++) {
        struct gp_envelope envelope = sample(kinds[i].type), read;
        unsigned char message[200] = {0};
        (void)gp_envelope_write_head(&envelope, message);
        for (size_t len = 0; len < sizeof message; len++) {
            unsigned char *copy = copy_of(message, len);
            bool fits = kinds[i].exact ? len == kinds[i].len : len >= kinds[i].len;
            assert_int_equal(gp_envelope_read(over(copy, len), &read), fits ? 0 : GP_EFORMAT);
            free(copy);
        }
    }
}

static void others_are_told_apart(void **state)
{
    struct gp_envelope read = {.counter = 4711};
    unsigned char message[200] = {0};

    (void)state;
    for (int first = 0; first < 256; first++) {
        message[0] = (unsigned char)first;
        message[1] = GP_ENVELOPE_REQUEST;
        assert_int_equal(gp_envelope_is(over(message, sizeof message)), first >> 4 == 0xE);
        assert_int_equal(gp_envelope_read(over(message, sizeof message), &read), first == 0xE1 ? 0
                                                                                 : first >> 4 == 0xE
                                                                                     ? GP_EVERSION
                                                                                     : GP_EFORMAT);
    }
    message[0] = 0xE1;
    for (int type = 8; type < 257; type++) {
        message[1] = (unsigned char)type; /* 256: type 0 */
        assert_int_equal(gp_envelope_read(over(message, sizeof message), &read), GP_EFORMAT);
    }
    assert_false(gp_envelope_is((struct gp_span){0}));
}

static void again_names_the_session(void **state)
{
    struct gp_envelope envelope = sample(GP_ENVELOPE_AGAIN), read;
    unsigned char message[GP_AGAIN_BYTES];

    (void)state;
    gp_again_write(envelope.session, message);
    assert_int_equal(gp_envelope_read(over(message, sizeof message), &read), 0);
    assert_int_equal(read.type, GP_ENVELOPE_AGAIN);
    assert_memory_equal(read.session, envelope.session, GP_SESSION_ID_BYTES);
    assert_int_equal(read.body.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_type_has_its_length),
        cmocka_unit_test(others_are_told_apart),
        cmocka_unit_test(again_names_the_session),
    };
    return cmocka_run_group_tests_name("envelope", tests, start_trust, NULL);
}
