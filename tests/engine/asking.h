/**
 * Queries for tests: what all pages give together, and what a plain look at every incident would.
 */
#ifndef GP_TESTS_ENGINE_ASKING_H
#define GP_TESTS_ENGINE_ASKING_H

#include "engine/city.h"

#define ASKED_MOST 2048

struct asked {
    uint64_t id[ASKED_MOST]; /* in the order of the pages */
    size_t count;
    unsigned pages;
    bool counted; /* of the last page */
    uint32_t total;
};

/** Walks all pages of a query by its cursors. Fails the test where that gives an error. */
void asking_collect(struct city *city, struct gp_query query, struct asked *ret_asked);

/** The same, and the city makes so many steps of up to an hour behind each page. */
void asking_collect_while(struct city *city, struct gp_query query, int steps,
                          struct asked *ret_asked);

/** Whether all conditions of a query hold for an incident, as nobody's reader sees it. */
bool asking_wants(const struct city *city, const struct gp_query *query,
                  const struct gp_incident *incident);

/** An incident as nobody's reader sees it. Lifetime: of the arena, which is emptied. */
void asking_incident(struct city *city, uint64_t id, struct gp_arena *arena,
                     struct gp_incident *ret_incident);

/** Two or three conditions out of all. */
void asking_draw(struct city *city, struct gp_query *ret_query);

#endif
