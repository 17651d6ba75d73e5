/**
 * How often which device was denied what it asked for, and when the journal hears of it: once a
 * minute and device, so that a handset gone mad fills no disk and is found all the same.
 *
 * The table is bounded: two devices that share a place share its minute.
 *
 * Thread: one, the caller's.
 */
#ifndef GP_APP_SEAL_DENIALS_H
#define GP_APP_SEAL_DENIALS_H

#include <stdbool.h>
#include <stdint.h>

#define GP_DENIALS_KNOWN 1024 /* places: as many entries a minute at the most */

struct gp_denial {
    uint64_t device, next_ms; /* the time from which on the journal may hear of the next one */
    unsigned count;           /* since it last did */
};

struct gp_denials {
    struct gp_denial place[GP_DENIALS_KNOWN];
};

/** Counts one. Returns: the device's count, due for the journal; 0: not yet. */
unsigned gp_denials_count(struct gp_denials *denials, uint64_t device, uint64_t now_ms);

/** The journal takes what was due. */
void gp_denials_told(struct gp_denials *denials, uint64_t device, uint64_t now_ms);

#endif
