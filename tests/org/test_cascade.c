/* One file that cannot be read is one mistake: what names its rows is not judged. */
#include "org/folder.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const char *const files[] = {
    "ladders.yaml",   "org/areas.csv", "org/departments.csv", "org/lines.csv",
    "org/people.csv", "org/posts.csv", "org/holdings.csv",    "org/rights.csv",
};
#define FILES (sizeof files / sizeof files[0])

typedef void (*breakage)(struct folder *folder, const char *file);

static void removed(struct folder *folder, const char *file)
{
    folder_remove(folder, file);
}

/* As a spreadsheet of another country saves it; of YAML it is no YAML any more. */
static void with_semicolons(struct folder *folder, const char *file)
{
    char *text = folder_get(folder, file);

    for (char *at = text; *at != '\0'; at++) {
        if (*at == ',' || *at == ':')
            *at = ';';
    }
    folder_put(folder, file, text, strlen(text));
    free(text);
}

static void with_open_quote(struct folder *folder, const char *file)
{
    folder_edit(folder, file, "\n", "\n\"");
}

static void in_no_encoding(struct folder *folder, const char *file)
{
    folder_edit(folder, file, "\n", "\n\xFF\xFF\xFF");
}

static void without_header(struct folder *folder, const char *file)
{
    char *text = folder_get(folder, file);
    const char *rest = strchr(text, '\n') + 1;

    folder_put(folder, file, rest, strlen(rest));
    free(text);
}

/* Whether the folder is refused, and every finding is about the broken file. */
static bool only_there(const struct folder *folder, const char *file)
{
    struct loaded loaded;

    folder_load(folder, &loaded);
    bool good = loaded.rc == GP_ECONFIG && loaded.findings.errors > 0;
    for (size_t i = 0; i < loaded.findings.count; i++)
        good = good && strcmp(loaded.findings.item[i].file, file) == 0;
    if (!good)
        findings_print(&loaded.findings);
    loaded_release(&loaded);
    return good;
}

static void a_broken_file_is_the_only_finding(void **state)
{
    static const breakage breakages[] = {removed, with_semicolons, with_open_quote, in_no_encoding,
                                         without_header};
    unsigned cascades = 0;

    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        for (size_t j = 0; j < sizeof breakages / sizeof breakages[0]; j++) {
            struct folder folder;
            folder_open(&folder);
            breakages[j](&folder, files[i]);
            if (!only_there(&folder, files[i])) {
                print_error("^ %s, breakage %zu\n", files[i], j);
                cascades++;
            }
            folder_close(&folder);
        }
    }
    assert_int_equal(cascades, 0);
}

static void a_misread_calendar_is_the_only_finding(void **state)
{
    struct folder folder;

    (void)state;
    folder_open(&folder);
    folder_put(&folder, "calendar/night.yaml", "id: [night\n", 11);
    folder_edit(&folder, "org/areas.csv", "grid,240,,", "grid,240,night,");
    assert_true(only_there(&folder, "calendar/night.yaml"));
    folder_close(&folder);
}

/* A mistake inside ladders.yaml may hide a ladder's id from the catalogue. */
static void a_misspelt_ladder_is_the_only_finding(void **state)
{
    struct folder folder;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "ladders.yaml", "- id: U", "- if: U");
    assert_true(only_there(&folder, "ladders.yaml"));
    folder_close(&folder);
}

/* Of a header without a needed column no row is judged: each would miss its cell. */
static void rows_below_a_wrong_header_are_not_judged(void **state)
{
    struct folder folder;
    struct loaded loaded;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/people.csv", "id,name", "nr,name");
    folder_load(&folder, &loaded);
    assert_int_equal(loaded.findings.errors, 1);
    loaded_release(&loaded);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_file_is_the_only_finding),
        cmocka_unit_test(a_misread_calendar_is_the_only_finding),
        cmocka_unit_test(a_misspelt_ladder_is_the_only_finding),
        cmocka_unit_test(rows_below_a_wrong_header_are_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
