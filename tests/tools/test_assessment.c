/* assess and strikes: table, CSV and JSON, byte for byte, from a daemon that answers what it is
 * told.
 */
#include "tools/fake.h"
#include "tools/run.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define PERIOD "assess --from 2026-06-01 --to 2026-06-08 --by area"

struct scene {
    struct run run;
    struct gp_assess_row row[2];
    struct gp_assess_case behind[3];
    struct gp_incident incident;
    struct gp_entry entry[4], *entries[4];
    struct gp_assess_ask asked; /* the last */
    bool person_asked;          /* by the last feed */
};

/* Two pages of one row each. */
static void answer_rows(struct scene *scene, const struct gp_assess_ask *ask,
                        struct gp_reply *ret_reply)
{
    scene->row[0] = (struct gp_assess_row){GP_SPAN("340705006001"),
                                           GP_SPAN("临湖社区"),
                                           {.count = {[GP_FIGURE_REPORTED] = 12,
                                                      [GP_FIGURE_PATROL] = 10,
                                                      [GP_FIGURE_SHOULD_FINISH] = 3,
                                                      [GP_FIGURE_FINISHED] = 2,
                                                      [GP_FIGURE_OVERDUE] = 1,
                                                      [GP_FIGURE_HANDLED] = 2},
                                            .work_ms = 5 * GP_MS_HOUR,
                                            .clock_ms = 20 * GP_MS_HOUR,
                                            .grids = 2}};
    scene->row[1] =
        (struct gp_assess_row){GP_SPAN("340705402"), GP_SPAN("=\"x\", y"), {.grids = 2}};
    ret_reply->kind = GP_REPLY_ASSESS;
    ret_reply->assess.row = &scene->row[ask->after];
    ret_reply->assess.row_count = 1;
    ret_reply->assess.next = ask->after == 0 ? 1 : 0;
    ret_reply->assess.head = 77;
}

static void answer_behind(struct scene *scene, struct gp_reply *ret_reply)
{
    for (unsigned i = 0; i < 3; i++)
        scene->behind[i] = (struct gp_assess_case){5 + i, GP_SPAN("340705006001")};
    ret_reply->kind = GP_REPLY_ASSESS;
    ret_reply->assess.behind = scene->behind;
    ret_reply->assess.behind_count = 3;
}

static void strike_entry(struct gp_entry *entry, enum gp_what what, uint64_t incident,
                         const char *text)
{
    *entry = (struct gp_entry){.seq = incident,
                               .at_ms = INT64_C(1781506800000), /* 2026-06-15T15:00+08:00 */
                               .incident = incident,
                               .area = {340705006001001, 15, GP_LEVEL_GRID},
                               .what = (uint8_t)what,
                               .subject = GP_SPAN("chen"),
                               .owner = GP_SPAN("F-SZ"),
                               .nth = 1,
                               .text = gp_span_of(text)};
}

static void answer_feed(struct scene *scene, struct gp_reply *ret_reply)
{
    strike_entry(&scene->entry[0], GP_WHAT_STRIKE, 1, "通报批评（草稿）：陈");
    strike_entry(&scene->entry[1], GP_WHAT_STRIKE, 2, "");
    strike_entry(&scene->entry[2], GP_WHAT_APPEALED, 1, "granted: lifted: well");
    scene->entry[2].actor = GP_SPAN("zhou");
    strike_entry(&scene->entry[3], GP_WHAT_APPEALED, 2, "");
    for (unsigned i = 0; i < 4; i++)
        scene->entries[i] = &scene->entry[i];
    ret_reply->kind = GP_REPLY_FEED;
    ret_reply->feed.item = scene->entries;
    ret_reply->feed.count = 4;
    ret_reply->feed.scanned_to = ret_reply->feed.head = 4;
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    ret_reply->status = GP_STATUS_OK;
    if (request->kind == GP_REQUEST_INCIDENT) {
        scene->incident = (struct gp_incident){.id = request->incident,
                                               .state = GP_STATE_FINISHED,
                                               .area = {340705006001001, 15, GP_LEVEL_GRID},
                                               .row = {.code = GP_SPAN("n4")},
                                               .owner = GP_SPAN("F-SZ"),
                                               .text = GP_SPAN("井盖")};
        ret_reply->kind = GP_REPLY_INCIDENT;
        ret_reply->incident = &scene->incident;
        return true;
    }
    if (request->kind == GP_REQUEST_FEED) {
        scene->person_asked = request->feed.filter.person.len > 0;
        answer_feed(scene, ret_reply);
        return true;
    }
    scene->asked = request->assess;
    if (request->assess.figure != GP_FIGURE_NONE)
        answer_behind(scene, ret_reply);
    else
        answer_rows(scene, &request->assess, ret_reply);
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

/* ---------------------------------------------------------------- assess */

static void the_table_is_aligned_in_chinese(void **state)
{
    struct scene *scene = *state;

    scene->run.language = "zh_CN";
    assert_int_equal(run_words(&scene->run, PERIOD), 0);
    assert_string_equal(
        scene->run.out,
        "单位          名称      上报  立案  超期  返工  退回  办结  问责  平均处置工时  "
        "周网格巡查  "
        "按时接单率  按期办结率  \n"
        "340705006001  临湖社区    12     0     1     0     0     2     0          2.50        "
        "5.00  "
        "       n/a      66.66%  \n"
        "340705402     =\"x\", y      0     0     0     0     0     0     0           n/a        "
        "0.00         n/a         n/a  \n");
    assert_int_equal(scene->asked.upto, 77); /* the second page is of the first one's journal */
    assert_int_equal(scene->asked.to_ms - scene->asked.from_ms, 7 * GP_MS_DAY);
}

static void csv_is_what_spreadsheets_open(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, PERIOD " --csv"), 0);
    assert_string_equal(
        scene->run.out,
        "\xEF\xBB\xBFunit,name,reported,patrol,filed,should_accept,accepted,should_finish,finished,"
        "overdue,rework,returned,buck_passed,suspended,handled,strikes,mean_work_hours,"
        "mean_clock_hours,coverage,accept_rate,finish_rate,quality_rate,duty_rate,coverage_rate\r\n"
        "340705006001,临湖社区,12,10,0,0,0,3,2,1,0,0,0,0,2,0,2.50,10.00,5.00,n/a,66.66%,100.00%,"
        "n/a,100.00%\r\n"
        "340705402,\"'=\"\"x\"\", y\",0,0,0,0,0,0,0,0,0,0,0,0,0,0,n/a,n/a,0.00,n/a,n/a,n/a,n/a,"
        "0.00%\r\n");
}

