/* The dispatcher's desk: void, duplicates (R21), reassigning, correcting, notices; and what is done
 * on the spot (R22). */
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void voided(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_refused("2026-10-14 08:10", "li", GP_VERB_VOID, WHY, GP_REASON_NOT_ALLOWED);
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_VOID, NOTHING, GP_REASON_NO_REASON);
    play.linked = 2;
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_VOID, WHY, GP_REASON_LINKED);
    play.linked = 0;
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_VOID, WHY);
    play_until(&play, "2026-12-14 08:00");
    assert_int_equal(play.journal[play.count - 1].what, GP_WHAT_VOIDED);
}

/* ---------------------------------------------------------------- duplicates */

static struct gp_place place(double north_m)
{
    return (struct gp_place){
        .known = true, .lat_e7 = 309312345 + (int32_t)(north_m / 0.0111195), .lon_e7 = 1178123456};
}

static struct gp_similar other(uint64_t id, const char *received, double north_m)
{
    return (struct gp_similar){.id = id,
                               .category = GP_SPAN("n4"),
                               .received_ms = town_at(received),
                               .place = place(north_m)};
}

static void report_at(const char *when, struct gp_place at)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT, .grid = GP_SPAN(TOWN_GRID), .category = GP_SPAN("n4"), .place = at};
    solo_must(play_command(&play, when, "zhang", &command));
}

static void expect_similar(uint64_t first, uint8_t count)
{
    const struct gp_entry *entry = play_last(&play, GP_WHAT_REPORTED, 0);

    assert_int_equal(entry->similar_count, count);
    if (count > 0)
        assert_int_equal(entry->similar[0], first);
}

static void likely_duplicates(void **state)
{
    (void)state;
    play.similar[0] = other(1, "2026-10-13 08:00", 49);
    play.similar[1] = other(2, "2026-10-13 09:00", 51);
    play.similar[2] = other(3, "2026-10-13 10:00", 500);
    play.similar_count = 3;
    report_at("2026-10-14 08:00", place(0));
    expect_similar(1, 1);
    assert_true(gp_span_is(play.journal[0].recipient[0].person, "zheng")); /* the dispatcher */
    (void)solo_begin(state);
    play.similar[0] = other(1, "2026-10-07 07:59", 0); /* more than seven days ago */
    play.similar[1] = other(2, "2026-10-13 09:00", 500);
    play.similar_count = 2;
    report_at("2026-10-14 08:00", (struct gp_place){0}); /* no position: any of the grid */
    expect_similar(2, 1);
}

static void what_is_no_duplicate(void **state)
{
    (void)state;
    play.similar[0] = other(2, "2026-10-13 08:00", 0);
    play.similar[0].category = GP_SPAN("n8");
    play.similar[1] = other(3, "2026-10-13 08:00", 0);
    play.similar[1].main = 1;
    play.similar_count = 2;
    report_at("2026-10-14 08:00", place(0));
    expect_similar(0, 0);
    assert_int_equal(play.journal[0].recipient_count, 0);
}

static void linked_and_unlinked(void **state)
{
    static struct gp_incident main_incident;

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING, GP_REASON_UNKNOWN_INCIDENT);
    main_incident = (struct gp_incident){.id = 3, .state = GP_STATE_CLOSED};
    play.other = &main_incident;
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING, GP_REASON_STATE);
    main_incident.state = GP_STATE_ACCEPTED;
    main_incident.side.main = 2;
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING, GP_REASON_LINKED);
    main_incident.side.main = 0;
    solo_refused("2026-10-14 08:10", "li", GP_VERB_LINK, NOTHING, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING);
    assert_int_equal(play.incident.side.main, 3);
    assert_null(gp_plan_next(&play.incident.plan)); /* nobody is warned of it */
    play_skip(&play);
    solo_do("2026-10-14 11:00", "zheng", GP_VERB_UNLINK, NOTHING);
    play_until(&play, "2026-10-14 12:00");
    play_expect(&play, "10-14 11:00 unlinked due 10-14 12:00\n"
                       "10-14 11:00 unaccepted late 2:00: zhao(A cover) wang(D2)\n"
                       "10-14 11:12 yellow: li(A) zhang(B)\n"
                       "10-14 12:00 red: chen(F) qian(D1) wang(D2) chu(K)\n"
                       "10-14 12:00 handover -> F-SZ\n");
}

