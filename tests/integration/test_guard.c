/* What the daemon keeps from a device that is known: what is not its right, and too much at once.
 */
#include "lib/sealed.h"
#include "lib/world.h"

#include <nanomsg/nn.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HELLOS 600 /* more than may be in the pool and wait for it */

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS INT64_C(1790730000000)

static int set_up_held(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_fault(&world.daemon, MORNING_MS);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static int set_up_slow(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_setting(&world.daemon, "device_rate: 4");
    daemon_setting(&world.daemon, "person_rate: 6");
    daemon_setting(&world.daemon, "bridge_rate: 9");
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static void enrol(struct world *world, struct sealed *device, const char *person, uint8_t role)
{
    sealed_enrol(device, &world->client, world->daemon.edge, person, role);
}

/* Entries of the journal whose text holds these words. */
static unsigned audit_lines(struct world *world, const char *words)
{
    unsigned count = 0;
    uint64_t after = 0;

    for (;;) {
        struct gp_request request = request_feed(after, 0);
        request.feed.filter.whats = UINT64_C(1) << GP_WHAT_AUDIT;
        struct gp_reply reply = client_ask(&world->client, &request);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            struct gp_span text = reply.feed.item[i]->text;
            count += memmem(text.ptr, text.len, words, strlen(words)) != NULL;
        }
        after = reply.feed.scanned_to;
        if (after >= reply.feed.head)
            return count;
    }
}

/* ---------------------------------------------------------------- rights */

static void denial_is_answered_counted_and_journalled_once_a_minute(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_VERIFY};
    struct sealed li;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    for (int i = 0; i < 3; i++) {
        struct gp_reply reply = sealed_ask(&li, &request);
        assert_int_equal(reply.status, GP_STATUS_REFUSED);
        assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
        assert_true(gp_span_is(reply.detail, "role officer: chain is none of its rights"));
    }
    assert_int_equal(client_status(&world->client).denied, 3);
    (void)client_report(&world->client); /* what was to be journalled is before it */
    assert_int_equal(audit_lines(world, "chain (1 since the last)"), 1);
    assert_int_equal(audit_lines(world, "denied: device"), 1);
    sealed_close(&li);
}

#define KNOCKERS 7 /* more devices than a batch has places for denials, and one */

/* While a batch is under way the next one takes four denials; its other places are for deadlines
 * and the clock. Who found none is told of later, with its count. */
static void denials_leave_room_for_what_cannot_wait(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_VERIFY};
    struct sealed device[KNOCKERS];

    for (int i = 0; i < KNOCKERS; i++)
        enrol(world, &device[i], "li", GP_ROLE_OFFICER);
    daemon_hold(&world->daemon, true);
    for (int i = 0; i < KNOCKERS; i++)
        assert_int_equal(sealed_ask(&device[i], &request).reason, GP_REASON_NO_RIGHT);
    daemon_hold(&world->daemon, false);
    (void)client_report(&world->client); /* what was to be journalled is before it */
    assert_int_equal(audit_lines(world, "denied: device"), 1 + 4);
    assert_int_equal(sealed_ask(&device[KNOCKERS - 1], &request).reason, GP_REASON_NO_RIGHT);
    (void)client_report(&world->client);
    assert_int_equal(audit_lines(world, "chain (2 since the last)"), 1);
    for (int i = 0; i < KNOCKERS; i++)
        sealed_close(&device[i]);
}

static void command_beyond_the_role_is_a_denial_too(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_command(GP_VERB_VOID, client_report(&world->client), "");
    struct sealed li;

    request.command.text = GP_SPAN("a joke");
    enrol(world, &li, "li", GP_ROLE_OFFICER);
    struct gp_reply reply = sealed_ask(&li, &request);
    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
    (void)client_report(&world->client); /* what was to be journalled is before it */
    assert_int_equal(audit_lines(world, "void (1 since the last)"), 1);
    sealed_close(&li);
}

