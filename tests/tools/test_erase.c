/* `gridpost erase` against a fake daemon: which incidents it takes, what it sends, how it exits. */
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

#define DAY_MS   (24 * GP_MS_HOUR)
#define ROWS_MAX 8

/* Incidents by state, two a page; the cursor is the number of rows given, as text. */
struct scene {
    struct run run;
    struct gp_incident row[ROWS_MAX], page[ROWS_MAX];
    unsigned rows;
    uint64_t refuse;     /* the incident whose texts may not go */
    uint8_t why;         /* enum gp_reason */
    unsigned busy_after; /* commands; 0: never */
    unsigned commands;
    char cursor[24];
};

static void answer_page(struct scene *scene, const struct gp_query *query,
                        struct gp_reply *ret_reply)
{
    unsigned at = query->cursor_len > 0 ? (unsigned)atoi((const char *)query->cursor) : 0;

    ret_reply->kind = GP_REPLY_PAGE;
    ret_reply->page.item = scene->page;
    for (; at < scene->rows && ret_reply->page.count < 2; at++) {
        if (query->states == GP_STATE_BIT(scene->row[at].state))
            scene->page[ret_reply->page.count++] = scene->row[at];
    }
    if (at < scene->rows) {
        (void)snprintf(scene->cursor, sizeof scene->cursor, "%u", at);
        ret_reply->page.cursor = (struct gp_span){scene->cursor, strlen(scene->cursor) + 1};
    }
}

static void answer_command(struct scene *scene, const struct gp_command *command,
                           struct gp_reply *ret_reply)
{
    ret_reply->kind = GP_REPLY_ANSWER;
    memcpy(ret_reply->answer.id, command->id, GP_COMMAND_ID_BYTES);
    ret_reply->answer.incident = command->incident;
    ret_reply->answer.seq = 300 + command->incident;
    if (command->incident == scene->refuse) {
        ret_reply->status = GP_STATUS_REFUSED;
        ret_reply->reason = scene->why;
    } else if (scene->busy_after != 0 && scene->commands >= scene->busy_after) {
        ret_reply->status = GP_STATUS_TRY_AGAIN;
    }
    scene->commands++;
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    ret_reply->status = GP_STATUS_OK;
    if (request->kind == GP_REQUEST_QUERY) {
        answer_page(scene, &request->query, ret_reply);
    } else if (request->kind == GP_REQUEST_STATUS) {
        ret_reply->kind = GP_REPLY_STATUS;
        ret_reply->daemon.now_ms = SAMPLE_MS;
    } else {
        answer_command(scene, &request->command, ret_reply);
    }
    return true;
}

static void add(struct scene *scene, uint64_t id, enum gp_state state, int64_t closed_ms,
                int64_t erased_ms)
{
    struct gp_incident *incident = &scene->row[scene->rows++];

    sample_incident(id, incident);
    incident->state = (uint8_t)state;
    incident->closed_ms = closed_ms;
    incident->erased_ms = erased_ms;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    add(scene, 1, GP_STATE_CLOSED, SAMPLE_MS - 9 * DAY_MS, 0);
    add(scene, 2, GP_STATE_CLOSED, SAMPLE_MS, 0); /* not old enough */
    add(scene, 3, GP_STATE_VOID, SAMPLE_MS - 8 * DAY_MS, 0);
    add(scene, 4, GP_STATE_CLOSED, SAMPLE_MS - 9 * DAY_MS, SAMPLE_MS - DAY_MS);     /* erased */
    add(scene, 5, GP_STATE_CLOSED, SAMPLE_MS - 7 * DAY_MS, SAMPLE_MS - 8 * DAY_MS); /* reopened */
    add(scene, 6, GP_STATE_ACCEPTED, 0, 0);
    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

static void wrote(const char *text, const char *expected)
{
    assert_string_equal(text, expected);
}

/* The numbers of the incidents that were asked to be erased, in order. */
static void sent(struct scene *scene, const char *expected)
{
    struct gp_arena arena;
    char list[80] = "";
    size_t used = 0;

    for (unsigned i = 0; i < fake_count(scene->run.fake); i++) {
        struct gp_request request = run_sent(&scene->run, i, &arena);
        if (request.kind == GP_REQUEST_COMMAND) {
            assert_int_equal(request.command.verb, GP_VERB_ERASE);
            assert_true(gp_span_is(request.command.text, "over"));
            assert_true(gp_span_is(request.person, "feng"));
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", used > 0 ? " " : "",
                                     (unsigned)request.command.incident);
        }
        gp_arena_release(&arena);
    }
    assert_string_equal(list, expected);
}

/* ---------------------------------------------------------------- named ones */

static void named_incidents_are_erased(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "erase 12 #15 --reason over --as feng"), 0);
    wrote(scene->run.out, "#12 erased (entry 312)\n#15 erased (entry 315)\n");
    sent(scene, "12 15");
}

static void one_refusal_does_not_keep_the_others(void **state)
{
    struct scene *scene = *state;

    scene->refuse = 12;
    scene->why = GP_REASON_PENDING;
    assert_int_equal(run_words(&scene->run, "erase 12 15 --reason over --as feng"), 3);
    wrote(scene->run.out, "#15 erased (entry 315)\n");
    assert_non_null(strstr(scene->run.err, "#12 keeps its texts"));
    sent(scene, "12 15");
}