static void closes_with_the_main_one(void **state)
{
    static struct gp_incident main_incident;
    static struct gp_decision decision;

    (void)state;
    main_incident = (struct gp_incident){.id = 3, .state = GP_STATE_ACCEPTED};
    play.other = &main_incident;
    solo_report("2026-10-14 08:00", "n4");
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING);
    struct gp_scene scene = {
        .org = &town.org, .now_ms = town_at("2026-10-15 08:00"), .incident = &play.incident};
    gp_decide_close_with(&scene, &decision);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(decision.after.state, GP_STATE_CLOSED);
    assert_int_equal(decision.entry[0].other, 3);
    assert_true(gp_span_is(decision.entry[0].recipient[0].person, "zhang")); /* who reported it */
}

/* ---------------------------------------------------------------- reassign, correct */

static void reassigned(void **state)
{
    struct gp_command to = {.text = GP_SPAN("why"), .post = GP_SPAN("A-gongyong-340705006001")};

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_do("2026-10-14 08:10", "li", GP_VERB_ACCEPT, NOTHING);
    play_skip(&play);
    solo_do("2026-10-14 10:00", "zheng", GP_VERB_REASSIGN, to);
    play_expect(&play, "10-14 10:00 reassigned -> A-gongyong-340705006001 due 10-14 16:00\n"
                       "10-14 10:00 dispatch: zhang(A+B) wang(B superior)\n");
    assert_string_equal(play_when(&play, 0, GP_STEP_UNACCEPTED), "10-14 11:00");
    assert_int_equal(play.incident.accepted_ms, 0); /* the new owner has not accepted */
    assert_false(play_replan(&play, "2026-10-14 10:10"));
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "10-19 12:00"); /* of the first due */
}

static void corrected(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    play_skip(&play);
    solo_do("2026-10-14 09:00", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("fire"), .category = GP_SPAN("f2")});
    play_expect(&play, "10-14 09:00 vacant: qian(D1)\n"
                       "10-14 09:00 reassigned -> F-XF due 10-14 11:00\n"
                       "10-14 09:00 dispatch: shen(F) zhang(B)\n");
    assert_true(gp_span_is(play.incident.row.code, "f2"));
    solo_do("2026-10-14 09:30", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("there"), .grid = GP_SPAN(TOWN_GRID_STREETLESS)});
    assert_int_equal(play.incident.area.padded, UINT64_C(340705402001001));
    assert_int_equal(play.incident.community.padded, UINT64_C(340705402000000));
    assert_true(gp_span_is(play.incident.owner, "A-xiaofang-340705402"));
    solo_refused("2026-10-14 09:40", "zheng", GP_VERB_CORRECT,
                 (struct gp_command){.text = GP_SPAN("x"), .grid = GP_SPAN("111111111111111")},
                 GP_REASON_NOT_ALLOWED); /* it lies in another street now */
    solo_refused("2026-10-14 09:40", "kong", GP_VERB_CORRECT,
                 (struct gp_command){.text = GP_SPAN("x"), .grid = GP_SPAN("111111111111111")},
                 GP_REASON_UNKNOWN_AREA);
}

/* The limit of the right category has fewer stages than have begun: it counts from its first. */
static void corrected_in_a_later_stage(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "s24");
    solo_do("2026-10-14 08:10", "li", GP_VERB_STAGE, NOTHING);
    assert_int_equal(play.incident.plan.current, 1);
    play_skip(&play);
    solo_do("2026-10-14 09:00", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("no stages"), .category = GP_SPAN("n2")});
    play_expect(&play, "10-14 09:00 reassigned -> A-shizheng-340705006001 due 10-14 11:00\n"
                       "10-14 09:00 dispatch: li(A) zhang(B)\n");
    assert_int_equal(play.incident.plan.current, 0);
    assert_int_equal(play.incident.plan.stage_count, 1);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 11:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_CARD), "10-19 14:10"); /* of the due before */
    assert_string_equal(play_when(&play, 1, GP_STEP_RED), "none");
}

