/* `gridpost check`: mistakes, gaps, and with --against what a folder would change. */
#include "org/folder.h"
#include "tools/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROW                                                                                        \
    "row 01-10 default 暴露垃圾 rubbish line shizheng department SZ owner A urgency normal limit "

struct scene {
    struct run run;
    struct folder old, new;
};

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    folder_open(&scene->old);
    folder_open(&scene->new);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    folder_close(&scene->new);
    folder_close(&scene->old);
    return run_end(state);
}

/* Compares the new folder with the old one in a week that has no gaps. Returns the exit code. */
static int compare(struct scene *scene, const char *more)
{
    char words[256];

    (void)snprintf(words, sizeof words, "check --from 2026-11-23 --against %s %s%s",
                   scene->old.path, scene->new.path, more);
    return run_words(&scene->run, words);
}

/* What was printed: these lines, then the summary of the new folder. */
static void printed(const struct scene *scene, const char *lines, const char *summary)
{
    char expected[2048];

    (void)snprintf(expected, sizeof expected, "%s%s: %s\n", lines, scene->new.path, summary);
    assert_string_equal(scene->run.out, expected);
}

static void the_same_folder_changes_nothing(void **state)
{
    struct scene *scene = *state;
    char line[256];

    folder_edit(&scene->new, "org/catalogue.csv", "hours,auto", ","); /* the defaults */
    assert_int_equal(compare(scene, ""), 0);
    (void)snprintf(line, sizeof line, "no difference from %s: a reload would change nothing\n",
                   scene->old.path);
    printed(scene, line, "0 errors, 0 warnings");
    assert_int_equal(compare(scene, " --json"), 0);
    assert_string_equal(scene->run.out, "");
}

/* Row by row, in the words of a reload, and nothing is put in force. */
static void each_change_is_a_line(void **state)
{
    struct scene *scene = *state;
    char *before = folder_get(&scene->old, "org/catalogue.csv");

    folder_edit(&scene->new, "org/holdings.csv", "B-002001,zhang,2025-01-01,\n",
                "B-002001,zhang,2025-01-01,2026-12-31\nB-002001,hu,2027-01-01,\n");
    folder_edit(&scene->new, "org/catalogue.csv", "4wh,N", "8wh,N");
    assert_int_equal(compare(scene, ""), 0);
    printed(scene,
            "+ holding B-002001 hu from 2027-01-01T00:00:00+08:00\n"
            "- holding B-002001 zhang from 2025-01-01T00:00:00+08:00\n"
            "+ holding B-002001 zhang from 2025-01-01T00:00:00+08:00 to "
            "2027-01-01T00:00:00+08:00\n"
            "- " ROW "4wh days hours policy N first 清理 on_spot\n"
            "+ " ROW "8wh days hours policy N first 清理 on_spot\n",
            "0 errors, 0 warnings");
    assert_string_equal(scene->run.err, "");
    char *after = folder_get(&scene->old, "org/catalogue.csv");
    assert_string_equal(after, before);
    free(after);
    free(before);
}

static void a_change_as_json_is_one_object(void **state)
{
    struct scene *scene = *state;

    folder_edit(&scene->new, "org/people.csv", "", "new,新人,,\n");
    assert_int_equal(compare(scene, " --json"), 0);
    assert_string_equal(scene->run.out, "{\"change\":\"added\",\"fact\":\"person new 新人\"}\n");
}

/* A folder that cannot be used changes nothing, whatever differs. */
static void a_wrong_folder_has_no_difference(void **state)
{
    struct scene *scene = *state;

    folder_edit(&scene->new, "org/people.csv", "", "new,新人,,\n");
    folder_edit(&scene->new, "org/catalogue.csv", "4wh,N", "4wh,M");
    assert_int_equal(compare(scene, ""), 1);
    printed(scene,
            "org/catalogue.csv:2: error: policy 'M' no such ladder\n"
            "    name the id of a ladder of ladders.yaml\n",
            "1 errors, 0 warnings");
}

static void what_it_is_compared_with_must_be_usable(void **state)
{
    struct scene *scene = *state;

    folder_edit(&scene->old, "org/catalogue.csv", "4wh,N", "4wh,M");
    assert_int_equal(compare(scene, ""), 1);
    printed(scene, "", "0 errors, 0 warnings");
    assert_non_null(strstr(scene->run.err, "no such ladder"));
    assert_non_null(strstr(scene->run.err, scene->old.path));
}

