#include "web/vault.h"

#include "trust/file.h"
#include "web/apikey.h"

#include <assert.h>
#include <errno.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static_assert(GP_VAULT_HASH_BYTES == crypto_pwhash_STRBYTES, "libsodium's strings have a new size");

#define LINE_BYTES 512

/* What a password is compared with where there is none: made once, of nothing anybody knows. */
static char decoy[crypto_pwhash_STRBYTES];

/* ---------------------------------------------------------------- reading */

bool gp_vault_is_name(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > GP_USER_BYTES_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == 0x7f)
            return false;
    }
    return true;
}

static bool copy_part(const char *part, char *to, size_t size)
{
    if (strlen(part) >= size)
        return false;
    memcpy(to, part, strlen(part) + 1);
    return true;
}

static bool read_secret(const char *const part[3], struct gp_secret *ret_secret)
{
    *ret_secret = (struct gp_secret){0};
    if (!copy_part(part[0], ret_secret->user, sizeof ret_secret->user) ||
        !copy_part(part[1], ret_secret->hash, sizeof ret_secret->hash) ||
        !copy_part(part[2], ret_secret->totp, sizeof ret_secret->totp))
        return false;
    if (strcmp(ret_secret->totp, "-") == 0)
        ret_secret->totp[0] = '\0';
    return gp_vault_is_name(ret_secret->user) &&
           strncmp(ret_secret->hash, crypto_pwhash_STRPREFIX, strlen(crypto_pwhash_STRPREFIX)) == 0;
}

static void forget(struct gp_vault *vault)
{
    if (vault->secret != NULL)
        sodium_memzero(vault->secret, vault->room * sizeof *vault->secret);
    free(vault->secret);
}

/* Into a block twice as large, so that the old one can be wiped. */
static int grow(struct gp_vault *vault)
{
    struct gp_vault more = {.room = vault->room > 0 ? 2 * vault->room : 16};

    more.secret = calloc(more.room, sizeof *more.secret);
    if (more.secret == NULL)
        return GP_ENOMEM;
    if (vault->count > 0)
        memcpy(more.secret, vault->secret, vault->count * sizeof *more.secret);
    forget(vault);
    vault->secret = more.secret;
    vault->room = more.room;
    return 0;
}

static int add(struct gp_vault *vault, const struct gp_secret *secret)
{
    int rc = 0;

    if (vault->count == GP_VAULT_USERS_MAX)
        return GP_ELIMIT;
    if (vault->count == vault->room)
        rc = grow(vault);
    if (rc == 0)
        vault->secret[vault->count++] = *secret;
    return rc;
}

/* A line of three columns is a user's, one of four a program's key. */
static int take_line(struct gp_vault *vault, char *line)
{
    char *rest = line, *end = strchr(line, '\n');
    const char *part[GP_APIKEY_PARTS];
    struct gp_secret secret;
    unsigned count = 0;

    if (end == NULL)
        return GP_EFORMAT; /* cut off, or longer than any of ours */
    *end = '\0';
    while (rest != NULL && count < GP_APIKEY_PARTS)
        part[count++] = strsep(&rest, "\t");
    if (count == GP_APIKEY_PARTS && rest == NULL)
        return gp_apikey_read(vault, part);
    int rc = GP_EFORMAT;
    if (count == 3 && read_secret(part, &secret) && gp_vault_find(vault, secret.user) == NULL)
        rc = add(vault, &secret);
    sodium_memzero(&secret, sizeof secret);
    return rc;
}

static int read_all(FILE *file, struct gp_vault *vault, unsigned *ret_line)
{
    char line[LINE_BYTES];
    int rc = 0;

    for (*ret_line = 1; fgets(line, sizeof line, file) != NULL; ++*ret_line) {
        rc = take_line(vault, line);
        if (rc != 0)
            break;
    }
    sodium_memzero(line, sizeof line);
    return rc == 0 && ferror(file) != 0 ? GP_EIO : rc;
}

int gp_vault_read(const char *path, struct gp_vault *ret_vault, unsigned *ret_line)
{
    struct stat status;

    *ret_vault = (struct gp_vault){0};
    *ret_line = 0;
    if (sodium_init() < 0)
        return GP_EIO;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? 0 : GP_EIO;
    int rc = fstat(fileno(file), &status) != 0 ? GP_EIO : 0;
    if (rc == 0 && (status.st_mode & 077) != 0)
        rc = GP_EDENIED;
    if (rc == 0)
        rc = read_all(file, ret_vault, ret_line);
    (void)fclose(file); /* only read */
    return rc;
}

void gp_vault_release(struct gp_vault *vault)
{
    forget(vault);
    free(vault->key);
    *vault = (struct gp_vault){0};
}

/* ---------------------------------------------------------------- writing */

