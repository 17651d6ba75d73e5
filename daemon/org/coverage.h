/**
 * Coverage: whether every grid, catalogue row and hour of a week has somebody who answers.
 *
 * It is a proof and no sample: who answers can only change where a holding, a leave, a shift or an
 * area begins or ends, so a chain that holds at each of these instants holds in between. Grids of
 * one community and rows with the same line, department and first owner share their chain, which is
 * looked at once for all of them.
 */
#ifndef GP_ORG_COVERAGE_H
#define GP_ORG_COVERAGE_H

#include "core/org.h"

/* A time in which nobody answers: not the posts A, F, K, H2 and H, nor who stands in for them. */
struct gp_hole {
    uint32_t area;      /* community; the grid itself where there is none */
    uint32_t grid, row; /* the first of those whose chain this is */
    unsigned grids, rows;
    int64_t from_ms, to_ms; /* half-open */
};

/* What was looked at. */
struct gp_coverage {
    int64_t from_ms, to_ms;      /* the week */
    unsigned grids, rows, hours; /* each with each: what the answer is about */
    unsigned chains;             /* different ones, of all communities */
    unsigned instants;           /* at which something begins or ends */
    unsigned holes;
};

typedef void (*gp_hole_fn)(void *context, const struct gp_org *org, const struct gp_hole *hole);

/** Whether two rows are answered for by the same posts everywhere. Thread: any. */
bool gp_coverage_same_chain(const struct gp_row *a, const struct gp_row *b);

/**
 * Looks for holes in the week that starts at from_ms.
 *
 * Thread:  any
 * Ensures: hole was called for each, by area, then row, then time; none: everybody is covered
 * Errors:  GP_ENOMEM: some holes may have been given already
 */
int gp_coverage_prove(const struct gp_org *org, int64_t from_ms, gp_hole_fn hole, void *context,
                      struct gp_coverage *ret_coverage);

#endif
