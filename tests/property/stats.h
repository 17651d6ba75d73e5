/**
 * What a run has seen: so that a property that nothing reaches any more is noticed.
 */
#ifndef GP_TESTS_PROPERTY_STATS_H
#define GP_TESTS_PROPERTY_STATS_H

#include "property/act.h"

#include <stdio.h>

void stats_answer(int verb, const struct gp_answer *answer);
void stats_transition(bool alone, int verb_or_what, int from, int to);
void stats_entry(const struct gp_entry *entry);
void stats_act(int kind);

enum stats_counter {
    STATS_BATCHES,
    STATS_UNCHANGED, /* refusals after which all tables were compared */
    STATS_REBUILDS,
    STATS_AGAIN,           /* sequences that were played twice */
    STATS_MISSED,          /* steps that a start caught up */
    STATS_BEGUN,           /* leaves that began */
    STATS_BEGUN_LATE,      /* of those, while the daemon was down */
    STATS_BEGUN_WITH_STEP, /* in one batch with a step of that instant */
    STATS_OVERRIDDEN,      /* leaves of both of a pair */
    STATS_COUNTERS,
};
void stats_count(enum stats_counter counter, uint64_t many);

/** Prints all of it. */
void stats_show(FILE *to);

/** Whether all that must be reached was; says what was not. */
bool stats_complete(FILE *to);

#endif
