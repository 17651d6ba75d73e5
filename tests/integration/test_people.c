/* People through the real daemon: leave and holdings by command and by file, over a restart, and
 * for everybody who reads. */
#include "lib/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define DAY_MS INT64_C(86400000)
#define A_POST "A-shizheng-340705006001"

/* A working Monday. */
static const char *const drill[] = {"--drill", "--clock-start", "2026-06-15T08:00+08:00", NULL};

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, drill);
    *state = &world;
    return 0;
}

static void restart(struct world *world)
{
    world_stop(world);
    world_start(world, drill);
}

/* ---------------------------------------------------------------- asking */

static struct gp_reply ask(struct world *world, const struct gp_request *request)
{
    struct gp_reply reply = client_ask(&world->client, request);

    if (reply.status != GP_STATUS_OK)
        fail_msg("refused: %.*s", GP_SPAN_ARG(reply.detail));
    return reply;
}

/* Li is away from now on; the answer is the leave's number. */
static uint64_t ask_for_leave(struct world *world)
{
    struct gp_request leave = request_command(GP_VERB_LEAVE, 0, "li");

    leave.command.from_ms = client_status(&world->client).now_ms - 3600000;
    leave.command.to_ms = leave.command.from_ms + 2 * DAY_MS;
    leave.command.standin = GP_SPAN("zhao");
    return ask(world, &leave).answer.incident;
}

static void approve(struct world *world, uint64_t leave)
{
    struct gp_request request = request_command(GP_VERB_APPROVE, 0, "sun");

    request.command.leave = leave;
    (void)ask(world, &request);
}

static struct gp_reply leaves(struct world *world)
{
    return ask(world, &(struct gp_request){.kind = GP_REQUEST_LEAVES});
}

/* Who is told first at the dispatch of a fresh report. */
static void dispatch_tells(struct world *world, const char *grid, const char *category,
                           const char *person)
{
    struct gp_request report = request_report();
    report.command.grid = gp_span_of(grid);
    report.command.category = gp_span_of(category);
    uint64_t id = ask(world, &report).answer.incident;
    struct gp_request feed = request_feed(0, 0);
    feed.feed.filter.incident = id;
    struct gp_reply reply = ask(world, &feed);

    for (uint32_t i = 0; i < reply.feed.count; i++) {
        const struct gp_entry *entry = reply.feed.item[i];
        if (entry->step != GP_STEP_DISPATCH)
            continue;
        if (!gp_span_is(entry->recipient[0].person, person))
            fail_msg("%.*s was told, not %s", GP_SPAN_ARG(entry->recipient[0].person), person);
        return;
    }
    fail_msg("#%llu was not dispatched", (unsigned long long)id);
}

static void roster_says(struct world *world, const char *post, const char *person)
{
    struct gp_request request = {.kind = GP_REQUEST_ROSTER};
    struct gp_reply reply;

    assert_int_equal(gp_area_parse(GP_SPAN("340705006001"), &request.roster.area), 0);
    reply = ask(world, &request);
    for (uint32_t i = 0; i < reply.roster.count; i++) {
        if (gp_span_is(reply.roster.item[i].post, post)) {
            assert_true(gp_span_is(reply.roster.item[i].person, person));
            return;
        }
    }
    fail_msg("the roster has no %s", post);
}

/* owner_shift entries of the whole journal so far; waits for the first. */
static unsigned shifts(struct world *world)
{
    uint64_t after = 0;
    unsigned count = 0;

    for (int round = 0; round < 20 && count == 0; round++) {
        struct gp_request feed = request_feed(after, 1000);
        struct gp_reply reply = ask(world, &feed);
        for (uint32_t i = 0; i < reply.feed.count; i++)
            count += reply.feed.item[i]->what == GP_WHAT_OWNER_SHIFT;
        after = reply.feed.scanned_to;
    }
    return count;
}

/* ---------------------------------------------------------------- tests */

static void leave_is_effective_and_survives(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    uint64_t id = ask_for_leave(world);
    assert_int_equal(id, 1);
    dispatch_tells(world, "340705006001001", "n4", "li");
    approve(world, id);
    assert_int_equal(shifts(world), 2);
    dispatch_tells(world, "340705006001001", "n4", "zhao");
    roster_says(world, A_POST, "zhao");

    restart(world);
    roster_says(world, A_POST, "zhao"); /* before the first command */
    struct gp_reply reply = leaves(world);
    assert_int_equal(reply.leaves.count, 1);
    assert_int_equal(reply.leaves.item[0].state, GP_LEAVE_APPROVED);
    assert_true(reply.leaves.item[0].begun);
    dispatch_tells(world, "340705006001001", "n4", "zhao");
    assert_int_equal(shifts(world), 2);
}

static void both_away_is_refused_by_name(void **state)
{
    struct world *world = *state;
    struct gp_request leave = request_command(GP_VERB_LEAVE, 0, "qian");

    leave.command.from_ms = client_status(&world->client).now_ms + DAY_MS;
    leave.command.to_ms = leave.command.from_ms + DAY_MS;
    (void)ask(world, &leave);
    struct gp_request other = request_command(GP_VERB_LEAVE, 0, "wang");
    other.command.from_ms = leave.command.from_ms;
    other.command.to_ms = leave.command.to_ms;
    struct gp_reply reply = client_ask(&world->client, &other);
    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_BOTH_AWAY);
    assert_memory_equal(reply.detail.ptr, "leave 1 of qian", 15);
}

