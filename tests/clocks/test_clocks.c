/*
 * Tables of wrong clocks, played on a real daemon: jumps while it runs, starts with a wrong wall
 * clock, suspend, drift. Whatever the story was, at its end the whole journal is judged (story.h).
 */
#include "base/clocktext.h"
#include "clocks/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- jumps while it runs */

enum end { NONE, SETTLES, CONFIRMED, TAKEN_BACK };

struct jump {
    const char *name;
    int64_t ms;
    enum end end; /* of the hold; NONE: nothing is held */
};

static const struct jump jumps[] = {
    {"+1s", GP_MS_SECOND, NONE},
    {"+1min", GP_MS_MINUTE, NONE},
    {"+jump_max-1s", JUMP_MAX - GP_MS_SECOND, NONE},
    {"+jump_max+1s", JUMP_MAX + GP_MS_SECOND, SETTLES},
    {"+1h", GP_MS_HOUR, CONFIRMED},
    {"+1h_and_back", GP_MS_HOUR, TAKEN_BACK},
    {"+1d", GP_MS_DAY, SETTLES},
    {"+14d-1s", START_MAX - GP_MS_SECOND, CONFIRMED},
    {"+14d+1s", START_MAX + GP_MS_SECOND, SETTLES},
    {"+1y", YEAR, SETTLES},
    {"+10y", 10 * YEAR, CONFIRMED},
    {"+10y_and_back", 10 * YEAR, TAKEN_BACK},
    {"-1s", -GP_MS_SECOND, NONE},
    {"-1min", -GP_MS_MINUTE, NONE},
    {"-jump_max+1s", -JUMP_MAX + GP_MS_SECOND, NONE},
    {"-jump_max-1s", -JUMP_MAX - GP_MS_SECOND, NONE},
    {"-1h", -GP_MS_HOUR, NONE},
    {"-1d", -GP_MS_DAY, NONE},
    {"-14d+1s", -START_MAX + GP_MS_SECOND, NONE},
    {"-14d-1s", -START_MAX - GP_MS_SECOND, NONE},
    {"-1y", -YEAR, NONE},
    {"-10y", -10 * YEAR, NONE},
};

/* Time goes on by the wall clock where it is ahead, else by boot time. */
static void follow(const struct jump *jump, uint64_t incident)
{
    int64_t ahead_ms = jump->ms > 0 ? jump->ms : 0;

    story_expect(GP_CLOCK_RUNNING, story.true_ms + ahead_ms);
    if (jump->ms < -GP_MS_SECOND) {
        (void)story_await_clock("wall clock went back");
        daemon_assert_log(&story.world.daemon, "wall clock went back");
    }
    if (ahead_ms + 10 * GP_MS_MINUTE < 15 * GP_MS_MINUTE)
        story_expect_steps(incident, 0);
    story_pass(5 * GP_MS_MINUTE);
    story_nudge();
    assert_true(story_await_step(GP_STEP_UNACCEPTED)->late_ms < ahead_ms + story_slack_ms());
    story_move_wall(-jump->ms); /* put right: no alarm where time had gone on by boot time */
    story_expect(GP_CLOCK_RUNNING, story.true_ms + ahead_ms);
    if (jump->ms > GP_MS_SECOND)
        (void)story_await_clock("wall clock went back");
    story_pass(GP_MS_HOUR);
    story_nudge();
    (void)story_await_step(GP_STEP_YELLOW);
    story_expect_steps(incident, GP_MS_HOUR);
    if (jump->ms != -GP_MS_SECOND && jump->ms != GP_MS_SECOND) /* which rounding decides */
        assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 1);
}

