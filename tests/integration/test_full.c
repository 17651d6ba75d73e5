/* A store that cannot be written: nothing is promised, nothing is lost, and where the disk is only
 * full, the daemon lives. */
#include "base/clocktext.h"
#include "lib/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Deadlines pass all the time: an hour a second. */
static const char *const drill[] = {"--drill",       "--clock-rate",           "3600",
                                    "--clock-start", "2026-09-30T08:00+08:00", NULL};

#define CROWD 100

static struct gp_request long_report(void)
{
    static char text[GP_TEXT_BYTES_MAX];
    struct gp_request request = request_report();

    memset(text, 'x', sizeof text);
    request.command.text = (struct gp_span){text, sizeof text};
    request.command.category = GP_SPAN("u2");
    return request;
}

/* Reports until the store takes no more. Returns how many it took. */
static uint64_t fill(const struct daemon *daemon)
{
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint64_t taken = 0;
    uint32_t number;
    bool full = false;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, daemon->socket, CROWD);
    while (!full) {
        for (uint32_t i = 0; i < CROWD; i++) {
            struct gp_request request = long_report();
            crowd_send(&crowd, i, &request);
        }
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            assert_true(reply.status == GP_STATUS_OK || reply.status == GP_STATUS_TRY_AGAIN);
            taken += reply.status == GP_STATUS_OK;
            full = full || reply.status == GP_STATUS_TRY_AGAIN;
        }
        gp_arena_reset(&arena);
    }
    crowd_close(&crowd);
    gp_arena_release(&arena);
    return taken;
}

/* Among reports that are refused, what is open already is worked on. Returns how many were taken.
 */
static uint64_t note_amid_reports(const struct daemon *daemon)
{
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number, refused = 0;
    uint64_t taken = 0;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, daemon->socket, CROWD);
    while (refused < CROWD / 2) { /* what is closed meanwhile makes room for a few */
        struct gp_request note = request_command(GP_VERB_NOTE, 1, "li");
        note.command.text = GP_SPAN("谢谢");
        for (uint32_t i = 0; i < CROWD; i++) {
            struct gp_request request = i == CROWD / 2 ? note : long_report();
            crowd_send(&crowd, i, &request);
        }
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            if (number == CROWD / 2)
                assert_int_equal(reply.status, GP_STATUS_OK);
            else
                taken += reply.status == GP_STATUS_OK;
            refused += reply.status == GP_STATUS_TRY_AGAIN;
        }
        gp_arena_reset(&arena);
    }
    crowd_close(&crowd);
    gp_arena_release(&arena);
    return taken;
}

static void full_store_answers_try_again_and_lives(void **state)
{
    struct daemon daemon;
    struct client client;

    (void)state;
    daemon_prepare(&daemon);
    daemon_setting(&daemon, "store_map_mib: 16");
    daemon_start(&daemon, drill);
    uint64_t taken = fill(&daemon);
    assert_true(taken > 0);
    daemon_assert_log(&daemon, "nearly no space left: reports are not taken");

    client_open(&client, daemon.socket); /* reading goes on, and tells no lies */
    assert_int_equal(client_status(&client).incidents, taken);
    struct gp_request wait = request_feed(client_status(&client).head, 20000);
    assert_true(client_ask(&client, &wait).feed.count > 0); /* what falls due needs little room */
    taken += note_amid_reports(&daemon);
    client_close(&client);
    assert_int_equal(daemon_stop(&daemon), 0);

    /* With room again, everything that fell due meanwhile is fired. */
    daemon_setting(&daemon, "store_map_mib: 512");
    daemon_edit(&daemon, "gridpost.yaml", "store_map_mib: 16\n", "");
    daemon_start(&daemon, drill);
    client_open(&client, daemon.socket);
    assert_int_equal(client_report(&client), taken + 1);
    client_close(&client);
    assert_int_equal(daemon_stop(&daemon), 0);
    assert_int_equal(daemon_run(&daemon, (const char *const[]){"--drill", "--verify", NULL}), 0);
    daemon_remove(&daemon);
}

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS INT64_C(1790730000000)

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    /* A report is not stored, and not refused beforehand: that is test_space.c's. */
    daemon_edit(&world.daemon, "gridpost.yaml", "store_reserve_mib: 1", "store_reserve_mib: 0");
    daemon_fault(&world.daemon, MORNING_MS);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    client_close(&world->client);
    daemon_remove(&world->daemon);
    return 0;
}

static enum gp_status report(struct world *world)
{
    struct gp_request request = request_report();
    return client_ask(&world->client, &request).status;
}

/* Waits for an entry of this kind after seq; false when the feed falls silent first. */
static bool await_entry(struct world *world, uint64_t seq, enum gp_what what, enum gp_step step)
{
    for (struct gp_reply reply = {.feed.count = 1}; reply.feed.count > 0;) {
        struct gp_request request = request_feed(seq, 5000);
        reply = client_ask(&world->client, &request);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            if (reply.feed.item[i]->what == what && reply.feed.item[i]->step == step)
                return true;
        }
        seq = reply.feed.scanned_to;
    }
    return false;
}

