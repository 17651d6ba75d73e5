/* Receipts that commands keep, signed heads, and the walk along the journal's chain. */
#include "tools/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Runs words of which "@" stands for a file in the folder. */
static int run_with(struct office *office, const char *words, const char *name)
{
    char path[128], text[1024];
    const char *at = strchr(words, '@');

    run_path(&office->run, name, path);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - words), words, path, at + 1);
    return run_words(&office->run, text);
}

/* Replaces the first of a text in a file by another of the same length. */
static void change(const struct office *office, const char *name, const char *from, const char *to)
{
    char path[128], text[16 * 1024];

    run_path(&office->run, name, path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    fclose(file);
    char *found = strstr(text, from);
    assert_non_null(found);
    memcpy(found, to, strlen(to));
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

#define REPORT "report --grid 340705402001001 --category C01-01 --receipt @ lamp"

/* ---------------------------------------------------------------- receipts */

static void a_receipt_is_kept_and_is_true(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_with(office, REPORT, "proof"), 0);
    office_contains(office->run.out, "#41 ");
    assert_int_equal(run_with(office, "receipt verify @", "proof"), 0);
    office_contains(office->run.out, "entry      304 of 2026-06-22 00:00:00\n");
    office_contains(office->run.out, "request    report C01-01 \n");
    office_contains(office->run.out, "text       lamp\n");
    office_contains(office->run.out, "(2 of 2 in its batch)");
    office_contains(office->run.out, "\nvalid ");
    assert_string_equal(office->run.err, "");
}

static void a_receipt_is_shown_as_json(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_with(office, REPORT, "proof"), 0);
    assert_int_equal(run_with(office, "receipt show @ --json", "proof"), 0);
    office_contains(office->run.out, "{\"seq\":304,\"at\":\"2026-06-22T00:00:00+08:00\","
                                     "\"verb\":\"report\"");
    assert_int_equal(run_with(office, "receipt verify @ --json", "proof"), 0);
    office_contains(office->run.out, "\"valid\":true}");
}

static void what_was_changed_is_not_valid(void **state)
{
    static const char *const changes[][2] = {{"\"seq\": 304", "\"seq\": 305"},
                                             {"\"at_ms\": 178", "\"at_ms\": 179"},
                                             {"\"index\": 1", "\"index\": 0"},
                                             {"6c616d70", "6c616d71"}}; /* the request: lamp */
    struct office *office = *state;

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(run_with(office, REPORT, "proof"), 0);
        change(office, "proof", changes[i][0], changes[i][1]);
        assert_int_equal(run_with(office, "receipt verify @", "proof"), 1);
        office_contains(office->run.err, "NOT VALID");
    }
    change(office, "proof", "\"format\"", "\"farmot\"");
    assert_int_equal(run_with(office, "receipt verify @", "proof"), 1);
    office_contains(office->run.err, "it is damaged");
}

static void the_key_is_whose_signature_it_shall_be(void **state)
{
    struct office *office = *state;
    char key[GP_KEY_TEXT], words[128];
    struct gp_server_keys other;

    assert_int_equal(run_with(office, REPORT, "proof"), 0);
    gp_key_format(office->sealed.keys.sign_public, key);
    snprintf(words, sizeof words, "receipt verify @ --key %s", key);
    assert_int_equal(run_with(office, words, "proof"), 0);
    gp_keys_new(&other);
    gp_key_format(other.sign_public, key);
    snprintf(words, sizeof words, "receipt verify @ --key %s", key);
    assert_int_equal(run_with(office, words, "proof"), 1);
    office->run.known = false;
    assert_int_equal(run_with(office, "receipt verify @", "proof"), 0);
    office_contains(office->run.err, "the key in the file itself");
}

static void a_receipt_that_was_not_given_is_a_failure(void **state)
{
    struct office *office = *state;

    office->refusal = (struct gp_reply){.status = GP_STATUS_OK, .kind = GP_REPLY_ANSWER};
    assert_int_equal(run_with(office, REPORT, "proof"), 1);
    office_contains(office->run.err, "no receipt");
}

/* ---------------------------------------------------------------- head and chain */

static void a_head_is_signed_and_written_whole(void **state)
{
    struct office *office = *state;
    char path[128];

    assert_int_equal(run_words(&office->run, "head"), 0);
    office_contains(office->run.out, "{\"format\":\"gridpost head 1\",\"seq\":5,");
    assert_int_equal(run_with(office, "head --output @", "head"), 0);
    assert_string_equal(office->run.out, "");
    run_path(&office->run, "head", path);
    assert_int_equal(access(path, R_OK), 0);
}

