/* The daemon and its clocks: suspend, jumps, holds, downtime. The clocks are moved by the test. */
#include "base/clocktext.h"
#include "core/clock.h"
#include "lib/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS INT64_C(1790730000000)

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_fault(&world.daemon, MORNING_MS);
    daemon_setting(&world.daemon, "clock_jump_max: 1m");
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static void restart(struct world *world)
{
    client_close(&world->client);
    world_start(world, NULL);
}

/* An urgent incident: unaccepted after 15 minutes, yellow after 1 hour, red after 2. */
static void report_urgent(struct world *world)
{
    struct gp_request request = request_report();

    request.command.category = GP_SPAN("u2");
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
}

/* The first entry after *seq of this kind (and step); waits for it. */
static struct gp_entry *await_entry(struct world *world, uint64_t *seq, enum gp_what what,
                                    enum gp_step step)
{
    struct gp_request request = request_feed(*seq, 20000);

    for (int asks = 0; asks < 20; asks++) {
        request.feed.after = *seq;
        struct gp_reply reply = client_ask(&world->client, &request);
        assert_int_equal(reply.status, GP_STATUS_OK);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            struct gp_entry *entry = reply.feed.item[i];
            if (entry->what != what || entry->step != step)
                continue;
            *seq = entry->seq;
            return entry;
        }
        *seq = reply.feed.scanned_to;
        assert_true(reply.feed.count > 0);
    }
    fail_msg("no such entry");
    return NULL;
}

static uint64_t head_of(struct world *world)
{
    return client_status(&world->client).head;
}

/* ---------------------------------------------------------------- while it runs */

/* Boot time counts suspend, the monotonic clock of timers does not: what came due meanwhile fires
 * at the next look, without any timer having run its time. */
static void steps_fire_after_suspend(void **state)
{
    struct world *world = *state;
    uint64_t seq = head_of(world);

    report_urgent(world);
    daemon_shift(&world->daemon, 2 * GP_MS_HOUR, 2 * GP_MS_HOUR);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_YELLOW);
    struct gp_entry *red = await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_RED);
    assert_true(red->late_ms >= 0);
    assert_true(red->late_ms < GP_MS_MINUTE);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_RUNNING);
}

static void jump_ahead_holds_the_ladder_until_it_is_confirmed(void **state)
{
    struct world *world = *state;
    struct gp_request confirm = {.kind = GP_REQUEST_CONTROL,
                                 .person = GP_SPAN("feng"),
                                 .control = {.act = GP_CONTROL_CLOCK_CONFIRM}};
    uint64_t seq;

    report_urgent(world);
    seq = head_of(world);
    daemon_shift(&world->daemon, GP_MS_HOUR, 0);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    struct gp_daemon_status held = client_status(&world->client);
    assert_int_equal(held.clock_state, GP_CLOCK_HELD);
    assert_true(held.now_ms < MORNING_MS + GP_MS_HOUR);
    report_urgent(world); /* reports are taken all the same */

    assert_int_equal(client_ask(&world->client, &confirm).status, GP_STATUS_OK);
    struct gp_entry *act = await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    assert_true(gp_span_is(act->actor, "feng"));
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_RUNNING);
}

/* The answer may be lost on its way: who asks again gets it, and nothing is done again. */
static void an_act_is_done_once_whoever_repeats_it(void **state)
{
    struct world *world = *state;
    struct gp_request confirm = {
        .kind = GP_REQUEST_CONTROL,
        .person = GP_SPAN("feng"),
        .control = {.act = GP_CONTROL_CLOCK_CONFIRM, .id = {1, 2, 3}},
    };
    uint64_t seq = head_of(world);

    daemon_shift(&world->daemon, GP_MS_HOUR, 0);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    struct gp_reply first = client_ask(&world->client, &confirm);
    assert_int_equal(first.status, GP_STATUS_OK);
    assert_false(first.answer.repeated);
    assert_memory_equal(first.answer.id, confirm.control.id, sizeof first.answer.id);
    seq = first.answer.seq;

    daemon_shift(&world->daemon, GP_MS_HOUR, 0); /* held anew: that is not what was confirmed */
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    struct gp_reply again = client_ask(&world->client, &confirm);
    assert_int_equal(again.status, GP_STATUS_OK);
    assert_true(again.answer.repeated);
    assert_int_equal(again.answer.seq, first.answer.seq);
    assert_int_equal(again.answer.at_ms, first.answer.at_ms);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_HELD);
    confirm.control.id[0]++;
    confirm.control.act = GP_CONTROL_CLOCK_LOWER;
    confirm.control.at_ms = MORNING_MS + GP_MS_DAY;
    struct gp_reply refused = client_ask(&world->client, &confirm);
    assert_int_equal(refused.status, GP_STATUS_REFUSED);
    assert_int_equal(refused.reason, GP_REASON_CLOCK);
    assert_true(gp_span_is(refused.detail, "the mark is not above that time"));
}

