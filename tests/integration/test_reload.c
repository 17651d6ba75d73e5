/* SIGHUP: another directory comes in force, a bad one does not, the same one changes nothing. */
#include "lib/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* A working Wednesday, so that a report in it has the same plan whenever the test runs. */
static const char *const drill[] = {"--drill", "--clock-start", "2026-09-30T08:00+08:00", NULL};

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, drill);
    *state = &world;
    return 0;
}

struct shown {
    char directory[17], reload[100];
    uint64_t head;
};

static struct shown look(struct world *world)
{
    struct gp_daemon_status status = client_status(&world->client);
    struct shown shown = {.head = status.head};

    (void)snprintf(shown.directory, sizeof shown.directory, "%.*s", GP_SPAN_ARG(status.directory));
    (void)snprintf(shown.reload, sizeof shown.reload, "%.*s", GP_SPAN_ARG(status.reload));
    return shown;
}

static void same_files_change_and_send_nothing(void **state)
{
    struct world *world = *state;
    struct shown before, after;

    (void)client_report(&world->client);
    before = look(world);
    world_reload(world);
    after = look(world);
    assert_string_equal(after.reload, "unchanged");
    assert_string_equal(after.directory, before.directory);
    assert_int_equal(after.head, before.head);
    daemon_edit(&world->daemon, "org/posts.csv", "post,kind", "post,kind"); /* only the time */
    world_reload(world);
    assert_int_equal(look(world).head, before.head);
}

/* Whom a report of now would reach first. */
static bool first_told(struct world *world, const char *person)
{
    struct gp_request who = {
        .kind = GP_REQUEST_WHO,
        .who = {.grid = GP_SPAN("340705006001001"), .category = GP_SPAN("n4")}};
    struct gp_reply reply = client_ask(&world->client, &who);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_true(reply.forecast.count > 3);
    return gp_span_is(reply.forecast.item[3]->entry.recipient[0].person, person);
}

static void other_files_come_in_force_and_the_difference_is_said(void **state)
{
    struct world *world = *state;
    struct shown before = look(world), after;
    uint64_t id = client_report(&world->client);
    struct gp_request accept = request_command(GP_VERB_ACCEPT, id, "he");

    assert_int_equal(client_ask(&world->client, &accept).reason, GP_REASON_NOT_OWNER);
    assert_true(first_told(world, "li"));
    daemon_edit(&world->daemon, "org/holdings.csv", "A-shizheng-340705006001,li",
                "A-shizheng-340705006001,he");
    world_reload(world);
    after = look(world);
    assert_string_equal(after.reload, "in force");
    assert_string_not_equal(after.directory, before.directory);
    daemon_assert_log(&world->daemon, "A-shizheng-340705006001");
    accept = request_command(GP_VERB_ACCEPT, id, "he");
    assert_int_equal(client_ask(&world->client, &accept).status, GP_STATUS_OK);
    assert_true(first_told(world, "he"));
}

static void bad_files_change_nothing_and_are_named(void **state)
{
    struct world *world = *state;
    struct shown before, after;

    (void)client_report(&world->client); /* behind what the start itself has to write */
    before = look(world);
    daemon_edit(&world->daemon, "org/posts.csv", "K-SZ,K,,,SZ", "K-SZ,K,,,QQ");
    world_reload(world);
    after = look(world);
    assert_memory_equal(after.reload, "refused", 7);
    assert_string_equal(after.directory, before.directory);
    assert_int_equal(after.head, before.head);
    daemon_assert_log(&world->daemon, "org/posts.csv:25: department 'QQ'");
    (void)client_report(&world->client);

    daemon_edit(&world->daemon, "org/posts.csv", "K-SZ,K,,,QQ", "K-SZ,K,,,SZ");
    world_reload(world);
    assert_string_equal(look(world).reload, "unchanged");
}

/* From 10 o'clock: everything that is to come in working time moves. */
static void open_later(struct world *world)
{
    daemon_edit(&world->daemon, "calendar/office.yaml", "08:00-12:00 14:00-18:00",
                "10:00-12:00 14:00-18:00");
}

/* R15: a day off that is found out later moves what is still to come, and says so. */
static void open_incidents_are_planned_again(void **state)
{
    struct world *world = *state;
    uint64_t id = client_report(&world->client);
    struct gp_request show = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    int64_t due_ms = client_ask(&world->client, &show).incident->plan.stage[0].due_ms;
    struct gp_request feed = request_feed(look(world).head, 5000);
    bool replanned = false;

    open_later(world);
    world_reload(world);
    for (int asks = 0; asks < 10 && !replanned; asks++) {
        struct gp_reply reply = client_ask(&world->client, &feed);
        feed.feed.after = reply.feed.scanned_to;
        for (uint32_t i = 0; i < reply.feed.count; i++)
            replanned = replanned || (reply.feed.item[i]->what == GP_WHAT_REPLANNED &&
                                      reply.feed.item[i]->incident == id);
    }
    assert_true(replanned);
    assert_true(client_ask(&world->client, &show).incident->plan.stage[0].due_ms > due_ms);
}

