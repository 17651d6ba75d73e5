/* Devices come through the gate to the daemon's edge, and nobody else does. */
#include "gate/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.world.daemon);
    scene_start(&scene, NULL);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    scene_stop(*state);
    return 0;
}

static void device_joins_and_reports_through_it(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct gp_reply reply = sealed_ask(&scene->li, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(client_status(&scene->world.client).incidents, 1);
}

/* With the daemon's own option for unsealed messages in force on its local socket. */
static void unsealed_messages_are_refused(void **state)
{
    struct scene *scene = *state;
    struct gp_request request = request_report();
    struct client client;

    client_open(&client, scene->gate.address);
    assert_int_equal(client_ask(&client, &request).status, GP_STATUS_SEALED_ONLY);
    client_close(&client);
    assert_int_equal(client_status(&scene->world.client).incidents, 0);
}

/* The largest envelope that the daemon opens is not too large for the gate. What is in it is none
 * of its business. */
static void largest_envelopes_come_through(void **state)
{
    static const char nonsense[GP_MESSAGE_BYTES_MAX];
    struct scene *scene = *state;
    struct sealed *li = &scene->li;

    li->packed = (struct gp_span){nonsense, sizeof nonsense};
    assert_int_equal(gp_channel_seal_request(&li->channel, li->packed, li->sent, &li->asked), 0);
    sealed_send_bytes(li, li->sent, sizeof nonsense + GP_ENVELOPE_OVERHEAD);
    assert_int_equal(sealed_receive(li).status, GP_STATUS_INVALID);
    assert_int_equal(gate_count(&scene->gate, "frame"), 0);
}

static void revocation_ends_what_rests(void **state)
{
    struct scene *scene = *state;
    struct gp_request ask = request_feed(client_status(&scene->world.client).head, 20000);
    struct gp_request report = request_report();

    ask.feed.filter.person = GP_SPAN("li");
    sealed_send(&scene->li, &ask);
    while (client_status(&scene->world.client).followers == 0)
        continue; /* until it is parked */
    sealed_revoke(&scene->world.client, scene->li.device);
    assert_int_equal(client_status(&scene->world.client).followers, 0);
    assert_int_not_equal(sealed_hello(&scene->li), GP_WELCOME_OK);
    sealed_send(&scene->li, &report);
    assert_true(sealed_gets_again(&scene->li));
    assert_int_equal(client_status(&scene->world.client).incidents, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(device_joins_and_reports_through_it),
        TEST(unsealed_messages_are_refused),
        TEST(largest_envelopes_come_through),
        TEST(revocation_ends_what_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
