#include "app/seal/denials.h"

#define GP_DENIAL_MS 60000

static struct gp_denial *place_of(struct gp_denials *denials, uint64_t device)
{
    return &denials->place[device % GP_DENIALS_KNOWN];
}

/* The minute stays when the device changes, or two that take turns would be told of each time. */
unsigned gp_denials_count(struct gp_denials *denials, uint64_t device, uint64_t now_ms)
{
    struct gp_denial *denial = place_of(denials, device);

    if (denial->device != device) {
        denial->device = device;
        denial->count = 0;
    }
    denial->count++;
    return now_ms >= denial->next_ms ? denial->count : 0;
}

void gp_denials_told(struct gp_denials *denials, uint64_t device, uint64_t now_ms)
{
    struct gp_denial *denial = place_of(denials, device);

    denial->count = 0;
    denial->next_ms = now_ms + GP_DENIAL_MS;
}
