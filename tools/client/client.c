#include "client/client.h"

#include "client/kind.h"
#include "client/letter.h"
#include "client/seal.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct gp_client {
    struct gp_letters letters;
    struct gp_arena request, reply;
    struct gp_span sent;  /* the last request, packed; in its arena */
    struct gp_seal *seal; /* NULL: messages go unsealed */
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
    gp_seal_free(client->seal);
    gp_arena_release(&client->request);
    gp_arena_release(&client->reply);
    free(client);
}

void gp_client_stop_on(struct gp_client *client, bool (*stop)(void))
{
    client->letters.stop = stop;
}

enum gp_reply_kind gp_client_kind_for(const struct gp_request *request)
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
    case GP_REQUEST_DEVICES:
        return GP_REPLY_DEVICES;
    case GP_REQUEST_VERIFY:
        return GP_REPLY_VERIFIED;
    case GP_REQUEST_HEAD:
        return GP_REPLY_HEAD;
    case GP_REQUEST_BACKUP:
        return GP_REPLY_BACKUP;
    case GP_REQUEST_FIGURES:
        return GP_REPLY_FIGURES;
    case GP_REQUEST_SUMMARY:
        return GP_REPLY_SUMMARY;
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

static int exchange(struct gp_client *client, const struct gp_wait *wait,
                    struct gp_reply *ret_reply)
{
    struct gp_span answer = {0};
    int rc = client->seal == NULL
                 ? gp_letters_call(&client->letters, client->sent, wait, &answer)
                 : gp_seal_call(client->seal, &client->letters, client->sent, wait, &answer);

    gp_arena_reset(&client->reply);
    return rc == 0 ? gp_wire_reply_unpack(answer, &client->reply, ret_reply) : rc;
}

int gp_client_call(struct gp_client *client, const struct gp_request *request, unsigned timeout_ms,
                   struct gp_reply *ret_reply)
{
    struct gp_wait wait = wait_for(request, timeout_ms);
    struct gp_reply reply = {0};
    int rc;

    gp_arena_reset(&client->request);
    client->sent = (struct gp_span){0};
    rc = gp_wire_request_pack(request, &client->request, &client->sent);
    do {
        if (rc == 0)
            rc = exchange(client, &wait, &reply);
    } while (rc == 0 && reply.status == GP_STATUS_LIMITED &&
             gp_letters_pause(&client->letters, &wait, reply.retry_ms));
    if (rc != 0)
        return rc;
    if (reply.status == GP_STATUS_OK && reply.kind != gp_client_kind_for(request))
        return GP_EFORMAT;
    *ret_reply = reply;
    return 0;
}

struct gp_span gp_client_sent(const struct gp_client *client)
{
    return client->sent;
}

/* ---------------------------------------------------------------- who speaks */

int gp_client_identify(struct gp_client *client, const struct gp_identity *identity)
{
    struct gp_seal *seal;
    int rc = gp_seal_new(identity, &seal);

    if (rc != 0)
        return rc;
    gp_seal_free(client->seal);
    client->seal = seal;
    return 0;
}

const struct gp_identity *gp_client_identity(const struct gp_client *client)
{
    return client->seal != NULL ? &client->seal->identity : NULL;
}

int gp_client_greet(struct gp_client *client, unsigned timeout_ms, uint8_t *ret_role)
{
    const struct gp_wait wait = {.until_ms = gp_letters_now() + timeout_ms};

    assert(client->seal != NULL);
    int rc = gp_seal_greet(client->seal, &client->letters, &wait);
    if (rc == 0)
        *ret_role = client->seal->greeting.welcome.role;
    return rc;
}

int gp_client_join(struct gp_client *client, const struct gp_invitation *invitation,
                   struct gp_span label, unsigned timeout_ms, uint32_t *ret_digits)
{
    const struct gp_wait wait = {.until_ms = gp_letters_now() + timeout_ms};

    assert(client->seal != NULL);
    assert(label.len <= GP_LABEL_BYTES);
    return gp_seal_join(client->seal, &client->letters, invitation, label, &wait, ret_digits);
}

/* ---------------------------------------------------------------- ids */

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
