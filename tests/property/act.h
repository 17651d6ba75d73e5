/**
 * What happens in a sequence, as plain data: a sequence is an array of acts, so that it can be
 * printed, played again, and made smaller while it still fails.
 *
 * Acts name incidents by the act that opened them, not by id, so that an act may be left out
 * without the others meaning something else.
 */
#ifndef GP_TESTS_PROPERTY_ACT_H
#define GP_TESTS_PROPERTY_ACT_H

#include "base/arena.h"
#include "engine/engine.h"

#define ACTS_MAX 512
#ifndef INCIDENTS_MAX
#define INCIDENTS_MAX 256
#endif
#define ACT_NOBODY (-1) /* an incident that is not there */

enum act_kind {
    ACT_COMMAND = 1,
    ACT_REPEAT = 2,  /* R20: an earlier command again; other_body: with another content */
    ACT_RELOAD = 3,  /* another directory comes in force */
    ACT_CRASH = 4,   /* the daemon is down for down_ms, and starts again */
    ACT_FORGET = 5,  /* old repeats are dropped */
    ACT_REBUILD = 6, /* the journal is folded into an empty store, and compared */
    ACT_CLOCK = 7,   /* an alarm of the clock is journalled */
    ACT_HOLD = 8,    /* the clock is not trusted, or is again: then what was missed is caught up */
    ACT_KINDS = 9,
};

struct act {
    uint8_t kind;
    int64_t at_ms;
    bool joined;       /* with the act before it in one batch; both are commands */
    bool expires;      /* its batch has the steps of that instant, too */
    bool lags;         /* a slow machine: steps before at_ms wait for its batch */
    bool settles_late; /* else: steps of that instant wait for the next act */
    struct gp_command command;
    int target, other; /* index of the act that opened the incident; ACT_NOBODY */
    int leave;         /* index of the act that asked for it; ACT_NOBODY: command.leave counts */
    int repeat_of;     /* index of an act */
    bool other_body;
    bool lasting;     /* its id is young enough to be remembered all through the sequence */
    unsigned variant; /* RELOAD */
    int64_t down_ms;  /* CRASH */
    /* what came of it */
    bool done;
    struct gp_answer answer;
};

struct sequence {
    uint64_t seed, number;
    unsigned variant; /* directory at the beginning */
    int64_t start_ms;
    struct act act[ACTS_MAX];
    int count, commands;
    struct gp_arena arena; /* texts of the acts */
};

/** Prints the acts of a sequence in the form of a rehearsal's scenario. */
void act_show(const struct sequence *sequence, int until);

#endif
