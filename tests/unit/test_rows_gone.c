/* A row leaves areas.csv, posts.csv or departments.csv while work is under way there: by mistake,
 * or because somebody forgot the alias. What was acknowledged goes on as far as it can, and nothing
 * is stuck. */
#include "core/query.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define A_POST "A-shizheng-340705006001"

static void report(const char *category)
{
    solo_report("2026-10-12 08:00", category);
    play.may_end = true;
    play_skip(&play);
}

/* ---------------------------------------------------------------- a grid */

static void its_posts_may_no_more_but_who_reported_may_note(void **state)
{
    (void)state;
    report("n4");
    town_lose_grid(&town, TOWN_GRID);
    solo_refused("2026-10-12 08:10", "li", GP_VERB_ACCEPT, NOTHING, GP_REASON_NOT_OWNER);
    solo_refused("2026-10-12 08:10", "li", GP_VERB_INFORM, NOTHING, GP_REASON_NOT_ALLOWED);
    solo_refused("2026-10-12 08:10", "zheng", GP_VERB_VOID,
                 (struct gp_command){.text = GP_SPAN("x")}, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-12 08:20", "zhang", GP_VERB_NOTE, (struct gp_command){.text = GP_SPAN("x")});
}

/* Who is told is found from the area above; nothing moves and nobody is struck, because whose it is
 * follows from the grid. */
static void its_steps_are_told_above(void **state)
{
    (void)state;
    report("n4");
    town_lose_grid(&town, TOWN_GRID);
    play_until(&play, "2026-12-31 00:00");
    play_expect(&play, "10-12 09:00 unaccepted: zhao(A cover) wang(D2)\n"
                       "10-12 11:12 yellow: li(A)\n"
                       "10-12 12:00 red: qian(D1) wang(D2) chu(K) jiang(H)\n"
                       "10-12 18:00 blue: sun(R) wei(H2)\n"
                       "10-13 12:00 orange: zhou(S1) wu(S2) jiang(H)\n"
                       "10-15 12:00 card: feng(X)\n"
                       "10-16 12:00 repeat: feng(X)\n");
    assert_true(gp_span_is(play.incident.owner, A_POST));
    assert_int_equal(play.incident.side.struck_count, 0);
}

static void without_a_community_the_street_is_told(void **state)
{
    (void)state;
    solo_must(play_report(&play, "2026-10-12 08:00", "zhang", TOWN_GRID_BARE, "n4"));
    play.may_end = true;
    town_lose_grid(&town, TOWN_GRID_BARE);
    play_until(&play, "2026-10-13 12:00");
    const struct gp_entry *orange = play_last(&play, GP_WHAT_STEP, GP_STEP_ORANGE);
    assert_true(gp_span_is(orange->recipient[0].person, "qin")); /* S1 of the district */
}

static void a_missed_stage_is_the_last_one(void **state)
{
    (void)state;
    report("s24");
    town_lose_grid(&town, TOWN_GRID);
    play_until(&play, "2026-10-12 10:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "fired");
    assert_int_equal(play.incident.plan.current, 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_BLUE), "10-12 11:00"); /* these go on */
}

/* It must not stay suspended for ever: when its date comes it is at work again, on its old times.
 */
static void a_suspension_ends_all_the_same(void **state)
{
    (void)state;
    report("n8");
    solo_do("2026-10-12 10:00", "zheng", GP_VERB_SUSPEND,
            (struct gp_command){.text = GP_SPAN("part"), .from_ms = town_at("2026-10-14 00:00")});
    town_lose_grid(&town, TOWN_GRID);
    play_skip(&play);
    play_until(&play, "2026-10-14 08:00");
    assert_int_equal(play.incident.state, GP_STATE_DISPATCHED);
    assert_int_equal(play.incident.side.resume_ms, 0);
    assert_int_equal(play.incident.side.resume_state, GP_STATE_NONE);
    play_expect(&play, "10-14 08:00 resumed due 10-12 18:00: li(A)\n"
                       "10-14 08:00 unaccepted late 46:00: zhao(A cover) wang(D2)\n"
                       "10-14 08:00 yellow late 39:36: li(A)\n"
                       "10-14 08:00 red late 38:00: qian(D1) wang(D2) chu(K) jiang(H)\n"
                       "10-14 08:00 blue late 20:00: sun(R) wei(H2)\n"
                       "10-14 08:00 orange late 14:00: zhou(S1) wu(S2) jiang(H)\n");
}

static void a_new_directory_leaves_its_plan(void **state)
{
    (void)state;
    report("n4");
    town_lose_grid(&town, TOWN_GRID);
    town_off(&town, "2026-10-12");
    assert_false(play_replan(&play, "2026-10-12 08:10"));
}

/* The dispatcher of the place where it goes corrects it, since there is none of where it was. */
static void it_is_corrected_to_a_grid_that_is_there(void **state)
{
    struct gp_command correct = {.text = GP_SPAN("the grid was split")};

    (void)state;
    report("n4");
    town_lose_grid(&town, TOWN_GRID);
    solo_refused("2026-10-12 08:10", "zheng", GP_VERB_CORRECT, correct, GP_REASON_UNKNOWN_AREA);
    solo_says("name another");
    correct.grid = GP_SPAN(TOWN_GRID);
    solo_refused("2026-10-12 08:10", "zheng", GP_VERB_CORRECT, correct, GP_REASON_UNKNOWN_AREA);
    correct.grid = GP_SPAN(TOWN_GRID_SAME_AB);
    solo_refused("2026-10-12 08:10", "li", GP_VERB_CORRECT, correct, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-12 08:10", "zheng", GP_VERB_CORRECT, correct);
    play_expect(&play, "10-12 08:10 reassigned -> " A_POST " due 10-12 14:10\n"
                       "10-12 08:10 dispatch: li(A+B) wang(B superior)\n");
    solo_do("2026-10-12 08:20", "li", GP_VERB_ACCEPT, NOTHING);
}

static void what_is_private_there_nobody_sees(void **state)
{
    (void)state;
    report("p4");
    const struct gp_entry *entry = play_last(&play, GP_WHAT_DISPATCHED, 0);
    int64_t now_ms = town_at("2026-10-12 09:00");
    assert_true(gp_may_see_incident(&town.org, &play.incident, GP_SPAN("li"), now_ms));
    assert_true(gp_may_see_incident(&town.org, &play.incident, GP_SPAN("qian"), now_ms));
    assert_false(gp_may_see_incident(&town.org, &play.incident, GP_SPAN("sun"), now_ms));
    assert_true(gp_may_see_entry(&town.org, entry, GP_SPAN("li"), now_ms));
    town_lose_grid(&town, TOWN_GRID);
    assert_false(gp_may_see_incident(&town.org, &play.incident, GP_SPAN("li"), now_ms));
    assert_false(gp_may_see_entry(&town.org, entry, GP_SPAN("li"), now_ms));
}

/* ---------------------------------------------------------------- a post, a department */

/* A post that has left posts.csv has nobody behind it: the notice goes up, and red moves it on. */
static void an_owner_that_is_no_more(void **state)
{
    (void)state;
    solo_report("2026-06-01 08:00", "n4");
    play_skip(&play);
    town_lose_post(&town, "A-shizheng-340705006001");
    play_until(&play, "2026-06-01 12:00");
    play_expect(&play, "06-01 09:00 unaccepted: wang(D2)\n"
                       "06-01 11:12 yellow: zhang(B)\n"
                       "06-01 12:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "06-01 12:00 handover -> F-SZ\n");
    assert_int_equal(play.incident.assistant.len, 0);
}

/* A party of the row that the directory lost is nobody, and the others are told all the same. */
static void a_party_that_is_no_more(void **state)
{
    (void)state;
    solo_report("2026-06-01 08:00", "u1"); /* S and XF */
    town_rung(&town, "U", GP_STEP_YELLOW)->tells = UINT32_C(1) << GP_TELL_ROW;
    town.departments[2].code = GP_SPAN("XF!");
    play_until(&play, "2026-06-01 08:30");
    const struct gp_entry *yellow = play_last(&play, GP_WHAT_STEP, GP_STEP_YELLOW);
    assert_int_equal(yellow->recipient_count, 1);
    assert_string_equal(yellow->recipient[0].capacity, "SK");
}

/* ---------------------------------------------------------------- an entry */

/* A damaged record that bears its checksum is found out before it is folded. */
static void an_entry_of_another_life_does_not_fit(void **state)
{
    struct gp_entry step = {.incident = 7, .patch = {.bits = GP_PATCH_STEP}};
    static struct gp_incident none;

    (void)state;
    report("n4");
    assert_true(gp_fold_fits(&step, &play.incident));
    step.patch.fired_index = play.incident.plan.step_count;
    assert_false(gp_fold_fits(&step, &play.incident));
    step.patch.bits |= GP_PATCH_PLAN; /* the entry's own plan has none at all */
    step.patch.fired_index = 0;
    assert_false(gp_fold_fits(&step, &play.incident));
    assert_false(gp_fold_fits(&(struct gp_entry){.incident = 8}, &play.incident));
    assert_false(gp_fold_fits(&play.journal[0], &play.incident)); /* it is reported already */
    assert_true(gp_fold_fits(&play.journal[0], &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(its_posts_may_no_more_but_who_reported_may_note, solo_begin),
        cmocka_unit_test_setup(its_steps_are_told_above, solo_begin),
        cmocka_unit_test_setup(without_a_community_the_street_is_told, solo_begin),
        cmocka_unit_test_setup(a_missed_stage_is_the_last_one, solo_begin),
        cmocka_unit_test_setup(a_suspension_ends_all_the_same, solo_begin),
        cmocka_unit_test_setup(a_new_directory_leaves_its_plan, solo_begin),
        cmocka_unit_test_setup(it_is_corrected_to_a_grid_that_is_there, solo_begin),
        cmocka_unit_test_setup(what_is_private_there_nobody_sees, solo_begin),
        cmocka_unit_test_setup(an_owner_that_is_no_more, solo_begin),
        cmocka_unit_test_setup(a_party_that_is_no_more, solo_begin),
        cmocka_unit_test_setup(an_entry_of_another_life_does_not_fit, solo_begin),
    };
    return cmocka_run_group_tests_name("rows gone", tests, NULL, NULL);
}