/* What the overall clock has brought stays, also where the ladder in between has no such rung. */
static void corrected_there_and_back(void **state)
{
    (void)state;
    solo_report("2026-10-12 08:00", "n4");
    play_until(&play, "2026-10-13 18:00");
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "fired");
    solo_do("2026-10-13 18:10", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("missing"), .category = GP_SPAN("u2")});
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "fired");
    solo_do("2026-10-13 18:20", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("broken"), .category = GP_SPAN("n4")});
    assert_string_equal(play_when(&play, 0, GP_STEP_ORANGE), "fired");
}

static void corrected_before_it_is_filed(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "m4");
    solo_do("2026-10-14 09:00", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("n8")});
    assert_int_equal(play.incident.state, GP_STATE_REPORTED);
    solo_do("2026-10-14 09:10", "zheng", GP_VERB_FILE, NOTHING);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-15 09:10");
}

/* ---------------------------------------------------------------- notices */

static void delivered(void **state)
{
    struct gp_command notice = {
        .ref_seq = 4, .person = GP_SPAN("zhang"), .delivery = GP_DELIVERY_SENT};

    (void)state;
    solo_report("2026-10-14 08:00", "n4"); /* entry 4 tells li and zhang */
    uint32_t version = play.incident.version;
    solo_do("2026-10-14 08:01", "feng", GP_VERB_DELIVER, notice);
    const struct gp_entry *entry = play_last(&play, GP_WHAT_DELIVERED, 0);
    assert_int_equal(entry->ref_seq[0], 4);
    assert_true(gp_span_is(entry->subject, "zhang"));
    assert_true(gp_span_is(entry->text, "delivered"));
    assert_int_equal(play.incident.version, version);
    notice.delivery = GP_DELIVERY_READ;
    solo_refused("2026-10-14 08:02", "feng", GP_VERB_DELIVER, notice, GP_REASON_NOT_ALLOWED);
    solo_do("2026-10-14 08:02", "zhang", GP_VERB_DELIVER, notice);
    notice.person = (struct gp_span){0}; /* who reads it need not say for whom */
    solo_do("2026-10-14 08:02", "li", GP_VERB_DELIVER, notice);
    assert_true(gp_span_is(play_last(&play, GP_WHAT_DELIVERED, 0)->subject, "li"));
    notice.person = GP_SPAN("zhang");
    notice.ref_seq = 3;
    solo_refused("2026-10-14 08:03", "zhang", GP_VERB_DELIVER, notice, GP_REASON_NOT_TOLD);
    notice.delivery = GP_DELIVERY_NONE;
    solo_refused("2026-10-14 08:03", "zhang", GP_VERB_DELIVER, notice, GP_REASON_NO_RESULT);
}

/* ---------------------------------------------------------------- on the spot */

static int on_spot(const char *by, bool informed)
{
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .grid = GP_SPAN(TOWN_GRID),
                                 .category = GP_SPAN("i4"),
                                 .on_spot = true,
                                 .informed = informed};
    return play_command(&play, "2026-10-14 08:00", by, &command);
}

static void done_on_the_spot(void **state)
{
    (void)state;
    assert_int_equal(on_spot("zhang", true), GP_REASON_NOT_ON_SPOT); /* not this category */
    town_row(&town, "i4")->on_spot = true;
    assert_int_equal(on_spot("chen", true), GP_REASON_NOT_ON_SPOT); /* not the grid's officer */
    solo_must(on_spot("zhang", true));
    assert_int_equal(play.incident.state, GP_STATE_CLOSED);
    play_expect(&play, "10-14 08:00 reported\n"
                       "10-14 08:00 filed\n"
                       "10-14 08:00 finished -> B-340705006001002\n"
                       "10-14 08:00 verified\n"
                       "10-14 08:00 informed\n"
                       "10-14 08:00 closed\n");
}

static void residents_must_know(void **state)
{
    (void)state;
    town_row(&town, "i4")->on_spot = true;
    solo_must(on_spot("zhang", false));
    assert_int_equal(play.incident.state, GP_STATE_VERIFIED);
}

