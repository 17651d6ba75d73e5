/*
 * A reply, as a client reads it: answers with receipts, pages, feeds, rosters, forecasts, leaves,
 * devices, assessments, heads. What is promised: memory stays under the ceiling, and what was
 * accepted and packs is accepted again and packs to the same bytes.
 */
#include "wire.h"

static void try_reply(struct wire *wire)
{
    struct gp_reply reply, again;
    struct gp_span first, second;

    if (gp_wire_reply_unpack(wire->input, &wire->arena, &reply) != 0)
        return;
    int rc = gp_wire_reply_pack(&reply, &wire->pack, &first);
    PROMISE(rc == 0 || rc == GP_ELIMIT); /* an answer's id is always written: it may have grown */
    if (rc != 0)
        return;
    PROMISE(first.len <= GP_REPLY_BYTES_MAX);
    PROMISE(gp_wire_reply_unpack(first, &wire->pack, &again) == 0);
    PROMISE(gp_wire_reply_pack(&again, &wire->pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire_try(data, size, GP_REPLY_UNPACK_BYTES_MAX, try_reply);
    return 0;
}
