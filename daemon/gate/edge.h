/**
 * The edge: who waits for a connection to the daemon's edge socket, in order. At most
 * GP_GATE_PENDING_MAX connects are under way, since the daemon's backlog is short. One is until the
 * daemon's opening has come, also when its client has left meanwhile: it stands in the backlog all
 * the same. While the daemon is away one client at a time is spent on a try
 * and the others wait until their deadline, so the rate at which clients come again is bounded.
 *
 * Everything runs on the loop's thread.
 */
#ifndef GP_GATE_EDGE_H
#define GP_GATE_EDGE_H

#include "gate/link.h"

struct gp_edge {
    const char *path;
    struct gp_ring waiting;
    struct gp_ring given_up; /* connects under way whose clients have left */
    unsigned pending;
    uint64_t pause_until_ms;
    bool away; /* the last try failed */
};

void gp_edge_init(struct gp_edge *edge, const char *path);

/** Puts a link at the end of the queue; gp_link_stands or gp_guest_end follows. */
void gp_edge_join(struct gp_edge *edge, struct gp_link *link);

/** Takes a link that ends out of the queue, or gives its connect up. */
void gp_edge_leave(struct gp_edge *edge, struct gp_link *link);

/** Closes the connects that were given up, without waiting for the daemon. */
void gp_edge_stop(struct gp_edge *edge);

/** Connects those that wait, as far as there are places; also after a pause. */
void gp_edge_serve(struct gp_edge *edge, uint64_t now_ms);

#endif
