/**
 * The server's keys and their files: one line of text each, owner's rights only.
 *
 *   server.key      gridpost-key-1 x25519 BASE64     the secret of the newest key
 *   server-old.key  the same, while a change is under way and two are alive
 *   sign.key        gridpost-key-1 ed25519 BASE64    the seed that receipts and heads are signed by
 *
 * The folder has mode 0700, files 0600; a file that others can read is refused. They are made once:
 * a server.key that is missing where there is a sign.key was lost, and is asked for. Where systemd
 * hands over credentials ($CREDENTIALS_DIRECTORY), gridpost-server.key, gridpost-server-old.key and
 * gridpost-sign.key there win over the folder's files; a server key that comes so is changed where
 * the credentials are kept.
 *
 * Thread: any, one at a time per folder. Requires: gp_trust_start() was called.
 */
#ifndef GP_TRUST_KEYS_H
#define GP_TRUST_KEYS_H

#include "trust/trust.h"

#define GP_SERVER_KEYS_MAX   2
#define GP_SIGN_SECRET_BYTES 64
#define GP_SIGNATURE_BYTES   64

struct gp_server_keys {
    struct gp_keypair box[GP_SERVER_KEYS_MAX]; /* the newest first */
    uint8_t box_count;
    unsigned char sign_public[GP_KEY_BYTES], sign_secret[GP_SIGN_SECRET_BYTES];
};

/** Random keys that are in no file: for tests and rehearsals. */
void gp_keys_new(struct gp_server_keys *ret_keys);

/**
 * Reads the keys; with `create` it makes the folder and those that are missing, durably.
 *
 * Ensures: on failure *ret_reason says what is wrong with which file, in words for an operator
 * Lifetime: *ret_reason is good until this thread's next call of keys.h or identity.h
 * Errors:  GP_ENOTFOUND missing and !create; GP_EINVAL others can read it, or no plain file;
 *          GP_EFORMAT; GP_EIO; GP_ENOSPC; GP_ENOMEM
 */
int gp_keys_open(const char *folder, bool create, struct gp_server_keys *ret_keys,
                 const char **ret_reason);

/**
 * Looks whether the server's key can be changed, as far as that can be known without doing it: it
 * is no credential, it can be read, and the folder can be written.
 *
 * Errors: GP_EINVAL the key is a credential; GP_EIO the folder cannot be written; as gp_keys_open
 */
int gp_keys_changeable(const char *folder, const char **ret_reason);

/**
 * Begins a change: a new server key, with the present one alive beside it. A power cut leaves the
 * old state or the new one. Read the keys anew afterwards.
 *
 * Errors: GP_EEXIST a change is under way already; GP_EINVAL the key is a credential; as
 *         gp_keys_open
 */
int gp_keys_rotate(const char *folder, const char **ret_reason);

/** Ends a change: the old key dies. Errors: GP_ENOTFOUND none is under way; as gp_keys_rotate. */
int gp_keys_retire(const char *folder, const char **ret_reason);

/** The key pair that a handshake means, NULL when it is none of these. Lifetime: the keys'. */
const struct gp_keypair *gp_keys_find(const struct gp_server_keys *keys,
                                      const unsigned char id[GP_KEY_ID_BYTES]);

/** Wipes. Accepts NULL. */
void gp_keys_clear(struct gp_server_keys *keys);

#endif
