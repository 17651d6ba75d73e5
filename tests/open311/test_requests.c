/* GET requests: filters, pages, what is shown of an incident and what is not. */
#include "open311/city.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* One of each kind, from 1 on: what a reader of the goldens wants to see. */
static void fill_desk(void)
{
    struct gp_incident *incident = desk_incident(1, "2026-06-10 09:00", "c", "missing");

    incident->state = GP_STATE_CLOSED;
    incident->accepted_ms = town_at("2026-06-10 09:10");
    incident->closed_ms = town_at("2026-06-10 11:30") + 250;
    incident->place = (struct gp_place){true, 309512345, 1178100000};
    incident = desk_incident(2, "2026-06-11 08:30", "n4", "default");
    incident->state = GP_STATE_ACCEPTED;
    incident->accepted_ms = town_at("2026-06-11 09:00");
    incident->reporter = GP_SPAN("zheng");
    incident->text =
        GP_SPAN("路灯不亮 <script>alert(1)</script>\n已有三天 & 更久\n---- Open311 ----\n"
                "地址: 东湖路 12 号\n图片: https://example.org/a.jpg?x=1&y=2\n"
                "联系人: 王五\n邮箱: wang@example.org\n来源: 地图网\n");
    incident->place = (struct gp_place){true, 309500000, 1178123456};
    incident = desk_incident(3, "2026-06-12 08:30", "n4", "default");
    incident->state = GP_STATE_SUSPENDED;
    incident->side.resume_ms = town_at("2026-07-01 08:00");
    incident->text = GP_SPAN("张三家门口，电话 13800000000");
    incident = desk_incident(4, "2026-06-13 10:00", "u1", "default");
    incident->row.department = GP_SPAN("GS");
    incident->state = GP_STATE_DUPLICATE;
    incident->area = town.areas[town_area(&town, TOWN_GRID_STREETLESS)].ref;
    incident->plan.stage_count = 0;
    incident = desk_incident(5, "2026-06-14 10:00", "p4", "default");
    incident->row.is_private = true;
    incident->text = GP_SPAN("秘密");
}

static void expect_ids(struct told told, const char *expected)
{
    char ids[4096] = "";
    size_t used = 0;

    for (const char *at = told.body; (at = strstr(at, "<service_request_id>")) != NULL; at++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%d", used > 0 ? " " : "",
                                 atoi(at + strlen("<service_request_id>")));
    assert_int_equal(told.status, 200);
    if (strcmp(ids, expected) != 0)
        fail_msg("'%s' instead of '%s'", ids, expected);
}

static void answers_are_as_expected(void **state)
{
    (void)state;
    fill_desk();
    expect_golden(get("requests.xml"), 200, "requests");
    expect_golden(get("requests.json"), 200, "requests");
    expect_golden(get("requests.json?extensions=true&locale=en"), 200, "requests-en");
    expect_golden(get("requests.xml?extensions=true&locale=en"), 200, "requests-en");
    expect_golden(get("requests/2.xml"), 200, "request");
    expect_golden(get("requests/2.json"), 200, "request");
    expect_golden(get("tokens/2.xml"), 200, "token");
    expect_golden(get("tokens/2.json"), 200, "token");
    expect_golden(get("requests/77.xml"), 404, "error");
    expect_golden(get("requests/77.json"), 404, "error");
}

static void what_is_private_is_not_shown(void **state)
{
    (void)state;
    fill_desk();
    expect_ids(get("requests.xml"), "4 3 2 1");
    expect_ids(get("requests.xml?service_request_id=5,4,6,x,4"), "4 4");
    expect_error(get("requests/5.xml"), 404, 404, "5");
    expect_error(get("tokens/5.xml"), 404, 404, "5");
    desk.incident[3].row.is_private = true;
    expect_ids(get("requests.xml"), "3 2 1");
    city_row("n4", "default")->is_private = true; /* from now on, whenever it was filed */
    expect_ids(get("requests.xml"), "1");
    expect_error(get("requests/2.xml"), 404, 404, "2");
}

