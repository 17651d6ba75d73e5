#include "notify/sign.h"

#include <sodium.h>
#include <stdlib.h>

void gp_hmac_sha256(struct gp_span key, struct gp_span message,
                    unsigned char ret_mac[GP_HMAC_BYTES])
{
    crypto_auth_hmacsha256_state state;

    /* the one-piece call takes keys of 32 bytes only */
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)gp_span_text(key), key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)gp_span_text(message),
                                  message.len);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    sodium_memzero(&state, sizeof state);
}

void gp_buffer_hex(struct gp_buffer *buffer, struct gp_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        gp_buffer_printf(buffer, "%02x", (unsigned)(unsigned char)bytes.ptr[i]);
}

void gp_buffer_base64(struct gp_buffer *buffer, struct gp_span bytes)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(room);

    if (text == NULL) {
        buffer->failed = true;
        return;
    }
    (void)sodium_bin2base64(text, room, (const unsigned char *)gp_span_text(bytes), bytes.len,
                            sodium_base64_VARIANT_ORIGINAL);
    gp_buffer_say(buffer, text);
    free(text);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

void gp_buffer_percent(struct gp_buffer *buffer, struct gp_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (is_plain(bytes.ptr[i]))
            gp_buffer_add(buffer, (struct gp_span){bytes.ptr + i, 1});
        else
            gp_buffer_printf(buffer, "%%%02X", (unsigned)(unsigned char)bytes.ptr[i]);
    }
}
