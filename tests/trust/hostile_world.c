#include "trust/hostile.h"

#include "base/bytes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- chance */

/* splitmix64. The seed fixes what is done; keys are random each time. */
static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t world_random(struct world *world, uint64_t below)
{
    world->random += UINT64_C(0x9e3779b97f4a7c15);
    return mixed(world->random) % below;
}

void world_wrong(struct world *world, const char *what)
{
    world->wrong++;
    fprintf(stderr, "WRONG: %s\n", what);
}

/* ---------------------------------------------------------------- the oracle
 * The plain text of request n is: n u64 · device u8 · filler whose length and bytes follow from n.
 */

static size_t text_of(uint64_t number, unsigned device, unsigned char ret_text[LETTER_MAX])
{
    size_t len = 9 + mixed(number) % 120;

    gp_put_u64(ret_text, number);
    ret_text[8] = (unsigned char)device;
    for (size_t i = 9; i < len; i++)
        ret_text[i] = (unsigned char)mixed(number + i);
    return len;
}

static void execute(struct world *world, unsigned device, const unsigned char *text, size_t len)
{
    unsigned char want[LETTER_MAX];
    uint64_t number = len >= 9 ? gp_get_u64(text) : UINT64_MAX;

    if (number >= world->written) {
        world_wrong(world, "a request that nobody wrote was executed");
    } else if (text_of(number, device, want) != len || memcmp(want, text, len) != 0) {
        world_wrong(world, "a request was executed as another device's or with another text");
    } else {
        world->executed[number]++;
        if (world->executed[number] > 1)
            world_wrong(world, "a request was executed again");
    }
}

/* ---------------------------------------------------------------- the server */

static unsigned device_of(const struct world *world, const unsigned char *key)
{
    unsigned i = 0;

    while (i < DEVICES && memcmp(world->devices[i].own.public, key, GP_KEY_BYTES) != 0)
        i++;
    return i; /* DEVICES: not known */
}

/* A request opened in it: now it is the present one. */
static void prove(struct server_session *sessions)
{
    sessions[1] = sessions[0];
    sessions[0] = sessions[SESSIONS - 1];
    sessions[SESSIONS - 1].alive = false;
}

static bool serve_request(struct world *world, const struct gp_envelope *envelope)
{
    unsigned char text[LETTER_MAX];
    size_t len;

    for (unsigned i = 0; i < DEVICES * SESSIONS; i++) {
        struct server_session *session = &world->sessions[i / SESSIONS][i % SESSIONS];
        if (!session->alive ||
            memcmp(session->channel.session, envelope->session, GP_SESSION_ID_BYTES) != 0)
            continue;
        if (gp_channel_open_request(&session->channel, envelope, text, &len) != 0)
            return false;
        if (i % SESSIONS == SESSIONS - 1)
            prove(world->sessions[i / SESSIONS]);
        execute(world, i / SESSIONS, text, len);
        return true;
    }
    return false;
}

static void new_session(struct world *world, unsigned device, const struct gp_noise *noise,
                        const unsigned char *id)
{
    struct server_session *session = &world->sessions[device][SESSIONS - 1];

    session->alive = true;
    gp_channel_init(&session->channel, noise, id);
}

/* The answer to a HELLO goes nowhere here: world_shake_hands is the honest way. A session comes of
 * it all the same, as it does of a HELLO that is brought again. */
static bool serve_hello(struct world *world, const struct gp_envelope *envelope)
{
    struct gp_welcome welcome = {.status = GP_WELCOME_OK};
    unsigned char answer[GP_WELCOME_BYTES];
    struct gp_noise noise;
    unsigned device;

    if (gp_hello_read(&world->keys, envelope, &noise) != 0)
        return false;
    device = device_of(world, gp_noise_remote(&noise));
    if (device == DEVICES)
        return false;
    gp_random(welcome.session, sizeof welcome.session);
    if (gp_welcome_write(&noise, &welcome, answer) != 0)
        return false;
    new_session(world, device, &noise, welcome.session);
    return true;
}

static bool serve_join(struct world *world, const struct gp_envelope *envelope)
{
    struct invitation *invitation = &world->invitations[envelope->device % INVITATIONS];
    char label[GP_LABEL_BYTES + 1];
    struct gp_noise noise;

    if (envelope->device >= INVITATIONS || invitation->used ||
        gp_join_read(&world->keys, envelope, invitation->psk, &noise, label) != 0)
        return false;
    invitation->used = true;
    return true;
}

bool world_serve(struct world *world, const struct message *message)
{
    struct gp_envelope envelope;
    unsigned char *copy =
        malloc(message->len > 0 ? message->len : 1); /* a sanitizer sees its end */
    bool taken = false;

    assert(copy != NULL);
    memcpy(copy, message->byte, message->len);
    if (gp_envelope_read((struct gp_span){(char *)copy, message->len}, &envelope) == 0) {
        if (envelope.type == GP_ENVELOPE_REQUEST)
            taken = serve_request(world, &envelope);
        else if (envelope.type == GP_ENVELOPE_HELLO)
            taken = serve_hello(world, &envelope);
        else if (envelope.type == GP_ENVELOPE_JOIN)
            taken = serve_join(world, &envelope);
    }
    free(copy);
    return taken;
}

/* ---------------------------------------------------------------- the devices */

