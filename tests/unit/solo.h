/**
 * What most tests of the core share: one incident in the town, played by short commands.
 */
#ifndef GP_TESTS_UNIT_SOLO_H
#define GP_TESTS_UNIT_SOLO_H

#include "lib/play.h"

/* Commands' fields beside verb and actor. */
#define NOTHING                                                                                    \
    (struct gp_command)                                                                            \
    {                                                                                              \
        0                                                                                          \
    }
#define WHY                                                                                        \
    (struct gp_command)                                                                            \
    {                                                                                              \
        .text = GP_SPAN("why")                                                                     \
    }

extern struct town town;
extern struct play play;

/** cmocka's set-up: a fresh town and stage. */
int solo_begin(void **state);

/** Fails the test when the last command was refused. */
void solo_must(int reason);

/** Fails the test unless the last refusal has these words. */
void solo_says(const char *words);

/** A report of a category in TOWN_GRID by zhang (whose A post is li's). */
void solo_report(const char *when, const char *category);

/** A command that must be accepted; fields beside verb and actor as in `command`. */
void solo_do(const char *when, const char *by, enum gp_verb verb, struct gp_command command);

/** The same, to be refused with this reason; nothing changes. */
void solo_refused(const char *when, const char *by, enum gp_verb verb, struct gp_command command,
                  enum gp_reason reason);

#endif
