/* Key files: made once, private, told apart; a change of the server's key and its power cuts; a
 * service's credentials. */
#include "trust/common.h"

#include "trust/file.h"
#include "trust/keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[128], folder[256];
static const char *reason;

static void path_of(const char *in, const char *name, char ret_path[256])
{
    int len = snprintf(ret_path, 256, "%s/%s", in, name);

    assert_in_range(len, 1, 255);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(base, sizeof base, "%s/gp-keys-XXXXXX",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    if (mkdtemp(base) == NULL)
        return -1;
    path_of(base, "keys", folder);
    return gp_trust_start();
}

static void empty(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char inner[600];

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(inner) != 0) {
            empty(inner);
            (void)rmdir(inner);
        }
    }
    (void)closedir(dir);
}

static int tear_down(void **state)
{
    (void)state;
    empty(base);
    return rmdir(base);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void move(const char *from, const char *to)
{
    char from_path[256], to_path[256];

    path_of(folder, from, from_path);
    path_of(folder, to, to_path);
    assert_int_equal(rename(from_path, to_path), 0);
}

static mode_t mode_of(const char *name)
{
    struct stat status;
    char path[256];

    path_of(folder, name, path);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static unsigned count_files(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        count += entry->d_name[0] != '.';
    (void)closedir(dir);
    return count;
}

static void made_once_and_found_again(void **state)
{
    struct gp_server_keys keys, again;

    (void)state;
    assert_int_equal(gp_keys_open(folder, false, &keys, &reason), GP_ENOTFOUND);
    assert_non_null(strstr(reason, "server.key"));
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    assert_int_equal(keys.box_count, 1);
    assert_int_equal(gp_keys_open(folder, true, &again, &reason), 0);
    assert_memory_equal(&keys, &again, sizeof keys);
    assert_int_equal(mode_of("."), 0700);
    assert_int_equal(mode_of("server.key"), 0600);
    assert_int_equal(mode_of("sign.key"), 0600);
    assert_int_equal(count_files(), 2);
}

static void keys_that_others_can_read_are_refused(void **state)
{
    static const mode_t bad[] = {0640, 0604, 0660, 0606, 0601, 0644, 0666};
    struct gp_server_keys keys = {.box_count = 99};
    const char *const names[] = {"server.key", "sign.key"};
    char path[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    keys.box_count = 99;
    for (size_t n = 0; n < GP_COUNT(names); n++) {
        path_of(folder, names[n], path);
        for (size_t i = 0; i < GP_COUNT(bad); i++) {
            assert_int_equal(chmod(path, bad[i]), 0);
            assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EINVAL);
            assert_non_null(strstr(reason, names[n]));
        }
        assert_int_equal(chmod(path, 0400), 0);
    }
    assert_int_equal(keys.box_count, 99);
    assert_int_equal(gp_keys_open(folder, false, &keys, &reason), 0);
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "gridpost-key-1 x25519\n",
        "gridpost-key-1 x25519 AAAA\n",
        "gridpost-key-2 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "gridpost-key-1 ed25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "gridpost-key-1 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "gridpost-key-1 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        "gridpost-key-1 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \n",
        "gridpost-key-1 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        "gridpost-key-1  x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    };
    struct gp_server_keys keys;
    char path[256], large[2000];

    (void)state;
    path_of(folder, "server.key", path);
    assert_int_equal(mkdir(folder, 0700), 0);
    for (size_t i = 0; i < GP_COUNT(bad); i++) {
        write_file(path, bad[i], 0600);
        assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EFORMAT);
    }
    memset(large, 'A', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    write_file(path, large, 0600);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EFORMAT);
    write_file(path, "gridpost-key-1 x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 0600);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EINVAL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EINVAL);
}

static void a_lost_server_key_is_not_made_up_for(void **state)
{
    struct gp_server_keys keys;
    char path[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    path_of(folder, "server.key", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_ENOTFOUND);
    assert_int_equal(count_files(), 1);
}

static void a_lost_server_key_beside_a_credential_is_not_made_up_for(void **state)
{
    struct gp_server_keys keys;
    char credentials[256], from[256], to[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    path_of(base, "credentials", credentials);
    assert_int_equal(mkdir(credentials, 0700), 0);
    path_of(folder, "sign.key", from);
    path_of(credentials, "gridpost-sign.key", to);
    assert_int_equal(rename(from, to), 0);
    path_of(folder, "server.key", from);
    assert_int_equal(unlink(from), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_ENOTFOUND);
    assert_non_null(strstr(reason, "server.key"));
    assert_int_equal(count_files(), 0);
}

static void a_first_start_that_was_cut_goes_on(void **state)
{
    struct gp_server_keys keys, again;
    char path[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), 0);
    path_of(folder, "sign.key", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(gp_keys_open(folder, true, &again, &reason), 0);
    assert_memory_equal(keys.box, again.box, sizeof keys.box);
}

static void a_folder_others_can_write_into_gets_no_keys(void **state)
{
    struct gp_server_keys keys;

    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(chmod(folder, 0770), 0);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EINVAL);
    assert_int_equal(count_files(), 0);
}

/* Each reason names the path, for whoever has to mend it. */
static void a_folder_that_is_none_is_named(void **state)
{
    struct gp_server_keys keys;
    char below[256];
    static char endless[GP_FILE_PATH_MAX + 2];

    (void)state;
    write_file(folder, "a file", 0600);
    assert_int_equal(gp_keys_open(folder, true, &keys, &reason), GP_EIO);
    assert_non_null(strstr(reason, ".key: Not a directory"));
    path_of(base, "nowhere/below", below);
    assert_int_equal(gp_keys_open(below, true, &keys, &reason), GP_ENOTFOUND);
    assert_non_null(strstr(reason, "below: No such file"));
    memset(endless, 'x', sizeof endless - 1);
    endless[0] = '/';
    assert_int_equal(gp_keys_open(endless, true, &keys, &reason), GP_EINVAL);
    assert_non_null(strstr(reason, "the folder's path is too long"));
}

/* ---------------------------------------------------------------- a change */

static void a_change_keeps_two_alive_until_it_ends(void **state)
{
    struct gp_server_keys before, during, after;
    unsigned char id[GP_KEY_ID_BYTES];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &before, &reason), 0);
    assert_int_equal(gp_keys_retire(folder, &reason), GP_ENOTFOUND);
    assert_int_equal(gp_keys_rotate(folder, &reason), 0);
    assert_int_equal(gp_keys_open(folder, false, &during, &reason), 0);
    assert_int_equal(during.box_count, 2);
    assert_memory_equal(&during.box[1], &before.box[0], sizeof before.box[0]);
    assert_memory_not_equal(&during.box[0], &before.box[0], sizeof before.box[0]);
    assert_memory_equal(during.sign_public, before.sign_public, GP_KEY_BYTES);
    assert_int_equal(mode_of("server-old.key"), 0600);
    assert_int_equal(mode_of("server.key"), 0600);
    for (int i = 0; i < 2; i++) {
        gp_key_id(during.box[i].public, id);
        assert_ptr_equal(gp_keys_find(&during, id), &during.box[i]);
    }
    assert_int_equal(gp_keys_rotate(folder, &reason), GP_EEXIST);
    assert_int_equal(gp_keys_retire(folder, &reason), 0);
    assert_int_equal(gp_keys_open(folder, false, &after, &reason), 0);
    assert_int_equal(after.box_count, 1);
    assert_memory_equal(&after.box[0], &during.box[0], sizeof after.box[0]);
    gp_key_id(before.box[0].public, id);
    assert_null(gp_keys_find(&after, id));
    assert_int_equal(count_files(), 2);
}