/* Gaps are errors of the new folder, and the difference is shown all the same. */
static void gaps_and_difference(void **state)
{
    struct scene *scene = *state;

    folder_edit(&scene->new, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    folder_edit(&scene->new, "org/holdings.csv", "A-xiaofang-006,zhang,2025-01-01,2026-12-31\n",
                "");
    assert_int_equal(compare(scene, ""), 1);
    assert_non_null(strstr(scene->run.out, "nobody answers for line xiaofang"));
    assert_non_null(strstr(scene->run.out, "\n- holding K-XF hu from 2025-01-01T00:00:00+08:00\n"));
    assert_int_equal(compare(scene, " --no-coverage"), 0);
}

/* Who may what, and nothing else. */
static void rights_by_role_and_scope(void **state)
{
    struct scene *scene = *state;
    char words[256];

    folder_edit(&scene->new, "org/rights.csv", "officer,query incident,own self",
                "officer,query incident head,own self\nofficer,who,all");
    (void)snprintf(words, sizeof words, "check --rights %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_string_equal(scene->run.out, "officer\n"
                                        "  own: report note finish\n"
                                        "  own self: query incident head\n"
                                        "  all: who\n"
                                        "dispatcher\n"
                                        "  street community: report file void\n"
                                        "reader\n"
                                        "handler\n"
                                        "  department: accept finish\n"
                                        "admin\n"
                                        "  all: invite confirm revoke\n"
                                        "supervisor\n"
                                        "auditor\n"
                                        "bridge\n");
    (void)snprintf(words, sizeof words, "check --rights --json %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_non_null(strstr(scene->run.out, "{\"role\":\"dispatcher\",\"action\":\"void\","
                                           "\"scope\":\"street community\"}\n"));
    folder_remove(&scene->new, "org/rights.csv");
    assert_int_equal(run_words(&scene->run, words), 1);
    assert_non_null(strstr(scene->run.out, "nobody has any right"));
}

/* Who signs in, by name; a folder without the file has nobody. */
static void users_by_name(void **state)
{
    struct scene *scene = *state;
    char words[256];

    (void)snprintf(words, sizeof words, "check --users %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_string_equal(scene->run.out, "desk: zhou 周一, handler, hu\n"
                                        "wang.d2: wang 王一, dispatcher, hu\n"
                                        "wang_r: wang 王一, reader, zhang\n");
    (void)snprintf(words, sizeof words, "check --users --json %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_non_null(strstr(scene->run.out,
                           "{\"user\":\"desk\",\"person\":\"zhou\",\"name\":\"周一\","
                           "\"role\":\"handler\",\"via\":\"hu\"}\n"));
    (void)snprintf(words, sizeof words, "check --users --rights %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 64);
    folder_remove(&scene->new, "org/users.csv");
    (void)snprintf(words, sizeof words, "check --users %s", scene->new.path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_string_equal(scene->run.out, "");
}

#define SQUARE "[[117.8,30.9],[117.9,30.9],[117.9,31],[117.8,30.9]]"
#define OUTLINES(first, second)                                                                    \
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{"         \
    "\"code\":\"" first "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" SQUARE          \
    "]}},{\"type\":\"Feature\",\"properties\":{\"code\":\"340705\"},\"geometry\":{\"type\":"       \
    "\"Polygon\","                                                                                 \
    "\"coordinates\":[" second "]}}]}"

static void put_outlines(struct scene *scene, const char *text)
{
    folder_put(&scene->new, "org/geometry.geojson", text, strlen(text));
}

/* Outlines are looked at with the rest, and what is wrong of them refuses the folder. */
static void outlines_with_a_mistake(void **state)
{
    struct scene *scene = *state;
    char words[256];

    (void)snprintf(words, sizeof words, "check --no-coverage %s", scene->new.path);
    put_outlines(scene, OUTLINES("340705006001", SQUARE));
    assert_int_equal(run_words(&scene->run, words), 0);
    printed(scene, "", "0 errors, 0 warnings");
    put_outlines(scene, OUTLINES("999", "[[117.8,30.9],[117.9,30.9],[117.9,31],[117.9,31.1]]"));
    assert_int_equal(run_words(&scene->run, words), 1);
    printed(scene,
            "org/geometry.geojson: error: features[0] '999' no such area\n"
            "    add it to org/areas.csv, or correct the code\n"
            "org/geometry.geojson: error: features[1] '340705' a ring is open: its last position "
            "is not its first\n"
            "    draw the outline of this area again, and export it anew\n",
            "2 errors, 0 warnings");
    put_outlines(scene, "{\n\n7}");
    assert_int_equal(run_words(&scene->run, words), 1);
    assert_non_null(strstr(scene->run.out, "org/geometry.geojson:3: error: "));
    (void)snprintf(words, sizeof words, "check --no-coverage --json %s", scene->new.path);
    put_outlines(scene, OUTLINES("340705006001", "[]"));
    assert_int_equal(run_words(&scene->run, words), 1);
    assert_non_null(strstr(scene->run.out, "\"field\":\"features[1]\",\"value\":\"340705\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(the_same_folder_changes_nothing),
        T(each_change_is_a_line),
        T(a_change_as_json_is_one_object),
        T(a_wrong_folder_has_no_difference),
        T(what_it_is_compared_with_must_be_usable),
        T(gaps_and_difference),
        T(rights_by_role_and_scope),
        T(users_by_name),
        T(outlines_with_a_mistake),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
