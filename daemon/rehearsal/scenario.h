/**
 * Scenario files (DOMAIN section 10), one act a line:
 *
 *   2026-09-30T16:40+08:00 report r1 grid=340705402001001 category=n8 by=li text="a broken cover"
 *   2026-10-08T16:00+08:00 crash
 *   2026-10-12T17:00+08:00 end
 *
 * TIME VERB [LABEL] key=value…; values may stand in double quotes; '#' starts a comment line;
 * blank lines are skipped; times never go back; the last line's verb is `end`.
 */
#ifndef GP_REHEARSAL_SCENARIO_H
#define GP_REHEARSAL_SCENARIO_H

#include "base/arena.h"
#include "base/span.h"

#include <stdint.h>

#define GP_SCENARIO_PAIRS_MAX 16

struct gp_scenario_pair {
    struct gp_span key, value;
};

struct gp_scenario_act {
    unsigned line; /* 1-based */
    int64_t at_ms;
    struct gp_span verb, label; /* label empty where the line has none */
    struct gp_scenario_pair pair[GP_SCENARIO_PAIRS_MAX];
    unsigned pair_count;
};

struct gp_scenario {
    struct gp_scenario_act *act;
    size_t count; /* the last one is `end` */
};

struct gp_scenario_error {
    unsigned line;
    char text[160]; /* what is wrong and how it should look, English */
};

/**
 * Reads a whole scenario.
 *
 * Lifetime: *ret_scenario points into text and arena
 * Errors:   GP_EFORMAT, GP_EUTF8: *ret_error says which line and why; GP_ENOMEM
 */
int gp_scenario_parse(struct gp_span text, struct gp_arena *arena, struct gp_scenario *ret_scenario,
                      struct gp_scenario_error *ret_error);

/** The value of a key; the empty span when the line does not have it. Thread: any. */
struct gp_span gp_scenario_value(const struct gp_scenario_act *act, const char *key);

#endif
