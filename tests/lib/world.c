#include "lib/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

void world_start(struct world *world, const char *const *words)
{
    daemon_start(&world->daemon, words);
    client_open(&world->client, world->daemon.socket);
}

void world_stop(struct world *world)
{
    client_close(&world->client);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

void world_reload(struct world *world)
{
    daemon_signal(&world->daemon, SIGHUP);
    daemon_await(&world->daemon, "RELOADING=1");
    daemon_await(&world->daemon, "READY=1");
}

int world_end(void **state)
{
    struct world *world = *state;

    world_stop(world);
    daemon_remove(&world->daemon);
    return 0;
}