static void texts_are_shown_as_far_as_it_is_wanted(void **state)
{
    (void)state;
    fill_desk();
    struct told told = get("requests.xml");
    expect_has(told, "&lt;script&gt;");
    expect_has(told, "东湖路 12 号, 临湖第2网格, 临湖社区, 新城街道, 铜官区");
    expect_lacks(told, "13800000000");
    for (int texts = GP_OPEN311_TEXTS_OWN; texts <= GP_OPEN311_TEXTS_NONE; texts++) {
        city.texts = (uint8_t)texts;
        told = get("requests.xml");
        expect_lacks(told, "王五");
        expect_lacks(told, "wang@example.org");
        expect_lacks(told, "地图网");
    }
    expect_lacks(told, "alert");
    expect_lacks(told, "a.jpg");
    expect_lacks(told, "东湖路");
    city.texts = GP_OPEN311_TEXTS_ALL;
    expect_has(get("requests.xml"), "13800000000");
    desk.incident[2].reporter = city.person; /* who has reported otherwise, too */
    city.texts = GP_OPEN311_TEXTS_OWN;
    expect_lacks(get("requests.xml"), "13800000000");
}

static void only_the_citys_area_is_shown(void **state)
{
    (void)state;
    fill_desk();
    city.area = (struct gp_area_ref){.padded = UINT64_C(340705402000000), .digits = 9};
    expect_ids(get("requests.xml"), "4");
    expect_error(get("requests/1.xml"), 404, 404, "1");
    assert_int_equal(get("requests/4.xml").status, 200);
    city.area = (struct gp_area_ref){0};
    expect_ids(get("requests.xml"), "4 3 2 1");
}

static void filters_meet(void **state)
{
    (void)state;
    fill_desk();
    expect_ids(get("requests.xml?status=open"), "3 2");
    assert_true(desk.last.query.open_only);
    expect_ids(get("requests.xml?status=closed"), "4 1");
    expect_ids(get("requests.xml?status=open,%20closed"), "4 3 2 1");
    expect_ids(get("requests.xml?status=open&status=closed"), "4 3 2 1");
    expect_ids(get("requests.xml?service_code=c,u1"), "4 1");
    expect_ids(get("requests.xml?service_code=c&service_code=n4&status=open"), "3 2");
    expect_ids(get("requests.xml?service_code=none"), "");
    expect_ids(get("requests.xml?start_date=2026-06-12T00:00:00%2B08:00"), "4 3");
    expect_ids(get("requests.xml?end_date=2026-06-11T00:30:00Z"), "2 1");
    expect_ids(get("requests.xml?end_date=2026-06-11T00:29:59Z"), "1");
    expect_ids(get("requests.xml?start_date=2026-06-11T00:30:00Z&end_date=2026-06-12T00:30:00Z"),
               "3 2");
    expect_ids(get("requests.xml?start_date=2026-06-11&end_date=2026-06-12"), "3 2");
    expect_ids(get("requests.xml?updated_after=2026-06-11T09:00:00+08:00"), "4 3 2");
    expect_ids(get("requests.xml?updated_before=2026-06-10T11:30:00+08:00"), "1");
    expect_ids(get("requests.xml?updated_before=2026-06-10T11:29:59+08:00"), "");
    expect_ids(get("requests.xml?page_size=3"), "4 3 2");
    expect_ids(get("requests.xml?page_size=3&page=2"), "1");
    expect_ids(get("requests.xml?page_size=3&page=3"), "");
    expect_ids(get("requests.xml?service_request_id=3,1&status=bad&start_date=bad"), "3 1");
    expect_ids(get("requests.xml?service_request_id=3&service_request_id=1,2"), "3 1 2");
    expect_ids(get("requests.xml?service_request_id=&status=&page=&start_date="), "4 3 2 1");
}

static void spans_are_ninety_days(void **state)
{
    (void)state;
    city_now("2026-06-15 12:00");
    (void)get("requests.xml");
    assert_int_equal(desk.last.query.from_ms, town_at("2026-03-17 12:00") + 1);
    (void)desk_incident(1, "2026-03-17 11:59", "c", "broken");
    (void)desk_incident(2, "2026-03-17 12:01", "c", "broken");
    (void)desk_incident(3, "2026-06-15 12:00", "c", "broken");
    expect_ids(get("requests.xml"), "3 2");
    expect_ids(get("requests.xml?start_date=2026-01-01T00:00:00Z"), "2 1");
    expect_ids(get("requests.xml?end_date=2026-06-15T04:00:00Z"), "3 2");
    expect_ids(get("requests.xml?start_date=2026-03-17T00:00:00Z&end_date=2026-06-15T00:00:00Z"),
               "2 1");
    expect_error(get("requests.xml?start_date=2026-01-01T00:00:00Z&end_date=2026-04-03T00:00:00Z"),
                 400, 400, "90");
    expect_error(get("requests.xml?start_date=2026-01-02T00:00:00Z&end_date=2026-01-01T00:00:00Z"),
                 400, 400, "90");
    expect_ids(get("requests.xml?end_date=1969-01-01T00:00:00Z"), "");
    expect_ids(get("requests.xml?start_date=9999-12-31T23:59:59Z"), "");
    expect_ids(get("requests.xml?end_date=9999-12-31"), "");
    expect_ids(get("requests.xml?end_date=9999-12-31T23:59:59-12:00"), "");
}

