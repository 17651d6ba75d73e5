/* One journal entry as JSON, byte for byte, and the helpers behind every text for people. */
#include "gridpost/cli.h"
#include "tools/sample.h"

#include "base/clocktext.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CHINA_MS (8 * GP_MS_HOUR)

static const char *label_of(void *context, uint64_t incident)
{
    return incident == 41 ? context : NULL;
}

static void check_json(const struct gp_entry *entry, int64_t zone_ms, const char *label,
                       const char *expected)
{
    json_t *object =
        gp_show_entry(entry, zone_ms, label != NULL ? label_of : NULL, (void *)(uintptr_t)label);
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);

    assert_string_equal(text, expected);
    free(text);
    json_decref(object);
}

#define NO_OTHERS                                                                                  \
    "\"subject\":null,\"level\":null,\"other\":null,\"ref_seqs\":[],\"similar\":[],"               \
    "\"by_device\":null}"

#define STEP_TAIL                                                                                  \
    "\"recipients\":[{\"person\":\"li\",\"post\":\"A-municipal-402001\",\"capacity\":\"A+B\","     \
    "\"path\":\"holder\"},{\"person\":\"zhao\",\"post\":null,\"capacity\":\"Z\",\"path\":"         \
    "\"duty\"}],"                                                                                  \
    "\"flags\":[\"coalesced\",\"drill\"],"                                                         \
    "\"area\":\"340705402001001\",\"line\":\"municipal\",\"department\":\"SZ\","                   \
    "\"category\":\"C01-01\",\"condition\":\"missing\",\"state\":\"dispatched\",\"version\":3,"    \
    "\"stage\":1,\"nth\":null,\"actor\":null,\"actor_post\":null,\"text\":null," NO_OTHERS

static void a_step_has_the_contracts_keys_first(void **state)
{
    struct gp_entry entry;

    (void)state;
    sample_step(305, &entry);
    check_json(&entry, CHINA_MS, NULL,
               "{\"seq\":305,\"at\":\"2026-09-30T16:40:01.500+08:00\",\"incident\":41,"
               "\"what\":\"step\",\"step\":\"yellow\",\"nominal\":\"2026-09-30T16:40:00+08:00\","
               "\"late_ms\":1500,\"owner\":\"A-municipal-402001\","
               "\"due\":\"2026-10-01T00:40:00+08:00\"," STEP_TAIL);
}

static void a_rehearsal_puts_its_label_and_zone(void **state)
{
    struct gp_entry entry;

    (void)state;
    sample_step(305, &entry);
    check_json(&entry, -5 * GP_MS_HOUR, "r1",
               "{\"seq\":305,\"at\":\"2026-09-30T03:40:01.500-05:00\",\"incident\":\"r1\","
               "\"what\":\"step\",\"step\":\"yellow\",\"nominal\":\"2026-09-30T03:40:00-05:00\","
               "\"late_ms\":1500,\"owner\":\"A-municipal-402001\","
               "\"due\":\"2026-09-30T11:40:00-05:00\"," STEP_TAIL);
}

static void what_is_not_there_is_null_or_an_empty_list(void **state)
{
    struct gp_entry entry;

    (void)state;
    sample_audit(1, &entry);
    check_json(&entry, CHINA_MS, NULL,
               "{\"seq\":1,\"at\":\"2026-09-30T16:40:00+08:00\",\"incident\":null,"
               "\"what\":\"audit\",\"step\":null,\"nominal\":null,\"late_ms\":null,\"owner\":null,"
               "\"due\":null,\"recipients\":[],\"flags\":[],"
               "\"area\":null,\"line\":null,\"department\":null,\"category\":null,"
               "\"condition\":null,\"state\":null,\"version\":0,\"stage\":1,\"nth\":null,"
               "\"actor\":null,\"actor_post\":null,\"text\":null," NO_OTHERS);
}

static void it_says_which_device_spoke(void **state)
{
    struct gp_entry entry;
    json_t *object;

    (void)state;
    sample_audit(1, &entry);
    entry.by_device = 17;
    object = gp_show_entry(&entry, CHINA_MS, NULL, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "by_device")), 17);
    json_decref(object);
}

/* ---------------------------------------------------------------- helpers */

static void chinese_characters_take_two_columns(void **state)
{
    (void)state;
    assert_int_equal(gp_cli_width(GP_SPAN("manhole")), 7);
    assert_int_equal(gp_cli_width(GP_SPAN("井盖缺失")), 8);
    assert_int_equal(gp_cli_width(GP_SPAN("A岗：李")), 7);
    assert_int_equal(gp_cli_width(GP_SPAN("")), 0);
    assert_int_equal(gp_cli_width(GP_SPAN("\xE4\xBA")), 2); /* cut off: one column a byte */
}

static void a_duration_is_short_and_signed(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0 min"},
        {59 * GP_MS_SECOND, "0 min"},
        {-15 * GP_MS_MINUTE, "-15 min"},
        {2 * GP_MS_HOUR + 5 * GP_MS_MINUTE, "2 h 05 min"},
        {-27 * GP_MS_HOUR, "-1 d 03 h"},
    };
    char text[GP_CLI_TIME_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gp_cli_duration_text(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void times_are_read_with_a_zone_or_in_the_local_one(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"2026-09-30T16:40+08:00", SAMPLE_MS},
        {"2026-09-30T08:40:00Z", SAMPLE_MS},
        {"2026-09-30T16:40", SAMPLE_MS},
        {"2026-09-30 16:40:00", SAMPLE_MS},
        {"2026-09-30", SAMPLE_MS - 16 * GP_MS_HOUR - 40 * GP_MS_MINUTE},
    };
    static const char *const wrong[] = {"", "16:40", "2026-09-31", "2026-09-30T25:00", "yesterday"};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(gp_cli_time(cases[i].text, &ms));
        assert_int_equal(ms, cases[i].ms);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (gp_cli_time(wrong[i], &ms))
            fail_msg("\"%s\" was taken for a time", wrong[i]);
    }
}

static void numbers_are_whole_and_not_too_large(void **state)
{
    static const char *const wrong[] = {
        "", "0", "-1", "1x", " 1", "1.5", "99999999999999999999999"};
    uint64_t number;

    (void)state;
    assert_true(gp_read_number("41", &number));
    assert_int_equal(number, 41);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (gp_read_number(wrong[i], &number))
            fail_msg("\"%s\" was taken for a number", wrong[i]);
    }
}

static void times_are_shown_in_the_local_zone(void **state)
{
    char text[GP_CLI_TIME_BYTES];

    (void)state;
    gp_cli_time_text(SAMPLE_MS + 999, text);
    assert_string_equal(text, "2026-09-30 16:40:00");
    gp_cli_time_text(0, text);
    assert_string_equal(text, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_has_the_contracts_keys_first),
        cmocka_unit_test(a_rehearsal_puts_its_label_and_zone),
        cmocka_unit_test(what_is_not_there_is_null_or_an_empty_list),
        cmocka_unit_test(it_says_which_device_spoke),
        cmocka_unit_test(chinese_characters_take_two_columns),
        cmocka_unit_test(a_duration_is_short_and_signed),
        cmocka_unit_test(times_are_read_with_a_zone_or_in_the_local_one),
        cmocka_unit_test(numbers_are_whole_and_not_too_large),
        cmocka_unit_test(times_are_shown_in_the_local_zone),
    };

    setenv("TZ", "CST-8", 1);
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
