/*
 * Every role × action × area × state, in the sample city with the sample's table of rights, for
 * 22 people of all kinds of posts: what decide says to a sealed command is what the prose
 * expects (expect.h) where that says no, and what the same person would be told without the seal
 * where it says yes. It is the same by a device of that role and as a bridge's user in it.
 */
#include "core/permit.h"
#include "permit/cast.h"
#include "permit/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define BRIDGE       "web" /* under whom the sample's bridge is enrolled */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct gp_decision plain, sealed;
static unsigned long tried;
static unsigned allowed[GP_ACTIONS_END];
static unsigned right_wrong_post[GP_ACTIONS_END]; /* the table says yes, the rules say no */

/* ---------------------------------------------------------------- commands */

static void seal(struct gp_scene *scene, struct gp_command *command, const char *person,
                 enum gp_role role)
{
    static struct gp_device device;

    device = (struct gp_device){
        .id = 3, .person = gp_span_of(person), .role = (uint8_t)role, .state = GP_DEVICE_ACTIVE};
    scene->speaker = &device;
    command->by_device = device.id;
}

/* The same command through a bridge that has the person among its users, in that role. */
static void seal_as_user(struct gp_scene *scene, struct gp_command *command, const char *person,
                         enum gp_role role)
{
    static struct gp_org org;
    static struct gp_user user;

    seal(scene, command, BRIDGE, GP_ROLE_BRIDGE);
    org = *scene->org;
    user = (struct gp_user){.person = gp_org_person(&org, gp_span_of(person)),
                            .via = gp_org_person(&org, GP_SPAN(BRIDGE)),
                            .role = (uint8_t)role};
    assert_int_not_equal(user.via, GP_NONE);
    org.users = &user;
    org.user_count = 1;
    scene->org = &org;
}

/* The entries of both decisions say the same. */
static bool same_outcome(void)
{
    if (plain.reason != sealed.reason || plain.entry_count != sealed.entry_count ||
        strcmp(plain.detail, sealed.detail) != 0)
        return false;
    for (uint8_t i = 0; i < plain.entry_count; i++) {
        if (plain.entry[i].what != sealed.entry[i].what ||
            plain.entry[i].state != sealed.entry[i].state ||
            !gp_span_equal(plain.entry[i].actor_post, sealed.entry[i].actor_post))
            return false;
    }
    return true;
}

static void try_sealed(const struct gp_scene *scene, const struct gp_command *command,
                       const char *person, enum gp_role role, bool expected)
{
    gp_decide(scene, command, &sealed);
    tried++;
    if (expected ? !same_outcome() : sealed.reason != GP_REASON_NO_RIGHT)
        fail_msg("%s as %s, %s by the device of %.*s: expected %s, got %s (%s); unsealed %s",
                 person, gp_role_name(role), gp_verb_name(command->verb),
                 GP_SPAN_ARG(scene->speaker->person), expected ? "the right" : "no right",
                 gp_reason_word(sealed.reason), sealed.detail, gp_reason_word(plain.reason));
}

static void try_role(struct gp_scene scene, struct gp_command command, const char *person,
                     enum gp_role role, bool expected)
{
    seal(&scene, &command, person, role);
    try_sealed(&scene, &command, person, role, expected);
    if (role != GP_ROLE_BRIDGE) {
        seal_as_user(&scene, &command, person, role);
        try_sealed(&scene, &command, person, role, expected);
    }
    if (expected)
        (plain.reason == GP_REASON_NONE ? allowed : right_wrong_post)[command.verb]++;
}

/* One command of one person: without a seal, and sealed in every role. */
static void try_command(const struct gp_scene *scene, struct gp_command command, const char *person,
                        const struct expect_about *about)
{
    command.actor = gp_span_of(person);
    gp_decide(scene, &command, &plain);
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++)
        try_role(*scene, command, person, (enum gp_role)role,
                 expect_right(gp_role_name(role), gp_verb_name(command.verb), person, about));
}

static void try_verb(const struct gp_incident *incident, const char *grid, enum gp_verb verb)
{
    const struct gp_scene scene = life_scene(verb, incident);
    struct cast_incident seen;

    cast_incident(incident, grid, &seen);
    for (size_t i = 0; i < CAST_PEOPLE; i++) {
        seen.about.person =
            verb == GP_VERB_APPEAL || verb == GP_VERB_DELIVER ? cast_people[i] : NULL;
        try_command(&scene, life_command(verb, grid), cast_people[i], &seen.about);
    }
}

static bool about_an_incident(int verb)
{
    return verb != GP_VERB_REPORT && !gp_verb_about_people(verb) && !gp_verb_about_devices(verb);
}

static void incidents_in_every_state(void **state)
{
    static struct gp_incident incident;

    (void)state;
    for (size_t i = 0; i < CAST_GRIDS; i++) {
        for (int at = GP_STATE_REPORTED; at <= GP_STATE_REOPENED; at++) {
            incident = *life_in(cast_grids[i], (enum gp_state)at);
            for (int verb = GP_VERB_REPORT; verb <= GP_VERB_ENROL; verb++) {
                if (about_an_incident(verb))
                    try_verb(&incident, cast_grids[i], (enum gp_verb)verb);
            }
        }
    }
}

