/* The side lines through the real daemon: what they leave behind is on disk, and in the journal. */
#include "lib/client.h"
#include "lib/daemon.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct daemon daemon_of_test;
static struct client client;

static int set_up(void **state)
{
    daemon_prepare(&daemon_of_test);
    daemon_start(&daemon_of_test, NULL);
    client_open(&client, daemon_of_test.socket);
    *state = &daemon_of_test;
    return 0;
}

static int tear_down(void **state)
{
    client_close(&client);
    daemon_remove(*state);
    return 0;
}

static void start_again(struct daemon *daemon)
{
    client_close(&client);
    daemon_kill(daemon);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
}

static struct gp_reply act(enum gp_verb verb, uint64_t incident, const char *person,
                           struct gp_command details)
{
    struct gp_request request = request_command(verb, incident, person);

    details.verb = request.command.verb;
    details.incident = incident;
    memcpy(details.id, request.command.id, sizeof details.id);
    request.command = details;
    return client_ask(&client, &request);
}

static void done(enum gp_verb verb, uint64_t incident, const char *person,
                 struct gp_command details)
{
    struct gp_reply reply = act(verb, incident, person, details);
    if (reply.status != GP_STATUS_OK)
        fail_msg("%s: %s, %.*s", gp_verb_name(verb), gp_reason_word(reply.reason),
                 GP_SPAN_ARG(reply.detail));
}

static const struct gp_incident *incident_of(uint64_t id)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    return client_ask(&client, &request).incident;
}

/* How many reports follow it, and the last of them. */
static uint32_t followers_of(uint64_t id, uint64_t *ret_last)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = id};
    struct gp_reply reply = client_ask(&client, &request);

    *ret_last = reply.follower_count > 0 ? reply.follower[reply.follower_count - 1] : 0;
    return reply.follower_count;
}

static void a_suspension_outlives_a_kill(void **state)
{
    uint64_t id = client_report(&client);
    struct gp_command until = {.from_ms = (int64_t)time(NULL) * 1000 + 30 * GP_MS_DAY,
                               .text = GP_SPAN("a pump has to be ordered")};

    done(GP_VERB_ACCEPT, id, "li", (struct gp_command){0});
    done(GP_VERB_SUSPEND, id, "zheng", until);
    start_again(*state);
    assert_int_equal(incident_of(id)->state, GP_STATE_SUSPENDED);
    assert_true(incident_of(id)->side.resume_ms >= until.from_ms);
    assert_int_equal(act(GP_VERB_FINISH, id, "li", (struct gp_command){0}).reason, GP_REASON_STATE);
    done(GP_VERB_RESUME, id, "zheng", (struct gp_command){0});
    assert_int_equal(incident_of(id)->state, GP_STATE_ACCEPTED);
    assert_int_equal(incident_of(id)->side.suspensions, 1);
}

static void the_main_incident_names_what_follows_it(void **state)
{
    uint64_t main = client_report(&client), second = client_report(&client), last;

    (void)state;
    assert_int_equal(followers_of(main, &last), 0);
    done(GP_VERB_LINK, second, "zheng", (struct gp_command){.other = main});
    assert_int_equal(followers_of(main, &last), 1);
    assert_true(last == second);
    assert_int_equal(followers_of(second, &last), 0);
    done(GP_VERB_UNLINK, second, "zheng", (struct gp_command){0});
    assert_int_equal(followers_of(main, &last), 0);
}

static void a_duplicate_closes_with_its_main_incident(void **state)
{
    uint64_t main = client_report(&client), second = client_report(&client);

    done(GP_VERB_LINK, second, "zheng", (struct gp_command){.other = main});
    start_again(*state);
    assert_int_equal(incident_of(second)->side.main, main);
    done(GP_VERB_FINISH, main, "li", (struct gp_command){0});
    done(GP_VERB_VERIFY, main, "zheng", (struct gp_command){.result = GP_RESULT_YES});
    done(GP_VERB_CLOSE, main, "zheng", (struct gp_command){0});
    assert_int_equal(incident_of(second)->state, GP_STATE_CLOSED);
}

/* The entry that told li, by the incident's own feed. */
static uint64_t told_li(uint64_t incident)
{
    struct gp_request request = request_feed(0, 0);

    request.feed.filter.incident = incident;
    struct gp_reply reply = client_ask(&client, &request);
    for (uint32_t i = 0; i < reply.feed.count; i++) {
        const struct gp_entry *entry = reply.feed.item[i];
        if (entry->recipient_count > 0 && gp_span_is(entry->recipient[0].person, "li"))
            return entry->seq;
    }
    fail_msg("nobody told li");
    return 0;
}

static void a_notice_is_acknowledged_by_who_was_told(void **state)
{
    uint64_t id = client_report(&client);
    struct gp_command notice = {.ref_seq = told_li(id), .delivery = GP_DELIVERY_READ};

    (void)state;
    assert_int_equal(act(GP_VERB_DELIVER, id, "sun", notice).reason, GP_REASON_NOT_TOLD);
    done(GP_VERB_DELIVER, id, "li", notice);
    struct gp_request request = request_feed(notice.ref_seq, 0);
    request.feed.filter.incident = id;
    struct gp_reply reply = client_ask(&client, &request);
    assert_int_equal(reply.feed.count, 1);
    assert_int_equal(reply.feed.item[0]->what, GP_WHAT_DELIVERED);
    assert_int_equal(reply.feed.item[0]->ref_seq[0], notice.ref_seq);
    assert_true(gp_span_is(reply.feed.item[0]->subject, "li"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_suspension_outlives_a_kill),
        T(the_main_incident_names_what_follows_it),
        T(a_duplicate_closes_with_its_main_incident),
        T(a_notice_is_acknowledged_by_who_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
