/* Rows that rot on the disk while the daemon runs. */
#include "base/bytes.h"
#include "lib/client.h"
#include "lib/daemon.h"
#include "rot/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct daemon daemon;

    daemon_prepare(&daemon);
    *state = &daemon;
    return 0;
}

static int tear_down(void **state)
{
    daemon_remove(*state);
    return 0;
}

/* The daemon is at rest: its data file is as its last checkpoint left it, and a copy can be looked
 * at in its stead. */
static void rot(const struct daemon *daemon, enum gp_table table, struct gp_span key)
{
    char copy[DAEMON_PATH_BYTES + 8];
    struct row_place row;
    unsigned char byte;

    (void)snprintf(copy, sizeof copy, "%s-copy", daemon->store);
    place_copy(daemon->store, copy);
    row = place_of_row(copy, table, key);
    place_remove(copy);
    place_read(daemon->store, "data.mdb", row.value_at + 3, &byte, 1);
    byte ^= 0x10;
    place_write(daemon->store, "data.mdb", row.value_at + 3, &byte, 1);
}

static struct gp_reply ask_incident(struct client *client, uint64_t id)
{
    const struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    return client_ask(client, &request);
}

static void rot_incident(const struct daemon *daemon, uint64_t id)
{
    unsigned char key[8];

    gp_put_u64(key, id);
    rot(daemon, GP_TABLE_INCIDENT, (struct gp_span){(const char *)key, sizeof key});
}

/* Reports so many and waits for the checkpoint that has them. */
static void report_some(struct client *client, uint64_t count)
{
    for (uint64_t id = 1; id <= count; id++)
        assert_int_equal(client_report(client), id);
    for (uint64_t id = 1; id <= count; id++)
        assert_int_equal(ask_incident(client, id).status, GP_STATUS_OK);
}

