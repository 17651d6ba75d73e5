/*
 * Beside record.c in a daemon: every answer goes out by nn_sendmsg, and is noted before it does.
 * Handed over by its bytes; gridpostd sends no other way (net/intake.c).
 */
#include "power/record.h"

#include <dlfcn.h>
#include <nanomsg/nn.h>

typedef int (*send_fn)(int socket, const struct nn_msghdr *message, int flags);

int nn_sendmsg(int socket, const struct nn_msghdr *message, int flags)
{
    send_fn send = (send_fn)(uintptr_t)dlsym(RTLD_NEXT, "nn_sendmsg");

    if (message->msg_iovlen == 1 && message->msg_iov->iov_len != NN_MSG)
        record_reply(message->msg_iov->iov_base, message->msg_iov->iov_len);
    return send(socket, message, flags);
}
