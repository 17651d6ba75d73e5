/* Sealed messages through the real daemon: sessions, repeats, replays, who is not known. */
#include "base/bytes.h"
#include "core/clock.h"
#include "lib/sealed.h"
#include "lib/world.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define QUIET_MS 300 /* how long what must not be answered is waited for */

struct scene {
    struct world world;
    struct sealed li; /* an officer, enrolled, with a session */
};

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.world.daemon);
    daemon_setting(&scene.world.daemon, "device_rate: 100000");
    daemon_setting(&scene.world.daemon, "person_rate: 100000");
    world_start(&scene.world, NULL);
    sealed_enrol(&scene.li, &scene.world.client, scene.world.daemon.edge, "li", GP_ROLE_OFFICER);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    sealed_close(&scene->li);
    world_stop(&scene->world);
    daemon_remove(&scene->world.daemon);
    return 0;
}

static uint64_t incidents(struct scene *scene)
{
    return client_status(&scene->world.client).incidents;
}

/* The next message is none at all. */
static void assert_silence(struct sealed *device)
{
    int len;
    void *bytes = sealed_receive_bytes(device, QUIET_MS, &len);

    assert_null(bytes);
}

/* ---------------------------------------------------------------- sessions */

static void report_is_of_the_sessions_person(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct gp_reply reply;

    request.person = GP_SPAN("feng"); /* nobody looks at it */
    request.device = GP_SPAN("another");
    reply = sealed_ask(&scene->li, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    uint64_t id = reply.answer.incident;
    struct gp_request look = request_feed(reply.answer.seq - 1, 0);
    look.feed.filter.incident = id;
    reply = client_ask(&scene->world.client, &look);
    assert_true(reply.feed.count >= 1);
    for (uint32_t i = 0; i < reply.feed.count; i++)
        assert_int_equal(reply.feed.item[i]->by_device, scene->li.device);
    reply = client_ask(&scene->world.client,
                       &(struct gp_request){.kind = GP_REQUEST_INCIDENT, .incident = id});
    assert_true(gp_span_is(reply.incident->reporter, "li"));
}

static void welcome_says_who_it_is(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(scene->li.welcome.status, GP_WELCOME_OK);
    assert_int_equal(scene->li.welcome.role, GP_ROLE_OFFICER);
    assert_int_equal(scene->li.welcome.lifetime_s, 12 * 3600);
    assert_memory_equal(scene->li.welcome.server_key, scene->li.server, GP_KEY_BYTES);
}

static void local_socket_takes_envelopes_too(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();

    sealed_reconnect(&scene->li, scene->world.daemon.socket);
    assert_int_equal(sealed_ask(&scene->li, &request).status, GP_STATUS_OK);
}

static void reads_are_sealed_as_commands_are(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply = sealed_ask(&scene->li, &request);

    assert_int_equal(reply.kind, GP_REPLY_STATUS);
    assert_int_equal(reply.daemon.sessions, 1);
    assert_true(reply.daemon.handshakes >= 2); /* the join and the hello */
    request = request_feed(0, 0);
    request.feed.filter.person = GP_SPAN("li");
    reply = sealed_ask(&scene->li, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_FEED);
}

/* ---------------------------------------------------------------- the same envelope again */

static void resent_envelope_gets_the_kept_answer_under_a_fresh_counter(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct gp_reply first = sealed_ask(&scene->li, &request);
    uint64_t before = incidents(scene);

    sealed_reconnect(&scene->li, scene->world.daemon.edge);
    sealed_send_bytes(&scene->li, scene->li.sent, scene->li.sent_len);
    struct gp_reply again = sealed_receive(&scene->li); /* its counter is new to the channel */
    assert_int_equal(again.status, GP_STATUS_OK);
    assert_false(again.answer.repeated); /* it is the very answer of the first time */
    assert_int_equal(again.answer.seq, first.answer.seq);
    assert_int_equal(incidents(scene), before);
}

/* The feed rests; its envelope comes again on another connection, and both get the answer. */
static void resent_envelope_joins_the_request_under_way(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_feed(client_status(&scene->world.client).head, 20000);
    struct sealed other = scene->li; /* the same device over a second pipe */

    request.feed.filter.person = GP_SPAN("li");
    request.feed.wait_ms = 20000;
    sealed_send(&scene->li, &request);
    while (client_status(&scene->world.client).followers != 1)
        continue;
    other.asked = scene->li.asked;
    other.channel = scene->li.channel;
    gp_arena_init(&other.arena, 1 << 20);
    other.socket = nn_socket(AF_SP, NN_REQ);
    assert_true(nn_connect(other.socket, scene->world.daemon.edge) >= 0);
    sealed_send_bytes(&other, scene->li.sent, scene->li.sent_len);
    struct gp_request report = request_report();
    assert_int_equal(client_ask(&scene->world.client, &report).status, GP_STATUS_OK);
    assert_true(sealed_receive(&scene->li).feed.count > 0);
    assert_true(sealed_receive(&other).feed.count > 0);
    sealed_close(&other);
}

static void counter_is_used_once(void **state)
{
    struct scene *scene = *state;
    struct gp_channel before = scene->li.channel;
    struct gp_request request = request_report();

    (void)sealed_ask(&scene->li, &request);
    scene->li.channel.sent = before.sent; /* another message under the same counter */
    request = request_report();
    uint64_t count = incidents(scene);
    sealed_send(&scene->li, &request);
    assert_silence(&scene->li);
    assert_int_equal(incidents(scene), count);
}

/* Kept answers are few: what is older is dropped, and not done again. */
static void recorded_envelope_comes_to_nothing(void **state)
{
    struct scene *scene = *state;
    static unsigned char recorded[SEALED_BYTES_MAX];
    struct gp_request request = request_report();
    size_t len;

    (void)sealed_ask(&scene->li, &request);
    len = scene->li.sent_len;
    memcpy(recorded, scene->li.sent, len);
    for (int i = 0; i < 5; i++) {
        request = request_report();
        (void)sealed_ask(&scene->li, &request);
    }
    uint64_t count = incidents(scene);
    sealed_send_bytes(&scene->li, recorded, len);
    assert_silence(&scene->li);
    assert_int_equal(incidents(scene), count);
}

static void changed_envelopes_are_dropped(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    uint64_t count = incidents(scene);
    struct gp_channel before = scene->li.channel;

    for (size_t at = 18; at < 60; at += 7) {
        scene->li.channel = before;
        gp_arena_reset(&scene->li.arena);
        assert_int_equal(gp_wire_request_pack(&request, &scene->li.arena, &scene->li.packed), 0);
        assert_int_equal(gp_channel_seal_request(&scene->li.channel, scene->li.packed,
                                                 scene->li.sent, &scene->li.asked),
                         0);
        scene->li.sent[at] ^= 1;
        sealed_send_bytes(&scene->li, scene->li.sent, scene->li.packed.len + GP_ENVELOPE_OVERHEAD);
    }
    assert_silence(&scene->li);
    assert_int_equal(incidents(scene), count);
    scene->li.channel = before; /* and nobody has used the counter up */
    assert_int_equal(sealed_ask(&scene->li, &request).status, GP_STATUS_OK);
}

/* ---------------------------------------------------------------- unknown sessions and devices */

static void restart_ends_sessions_and_a_repeat_gets_its_answer(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct gp_reply first = sealed_ask(&scene->li, &request);

    world_stop(&scene->world);
    world_start(&scene->world, NULL);
    sealed_reconnect(&scene->li, scene->world.daemon.edge);
    sealed_send_bytes(&scene->li, scene->li.sent, scene->li.sent_len); /* as recorded */
    assert_true(sealed_gets_again(&scene->li));
    assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
    struct gp_reply again = sealed_ask(&scene->li, &request);
    assert_int_equal(again.status, GP_STATUS_OK);
    assert_true(again.answer.repeated);
    assert_int_equal(again.answer.incident, first.answer.incident);
    assert_int_equal(again.answer.seq, first.answer.seq);
}

static void unknown_device_gets_an_answer_of_the_same_size(void **state)
{
    struct scene *scene = *state;
    struct sealed stranger;

    sealed_open(&stranger, scene->world.daemon.edge);
    memcpy(stranger.server, scene->li.server, sizeof stranger.server);
    assert_int_equal(sealed_hello(&stranger), GP_WELCOME_UNKNOWN);
    gp_channel_init(&stranger.channel, &(struct gp_noise){.initiator = true, .message = 2},
                    stranger.welcome.session);
    struct gp_request request = request_report();
    sealed_send(&stranger, &request); /* with the session that it was told, and no key */
    assert_true(sealed_gets_again(&stranger));
    sealed_close(&stranger);
}

static void revoked_device_is_as_unknown(void **state)
{
    struct scene *scene = *state;

    sealed_revoke(&scene->world.client, scene->li.device);
    assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_UNKNOWN);
}

