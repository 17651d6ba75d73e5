/* Effective time against a wall clock that misbehaves: every arrow of the diagram in core/clock.c.
 */
#include "base/clocktext.h"
#include "base/error.h"
#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define JUMP_MAX  (10 * GP_MS_MINUTE)
#define START_MAX (14 * GP_MS_DAY)
#define WALL      INT64_C(1790726400000) /* 2026-09-30T08:00+08:00 */
#define BOOT      (5 * GP_MS_HOUR)

/* A machine: its two clocks, and the clock under test. */
static struct {
    struct gp_clock clock;
    int64_t wall_ms, boot_ms;
    int64_t now_ms; /* effective time at the last reading */
    enum gp_clock_alarm alarm;
} machine;

static void start(int64_t mark_ms)
{
    machine.wall_ms = WALL;
    machine.boot_ms = BOOT;
    machine.alarm = GP_CLOCK_QUIET;
    gp_clock_start(&machine.clock, JUMP_MAX, START_MAX, mark_ms, WALL, BOOT, &machine.alarm);
    machine.now_ms = mark_ms;
}

/* Time passes, the wall clock is moved on top of that, and the clocks are read. */
static void pass(int64_t passed_ms, int64_t moved_ms)
{
    machine.boot_ms += passed_ms;
    machine.wall_ms += passed_ms + moved_ms;
    int64_t now_ms =
        gp_clock_read(&machine.clock, machine.wall_ms, machine.boot_ms, &machine.alarm);
    assert_true(now_ms >= machine.now_ms); /* it never falls */
    assert_true(now_ms == machine.clock.mark_ms);
    machine.now_ms = now_ms;
}

static void expect(int64_t now_ms, enum gp_clock_alarm alarm, enum gp_clock_state state)
{
    if (machine.now_ms != now_ms)
        fail_msg("effective time is off by %lld ms", (long long)(machine.now_ms - now_ms));
    assert_int_equal(machine.alarm, alarm);
    assert_int_equal(machine.clock.state, state);
}

/* Readings every second; only the last one may bring an alarm. */
static void run_quietly(int64_t passed_ms)
{
    for (; passed_ms > 0; passed_ms -= GP_MS_SECOND) {
        pass(GP_MS_SECOND, 0);
        assert_int_equal(machine.alarm, GP_CLOCK_QUIET);
    }
}

/* ---------------------------------------------------------------- running */