static void handshake_of_a_revoked_device_is_a_denial(void **state)
{
    struct world *world = *state;
    struct sealed li, stranger;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    sealed_open(&stranger, world->daemon.edge);
    memcpy(stranger.server, li.server, sizeof stranger.server);
    assert_int_equal(sealed_hello(&stranger), GP_WELCOME_UNKNOWN);
    assert_int_equal(client_status(&world->client).denied, 0);
    sealed_revoke(&world->client, li.device);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sealed_hello(&li), GP_WELCOME_UNKNOWN);
    assert_int_equal(sealed_hello(&stranger), GP_WELCOME_UNKNOWN);
    assert_int_equal(client_status(&world->client).denied, 3);
    (void)client_report(&world->client); /* what was to be journalled is before it */
    assert_int_equal(audit_lines(world, "handshake, but revoked (1 since the last)"), 1);
    assert_int_equal(audit_lines(world, "denied: device"), 1);
    sealed_close(&stranger);
    sealed_close(&li);
}

/* Each read that the role has nowhere, and what it has in places of its own. */
static void reads_need_their_rights(void **state)
{
    const struct gp_request never[] = {
        {.kind = GP_REQUEST_VERIFY},
        {.kind = GP_REQUEST_QUERY},
        {.kind = GP_REQUEST_FEED},
        {.kind = GP_REQUEST_DEVICES, .devices = {.person = GP_SPAN("zhou")}},
        {.kind = GP_REQUEST_LEAVES, .leaves = {.person = GP_SPAN("zhou")}},
        {.kind = GP_REQUEST_CONTROL, .control = {.act = GP_CONTROL_CLOCK_CONFIRM}},
        {.kind = GP_REQUEST_ASSESS,
         .assess = {.from_ms = 1, .to_ms = GP_MS_DAY * 40000, .by = GP_BY_AREA}},
    };
    const struct gp_request own[] = {
        {.kind = GP_REQUEST_STATUS},
        {.kind = GP_REQUEST_HEAD},
        {.kind = GP_REQUEST_ROSTER},
        {.kind = GP_REQUEST_QUERY, .query = {.person = GP_SPAN("li")}},
        {.kind = GP_REQUEST_FEED, .feed = {.filter = {.person = GP_SPAN("li")}}},
        {.kind = GP_REQUEST_DEVICES, .devices = {.person = GP_SPAN("li")}},
    };
    struct world *world = *state;
    struct sealed li;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_int_equal(sealed_ask(&li, &never[i]).reason, GP_REASON_NO_RIGHT);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        assert_int_equal(sealed_ask(&li, &own[i]).status, GP_STATUS_OK);
    sealed_close(&li);
}

