/**
 * Facts: of a journal entry, what an assessment looks at. A long walk over the journal reads
 * nothing else of an entry (wire/'s gp_wire_fact_peek), and unpacks none.
 */
#ifndef GP_CORE_FACT_H
#define GP_CORE_FACT_H

#include "core/entry.h"

struct gp_fact {
    uint64_t seq; /* as the reader numbers it */
    uint64_t incident;
    int64_t at_ms;
    struct gp_area_ref area;
    struct gp_span line, department, actor, owner;
    uint8_t what, step, stage, state;
    uint32_t flags, level;
    uint32_t bits;  /* enum gp_patch_bit: what of the next four counts */
    uint8_t stages; /* GP_PATCH_PLAN: of the plan; else GP_PATCH_ROW: of the row's limit; else 0 */
    int64_t gap_to_ms;                 /* of `resumed`: when the suspension ended; 0: at at_ms */
    struct gp_span unfilled, returner; /* GP_PATCH_SIDE */
    struct gp_span struck;             /* of a strike: its person */
    uint8_t strike_state;
    uint64_t ref_seq[GP_REFS_MAX];
    uint8_t ref_count;
};

/** Takes a fact out of a whole entry. wire/'s gp_wire_fact_peek gives the same from its packed
 * bytes. Thread: any. Lifetime: *ret_fact points into the entry. */
void gp_fact_of(const struct gp_entry *entry, struct gp_fact *ret_fact);

/**
 * Whether an entry like this one can begin a share. What happens to an incident in a period
 * without one changes no figure of that period. Thread: any.
 */
bool gp_fact_credits(const struct gp_fact *fact);

#endif
