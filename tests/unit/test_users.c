/* Which role counts when a bridge speaks for one of its users, and for somebody who is none. */
#include "core/permit.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define NOON "2026-06-01 11:00" /* a Monday on which nobody is on duty */

/* Of the bridge of `cao`, but for one of `yan`'s; by person and via. */
static struct gp_user users[3];

static uint32_t person(const char *id)
{
    return gp_org_person(&town.org, gp_span_of(id));
}

static int by_person(const void *a, const void *b)
{
    const struct gp_user *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return x->via < y->via ? -1 : 1;
}

static int begin(void **state)
{
    int rc = solo_begin(state);

    users[0] =
        (struct gp_user){.person = person("li"), .via = person("cao"), .role = GP_ROLE_OFFICER};
    users[1] =
        (struct gp_user){.person = person("li"), .via = person("yan"), .role = GP_ROLE_ADMIN};
    users[2] = (struct gp_user){
        .person = person("zheng"), .via = person("cao"), .role = GP_ROLE_DISPATCHER};
    qsort(users, 3, sizeof users[0], by_person);
    town.org.users = users;
    town.org.user_count = 3;
    return rc;
}

static int role(int device_role, const char *owner, const char *speaks)
{
    return gp_role_speaking(&town.org, (uint8_t)device_role, gp_span_of(owner), person(speaks));
}

static void a_row_of_person_and_bridge_says_the_role(void **state)
{
    (void)state;
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "li"), GP_ROLE_OFFICER);
    assert_int_equal(role(GP_ROLE_BRIDGE, "yan", "li"), GP_ROLE_ADMIN);
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "zheng"), GP_ROLE_DISPATCHER);
}

/* Who has stolen its key speaks for its users and for nobody else. */
static void a_bridge_with_users_speaks_for_no_others(void **state)
{
    (void)state;
    assert_int_equal(role(GP_ROLE_BRIDGE, "yan", "zheng"), GP_ROLE_NOBODY);
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "wang"), GP_ROLE_NOBODY);
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "cao"), GP_ROLE_BRIDGE);      /* for itself */
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "stranger"), GP_ROLE_BRIDGE); /* in no file */
}

/* A hotline, say. */
static void a_bridge_without_users_speaks_for_everybody(void **state)
{
    (void)state;
    assert_int_equal(role(GP_ROLE_BRIDGE, "li", "cao"), GP_ROLE_BRIDGE);
    assert_int_equal(role(GP_ROLE_BRIDGE, "stranger", "li"), GP_ROLE_BRIDGE);
    town.org.user_count = 0;
    assert_int_equal(role(GP_ROLE_BRIDGE, "cao", "li"), GP_ROLE_BRIDGE);
}

/* The file is about bridges: a handset is what it was enrolled as. */
static void other_devices_keep_theirs(void **state)
{
    (void)state;
    for (int of = GP_ROLE_LOCAL; of < GP_ROLES_END; of++)
        assert_int_equal(role(of, "cao", "li"), of == GP_ROLE_BRIDGE ? GP_ROLE_OFFICER : of);
}

/* ---------------------------------------------------------------- in decide */

static struct gp_decision decision;

static int decide(const char *actor, struct gp_scene scene, struct gp_command command)
{
    const struct gp_device bridge = {
        .id = 3, .person = GP_SPAN("cao"), .role = GP_ROLE_BRIDGE, .state = GP_DEVICE_ACTIVE};

    scene.org = &town.org;
    scene.now_ms = town_at(NOON);
    scene.speaker = &bridge;
    scene.new_id = 9;
    scene.new_device_id = 4;
    command.actor = gp_span_of(actor);
    command.by_device = 3;
    gp_decide(&scene, &command, &decision);
    return decision.reason;
}

/* Neither does the bridge's own right help, nor is it needed. */
static void the_bridges_rights_are_no_matter(void **state)
{
    const struct gp_scene with = {.incident = &play.incident};
    const struct gp_command note = {.verb = GP_VERB_NOTE, .incident = 7, .text = GP_SPAN("seen")};

    (void)state;
    solo_report("2026-06-01 10:00", "n4");
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_BRIDGE, GP_VERB_NOTE, GP_REACH_ALL);
    assert_int_equal(decide("cao", with, note), GP_REASON_NOT_ALLOWED); /* the right it has */
    assert_int_equal(decide("wang", with, note), GP_REASON_NO_RIGHT);
    assert_string_equal(decision.detail, "wang is no user of this bridge");
    assert_int_equal(decide("li", with, note), GP_REASON_NO_RIGHT);
    assert_string_equal(decision.detail, "role officer: note is none of its rights");
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_NOTE, GP_REACH_OWN);
    assert_int_equal(decide("li", with, note), 0);
    assert_int_equal(decision.entry[0].by_device, 3);
    assert_true(gp_span_is(decision.entry[0].actor, "li"));
    assert_int_equal(decide("zheng", with, note), GP_REASON_NO_RIGHT);
    assert_int_equal(decide("cao", with, note), GP_REASON_NO_RIGHT);
    assert_string_equal(decision.detail, "role bridge: note is none of its rights");
}

/* How far it reaches is measured by the user's posts, and `self` is the user. */
static void scopes_are_measured_by_the_user(void **state)
{
    const struct gp_scene nothing = {0};
    struct gp_command report = {
        .verb = GP_VERB_REPORT, .grid = GP_SPAN(TOWN_GRID_SAME_AB), .category = GP_SPAN("n4")};
    struct gp_speaker li = {.org = &town.org,
                            .person = person("li"),
                            .role = (uint8_t)role(GP_ROLE_BRIDGE, "cao", "li"),
                            .now_ms = town_at(NOON)};

    (void)state;
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_REPORT, GP_REACH_OWN);
    town_grant(&town, GP_ROLE_OFFICER, GP_ACTION_DEVICES, GP_REACH_SELF);
    assert_int_equal(decide("li", nothing, report), 0);
    report.grid = GP_SPAN(TOWN_GRID_STREETLESS);
    assert_int_equal(decide("li", nothing, report), GP_REASON_NO_RIGHT);
    assert_true(gp_permit_devices(&li, GP_SPAN("li")));
    assert_false(gp_permit_devices(&li, GP_SPAN("cao")));
    assert_false(gp_permit_devices(&li, GP_SPAN("")));
}

/* Who may let devices in may do it from a browser, and the record says who it was. */
static void an_admin_among_them_invites(void **state)
{
    const struct gp_scene nothing = {0};
    const struct gp_command invite = {
        .verb = GP_VERB_INVITE, .person = GP_SPAN("wang"), .role = GP_ROLE_OFFICER};

    (void)state;
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_ADMIN, GP_VERB_INVITE, GP_REACH_ALL);
    assert_int_equal(decide("li", nothing, invite), GP_REASON_NO_RIGHT);
    for (size_t i = 0; i < 3; i++) {
        if (users[i].person == person("zheng"))
            users[i].role = GP_ROLE_ADMIN;
    }
    assert_int_equal(decide("zheng", nothing, invite), 0);
    assert_int_equal(decision.entry[0].by_device, 3);
    assert_true(gp_span_is(decision.entry[0].device.invited_by, "zheng"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, begin)
        T(a_row_of_person_and_bridge_says_the_role),
        T(a_bridge_with_users_speaks_for_no_others),
        T(a_bridge_without_users_speaks_for_everybody),
        T(other_devices_keep_theirs),
        T(the_bridges_rights_are_no_matter),
        T(scopes_are_measured_by_the_user),
        T(an_admin_among_them_invites),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
