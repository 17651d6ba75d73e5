/*
 * The coverage proof against the slow way: on random small organisations, every grid and catalogue
 * row is asked at many instants of the week, by the core's functions directly, whether somebody
 * answers. A seed reproduces a failure: GP_SEED=n.
 */
#include "core/post.h"
#include "lib/town.h"
#include "org/coverage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEEDS      150
#define WEEK_HOURS 168
#define HOLES_MAX  4096

static struct town town;
static int64_t monday_ms;

static struct {
    struct gp_hole item[HOLES_MAX];
    size_t count;
} holes;

static void keep(void *context, const struct gp_org *org, const struct gp_hole *hole)
{
    assert_ptr_equal(context, &holes);
    assert_ptr_equal(org, &town.org);
    assert_true(holes.count < HOLES_MAX);
    holes.item[holes.count++] = *hole;
}

/* ---------------------------------------------------------------- a random organisation */

static uint64_t seed;

/* splitmix64 */
static uint32_t below(uint32_t bound)
{
    uint64_t z = (seed += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) % bound);
}

static bool chance(uint32_t percent)
{
    return below(100) < percent;
}

/* An instant of the week or a little around it, to the half hour. */
static int64_t some_time(void)
{
    return monday_ms + ((int64_t)below(2 * WEEK_HOURS + 48) - 24) * GP_MS_HOUR / 2;
}

static void some_interval(int64_t *from_ms, int64_t *to_ms)
{
    int64_t a = some_time(), b = some_time();

    *from_ms = a < b ? a : b;
    *to_ms = (a < b ? b : a) + GP_MS_HOUR / 2;
}

static void change_holdings(void)
{
    for (size_t i = 0; i < town.org.holding_count; i++) {
        struct gp_holding *holding = &town.holdings[i];
        if (chance(30))
            some_interval(&holding->from_ms, &holding->to_ms);
        else if (chance(30))
            holding->to_ms = monday_ms; /* vacant */
        if (chance(50))
            town.posts[holding->post].deputy_count = 0;
    }
}

