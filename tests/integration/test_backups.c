/* What backups there are, as the daemon lists them. */
#include "lib/backup.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void assert_kept(const struct gp_backup_kept *kept, const char *name, uint64_t seq)
{
    assert_true(gp_span_is(kept->name, name));
    assert_int_equal(kept->seq, seq);
    assert_true(kept->at_ms >= MORNING_MS && kept->at_ms % 1000 == 0);
    assert_true(kept->bytes > 8192);
}

static void what_is_kept_is_listed(void **state)
{
    struct world *world = *state;
    char name[2][80], line[DAEMON_PATH_BYTES * 8];
    uint64_t seq[2];

    assert_int_equal(backup_ask(world, GP_BACKUP_LIST).backup.kept_count, 0);
    for (int i = 0; i < 2; i++) {
        (void)client_report(&world->client);
        struct gp_backup_state end = backup_run(world, GP_BACKUP_MAKE);
        (void)snprintf(name[i], sizeof name[i], "%.*s", GP_SPAN_ARG(end.name));
        seq[i] = end.seq;
    }
    (void)snprintf(line, sizeof line, "rm %s/%s/backup.json; mkdir %s/aside %s/.tmp-backup-9",
                   backup_shelf, name[0], backup_shelf, backup_shelf);
    assert_int_equal(system(line), 0);
    struct gp_reply reply = backup_ask(world, GP_BACKUP_LIST);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.backup.kept_count, 2);
    assert_kept(&reply.backup.kept[0], name[1], seq[1]);
    assert_kept(&reply.backup.kept[1], name[0], seq[0]);
    assert_true(reply.backup.kept[0].verified);
    assert_false(reply.backup.kept[1].verified);
}

/* A daemon that is to stop ends no list half-way. */
static void a_list_is_waited_for(void **state)
{
    struct world *world = *state;
    struct gp_request request = {
        .kind = GP_REQUEST_BACKUP, .person = GP_SPAN("feng"), .backup = GP_BACKUP_LIST};
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    (void)backup_run(world, GP_BACKUP_MAKE);
    gp_arena_init(&arena, (size_t)1 << 20);
    crowd_open(&crowd, world->daemon.socket, 2);
    daemon_away(&world->daemon, true);
    crowd_send(&crowd, 0, &request);
    crowd_send(&crowd, 1, &request);
    assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
    assert_int_equal(reply.status, GP_STATUS_TRY_AGAIN);
    (void)client_report(&world->client);
    daemon_signal(&world->daemon, SIGTERM);
    daemon_await_log(&world->daemon, "draining");
    assert_false(crowd_receive(&crowd, 500, &arena, &number, &reply)); /* longer than it flushes */
    daemon_away(&world->daemon, false);
    assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.backup.kept_count, 1);
    crowd_close(&crowd);
    gp_arena_release(&arena);
    world_stop(world);
    world_start(world, NULL);
}

#define LIST(name) cmocka_unit_test_setup_teardown(name, backup_set_up_faults, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST(what_is_kept_is_listed),
        LIST(a_list_is_waited_for),
    };
    return cmocka_run_group_tests_name("backups", tests, NULL, NULL);
}
