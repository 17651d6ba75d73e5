/* enrol, join and init: how a device comes to be one. */
#include "org/folder.h"
#include "tools/office.h"

#include "trust/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- enrol */

static void the_digits_are_compared_and_confirmed(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    office->joins_after = 1;
    office->run.input = "y\n";
    assert_int_equal(run_words(&office->run, "enrol li --role officer"), 0);
    office_contains(office->run.out, "\u2588\u2588"); /* the code's margin */
    office_contains(office->run.out, office->invitation);
    office_contains(office->run.out,
                    "Device 17 of li (officer) may join until 2026-06-22 00:15:00");
    office_contains(office->run.out, "it calls itself 'handset 3'");
    office_contains(office->run.out, "Do both show 012 345? [y/N] device 17 is active");
    struct gp_command command = office_command(office, 0, &arena);
    assert_int_equal(command.verb, GP_VERB_INVITE);
    assert_true(gp_span_is(command.person, "li"));
    assert_int_equal(command.role, GP_ROLE_OFFICER);
    gp_arena_release(&arena);
    command = office_command(office, 1, &arena);
    assert_int_equal(command.verb, GP_VERB_CONFIRM);
    assert_int_equal(command.device_id, 17);
    assert_int_equal(command.digits, 12345);
    gp_arena_release(&arena);
}

static void other_digits_lock_the_device_out(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    office->run.input = "n\n";
    assert_int_equal(run_words(&office->run, "enrol li --role officer"), 3);
    struct gp_command command = office_command(office, 1, &arena);
    assert_int_equal(command.verb, GP_VERB_REVOKE);
    assert_int_equal(command.device_id, 17);
    gp_arena_release(&arena);
}

static void with_nobody_to_ask_the_device_waits(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_words(&office->run, "enrol li --role officer"), 75);
    office_contains(office->run.out, "gridpost devices confirm 17 --digits 012345");
}

static void a_device_that_somebody_else_has_confirmed_is_shown(void **state)
{
    struct office *office = *state;

    office->device[1].state = GP_DEVICE_ACTIVE;
    office->run.input = "y\n";
    assert_int_equal(run_words(&office->run, "enrol li --role officer"), 0);
    office_contains(office->run.out, "   17  li");
    assert_null(strstr(office->run.out, "Do both show"));
}

static void as_json_the_invitation_is_all(void **state)
{
    struct office *office = *state;
    char expected[400];

    assert_int_equal(run_words(&office->run, "enrol li --role bridge --json"), 0);
    snprintf(expected, sizeof expected,
             "{\"device\":17,\"person\":\"li\",\"role\":\"bridge\",\"expires\":"
             "\"2026-06-22T00:15:00+08:00\",\"invitation\":\"%s\"}\n",
             office->invitation);
    assert_string_equal(office->run.out, expected);
}

static void the_code_is_a_picture_too(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"enrol", "li", "--role",    "officer",
                                 "--png", NULL, "--no-wait", NULL};
    const char *with_path[8];
    struct stat is;
    char path[128];

    run_path(&office->run, "code.png", path);
    memcpy(with_path, words, sizeof words);
    with_path[5] = path;
    assert_int_equal(run_arguments(&office->run, with_path), 0);
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 0777, 0600);
    assert_true(is.st_size > 200);
}

static void an_invitation_may_be_refused(void **state)
{
    struct office *office = *state;

    office->refusal = (struct gp_reply){.status = GP_STATUS_REFUSED, .reason = GP_REASON_NO_RIGHT};
    assert_int_equal(run_words(&office->run, "enrol li --role officer"), 3);
    office_contains(office->run.err, "not a right of this role");
    assert_string_equal(office->run.out, "");
}

/* ---------------------------------------------------------------- join */

/* A device that is nobody yet. */
static void forget_identity(struct office *office, char ret_path[128])
{
    run_path(&office->run, "identity", ret_path);
    assert_int_equal(unlink(ret_path), 0);
}

static void joining_makes_an_identity(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"join", office->invitation, "--label", "handset 3", NULL};
    struct gp_identity identity;
    const char *reason;
    char path[128], shown[40];

    forget_identity(office, path);
    office->sealed.waits = 2; /* the join itself, and one look */
    assert_int_equal(run_arguments(&office->run, words), 0);
    snprintf(shown, sizeof shown, ": %03u %03u\n", office->sealed.digits / 1000,
             office->sealed.digits % 1000);
    office_contains(office->run.out, "This is device 17.");
    office_contains(office->run.out, shown);
    office_contains(office->run.out, "Confirmed as officer");
    assert_string_equal(office->sealed.label, "handset 3");
    assert_int_equal(gp_identity_load(path, &identity, &reason), 0); /* and nobody else can */
    assert_int_equal(identity.device, 17);
    assert_string_equal(identity.address, office->run.address);
    assert_memory_equal(identity.own.public, office->sealed.device_key, GP_KEY_BYTES);
    assert_memory_equal(identity.sign, office->sealed.keys.sign_public, GP_KEY_BYTES);
    assert_int_equal(run_words(&office->run, "accept 41"), 0);
}

