#include "org/coverage.h"

#include "base/clocktext.h"
#include "base/error.h"
#include "core/post.h"
#include "org/directory.h"

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

/* A community's grids: of the areas from first to last those that count. */
struct home {
    uint32_t area, first, last;
    unsigned grids; /* 0: none yet */
};

struct chain {
    uint32_t row; /* the first of its rows */
    unsigned rows;
    int64_t from_ms, to_ms; /* while any of those rows is in force */
};

struct prover {
    const struct gp_org *org;
    struct instants instants;
    struct chain *chain;
    size_t chain_count;
    bool *lived; /* at each instant: whether a grid of the home is there, and needs somebody */
    struct home home;
    struct gp_coverage coverage;
    gp_hole_fn hole;
    void *context;
};

/* Whether somebody answers at this instant: the owner chain, each post with its own stand-ins. */
static bool answered(const struct gp_org *org, uint32_t grid, const struct gp_row *row,
                     int64_t at_ms)
{
    static const enum gp_post_kind owners[] = {GP_POST_A, GP_POST_F, GP_POST_K, GP_POST_H2,
                                               GP_POST_H};

    for (size_t i = row->first_owner == GP_POST_F ? 1 : 0; i < sizeof owners / sizeof owners[0];
         i++) {
        uint32_t post = gp_post_of(org, owners[i], grid, row->line, row->department);
        if (post != GP_NONE && !gp_post_vacant(org, post, at_ms) &&
            gp_post_effective(org, post, grid, at_ms).person != GP_NONE)
            return true;
    }
    return false;
}

static void give_hole(struct prover *prover, const struct chain *chain, int64_t from_ms,
                      int64_t to_ms)
{
    struct gp_hole hole = {.area = prover->home.area,
                           .grid = prover->home.first,
                           .row = chain->row,
                           .grids = prover->home.grids,
                           .rows = chain->rows,
                           .from_ms = from_ms,
                           .to_ms = to_ms};

    prover->coverage.holes++;
    prover->hole(prover->context, prover->org, &hole);
}

static void prove_chain(struct prover *prover, const struct chain *chain)
{
    const struct gp_org *org = prover->org;
    const struct instants *instants = &prover->instants;
    int64_t hole_ms = -1;

    for (size_t i = 0; i < instants->count; i++) {
        bool needed = prover->lived[i] && instants->item[i] >= chain->from_ms &&
                      instants->item[i] < chain->to_ms;
        bool there =
            !needed || answered(org, prover->home.first, &org->rows[chain->row], instants->item[i]);
        if (!there && hole_ms < 0)
            hole_ms = instants->item[i];
        if (there && hole_ms >= 0) {
            give_hole(prover, chain, hole_ms, instants->item[i]);
            hole_ms = -1;
        }
    }
    if (hole_ms >= 0)
        give_hole(prover, chain, hole_ms, instants->to_ms);
}

/* ---------------------------------------------------------------- all chains of all homes */

bool gp_coverage_same_chain(const struct gp_row *a, const struct gp_row *b)
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

/* The first row of each chain stands for all like it. */
static void collect_chains(struct prover *prover)
{
    const struct gp_org *org = prover->org;

    for (uint32_t row = 0; row < org->row_count; row++) {
        size_t i = 0;
        if (!in_force(org, row, &prover->instants))
            continue;
        while (i < prover->chain_count &&
               !gp_coverage_same_chain(&org->rows[prover->chain[i].row], &org->rows[row]))
            i++;
        if (i == prover->chain_count)
            prover->chain[prover->chain_count++] = (struct chain){.row = row};
        add_row(org, row, &prover->chain[i]);
    }
}

static uint32_t home_of(const struct gp_org *org, uint32_t grid)
{
    uint32_t community = gp_org_ancestor(org, grid, GP_LEVEL_COMMUNITY);
    return community != GP_NONE ? community : grid; /* it has posts and a roster of its own */
}

/* A grid that is there for a part of the week at least, and answers for itself. */
static bool is_grid(const struct gp_org *org, uint32_t area, const struct instants *week)
{
    const struct gp_area *grid = &org->areas[area];
    bool own = grid->valid_from_ms < gp_area_alias_from(grid); /* else an old code all its life */

    return grid->ref.level == GP_LEVEL_GRID && own && grid->valid_from_ms < week->to_ms &&
           grid->valid_to_ms > week->from_ms;
}