static void leave_of_a_file_moves_work_once(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    daemon_write(&world->daemon, "org/leave.csv",
                 "id,person,from,to,standin,status\nl001,li,2026-06-15,2026-06-17,zhao,approved\n");
    world_reload(world);
    roster_says(world, A_POST, "zhao"); /* readers at once */
    assert_int_equal(shifts(world), 1);
    struct gp_reply reply = leaves(world);
    assert_int_equal(reply.leaves.count, 1);
    assert_true(gp_span_is(reply.leaves.item[0].source, "l001"));

    restart(world);
    world_reload(world);
    assert_int_equal(leaves(world).leaves.count, 1);
    assert_int_equal(shifts(world), 1);
}

/* One F post for two communities, and one person with many posts. */
static void one_holder_for_many(void **state)
{
    struct world *world = *state;
    struct gp_request hold = request_command(GP_VERB_HOLD, 0, "xu");
    struct gp_request holdings = {.kind = GP_REQUEST_LEAVES,
                                  .leaves = {.holdings = true, .person = GP_SPAN("he")}};

    dispatch_tells(world, "340705006001001", "u1", "yan"); /* F-GS */
    dispatch_tells(world, "340705402001001", "u1", "yan");
    hold.command.post = GP_SPAN("F-GS");
    hold.command.person = GP_SPAN("he");
    (void)ask(world, &hold);
    dispatch_tells(world, "340705006001001", "u1", "he");
    dispatch_tells(world, "340705402001001", "u1", "he");
    assert_int_equal(ask(world, &holdings).leaves.holding_count, 3); /* A, B and F */
    restart(world);
    dispatch_tells(world, "340705402001001", "u1", "he");
    assert_int_equal(ask(world, &holdings).leaves.holding_count, 3);
}

/* R7: a post that a command has emptied is passed over. */
static void emptied_post_is_passed_over(void **state)
{
    struct world *world = *state;
    struct gp_request hold = request_command(GP_VERB_HOLD, 0, "qian");

    hold.command.post = GP_SPAN(A_POST);
    (void)ask(world, &hold);
    dispatch_tells(world, "340705006001001", "n4", "chen"); /* F-SZ */
}

/* ---------------------------------------------------------------- at once */

/* What a reader may ask for that looks into a view, in the pool or on the loop. */
static const struct gp_request reads[] = {
    {.kind = GP_REQUEST_QUERY, .person = GP_SPAN("feng")},
    {.kind = GP_REQUEST_LEAVES, .person = GP_SPAN("feng")},
    {.kind = GP_REQUEST_ROSTER, .person = GP_SPAN("feng")},
    {.kind = GP_REQUEST_FEED, .person = GP_SPAN("feng")},
    {.kind = GP_REQUEST_WHO,
     .person = GP_SPAN("feng"),
     .who = {.grid = GP_SPAN("340705006001001"), .category = GP_SPAN("n4")}},
    {.kind = GP_REQUEST_ASSESS,
     .person = GP_SPAN("feng"),
     .assess = {.from_ms = 1, .to_ms = 40000 * DAY_MS, .by = GP_BY_PERSON}},
};

#define READS ((uint32_t)(sizeof reads / sizeof reads[0]))
#define CROWD (8 * READS)

/* One command that changes the view, and now and then other files. */
static void change_people(struct world *world, int round)
{
    struct gp_request leave = request_command(GP_VERB_LEAVE, 0, "li");

    leave.command.from_ms = client_status(&world->client).now_ms + (5 + 3 * round) * DAY_MS;
    leave.command.to_ms = leave.command.from_ms + DAY_MS;
    leave.command.standin = GP_SPAN("zhao");
    daemon_forget(&world->daemon);
    if (round % 3 == 0) {
        daemon_edit(&world->daemon, "org/people.csv", round % 2 == 0 ? "王某" : "汪某",
                    round % 2 == 0 ? "汪某" : "王某");
        daemon_signal(&world->daemon, SIGHUP);
    }
    (void)ask(world, &leave);
}

/* A view lives as long as its last reader, whichever thread lets go of it: a sanitizer sees to it.
 * The daemon is stopped while the last crowd still reads. */
static void readers_keep_what_they_look_at(void **state)
{
    enum { ROUNDS = 24 };
    struct world *world = *state;
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, world->daemon.socket, CROWD);
    for (int round = 0; round < ROUNDS; round++) {
        (void)client_report(&world->client);
        for (uint32_t i = 0; i < CROWD; i++)
            crowd_send(&crowd, i, &reads[i % READS]);
        change_people(world, round);
        for (uint32_t i = 0; i < CROWD; i++) {
            assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
            if (reads[number % READS].kind != GP_REQUEST_ASSESS) /* two at a time */
                assert_int_equal(reply.status, GP_STATUS_OK);
            gp_arena_reset(&arena);
        }
    }
    for (uint32_t i = 0; i < CROWD; i++)
        crowd_send(&crowd, i, &reads[i % READS]);
    assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
    restart(world);
    assert_int_equal(leaves(world).leaves.count, ROUNDS);
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leave_is_effective_and_survives, set_up, world_end),
        cmocka_unit_test_setup_teardown(both_away_is_refused_by_name, set_up, world_end),
        cmocka_unit_test_setup_teardown(leave_of_a_file_moves_work_once, set_up, world_end),
        cmocka_unit_test_setup_teardown(one_holder_for_many, set_up, world_end),
        cmocka_unit_test_setup_teardown(emptied_post_is_passed_over, set_up, world_end),
        cmocka_unit_test_setup_teardown(readers_keep_what_they_look_at, set_up, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
