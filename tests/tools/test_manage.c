/* devices, revoke and rotate-key; and who a device is: --identity and --as. */
#include "tools/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- devices */

static void the_list_shows_who_may_speak(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_words(&office->run, "devices"), 0);
    office_contains(office->run.out, "   16  zhou           admin        active     desk");
    office_contains(office->run.out, "   17  li             officer      pending    handset 3");
    office_contains(office->run.out, "shows 012 345\n");
    assert_null(strstr(office->run.out, "   18  "));
    assert_int_equal(run_words(&office->run, "devices --all --person li"), 0);
    assert_null(strstr(office->run.out, "   16  "));
    office_contains(office->run.out, "   18  li             officer      revoked    old");
    office_contains(office->run.out, "by zhou\n");
}

static void devices_are_objects_as_json(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_words(&office->run, "devices --json"), 0);
    office_contains(office->run.out, "{\"device\":17,\"person\":\"li\",\"role\":\"officer\","
                                     "\"state\":\"pending\",\"label\":\"handset 3\",\"key\":\"Ag");
    office_contains(office->run.out, "\"digits\":\"012345\"");
    office_contains(office->run.out, "\"expires\":\"2026-06-22T00:15:00+08:00\"");
}

static void the_digits_that_were_compared_are_sent(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"devices", "confirm", "#17", "--digits", "012 345", NULL};
    struct gp_arena arena;

    assert_int_equal(run_arguments(&office->run, words), 0);
    assert_string_equal(office->run.out, "device 17 is active (entry 304)\n");
    struct gp_command command = office_command(office, 0, &arena);
    assert_int_equal(command.verb, GP_VERB_CONFIRM);
    assert_int_equal(command.device_id, 17);
    assert_int_equal(command.digits, 12345);
    gp_arena_release(&arena);
}

static void wrong_digits_are_a_refusal(void **state)
{
    struct office *office = *state;

    office->refusal = (struct gp_reply){.status = GP_STATUS_REFUSED, .reason = GP_REASON_DIGITS};
    assert_int_equal(run_words(&office->run, "devices confirm 17 --digits 012346"), 3);
    office_contains(office->run.err, "the six digits are not the same");
}

static void wrong_usage_of_devices_is_said(void **state)
{
    static const char *const wrong[] = {"devices confirm",
                                        "devices confirm 17",
                                        "devices confirm 17 --digits 12345",
                                        "devices confirm 17 --digits 1234567",
                                        "devices confirm 17 --digits abcdef",
                                        "devices confirm x --digits 123456",
                                        "devices --digits 123456",
                                        "devices 17",
                                        "revoke",
                                        "revoke x",
                                        "revoke 17 --person li",
                                        "rotate-key",
                                        "rotate-key now"};
    struct office *office = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (run_words(&office->run, wrong[i]) != 64)
            fail_msg("\"%s\" exits %d: %s", wrong[i], office->run.code, office->run.err);
    }
    assert_int_equal(fake_count(office->run.fake), 0);
}

/* ---------------------------------------------------------------- revoke, rotate-key */

static void one_device_is_locked_out(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"revoke", "17", "--text", "it was stolen", "--json", NULL};
    struct gp_arena arena;

    assert_int_equal(run_arguments(&office->run, words), 0);
    assert_string_equal(office->run.out, "{\"device\":17,\"state\":\"revoked\",\"seq\":304}\n");
    struct gp_command command = office_command(office, 0, &arena);
    assert_int_equal(command.verb, GP_VERB_REVOKE);
    assert_int_equal(command.device_id, 17);
    assert_true(gp_span_is(command.text, "it was stolen"));
    gp_arena_release(&arena);
}

static void all_devices_of_a_person_are_locked_out(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_words(&office->run, "revoke --person li"), 0);
    assert_string_equal(office->run.out, "device 17 is revoked (entry 304)\n");
    assert_int_equal(run_words(&office->run, "revoke --person nobody"), 2);
    office_contains(office->run.err, "nobody has no device that may speak");
}

static void the_server_key_is_changed_in_two_steps(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    assert_int_equal(run_words(&office->run, "rotate-key begin"), 0);
    office_contains(office->run.out, "alive beside the old one");
    assert_int_equal(run_words(&office->run, "rotate-key end --yes --json"), 0);
    assert_string_equal(office->run.out, "{\"rotate\":\"ended\",\"seq\":304}\n");
    for (unsigned i = 0; i < 2; i++) {
        struct gp_command command = office_command(office, i, &arena);
        assert_int_equal(command.verb, GP_VERB_ROTATE);
        assert_int_equal(command.result, i == 0 ? GP_RESULT_YES : GP_RESULT_NO);
        gp_arena_release(&arena);
    }
}

