/* Every word of the journal and every reason is there in Chinese: they come from lists of the core
 * that no extraction of messages sees. */
#include "core/decide.h"
#include "report/words.h"

#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void check(const char *word)
{
    if (word[0] != '\0' && gettext(word) == word)
        fail_msg("\"%s\" has no Chinese", word);
}

static void states_have_chinese_names(void **state)
{
    (void)state;
#define X(name, number, text, open) check(text);
    GP_STATES(X)
#undef X
}

static void entries_have_chinese_names(void **state)
{
    (void)state;
#define X(name, number, text) check(text);
    GP_WHATS(X)
#undef X
}

static void steps_have_chinese_names(void **state)
{
    (void)state;
#define X(name, number, text) check(text);
    GP_STEPS(X)
#undef X
}

static void deliveries_have_chinese_names(void **state)
{
    (void)state;
#define X(name, number, text) check(text);
    GP_DELIVERIES(X)
#undef X
}

static void paths_have_chinese_names(void **state)
{
    (void)state;
    for (int path = GP_PATH_HOLDER; path <= GP_PATH_SUPERIOR; path++)
        check(gp_path_name(path));
}

static void reasons_are_explained_in_chinese(void **state)
{
    (void)state;
#define X(name, number, word, text) check(text);
    GP_REASONS(X)
#undef X
}

static void devices_have_chinese_words(void **state)
{
    (void)state;
#define X(name, number, text) check(text);
    GP_ROLES(X)
    GP_DEVICE_STATES(X)
#undef X
}

/* A word that both have is one word; who reads a workbook and a screen compares them. */
static void check_same(const char *word, const char *chinese)
{
    const char *known = gettext(word);

    if (known != word && strcmp(known, chinese) != 0)
        fail_msg("\"%s\" is %s in reports and %s in messages", word, chinese, known);
}

static void reports_speak_as_messages_do(void **state)
{
    (void)state;
    assert_string_equal(gettext("due"), gp_report_say(GP_REPORT_ZH, GP_SAY_DUE));
#define X(name, en, zh) check_same(en, gp_report_say(GP_REPORT_ZH, name));
    GP_SAYINGS(X)
#undef X
#define X(name, number, text, open)                                                                \
    assert_string_equal(gettext(text), gp_report_state(GP_REPORT_ZH, name));                       \
    assert_string_equal(text, gp_report_state(GP_REPORT_EN, name));
    GP_STATES(X)
#undef X
    assert_string_equal(gp_report_state(GP_REPORT_ZH, 99), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_have_chinese_names),
        cmocka_unit_test(entries_have_chinese_names),
        cmocka_unit_test(steps_have_chinese_names),
        cmocka_unit_test(deliveries_have_chinese_names),
        cmocka_unit_test(paths_have_chinese_names),
        cmocka_unit_test(reasons_are_explained_in_chinese),
        cmocka_unit_test(devices_have_chinese_words),
        cmocka_unit_test(reports_speak_as_messages_do),
    };

    setenv("LANGUAGE", "zh_CN", 1);
    setlocale(LC_ALL, "C.UTF-8");
    bindtextdomain("gridpost", GP_TEST_LOCALEDIR);
    bind_textdomain_codeset("gridpost", "UTF-8");
    textdomain("gridpost");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