static int set_up_narrow(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_edit(&world.daemon, "org/rights.csv", "officer,who roster status head,all",
                "officer,who roster,own\nofficer,status head,all");
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static void refused_with(struct sealed *device, const struct gp_request *request, const char *says)
{
    struct gp_reply reply = sealed_ask(device, request);

    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
    if (!gp_span_is(reply.detail, says))
        fail_msg("\"%.*s\" is not \"%s\"", GP_SPAN_ARG(reply.detail), says);
}

/* Who is on duty and who would be told tell of people, too: a city may narrow them. The refusal
 * says how far the right reaches. */
static void questions_about_others_places_need_a_right_there(void **state)
{
    struct gp_request who = {
        .kind = GP_REQUEST_WHO,
        .who = {.grid = GP_SPAN("340705006001001"), .category = GP_SPAN("n4")}};
    struct gp_request roster = {.kind = GP_REQUEST_ROSTER};
    struct gp_request feed = request_feed(0, 0);
    struct world *world = *state;
    struct sealed li, lv;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    enrol(world, &lv, "lv", GP_ROLE_OFFICER); /* of another community */
    assert_int_equal(sealed_ask(&li, &who).status, GP_STATUS_OK);
    refused_with(&lv, &who, "role officer: who reaches as far as: own");
    who.who.grid = GP_SPAN("nowhere");
    refused_with(&li, &who, "role officer: who reaches as far as: own");
    assert_int_equal(gp_area_parse(GP_SPAN("340705006001001"), &roster.roster.area), 0);
    assert_int_equal(sealed_ask(&li, &roster).status, GP_STATUS_OK);
    refused_with(&lv, &roster, "role officer: roster reaches as far as: own");
    roster.roster.area = (struct gp_area_ref){0};
    refused_with(&li, &roster, "role officer: roster reaches as far as: own");
    feed.feed.filter.escalations = true;
    refused_with(&li, &feed,
                 "role officer: escalations reaches as far as: own self; "
                 "confine it by area, department or person");
    feed.feed.filter.person = GP_SPAN("li");
    assert_int_equal(sealed_ask(&li, &feed).status, GP_STATUS_OK);
    sealed_close(&li);
    sealed_close(&lv);
}

/* A device need not know whose it is. */
static void ask_that_names_nobody_is_about_oneself(void **state)
{
    struct gp_request devices = {.kind = GP_REQUEST_DEVICES};
    struct gp_request leaves = {.kind = GP_REQUEST_LEAVES, .leaves = {.holdings = true}};
    struct world *world = *state;
    struct sealed li, zhou;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    enrol(world, &zhou, "zhou", GP_ROLE_ADMIN);
    struct gp_reply reply = sealed_ask(&li, &devices);
    assert_int_equal(reply.devices.count, 1);
    assert_true(gp_span_is(reply.devices.item[0].person, "li"));
    reply = sealed_ask(&li, &leaves);
    assert_true(reply.leaves.holding_count > 0);
    for (uint32_t i = 0; i < reply.leaves.holding_count; i++)
        assert_true(gp_span_is(reply.leaves.holding[i].person, "li"));
    assert_int_equal(sealed_ask(&zhou, &devices).devices.count, 2); /* who may, sees all */
    sealed_close(&li);
    sealed_close(&zhou);
}

static void incident_is_judged_when_it_was_read(void **state)
{
    struct world *world = *state;
    struct gp_request report = request_report(); /* of li, in li's grid */
    struct gp_request look = {.kind = GP_REQUEST_INCIDENT};
    struct sealed li, lv;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    enrol(world, &lv, "lv", GP_ROLE_OFFICER); /* of another community */
    struct gp_reply reply = sealed_ask(&li, &report);
    look.incident = reply.answer.incident;
    assert_int_equal(sealed_ask(&li, &look).status, GP_STATUS_OK);
    assert_int_equal(sealed_ask(&lv, &look).reason, GP_REASON_NO_RIGHT);
    struct gp_request feed = request_feed(0, 0);
    feed.feed.filter.incident = look.incident;
    assert_int_equal(sealed_ask(&li, &feed).status, GP_STATUS_OK);
    assert_int_equal(sealed_ask(&lv, &feed).reason, GP_REASON_NO_RIGHT);
    look.incident = 999;
    assert_int_equal(sealed_ask(&lv, &look).status, GP_STATUS_NOT_FOUND);
    sealed_close(&li);
    sealed_close(&lv);
}

/* What is private is masked for the session's person, whoever the message names. */
static void private_incident_is_masked_for_the_sessions_person(void **state)
{
    struct world *world = *state;
    struct gp_request report = request_report();
    struct gp_request look = {.kind = GP_REQUEST_INCIDENT};
    struct sealed owner, auditor;

    daemon_edit(&world->daemon, "org/catalogue.csv", "4wh,N,,no,no,no", "4wh,N,,no,yes,no");
    world_reload(world);
    enrol(world, &owner, "li", GP_ROLE_OFFICER);
    enrol(world, &auditor, "cao", GP_ROLE_AUDITOR);
    report.command.text = GP_SPAN("about a neighbour");
    look.incident = sealed_ask(&owner, &report).answer.incident;
    look.person = GP_SPAN("li");
    assert_true(gp_span_is(sealed_ask(&owner, &look).incident->text, "about a neighbour"));
    struct gp_reply masked = sealed_ask(&auditor, &look);
    assert_int_equal(masked.status, GP_STATUS_OK);
    assert_false(gp_span_is(masked.incident->text, "about a neighbour"));
    sealed_close(&owner);
    sealed_close(&auditor);
}

static void bridge_speaks_for_whom_it_names(void **state)
{
    struct world *world = *state;
    struct gp_request report = request_report();
    struct sealed bridge;

    enrol(world, &bridge, "feng", GP_ROLE_BRIDGE);
    report.person = GP_SPAN("zhang");
    struct gp_reply reply = sealed_ask(&bridge, &report);
    assert_int_equal(reply.status, GP_STATUS_OK);
    struct gp_request look = {.kind = GP_REQUEST_INCIDENT, .incident = reply.answer.incident};
    assert_true(gp_span_is(client_ask(&world->client, &look).incident->reporter, "zhang"));
    sealed_close(&bridge);
}

/* ---------------------------------------------------------------- limits */

static struct gp_reply ask_status(struct sealed *device)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    return sealed_ask(device, &request);
}

