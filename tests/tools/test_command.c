/* The real `gridpost` against a fake daemon: what it sends, what it prints, how it exits. */
#include "tools/fake.h"
#include "tools/run.h"
#include "tools/sample.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* What the fake answers, and what it was asked. */
struct scene {
    struct run run;
    struct gp_reply reply;
    bool silent;
};

static bool give_reply(void *context, const struct gp_request *request, unsigned nth,
                       struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    *ret_reply = scene->reply;
    if (request->kind == GP_REQUEST_COMMAND)
        memcpy(ret_reply->answer.id, request->command.id, GP_COMMAND_ID_BYTES);
    return !scene->silent;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->reply = (struct gp_reply){.status = GP_STATUS_OK,
                                     .kind = GP_REPLY_ANSWER,
                                     .answer = {.incident = 41,
                                                .seq = 304,
                                                .version = 3,
                                                .state = GP_STATE_DISPATCHED,
                                                .due_ms = SAMPLE_MS + 8 * GP_MS_HOUR}};
    *state = scene;
    return 0;
}

static void listen_on(struct scene *scene)
{
    scene->run.fake = fake_start(scene->run.address, give_reply, scene);
}

static void check_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
}

/* ---------------------------------------------------------------- usage */

static void wrong_usage_exits_64_and_says_why(void **state)
{
    static const char *const wrong[] = {
        "",
        "frobnicate",
        "report",
        "report --grid 340705402001001 text",
        "report --grid 340705402001001 --category C01-01 --at 95,10 text",
        "report --grid 340705402001001 --category C01-01 --at 30.9 text",
        "report --grid 340705402001001 --category C01-01 --captured noon text",
        "report --grid 340705402001001 --category C01-01 --id 12 text",
        "report --nonsense",
        "accept",
        "accept --as li",
        "accept r1",
        "accept 0",
        "accept 41 --if-version x",
        "return 41 --as li",
        "return 41 --as li --reason because",
        "return 41 --as li --hours 8 --reason no_power",
        "rule 41 --as li",
        "rule 41 --as li --result grant",
        "extend 41 --as li",
        "extend 41 --as li --hours none",
        "decide 41 --as li --result pass",
        "suspend 41 --as li --until someday",
        "link 41 --as li --to r1",
        "deliver 41 --as li --seq 304 --state gone",
        "sign 41 --as li --result grant",
        "verify 41 --as li --result accept",
        "finish 41 --timeout 0",
        "finish 41 --timeout soon",
        "finish 41 --color blue",
        "show",
        "show x",
        "list --state sleeping",
        "list --limit 0",
        "list --from yesterday",
        "list --area x",
        "roster x",
        "roster 340705 --at noon",
        "watch --since x",
        "watch --count 0",
        "tail --incident x",
        "clock",
        "clock stop",
        "clock lower",
        "clock lower yesterday",
        "status --socket gp.ipc",
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (run_words(&scene->run, wrong[i]) != 64)
            fail_msg("\"%s\" exits %d: %s", wrong[i], scene->run.code, scene->run.err);
        assert_string_equal(scene->run.out, "");
        assert_string_not_equal(scene->run.err, "");
    }
}

static void a_command_without_a_person_is_wrong_usage(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "accept 41"), 64);
    check_contains(scene->run.err, "--as");
    assert_int_equal(fake_count(scene->run.fake), 0);
}

static void every_subcommand_has_its_help(void **state)
{
    static const char *const names[] = {
        "report",  "accept", "note",       "stage",   "finish", "verify",   "inform",  "close",
        "file",    "show",   "list",       "roster",  "watch",  "tail",     "status",  "clock",
        "check",   "plan",   "rehearse",   "replay",  "reopen", "return",   "consent", "rule",
        "refuse",  "extend", "decide",     "suspend", "resume", "reassign", "correct", "void",
        "link",    "unlink", "deliver",    "appeal",  "sign",   "init",     "enrol",   "join",
        "devices", "revoke", "rotate-key", "receipt", "head",   "backup",   "restore"};
    struct scene *scene = *state;
    char words[40], name[60];

    assert_int_equal(run_words(&scene->run, "--help"), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "\n  %s ", names[i]);
        check_contains(scene->run.out, name);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(words, sizeof words, "%s --help", names[i]);
        assert_int_equal(run_words(&scene->run, words), 0);
        snprintf(name, sizeof name, "Usage: gridpost %s [OPTION...]", names[i]);
        check_contains(scene->run.out, name);
        check_contains(scene->run.out, "--json");
    }
}

