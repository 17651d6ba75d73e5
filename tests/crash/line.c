#include "crash/line.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define RECONNECT_MS 5

static void set_number(int socket, int level, int option, int value)
{
    assert_int_equal(nn_setsockopt(socket, level, option, &value, sizeof value), 0);
}

static void connect_line(struct line *line, const char *address)
{
    size_t size = sizeof line->readable;

    line->socket = nn_socket(AF_SP, NN_REQ);
    assert_true(line->socket >= 0);
    set_number(line->socket, NN_SOL_SOCKET, NN_RECONNECT_IVL, RECONNECT_MS);
    set_number(line->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE,
               GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD + 64);
    assert_int_equal(nn_getsockopt(line->socket, NN_SOL_SOCKET, NN_RCVFD, &line->readable, &size),
                     0);
    assert_true(nn_connect(line->socket, address) >= 0);
}

void line_open(struct line *line, const char *address, struct sealed *device)
{
    *line = (struct line){.device = device, .known = device != NULL};
    connect_line(line, address);
}

void line_close(struct line *line)
{
    assert_int_equal(nn_close(line->socket), 0);
}

void line_renew(struct line *line, const char *address)
{
    line_close(line);
    connect_line(line, address);
    line->greeting = false;
}

/* ---------------------------------------------------------------- sending */

static void say_hello(struct line *line)
{
    unsigned char message[GP_HELLO_BYTES];

    assert_int_equal(
        gp_hello_write(&line->device->own, line->device->server, &line->noise, message), 0);
    assert_int_equal(nn_send(line->socket, message, sizeof message, 0), (int)sizeof message);
    line->greeting = true;
}

static void send_sealed(struct line *line, struct gp_span packed)
{
    struct sealed *device = line->device;
    size_t len = packed.len + GP_ENVELOPE_OVERHEAD;

    assert_true(len <= sizeof device->sent);
    assert_int_equal(
        gp_channel_seal_request(&device->channel, packed, device->sent, &device->asked), 0);
    assert_int_equal(nn_send(line->socket, device->sent, len, 0), (int)len);
}

void line_send(struct line *line, struct gp_span packed)
{
    if (line->device == NULL)
        assert_int_equal(nn_send(line->socket, packed.ptr, packed.len, 0), (int)packed.len);
    else if (line->known)
        send_sealed(line, packed);
    else
        say_hello(line);
}

/* ---------------------------------------------------------------- receiving */

static void unpack(struct gp_span bytes, struct gp_arena *arena, struct gp_reply *ret_reply)
{
    assert_int_equal(gp_wire_reply_unpack(bytes, arena, ret_reply), 0);
}

static enum line_event take_welcome(struct line *line, struct gp_span message)
{
    struct gp_welcome welcome;

    if (!line->greeting || gp_welcome_read(&line->noise, message, &welcome) != 0)
        return LINE_NOTHING;
    assert_int_equal(welcome.status, GP_WELCOME_OK);
    gp_channel_init(&line->device->channel, &line->noise, welcome.session);
    line->greeting = false;
    line->known = true;
    return LINE_WELCOME;
}

static enum line_event take_envelope(struct line *line, struct gp_span message,
                                     struct gp_arena *arena, struct gp_reply *ret_reply)
{
    struct gp_envelope envelope;
    size_t len;

    assert_int_equal(gp_envelope_read(message, &envelope), 0);
    if (envelope.type == GP_ENVELOPE_WELCOME)
        return take_welcome(line, message);
    if (envelope.type == GP_ENVELOPE_AGAIN) {
        line->known = false;
        return LINE_LOST;
    }
    assert_int_equal(envelope.type, GP_ENVELOPE_ANSWER);
    unsigned char *plain = gp_arena_alloc(arena, envelope.body.len);
    assert_non_null(plain);
    if (gp_channel_open_answer(&line->device->channel, &line->device->asked, &envelope, plain,
                               &len) != 0)
        return LINE_NOTHING; /* to what was sent before */
    unpack((struct gp_span){(char *)plain, len}, arena, ret_reply);
    return LINE_ANSWER;
}

enum line_event line_receive(struct line *line, struct gp_arena *arena, struct gp_reply *ret_reply)
{
    void *message = NULL;
    int len = nn_recv(line->socket, &message, NN_MSG, NN_DONTWAIT);

    if (len < 0 && nn_errno() == EAGAIN)
        return LINE_NOTHING;
    assert_true(len >= 0);
    gp_arena_reset(arena);
    struct gp_span bytes = gp_arena_copy(arena, (struct gp_span){message, (size_t)len});
    assert_int_equal(nn_freemsg(message), 0);
    if (line->device != NULL)
        return take_envelope(line, bytes, arena, ret_reply);
    unpack(bytes, arena, ret_reply);
    return LINE_ANSWER;
}