static void hello_to_another_server_is_dropped(void **state)
{
    struct scene *scene = *state;
    struct gp_keypair other;
    unsigned char message[GP_HELLO_BYTES];
    struct gp_noise noise;

    gp_keypair_new(&other);
    assert_int_equal(gp_hello_write(&scene->li.own, other.public, &noise, message), 0);
    sealed_send_bytes(&scene->li, message, sizeof message);
    assert_silence(&scene->li);
    assert_int_equal(gp_hello_write(&scene->li.own, scene->li.server, &noise, message), 0);
    message[60] ^= 1;
    sealed_send_bytes(&scene->li, message, sizeof message);
    assert_silence(&scene->li);
    assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
}

static void device_has_its_newest_four_sessions(void **state)
{
    struct scene *scene = *state;
    struct gp_channel first = scene->li.channel;
    struct gp_request request = {.kind = GP_REQUEST_STATUS};

    (void)sealed_ask(&scene->li, &request);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
        (void)sealed_ask(&scene->li, &request);
    }
    assert_int_equal(sealed_ask(&scene->li, &request).daemon.sessions, 4);
    scene->li.channel = first;
    sealed_send(&scene->li, &request);
    assert_true(sealed_gets_again(&scene->li));
}

/* What is no message of a client's at all, and what a server would send. */
static void odd_envelopes_are_dropped(void **state)
{
    struct scene *scene = *state;

    for (int type = 0; type < 20; type++) {
        unsigned char message[64] = {GP_ENVELOPE_MARK | GP_ENVELOPE_VERSION, (unsigned char)type};
        if (type != GP_ENVELOPE_REQUEST)
            sealed_send_bytes(&scene->li, message, sizeof message);
    }
    sealed_send_bytes(&scene->li, "\xE1", 1);
    sealed_send_bytes(&scene->li, "\xE2\x05", 2);
    assert_silence(&scene->li);
    assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
}

