/**
 * A stage for people: the city's store under an engine that the test drives by itself, and the
 * items that it puts into a batch. Every function fails the running test when it cannot do what it
 * says.
 */
#ifndef GP_TESTS_ENGINE_STAGE_H
#define GP_TESTS_ENGINE_STAGE_H

#include "engine/city.h"

#define STAGE_POST "A-shizheng-340705006001" /* li's */

struct stage {
    struct city city;
    struct gp_engine *engine;
    struct gp_org org; /* in force; starts as the city's */
    int64_t now_ms;
    int64_t next_deadline_ms;
    struct gp_view *view; /* after the last batch */
};

/** cmocka's set-up and tear-down: *state is the stage. */
int stage_open(void **state);
int stage_close(void **state);

/** As after a crash: what the engine knew is gone. */
void stage_restart(struct stage *stage);

/** Applies a batch now. Returns as gp_engine_apply. */
int stage_try(struct stage *stage, struct gp_item *items, size_t count);

/** The same, and no item may be refused. */
void stage_apply(struct stage *stage, struct gp_item *items, size_t count);

/* ---------------------------------------------------------------- items */

struct gp_item stage_command(enum gp_verb verb, const char *by);

/** A leave with zhao as stand-in, in hours from now. */
struct gp_item stage_leave(const struct stage *stage, const char *by, int from_h, int to_h);

/** A command on the leave of this number. */
struct gp_item stage_about(enum gp_verb verb, const char *by, uint64_t id);

/** feng gives STAGE_POST to a person; "": to nobody. */
struct gp_item stage_hold(const char *person);

/** A report that STAGE_POST owns. */
struct gp_item stage_report(void);

/* ---------------------------------------------------------------- what came of it */

struct stage_count {
    unsigned shifts, leaves;
    uint64_t last_shifted; /* incident */
    uint32_t last_strike;  /* the number it has in its year; 0: there is none */
    char told[40];         /* first recipient of the last owner_shift or dispatch step */
};

/** Counts in the whole journal; no incident may have shifted twice. */
struct stage_count stage_count(const struct stage *stage);

/** Whether the person ("": nobody) holds STAGE_POST in the view, so long after now. */
bool stage_holds(const struct stage *stage, const char *person, int64_t after_ms);

/** Whether an approved leave of the person holds at an instant. */
bool stage_away(const struct gp_org *org, const char *person, int64_t at_ms);

#endif
