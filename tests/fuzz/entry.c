/*
 * An entry of the journal. What is promised: the canonical form is a fixed point, and both looks at
 * it (time and incident; the fact that an assessment takes) see what reading it whole does. Of
 * bytes that are not canonical a look may see what it likes, within them.
 */
#include "wire.h"

#include "core/fact.h"

WIRE_FIXED_POINT(entry, gp_entry)

static void look_anywhere(struct gp_span input)
{
    struct gp_entry_peek peek;
    struct gp_fact fact;

    (void)gp_wire_entry_peek(input, &peek); /* whatever it is */
    if (gp_wire_fact_peek(input, &fact) != 0)
        return;
    PROMISE(fuzz_within(fact.line, input) && fuzz_within(fact.department, input));
    PROMISE(fuzz_within(fact.actor, input) && fuzz_within(fact.owner, input));
    PROMISE(fuzz_within(fact.unfilled, input) && fuzz_within(fact.returner, input));
    PROMISE(fuzz_within(fact.struck, input));
    PROMISE(fact.ref_count <= GP_REFS_MAX && fact.stages <= GP_STAGES_MAX);
}

static void same_fact(const struct gp_fact *a, const struct gp_fact *b)
{
    PROMISE(a->seq == b->seq && a->incident == b->incident && a->at_ms == b->at_ms);
    PROMISE(a->area.padded == b->area.padded && a->area.digits == b->area.digits);
    PROMISE(a->area.level == b->area.level);
    PROMISE(gp_span_equal(a->line, b->line) && gp_span_equal(a->department, b->department));
    PROMISE(gp_span_equal(a->actor, b->actor) && gp_span_equal(a->owner, b->owner));
    PROMISE(a->what == b->what && a->step == b->step && a->stage == b->stage);
    PROMISE(a->state == b->state && a->flags == b->flags && a->level == b->level);
    PROMISE(a->bits == b->bits && a->stages == b->stages && a->gap_to_ms == b->gap_to_ms);
    PROMISE(gp_span_equal(a->unfilled, b->unfilled) && gp_span_equal(a->returner, b->returner));
    PROMISE(gp_span_equal(a->struck, b->struck) && a->strike_state == b->strike_state);
    PROMISE(a->ref_count == b->ref_count);
    for (uint8_t i = 0; i < a->ref_count; i++)
        PROMISE(a->ref_seq[i] == b->ref_seq[i]);
}

static void try_entry(struct wire *wire)
{
    static struct gp_entry whole;
    struct gp_entry_peek peek;
    struct gp_fact expected, seen;
    struct gp_span bytes;

    look_anywhere(wire->input);
    if (!fixed_entry(wire, &whole, &bytes))
        return;
    PROMISE(gp_wire_entry_peek(bytes, &peek) == 0);
    PROMISE(peek.at_ms == whole.at_ms && peek.incident == whole.incident);
    gp_fact_of(&whole, &expected);
    PROMISE(gp_wire_fact_peek(bytes, &seen) == 0);
    same_fact(&expected, &seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wire_try(data, size, STORED_CEILING, try_entry);
    return 0;
}
