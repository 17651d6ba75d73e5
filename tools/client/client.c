#include "client/client.h"

#include "client/letter.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct gp_client {
    struct gp_letters letters;
    struct gp_arena request, reply;
};

int gp_client_open(const char *address, struct gp_client **ret_client)
{
    struct gp_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return GP_ENOMEM;
    int rc = gp_letters_open(&client->letters, address);
    if (rc != 0) {
        free(client);
        return rc;
    }
    gp_arena_init(&client->request, GP_UNPACK_BYTES_MAX);
    gp_arena_init(&client->reply, GP_REPLY_UNPACK_BYTES_MAX);
    *ret_client = client;
    return 0;
}

void gp_client_close(struct gp_client *client)
{
    if (client == NULL)
        return;
    gp_letters_close(&client->letters);
    gp_arena_release(&client->request);
    gp_arena_release(&client->reply);
    free(client);
}

void gp_client_stop_on(struct gp_client *client, bool (*stop)(void))
{
    client->letters.stop = stop;
}

/* Which body the answer to a request has. */
static enum gp_reply_kind kind_for(const struct gp_request *request)
{
    switch ((enum gp_request_kind)request->kind) {
    case GP_REQUEST_QUERY:
        return GP_REPLY_PAGE;
    case GP_REQUEST_INCIDENT:
        return GP_REPLY_INCIDENT;
    case GP_REQUEST_FEED:
        return GP_REPLY_FEED;
    case GP_REQUEST_STATUS:
        return GP_REPLY_STATUS;
    case GP_REQUEST_LEAVES:
        return GP_REPLY_LEAVES;
    case GP_REQUEST_ROSTER:
        return GP_REPLY_ROSTER;
    case GP_REQUEST_ASSESS:
        return GP_REPLY_ASSESS;
    case GP_REQUEST_WHO:
        return GP_REPLY_FORECAST;
    default:
        return GP_REPLY_ANSWER;
    }
}

static struct gp_wait wait_for(const struct gp_request *request, unsigned timeout_ms)
{
    bool rests = request->kind == GP_REQUEST_FEED;

    return (struct gp_wait){.until_ms = gp_letters_now() + timeout_ms,
                            .rest_ms = rests ? (unsigned)request->feed.wait_ms : 0,
                            .rests = rests};
}

int gp_client_call(struct gp_client *client, const struct gp_request *request, unsigned timeout_ms,
                   struct gp_reply *ret_reply)
{
    struct gp_wait wait = wait_for(request, timeout_ms);
    struct gp_span message, answer;
    struct gp_reply reply = {0};
    int rc;

    gp_arena_reset(&client->request);
    gp_arena_reset(&client->reply);
    rc = gp_wire_request_pack(request, &client->request, &message);
    if (rc == 0)
        rc = gp_letters_call(&client->letters, message, &wait, &answer);
    if (rc == 0)
        rc = gp_wire_reply_unpack(answer, &client->reply, &reply);
    if (rc != 0)
        return rc;
    if (reply.status == GP_STATUS_OK && reply.kind != kind_for(request))
        return GP_EFORMAT;
    *ret_reply = reply;
    return 0;
}

int gp_client_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        getrandom(ret_id + 6, GP_COMMAND_ID_BYTES - 6, 0) != GP_COMMAND_ID_BYTES - 6)
        return GP_EIO;
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 5; i >= 0; i--, ms >>= 8)
        ret_id[i] = (unsigned char)ms;
    return 0;
}