int gp_vault_write(const char *path, const struct gp_vault *vault)
{
    size_t size = vault->count * sizeof *vault->secret + vault->keys * LINE_BYTES + 1, len = 0;
    const char *reason;
    char *text = malloc(size);

    if (text == NULL)
        return GP_ENOMEM;
    for (size_t i = 0; i < vault->count; i++) {
        const struct gp_secret *secret = &vault->secret[i];
        len += (size_t)snprintf(text + len, size - len, "%s\t%s\t%s\n", secret->user, secret->hash,
                                secret->totp[0] != '\0' ? secret->totp : "-");
    }
    for (size_t i = 0; i < vault->keys; i++)
        len += (size_t)gp_apikey_write(&vault->key[i], text + len, size - len);
    int rc = gp_file_write(path, (struct gp_span){text, len}, GP_MODE_PRIVATE, &reason);
    sodium_memzero(text, size);
    free(text);
    return rc;
}

/* ---------------------------------------------------------------- users */

static struct gp_secret *find(const struct gp_vault *vault, const char *user)
{
    for (size_t i = 0; i < vault->count; i++) {
        if (strcmp(vault->secret[i].user, user) == 0)
            return &vault->secret[i];
    }
    return NULL;
}

const struct gp_secret *gp_vault_find(const struct gp_vault *vault, const char *user)
{
    return find(vault, user);
}

static int hash(const char *password, char ret_hash[crypto_pwhash_STRBYTES])
{
    return crypto_pwhash_str(ret_hash, password, strlen(password),
                             crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0
               ? 0
               : GP_ENOMEM;
}

int gp_vault_set_password(struct gp_vault *vault, const char *user, const char *password)
{
    size_t len = strlen(password);
    struct gp_secret secret = {0};

    if (!gp_vault_is_name(user) || len < GP_PASSWORD_MIN || len > GP_PASSWORD_MAX)
        return GP_EINVAL;
    struct gp_secret *known = find(vault, user);
    int rc = hash(password, secret.hash);
    if (rc == 0 && known != NULL) {
        memcpy(known->hash, secret.hash, sizeof known->hash);
    } else if (rc == 0) {
        memcpy(secret.user, user, strlen(user) + 1);
        rc = add(vault, &secret);
    }
    sodium_memzero(&secret, sizeof secret);
    return rc;
}

int gp_vault_set_totp(struct gp_vault *vault, const char *user)
{
    struct gp_secret *secret = find(vault, user);
    unsigned char bytes[GP_TOTP_SECRET];
    char *text = NULL;
    size_t len = 0;

    if (secret == NULL)
        return GP_ENOTFOUND;
    randombytes_buf(bytes, sizeof bytes);
    if (oath_base32_encode((const char *)bytes, sizeof bytes, &text, &len) != OATH_OK)
        return GP_ENOMEM;
    memcpy(secret->totp, text, len + 1);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, len);
    free(text);
    return 0;
}

int gp_vault_remove(struct gp_vault *vault, const char *user)
{
    struct gp_secret *secret = find(vault, user);

    if (secret == NULL)
        return GP_ENOTFOUND;
    struct gp_secret *last = &vault->secret[--vault->count];
    memmove(secret, secret + 1, (size_t)(last - secret) * sizeof *secret);
    sodium_memzero(last, sizeof *last);
    return 0;
}

/* ---------------------------------------------------------------- proofs */

bool gp_password_fits(const struct gp_secret *secret, const char *password)
{
    bool real = secret != NULL && secret->hash[0] != '\0';

    if (!real && decoy[0] == '\0' && hash("a decoy that nobody can have", decoy) != 0)
        return false;
    bool fits =
        crypto_pwhash_str_verify(real ? secret->hash : decoy, password, strlen(password)) == 0;
    return fits && real;
}

bool gp_totp_fits(const char *secret, const char *digits, int64_t now_s, int64_t *step)
{
    char *bytes = NULL, wanted[7];
    size_t len = 0;
    bool fits = false;

    if (strlen(digits) != 6 || oath_base32_decode(secret, strlen(secret), &bytes, &len) != OATH_OK)
        return false;
    for (int64_t at = now_s / GP_TOTP_STEP_S - 1; at <= now_s / GP_TOTP_STEP_S + 1; at++) {
        if (at > *step && !fits &&
            oath_hotp_generate(bytes, len, (uint64_t)at, 6, false, OATH_HOTP_DYNAMIC_TRUNCATION,
                               wanted) == OATH_OK &&
            sodium_memcmp(wanted, digits, 6) == 0) {
            fits = true;
            *step = at;
        }
    }
    sodium_memzero(bytes, len);
    free(bytes);
    return fits;
}

int gp_totp_uri(const struct gp_secret *secret, const char *issuer, char *ret_uri, size_t size)
{
    int len = snprintf(ret_uri, size, "otpauth://totp/%s:%s?secret=%s&issuer=%s", issuer,
                       secret->user, secret->totp, issuer);

    return len > 0 && (size_t)len < size ? 0 : GP_ELIMIT;
}
