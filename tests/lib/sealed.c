#include "lib/sealed.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SEALED_WAIT_MS     30000
#define SEALED_ARENA_BYTES ((size_t)32 * 1024 * 1024)
#define SEALED_ADMIN       "feng"

static void connect_to(struct sealed *device, const char *address)
{
    int bytes = GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD + 64;

    device->socket = nn_socket(AF_SP, NN_REQ);
    assert_true(device->socket >= 0);
    assert_int_equal(
        nn_setsockopt(device->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &bytes, sizeof bytes), 0);
    assert_true(nn_connect(device->socket, address) >= 0);
}

void sealed_open(struct sealed *device, const char *address)
{
    assert_int_equal(gp_trust_start(), 0);
    *device = (struct sealed){0};
    gp_keypair_new(&device->own);
    gp_arena_init(&device->arena, SEALED_ARENA_BYTES);
    connect_to(device, address);
}

void sealed_close(struct sealed *device)
{
    assert_int_equal(nn_close(device->socket), 0);
    gp_arena_release(&device->arena);
}

void sealed_reconnect(struct sealed *device, const char *address)
{
    assert_int_equal(nn_close(device->socket), 0);
    connect_to(device, address);
}

/* ---------------------------------------------------------------- bytes */

void sealed_send_bytes(struct sealed *device, const void *bytes, size_t len)
{
    assert_int_equal(nn_send(device->socket, bytes, len, 0), (int)len);
}

void *sealed_receive_bytes(struct sealed *device, int wait_ms, int *ret_len)
{
    void *bytes = NULL;

    assert_int_equal(
        nn_setsockopt(device->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms), 0);
    *ret_len = nn_recv(device->socket, &bytes, NN_MSG, 0);
    return *ret_len >= 0 ? bytes : NULL;
}

/* ---------------------------------------------------------------- joining */

static void know_server(struct sealed *device, const struct gp_invitation *invitation)
{
    device->device = invitation->device;
    memcpy(device->server, invitation->server, sizeof device->server);
    memcpy(device->sign, invitation->sign, sizeof device->sign);
}

struct gp_invitation sealed_invite(struct client *client, const char *person, uint8_t role)
{
    struct gp_request request = request_command(GP_VERB_INVITE, 0, SEALED_ADMIN);
    struct gp_invitation invitation;

    request.command.person = gp_span_of(person);
    request.command.role = role;
    struct gp_reply reply = client_ask(client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(gp_invitation_read(reply.answer.invitation, &invitation), 0);
    assert_int_equal(invitation.device, reply.answer.device);
    return invitation;
}

void sealed_join(struct sealed *device, const struct gp_invitation *invitation)
{
    unsigned char message[GP_JOIN_BYTES];
    struct gp_noise noise;
    int len;

    know_server(device, invitation);
    assert_int_equal(gp_join_write(&device->own, device->server, invitation->psk,
                                   invitation->device, GP_SPAN("test handset"), &noise, message),
                     0);
    sealed_send_bytes(device, message, sizeof message);
    void *bytes = sealed_receive_bytes(device, SEALED_WAIT_MS, &len);
    assert_int_equal(len, GP_JOINED_BYTES);
    assert_int_equal(gp_joined_read(&noise, (struct gp_span){bytes, (size_t)len}, &device->welcome),
                     0);
    device->digits = gp_digits(gp_noise_hash(&noise));
    assert_int_equal(nn_freemsg(bytes), 0);
}

void sealed_confirm(struct client *client, const struct sealed *device)
{
    struct gp_request request = request_command(GP_VERB_CONFIRM, 0, SEALED_ADMIN);

    request.command.device_id = device->device;
    request.command.digits = device->digits;
    assert_int_equal(client_ask(client, &request).status, GP_STATUS_OK);
}

void sealed_enrol(struct sealed *device, struct client *client, const char *address,
                  const char *person, uint8_t role)
{
    struct gp_invitation invitation = sealed_invite(client, person, role);

    sealed_open(device, address);
    sealed_join(device, &invitation);
    assert_int_equal(device->welcome.status, GP_WELCOME_WAITS);
    sealed_confirm(client, device);
    assert_int_equal(sealed_hello(device), GP_WELCOME_OK);
}

void sealed_revoke(struct client *client, uint64_t device)
{
    struct gp_request request = request_command(GP_VERB_REVOKE, 0, SEALED_ADMIN);

    request.command.device_id = device;
    request.command.text = GP_SPAN("stolen");
    assert_int_equal(client_ask(client, &request).status, GP_STATUS_OK);
}

/* ---------------------------------------------------------------- sessions */

int sealed_hello(struct sealed *device)
{
    unsigned char message[GP_HELLO_BYTES];
    struct gp_noise noise;
    int len;

    assert_int_equal(gp_hello_write(&device->own, device->server, &noise, message), 0);
    sealed_send_bytes(device, message, sizeof message);
    void *bytes = sealed_receive_bytes(device, SEALED_WAIT_MS, &len);
    assert_int_equal(len, GP_WELCOME_BYTES);
    assert_int_equal(
        gp_welcome_read(&noise, (struct gp_span){bytes, (size_t)len}, &device->welcome), 0);
    assert_int_equal(nn_freemsg(bytes), 0);
    if (device->welcome.status == GP_WELCOME_OK)
        gp_channel_init(&device->channel, &noise, device->welcome.session);
    return device->welcome.status;
}

void sealed_send(struct sealed *device, const struct gp_request *request)
{
    gp_arena_reset(&device->arena);
    assert_int_equal(gp_wire_request_pack(request, &device->arena, &device->packed), 0);
    assert_int_equal(
        gp_channel_seal_request(&device->channel, device->packed, device->sent, &device->asked), 0);
    device->sent_len = device->packed.len + GP_ENVELOPE_OVERHEAD;
    sealed_send_bytes(device, device->sent, device->sent_len);
}

struct gp_reply sealed_receive(struct sealed *device)
{
    struct gp_envelope envelope;
    struct gp_reply reply;
    size_t plain_len;
    int len;
    void *bytes = sealed_receive_bytes(device, SEALED_WAIT_MS, &len);

