/* Each figure from histories made by hand: what counts, for whom, and in which period. */
#include "core/assess.h"

#include "core/decide.h"
#include "core/score.h"
#include "solo.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SHARES_MAX 512
#define JUNE       "2026-06-01 00:00"
#define JULY       "2026-07-01 00:00"
#define AUGUST     "2026-08-01 00:00"

static struct counted {
    struct gp_assess_ask ask;
    struct gp_assess assess;
    struct gp_case item;
    struct gp_share share[SHARES_MAX];
    char text[1000];
} counted;

static int begin(void **state)
{
    (void)solo_begin(state);
    counted.ask =
        (struct gp_assess_ask){.from_ms = town_at(JUNE), .to_ms = town_at(JULY), .by = GP_BY_POST};
    return 0;
}

static void report(const char *when, const char *by, const char *category)
{
    solo_must(play_report(&play, when, by, TOWN_GRID_SAME_AB, category));
}

static void act(const char *when, enum gp_verb verb, const char *by)
{
    solo_must(play_do(&play, when, verb, by));
}

static void order(const char *when, const char *by, struct gp_command command)
{
    solo_must(play_command(&play, when, by, &command));
}

/* ---------------------------------------------------------------- counting */

static void count(void)
{
    counted.item = (struct gp_case){0};
    counted.assess = (struct gp_assess){
        .org = &town.org, .ask = &counted.ask, .share = counted.share, .share_room = SHARES_MAX};
    for (size_t i = 0; i < play.count; i++) {
        struct gp_fact fact;
        gp_fact_of(&play.journal[i], &fact);
        if (fact.at_ms < counted.ask.to_ms)
            gp_assess_count(&counted.assess, &counted.item, &fact);
    }
}

static void figures_of(const char *unit, struct gp_figures *ret_figures)
{
    *ret_figures = (struct gp_figures){0};
    for (uint32_t i = 0; i < counted.assess.share_count; i++) {
        struct gp_span id = gp_assess_unit_id(&town.org, counted.ask.by, counted.share[i].unit);
        if (gp_span_is(id, unit))
            gp_figures_add(ret_figures, &counted.share[i], &counted.item);
    }
}

/* Compares all figures of a unit that are not 0: "filed handled", with "=2" where it is more. */
static void expect(enum gp_assess_by by, const char *unit, const char *figures)
{
    struct gp_figures found;
    size_t used = 0;

    counted.ask.by = (uint8_t)by;
    count();
    figures_of(unit, &found);
    counted.text[0] = '\0';
    for (int i = GP_FIGURE_REPORTED; i < GP_FIGURE_END; i++) {
        if (found.count[i] == 0)
            continue;
        used += (size_t)snprintf(counted.text + used, sizeof counted.text - used, "%s%s",
                                 used > 0 ? " " : "", gp_figure_name(i));
        if (found.count[i] > 1)
            used += (size_t)snprintf(counted.text + used, sizeof counted.text - used, "=%" PRIu64,
                                     found.count[i]);
    }
    assert_string_equal(counted.text, figures);
}

static void period(const char *from, const char *to)
{
    counted.ask.from_ms = town_at(from);
    counted.ask.to_ms = town_at(to);
}

#define A_POST "A-shizheng-340705006001"
#define GOOD   "filed should_accept accepted should_finish finished handled"
#define PATROL "reported patrol"

/* ---------------------------------------------------------------- the main line */

static void work_in_time_counts_for_the_owner(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    act("2026-06-15 09:30", GP_VERB_ACCEPT, "li");
    act("2026-06-15 15:00", GP_VERB_FINISH, "li"); /* at the due exactly */
    expect(GP_BY_POST, A_POST, GOOD);
    expect(GP_BY_POST, "B-340705006001001", PATROL);
    expect(GP_BY_PERSON, "li", PATROL " " GOOD);
    expect(GP_BY_AREA, TOWN_COMMUNITY, PATROL " " GOOD);
    expect(GP_BY_DEPARTMENT, "SZ", PATROL " " GOOD);
    expect(GP_BY_LINE, "shizheng", PATROL " " GOOD);
    counted.ask.level = GP_LEVEL_GRID;
    expect(GP_BY_AREA, TOWN_GRID_SAME_AB, PATROL " " GOOD);
    counted.ask.level = GP_LEVEL_STREET;
    expect(GP_BY_AREA, TOWN_STREET, PATROL " " GOOD);
    counted.ask.level = 0;
}

