/**
 * The network between handsets, followers and the daemon: loses, delays, doubles, and so reorders.
 */
#ifndef GP_TESTS_SIM_NET_H
#define GP_TESTS_SIM_NET_H

#include "sim/events.h"

struct net_figures {
    uint64_t sent, lost, doubled, stalled;
};
extern struct net_figures net_figures;

/** Delivers by an event: once, never, or more often. Returns how often. */
unsigned net_send(event_fire deliver, void *context, uint64_t number);

/** A storm loses half of everything; it lasts until net_calm. */
void net_storm(void);
void net_calm(void);

/** From now on nothing is lost any more: the end of a run. */
void net_perfect(void);
void net_begin(void);

#endif
