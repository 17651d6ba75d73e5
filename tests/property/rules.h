/**
 * DOMAIN section 8 once more, by hand: which verb is allowed in which state and where it leads.
 * Written from the contract, not from decide.c; the two are compared by every command of every
 * sequence, and what this table says must be reached.
 */
#ifndef GP_TESTS_PROPERTY_RULES_H
#define GP_TESTS_PROPERTY_RULES_H

#include "core/decide.h"

/** Whether an act of a person may lead from a state to a state (GP_STATE_NONE: from nothing). */
bool rules_verb(int verb, int from, int to);
/** Whether the verb may be accepted in that state at all. */
bool rules_allowed(int verb, int from);
/** Whether an entry that nobody made may lead from a state to a state. */
bool rules_alone(int what, int from, int to);

/** Whether a post must own the incident in this state. */
bool rules_owned(int state);
/** Whether some clock surely runs. */
bool rules_clock_runs(int state);
/** Whether a step may fire in a state. */
bool rules_step(int state, int step);
/** Whether this entry may move a due. */
bool rules_moves_due(int what);

/** Calls back for each transition of the table that a long run must reach. */
void rules_each(void (*each)(void *context, bool alone, int verb_or_what, int from, int to),
                void *context);
/** Whether a long run must accept this verb. */
bool rules_has_verb(int verb);

#endif