static void reports_of_others_are_no_patrol(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "wang", "n4");
    expect(GP_BY_PERSON, "wang", "reported");
    expect(GP_BY_POST, "-", "reported");
    expect(GP_BY_PERSON, "li", "filed");
}

static void another_area_is_left_out(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    assert_int_equal(gp_area_parse(GP_SPAN("340705402"), &counted.ask.area), 0);
    expect(GP_BY_LINE, "shizheng", "");
    assert_int_equal(gp_area_parse(GP_SPAN(TOWN_STREET), &counted.ask.area), 0);
    expect(GP_BY_LINE, "shizheng", PATROL " filed");
}

static void a_late_accept_is_not_in_time(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    act("2026-06-15 10:01", GP_VERB_ACCEPT, "li");
    expect(GP_BY_POST, A_POST, "filed should_accept");
    act("2026-06-15 11:00", GP_VERB_FINISH, "li");
    expect(GP_BY_POST, A_POST, "filed should_accept should_finish finished handled");
}

static void finishing_implies_accepting(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    act("2026-06-15 09:50", GP_VERB_FINISH, "li");
    expect(GP_BY_POST, A_POST, GOOD);
}

static void the_post_that_let_the_due_pass_is_overdue(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    act("2026-06-15 09:30", GP_VERB_ACCEPT, "li");
    act("2026-06-15 16:00", GP_VERB_FINISH, "chen");
    expect(GP_BY_POST, A_POST, "filed should_accept accepted should_finish overdue");
    expect(GP_BY_POST, "F-SZ", "handled");
    expect(GP_BY_AREA, TOWN_COMMUNITY,
           PATROL " filed should_accept accepted should_finish overdue handled");
}

static void an_obligation_counts_in_one_period(void **state)
{
    (void)state;
    report("2026-06-30 16:00", "li", "n4");
    act("2026-06-30 16:30", GP_VERB_ACCEPT, "li"); /* due 07-01 10:00 */
    act("2026-07-01 11:00", GP_VERB_FINISH, "chen");
    expect(GP_BY_LINE, "shizheng", PATROL " filed should_accept accepted");
    period(JULY, AUGUST);
    expect(GP_BY_LINE, "shizheng", "should_finish overdue handled");
    period("2026-07-01 10:00", AUGUST); /* from the due on: the entry is at it */
    expect(GP_BY_LINE, "shizheng", "should_finish overdue handled");
    period(JULY, "2026-07-01 10:00");
    expect(GP_BY_LINE, "shizheng", "");
}

static void finished_before_its_due_counts_then_and_not_again(void **state)
{
    (void)state;
    report("2026-06-30 16:00", "li", "n4");
    act("2026-06-30 17:00", GP_VERB_FINISH, "li");
    expect(GP_BY_LINE, "shizheng", PATROL " " GOOD);
    period(JULY, AUGUST);
    expect(GP_BY_LINE, "shizheng", "");
}

/* ---------------------------------------------------------------- side lines */

static void a_vacant_post_counts_for_who_should_have_filled_it(void **state)
{
    (void)state;
    report("2026-06-10 11:30", "li", "f2");
    act("2026-06-10 15:00", GP_VERB_FINISH, "shen");
    expect(GP_BY_POST, "D1-340705006001", "filed should_accept should_finish finished handled");
    expect(GP_BY_POST, "F-XF", "");
    expect(GP_BY_PERSON, "qian", "filed should_accept should_finish finished handled");
    expect(GP_BY_DEPARTMENT, "XF", PATROL " filed should_accept should_finish finished handled");
}

