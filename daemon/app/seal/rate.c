#include "app/seal/rate.h"

#include "base/error.h"

#include <stdlib.h>

#define US_PER_MINUTE 60000000
#define PROBES        8 /* places that a key may have */

struct cell {
    uint64_t key;
    uint64_t due_us; /* when the next request would be on time; in the past: at rest */
};

struct gp_rate {
    uint64_t step_us; /* that one request costs */
    size_t mask;
    struct cell cell[];
};

int gp_rate_open(size_t most, int64_t per_minute, struct gp_rate **ret_rate)
{
    size_t cells = 2 * PROBES;
    struct gp_rate *rate;

    while (cells < 2 * most)
        cells *= 2;
    rate = calloc(1, sizeof *rate + cells * sizeof(struct cell));
    if (rate == NULL)
        return GP_ENOMEM;
    rate->step_us = (uint64_t)(US_PER_MINUTE / per_minute);
    rate->mask = cells - 1;
    *ret_rate = rate;
    return 0;
}

void gp_rate_close(struct gp_rate *rate)
{
    free(rate);
}

/* The key's cell, or else the one of its places that has been at rest for longest. */
static struct cell *find(struct gp_rate *rate, uint64_t key)
{
    size_t start = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    struct cell *best = &rate->cell[start & rate->mask];

    for (size_t i = 0; i < PROBES; i++) {
        struct cell *cell = &rate->cell[(start + i) & rate->mask];
        if (cell->key == key)
            return cell;
        if (cell->due_us < best->due_us)
            best = cell;
    }
    *best = (struct cell){.key = key};
    return best;
}

uint32_t gp_rate_take(struct gp_rate *rate, uint64_t key, uint64_t now_ms)
{
    struct cell *cell = find(rate, key);
    uint64_t now_us = now_ms * 1000;
    uint64_t due_us = (cell->due_us > now_us ? cell->due_us : now_us) + rate->step_us;

    if (due_us > now_us + US_PER_MINUTE)
        return (uint32_t)((due_us - now_us - US_PER_MINUTE + 999) / 1000);
    cell->due_us = due_us;
    return 0;
}
