/**
 * A life of the tiny city's store: it is opened where a killed one left it, some operations are
 * done, and it is closed, while one call fails. The promises are checked behind each operation:
 *
 *   what answered 0 is there after opening again, and everything is what it is without a fault;
 *   what failed did nothing, says why by the right code, and works when it is tried again;
 *   behind a sync that failed nothing is acknowledged before the store is opened again;
 *   memory and descriptors are given back.
 */
#ifndef GP_TESTS_CALLS_LIFE_H
#define GP_TESTS_CALLS_LIFE_H

#include "calls/fail.h"
#include "calls/ops.h"

#define CHUNK_OPS 30
#define CHUNKS    (OPS / CHUNK_OPS)

/** Makes a folder in memory where that is to be had, and the stores that lives begin with; runs
 * each chunk's life once without a fault, to know what is right. */
void life_init(void);
void life_release(void);

/** How many calls this fault can befall in a chunk's life. */
uint64_t life_calls(unsigned chunk, enum fault fault);

struct life_case {
    unsigned chunk;
    enum fault fault;
    uint64_t at;
    bool sticky;
};

/** Runs one case in this process; prints what is wrong and ends the process with 1 if anything is.
 */
void life_run(const struct life_case *one);
/** Removes what a life that did not come to its end has left. */
void life_clean(void);

#endif