/* ---------------------------------------------------------------- unsealed */

static void assert_sealed_only(const char *address, const char *says)
{
    struct gp_request request = request_report();
    struct client client;

    client_open(&client, address);
    struct gp_reply reply = client_ask(&client, &request);
    assert_int_equal(reply.status, GP_STATUS_SEALED_ONLY);
    assert_non_null(memmem(reply.detail.ptr, reply.detail.len, says, strlen(says)));
    client_close(&client);
}

static void unsealed_is_refused_on_the_edge_whatever_the_options(void **state)
{
    struct scene *scene = *state;
    uint64_t count = incidents(scene);

    assert_sealed_only(scene->world.daemon.edge, "gridpost enrol");
    assert_int_equal(incidents(scene), count);
}

static void unsealed_is_refused_without_insecure_local(void **state)
{
    struct scene *scene = *state;

    world_stop(&scene->world);
    scene->world.daemon.sealed_only = true;
    daemon_start(&scene->world.daemon, NULL);
    assert_sealed_only(scene->world.daemon.socket, "--insecure-local");
    sealed_reconnect(&scene->li, scene->world.daemon.socket);
    assert_int_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
    struct gp_request request = request_report();
    assert_int_equal(sealed_ask(&scene->li, &request).status, GP_STATUS_OK);
    client_open(&scene->world.client, scene->world.daemon.socket);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(report_is_of_the_sessions_person),
        TEST(welcome_says_who_it_is),
        TEST(local_socket_takes_envelopes_too),
        TEST(reads_are_sealed_as_commands_are),
        TEST(resent_envelope_gets_the_kept_answer_under_a_fresh_counter),
        TEST(resent_envelope_joins_the_request_under_way),
        TEST(counter_is_used_once),
        TEST(recorded_envelope_comes_to_nothing),
        TEST(changed_envelopes_are_dropped),
        TEST(restart_ends_sessions_and_a_repeat_gets_its_answer),
        TEST(unknown_device_gets_an_answer_of_the_same_size),
        TEST(revoked_device_is_as_unknown),
        TEST(hello_to_another_server_is_dropped),
        TEST(device_has_its_newest_four_sessions),
        TEST(odd_envelopes_are_dropped),
        TEST(unsealed_is_refused_on_the_edge_whatever_the_options),
        TEST(unsealed_is_refused_without_insecure_local),
    };

    return cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
}