    assert_non_null(bytes);
    assert_int_equal(gp_envelope_read((struct gp_span){bytes, (size_t)len}, &envelope), 0);
    assert_int_equal(envelope.type, GP_ENVELOPE_ANSWER);
    unsigned char *plain = gp_arena_alloc(&device->arena, envelope.body.len);
    assert_int_equal(
        gp_channel_open_answer(&device->channel, &device->asked, &envelope, plain, &plain_len), 0);
    assert_int_equal(nn_freemsg(bytes), 0);
    assert_int_equal(
        gp_wire_reply_unpack((struct gp_span){(char *)plain, plain_len}, &device->arena, &reply),
        0);
    return reply;
}

bool sealed_gets_again(struct sealed *device)
{
    unsigned char again[GP_AGAIN_BYTES];
    int len;
    void *bytes = sealed_receive_bytes(device, SEALED_WAIT_MS, &len);
    bool is;

    assert_non_null(bytes);
    gp_again_write(device->channel.session, again);
    is = len == GP_AGAIN_BYTES && memcmp(bytes, again, sizeof again) == 0;
    assert_int_equal(nn_freemsg(bytes), 0);
    return is;
}

struct gp_reply sealed_ask(struct sealed *device, const struct gp_request *request)
{
    sealed_send(device, request);
    return sealed_receive(device);
}

/* ---------------------------------------------------------------- many at once */

void sealed_send_by(struct sealed *device, struct crowd *crowd, uint32_t number,
                    const struct gp_request *request, struct gp_asked *ret_asked)
{
    gp_arena_reset(&device->arena);
    assert_int_equal(gp_wire_request_pack(request, &device->arena, &device->packed), 0);
    assert_int_equal(
        gp_channel_seal_request(&device->channel, device->packed, device->sent, ret_asked), 0);
    crowd_send_bytes(crowd, number, device->sent, device->packed.len + GP_ENVELOPE_OVERHEAD);
}

uint32_t sealed_receive_by(struct sealed *device, struct crowd *crowd, const struct gp_asked *asked,
                           struct gp_reply *ret_reply)
{
    struct gp_envelope envelope;
    uint32_t number;
    size_t plain_len;
    int len;
    void *bytes = crowd_receive_bytes(crowd, SEALED_WAIT_MS, &number, &len);

    assert_non_null(bytes);
    assert_int_equal(gp_envelope_read((struct gp_span){bytes, (size_t)len}, &envelope), 0);
    unsigned char *plain = gp_arena_alloc(&device->arena, envelope.body.len);
    assert_int_equal(
        gp_channel_open_answer(&device->channel, &asked[number], &envelope, plain, &plain_len), 0);
    struct gp_span message = {(const char *)plain, plain_len};
    assert_int_equal(gp_wire_reply_unpack(message, &device->arena, ret_reply), 0);
    assert_int_equal(nn_freemsg(bytes), 0);
    return number;
}