static void note_lived(struct prover *prover)
{
    const struct instants *instants = &prover->instants;

    for (size_t i = 0; i < instants->count; i++) {
        int64_t at_ms = instants->item[i];
        prover->lived[i] = false;
        for (uint32_t area = prover->home.first; area <= prover->home.last; area++) {
            const struct gp_area *grid = &prover->org->areas[area];
            if (is_grid(prover->org, area, instants) && at_ms >= grid->valid_from_ms &&
                at_ms < grid->valid_to_ms && at_ms < gp_area_alias_from(grid))
                prover->lived[i] = true;
        }
    }
}

static void prove_home(struct prover *prover)
{
    if (prover->home.grids == 0)
        return;
    note_lived(prover);
    for (size_t i = 0; i < prover->chain_count; i++)
        prove_chain(prover, &prover->chain[i]);
    prover->coverage.grids += prover->home.grids;
    prover->coverage.chains += (unsigned)prover->chain_count;
    prover->home.grids = 0;
}

/* Areas are sorted by code, so a community's grids follow one another. */
static void prove_homes(struct prover *prover)
{
    const struct gp_org *org = prover->org;

    for (uint32_t area = 0; area < org->area_count; area++) {
        if (!is_grid(org, area, &prover->instants))
            continue;
        uint32_t home = home_of(org, area);
        if (prover->home.grids > 0 && prover->home.area != home)
            prove_home(prover);
        if (prover->home.grids == 0)
            prover->home = (struct home){.area = home, .first = area};
        prover->home.last = area;
        prover->home.grids++;
    }
    prove_home(prover);
}

int gp_coverage_prove(const struct gp_org *org, int64_t from_ms, gp_hole_fn hole, void *context,
                      struct gp_coverage *ret_coverage)
{
    struct prover prover = {
        .org = org,
        .instants = {.from_ms = from_ms, .to_ms = from_ms + GP_WEEK_MS},
        .coverage = {.from_ms = from_ms,
                     .to_ms = from_ms + GP_WEEK_MS,
                     .rows = (unsigned)org->row_count,
                     .hours = GP_WEEK_MS / GP_MS_HOUR},
        .hole = hole,
        .context = context,
    };
    int rc = GP_ENOMEM;

    collect(&prover.instants, org);
    prover.chain = calloc(org->row_count + 1, sizeof *prover.chain);
    prover.lived = calloc(prover.instants.count + 1, sizeof *prover.lived);
    if (prover.chain != NULL && prover.lived != NULL && !prover.instants.failed) {
        collect_chains(&prover);
        prove_homes(&prover);
        prover.coverage.instants = (unsigned)prover.instants.count;
        *ret_coverage = prover.coverage;
        rc = 0;
    }
    free(prover.instants.item);
    free(prover.chain);
    free(prover.lived);
    return rc;
}

/* ---------------------------------------------------------------- as findings */

static void add_finding(void *context, const struct gp_org *org, const struct gp_hole *hole)
{
    const struct gp_row *row = &org->rows[hole->row];
    int64_t zone_ms = gp_org_calendar(org, hole->grid)->zone_ms;
    char from[GP_CLOCKTEXT_BYTES], to[GP_CLOCKTEXT_BYTES], problem[400];

    gp_instant_format(hole->from_ms, zone_ms, from);
    gp_instant_format(hole->to_ms, zone_ms, to);
    (void)snprintf(problem, sizeof problem,
                   "nobody answers for line %.*s, department %.*s from %s to %s (%u grids, %u "
                   "catalogue rows, such as %.*s)",
                   GP_SPAN_ARG(org->lines[row->line].code),
                   GP_SPAN_ARG(org->departments[row->department].code), from, to, hole->grids,
                   hole->rows, GP_SPAN_ARG(row->code));
    gp_findings_add(context, GP_FINDING_ERROR, "org/holdings.csv", 0, "area",
                    org->areas[hole->area].code, problem,
                    "fill the A, F or K post, name deputies, or put somebody on the roster");
}

int gp_directory_coverage(const struct gp_org *org, int64_t from_ms, struct gp_findings *findings)
{
    struct gp_coverage coverage;
    return gp_coverage_prove(org, from_ms, add_finding, findings, &coverage);
}
