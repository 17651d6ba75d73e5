/* The rules of devices: from an invitation to work and to the end, and who may speak through one.
 */
#include "lib/town.h"

#include "base/clocktext.h"
#include "core/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define NOW "2026-06-15 09:00"

static const unsigned char key_of_li[GP_DEVICE_KEY_BYTES] = {1, 2, [31] = 3};

static struct town town;
static struct gp_decision decision;
static struct gp_device record; /* as the store would have it; id 0: none */
static struct gp_device speaker;
static int64_t now_ms;

/* What the store would say. */
static unsigned devices_of_person;
static bool another_admin;
static uint64_t owner_of_key;

static unsigned count_devices(void *context, struct gp_span person, int64_t at_ms)
{
    (void)context;
    assert_true(gp_span_is(person, "li"));
    assert_int_equal(at_ms, now_ms);
    return devices_of_person;
}

static bool find_admin(void *context, uint64_t device_id)
{
    (void)context;
    assert_int_equal(device_id, record.id);
    return another_admin;
}

static uint64_t find_key(void *context, const unsigned char *key)
{
    (void)context;
    assert_memory_equal(key, key_of_li, sizeof key_of_li);
    return owner_of_key;
}

static const struct gp_recall recall = {
    .devices = count_devices, .other_admin = find_admin, .key_known = find_key};

static int begin(void **state)
{
    (void)state;
    town_build(&town);
    record = (struct gp_device){0};
    devices_of_person = 0;
    another_admin = true;
    owner_of_key = 0;
    now_ms = town_at(NOW);
    return 0;
}

static int decide(const struct gp_command *command, const struct gp_device *by)
{
    struct gp_device before = record;
    const struct gp_scene scene = {
        .org = &town.org,
        .now_ms = now_ms,
        .new_id = 5,
        .new_device_id = 7,
        .speaker = by,
        .device = before.id != 0 ? &before : NULL,
        .recall = &recall,
    };

    gp_decide(&scene, command, &decision);
    assert_int_equal(decision.reason == GP_REASON_NONE, decision.entry_count > 0);
    if (decision.entry_count > 0 && decision.entry[0].device.id != 0)
        record = decision.entry[0].device;
    return decision.reason;
}

static struct gp_command order(enum gp_verb verb)
{
    return (struct gp_command){.verb = (uint8_t)verb, .actor = GP_SPAN("feng"), .device_id = 7};
}

static int invite(const char *person, enum gp_role role)
{
    struct gp_command command = order(GP_VERB_INVITE);

    command.person = gp_span_of(person);
    command.role = (uint8_t)role;
    return decide(&command, NULL);
}

static int join(uint32_t digits)
{
    struct gp_command command = order(GP_VERB_JOIN);

    command.actor = GP_SPAN("li");
    command.digits = digits;
    command.text = GP_SPAN("handset 7");
    memcpy(command.key, key_of_li, sizeof command.key);
    return decide(&command, NULL);
}

static int confirm(uint32_t digits)
{
    struct gp_command command = order(GP_VERB_CONFIRM);

    command.digits = digits;
    return decide(&command, NULL);
}

static int revoke(const char *why)
{
    struct gp_command command = order(GP_VERB_REVOKE);

    command.text = gp_span_of(why);
    return decide(&command, NULL);
}

static int rotate(enum gp_result result)
{
    struct gp_command command = order(GP_VERB_ROTATE);

    command.result = (uint8_t)result;
    return decide(&command, NULL);
}

static int enrol(const char *person)
{
    struct gp_command command = {.verb = GP_VERB_ENROL,
                                 .person = gp_span_of(person),
                                 .role = GP_ROLE_ADMIN,
                                 .text = GP_SPAN("desk")};

    memcpy(command.key, key_of_li, sizeof command.key);
    return decide(&command, NULL);
}

static void make_active(enum gp_role role)
{
    assert_int_equal(invite("li", role), 0);
    assert_int_equal(join(123456), 0);
    assert_int_equal(confirm(123456), 0);
}

static void says(const char *text)
{
    char got[GP_TEXT_BYTES_MAX];

    (void)snprintf(got, sizeof got, "%.*s", GP_SPAN_ARG(decision.entry[0].text));
    assert_string_equal(got, text);
}

/* ---------------------------------------------------------------- from invitation to work */

