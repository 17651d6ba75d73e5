#include "bench/seal.h"

#include "client/client.h"
#include "trust/handshake.h"
#include "trust/invitation.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_MS 10000

static struct gp_channel channel;
static struct gp_keypair own;
static struct gp_invitation invitation;
static unsigned char bytes[GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD];

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* ---------------------------------------------------------------- enrolment */

static struct gp_reply command(struct gp_client *client, struct gp_command command)
{
    struct gp_request request = {
        .kind = GP_REQUEST_COMMAND, .person = GP_SPAN("feng"), .command = command};
    struct gp_reply reply;

    need(gp_client_new_id(request.command.id) == 0, "no random numbers");
    need(gp_client_call(client, &request, WAIT_MS, &reply) == 0 && reply.status == GP_STATUS_OK,
         "cannot enrol: is it started with --insecure-local?");
    return reply;
}

/* One message there and one back. */
static struct gp_span exchange(int socket, const unsigned char *message, size_t len)
{
    int got;

    need(nn_send(socket, message, len, 0) == (int)len, "cannot send");
    got = nn_recv(socket, bytes, sizeof bytes, 0);
    need(got > 0, "no answer to a handshake");
    return (struct gp_span){(const char *)bytes, (size_t)got};
}

static uint32_t join(int socket)
{
    unsigned char message[GP_JOIN_BYTES];
    struct gp_welcome welcome;
    struct gp_noise noise;

    need(gp_join_write(&own, invitation.server, invitation.psk, invitation.device, GP_SPAN("bench"),
                       &noise, message) == 0 &&
             gp_joined_read(&noise, exchange(socket, message, sizeof message), &welcome) == 0,
         "cannot join");
    return gp_digits(gp_noise_hash(&noise));
}

static void hello(int socket)
{
    unsigned char message[GP_HELLO_BYTES];
    struct gp_welcome welcome;
    struct gp_noise noise;

    need(gp_hello_write(&own, invitation.server, &noise, message) == 0 &&
             gp_welcome_read(&noise, exchange(socket, message, sizeof message), &welcome) == 0 &&
             welcome.status == GP_WELCOME_OK,
         "cannot say hello");
    gp_channel_init(&channel, &noise, welcome.session);
}

void seal_join(const char *local, const char *address)
{
    struct gp_client *client;
    int socket = nn_socket(AF_SP, NN_REQ);

    need(gp_trust_start() == 0 && gp_client_open(local, &client) == 0, "cannot reach the daemon");
    need(socket >= 0 && nn_connect(socket, address) >= 0, "cannot connect");
    gp_keypair_new(&own);
    struct gp_reply invited = command(client, (struct gp_command){.verb = GP_VERB_INVITE,
                                                                  .person = GP_SPAN("li"),
                                                                  .role = GP_ROLE_OFFICER});
    need(gp_invitation_read(invited.answer.invitation, &invitation) == 0, "no invitation");
    uint32_t digits = join(socket);
    (void)command(client, (struct gp_command){.verb = GP_VERB_CONFIRM,
                                              .device_id = invitation.device,
                                              .digits = digits});
    hello(socket);
    gp_client_close(client);
    (void)nn_close(socket);
}

void seal_leave(const char *local)
{
    struct gp_client *client;

    need(gp_client_open(local, &client) == 0, "cannot reach the daemon");
    (void)command(client,
                  (struct gp_command){.verb = GP_VERB_REVOKE, .device_id = invitation.device});
    gp_client_close(client);
}

/* ---------------------------------------------------------------- messages */

struct gp_span seal_request(struct gp_span request, struct gp_asked *ret_asked)
{
    need(request.len <= GP_MESSAGE_BYTES_MAX &&
             gp_channel_seal_request(&channel, request, bytes, ret_asked) == 0,
         "the session has sent all it may");
    return (struct gp_span){(const char *)bytes, request.len + GP_ENVELOPE_OVERHEAD};
}

struct gp_span seal_open(const struct gp_asked *asked, struct gp_span message)
{
    struct gp_envelope envelope;
    size_t len = 0;

    need(gp_envelope_read(message, &envelope) == 0 && envelope.body.len <= sizeof bytes &&
             gp_channel_open_answer(&channel, asked, &envelope, bytes, &len) == 0,
         "an answer does not open");
    return (struct gp_span){(const char *)bytes, len};
}
