/**
 * Incidents of the sample city in every state, made by real commands of whoever may give them.
 */
#ifndef GP_TESTS_PERMIT_LIFE_H
#define GP_TESTS_PERMIT_LIFE_H

#include "core/decide.h"
#include "lib/play.h"

#define LIFE_REPORTED_AT "2026-06-01 09:30" /* a Monday: nobody is away or on duty */
#define LIFE_NOW         "2026-06-01 09:44" /* still within the window for returning */
#define LIFE_CATEGORY    "01-22"            /* two stages, its A post owns, department LH */
#define LIFE_SUBJECT     "w00600103"        /* has a strike from each of them */

/** Loads the sample city. Its table of rights is in force. */
void life_load(void);
void life_unload(void);
const struct gp_org *life_org(void);

/** The incident of a grid in a state. Lifetime: until the next call. */
const struct gp_incident *life_in(const char *grid, enum gp_state state);

/** Everything that a verb may need, so that posts and states alone decide. */
struct gp_command life_command(enum gp_verb verb, const char *grid);

/** The scene of a command about an incident: strikes are there, and everybody was told. */
struct gp_scene life_scene(enum gp_verb verb, const struct gp_incident *incident);

#endif