static void an_invitation_is_read_and_not_waited_for(void **state)
{
    struct office *office = *state;
    char path[128], input[256], expected[100];

    forget_identity(office, path);
    snprintf(input, sizeof input, "%.90s\n  %s\n", office->invitation, office->invitation + 90);
    office->run.input = input;
    office->sealed.waits = 1;
    assert_int_equal(run_words(&office->run, "join - --no-wait --json"), 0);
    snprintf(expected, sizeof expected,
             "{\"device\":17,\"state\":\"pending\",\"digits\":\"%06u\"}\n", office->sealed.digits);
    assert_string_equal(office->run.out, expected);
    assert_int_equal(access(path, F_OK), 0);
}

static void a_device_joins_once(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"join", office->invitation, NULL};

    assert_int_equal(run_arguments(&office->run, words), 3);
    office_contains(office->run.err, "is there already");
    assert_int_equal(office->sealed.joins, 0);
}

static void what_is_no_invitation_is_said(void **state)
{
    struct office *office = *state;
    const char *words[] = {"join", "hello", NULL};
    char path[128], damaged[GP_INVITATION_TEXT];

    forget_identity(office, path);
    assert_int_equal(run_arguments(&office->run, words), 1);
    office_contains(office->run.err, "this is no invitation");
    memcpy(damaged, office->invitation, sizeof damaged);
    damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
    words[1] = damaged;
    assert_int_equal(run_arguments(&office->run, words), 1);
    office_contains(office->run.err, "mistyped, cut or damaged");
    assert_int_equal(access(path, F_OK), -1);
}

static void an_invitation_that_was_used_leaves_no_identity(void **state)
{
    struct office *office = *state;
    const char *const words[] = {"join", office->invitation, NULL};
    char path[128];

    forget_identity(office, path);
    office->sealed.welcome.status = GP_WELCOME_UNKNOWN;
    assert_int_equal(run_arguments(&office->run, words), 3);
    office_contains(office->run.err, "ask for another one");
    assert_int_equal(access(path, F_OK), -1);
}

static void wrong_usage_of_enrolment_is_said(void **state)
{
    static const char *const wrong[] = {"enrol",
                                        "enrol li",
                                        "enrol --role officer",
                                        "enrol li --role boss",
                                        "enrol li wang --role officer",
                                        "join",
                                        "join GP1:A GP1:B",
                                        "join GP1:A --label 123456789012345678901234567890123",
                                        "init",
                                        "init --as a,b",
                                        "init li"};
    struct office *office = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (run_words(&office->run, wrong[i]) != 64)
            fail_msg("\"%s\" exits %d: %s", wrong[i], office->run.code, office->run.err);
    }
    assert_int_equal(fake_count(office->run.fake), 0);
}

/* ---------------------------------------------------------------- init */

/* Runs init for a person on a folder with the keys inside it. */
static int init_for(struct run *run, const struct folder *folder, const char *person,
                    const char *identity)
{
    char keys[128], file[128];
    const char *const words[] = {"init", "--config", folder->path, "--keys",     keys, "--as",
                                 person, "--label",  "desk",       "--identity", file, NULL};

    snprintf(keys, sizeof keys, "%s/keys", folder->path);
    snprintf(file, sizeof file, "%s/%s", folder->path, identity);
    return run_arguments(run, words);
}

static void the_first_admin_is_made_whole(void **state)
{
    struct office *office = *state;
    struct folder folder;
    struct gp_server_keys keys;
    struct gp_identity identity;
    const char *reason;
    struct loaded loaded;
    char path[128], key[GP_KEY_TEXT], row[200];

    folder_open(&folder);
    folder_remove(&folder, "org/devices.csv");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 0);
    office_contains(office->run.out, "zhou is an admin on this device");
    snprintf(path, sizeof path, "%s/keys", folder.path);
    assert_int_equal(gp_keys_open(path, false, &keys, &reason), 0);
    snprintf(path, sizeof path, "%s/me", folder.path);
    assert_int_equal(gp_identity_load(path, &identity, &reason), 0);
    assert_memory_equal(identity.server, keys.box[0].public, GP_KEY_BYTES);
    assert_memory_equal(identity.sign, keys.sign_public, GP_KEY_BYTES);
    gp_key_format(identity.own.public, key);
    snprintf(row, sizeof row, "person,role,key,label\nzhou,admin,%s,desk\n", key);
    char *text = folder_get(&folder, "org/devices.csv");
    assert_string_equal(text, row);
    free(text);
    folder_load_good(&folder, &loaded);
    assert_int_equal(loaded.org->device_count, 1);
    loaded_release(&loaded);
    folder_close(&folder);
}

