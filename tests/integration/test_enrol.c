/* Devices join the real daemon: by an invitation that works once, and by a file. */
#include "lib/sealed.h"
#include "lib/world.h"

#include <nanomsg/nn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static struct gp_device device_of(struct world *world, uint64_t id)
{
    struct gp_request request = {.kind = GP_REQUEST_DEVICES, .devices = {.after = id - 1}};
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_DEVICES);
    assert_true(reply.devices.count >= 1);
    assert_int_equal(reply.devices.item[0].id, id);
    return reply.devices.item[0];
}

static enum gp_reason confirm(struct world *world, const struct sealed *device, uint32_t digits)
{
    struct gp_request request = request_command(GP_VERB_CONFIRM, 0, "feng");

    request.command.device_id = device->device;
    request.command.digits = digits;
    return client_ask(&world->client, &request).reason;
}

static void both_sides_see_the_same_digits(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    struct sealed device;

    sealed_open(&device, world->daemon.edge);
    sealed_join(&device, &invitation);
    assert_int_equal(device.welcome.status, GP_WELCOME_WAITS);
    struct gp_device record = device_of(world, device.device);
    assert_int_equal(record.state, GP_DEVICE_PENDING);
    assert_int_equal(record.digits, device.digits);
    assert_int_equal(record.role, GP_ROLE_OFFICER);
    assert_true(gp_span_is(record.person, "li"));
    assert_true(gp_span_is(record.label, "test handset"));
    assert_memory_equal(record.key, device.own.public, sizeof record.key);

    assert_int_equal(sealed_hello(&device), GP_WELCOME_WAITS);
    assert_int_equal(confirm(world, &device, (device.digits + 1) % GP_DIGITS_END),
                     GP_REASON_DIGITS);
    assert_int_equal(sealed_hello(&device), GP_WELCOME_WAITS);
    assert_int_equal(confirm(world, &device, device.digits), GP_REASON_NONE);
    assert_int_equal(sealed_hello(&device), GP_WELCOME_OK);
    sealed_close(&device);
}

static void invitation_is_used_once(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    struct sealed first, second;

    sealed_open(&first, world->daemon.edge);
    sealed_open(&second, world->daemon.edge);
    sealed_join(&first, &invitation);
    assert_int_equal(first.welcome.status, GP_WELCOME_WAITS);
    sealed_join(&second, &invitation);
    assert_int_equal(second.welcome.status, GP_WELCOME_UNKNOWN);
    assert_memory_equal(device_of(world, first.device).key, first.own.public, GP_KEY_BYTES);
    sealed_close(&first);
    sealed_close(&second);
}

/* REQ sends a join again byte for byte when its connection dies: it is the same device. */
static void same_join_gets_the_same_answer(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    unsigned char join[GP_JOIN_BYTES];
    struct gp_noise noise;
    struct sealed device;
    int len[2];

    sealed_open(&device, world->daemon.edge);
    assert_int_equal(gp_join_write(&device.own, invitation.server, invitation.psk,
                                   invitation.device, GP_SPAN("x"), &noise, join),
                     0);
    sealed_send_bytes(&device, join, sizeof join);
    void *first = sealed_receive_bytes(&device, 30000, &len[0]);
    sealed_reconnect(&device, world->daemon.edge);
    sealed_send_bytes(&device, join, sizeof join);
    void *second = sealed_receive_bytes(&device, 30000, &len[1]);
    assert_int_equal(len[0], GP_JOINED_BYTES);
    assert_int_equal(len[1], GP_JOINED_BYTES);
    assert_memory_equal(first, second, GP_JOINED_BYTES);
    assert_int_equal(nn_freemsg(first), 0);
    assert_int_equal(nn_freemsg(second), 0);
    sealed_close(&device);
}

/* The invitation, and whether its joining is answered by AGAIN for no session. */
static void assert_not_known(struct world *world, const struct gp_invitation *invitation)
{
    static const unsigned char none[GP_SESSION_ID_BYTES];
    unsigned char join[GP_JOIN_BYTES], again[GP_AGAIN_BYTES];
    struct gp_noise noise;
    struct sealed device;
    int len;

    sealed_open(&device, world->daemon.edge);
    assert_int_equal(gp_join_write(&device.own, invitation->server, invitation->psk,
                                   invitation->device, GP_SPAN("x"), &noise, join),
                     0);
    sealed_send_bytes(&device, join, sizeof join);
    void *bytes = sealed_receive_bytes(&device, 30000, &len);
    gp_again_write(none, again);
    assert_int_equal(len, sizeof again);
    assert_memory_equal(bytes, again, sizeof again);
    assert_int_equal(nn_freemsg(bytes), 0);
    sealed_close(&device);
}

