/**
 * A link: a guest that sends requests, and its own connection to the daemon's edge socket. One
 * client, one link; so what one client does with its connection is no matter of another's.
 *
 *          accepted            its opening came        a place at the edge is free
 *   ──────► opening ──────────────► WAITING ──────────────► CONNECTING ──► GREETING
 *                                                                             │ daemon's opening
 *                                                                             ▼
 *                              end ◄── either side leaves, deadline ────── RELAYING
 *
 * The client is not read from WAITING to GREETING.
 */
#ifndef GP_GATE_LINK_H
#define GP_GATE_LINK_H

#include "gate/guest.h"
#include "gate/lane.h"

enum gp_link_state {
    GP_LINK_WAITING,
    GP_LINK_CONNECTING,
    GP_LINK_GREETING,
    GP_LINK_RELAYING,
    GP_LINK_FAILED /* on its way to the end */
};

struct gp_link {
    struct gp_guest guest;
    enum gp_link_state state;
    uint64_t waits_since_ms;
    uint64_t active_ms;   /* when the last message passed */
    uint64_t owed;        /* requests without a reply yet */
    struct gp_ring queue; /* of the edge's: those that wait, or those that were given up */
    uv_pipe_t pipe;       /* to the daemon, from CONNECTING on */
    uv_connect_t connect;
    uint8_t opening_len;
    unsigned char opening[GP_SP_BYTES]; /* the daemon's */
    struct gp_lane up, down;            /* client to daemon, daemon to client */
};

extern const struct gp_guest_kind gp_link_kind;

/** The link stands: starts to relay. For edge.c. */
void gp_link_stands(struct gp_link *link);

#endif
