#include "web/apikey.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "key:" /* before the purpose: no password's hash begins so */

static const char *const words[] = {
    [GP_APIKEY_OPEN311] = "open311", [GP_APIKEY_METRICS] = "metrics"};

static_assert(2 * GP_APIKEY_HASH_BYTES + 1 == GP_APIKEY_TEXT, "a key is as long as its hash");

bool gp_apikey_purpose_of(const char *word, uint8_t *ret_purpose)
{
    for (uint8_t i = GP_APIKEY_OPEN311; i <= GP_APIKEY_METRICS; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_purpose = i;
            return true;
        }
    }
    return false;
}

const char *gp_apikey_purpose_word(uint8_t purpose)
{
    return words[purpose];
}

/* ---------------------------------------------------------------- the list */

static struct gp_apikey *by_name(const struct gp_vault *vault, const char *name)
{
    for (size_t i = 0; i < vault->keys; i++) {
        if (strcmp(vault->key[i].name, name) == 0)
            return &vault->key[i];
    }
    return NULL;
}

static int add(struct gp_vault *vault, const struct gp_apikey *key)
{
    if (vault->keys == GP_VAULT_APIKEYS_MAX)
        return GP_ELIMIT;
    struct gp_apikey *more = realloc(vault->key, (vault->keys + 1) * sizeof *more);
    if (more == NULL)
        return GP_ENOMEM;
    vault->key = more;
    vault->key[vault->keys++] = *key;
    return 0;
}

int gp_apikey_remove(struct gp_vault *vault, const char *name)
{
    struct gp_apikey *key = by_name(vault, name);

    if (key == NULL)
        return GP_ENOTFOUND;
    const struct gp_apikey *last = &vault->key[--vault->keys];
    memmove(key, key + 1, (size_t)(last - key) * sizeof *key);
    return 0;
}

/* ---------------------------------------------------------------- making and proving */

static bool take_name(const char *name, char ret_name[GP_USER_BYTES_MAX + 1])
{
    if (!gp_vault_is_name(name) || !gp_utf8_valid(gp_span_of(name)))
        return false;
    memcpy(ret_name, name, strlen(name) + 1);
    return true;
}

static void hash(const unsigned char bytes[GP_APIKEY_HASH_BYTES],
                 unsigned char ret_hash[GP_APIKEY_HASH_BYTES])
{
    (void)crypto_generichash(ret_hash, GP_APIKEY_HASH_BYTES, bytes, GP_APIKEY_HASH_BYTES, NULL, 0);
}

int gp_apikey_make(struct gp_vault *vault, const char *name, uint8_t purpose, const char *user,
                   char ret_text[GP_APIKEY_TEXT])
{
    struct gp_apikey key = {.purpose = purpose};
    unsigned char bytes[GP_APIKEY_HASH_BYTES];

    if (!take_name(name, key.name) || (user[0] != '\0' && !take_name(user, key.user)))
        return GP_EINVAL;
    randombytes_buf(bytes, sizeof bytes);
    hash(bytes, key.hash);
    struct gp_apikey *known = by_name(vault, name);
    int rc = 0;
    if (known != NULL)
        *known = key;
    else
        rc = add(vault, &key);
    if (rc == 0)
        (void)sodium_bin2hex(ret_text, GP_APIKEY_TEXT, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return rc;
}

const struct gp_apikey *gp_apikey_find(const struct gp_vault *vault, uint8_t purpose,
                                       struct gp_span text)
{
    unsigned char bytes[GP_APIKEY_HASH_BYTES], sent[GP_APIKEY_HASH_BYTES];
    const struct gp_apikey *found = NULL;
    size_t len = 0;

    if (text.len != GP_APIKEY_TEXT - 1 ||
        sodium_hex2bin(bytes, sizeof bytes, text.ptr, text.len, NULL, &len, NULL) != 0 ||
        len != sizeof bytes)
        return NULL;
    hash(bytes, sent);
    sodium_memzero(bytes, sizeof bytes);
    for (size_t i = 0; i < vault->keys; i++) { /* all of them, always */
        const struct gp_apikey *key = &vault->key[i];
        if (sodium_memcmp(key->hash, sent, sizeof sent) == 0 && key->purpose == purpose)
            found = key;
    }
    return found;
}

/* ---------------------------------------------------------------- lines */

static bool read_hash(const char *text, unsigned char ret_hash[GP_APIKEY_HASH_BYTES])
{
    size_t len = 0;

    return strlen(text) == GP_APIKEY_TEXT - 1 &&
           sodium_hex2bin(ret_hash, GP_APIKEY_HASH_BYTES, text, GP_APIKEY_TEXT - 1, NULL, &len,
                          NULL) == 0 &&
           len == GP_APIKEY_HASH_BYTES;
}

int gp_apikey_read(struct gp_vault *vault, const char *const part[GP_APIKEY_PARTS])
{
    struct gp_apikey key = {0};

    if (strncmp(part[1], MARK, strlen(MARK)) != 0 ||
        !gp_apikey_purpose_of(part[1] + strlen(MARK), &key.purpose) ||
        !take_name(part[0], key.name) || !read_hash(part[2], key.hash) ||
        by_name(vault, key.name) != NULL)
        return GP_EFORMAT;
    if (strcmp(part[3], "-") != 0 && !take_name(part[3], key.user))
        return GP_EFORMAT;
    return add(vault, &key);
}

int gp_apikey_write(const struct gp_apikey *key, char *to, size_t size)
{
    char text[GP_APIKEY_TEXT];

    return snprintf(to, size, "%s\t" MARK "%s\t%s\t%s\n", key->name, words[key->purpose],
                    sodium_bin2hex(text, sizeof text, key->hash, sizeof key->hash),
                    key->user[0] != '\0' ? key->user : "-");
}
