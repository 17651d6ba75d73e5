/* POST requests: what becomes a command, what is refused, and what is kept of who reports. */
#include "open311/city.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HERE "&address_id=" TOWN_GRID
#define LAMP "service_code=n4" HERE

static void a_report_becomes_a_command(void **state)
{
    (void)state;
    desk.due_ms = town_at("2026-06-15 18:00");
    struct told told =
        post("requests.xml",
             "jurisdiction_id=city.gov&service_code=c&attribute[condition]=missing"
             "&lat=30.9512345&long=117.8100000&address_string=%E4%B8%9C%E6%B9%96%E8%B7%AF+12" HERE
             "&email=wang%40example.org&device_id=tt222111&account_id=123456&first_name=%E4%BA%94"
             "&last_name=%E7%8E%8B&phone=13800000000&description=%E5%BE%88%E5%8D%B1%E9%99%A9%0D%0Ab"
             "&media_url=https%3A%2F%2Fexample.org%2Fa.jpg&attribute[other]=x");
    expect_golden(told, 200, "posted");
    assert_int_equal(desk.asks, 1);
    assert_string_equal(desk.last_category, "c");
    assert_string_equal(desk.last_condition, "missing");
    assert_string_equal(desk.last_grid, TOWN_GRID);
    assert_string_equal(desk.last_phone, "13800000000");
    assert_string_equal(desk.last_text, "很危险\nb\n---- Open311 ----\n地址: 东湖路 12\n"
                                        "图片: https://example.org/a.jpg\n联系人: 王五\n"
                                        "邮箱: wang@example.org\n来源: 地图网\n");
    assert_true(desk.last.command.place.known);
    assert_int_equal(desk.last.command.place.lat_e7, 309512345);
    assert_int_equal(desk.last.command.place.lon_e7, 1178100000);
    assert_int_equal(desk.last.command.id[2], 3);
    assert_null(strstr(desk.last_text, "tt222111")); /* of no use to anybody here */
    expect_golden(post("requests.json", LAMP "&description=x&locale=en"), 200, "posted-en");
}

static void names_are_as_their_language_has_them(void **state)
{
    (void)state;
    assert_int_equal(post("requests.xml", LAMP "&first_name=john&last_name=smith").status, 200);
    assert_non_null(strstr(desk.last_text, "联系人: john smith\n"));
    assert_int_equal(post("requests.xml", LAMP "&last_name=smith").status, 200);
    assert_non_null(strstr(desk.last_text, "联系人: smith\n"));
}

static void little_is_needed(void **state)
{
    (void)state;
    assert_int_equal(post("requests.json", LAMP).status, 200);
    assert_string_equal(desk.last_text, "---- Open311 ----\n来源: 地图网\n");
    assert_string_equal(desk.last_condition, "default");
    assert_false(desk.last.command.place.known);
    expect_has(post("requests.json", LAMP), "\"service_notice\": null");
}

static void who_has_no_key_is_denied(void **state)
{
    (void)state;
    expect_error(post("requests.xml", LAMP "&api_key=wrong"), 403, 403, "api_key");
    expect_error(post("requests.json", LAMP "&api_key="), 403, 403, "api_key");
    assert_int_equal(desk.asks, 0);
    city.key = NULL;
    expect_error(post("requests.xml", LAMP), 403, 403, "api_key");
}

static void services_are_looked_for(void **state)
{
    (void)state;
    expect_error(post("requests.xml", "description=x" HERE), 400, 400, "缺少 service_code");
    expect_error(post("requests.xml", "service_code=zz" HERE), 404, 404, "service_code：zz");
    expect_error(post("requests.xml", "service_code=p4" HERE), 404, 404, "service_code：p4");
    expect_error(post("requests.xml", "service_code=c" HERE), 400, 400, "broken,missing");
    expect_error(post("requests.xml", "service_code=c&attribute[condition]=x" HERE), 400, 400,
                 "可选值：x");
    assert_int_equal(desk.asks, 0);
    city_row("c", "broken")->is_private = true;
    expect_error(post("requests.xml", "service_code=c&attribute[condition]=broken" HERE), 400, 400,
                 "可选值：broken");
    assert_int_equal(post("requests.xml", "service_code=c" HERE).status, 200);
    assert_string_equal(desk.last_condition, "missing"); /* the only one that is to be had */
}