static void device_that_asks_too_fast_is_told_to_wait(void **state)
{
    struct world *world = *state;
    struct sealed li;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ask_status(&li).status, GP_STATUS_OK);
    struct gp_reply reply = ask_status(&li);
    assert_int_equal(reply.status, GP_STATUS_LIMITED);
    assert_in_range(reply.retry_ms, 1, 15000);
    assert_int_equal(client_status(&world->client).limited, 1);
    sealed_close(&li);
}

static void person_with_two_devices_has_one_limit(void **state)
{
    struct world *world = *state;
    struct sealed one, two, other;
    unsigned limited = 0;

    enrol(world, &one, "li", GP_ROLE_OFFICER);
    enrol(world, &two, "li", GP_ROLE_OFFICER);
    enrol(world, &other, "zhang", GP_ROLE_OFFICER);
    for (int i = 0; i < 4; i++) {
        limited += ask_status(&one).status == GP_STATUS_LIMITED;
        limited += ask_status(&two).status == GP_STATUS_LIMITED;
    }
    assert_int_equal(limited, 2);
    assert_int_equal(ask_status(&other).status, GP_STATUS_OK);
    sealed_close(&one);
    sealed_close(&two);
    sealed_close(&other);
}

/* It speaks for many; the limits of one device and one person are none of its. */
static void bridge_has_a_limit_of_its_own(void **state)
{
    struct world *world = *state;
    struct sealed bridge, handset;

    enrol(world, &bridge, "feng", GP_ROLE_BRIDGE);
    enrol(world, &handset, "feng", GP_ROLE_OFFICER);
    for (int i = 0; i < 9; i++)
        assert_int_equal(ask_status(&bridge).status, GP_STATUS_OK);
    struct gp_reply reply = ask_status(&bridge);
    assert_int_equal(reply.status, GP_STATUS_LIMITED);
    assert_in_range(reply.retry_ms, 1, 60000 / 9 + 1);
    assert_int_equal(ask_status(&handset).status, GP_STATUS_OK); /* its person's own device */
    sealed_close(&bridge);
    sealed_close(&handset);
}

/* Each feed that waits holds a place that others may need. */
static void session_has_so_many_reads_under_way(void **state)
{
    struct world *world = *state;
    struct gp_request feed = request_feed(0, GP_FEED_WAIT_MS_MAX);
    struct sealed li, zhang;
    struct crowd crowd;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    enrol(world, &zhang, "zhang", GP_ROLE_OFFICER);
    feed.feed.filter.person = GP_SPAN("li");
    feed.feed.after = client_status(&world->client).head;
    crowd_open(&crowd, world->daemon.edge, 1);
    for (uint32_t i = 0; i < GP_SESSION_READS_MAX; i++)
        sealed_send_by(&li, &crowd, i, &feed, &li.asked);
    while (client_status(&world->client).followers < GP_SESSION_READS_MAX)
        continue;
    struct gp_reply reply = sealed_ask(&li, &feed);
    assert_int_equal(reply.status, GP_STATUS_LIMITED);
    assert_int_not_equal(reply.retry_ms, 0);
    assert_int_equal(ask_status(&li).status, GP_STATUS_OK);
    struct gp_request own = {.kind = GP_REQUEST_QUERY, .query = {.person = GP_SPAN("zhang")}};
    assert_int_equal(sealed_ask(&zhang, &own).status, GP_STATUS_OK);
    crowd_close(&crowd);
    sealed_close(&li);
    sealed_close(&zhang);
}