static void end_hold(const struct jump *jump)
{
    story_pass(JUMP_MAX - GP_MS_MINUTE);
    story_expect(GP_CLOCK_HELD, MORNING_MS + 10 * GP_MS_MINUTE);
    if (jump->end == TAKEN_BACK) { /* the wait begins again */
        story_move_wall(-jump->ms);
        story_expect(GP_CLOCK_HELD, MORNING_MS + 10 * GP_MS_MINUTE);
        story_pass(JUMP_MAX - GP_MS_MINUTE);
        story_expect(GP_CLOCK_HELD, MORNING_MS + 10 * GP_MS_MINUTE);
    }
    if (jump->end == CONFIRMED) {
        story_admin(GP_CONTROL_CLOCK_CONFIRM, 0, GP_STATUS_OK);
        (void)story_await_clock("confirmed by an admin");
        return;
    }
    story_pass(GP_MS_MINUTE);
    (void)story_await_clock("clock is consistent again");
    daemon_assert_log(&story.world.daemon, "clock is consistent again");
}

/* Nothing fires and nothing is late: the ladder stands still, and reports are taken. */
static void hold(const struct jump *jump, uint64_t incident)
{
    int64_t ahead_ms = jump->end == TAKEN_BACK ? 0 : jump->ms;
    int64_t held_ms;

    story_expect(GP_CLOCK_HELD, MORNING_MS + 10 * GP_MS_MINUTE);
    held_ms = client_status(&story.world.client).now_ms;
    (void)story_await_clock("wall clock jumped ahead");
    daemon_assert_log(&story.world.daemon, "wall clock jumped ahead");
    (void)story_report();
    story_expect_steps(incident, 0);
    assert_true(client_status(&story.world.client).now_ms == held_ms); /* it stands */
    end_hold(jump);
    (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due ");
    story_expect(GP_CLOCK_RUNNING, story.true_ms + ahead_ms);
    story_expect_steps(incident, story.true_ms + ahead_ms - MORNING_MS);
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 2);
}

static void jump(void **state)
{
    const struct jump *jump = *state;
    uint64_t incident;

    incident = story_report();
    story_pass(10 * GP_MS_MINUTE);
    story_expect(GP_CLOCK_RUNNING, story.true_ms);
    story_move_wall(jump->ms);
    if (jump->end == NONE)
        follow(jump, incident);
    else
        hold(jump, incident);
    story_judge();
}

/* ---------------------------------------------------------------- starts */

enum found { CAUGHT_UP, FROM_MARK, FAR_AHEAD };

struct start {
    const char *name;
    int64_t ms; /* of the wall clock, against right, or since 1970 where dated */
    bool dated;
    enum found found;
};

static const struct start starts[] = {
    {"start_right", 0, false, CAUGHT_UP},
    {"start_+1min", GP_MS_MINUTE, false, CAUGHT_UP},
    {"start_+1h", GP_MS_HOUR, false, CAUGHT_UP},
    {"start_+1d", GP_MS_DAY, false, CAUGHT_UP},
    {"start_+14d-2min", START_MAX - 2 * GP_MS_MINUTE, false, CAUGHT_UP},
    {"start_+14d+2min", START_MAX + 2 * GP_MS_MINUTE, false, FAR_AHEAD},
    {"start_+1y", YEAR, false, FAR_AHEAD},
    {"start_+10y", 10 * YEAR, false, FAR_AHEAD},
    {"start_-2min", -2 * GP_MS_MINUTE, false, FROM_MARK},
    {"start_-1h", -GP_MS_HOUR, false, FROM_MARK},
    {"start_-14d", -START_MAX, false, FROM_MARK},
    {"start_-10y", -10 * YEAR, false, FROM_MARK},
    {"start_1970", 0, true, FROM_MARK},
    {"start_2000", INT64_C(946684800000), true, FROM_MARK},
};

/* Time goes on from the last that was acknowledged; a network sets the wall clock at last, and the
 * time that was lost is a jump. */
