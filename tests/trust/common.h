/* What the tests of trust/ share: cmocka and its headers, keys made from one byte, text of bytes.
 */
#ifndef GP_TEST_TRUST_COMMON_H
#define GP_TEST_TRUST_COMMON_H

#include "trust/handshake.h"
#include "trust/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define GP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* For cmocka_run_group_tests. */
static inline int start_trust(void **state)
{
    (void)state;
    return gp_trust_start();
}

static inline struct gp_span over(const void *bytes, size_t len)
{
    return (struct gp_span){bytes, len};
}

/* The key pair whose secret is 32 times the same byte. */
static inline struct gp_keypair pair_of(unsigned char byte)
{
    unsigned char secret[GP_KEY_BYTES];
    struct gp_keypair pair;

    memset(secret, byte, sizeof secret);
    gp_keypair_of(secret, &pair);
    return pair;
}

#endif
