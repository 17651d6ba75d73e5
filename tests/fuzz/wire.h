/* What the targets of daemon/wire share: an input is read in an arena of the ceiling that the
 * daemon sets, and packed in another one. */
#ifndef GP_TESTS_FUZZ_WIRE_H
#define GP_TESTS_FUZZ_WIRE_H

#include "fuzz.h"

#include "wire/message.h"

#define STORED_CEILING ((size_t)256 * 1024)
#define PACK_CEILING   ((size_t)16 * 1024 * 1024)

struct wire {
    struct gp_span input;
    struct gp_arena arena, pack;
};

static inline void wire_try(const uint8_t *data, size_t size, size_t ceiling,
                            void (*try)(struct wire *wire))
{
    struct wire wire = {.input = {(const char *)data, size}};

    gp_arena_init(&wire.arena, ceiling);
    gp_arena_init(&wire.pack, PACK_CEILING);
    try(&wire);
    PROMISE(wire.arena.used <= wire.arena.ceiling);
    gp_arena_release(&wire.pack);
    gp_arena_release(&wire.arena);
}

/* A function that holds a stored form to its canonical packing: what was accepted can be packed, is
 * accepted again, and packs to the same bytes. False where the input was refused; else *again and
 * *first, the bytes that it was read from. */
#define WIRE_FIXED_POINT(name, type)                                                               \
    static bool fixed_##name(struct wire *wire, struct type *again, struct gp_span *first)         \
    {                                                                                              \
        static struct type read;                                                                   \
        struct gp_span second;                                                                     \
                                                                                                   \
        if (gp_wire_##name##_unpack(wire->input, &wire->arena, &read) != 0)                        \
            return false;                                                                          \
        PROMISE(gp_wire_##name##_pack(&read, &wire->pack, first) == 0);                            \
        PROMISE(gp_wire_##name##_unpack(*first, &wire->pack, again) == 0);                         \
        PROMISE(gp_wire_##name##_pack(again, &wire->pack, &second) == 0);                          \
        PROMISE(gp_span_equal(*first, second));                                                    \
        return true;                                                                               \
    }

#endif