static void the_tenth_is_drawn(void **state)
{
    (void)state;
    town_row(&town, "i4")->on_spot = true;
    play.on_spot_before = 9;
    solo_must(on_spot("zhang", true));
    assert_int_equal(play.incident.state, GP_STATE_FINISHED);
    assert_true(play.incident.side.drawn);
    assert_string_equal(play_when(&play, 0, GP_STEP_VERIFY_LATE), "10-14 12:00");
    solo_refused("2026-10-14 09:00", "zhang", GP_VERB_VERIFY, NOTHING, GP_REASON_OWN_WORK);
    solo_do("2026-10-14 09:00", "zheng", GP_VERB_VERIFY,
            (struct gp_command){.result = GP_RESULT_NO});
    assert_int_equal(play.incident.state, GP_STATE_REWORK);
}

/* R21: as many as close in one transaction. */
static void one_main_report_has_so_many_followers(void **state)
{
    static struct gp_incident main_incident = {.id = 3, .state = GP_STATE_ACCEPTED};

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    play.other = &main_incident;
    play.linked = GP_LINKED_MAX;
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING, GP_REASON_TOO_MANY);
    play.linked = GP_LINKED_MAX - 1; /* there is room; but what is followed itself follows none */
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING, GP_REASON_LINKED);
    solo_says("follow it");
}

static void reassigned_to_a_post_that_is_not_there(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    solo_refused("2026-10-14 08:10", "zheng", GP_VERB_REASSIGN,
                 (struct gp_command){.text = GP_SPAN("x"), .post = GP_SPAN("K-XX")},
                 GP_REASON_UNKNOWN_POST);
    solo_says("K-XX");
}

/* The category stays where only its condition was wrong; the other row's limit takes over, from its
 * first stage. */
static void the_condition_alone_is_corrected(void **state)
{
    struct gp_command report = {.verb = GP_VERB_REPORT,
                                .grid = GP_SPAN(TOWN_GRID),
                                .category = GP_SPAN("c"),
                                .condition = GP_SPAN("broken")};

    (void)state;
    assert_int_equal(gp_limit_parse(GP_SPAN("4wh+4wh"), &town.rows[0].limit), 0);
    assert_int_equal(gp_limit_parse(GP_SPAN("2uh+4wh"), &town.rows[1].limit), 0);
    solo_must(play_command(&play, "2026-10-14 08:00", "zhang", &report));
    solo_do("2026-10-14 08:10", "li", GP_VERB_STAGE, NOTHING);
    assert_string_equal(play_when(&play, 1, GP_STEP_RED), "10-14 14:10");
    solo_do("2026-10-14 08:30", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("gone"), .condition = GP_SPAN("missing")});
    assert_true(gp_span_is(play.incident.row.code, "c"));
    assert_true(gp_span_is(play.incident.row.condition, "missing"));
    assert_int_equal(play.incident.plan.current, 0);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 10:30");
}

/* A newer version of the same row without the stage that runs: its first stage takes over. */
static void corrected_to_a_version_without_the_stage(void **state)
{
    (void)state;
    solo_report("2026-10-14 08:00", "s24");
    solo_do("2026-10-14 08:10", "li", GP_VERB_STAGE, NOTHING);
    town_version(&town, "s24", "2026-10-14 08:30", "2uh");
    solo_do("2026-10-14 09:00", "zheng", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("as it is now"), .category = GP_SPAN("s24")});
    assert_int_equal(play.incident.plan.current, 0);
    assert_int_equal(play.incident.plan.stage_count, 1);
    assert_string_equal(play_when(&play, 0, GP_STEP_RED), "10-14 11:00");
}

static void corrected_to_where_nobody_owns(void **state)
{
    static const char *const kinds[] = {
        "A-gongyong-340705006001", "F-GS",          "H-GS", "H2-GS", "K-GS", "D1-340705006001",
        "D2-340705006001",         "R-340705006001"};

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        town_drop_post(&town, kinds[i]);
    town_drop_post(&town, "SK-340705006");
    town_drop_post(&town, "SK-340705");
    town_hold(&town, "S2-340705006", "zhou", TOWN_ALWAYS);
    solo_do("2026-10-14 08:10", "zhou", GP_VERB_CORRECT,
            (struct gp_command){.text = GP_SPAN("x"), .category = GP_SPAN("u1")});
    assert_true(gp_span_is(play.incident.owner, "S1-340705006")); /* the last who may */
}