/* The old name was given, the new key was not written: as before, and the change can be begun. */
static void a_change_that_was_cut_is_the_old_state(void **state)
{
    struct gp_server_keys before, cut, during;
    char path[256], old_path[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &before, &reason), 0);
    path_of(folder, "server.key", path);
    path_of(folder, "server-old.key", old_path);
    assert_int_equal(link(path, old_path), 0);
    assert_int_equal(gp_keys_open(folder, false, &cut, &reason), 0);
    assert_int_equal(cut.box_count, 1);
    assert_int_equal(gp_keys_rotate(folder, &reason), 0);
    assert_int_equal(gp_keys_open(folder, false, &during, &reason), 0);
    assert_int_equal(during.box_count, 2);
    assert_memory_equal(&during.box[1], &before.box[0], sizeof before.box[0]);
}

/* ---------------------------------------------------------------- credentials */

static void credentials_win(void **state)
{
    struct gp_server_keys own, given, mixed;
    char credentials[256], path[256], from[256];

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &given, &reason), 0);
    path_of(base, "credentials", credentials);
    assert_int_equal(rename(folder, credentials), 0);
    path_of(credentials, "server.key", from);
    path_of(credentials, "gridpost-server.key", path);
    assert_int_equal(rename(from, path), 0);
    assert_int_equal(chmod(path, 0440), 0); /* as an access list looks */

    assert_int_equal(gp_keys_open(folder, true, &own, &reason), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
    assert_int_equal(gp_keys_open(folder, true, &mixed, &reason), 0);
    assert_memory_equal(&mixed.box[0], &given.box[0], sizeof mixed.box[0]);
    assert_memory_equal(mixed.sign_public, own.sign_public, GP_KEY_BYTES);
    assert_int_equal(gp_keys_rotate(folder, &reason), GP_EINVAL);
    assert_non_null(strstr(reason, "credential"));
    assert_int_equal(gp_keys_retire(folder, &reason), GP_EINVAL);
    assert_int_equal(gp_keys_changeable(folder, &reason), GP_EINVAL);
    assert_non_null(strstr(reason, "credential"));

    path_of(credentials, "sign.key", from);
    path_of(credentials, "gridpost-sign.key", path);
    assert_int_equal(rename(from, path), 0);
    assert_int_equal(gp_keys_open(folder, false, &mixed, &reason), 0);
    assert_memory_equal(mixed.sign_public, given.sign_public, GP_KEY_BYTES);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(gp_keys_open(folder, false, &mixed, &reason), GP_EINVAL);
}