static void one_that_is_not_there_neither(void **state)
{
    struct scene *scene = *state;

    scene->refuse = 12;
    scene->why = GP_REASON_UNKNOWN_INCIDENT;
    assert_int_equal(run_words(&scene->run, "erase 12 15 --reason over --as feng"), 2);
    wrote(scene->run.out, "#15 erased (entry 315)\n");
    sent(scene, "12 15");
}

static void json_is_one_object_a_line(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "erase 12 --reason over --as feng --json"), 0);
    wrote(scene->run.out, "{\"incident\":12,\"seq\":312,\"erased\":true}\n");
}

/* ---------------------------------------------------------------- by age */

static void old_ones_are_erased(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(
        run_words(&scene->run, "erase --closed-before 2026-09-28 --reason over --as feng"), 0);
    wrote(scene->run.out, "#1 erased (entry 301)\n#5 erased (entry 305)\n"
                          "#3 erased (entry 303)\n3 incidents erased\n");
    sent(scene, "1 5 3");
}

static void a_dry_run_sends_nothing(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "erase --closed-before 2026-09-28 --dry-run"), 0);
    wrote(scene->run.out, "#1 closed 2026-09-21 16:40:00: would be erased\n"
                          "#5 closed 2026-09-23 16:40:00: would be erased\n"
                          "#3 void 2026-09-22 16:40:00: would be erased\n"
                          "3 incidents would be erased\n");
    sent(scene, "");
    assert_int_equal(run_words(&scene->run, "erase --closed-before 2026-09-22 --dry-run --json"),
                     0);
    wrote(scene->run.out, "{\"incident\":1,\"state\":\"closed\","
                          "\"ended\":\"2026-09-21T16:40:00+08:00\",\"erased\":false}\n");
}

static void the_area_goes_into_the_question(void **state)
{
    struct scene *scene = *state;
    struct gp_request request;
    struct gp_arena arena;

    assert_int_equal(
        run_words(&scene->run, "erase --closed-before 2026-09-28 --area 340705402 --dry-run"), 0);
    request = run_sent(&scene->run, 0, &arena);
    assert_int_equal(request.query.area.padded, UINT64_C(340705402000000));
    assert_int_equal(request.query.states, GP_STATE_BIT(GP_STATE_CLOSED));
    assert_int_equal(request.query.to_ms, INT64_C(1790524800000)); /* 2026-09-28T00:00+08:00 */
    gp_arena_release(&arena);
}

/* personal_days, back from the daemon's clock. */
static void the_folder_says_how_old(void **state)
{
    struct scene *scene = *state;
    char path[128], words[256];

    (void)snprintf(path, sizeof path, "%s/gridpost.yaml", scene->run.folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("personal_days: 8\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(words, sizeof words, "erase --config %s --reason over --as feng",
                   scene->run.folder);
    assert_int_equal(run_words(&scene->run, words), 0);
    sent(scene, "1"); /* 3 was voided eight days ago, to the second */
    (void)snprintf(words, sizeof words, "erase --config %s/nowhere/else --reason over --as feng",
                   path);
    assert_int_equal(run_words(&scene->run, words), 2);
    sent(scene, "1");
    assert_int_equal(remove(path), 0);
}

static void a_busy_daemon_ends_it(void **state)
{
    struct scene *scene = *state;

    scene->busy_after = 1;
    assert_int_equal(
        run_words(&scene->run, "erase --closed-before 2026-09-28 --reason over --as feng"), 75);
    wrote(scene->run.out, "#1 erased (entry 301)\n");
    sent(scene, "1 5");
}

/* ---------------------------------------------------------------- usage */

static void wrong_usage_exits_64(void **state)
{
    static const char *const wrong[] = {
        "erase --as feng",
        "erase 12 --as feng",
        "erase 12 --reason over",
        "erase r1 --reason over --as feng",
        "erase 12 --closed-before 2026-09-28 --reason over --as feng",
        "erase --closed-before 2026-09-28 --config /etc --reason over --as feng",
        "erase --closed-before soon --reason over --as feng",
        "erase --closed-before 2026-09-28 --as feng",
        "erase --closed-before 2026-09-28 --area x --dry-run",
        "erase 12 --dry-run",
        "erase 12 --area 340705 --reason over --as feng",
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (run_words(&scene->run, wrong[i]) != 64)
            fail_msg("'%s' exits %d", wrong[i], scene->run.code);
        assert_true(scene->run.err[0] != '\0');
    }
    sent(scene, "");
}

static void a_long_reason_is_wrong_usage(void **state)
{
    struct scene *scene = *state;
    char reason[GP_REASON_BYTES_MAX + 2];
    const char *const arguments[] = {"erase", "12", "--as", "feng", "--reason", reason, NULL};

    memset(reason, 'a', sizeof reason - 1);
    reason[GP_REASON_BYTES_MAX + 1] = '\0';
    assert_int_equal(run_arguments(&scene->run, arguments), 64);
    reason[GP_REASON_BYTES_MAX] = '\0';
    assert_int_equal(run_arguments(&scene->run, arguments), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(named_incidents_are_erased),
        T(one_refusal_does_not_keep_the_others),
        T(one_that_is_not_there_neither),
        T(json_is_one_object_a_line),
        T(old_ones_are_erased),
        T(a_dry_run_sends_nothing),
        T(the_area_goes_into_the_question),
        T(the_folder_says_how_old),
        T(a_busy_daemon_ends_it),
        T(wrong_usage_exits_64),
        T(a_long_reason_is_wrong_usage),
#undef T
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
