#include "trust/keys.h"

#include "trust/file.h"
#include "trust/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOX  "x25519"
#define SIGN "ed25519"

/* A credential that systemd grants to a service's user by an access list shows the list's mask as
 * the group's rights. Nobody else comes into that folder. */
#define CREDENTIAL_OTHERS 037

static_assert(GP_SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
static_assert(GP_KEY_BYTES == crypto_sign_SEEDBYTES, "Ed25519");
static_assert(GP_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");

static const char server_name[] = "server.key", old_name[] = "server-old.key",
                  sign_name[] = "sign.key";

/* ---------------------------------------------------------------- one key's file */

static int parse_line(struct gp_span line, const char *kind, unsigned char ret_key[GP_KEY_BYTES])
{
    char head[32];
    size_t len = (size_t)snprintf(head, sizeof head, "gridpost-key-1 %s ", kind);

    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (line.len < len || memcmp(line.ptr, head, len) != 0)
        return GP_EFORMAT;
    return gp_key_parse((struct gp_span){line.ptr + len, line.len - len}, ret_key);
}

static int read_key(const char *path, mode_t forbidden, const char *kind,
                    unsigned char ret_key[GP_KEY_BYTES], const char **ret_reason)
{
    char bytes[GP_FILE_BYTES_MAX];
    size_t len;
    int error = gp_file_read(path, forbidden, bytes, &len, ret_reason);

    if (error == 0) {
        error = parse_line((struct gp_span){bytes, len}, kind, ret_key);
        if (error != 0)
            *ret_reason = gp_file_reason(path, "this is not a key of gridpost of its kind");
    }
    sodium_memzero(bytes, sizeof bytes);
    return error;
}

static int write_key(const char *path, const char *kind, const unsigned char key[GP_KEY_BYTES],
                     const char **ret_reason)
{
    char text[GP_KEY_TEXT], line[sizeof text + 32];
    int error;

    gp_key_format(key, text);
    (void)snprintf(line, sizeof line, "gridpost-key-1 %s %s\n", kind, text);
    error = gp_file_write(path, gp_span_of(line), GP_MODE_PRIVATE, ret_reason);
    sodium_memzero(text, sizeof text);
    sodium_memzero(line, sizeof line);
    return error;
}

/* ---------------------------------------------------------------- where it lies */

/* Reads a credential. Errors: GP_ENOTFOUND: there is none; others as gp_file_read. */
static int read_credential(const char *name, const char *kind, unsigned char ret_key[GP_KEY_BYTES],
                           const char **ret_reason)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char long_name[64], path[GP_FILE_PATH_MAX];
    int error;

    if (folder == NULL || folder[0] == '\0')
        return GP_ENOTFOUND;
    (void)snprintf(long_name, sizeof long_name, "gridpost-%s", name);
    error = gp_file_path(folder, long_name, path, ret_reason);
    return error != 0 ? error : read_key(path, CREDENTIAL_OTHERS, kind, ret_key, ret_reason);
}

static int read_from_folder(const char *folder, const char *name, const char *kind,
                            unsigned char ret_key[GP_KEY_BYTES], const char **ret_reason)
{
    char path[GP_FILE_PATH_MAX];
    int error = gp_file_path(folder, name, path, ret_reason);

    return error != 0 ? error : read_key(path, GP_MODE_OTHERS, kind, ret_key, ret_reason);
}

static int make_in_folder(const char *folder, const char *name, const char *kind,
                          unsigned char ret_key[GP_KEY_BYTES], const char **ret_reason)
{
    unsigned char key[GP_KEY_BYTES];
    char path[GP_FILE_PATH_MAX];
    int error = gp_file_path(folder, name, path, ret_reason);

    randombytes_buf(key, sizeof key);
    if (error == 0)
        error = gp_file_folder(folder, ret_reason);
    if (error == 0)
        error = write_key(path, kind, key, ret_reason);
    if (error == 0)
        memcpy(ret_key, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return error;
}

static int find_key(const char *folder, bool create, const char *name, const char *kind,
                    unsigned char ret_key[GP_KEY_BYTES], bool *ret_credential,
                    const char **ret_reason)
{
    int error = read_credential(name, kind, ret_key, ret_reason);

    *ret_credential = error == 0;
    if (error == GP_ENOTFOUND)
        error = read_from_folder(folder, name, kind, ret_key, ret_reason);
    if (error == GP_ENOTFOUND && create)
        error = make_in_folder(folder, name, kind, ret_key, ret_reason);
    return error;
}

/* ---------------------------------------------------------------- all of them */

static void take_box(struct gp_server_keys *keys, unsigned char secret[GP_KEY_BYTES])
{
    gp_keypair_of(secret, &keys->box[keys->box_count++]);
    sodium_memzero(secret, GP_KEY_BYTES);
}

static void take_sign(struct gp_server_keys *keys, unsigned char seed[GP_KEY_BYTES])
{
    (void)crypto_sign_seed_keypair(keys->sign_public, keys->sign_secret, seed);
    sodium_memzero(seed, GP_KEY_BYTES);
}

/* The old key lies where the newest does. Equal keys are a change that a power cut ended early. */
static int add_old(const char *folder, bool credential, struct gp_server_keys *keys,
                   const char **ret_reason)
{
    unsigned char key[GP_KEY_BYTES];
    int error = credential ? read_credential(old_name, BOX, key, ret_reason)
                           : read_from_folder(folder, old_name, BOX, key, ret_reason);

    if (error == GP_ENOTFOUND)
        return 0;
    if (error == 0 && sodium_memcmp(key, keys->box[0].secret, GP_KEY_BYTES) != 0)
        take_box(keys, key);
    sodium_memzero(key, sizeof key);
    return error;
}

/* Whether no key was ever made: sign.key comes last, and may lie among the credentials. A server
 * key that was lost is no reason to make another, which would lock out every device without a word.
 */
static bool is_fresh(const char *folder)
{
    unsigned char key[GP_KEY_BYTES];
    const char *reason;
    bool credential;
    int error = find_key(folder, false, sign_name, SIGN, key, &credential, &reason);

    sodium_memzero(key, sizeof key);
    return error == GP_ENOTFOUND;
}

void gp_keys_new(struct gp_server_keys *ret_keys)
{
    struct gp_server_keys keys = {.box_count = 1};

    gp_keypair_new(&keys.box[0]);
    (void)crypto_sign_keypair(keys.sign_public, keys.sign_secret);
    *ret_keys = keys;
    gp_keys_clear(&keys);
}

int gp_keys_open(const char *folder, bool create, struct gp_server_keys *ret_keys,
                 const char **ret_reason)
{
    struct gp_server_keys keys = {0};
    unsigned char key[GP_KEY_BYTES];
    bool credential, sign_credential, fresh = create && is_fresh(folder);
    int error = find_key(folder, fresh, server_name, BOX, key, &credential, ret_reason);

    if (error == 0) {
        take_box(&keys, key);
        error = add_old(folder, credential, &keys, ret_reason);
    }
    if (error == 0)
        error = find_key(folder, create, sign_name, SIGN, key, &sign_credential, ret_reason);
    if (error == 0) {
        take_sign(&keys, key);
        *ret_keys = keys;
    }
    gp_keys_clear(&keys);
    return error;
}

/* ---------------------------------------------------------------- a change of the server's key */

/* The present key, which must lie in the folder to be changed there. */
static int present(const char *folder, unsigned char ret_key[GP_KEY_BYTES], const char **ret_reason)
{
    bool credential;
    int error = find_key(folder, false, server_name, BOX, ret_key, &credential, ret_reason);

    if (error == 0 && credential) {
        *ret_reason = "the server's key is a credential of the service: change it where those are";
        return GP_EINVAL;
    }
    return error;
}

int gp_keys_changeable(const char *folder, const char **ret_reason)
{
    unsigned char key[GP_KEY_BYTES];
    int error = present(folder, key, ret_reason);

    sodium_memzero(key, sizeof key);
    if (error != 0 || faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        return error;
    *ret_reason = gp_file_reason(folder, strerror(errno));
    return GP_EIO;
}

/* The present key under the old one's name, too. That may have been done before a power cut. */
static int keep_old(const char *folder, const unsigned char key[GP_KEY_BYTES],
                    const char **ret_reason)
{
    char path[GP_FILE_PATH_MAX], old_path[GP_FILE_PATH_MAX];
    unsigned char old[GP_KEY_BYTES];
    int error = gp_file_path(folder, server_name, path, ret_reason);

    if (error == 0)
        error = gp_file_path(folder, old_name, old_path, ret_reason);
    if (error == 0)
        error = gp_file_link(path, old_path, ret_reason);
    if (error != GP_EEXIST)
        return error;
    error = read_from_folder(folder, old_name, BOX, old, ret_reason);
    if (error == 0 && sodium_memcmp(old, key, GP_KEY_BYTES) != 0) {
        *ret_reason = gp_file_reason(old_path, "a change is under way already; end it first");
        error = GP_EEXIST;
    }
    sodium_memzero(old, sizeof old);
    return error;
}

int gp_keys_rotate(const char *folder, const char **ret_reason)
{
    unsigned char key[GP_KEY_BYTES];
    int error = present(folder, key, ret_reason);

    if (error == 0)
        error = keep_old(folder, key, ret_reason);
    if (error == 0)
        error = make_in_folder(folder, server_name, BOX, key, ret_reason);
    sodium_memzero(key, sizeof key);
    return error;
}

int gp_keys_retire(const char *folder, const char **ret_reason)
{
    unsigned char key[GP_KEY_BYTES];
    char old_path[GP_FILE_PATH_MAX];
    int error = present(folder, key, ret_reason);

    sodium_memzero(key, sizeof key);
    if (error == 0)
        error = gp_file_path(folder, old_name, old_path, ret_reason);
    return error != 0 ? error : gp_file_remove(old_path, ret_reason);
}

const struct gp_keypair *gp_keys_find(const struct gp_server_keys *keys,
                                      const unsigned char id[GP_KEY_ID_BYTES])
{
    unsigned char own[GP_KEY_ID_BYTES];

    for (uint8_t i = 0; i < keys->box_count; i++) {
        gp_key_id(keys->box[i].public, own);
        if (memcmp(own, id, sizeof own) == 0)
            return &keys->box[i];
    }
    return NULL;
}

void gp_keys_clear(struct gp_server_keys *keys)
{
    if (keys != NULL)
        sodium_memzero(keys, sizeof *keys);
}