static void an_invitation_is_of_a_person_and_a_role(void **state)
{
    (void)state;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(decision.entry_count, 1);
    assert_int_equal(decision.entry[0].what, GP_WHAT_DEVICE);
    assert_int_equal(decision.entry[0].incident, 0);
    assert_true(gp_span_is(decision.entry[0].actor, "feng"));
    assert_true(gp_span_is(decision.entry[0].subject, "li"));
    says("device 7 of li (officer): invited");
    assert_int_equal(record.id, 7);
    assert_int_equal(record.state, GP_DEVICE_INVITED);
    assert_int_equal(record.role, GP_ROLE_OFFICER);
    assert_true(gp_span_is(record.invited_by, "feng"));
    assert_int_equal(record.invited_ms, now_ms);
    assert_int_equal(record.expires_ms, now_ms + 15 * GP_MS_MINUTE);
    assert_false(gp_device_has_key(&record));
    assert_int_equal(invite("nobody", GP_ROLE_OFFICER), GP_REASON_UNKNOWN_PERSON);
}

static void a_person_has_eight_devices_at_the_most(void **state)
{
    (void)state;
    devices_of_person = GP_DEVICES_PERSON_MAX - 1;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    devices_of_person++;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), GP_REASON_TOO_MANY);
}

static void joining_gives_a_key_and_waits(void **state)
{
    (void)state;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    now_ms += GP_MS_MINUTE;
    assert_int_equal(join(42), 0);
    says("device 7 of li (officer): joined as handset 7");
    assert_false(decision.entry[0].personal);
    assert_true(gp_span_is(decision.entry[0].actor, "li"));
    assert_int_equal(record.state, GP_DEVICE_PENDING);
    assert_int_equal(record.joined_ms, now_ms);
    assert_int_equal(record.digits, 42);
    assert_true(gp_span_is(record.label, "handset 7"));
    assert_memory_equal(record.key, key_of_li, sizeof key_of_li);
}

static void an_invitation_is_used_once(void **state)
{
    (void)state;
    assert_int_equal(join(42), GP_REASON_UNKNOWN_DEVICE);
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(join(42), 0);
    assert_int_equal(join(42), GP_REASON_EXPIRED);
    assert_int_equal(confirm(42), 0);
    assert_int_equal(join(42), GP_REASON_EXPIRED);
    assert_int_equal(revoke(""), 0);
    assert_int_equal(join(42), GP_REASON_EXPIRED);
}

static void an_invitation_ends_after_fifteen_minutes(void **state)
{
    (void)state;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    now_ms = record.expires_ms;
    assert_int_equal(join(42), GP_REASON_EXPIRED);
    now_ms--;
    assert_int_equal(join(42), 0);
}

static void a_key_is_of_one_device_for_ever(void **state)
{
    (void)state;
    owner_of_key = 3;
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(join(42), GP_REASON_NOT_ALLOWED);
    assert_int_equal(record.state, GP_DEVICE_INVITED);
    assert_int_equal(enrol("li"), GP_REASON_NOT_ALLOWED);
}

static void the_digits_must_be_the_same(void **state)
{
    (void)state;
    assert_int_equal(confirm(42), GP_REASON_UNKNOWN_DEVICE);
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(confirm(0), GP_REASON_STATE); /* it has none yet */
    assert_int_equal(join(42), 0);
    assert_int_equal(confirm(43), GP_REASON_DIGITS);
    assert_int_equal(record.state, GP_DEVICE_PENDING);
    now_ms += GP_MS_DAY; /* joined in time: whoever confirms may take theirs */
    assert_int_equal(confirm(42), 0);
    says("device 7 of li (officer): confirmed");
    assert_int_equal(record.state, GP_DEVICE_ACTIVE);
    assert_int_equal(record.confirmed_ms, now_ms);
    assert_true(gp_span_is(record.confirmed_by, "feng"));
    assert_int_equal(confirm(42), GP_REASON_STATE);
}

/* ---------------------------------------------------------------- the end */

static void anything_but_revoked_is_revoked(void **state)
{
    (void)state;
    assert_int_equal(revoke(""), GP_REASON_UNKNOWN_DEVICE);
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(revoke(""), 0);
    assert_int_equal(record.state, GP_DEVICE_REVOKED);
    assert_int_equal(invite("li", GP_ROLE_OFFICER), 0);
    assert_int_equal(join(42), 0);
    assert_int_equal(revoke(""), 0);
    make_active(GP_ROLE_OFFICER);
    now_ms++;
    assert_int_equal(revoke(""), 0);
    says("device 7 of li (officer): revoked");
    assert_int_equal(record.revoked_ms, now_ms);
    assert_true(gp_span_is(record.revoked_by, "feng"));
    assert_memory_equal(record.key, key_of_li, sizeof key_of_li);
    assert_int_equal(revoke(""), GP_REASON_STATE);
}

