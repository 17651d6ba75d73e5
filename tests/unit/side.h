/**
 * What the tests of the side lines share: one incident in the town, played by short commands.
 */
#ifndef GP_TESTS_UNIT_SIDE_H
#define GP_TESTS_UNIT_SIDE_H

#include "lib/play.h"

extern struct town town;
extern struct play play;

/** cmocka's set-up: a fresh town and stage. */
int side_begin(void **state);

/** Fails the test when the last command was refused. */
void side_must(int reason);

/** A report of a category in TOWN_GRID by zhang (whose A post is li's). */
void side_report(const char *when, const char *category);

/** A command that must be accepted; fields beside verb and actor as in `command`. */
void side_do(const char *when, const char *by, enum gp_verb verb, struct gp_command command);

/** The same, to be refused with this reason; nothing changes. */
void side_refused(const char *when, const char *by, enum gp_verb verb, struct gp_command command,
                  enum gp_reason reason);

#endif
