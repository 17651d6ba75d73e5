/**
 * What most tests of the real daemon work with: a daemon in a folder of its own, and one client of
 * it. Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_LIB_WORLD_H
#define GP_TESTS_LIB_WORLD_H

#include "lib/client.h"
#include "lib/daemon.h"

struct world {
    struct daemon daemon; /* after daemon_prepare */
    struct client client;
};

/** Starts the daemon with the words of a NULL-ended list (NULL: none), and connects the client. */
void world_start(struct world *world, const char *const *words);

/** Ends both; the daemon must end in order. */
void world_stop(struct world *world);

/** SIGHUP, and waits until it has been seen to. */
void world_reload(struct world *world);

/** cmocka's tear-down of a test whose *state is a world: stops it and removes the folder. */
int world_end(void **state);

#endif