/* The daemon's clock may be a little ahead of what is known of it. */
static void what_has_just_come_in_is_there(void **state)
{
    (void)state;
    city_now("2026-06-15 12:00");
    struct gp_incident *incident = desk_incident(1, "2026-06-15 12:00", "c", "broken");
    incident->received_ms += 1500;
    expect_ids(get("requests.xml"), "1");
    expect_ids(get("requests.xml?start_date=2026-06-15T00:00:00Z"), "1");
    expect_ids(get("requests.xml?end_date=2026-06-15T04:00:00Z"), "");
}

static void a_day_is_the_citys(void **state)
{
    (void)state;
    (void)desk_incident(1, "2026-06-10 23:59", "c", "broken");
    (void)desk_incident(2, "2026-06-11 00:00", "c", "broken");
    (void)desk_incident(3, "2026-06-11 23:59", "c", "broken");
    (void)desk_incident(4, "2026-06-12 00:00", "c", "broken");
    expect_ids(get("requests.xml?start_date=2026-06-11&end_date=2026-06-11"), "3 2");
}

static void mistakes_are_told_all_at_once(void **state)
{
    struct told told = get("requests.xml?status=maybe&start_date=yesterday&end_date=2026-13-01"
                           "&page=0&locale=en");

    (void)state;
    expect_error(told, 400, 400, "not: maybe");
    expect_has(told, "start_date must be");
    expect_has(told, "end_date must be");
    expect_has(told, "page is from 1");
    assert_int_equal(desk.asks, 0);
    expect_error(get("requests.json?page=a"), 400, 400, "page");
    expect_error(get("requests.json?page_size=1001"), 400, 400, "page");
    expect_error(get("requests.json?page=101&page_size=100"), 400, 400, "page");
    assert_int_equal(get("requests.json?page=100&page_size=100").status, 200);
    expect_error(get("requests.json?updated_after=2026"), 400, 400, "updated_after");
    expect_error(get("requests.json?start_date=2026-01-01T00:00:00"), 400, 400, "start_date");
}

static void lists_are_limited(void **state)
{
    char path[2000] = "requests.xml?service_request_id=1";
    size_t used = strlen(path);

    (void)state;
    for (int i = 1; i < 100; i++)
        used += (size_t)snprintf(path + used, sizeof path - used, ",1");
    (void)desk_incident(1, "2026-06-15 10:00", "c", "broken");
    assert_int_equal(get(path).status, 200);
    assert_int_equal(desk.asks, 100);
    (void)snprintf(path + used, sizeof path - used, ",1");
    expect_error(get(path), 400, 400, "service_request_id");
    memcpy(path, "requests.xml?service_code=1,,,,,,", strlen("requests.xml?service_code=1,,,,,,"));
    expect_error(get(path), 400, 400, "service_code");
}

/* So many, `seconds` apart, up to noon of the 15th. */
static void fill_evenly(unsigned count, unsigned seconds)
{
    for (unsigned i = 0; i < count; i++) {
        struct gp_incident *incident = desk_incident(i + 1, "2026-06-15 12:00", "c", "broken");
        incident->received_ms -= (int64_t)(count - 1 - i) * seconds * GP_MS_SECOND;
    }
}

/* The numbers from `from` down, so many. */
static void expect_down(struct told told, unsigned from, unsigned count)
{
    char ids[8192] = "";
    size_t used = 0;

    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%u", i > 0 ? " " : "", from - i);
    assert_true(used < 4096);
    expect_ids(told, ids);
}