static void all_credentials_need_no_folder(void **state)
{
    struct gp_server_keys given, read;

    (void)state;
    assert_int_equal(gp_keys_open(folder, true, &given, &reason), 0);
    move("server.key", "gridpost-server.key");
    move("sign.key", "gridpost-sign.key");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_int_equal(gp_keys_open("/nonexistent/keys", true, &read, &reason), 0);
    assert_memory_equal(&read, &given, sizeof read);
}

static void a_key_has_a_text(void **state)
{
    struct gp_keypair pair = pair_of(1);
    unsigned char read[GP_KEY_BYTES];
    char text[GP_KEY_TEXT];

    (void)state;
    gp_key_format(pair.public, text);
    assert_string_equal(text, "pOCSkrZRwni5dyxWn1+puxPZBrRqtoyd+dwrRAn4ogk=");
    assert_int_equal(gp_key_parse(gp_span_of(text), read), 0);
    assert_memory_equal(read, pair.public, GP_KEY_BYTES);
    assert_int_equal(gp_key_parse((struct gp_span){0}, read), GP_EFORMAT);
    text[3] = '-';
    assert_int_equal(gp_key_parse(gp_span_of(text), read), GP_EFORMAT);
}

/* libsodium's reader takes some bytes above 127 for digits. */
static void a_key_has_no_other_text(void **state)
{
    struct gp_keypair pair = pair_of(1);
    unsigned char read[GP_KEY_BYTES];
    char text[GP_KEY_TEXT], good;

    (void)state;
    gp_key_format(pair.public, text);
    for (size_t at = 0; at < sizeof text - 1; at++) {
        good = text[at];
        for (int byte = 0; byte < 256; byte++) {
            text[at] = (char)byte;
            if (gp_key_parse((struct gp_span){text, sizeof text - 1}, read) != 0)
                continue;
            assert_true(byte == good || memcmp(read, pair.public, sizeof read) != 0);
            assert_true(byte < 128);
        }
        text[at] = good;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(made_once_and_found_again),
        TEST(keys_that_others_can_read_are_refused),
        TEST(what_is_no_key_is_refused),
        TEST(a_lost_server_key_is_not_made_up_for),
        TEST(a_lost_server_key_beside_a_credential_is_not_made_up_for),
        TEST(a_first_start_that_was_cut_goes_on),
        TEST(a_folder_others_can_write_into_gets_no_keys),
        TEST(a_folder_that_is_none_is_named),
        TEST(a_change_keeps_two_alive_until_it_ends),
        TEST(a_change_that_was_cut_is_the_old_state),
        TEST(credentials_win),
        TEST(all_credentials_need_no_folder),
        TEST(a_key_has_a_text),
        TEST(a_key_has_no_other_text),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