static void go_on_from_mark(int64_t wrong_ms, uint64_t incident)
{
    (void)story_await_clock("wall clock went back");
    story_expect(GP_CLOCK_RUNNING, MORNING_MS);
    story_expect_steps(incident, 0);
    (void)story_report();
    daemon_shift(&story.world.daemon, 15 * GP_MS_MINUTE, 15 * GP_MS_MINUTE);
    story_nudge();
    assert_true(story_await_step(GP_STEP_UNACCEPTED)->late_ms < story_slack_ms());
    story_start_again(0); /* still dead */
    (void)story_await_clock("wall clock went back");
    story_expect(GP_CLOCK_RUNNING, MORNING_MS + 15 * GP_MS_MINUTE);
    story_move_wall(-wrong_ms + 2 * GP_MS_HOUR); /* what is right; two hours were lost */
    story_expect(GP_CLOCK_HELD, MORNING_MS + 15 * GP_MS_MINUTE);
    (void)story_await_clock("wall clock jumped ahead");
    story_admin(GP_CONTROL_CLOCK_CONFIRM, 0, GP_STATUS_OK);
    (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due ");
    story_expect(GP_CLOCK_RUNNING, MORNING_MS + 2 * GP_MS_HOUR + 15 * GP_MS_MINUTE);
    story_expect_steps(incident, 2 * GP_MS_HOUR);
}

/* Neither patience nor another start helps, and what is acknowledged meanwhile stays behind no
 * later time. */
static void wait_for_an_admin(int64_t wrong_ms, uint64_t incident)
{
    (void)story_await_clock("wall clock is far ahead");
    story_expect(GP_CLOCK_HELD, MORNING_MS);
    (void)story_report();
    story_pass(3 * JUMP_MAX);
    story_expect(GP_CLOCK_HELD, MORNING_MS);
    story_start_again(0);
    (void)story_await_clock("wall clock is far ahead");
    story_expect(GP_CLOCK_HELD, MORNING_MS);
    (void)story_report();
    story_expect_steps(incident, 0);
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 2);
    assert_int_equal(story_count(GP_WHAT_AUDIT, GP_STEP_NONE, "start: "), 0); /* not begun */
    story_admin(GP_CONTROL_CLOCK_CONFIRM, 0, GP_STATUS_OK);
    (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due ");
    story_expect(GP_CLOCK_RUNNING, story.true_ms + wrong_ms);
    story_expect_steps(incident, wrong_ms);
    story_start_again(0); /* which finds nothing more to do */
    (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due 0 ");
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 3);
}

static void start(void **state)
{
    const struct start *start = *state;
    int64_t wrong_ms = start->dated ? start->ms - MORNING_MS : start->ms;
    uint64_t incident;

    incident = story_report();
    story_start_again(wrong_ms);
    story.seen = story.count; /* the first start, too, has told of itself */
    switch (start->found) {
    case CAUGHT_UP:
        (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due ");
        story_expect(GP_CLOCK_RUNNING, MORNING_MS + wrong_ms);
        story_expect_steps(incident, wrong_ms);
        assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 0);
        break;
    case FROM_MARK:
        go_on_from_mark(wrong_ms, incident);
        break;
    case FAR_AHEAD:
        wait_for_an_admin(wrong_ms, incident);
        break;
    }
    story_judge();
}

/* ---------------------------------------------------------------- stories */

/* The battery was dead, the wall clock ten years ahead, and an admin believed it. */
static void what_was_confirmed_by_mistake_can_be_taken_back(void **state)
{
    uint64_t incident;

    (void)state;
    incident = story_report();
    story_start_again(10 * YEAR);
    (void)story_await_clock("wall clock is far ahead");
    story_admin(GP_CONTROL_CLOCK_CONFIRM, 0, GP_STATUS_OK);
    (void)story_await_step(GP_STEP_CARD);
    story_move_wall(-10 * YEAR);
    story_expect(GP_CLOCK_RUNNING, MORNING_MS + 10 * YEAR); /* it does not fall by itself */
    (void)story_await_clock("wall clock went back");
    story_admin(GP_CONTROL_CLOCK_LOWER, MORNING_MS + 11 * YEAR, GP_STATUS_REFUSED);
    story_admin(GP_CONTROL_CLOCK_LOWER, MORNING_MS, GP_STATUS_OK);
    (void)story_await_clock("mark lowered");
    story_expect(GP_CLOCK_RUNNING, MORNING_MS);
    uint64_t second = story_report();
    story_start_again(0);
    story_expect(GP_CLOCK_RUNNING, MORNING_MS);
    story_pass(15 * GP_MS_MINUTE);
    (void)story_await_step(GP_STEP_UNACCEPTED);
    story_expect_steps(second, 15 * GP_MS_MINUTE);
    story_expect_steps(incident, YEAR); /* what has fired stays so, and does not come again */
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 4);
    story_judge();
}

