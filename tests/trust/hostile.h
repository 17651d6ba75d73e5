/*
 * The world of hostile.c: a server and its devices, played by the library alone, and an oracle that
 * knows what may be executed. Messages are handed over as bytes; whoever stands between may change
 * them, hold them back, bring them twice or to somebody else.
 */
#ifndef GP_TEST_TRUST_HOSTILE_H
#define GP_TEST_TRUST_HOSTILE_H

#include "trust/handshake.h"
#include "trust/session.h"

#define DEVICES     4
#define PENDING     8  /* letters of a device that are on their way */
#define PAST        32 /* letters of a device that came, kept to bring them again */
#define LETTER_MAX  512
#define SESSIONS    3  /* of a device that the server remembers */
#define INVITATIONS 64 /* that are open at a time, for joins */

struct message {
    unsigned char byte[LETTER_MAX];
    size_t len;
};

/* A request of a device, and its answer once there is one. */
struct letter {
    struct message request, answer;
    uint64_t number; /* of the oracle's list */
    struct gp_asked asked;
};

struct device {
    struct gp_keypair own;
    struct gp_channel channel;
    struct letter pending[PENDING], past[PAST];
    unsigned past_count;
    struct message hello; /* of the present session, kept to bring it again */
};

struct server_session {
    struct gp_channel channel;
    bool alive;
};

struct invitation {
    unsigned char psk[GP_PSK_BYTES];
    bool used;
};

struct world {
    uint64_t random;
    struct gp_server_keys keys;
    struct device devices[DEVICES];
    /* The present one, the one before, and last the newest while no request has opened in it: what
     * a HELLO brought again yields must not push out a session that is in use. */
    struct server_session sessions[DEVICES][SESSIONS];
    struct invitation invitations[INVITATIONS];
    unsigned char *executed; /* how often, by number */
    uint64_t written, numbers_max;
    /* What happened. */
    uint64_t honest, answers, honest_handshakes; /* that were accepted, as they should */
    uint64_t refused;                            /* of hostile messages */
    uint64_t wrong;                              /* each of these is a failure */
};

/** A world with its devices known and in session. Requires: room for numbers_max requests. */
void world_init(struct world *world, uint64_t seed, uint64_t numbers_max);
void world_release(struct world *world);

/** A random number below `below`. */
uint64_t world_random(struct world *world, uint64_t below);

/** Counts a failure and says it. */
void world_wrong(struct world *world, const char *what);

/** The server gets a message. Whether it was taken as something true. */
bool world_serve(struct world *world, const struct message *message);

/** A device gets a message as the answer to a letter of its own. Whether it was taken. */
bool world_answer(struct world *world, unsigned device, const struct letter *letter,
                  const struct message *message);

/** The server's answer to a letter that it executed, under a fresh counter. */
void world_write_answer(struct world *world, unsigned device, struct letter *letter);

/** Brings one honest letter of a device, and its answer back; writes the next one. */
void world_deliver(struct world *world, unsigned device, unsigned pending);

/** A device begins a new session. Its letters on the way are brought before. */
void world_shake_hands(struct world *world, unsigned device);

/** A fresh HELLO of a device. */
void world_hello(struct world *world, const struct gp_keypair *own, struct gp_noise *ret_noise,
                 struct message *ret_message);

/** A fresh JOIN for an open invitation, whose number it gives. */
unsigned world_join(struct world *world, struct gp_noise *ret_noise, struct message *ret_message);

/** Tries one hostile message; what kind is random. Counts it in refused or in wrong. */
void hostile_envelope(struct world *world);
void hostile_handshake(struct world *world);

/** Whether every kind was tried; says which was not. */
bool hostile_complete(void);

#endif