static void why_it_is_revoked_is_personal(void **state)
{
    (void)state;
    make_active(GP_ROLE_OFFICER);
    assert_false(decision.entry[0].personal);
    assert_int_equal(revoke("lost on bus 12"), 0);
    says("device 7 of li (officer): revoked: lost on bus 12");
    assert_true(decision.entry[0].personal);
}

static void the_last_admin_goes_with_a_word_only(void **state)
{
    (void)state;
    make_active(GP_ROLE_ADMIN);
    another_admin = false;
    assert_int_equal(revoke(""), GP_REASON_NO_REASON);
    assert_int_equal(revoke("stolen"), 0);
    make_active(GP_ROLE_ADMIN);
    another_admin = true;
    assert_int_equal(revoke(""), 0);
    another_admin = false;
    assert_int_equal(invite("li", GP_ROLE_ADMIN), 0); /* none yet, so it is not the last */
    assert_int_equal(revoke(""), 0);
}

/* ---------------------------------------------------------------- by file, and the server's key */

static void a_file_enrols_at_once(void **state)
{
    (void)state;
    devices_of_person = GP_DEVICES_PERSON_MAX; /* who writes the file has counted */
    assert_int_equal(enrol("li"), 0);
    says("device 7 of li (admin): enrolled by file as desk");
    assert_false(decision.entry[0].personal);
    assert_int_equal(decision.entry[0].actor.len, 0);
    assert_int_equal(record.state, GP_DEVICE_ACTIVE);
    assert_int_equal(record.role, GP_ROLE_ADMIN);
    assert_int_equal(record.invited_ms, 0);
    assert_int_equal(record.confirmed_ms, now_ms);
    assert_memory_equal(record.key, key_of_li, sizeof key_of_li);
    assert_int_equal(enrol("nobody"), GP_REASON_UNKNOWN_PERSON);
}

static void changing_the_servers_key_is_journalled(void **state)
{
    (void)state;
    assert_int_equal(rotate(GP_RESULT_NONE), GP_REASON_NO_RESULT);
    assert_int_equal(rotate(GP_RESULT_YES), 0);
    says("server key: a new one counts beside the old");
    assert_int_equal(decision.entry[0].what, GP_WHAT_DEVICE);
    assert_int_equal(decision.entry[0].device.id, 0);
    assert_int_equal(rotate(GP_RESULT_NO), 0);
    says("server key: the old one ends");
}

static void a_key_that_cannot_be_changed_is_not(void **state)
{
    struct gp_command command = order(GP_VERB_ROTATE);

    (void)state;
    command.result = GP_RESULT_YES;
    command.obstacle = "the disk is read-only";
    assert_int_equal(decide(&command, NULL), GP_REASON_STATE);
    assert_string_equal(decision.detail, "the disk is read-only");
    assert_int_equal(decision.entry_count, 0);
}

static void only_what_is_about_devices_is(void **state)
{
    (void)state;
    assert_false(gp_verb_about_devices(GP_VERB_ERASE));
    assert_true(gp_verb_about_devices(GP_VERB_INVITE));
    assert_true(gp_verb_about_devices(GP_VERB_ENROL));
    assert_false(gp_verb_about_devices(GP_VERB_ENROL + 1));
}

/* ---------------------------------------------------------------- who speaks */

static int report_by(const char *actor, const struct gp_device *by)
{
    const struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .actor = gp_span_of(actor),
        .by_device = by != NULL ? by->id : 0,
        .grid = GP_SPAN("340705006001001"),
        .category = GP_SPAN("n8"),
    };
    return decide(&command, by);
}

static void set_speaker(enum gp_role role, enum gp_device_state state)
{
    speaker = (struct gp_device){
        .id = 9, .person = GP_SPAN("li"), .role = (uint8_t)role, .state = (uint8_t)state};
}

static void only_an_active_device_speaks(void **state)
{
    (void)state;
    for (int is = GP_DEVICE_NONE; is <= GP_DEVICE_REVOKED; is++) {
        set_speaker(GP_ROLE_OFFICER, (enum gp_device_state)is);
        assert_int_equal(report_by("li", &speaker), is == GP_DEVICE_ACTIVE ? 0 : GP_REASON_REVOKED);
    }
    speaker = (struct gp_device){0}; /* one that is not there */
    assert_int_equal(report_by("li", &speaker), GP_REASON_REVOKED);
    assert_int_equal(report_by("nobody", &speaker), GP_REASON_REVOKED); /* and learns no more */
}