/* A wall clock that is ten years ahead is not followed because an admin lowers a mark: that must be
 * asked for as at a start. */
static void lowering_is_no_way_round_the_hold(void **state)
{
    uint64_t incident;

    (void)state;
    incident = story_report();
    story_start_again(10 * YEAR);
    (void)story_await_clock("wall clock is far ahead");
    story_admin(GP_CONTROL_CLOCK_LOWER, MORNING_MS - GP_MS_MINUTE, GP_STATUS_OK);
    (void)story_await_clock("mark lowered");
    (void)story_await_clock("wall clock is far ahead");
    story_expect(GP_CLOCK_HELD, MORNING_MS - GP_MS_MINUTE);
    story_move_wall(-10 * YEAR);
    story_pass(3 * JUMP_MAX);
    story_expect_steps(incident, 0);
    story_expect(GP_CLOCK_HELD, MORNING_MS - GP_MS_MINUTE);
    story_admin(GP_CONTROL_CLOCK_CONFIRM, 0, GP_STATUS_OK);
    (void)story_await_step(GP_STEP_UNACCEPTED);
    story_expect(GP_CLOCK_RUNNING, story.true_ms);
    story_judge();
}

/* The machine falls asleep between the two readings of a look: that is no jump of either. */
static void sleep_between_two_readings_is_no_jump(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        daemon_slip(&story.world.daemon, GP_MS_HOUR);
        story.true_ms += GP_MS_HOUR;
        story_expect(GP_CLOCK_RUNNING, story.true_ms);
    }
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 0);
    story_judge();
}

/* In hold effective time stands at the last look, which is later than the last entry. */
static void kill_in_hold_never_puts_time_back(void **state)
{
    (void)state;
    (void)story_report();
    story_pass(10 * GP_MS_MINUTE);
    story_expect(GP_CLOCK_RUNNING, story.true_ms);
    story_move_wall(GP_MS_DAY);
    story_expect(GP_CLOCK_HELD, story.true_ms);
    (void)story_report();
    story_start_again(-2 * GP_MS_DAY);
    (void)story_await_clock("wall clock went back");
    story_expect(GP_CLOCK_RUNNING, story.true_ms);
    (void)story_report();
    story_judge();
}

/* Both clocks count suspend, the monotonic one of timers does not. */
static void suspend_is_caught_up_at_once(void **state)
{
    static const int64_t asleep_ms[] = {GP_MS_HOUR, 8 * GP_MS_HOUR, 3 * GP_MS_DAY, 30 * GP_MS_DAY};

    (void)state;
    for (size_t i = 0; i < sizeof asleep_ms / sizeof asleep_ms[0]; i++) {
        uint64_t incident = story_report();
        story_pass(asleep_ms[i]);
        story_expect(GP_CLOCK_RUNNING, story.true_ms);
        while (story_steps(incident, asleep_ms[i] > GP_MS_HOUR ? GP_STEP_CARD : GP_STEP_YELLOW) ==
               0)
            (void)story_read_on(20000);
        story_expect_steps(incident, asleep_ms[i]);
    }
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 0);
    story_judge();
}

