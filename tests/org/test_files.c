/* Each file's happy path: what a row says is what the snapshot has. */
#include "org/folder.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define assert_span(span, text) assert_true(gp_span_is((span), (text)))

static int setup(void **state)
{
    struct folder *folder = malloc(sizeof *folder);

    folder_open(folder);
    *state = folder;
    return 0;
}

static int teardown(void **state)
{
    folder_close(*state);
    free(*state);
    return 0;
}

static uint32_t area_of(const struct gp_org *org, const char *code)
{
    uint32_t area = gp_org_area(org, gp_span_of(code));
    assert_int_not_equal(area, GP_NONE);
    return area;
}

static uint32_t post_of(const struct gp_org *org, const char *id)
{
    uint32_t post = gp_org_post(org, gp_span_of(id));
    assert_int_not_equal(post, GP_NONE);
    return post;
}

static void areas(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    assert_int_equal(org->area_count, 8);
    const struct gp_area *grid = &org->areas[area_of(org, "340705006001002")];
    assert_span(grid->name, "临湖第2网格");
    assert_int_equal(grid->ref.level, GP_LEVEL_GRID);
    assert_int_equal(grid->households, 260);
    assert_int_equal(grid->calendar, GP_NONE);
    assert_int_equal(grid->parent, area_of(org, "340705006001"));
    assert_int_equal(grid->valid_to_ms, INT64_MAX);
    assert_int_equal(org->areas[grid->parent].parent, area_of(org, "340705006"));
    assert_int_equal(org->areas[area_of(org, "340705")].parent, GP_NONE);
    assert_int_equal(org->areas[area_of(org, "340705")].calendar, 0);
    const struct gp_area *old = &org->areas[area_of(org, "340705006009")];
    assert_int_equal(old->alias_of, area_of(org, "340705006002"));
    assert_int_equal(old->valid_to_ms, at("2026-01-02T00:00+08:00"));
    loaded_release(&loaded);
}

/* Tongling: communities of nine digits right below the district, committees of twelve. */
static void areas_without_streets(void **state)
{
    struct loaded loaded;

    folder_edit(*state, "org/areas.csv", "",
                "340705402,天井湖社区,社区,,,,,\n340705402001,第一居委会,居委会,,,,,\n"
                "340705402001001,第1网格,网格,210,,,,\n340705403000001,第2网格,网格,210,,,,\n"
                "340705403,官塘社区,community,,,,,\n");
    folder_edit(*state, "org/posts.csv", "",
                "B-402,B,340705402001001,,,\nB-403,B,340705403000001,,,\n");
    folder_edit(*state, "org/holdings.csv", "", "B-402,li,2025-01-01,\nB-403,li,2025-01-01,\n");
    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    uint32_t committee = area_of(org, "340705402001"), community = area_of(org, "340705402");
    assert_int_equal(org->areas[area_of(org, "340705402001001")].parent, committee);
    assert_int_equal(org->areas[committee].parent, community);
    assert_int_equal(org->areas[community].parent, area_of(org, "340705"));
    assert_int_equal(org->areas[area_of(org, "340705403000001")].parent, area_of(org, "340705403"));
    loaded_release(&loaded);
}

/* Old codes of old codes are followed; what a merged grid leads to is another grid. */
static void aliases_in_a_row(void **state)
{
    struct loaded loaded;

    folder_edit(*state, "org/areas.csv", "",
                "340705006008,更老社区,community,,,340705006009,,2025-06-30\n"
                "340705006008001,更老网格,grid,,,340705006009001,,2025-06-30\n"
                "340705006009001,老网格,grid,,,340705006002001,,2026-01-01\n");
    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    uint32_t oldest = area_of(org, "340705006008001");
    int64_t end_ms = at("2025-07-01T00:00+08:00");
    assert_int_equal(gp_org_area_at(org, oldest, end_ms - 1), oldest);
    assert_int_equal(gp_org_area_at(org, oldest, end_ms), area_of(org, "340705006009001"));
    assert_int_equal(gp_org_area_at(org, oldest, at("2026-01-02T00:00+08:00")),
                     area_of(org, "340705006002001"));
    loaded_release(&loaded);
}

