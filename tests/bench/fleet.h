/**
 * A fleet: many clients in one process, each with a connection of its own that speaks SP as nanomsg
 * does, over ipc or tcp, plain or sealed. One epoll, no thread, no nanomsg socket: ten thousand
 * of them cost what their bytes cost.
 *
 *   closed ──fleet_connect──► CONNECTING ──► OPENING ──on_open──► OPEN ──on_lost──► closed
 *
 * A client has one request under way at a time. Everything runs inside fleet_run; callbacks may
 * call anything here.
 */
#ifndef GP_TESTS_BENCH_FLEET_H
#define GP_TESTS_BENCH_FLEET_H

#include "base/sp.h"
#include "trust/handshake.h"
#include "trust/session.h"
#include "wire/message.h"

#include <sys/socket.h>

struct fleet;
struct client;

struct fleet_calls {
    void (*on_open)(struct client *client);
    /* A handshake's answer; the session is there when status is GP_WELCOME_OK. */
    void (*on_welcome)(struct client *client, int status);
    /* The answer to what was asked; dead after the callback. */
    void (*on_reply)(struct client *client, const struct gp_reply *reply);
    /* The session is not known any more: shake hands anew. */
    void (*on_again)(struct client *client);
    void (*on_lost)(struct client *client);
};

enum client_state { CLIENT_CLOSED, CLIENT_CONNECTING, CLIENT_OPENING, CLIENT_OPEN };

struct client {
    struct fleet *fleet;
    uint32_t number;
    int fd;
    enum client_state state;
    uint32_t request; /* of the return path */
    /* what came, what could not be sent yet, the last message as it went */
    unsigned char *in, *out, *last;
    size_t in_len, in_room, out_len, out_room, last_len, last_room;
    bool has_session, in_hello;
    struct gp_keypair own;
    struct gp_noise noise;
    struct gp_channel channel;
    struct gp_asked asked;
    double sent_s; /* when the request went */
    /* the user's */
    uint32_t stage, tries;
    uint64_t value;
    double due_s;
};

struct fleet {
    const struct fleet_calls *calls;
    struct client *client;
    uint32_t count;
    int epoll;
    struct sockaddr_storage address;
    socklen_t address_len;
    bool ipc, sealed;
    unsigned char server[GP_KEY_BYTES];
    struct gp_arena arena; /* of one message */
    uint64_t lost;
};

/** Monotonic, in seconds. */
double fleet_now(void);

/** The key pair of a client's device: always the same of one number, so no secret at all. */
void fleet_device(uint32_t number, struct gp_keypair *ret_pair);

/** Makes `count` clients, closed. keys: the server's folder of keys, for sealed ones; or NULL.
 * first: the device of client 0; the others have the next ones. */
void fleet_open(struct fleet *fleet, uint32_t count, const struct fleet_calls *calls,
                const char *address, const char *keys, uint32_t first);
void fleet_close(struct fleet *fleet);

/** An on_again of those whose daemon is not restarted: says so and ends the program. */
void fleet_die_again(struct client *client);

/** Another address from now on: ipc://PATH or tcp://HOST:PORT. */
void fleet_address(struct fleet *fleet, const char *address);

/**
 * Connects a client. Over tcp from one of FLEET_SOURCES addresses of loopback, by its number, so
 * that no address has more connections than a gate lets in.
 */
#define FLEET_SOURCES 64
void client_connect(struct client *client);

/** Closes; on_lost is not called. */
void client_close(struct client *client);

/** Says HELLO as the device of the client's number. */
void client_hello(struct client *client);

/** Asks; sealed where the fleet is. Requires: a session, where it is. */
void client_ask(struct client *client, const struct gp_request *request);

/** Sends the last message once more, byte for byte, as a REQ socket does that waits for long: an
 * answer to either is one to both. */
void client_resend(struct client *client);

/** Serves what comes for at most `wait_ms`; returns after the first wake-up. */
void fleet_run(struct fleet *fleet, int wait_ms);

#endif