static void leap_back_over_what_has_fired_fires_nothing_again(void **state)
{
    uint64_t incident;

    (void)state;
    incident = story_report();
    story_pass(10 * GP_MS_MINUTE);
    story_move_wall(6 * GP_MS_MINUTE); /* over the deadline */
    (void)story_await_step(GP_STEP_UNACCEPTED);
    story_move_wall(-6 * GP_MS_MINUTE); /* and back */
    (void)story_await_clock("wall clock went back");
    story_pass(10 * GP_MS_MINUTE);
    story_expect(GP_CLOCK_RUNNING, story.true_ms + 6 * GP_MS_MINUTE);
    story_start_again(-GP_MS_HOUR);
    (void)story_await(GP_WHAT_AUDIT, GP_STEP_NONE, "start: due 0 ");
    story_move_wall(GP_MS_HOUR + GP_MS_MINUTE); /* of right time; it had not gone on as far */
    story_pass(GP_MS_HOUR);
    story_nudge();
    (void)story_await_step(GP_STEP_YELLOW);
    story_expect_steps(incident, GP_MS_HOUR);
    story_judge();
}

/* A day in which the wall clock gains or loses one part in a hundred, 300 ms each half minute. */
static void drift(int64_t gain_ms)
{
    uint64_t incident = story_report();
    int64_t ahead_ms = 0, before_ms = 0;

    for (int64_t passed_ms = 0; passed_ms < GP_MS_DAY; passed_ms += 30 * GP_MS_SECOND) {
        story_pass(30 * GP_MS_SECOND);
        story_move_wall(gain_ms);
        ahead_ms += gain_ms > 0 ? gain_ms : 0;
        story_expect(GP_CLOCK_RUNNING, story.true_ms + ahead_ms);
        assert_true(client_status(&story.world.client).now_ms >= before_ms);
        before_ms = client_status(&story.world.client).now_ms;
    }
    while (story_steps(incident, GP_STEP_REPEAT) < 4) /* after 10, 14, 18 and 22 hours */
        (void)story_read_on(20000);
    story_expect_steps(incident, GP_MS_DAY);
    assert_int_equal(story_steps(incident, GP_STEP_REPEAT), 4);
    assert_int_equal(story_count(GP_WHAT_CLOCK, GP_STEP_NONE, ""), 0);
    story_judge();
}

static void wall_clock_that_gains_is_followed(void **state)
{
    (void)state;
    drift(300);
}

static void wall_clock_that_loses_changes_nothing(void **state)
{
    (void)state;
    drift(-300);
}

/* ---------------------------------------------------------------- all of it */

/* A pattern as the only word runs some of them. */
int main(int argc, char **argv)
{
#define COUNT(table) (sizeof table / sizeof table[0])
#define TEST(name)   cmocka_unit_test_setup_teardown(name, story_begin, story_end)
    static const struct CMUnitTest stories[] = {
        TEST(what_was_confirmed_by_mistake_can_be_taken_back),
        TEST(lowering_is_no_way_round_the_hold),
        TEST(sleep_between_two_readings_is_no_jump),
        TEST(kill_in_hold_never_puts_time_back),
        TEST(suspend_is_caught_up_at_once),
        TEST(leap_back_over_what_has_fired_fires_nothing_again),
        TEST(wall_clock_that_gains_is_followed),
        TEST(wall_clock_that_loses_changes_nothing),
    };
    struct CMUnitTest tests[COUNT(jumps) + COUNT(starts) + COUNT(stories)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(jumps); i++)
        tests[count++] = (struct CMUnitTest){jumps[i].name, jump, story_begin, story_end,
                                             (void *)(uintptr_t)&jumps[i]};
    for (size_t i = 0; i < COUNT(starts); i++)
        tests[count++] = (struct CMUnitTest){starts[i].name, start, story_begin, story_end,
                                             (void *)(uintptr_t)&starts[i]};
    memcpy(tests + count, stories, sizeof stories);
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("clocks", tests, NULL, NULL);
}