/* What the daemon owes itself, a reload and a step that is due, comes when there is room again. */
static void disk_that_has_room_again_is_used_again(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();

    request.command.category = GP_SPAN("u2"); /* unaccepted after 15 minutes */
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
    uint64_t head = client_status(&world->client).head;
    daemon_fail_writes(&world->daemon, ENOSPC);
    assert_int_equal(report(world), GP_STATUS_TRY_AGAIN);
    daemon_edit(&world->daemon, "calendar/office.yaml", "08:00-12:00", "09:00-12:00");
    world_reload(world);
    daemon_shift(&world->daemon, 16 * GP_MS_MINUTE, 16 * GP_MS_MINUTE);
    assert_int_equal(report(world), GP_STATUS_TRY_AGAIN);
    assert_int_equal(client_status(&world->client).head, head);

    daemon_fail_writes(&world->daemon, 0);
    assert_true(await_entry(world, head, GP_WHAT_STEP, GP_STEP_UNACCEPTED));
    assert_true(await_entry(world, head, GP_WHAT_AUDIT, GP_STEP_NONE));
    assert_int_equal(report(world), GP_STATUS_OK);
    assert_int_equal(client_status(&world->client).incidents, 2);
    daemon_assert_log(&world->daemon, "batches are stored again");
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

/* The same while reports never cease: there is always a batch in flight when the tick looks. */
static void what_is_owed_waits_for_no_quiet_moment(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    struct client other;

    (void)usleep(1500000); /* the first tick's batch is over, and below it is committed: no rest */
    uint64_t head = client_status(&world->client).head;
    daemon_edit(&world->daemon, "calendar/office.yaml", "08:00-12:00", "09:00-12:00");
    daemon_fail_writes(&world->daemon, ENOSPC);
    world_reload(world);
    daemon_await_log(&world->daemon, "a batch could not be stored");
    daemon_hold(&world->daemon, true);
    daemon_fail_writes(&world->daemon, 0);
    client_send(&world->client, &request);
    (void)usleep(2500000); /* two ticks */
    client_open(&other, world->daemon.socket);
    request = request_report();
    client_send(&other, &request);
    (void)usleep(100000);
    daemon_hold(&world->daemon, false);
    assert_int_equal(client_receive(&world->client).status, GP_STATUS_OK);
    uint64_t seq = client_receive(&other).answer.seq;
    client_close(&other);
    request = request_feed(head, 0);
    struct gp_reply reply = client_ask(&world->client, &request);
    bool found = false;
    for (uint32_t i = 0; i < reply.feed.count && reply.feed.item[i]->seq < seq; i++)
        found = found || reply.feed.item[i]->what == GP_WHAT_AUDIT;
    assert_true(found);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

static enum gp_status rotate(struct world *world)
{
    struct gp_request request = request_command(GP_VERB_ROTATE, 0, "feng");

    request.command.result = GP_RESULT_YES;
    return client_ask(&world->client, &request).status;
}

/* The key files follow the journal: what it does not have is not done. */
static void key_change_that_was_not_stored_changes_no_file(void **state)
{
    struct world *world = *state;
    char old_key[DAEMON_PATH_BYTES * 2];

    (void)snprintf(old_key, sizeof old_key, "%s/server-old.key", world->daemon.keys);
    assert_int_equal(report(world), GP_STATUS_OK);
    daemon_fail_writes(&world->daemon, ENOSPC);
    assert_int_equal(rotate(world), GP_STATUS_TRY_AGAIN);
    assert_int_equal(access(old_key, F_OK), -1);
    daemon_fail_writes(&world->daemon, 0);
    assert_int_equal(rotate(world), GP_STATUS_OK);
    assert_int_equal(access(old_key, F_OK), 0);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

/* A batch that failed takes what was not committed of those before it out of the tables, though it
 * is in the journal: who reads next gets it folded again, and waits for no other batch. */
static void reading_goes_on_behind_a_batch_that_was_not_stored(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = 1};

    (void)usleep(1500000); /* the first tick's batch is over */
    assert_int_equal(report(world), GP_STATUS_OK);
    daemon_fail_writes(&world->daemon, ENOSPC);
    assert_int_equal(report(world), GP_STATUS_TRY_AGAIN);
    daemon_fail_writes(&world->daemon, 0);
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->id, 1);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

/* What was acknowledged is in the journal, and not yet in tables that anybody may read: "there is
 * no such incident" would be wrong, and the next second will know. */
static void what_cannot_be_read_yet_is_not_said_to_be_missing(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = 1};
    struct gp_reply reply;

    assert_int_equal(report(world), GP_STATUS_OK);
    daemon_fail_writes(&world->daemon, ENOSPC);
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_TRY_AGAIN);
    daemon_fail_writes(&world->daemon, 0);
    do /* until the disk is looked at again */
        reply = client_ask(&world->client, &request);
    while (reply.status == GP_STATUS_TRY_AGAIN);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->id, 1);
    request.incident = 2;
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_NOT_FOUND);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

/* A disk that fails is not written to any longer: systemd starts again, or a person looks. */
static void disk_that_fails_ends_the_daemon(void **state)
{
    struct world *world = *state;

    assert_int_equal(report(world), GP_STATUS_OK);
    daemon_fail_writes(&world->daemon, EIO);
    assert_int_equal(report(world), GP_STATUS_TRY_AGAIN);
    assert_int_equal(daemon_wait(&world->daemon), 1);
    daemon_assert_log(&world->daemon, "input/output error");

    daemon_fail_writes(&world->daemon, 0);
    daemon_start(&world->daemon, NULL);
    assert_int_equal(client_status(&world->client).incidents, 1);
    assert_int_equal(daemon_stop(&world->daemon), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_store_answers_try_again_and_lives),
        cmocka_unit_test_setup_teardown(disk_that_has_room_again_is_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_owed_waits_for_no_quiet_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(key_change_that_was_not_stored_changes_no_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(reading_goes_on_behind_a_batch_that_was_not_stored, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_yet_is_not_said_to_be_missing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(disk_that_fails_ends_the_daemon, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
