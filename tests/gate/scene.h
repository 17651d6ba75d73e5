/**
 * A daemon, a gate in front of it, and an enrolled device that comes through the gate.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_GATE_SCENE_H
#define GP_TESTS_GATE_SCENE_H

#include "gate/fixture.h"
#include "lib/sealed.h"
#include "lib/world.h"

struct scene {
    struct world world; /* its client speaks over the local socket */
    struct gate gate;
    struct sealed li; /* through the gate */
};

/** Starts all of it. Requires: world.daemon was prepared. `words`: the gate's, or NULL. */
void scene_start(struct scene *scene, const char *const *words);

/** Stops and removes all of it. */
void scene_stop(struct scene *scene);

#endif
