/**
 * Invitations that may still be joined by: the secret of each, in memory only. It is made when an
 * `invite` is answered and goes when its time is over, when its device has joined (but for the
 * answer to the very same message, sent again), when the device that made it or that it is for is
 * revoked, and with the daemon.
 *
 * Thread: one, the caller's.
 */
#ifndef GP_APP_SEAL_INVITES_H
#define GP_APP_SEAL_INVITES_H

#include "trust/handshake.h"

#define GP_INVITES_MAX 256 /* at a time; one more ends the oldest */

struct gp_invite {
    uint64_t device; /* 0: no invitation */
    uint64_t by;     /* the device that made it; 0: none, unsealed */
    int64_t ends_ms; /* effective time */
    unsigned char psk[GP_PSK_BYTES];
    bool busy;   /* a join by it is on its way */
    bool joined; /* it was used: `join` is what came, `answer` what went */
    unsigned char join[GP_JOIN_BYTES], answer[GP_JOINED_BYTES];
};

struct gp_invites {
    struct gp_invite item[GP_INVITES_MAX];
};

/** The invitation of this device whose time is not over, or NULL. Lifetime: until the next add. */
struct gp_invite *gp_invites_find(struct gp_invites *invites, uint64_t device, int64_t now_ms);

/** A fresh one with a random secret, in place of the oldest. */
struct gp_invite *gp_invites_add(struct gp_invites *invites, uint64_t device, uint64_t by,
                                 int64_t ends_ms);

/** Wipes those for a device, and those that it made. */
void gp_invites_end_device(struct gp_invites *invites, uint64_t device);

/** Wipes those whose time is over. */
void gp_invites_expire(struct gp_invites *invites, int64_t now_ms);

#endif
