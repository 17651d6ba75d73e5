/**
 * Lives of a store, to be recorded: what happens between two power cuts. Each is a child process of
 * its own, so that it can be killed, and its records go to the end of a trace.
 *
 * A life's store is root/store.
 */
#ifndef GP_TESTS_POWER_LIFE_H
#define GP_TESTS_POWER_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How a life in this program goes: engine and store in one thread, by a seed. */
struct life {
    uint64_t seed;
    unsigned batches;
    bool close;    /* at its end; else it just ends */
    uint64_t last; /* it is killed after so many records; 0: it is not */
};

/** Lives it. Returns whether it was killed. */
bool life_run(const char *root, const char *trace, const struct life *life);

/**
 * Lives it as gridpostd does, with threads, under load of several handsets; it is killed once and
 * started again. `folder` is a folder of its own.
 *
 * Ensures: the store is folder/data/store
 */
void life_run_daemon(const char *folder, const char *trace, uint64_t seed, unsigned commands);

#endif
