/* Looking things up in the directory, on the town of tests/lib. */
#include "lib/town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct town town;
static const struct gp_org *org = &town.org;

static int begin(void **state)
{
    (void)state;
    town_build(&town);
    return 0;
}

/* The published vectors of FNV-1a, 32 bit. */
static void keys_are_fnv_1a(void **state)
{
    (void)state;
    assert_true(gp_post_key(GP_SPAN("")) == UINT32_C(0x811c9dc5));
    assert_true(gp_post_key(GP_SPAN("a")) == UINT32_C(0xe40c292c));
    assert_true(gp_post_key(GP_SPAN("foobar")) == UINT32_C(0xbf9cf968));
}

/* First, last and every other row is found by its own key, and no other. */
static void every_row_is_found(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < org->person_count; i++)
        assert_int_equal(gp_org_person(org, org->persons[i].id), i);
    for (uint32_t i = 0; i < org->department_count; i++)
        assert_int_equal(gp_org_department(org, org->departments[i].code), i);
    for (uint32_t i = 0; i < org->line_count; i++)
        assert_int_equal(gp_org_line(org, org->lines[i].code), i);
    for (uint32_t i = 0; i < org->ladder_count; i++)
        assert_int_equal(gp_org_ladder(org, org->ladders[i].id), i);
    for (uint32_t i = 0; i < org->row_count; i++)
        assert_int_equal(gp_org_row(org, org->rows[i].code, org->rows[i].condition, 0), i);
    for (uint32_t i = 0; i < org->area_count; i++) {
        assert_int_equal(gp_org_area(org, org->areas[i].code), i);
        assert_int_equal(gp_org_area_ref(org, org->areas[i].ref), i);
    }
    for (uint32_t i = 0; i < org->post_count; i++) {
        assert_int_equal(gp_org_post(org, org->posts[i].id), i);
        assert_int_equal(gp_org_post_by_key(org, org->posts[i].key), i);
    }
    for (uint32_t i = 0; i < org->scope_count; i++) {
        const struct gp_scope *scope = &org->scopes[i];
        assert_int_equal(
            gp_org_scope(org, scope->kind, scope->area, scope->line, scope->department),
            scope->post);
    }
}

static void what_is_not_there_is_none(void **state)
{
    static const struct gp_org empty;

    (void)state;
    assert_true(gp_org_person(org, GP_SPAN("lin")) == GP_NONE);
    assert_true(gp_org_person(org, GP_SPAN("")) == GP_NONE);
    assert_true(gp_org_person(org, GP_SPAN("zzz")) == GP_NONE);
    assert_true(gp_org_post(org, GP_SPAN("B-3407050060010011")) == GP_NONE);
    assert_true(gp_org_post_by_key(org, 0) == GP_NONE);
    assert_true(gp_org_post_by_key(org, UINT32_MAX) == GP_NONE);
    assert_true(gp_org_row(org, GP_SPAN("c"), GP_SPAN("bent"), INT64_MAX) == GP_NONE);
    assert_true(gp_org_area(org, GP_SPAN("340799")) == GP_NONE);
    assert_true(gp_org_area(org, GP_SPAN("no digits")) == GP_NONE);
    assert_true(gp_org_scope(org, GP_POST_B, GP_NONE, GP_NONE, GP_NONE) == GP_NONE);
    assert_true(gp_org_person(&empty, GP_SPAN("li")) == GP_NONE);
    assert_true(gp_org_area(&empty, GP_SPAN("340705")) == GP_NONE);
}

/* A community with a street's code, and a street's code with zeros behind it, stay apart. */
static void a_code_with_zeros_is_another_code(void **state)
{
    struct gp_area_ref street = org->areas[town_area(&town, TOWN_STREET)].ref;

    (void)state;
    assert_true(gp_org_area(org, GP_SPAN("340705006000")) == GP_NONE);
    assert_true(gp_org_area(org, GP_SPAN("340705006000000")) == GP_NONE);
    street.level = GP_LEVEL_COMMUNITY;
    assert_true(gp_org_area_ref(org, street) == GP_NONE);
}

static void expect_ancestor(const char *grid, enum gp_level level, const char *code)
{
    uint32_t found = gp_org_ancestor(org, town_area(&town, grid), level);

    if (code == NULL)
        assert_true(found == GP_NONE);
    else
        assert_int_equal(found, town_area(&town, code));
}

static void ancestors_skip_missing_levels(void **state)
{
    (void)state;
    expect_ancestor(TOWN_GRID, GP_LEVEL_GRID, TOWN_GRID);
    expect_ancestor(TOWN_GRID, GP_LEVEL_COMMITTEE, NULL);
    expect_ancestor(TOWN_GRID, GP_LEVEL_COMMUNITY, TOWN_COMMUNITY);
    expect_ancestor(TOWN_GRID, GP_LEVEL_STREET, TOWN_STREET);
    expect_ancestor(TOWN_GRID, GP_LEVEL_DISTRICT, "340705");
    expect_ancestor(TOWN_GRID, GP_LEVEL_CITY, NULL);
    expect_ancestor(TOWN_GRID_BARE, GP_LEVEL_COMMUNITY, NULL);
    expect_ancestor(TOWN_GRID_BARE, GP_LEVEL_STREET, "340705007");
    expect_ancestor(TOWN_GRID_STREETLESS, GP_LEVEL_COMMITTEE, "340705402001");
    expect_ancestor(TOWN_GRID_STREETLESS, GP_LEVEL_COMMUNITY, "340705402");
    expect_ancestor(TOWN_GRID_STREETLESS, GP_LEVEL_STREET, NULL);
    assert_true(gp_org_ancestor(org, GP_NONE, GP_LEVEL_GRID) == GP_NONE);
}

static void the_nearest_calendar_counts(void **state)
{
    struct gp_calendar calendars[3] = {
        {.id = GP_SPAN("a")}, {.id = GP_SPAN("b")}, {.id = GP_SPAN("c")}};
    uint32_t grid = town_area(&town, TOWN_GRID), community = town_area(&town, TOWN_COMMUNITY);

    (void)state;
    for (size_t i = 0; i < TOWN_AREAS; i++)
        town.areas[i].calendar = GP_NONE;
    town.org.calendars = calendars;
    town.org.calendar_count = 3;
    town.org.default_calendar = 2;
    assert_ptr_equal(gp_org_calendar(org, grid), &calendars[2]);
    assert_ptr_equal(gp_org_calendar(org, GP_NONE), &calendars[2]);
    town.areas[town_area(&town, TOWN_STREET)].calendar = 1;
    assert_ptr_equal(gp_org_calendar(org, grid), &calendars[1]);
    town.areas[community].calendar = 0;
    assert_ptr_equal(gp_org_calendar(org, grid), &calendars[0]);
    assert_ptr_equal(gp_org_calendar(org, town_area(&town, TOWN_GRID_BARE)), &calendars[2]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_fnv_1a),
        TEST(every_row_is_found),
        TEST(what_is_not_there_is_none),
        TEST(a_code_with_zeros_is_another_code),
        TEST(ancestors_skip_missing_levels),
        TEST(the_nearest_calendar_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
