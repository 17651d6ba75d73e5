/**
 * Something that somebody wants done: a report or another command, from the handset that it was
 * typed into until it is answered. Its id makes all copies of it the same.
 */
#ifndef GP_TESTS_SIM_ERRAND_H
#define GP_TESTS_SIM_ERRAND_H

#include "engine/engine.h"

struct handset;

struct errand {
    struct gp_command command;
    struct handset *by;
    unsigned tries;
    bool answered; /* the handset has an answer, and asks no more */
    /* what the checks remember */
    bool accepted;          /* by the engine, durably */
    bool promised;          /* an answer of that has left */
    struct gp_answer first; /* the one that accepted it */
};

#endif