static void the_version_is_the_projects(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "--version"), 0);
    assert_string_equal(scene->run.out, "gridpost " GP_VERSION "\n");
}

/* ---------------------------------------------------------------- no daemon, no answer */

static void a_daemon_that_is_not_there_is_said_with_how_to_start_it(void **state)
{
    static const char *const words[] = {"status",
                                        "list",
                                        "show 41",
                                        "roster",
                                        "accept 41 --as li",
                                        "tail --since 0",
                                        "clock confirm --as li"};
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(run_words(&scene->run, words[i]), 75);
        assert_string_equal(scene->run.out, "");
        check_contains(scene->run.err, scene->run.address);
        const char *hint = strstr(scene->run.err, "systemctl start gridpostd");
        assert_non_null(hint);
        if (strstr(hint + 1, "systemctl") != NULL)
            fail_msg("\"%s\" says it twice: %s", words[i], scene->run.err);
    }
}

static void no_answer_in_time_exits_4(void **state)
{
    struct scene *scene = *state;

    scene->silent = true;
    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "accept 41 --as li --timeout 1"), 4);
    assert_string_equal(scene->run.out, "");
    check_contains(scene->run.err, scene->run.address);
    check_contains(scene->run.err, "--id "); /* how to repeat it without doing it twice */
}

/* ---------------------------------------------------------------- answers */

/* Findings of an empty folder look as check prints them: no line number, field or value where there
 * is none. */
static void a_folder_that_is_not_there_is_said_plainly(void **state)
{
    struct scene *scene = *state;

    char words[200];

    assert_int_equal(run_words(&scene->run, "plan --config /nonexistent --grid 340705402001001 "
                                            "--category c --at 2026-10-01"),
                     2);
    assert_string_equal(scene->run.err, "gridpost: /nonexistent is no configuration folder\n");
    (void)snprintf(words, sizeof words,
                   "plan --config %s --grid 340705402001001 --category c --at 2026-10-01",
                   scene->run.folder);
    assert_int_equal(run_words(&scene->run, words), 1);
    check_contains(scene->run.err, "calendar/: error: there is no calendar\n    put at least");
    assert_null(strstr(scene->run.err, "''"));
    assert_null(strstr(scene->run.err, ":0:"));
}

static void each_status_has_its_exit_code(void **state)
{
    static const struct {
        uint8_t status, reason;
        int code;
        const char *says;
    } cases[] = {
        {GP_STATUS_REFUSED, GP_REASON_NOT_OWNER, 3, "not_owner"},
        {GP_STATUS_REFUSED, GP_REASON_UNKNOWN_INCIDENT, 2, "unknown_incident"},
        {GP_STATUS_INVALID, GP_REASON_NONE, 1, "the detail"},
        {GP_STATUS_NOT_FOUND, GP_REASON_NONE, 2, "the detail"},
        {GP_STATUS_TRY_AGAIN, GP_REASON_NONE, 75, "the detail"},
        {GP_STATUS_VERSION, GP_REASON_NONE, 1, "the detail"},
    };
    struct scene *scene = *state;

    listen_on(scene);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene->reply = (struct gp_reply){.status = cases[i].status,
                                         .reason = cases[i].reason,
                                         .kind = GP_REPLY_ANSWER,
                                         .detail = GP_SPAN("the detail")};
        assert_int_equal(run_words(&scene->run, "accept 41 --as li"), cases[i].code);
        assert_string_equal(scene->run.out, "");
        check_contains(scene->run.err, cases[i].says);
        check_contains(scene->run.err, "the detail");
        bool refused = strstr(scene->run.err, "refused") != NULL;
        assert_int_equal(refused, cases[i].status == GP_STATUS_REFUSED);
    }
}

static void a_refusal_as_json_is_one_object(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    scene->reply = (struct gp_reply){.status = GP_STATUS_REFUSED,
                                     .reason = GP_REASON_OWN_WORK,
                                     .kind = GP_REPLY_ANSWER,
                                     .detail = GP_SPAN("ask wang")};
    assert_int_equal(run_words(&scene->run, "verify 41 --as li --json"), 3);
    assert_string_equal(scene->run.out,
                        "{\"what\":\"refused\",\"reason\":\"own_work\",\"detail\":\"ask wang\"}\n");
}

