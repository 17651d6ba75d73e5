#include "gate/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void scene_start(struct scene *scene, const char *const *words)
{
    world_start(&scene->world, NULL);
    gate_prepare(&scene->gate);
    gate_front(&scene->gate, scene->world.daemon.edge, scene->world.daemon.hint);
    gate_start(&scene->gate, words);
    sealed_enrol(&scene->li, &scene->world.client, scene->gate.address, "li", GP_ROLE_OFFICER);
}

void scene_stop(struct scene *scene)
{
    sealed_close(&scene->li);
    assert_int_equal(gate_stop(&scene->gate), 0);
    world_stop(&scene->world);
    gate_remove(&scene->gate);
    daemon_remove(&scene->world.daemon);
}