/* Two are counted at a time, and no device has both places. */
static void device_has_one_assessment_under_way(void **state)
{
    const struct gp_request assess = {
        .kind = GP_REQUEST_ASSESS,
        .assess = {.from_ms = 1, .to_ms = GP_MS_DAY * 40000, .by = GP_BY_AREA}};
    struct world *world = *state;
    struct gp_asked asked[2];
    struct gp_reply reply;
    struct sealed one, other;
    struct crowd crowd;

    enrol(world, &one, "cao", GP_ROLE_AUDITOR);
    enrol(world, &other, "zhou", GP_ROLE_AUDITOR);
    crowd_open(&crowd, world->daemon.edge, 2);
    daemon_hold(&world->daemon, true);
    for (uint32_t i = 0; i < 2; i++)
        sealed_send_by(&one, &crowd, i, &assess, &asked[i]);
    uint32_t refused = sealed_receive_by(&one, &crowd, asked, &reply);
    assert_int_equal(reply.status, GP_STATUS_TRY_AGAIN);
    assert_true(gp_span_is(reply.detail, "an assessment of this device is being counted"));
    sealed_send(&other, &assess);
    daemon_hold(&world->daemon, false);
    assert_int_equal(sealed_receive_by(&one, &crowd, asked, &reply), 1 - refused);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(sealed_receive(&other).status, GP_STATUS_OK);
    assert_int_equal(sealed_ask(&one, &assess).status, GP_STATUS_OK); /* the place is free again */
    crowd_close(&crowd);
    sealed_close(&one);
    sealed_close(&other);
}

/* ---------------------------------------------------------------- handshakes */

/* Until none has been answered while a report was stored. */
static void await_handshakes(struct world *world)
{
    uint64_t before, after = client_status(&world->client).handshakes;

    do {
        before = after;
        (void)client_report(&world->client);
        after = client_status(&world->client).handshakes;
    } while (after != before);
}

/* More hellos at once than may wait: those that waited longest go, and the rest of the daemon is
 * not held up. */
static void rush_of_handshakes_is_bounded(void **state)
{
    struct world *world = *state;
    unsigned char hello[GP_HELLO_BYTES];
    struct gp_noise noise;
    struct sealed li, zhang;
    struct crowd crowd;

    enrol(world, &li, "li", GP_ROLE_OFFICER);
    enrol(world, &zhang, "zhang", GP_ROLE_OFFICER);
    crowd_open(&crowd, world->daemon.edge, 8);
    for (uint32_t i = 0; i < HELLOS; i++) {
        assert_int_equal(gp_hello_write(&li.own, li.server, &noise, hello), 0);
        crowd_send_bytes(&crowd, i, hello, sizeof hello);
        if (i % 50 == 0)
            (void)client_report(&world->client);
    }
    await_handshakes(world);
    assert_int_equal(sealed_hello(&zhang), GP_WELCOME_OK);
    assert_in_range(ask_status(&zhang).daemon.sessions, 3, HELLOS + 3);
    assert_int_equal(ask_status(&li).status, GP_STATUS_OK); /* none of them ended its session */
    crowd_close(&crowd);
    sealed_close(&li);
    sealed_close(&zhang);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
#define SLOW(name) cmocka_unit_test_setup_teardown(name, set_up_slow, world_end)
#define HELD(name) cmocka_unit_test_setup_teardown(name, set_up_held, world_end)
    const struct CMUnitTest tests[] = {
        TEST(denial_is_answered_counted_and_journalled_once_a_minute),
        HELD(denials_leave_room_for_what_cannot_wait),
        TEST(command_beyond_the_role_is_a_denial_too),
        TEST(handshake_of_a_revoked_device_is_a_denial),
        TEST(reads_need_their_rights),
        cmocka_unit_test_setup_teardown(questions_about_others_places_need_a_right_there,
                                        set_up_narrow, world_end),
        TEST(ask_that_names_nobody_is_about_oneself),
        TEST(incident_is_judged_when_it_was_read),
        TEST(private_incident_is_masked_for_the_sessions_person),
        TEST(bridge_speaks_for_whom_it_names),
        SLOW(device_that_asks_too_fast_is_told_to_wait),
        SLOW(person_with_two_devices_has_one_limit),
        SLOW(bridge_has_a_limit_of_its_own),
        TEST(session_has_so_many_reads_under_way),
        HELD(device_has_one_assessment_under_way),
        TEST(rush_of_handshakes_is_bounded),
    };

    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
