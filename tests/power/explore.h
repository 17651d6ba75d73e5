/**
 * Exploring a trace: crash states are drawn, made and judged, in worker processes, so that a crash
 * of the product is a finding and not our end.
 */
#ifndef GP_TESTS_POWER_EXPLORE_H
#define GP_TESTS_POWER_EXPLORE_H

#include "power/disk.h"
#include "power/history.h"

#include <stdatomic.h>

#define EXPLORE_JOBS_MAX 16

/** A state to be made: a cut of a trace and a choice. */
struct explore_draw {
    size_t cut;
    uint64_t choice;
};

struct explore_slot { /* of a worker */
    struct explore_draw now;
    bool failed;
    char wrong[400];
};

/** What all workers share. */
struct explore_shared {
    atomic_size_t distinct, drawn;
    atomic_bool stop;
    struct explore_slot slot[EXPLORE_JOBS_MAX];
    size_t seen_room; /* a power of two */
    _Atomic uint64_t seen[];
};

struct explore {
    struct explore_shared *shared;
    const char *folder; /* of ours, in memory; each worker has one in it */
    unsigned jobs;
};

/** Room for `states` different states. */
void explore_open(struct explore *explore, const char *folder, unsigned jobs, size_t states);
void explore_close(struct explore *explore);

/**
 * Explores a trace until so many states more are known, or none are left to be found. Prints the
 * first failure, with the words that show it again. Returns whether there was none.
 */
bool explore_trace(struct explore *explore, const struct trace *trace, uint64_t seed,
                   size_t states);

/** Judges one state of a trace and says what it is. Returns whether all is well. */
bool explore_again(const char *folder, const struct trace *trace, struct explore_draw draw);

/** Where a trace is best cut: around syncs, promises and changes of names. */
struct explore_cuts {
    size_t *sync, *promise, *name; /* items: a sync's end, a promise, a change of names */
    size_t syncs, promises, names;
    size_t sync_room, promise_room, name_room;
};

void explore_find_cuts(const struct trace *trace, struct explore_cuts *ret_cuts);
void explore_free_cuts(struct explore_cuts *cuts);
struct explore_draw explore_draw(const struct trace *trace, const struct explore_cuts *cuts,
                                 uint64_t *random);

#endif
