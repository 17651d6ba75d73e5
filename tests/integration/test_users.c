/*
 * Users of a bridge through the real daemon: what each may is what org/users.csv says, both names
 * are journalled, and a reload that takes somebody away ends what waits and refuses what is queued.
 */
#include "lib/sealed.h"
#include "lib/world.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define PEOPLE "org/people.csv"
#define USERS  "org/users.csv"
#define LI     "li,li,officer,web\n"

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS INT64_C(1790730000000)

struct scene {
    struct world world;
    struct sealed bridge; /* web's */
};

static int set_up(void **state)
{
    static struct scene scene;
    struct daemon *daemon = &scene.world.daemon;

    daemon_prepare(daemon);
    daemon_fault(daemon, MORNING_MS);
    daemon_edit(daemon, PEOPLE, "li,李某,,\n", "li,李某,,\nweb,网页,,\n");
    daemon_write(daemon, USERS,
                 "user,person,role,via\n" LI "zheng,zheng,dispatcher,web\nfeng,feng,admin,web\n");
    world_start(&scene.world, NULL);
    sealed_enrol(&scene.bridge, &scene.world.client, daemon->edge, "web", GP_ROLE_BRIDGE);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    sealed_close(&scene->bridge);
    return world_end(state);
}

static struct gp_reply ask_as(struct scene *scene, const char *person, struct gp_request request)
{
    request.person = gp_span_of(person);
    return sealed_ask(&scene->bridge, &request);
}

static uint64_t report_as(struct scene *scene, const char *person, const char *category)
{
    struct gp_request request = request_report();

    request.command.category = gp_span_of(category);
    struct gp_reply reply = ask_as(scene, person, request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    return reply.answer.incident;
}

static void take_li_away(struct scene *scene)
{
    daemon_edit(&scene->world.daemon, USERS, LI, "");
    world_reload(&scene->world);
}

static void assert_refused(const struct gp_reply *reply, const char *detail)
{
    assert_int_equal(reply->status, GP_STATUS_REFUSED);
    assert_int_equal(reply->reason, GP_REASON_NO_RIGHT);
    if (!gp_span_is(reply->detail, detail))
        fail_msg("%.*s", GP_SPAN_ARG(reply->detail));
}

/* ---------------------------------------------------------------- what they may */

static void a_user_works_as_the_role_says(void **state)
{
    struct scene *scene = *state;
    uint64_t id = report_as(scene, "li", "n4");
    struct gp_request accept = request_command(GP_VERB_ACCEPT, id, "");
    struct gp_reply reply = ask_as(scene, "zhao", accept); /* li's deputy, but nobody's user */

    assert_refused(&reply, "zhao is no user of this bridge");
    reply = ask_as(scene, "li", accept);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_true(reply.answer.receipt.present);
    struct gp_request feed = request_feed(reply.answer.seq - 1, 0);
    reply = client_ask(&scene->world.client, &feed);
    assert_int_equal(reply.feed.item[0]->by_device, scene->bridge.device);
    assert_true(gp_span_is(reply.feed.item[0]->actor, "li"));
    reply = ask_as(scene, "li", request_command(GP_VERB_VOID, id, ""));
    assert_refused(&reply, "role officer: void is none of its rights");
}

static void a_user_reads_as_the_role_says(void **state)
{
    struct scene *scene = *state;
    const struct gp_request chain = {.kind = GP_REQUEST_VERIFY};
    struct gp_request street = {.kind = GP_REQUEST_QUERY};
    struct gp_reply reply = ask_as(scene, "li", chain);

    assert_refused(&reply, "role officer: chain is none of its rights");
    assert_int_equal(ask_as(scene, "feng", chain).status, GP_STATUS_OK);
    reply = ask_as(scene, "web", chain);
    assert_refused(&reply, "role bridge: chain is none of its rights");
    assert_int_equal(gp_area_parse(GP_SPAN("340705006"), &street.query.area), 0);
    assert_int_equal(ask_as(scene, "zheng", street).status, GP_STATUS_OK);
    reply = ask_as(scene, "li", street);
    assert_refused(&reply, "role officer: query reaches as far as: own self; "
                           "confine it by area, department or person");
    street.kind = GP_REQUEST_STATUS; /* judged on the loop */
    assert_int_equal(ask_as(scene, "li", street).status, GP_STATUS_OK);
    street = (struct gp_request){.kind = GP_REQUEST_CONTROL,
                                 .control = {.act = GP_CONTROL_CLOCK_CONFIRM}};
    reply = ask_as(scene, "li", street);
    assert_refused(&reply, "role officer: clock is none of its rights");
    assert_int_equal(ask_as(scene, "feng", street).reason, GP_REASON_CLOCK); /* it is not held */
}

/* Oneself is the user, not the bridge. */
static void their_own_devices_are_the_users(void **state)
{
    struct scene *scene = *state;
    const struct gp_request devices = {.kind = GP_REQUEST_DEVICES};
    struct sealed handset;
    struct gp_reply reply;

    sealed_enrol(&handset, &scene->world.client, scene->world.daemon.edge, "li", GP_ROLE_OFFICER);
    reply = ask_as(scene, "li", devices);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.devices.count, 1);
    assert_int_equal(reply.devices.item[0].id, handset.device);
    assert_int_equal(ask_as(scene, "feng", devices).devices.count, 2); /* everybody's */
    sealed_close(&handset);
}