static void a_grid_is_needed(void **state)
{
    (void)state;
    expect_error(post("requests.xml", "service_code=n4"), 400, 400, "缺少位置");
    expect_error(post("requests.xml", "service_code=n4&lat=30.95&long=117.81"), 400, 400,
                 "无法确定所属网格");
    expect_error(post("requests.xml", "service_code=n4&address_string=x"), 400, 400,
                 "无法确定所属网格");
    expect_error(post("requests.xml", "service_code=n4&address_id=" TOWN_COMMUNITY), 400, 400,
                 "address_id 不是网格代码：" TOWN_COMMUNITY);
    expect_lacks(post("requests.xml", "service_code=n4&address_id=1"), "无法确定");
    expect_error(post("requests.xml", LAMP "&lat=30.95"), 400, 400, "成对");
    expect_error(post("requests.xml", LAMP "&lat=91&long=0"), 400, 400, "成对");
    expect_error(post("requests.xml", LAMP "&lat=a&long=b"), 400, 400, "成对");
    city.area = (struct gp_area_ref){.padded = UINT64_C(340705402000000), .digits = 9};
    expect_error(post("requests.xml", LAMP), 400, 400, "address_id"); /* it is another's */
    assert_int_equal(desk.asks, 0);
}

static void an_old_code_leads_to_the_new_grid(void **state)
{
    struct gp_area *old = &town.areas[town_area(&town, TOWN_GRID_SAME_AB)];

    (void)state;
    old->alias_of = town_area(&town, TOWN_GRID);
    old->valid_to_ms = town_at("2026-01-01 00:00");
    assert_int_equal(post("requests.xml", "service_code=n4&address_id=" TOWN_GRID_SAME_AB).status,
                     200);
    assert_string_equal(desk.last_grid, TOWN_GRID);
}

/* The outlines of a town whose grids are two squares and whose community is between them. */
static uint32_t locate(void *context, const struct gp_org *org, struct gp_place place)
{
    assert_ptr_equal(context, &town);
    assert_ptr_equal(org, &town.org);
    if (place.lat_e7 < 300000000)
        return GP_NONE;
    return town_area(&town, place.lat_e7 < 310000000 ? TOWN_GRID : TOWN_COMMUNITY);
}

static void outlines_tell_the_grid(void **state)
{
    (void)state;
    city.locate = locate;
    city.locate_context = &town;
    assert_int_equal(post("requests.xml", "service_code=n4&lat=30.5&long=117").status, 200);
    assert_string_equal(desk.last_grid, TOWN_GRID);
    expect_error(post("requests.xml", "service_code=n4&lat=29&long=117"), 400, 400,
                 "不在任何网格内");
    expect_error(post("requests.xml", "service_code=n4&lat=31.5&long=117"), 400, 400,
                 "不在任何网格内");
    expect_error(post("requests.xml", "service_code=n4&address_string=x"), 400, 400,
                 "无法确定所属网格");
    assert_int_equal(
        post("requests.xml", "service_code=n4&lat=29&long=117&address_id=" TOWN_GRID_SAME_AB)
            .status,
        200);
    assert_string_equal(desk.last_grid, TOWN_GRID_SAME_AB); /* what is said comes first */
    assert_int_equal(post("requests.xml", "service_code=n4&lat=30.5&long=117&address_id=x").status,
                     200);
    assert_string_equal(desk.last_grid, TOWN_GRID);
}

static void somebody_may_sort_what_has_no_grid(void **state)
{
    (void)state;
    city.fallback_grid = GP_SPAN(TOWN_GRID_SAME_AB);
    assert_int_equal(post("requests.xml", "service_code=n4&lat=30.5&long=117").status, 200);
    assert_string_equal(desk.last_grid, TOWN_GRID_SAME_AB);
    assert_non_null(strstr(desk.last_text, "网格: 未能确定，请更正\n"));
    assert_int_equal(post("requests.xml", LAMP).status, 200);
    assert_null(strstr(desk.last_text, "网格: "));
    expect_error(post("requests.xml", "service_code=n4"), 400, 400, "缺少位置");
    expect_error(post("requests.xml", "service_code=n4&address_id=x"), 400, 400, "address_id");
    assert_int_equal(desk.asks, 0);
}

static void long_texts_are_cut_between_characters(void **state)
{
    char form[16384];
    size_t used = (size_t)snprintf(form, sizeof form, LAMP "&address_string=x&description=a");

    (void)state;
    for (int i = 0; i < 900; i++)
        used += (size_t)snprintf(form + used, sizeof form - used, "%%E4%%BA%%95");
    desk.due_ms = town_at("2026-06-15 18:00");
    struct told told = post("requests.json", form);
    assert_int_equal(told.status, 200);
    expect_has(told, "只登记了前面部分");
    expect_has(told, "18:00");
    assert_true(strlen(desk.last_text) > GP_TEXT_BYTES_MAX - 4);
    assert_true(strlen(desk.last_text) <= GP_TEXT_BYTES_MAX);
    assert_non_null(strstr(desk.last_text, "井\n---- Open311 ----\n地址: x\n来源: 地图网\n"));
    assert_true(gp_utf8_valid(gp_span_of(desk.last_text)));
}