static void a_head_of_another_server_is_not_taken(void **state)
{
    struct office *office = *state;
    struct gp_server_keys other;
    char path[128];

    gp_keys_new(&other);
    memcpy(office->sealed.keys.sign_secret, other.sign_secret, sizeof other.sign_secret);
    assert_int_equal(run_with(office, "head --output @", "head"), 1);
    office_contains(office->run.err, "NOT VALID");
    run_path(&office->run, "head", path);
    assert_int_equal(access(path, F_OK), -1);
}

static void the_whole_chain_is_walked(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_words(&office->run, "verify"), 0);
    assert_string_equal(office->run.out, "5 entries, the chain is whole\n");
    assert_int_equal(fake_count(office->run.fake), 3);
    assert_int_equal(run_words(&office->run, "verify --json"), 0);
    office_contains(office->run.out, "{\"valid\":true,\"upto\":5,\"hash\":\"05a0a0");
}

static void a_broken_chain_is_said(void **state)
{
    struct office *office = *state;

    office->break_at = 4;
    assert_int_equal(run_words(&office->run, "verify"), 1);
    office_contains(office->run.err, "the chain breaks at entry 4");
    assert_int_equal(run_words(&office->run, "verify --json"), 1);
    assert_string_equal(office->run.out, "{\"valid\":false,\"bad\":4,\"upto\":2}\n");
}

static void the_chain_goes_on_from_a_head(void **state)
{
    struct office *office = *state;

    assert_int_equal(run_with(office, "head --output @", "head"), 0);
    office->entries = 8;
    assert_int_equal(run_with(office, "verify --head @", "head"), 0);
    assert_string_equal(office->run.out,
                        "8 entries, the chain is whole and goes on from the signed head\n");
    office->entries = 4;
    assert_int_equal(run_with(office, "verify --head @", "head"), 1);
    office_contains(office->run.err, "entries were taken away");
    office->entries = 8;
    change(office, "head", "\"seq\":5", "\"seq\":6");
    assert_int_equal(run_with(office, "verify --head @", "head"), 1);
    office_contains(office->run.err, "NOT VALID");
}

static void a_journal_that_was_rewritten_is_seen(void **state)
{
    struct office *office = *state;
    struct gp_head head = {.seq = 5, .at_ms = 1};
    unsigned char signature[GP_SIGNATURE_BYTES];
    char path[128], key[GP_KEY_TEXT];

    gp_head_sign(&head, &office->sealed.keys, signature);
    gp_key_format(office->sealed.keys.sign_public, key);
    run_path(&office->run, "head", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "{\"format\":\"gridpost head 1\",\"seq\":5,\"at_ms\":1,\"hash\":\"%064d\",", 0);
    fprintf(file, "\"key\":\"%s\",\"signature\":\"", key);
    for (size_t i = 0; i < sizeof signature; i++)
        fprintf(file, "%02x", signature[i]);
    fputs("\"}", file);
    fclose(file);
    assert_int_equal(run_with(office, "verify --head @", "head"), 1);
    office_contains(office->run.err, "the journal was rewritten");
}

static void an_incident_is_still_verified(void **state)
{
    struct office *office = *state;
    struct gp_arena arena;

    assert_int_equal(run_words(&office->run, "verify --result fail 41"), 0);
    struct gp_command command = office_command(office, 0, &arena);
    assert_int_equal(command.verb, GP_VERB_VERIFY);
    assert_int_equal(command.incident, 41);
    assert_int_equal(command.result, GP_RESULT_NO);
    gp_arena_release(&arena);
    assert_int_equal(run_words(&office->run, "verify --result fail"), 64);
}

/* Whichever of the two is meant. */
static void help_of_verify_says_both_forms(void **state)
{
    static const char *const asked[] = {"verify --help", "verify --head x --help"};
    struct office *office = *state;

    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        assert_int_equal(run_words(&office->run, asked[i]), 0);
        office_contains(office->run.out, "verify [OPTION...] [--head FILE] [--key KEY]");
        office_contains(office->run.out, "--head=FILE");
        office_contains(office->run.out, "--key=KEY");
        office_contains(office->run.out, "--result=pass|fail");
    }
    assert_int_equal(run_words(&office->run, "accept --help"), 0);
    assert_null(strstr(office->run.out, "--head"));
    assert_int_equal(run_words(&office->run, "verify 41 --head /dev/null"), 64);
    office_contains(office->run.err, "without an incident");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, office_set_up, run_end)
        T(a_receipt_is_kept_and_is_true),
        T(a_receipt_is_shown_as_json),
        T(what_was_changed_is_not_valid),
        T(the_key_is_whose_signature_it_shall_be),
        T(a_receipt_that_was_not_given_is_a_failure),
        T(a_head_is_signed_and_written_whole),
        T(a_head_of_another_server_is_not_taken),
        T(the_whole_chain_is_walked),
        T(a_broken_chain_is_said),
        T(the_chain_goes_on_from_a_head),
        T(a_journal_that_was_rewritten_is_seen),
        T(an_incident_is_still_verified),
        T(help_of_verify_says_both_forms),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
