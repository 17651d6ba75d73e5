/* list, show, roster and status: tables and JSON, byte for byte. */
#include "tools/fake.h"
#include "tools/run.h"
#include "tools/sample.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* `total` incidents, numbered from 1; the cursor is the last number given, as text. */
struct scene {
    struct run run;
    unsigned total;
    struct gp_incident page[GP_PAGE_ROWS_MAX];
    char cursor[24];
    struct gp_duty_row duty[3];
};

static void answer_page(struct scene *scene, const struct gp_query *query,
                        struct gp_reply *ret_reply)
{
    unsigned from = 0;

    if (query->cursor_len > 0)
        from = (unsigned)atoi((const char *)query->cursor);
    ret_reply->kind = GP_REPLY_PAGE;
    ret_reply->page.item = scene->page;
    while (from < scene->total && ret_reply->page.count < query->limit)
        sample_incident(++from, &scene->page[ret_reply->page.count++]);
    if (from < scene->total) {
        snprintf(scene->cursor, sizeof scene->cursor, "%u", from);
        ret_reply->page.cursor = gp_span_of(scene->cursor);
    }
}

static void answer_roster(struct scene *scene, struct gp_reply *ret_reply)
{
    scene->duty[0] = (struct gp_duty_row){.area = GP_SPAN("340705402001"),
                                          .area_name = GP_SPAN("阳光社区"),
                                          .kind = GP_SPAN("Z"),
                                          .person = GP_SPAN("zhao"),
                                          .person_name = GP_SPAN("赵甲"),
                                          .phone = GP_SPAN("0562-1"),
                                          .path = GP_PATH_DUTY};
    scene->duty[1] = (struct gp_duty_row){.area = GP_SPAN("340705402001"),
                                          .area_name = GP_SPAN("Sun"),
                                          .kind = GP_SPAN("D1"),
                                          .post = GP_SPAN("D1-402001")};
    ret_reply->kind = GP_REPLY_ROSTER;
    ret_reply->roster.item = scene->duty;
    ret_reply->roster.count = 2;
}