static void people(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    const struct gp_person *li = &org->persons[gp_org_person(org, GP_SPAN("li"))];
    assert_int_equal(org->person_count, 7);
    assert_span(li->name, "李一");
    assert_span(li->phone, "13800000001");
    assert_int_equal(li->department, GP_NONE);
    uint32_t works = gp_org_department(org, GP_SPAN("SZ"));
    assert_int_equal(org->persons[gp_org_person(org, GP_SPAN("chen"))].department, works);
    assert_span(org->departments[works].name_zh, "市政处");
    assert_span(org->departments[works].name_en, "municipal works");
    const struct gp_line *line = &org->lines[gp_org_line(org, GP_SPAN("shizheng"))];
    assert_int_equal(line->department, works);
    assert_span(line->name_zh, "市政设施");
    loaded_release(&loaded);
}

static void posts(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    const struct gp_post *specialist = &org->posts[post_of(org, "A-shizheng-001")];
    assert_int_equal(specialist->kind, GP_POST_A);
    assert_int_equal(specialist->line, gp_org_line(org, GP_SPAN("shizheng")));
    assert_int_equal(specialist->department, GP_NONE);
    assert_int_equal(specialist->deputy_count, 2);
    assert_int_equal(specialist->deputies[0], gp_org_person(org, GP_SPAN("zhao")));
    assert_int_equal(specialist->deputies[1], gp_org_person(org, GP_SPAN("wang")));
    const struct gp_post *field = &org->posts[post_of(org, "F-SZ")];
    assert_int_equal(field->area_count, 2);
    assert_int_equal(field->areas[1], area_of(org, "340705006002"));
    for (uint32_t i = 0; i < org->post_count; i++)
        assert_int_equal(gp_org_post_by_key(org, org->posts[i].key), i);
    assert_int_equal(gp_org_scope(org, GP_POST_F, area_of(org, "340705006002"), GP_NONE,
                                  gp_org_department(org, GP_SPAN("SZ"))),
                     post_of(org, "F-SZ"));
    assert_int_equal(
        gp_org_scope(org, GP_POST_K, GP_NONE, GP_NONE, gp_org_department(org, GP_SPAN("XF"))),
        post_of(org, "K-XF"));
    loaded_release(&loaded);
}

static void holdings(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    uint32_t field = post_of(org, "F-SZ");
    assert_int_equal(org->holding_count, 10);
    for (size_t i = 1; i < org->holding_count; i++)
        assert_true(org->holdings[i - 1].post <= org->holdings[i].post);
    size_t i = 0;
    while (org->holdings[i].post != field)
        i++;
    assert_int_equal(org->holdings[i].person, gp_org_person(org, GP_SPAN("chen")));
    assert_int_equal(org->holdings[i].from_ms, at("2025-01-01T00:00+08:00"));
    assert_int_equal(org->holdings[i].to_ms, at("2026-07-01T00:00+08:00"));
    assert_int_equal(org->holdings[i + 1].from_ms, at("2026-07-01T00:00+08:00"));
    assert_int_equal(org->holdings[i + 1].to_ms, INT64_MAX);
    loaded_release(&loaded);
}

static void leaves(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_leave *leave = loaded.org->leaves;
    assert_int_equal(loaded.org->leave_count, 2); /* the rejected one is out */
    assert_span(leave[0].id, "l1");
    assert_true(leave[0].approved);
    assert_int_equal(leave[0].standin, gp_org_person(loaded.org, GP_SPAN("zhao")));
    assert_int_equal(leave[0].from_ms, at("2026-06-15T00:00+08:00"));
    assert_int_equal(leave[0].to_ms, at("2026-06-17T00:00+08:00"));
    assert_false(leave[1].approved);
    assert_int_equal(leave[1].standin, GP_NONE);
    assert_int_equal(leave[1].from_ms, at("2026-07-01T08:00+08:00"));
    assert_int_equal(leave[1].to_ms, at("2026-07-01T12:00+08:00"));
    loaded_release(&loaded);
}

static const struct gp_shift *shift_with(const struct gp_org *org, uint8_t weekdays)
{
    for (size_t i = 0; i < org->shift_count; i++) {
        if (org->shifts[i].weekdays == weekdays)
            return &org->shifts[i];
    }
    fail_msg("no shift on days %02x", weekdays);
    return NULL;
}

