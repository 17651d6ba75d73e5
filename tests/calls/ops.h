/**
 * What is done in a tiny city's store while calls fail: reports and the work on them, people and
 * devices, time, another directory, forgetting, reading, and the store's own upkeep. What an
 * operation does follows from its number and from what the store has, so doing it again is the
 * same.
 */
#ifndef GP_TESTS_CALLS_OPS_H
#define GP_TESTS_CALLS_OPS_H

#include "core/calendar.h"
#include "engine/city.h"

#define OPS 300 /* numbered from 0 */

struct site {
    struct city city;    /* directory, org and random numbers; no rehearsal */
    struct gp_org later; /* other office hours */
    struct gp_calendar later_calendar;
    struct gp_week later_week;
    /* open or NULL */
    struct gp_store *store;
    struct gp_engine *engine;
};

/** Loads the directory, for good. */
void site_init(struct site *site);
void site_release(struct site *site);

/** Opens the store at a path, makes it where there is none, and starts the engine. Returns GP_E…:
 * nothing is open. */
int site_open(struct site *site, const char *path);
void site_close(struct site *site);

/** The last entry that is durable, whatever the tables have. */
uint64_t site_head(const struct site *site);

/**
 * Does one operation. *ret_note is made of what came of it: equal where that is equal.
 * Returns GP_E…: it may be tried again.
 */
int op_do(struct site *site, unsigned number, uint64_t *ret_note);

/** "report"; static storage. */
const char *op_name(unsigned number);

#endif