/* Whether the text can be read is a matter of the user's posts, whatever the role. */
static void private_is_masked_by_the_person(void **state)
{
    struct scene *scene = *state;
    const struct gp_request look = {.kind = GP_REQUEST_INCIDENT,
                                    .incident = report_as(scene, "li", "p4")};
    struct gp_reply reply = ask_as(scene, "li", look);

    assert_true(gp_span_is(reply.incident->text, "路灯不亮"));
    reply = ask_as(scene, "zheng", look);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->text.len, 0);
    reply = ask_as(scene, "feng", look); /* an admin sees everything but this */
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->text.len, 0);
}

static uint64_t actor_entry(struct scene *scene, const struct gp_reply *answer, const char *actor)
{
    struct gp_request feed = request_feed(answer->answer.seq - 1, 0);
    struct gp_reply reply = client_ask(&scene->world.client, &feed);

    assert_true(gp_span_is(reply.feed.item[0]->actor, actor));
    return reply.feed.item[0]->by_device;
}

/* Powerful, so each act has both names. */
static void an_admin_lets_devices_in_and_locks_them_out(void **state)
{
    struct scene *scene = *state;
    struct gp_request invite = request_command(GP_VERB_INVITE, 0, "");
    struct gp_invitation invitation;
    struct sealed handset;

    invite.command.person = GP_SPAN("zhang");
    invite.command.role = GP_ROLE_OFFICER;
    struct gp_reply reply = ask_as(scene, "li", invite);
    assert_refused(&reply, "role officer: invite is none of its rights");
    reply = ask_as(scene, "web", invite);
    assert_refused(&reply, "role bridge: invite is none of its rights");
    reply = ask_as(scene, "feng", invite);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(gp_invitation_read(reply.answer.invitation, &invitation), 0);
    assert_int_equal(actor_entry(scene, &reply, "feng"), scene->bridge.device);
    sealed_open(&handset, scene->world.daemon.edge);
    sealed_join(&handset, &invitation);
    struct gp_request confirm = request_command(GP_VERB_CONFIRM, 0, "");
    confirm.command.device_id = handset.device;
    confirm.command.digits = handset.digits;
    reply = ask_as(scene, "feng", confirm);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(actor_entry(scene, &reply, "feng"), scene->bridge.device);
    assert_int_equal(sealed_hello(&handset), GP_WELCOME_OK);
    struct gp_request revoke = request_command(GP_VERB_REVOKE, 0, "");
    revoke.command.device_id = handset.device;
    reply = ask_as(scene, "feng", revoke);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(actor_entry(scene, &reply, "feng"), scene->bridge.device);
    assert_int_equal(sealed_hello(&handset), GP_WELCOME_UNKNOWN);
    sealed_close(&handset);
}

/* ---------------------------------------------------------------- taken away */

static void a_reload_takes_a_user_away_and_brings_one(void **state)
{
    struct scene *scene = *state;
    uint64_t id = report_as(scene, "li", "n4");
    struct gp_request accept = request_command(GP_VERB_ACCEPT, id, "");
    const struct gp_request devices = {.kind = GP_REQUEST_DEVICES};

    take_li_away(scene);
    struct gp_reply reply = ask_as(scene, "li", accept);
    assert_refused(&reply, "li is no user of this bridge");
    reply = ask_as(scene, "li", devices);
    assert_refused(&reply, "li is no user of this bridge");
    daemon_edit(&scene->world.daemon, USERS, "zheng,zheng", LI "zheng,zheng");
    world_reload(&scene->world);
    assert_int_equal(ask_as(scene, "li", accept).status, GP_STATUS_OK);
}

/* What was sent over this one connection before has been taken: what is no message is answered in
 * its turn, and waits for no store. */
static void await_taken(struct crowd *crowd)
{
    uint32_t number;
    int len;

    crowd_send_bytes(crowd, GP_BATCH_ITEMS_MAX, "?", 1);
    void *answer = crowd_receive_bytes(crowd, 30000, &number, &len);
    assert_non_null(answer);
    assert_int_equal(number, GP_BATCH_ITEMS_MAX);
    assert_int_equal(nn_freemsg(answer), 0);
}