static void a_second_time_needs_another_identity(void **state)
{
    struct office *office = *state;
    struct folder folder;

    folder_open(&folder);
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 0);
    char *before = folder_get(&folder, "org/devices.csv");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 3);
    office_contains(office->run.err, "is there already");
    char *after = folder_get(&folder, "org/devices.csv");
    assert_string_equal(before, after);
    free(after);
    assert_int_equal(init_for(&office->run, &folder, "wang", "other"), 0);
    after = folder_get(&folder, "org/devices.csv");
    assert_memory_equal(before, after, strlen(before));
    office_contains(after, "\nwang,admin,");
    free(after);
    free(before);
    folder_close(&folder);
}

static void nothing_is_made_for_somebody_unknown(void **state)
{
    struct office *office = *state;
    struct folder folder;
    char path[128];

    folder_open(&folder);
    assert_int_equal(init_for(&office->run, &folder, "nobody", "me"), 2);
    office_contains(office->run.err, "'nobody' is not in people.csv");
    snprintf(path, sizeof path, "%s/keys", folder.path);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "%s/me", folder.path);
    assert_int_equal(access(path, F_OK), -1);
    folder_close(&folder);
}

static void what_an_earlier_try_left_is_taken_up(void **state)
{
    struct office *office = *state;
    struct folder folder;

    folder_open(&folder);
    folder_remove(&folder, "org/devices.csv");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 0);
    char *before = folder_get(&folder, "org/devices.csv");
    folder_remove(&folder, "org/devices.csv");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 0);
    char *after = folder_get(&folder, "org/devices.csv");
    assert_string_equal(before, after);
    free(after);
    free(before);
    folder_close(&folder);
}

/* Made anew, but for the identity in somebody's home: with that one nobody would ever be answered.
 */
static void an_identity_of_another_server_is_none(void **state)
{
    struct office *office = *state;
    struct folder folder;
    char path[128];

    folder_open(&folder);
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 0);
    folder_remove(&folder, "org/devices.csv");
    folder_remove(&folder, "keys/server.key");
    folder_remove(&folder, "keys/sign.key");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 3);
    office_contains(office->run.err, "is there already");
    snprintf(path, sizeof path, "%s/keys/server.key", folder.path);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(init_for(&office->run, &folder, "zhou", "other"), 0);
    folder_remove(&folder, "org/devices.csv");
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 3);
    folder_close(&folder);
}

static void the_keys_are_where_the_settings_say(void **state)
{
    struct office *office = *state;
    struct folder folder;
    char line[128], file[128];
    const char *const words[] = {"init", "--config",   folder.path, "--as",
                                 "zhou", "--identity", file,        NULL};

    folder_open(&folder);
    snprintf(line, sizeof line, "keys: %s/secret\n", folder.path);
    snprintf(file, sizeof file, "%s/me", folder.path);
    folder_edit(&folder, "gridpost.yaml", "", line);
    assert_int_equal(run_arguments(&office->run, words), 0);
    snprintf(file, sizeof file, "%s/secret/server.key", folder.path);
    assert_int_equal(access(file, F_OK), 0);
    folder_close(&folder);
}

static void a_file_of_other_columns_is_left_alone(void **state)
{
    static const char *const other = "person,role\n";
    struct office *office = *state;
    struct folder folder;

    folder_open(&folder);
    folder_put(&folder, "org/devices.csv", other, strlen(other));
    assert_int_equal(init_for(&office->run, &folder, "zhou", "me"), 1);
    office_contains(office->run.err, "devices.csv");
    char *text = folder_get(&folder, "org/devices.csv");
    assert_string_equal(text, other);
    free(text);
    folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, office_set_up, run_end)
        T(the_digits_are_compared_and_confirmed),
        T(other_digits_lock_the_device_out),
        T(with_nobody_to_ask_the_device_waits),
        T(a_device_that_somebody_else_has_confirmed_is_shown),
        T(as_json_the_invitation_is_all),
        T(the_code_is_a_picture_too),
        T(an_invitation_may_be_refused),
        T(joining_makes_an_identity),
        T(an_invitation_is_read_and_not_waited_for),
        T(a_device_joins_once),
        T(what_is_no_invitation_is_said),
        T(an_invitation_that_was_used_leaves_no_identity),
        T(wrong_usage_of_enrolment_is_said),
        T(the_first_admin_is_made_whole),
        T(a_second_time_needs_another_identity),
        T(nothing_is_made_for_somebody_unknown),
        T(what_an_earlier_try_left_is_taken_up),
        T(an_identity_of_another_server_is_none),
        T(the_keys_are_where_the_settings_say),
        T(a_file_of_other_columns_is_left_alone),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