/* A full disk: nothing was confirmed or lowered, and the clock does not behave as if it had been.
 */
static void act_that_cannot_be_stored_changes_nothing(void **state)
{
    struct world *world = *state;
    struct gp_request act = {.kind = GP_REQUEST_CONTROL, .person = GP_SPAN("feng")};
    uint64_t seq;

    report_urgent(world);
    seq = head_of(world);
    daemon_shift(&world->daemon, GP_MS_HOUR, 0);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    daemon_fail_writes(&world->daemon, ENOSPC);
    act.control.act = GP_CONTROL_CLOCK_CONFIRM;
    assert_int_equal(client_ask(&world->client, &act).status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_HELD);
    int64_t before_ms = client_status(&world->client).now_ms;
    act.control.act = GP_CONTROL_CLOCK_LOWER;
    act.control.at_ms = MORNING_MS - GP_MS_DAY;
    assert_int_equal(client_ask(&world->client, &act).status, GP_STATUS_TRY_AGAIN);
    assert_true(client_status(&world->client).now_ms >= before_ms);
    daemon_fail_writes(&world->daemon, 0);
    act.control.act = GP_CONTROL_CLOCK_CONFIRM;
    assert_int_equal(client_ask(&world->client, &act).status, GP_STATUS_OK);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
}

static void jump_ahead_settles_by_itself(void **state)
{
    struct world *world = *state;
    uint64_t seq = head_of(world);

    report_urgent(world);
    daemon_shift(&world->daemon, GP_MS_HOUR, 0);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    daemon_shift(&world->daemon, 2 * GP_MS_MINUTE, 2 * GP_MS_MINUTE); /* consistent that long */
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_RUNNING);
}

static void wall_clock_that_falls_back_changes_nothing(void **state)
{
    struct world *world = *state;
    uint64_t seq = head_of(world);
    int64_t before_ms;

    report_urgent(world);
    before_ms = client_status(&world->client).now_ms;
    daemon_shift(&world->daemon, -GP_MS_DAY, 0);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    assert_true(client_status(&world->client).now_ms >= before_ms);
    daemon_shift(&world->daemon, 20 * GP_MS_MINUTE, 20 * GP_MS_MINUTE);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
}

/* A command may be the first to see that the clock moved: the alarm joins its batch. */
static void commands_see_moved_clocks_first(void **state)
{
    struct world *world = *state;
    uint64_t seq = head_of(world);

    for (int i = 0; i < 50; i++) {
        daemon_shift(&world->daemon, -2 * GP_MS_SECOND, 0);
        (void)client_report(&world->client);
    }
    for (int i = 0; i < 50; i++)
        (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
}

/* ---------------------------------------------------------------- downtime */

/* R16: all that was missed, one notice, and a second start finds nothing any more. */
static void downtime_is_caught_up_once(void **state)
{
    struct world *world = *state;
    uint64_t seq;

    report_urgent(world);
    seq = head_of(world);
    daemon_kill(&world->daemon);
    daemon_shift(&world->daemon, 2 * GP_MS_HOUR + 1, 2 * GP_MS_HOUR + 1);
    restart(world);
    struct gp_entry *missed = await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
    assert_true((missed->flags & GP_FLAG_COALESCED) != 0);
    missed = await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_YELLOW);
    assert_true((missed->flags & GP_FLAG_COALESCED) != 0);
    missed = await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_RED);
    assert_true((missed->flags & GP_FLAG_COALESCED) == 0);
    struct gp_entry *audit = await_entry(world, &seq, GP_WHAT_AUDIT, GP_STEP_NONE);
    assert_true(gp_span_is(audit->text, "start: due 3 fired 1 coalesced 2"));

    assert_int_equal(daemon_stop(&world->daemon), 0);
    restart(world);
    audit = await_entry(world, &seq, GP_WHAT_AUDIT, GP_STEP_NONE);
    assert_true(gp_span_is(audit->text, "start: due 0 fired 0 coalesced 0"));
}

