/* check --coverage: the line of what was proven, and the holes. */
#include "org/folder.h"
#include "tools/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct scene {
    struct run run;
    struct folder folder;
};

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    folder_open(&scene->folder);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    folder_close(&scene->folder);
    return run_end(state);
}

static int check(struct scene *scene, const char *more)
{
    char words[200];

    (void)snprintf(words, sizeof words, "check --coverage --from 2026-11-23 %s %s", more,
                   scene->folder.path);
    return run_words(&scene->run, words);
}

/* The fire line's only specialist ends on Wednesday, and its desk is empty. */
static void open_a_hole(struct scene *scene)
{
    folder_edit(&scene->folder, "org/holdings.csv", "zhang,2025-01-01,2026-12-31",
                "zhang,2025-01-01,2026-11-25");
    folder_edit(&scene->folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
}

static void check_start(const char *text, const char *start)
{
    if (strncmp(text, start, strlen(start)) != 0)
        fail_msg("does not begin with \"%s\": %s", start, text);
}

static void one_line_says_what_was_proven(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(check(scene, ""), 0);
    check_start(scene->run.out,
                "proven from 2026-11-23 00:00:00 to 2026-11-30 00:00:00: 3 grids × ");
    assert_ptr_equal(strchr(scene->run.out, '\n') + 1, scene->run.out + strlen(scene->run.out));
    scene->run.language = "zh_CN";
    assert_int_equal(check(scene, ""), 0);
    assert_non_null(strstr(scene->run.out, "已证明 2026-11-23 00:00:00 至 2026-11-30 00:00:00："));
}

static void holes_are_listed_and_it_fails(void **state)
{
    struct scene *scene = *state;

    open_a_hole(scene);
    assert_int_equal(check(scene, ""), 1);
    assert_non_null(
        strstr(scene->run.out,
               "340705006001    临湖社区             03-01 default        2026-11-26 00:00:00 to "
               "2026-11-30 00:00:00: nobody of line xiaofang, department XF (2 grids, 1 rows)\n"));
    assert_non_null(strstr(scene->run.out, "2 holes from 2026-11-23 00:00:00 to "));
    assert_null(strstr(scene->run.out, "proven"));
}

static void json_has_a_line_for_each_and_one_of_all(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(check(scene, "--json"), 0);
    check_start(scene->run.out, "{\"what\":\"coverage\",\"covered\":true,"
                                "\"from\":\"2026-11-23T00:00:00+08:00\",");
    open_a_hole(scene);
    assert_int_equal(check(scene, "--json"), 1);
    check_start(scene->run.out,
                "{\"what\":\"hole\",\"area\":\"340705006001\",\"area_name\":\"临湖社区\"");
    assert_non_null(strstr(scene->run.out, "\"covered\":false,"));
}

static void a_folder_with_mistakes_proves_nothing(void **state)
{
    struct scene *scene = *state;

    folder_edit(&scene->folder, "org/holdings.csv", "zhang,2025-01-01,2026-12-31",
                "nobody,2025-01-01,2026-12-31");
    assert_int_equal(check(scene, ""), 1);
    assert_non_null(strstr(scene->run.out, "org/holdings.csv:"));
    assert_null(strstr(scene->run.out, "proven"));
    assert_int_equal(check(scene, "--no-coverage"), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(one_line_says_what_was_proven),
        T(holes_are_listed_and_it_fails),
        T(json_has_a_line_for_each_and_one_of_all),
        T(a_folder_with_mistakes_proves_nothing),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