static void an_answer_is_one_line(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "accept #41 --as li"), 0);
    assert_string_equal(scene->run.out, "#41 dispatched, due 2026-10-01 00:40:00 (entry 304)\n");
    scene->reply.answer.repeated = true;
    assert_int_equal(run_words(&scene->run, "accept 41 --as li"), 0);
    check_contains(scene->run.out, "stored before");
    assert_int_equal(run_words(&scene->run, "accept 41 --as li --json "
                                            "--id 01a0f1792b435f3a9c0be7d21846aa01"),
                     0);
    assert_string_equal(scene->run.out,
                        "{\"id\":\"01a0f1792b435f3a9c0be7d21846aa01\",\"incident\":41,\"seq\":304,"
                        "\"state\":\"dispatched\",\"version\":3,"
                        "\"due\":\"2026-10-01T00:40:00+08:00\",\"repeated\":true}\n");
}

/* ---------------------------------------------------------------- what is sent */

static void a_report_carries_everything_that_was_said(void **state)
{
    static const char *const arguments[] = {"report",
                                            "--grid",
                                            "340705402001001",
                                            "--category",
                                            "C01-01",
                                            "--condition",
                                            "missing",
                                            "--at",
                                            "30.9312345,-117.8",
                                            "--captured",
                                            "2026-09-30T16:40",
                                            "--as",
                                            "li",
                                            "--device",
                                            "desk-3",
                                            "井盖",
                                            "缺失",
                                            NULL};
    struct scene *scene = *state;
    struct gp_arena arena;

    listen_on(scene);
    assert_int_equal(run_arguments(&scene->run, arguments), 0);
    struct gp_request request = run_sent(&scene->run, 0, &arena);
    assert_int_equal(request.kind, GP_REQUEST_COMMAND);
    assert_true(gp_span_is(request.person, "li"));
    assert_true(gp_span_is(request.device, "desk-3"));
    assert_int_equal(request.command.verb, GP_VERB_REPORT);
    assert_true(gp_span_is(request.command.grid, "340705402001001"));
    assert_true(gp_span_is(request.command.category, "C01-01"));
    assert_true(gp_span_is(request.command.condition, "missing"));
    assert_true(gp_span_is(request.command.text, "井盖 缺失"));
    assert_true(request.command.place.known);
    assert_int_equal(request.command.place.lat_e7, 309312345);
    assert_int_equal(request.command.place.lon_e7, -1178000000);
    assert_int_equal(request.command.captured_ms, SAMPLE_MS);
    gp_arena_release(&arena);
}

static void a_given_id_is_used_and_a_fresh_one_made_otherwise(void **state)
{
    static const unsigned char given[GP_COMMAND_ID_BYTES] = {0x01, 0xa0, 0xf1, 0x79, 0x2b, 0x43,
                                                             0x5f, 0x3a, 0x9c, 0x0b, 0xe7, 0xd2,
                                                             0x18, 0x46, 0xaa, 1};
    struct scene *scene = *state;
    struct gp_arena arena[3];

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "finish 41 --as li "
                                            "--id 01A0F1792B435f3a9c0be7d21846aa01"),
                     0);
    assert_int_equal(run_words(&scene->run, "finish 41 --as li"), 0);
    assert_int_equal(run_words(&scene->run, "finish 41 --as li"), 0);
    struct gp_request first = run_sent(&scene->run, 0, &arena[0]),
                      second = run_sent(&scene->run, 1, &arena[1]),
                      third = run_sent(&scene->run, 2, &arena[2]);
    assert_memory_equal(first.command.id, given, sizeof given);
    assert_memory_not_equal(second.command.id, third.command.id, sizeof given);
    for (int i = 0; i < 3; i++)
        gp_arena_release(&arena[i]);
}

static void each_verb_sends_itself(void **state)
{
    /* Without those that cannot do without an option. */
    static const enum gp_verb verbs[] = {
        GP_VERB_FILE,   GP_VERB_ACCEPT, GP_VERB_NOTE,    GP_VERB_STAGE,
        GP_VERB_FINISH, GP_VERB_VERIFY, GP_VERB_INFORM,  GP_VERB_CLOSE,
        GP_VERB_VOID,   GP_VERB_UNLINK, GP_VERB_CONSENT, GP_VERB_REFUSE,
        GP_VERB_RESUME, GP_VERB_REOPEN, GP_VERB_CORRECT, GP_VERB_APPEAL,
    };
    struct scene *scene = *state;
    struct gp_arena arena;
    char words[80];

    listen_on(scene);
    for (unsigned i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        snprintf(words, sizeof words, "%s 41 --as li --note done --if-version 7",
                 gp_verb_name(verbs[i]));
        assert_int_equal(run_words(&scene->run, words), 0);
        struct gp_request request = run_sent(&scene->run, i, &arena);
        assert_int_equal(request.command.verb, verbs[i]);
        assert_int_equal(request.command.incident, 41);
        assert_int_equal(request.command.expect_version, 7);
        assert_true(gp_span_is(request.command.text, "done"));
        gp_arena_release(&arena);
    }
}

