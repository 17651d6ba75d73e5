/**
 * The vault: what users of gridpost-web, and programs, prove themselves by. One line a user, and
 * one a program's key (apikey.h),
 *
 *     NAME TAB argon2id-string TAB base32 secret of TOTP, or "-"
 *     NAME TAB key:PURPOSE TAB BLAKE2b-256 of the key in hexadecimal TAB user it speaks for, or "-"
 *
 * in a file of mode 0600 that only gridpost-web reads. Who a user is and what they may is not in
 * it: that is the directory's (org/users.csv).
 */
#ifndef GP_WEB_VAULT_H
#define GP_WEB_VAULT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GP_PASSWORD_MIN      10  /* characters are not counted, bytes are */
#define GP_PASSWORD_MAX      256 /* bytes */
#define GP_USER_BYTES_MAX    64
#define GP_TOTP_SECRET       20 /* bytes, as RFC 4226 recommends */
#define GP_TOTP_TEXT         33 /* the same in base32, with NUL */
#define GP_TOTP_STEP_S       30
#define GP_VAULT_USERS_MAX   4096
#define GP_VAULT_HASH_BYTES  128 /* crypto_pwhash_STRBYTES */
#define GP_VAULT_APIKEYS_MAX 256 /* apps of other systems, collectors */
#define GP_APIKEY_HASH_BYTES 32

struct gp_secret {
    char user[GP_USER_BYTES_MAX + 1];
    char hash[GP_VAULT_HASH_BYTES]; /* "": no password was ever set */
    char totp[GP_TOTP_TEXT];        /* "": none */
};

/* Of a program; apikey.h has what to do with it. Names of keys and of users may be the same. */
struct gp_apikey {
    char name[GP_USER_BYTES_MAX + 1];
    uint8_t purpose; /* enum gp_apikey_purpose */
    unsigned char hash[GP_APIKEY_HASH_BYTES];
    char user[GP_USER_BYTES_MAX + 1]; /* "": none */
};

struct gp_vault {
    struct gp_secret *secret;
    size_t count, room;
    struct gp_apikey *key;
    size_t keys;
};

/**
 * Reads the file; one that is not there is an empty vault.
 *
 * Ensures: release it whatever is returned
 * Errors:  GP_EFORMAT: *ret_line says where; GP_EDENIED: others may read it; GP_EIO; GP_ENOMEM;
 *          GP_ELIMIT
 */
int gp_vault_read(const char *path, struct gp_vault *ret_vault, unsigned *ret_line);
void gp_vault_release(struct gp_vault *vault); /* wipes */

/** Writes it in the place of the old one, synced, mode 0600. Errors: GP_ENOMEM; as gp_file_write.
 */
int gp_vault_write(const char *path, const struct gp_vault *vault);

/** Whether it can be a name here: no blanks, no control characters, 1 to GP_USER_BYTES_MAX bytes.
 */
bool gp_vault_is_name(const char *name);

/** NULL: none. */
const struct gp_secret *gp_vault_find(const struct gp_vault *vault, const char *user);

/**
 * Sets a password. Takes some 100 ms and 64 MiB, as every check of it does.
 *
 * Errors: GP_EINVAL: too short, too long, or not a name; GP_ENOMEM; GP_ELIMIT: too many users
 */
int gp_vault_set_password(struct gp_vault *vault, const char *user, const char *password);

/** Makes a new TOTP secret; the old one is void. Errors: GP_ENOTFOUND: no password yet; GP_ENOMEM.
 */
int gp_vault_set_totp(struct gp_vault *vault, const char *user);

/** Forgets a user. Errors: GP_ENOTFOUND. */
int gp_vault_remove(struct gp_vault *vault, const char *user);

/**
 * Whether the password is the user's. The same work is done where there is no such user or
 * password, so that time does not tell which names there are.
 *
 * Thread: any; secret may be NULL, and is only read
 */
bool gp_password_fits(const struct gp_secret *secret, const char *password);

/**
 * Whether six digits are the secret's at now_s, the step before or the one behind; a step that was
 * used (*step, 0: none) and those before it are not taken again. On true *step is the one used now.
 *
 * Thread: any
 */
bool gp_totp_fits(const char *secret, const char *digits, int64_t now_s, int64_t *step);

/** "otpauth://totp/…", for the QR code. Errors: GP_ELIMIT. */
int gp_totp_uri(const struct gp_secret *secret, const char *issuer, char *ret_uri, size_t size);

#endif
