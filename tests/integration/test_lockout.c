/*
 * A device is revoked while its requests are on their way: in the same batch, in the one that
 * fills, waiting for their turn, read in the pool, parked. Nothing of it takes effect behind the
 * revocation, and once `revoke` is answered its sessions are gone.
 */
#include "lib/sealed.h"
#include "lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define ROUNDS 200
#define PIPES  4
#define SENT   12 /* reports of one round */

struct scene {
    struct world world;
    struct sealed device;
    struct crowd crowd; /* further connections of the device */
    unsigned seed;
    unsigned before, never; /* reports that took effect before the revocation; that never did */
};

static int set_up(void **state)
{
    static struct scene scene;

    daemon_prepare(&scene.world.daemon);
    daemon_setting(&scene.world.daemon, "batch_items_max: 3"); /* many wait for their turn */
    daemon_setting(&scene.world.daemon, "device_rate: 100000");
    daemon_setting(&scene.world.daemon, "person_rate: 100000");
    world_start(&scene.world, NULL);
    crowd_open(&scene.crowd, scene.world.daemon.edge, PIPES);
    scene.seed = 20261126;
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    crowd_close(&scene->crowd);
    world_stop(&scene->world);
    daemon_remove(&scene->world.daemon);
    return 0;
}

static unsigned draw(struct scene *scene, unsigned below)
{
    scene->seed = scene->seed * 1103515245 + 12345;
    return (scene->seed >> 16) % below;
}

/* Answers are not waited for. */
static void send_report(struct scene *scene)
{
    struct sealed *device = &scene->device;
    struct gp_request request = request_report();

    gp_arena_reset(&device->arena);
    assert_int_equal(gp_wire_request_pack(&request, &device->arena, &device->packed), 0);
    assert_int_equal(
        gp_channel_seal_request(&device->channel, device->packed, device->sent, &device->asked), 0);
    crowd_send_bytes(&scene->crowd, draw(scene, 1u << 16), device->sent,
                     device->packed.len + GP_ENVELOPE_OVERHEAD);
}

/* A handshake on its way when the revocation comes: it must not end in a session. */
static void send_hello(struct scene *scene)
{
    unsigned char hello[GP_HELLO_BYTES];
    struct gp_noise noise;

    assert_int_equal(gp_hello_write(&scene->device.own, scene->device.server, &noise, hello), 0);
    crowd_send_bytes(&scene->crowd, draw(scene, 1u << 16), hello, sizeof hello);
}

static struct gp_request revocation(uint64_t device)
{
    struct gp_request request = request_command(GP_VERB_REVOKE, 0, "feng");

    request.command.device_id = device;
    request.command.text = GP_SPAN("stolen");
    return request;
}

/* Entries by the device behind a place of the journal, and how many in all from `after` on. */
static unsigned count_entries(struct scene *scene, uint64_t after, uint64_t revoked,
                              unsigned *ret_behind)
{
    unsigned count = 0;

    *ret_behind = 0;
    for (;;) {
        struct gp_request request = request_feed(after, 0);
        struct gp_reply reply = client_ask(&scene->world.client, &request);
        assert_int_equal(reply.status, GP_STATUS_OK);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            const struct gp_entry *entry = reply.feed.item[i];
            if (entry->by_device != scene->device.device)
                continue;
            count += entry->what == GP_WHAT_REPORTED;
            *ret_behind += entry->seq > revoked;
        }
        after = reply.feed.scanned_to;
        if (after >= reply.feed.head)
            return count;
    }
}

/* The device's own feed is parked when it is revoked: it ends, at once and without an answer. */
static void park_feed(struct scene *scene, uint64_t head)
{
    struct gp_request request = request_feed(head, 20000);

    request.feed.filter.person = GP_SPAN("li");
    request.feed.filter.whats = UINT64_C(1) << GP_WHAT_CLOCK; /* which never comes */
    sealed_send(&scene->device, &request);
}

static void play_round(struct scene *scene)
{
    struct client *client = &scene->world.client;
    unsigned first = draw(scene, SENT), behind;
    struct gp_daemon_status status = client_status(client);
    uint64_t head = status.head;

    assert_int_equal(status.sessions, 0); /* of the round before */
    sealed_enrol(&scene->device, client, scene->world.daemon.edge, "li", GP_ROLE_OFFICER);
    park_feed(scene, head);
    for (unsigned i = 0; i < first; i++)
        send_report(scene);
    send_hello(scene);
    struct gp_request request = revocation(scene->device.device);
    client_send(client, &request);
    send_hello(scene);
    for (unsigned i = first; i < SENT; i++)
        send_report(scene);
    struct gp_reply reply = client_receive(client);
    assert_int_equal(reply.status, GP_STATUS_OK);
    uint64_t revoked = reply.answer.seq;
    assert_true(sealed_gets_again(&scene->device)); /* the feed */
    struct gp_request report = request_report();
    sealed_send(&scene->device, &report);
    assert_true(sealed_gets_again(&scene->device));
    assert_int_equal(sealed_hello(&scene->device), GP_WELCOME_UNKNOWN);
    unsigned done = count_entries(scene, head, revoked, &behind);
    assert_int_equal(behind, 0);
    scene->before += done;
    scene->never += SENT - done;
    sealed_close(&scene->device);
}

static void revoked_device_does_nothing_more(void **state)
{
    struct scene *scene = *state;

    for (unsigned round = 0; round < ROUNDS; round++)
        play_round(scene);
    assert_true(scene->before > 0); /* else the rounds prove nothing */
    assert_true(scene->never > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revoked_device_does_nothing_more),
    };

    return cmocka_run_group_tests_name("lockout", tests, set_up, tear_down);
}