static void runs_with_the_wall_clock(void **state)
{
    (void)state;
    start(0);
    pass(0, 0);
    expect(WALL, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    pass(1234, 0);
    expect(WALL + 1234, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* Boot time counts suspend, so eight hours of sleep are no jump. */
static void suspend_is_no_jump(void **state)
{
    (void)state;
    start(0);
    pass(8 * GP_MS_HOUR, 0);
    expect(WALL + 8 * GP_MS_HOUR, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void small_corrections_are_followed(void **state)
{
    (void)state;
    start(0);
    pass(GP_MS_SECOND, 300);
    expect(WALL + GP_MS_SECOND + 300, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    pass(GP_MS_SECOND, JUMP_MAX); /* up to the limit, inclusive */
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    pass(GP_MS_SECOND, -300); /* a slew back: effective time goes on by boot time */
    expect(machine.wall_ms + 300, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void a_wall_that_falls_is_an_alarm_and_time_goes_on(void **state)
{
    (void)state;
    start(0);
    pass(GP_MS_SECOND, 0);
    pass(GP_MS_SECOND, -3 * GP_MS_HOUR);
    expect(WALL + 2 * GP_MS_SECOND, GP_CLOCK_BACKWARDS, GP_CLOCK_RUNNING);
    pass(GP_MS_MINUTE, 0); /* once */
    expect(WALL + GP_MS_MINUTE + 2 * GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* The wall clock is put right again: effective time had been right all along, nothing is held. */
static void a_wall_that_comes_back_is_no_jump(void **state)
{
    (void)state;
    start(0);
    pass(GP_MS_SECOND, -3 * GP_MS_HOUR);
    run_quietly(GP_MS_MINUTE);
    pass(GP_MS_SECOND, 3 * GP_MS_HOUR);
    expect(WALL + 62 * GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    assert_true(machine.now_ms == machine.wall_ms);
}

/* … but a wall clock that comes back too far has jumped past effective time. */
static void a_wall_that_comes_back_too_far_is_a_jump(void **state)
{
    (void)state;
    start(0);
    pass(GP_MS_SECOND, -3 * GP_MS_HOUR);
    pass(GP_MS_SECOND, 4 * GP_MS_HOUR);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_JUMPED, GP_CLOCK_HELD);
}

/* ---------------------------------------------------------------- held after a jump */

static void jump(void)
{
    start(0);
    pass(GP_MS_SECOND, 0);
    pass(GP_MS_SECOND, JUMP_MAX + 1);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_JUMPED, GP_CLOCK_HELD);
}

static void a_jump_holds_and_settles_by_itself(void **state)
{
    (void)state;
    jump();
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_HELD); /* stood still, mark too */
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_SETTLED, GP_CLOCK_RUNNING);
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* Within a second from one reading to the next is consistent; more begins the wait again. */
static void restlessness_prolongs_the_hold(void **state)
{
    (void)state;
    jump();
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    pass(GP_MS_SECOND, 1001);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_HELD);
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    pass(GP_MS_SECOND, -1001);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_HELD);
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    pass(GP_MS_SECOND, 1000);
    expect(machine.wall_ms, GP_CLOCK_SETTLED, GP_CLOCK_RUNNING);
}

/* A jump that is taken back leaves no trace but the time it was held. */
static void a_jump_that_is_taken_back(void **state)
{
    (void)state;
    jump();
    pass(GP_MS_SECOND, -(JUMP_MAX + 1));
    expect(WALL + GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_HELD);
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    pass(GP_MS_SECOND, 0);
    expect(WALL + 3 * GP_MS_SECOND + JUMP_MAX, GP_CLOCK_SETTLED, GP_CLOCK_RUNNING);
}

/* Held, and then the wall clock is put below the last good time: time goes on from there. */
static void settling_below_the_mark_goes_on_from_it(void **state)
{
    (void)state;
    jump();
    pass(GP_MS_SECOND, -2 * GP_MS_HOUR);
    run_quietly(JUMP_MAX - GP_MS_SECOND);
    pass(GP_MS_SECOND, 0);
    expect(WALL + GP_MS_SECOND, GP_CLOCK_SETTLED, GP_CLOCK_RUNNING);
    pass(GP_MS_SECOND, 0);
    expect(WALL + 2 * GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void an_admin_may_confirm_a_jump(void **state)
{
    (void)state;
    jump();
    pass(GP_MS_MINUTE, 0);
    gp_clock_confirm(&machine.clock, machine.wall_ms, machine.boot_ms);
    pass(0, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* ---------------------------------------------------------------- start */

static void starts_behind_the_mark(void **state)
{
    (void)state;
    start(WALL + GP_MS_HOUR);
    assert_int_equal(machine.alarm, GP_CLOCK_BACKWARDS);
    pass(GP_MS_SECOND, 0);
    expect(WALL + GP_MS_HOUR + GP_MS_SECOND, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void starts_after_downtime(void **state)
{
    (void)state;
    start(WALL - 19 * GP_MS_HOUR); /* E14 */
    assert_int_equal(machine.alarm, GP_CLOCK_QUIET);
    pass(0, 0);
    expect(WALL, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    start(WALL - START_MAX); /* up to the limit, inclusive */
    pass(0, 0);
    expect(WALL, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
    start(WALL); /* exactly at the mark */
    pass(0, 0);
    expect(WALL, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void starts_too_far_ahead(void **state)
{
    int64_t mark_ms = WALL - START_MAX - 1;

    (void)state;
    start(mark_ms);
    assert_int_equal(machine.alarm, GP_CLOCK_FAR_AHEAD);
    run_quietly(3 * JUMP_MAX); /* patience does not help */
    expect(mark_ms, GP_CLOCK_QUIET, GP_CLOCK_HELD);
    gp_clock_confirm(&machine.clock, machine.wall_ms, machine.boot_ms);
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* ---------------------------------------------------------------- lowering the mark */

static void only_a_mark_in_the_future_is_lowered(void **state)
{
    (void)state;
    start(WALL + 30 * GP_MS_DAY);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, 0, &machine.alarm), GP_EINVAL);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, -1, &machine.alarm), GP_EINVAL);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, WALL + 30 * GP_MS_DAY, &machine.alarm),
                     GP_EINVAL);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, WALL + 31 * GP_MS_DAY, &machine.alarm),
                     GP_EINVAL);
    pass(0, 0);
    expect(WALL + 30 * GP_MS_DAY, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

static void a_lowered_mark_is_gone_on_from(void **state)
{
    (void)state;
    start(WALL + 30 * GP_MS_DAY);
    pass(GP_MS_MINUTE, 0);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, machine.wall_ms, &machine.alarm), 0);
    machine.now_ms = machine.wall_ms; /* the one fall there is */
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* An admin who writes a round time below the wall clock means "this is how far time had come". */
static void a_mark_lowered_below_the_wall_clock_follows_it(void **state)
{
    (void)state;
    start(WALL + 30 * GP_MS_DAY);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, WALL - GP_MS_HOUR, &machine.alarm), 0);
    machine.now_ms = WALL - GP_MS_HOUR;
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* … but not one that is farther ahead than a start would follow. */
static void a_lowered_mark_is_no_way_round_the_hold(void **state)
{
    int64_t mark_ms = WALL - START_MAX - 1;

    (void)state;
    start(WALL - START_MAX);
    assert_int_equal(gp_clock_lower_mark(&machine.clock, mark_ms, &machine.alarm), 0);
    assert_int_equal(machine.alarm, GP_CLOCK_FAR_AHEAD);
    machine.now_ms = mark_ms;
    run_quietly(3 * JUMP_MAX);
    expect(mark_ms, GP_CLOCK_QUIET, GP_CLOCK_HELD);
    gp_clock_confirm(&machine.clock, machine.wall_ms, machine.boot_ms);
    pass(GP_MS_SECOND, 0);
    expect(machine.wall_ms, GP_CLOCK_QUIET, GP_CLOCK_RUNNING);
}

/* ---------------------------------------------------------------- for ever */

/* Whatever the wall clock does, effective time never falls, and in hold it stands still. */
static void any_history_keeps_the_promises(void **state)
{
    uint64_t random = 88172645463325252;

    (void)state;
    start(0);
    for (int i = 0; i < 200000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        int64_t moved_ms = random % 97 == 0 ? (int64_t)(random >> 20 & 0xFFFFFF) - 0x7FFFFF : 0;
        int64_t before_ms = machine.now_ms;
        pass((int64_t)(random >> 44 & 0x7FF), moved_ms);
        if (machine.clock.state == GP_CLOCK_HELD)
            assert_true(machine.now_ms == before_ms);
        else
            assert_true(machine.now_ms >= machine.wall_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_with_the_wall_clock),
        cmocka_unit_test(suspend_is_no_jump),
        cmocka_unit_test(small_corrections_are_followed),
        cmocka_unit_test(a_wall_that_falls_is_an_alarm_and_time_goes_on),
        cmocka_unit_test(a_wall_that_comes_back_is_no_jump),
        cmocka_unit_test(a_wall_that_comes_back_too_far_is_a_jump),
        cmocka_unit_test(a_jump_holds_and_settles_by_itself),
        cmocka_unit_test(restlessness_prolongs_the_hold),
        cmocka_unit_test(a_jump_that_is_taken_back),
        cmocka_unit_test(settling_below_the_mark_goes_on_from_it),
        cmocka_unit_test(an_admin_may_confirm_a_jump),
        cmocka_unit_test(starts_behind_the_mark),
        cmocka_unit_test(starts_after_downtime),
        cmocka_unit_test(starts_too_far_ahead),
        cmocka_unit_test(only_a_mark_in_the_future_is_lowered),
        cmocka_unit_test(a_lowered_mark_is_gone_on_from),
        cmocka_unit_test(a_mark_lowered_below_the_wall_clock_follows_it),
        cmocka_unit_test(a_lowered_mark_is_no_way_round_the_hold),
        cmocka_unit_test(any_history_keeps_the_promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