/* Each option of the side lines, by the command that it becomes. */
static void options_say_the_rest(void **state)
{
    static const struct {
        const char *words;
        struct gp_command command;
    } cases[] = {
        {"verify 41 --as li --result pass", {.verb = GP_VERB_VERIFY, .result = GP_RESULT_YES}},
        {"verify 41 --as li --fail", {.verb = GP_VERB_VERIFY, .result = GP_RESULT_NO}},
        {"return 41 --as li --reason no_power --suggest F-SZ too deep",
         {.verb = GP_VERB_RETURN,
          .return_reason = GP_RETURN_NO_POWER,
          .post = GP_SPAN("F-SZ"),
          .text = GP_SPAN("too deep")}},
        {"rule 41 --as li --result accept --owner F-SZ",
         {.verb = GP_VERB_RULE, .result = GP_RESULT_YES, .post = GP_SPAN("F-SZ")}},
        {"void 41 --as li --reason test", {.verb = GP_VERB_VOID, .text = GP_SPAN("test")}},
        {"link 41 --as li --to #40", {.verb = GP_VERB_LINK, .other = 40}},
        {"extend 41 --as li --hours 8 --reason rain",
         {.verb = GP_VERB_EXTEND, .hours = 8, .text = GP_SPAN("rain")}},
        {"decide 41 --as li --result refuse", {.verb = GP_VERB_DECIDE, .result = GP_RESULT_NO}},
        {"suspend 41 --as li --until 2026-09-30T16:40 --reason pump",
         {.verb = GP_VERB_SUSPEND, .from_ms = SAMPLE_MS, .text = GP_SPAN("pump")}},
        {"reassign 41 --as li --owner F-SZ --reason big",
         {.verb = GP_VERB_REASSIGN, .post = GP_SPAN("F-SZ"), .text = GP_SPAN("big")}},
        {"correct 41 --as li --category C2 --condition missing gone",
         {.verb = GP_VERB_CORRECT,
          .category = GP_SPAN("C2"),
          .condition = GP_SPAN("missing"),
          .text = GP_SPAN("gone")}},
        {"deliver 41 --as li --seq 304 --person wang --state failed",
         {.verb = GP_VERB_DELIVER,
          .ref_seq = 304,
          .person = GP_SPAN("wang"),
          .delivery = GP_DELIVERY_FAILED}},
        {"sign 41 --as li --of wang --result grant",
         {.verb = GP_VERB_SIGN, .person = GP_SPAN("wang"), .result = GP_RESULT_YES}},
    };
    struct scene *scene = *state;
    struct gp_arena arena;

    listen_on(scene);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct gp_command *wanted = &cases[i].command;
        assert_int_equal(run_words(&scene->run, cases[i].words), 0);
        struct gp_command command = run_sent(&scene->run, i, &arena).command;
        assert_int_equal(command.verb, wanted->verb);
        assert_int_equal(command.incident, 41);
        assert_int_equal(command.result, wanted->result);
        assert_int_equal(command.return_reason, wanted->return_reason);
        assert_int_equal(command.delivery, wanted->delivery);
        assert_int_equal(command.hours, wanted->hours);
        assert_int_equal(command.other, wanted->other);
        assert_int_equal(command.ref_seq, wanted->ref_seq);
        assert_int_equal(command.from_ms, wanted->from_ms);
        assert_true(gp_span_equal(command.post, wanted->post));
        assert_true(gp_span_equal(command.person, wanted->person));
        assert_true(gp_span_equal(command.category, wanted->category));
        assert_true(gp_span_equal(command.condition, wanted->condition));
        assert_true(gp_span_equal(command.text, wanted->text));
        gp_arena_release(&arena);
    }
}

static void a_report_says_where_it_comes_from(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run,
                               "report --as li -g 340705402001001 -c C01-01 --phone 0562-1 "
                               "--on-spot --informed --downward --approval DZ-12"),
                     0);
    struct gp_command command = run_sent(&scene->run, 0, &arena).command;
    assert_true(gp_span_is(command.phone, "0562-1"));
    assert_true(command.on_spot && command.informed && command.downward);
    assert_true(gp_span_is(command.approval, "DZ-12"));
    gp_arena_release(&arena);
}

