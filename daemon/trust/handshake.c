#include "trust/handshake.h"

#include "trust/internal.h"

#define PROLOGUE      GP_SPAN("gridpost 1")
#define HELLO_PAYLOAD 16

/* The payload of WELCOME and JOINED, by offset. */
enum {
    STATUS_AT = 0,
    ROLE_AT = 1,
    LIFETIME_AT = 4,
    SESSION_AT = 8,
    NOW_AT = SESSION_AT + GP_SESSION_ID_BYTES,
    SERVER_KEY_AT = NOW_AT + 8,
    WELCOME_PAYLOAD = SERVER_KEY_AT + GP_KEY_BYTES,
};

/* Noise messages of these patterns: e, s, payload; e, payload. */
#define FIRST(payload)  (2 * GP_KEY_BYTES + GP_TAG_BYTES + (payload) + GP_TAG_BYTES)
#define SECOND(payload) (GP_KEY_BYTES + (payload) + GP_TAG_BYTES)

static_assert(2 + GP_KEY_ID_BYTES + FIRST(HELLO_PAYLOAD) == GP_HELLO_BYTES, "HELLO");
static_assert(2 + GP_KEY_ID_BYTES + 8 + FIRST(GP_LABEL_BYTES) == GP_JOIN_BYTES, "JOIN");
static_assert(2 + SECOND(WELCOME_PAYLOAD) == GP_WELCOME_BYTES, "WELCOME");
static_assert(2 + SECOND(WELCOME_PAYLOAD) == GP_JOINED_BYTES, "JOINED");
static_assert(WELCOME_PAYLOAD == 64, "as the contract has it");

/* ---------------------------------------------------------------- first messages */

static int write_first(const struct gp_envelope *envelope, struct gp_span payload,
                       struct gp_noise *noise, unsigned char *ret_message)
{
    unsigned char buffer[GP_HANDSHAKE_BYTES_MAX + GP_NOISE_OVERHEAD_MAX];
    size_t head = gp_envelope_write_head(envelope, buffer), len;
    int error = gp_noise_write(noise, NULL, payload, buffer + head, &len);

    if (error == 0)
        memcpy(ret_message, buffer, head + len);
    else
        gp_noise_clear(noise);
    return error;
}

static int read_first(const struct gp_server_keys *keys, const struct gp_envelope *envelope,
                      const unsigned char *psk, unsigned char *ret_payload,
                      struct gp_noise *ret_noise)
{
    const struct gp_keypair *own = gp_keys_find(keys, envelope->key_id);
    struct gp_noise noise;
    size_t len;
    int error;

    if (own == NULL)
        return GP_ENOTFOUND;
    gp_noise_init(&noise, psk != NULL ? GP_NOISE_IKPSK1 : GP_NOISE_IK, false, PROLOGUE, own, NULL,
                  psk);
    error = gp_noise_read(&noise, envelope->body, ret_payload, &len);
    if (error == 0)
        *ret_noise = noise;
    gp_noise_clear(&noise);
    return error;
}

int gp_hello_write(const struct gp_keypair *own, const unsigned char server[GP_KEY_BYTES],
                   struct gp_noise *ret_noise, unsigned char ret_message[GP_HELLO_BYTES])
{
    static const unsigned char reserved[HELLO_PAYLOAD];
    struct gp_envelope envelope = {.type = GP_ENVELOPE_HELLO};

    gp_key_id(server, envelope.key_id);
    gp_noise_init(ret_noise, GP_NOISE_IK, true, PROLOGUE, own, server, NULL);
    return write_first(&envelope, gp_span_over(reserved, sizeof reserved), ret_noise, ret_message);
}

int gp_hello_read(const struct gp_server_keys *keys, const struct gp_envelope *envelope,
                  struct gp_noise *ret_noise)
{
    unsigned char payload[GP_HELLO_BYTES];

    if (envelope->type != GP_ENVELOPE_HELLO)
        return GP_EFORMAT;
    return read_first(keys, envelope, NULL, payload, ret_noise);
}

int gp_join_write(const struct gp_keypair *own, const unsigned char server[GP_KEY_BYTES],
                  const unsigned char psk[GP_PSK_BYTES], uint64_t device, struct gp_span label,
                  struct gp_noise *ret_noise, unsigned char ret_message[GP_JOIN_BYTES])
{
    struct gp_envelope envelope = {.type = GP_ENVELOPE_JOIN, .device = device};
    unsigned char padded[GP_LABEL_BYTES] = {0};

    assert(label.len <= GP_LABEL_BYTES);
    if (label.len > 0)
        memcpy(padded, label.ptr, label.len);
    gp_key_id(server, envelope.key_id);
    gp_noise_init(ret_noise, GP_NOISE_IKPSK1, true, PROLOGUE, own, server, psk);
    return write_first(&envelope, gp_span_over(padded, sizeof padded), ret_noise, ret_message);
}

