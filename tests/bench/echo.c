/*
 * bench_echo ADDRESS BYTES   a raw REP socket that answers whatever comes with BYTES bytes
 *
 * The limit of nanomsg on this machine: gridpostd's own way in and out with nothing between.
 */
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const char *what)
{
    fprintf(stderr, "bench_echo: %s: %s\n", what, nn_strerror(nn_errno()));
    return 1;
}

/* The header, which is the way back, is nanomsg's memory and goes back as it came. */
static int answer_one(int socket, const void *answer, size_t len)
{
    void *body, *path;
    struct nn_iovec part = {&body, NN_MSG};
    struct nn_msghdr message = {&part, 1, &path, NN_MSG};

    if (nn_recvmsg(socket, &message, 0) < 0)
        return fail("recv");
    (void)nn_freemsg(body);
    part = (struct nn_iovec){(void *)(uintptr_t)answer, len};
    return nn_sendmsg(socket, &message, 0) >= 0 ? 0 : fail("send");
}

int main(int argc, char **argv)
{
    size_t len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    void *answer = calloc(1, len + 1);
    int socket = nn_socket(AF_SP_RAW, NN_REP);

    if (len == 0 || answer == NULL || socket < 0) {
        fputs("usage: bench_echo ADDRESS BYTES\n", stderr);
        return 64;
    }
    if (nn_bind(socket, argv[1]) < 0)
        return fail(argv[1]);
    while (answer_one(socket, answer, len) == 0)
        ;
    return 1;
}
