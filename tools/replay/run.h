/**
 * Replaying: the rows of an export become reports, accepts and closings in the order of their
 * times, against a rehearsal or a running drill daemon.
 */
#ifndef GP_REPLAY_RUN_H
#define GP_REPLAY_RUN_H

#include "client/client.h"
#include "org/directory.h"
#include "replay/city.h"

struct gp_replay_summary {
    size_t rows, skipped;
    size_t dues_checked, dues_agree;
    size_t verdicts_checked, verdicts_agree;
    size_t reported, accepted, closed, refused;
    size_t on_time, overdue, handovers; /* what happened */
};

struct gp_replay_progress {
    int64_t clock_ms;   /* what the drill's clock shows, or the virtual one */
    size_t done, count; /* reports, accepts and closings */
};

struct gp_replay {
    const struct gp_mapping *mapping;
    const struct gp_replay_table *table;
    int64_t accept_after_ms;
    int64_t until_ms; /* what happens later is left out; 0: nothing is */
    /* Called about every five seconds, and at the end; NULL: not */
    void (*progress)(const struct gp_replay_progress *progress,
                     const struct gp_replay_summary *summary);
    FILE *disagreements; /* NULL: not wanted */
    struct gp_replay_summary summary;
};

/** Applies all rows on a virtual clock and compares dues and verdicts. Errors: as the engine's. */
int gp_replay_rehearse(struct gp_replay *replay, const struct gp_org *org);

/**
 * Sends all rows to a drill daemon, each when the drill's clock has come to it.
 *
 * Errors: GP_EMODE it is no drill; GP_EINVAL its clock is past the first row; as gp_client_call
 */
int gp_replay_send(struct gp_replay *replay, struct gp_client *client);

#endif
