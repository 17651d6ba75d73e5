/**
 * A channel: one side of a session, after its handshake. It seals what goes and opens what comes;
 * each direction has a key of its own, and each counter is used once. Who keeps sessions, for how
 * long (GP_SESSION_MS) and for which device is the caller's matter.
 *
 *   nonce    4 zero bytes ‖ counter u64 little-endian, as Noise has it
 *   REQUEST  associated data: the head
 *   ANSWER   associated data: the head ‖ the request's counter u64 ‖ the request's tag, so an
 *            answer opens for the very request that it answers and for no other
 *
 * A device counts its requests, the server its answers, each from 0. What comes may come out of
 * order: a window of GP_WINDOW counters below the highest one seen says which were there. A
 * counter is marked only when its tag was true, so nobody without the key can use one up.
 */
#ifndef GP_TRUST_SESSION_H
#define GP_TRUST_SESSION_H

#include "base/limits.h"
#include "trust/envelope.h"
#include "trust/noise.h"

struct gp_window {
    uint64_t next; /* one above the highest counter seen; 0: none was */
    uint64_t bits[GP_WINDOW / 64];
};

enum gp_window_look { GP_WINDOW_NEW, GP_WINDOW_SEEN, GP_WINDOW_OLD };

/** What the window says of a counter: GP_WINDOW_OLD is below it and may have been seen. */
enum gp_window_look gp_window_look(const struct gp_window *window, uint64_t counter);

/** Marks a counter as seen. Requires: it is GP_WINDOW_NEW. */
void gp_window_mark(struct gp_window *window, uint64_t counter);

struct gp_channel {
    bool initiator; /* the device's side */
    unsigned char session[GP_SESSION_ID_BYTES];
    unsigned char send[GP_KEY_BYTES], receive[GP_KEY_BYTES];
    uint64_t sent; /* the next counter of this side */
    struct gp_window window;
};

/** What binds an answer to its request. */
struct gp_asked {
    uint64_t counter;
    unsigned char tag[GP_TAG_BYTES];
};

/** Begins a channel with the keys of a handshake. Requires: gp_noise_done(noise). */
void gp_channel_init(struct gp_channel *channel, const struct gp_noise *noise,
                     const unsigned char session[GP_SESSION_ID_BYTES]);

/**
 * Seals a request. ret_message has room for plain.len + GP_ENVELOPE_OVERHEAD bytes.
 *
 * Requires: this is the device's side
 * Ensures:  *ret_asked is what opens the answer
 * Errors:   GP_ELIMIT: the session has sent all it may; handshake anew
 */
int gp_channel_seal_request(struct gp_channel *channel, struct gp_span plain,
                            unsigned char *ret_message, struct gp_asked *ret_asked);

/**
 * Opens a request. ret_plain has room for body.len bytes, *ret_len of them are the plain text.
 *
 * Requires: this is the server's side; the envelope's session is this channel's
 * Ensures:  on success the counter is used up; on failure nothing changed, ret_plain is undefined
 * Errors:   GP_EEXIST the counter was used or is behind the window: whoever keeps requests looks
 *           whether it is the same envelope, byte for byte, that is waited for or was answered, and
 *           drops it otherwise. GP_ELIMIT a counter that no session reaches. GP_EFORMAT it is no
 *           REQUEST or not true: drop it.
 */
int gp_channel_open_request(struct gp_channel *channel, const struct gp_envelope *envelope,
                            unsigned char *ret_plain, size_t *ret_len);

/** What binds an answer to a REQUEST that was read. Requires: gp_envelope_read took it. */
void gp_asked_of(const struct gp_envelope *request, struct gp_asked *ret_asked);

/**
 * Seals an answer, under a fresh counter each time: an answer that is kept goes again as another
 * envelope. ret_message has room for plain.len + GP_ENVELOPE_OVERHEAD bytes.
 *
 * Requires: this is the server's side
 * Errors:   GP_ELIMIT: the session has sent all it may: drop it, so that the device meets AGAIN
 */
int gp_channel_seal_answer(struct gp_channel *channel, const struct gp_asked *asked,
                           struct gp_span plain, unsigned char *ret_message);

/**
 * Opens the answer to the request that `asked` stands for; otherwise as gp_channel_open_request.
 *
 * Requires: this is the device's side
 * Errors:   GP_EEXIST, GP_ELIMIT, GP_EFORMAT (also the answer to another request, another
 *           session's, no ANSWER): drop it and wait on
 */
int gp_channel_open_answer(struct gp_channel *channel, const struct gp_asked *asked,
                           const struct gp_envelope *envelope, unsigned char *ret_plain,
                           size_t *ret_len);

/** Wipes the keys. Accepts NULL. */
void gp_channel_clear(struct gp_channel *channel);

#endif