static void other_secrets_and_other_numbers_are_not_known(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    struct gp_invitation other = invitation;

    other.psk[3] ^= 1;
    assert_not_known(world, &other);
    other = invitation;
    other.device += 5;
    assert_not_known(world, &other);
    assert_int_equal(device_of(world, invitation.device).state, GP_DEVICE_INVITED);
}

static void invitation_ends_with_the_daemon(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);

    world_stop(world);
    world_start(world, NULL);
    assert_not_known(world, &invitation);
}

/* Who stole an admin's handset may have an invitation or two in store. */
static void invitation_ends_with_the_device_that_made_it(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_command(GP_VERB_INVITE, 0, "");
    struct gp_invitation invitation, other = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    struct sealed admin, device;

    sealed_enrol(&admin, &world->client, world->daemon.edge, "feng", GP_ROLE_ADMIN);
    request.command.person = GP_SPAN("zhang");
    request.command.role = GP_ROLE_ADMIN;
    struct gp_reply reply = sealed_ask(&admin, &request);
    assert_int_equal(gp_invitation_read(reply.answer.invitation, &invitation), 0);
    sealed_revoke(&world->client, admin.device);
    assert_not_known(world, &invitation);
    sealed_open(&device, world->daemon.edge);
    sealed_join(&device, &other); /* of somebody else */
    assert_int_equal(device.welcome.status, GP_WELCOME_WAITS);
    sealed_close(&device);
    sealed_close(&admin);
}

static void revoked_invitation_is_over_at_once(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);

    sealed_revoke(&world->client, invitation.device);
    assert_not_known(world, &invitation);
}

static void repeated_invite_has_the_same_text(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_command(GP_VERB_INVITE, 0, "feng");
    char text[GP_INVITATION_TEXT];

    request.command.person = GP_SPAN("li");
    request.command.role = GP_ROLE_OFFICER;
    struct gp_reply reply = client_ask(&world->client, &request);
    assert_in_range(reply.answer.invitation.len, 100, sizeof text - 1);
    (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(reply.answer.invitation));
    reply = client_ask(&world->client, &request);
    assert_true(reply.answer.repeated);
    assert_true(gp_span_is(reply.answer.invitation, text));
}

static void label_that_is_no_text_is_left_out(void **state)
{
    static const char *const labels[] = {"\xff\xfe", "a\nb", "\xc2\x85"};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
        unsigned char join[GP_JOIN_BYTES];
        struct gp_noise noise;
        struct sealed device;
        int len;
        sealed_open(&device, world->daemon.edge);
        assert_int_equal(gp_join_write(&device.own, invitation.server, invitation.psk,
                                       invitation.device, gp_span_of(labels[i]), &noise, join),
                         0);
        sealed_send_bytes(&device, join, sizeof join);
        void *bytes = sealed_receive_bytes(&device, 30000, &len);
        assert_int_equal(len, GP_JOINED_BYTES);
        assert_int_equal(nn_freemsg(bytes), 0);
        assert_int_equal(device_of(world, invitation.device).label.len, 0);
        sealed_close(&device);
    }
}

/* ---------------------------------------------------------------- by file */

static void device_of_the_file_needs_no_invitation(void **state)
{
    struct world *world = *state;
    struct gp_invitation invitation = sealed_invite(&world->client, "li", GP_ROLE_OFFICER);
    char key[GP_KEY_TEXT], sheet[256];
    struct sealed device;

    sealed_open(&device, world->daemon.edge);
    memcpy(device.server, invitation.server, sizeof device.server);
    assert_int_equal(sealed_hello(&device), GP_WELCOME_UNKNOWN);
    gp_key_format(device.own.public, key);
    (void)snprintf(sheet, sizeof sheet, "person,role,key,label\nfeng,admin,%s,desk\n", key);
    daemon_write(&world->daemon, "org/devices.csv", sheet);
    world_reload(world);
    while (sealed_hello(&device) != GP_WELCOME_OK) /* the reload's batch is on its way */
        continue;
    assert_int_equal(device.welcome.role, GP_ROLE_ADMIN);
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    assert_int_equal(sealed_ask(&device, &request).status, GP_STATUS_OK);
    sealed_close(&device);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
    const struct CMUnitTest tests[] = {
        TEST(both_sides_see_the_same_digits),
        TEST(invitation_is_used_once),
        TEST(same_join_gets_the_same_answer),
        TEST(other_secrets_and_other_numbers_are_not_known),
        TEST(invitation_ends_with_the_daemon),
        TEST(invitation_ends_with_the_device_that_made_it),
        TEST(revoked_invitation_is_over_at_once),
        TEST(repeated_invite_has_the_same_text),
        TEST(label_that_is_no_text_is_left_out),
        TEST(device_of_the_file_needs_no_invitation),
    };

    return cmocka_run_group_tests_name("enrol", tests, NULL, NULL);
}