static void pages_go_from_the_newest_back(void **state)
{
    (void)state;
    fill_evenly(5000, 60);
    desk.page_rows = 150; /* short pages, as a daemon may give */
    expect_down(get("requests.xml?page_size=700"), 5000, 700);
    assert_true(desk.queries < 20);
    expect_down(get("requests.xml?page_size=50"), 5000, 50);
    assert_true(desk.queries < 6);
    expect_down(get("requests.xml?page_size=50&page=2"), 4950, 50);
    expect_down(get("requests.xml?page_size=500&page=10"), 500, 500);
    expect_down(get("requests.xml?page_size=500&page=11"), 0, 0);
    desk.page_rows = 1; /* the first thousand, and no more, even when that is dear */
    expect_error(get("requests.xml"), 400, 400, "start_date");
}

static void a_crowded_hour_is_cut_finer(void **state)
{
    (void)state;
    fill_evenly(5500, 1); /* an hour and a half */
    expect_down(get("requests.xml?page_size=20"), 5500, 20);
    expect_down(get("requests.xml?page_size=700&page=7"), 1300, 700);
    assert_true(desk.queries < 150);
}

static void what_is_crowded_beyond_measure_is_told(void **state)
{
    (void)state;
    fill_evenly(2500, 0);
    expect_error(get("requests.xml"), 400, 500, "内部错误");
}

static void a_quiet_town_costs_little(void **state)
{
    (void)state;
    (void)desk_incident(1, "2026-03-20 09:00", "c", "broken");
    expect_ids(get("requests.xml"), "1");
    assert_true(desk.queries <= 6);
}

static void the_daemon_may_be_away(void **state)
{
    static const char *const paths[] = {"requests.json", "requests/1.json", "tokens/1.json",
                                        "requests.json?service_request_id=1"};

    (void)state;
    (void)desk_incident(1, "2026-06-15 10:00", "c", "broken");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        desk.error = GP_ETIMEDOUT;
        expect_error(get(paths[i]), 400, 503, "稍后重试");
        desk.error = 0;
        desk.status = GP_STATUS_TRY_AGAIN;
        expect_error(get(paths[i]), 400, 503, "稍后重试");
        desk.status = 0;
    }
    desk.status = GP_STATUS_REFUSED; /* beyond what this person may read */
    expect_error(get("requests/1.json"), 404, 404, "1");
    expect_ids(get("requests.xml?service_request_id=1"), "");
    expect_error(get("requests.json"), 400, 503, "稍后重试");
}

static void numbers_that_are_none_are_nobodys(void **state)
{
    (void)state;
    expect_error(get("requests/abc.xml"), 404, 404, "abc");
    expect_error(get("requests/0.xml"), 404, 404, "0");
    expect_error(get("requests/-1.xml"), 404, 404, "-1");
    expect_error(get("requests/99999999999999999999.xml"), 404, 404, "9999");
    expect_error(get("tokens/%3Cb%3E.xml"), 404, 404, "&lt;b&gt;");
    assert_int_equal(desk.asks, 0);
    expect_ids(get("requests.xml?service_request_id=abc"), "");
    assert_int_equal(desk.asks, 0);
}

static void places_that_left_the_directory_are_named_by_the_nearest(void **state)
{
    (void)state;
    desk_incident(1, "2026-06-15 10:00", "c", "broken")->area =
        (struct gp_area_ref){.padded = UINT64_C(340705006001009), .digits = 15, .level = 6};
    desk_incident(2, "2026-06-15 11:00", "gone", "default")->row.department = GP_SPAN("OLD");
    struct told told = get("requests.xml");
    expect_ids(told, "2 1");
    expect_has(told, "<address>临湖社区, 新城街道, 铜官区</address>");
    expect_has(told, "<service_name>gone</service_name>");
    expect_has(told, "<agency_responsible>OLD</agency_responsible>");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, city_begin, city_end)
    const struct CMUnitTest tests[] = {
        T(answers_are_as_expected),
        T(what_is_private_is_not_shown),
        T(texts_are_shown_as_far_as_it_is_wanted),
        T(only_the_citys_area_is_shown),
        T(filters_meet),
        T(spans_are_ninety_days),
        T(what_has_just_come_in_is_there),
        T(a_day_is_the_citys),
        T(mistakes_are_told_all_at_once),
        T(lists_are_limited),
        T(pages_go_from_the_newest_back),
        T(a_crowded_hour_is_cut_finer),
        T(what_is_crowded_beyond_measure_is_told),
        T(a_quiet_town_costs_little),
        T(the_daemon_may_be_away),
        T(numbers_that_are_none_are_nobodys),
        T(places_that_left_the_directory_are_named_by_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