static void a_device_speaks_for_its_person(void **state)
{
    (void)state;
    set_speaker(GP_ROLE_OFFICER, GP_DEVICE_ACTIVE);
    assert_int_equal(report_by("zhang", &speaker), GP_REASON_NO_RIGHT);
    set_speaker(GP_ROLE_ADMIN, GP_DEVICE_ACTIVE);
    assert_int_equal(report_by("zhang", &speaker), GP_REASON_NO_RIGHT);
    set_speaker(GP_ROLE_BRIDGE, GP_DEVICE_ACTIVE); /* and a bridge for whom it names */
    assert_int_equal(report_by("zhang", &speaker), 0);
    assert_true(gp_span_is(decision.entry[0].actor, "zhang"));
}

static void every_entry_says_which_device_it_was(void **state)
{
    (void)state;
    set_speaker(GP_ROLE_OFFICER, GP_DEVICE_ACTIVE);
    assert_int_equal(report_by("li", &speaker), 0);
    assert_true(decision.entry_count > 2); /* reported, filed, dispatched, told */
    for (uint8_t i = 0; i < decision.entry_count; i++)
        assert_int_equal(decision.entry[i].by_device, 9);
    assert_int_equal(report_by("li", NULL), 0);
    for (uint8_t i = 0; i < decision.entry_count; i++)
        assert_int_equal(decision.entry[i].by_device, 0);
}

static void the_store_has_room_for_so_many(void **state)
{
    struct gp_command command = {.verb = GP_VERB_INVITE,
                                 .actor = GP_SPAN("zheng"),
                                 .person = GP_SPAN("li"),
                                 .role = GP_ROLE_OFFICER};
    struct gp_scene scene = {
        .org = &town.org, .now_ms = now_ms, .new_device_id = GP_DEVICES_MAX, .recall = &recall};

    (void)state;
    gp_decide(&scene, &command, &decision);
    assert_int_equal(decision.reason, GP_REASON_NONE);
    scene.new_device_id++;
    gp_decide(&scene, &command, &decision);
    assert_int_equal(decision.reason, GP_REASON_TOO_MANY);
    command =
        (struct gp_command){.verb = GP_VERB_ENROL, .person = GP_SPAN("li"), .role = GP_ROLE_ADMIN};
    memcpy(command.key, key_of_li, sizeof command.key);
    gp_decide(&scene, &command, &decision);
    assert_int_equal(decision.reason, GP_REASON_TOO_MANY);
}

static void a_device_without_a_key_has_none(void **state)
{
    struct gp_device device = {.id = 1};

    (void)state;
    assert_false(gp_device_has_key(&device));
    device.key[GP_DEVICE_KEY_BYTES - 1] = 1;
    assert_true(gp_device_has_key(&device));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_invitation_is_of_a_person_and_a_role, begin),
        cmocka_unit_test_setup(a_person_has_eight_devices_at_the_most, begin),
        cmocka_unit_test_setup(joining_gives_a_key_and_waits, begin),
        cmocka_unit_test_setup(an_invitation_is_used_once, begin),
        cmocka_unit_test_setup(an_invitation_ends_after_fifteen_minutes, begin),
        cmocka_unit_test_setup(a_key_is_of_one_device_for_ever, begin),
        cmocka_unit_test_setup(the_digits_must_be_the_same, begin),
        cmocka_unit_test_setup(anything_but_revoked_is_revoked, begin),
        cmocka_unit_test_setup(why_it_is_revoked_is_personal, begin),
        cmocka_unit_test_setup(the_last_admin_goes_with_a_word_only, begin),
        cmocka_unit_test_setup(a_file_enrols_at_once, begin),
        cmocka_unit_test_setup(changing_the_servers_key_is_journalled, begin),
        cmocka_unit_test_setup(a_key_that_cannot_be_changed_is_not, begin),
        cmocka_unit_test_setup(only_what_is_about_devices_is, begin),
        cmocka_unit_test_setup(only_an_active_device_speaks, begin),
        cmocka_unit_test_setup(a_device_speaks_for_its_person, begin),
        cmocka_unit_test_setup(every_entry_says_which_device_it_was, begin),
        cmocka_unit_test_setup(the_store_has_room_for_so_many, begin),
        cmocka_unit_test_setup(a_device_without_a_key_has_none, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