static void roster(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    assert_int_equal(loaded.org->shift_count, 3);
    const struct gp_shift *nights = shift_with(loaded.org, 0x1F);
    assert_int_equal(nights->from_ms, 18 * GP_MS_HOUR);
    assert_int_equal(nights->to_ms, 8 * GP_MS_HOUR);
    assert_int_equal(nights->valid_to_ms, INT64_MAX);
    const struct gp_shift *weekend = shift_with(loaded.org, 0x60);
    assert_int_equal(weekend->to_ms, GP_MS_DAY);
    assert_int_equal(weekend->valid_from_ms, at("2026-01-01T00:00+08:00"));
    assert_int_equal(weekend->valid_to_ms, at("2027-01-01T00:00+08:00"));
    const struct gp_shift *single = shift_with(loaded.org, 0);
    assert_int_equal(single->area, area_of(loaded.org, "340705006001"));
    assert_int_equal(single->valid_from_ms, at("2026-10-01T08:00+08:00"));
    assert_int_equal(single->valid_to_ms, at("2026-10-02T08:00+08:00"));
    loaded_release(&loaded);
}

static void catalogue(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    assert_int_equal(org->row_count, 3);
    const struct gp_row *rubbish = &org->rows[0], *cover = &org->rows[1], *lane = &org->rows[2];
    assert_true(rubbish->on_spot && !rubbish->is_private && !rubbish->informed);
    assert_false(rubbish->manual_filing);
    assert_int_equal(rubbish->wd_mode, GP_WD_HOURS);
    assert_span(cover->condition, "lost");
    assert_span(cover->condition_zh, "缺失");
    assert_int_equal(cover->first_owner, GP_POST_F);
    assert_int_equal(cover->department, gp_org_department(org, GP_SPAN("SZ"))); /* the line's */
    assert_int_equal(cover->tell_count, 2);
    assert_int_equal(cover->tell[0].kind, GP_PARTY_STREET);
    assert_int_equal(cover->tell[1].department, gp_org_department(org, GP_SPAN("XF")));
    assert_int_equal(cover->limit.stage_count, 2);
    assert_int_equal(cover->limit.stage[1].unit, GP_UNIT_WORK_DAY);
    assert_int_equal(cover->ladder, gp_org_ladder(org, GP_SPAN("U")));
    assert_true(cover->informed);
    assert_int_equal(lane->wd_mode, GP_WD_EOD);
    assert_true(lane->manual_filing && lane->is_private && !lane->informed);
    loaded_release(&loaded);
}

/* In whatever order they stand, the versions of a row are sorted by their day. */
static void versions(void **state)
{
    struct loaded loaded;
    struct gp_span code = GP_SPAN("03-01"), condition = GP_SPAN("default");

    folder_edit(*state, "org/catalogue.csv", "eod,manual\n",
                "eod,manual,2026-07-01\n"
                "03-01,default,消防通道,,,xiaofang,XF,A,,,2wh,N,,,,,,,2027-01-01\n"
                "03-01,default,消防通道,,,xiaofang,XF,A,,,1wh,N,,,,,,,\n");
    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    assert_int_equal(org->row_count, 5);
    uint32_t first = gp_org_row(org, code, condition, at("2026-06-30T23:59+08:00"));
    uint32_t second = gp_org_row(org, code, condition, at("2026-07-01T00:00+08:00"));
    assert_int_equal(org->rows[first].limit.stage[0].n, 1);
    assert_int_equal(org->rows[second].limit.stage[0].n, 15);
    assert_int_equal(org->rows[second].valid_from_ms, at("2026-07-01T00:00+08:00"));
    assert_int_equal(gp_org_row(org, code, condition, INT64_MAX), second + 1);
    loaded_release(&loaded);
}

static void calendars(void **state)
{
    struct loaded loaded;
    int64_t day;

    folder_load_good(*state, &loaded);
    const struct gp_calendar *office = &loaded.org->calendars[0];
    assert_int_equal(loaded.org->calendar_count, 1);
    assert_span(office->id, "office");
    assert_int_equal(office->zone_ms, 8 * GP_MS_HOUR);
    assert_int_equal(office->workday_ms, 8 * GP_MS_HOUR);
    assert_int_equal(office->known_until_ms, at("2027-01-01T00:00+08:00"));
    assert_int_equal(office->week_count, 2);
    assert_int_equal(office->special_count, 10);
    for (size_t i = 1; i < office->special_count; i++)
        assert_true(office->specials[i - 1].day < office->specials[i].day);
    (void)gp_date_parse(GP_SPAN("2026-10-11"), &day);
    assert_int_equal(gp_calendar_day(office, day)->segment[0].from_ms, 9 * GP_MS_HOUR);
    (void)gp_date_parse(GP_SPAN("2026-10-10"), &day);
    assert_int_equal(gp_calendar_day(office, day)->segment_count, 2);
    (void)gp_date_parse(GP_SPAN("2026-10-01"), &day);
    assert_int_equal(gp_calendar_day(office, day)->segment_count, 0);
    (void)gp_date_parse(GP_SPAN("2026-06-01"), &day);
    assert_int_equal(gp_calendar_day(office, day)->segment[1].from_ms, 870 * GP_MS_MINUTE);
    loaded_release(&loaded);
}