/* A batch is under way and stands still; the user's command waits for the next one. */
static void what_is_queued_is_judged_by_the_new_directory(void **state)
{
    struct scene *scene = *state;
    uint64_t id = report_as(scene, "li", "n4");
    const struct gp_request first = request_report();
    const struct gp_request accept = request_command(GP_VERB_ACCEPT, id, "li");
    struct crowd before, queued;
    struct gp_asked asked;
    struct gp_reply reply;
    uint32_t number;

    crowd_open(&before, scene->world.daemon.socket, 1);
    crowd_open(&queued, scene->world.daemon.socket, 1);
    daemon_hold(&scene->world.daemon, true);
    crowd_send(&before, 1, &first);
    await_taken(&before);
    sealed_send_by(&scene->bridge, &queued, 0, &accept, &asked);
    await_taken(&queued);
    take_li_away(scene);
    daemon_hold(&scene->world.daemon, false);
    assert_true(crowd_receive(&before, 30000, &scene->world.client.arena, &number, &reply));
    assert_int_equal(reply.status, GP_STATUS_OK);
    (void)sealed_receive_by(&scene->bridge, &queued, &asked, &reply);
    assert_refused(&reply, "li is no user of this bridge");
    crowd_close(&before);
    crowd_close(&queued);
}

/* A feed of what is the user's own department's, which does not come. */
static void park_as(struct scene *scene, const char *person, struct gp_span about)
{
    struct gp_request feed = request_feed(client_status(&scene->world.client).head, 20000);

    feed.person = gp_span_of(person);
    feed.feed.filter.person = about;
    feed.feed.filter.whats = UINT64_C(1) << GP_WHAT_CLOCK;
    sealed_send(&scene->bridge, &feed);
    while (client_status(&scene->world.client).followers != 1)
        continue;
}

static void a_feed_that_waits_ends_with_the_users_right(void **state)
{
    struct scene *scene = *state;

    daemon_edit(&scene->world.daemon, "org/rights.csv", "bridge,query incident feed",
                "bridge,query incident");
    world_reload(&scene->world);
    park_as(scene, "li", GP_SPAN("li"));
    take_li_away(scene);
    struct gp_reply reply = sealed_receive(&scene->bridge);
    assert_refused(&reply, "li is no user of this bridge");
    assert_int_equal(client_status(&scene->world.client).followers, 0);
}

/* The journal cannot grow, so no entry makes it look. */
static void a_feed_ends_while_nothing_can_be_written(void **state)
{
    struct scene *scene = *state;

    park_as(scene, "feng", (struct gp_span){0});
    daemon_fail_writes(&scene->world.daemon, ENOSPC);
    daemon_edit(&scene->world.daemon, USERS, "feng,feng,admin", "feng,feng,officer");
    world_reload(&scene->world);
    struct gp_reply reply = sealed_receive(&scene->bridge);
    assert_refused(&reply, "role officer: feed reaches as far as: own self; "
                           "confine it by area, department or person");
    daemon_fail_writes(&scene->world.daemon, 0);
}

/* Who keeps the right goes on to wait, as long as was asked for. */
static void a_feed_that_may_go_on_goes_on(void **state)
{
    struct scene *scene = *state;

    park_as(scene, "feng", (struct gp_span){0});
    take_li_away(scene);
    while (client_status(&scene->world.client).followers != 1)
        continue;
    daemon_edit(&scene->world.daemon, USERS, "feng,feng,admin,web\n", "");
    world_reload(&scene->world);
    struct gp_reply reply = sealed_receive(&scene->bridge);
    assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
}

/* ---------------------------------------------------------------- many at once */

static void enrol_li(struct scene *scene, struct sealed *ret_li)
{
    sealed_enrol(ret_li, &scene->world.client, scene->world.daemon.edge, "li", GP_ROLE_OFFICER);
}

/* Sends feeds that wait, some at a time, until one more is not taken; returns how that is answered.
 * *ret_sent counts those that were over before, too, on a slow machine. */
static int fill(struct scene *scene, struct crowd *crowd, const struct gp_request *feed,
                uint32_t *ret_sent)
{
    struct gp_request one_more = *feed;
    uint32_t sent = 0;
    int status;

    one_more.feed.wait_ms = 1;
    while ((status = sealed_ask(&scene->bridge, &one_more).status) == GP_STATUS_OK) {
        for (int i = 0; i < 32; i++)
            sealed_send_by(&scene->bridge, crowd, sent++, feed, &scene->bridge.asked);
    }
    *ret_sent = sent;
    return status;
}

/* Each page that is open in a browser is a feed that waits, and one server has them all. Whatever
 * bridges do, half of the places are left to handsets. */
