/* Open311 on a real gridpostd: what the tests beside this one believe of its answers is so. */
#include "lib/world.h"
#include "org/directory.h"
#include "web/open311/open311.h"

#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GRID    "340705006001001"
#define REPORTS 260

static struct world world;
static struct gp_directory *directory;

static bool take_key(void *context, struct gp_span key, struct gp_span *ret_client)
{
    (void)context;
    *ret_client = GP_SPAN("app");
    return key.len > 0;
}

static int set_up(void **state)
{
    struct gp_findings findings;

    daemon_prepare(&world.daemon);
    world_start(&world, NULL);
    gp_findings_init(&findings);
    assert_int_equal(gp_directory_load(world.daemon.config, &findings, &directory), 0);
    gp_findings_release(&findings);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    gp_directory_unref(directory);
    return world_end(state);
}

/* ---------------------------------------------------------------- calls */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Plays a call against the daemon. The answer is read; the caller drops it. */
static json_t *play(bool post, const char *path, const char *form, int status)
{
    static uint8_t number; /* of the command */
    const struct gp_open311_city city = {.org = gp_directory_org(directory),
                                         .person = GP_SPAN("zheng"),
                                         .area = {.padded = UINT64_C(340705000000000), .digits = 6},
                                         .key = take_key};
    struct gp_open311_input input = {
        .post = post, .path = gp_span_of(path), .now_ms = now_ms(), .command_id = {1, ++number}};
    const struct gp_request *request;

    if (post)
        input.form = gp_span_of(form);
    else
        input.query = gp_span_of(form);
    struct gp_open311_call *call = gp_open311_begin(&city, &input);
    assert_non_null(call);
    while ((request = gp_open311_ask(call)) != NULL) {
        struct gp_reply reply = client_ask(&world.client, request);
        gp_open311_told(call, 0, &reply);
    }
    struct gp_open311_answer answer = gp_open311_answer(call);
    if (answer.status != status)
        fail_msg("%d: %.*s", answer.status, GP_SPAN_ARG(answer.body));
    json_t *body = json_loadb(answer.body.ptr, answer.body.len, 0, NULL);
    assert_non_null(body);
    gp_open311_end(call);
    return body;
}

static const char *word(const json_t *body, size_t row, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(body, row), name));

    return text != NULL ? text : "";
}

static void expect_word(const json_t *body, size_t row, const char *name, const char *expected)
{
    assert_string_equal(word(body, row, name), expected);
}

/* ---------------------------------------------------------------- the story */

static void report_many(void)
{
    for (int i = 0; i < REPORTS; i++) {
        struct gp_request request = request_report();
        if (i % 20 == 0)
            request.command.category = GP_SPAN("p4"); /* private */
        assert_int_equal(client_ask(&world.client, &request).status, GP_STATUS_OK);
    }
}

/* All that are not private, each once, the newest first. */
static void expect_all(void)
{
    json_t *body = play(false, "requests.json", "", 200);
    long before = LONG_MAX;

    assert_int_equal(json_array_size(body), 1 + REPORTS - REPORTS / 20);
    for (size_t i = 0; i < json_array_size(body); i++) {
        long id = strtol(word(body, i, "service_request_id"), NULL, 10);
        assert_true(id < before && (id - 2) % 20 != 0);
        before = id;
    }
    assert_int_equal(before, 1);
    json_decref(body);
}

static void expect_pages(void)
{
    json_t *all = play(false, "requests.json", "", 200);

    for (unsigned page = 1; page <= 3; page++) {
        char form[64];
        (void)snprintf(form, sizeof form, "page=%u&page_size=100", page);
        json_t *body = play(false, "requests.json", form, 200);
        assert_int_equal(json_array_size(body), page < 3 ? 100 : json_array_size(all) - 200);
        for (size_t i = 0; i < json_array_size(body); i++)
            assert_true(
                json_equal(json_array_get(body, i), json_array_get(all, (page - 1) * 100 + i)));
        json_decref(body);
    }
    json_decref(all);
}

static void reports_come_in_and_are_seen(void **state)
{
    (void)state;
    json_t *body = play(true, "requests.json",
                        "api_key=k&service_code=c&attribute[condition]=missing&address_id=" GRID
                        "&lat=30.95&long=117.81&description=x&email=me@x.example",
                        200);
    expect_word(body, 0, "service_request_id", "1");
    assert_true(strlen(word(body, 0, "service_notice")) > 0); /* due in two hours, at any time */
    json_decref(body);
    body = play(false, "requests/1.json", "extensions=true", 200);
    expect_word(body, 0, "status", "open");
    expect_word(body, 0, "service_code", "c");
    expect_word(body, 0, "description", "x");
    expect_word(body, 0, "address_id", GRID);
    assert_true(json_real_value(json_object_get(json_array_get(body, 0), "lat")) == 30.95);
    json_decref(body);
    json_decref(play(true, "requests.json", "api_key=k&service_code=p4&address_id=" GRID, 404));
    report_many();
    expect_all();
    expect_pages();
    json_decref(play(false, "requests/2.json", "", 404)); /* private */
    json_decref(play(false, "requests/999.json", "", 404));
}

static json_t *updates(int64_t from_ms)
{
    char form[100], at[GP_CLOCKTEXT_BYTES];

    gp_instant_format(from_ms, 0, at);
    (void)snprintf(form, sizeof form, "locale=en&start_date=%s", at);
    return play(false, "servicerequestupdates.json", form, 200);
}

static void what_happens_is_told(void **state)
{
    struct gp_request request;
    int64_t from_ms = now_ms();
    long before = 0;

    (void)state;
    from_ms -= from_ms % GP_MS_SECOND;
    report_many();
    request = request_command(GP_VERB_ACCEPT, 2, "li");
    assert_int_equal(client_ask(&world.client, &request).status, GP_STATUS_OK);
    json_decref(play(true, "servicerequestupdates.json",
                     "api_key=k&service_request_id=2&description=x", 200));
    json_decref(play(true, "servicerequestupdates.json",
                     "api_key=k&service_request_id=1&description=x", 404)); /* private */
    json_t *body = updates(from_ms);
    size_t count = json_array_size(body);
    assert_int_equal(count, REPORTS - REPORTS / 20 + 1);
    for (size_t i = 0; i < count; i++) {
        long seq = strtol(word(body, i, "update_id"), NULL, 10);
        assert_true(seq > before);
        before = seq;
        expect_word(body, i, "status", i + 1 < count ? "INVESTIGATING" : "IN_PROGRESS");
    }
    expect_word(body, count - 1, "service_request_id", "2");
    json_decref(body);
    body = updates(now_ms() + 60000);
    assert_int_equal(json_array_size(body), 0);
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reports_come_in_and_are_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_happens_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