static int by_person(const void *a, const void *b)
{
    const struct gp_leave *x = a, *y = b;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static void add_leaves(void)
{
    size_t count = below(TOWN_ENTRIES_MAX);

    for (size_t i = 0; i < count; i++) {
        struct gp_leave *leave = &town.leaves[i];
        *leave = (struct gp_leave){.person = below(TOWN_PERSONS),
                                   .standin = chance(30) ? below(TOWN_PERSONS) : GP_NONE,
                                   .approved = chance(90)};
        some_interval(&leave->from_ms, &leave->to_ms);
    }
    qsort(town.leaves, count, sizeof town.leaves[0], by_person);
    town.org.leave_count = count;
}

static int by_area(const void *a, const void *b)
{
    uint32_t x = ((const struct gp_shift *)a)->area, y = ((const struct gp_shift *)b)->area;
    return (x > y) - (x < y);
}

static void add_shifts(void)
{
    size_t count = below(6);

    for (size_t i = 0; i < count; i++) {
        struct gp_shift *shift = &town.shifts[i];
        *shift = (struct gp_shift){.area = below(TOWN_AREAS), .person = below(TOWN_PERSONS)};
        some_interval(&shift->valid_from_ms, &shift->valid_to_ms);
        if (chance(60)) {
            shift->weekdays = (uint8_t)(1 + below(127));
            shift->from_ms = (int32_t)(below(48) * (GP_MS_HOUR / 2));
            shift->to_ms = (int32_t)(below(49) * (GP_MS_HOUR / 2));
        }
    }
    qsort(town.shifts, count, sizeof town.shifts[0], by_area);
    town.org.shift_count = count;
}

static void change_areas(void)
{
    for (uint32_t i = 0; i < town.org.area_count; i++) {
        if (town.areas[i].ref.level != GP_LEVEL_GRID)
            continue;
        if (chance(25))
            some_interval(&town.areas[i].valid_from_ms, &town.areas[i].valid_to_ms);
        if (chance(10))
            town.areas[i].alias_of = town_area(&town, TOWN_GRID_STREETLESS);
    }
    town.areas[town_area(&town, TOWN_GRID_STREETLESS)].alias_of = GP_NONE;
}

static void random_town(uint64_t number)
{
    seed = number;
    town_build(&town);
    change_holdings();
    add_leaves();
    add_shifts();
    change_areas();
}

/* ---------------------------------------------------------------- the slow way */

static bool somebody(uint32_t grid, const struct gp_row *row, int64_t at_ms)
{
    static const enum gp_post_kind kinds[] = {GP_POST_A, GP_POST_F, GP_POST_K, GP_POST_H2,
                                              GP_POST_H};

    for (int i = 0; i < 5; i++) {
        if (kinds[i] == GP_POST_A && row->first_owner == GP_POST_F)
            continue;
        uint32_t post = gp_post_of(&town.org, kinds[i], grid, row->line, row->department);
        if (post == GP_NONE || gp_post_vacant(&town.org, post, at_ms))
            continue;
        if (gp_post_effective(&town.org, post, grid, at_ms).person != GP_NONE)
            return true;
    }
    return false;
}

static bool counts(uint32_t area, int64_t at_ms)
{
    const struct gp_area *grid = &town.areas[area];

    return grid->ref.level == GP_LEVEL_GRID && grid->alias_of == GP_NONE &&
           at_ms >= grid->valid_from_ms && at_ms < grid->valid_to_ms;
}

/* Whether the proof has a hole there. */
static bool in_a_hole(uint32_t grid, const struct gp_row *row, int64_t at_ms)
{
    uint32_t community = gp_org_ancestor(&town.org, grid, GP_LEVEL_COMMUNITY);

    for (size_t i = 0; i < holes.count; i++) {
        const struct gp_hole *hole = &holes.item[i];
        if ((hole->area == community || hole->area == grid) && at_ms >= hole->from_ms &&
            at_ms < hole->to_ms && gp_coverage_same_chain(&town.rows[hole->row], row))
            return true;
    }
    return false;
}

static void compare_at(uint64_t number, uint32_t grid, const struct gp_row *row, int64_t at_ms,
                       unsigned *uncovered)
{
    bool covered = somebody(grid, row, at_ms);

    if (covered == in_a_hole(grid, row, at_ms))
        fail_msg("GP_SEED=%llu: grid %.*s, row %.*s, half hour %lld: %s",
                 (unsigned long long)number, GP_SPAN_ARG(town.areas[grid].code),
                 GP_SPAN_ARG(row->code), (long long)((at_ms - monday_ms) / (GP_MS_HOUR / 2)),
                 covered ? "a hole, though somebody answers" : "nobody answers, and no hole");
    *uncovered += !covered;
}

/* Each hour of the week, at its start and once inside of it. */
static unsigned compare(uint64_t number)
{
    unsigned uncovered = 0;

    for (uint32_t grid = 0; grid < town.org.area_count; grid++) {
        for (int hour = 0; hour < WEEK_HOURS; hour++) {
            int64_t at_ms = monday_ms + hour * GP_MS_HOUR;
            int64_t inside_ms = at_ms + below(GP_MS_HOUR);
            for (size_t row = 0; counts(grid, at_ms) && row < town.org.row_count; row++)
                compare_at(number, grid, &town.rows[row], at_ms, &uncovered);
            for (size_t row = 0; counts(grid, inside_ms) && row < town.org.row_count; row += 5)
                compare_at(number, grid, &town.rows[row], inside_ms, &uncovered);
        }
    }
    return uncovered;
}

/* Each hole lies in the week, and is a hole from its first to its last millisecond, no further. */
static void check_ends(const struct gp_coverage *coverage)
{
    for (size_t i = 0; i < holes.count; i++) {
        const struct gp_hole *hole = &holes.item[i];
        const struct gp_row *row = &town.rows[hole->row];
        assert_true(hole->from_ms >= coverage->from_ms && hole->to_ms <= coverage->to_ms);
        assert_true(hole->from_ms < hole->to_ms);
        assert_false(somebody(hole->grid, row, hole->from_ms));
        assert_false(somebody(hole->grid, row, hole->to_ms - 1));
    }
}

static unsigned prove(uint64_t number)
{
    struct gp_coverage coverage;

    random_town(number);
    holes.count = 0;
    assert_int_equal(gp_coverage_prove(&town.org, monday_ms, keep, &holes, &coverage), 0);
    assert_int_equal(coverage.holes, holes.count);
    check_ends(&coverage);
    return compare(number);
}

static void the_proof_agrees_with_the_slow_way(void **state)
{
    const char *chosen = getenv("GP_SEED");
    unsigned with_holes = 0;

    (void)state;
    if (chosen != NULL) {
        (void)prove(strtoull(chosen, NULL, 10));
        return;
    }
    for (uint64_t number = 1; number <= SEEDS; number++)
        with_holes += prove(number) > 0;
    assert_in_range(with_holes, SEEDS / 4, SEEDS - 1); /* both kinds were there */
}

/* ---------------------------------------------------------------- what was looked at */

static void the_figures_are_what_was_looked_at(void **state)
{
    struct gp_coverage coverage;

    (void)state;
    town_build(&town);
    holes.count = 0;
    assert_int_equal(gp_coverage_prove(&town.org, monday_ms, keep, &holes, &coverage), 0);
    assert_int_equal(holes.count, 0);
    assert_int_equal(coverage.grids, 5);
    assert_int_equal(coverage.rows, town.org.row_count);
    assert_int_equal(coverage.hours, WEEK_HOURS);
    assert_int_equal(coverage.to_ms - coverage.from_ms, WEEK_HOURS * GP_MS_HOUR);
    assert_int_equal(coverage.chains % 3, 0); /* two communities, and a grid without one */
    assert_true(coverage.instants > 1);
}

/* Where a community's grids are there one after the other, nobody is needed between them. */
static void nobody_is_needed_where_no_grid_is(void **state)
{
    struct gp_coverage coverage;
    struct gp_area *first = &town.areas[town_area(&town, TOWN_GRID_SAME_AB)];
    struct gp_area *second = &town.areas[town_area(&town, TOWN_GRID)];

    (void)state;
    town_build(&town);
    first->valid_to_ms = monday_ms + GP_MS_DAY;
    second->valid_from_ms = monday_ms + 3 * GP_MS_DAY;
    town.org.scope_count = 0;
    holes.count = 0;
    assert_int_equal(gp_coverage_prove(&town.org, monday_ms, keep, &holes, &coverage), 0);
    for (size_t i = 0; i < holes.count; i++) {
        if (holes.item[i].area != town_area(&town, TOWN_COMMUNITY))
            continue;
        assert_true(holes.item[i].to_ms == first->valid_to_ms ||
                    holes.item[i].from_ms == second->valid_from_ms);
    }
    assert_true(holes.count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_proof_agrees_with_the_slow_way),
        cmocka_unit_test(the_figures_are_what_was_looked_at),
        cmocka_unit_test(nobody_is_needed_where_no_grid_is),
    };

    monday_ms = town_at("2026-11-23 00:00");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
