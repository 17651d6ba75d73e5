/* POST servicerequestupdates: a comment becomes a note. */
#include "open311/city.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define PATH "servicerequestupdates.xml"

static int begin(void **state)
{
    (void)city_begin(state);
    (void)desk_incident(7, "2026-06-15 10:00", "n4", "default");
    desk_incident(8, "2026-06-15 11:00", "p4", "default")->row.is_private = true;
    return 0;
}

/* As FixMyStreet sends it. */
static void a_comment_becomes_a_note(void **state)
{
    (void)state;
    struct told told =
        post(PATH, "update_id=55&updated_datetime=2026-06-15T03:00:00Z"
                   "&service_request_id=7&status=FIXED&description=%E4%BF%AE%E5%A5%BD"
                   "&last_name=smith&first_name=john&email=j%40x.example"
                   "&phone=13800000000&media_url=https://x.example/a.jpg");
    expect_golden(told, 200, "commented");
    expect_golden(post("servicerequestupdates.json", "service_request_id=7&description=a"), 200,
                  "commented");
    (void)post(PATH, "service_request_id=7&status=FIXED&description=%E4%BF%AE%E5%A5%BD"
                     "&last_name=smith&first_name=john&email=j%40x.example"
                     "&phone=13800000000&media_url=https://x.example/a.jpg");
    assert_int_equal(desk.asks, 2);
    assert_int_equal(desk.last.command.verb, GP_VERB_NOTE);
    assert_int_equal(desk.last.command.incident, 7);
    assert_int_equal(desk.last.command.id[2], 3);
    assert_int_equal(desk.last.command.expect_version, 0);
    assert_string_equal(desk.last_text, "修好\n---- Open311 ----\n图片: https://x.example/a.jpg\n"
                                        "对方状态: FIXED\n联系人: john smith\n电话: 13800000000\n"
                                        "邮箱: j@x.example\n来源: 地图网\n");
}

static void what_is_not_seen_is_not_written_to(void **state)
{
    (void)state;
    expect_error(post(PATH, "service_request_id=8&description=a"), 404, 404, "8");
    assert_int_equal(desk.asks, 1); /* it was not noted */
    expect_error(post(PATH, "service_request_id=9&description=a"), 404, 404, "9");
    expect_error(post(PATH, "service_request_id=x&description=a"), 404, 404, "x");
    expect_error(post(PATH, "description=a"), 404, 404, "service_request_id");
    desk.status = GP_STATUS_REFUSED;
    expect_error(post(PATH, "service_request_id=7&description=a"), 404, 404, "7");
}

static void mistakes_are_told(void **state)
{
    (void)state;
    expect_error(post(PATH, "service_request_id=7&description=a&api_key=wrong"), 403, 403,
                 "api_key");
    expect_error(post(PATH, "service_request_id=7&description=+%0A"), 400, 400, "description");
    expect_error(post(PATH, "service_request_id=7&description=a&media_url=x"), 400, 400,
                 "media_url");
    expect_error(post(PATH, "service_request_id=7&status="
                            "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"),
                 400, 400, "status");
    assert_int_equal(desk.asks, 0);
    assert_int_equal(post(PATH, "service_request_id=7&status=CLOSED").status, 200);
}

static void refusals_are_told(void **state)
{
    (void)state;
    desk.commands_only = true;
    desk.status = GP_STATUS_REFUSED;
    desk.reason = GP_REASON_STATE;
    expect_error(post(PATH, "service_request_id=7&description=a"), 400, 400,
                 "a state that does not allow this");
    desk.status = GP_STATUS_TRY_AGAIN;
    expect_error(post(PATH, "service_request_id=7&description=a"), 400, 503, "稍后重试");
    desk.commands_only = false;
    expect_error(post(PATH, "service_request_id=7&description=a"), 400, 503, "稍后重试");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, city_end)
    const struct CMUnitTest tests[] = {
        T(a_comment_becomes_a_note),
        T(what_is_not_seen_is_not_written_to),
        T(mistakes_are_told),
        T(refusals_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