static void answer_status(struct gp_reply *ret_reply)
{
    ret_reply->kind = GP_REPLY_STATUS;
    ret_reply->daemon = (struct gp_daemon_status){.version = GP_SPAN("0.1.0"),
                                                  .directory = GP_SPAN("1f2e"),
                                                  .reload = GP_SPAN("unchanged"),
                                                  .drill = true,
                                                  .clock_rate = 60,
                                                  .now_ms = SAMPLE_MS + 5 * GP_MS_HOUR,
                                                  .started_ms = SAMPLE_MS,
                                                  .clock_state = 1,
                                                  .head = 304,
                                                  .incidents = 41,
                                                  .planned = 7,
                                                  .commands = 9,
                                                  .store_bytes = 65536,
                                                  .backup_ms = INT64_C(1790768100000)};
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    ret_reply->status = GP_STATUS_OK;
    if (request->kind == GP_REQUEST_QUERY) {
        answer_page(scene, &request->query, ret_reply);
    } else if (request->kind == GP_REQUEST_ROSTER) {
        answer_roster(scene, ret_reply);
    } else if (request->kind == GP_REQUEST_STATUS) {
        answer_status(ret_reply);
    } else if (request->incident > scene->total) {
        ret_reply->status = GP_STATUS_NOT_FOUND;
        ret_reply->detail = GP_SPAN("no such incident");
    } else {
        ret_reply->kind = GP_REPLY_INCIDENT;
        ret_reply->incident = &scene->page[0];
        sample_incident(request->incident, ret_reply->incident);
    }
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->total = 41;
    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

static unsigned count_lines(const char *text)
{
    unsigned count = 0;

    while ((text = strchr(text, '\n')) != NULL) {
        count++;
        text++;
    }
    return count;
}

static struct gp_query query_sent(struct scene *scene, unsigned nth, struct gp_arena *arena)
{
    struct gp_request request = run_sent(&scene->run, nth, arena);

    assert_int_equal(request.kind, GP_REQUEST_QUERY);
    return request.query;
}

/* ---------------------------------------------------------------- list */

static void a_list_is_a_table_with_the_texts_under_each_other(void **state)
{
    struct scene *scene = *state;

    scene->total = 1;
    assert_int_equal(run_words(&scene->run, "list"), 0);
    assert_string_equal(scene->run.out,
                        "number   state       grid            category   owner                    "
                        "due                 text\n"
                        "#1       accepted    340705402001001 C01-01     A-municipal-402001       "
                        "2026-10-01 00:40:00 井盖缺失                                 \n");
}

static void a_chinese_table_is_as_wide_as_an_english_one(void **state)
{
    struct scene *scene = *state;

    scene->total = 1;
    scene->run.language = "zh_CN";
    assert_int_equal(run_words(&scene->run, "list"), 0);
    const char *row = strchr(scene->run.out, '\n');
    assert_non_null(row);
    assert_string_equal(row + 1,
                        "#1       已接单      340705402001001 C01-01     A-municipal-402001       "
                        "2026-10-01 00:40:00 井盖缺失                                 \n");
}

static void nothing_found_is_no_table_and_no_error(void **state)
{
    struct scene *scene = *state;

    scene->total = 0;
    assert_int_equal(run_words(&scene->run, "list --overdue"), 0);
    assert_string_equal(scene->run.out, "");
}

static void pages_are_walked_up_to_the_limit(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    scene->total = 450;
    assert_int_equal(run_words(&scene->run, "list --json"), 0);
    assert_int_equal(count_lines(scene->run.out), 50);
    assert_int_equal(run_words(&scene->run, "list --json --limit 201"), 0);
    assert_int_equal(count_lines(scene->run.out), 201);
    assert_int_equal(query_sent(scene, 1, &arena).limit, 200);
    gp_arena_release(&arena);
    struct gp_query second = query_sent(scene, 2, &arena);
    assert_int_equal(second.limit, 1);
    assert_int_equal(second.cursor_len, 3);
    assert_memory_equal(second.cursor, "200", 3);
    gp_arena_release(&arena);
    assert_int_equal(run_words(&scene->run, "list --json --all"), 0);
    assert_int_equal(count_lines(scene->run.out), 450);
    assert_non_null(strstr(scene->run.out, "{\"incident\":450,"));
    assert_int_equal(run_words(&scene->run, "list --limit 2"), 0);
    assert_non_null(strstr(scene->run.out, "--all"));
    assert_int_equal(count_lines(scene->run.out), 4); /* header, two rows, what to do for more */
}

static void conditions_are_sent_as_given(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    assert_int_equal(run_words(&scene->run,
                               "list --area 340705402 --state finished --open --overdue "
                               "--post K-SZ --department SZ --person li "
                               "--from 2026-09-30T16:40 --to 2026-10-01 "
                               "--sort due --state rework"),
                     0);
    struct gp_query query = query_sent(scene, 0, &arena);
    assert_int_equal(query.area.padded, UINT64_C(340705402000000));
    assert_int_equal(query.states, GP_STATE_BIT(GP_STATE_FINISHED) | GP_STATE_BIT(GP_STATE_REWORK));
    assert_int_equal(query.order, GP_ORDER_DUE);
    assert_true(query.open_only);
    assert_true(query.overdue_only);
    assert_true(gp_span_is(query.post, "K-SZ"));
    assert_true(gp_span_is(query.department, "SZ"));
    assert_true(gp_span_is(query.person, "li"));
    assert_int_equal(query.from_ms, SAMPLE_MS);
    assert_int_equal(query.to_ms, SAMPLE_MS + 7 * GP_MS_HOUR + 20 * GP_MS_MINUTE);
    gp_arena_release(&arena);
}

/* ---------------------------------------------------------------- show */

static void show_says_everything_with_the_time_that_is_left(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show #41"), 0);
    assert_string_equal(scene->run.out, "#41  accepted, version 4\n"
                                        "text         井盖缺失\n"
                                        "grid         340705402001001\n"
                                        "category     C01-01\n"
                                        "condition    missing\n"
                                        "department   SZ\n"
                                        "owner        A-municipal-402001\n"
                                        "reporter     li\n"
                                        "received     2026-09-30 16:40:00\n"
                                        "accepted     2026-09-30 16:50:00\n"
                                        "due          2026-10-01 00:40:00\n"
                                        "time left    3 h 00 min\n"
                                        "steps\n"
                                        "  2026-09-30 17:40:00  unaccepted    dropped  \n"
                                        "  2026-09-30 22:40:00  yellow        fired    \n"
                                        "  2026-10-01 00:40:00  red           planned  \n");
}

static void show_as_json_is_one_object(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show 41 --json"), 0);
    assert_int_equal(count_lines(scene->run.out), 1);
    assert_ptr_equal(strstr(scene->run.out, "{\"incident\":41,\"state\":\"accepted\",\"version\":4,"
                                            "\"area\":\"340705402001001\","),
                     scene->run.out);
    assert_non_null(strstr(scene->run.out, "\"due\":\"2026-10-01T00:40:00+08:00\""));
    assert_non_null(strstr(scene->run.out, "\"finished\":null"));
    assert_non_null(strstr(scene->run.out, "{\"step\":\"red\",\"at\":\"2026-10-01T00:40:00+08:00\","
                                           "\"stage\":1,\"status\":\"planned\","
                                           "\"provisional\":false}"));
}

static void an_incident_that_is_not_there_exits_2(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show 42"), 2);
    assert_string_equal(scene->run.out, "");
    assert_non_null(strstr(scene->run.err, "no such incident"));
}

/* ---------------------------------------------------------------- roster and status */

static void a_roster_is_aligned_and_says_nobody(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "roster 340705402001"), 0);
    assert_string_equal(scene->run.out,
                        "340705402001    阳光社区             Z                               "
                        "zhao         赵甲       duty       0562-1\n"
                        "340705402001    Sun                  D1   D1-402001                  "
                        "nobody\n");
    assert_int_equal(run_words(&scene->run, "roster 340705402001 --json"), 0);
    assert_string_equal(
        scene->run.out,
        "{\"area\":\"340705402001\",\"area_name\":\"阳光社区\",\"kind\":\"Z\",\"post\":null,"
        "\"person\":\"zhao\",\"name\":\"赵甲\",\"phone\":\"0562-1\",\"path\":\"duty\"}\n"
        "{\"area\":\"340705402001\",\"area_name\":\"Sun\",\"kind\":\"D1\",\"post\":\"D1-402001\","
        "\"person\":null,\"name\":null,\"phone\":null,\"path\":null}\n");
}

