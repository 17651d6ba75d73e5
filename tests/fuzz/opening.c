/*
 * The opening of a connection (base/sp.h), as the gate, the edge and the publisher of hints read
 * it: byte for byte as it comes. What is promised: however it is cut, it is taken when it is that
 * protocol's, and refused at its first wrong byte.
 */
#include "fuzz.h"

#include "base/sp.h"

static const enum gp_sp protocols[] = {GP_SP_PUB, GP_SP_SUB, GP_SP_REQ, GP_SP_REP};

/* How many bytes are taken when they come in pieces of `step`. */
static size_t taken(enum gp_sp protocol, const uint8_t *bytes, size_t len, size_t step)
{
    size_t at = 0;

    while (at < len) {
        size_t more = len - at < step ? len - at : step;
        if (!gp_sp_goes_on(protocol, at, bytes + at, more))
            return at;
        at += more;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char right[GP_SP_BYTES];
    size_t len = size < GP_SP_BYTES ? size : GP_SP_BYTES, same = 0;

    for (size_t p = 0; p < sizeof protocols / sizeof protocols[0]; p++) {
        gp_sp_write(protocols[p], right);
        for (same = 0; same < len && data[same] == right[same];)
            same++;
        PROMISE(gp_sp_begins(protocols[p], data, len) == (same == len));
        for (size_t step = 1; step <= GP_SP_BYTES; step++)
            PROMISE(taken(protocols[p], data, len, step) ==
                    (same == len ? len : same - same % step));
    }
    return 0;
}