/* R13: the checker of what is urgent has half an hour, also where nobody owned it before. */
static void the_tenth_of_what_is_urgent(void **state)
{
    struct gp_command command = {.verb = GP_VERB_REPORT,
                                 .grid = GP_SPAN(TOWN_GRID),
                                 .category = GP_SPAN("u2"),
                                 .on_spot = true};

    (void)state;
    town_row(&town, "u2")->on_spot = true;
    play.on_spot_before = 9;
    solo_must(play_command(&play, "2026-10-14 08:00", "zhang", &command));
    assert_string_equal(play_when(&play, 0, GP_STEP_VERIFY_LATE), "10-14 08:30");
}

/* Where residents must know, a private matter is closed without. */
static void on_the_spot_in_private(void **state)
{
    (void)state;
    town_row(&town, "i4")->on_spot = true;
    town_row(&town, "i4")->is_private = true;
    solo_must(on_spot("zhang", false));
    assert_int_equal(play.incident.state, GP_STATE_CLOSED);
}

static void on_the_spot_where_nobody_need_know(void **state)
{
    (void)state;
    town_row(&town, "i4")->on_spot = true;
    town_row(&town, "i4")->informed = false;
    solo_must(on_spot("zhang", false));
    assert_int_equal(play.incident.state, GP_STATE_CLOSED);
}

static void the_dispatcher_unlinks(void **state)
{
    static struct gp_incident main_incident = {.id = 3, .state = GP_STATE_ACCEPTED};

    (void)state;
    solo_report("2026-10-14 08:00", "n4");
    play.other = &main_incident;
    solo_do("2026-10-14 08:10", "zheng", GP_VERB_LINK, NOTHING);
    solo_refused("2026-10-14 08:20", "li", GP_VERB_UNLINK, NOTHING, GP_REASON_NOT_ALLOWED);
    assert_int_equal(play.incident.side.main, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(voided, solo_begin),
        cmocka_unit_test_setup(likely_duplicates, solo_begin),
        cmocka_unit_test_setup(what_is_no_duplicate, solo_begin),
        cmocka_unit_test_setup(linked_and_unlinked, solo_begin),
        cmocka_unit_test_setup(closes_with_the_main_one, solo_begin),
        cmocka_unit_test_setup(reassigned, solo_begin),
        cmocka_unit_test_setup(corrected, solo_begin),
        cmocka_unit_test_setup(corrected_in_a_later_stage, solo_begin),
        cmocka_unit_test_setup(corrected_there_and_back, solo_begin),
        cmocka_unit_test_setup(corrected_before_it_is_filed, solo_begin),
        cmocka_unit_test_setup(delivered, solo_begin),
        cmocka_unit_test_setup(done_on_the_spot, solo_begin),
        cmocka_unit_test_setup(residents_must_know, solo_begin),
        cmocka_unit_test_setup(the_tenth_is_drawn, solo_begin),
        cmocka_unit_test_setup(one_main_report_has_so_many_followers, solo_begin),
        cmocka_unit_test_setup(reassigned_to_a_post_that_is_not_there, solo_begin),
        cmocka_unit_test_setup(the_condition_alone_is_corrected, solo_begin),
        cmocka_unit_test_setup(corrected_to_a_version_without_the_stage, solo_begin),
        cmocka_unit_test_setup(corrected_to_where_nobody_owns, solo_begin),
        cmocka_unit_test_setup(the_tenth_of_what_is_urgent, solo_begin),
        cmocka_unit_test_setup(on_the_spot_in_private, solo_begin),
        cmocka_unit_test_setup(on_the_spot_where_nobody_need_know, solo_begin),
        cmocka_unit_test_setup(the_dispatcher_unlinks, solo_begin),
    };
    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
