/**
 * What a test shares with a daemon into which shim.c is LD_PRELOADed: one of its allocations fails.
 */
#ifndef GP_TESTS_CALLS_SHIM_H
#define GP_TESTS_CALLS_SHIM_H

#include <stdint.h>

#define SHIM_NAME_BYTES 64

struct shim {
    uint64_t at;      /* this one fails; 0: none does */
    uint64_t upto;    /* and all up to this one */
    uint64_t counted; /* since the start */
    uint64_t failed;
    uint64_t aborting;         /* of those, by libraries that abort then */
    char who[SHIM_NAME_BYTES]; /* whose the first one that failed was: "libnanomsg.so.5" */
};

/** From now on nothing is counted or refused. For who counts lines when the daemon ends. */
void shim_lift(void);

#endif
