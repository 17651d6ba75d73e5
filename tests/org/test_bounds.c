/* What a folder may have too many of: the finding names the place, and nothing is loaded. */
#include "org/folder.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct folder folder;
static char text[65536];
static size_t used;

static int set_up(void **state)
{
    (void)state;
    used = 0;
    folder_open(&folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_close(&folder);
    return 0;
}

/* Adds a line for each number from..to, which stands where # is. */
static void add(const char *line, int from, int to)
{
    for (int i = from; i <= to; i++) {
        for (const char *at = line; *at != '\0'; at++) {
            if (*at == '#')
                used += (size_t)snprintf(text + used, sizeof text - used, "%d", i);
            else
                text[used++] = *at;
            assert_true(used < sizeof text - 16);
        }
    }
    text[used] = '\0';
}

/* How often the folder's findings have this problem; the first of them is at a line of a file. */
static unsigned found(const char *file, unsigned line, const char *problem)
{
    struct loaded loaded;
    unsigned count = 0;

    folder_load(&folder, &loaded);
    for (size_t i = 0; i < loaded.findings.count; i++) {
        const struct gp_finding *finding = &loaded.findings.item[i];
        if (strcmp(finding->problem, problem) != 0)
            continue;
        if (count++ == 0) {
            assert_string_equal(finding->file, file);
            assert_int_equal(finding->line, line);
        }
    }
    assert_int_equal(loaded.rc, count > 0 ? GP_ECONFIG : 0);
    loaded_release(&loaded);
    return count;
}

/* Columns that are unknown are ignored, until there are too many of them. */
static void columns_of_a_sheet(void **state)
{
    (void)state;
    add(",x#", 5, 64);
    add("\nli,", 1, 1);
    folder_edit(&folder, "org/people.csv", "\nli,", text);
    assert_int_equal(found("org/people.csv", 1, "more than 64 columns"), 0);
    folder_edit(&folder, "org/people.csv", ",x64", ",x64,x65");
    assert_int_equal(found("org/people.csv", 1, "more than 64 columns"), 1);
}

static void ladders(void **state)
{
    static const char ladder[] = "  - id: x#\n    steps:\n"
                                 "      - {step: dispatch, at: start, tell: [owner]}\n"
                                 "      - {step: red, at: due, handover: yes, tell: K}\n";

    (void)state;
    add(ladder, 4, 64); /* three are there */
    folder_edit(&folder, "ladders.yaml", "", text);
    assert_int_equal(found("ladders.yaml", 271, "more than 64 ladders"), 0);
    used = 0;
    add(ladder, 65, 66);
    folder_edit(&folder, "ladders.yaml", "", text);
    assert_int_equal(found("ladders.yaml", 269, "more than 64 ladders"), 2);
}

#define CALENDAR "calendar/office.yaml"

static void weeks_of_a_calendar(void **state)
{
    static const char week[] = "  - {from: #-01-01, to: #-12-31, hours: {mon: 08:00-12:00}}\n";

    (void)state;
    add("id: office\nzone: \"+08:00\"\nweeks:\n", 0, 0);
    add(week, 2000, 2063);
    folder_put(&folder, CALENDAR, text, used);
    assert_int_equal(found(CALENDAR, 4, "more than 64 week templates"), 0);
    add(week, 2064, 2064);
    folder_put(&folder, CALENDAR, text, used);
    assert_int_equal(found(CALENDAR, 4, "more than 64 week templates"), 1);
}

/* Ten whole years, of 366 days each where the range goes one day beyond. */
static void days_of_a_calendar(void **state)
{
    (void)state;
    add("off:\n  - 2026-01-01..2026-12-31\n", 1, 1);
    add("  - #-01-01..#-12-31\n", 2027, 2035); /* 3652 days */
    add("  - 2036-01-01..2036-12-13\n", 3, 3); /* 348 */
    folder_edit(&folder, CALENDAR,
                "off: [2026-10-01..2026-10-07, 2026-12-25]\nwork:\n"
                "  - date: 2026-10-10\n  - date: 2026-10-11\n    hours: 09:00-12:00\n",
                text);
    assert_int_equal(found(CALENDAR, 25, "more than 4000 days in one calendar"), 0);
    folder_edit(&folder, CALENDAR, "", "  - 2036-12-15..2036-12-16\n");
    assert_int_equal(found(CALENDAR, 26, "more than 4000 days in one calendar"), 2);
}

static void areas_of_a_post(void **state)
{
    (void)state;
    add("340705006#,community,community,,,,,\n", 100, 612);
    folder_edit(&folder, "org/areas.csv", "", text);
    used = 0;
    add("340705006# ", 100, 611);
    folder_edit(&folder, "org/posts.csv", "340705006001 340705006002", text); /* F-SZ's */
    assert_int_equal(found("org/posts.csv", 7, "more than 512 areas"), 0);
    folder_edit(&folder, "org/posts.csv", "340705006100 ", "340705006612 340705006100 ");
    assert_int_equal(found("org/posts.csv", 7, "more than 512 areas"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(columns_of_a_sheet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ladders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(weeks_of_a_calendar, set_up, tear_down),
        cmocka_unit_test_setup_teardown(days_of_a_calendar, set_up, tear_down),
        cmocka_unit_test_setup_teardown(areas_of_a_post, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