static void rework_counts_once_and_again_its_due(void **state)
{
    (void)state;
    report("2026-06-15 08:00", "zhang", "n8");
    act("2026-06-15 09:00", GP_VERB_ACCEPT, "li");
    act("2026-06-15 15:00", GP_VERB_FINISH, "li");
    order("2026-06-16 08:30", "zheng",
          (struct gp_command){.verb = GP_VERB_VERIFY, .result = GP_RESULT_NO});
    expect(GP_BY_POST, A_POST,
           "filed should_accept accepted should_finish finished rework handled");
    act("2026-06-16 15:30", GP_VERB_FINISH, "chen"); /* its due was 14:30 */
    expect(GP_BY_POST, A_POST, "filed should_accept accepted should_finish overdue rework");
    expect(GP_BY_POST, "F-SZ", "handled");
}

static void a_return_counts_for_who_returns(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "zhang", "n4");
    order("2026-06-15 09:50", "li",
          (struct gp_command){.verb = GP_VERB_RETURN, .return_reason = GP_RETURN_WRONG_LINE});
    order("2026-06-15 10:00", "zheng",
          (struct gp_command){
              .verb = GP_VERB_RULE, .result = GP_RESULT_YES, .post = GP_SPAN("F-GS")});
    act("2026-06-15 10:30", GP_VERB_ACCEPT, "yan");
    expect(GP_BY_POST, A_POST, "filed returned");
    expect(GP_BY_POST, "F-GS", "should_accept accepted");
}

static void a_late_return_is_buck_passing(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "zhang", "n4");
    act("2026-06-15 09:10", GP_VERB_ACCEPT, "li");
    act("2026-06-15 11:00", GP_VERB_CONSENT, "zheng");
    order("2026-06-15 11:10", "li",
          (struct gp_command){.verb = GP_VERB_RETURN, .return_reason = GP_RETURN_NO_POWER});
    expect(GP_BY_PERSON, "li", "filed should_accept accepted returned buck_passed");
}

static void a_refused_return_leaves_all_as_it_was(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "zhang", "n4");
    order("2026-06-15 09:50", "li",
          (struct gp_command){.verb = GP_VERB_RETURN, .return_reason = GP_RETURN_WRONG_LINE});
    order("2026-06-15 10:10", "zheng",
          (struct gp_command){.verb = GP_VERB_RULE, .result = GP_RESULT_NO});
    act("2026-06-15 10:20", GP_VERB_ACCEPT, "li");
    expect(GP_BY_POST, A_POST, "filed should_accept returned"); /* the pause is charged */
}

static void what_is_void_or_a_duplicate_counts_as_reported_only(void **state)
{
    static struct gp_incident main_one;

    (void)state;
    report("2026-06-15 09:00", "li", "n4");
    act("2026-06-15 09:10", GP_VERB_ACCEPT, "li");
    main_one = (struct gp_incident){.id = 3, .state = GP_STATE_ACCEPTED};
    play.other = &main_one;
    order("2026-06-15 09:20", "zheng", (struct gp_command){.verb = GP_VERB_LINK, .other = 3});
    expect(GP_BY_LINE, "shizheng", PATROL);
    act("2026-06-15 09:40", GP_VERB_UNLINK, "zheng");
    expect(GP_BY_LINE, "shizheng", PATROL " filed should_accept accepted");
    play_begin(&play, &town);
    report("2026-06-15 09:00", "li", "n4");
    order("2026-06-15 09:20", "zheng",
          (struct gp_command){.verb = GP_VERB_VOID, .text = GP_SPAN("a mistake")});
    expect(GP_BY_LINE, "shizheng", PATROL);
}

static void a_refused_task_is_not_held_against_the_community(void **state)
{
    (void)state;
    order("2026-06-15 09:00", "chen",
          (struct gp_command){.verb = GP_VERB_REPORT,
                              .device = GP_SPAN("desk"),
                              .grid = GP_SPAN(TOWN_GRID_SAME_AB),
                              .category = GP_SPAN("n4"),
                              .text = GP_SPAN("a task"),
                              .downward = true});
    act("2026-06-15 09:20", GP_VERB_REFUSE, "qian");
    expect(GP_BY_AREA, TOWN_COMMUNITY, "reported");
}

