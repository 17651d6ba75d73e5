#include "net/hint.h"

#include "base/bytes.h"
#include "base/error.h"

#include <nanomsg/nn.h>
#include <nanomsg/pubsub.h>
#include <stdlib.h>
#include <string.h>

#define GP_HINT_TOPIC "gp.head"

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

void gp_hint_send(struct gp_hint *hint, uint64_t head)
{
    unsigned char message[sizeof GP_HINT_TOPIC + 8];

    if (hint == NULL)
        return;
    memcpy(message, GP_HINT_TOPIC, sizeof GP_HINT_TOPIC);
    gp_put_u64(message + sizeof GP_HINT_TOPIC, head);
    (void)nn_send(hint->socket, message, sizeof message, NN_DONTWAIT); /* only a hint */
}

void gp_hint_close(struct gp_hint *hint)
{
    if (hint == NULL)
        return;
    if (hint->socket >= 0)
        (void)nn_close(hint->socket);
    free(hint);
}
