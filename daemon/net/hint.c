#include "net/hint.h"

#include "base/error.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <stdlib.h>
#include <string.h>

struct gp_hint {
    int socket;
};

int gp_hint_open(const char *address, struct gp_hint **ret_hint, const char **ret_reason)
{
    struct gp_hint *hint;

    if (strncmp(address, "ipc://", 6) != 0) {
        *ret_reason = "hints go over ipc:// only";
        return GP_EINVAL;
    }
    hint = calloc(1, sizeof *hint);
    if (hint == NULL) {
        *ret_reason = gp_error_text(GP_ENOMEM);
        return GP_ENOMEM;
    }
    hint->socket = nn_socket(AF_SP, NN_PUB);
    if (hint->socket < 0 || nn_bind(hint->socket, address) < 0) {
        *ret_reason = nn_strerror(nn_errno());
        gp_hint_close(hint);
        return GP_EIO;
    }
    *ret_hint = hint;
    return 0;
}

void gp_hint_send(struct gp_hint *hint, struct gp_span message)
{
    if (hint != NULL)
        (void)nn_send(hint->socket, message.ptr, message.len, NN_DONTWAIT); /* only a hint */
}

void gp_hint_close(struct gp_hint *hint)
{
    if (hint == NULL)
        return;
    if (hint->socket >= 0)
        (void)nn_close(hint->socket);
    free(hint);
}
