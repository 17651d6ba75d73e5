/* A device and a server that have shaken hands, for the tests of what comes after. */
#ifndef GP_TEST_TRUST_PAIR_H
#define GP_TEST_TRUST_PAIR_H

#include "trust/common.h"

struct pair {
    struct gp_channel device, server;
};

/* A session of fixed keys and ephemerals: the same bytes each time. */
void pair_init(struct pair *pair, unsigned char seed);

/* A buffer of len bytes at its very end of a heap block, so that a sanitizer sees reads beyond. */
unsigned char *copy_of(const void *bytes, size_t len);

#endif
