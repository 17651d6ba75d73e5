/**
 * The server's side of sealed messages behind a peer: several sessions of one device, as the daemon
 * has them. A test says before what shall go wrong. Every function fails the running test when it
 * cannot do what it says.
 */
#ifndef GP_TESTS_CLIENT_SEALER_H
#define GP_TESTS_CLIENT_SEALER_H

#include "client/peer.h"
#include "trust/handshake.h"
#include "trust/identity.h"
#include "trust/keys.h"
#include "trust/session.h"

#define SEALER_SESSIONS_MAX 32
#define SEALER_LINKS_MAX    256
#define SEALER_LETTERS_MAX  256
#define SEALER_BYTES_MAX    4096

struct sealer {
    struct gp_server_keys keys;
    struct gp_welcome welcome; /* what handshakes say; at first: OK, role bridge, 12 hours */
    unsigned spoil;            /* so many answers are changed on their way */
    unsigned mute;             /* so many requests are lost on their way */
    unsigned deaf;             /* so many HELLOs */
    bool forgets;              /* no session is kept */
    /* what came */
    unsigned hellos, letters;                  /* letters: requests as they came, lost ones, too */
    struct gp_span letter[SEALER_LETTERS_MAX]; /* of the first ones */
    unsigned char key_id[GP_KEY_ID_BYTES];     /* of the last HELLO */
    /* sessions, from the oldest on; and what is under way on which link */
    struct gp_channel session[SEALER_SESSIONS_MAX];
    unsigned sessions;
    struct {
        struct gp_asked asked;
        unsigned session;
    } at[SEALER_LINKS_MAX];
    char bytes[SEALER_LETTERS_MAX][SEALER_BYTES_MAX];
};

/** Makes a server with keys of its own. */
void sealer_init(struct sealer *sealer);

/** An identity that knows this server. */
void sealer_identity(const struct sealer *sealer, struct gp_identity *ret_identity);

/** A peer_fn; the peer's context is a sealer. Answers commands, leaves feeds unanswered. */
void sealer_on_request(struct peer_link *link, struct gp_span letter);

/** Answers what is under way on a link. */
void sealer_answer(struct peer_link *link, struct gp_span reply);

/** Forgets all sessions, as a daemon that starts anew. */
void sealer_forget(struct sealer *sealer);

/** The counter and the session's first bytes of a letter that came. */
uint64_t sealer_counter(const struct sealer *sealer, unsigned letter);
bool sealer_same_session(const struct sealer *sealer, unsigned a, unsigned b);

#endif
