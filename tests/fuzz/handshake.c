/*
 * Both handshakes, IK of a known device and IKpsk1 of one that joins, at both sides. The first byte
 * says which, and whether the first message, or the answer, comes as the input says (a whole
 * message of its own) or damaged as it says. What is promised: what was changed is not taken and
 * leaves the handshake as it was; the honest one goes through afterwards, with the same keys at
 * both ends.
 */
#include "fuzz.h"

#include "trust/handshake.h"

enum { JOINS = 1, ANSWER = 2, FOREIGN = 4 };

#define DEVICE 17
#define ROOM   (2 * GP_HANDSHAKE_BYTES_MAX)

static struct gp_server_keys keys;
static struct gp_keypair device;
static const unsigned char psk[GP_PSK_BYTES] = {7};

struct play {
    bool joins;
    struct gp_noise ours, theirs; /* the device's, the server's */
    unsigned char first[GP_HANDSHAKE_BYTES_MAX], second[GP_HANDSHAKE_BYTES_MAX];
};

static struct gp_span first_of(const struct play *play)
{
    return (struct gp_span){(const char *)play->first,
                            play->joins ? GP_JOIN_BYTES : GP_HELLO_BYTES};
}

static struct gp_span second_of(const struct play *play)
{
    return (struct gp_span){(const char *)play->second,
                            play->joins ? GP_JOINED_BYTES : GP_WELCOME_BYTES};
}

/* ---------------------------------------------------------------- one step each */

static void begin(struct play *play)
{
    if (play->joins)
        PROMISE(gp_join_write(&device, keys.box[0].public, psk, DEVICE, GP_SPAN("desk"),
                              &play->ours, play->first) == 0);
    else
        PROMISE(gp_hello_write(&device, keys.box[0].public, &play->ours, play->first) == 0);
}

static int read_first(const struct play *play, struct gp_span message, struct gp_noise *ret_noise)
{
    char label[GP_LABEL_BYTES + 1];
    struct gp_envelope envelope;
    int rc = gp_envelope_read(message, &envelope);

    if (rc == 0 && envelope.type != (play->joins ? GP_ENVELOPE_JOIN : GP_ENVELOPE_HELLO))
        rc = GP_EFORMAT;
    if (rc == 0 && play->joins)
        return gp_join_read(&keys, &envelope, psk, ret_noise, label);
    return rc == 0 ? gp_hello_read(&keys, &envelope, ret_noise) : rc;
}

static void answer(struct play *play)
{
    struct gp_welcome welcome = {.status = GP_WELCOME_OK, .role = 1, .lifetime_s = 43200};
    int rc = play->joins ? gp_joined_write(&play->theirs, &welcome, play->second)
                         : gp_welcome_write(&play->theirs, &welcome, play->second);
    PROMISE(rc == 0);
}

static int read_second(struct play *play, struct gp_span message)
{
    struct gp_welcome welcome;
    return play->joins ? gp_joined_read(&play->ours, message, &welcome)
                       : gp_welcome_read(&play->ours, message, &welcome);
}

/* ---------------------------------------------------------------- what comes instead */

/* In a block of exactly its size, to be freed; NULL: it is the honest one after all. */
static char *other(struct fuzz_bytes *how, bool foreign, struct gp_span honest, size_t *ret_len)
{
    unsigned char bytes[ROOM];
    size_t len = honest.len;

    memcpy(bytes, honest.ptr, honest.len);
    if (foreign)
        memcpy(bytes, how->at, len = how->left < sizeof bytes ? how->left : sizeof bytes);
    else
        fuzz_damage(how, bytes, &len, sizeof bytes);
    if (gp_span_equal((struct gp_span){(char *)bytes, len}, honest))
        return NULL;
    char *exact = malloc(len > 0 ? len : 1);
    PROMISE(exact != NULL);
    memcpy(exact, bytes, len);
    *ret_len = len;
    return exact;
}

/* The number of a joining device stands outside of what is sealed: it only says whose psk. */
static bool only_device_differs(struct gp_span a, struct gp_span b)
{
    return a.len == GP_JOIN_BYTES && a.len == b.len && memcmp(a.ptr, b.ptr, 6) == 0 &&
           memcmp(a.ptr + 14, b.ptr + 14, a.len - 14) == 0;
}

static void try_first(struct play *play, char *bytes, size_t len)
{
    struct gp_span message = {bytes, len};
    struct gp_noise noise;

    if (bytes != NULL && read_first(play, message, &noise) == 0)
        PROMISE(play->joins && only_device_differs(message, first_of(play)));
}

static void try_second(struct play *play, char *bytes, size_t len)
{
    struct gp_noise before = play->ours;

    if (bytes == NULL)
        return;
    PROMISE(read_second(play, (struct gp_span){bytes, len}) != 0);
    PROMISE(memcmp(&before, &play->ours, sizeof before) == 0);
}

static void check_keys(const struct play *play)
{
    unsigned char forth[2][GP_KEY_BYTES], back[2][GP_KEY_BYTES];

    PROMISE(gp_noise_done(&play->ours) && gp_noise_done(&play->theirs));
    gp_noise_split(&play->ours, forth[0], back[0]);
    gp_noise_split(&play->theirs, forth[1], back[1]);
    PROMISE(memcmp(forth[0], forth[1], GP_KEY_BYTES) == 0);
    PROMISE(memcmp(back[0], back[1], GP_KEY_BYTES) == 0);
    PROMISE(memcmp(gp_noise_remote(&play->theirs), device.public, GP_KEY_BYTES) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes input = {data, size};
    uint8_t how = fuzz_byte(&input);
    struct play play = {.joins = (how & JOINS) != 0};
    size_t len = 0;
    char *bytes;

    PROMISE(gp_trust_start() == 0);
    if (keys.box_count == 0) {
        gp_keys_new(&keys);
        gp_keypair_new(&device);
    }
    begin(&play);
    if (!(how & ANSWER)) {
        bytes = other(&input, (how & FOREIGN) != 0, first_of(&play), &len);
        try_first(&play, bytes, len);
        free(bytes);
    }
    PROMISE(read_first(&play, first_of(&play), &play.theirs) == 0);
    answer(&play);
    if (how & ANSWER) {
        bytes = other(&input, (how & FOREIGN) != 0, second_of(&play), &len);
        try_second(&play, bytes, len);
        free(bytes);
    }
    PROMISE(read_second(&play, second_of(&play)) == 0);
    check_keys(&play);
    return 0;
}
