/*
 * The input as a request, a reply, a journal entry and an incident. What is promised: memory stays
 * under the ceiling, and what was accepted can be packed, is accepted again, and packs to the same
 * bytes: the canonical form is a fixed point.
 */
#include "fuzz.h"

#include "wire/message.h"

#include <stdlib.h>

#define STORED_CEILING ((size_t)256 * 1024)
#define PACK_CEILING   ((size_t)16 * 1024 * 1024)

#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static void try_request(struct gp_span input, struct gp_arena *arena, struct gp_arena *pack)
{
    struct gp_request request, again;
    struct gp_span first, second;
    const char *field = NULL;

    if (gp_wire_request_unpack(input, arena, &request, &field) != 0) {
        PROMISE(field != NULL);
        return;
    }
    PROMISE(gp_wire_request_pack(&request, pack, &first) == 0);
    PROMISE(gp_wire_request_unpack(first, pack, &again, &field) == 0);
    PROMISE(gp_wire_request_pack(&again, pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
    if (request.kind == GP_REQUEST_COMMAND)
        PROMISE(memcmp(request.command.body_hash, again.command.body_hash, 16) == 0);
}

static void try_reply(struct gp_span input, struct gp_arena *arena, struct gp_arena *pack)
{
    struct gp_reply reply, again;
    struct gp_span first, second;

    if (gp_wire_reply_unpack(input, arena, &reply) != 0)
        return;
    int rc = gp_wire_reply_pack(&reply, pack, &first);
    PROMISE(rc == 0 || rc == GP_ELIMIT); /* an answer's id is always written: it may have grown */
    if (rc != 0)
        return;
    PROMISE(gp_wire_reply_unpack(first, pack, &again) == 0);
    PROMISE(gp_wire_reply_pack(&again, pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
}

static void try_entry(struct gp_span input, struct gp_arena *arena, struct gp_arena *pack)
{
    static struct gp_entry entry, again;
    struct gp_span first, second;

    if (gp_wire_entry_unpack(input, arena, &entry) != 0)
        return;
    PROMISE(gp_wire_entry_pack(&entry, pack, &first) == 0);
    PROMISE(gp_wire_entry_unpack(first, pack, &again) == 0);
    PROMISE(gp_wire_entry_pack(&again, pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
}

static void try_incident(struct gp_span input, struct gp_arena *arena, struct gp_arena *pack)
{
    struct gp_incident incident, again;
    struct gp_span first, second;

    if (gp_wire_incident_unpack(input, arena, &incident) != 0)
        return;
    PROMISE(gp_wire_incident_pack(&incident, pack, &first) == 0);
    PROMISE(gp_wire_incident_unpack(first, pack, &again) == 0);
    PROMISE(gp_wire_incident_pack(&again, pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
}

static void try_device(struct gp_span input, struct gp_arena *arena, struct gp_arena *pack)
{
    struct gp_device device, again;
    struct gp_device_peek peek;
    struct gp_span first, second;

    (void)gp_wire_device_peek(input, &peek); /* whatever it is */
    if (gp_wire_device_unpack(input, arena, &device) != 0)
        return;
    PROMISE(gp_wire_device_pack(&device, pack, &first) == 0);
    PROMISE(gp_wire_device_peek(first, &peek) == 0);
    PROMISE(gp_span_equal(peek.person, device.person) && peek.role == device.role &&
            peek.state == device.state && peek.expires_ms == device.expires_ms);
    PROMISE(gp_wire_device_unpack(first, pack, &again) == 0);
    PROMISE(gp_wire_device_pack(&again, pack, &second) == 0);
    PROMISE(gp_span_equal(first, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        void (*run)(struct gp_span, struct gp_arena *, struct gp_arena *);
        size_t ceiling;
    } tries[] = {
        {try_request, GP_UNPACK_BYTES_MAX}, {try_reply, GP_REPLY_UNPACK_BYTES_MAX},
        {try_entry, STORED_CEILING},        {try_incident, STORED_CEILING},
        {try_device, STORED_CEILING},
    };
    struct gp_span input = {(const char *)data, size};

    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        struct gp_arena arena, pack;
        gp_arena_init(&arena, tries[i].ceiling);
        gp_arena_init(&pack, PACK_CEILING);
        tries[i].run(input, &arena, &pack);
        PROMISE(arena.used <= arena.ceiling);
        gp_arena_release(&pack);
        gp_arena_release(&arena);
    }
    return 0;
}
