#include "trust/invitation.h"

#include "trust/internal.h"

#define VERSION 1

/* The bytes, by offset. */
enum {
    VERSION_AT = 0,
    DEVICE_AT = 1,
    EXPIRES_AT = 9,
    SERVER_AT = 17,
    PSK_AT = SERVER_AT + GP_KEY_BYTES,
    SIGN_AT = PSK_AT + GP_KEY_BYTES,
    CHECK_AT = SIGN_AT + GP_KEY_BYTES,
    CHECK_BYTES = 4,
    BYTES = CHECK_AT + CHECK_BYTES,
};

#define LETTERS ((BYTES * 8 + 4) / 5)

static const char head[] = "GP1:";
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static_assert(BYTES == 117, "as the contract has it");
static_assert(sizeof head - 1 + LETTERS + 1 == GP_INVITATION_TEXT, "head, base32 and NUL");
static_assert(GP_INVITATION_TEXT - 1 <= GP_INVITATION_BYTES_MAX, "fits an answer");

/* ---------------------------------------------------------------- base32 */

static void encode(const unsigned char bytes[BYTES], char ret_letters[LETTERS])
{
    unsigned held = 0, bits = 0, at = 0;

    for (size_t i = 0; i < BYTES; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 5; bits -= 5)
            ret_letters[at++] = alphabet[held >> (bits - 5) & 31];
    }
    ret_letters[at] = alphabet[held << (5 - bits) & 31];
    assert(at == LETTERS - 1);
}

static int value_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= '2' && letter <= '7')
        return letter - '2' + 26;
    return -1;
}

static int decode(const char letters[LETTERS], unsigned char ret_bytes[BYTES])
{
    unsigned held = 0, bits = 0, at = 0;

    for (size_t i = 0; i < LETTERS; i++) {
        int value = value_of(letters[i]);
        if (value < 0)
            return GP_EFORMAT;
        held = held << 5 | (unsigned)value;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            ret_bytes[at++] = (unsigned char)(held >> bits);
        }
    }
    assert(at == BYTES);
    return (held & ((1u << bits) - 1)) != 0 ? GP_EFORMAT : 0; /* what is left over is zero */
}

/* ---------------------------------------------------------------- the text */

static void check_of(const unsigned char bytes[BYTES], unsigned char ret_check[CHECK_BYTES])
{
    unsigned char hash[32];

    (void)crypto_generichash(hash, sizeof hash, bytes, CHECK_AT, NULL, 0);
    memcpy(ret_check, hash, CHECK_BYTES);
}

void gp_invitation_write(const struct gp_invitation *invitation, char ret_text[GP_INVITATION_TEXT])
{
    unsigned char bytes[BYTES];

    bytes[VERSION_AT] = VERSION;
    gp_put_u64(bytes + DEVICE_AT, invitation->device);
    gp_put_u64(bytes + EXPIRES_AT, (uint64_t)invitation->expires_s);
    memcpy(bytes + SERVER_AT, invitation->server, GP_KEY_BYTES);
    memcpy(bytes + PSK_AT, invitation->psk, GP_KEY_BYTES);
    memcpy(bytes + SIGN_AT, invitation->sign, GP_KEY_BYTES);
    check_of(bytes, bytes + CHECK_AT);
    memcpy(ret_text, head, sizeof head - 1);
    encode(bytes, ret_text + sizeof head - 1);
    ret_text[GP_INVITATION_TEXT - 1] = '\0';
    sodium_memzero(bytes, sizeof bytes);
}

/* The text without blanks and in upper case; GP_EFORMAT: too long. */
static int tidy(struct gp_span text, char ret_tidy[GP_INVITATION_TEXT], size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (len == GP_INVITATION_TEXT - 1)
            return GP_EFORMAT;
        ret_tidy[len++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    *ret_len = len;
    return 0;
}

static int read_bytes(const unsigned char bytes[BYTES], struct gp_invitation *ret_invitation)
{
    unsigned char check[CHECK_BYTES];

    check_of(bytes, check);
    if (memcmp(check, bytes + CHECK_AT, CHECK_BYTES) != 0)
        return GP_EFORMAT;
    if (bytes[VERSION_AT] != VERSION)
        return GP_EVERSION;
    ret_invitation->device = gp_get_u64(bytes + DEVICE_AT);
    ret_invitation->expires_s = (int64_t)gp_get_u64(bytes + EXPIRES_AT);
    memcpy(ret_invitation->server, bytes + SERVER_AT, GP_KEY_BYTES);
    memcpy(ret_invitation->psk, bytes + PSK_AT, GP_KEY_BYTES);
    memcpy(ret_invitation->sign, bytes + SIGN_AT, GP_KEY_BYTES);
    return 0;
}

/* Whether it begins like ours: "GP", a digit, ":". */
static int read_head(const char *text, size_t len)
{
    if (len < sizeof head - 1 || memcmp(text, "GP", 2) != 0 || text[3] != ':')
        return GP_EINVAL;
    if (text[2] < '0' || text[2] > '9')
        return GP_EINVAL;
    return text[2] == head[2] ? 0 : GP_EVERSION;
}

int gp_invitation_read(struct gp_span text, struct gp_invitation *ret_invitation)
{
    char letters[GP_INVITATION_TEXT] = {0};
    unsigned char bytes[BYTES];
    size_t len = 0;
    int long_error = tidy(text, letters, &len);
    int error = read_head(letters, strlen(letters));

    if (error == 0)
        error = long_error != 0 || len != GP_INVITATION_TEXT - 1
                    ? GP_EFORMAT
                    : decode(letters + sizeof head - 1, bytes);
    if (error == 0)
        error = read_bytes(bytes, ret_invitation);
    sodium_memzero(letters, sizeof letters);
    sodium_memzero(bytes, sizeof bytes);
    return error;
}

bool gp_invitation_over(const struct gp_invitation *invitation, int64_t now_ms)
{
    return now_ms / 1000 >= invitation->expires_s;
}