static void reports(void **state)
{
    const struct gp_scene scene = life_scene(GP_VERB_REPORT, NULL);

    (void)state;
    for (size_t i = 0; i < CAST_GRIDS; i++) {
        for (size_t j = 0; j < CAST_PEOPLE; j++) {
            const struct expect_about about = {.place = cast_grids[i]};
            try_command(&scene, life_command(GP_VERB_REPORT, cast_grids[i]), cast_people[j],
                        &about);
        }
    }
}

/* ---------------------------------------------------------------- people and devices */

static void try_people(enum gp_verb verb, const struct subject *subject, const char *person)
{
    const struct gp_leave_record leave = {
        .id = 9,
        .person = gp_span_of(subject->person),
        .from_ms = town_at("2026-06-10 00:00"),
        .to_ms = town_at("2026-06-12 00:00"),
        .state = GP_LEAVE_REQUESTED,
    };
    struct expect_about about = {
        .place = subject->place, .department = subject->department, .person = subject->person};
    struct gp_scene scene = life_scene(verb, NULL);
    struct gp_command command = life_command(verb, "");

    scene.leave = &leave;
    command.leave = 9;
    command.person = gp_span_of(subject->person);
    if (verb == GP_VERB_HOLD) {
        command.post = gp_span_of(subject->post);
        about.place = subject->post_place;
        about.person = NULL;
    }
    try_command(&scene, command, person, &about);
}

static void people_everywhere(void **state)
{
    (void)state;
    for (int verb = GP_VERB_LEAVE; verb <= GP_VERB_HOLD; verb++) {
        for (size_t i = 0; i < CAST_SUBJECTS; i++) {
            for (size_t j = 0; j < CAST_PEOPLE; j++)
                try_people((enum gp_verb)verb, &cast_subjects[i], cast_people[j]);
        }
    }
}

/* A device in the state that the verb needs, whose six digits are 7. */
static struct gp_device device_for(enum gp_verb verb, const struct subject *subject)
{
    return (struct gp_device){
        .id = 8,
        .person = gp_span_of(subject->person),
        .role = GP_ROLE_OFFICER,
        .state = verb == GP_VERB_REVOKE ? GP_DEVICE_ACTIVE : GP_DEVICE_PENDING,
        .key = {1},
        .digits = 7,
        .joined_ms = town_at(LIFE_REPORTED_AT),
        .expires_ms = town_at("2026-06-01 12:00"),
    };
}

static void try_device(enum gp_verb verb, const struct subject *subject, const char *person)
{
    const struct gp_device device = device_for(verb, subject);
    const struct expect_about about = {
        .place = subject->place, .department = subject->department, .person = subject->person};
    struct gp_scene scene = life_scene(verb, NULL);
    struct gp_command command = life_command(verb, "");

    scene.device = verb == GP_VERB_CONFIRM || verb == GP_VERB_REVOKE ? &device : NULL;
    command.device_id = 8;
    command.digits = 7;
    command.role = GP_ROLE_OFFICER;
    command.person = gp_span_of(subject->person);
    try_command(&scene, command, person,
                verb == GP_VERB_ROTATE ? &(const struct expect_about){0} : &about);
}

static void devices_of_everybody(void **state)
{
    static const enum gp_verb verbs[] = {GP_VERB_INVITE, GP_VERB_CONFIRM, GP_VERB_REVOKE,
                                         GP_VERB_ROTATE};

    (void)state;
    for (size_t i = 0; i < COUNT(verbs); i++) {
        for (size_t j = 0; j < CAST_SUBJECTS; j++) {
            for (size_t k = 0; k < CAST_PEOPLE; k++)
                try_device(verbs[i], &cast_subjects[j], cast_people[k]);
        }
    }
}

/* Behind all of the above: each verb was let through somewhere, and what posts may do was not all
 * that the table lets through. */
static void nothing_was_left_out(void **state)
{
    (void)state;
    for (int verb = GP_VERB_REPORT; verb < GP_VERB_ENROL; verb++) {
        if (verb == GP_VERB_JOIN)
            continue;
        if (allowed[verb] == 0)
            print_error("nobody could %s\n", gp_verb_name(verb));
        assert_int_not_equal(allowed[verb], 0);
    }
    assert_int_not_equal(right_wrong_post[GP_VERB_ACCEPT], 0);
    assert_int_not_equal(right_wrong_post[GP_VERB_VERIFY], 0);
    assert_int_not_equal(right_wrong_post[GP_VERB_ERASE], 0);
    print_message("%lu sealed commands\n", tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(incidents_in_every_state), cmocka_unit_test(reports),
        cmocka_unit_test(people_everywhere),        cmocka_unit_test(devices_of_everybody),
        cmocka_unit_test(nothing_was_left_out),
    };
    return cmocka_run_group_tests(tests, cast_begin, cast_end);
}
