#include "trust/pair.h"

#include <stdlib.h>

void pair_init(struct pair *pair, unsigned char seed)
{
    struct gp_keypair device_key = pair_of((unsigned char)(seed + 1));
    struct gp_keypair server_key = pair_of(2);
    struct gp_noise device, server;
    unsigned char ephemeral[2][GP_KEY_BYTES], message[256], payload[256];
    unsigned char session[GP_SESSION_ID_BYTES];
    size_t len, payload_len;

    memset(ephemeral[0], 3, GP_KEY_BYTES);
    memset(ephemeral[1], 4, GP_KEY_BYTES);
    memset(session, 0xA0 + seed, sizeof session);
    gp_noise_init(&device, GP_NOISE_IK, true, GP_SPAN("gridpost 1"), &device_key, server_key.public,
                  NULL);
    gp_noise_init(&server, GP_NOISE_IK, false, GP_SPAN("gridpost 1"), &server_key, NULL, NULL);
    assert_int_equal(gp_noise_write(&device, ephemeral[0], GP_SPAN(""), message, &len), 0);
    assert_int_equal(gp_noise_read(&server, over(message, len), payload, &payload_len), 0);
    assert_int_equal(gp_noise_write(&server, ephemeral[1], GP_SPAN(""), message, &len), 0);
    assert_int_equal(gp_noise_read(&device, over(message, len), payload, &payload_len), 0);
    gp_channel_init(&pair->device, &device, session);
    gp_channel_init(&pair->server, &server, session);
}

unsigned char *copy_of(const void *bytes, size_t len)
{
    unsigned char *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return copy;
}