/* Devices that have not spoken since are locked out: nobody does that in passing. */
static void the_end_of_a_key_must_be_meant(void **state)
{
    static const char *const asked[] = {"rotate-key end", "rotate-key end --json"};
    struct office *office = *state;

    office->run.input = "y\n"; /* no terminal */
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        assert_int_equal(run_words(&office->run, asked[i]), 64);
        office_contains(office->run.err, "must be enrolled anew: say --yes");
    }
    assert_int_equal(fake_count(office->run.fake), 0);
    assert_int_equal(run_words(&office->run, "rotate-key end --yes"), 0);
    assert_int_equal(fake_count(office->run.fake), 1);
}

/* ---------------------------------------------------------------- who a device is */

static void with_an_identity_nobody_is_named(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    assert_int_equal(run_words(&office->run, "accept 41"), 0);
    struct gp_request request = run_sent(&office->run, 0, &arena);
    assert_int_equal(request.person.len, 0);
    gp_arena_release(&arena);
    assert_int_equal(office->sealed.hellos, 1);
}

static void only_a_bridge_speaks_for_others(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    assert_int_equal(run_words(&office->run, "accept 41 --as li"), 64);
    office_contains(office->run.err, "--as is for bridges");
    assert_int_equal(fake_count(office->run.fake), 0);
    office->sealed.welcome.role = GP_ROLE_BRIDGE;
    assert_int_equal(run_words(&office->run, "accept 41 --as li"), 0);
    struct gp_request request = run_sent(&office->run, 0, &arena);
    assert_true(gp_span_is(request.person, "li"));
    gp_arena_release(&arena);
}

static void a_device_that_may_not_speak_is_told_why(void **state)
{
    struct office *office = *state;

    office->sealed.welcome.status = GP_WELCOME_UNKNOWN;
    assert_int_equal(run_words(&office->run, "accept 41"), 3);
    office_contains(office->run.err, "this device is not known to the server (revoked?)");
    office->sealed.welcome.status = GP_WELCOME_WAITS;
    assert_int_equal(run_words(&office->run, "accept 41"), 75);
    office_contains(office->run.err, "this device waits for confirmation");
}

static void an_identity_that_is_not_good_is_said(void **state)
{
    struct office *office = *state;
    char path[128];

    run_path(&office->run, "identity", path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(run_words(&office->run, "accept 41"), 1);
    office_contains(office->run.err, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(run_words(&office->run, "accept 41"), 2);
    office_contains(office->run.err, path);
    assert_int_equal(fake_count(office->run.fake), 0);
}

static void a_newer_key_of_the_server_is_kept(void **state)
{
    struct office *office = *state;
    struct gp_server_keys newer;
    struct gp_identity identity;
    const char *reason;
    char path[128];

    gp_keys_new(&newer);
    memcpy(office->sealed.welcome.server_key, newer.box[0].public, GP_KEY_BYTES);
    assert_int_equal(run_words(&office->run, "accept 41"), 0);
    run_path(&office->run, "identity", path);
    assert_int_equal(gp_identity_load(path, &identity, &reason), 0);
    assert_memory_equal(identity.server, newer.box[0].public, GP_KEY_BYTES);
}

static void a_socket_for_sealed_messages_says_what_to_do(void **state)
{
    struct office *office = *state;

    office->refusal = (struct gp_reply){.status = GP_STATUS_SEALED_ONLY};
    assert_int_equal(run_words(&office->run, "accept 41"), 3);
    office_contains(office->run.err, "gridpost join");
}

static void too_fast_for_too_long_is_try_again(void **state)
{
    struct office *office = *state;

    office->refusal = (struct gp_reply){.status = GP_STATUS_LIMITED, .retry_ms = 60000};
    assert_int_equal(run_words(&office->run, "accept 41 --timeout 1"), 75);
    office_contains(office->run.err, "too fast");
    office_contains(office->run.err, "--id ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, office_set_up, run_end)
        T(the_list_shows_who_may_speak),
        T(devices_are_objects_as_json),
        T(the_digits_that_were_compared_are_sent),
        T(wrong_digits_are_a_refusal),
        T(wrong_usage_of_devices_is_said),
        T(one_device_is_locked_out),
        T(all_devices_of_a_person_are_locked_out),
        T(the_server_key_is_changed_in_two_steps),
        T(the_end_of_a_key_must_be_meant),
        T(with_an_identity_nobody_is_named),
        T(only_a_bridge_speaks_for_others),
        T(a_device_that_may_not_speak_is_told_why),
        T(an_identity_that_is_not_good_is_said),
        T(a_newer_key_of_the_server_is_kept),
        T(a_socket_for_sealed_messages_says_what_to_do),
        T(too_fast_for_too_long_is_try_again),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
