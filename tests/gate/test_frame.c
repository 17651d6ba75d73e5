/* Where a message begins and ends: every cut, every wrong byte, and lengths that no one has. */
#include "base/frame.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct gp_frame_rule request = {.path = true, .body_max = GP_GATE_REQUEST_BYTES};
static const struct gp_frame_rule reply = {.ipc = true, .body_max = GP_GATE_REPLY_BYTES};

/* The answer for bytes in a block of exactly their size, so that a sanitizer sees what is read. */
static int look(const struct gp_frame_rule *rule, const void *bytes, size_t len, size_t *ret_bytes)
{
    unsigned char *exact = malloc(len > 0 ? len : 1);

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    int rc = gp_frame_look(rule, exact, len, ret_bytes);
    free(exact);
    return rc;
}

/* ---------------------------------------------------------------- opening */

static void opening_is_written_and_known(void **state)
{
    unsigned char opening[GP_SP_BYTES];

    (void)state;
    gp_sp_write(GP_SP_REQ, opening);
    assert_memory_equal(opening, "\0SP\0\0\x30\0\0", GP_SP_BYTES);
    for (size_t len = 0; len <= GP_SP_BYTES; len++)
        assert_true(gp_sp_begins(GP_SP_REQ, opening, len));
    gp_sp_write(GP_SP_SUB, opening);
    assert_memory_equal(opening, "\0SP\0\0\x21\0\0", GP_SP_BYTES);
}

static void opening_is_refused_by_its_first_wrong_byte(void **state)
{
    unsigned char opening[GP_SP_BYTES];

    (void)state;
    for (size_t at = 0; at < GP_SP_BYTES; at++) {
        gp_sp_write(GP_SP_REQ, opening);
        opening[at] ^= 1;
        assert_true(gp_sp_begins(GP_SP_REQ, opening, at));
        assert_false(gp_sp_begins(GP_SP_REQ, opening, at + 1));
        assert_false(gp_sp_begins(GP_SP_REQ, opening, GP_SP_BYTES));
    }
}

/* ---------------------------------------------------------------- messages */

static void request_is_found_at_every_cut(void **state)
{
    static const unsigned char bytes[] = "\0\0\0\0\0\0\0\x0a\0\0\0\7\x80\0\0\1hi";
    const size_t whole = sizeof bytes - 1;
    size_t need;

    (void)state;
    for (size_t len = 0; len < whole; len++) {
        assert_int_equal(look(&request, bytes, len, &need), GP_EAGAIN);
        assert_int_equal(need, len < 8 ? 8 : whole);
    }
    assert_int_equal(look(&request, bytes, whole, &need), 0);
    assert_int_equal(need, whole);
    assert_int_equal(look(&request, bytes, whole + 1, &need), 0); /* the next one's first */
    assert_int_equal(need, whole);
}

static void reply_is_found_at_every_cut(void **state)
{
    static const unsigned char bytes[] = "\1\0\0\0\0\0\0\0\2hi";
    const size_t whole = sizeof bytes - 1;
    size_t need;

    (void)state;
    for (size_t len = 0; len < whole; len++) {
        assert_int_equal(look(&reply, bytes, len, &need), GP_EAGAIN);
        assert_int_equal(need, len < 9 ? 9 : whole);
    }
    assert_int_equal(look(&reply, bytes, whole, &need), 0);
    assert_int_equal(need, whole);
}

static void another_type_is_refused(void **state)
{
    unsigned char bytes[] = "\1\0\0\0\0\0\0\0\2hi";
    size_t need;

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        bytes[0] = (unsigned char)type;
        assert_int_equal(look(&reply, bytes, 1, &need), type == 1 ? GP_EAGAIN : GP_EFORMAT);
    }
}

static void length_is_bounded(void **state)
{
    static const struct {
        uint64_t length;
        int answer;
    } cases[] = {
        {GP_GATE_REQUEST_BYTES, GP_EAGAIN},
        {GP_GATE_REQUEST_BYTES + 1, GP_ELIMIT},
        {UINT32_MAX, GP_ELIMIT},
        {(uint64_t)UINT32_MAX + 1, GP_ELIMIT},
        {INT64_MAX, GP_ELIMIT},
        {(uint64_t)INT64_MAX + 1, GP_ELIMIT},
        {UINT64_MAX, GP_ELIMIT},
        {UINT64_MAX - 8, GP_ELIMIT},
        {UINT64_MAX - 7, GP_ELIMIT},
        {4, GP_EAGAIN},
    };
    unsigned char bytes[8];
    size_t need;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gp_put_u64(bytes, cases[i].length);
        assert_int_equal(look(&request, bytes, sizeof bytes, &need), cases[i].answer);
        if (cases[i].answer == GP_EAGAIN)
            assert_int_equal(need, 8 + cases[i].length);
    }
}