/* E9: granted after the due on a request from before: nothing counts as overdue. */
static void an_extension_takes_the_overdue_back(void **state)
{
    (void)state;
    report("2026-06-16 08:00", "zhang", "n8");
    act("2026-06-16 09:00", GP_VERB_ACCEPT, "li");
    order("2026-06-16 16:00", "li", (struct gp_command){.verb = GP_VERB_EXTEND, .hours = 8});
    play_until(&play, "2026-06-16 18:00");
    expect(GP_BY_POST, A_POST, "filed should_accept accepted should_finish overdue");
    order("2026-06-16 18:30", "qian",
          (struct gp_command){.verb = GP_VERB_DECIDE, .result = GP_RESULT_YES});
    expect(GP_BY_POST, A_POST, "filed should_accept accepted");
    act("2026-06-17 17:00", GP_VERB_FINISH, "li");
    expect(GP_BY_POST, A_POST, GOOD);
}

static void a_missed_stage_is_overdue_and_the_final_due_another_matter(void **state)
{
    (void)state;
    report("2026-06-15 09:00", "zhang", "s24");
    act("2026-06-15 09:05", GP_VERB_ACCEPT, "li");
    play_until(&play, "2026-06-15 11:30"); /* stage 1 was due at 11:00 */
    expect(GP_BY_POST, A_POST, "filed should_accept accepted overdue");
    act("2026-06-15 12:00", GP_VERB_FINISH, "chen");
    expect(GP_BY_LINE, "shizheng",
           "reported filed should_accept accepted should_finish finished overdue handled");
}

static void nothing_but_suspension_is_taken_out_of_the_time(void **state)
{
    struct gp_figures found;

    (void)state;
    report("2026-06-15 09:00", "zhang", "n8");
    act("2026-06-15 09:30", GP_VERB_ACCEPT, "li");
    order("2026-06-15 11:00", "zheng",
          (struct gp_command){.verb = GP_VERB_SUSPEND,
                              .text = GP_SPAN("the part is ordered"),
                              .from_ms = town_at("2026-06-17 00:00")});
    act("2026-06-17 10:00", GP_VERB_FINISH, "li"); /* goes on at 08:00 */
    expect(GP_BY_POST, A_POST,
           "filed should_accept accepted should_finish finished suspended handled");
    figures_of(A_POST, &found);
    assert_int_equal(found.work_ms, 4 * GP_MS_HOUR); /* 09-11 and 08-10 */
    assert_int_equal(found.clock_ms, 4 * GP_MS_HOUR);
}

static void the_time_of_a_night_is_clock_time_only(void **state)
{
    struct gp_figures found;

    (void)state;
    report("2026-06-15 17:00", "zhang", "n4");
    act("2026-06-16 09:00", GP_VERB_FINISH, "li");
    expect(GP_BY_POST, A_POST, "filed should_accept should_finish finished handled");
    figures_of(A_POST, &found);
    assert_int_equal(found.work_ms, 2 * GP_MS_HOUR);
    assert_int_equal(found.clock_ms, 16 * GP_MS_HOUR);
}

static void a_strike_counts_until_it_is_lifted(void **state)
{
    struct gp_command yes = {
        .verb = GP_VERB_SIGN, .person = GP_SPAN("chen"), .result = GP_RESULT_YES};

    (void)state;
    report("2026-06-15 09:00", "zhang", "n4");
    play_until(&play, "2026-06-18 15:00"); /* card */
    expect(GP_BY_PERSON, "chen", "strikes");
    expect(GP_BY_POST, "F-SZ", "strikes");
    order("2026-06-18 15:10", "chen",
          (struct gp_command){.verb = GP_VERB_APPEAL, .text = GP_SPAN("I was never told")});
    order("2026-06-18 15:20", "feng", yes);
    expect(GP_BY_PERSON, "chen", "strikes");
    order("2026-06-18 15:30", "zhou", yes);
    expect(GP_BY_PERSON, "chen", "");
    expect(GP_BY_LINE, "shizheng", "reported filed should_accept should_finish overdue");
}

