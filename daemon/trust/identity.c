#include "trust/identity.h"

#include "trust/file.h"
#include "trust/internal.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_LINE "gridpost-identity-1"

/* The lines after the first; those below NEEDED must be there. */
enum line { SERVER, SIGN, SECRET, NEEDED, DEVICE = NEEDED, ADDRESS, LINES };

static const char *const words[LINES] = {"server", "sign", "secret", "device", "address"};

void gp_identity_new(const unsigned char server[GP_KEY_BYTES],
                     const unsigned char sign[GP_KEY_BYTES], struct gp_identity *ret_identity)
{
    struct gp_identity identity = {0};

    memcpy(identity.server, server, GP_KEY_BYTES);
    memcpy(identity.sign, sign, GP_KEY_BYTES);
    gp_keypair_new(&identity.own);
    *ret_identity = identity;
    gp_identity_clear(&identity);
}

/* ---------------------------------------------------------------- reading */

static int take_number(struct gp_span text, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (text.len == 0 || text.len > 19) /* 19 digits are below 2^64 */
        return GP_EFORMAT;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return GP_EFORMAT;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *ret_number = number;
    return 0;
}

static int take_address(struct gp_span text, char ret_address[GP_ADDRESS_BYTES_MAX + 1])
{
    if (text.len == 0 || text.len > GP_ADDRESS_BYTES_MAX)
        return GP_EFORMAT;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return GP_EFORMAT;
    memcpy(ret_address, text.ptr, text.len);
    ret_address[text.len] = '\0';
    return 0;
}

static int take_secret(struct gp_span text, struct gp_keypair *ret_pair)
{
    unsigned char secret[GP_KEY_BYTES];
    int error = gp_key_parse(text, secret);

    if (error == 0)
        gp_keypair_of(secret, ret_pair);
    sodium_memzero(secret, sizeof secret);
    return error;
}

static int take_value(struct gp_identity *identity, enum line line, struct gp_span value)
{
    switch (line) {
    case SERVER:
        return gp_key_parse(value, identity->server);
    case SIGN:
        return gp_key_parse(value, identity->sign);
    case SECRET:
        return take_secret(value, &identity->own);
    case DEVICE:
        return take_number(value, &identity->device);
    case ADDRESS:
        return take_address(value, identity->address);
    default:
        return GP_EFORMAT;
    }
}

/* Cuts up to the next byte `at`, which is dropped. */
static struct gp_span cut(struct gp_span *rest, char at)
{
    const char *found = rest->len > 0 ? memchr(rest->ptr, at, rest->len) : NULL;
    struct gp_span part = {rest->ptr, found != NULL ? (size_t)(found - rest->ptr) : rest->len};
    size_t taken = part.len + (found != NULL ? 1 : 0);

    rest->ptr += taken;
    rest->len -= taken;
    return part;
}

static int parse(struct gp_span text, struct gp_identity *identity)
{
    bool seen[LINES] = {false};

    if (!gp_span_is(cut(&text, '\n'), FIRST_LINE))
        return GP_EFORMAT;
    while (text.len > 0) {
        struct gp_span value = cut(&text, '\n'), word = cut(&value, ' ');
        int line = 0;
        while (line < LINES && !gp_span_is(word, words[line]))
            line++;
        if (line == LINES || seen[line] || take_value(identity, (enum line)line, value) != 0)
            return GP_EFORMAT;
        seen[line] = true;
    }
    for (int line = 0; line < NEEDED; line++)
        if (!seen[line])
            return GP_EFORMAT;
    return 0;
}

int gp_identity_load(const char *path, struct gp_identity *ret_identity, const char **ret_reason)
{
    struct gp_identity identity = {0};
    char bytes[GP_FILE_BYTES_MAX];
    size_t len;
    int error = gp_file_read(path, GP_MODE_OTHERS, bytes, &len, ret_reason);

    if (error == 0) {
        error = parse((struct gp_span){bytes, len}, &identity);
        if (error != 0)
            *ret_reason = gp_file_reason(path, "this is not an identity of gridpost");
    }
    if (error == 0)
        *ret_identity = identity;
    sodium_memzero(bytes, sizeof bytes);
    gp_identity_clear(&identity);
    return error;
}

/* ---------------------------------------------------------------- writing */

int gp_identity_save(const char *path, const struct gp_identity *identity, const char **ret_reason)
{
    char server[GP_KEY_TEXT], sign[GP_KEY_TEXT], secret[GP_KEY_TEXT], text[GP_FILE_BYTES_MAX];
    int error;

    gp_key_format(identity->server, server);
    gp_key_format(identity->sign, sign);
    gp_key_format(identity->own.secret, secret);
    (void)snprintf(text, sizeof text,
                   FIRST_LINE "\nserver %s\nsign %s\nsecret %s\ndevice %" PRIu64 "\n%s%s%s", server,
                   sign, secret, identity->device, identity->address[0] != '\0' ? "address " : "",
                   identity->address, identity->address[0] != '\0' ? "\n" : "");
    error = gp_file_write(path, gp_span_of(text), GP_MODE_PRIVATE, ret_reason);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    return error;
}

void gp_identity_clear(struct gp_identity *identity)
{
    if (identity != NULL)
        sodium_memzero(identity, sizeof *identity);
}