static void length_is_refused_by_its_first_large_byte(void **state)
{
    unsigned char bytes[8] = {0};
    size_t need;

    (void)state;
    for (size_t at = 0; at < 5; at++) {
        memset(bytes, 0, sizeof bytes);
        bytes[at] = 1;
        assert_int_equal(look(&request, bytes, at, &need), GP_EAGAIN);
        assert_int_equal(look(&request, bytes, at + 1, &need), GP_ELIMIT);
    }
}

/* ---------------------------------------------------------------- return path */

static void path_has_one_to_eight_hops(void **state)
{
    unsigned char bytes[8 + 4 * (GP_GATE_HOPS_MAX + 2)];
    size_t need;

    (void)state;
    for (size_t hops = 1; hops <= GP_GATE_HOPS_MAX + 1; hops++) {
        memset(bytes, 0x7f, sizeof bytes);
        gp_put_u64(bytes, 4 * hops);
        bytes[8 + 4 * (hops - 1)] = 0x80;
        assert_int_equal(look(&request, bytes, 8 + 4 * hops, &need),
                         hops <= GP_GATE_HOPS_MAX ? 0 : GP_EFORMAT);
    }
}

static void path_that_does_not_end_is_refused(void **state)
{
    unsigned char bytes[8 + 4 * GP_GATE_HOPS_MAX] = {0};
    size_t need;

    (void)state;
    for (size_t body = 0; body <= 4 * GP_GATE_HOPS_MAX; body++) {
        gp_put_u64(bytes, body);
        assert_int_equal(look(&request, bytes, 8 + body, &need), GP_EFORMAT);
    }
}

/* Also of one that would go on: its eighth number has no top bit, and nobody waits for the rest. */
static void path_is_refused_before_the_body_is_there(void **state)
{
    unsigned char bytes[8 + 4 * GP_GATE_HOPS_MAX] = {0};
    size_t need;

    (void)state;
    gp_put_u64(bytes, 10000);
    for (size_t len = 8; len <= 8 + 4 * (GP_GATE_HOPS_MAX - 1); len++)
        assert_int_equal(look(&request, bytes, len, &need), GP_EAGAIN);
    assert_int_equal(look(&request, bytes, 8 + 4 * (GP_GATE_HOPS_MAX - 1) + 1, &need), GP_EFORMAT);
}

static void body_too_short_for_a_path_is_refused_at_once(void **state)
{
    unsigned char bytes[8];
    size_t need;

    (void)state;
    for (size_t body = 0; body < 4; body++) {
        gp_put_u64(bytes, body);
        assert_int_equal(look(&request, bytes, sizeof bytes, &need), GP_EFORMAT);
    }
}

static void reply_needs_no_path(void **state)
{
    size_t need;

    (void)state;
    assert_int_equal(look(&reply, "\1\0\0\0\0\0\0\0\0", 9, &need), 0);
    assert_int_equal(need, 9);
}

/* What others send to a port: nothing of it is waited for. */
static void other_protocols_are_refused_by_the_opening(void **state)
{
    static const char *const others[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02\0\1", "SSH-2.0-x",
                                         "\x80\0\0\1"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(gp_sp_begins(GP_SP_REQ, (const unsigned char *)others[i], 1));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_is_written_and_known),
        cmocka_unit_test(opening_is_refused_by_its_first_wrong_byte),
        cmocka_unit_test(request_is_found_at_every_cut),
        cmocka_unit_test(reply_is_found_at_every_cut),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(length_is_bounded),
        cmocka_unit_test(length_is_refused_by_its_first_large_byte),
        cmocka_unit_test(path_has_one_to_eight_hops),
        cmocka_unit_test(path_that_does_not_end_is_refused),
        cmocka_unit_test(path_is_refused_before_the_body_is_there),
        cmocka_unit_test(body_too_short_for_a_path_is_refused_at_once),
        cmocka_unit_test(reply_needs_no_path),
        cmocka_unit_test(other_protocols_are_refused_by_the_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
