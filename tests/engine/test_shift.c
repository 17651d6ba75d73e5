/* A leave that begins tells of each incident once, whatever comes between. */
#include "engine/stage.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MANY 150 /* more than one deadline row tells of at once */

static void report_many(struct stage *stage)
{
    static struct gp_item reports[MANY];

    for (int i = 0; i < MANY; i++)
        reports[i] = stage_report();
    stage_apply(stage, reports, MANY);
}

/* Leave 1: asked for and approved, from so many hours after now. */
static void li_leaves(struct stage *stage, int from_h)
{
    struct gp_item items[] = {stage_leave(stage, "li", from_h, 48),
                              stage_about(GP_VERB_APPROVE, "sun", 1)};

    stage_apply(stage, items, 2);
}

static void each_incident_shifts_once_over_crashes(void **state)
{
    struct stage *stage = *state;
    struct stage_count count;

    report_many(stage);
    struct gp_item done = stage_command(GP_VERB_FINISH, "li");
    done.command.incident = 3;
    stage_apply(stage, &done, 1);
    li_leaves(stage, 1);
    assert_true(stage->next_deadline_ms <= stage->now_ms + GP_MS_HOUR);
    assert_int_equal(stage_count(stage).shifts, 0);

    stage->now_ms += GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    for (int i = 0; i < 5; i++) {
        stage_restart(stage);
        stage_apply(stage, &expire, 1);
    }
    count = stage_count(stage);
    assert_int_equal(count.shifts, MANY - 1); /* what is finished waits for the checker */
    assert_string_equal(count.told, "zhao");
    stage_restart(stage);
    struct gp_item start = {.kind = GP_ITEM_START};
    stage_apply(stage, &start, 1);
    assert_int_equal(stage_count(stage).shifts, MANY - 1);
    city_rebuild_and_compare(&stage->city);
}

/* Open, but finished: there may be more of those than one share, before the first one at work. */
static void finished_work_hides_none(void **state)
{
    struct stage *stage = *state;
    static struct gp_item done[MANY - 1];

    report_many(stage);
    for (int i = 0; i < MANY - 1; i++) {
        done[i] = stage_command(GP_VERB_FINISH, "li");
        done[i].command.incident = (uint64_t)i + 1;
    }
    stage_apply(stage, done, MANY - 1);
    li_leaves(stage, -1);
    assert_int_equal(stage_count(stage).shifts, 1);
    assert_int_equal(stage_count(stage).last_shifted, MANY);
    city_rebuild_and_compare(&stage->city);
}

/* A file may name a holder of a post twice. */
static void double_holding_shifts_once(void **state)
{
    struct stage *stage = *state;
    struct gp_holding twice[64];
    struct gp_item item = stage_report();
    size_t count = 0;

    for (size_t i = 0; i < stage->org.holding_count; i++) {
        const struct gp_holding *holding = &stage->org.holdings[i];
        twice[count++] = *holding;
        if (gp_span_is(stage->org.posts[holding->post].id, STAGE_POST))
            twice[count++] = *holding;
    }
    assert_int_equal(count, stage->org.holding_count + 1);
    stage->org.holdings = twice;
    stage->org.holding_count = count;
    stage_apply(stage, &item, 1);
    li_leaves(stage, -1);
    assert_int_equal(stage_count(stage).shifts, 1);
}

static void interrupted_shift_goes_on(void **state)
{
    struct stage *stage = *state;

    report_many(stage);
    struct gp_item ask = stage_leave(stage, "li", -1, 48);
    stage_apply(stage, &ask, 1);
    struct gp_item approve = stage_about(GP_VERB_APPROVE, "sun", 1);
    stage_apply(stage, &approve, 1); /* it has begun already: a share of them moves at once */
    unsigned first = stage_count(stage).shifts;
    assert_true(first > 0 && first < MANY);
    assert_true(stage->next_deadline_ms < stage->now_ms);
    stage_restart(stage);
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    stage_apply(stage, &expire, 1);
    assert_int_equal(stage_count(stage).shifts, MANY);
    city_rebuild_and_compare(&stage->city);
}

static void cancelled_leave_never_begins(void **state)
{
    struct stage *stage = *state;

    struct gp_item items[] = {stage_report(), stage_leave(stage, "li", 1, 48),
                              stage_about(GP_VERB_APPROVE, "sun", 1),
                              stage_about(GP_VERB_CANCEL, "li", 1)};
    stage_apply(stage, items, 4);
    stage->now_ms += 2 * GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    stage_apply(stage, &expire, 1);
    assert_int_equal(stage_count(stage).shifts, 0);
    assert_true(stage->next_deadline_ms > stage->now_ms);
    city_rebuild_and_compare(&stage->city);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)
    const struct CMUnitTest tests[] = {
        T(each_incident_shifts_once_over_crashes),
        T(finished_work_hides_none),
        T(double_holding_shifts_once),
        T(interrupted_shift_goes_on),
        T(cancelled_leave_never_begins),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
