/**
 * What the files of this room share. sodium.h is included here, once for all of them.
 */
#ifndef GP_TRUST_INTERNAL_H
#define GP_TRUST_INTERNAL_H

#include "base/bytes.h"
#include "base/limits.h"
#include "trust/trust.h"

#include <assert.h>
#include <sodium.h>

#define GP_NONCE_BYTES 12 /* crypto_aead_chacha20poly1305_ietf_NPUBBYTES */

/** ChaChaPoly's nonce as Noise makes it: 4 zero bytes, the counter little-endian. */
static inline void gp_nonce(uint64_t counter, unsigned char ret_nonce[GP_NONCE_BYTES])
{
    memset(ret_nonce, 0, 4);
    for (int i = 4; i < GP_NONCE_BYTES; i++, counter >>= 8)
        ret_nonce[i] = (unsigned char)counter;
}

static inline const unsigned char *gp_bytes(struct gp_span span)
{
    return (const unsigned char *)span.ptr;
}

static inline struct gp_span gp_span_over(const unsigned char *bytes, size_t len)
{
    return (struct gp_span){(const char *)bytes, len};
}

#endif
