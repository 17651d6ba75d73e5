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

/* Who reads it gets an error, everybody else an answer; who would write on top of it stops. */
static void a_row_that_rots_ends_nobody_else(void **state)
{
    struct daemon *daemon = *state;
    unsigned char key[8];
    struct client client;

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    for (uint64_t id = 1; id <= 3; id++)
        assert_int_equal(client_report(&client), id);
    for (uint64_t id = 1; id <= 3; id++) /* waits for the checkpoint that has it */
        assert_int_equal(ask_incident(&client, id).status, GP_STATUS_OK);
    gp_put_u64(key, 2);
    rot(daemon, GP_TABLE_INCIDENT, (struct gp_span){(const char *)key, sizeof key});

    assert_int_equal(ask_incident(&client, 2).status, GP_STATUS_TRY_AGAIN);
    daemon_assert_log(daemon, "a damaged row was read");
    const struct gp_request list = {.kind = GP_REQUEST_QUERY};
    assert_int_equal(client_ask(&client, &list).status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(ask_incident(&client, 1).status, GP_STATUS_OK);
    assert_int_equal(ask_incident(&client, 3).status, GP_STATUS_OK);
    struct gp_request accept = request_command(GP_VERB_ACCEPT, 3, "li");
    assert_int_equal(client_ask(&client, &accept).status, GP_STATUS_OK);
    struct gp_request report = request_report(); /* of another category: the search for duplicates
                                                  * looks at its own kind */
    report.command.category = GP_SPAN("n8");
    assert_int_equal(client_ask(&client, &report).answer.incident, 4);

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_that_rots_ends_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_page_that_ends_the_check_does_not_end_the_daemon, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