/* Who reads it gets an error, everybody else an answer; who would write on top of it stops. */
static void a_row_that_rots_ends_nobody_else(void **state)
{
    struct daemon *daemon = *state;
    struct client client;

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    report_some(&client, 3);
    rot_incident(daemon, 2);

    assert_int_equal(ask_incident(&client, 2).status, GP_STATUS_TRY_AGAIN);
    daemon_assert_log(daemon, "a damaged row was read");
    const struct gp_request list = {.kind = GP_REQUEST_QUERY};
    assert_int_equal(client_ask(&client, &list).status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(ask_incident(&client, 1).status, GP_STATUS_OK);
    assert_int_equal(ask_incident(&client, 3).status, GP_STATUS_OK);
    struct gp_request accept = request_command(GP_VERB_ACCEPT, 3, "li");
    assert_int_equal(client_ask(&client, &accept).status, GP_STATUS_OK);

    accept = request_command(GP_VERB_ACCEPT, 2, "li");
    client_send(&client, &accept);
    assert_int_equal(daemon_wait(daemon), 1);
    client_close(&client);
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--verify", NULL}), 1);
    daemon_assert_log(daemon, "table incident, incident 2, key 0000000000000002: ");
}

/* A bit of what LMDB keeps in front of a row: it says now that two gigabytes of value follow. */
static void rot_head(const struct daemon *daemon, enum gp_table table, struct gp_span key)
{
    char copy[DAEMON_PATH_BYTES + 8];
    unsigned char byte;

    (void)snprintf(copy, sizeof copy, "%s-copy", daemon->store);
    place_copy(daemon->store, copy);
    size_t at = place_of_row(copy, table, key).value_at - key.len - 5; /* of its length */
    place_remove(copy);
    place_read(daemon->store, "data.mdb", at, &byte, 1);
    assert_int_equal(byte, 0);
    byte = 0x80;
    place_write(daemon->store, "data.mdb", at, &byte, 1);
}

static struct gp_backup_state back_up(struct client *client, enum gp_backup_act act)
{
    struct gp_request request = {
        .kind = GP_REQUEST_BACKUP, .person = GP_SPAN("feng"), .backup = (uint8_t)act};
    struct gp_reply reply = client_ask(client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    request.backup = GP_BACKUP_LOOK;
    do
        reply = client_ask(client, &request);
    while (reply.backup.phase != GP_BACKUP_NONE);
    return reply.backup;
}

/* The check of a copy is a process of its own, so that what it dies of is told of by who does not.
 */
static void a_page_that_ends_the_check_does_not_end_the_daemon(void **state)
{
    struct daemon *daemon = *state;
    char line[DAEMON_PATH_BYTES * 2];
    unsigned char key[16];
    struct client client;

    (void)snprintf(line, sizeof line, "backup_dir: %s/backup", daemon->folder);
    daemon_setting(daemon, line);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    assert_int_equal(client_report(&client), 1);
    gp_put_u64(key + 8, client_status(&client).head + 1); /* what the next one's text belongs to */
    gp_put_u64(key, client_report(&client));
    assert_int_equal(ask_incident(&client, 2).status, GP_STATUS_OK); /* it is in the file now */
    assert_int_equal(back_up(&client, GP_BACKUP_CHECK).result, GP_BACKUP_GOOD);
    rot_head(daemon, GP_TABLE_PERSONAL, (struct gp_span){(const char *)key, sizeof key});

    assert_int_equal(back_up(&client, GP_BACKUP_CHECK).result, GP_BACKUP_DAMAGED);
    assert_int_equal(back_up(&client, GP_BACKUP_MAKE).result, GP_BACKUP_DAMAGED);
    assert_true(client_status(&client).head > 0);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--verify", NULL}), 1);
    daemon_assert_log(daemon, "a page is damaged: the check died");
}

/* What the journal says that a report is likely to be a duplicate of. */
static void expect_similar(struct client *client, uint64_t incident, const uint64_t *similar,
                           uint8_t count)
{
    struct gp_request feed = request_feed(0, 0);

    feed.feed.filter.whats = UINT64_C(1) << GP_WHAT_REPORTED;
    struct gp_reply reply = client_ask(client, &feed);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.feed.count, incident); /* one for each incident so far */
    const struct gp_entry *entry = reply.feed.item[incident - 1];
    assert_int_equal(entry->incident, incident);
    assert_int_equal(entry->similar_count, count);
    for (uint8_t i = 0; i < count; i++)
        assert_int_equal(entry->similar[i], similar[i]);
}

static unsigned count_in_log(const struct daemon *daemon, const char *text)
{
    FILE *file = fopen(daemon->log, "r");
    char line[512];
    unsigned count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strstr(line, text) != NULL;
    (void)fclose(file); /* was read only */
    return count;
}

/* They are a hint for the dispatcher: a report is not to wait for the store to be mended. */
static void what_is_damaged_is_no_likely_duplicate(void **state)
{
    struct daemon *daemon = *state;
    struct client client;

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    report_some(&client, 3);
    rot_incident(daemon, 2);
    for (uint64_t id = 4; id <= 6; id++)
        assert_int_equal(client_report(&client), id);
    expect_similar(&client, 6, (const uint64_t[]){5, 4, 3, 1}, 4);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(count_in_log(daemon, "a damaged row was read"), 1);
    assert_int_equal(count_in_log(daemon, "incident 2 "), 1);
}

static void rot_by_area(const struct daemon *daemon, uint64_t padded, uint64_t id)
{
    unsigned char key[16];

    gp_put_u64(key, padded);
    gp_put_u64(key + 8, id);
    rot(daemon, GP_TABLE_BY_AREA, (struct gp_span){(const char *)key, sizeof key});
}

/* The same of the rows by which they are found; those of other grids are not looked at. */
static void a_damaged_row_of_the_index_is_passed_over(void **state)
{
    struct daemon *daemon = *state;
    struct gp_request other = request_report();
    struct client client;

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    report_some(&client, 3);
    rot_by_area(daemon, UINT64_C(340705006001001), 3);
    other.command.grid = GP_SPAN("340705006001002"); /* begins where the first grid's rows end */
    assert_int_equal(client_ask(&client, &other).answer.incident, 4);
    assert_int_equal(count_in_log(daemon, "a damaged row was read"), 0);
    assert_int_equal(client_report(&client), 5);
    expect_similar(&client, 5, (const uint64_t[]){2, 1}, 2);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(count_in_log(daemon, "a damaged row was read"), 1);
    assert_int_equal(count_in_log(daemon, "incident 3 "), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_that_rots_ends_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_ends_the_check_does_not_end_the_daemon, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_no_likely_duplicate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_row_of_the_index_is_passed_over, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