static void report_many(struct world *world, const char *category, uint32_t count)
{
    enum { CROWD = 50 };
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, world->daemon.socket, CROWD);
    for (uint32_t sent = 0; sent < count; sent += CROWD) {
        for (uint32_t i = 0; i < CROWD; i++) {
            struct gp_request request = request_report();
            request.command.category = gp_span_of(category);
            crowd_send(&crowd, i, &request);
        }
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            assert_int_equal(reply.status, GP_STATUS_OK);
        }
        gp_arena_reset(&arena);
    }
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

static int64_t due_of(struct world *world, uint64_t id)
{
    struct gp_request show = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    return client_ask(&world->client, &show).incident->plan.stage[0].due_ms;
}

/* Waits until the last of them was planned again: they are, in the order of their numbers. */
static void await_replanned(struct world *world, uint64_t id)
{
    struct gp_request feed = request_feed(0, 5000);

    for (;;) {
        struct gp_reply reply = client_ask(&world->client, &feed);
        assert_int_equal(reply.status, GP_STATUS_OK);
        feed.feed.after = reply.feed.scanned_to;
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            if (reply.feed.item[i]->what == GP_WHAT_REPLANNED && reply.feed.item[i]->incident == id)
                return;
        }
        assert_true(reply.feed.count > 0);
    }
}

/* R15 in a daemon that is stopped in the middle of it: the next start goes on. */
static void reload_that_is_cut_short_goes_on_at_the_next_start(void **state)
{
    enum { OPEN = 2500 };
    struct world *world = *state;
    int64_t due_ms;

    report_many(world, "n4", OPEN);
    due_ms = due_of(world, OPEN);
    open_later(world);
    world_reload(world);
    /* the directory and the first 512 incidents are on their way to the store */
    world_stop(world);
    world_start(world, drill);
    await_replanned(world, OPEN);
    for (uint64_t id = 1; id <= OPEN; id += 100)
        assert_true(due_of(world, id) > due_ms);
}

/* Re-planning and catching up go side by side, both in more than one item. */
static void other_files_at_a_start_that_catches_up_reach_everyone(void **state)
{
    enum { OPEN = 2500 };
    static const char *const afternoon[] = {"--drill", "--clock-start", "2026-09-30T15:00+08:00",
                                            NULL};
    struct world *world = *state;
    int64_t due_ms;

    report_many(world, "l5", OPEN);
    due_ms = due_of(world, OPEN);
    client_close(&world->client);
    daemon_kill(&world->daemon);
    open_later(world);
    world_start(world, afternoon);
    await_replanned(world, OPEN);
    for (uint64_t id = 1; id <= OPEN; id += 100)
        assert_true(due_of(world, id) > due_ms);
}

static void reloads_under_load_lose_nothing(void **state)
{
    enum { ROUNDS = 20, CROWD = 50 };
    struct world *world = *state;
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, world->daemon.socket, CROWD);
    for (int round = 0; round < ROUNDS; round++) {
        daemon_edit(&world->daemon, "org/people.csv", round % 2 == 0 ? "王某" : "汪某",
                    round % 2 == 0 ? "汪某" : "王某");
        for (uint32_t i = 0; i < CROWD; i++) {
            struct gp_request request = request_report();
            crowd_send(&crowd, i, &request);
            daemon_forget(&world->daemon);
            if (i % 10 == 0)
                daemon_signal(&world->daemon, SIGHUP);
        }
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            assert_int_equal(reply.status, GP_STATUS_OK);
        }
        gp_arena_reset(&arena);
    }
    assert_int_equal(client_status(&world->client).incidents, ROUNDS * CROWD);
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
    const struct CMUnitTest tests[] = {
        TEST(same_files_change_and_send_nothing),
        TEST(other_files_come_in_force_and_the_difference_is_said),
        TEST(bad_files_change_nothing_and_are_named),
        TEST(open_incidents_are_planned_again),
        TEST(reload_that_is_cut_short_goes_on_at_the_next_start),
        TEST(other_files_at_a_start_that_catches_up_reach_everyone),
        TEST(reloads_under_load_lose_nothing),
    };

    return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
