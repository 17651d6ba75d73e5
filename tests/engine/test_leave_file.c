/* leave.csv on a real store: its rows are taken over, changed, lost and found again. */
#include "engine/stage.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void directory(struct stage *stage, const struct gp_leave *leaves, size_t count)
{
    struct gp_item item = {.kind = GP_ITEM_DIRECTORY, .text = GP_SPAN("in force")};
    struct gp_item replan = {.kind = GP_ITEM_REPLAN};

    stage->org.leaves = leaves;
    stage->org.leave_count = count;
    stage_restart(stage); /* another directory */
    stage_apply(stage, &item, 1);
    stage_restart(stage); /* between the two: the store knows that there is more to do */
    stage_apply(stage, &replan, 1);
    assert_false(replan.more);
}

/* One row, requested, from an hour to two days after now. */
static struct gp_leave row_of_li(const struct stage *stage)
{
    return (struct gp_leave){
        .id = GP_SPAN("l001"),
        .person = gp_org_person(&stage->org, GP_SPAN("li")),
        .standin = GP_NONE,
        .from_ms = stage->now_ms + GP_MS_HOUR,
        .to_ms = stage->now_ms + 48 * GP_MS_HOUR,
    };
}

static void rows_of_the_file_are_taken_over(void **state)
{
    struct stage *stage = *state;
    struct gp_leave row = row_of_li(stage);

    row.standin = gp_org_person(&stage->org, GP_SPAN("zhao"));
    row.approved = true;
    struct gp_item item = stage_report();
    stage_apply(stage, &item, 1);
    directory(stage, &row, 1);
    assert_int_equal(stage_count(stage).leaves, 1);
    assert_int_equal(gp_view_org(stage->view)->leave_count, 1); /* not twice */
    directory(stage, &row, 1);
    assert_int_equal(stage_count(stage).leaves, 1);

    stage->now_ms += GP_MS_HOUR;
    struct gp_item expire = {.kind = GP_ITEM_EXPIRE};
    stage_apply(stage, &expire, 1);
    assert_int_equal(stage_count(stage).shifts, 1);
    assert_int_equal(stage_count(stage).leaves, 2); /* it has begun */
    row.to_ms += GP_MS_HOUR;
    directory(stage, &row, 1);
    stage_apply(stage, &expire, 1);
    assert_int_equal(stage_count(stage).leaves, 3);
    assert_int_equal(stage_count(stage).shifts, 1); /* longer, but begun */

    stage->now_ms += GP_MS_HOUR;
    directory(stage, NULL, 0); /* back early */
    assert_int_equal(stage_count(stage).leaves, 4);
    assert_true(stage_away(gp_view_org(stage->view), "li", stage->now_ms - 1));
    assert_false(stage_away(gp_view_org(stage->view), "li", stage->now_ms));
    city_rebuild_and_compare(&stage->city);
}

/* A mistaken file is put right: the leave is there again, as a new one. */
static void a_row_that_was_lost_comes_back(void **state)
{
    struct stage *stage = *state;
    struct gp_leave row = row_of_li(stage);

    row.approved = true;
    directory(stage, &row, 1);
    directory(stage, NULL, 0);
    assert_false(stage_away(gp_view_org(stage->view), "li", row.from_ms));
    directory(stage, &row, 1);
    assert_true(stage_away(gp_view_org(stage->view), "li", row.from_ms));
    assert_int_equal(gp_view_org(stage->view)->leave_count, 1);
    assert_int_equal(stage_count(stage).leaves, 3);
    directory(stage, &row, 1);
    assert_int_equal(stage_count(stage).leaves, 3);
    city_rebuild_and_compare(&stage->city);
}

static void cancelled_rows_stay_cancelled(void **state)
{
    struct stage *stage = *state;
    struct gp_leave row = row_of_li(stage);

    directory(stage, &row, 1);
    struct gp_item approve = stage_about(GP_VERB_APPROVE, "sun", 1);
    stage_apply(stage, &approve, 1); /* requested in the file, approved by command */
    directory(stage, &row, 1);
    assert_true(stage_away(gp_view_org(stage->view), "li", row.from_ms));
    struct gp_item cancel = stage_about(GP_VERB_CANCEL, "li", 1);
    stage_apply(stage, &cancel, 1);
    unsigned before = stage_count(stage).leaves;
    directory(stage, &row, 1);
    assert_int_equal(stage_count(stage).leaves, before);
    assert_false(stage_away(gp_view_org(stage->view), "li", row.from_ms));
    city_rebuild_and_compare(&stage->city);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)
    const struct CMUnitTest tests[] = {
        T(rows_of_the_file_are_taken_over),
        T(a_row_that_was_lost_comes_back),
        T(cancelled_rows_stay_cancelled),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
