/*
 * Gaps: a grid and category that nobody answers for at some hour. Grids of one community with the
 * same line, department and first owner share their chain, so it is looked at once; and only at the
 * instants of the week at which a holding, a leave or a shift changes.
 */
#include "base/clocktext.h"
#include "core/post.h"
#include "org/directory.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

#define GP_WEEK_MS (7 * GP_MS_DAY)

struct instants {
    int64_t *item;
    size_t count, capacity;
    int64_t from_ms, to_ms;
    bool failed;
};

/* ---------------------------------------------------------------- when something changes */

static void add_instant(struct instants *instants, int64_t at_ms)
{
    if (at_ms < instants->from_ms || at_ms >= instants->to_ms)
        return;
    if (instants->count == instants->capacity) {
        size_t capacity = instants->capacity == 0 ? 256 : instants->capacity * 2;
        int64_t *item = realloc(instants->item, capacity * sizeof *item);
        if (item == NULL) {
            instants->failed = true;
            return;
        }
        instants->item = item;
        instants->capacity = capacity;
    }
    instants->item[instants->count++] = at_ms;
}

static void add_shift(struct instants *instants, const struct gp_org *org,
                      const struct gp_shift *shift)
{
    int64_t zone_ms = gp_org_calendar(org, shift->area)->zone_ms;
    int64_t day = gp_day_of(instants->from_ms, zone_ms);

    add_instant(instants, shift->valid_from_ms);
    add_instant(instants, shift->valid_to_ms);
    for (int i = 0; shift->weekdays != 0 && i <= 8; i++) {
        int64_t start = (day + i) * GP_MS_DAY - zone_ms;
        add_instant(instants, start + shift->from_ms);
        add_instant(instants, start + shift->to_ms);
    }
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void collect(struct instants *instants, const struct gp_org *org)
{
    size_t unique = 0;

    add_instant(instants, instants->from_ms);
    for (size_t i = 0; i < org->holding_count; i++) {
        add_instant(instants, org->holdings[i].from_ms);
        add_instant(instants, org->holdings[i].to_ms);
    }
    for (size_t i = 0; i < org->leave_count; i++) {
        add_instant(instants, org->leaves[i].from_ms);
        add_instant(instants, org->leaves[i].to_ms);
    }
    for (size_t i = 0; i < org->shift_count; i++)
        add_shift(instants, org, &org->shifts[i]);
    for (size_t i = 0; i < org->area_count; i++) {
        add_instant(instants, org->areas[i].valid_from_ms);
        add_instant(instants, org->areas[i].valid_to_ms);
    }
    for (size_t i = 0; i < org->row_count; i++)
        add_instant(instants, org->rows[i].valid_from_ms);
    if (instants->failed)
        return;
    qsort(instants->item, instants->count, sizeof *instants->item, by_time);
    for (size_t i = 0; i < instants->count; i++) {
        if (i == 0 || instants->item[i] != instants->item[unique - 1])
            instants->item[unique++] = instants->item[i];
    }
    instants->count = unique;
}

/* ---------------------------------------------------------------- one chain */

/* A community's grids, while any of them is valid. */
struct home {
    unsigned grids;
    int64_t from_ms, to_ms;
};

struct chain {
    uint32_t community, grid, row; /* indices; grid and row stand for all like them */
    const struct home *home;
    unsigned rows;
    int64_t from_ms, to_ms; /* while any of those rows is in force */
};

/* Whether somebody answers at this instant: the owner chain, each post with its own stand-ins.
 * Where no grid is, nobody needs to. */
static bool answered(const struct gp_org *org, const struct chain *chain, int64_t at_ms)
{
    static const enum gp_post_kind owners[] = {GP_POST_A, GP_POST_F, GP_POST_K, GP_POST_H2,
                                               GP_POST_H};
    const struct gp_row *row = &org->rows[chain->row];

    if (at_ms < chain->home->from_ms || at_ms >= chain->home->to_ms || at_ms < chain->from_ms ||
        at_ms >= chain->to_ms)
        return true;
    for (size_t i = row->first_owner == GP_POST_F ? 1 : 0; i < sizeof owners / sizeof owners[0];
         i++) {
        uint32_t post = gp_post_of(org, owners[i], chain->grid, row->line, row->department);
        if (post != GP_NONE && !gp_post_vacant(org, post, at_ms) &&
            gp_post_effective(org, post, chain->grid, at_ms).person != GP_NONE)
            return true;
    }
    return false;
}

static void report_hole(const struct gp_org *org, const struct chain *chain, int64_t from_ms,
                        int64_t to_ms, struct gp_findings *findings)
{
    const struct gp_area *community = &org->areas[chain->community];
    const struct gp_row *row = &org->rows[chain->row];
    int64_t zone_ms = gp_org_calendar(org, chain->grid)->zone_ms;
    char from[GP_CLOCKTEXT_BYTES], to[GP_CLOCKTEXT_BYTES], problem[400];

    gp_instant_format(from_ms, zone_ms, from);
    gp_instant_format(to_ms, zone_ms, to);
    (void)snprintf(problem, sizeof problem,
                   "nobody answers for line %.*s, department %.*s from %s to %s (%u grids, %u "
                   "catalogue rows, such as %.*s)",
                   GP_SPAN_ARG(org->lines[row->line].code),
                   GP_SPAN_ARG(org->departments[row->department].code), from, to,
                   chain->home->grids, chain->rows, GP_SPAN_ARG(row->code));
    gp_findings_add(findings, GP_FINDING_ERROR, "org/holdings.csv", 0, "area", community->code,
                    problem,
                    "fill the A, F or K post, name deputies, or put somebody on the roster");
}

static void check_chain(const struct gp_org *org, const struct chain *chain,
                        const struct instants *instants, struct gp_findings *findings)
{
    int64_t hole_ms = -1;

    for (size_t i = 0; i < instants->count; i++) {
        bool there = answered(org, chain, instants->item[i]);
        if (!there && hole_ms < 0)
            hole_ms = instants->item[i];
        if (there && hole_ms >= 0) {
            report_hole(org, chain, hole_ms, instants->item[i], findings);
            hole_ms = -1;
        }
    }
    if (hole_ms >= 0)
        report_hole(org, chain, hole_ms, instants->to_ms, findings);
}

/* ---------------------------------------------------------------- all chains */

static bool same_chain(const struct gp_row *a, const struct gp_row *b)
{
    return a->line == b->line && a->department == b->department && a->first_owner == b->first_owner;
}

/* Whether this version of a row is in force in the week. */
static bool in_force(const struct gp_org *org, uint32_t row, const struct instants *week)
{
    return org->rows[row].valid_from_ms < week->to_ms && gp_org_row_until(org, row) > week->from_ms;
}

static void add_row(const struct gp_org *org, uint32_t row, struct chain *chain)
{
    int64_t from_ms = org->rows[row].valid_from_ms, to_ms = gp_org_row_until(org, row);

    if (chain->rows == 0 || from_ms < chain->from_ms)
        chain->from_ms = from_ms;
    if (chain->rows == 0 || to_ms > chain->to_ms)
        chain->to_ms = to_ms;
    chain->rows++;
}

/* The first row of each chain stands for all of it; 0 rows: an earlier one does. */
static void add_rows(const struct gp_org *org, const struct instants *week, struct chain *chain)
{
    const struct gp_row *first = &org->rows[chain->row];

    for (uint32_t i = 0; i < org->row_count; i++) {
        if (!same_chain(&org->rows[i], first) || !in_force(org, i, week))
            continue;
        if (i < chain->row)
            return;
        add_row(org, i, chain);
    }
}

static uint32_t home_of(const struct gp_org *org, uint32_t grid)
{
    uint32_t community = gp_org_ancestor(org, grid, GP_LEVEL_COMMUNITY);
    return community != GP_NONE ? community : org->areas[grid].parent;
}

static void check_community(const struct gp_org *org, uint32_t grid, const struct home *home,
                            const struct instants *instants, struct gp_findings *findings)
{
    for (uint32_t row = 0; row < org->row_count; row++) {
        struct chain chain = {
            .community = home_of(org, grid), .grid = grid, .row = row, .home = home};
        if (in_force(org, row, instants))
            add_rows(org, instants, &chain);
        if (chain.rows > 0)
            check_chain(org, &chain, instants, findings);
    }
}

static bool is_grid(const struct gp_org *org, uint32_t area, const struct instants *week)
{
    const struct gp_area *grid = &org->areas[area];
    bool own = grid->valid_from_ms < gp_area_alias_from(grid); /* else an old code all its life */

    return grid->ref.level == GP_LEVEL_GRID && own && grid->valid_from_ms < week->to_ms &&
           grid->valid_to_ms > week->from_ms && home_of(org, area) != GP_NONE;
}

static void add_grid(struct home *home, const struct gp_area *grid)
{
    if (home->grids == 0 || grid->valid_from_ms < home->from_ms)
        home->from_ms = grid->valid_from_ms;
    if (home->grids == 0 || grid->valid_to_ms > home->to_ms)
        home->to_ms = grid->valid_to_ms;
    home->grids++;
}

static void check_homes(const struct gp_org *org, struct home *homes,
                        const struct instants *instants, struct gp_findings *findings)
{
    for (uint32_t i = 0; i < org->area_count; i++) {
        if (is_grid(org, i, instants))
            add_grid(&homes[home_of(org, i)], &org->areas[i]);
    }
    for (uint32_t i = 0; i < org->area_count; i++) {
        if (!is_grid(org, i, instants))
            continue;
        struct home *home = &homes[home_of(org, i)];
        if (home->grids > 0)
            check_community(org, i, home, instants, findings);
        home->grids = 0; /* done, by its first grid */
    }
}

int gp_directory_coverage(const struct gp_org *org, int64_t from_ms, struct gp_findings *findings)
{
    struct instants instants = {.from_ms = from_ms, .to_ms = from_ms + GP_WEEK_MS};
    struct home *homes = calloc(org->area_count + 1, sizeof *homes);
    int rc = 0;

    collect(&instants, org);
    if (homes == NULL || instants.failed)
        rc = GP_ENOMEM;
    else
        check_homes(org, homes, &instants, findings);
    free(instants.item);
    free(homes);
    return rc;
}
