/**
 * What the daemon counts of itself. Plain numbers of the loop: what the store thread finds out
 * crosses with its batch, and is added when that comes back.
 */
#ifndef GP_APP_FIGURES_H
#define GP_APP_FIGURES_H

#include "engine/engine.h"
#include "wire/figures.h"

/* One who follows a feed under a name. */
struct gp_following {
    uint64_t hash;    /* of name and person; 0: nobody */
    uint64_t at;      /* the entry up to which its filter has looked, and it has the answers */
    uint64_t asked;   /* uv_now of its last ask */
    int64_t asked_ms; /* the same by the effective clock */
    uint8_t name_len;
    char name[GP_ID_BYTES_MAX];
};

/* Since the start. */
struct gp_counting {
    struct gp_counts requests, answers, refusals, done, steps;
    uint64_t coalesced, failed;
    struct gp_histogram commit_us, batch_items, answer_ms, checkpoint_ms, late_ms;
    struct gp_following following[GP_FOLLOWER_FIGURES_MAX];
};

/* What was counted in the pool, for all who ask within GP_CENSUS_MS. */
struct gp_counted {
    unsigned users; /* the loop's count: itself, and jobs that look at it */
    struct gp_census *census;
    struct gp_store_figures store;
    bool tight;    /* no reports are taken */
    uint64_t ends; /* uv_now from which it is too old */
};

#endif
