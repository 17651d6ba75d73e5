#include "app/seal/invites.h"

struct gp_invite *gp_invites_find(struct gp_invites *invites, uint64_t device, int64_t now_ms)
{
    for (size_t i = 0; i < GP_INVITES_MAX; i++) {
        struct gp_invite *invite = &invites->item[i];
        if (device != 0 && invite->device == device && invite->ends_ms > now_ms)
            return invite;
    }
    return NULL;
}

/* An empty place ends before all others. */
struct gp_invite *gp_invites_add(struct gp_invites *invites, uint64_t device, uint64_t by,
                                 int64_t ends_ms)
{
    struct gp_invite *oldest = &invites->item[0];

    for (size_t i = 1; i < GP_INVITES_MAX; i++) {
        if (invites->item[i].ends_ms < oldest->ends_ms)
            oldest = &invites->item[i];
    }
    *oldest = (struct gp_invite){.device = device, .by = by, .ends_ms = ends_ms};
    gp_random(oldest->psk, sizeof oldest->psk);
    return oldest;
}

void gp_invites_end_device(struct gp_invites *invites, uint64_t device)
{
    for (size_t i = 0; device != 0 && i < GP_INVITES_MAX; i++) {
        struct gp_invite *invite = &invites->item[i];
        if (invite->device == device || invite->by == device)
            gp_wipe(invite, sizeof *invite);
    }
}

void gp_invites_expire(struct gp_invites *invites, int64_t now_ms)
{
    for (size_t i = 0; i < GP_INVITES_MAX; i++) {
        struct gp_invite *invite = &invites->item[i];
        if (invite->device != 0 && invite->ends_ms <= now_ms)
            gp_wipe(invite, sizeof *invite);
    }
}
