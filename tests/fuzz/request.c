/*
 * A request. What is promised: a refusal names the field, memory stays under the ceiling, what is
 * longer than a request may be is not looked into, every text is UTF-8 and within its length, and
 * what was accepted can be packed, is accepted again, and packs to the same bytes; so does the hash
 * by which a repeat is known.
 */
#include "wire.h"

static void check_text(struct gp_span text, size_t most)
{
    PROMISE(text.len <= most && gp_utf8_valid(text));
}

static void check_command(const struct gp_command *command)
{
    PROMISE(gp_wire_verb_allowed(command->verb));
    check_text(command->text, GP_TEXT_BYTES_MAX);
    check_text(command->grid, GP_ID_BYTES_MAX);
    check_text(command->category, GP_ID_BYTES_MAX);
    check_text(command->condition, GP_ID_BYTES_MAX);
    check_text(command->phone, GP_ID_BYTES_MAX);
    check_text(command->post, GP_ID_BYTES_MAX);
    check_text(command->person, GP_ID_BYTES_MAX);
    check_text(command->standin, GP_ID_BYTES_MAX);
    check_text(command->approval, GP_TEXT_BYTES_MAX);
    check_text(command->override_reason, GP_TEXT_BYTES_MAX);
}

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
    check_command(&request.command);
    PROMISE(memcmp(request.command.body_hash, again.command.body_hash, 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire_try(data, size, GP_UNPACK_BYTES_MAX, try_request);
    return 0;
}
