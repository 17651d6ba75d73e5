/**
 * Histograms: how often a measured value came to lie between two bounds. Plain numbers without a
 * lock: each is one thread's, and what another thread measures is handed over and added.
 */
#ifndef GP_BASE_HISTOGRAM_H
#define GP_BASE_HISTOGRAM_H

#include <stdint.h>

#define GP_BOUNDS_MAX 16

/* Upper bounds, inclusive, ascending, in the unit of what is measured. */
struct gp_bounds {
    uint8_t count;
    uint64_t bound[GP_BOUNDS_MAX];
};

struct gp_histogram {
    uint64_t count[GP_BOUNDS_MAX + 1]; /* above the bound before, up to this one; the last: above
                                        * all of them */
    uint64_t sum;                      /* of all values */
};

extern const struct gp_bounds
    gp_bounds_commit_us; /* of one batch: from a fast disk to a stuck one */
extern const struct gp_bounds
    gp_bounds_items; /* of a batch, which is GP_BATCH_ITEMS_MAX or few more */
extern const struct gp_bounds gp_bounds_answer_ms; /* from a command's coming to its answer */
extern const struct gp_bounds
    gp_bounds_late_ms; /* of a step: from punctual to days after an outage */

/** Counts one value. Thread: whose the histogram is. */
static inline void gp_histogram_add(struct gp_histogram *histogram, const struct gp_bounds *bounds,
                                    uint64_t value)
{
    unsigned i = 0;

    while (i < bounds->count && value > bounds->bound[i])
        i++;
    histogram->count[i]++;
    histogram->sum += value;
}

/** Adds what another one of the same bounds has counted. */
void gp_histogram_join(struct gp_histogram *histogram, const struct gp_histogram *other);

/** How many values were counted. */
uint64_t gp_histogram_total(const struct gp_histogram *histogram);

#endif