static void the_clock_commands_send_a_control(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "clock confirm --as li"), 0);
    struct gp_request first = run_sent(&scene->run, 0, &arena);
    assert_int_equal(first.control.act, GP_CONTROL_CLOCK_CONFIRM);
    gp_arena_release(&arena);
    assert_int_equal(run_words(&scene->run, "clock lower 2026-09-30T16:40 --as li"), 0);
    struct gp_request request = run_sent(&scene->run, 1, &arena);
    assert_int_equal(request.control.act, GP_CONTROL_CLOCK_LOWER);
    assert_int_equal(request.control.at_ms, SAMPLE_MS);
    assert_memory_not_equal(first.control.id, request.control.id, sizeof first.control.id);
    gp_arena_release(&arena);
}

static void a_text_that_is_too_long_is_wrong_usage(void **state)
{
    struct scene *scene = *state;
    char text[GP_TEXT_BYTES_MAX + 2];
    const char *const arguments[] = {"note", "41", "--as", "li", text, NULL};

    listen_on(scene);
    memset(text, 'a', sizeof text - 1);
    text[GP_TEXT_BYTES_MAX + 1] = '\0';
    assert_int_equal(run_arguments(&scene->run, arguments), 64);
    text[GP_TEXT_BYTES_MAX] = '\0';
    assert_int_equal(run_arguments(&scene->run, arguments), 0);
}

/* ---------------------------------------------------------------- without a daemon */

/* A plan is that of its time: the catalogue's version, the area's own hours, an old code's new
 * grid. */
static void a_plan_is_that_of_its_time(void **state)
{
    static const struct {
        const char *grid, *at, *category, *due, *area;
    } cases[] = {
        {"340705006001001", "2026-06-30T08:00+08:00", "road", "2026-06-30T18:00", "006001001"},
        {"340705006001001", "2026-07-01T08:00+08:00", "road", "2026-07-01T12:00", "006001009"},
        {"340705006002001", "2026-06-08T16:00+08:00", "lamp", "2026-06-09T11:00", "006002001"},
        {"340705006002001", "2026-07-01T05:00+08:00", "lamp", "2026-07-01T09:00", "006002011"},
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[300], due[64], area[64];
        (void)snprintf(words, sizeof words,
                       "plan --config " GP_SOURCE_DIR
                       "/tests/golden/changes/config --grid %s --category %s --at %s",
                       cases[i].grid, cases[i].category, cases[i].at);
        assert_int_equal(run_words(&scene->run, words), 0);
        (void)snprintf(due, sizeof due, "\"due\":\"%s:00+08:00\"", cases[i].due);
        (void)snprintf(area, sizeof area, "\"area\":\"340705%s\"", cases[i].area);
        check_contains(scene->run.out, due);
        check_contains(scene->run.out, area);
        check_contains(scene->run.out, "\"every\":{\"every\":\"8wh\"");
    }
}

/* ---------------------------------------------------------------- language */

static void messages_are_chinese_where_wanted(void **state)
{
    struct scene *scene = *state;

    scene->run.language = "zh_CN";
    assert_int_equal(run_words(&scene->run, "--help"), 0);
    check_contains(scene->run.out, "上报");
    assert_int_equal(run_words(&scene->run, "status"), 75);
    check_contains(scene->run.err, "启动");
    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "accept 41 --as li"), 0);
    check_contains(scene->run.out, "2026-10-01 00:40:00");
    if (strstr(scene->run.out, "due") != NULL || strstr(scene->run.out, "Content-Type") != NULL)
        fail_msg("not Chinese: %s", scene->run.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(wrong_usage_exits_64_and_says_why),
        T(a_command_without_a_person_is_wrong_usage),
        T(every_subcommand_has_its_help),
        T(the_version_is_the_projects),
        T(a_daemon_that_is_not_there_is_said_with_how_to_start_it),
        T(no_answer_in_time_exits_4),
        T(a_folder_that_is_not_there_is_said_plainly),
        T(each_status_has_its_exit_code),
        T(a_refusal_as_json_is_one_object),
        T(an_answer_is_one_line),
        T(a_report_carries_everything_that_was_said),
        T(a_given_id_is_used_and_a_fresh_one_made_otherwise),
        T(each_verb_sends_itself),
        T(options_say_the_rest),
        T(a_report_says_where_it_comes_from),
        T(the_clock_commands_send_a_control),
        T(a_text_that_is_too_long_is_wrong_usage),
        T(a_plan_is_that_of_its_time),
        T(messages_are_chinese_where_wanted),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
