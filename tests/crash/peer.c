#include "crash/peer.h"

#include "base/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define PEER_ARENA_BYTES ((size_t)64 * 1024)
#define SP_HELLO_BYTES   8
#define SP_REQUEST       UINT32_C(0x80000001) /* any number, with the bit that ends the path */

static void shake_hands(const struct peer *peer, enum peer_protocol protocol)
{
    const unsigned char hello[SP_HELLO_BYTES] = {0, 'S', 'P', 0, 0, (unsigned char)protocol, 0, 0};
    unsigned char theirs[SP_HELLO_BYTES];

    assert_int_equal(send(peer->fd, hello, sizeof hello, 0), (int)sizeof hello);
    assert_int_equal(recv(peer->fd, theirs, sizeof theirs, MSG_WAITALL), (int)sizeof theirs);
    assert_memory_equal(theirs, hello, 4);
}

void peer_open(struct peer *peer, const char *address, enum peer_protocol protocol)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    *peer = (struct peer){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(peer->fd >= 0);
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", address + strlen("ipc://"));
    assert_int_equal(connect(peer->fd, (struct sockaddr *)&at, sizeof at), 0);
    shake_hands(peer, protocol);
}

void peer_close(struct peer *peer)
{
    assert_int_equal(close(peer->fd), 0);
}

/* An ipc frame: the byte 1, the length in 64 bits, then the SP header and the body. */
void peer_set_request(struct peer *peer, const struct gp_request *request)
{
    struct gp_arena arena;
    struct gp_span body;

    gp_arena_init(&arena, PEER_ARENA_BYTES);
    assert_int_equal(gp_wire_request_pack(request, &arena, &body), 0);
    peer->frame_len = 1 + 8 + 4 + body.len;
    assert_true(peer->frame_len <= sizeof peer->frame);
    peer->frame[0] = 1;
    gp_put_u64(peer->frame + 1, 4 + body.len);
    gp_put_u32(peer->frame + 9, SP_REQUEST);
    memcpy(peer->frame + 13, body.ptr, body.len);
    gp_arena_release(&arena);
}

void peer_push(struct peer *peer)
{
    for (;;) {
        ssize_t sent = send(peer->fd, peer->frame + peer->frame_at,
                            peer->frame_len - peer->frame_at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            assert_int_equal(errno, EAGAIN);
            return;
        }
        peer->frame_at = (peer->frame_at + (size_t)sent) % peer->frame_len;
    }
}

void peer_push_part(struct peer *peer, size_t len)
{
    assert_true(len < peer->frame_len);
    assert_int_equal(send(peer->fd, peer->frame, len, MSG_NOSIGNAL), (int)len);
}

int peer_unread(const struct peer *peer)
{
    int bytes;
    assert_int_equal(ioctl(peer->fd, FIONREAD, &bytes), 0);
    return bytes;
}