static void write_letter(struct world *world, unsigned device, struct letter *letter)
{
    struct gp_channel *channel = &world->devices[device].channel;
    unsigned char text[LETTER_MAX];
    size_t len = text_of(world->written, device, text);
    int error;

    assert(world->written < world->numbers_max);
    letter->number = world->written++;
    error = gp_channel_seal_request(channel, (struct gp_span){(char *)text, len},
                                    letter->request.byte, &letter->asked);
    assert(error == 0);
    letter->request.len = len + GP_ENVELOPE_OVERHEAD;
}

void world_write_answer(struct world *world, unsigned device, struct letter *letter)
{
    unsigned char text[8]; /* the request's number */
    int error;

    gp_put_u64(text, letter->number);
    error =
        gp_channel_seal_answer(&world->sessions[device][0].channel, &letter->asked,
                               (struct gp_span){(char *)text, sizeof text}, letter->answer.byte);
    assert(error == 0);
    letter->answer.len = sizeof text + GP_ENVELOPE_OVERHEAD;
}

bool world_answer(struct world *world, unsigned device, const struct letter *letter,
                  const struct message *message)
{
    struct gp_envelope envelope;
    unsigned char text[LETTER_MAX];
    size_t len;

    if (gp_envelope_read((struct gp_span){(const char *)message->byte, message->len}, &envelope) !=
            0 ||
        gp_channel_open_answer(&world->devices[device].channel, &letter->asked, &envelope, text,
                               &len) != 0)
        return false;
    if (len != 8 || gp_get_u64(text) != letter->number)
        world_wrong(world, "a device took the answer to another request");
    return true;
}

void world_deliver(struct world *world, unsigned device, unsigned pending)
{
    struct device *from = &world->devices[device];
    struct letter *letter = &from->pending[pending];

    if (world_serve(world, &letter->request) && world->executed[letter->number] == 1)
        world->honest++;
    else
        world_wrong(world, "an honest request was not executed once");
    world_write_answer(world, device, letter);
    from->past[from->past_count++ % PAST] = *letter;
    if (world_answer(world, device, letter, &letter->answer))
        world->answers++;
    else
        world_wrong(world, "an honest answer was refused");
    write_letter(world, device, letter);
}

void world_hello(struct world *world, const struct gp_keypair *own, struct gp_noise *ret_noise,
                 struct message *ret_message)
{
    int error = gp_hello_write(own, world->keys.box[0].public, ret_noise, ret_message->byte);

    assert(error == 0);
    ret_message->len = GP_HELLO_BYTES;
}

unsigned world_join(struct world *world, struct gp_noise *ret_noise, struct message *ret_message)
{
    unsigned number = (unsigned)world_random(world, INVITATIONS);
    struct gp_keypair own;
    int error;

    gp_random(world->invitations[number].psk, GP_PSK_BYTES);
    world->invitations[number].used = false;
    gp_keypair_new(&own);
    error = gp_join_write(&own, world->keys.box[0].public, world->invitations[number].psk, number,
                          GP_SPAN("phone"), ret_noise, ret_message->byte);
    assert(error == 0);
    ret_message->len = GP_JOIN_BYTES;
    return number;
}

/* Both ends of an honest handshake, new letters, and one of them brought. */
static void handshake(struct world *world, unsigned device)
{
    struct device *from = &world->devices[device];
    struct gp_welcome welcome = {.status = GP_WELCOME_OK}, read;
    unsigned char answer[GP_WELCOME_BYTES];
    struct gp_noise device_end, server_end;
    struct gp_envelope envelope;
    int error;

    world_hello(world, &from->own, &device_end, &from->hello);
    error =
        gp_envelope_read((struct gp_span){(char *)from->hello.byte, from->hello.len}, &envelope);
    assert(error == 0);
    error = gp_hello_read(&world->keys, &envelope, &server_end);
    assert(error == 0);
    gp_random(welcome.session, sizeof welcome.session);
    error = gp_welcome_write(&server_end, &welcome, answer);
    assert(error == 0);
    error = gp_welcome_read(&device_end, (struct gp_span){(char *)answer, sizeof answer}, &read);
    assert(error == 0);
    new_session(world, device, &server_end, welcome.session);
    gp_channel_init(&from->channel, &device_end, read.session);
    world->honest_handshakes++;
    for (unsigned i = 0; i < PENDING; i++)
        write_letter(world, device, &from->pending[i]);
    world_deliver(world, device, (unsigned)world_random(world, PENDING));
}

void world_shake_hands(struct world *world, unsigned device)
{
    for (unsigned i = 0; i < PENDING; i++) {
        if (world_serve(world, &world->devices[device].pending[i].request))
            world->honest++;
        else
            world_wrong(world, "an honest request was refused before a handshake");
    }
    handshake(world, device);
}

void world_init(struct world *world, uint64_t seed, uint64_t numbers_max)
{
    *world = (struct world){.random = mixed(seed), .numbers_max = numbers_max};
    world->executed = calloc(numbers_max, 1);
    assert(world->executed != NULL);
    gp_keys_new(&world->keys);
    for (unsigned i = 0; i < DEVICES; i++)
        gp_keypair_new(&world->devices[i].own);
    for (unsigned i = 0; i < DEVICES; i++)
        handshake(world, i);
}

void world_release(struct world *world)
{
    free(world->executed);
}
