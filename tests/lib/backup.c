#include "lib/backup.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

char backup_shelf[DAEMON_PATH_BYTES * 2];

struct world *backup_prepare(void **state)
{
    static struct world world;
    char line[DAEMON_PATH_BYTES * 2 + 20];

    daemon_prepare(&world.daemon);
    (void)snprintf(backup_shelf, sizeof backup_shelf, "%s/backup", world.daemon.folder);
    (void)snprintf(line, sizeof line, "backup_dir: %s", backup_shelf);
    daemon_setting(&world.daemon, line);
    daemon_setting(&world.daemon, "backup_keep: 2");
    *state = &world;
    return &world;
}

int backup_set_up(void **state)
{
    world_start(backup_prepare(state), NULL);
    return 0;
}

int backup_set_up_faults(void **state)
{
    struct world *world = backup_prepare(state);

    daemon_fault(&world->daemon, MORNING_MS);
    world_start(world, NULL);
    return 0;
}

struct gp_reply backup_ask(struct world *world, enum gp_backup_act act)
{
    struct gp_request request = {
        .kind = GP_REQUEST_BACKUP, .person = GP_SPAN("feng"), .backup = (uint8_t)act};
    return client_ask(&world->client, &request);
}

struct gp_backup_state backup_begin(struct world *world, enum gp_backup_act act)
{
    struct gp_reply reply = backup_ask(world, act);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_true(reply.backup.job > 0);
    return reply.backup;
}

struct gp_backup_state backup_await_end(struct world *world)
{
    struct gp_reply reply;

    do
        reply = backup_ask(world, GP_BACKUP_LOOK);
    while (reply.backup.phase != GP_BACKUP_NONE);
    return reply.backup;
}

struct gp_backup_state backup_run(struct world *world, enum gp_backup_act act)
{
    (void)backup_begin(world, act);
    return backup_await_end(world);
}

unsigned backup_count(const char *prefix)
{
    DIR *folder = opendir(backup_shelf);
    const struct dirent *entry;
    unsigned found = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        found += strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
                 strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (folder != NULL)
        assert_int_equal(closedir(folder), 0);
    return found;
}