static void a_bridge_has_a_thousand_feeds(void **state)
{
    struct scene *scene = *state;
    struct gp_request feed = request_feed(0, GP_FEED_WAIT_MS_MAX);
    const struct gp_request status = {.kind = GP_REQUEST_STATUS};
    unsigned sessions = 1;
    struct sealed li;
    struct crowd crowd;
    uint32_t sent;

    enrol_li(scene, &li);
    feed.feed.filter.person = GP_SPAN("li");
    feed.feed.after = client_status(&scene->world.client).head;
    crowd_open(&crowd, scene->world.daemon.edge, 1);
    assert_int_equal(fill(scene, &crowd, &feed, &sent), GP_STATUS_LIMITED);
    assert_true(sent >= GP_BRIDGE_READS_MAX);
    assert_int_equal(sealed_ask(&scene->bridge, &status).status, GP_STATUS_OK);
    do {
        assert_int_equal(sealed_hello(&scene->bridge), GP_WELCOME_OK);
        assert_true(++sessions <= 8);
    } while (fill(scene, &crowd, &feed, &sent) != GP_STATUS_TRY_AGAIN); /* for want of places */
    feed.feed.wait_ms = 1;
    assert_int_equal(sealed_ask(&li, &feed).status, GP_STATUS_OK);
    crowd_close(&crowd);
    sealed_close(&li);
}

/* Which of a crowd's answers came as the how-manieth: read one by one over one connection. */
static uint32_t place_of_answer(struct scene *scene, struct crowd *crowd, uint32_t wanted)
{
    struct gp_reply reply;
    uint32_t number, place = 0;

    do {
        assert_true(crowd_receive(crowd, 30000, &scene->world.client.arena, &number, &reply));
        assert_int_equal(reply.status, GP_STATUS_OK);
        place++;
    } while (number != wanted);
    return place;
}

#define PAGES 40
#define HERS  (PAGES / 2)

/* Pages by due are walks, two at a time: who asks for one among somebody's forty does not wait for
 * those that began to wait before. */
static void pages_by_due_take_turns(void **state)
{
    struct gp_request page = {.kind = GP_REQUEST_QUERY, .query = {.order = GP_ORDER_DUE}};
    struct scene *scene = *state;
    const struct gp_request first = request_report();
    struct crowd before, crowd;

    crowd_open(&before, scene->world.daemon.socket, 1);
    crowd_open(&crowd, scene->world.daemon.socket, 1);
    daemon_hold(&scene->world.daemon, true);
    crowd_send(&before, 1, &first); /* what must be seen: all of them begin behind it, at once */
    await_taken(&before);
    for (uint32_t i = 0; i < PAGES; i++) {
        page.person = i == HERS ? GP_SPAN("zheng") : GP_SPAN("li");
        crowd_send(&crowd, i, &page);
    }
    await_taken(&crowd);
    daemon_hold(&scene->world.daemon, false);
    assert_true(place_of_answer(scene, &crowd, HERS) <= 5);
    crowd_close(&before);
    crowd_close(&crowd);
}

#define READS 384 /* of those that the pool may have waiting: a bridge's next one is refused */

static void a_bridge_leaves_places_in_the_pool(void **state)
{
    const struct gp_request query = {
        .kind = GP_REQUEST_QUERY, .person = GP_SPAN("li"), .query = {.person = GP_SPAN("li")}};
    struct scene *scene = *state;
    struct sealed li;
    struct crowd crowd;

    enrol_li(scene, &li);
    crowd_open(&crowd, scene->world.daemon.edge, 1);
    (void)client_status(&scene->world.client); /* the tables are up to date: reads begin at once */
    daemon_hold(&scene->world.daemon, true);
    for (uint32_t i = 0; i < READS; i++)
        sealed_send_by(&scene->bridge, &crowd, i, &query, &scene->bridge.asked);
    await_taken(&crowd);
    struct gp_reply reply = sealed_ask(&scene->bridge, &query);
    assert_int_equal(reply.status, GP_STATUS_TRY_AGAIN);
    assert_true(gp_span_is(reply.detail, "too many readers"));
    sealed_send(&li, &query);
    daemon_hold(&scene->world.daemon, false);
    assert_int_equal(sealed_receive(&li).status, GP_STATUS_OK);
    crowd_close(&crowd);
    sealed_close(&li);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(a_user_works_as_the_role_says),
        T(a_user_reads_as_the_role_says),
        T(their_own_devices_are_the_users),
        T(private_is_masked_by_the_person),
        T(an_admin_lets_devices_in_and_locks_them_out),
        T(a_reload_takes_a_user_away_and_brings_one),
        T(what_is_queued_is_judged_by_the_new_directory),
        T(a_feed_that_waits_ends_with_the_users_right),
        T(a_feed_ends_while_nothing_can_be_written),
        T(a_feed_that_may_go_on_goes_on),
        T(a_bridge_has_a_thousand_feeds),
        T(a_bridge_leaves_places_in_the_pool),
        T(pages_by_due_take_turns),
#undef T
    };

    return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
