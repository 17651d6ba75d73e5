/**
 * Keys of programs: what a city's app, or a Prometheus, proves itself by where it cannot sign in.
 * A key is 32 random bytes, shown once as 64 hexadecimal digits; the vault has its hash and what
 * it is for. Nothing slow is needed to hash it: nobody guesses 256 bits.
 */
#ifndef GP_WEB_APIKEY_H
#define GP_WEB_APIKEY_H

#include "base/span.h"
#include "web/vault.h"

#define GP_APIKEY_TEXT  65 /* 64 hexadecimal digits and NUL */
#define GP_APIKEY_PARTS 4  /* columns of a key's line */

enum gp_apikey_purpose {
    GP_APIKEY_OPEN311 = 1, /* reports by Open311; its name is kept with what comes in */
    GP_APIKEY_METRICS      /* reads /metrics for a user */
};

/** "open311" and the like. False: none of them. */
bool gp_apikey_purpose_of(const char *word, uint8_t *ret_purpose);
const char *gp_apikey_purpose_word(uint8_t purpose);

/**
 * Makes a key; one of the same name is void.
 *
 * Requires: user: for whom it speaks; "" where the purpose wants none
 * Errors:   GP_EINVAL: no name (as a user's, and UTF-8); GP_ELIMIT: too many; GP_ENOMEM
 */
int gp_apikey_make(struct gp_vault *vault, const char *name, uint8_t purpose, const char *user,
                   char ret_text[GP_APIKEY_TEXT]);

/** Forgets a key. Errors: GP_ENOTFOUND. */
int gp_apikey_remove(struct gp_vault *vault, const char *name);

/**
 * The key that a program has sent; NULL: none of this purpose. How long that takes tells nothing of
 * how much of it was right.
 *
 * Lifetime: until the vault changes
 */
const struct gp_apikey *gp_apikey_find(const struct gp_vault *vault, uint8_t purpose,
                                       struct gp_span text);

/**
 * The vault file's lines, for vault.c. Takes a line cut at its tabs; writes one with its newline.
 *
 * Ensures: of writing: what snprintf returns
 * Errors:  of reading: GP_EFORMAT; GP_ELIMIT; GP_ENOMEM
 */
int gp_apikey_read(struct gp_vault *vault, const char *const part[GP_APIKEY_PARTS]);
int gp_apikey_write(const struct gp_apikey *key, char *to, size_t size);

#endif
