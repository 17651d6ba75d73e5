/**
 * The handshake messages, whole: what goes over the wire on one side, what is meant on the other.
 * The prologue is "gridpost 1". HELLO and WELCOME are Noise_IK, JOIN and JOINED are Noise_IKpsk1
 * with the invitation's psk.
 *
 *   HELLO    payload: 16 zero bytes, reserved (checked to be there, otherwise not looked at)
 *   JOIN     payload: the device's label, 32 bytes padded with zeros
 *   WELCOME, JOINED  payload of 64 bytes:
 *            u8 status · u8 role · u16 0 · u32 lifetime in seconds · session 16 ·
 *            u64 server's time in ms · the server's newest public key 32
 *
 * A HELLO can be brought again by who recorded it. It yields a session that nobody but the device
 * can use, so it may cost memory and time and must do nothing else: a session proves itself by the
 * first request that opens in it, and until then it must not push out another. JOIN's effects are
 * guarded by the invitation, which works once.
 *
 * Thread: any; made for a pool. Requires, for the whole file: gp_trust_start() was called.
 */
#ifndef GP_TRUST_HANDSHAKE_H
#define GP_TRUST_HANDSHAKE_H

#include "base/limits.h"
#include "trust/envelope.h"
#include "trust/keys.h"
#include "trust/noise.h"

#define GP_LABEL_BYTES GP_DEVICE_LABEL_BYTES_MAX
#define GP_DIGITS_END  1000000 /* six decimal digits */
#define GP_PSK_BYTES   32

enum gp_welcome_status { /* on the wire: only ever append */
                         GP_WELCOME_OK = 0,
                         GP_WELCOME_UNKNOWN = 1, /* or revoked; or an invitation that is over */
                         GP_WELCOME_WAITS = 2,   /* for an admin to confirm it */
};

struct gp_welcome {
    uint8_t status, role; /* gp_welcome_status; core's gp_role, 0 unless status is OK */
    uint32_t lifetime_s;
    unsigned char session[GP_SESSION_ID_BYTES];
    int64_t now_ms;
    unsigned char server_key[GP_KEY_BYTES]; /* the newest: who keeps it survives a change */
};

/* ---------------------------------------------------------------- a known device */

/** The device begins. Errors: GP_EFORMAT: `server` is no usable key. */
int gp_hello_write(const struct gp_keypair *own, const unsigned char server[GP_KEY_BYTES],
                   struct gp_noise *ret_noise, unsigned char ret_message[GP_HELLO_BYTES]);

/**
 * The server reads a HELLO; gp_noise_remote() is then the device's key, proven by nobody else being
 * able to use what follows. Whether it is known is the caller's question.
 *
 * Errors: GP_ENOTFOUND for a key this server does not have (any more); GP_EFORMAT; no answer is due
 */
int gp_hello_read(const struct gp_server_keys *keys, const struct gp_envelope *envelope,
                  struct gp_noise *ret_noise);

/** The server answers; then gp_noise_done. Errors: GP_EFORMAT: the device's key is not usable. */
int gp_welcome_write(struct gp_noise *noise, const struct gp_welcome *welcome,
                     unsigned char ret_message[GP_WELCOME_BYTES]);

/**
 * The device reads the answer; then gp_noise_done, and a channel can begin when status is OK.
 *
 * Ensures: on failure the handshake waits on for the true answer
 * Errors:  GP_EFORMAT: not the answer to this handshake, or a status nobody knows
 */
int gp_welcome_read(struct gp_noise *noise, struct gp_span message, struct gp_welcome *ret_welcome);

/* ---------------------------------------------------------------- a device that joins */

/** The device begins; label: what it calls itself, cut at GP_LABEL_BYTES bytes by the caller. */
int gp_join_write(const struct gp_keypair *own, const unsigned char server[GP_KEY_BYTES],
                  const unsigned char psk[GP_PSK_BYTES], uint64_t device, struct gp_span label,
                  struct gp_noise *ret_noise, unsigned char ret_message[GP_JOIN_BYTES]);

/**
 * The server reads a JOIN with the psk of the invitation that the envelope names (a random one
 * where there is none, for the same work).
 *
 * Ensures: ret_label is the label with a NUL behind it, without the padding; its bytes are the
 *          device's word and not checked
 * Errors:  as gp_hello_read
 */
int gp_join_read(const struct gp_server_keys *keys, const struct gp_envelope *envelope,
                 const unsigned char psk[GP_PSK_BYTES], struct gp_noise *ret_noise,
                 char ret_label[GP_LABEL_BYTES + 1]);

/** As gp_welcome_write; a copy of `noise` from before can write another answer instead. */
int gp_joined_write(struct gp_noise *noise, const struct gp_welcome *welcome,
                    unsigned char ret_message[GP_JOINED_BYTES]);

/** As gp_welcome_read. */
int gp_joined_read(struct gp_noise *noise, struct gp_span message, struct gp_welcome *ret_welcome);

/**
 * The six digits that both sides show: BLAKE2b-256("gridpost digits" ‖ gp_noise_hash after the
 * second message), its first 8 bytes big-endian, modulo GP_DIGITS_END. Shown with leading zeros.
 *
 * The hash depends on the second message: each of its variants has its own digits.
 */
uint32_t gp_digits(const unsigned char hash[GP_NOISE_HASH_BYTES]);

#endif
