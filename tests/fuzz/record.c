/*
 * The small stored records: the input's first byte says whether the rest is a strike, a leave, a
 * holding or a device. What is promised: the canonical form is a fixed point, and the look at a
 * device sees what reading it whole does.
 */
#include "wire.h"

WIRE_FIXED_POINT(strike, gp_strike)
WIRE_FIXED_POINT(leave, gp_leave_record)
WIRE_FIXED_POINT(tenure, gp_tenure)
WIRE_FIXED_POINT(device, gp_device)

static void try_strike(struct wire *wire)
{
    struct gp_strike strike;
    struct gp_span bytes;

    (void)fixed_strike(wire, &strike, &bytes);
}

static void try_leave(struct wire *wire)
{
    struct gp_leave_record leave;
    struct gp_span bytes;

    (void)fixed_leave(wire, &leave, &bytes);
}

static void try_tenure(struct wire *wire)
{
    struct gp_tenure tenure;
    struct gp_span bytes;

    (void)fixed_tenure(wire, &tenure, &bytes);
}

static void try_device(struct wire *wire)
{
    struct gp_device device;
    struct gp_device_peek peek;
    struct gp_span bytes;

    if (gp_wire_device_peek(wire->input, &peek) == 0)
        PROMISE(fuzz_within(peek.person, wire->input));
    if (!fixed_device(wire, &device, &bytes))
        return;
    PROMISE(gp_wire_device_peek(bytes, &peek) == 0);
    PROMISE(gp_span_equal(peek.person, device.person) && peek.role == device.role);
    PROMISE(peek.state == device.state && peek.expires_ms == device.expires_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(struct wire *) = {try_strike, try_leave, try_tenure, try_device};

    if (size > 0)
        wire_try(data + 1, size - 1, STORED_CEILING, tries[data[0] % 4]);
    return 0;
}