int gp_join_read(const struct gp_server_keys *keys, const struct gp_envelope *envelope,
                 const unsigned char psk[GP_PSK_BYTES], struct gp_noise *ret_noise,
                 char ret_label[GP_LABEL_BYTES + 1])
{
    unsigned char payload[GP_JOIN_BYTES];
    int error;

    if (envelope->type != GP_ENVELOPE_JOIN)
        return GP_EFORMAT;
    error = read_first(keys, envelope, psk, payload, ret_noise);
    if (error != 0)
        return error;
    memcpy(ret_label, payload, GP_LABEL_BYTES);
    ret_label[GP_LABEL_BYTES] = '\0';
    return 0;
}

/* ---------------------------------------------------------------- second messages */

static int write_second(enum gp_envelope_type type, const struct gp_welcome *welcome,
                        struct gp_noise *noise, unsigned char *ret_message)
{
    unsigned char buffer[GP_WELCOME_BYTES + GP_NOISE_OVERHEAD_MAX];
    unsigned char payload[WELCOME_PAYLOAD] = {0};
    const struct gp_envelope envelope = {.type = type};
    size_t head = gp_envelope_write_head(&envelope, buffer), len;
    int error;

    payload[STATUS_AT] = welcome->status;
    payload[ROLE_AT] = welcome->role;
    gp_put_u32(payload + LIFETIME_AT, welcome->lifetime_s);
    memcpy(payload + SESSION_AT, welcome->session, GP_SESSION_ID_BYTES);
    gp_put_u64(payload + NOW_AT, (uint64_t)welcome->now_ms);
    memcpy(payload + SERVER_KEY_AT, welcome->server_key, GP_KEY_BYTES);
    error = gp_noise_write(noise, NULL, gp_span_over(payload, sizeof payload), buffer + head, &len);
    if (error == 0)
        memcpy(ret_message, buffer, head + len);
    return error;
}

static int read_second(enum gp_envelope_type type, struct gp_span message, struct gp_noise *noise,
                       struct gp_welcome *ret_welcome)
{
    struct gp_noise next = *noise;
    struct gp_envelope envelope;
    struct gp_welcome welcome;
    unsigned char payload[GP_WELCOME_BYTES];
    size_t len;
    int error = gp_envelope_read(message, &envelope);

    if (error == 0)
        error =
            envelope.type == type ? gp_noise_read(&next, envelope.body, payload, &len) : GP_EFORMAT;
    if (error == 0 && payload[STATUS_AT] > GP_WELCOME_WAITS)
        error = GP_EFORMAT;
    if (error == 0) {
        welcome.status = payload[STATUS_AT];
        welcome.role = payload[ROLE_AT];
        welcome.lifetime_s = gp_get_u32(payload + LIFETIME_AT);
        memcpy(welcome.session, payload + SESSION_AT, GP_SESSION_ID_BYTES);
        welcome.now_ms = (int64_t)gp_get_u64(payload + NOW_AT);
        memcpy(welcome.server_key, payload + SERVER_KEY_AT, GP_KEY_BYTES);
        *ret_welcome = welcome;
        *noise = next;
    }
    gp_noise_clear(&next);
    return error;
}

int gp_welcome_write(struct gp_noise *noise, const struct gp_welcome *welcome,
                     unsigned char ret_message[GP_WELCOME_BYTES])
{
    return write_second(GP_ENVELOPE_WELCOME, welcome, noise, ret_message);
}

int gp_welcome_read(struct gp_noise *noise, struct gp_span message, struct gp_welcome *ret_welcome)
{
    return read_second(GP_ENVELOPE_WELCOME, message, noise, ret_welcome);
}

int gp_joined_write(struct gp_noise *noise, const struct gp_welcome *welcome,
                    unsigned char ret_message[GP_JOINED_BYTES])
{
    return write_second(GP_ENVELOPE_JOINED, welcome, noise, ret_message);
}

int gp_joined_read(struct gp_noise *noise, struct gp_span message, struct gp_welcome *ret_welcome)
{
    return read_second(GP_ENVELOPE_JOINED, message, noise, ret_welcome);
}

uint32_t gp_digits(const unsigned char hash[GP_NOISE_HASH_BYTES])
{
    static const char text[] = "gridpost digits";
    unsigned char both[sizeof text - 1 + GP_NOISE_HASH_BYTES], digest[32];

    memcpy(both, text, sizeof text - 1);
    memcpy(both + sizeof text - 1, hash, GP_NOISE_HASH_BYTES);
    (void)crypto_generichash(digest, sizeof digest, both, sizeof both, NULL, 0);
    return (uint32_t)(gp_get_u64(digest) % GP_DIGITS_END);
}
