/* What a hostile hand does to envelopes and handshakes: one function a kind. */
#include "trust/hostile.h"

#include <assert.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define COUNTER_AT   (2 + GP_SESSION_ID_BYTES)

/* ---------------------------------------------------------------- changing bytes */

static void change_bits(struct world *world, struct message *message)
{
    for (uint64_t n = 1 + world_random(world, 8); n > 0; n--) {
        uint64_t bit = world_random(world, message->len * 8);
        message->byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void change_bytes(struct world *world, struct message *message)
{
    uint64_t from = world_random(world, message->len);
    uint64_t most = message->len - from;

    for (uint64_t n = 1 + world_random(world, most < 16 ? most : 16); n > 0; n--, from++)
        message->byte[from] = (unsigned char)world_random(world, 256);
}

static void cut(struct world *world, struct message *message)
{
    uint64_t keep = world_random(world, message->len);

    if (world_random(world, 2) == 0)
        memmove(message->byte, message->byte + message->len - keep, keep); /* its end remains */
    message->len = keep;
}

static void grow(struct world *world, struct message *message)
{
    uint64_t more = 1 + world_random(world, 40), at = world_random(world, message->len + 1);

    assert(message->len + more <= LETTER_MAX);
    memmove(message->byte + at + more, message->byte + at, message->len - at);
    for (uint64_t i = 0; i < more; i++)
        message->byte[at + i] = (unsigned char)world_random(world, 256);
    message->len += more;
}

static void fill(struct world *world, struct message *message)
{
    uint64_t from = world_random(world, 2) == 0 ? 2 : GP_ENVELOPE_HEAD_MAX;

    for (uint64_t i = from; i < message->len; i++)
        message->byte[i] = (unsigned char)world_random(world, 256);
}

/* Changes a message for certain. */
static void damage(struct world *world, struct message *message)
{
    static void (*const ways[])(struct world *, struct message *) = {change_bits, change_bytes, cut,
                                                                     grow, fill};
    struct message before = *message;

    ways[world_random(world, COUNT(ways))](world, message);
    if (message->len == before.len && memcmp(message->byte, before.byte, before.len) == 0)
        message->byte[world_random(world, message->len)] ^= 1;
}

/* ---------------------------------------------------------------- envelopes */

static void result(struct world *world, bool taken, const char *what)
{
    if (taken)
        world_wrong(world, what);
    else
        world->refused++;
}

static unsigned any_device(struct world *world)
{
    return (unsigned)world_random(world, DEVICES);
}

static const struct letter *any_pending(struct world *world, unsigned device)
{
    return &world->devices[device].pending[world_random(world, PENDING)];
}

static const struct letter *any_past(struct world *world, unsigned device)
{
    unsigned count = world->devices[device].past_count;

    return &world->devices[device].past[world_random(world, count < PAST ? count : PAST)];
}

static const struct letter *any_letter(struct world *world, unsigned device)
{
    return world_random(world, 2) == 0 ? any_pending(world, device) : any_past(world, device);
}

/* The device's last letter of the present session, with an answer that it has not seen. */
static struct letter unseen_answer(struct world *world, unsigned device)
{
    struct device *of = &world->devices[device];
    struct letter letter = of->past[(of->past_count - 1) % PAST];

    world_write_answer(world, device, &letter);
    return letter;
}

/* The answer that came to nothing arrives unharmed after all. */
static void then_the_true_one(struct world *world, unsigned device, const struct letter *letter)
{
    if (world_answer(world, device, letter, &letter->answer))
        world->answers++;
    else
        world_wrong(world, "an honest answer was refused after a false one");
}

static void damaged_request(struct world *world)
{
    struct message message = any_letter(world, any_device(world))->request;

    damage(world, &message);
    result(world, world_serve(world, &message), "a damaged request");
}

static void damaged_answer(struct world *world)
{
    unsigned device = any_device(world);
    struct letter letter = unseen_answer(world, device);
    struct message message = letter.answer;

    damage(world, &message);
    result(world, world_answer(world, device, &letter, &message), "a damaged answer");
    then_the_true_one(world, device, &letter);
}

static void request_again(struct world *world)
{
    result(world, world_serve(world, &any_past(world, any_device(world))->request),
           "a request brought again");
}

static void answer_again(struct world *world)
{
    unsigned device = any_device(world);
    struct letter letter = unseen_answer(world, device);

    then_the_true_one(world, device, &letter);
    result(world, world_answer(world, device, &letter, &letter.answer), "an answer brought again");
}

static void answer_to_another_request(struct world *world)
{
    unsigned device = any_device(world);
    struct letter letter = unseen_answer(world, device);

    result(world, world_answer(world, device, any_pending(world, device), &letter.answer),
           "the answer to another request");
    then_the_true_one(world, device, &letter);
}

/* A device's own request comes back as if it were the answer, with and without the right type. */
static void reflected_request(struct world *world)
{
    unsigned device = any_device(world);
    const struct letter *letter = any_pending(world, device);
    struct message message = letter->request;

    if (world_random(world, 2) == 0)
        message.byte[1] = GP_ENVELOPE_ANSWER;
    result(world, world_answer(world, device, letter, &message), "a reflected request");
}

static void reflected_answer(struct world *world)
{
    struct message message = any_past(world, any_device(world))->answer;

    if (world_random(world, 2) == 0)
        message.byte[1] = GP_ENVELOPE_REQUEST;
    result(world, world_serve(world, &message), "a reflected answer");
}

/* One part of a letter goes into another: session, counter, tag, or all between. */
static void swapped_parts(struct world *world)
{
    unsigned one = any_device(world), other = any_device(world);
    struct message message = any_letter(world, one)->request;
    const struct message donor = any_letter(world, other)->request, before = message;
    size_t tag = message.len - GP_TAG_BYTES, donor_tag = donor.len - GP_TAG_BYTES;

    switch (world_random(world, 4)) {
    case 0:
        memcpy(message.byte + 2, donor.byte + 2, GP_SESSION_ID_BYTES);
        break;
    case 1:
        memcpy(message.byte + COUNTER_AT, donor.byte + COUNTER_AT, 8);
        break;
    case 2:
        memcpy(message.byte + tag, donor.byte + donor_tag, GP_TAG_BYTES);
        break;
    default: /* the head of one, the body of the other */
        memcpy(message.byte + GP_ENVELOPE_HEAD_MAX, donor.byte + GP_ENVELOPE_HEAD_MAX,
               donor.len - GP_ENVELOPE_HEAD_MAX);
        message.len = donor.len;
        break;
    }
    if (message.len == before.len && memcmp(message.byte, before.byte, before.len) == 0)
        message.byte[tag] ^= 1; /* both were the same */
    result(world, world_serve(world, &message), "a request of swapped parts");
}

/* A letter under another session: another device's, or the one before. */
static void other_session(struct world *world)
{
    unsigned one = any_device(world), other = any_device(world);
    struct message message = any_letter(world, one)->request;
    const struct server_session *session =
        &world->sessions[other][one == other ? 1 : world_random(world, SESSIONS)];

    memcpy(message.byte + 2, session->channel.session, GP_SESSION_ID_BYTES);
    result(world, world_serve(world, &message), "a request under another session");
}

static void answer_to_another_device(struct world *world)
{
    unsigned one = any_device(world), other = (one + 1) % DEVICES;
    struct letter letter = unseen_answer(world, one);
    struct message message = letter.answer;

    if (world_random(world, 2) == 0)
        memcpy(message.byte + 2, world->devices[other].channel.session, GP_SESSION_ID_BYTES);
    result(world, world_answer(world, other, any_pending(world, other), &message),
           "another device's answer");
    then_the_true_one(world, one, &letter);
}

/* ---------------------------------------------------------------- handshakes */

static void damaged_hello(struct world *world)
{
    struct message message;
    struct gp_noise noise;

    world_hello(world, &world->devices[any_device(world)].own, &noise, &message);
    damage(world, &message);
    result(world, world_serve(world, &message), "a damaged HELLO");
}

static void unknown_hello(struct world *world)
{
    struct gp_keypair stranger;
    struct message message;
    struct gp_noise noise;

    gp_keypair_new(&stranger);
    world_hello(world, &stranger, &noise, &message);
    result(world, world_serve(world, &message), "a stranger's HELLO");
}

/* It yields a session, in which nothing of what was recorded opens. */
static void hello_again(struct world *world)
{
    unsigned device = any_device(world);
    struct message message = any_letter(world, device)->request;

    if (!world_serve(world, &world->devices[device].hello))
        world_wrong(world, "a HELLO brought again is refused: then this test tests nothing");
    memcpy(message.byte + 2, world->sessions[device][SESSIONS - 1].channel.session,
           GP_SESSION_ID_BYTES);
    result(world, world_serve(world, &message), "a request under a HELLO brought again");
}

/* The first message is honest; the answer is changed, or another handshake's. */
static void false_welcome(struct world *world)
{
    struct gp_welcome welcome = {.status = GP_WELCOME_OK}, read;
    struct gp_noise device_end[2], server_end[2];
    struct message hello, answer = {.len = GP_WELCOME_BYTES};
    struct gp_envelope envelope;
    bool mixed = world_random(world, 4) == 0;
    int error;

    for (int i = 0; i < 1 + mixed; i++) {
        world_hello(world, &world->devices[any_device(world)].own, &device_end[i], &hello);
        error = gp_envelope_read((struct gp_span){(char *)hello.byte, hello.len}, &envelope);
        assert(error == 0);
        error = gp_hello_read(&world->keys, &envelope, &server_end[i]);
        assert(error == 0);
    }
    error = gp_welcome_write(&server_end[mixed], &welcome, answer.byte);
    assert(error == 0);
    if (!mixed)
        damage(world, &answer);
    result(world,
           gp_welcome_read(&device_end[0], (struct gp_span){(char *)answer.byte, answer.len},
                           &read) == 0,
           "a false WELCOME");
}

static void damaged_join(struct world *world)
{
    struct message message, damaged;
    struct gp_noise noise;

    (void)world_join(world, &noise, &message);
    damaged = message;
    damage(world, &damaged);
    result(world, world_serve(world, &damaged), "a damaged JOIN");
    if (world_serve(world, &message))
        world->honest_handshakes++;
    else
        world_wrong(world, "an honest JOIN was refused after a damaged one");
}

static void join_again(struct world *world)
{
    struct message message;
    struct gp_noise noise;

    (void)world_join(world, &noise, &message);
    if (world_serve(world, &message))
        world->honest_handshakes++;
    else
        world_wrong(world, "an honest JOIN was refused");
    result(world, world_serve(world, &message), "a JOIN brought again");
}

static void join_without_the_invitation(struct world *world)
{
    struct message message;
    struct gp_noise noise;
    unsigned number = world_join(world, &noise, &message);

    gp_random(world->invitations[number].psk, GP_PSK_BYTES);
    result(world, world_serve(world, &message), "a JOIN by another invitation");
}

/* A point of low order where a random one should be: then the shared secret is no secret. */
static void low_order_hello(struct world *world)
{
    struct message message;
    struct gp_noise noise;

    world_hello(world, &world->devices[any_device(world)].own, &noise, &message);
    memset(message.byte + 6, 0, GP_KEY_BYTES);
    message.byte[6] = (unsigned char)world_random(world, 2);
    result(world, world_serve(world, &message), "a HELLO of low order");
}

/* ---------------------------------------------------------------- which */

struct kind {
    const char *name;
    void (*act)(struct world *);
    uint64_t count;
};

static struct kind envelopes[] = {
    {"damaged_request", damaged_request, 0},
    {"damaged_request", damaged_request, 0}, /* most are of this kind */
    {"damaged_request", damaged_request, 0},
    {"damaged_answer", damaged_answer, 0},
    {"request_again", request_again, 0},
    {"answer_again", answer_again, 0},
    {"answer_to_another_request", answer_to_another_request, 0},
    {"answer_to_another_device", answer_to_another_device, 0},
    {"reflected_request", reflected_request, 0},
    {"reflected_answer", reflected_answer, 0},
    {"swapped_parts", swapped_parts, 0},
    {"other_session", other_session, 0},
};

static struct kind handshakes[] = {
    {"damaged_hello", damaged_hello, 0},
    {"damaged_hello", damaged_hello, 0},
    {"unknown_hello", unknown_hello, 0},
    {"hello_again", hello_again, 0},
    {"false_welcome", false_welcome, 0},
    {"damaged_join", damaged_join, 0},
    {"join_again", join_again, 0},
    {"join_without_the_invitation", join_without_the_invitation, 0},
    {"low_order_hello", low_order_hello, 0},
};

static void act(struct world *world, struct kind *kinds, size_t count)
{
    struct kind *kind = &kinds[world_random(world, count)];

    kind->count++;
    kind->act(world);
}

void hostile_envelope(struct world *world)
{
    act(world, envelopes, COUNT(envelopes));
}

void hostile_handshake(struct world *world)
{
    act(world, handshakes, COUNT(handshakes));
}

static bool all_tried(const struct kind *kinds, size_t count)
{
    bool all = true;

    for (size_t i = 0; i < count; i++) {
        if (kinds[i].count == 0) {
            fprintf(stderr, "never tried: %s\n", kinds[i].name);
            all = false;
        }
    }
    return all;
}

bool hostile_complete(void)
{
    bool envelopes_done = all_tried(envelopes, COUNT(envelopes));

    return all_tried(handshakes, COUNT(handshakes)) && envelopes_done;
}