/* By nothing there is one unit, which has everything. */
static void by_nothing_all_is_one(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "n4");
    act("2026-06-01 09:00", GP_VERB_FINISH, "li");
    expect(GP_BY_NONE, "-", PATROL " " GOOD);
    assert_int_equal(gp_assess_units(&town.org, GP_BY_NONE), 1);
    assert_true(gp_span_is(gp_assess_unit_name(&town.org, GP_BY_NONE, 0), "-"));
}

/* R11 of a stage that is not the last: what was missed in between was not. */
static void an_extension_takes_a_missed_stage_back(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "s24");
    order("2026-06-01 09:00", "li", (struct gp_command){.verb = GP_VERB_EXTEND, .hours = 2});
    play_until(&play, "2026-06-01 10:00");
    expect(GP_BY_POST, A_POST, "filed should_accept overdue");
    order("2026-06-01 10:10", "qian",
          (struct gp_command){.verb = GP_VERB_DECIDE, .result = GP_RESULT_YES});
    expect(GP_BY_POST, A_POST, "filed should_accept");
}

/* Who has left people.csv since is nobody's unit, and nothing is lost of the sum. */
static void who_is_no_more_counts_at_the_end(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "zhang", "n4");
    play_until(&play, "2026-06-04 12:00");
    expect(GP_BY_PERSON, "zhang", "reported");
    town.persons[town_person(&town, "zhang")].id = GP_SPAN("zhang!");
    expect(GP_BY_PERSON, "-", "reported");
    expect(GP_BY_PERSON, "chen", "strikes");
    town.persons[town_person(&town, "chen")].id = GP_SPAN("chen!");
    expect(GP_BY_PERSON, "-", "reported strikes");
}

/* A grid that is gone has no posts: what happened there counts for the last unit, too. */
static void a_grid_that_is_gone_counts_at_the_end(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "n4");
    act("2026-06-01 09:00", GP_VERB_FINISH, "li");
    town_lose_grid(&town, TOWN_GRID_SAME_AB);
    expect(GP_BY_AREA, "-", "reported " GOOD);
    expect(GP_BY_POST, A_POST, GOOD);
    expect(GP_BY_PERSON, "li", "reported");
    expect(GP_BY_PERSON, "-", GOOD);
}

/* What has happened before a period is no figure of it: a return, a due that passed, a strike. */
static void what_was_before_counts_for_nobody(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "n4");
    order("2026-06-01 08:05", "li",
          (struct gp_command){.verb = GP_VERB_RETURN, .return_reason = GP_RETURN_NO_POWER});
    order("2026-06-01 08:10", "zheng",
          (struct gp_command){.verb = GP_VERB_RULE, .result = GP_RESULT_NO});
    play_until(&play, "2026-06-05 12:00");
    expect(GP_BY_POST, A_POST, "filed should_accept should_finish overdue returned");
    period(JULY, AUGUST);
    expect(GP_BY_POST, A_POST, "");
    expect(GP_BY_PERSON, "chen", "");
}

static void done_on_the_spot_is_handled_at_once(void **state)
{
    struct gp_command spot = {.verb = GP_VERB_REPORT,
                              .grid = GP_SPAN(TOWN_GRID_SAME_AB),
                              .category = GP_SPAN("n4"),
                              .on_spot = true};

    (void)state;
    town_row(&town, "n4")->on_spot = true;
    order("2026-06-01 08:00", "li", spot);
    expect(GP_BY_POST, "B-340705006001001", PATROL " filed should_finish finished handled");
}

