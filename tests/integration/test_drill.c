/* A drill: hours of a ladder in seconds, in a store of its own. */
#include "base/bytes.h"
#include "base/clocktext.h"
#include "lib/client.h"
#include "lib/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* 10 hours in a second. */
static const char *const drill[] = {"--drill",       "--clock-rate",           "36000",
                                    "--clock-start", "2026-09-30T08:00+08:00", NULL};

/* The ladder U on 2 urgent hours: step and minutes after dispatch. */
static const struct {
    enum gp_step step;
    uint32_t nth;
    int64_t after_min;
} ladder[] = {
    {GP_STEP_DISPATCH, 0, 0}, {GP_STEP_UNACCEPTED, 0, 15}, {GP_STEP_YELLOW, 0, 60},
    {GP_STEP_RED, 0, 120},    {GP_STEP_BLUE, 0, 180},      {GP_STEP_CARD, 0, 360},
    {GP_STEP_REPEAT, 1, 600}, {GP_STEP_REPEAT, 2, 840},
};
#define STEPS (sizeof ladder / sizeof ladder[0])

static int set_up(void **state)
{
    static struct daemon daemon;

    daemon_prepare(&daemon);
    daemon_start(&daemon, drill);
    *state = &daemon;
    return 0;
}

static int tear_down(void **state)
{
    assert_int_equal(daemon_stop(*state), 0);
    daemon_remove(*state);
    return 0;
}

static uint64_t report_urgent(struct client *client)
{
    struct gp_request request = request_report();

    request.command.category = GP_SPAN("u2");
    request.command.captured_ms = (int64_t)(gp_get_u64(request.command.id) >> 16);
    struct gp_reply reply = client_ask(client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    return reply.answer.incident;
}

/* Follows the steps of one incident and checks each against the ladder. */
struct climb {
    uint64_t after;               /* seq */
    size_t next;                  /* of the ladder */
    int64_t dispatched_ms, at_ms; /* of the last entry */
    bool handed_over;
};

static void look_at(struct climb *climb, const struct gp_entry *entry)
{
    assert_true((entry->flags & GP_FLAG_DRILL) != 0);
    assert_true((entry->flags & GP_FLAG_SKEW) == 0); /* the handset's clock is the real one */
    climb->at_ms = entry->at_ms;
    if (entry->what == GP_WHAT_HANDOVER) {
        assert_true(gp_span_is(entry->owner, "F-SZ"));
        assert_false(climb->handed_over);
        climb->handed_over = true;
    }
    if (entry->what != GP_WHAT_STEP || climb->next == STEPS)
        return;
    assert_int_equal(entry->step, ladder[climb->next].step);
    assert_int_equal(entry->nth, ladder[climb->next].nth);
    if (climb->next == 0)
        climb->dispatched_ms = entry->nominal_ms;
    assert_int_equal(entry->nominal_ms - climb->dispatched_ms,
                     ladder[climb->next].after_min * GP_MS_MINUTE);
    assert_true(entry->late_ms >= 0);
    assert_true(entry->recipient_count > 0);
    climb->next++;
}

static void follow(struct client *client, struct climb *climb, uint64_t id, size_t until)
{
    struct gp_request request = request_feed(0, 20000);

    request.feed.filter.incident = id;
    while (climb->next < until) {
        request.feed.after = climb->after;
        struct gp_reply reply = client_ask(client, &request);
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_true(reply.feed.count > 0);
        for (uint32_t i = 0; i < reply.feed.count; i++)
            look_at(climb, reply.feed.item[i]);
        climb->after = reply.feed.scanned_to;
    }
}

static void every_step_of_the_ladder_arrives_once_in_order(void **state)
{
    struct daemon *daemon = *state;
    struct climb climb = {0};
    struct client client;

    client_open(&client, daemon->socket);
    assert_true(client_status(&client).drill);
    assert_int_equal(client_status(&client).clock_rate, 36000);
    follow(&client, &climb, report_urgent(&client), STEPS);
    assert_true(climb.handed_over);
    client_close(&client);
}

/* The drill's clock goes on from where the journal has seen it. */
static void killed_drill_goes_on_where_it_was(void **state)
{
    struct daemon *daemon = *state;
    struct climb climb = {0};
    struct client client;

    client_open(&client, daemon->socket);
    uint64_t id = report_urgent(&client);
    follow(&client, &climb, id, 3);
    client_close(&client);
    daemon_kill(daemon);

    daemon_start(daemon, drill);
    client_open(&client, daemon->socket);
    assert_true(client_status(&client).now_ms >= climb.at_ms);
    follow(&client, &climb, id, STEPS);
    assert_true(climb.handed_over);
    client_close(&client);
}

static void accepted_incident_is_not_called_unaccepted(void **state)
{
    struct daemon *daemon = *state;
    struct gp_request request;
    struct client client;

    client_open(&client, daemon->socket);
    uint64_t id = report_urgent(&client);
    request = request_command(GP_VERB_FINISH, id, "li");
    assert_int_equal(client_ask(&client, &request).status, GP_STATUS_OK);
    request = request_feed(0, GP_FEED_WAIT_MS_MAX); /* the checker's half hour passes */
    request.feed.filter.incident = id;
    request.feed.after = client_status(&client).head;
    struct gp_reply reply = client_ask(&client, &request);
    assert_int_equal(reply.feed.count, 1);
    assert_int_equal(reply.feed.item[0]->step, GP_STEP_VERIFY_LATE);
    request = request_feed(reply.feed.item[0]->seq, 500); /* 5 hours of the drill: no more comes */
    request.feed.filter.incident = id;
    assert_int_equal(client_ask(&client, &request).feed.count, 0);
    client_close(&client);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_step_of_the_ladder_arrives_once_in_order),
        TEST(killed_drill_goes_on_where_it_was),
        TEST(accepted_incident_is_not_called_unaccepted),
    };

    return cmocka_run_group_tests_name("drill", tests, NULL, NULL);
}
