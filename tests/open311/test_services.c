/* Discovery, the list of services, their definitions; and what is no resource at all. */
#include "open311/city.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void both_formats(const char *name, const char *path)
{
    char url[200];

    (void)snprintf(url, sizeof url, "%s.xml", path);
    struct told told = get(url);
    assert_string_equal(told.type, "text/xml; charset=utf-8");
    expect_golden(told, 200, name);
    (void)snprintf(url, sizeof url, "%s.json", path);
    told = get(url);
    assert_string_equal(told.type, "application/json; charset=utf-8");
    expect_golden(told, 200, name);
}

static void documents_are_as_expected(void **state)
{
    (void)state;
    both_formats("discovery", "discovery");
    both_formats("services", "services");
    both_formats("definition-c", "services/c");
    both_formats("definition-n4", "services/n4");
    expect_golden(get("services.json?locale=en_GB"), 200, "services-en");
    expect_golden(get("services/c.json?locale=en"), 200, "definition-c-en");
    city.language = GP_OPEN311_EN;
    expect_golden(get("services.json"), 200, "services-en");
    expect_golden(get("services.json?locale=fr"), 200, "services-en");
    expect_golden(get("services.json?locale=zh-CN"), 200, "services");
}

static void nothing_is_asked_of_the_daemon(void **state)
{
    (void)state;
    (void)get("services.json");
    assert_int_equal(desk.asks, 0);
}

static void a_test_endpoint_says_so(void **state)
{
    (void)state;
    city.test = true;
    expect_has(get("discovery.json"), "\"type\": \"test\"");
}

static void private_rows_are_not_there(void **state)
{
    (void)state;
    expect_lacks(get("services.xml"), "<service_code>p4");
    expect_error(get("services/p4.xml"), 404, 404, "p4");
    city_row("c", "broken")->is_private = true; /* of its two rows one: nothing is to be chosen */
    expect_lacks(get("services.xml"), "破损");
    expect_has(get("services.xml"), "<service_code>c</service_code>");
    expect_has(get("services/c.json"), "\"attributes\": []");
}

static void the_version_in_force_counts(void **state)
{
    struct gp_row *row = city_row("n4", "default");

    (void)state;
    row->valid_from_ms = town_at("2026-06-15 12:01");
    expect_error(get("services/n4.json"), 404, 404, "n4");
    city_now("2026-06-15 12:01");
    assert_int_equal(get("services/n4.json").status, 200);
    row->valid_from_ms = 0;
    town_version(&town, "n4", "2026-06-15 12:02", "8wh");
    assert_int_equal(get("services/n4.json").status, 200);
    city_now("2026-06-15 12:02"); /* the older one is over: there are not two of them */
    expect_has(get("services/n4.json"), "\"attributes\": []");
}

static void a_default_condition_need_not_be_chosen(void **state)
{
    (void)state;
    city_row("c", "missing")->condition = GP_SPAN("default"); /* which sorts behind "broken" */
    expect_has(get("services/c.json"), "\"required\": false");
    expect_has(get("services.json"), "\"metadata\": true");
}

static void names_may_lack(void **state)
{
    struct gp_row *row = city_row("n4", "default");

    (void)state;
    row->name_en = (struct gp_span){0};
    expect_has(get("services.json?locale=en"), "\"service_name\": \"路灯\"");
    row->name_zh = (struct gp_span){0};
    expect_has(get("services.json"), "\"service_name\": \"n4\"");
    town.departments[1].name_en = (struct gp_span){0};
    town.lines[1].name_en = town.lines[1].name_zh = (struct gp_span){0};
    expect_has(get("services.json?locale=en"), "Responsible: 市政工程管理处");
    expect_has(get("services.json?locale=en"), "\"group\": \"shizheng\"");
}

static void hostile_names_are_harmless(void **state)
{
    (void)state;
    city_row("n4", "default")->name_zh = GP_SPAN("<b>&\"灯\",\x01");
    expect_has(get("services.xml"),
               "<service_name>&lt;b&gt;&amp;\"灯\",\xEF\xBF\xBD</service_name>");
    expect_has(get("services.json"), "\"<b>&\\\"灯\\\";\xEF\xBF\xBD, street lamp\"");
}

static void formats_follow_the_name(void **state)
{
    (void)state;
    assert_string_equal(get("/services").type, "text/xml; charset=utf-8");
    assert_string_equal(get("//services.json").type, "application/json; charset=utf-8");
    expect_error(get("services.html"), 404, 404, "没有这个资源");
    expect_error(get(".json"), 404, 404, "没有这个资源");
    expect_error(get(""), 404, 404, "没有这个资源");
    expect_error(get("services/"), 404, 404, "service_code");
    expect_error(get("services/%zz.json"), 400, 400, "百分号");
    expect_error(get("services/c%2Fd.json"), 404, 404, "c/d");
    expect_error(get("discovery/x.json"), 404, 404, "没有这个资源");
    expect_error(get("tokens.json"), 404, 404, "没有这个资源");
    expect_error(post("services.json", "a=1"), 400, 400, "请求方法");
    expect_error(get("services.json?a=%"), 400, 400, "百分号");
    expect_error(get("nothing.json?locale=en"), 404, 404, "There is no such resource.");
}

static void the_jurisdiction_is_looked_at_where_there_is_one(void **state)
{
    (void)state;
    assert_int_equal(get("services.json?jurisdiction_id=elsewhere.org").status, 200);
    city.jurisdiction = GP_SPAN("city.example");
    assert_int_equal(get("services.json?jurisdiction_id=city.example").status, 200);
    assert_int_equal(get("services.json").status, 200);
    expect_error(get("services.json?jurisdiction_id=else"), 404, 404, "jurisdiction_id：else");
    expect_error(post("requests.xml", "jurisdiction_id=else"), 404, 404, "jurisdiction_id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents_are_as_expected, city_begin, city_end),
        cmocka_unit_test_setup_teardown(nothing_is_asked_of_the_daemon, city_begin, city_end),
        cmocka_unit_test_setup_teardown(a_test_endpoint_says_so, city_begin, city_end),
        cmocka_unit_test_setup_teardown(private_rows_are_not_there, city_begin, city_end),
        cmocka_unit_test_setup_teardown(the_version_in_force_counts, city_begin, city_end),
        cmocka_unit_test_setup_teardown(a_default_condition_need_not_be_chosen, city_begin,
                                        city_end),
        cmocka_unit_test_setup_teardown(names_may_lack, city_begin, city_end),
        cmocka_unit_test_setup_teardown(hostile_names_are_harmless, city_begin, city_end),
        cmocka_unit_test_setup_teardown(formats_follow_the_name, city_begin, city_end),
        cmocka_unit_test_setup_teardown(the_jurisdiction_is_looked_at_where_there_is_one,
                                        city_begin, city_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
