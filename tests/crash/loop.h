/**
 * The kill loop: a daemon under the load of its clients is killed at random moments and started
 * again; in the end what the clients saw is held against what the store holds. Moments are drawn
 * from a seed, but what happens in them depends on the machine.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_LOOP_H
#define GP_TESTS_CRASH_LOOP_H

#include "crash/clients.h"
#include "lib/daemon.h"

struct loop_plan {
    unsigned kills, workers, sealed, followers;
    unsigned seed;
    int load_ms;        /* a round lasts up to so long after READY=1 */
    bool under_load;    /* all kills are under load, and no batch is kept small */
    double rate;        /* of commands, as of clients; 0: as they come */
    const char *store;  /* with this store in place of a new one, and … */
    const char *config; /* … this configuration; NULL: the small one of the golden cases */
    const struct clients_place *place;
    size_t places;
    const char *history; /* where a history that is not well is written; NULL: nowhere */
};

struct loop_figures {
    unsigned kills, early, stopped; /* while starting; in shutdown … */
    unsigned frozen, held;          /* … after SIGSTOP; with batches before the disk */
    unsigned starts;                /* that came to READY=1 under load … */
    double *ready_ms;               /* … and how long they took, in order of time */
    size_t commands, reports, refused, repeats, resent, recovered, sessions, given_up, seen;
    uint64_t entries;
};

/** Runs it all, and adds what it counted. */
void loop_run(const struct loop_plan *plan, struct loop_figures *figures);

/** Of so many of 100 starts the time to READY was no longer; 0 without starts. */
double loop_ready(struct loop_figures *figures, unsigned percent);
void loop_figures_release(struct loop_figures *figures);

#endif