static void start_far_ahead_waits_for_an_admin(void **state)
{
    struct world *world = *state;
    struct gp_request confirm = {.kind = GP_REQUEST_CONTROL,
                                 .person = GP_SPAN("feng"),
                                 .control = {.act = GP_CONTROL_CLOCK_CONFIRM}};
    uint64_t seq;

    report_urgent(world);
    seq = head_of(world);
    daemon_kill(&world->daemon);
    daemon_shift(&world->daemon, 15 * GP_MS_DAY, 15 * GP_MS_DAY);
    restart(world);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    assert_int_equal(client_status(&world->client).clock_state, GP_CLOCK_HELD);
    assert_true(client_status(&world->client).now_ms < MORNING_MS + GP_MS_DAY);
    assert_int_equal(client_ask(&world->client, &confirm).status, GP_STATUS_OK);
    (void)await_entry(world, &seq, GP_WHAT_STEP, GP_STEP_UNACCEPTED);
    assert_true(client_status(&world->client).now_ms >= MORNING_MS + 15 * GP_MS_DAY);
}

static void start_below_the_mark_goes_on_from_it_and_the_mark_can_be_lowered(void **state)
{
    struct world *world = *state;
    struct gp_request lower = {.kind = GP_REQUEST_CONTROL,
                               .person = GP_SPAN("feng"),
                               .control = {.act = GP_CONTROL_CLOCK_LOWER}};
    uint64_t seq;

    report_urgent(world);
    seq = head_of(world);
    daemon_kill(&world->daemon);
    daemon_shift(&world->daemon, -GP_MS_DAY, 0);
    restart(world);
    (void)await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    assert_true(client_status(&world->client).now_ms >= MORNING_MS);

    lower.control.at_ms = MORNING_MS + GP_MS_DAY; /* that would be raising it */
    assert_int_equal(client_ask(&world->client, &lower).status, GP_STATUS_REFUSED);
    lower.control.at_ms = MORNING_MS - GP_MS_DAY;
    assert_int_equal(client_ask(&world->client, &lower).status, GP_STATUS_OK);
    struct gp_entry *act = await_entry(world, &seq, GP_WHAT_CLOCK, GP_STEP_NONE);
    assert_true(gp_span_is(act->actor, "feng"));
    assert_true(client_status(&world->client).now_ms < MORNING_MS - GP_MS_DAY + GP_MS_HOUR);
    uint64_t act_seq = seq;

    daemon_kill(&world->daemon); /* the lowered mark is on disk: no alarm at the next start */
    restart(world);
    struct gp_entry *audit = await_entry(world, &seq, GP_WHAT_AUDIT, GP_STEP_NONE);
    assert_int_equal(audit->seq, act_seq + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
    const struct CMUnitTest tests[] = {
        TEST(steps_fire_after_suspend),
        TEST(jump_ahead_holds_the_ladder_until_it_is_confirmed),
        TEST(an_act_is_done_once_whoever_repeats_it),
        TEST(act_that_cannot_be_stored_changes_nothing),
        TEST(jump_ahead_settles_by_itself),
        TEST(wall_clock_that_falls_back_changes_nothing),
        TEST(commands_see_moved_clocks_first),
        TEST(downtime_is_caught_up_once),
        TEST(start_far_ahead_waits_for_an_admin),
        TEST(start_below_the_mark_goes_on_from_it_and_the_mark_can_be_lowered),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