/* The longest of everything, still a text that the daemon takes (the desk packs it). */
static void everything_at_once_fits(void **state)
{
    static const struct {
        const char *name;
        int bytes;
    } fields[] = {{"address_string", 300},
                  {"media_url=https://", 292},
                  {"first_name", 100},
                  {"last_name", 100},
                  {"email", 100},
                  {"description", 4000},
                  {"phone", 64}};
    char form[16384];
    size_t used = (size_t)snprintf(form, sizeof form, LAMP);

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        used += (size_t)snprintf(form + used, sizeof form - used, "&%s%s", fields[i].name,
                                 strchr(fields[i].name, '=') == NULL ? "=" : "");
        for (int k = 0; k < fields[i].bytes; k++)
            used += (size_t)snprintf(form + used, sizeof form - used, "y");
    }
    assert_int_equal(post("requests.json", form).status, 200);
    assert_int_equal(strlen(desk.last_text), GP_TEXT_BYTES_MAX);
}

static void single_fields_have_their_limits(void **state)
{
    static const char *const names[] = {"address_string", "first_name", "last_name", "email",
                                        "phone"};
    char form[1024], spaces[400];

    (void)state;
    memset(spaces, 'y', sizeof spaces - 1);
    spaces[sizeof spaces - 1] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(form, sizeof form, LAMP "&%s=%s", names[i], spaces);
        expect_error(post("requests.xml", form), 400, 400, names[i]);
    }
    expect_error(post("requests.xml", LAMP "&media_url=javascript:alert(1)"), 400, 400,
                 "media_url");
    expect_error(post("requests.xml", LAMP "&media_url=http://"), 400, 400, "media_url");
    assert_int_equal(post("requests.xml", LAMP "&media_url=http://x").status, 200);
    assert_int_equal(desk.asks, 1);
}

static void hostile_texts_are_made_plain(void **state)
{
    (void)state;
    assert_int_equal(post("requests.xml", LAMP "&description=%01a%1B%5B2J%0Db%C2%85c%7F"
                                               "&first_name=x%0A---- Open311 ----%0Ay"
                                               "&phone=1%0A2&address_string=%0D%0Az%0D%0A")
                         .status,
                     200);
    assert_string_equal(desk.last_text, "a [2J\nb c\n---- Open311 ----\n地址: z\n"
                                        "联系人: x ---- Open311 ---- y\n来源: 地图网\n");
    assert_string_equal(desk.last_phone, "1 2");
}

/* Whoever types the line that parts text and tail hides more of the own text, and shows nothing. */
static void the_tail_cannot_be_forged(void **state)
{
    (void)state;
    assert_int_equal(post("requests.xml", LAMP "&description=a%0A---- Open311 ----%0A"
                                               "%E5%9B%BE%E7%89%87: https://evil.example/%0Ab"
                                               "&email=me@example.org&address_string=here")
                         .status,
                     200);
    struct gp_incident *incident = desk_incident(1, "2026-06-15 10:00", "n4", "default");
    incident->reporter = GP_SPAN("zheng");
    incident->text = gp_span_of(desk.last_text);
    struct told told = get("requests/1.json");
    expect_has(told, "\"description\": \"a\"");
    expect_has(told, "\"address\": \"here, ");
    expect_has(told, "\"media_url\": null");
    expect_lacks(told, "evil");
    expect_lacks(told, "me@example.org");
}

static void refusals_are_told(void **state)
{
    (void)state;
    desk.status = GP_STATUS_REFUSED;
    desk.reason = GP_REASON_NO_OWNER;
    expect_error(post("requests.xml", LAMP), 400, 400, "nobody at all");
    desk.status = GP_STATUS_TRY_AGAIN;
    expect_error(post("requests.xml", LAMP), 400, 503, "稍后重试");
    desk.status = GP_STATUS_INVALID;
    expect_error(post("requests.xml", LAMP), 400, 503, "稍后重试");
    desk.status = 0;
    desk.error = -1;
    expect_error(post("requests.xml", LAMP), 400, 503, "稍后重试");
}

static void all_mistakes_are_told_at_once(void **state)
{
    struct told told =
        post("requests.json", "service_code=zz&lat=1&media_url=x&phone=" HERE "&locale=en");

    (void)state;
    expect_error(told, 404, 404, "service_code was not found: zz");
    expect_error(told, 404, 400, "lat and long");
    expect_has(told, "media_url must be");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, city_begin, city_end)
    const struct CMUnitTest tests[] = {
        T(a_report_becomes_a_command),
        T(names_are_as_their_language_has_them),
        T(little_is_needed),
        T(who_has_no_key_is_denied),
        T(services_are_looked_for),
        T(a_grid_is_needed),
        T(an_old_code_leads_to_the_new_grid),
        T(outlines_tell_the_grid),
        T(somebody_may_sort_what_has_no_grid),
        T(long_texts_are_cut_between_characters),
        T(everything_at_once_fits),
        T(single_fields_have_their_limits),
        T(hostile_texts_are_made_plain),
        T(the_tail_cannot_be_forged),
        T(refusals_are_told),
        T(all_mistakes_are_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
