/**
 * The real engine on a throw-away store, under a virtual clock. Every batch goes through here: its
 * entries are taken into the model, and then the tables are compared with it.
 */
#ifndef GP_TESTS_PROPERTY_WORLD_H
#define GP_TESTS_PROPERTY_WORLD_H

#include "property/model.h"

struct world {
    const struct gp_org *org;
    const struct gp_org *view; /* that, with what commands have changed */
    struct gp_store *store;
    struct gp_engine *engine;
    int64_t now_ms, next_ms; /* next deadline; INT64_MAX: none */
    bool held;               /* the clock is in hold: no step fires */
    struct model *model;
    /* called for each new entry, after the model took it */
    void (*entry)(void *context, const struct model *model);
    void *context;
};

/** Makes the folder that all stores of this program live in; it goes with the program. */
void world_folder(void);

void world_open(struct world *world, const struct gp_org *org, int64_t now_ms, struct model *model);
void world_close(struct world *world);

/** Applies items now, and checks what must hold behind every batch. */
void world_apply(struct world *world, struct gp_item *items, size_t count);

/** Fires each step before at_ms at its own instant and moves the clock there. */
void world_advance(struct world *world, int64_t at_ms);
/** Moves the clock there, and leaves the steps on the way for the next batch. */
void world_lag(struct world *world, int64_t at_ms);
/** Fires what is planned up to now. */
void world_expire(struct world *world);

void world_reload(struct world *world, const struct gp_org *org);
/** The daemon is down for a while, and catches up; a second start finds nothing. */
void world_crash(struct world *world, int64_t down_ms);
void world_forget(struct world *world);
void world_alarm(struct world *world);
/** Puts the clock into hold, or ends it: then all that was missed is caught up. */
void world_hold(struct world *world);
/** The journal's chain, and its fold into an empty store, byte for byte. */
void world_rebuild(struct world *world);

/** The hash that ends the journal's chain. */
void world_hash(struct world *world, unsigned char ret_hash[GP_HASH_BYTES]);
/** One digest over all tables. */
struct world_digest {
    unsigned char table[GP_TABLE_COUNT][32];
};
void world_digest(struct world *world, struct world_digest *ret_digest);

#endif
