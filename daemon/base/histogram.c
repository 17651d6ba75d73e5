#include "base/histogram.h"

#include "base/limits.h"

#include <assert.h>

static_assert(GP_BATCH_ITEMS_MAX == 1024, "the last bound of a batch's items is a full one");

const struct gp_bounds gp_bounds_commit_us = {
    14,
    {250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
     10000000},
};

const struct gp_bounds gp_bounds_items = {11, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}};

const struct gp_bounds gp_bounds_answer_ms = {
    13, {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}};

const struct gp_bounds gp_bounds_late_ms = {
    14,
    {10, 50, 100, 250, 500, 1000, 2000, 5000, 10000, 60000, 300000, 900000, 3600000, 86400000},
};

void gp_histogram_join(struct gp_histogram *histogram, const struct gp_histogram *other)
{
    for (unsigned i = 0; i <= GP_BOUNDS_MAX; i++)
        histogram->count[i] += other->count[i];
    histogram->sum += other->sum;
}

uint64_t gp_histogram_total(const struct gp_histogram *histogram)
{
    uint64_t total = 0;

    for (unsigned i = 0; i <= GP_BOUNDS_MAX; i++)
        total += histogram->count[i];
    return total;
}