static void status_says_that_it_is_a_drill(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "status"), 0);
    assert_non_null(strstr(scene->run.out, "gridpostd 0.1.0 (drill), started 2026-09-30 16:40:00"));
    assert_non_null(strstr(scene->run.out, "2026-09-30 21:40:00, running, 60 times"));
    assert_non_null(strstr(scene->run.out, "planned, the next -"));
    assert_non_null(strstr(scene->run.out, "backup     2026-09-30 19:35:00, 2 h 05 min ago"));
    assert_int_equal(run_words(&scene->run, "status --json"), 0);
    assert_int_equal(count_lines(scene->run.out), 1);
    assert_non_null(strstr(scene->run.out, "\"drill\":true,\"clock_rate\":60,"));
    assert_non_null(strstr(scene->run.out, "\"next_deadline\":null"));
}

static void colour_is_only_there_when_it_is_asked_for(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "list"), 0);
    assert_null(strchr(scene->run.out, '\033'));
    assert_int_equal(run_words(&scene->run, "list --color never"), 0);
    assert_null(strchr(scene->run.out, '\033'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(a_list_is_a_table_with_the_texts_under_each_other),
        T(a_chinese_table_is_as_wide_as_an_english_one),
        T(nothing_found_is_no_table_and_no_error),
        T(pages_are_walked_up_to_the_limit),
        T(conditions_are_sent_as_given),
        T(show_says_everything_with_the_time_that_is_left),
        T(show_as_json_is_one_object),
        T(an_incident_that_is_not_there_exits_2),
        T(a_roster_is_aligned_and_says_nobody),
        T(status_says_that_it_is_a_drill),
        T(colour_is_only_there_when_it_is_asked_for),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