/* A new owner is called, and has a due; corrected before anybody owns it, nobody has. */
static void reassigned_begins_anew(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "n4");
    play_until(&play, "2026-06-01 12:00");
    order("2026-06-01 13:00", "zheng",
          (struct gp_command){.verb = GP_VERB_REASSIGN,
                              .text = GP_SPAN("x"),
                              .post = GP_SPAN("A-gongyong-340705006001")});
    act("2026-06-01 14:10", GP_VERB_FINISH, "zhang");
    expect(GP_BY_POST, "A-gongyong-340705006001",
           "should_accept accepted should_finish finished handled");
    begin(state);
    report("2026-06-01 08:00", "li", "m4");
    order("2026-06-01 08:10", "zheng",
          (struct gp_command){
              .verb = GP_VERB_CORRECT, .text = GP_SPAN("x"), .category = GP_SPAN("n8")});
    expect(GP_BY_POST, A_POST, "");
}

/* R7 ends with the owner: who gets it next answers for oneself, and no more the level above. */
static void a_new_owner_answers_instead(void **state)
{
    (void)state;
    report("2026-06-01 08:00", "li", "f2"); /* its A post is vacant: D1 answers */
    order("2026-06-01 08:10", "zheng",
          (struct gp_command){
              .verb = GP_VERB_REASSIGN, .text = GP_SPAN("x"), .post = GP_SPAN(A_POST)});
    act("2026-06-01 08:20", GP_VERB_FINISH, "li");
    expect(GP_BY_POST, "D1-340705006001", "filed");
    expect(GP_BY_POST, A_POST, "should_accept accepted should_finish finished handled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(work_in_time_counts_for_the_owner, begin),
        cmocka_unit_test_setup(reports_of_others_are_no_patrol, begin),
        cmocka_unit_test_setup(another_area_is_left_out, begin),
        cmocka_unit_test_setup(a_late_accept_is_not_in_time, begin),
        cmocka_unit_test_setup(finishing_implies_accepting, begin),
        cmocka_unit_test_setup(the_post_that_let_the_due_pass_is_overdue, begin),
        cmocka_unit_test_setup(an_obligation_counts_in_one_period, begin),
        cmocka_unit_test_setup(finished_before_its_due_counts_then_and_not_again, begin),
        cmocka_unit_test_setup(a_vacant_post_counts_for_who_should_have_filled_it, begin),
        cmocka_unit_test_setup(rework_counts_once_and_again_its_due, begin),
        cmocka_unit_test_setup(a_return_counts_for_who_returns, begin),
        cmocka_unit_test_setup(a_late_return_is_buck_passing, begin),
        cmocka_unit_test_setup(a_refused_return_leaves_all_as_it_was, begin),
        cmocka_unit_test_setup(what_is_void_or_a_duplicate_counts_as_reported_only, begin),
        cmocka_unit_test_setup(a_refused_task_is_not_held_against_the_community, begin),
        cmocka_unit_test_setup(an_extension_takes_the_overdue_back, begin),
        cmocka_unit_test_setup(a_missed_stage_is_overdue_and_the_final_due_another_matter, begin),
        cmocka_unit_test_setup(nothing_but_suspension_is_taken_out_of_the_time, begin),
        cmocka_unit_test_setup(the_time_of_a_night_is_clock_time_only, begin),
        cmocka_unit_test_setup(a_strike_counts_until_it_is_lifted, begin),
        cmocka_unit_test_setup(by_nothing_all_is_one, begin),
        cmocka_unit_test_setup(an_extension_takes_a_missed_stage_back, begin),
        cmocka_unit_test_setup(who_is_no_more_counts_at_the_end, begin),
        cmocka_unit_test_setup(a_grid_that_is_gone_counts_at_the_end, begin),
        cmocka_unit_test_setup(what_was_before_counts_for_nobody, begin),
        cmocka_unit_test_setup(done_on_the_spot_is_handled_at_once, begin),
        cmocka_unit_test_setup(reassigned_begins_anew, begin),
        cmocka_unit_test_setup(a_new_owner_answers_instead, begin),
    };
    return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
