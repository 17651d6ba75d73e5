/* What is handed over: invitations (whole, mistyped, cut, over), hints, a device's identity file.
 */
#include "trust/common.h"

#include "trust/hint.h"
#include "trust/identity.h"
#include "trust/invitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- invitations */

static struct gp_invitation sample(void)
{
    struct gp_invitation invitation = {.device = UINT64_C(0xFFFFFFFFFFFFFFFF),
                                       .expires_s = 1790727300};

    gp_random(invitation.server, GP_KEY_BYTES);
    gp_random(invitation.psk, GP_KEY_BYTES);
    gp_random(invitation.sign, GP_KEY_BYTES);
    return invitation;
}

static void an_invitation_is_read_however_it_was_wrapped(void **state)
{
    struct gp_invitation invitation = sample(), read;
    char text[GP_INVITATION_TEXT], wrapped[3 * GP_INVITATION_TEXT];
    size_t len = 0;

    (void)state;
    gp_invitation_write(&invitation, text);
    assert_int_equal(strlen(text), GP_INVITATION_TEXT - 1);
    assert_int_equal(strspn(text + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), GP_INVITATION_TEXT - 5);
    assert_int_equal(gp_invitation_read(gp_span_of(text), &read), 0);
    assert_memory_equal(&read, &invitation, sizeof read);
    wrapped[len++] = ' ';
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        wrapped[len++] = i % 2 == 0 && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (i % 40 == 39) {
            wrapped[len++] = '\r';
            wrapped[len++] = '\n';
        }
    }
    wrapped[len++] = '\n';
    memset(&read, 0, sizeof read);
    assert_int_equal(gp_invitation_read(over(wrapped, len), &read), 0);
    assert_memory_equal(&read, &invitation, sizeof read);
}

static void every_slip_of_the_pen_is_noticed(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct gp_invitation invitation = sample(), read = {.device = 4711};
    char text[GP_INVITATION_TEXT];

    (void)state;
    gp_invitation_write(&invitation, text);
    for (size_t i = 4; text[i] != '\0'; i++) {
        char was = text[i];
        for (size_t j = 0; j < 32; j++) {
            text[i] = alphabet[j];
            if (text[i] != was)
                assert_int_equal(gp_invitation_read(gp_span_of(text), &read), GP_EFORMAT);
        }
        text[i] = '0'; /* no letter of base32 */
        assert_int_equal(gp_invitation_read(gp_span_of(text), &read), GP_EFORMAT);
        text[i] = was;
        if (text[i + 1] != '\0' && text[i + 1] != was) { /* two letters changed places */
            text[i] = text[i + 1];
            text[i + 1] = was;
            assert_int_equal(gp_invitation_read(gp_span_of(text), &read), GP_EFORMAT);
            text[i + 1] = text[i];
            text[i] = was;
        }
    }
    assert_int_equal(read.device, 4711);
    assert_int_equal(gp_invitation_read(gp_span_of(text), &read), 0);
}

static void a_cut_or_grown_invitation_is_damaged(void **state)
{
    struct gp_invitation invitation = sample(), read;
    char text[GP_INVITATION_TEXT + 1] = {0};

    (void)state;
    gp_invitation_write(&invitation, text);
    for (size_t len = 0; len < GP_INVITATION_TEXT - 1; len++)
        assert_int_equal(gp_invitation_read(over(text, len), &read),
                         len < 4 ? GP_EINVAL : GP_EFORMAT);
    text[GP_INVITATION_TEXT - 1] = 'A';
    assert_int_equal(gp_invitation_read(over(text, GP_INVITATION_TEXT), &read), GP_EFORMAT);
}

static void other_texts_are_no_invitations(void **state)
{
    static const char *const others[] = {"", "https://example.org", "GP", "GPX:AAAA", "XP1:AAAA"};
    struct gp_invitation invitation = sample(), read;
    char text[GP_INVITATION_TEXT];

    (void)state;
    for (size_t i = 0; i < GP_COUNT(others); i++)
        assert_int_equal(gp_invitation_read(gp_span_of(others[i]), &read), GP_EINVAL);
    gp_invitation_write(&invitation, text);
    text[2] = '2';
    assert_int_equal(gp_invitation_read(gp_span_of(text), &read), GP_EVERSION);
}

static void an_invitation_is_over_at_its_second(void **state)
{
    struct gp_invitation invitation = {.expires_s = 1000};

    (void)state;
    assert_false(gp_invitation_over(&invitation, 999999));
    assert_true(gp_invitation_over(&invitation, 1000000));
}

/* ---------------------------------------------------------------- hints */