static void json_has_whole_numbers_and_null(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        run_words(&scene->run, PERIOD " --json --score " GP_SOURCE_DIR "/config/assess.yaml"), 0);
    assert_non_null(strstr(scene->run.out, "\"finish_rate_bp\":6666,"));
    assert_non_null(strstr(scene->run.out, "\"accept_rate_bp\":null,"));
    assert_non_null(strstr(scene->run.out, "\"coverage_hundredths\":500,"));
    /* (6666*40 + 10000*20 + 10000*10) / 70 = 8094; 70 % of it */
    assert_non_null(strstr(scene->run.out, "\"basic_hundredths\":8094,"));
    assert_non_null(strstr(scene->run.out, "\"score_hundredths\":5665,"));
    assert_non_null(strstr(scene->run.out, "\"grade\":\"D\",\"rank\":1,"));
}

static void explaining_lists_incidents(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, PERIOD " --explain 340705006001 overdue"), 0);
    assert_string_equal(
        scene->run.out,
        "#5       finished    340705006001001 n4         F-SZ                     井盖\n"
        "#6       finished    340705006001001 n4         F-SZ                     井盖\n"
        "#7       finished    340705006001001 n4         F-SZ                     井盖\n");
    assert_int_equal(scene->asked.figure, GP_FIGURE_OVERDUE);
    assert_int_equal(run_words(&scene->run, PERIOD " --explain 340705006001 超期 --json"), 0);
    assert_non_null(strstr(scene->run.out, "\"figure\":\"overdue\",\"unit\":\"340705006001\","
                                           "\"incident\":5,"));
}

static void what_is_asked_wrongly_is_said(void **state)
{
    static const char *const wrong[] = {
        "assess --from 2026-06-01 --by area",
        "assess --from 2026-06-01 --to 2026-06-01 --by area",
        "assess --from 2026-06-01 --to 2026-06-02 --by street",
        PERIOD " --level nowhere",
        PERIOD " --explain li",
        PERIOD " --explain li luck",
        "strikes --notice 1",
        "strikes --year soon",
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(run_words(&scene->run, wrong[i]), 64);
    assert_int_equal(run_words(&scene->run, PERIOD " --score /nonexistent/weights.yaml"), 2);
    assert_int_equal(fake_count(scene->run.fake), 0);
}

/* ---------------------------------------------------------------- strikes */

static void strikes_have_what_became_of_them(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "strikes"), 0);
    assert_false(scene->person_asked);
    assert_string_equal(scene->run.out,
                        "given               person       nth of the year measure                "
                        "state      incident owner\n"
                        "2026-06-15 15:00:00 chen         1               public criticism       "
                        "lifted     #1       F-SZ\n"
                        "2026-06-15 15:00:00 chen         1               public criticism       "
                        "appealed   #2       F-SZ\n");
    assert_int_equal(run_words(&scene->run, "strikes --person li --json"), 0);
    assert_string_equal(scene->run.out, "");
    assert_true(scene->person_asked); /* who may ask about nobody else can ask about that */
    assert_int_equal(run_words(&scene->run, "strikes --year 2026 --json"), 0);
    assert_non_null(strstr(scene->run.out, "\"year\":2026,\"number\":1,\"measure\":1,"
                                           "\"state\":\"lifted\",\"incident\":1,"));
}

static void a_notice_is_printed(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "strikes --notice 1 chen"), 0);
    assert_string_equal(scene->run.out, "通报批评（草稿）：陈\n");
    assert_int_equal(run_words(&scene->run, "strikes --notice 1 li"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_table_is_aligned_in_chinese, set_up, run_end),
        cmocka_unit_test_setup_teardown(csv_is_what_spreadsheets_open, set_up, run_end),
        cmocka_unit_test_setup_teardown(json_has_whole_numbers_and_null, set_up, run_end),
        cmocka_unit_test_setup_teardown(explaining_lists_incidents, set_up, run_end),
        cmocka_unit_test_setup_teardown(what_is_asked_wrongly_is_said, set_up, run_end),
        cmocka_unit_test_setup_teardown(strikes_have_what_became_of_them, set_up, run_end),
        cmocka_unit_test_setup_teardown(a_notice_is_printed, set_up, run_end),
    };
    return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
