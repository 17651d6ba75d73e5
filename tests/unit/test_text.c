/* Bytes and text: big-endian numbers, the order of keys, spans, UTF-8, names of errors. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/span.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void numbers_are_big_endian(void **state)
{
    static const unsigned char four[] = {0x01, 0x02, 0xFE, 0xFF};
    static const unsigned char eight[] = {0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xFF};
    unsigned char bytes[8];

    (void)state;
    gp_put_u32(bytes, UINT32_C(0x0102FEFF));
    assert_memory_equal(bytes, four, 4);
    assert_int_equal(gp_get_u32(four), UINT32_C(0x0102FEFF));
    gp_put_u64(bytes, UINT64_C(0x80010203040506FF));
    assert_memory_equal(bytes, eight, 8);
    assert_true(gp_get_u64(eight) == UINT64_C(0x80010203040506FF));
}

static void earlier_times_sort_first(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1000, -1, 0, 1, 1790726400000, INT64_MAX};
    unsigned char before[8], after[8];

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        assert_true(gp_key_time(gp_time_key(times[i])) == times[i]);
        gp_put_u64(after, gp_time_key(times[i]));
        if (i > 0)
            assert_true(memcmp(before, after, 8) < 0);
        memcpy(before, after, 8);
    }
}

static void spans_compare_by_bytes(void **state)
{
    (void)state;
    assert_int_equal(gp_span_compare(GP_SPAN("a"), GP_SPAN("a")), 0);
    assert_true(gp_span_compare(GP_SPAN("a"), GP_SPAN("ab")) < 0);
    assert_true(gp_span_compare(GP_SPAN("b"), GP_SPAN("ab")) > 0);
    assert_true(gp_span_compare(GP_SPAN("\xE7"), GP_SPAN("z")) > 0); /* bytes are unsigned */
    assert_int_equal(gp_span_compare((struct gp_span){0}, GP_SPAN("")), 0);
    assert_true(gp_span_equal((struct gp_span){0}, GP_SPAN("")));
    assert_false(gp_span_equal(GP_SPAN("a"), GP_SPAN("b")));
    assert_true(gp_span_is((struct gp_span){0}, NULL));
    assert_true(gp_span_is((struct gp_span){"gridpost", 4}, "grid"));
}

/* Well-formed: the first and last code point of every row of table 3-7 of the Unicode standard. */
static void utf8_takes_every_range(void **state)
{
    static const char *const good[] = {
        "",
        "\x01\x7F",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xE0\xBF\xBF",
        "\xE1\x80\x80",
        "\xEC\xBF\xBF",
        "\xED\x80\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF0\xBF\xBF\xBF",
        "\xF1\x80\x80\x80",
        "\xF3\xBF\xBF\xBF",
        "\xF4\x80\x80\x80",
        "\xF4\x8F\xBF\xBF",
        "井盖缺失 manhole",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!gp_utf8_valid(gp_span_of(good[i])))
            fail_msg("good text %zu was refused", i);
    }
}

static void utf8_refuses_what_is_malformed(void **state)
{
    static const struct {
        const char *what, *text;
    } bad[] = {
        {"lone continuation", "\x80"},
        {"overlong, two bytes", "\xC0\x80"},
        {"overlong, two bytes", "\xC1\xBF"},
        {"overlong, three bytes", "\xE0\x9F\xBF"},
        {"overlong, four bytes", "\xF0\x8F\xBF\xBF"},
        {"surrogate", "\xED\xA0\x80"},
        {"surrogate", "\xED\xBF\xBF"},
        {"above U+10FFFF", "\xF4\x90\x80\x80"},
        {"no such first byte", "\xF5\x80\x80\x80"},
        {"no such first byte", "\xFF"},
        {"cut off", "\xC2"},
        {"cut off", "\xE4\xBA"},
        {"cut off", "\xF0\x90\x80"},
        {"second byte missing", "\xC2\x41"},
        {"third byte missing", "\xE4\xBA\x41"},
        {"fourth byte missing", "\xF0\x90\x80\xC0"},
        {"GB18030", "\xBE\xAE\xB8\xC7"},
        {"bad behind good", "grid\xFF"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (gp_utf8_valid(gp_span_of(bad[i].text)))
            fail_msg("%s (%zu) passed", bad[i].what, i);
    }
    assert_false(gp_utf8_valid((struct gp_span){"a\0b", 3}));
}

/* Whole words of ASCII are passed over at once, and Chinese characters by a short way. */
static void utf8_refuses_a_bad_byte_anywhere(void **state)
{
    static const char *const sound[] = {"grid-officer-of-the-day", "井盖缺失，位于人行道",
                                        "a井b盖c缺d失efghijklm"};
    static const char bad[] = {'\0', '\xC0', '\xF8', '\xFF'};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
        size_t len = strlen(sound[i]);
        assert_true(gp_utf8_valid((struct gp_span){sound[i], len}));
        for (size_t at = 0; at < len; at++) {
            memcpy(text, sound[i], len);
            text[at] = bad[at % sizeof bad];
            if (memcmp(text, sound[i], len) != 0 && gp_utf8_valid((struct gp_span){text, len}))
                fail_msg("byte %zu of text %zu passed", at, i);
        }
    }
}

static void errors_have_names(void **state)
{
    (void)state;
    assert_string_equal(gp_error_name(GP_EIO), "GP_EIO");
    assert_string_equal(gp_error_text(GP_ECORRUPT), "stored data is damaged");
    assert_string_equal(gp_error_name(-999), "GP_E?");
    assert_string_equal(gp_error_text(1), "unknown error");
}

/* Whoever reads a log or an answer knows by its words which it was; numbers are dense from 0 down.
 */
static void errors_are_told_apart(void **state)
{
    int end = 0;

    (void)state;
    while (strcmp(gp_error_name(end), "GP_E?") != 0)
        end--;
    assert_true(end <= GP_EYIELD - 1);
    assert_string_equal(gp_error_text(end), "unknown error");
    for (int a = 0; a > end; a--) {
        assert_string_not_equal(gp_error_text(a), "unknown error");
        for (int b = 0; b > a; b--) {
            assert_string_not_equal(gp_error_text(a), gp_error_text(b));
            assert_string_not_equal(gp_error_name(a), gp_error_name(b));
        }
    }
}

static void what_the_system_says_is_said_in_our_words(void **state)
{
    static const struct {
        int said, meant;
    } words[] = {
        {ENOSPC, GP_ENOSPC}, {EDQUOT, GP_ENOSPC},    {EFBIG, GP_ENOSPC},
        {ENOMEM, GP_ENOMEM}, {EMFILE, GP_EAGAIN},    {ENFILE, GP_EAGAIN},
        {EIO, GP_EIO},       {ENOENT, GP_ENOTFOUND}, {EACCES, GP_EIO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        errno = words[i].said;
        assert_int_equal(gp_errno(), words[i].meant);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(earlier_times_sort_first),
        cmocka_unit_test(spans_compare_by_bytes),
        cmocka_unit_test(utf8_takes_every_range),
        cmocka_unit_test(utf8_refuses_what_is_malformed),
        cmocka_unit_test(utf8_refuses_a_bad_byte_anywhere),
        cmocka_unit_test(errors_have_names),
        cmocka_unit_test(errors_are_told_apart),
        cmocka_unit_test(what_the_system_says_is_said_in_our_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
