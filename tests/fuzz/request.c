/*
 * A request. What is promised: a refusal names the field, memory stays under the ceiling, and what
 * was accepted can be packed, is accepted again, and packs to the same bytes; so does the hash by
 * which a repeat is known.
 */
#include "wire.h"

static void try_request(struct wire *wire)
{
    struct gp_request request, again;
    struct gp_span first, second;
    const char *field = NULL;

    if (gp_wire_request_unpack(wire->input, &wire->arena, &request, &field) != 0) {
        PROMISE(field != NULL);
        return;
    }
    PROMISE(wire->input.len <= GP_MESSAGE_BYTES_MAX);
    PROMISE(gp_wire_request_pack(&request, &wire->pack, &first) == 0);
    PROMISE(gp_wire_request_unpack(first, &wire->pack, &again, &field) == 0);
    PROMISE(gp_wire_request_pack(&again, &wire->pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
    if (request.kind != GP_REQUEST_COMMAND)
        return;
    PROMISE(gp_wire_verb_allowed(request.command.verb));
    PROMISE(memcmp(request.command.body_hash, again.command.body_hash, 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire_try(data, size, GP_UNPACK_BYTES_MAX, try_request);
    return 0;
}
