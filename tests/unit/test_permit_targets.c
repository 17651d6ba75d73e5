/* What a sealed command is about, where that is not its incident's place alone. */
#include "core/permit.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_decision decision;

/* Officers have one right alone: this action within one scope. */
static void only(int action, int reach)
{
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_OFFICER, action, reach);
}

static int decide(const char *person, struct gp_command command)
{
    const struct gp_device device = {
        .id = 3, .person = gp_span_of(person), .role = GP_ROLE_OFFICER, .state = GP_DEVICE_ACTIVE};
    const struct gp_scene scene = {.org = &town.org,
                                   .now_ms = town_at("2026-06-01 11:00"),
                                   .incident = play.reported ? &play.incident : NULL,
                                   .new_tenure_id = 3,
                                   .speaker = &device,
                                   .recall = &play.recall};

    command.actor = gp_span_of(person);
    command.by_device = 3;
    gp_decide(&scene, &command, &decision);
    return decision.reason;
}

/* A notice and an appeal are their person's: who names nobody speaks of oneself. */
static void notices_are_of_who_was_told(void **state)
{
    struct gp_command read = {
        .verb = GP_VERB_DELIVER, .incident = 7, .ref_seq = 4, .delivery = GP_DELIVERY_SENT};

    (void)state;
    solo_report("2026-06-01 10:00", "n4"); /* entry 4 tells li and zhang */
    only(GP_VERB_DELIVER, GP_REACH_SELF);
    assert_int_equal(decide("li", read), 0);
    read.person = GP_SPAN("zhang");
    assert_int_equal(decide("li", read), GP_REASON_NO_RIGHT);
    assert_int_equal(decide("zhang", read), 0);
}

/* A desk's post is its department's to fill. */
static void posts_are_of_their_department(void **state)
{
    struct gp_command hold = {
        .verb = GP_VERB_HOLD, .post = GP_SPAN("K-SZ"), .person = GP_SPAN("li")};

    (void)state;
    only(GP_VERB_HOLD, GP_REACH_DEPARTMENT);
    assert_int_equal(decide("jiang", hold), 0);
    hold.post = GP_SPAN("K-XF");
    assert_int_equal(decide("jiang", hold), GP_REASON_NO_RIGHT);
}

/* A post that is not there lies nowhere: whoever fills posts everywhere is told so. */
static void a_post_to_fill_that_is_not_there(void **state)
{
    const struct gp_command hold = {
        .verb = GP_VERB_HOLD, .post = GP_SPAN("K-XX"), .person = GP_SPAN("li")};

    (void)state;
    only(GP_VERB_HOLD, GP_REACH_STREET);
    assert_int_equal(decide("zhou", hold), GP_REASON_NO_RIGHT);
    only(GP_VERB_HOLD, GP_REACH_ALL);
    assert_int_equal(decide("zhou", hold), GP_REASON_UNKNOWN_POST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(notices_are_of_who_was_told, solo_begin),
        cmocka_unit_test_setup(posts_are_of_their_department, solo_begin),
        cmocka_unit_test_setup(a_post_to_fill_that_is_not_there, solo_begin),
    };
    return cmocka_run_group_tests_name("permit targets", tests, NULL, NULL);
}