static void a_hint_is_checked_by_its_key(void **state)
{
    struct gp_hint_body body = {.feed = {1, 2, 3}, .epoch = 4, .head = 5}, read = {.head = 4711};
    unsigned char key[GP_KEY_BYTES] = {6}, other[GP_KEY_BYTES] = {7}, message[GP_HINT_BYTES];
    unsigned char grown[GP_HINT_BYTES + 1] = {0};

    (void)state;
    gp_hint_write(&body, key, message);
    assert_int_equal(gp_hint_check(over(message, sizeof message), other, &read), GP_EFORMAT);
    for (size_t len = 0; len < sizeof message; len++)
        assert_int_equal(gp_hint_check(over(message, len), key, &read), GP_EFORMAT);
    for (size_t bit = 0; bit < sizeof message * 8; bit++) {
        message[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(gp_hint_check(over(message, sizeof message), key, &read), GP_EFORMAT);
        message[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    memcpy(grown, message, sizeof message);
    assert_int_equal(gp_hint_check(over(grown, sizeof grown), key, &read), GP_EFORMAT);
    assert_int_equal(read.head, 4711);
    assert_int_equal(gp_hint_check(over(message, sizeof message), key, &read), 0);
    assert_memory_equal(read.feed, body.feed, GP_HINT_FEED_BYTES);
    assert_int_equal(read.epoch, 4);
    assert_int_equal(read.head, 5);
}

/* ---------------------------------------------------------------- identities */

static char folder[128], path[160];
static const char *reason;

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/gp-identity-XXXXXX",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/identity", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* fails when a draft was left */
}

static struct gp_identity identity_of(uint64_t device, const char *address)
{
    struct gp_identity identity;

    gp_identity_new(pair_of(1).public, pair_of(2).public, &identity);
    identity.device = device;
    (void)snprintf(identity.address, sizeof identity.address, "%s", address);
    return identity;
}

static void an_identity_comes_back_as_it_was_saved(void **state)
{
    static const char *const addresses[] = {"", "ipc:///run/gridpost/gridpost.ipc"};
    static const uint64_t devices[] = {0, 17, UINT64_C(9999999999999999999)};
    struct stat status;

    (void)state;
    for (size_t i = 0; i < GP_COUNT(addresses); i++) {
        for (size_t j = 0; j < GP_COUNT(devices); j++) {
            struct gp_identity identity = identity_of(devices[j], addresses[i]), read;
            assert_int_equal(gp_identity_save(path, &identity, &reason), 0);
            assert_int_equal(gp_identity_load(path, &read, &reason), 0);
            assert_int_equal(memcmp(read.server, identity.server, GP_KEY_BYTES), 0);
            assert_int_equal(memcmp(read.sign, identity.sign, GP_KEY_BYTES), 0);
            assert_int_equal(memcmp(&read.own, &identity.own, sizeof read.own), 0);
            assert_true(read.device == identity.device);
            assert_string_equal(read.address, addresses[i]);
        }
    }
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void an_identity_others_can_read_is_refused(void **state)
{
    struct gp_identity identity = identity_of(1, ""), read;

    (void)state;
    assert_int_equal(gp_identity_load(path, &read, &reason), GP_ENOTFOUND);
    assert_int_equal(gp_identity_save(path, &identity, &reason), 0);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(gp_identity_load(path, &read, &reason), GP_EINVAL);
    assert_non_null(strstr(reason, "identity"));
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

#define KEY     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE="
#define FIRST   "gridpost-identity-1\n"
#define KEYS    "server " KEY "\nsign " KEY "\nsecret " KEY "\n"
#define SEVENTY "0123456789012345678901234567890123456789012345678901234567890123456789"

static void what_is_no_identity_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        KEYS,
        FIRST,
        "gridpost-identity-2\n" KEYS,
        FIRST "server " KEY "\nsign " KEY "\n",
        FIRST "server " KEY "\nsecret " KEY "\n",
        FIRST "sign " KEY "\nsecret " KEY "\n",
        FIRST KEYS KEYS,
        FIRST KEYS "device\n",
        FIRST KEYS "device x\n",
        FIRST KEYS "device -1\n",
        FIRST KEYS "device 12345678901234567890\n",
        FIRST KEYS "device 1\ndevice 1\n",
        FIRST KEYS "address \n",
        FIRST KEYS "address a b\n",
        FIRST KEYS "address \x01\n",
        FIRST KEYS "address " SEVENTY SEVENTY "\n",
        FIRST KEYS "colour red\n",
        FIRST KEYS "\n",
    };
    struct gp_identity read = {.device = 4711};

    (void)state;
    for (size_t i = 0; i < GP_COUNT(bad); i++) {
        put(bad[i]);
        assert_int_equal(gp_identity_load(path, &read, &reason), GP_EFORMAT);
    }
    assert_int_equal(read.device, 4711);
    put(FIRST "device 3\n" KEYS);
    assert_int_equal(gp_identity_load(path, &read, &reason), 0);
    assert_int_equal(read.device, 3);
    put(FIRST "device 3\nserver " KEY "\nsign " KEY "\nsecret " KEY); /* no last line's end */
    assert_int_equal(gp_identity_load(path, &read, &reason), 0);
}

static void saving_where_nothing_can_be_says_so(void **state)
{
    struct gp_identity identity = identity_of(1, "");

    (void)state;
    assert_int_equal(gp_identity_save("/nonexistent/identity", &identity, &reason), GP_ENOTFOUND);
    assert_non_null(strstr(reason, "/nonexistent/identity"));
}

int main(void)
{
#define ON_DISK(name) cmocka_unit_test_setup_teardown(name, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_is_read_however_it_was_wrapped),
        cmocka_unit_test(every_slip_of_the_pen_is_noticed),
        cmocka_unit_test(a_cut_or_grown_invitation_is_damaged),
        cmocka_unit_test(other_texts_are_no_invitations),
        cmocka_unit_test(an_invitation_is_over_at_its_second),
        cmocka_unit_test(a_hint_is_checked_by_its_key),
        ON_DISK(an_identity_comes_back_as_it_was_saved),
        ON_DISK(an_identity_others_can_read_is_refused),
        ON_DISK(what_is_no_identity_is_refused),
        ON_DISK(saving_where_nothing_can_be_says_so),
    };
    return cmocka_run_group_tests_name("papers", tests, start_trust, NULL);
}
