/* Erasing with a real daemon: what was typed is shown, is erased, and is in no table any more. */
#include "lib/client.h"
#include "lib/daemon.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TEXT       "住三楼的老人独居，门锁坏了"
#define PHONE      "13800001234"
#define DONE       "typed by the one who did it"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---------------------------------------------------------------- commands */

static void must(struct client *client, const struct gp_request *request)
{
    struct gp_reply reply = client_ask(client, request);

    if (reply.status != GP_STATUS_OK)
        fail_msg("%s: status %d, %.*s", gp_verb_name(request->command.verb), reply.status,
                 GP_SPAN_ARG(reply.detail));
}

static void act(struct client *client, enum gp_verb verb, const char *by, const char *text)
{
    struct gp_request request = request_command(verb, 1, by);

    request.command.text = gp_span_of(text);
    must(client, &request);
}

/* Incident 1, from its report to its end; returns the report. */
static struct gp_request close_one(struct client *client)
{
    struct gp_request report = request_report();

    report.command.text = GP_SPAN(TEXT);
    report.command.phone = GP_SPAN(PHONE);
    must(client, &report);
    act(client, GP_VERB_FINISH, "li", DONE);
    act(client, GP_VERB_VERIFY, "wang", "");
    act(client, GP_VERB_CLOSE, "wang", "");
    return report;
}

static struct gp_span text_of_one(struct client *client)
{
    struct gp_request request = {
        .kind = GP_REQUEST_INCIDENT, .person = GP_SPAN("li"), .incident = 1};
    struct gp_reply reply = client_ask(client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    return reply.incident->text;
}

/* The report's entry as a follower gets it; it is the journal's first. */
static const struct gp_entry *reported(struct client *client)
{
    struct gp_request request = request_feed(0, 0);
    struct gp_reply reply = client_ask(client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    for (uint32_t i = 0; i < reply.feed.count; i++) {
        if (reply.feed.item[i]->what == GP_WHAT_REPORTED)
            return reply.feed.item[i];
    }
    fail_msg("nothing was reported");
    return NULL;
}

/* ---------------------------------------------------------------- the store */

static bool holds(struct gp_span bytes, const char *words)
{
    return memmem(bytes.ptr, bytes.len, words, strlen(words)) != NULL;
}

static unsigned rows_with_texts(struct gp_txn *txn, enum gp_table table)
{
    struct gp_span key, value;
    struct gp_walk *walk;
    unsigned count = 0;

    assert_int_equal(gp_walk_open(txn, table, (struct gp_span){0}, &walk), 0);
    while (gp_walk_next(walk, &key, &value) == 0)
        count += holds(value, TEXT) || holds(value, PHONE) || holds(value, DONE);
    gp_walk_close(walk);
    return count;
}

/* Texts are in the rows of `personal`, so many, and nowhere else. The daemon must be stopped. */
static void texts_in_personal_only(const struct daemon *daemon, unsigned expected)
{
    const struct gp_store_options options = {.map_bytes = UINT64_C(1) << 30};
    struct gp_store *store;
    struct gp_txn *txn;

    assert_int_equal(gp_store_open(daemon->store, &options, &store), 0);
    assert_int_equal(gp_txn_read(store, &txn), 0);
    for (int table = 0; table < GP_TABLE_COUNT; table++)
        assert_int_equal(rows_with_texts(txn, (enum gp_table)table),
                         table == GP_TABLE_PERSONAL ? expected : 0);
    gp_txn_abort(txn);
    gp_store_close(store);
}

/* Each command has a salt of its own, made by the daemon. */
static void salts_are_random(const struct daemon *daemon)
{
    const struct gp_store_options options = {.map_bytes = UINT64_C(1) << 30};
    static const unsigned char none[GP_SALT_BYTES];
    struct gp_personal personal[2];
    struct gp_span key, value;
    struct gp_store *store;
    struct gp_walk *walk;
    struct gp_txn *txn;
    uint64_t incident, seq;

    assert_int_equal(gp_store_open(daemon->store, &options, &store), 0);
    assert_int_equal(gp_txn_read(store, &txn), 0);
    assert_int_equal(gp_walk_open(txn, GP_TABLE_PERSONAL, (struct gp_span){0}, &walk), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gp_walk_next(walk, &key, &value), 0);
        assert_int_equal(gp_personal_read(key, value, &incident, &seq, &personal[i]), 0);
        assert_memory_not_equal(personal[i].salt, none, sizeof none);
    }
    assert_memory_not_equal(personal[0].salt, personal[1].salt, sizeof none);
    gp_walk_close(walk);
    gp_txn_abort(txn);
    gp_store_close(store);
}

static void offline_checks_pass(struct daemon *daemon, const char *said, const char *copy)
{
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 0);
    daemon_assert_log(daemon, said);
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy)), 0);
}

/* Whether the entries' reason stands in it, which is no personal text and never goes. */
static bool looked_through(const char *folder, const char *name)
{
    char path[DAEMON_PATH_BYTES + 64];
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &stat), 0);
    char *bytes = malloc((size_t)stat.st_size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)stat.st_size, file), stat.st_size);
    struct gp_span all = {bytes, (size_t)stat.st_size};
    assert_false(holds(all, TEXT) || holds(all, PHONE) || holds(all, DONE));
    bool found = holds(all, "three years are over");
    free(bytes);
    assert_int_equal(fclose(file), 0);
    return found;
}

/* LMDB leaves old bytes in free pages; a rebuilt store never had them. */
static void not_in_the_files(const char *folder)
{
    (void)looked_through(folder, "data.mdb");
    assert_true(looked_through(folder, "journal/0000000000000001.log"));
}

/* ---------------------------------------------------------------- the test */

static void erased_is_gone(void **state)
{
    struct daemon *daemon = *state;
    char copy[2][DAEMON_PATH_BYTES + 16];
    struct client client;

    for (int i = 0; i < 2; i++)
        (void)snprintf(copy[i], sizeof copy[i], "%s-copy%d", daemon->store, i);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    struct gp_request report = close_one(&client);
    assert_true(gp_span_is(text_of_one(&client), TEXT));
    assert_true(gp_span_is(reported(&client)->text, TEXT));
    assert_true(gp_span_is(reported(&client)->phone, PHONE));
    assert_false(reported(&client)->flags & GP_FLAG_ERASED);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    texts_in_personal_only(daemon, 2);
    salts_are_random(daemon);
    offline_checks_pass(daemon, "texts: 2 as journalled, 0 erased", copy[0]);

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    act(&client, GP_VERB_ERASE, "feng", "three years are over");
    assert_int_equal(text_of_one(&client).len, 0);
    assert_int_equal(reported(&client)->text.len, 0);
    assert_int_equal(reported(&client)->phone.len, 0);
    assert_true(reported(&client)->flags & GP_FLAG_ERASED);
    assert_true(client_ask(&client, &report).answer.repeated);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    texts_in_personal_only(daemon, 0);
    offline_checks_pass(daemon, "texts: 0 as journalled, 2 erased", copy[1]);
    not_in_the_files(copy[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(erased_is_gone, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
