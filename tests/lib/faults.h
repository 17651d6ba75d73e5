/**
 * What a test shares with a daemon into which faults.c is LD_PRELOADed: 64-bit numbers that the
 * test writes while the daemon runs.
 */
#ifndef GP_TESTS_LIB_FAULTS_H
#define GP_TESTS_LIB_FAULTS_H

#include <stdint.h>

struct faults {
    int64_t wall_ms, boot_ms; /* added to what those clocks show */
    int64_t slip_ms;          /* passes on both behind the next reading of either; then it is 0 */
    int64_t write_error;      /* errno of writes into the store; 0: they work */
    int64_t limited;          /* 1: the disk has `room` bytes left for what has no blocks yet */
    int64_t room;             /* what is unlinked or truncated comes back */
    int64_t begins;           /* the daemon counts: transactions of the store's tables */
    int64_t no_room;          /* 1: statvfs says that a disk is full */
    int32_t away;             /* a futex: while it is 1, whoever opens a folder `backup` waits */
    int32_t hold; /* a futex: while it is 1, nothing is stored, and no read in the pool begins */
    /* A futex: the loop's thread waits behind its so-manieth look at the monotonic clock, until it
     * is 0; with the time that it has read. */
    int32_t stall, unused;
};

#endif