static void ladders(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    assert_int_equal(org->ladder_count, 3);
    const struct gp_ladder *normal = &org->ladders[gp_org_ladder(org, GP_SPAN("N"))];
    assert_false(normal->continuous);
    assert_span(normal->next_long, "L");
    assert_int_equal(normal->next_long_wd, 5);
    assert_int_equal(normal->rung_count, 6);
    const struct gp_rung *unaccepted = &normal->rung[1];
    assert_true(unaccepted->has_amount && unaccepted->has_percent);
    assert_int_equal(unaccepted->percent, 25);
    assert_int_equal(unaccepted->amount.n, 2);
    assert_int_equal(unaccepted->tells, 1 << GP_TELL_D2);
    assert_true(normal->rung[3].handover && normal->rung[3].anchor == GP_ANCHOR_DUE);
    assert_true(normal->rung[4].strike && normal->rung[4].amount.n == 24);
    const struct gp_rung *repeat = &normal->rung[5];
    assert_int_equal(repeat->anchor, GP_ANCHOR_CARD);
    assert_int_equal(repeat->times, 10);
    assert_int_equal(repeat->then.n, 40);
    const struct gp_ladder *urgent = &org->ladders[gp_org_ladder(org, GP_SPAN("U"))];
    assert_true(urgent->continuous && urgent->rung[0].urgent);
    loaded_release(&loaded);
}

static void optional_files_may_be_missing(void **state)
{
    struct loaded loaded;

    folder_remove(*state, "gridpost.yaml");
    folder_remove(*state, "org/leave.csv");
    folder_remove(*state, "org/roster.csv");
    folder_load_good(*state, &loaded);
    assert_int_equal(loaded.org->leave_count, 0);
    assert_int_equal(loaded.org->shift_count, 0);
    loaded_release(&loaded);
}

/* A second calendar with a zone of its own does not change how the directory's times are read. */
static void several_calendars(void **state)
{
    struct loaded loaded;

    folder_edit(*state, "org/areas.csv", "新城街道,street,,", "新城街道,street,,abc");
    folder_put(*state, "calendar/abc.yaml", "", 0);
    folder_edit(*state, "calendar/abc.yaml", "",
                "id: abc\nzone: \"+00:00\"\nweeks: [{hours: {mon-sun: 00:00-24:00}}]\n");
    folder_load_good(*state, &loaded);
    const struct gp_org *org = loaded.org;
    assert_int_equal(org->default_calendar, 1);
    assert_span(gp_org_calendar(org, area_of(org, "340705006001001"))->id, "abc");
    assert_span(gp_org_calendar(org, area_of(org, "340705"))->id, "office");
    assert_int_equal(org->calendars[0].known_until_ms, INT64_MAX);
    assert_int_equal(org->leaves[0].from_ms, at("2026-06-15T00:00+08:00"));
    loaded_release(&loaded);
}

static void a_snapshot_outlives_its_first_owner(void **state)
{
    struct loaded loaded;

    folder_load_good(*state, &loaded);
    struct gp_directory *second = gp_directory_ref(loaded.directory);
    loaded_release(&loaded);
    assert_int_equal(gp_directory_org(second)->person_count, 7);
    gp_directory_unref(second);
    gp_directory_unref(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(areas),
        TEST(areas_without_streets),
        TEST(aliases_in_a_row),
        TEST(people),
        TEST(posts),
        TEST(holdings),
        TEST(leaves),
        TEST(roster),
        TEST(catalogue),
        TEST(versions),
        TEST(calendars),
        TEST(ladders),
        TEST(optional_files_may_be_missing),
        TEST(several_calendars),
        TEST(a_snapshot_outlives_its_first_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
