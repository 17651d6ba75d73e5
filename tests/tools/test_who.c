/* who: what is asked, and the table and JSON that come of the answer, byte for byte; the same from
 * a folder. */
#include "tools/fake.h"
#include "tools/run.h"
#include "tools/sample.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GOLDEN GP_SOURCE_DIR "/tests/golden/config"

struct scene {
    struct run run;
    struct gp_forecast_step step[2];
    struct gp_forecast_step *list[2];
};

static void fill(struct scene *scene)
{
    for (int i = 0; i < 2; i++) {
        scene->step[i] = (struct gp_forecast_step){0};
        sample_step((uint64_t)i + 1, &scene->step[i].entry);
        scene->step[i].name[0] = GP_SPAN("李某某");
        scene->step[i].name[1] = GP_SPAN("zhao");
        scene->list[i] = &scene->step[i];
    }
    scene->step[1].entry.what = GP_WHAT_HANDOVER;
    scene->step[1].entry.recipient_count = 0;
    scene->step[1].entry.owner = GP_SPAN("F-SZ");
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    if (gp_span_is(request->who.category, "none")) {
        ret_reply->status = GP_STATUS_REFUSED;
        ret_reply->reason = GP_REASON_UNKNOWN_CATEGORY;
        ret_reply->detail = GP_SPAN("'none' is not in catalogue.csv");
        return true;
    }
    fill(scene);
    ret_reply->status = GP_STATUS_OK;
    ret_reply->kind = GP_REPLY_FORECAST;
    ret_reply->forecast.item = scene->list;
    ret_reply->forecast.count = 2;
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

/* ---------------------------------------------------------------- the daemon's answer */

static void the_daemon_is_asked_for_just_this(void **state)
{
    struct scene *scene = *state;
    struct gp_request request;
    struct gp_arena arena;

    assert_int_equal(run_words(&scene->run, "who 340705006001001 c --condition missing --at "
                                            "2026-10-03T23:10"),
                     0);
    request = run_sent(&scene->run, 0, &arena);
    assert_int_equal(request.kind, GP_REQUEST_WHO);
    assert_true(gp_span_is(request.who.grid, "340705006001001"));
    assert_true(gp_span_is(request.who.category, "c"));
    assert_true(gp_span_is(request.who.condition, "missing"));
    assert_int_equal(request.who.at_ms, INT64_C(1791040200000)); /* +08:00 */
    gp_arena_release(&arena);
}

static void a_table_has_a_row_for_each_person(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "who 340705006001001 n4"), 0);
    assert_string_equal(scene->run.out,
                        "step         time                person       post                       "
                        "as       found as\n"
                        "yellow       2026-09-30 16:40:01 李某某       A-municipal-402001         "
                        "A+B      holder\n"
                        "                                 zhao                                    "
                        "Z        duty\n"
                        "handover     2026-09-30 16:40:01              F-SZ                       "
                        "         \n");
}

static void a_chinese_table_has_the_same_columns(void **state)
{
    struct scene *scene = *state;

    scene->run.language = "zh_CN";
    assert_int_equal(run_words(&scene->run, "who 340705006001001 n4"), 0);
    assert_string_equal(scene->run.out,
                        "督办         时间                人员         岗位                       "
                        "身份     途径\n"
                        "黄色预警     2026-09-30 16:40:01 李某某       A-municipal-402001         "
                        "A+B      任职\n"
                        "                                 zhao                                    "
                        "Z        值班\n"
                        "移交部门     2026-09-30 16:40:01              F-SZ                       "
                        "         \n");
}

static void json_is_the_entry_with_names(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "who 340705006001001 n4 --json"), 0);
    assert_non_null(strstr(scene->run.out,
                           "\"recipients\":[{\"person\":\"li\",\"post\":\"A-municipal-402001\","
                           "\"capacity\":\"A+B\",\"path\":\"holder\",\"name\":\"李某某\"},"
                           "{\"person\":\"zhao\",\"post\":null,\"capacity\":\"Z\","
                           "\"path\":\"duty\",\"name\":\"zhao\"}]"));
    assert_memory_equal(scene->run.out, "{\"seq\":1,\"at\":\"2026-09-30T16:40:01.500+08:00\"", 43);
}

static void a_refusal_is_said(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "who 340705006001001 none"), 3);
    assert_non_null(strstr(scene->run.err, "'none' is not in catalogue.csv"));
    assert_string_equal(scene->run.out, "");
}

/* ---------------------------------------------------------------- a folder's answer */

static void a_folder_answers_without_a_daemon(void **state)
{
    struct scene *scene = *state;
    const char *expected =
        "step         time                person       post                       as       found "
        "as\n"
        "dispatch     2026-06-15 09:00:00 李某         A-shizheng-340705006001    A+B      holder\n"
        "                                 王某         D2-340705006001            B        "
        "superior\n"
        "unaccepted   2026-06-15 10:00:00 赵某         A-shizheng-340705006001    A        cover\n"
        "                                 王某         D2-340705006001            D2       "
        "holder\n";

    assert_int_equal(
        run_words(&scene->run, "who 340705006001001 n4 --at 2026-06-15T09:00 --config " GOLDEN), 0);
    assert_memory_equal(scene->run.out, expected, strlen(expected));
    assert_int_equal(fake_count(scene->run.fake), 0);
    assert_int_equal(run_words(&scene->run, "who 340705006001 n4 --config " GOLDEN), 3);
    assert_string_equal(scene->run.out, "");
    assert_non_null(strstr(scene->run.err, "unknown_area"));
}

/* plan is the same forecast: its objects are the folder's without the names. */
static void plan_and_who_agree(void **state)
{
    struct scene *scene = *state;
    static char who[RUN_OUTPUT_MAX];
    char *to = who;

    assert_int_equal(run_words(&scene->run, "who 340705006001001 s25 --json --at 2026-06-15T09:00 "
                                            "--config " GOLDEN),
                     0);
    for (const char *at = scene->run.out; *at != '\0';) {
        if (strncmp(at, ",\"name\":\"", 9) == 0)
            at = strchr(at + 9, '"') + 1;
        else
            *to++ = *at++;
    }
    *to = '\0';
    assert_int_equal(run_words(&scene->run,
                               "plan --grid 340705006001001 --category s25 --json --at "
                               "2026-06-15T09:00 --config " GOLDEN),
                     0);
    char *every = strstr(scene->run.out, ",\"every\":");
    assert_non_null(every); /* plan's own, of the last line */
    *every = '\0';
    assert_memory_equal(who, scene->run.out, strlen(scene->run.out));
}

static void plan_files_at_once_what_is_filed_by_hand(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "plan --grid 340705006001001 --category m4 --at "
                                            "2026-06-15T09:00 --config " GOLDEN),
                     0);
    assert_non_null(strstr(scene->run.out, "\"what\":\"filed\""));
    assert_non_null(strstr(scene->run.out, "\"step\":\"repeat\""));
}

static void wrong_usage_exits_64(void **state)
{
    static const char *const wrong[] = {"who", "who 340705006001001", "who a b c",
                                        "who a b --at noon"};
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(run_words(&scene->run, wrong[i]), 64);
    assert_int_equal(fake_count(scene->run.fake), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(the_daemon_is_asked_for_just_this),
        T(a_table_has_a_row_for_each_person),
        T(a_chinese_table_has_the_same_columns),
        T(json_is_the_entry_with_names),
        T(a_refusal_is_said),
        T(a_folder_answers_without_a_daemon),
        T(plan_and_who_agree),
        T(plan_files_at_once_what_is_filed_by_hand),
        T(wrong_usage_exits_64),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
