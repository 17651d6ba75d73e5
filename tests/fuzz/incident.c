/*
 * A stored incident. What is promised: the canonical form is a fixed point, and both looks at it (a
 * query's traits; what the search for duplicates compares) see what reading it whole does.
 */
#include "wire.h"

WIRE_FIXED_POINT(incident, gp_incident)

static void look_anywhere(struct gp_span input)
{
    struct gp_similar similar;
    struct gp_traits traits;

    if (gp_wire_incident_peek(input, &similar) == 0)
        PROMISE(fuzz_within(similar.category, input));
    if (gp_wire_traits_peek(input, &traits) != 0)
        return;
    PROMISE(fuzz_within(traits.owner, input) && fuzz_within(traits.department, input));
    PROMISE(fuzz_within(traits.category, input));
    PROMISE(traits.state <= GP_STATE_REOPENED && traits.area.level <= GP_LEVEL_GRID);
}

static void check_similar(const struct gp_incident *whole, struct gp_span bytes)
{
    struct gp_similar seen;

    PROMISE(gp_wire_incident_peek(bytes, &seen) == 0);
    PROMISE(seen.id == whole->id && seen.received_ms == whole->received_ms);
    PROMISE(gp_span_equal(seen.category, whole->row.code));
    PROMISE(seen.place.known == whole->place.known);
    PROMISE(seen.place.lat_e7 == whole->place.lat_e7 && seen.place.lon_e7 == whole->place.lon_e7);
    PROMISE(seen.main == whole->side.main);
}

static void check_traits(const struct gp_incident *whole, struct gp_span bytes)
{
    struct gp_traits a, b;

    gp_traits_of(whole, &a);
    PROMISE(gp_wire_traits_peek(bytes, &b) == 0);
    PROMISE(a.state == b.state && a.is_private == b.is_private);
    PROMISE(a.area.padded == b.area.padded && a.area.digits == b.area.digits);
    PROMISE(a.area.level == b.area.level);
    PROMISE(gp_span_equal(a.owner, b.owner) && gp_span_equal(a.department, b.department));
    PROMISE(gp_span_equal(a.category, b.category));
    PROMISE(a.received_ms == b.received_ms && a.overdue_ms == b.overdue_ms);
}

static void try_incident(struct wire *wire)
{
    static struct gp_incident whole;
    struct gp_span bytes;

    look_anywhere(wire->input);
    if (!fixed_incident(wire, &whole, &bytes))
        return;
    check_similar(&whole, bytes);
    check_traits(&whole, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire_try(data, size, STORED_CEILING, try_incident);
    return 0;
}
