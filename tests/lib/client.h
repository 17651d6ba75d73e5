/**
 * A client of gridpostd for tests: requests are packed by wire/, sent over nanomsg, and answers
 * unpacked. Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_LIB_CLIENT_H
#define GP_TESTS_LIB_CLIENT_H

#include "wire/message.h"

#include <stdbool.h>

struct client {
    int socket;
    struct gp_arena arena; /* of the last answer */
};

/** Opens a REQ socket: one request at a time. */
void client_open(struct client *client, const char *address);
void client_close(struct client *client);

/** Asks and waits for the answer, which lives until the next ask. */
struct gp_reply client_ask(struct client *client, const struct gp_request *request);

/** Sends bytes as they are and unpacks the answer. */
struct gp_reply client_ask_bytes(struct client *client, const void *bytes, size_t len);

/** The two halves of an ask. */
void client_send(struct client *client, const struct gp_request *request);
void client_send_bytes(struct client *client, const void *bytes, size_t len);
struct gp_reply client_receive(struct client *client);

/* ---------------------------------------------------------------- requests */

/** A report of category `n4` in the first golden grid by li, with a fresh id. */
struct gp_request request_report(void);

/** A command on an incident, with a fresh id. */
struct gp_request request_command(enum gp_verb verb, uint64_t incident, const char *person);

/** Everything after a sequence number, waiting up to wait_ms for the first. */
struct gp_request request_feed(uint64_t after, uint32_t wait_ms);

/** The daemon's status. */
struct gp_daemon_status client_status(struct client *client);

/** Reports once and returns the incident's id. */
uint64_t client_report(struct client *client);

/* ---------------------------------------------------------------- many at once */

/*
 * A raw REQ socket over many connections: any number of requests under way, answers in any order.
 * nanomsg drops an answer when the one before it has not left its connection yet, so no more
 * requests may be under way than there are connections; they are used in turn.
 */
struct crowd {
    int socket;
};

/** Connects so many times and waits until all are there. */
void crowd_open(struct crowd *crowd, const char *address, unsigned connections);
void crowd_close(struct crowd *crowd);

/** Sends a request under a number of the caller's. */
void crowd_send(struct crowd *crowd, uint32_t number, const struct gp_request *request);

/** Sends bytes as they are. */
void crowd_send_bytes(struct crowd *crowd, uint32_t number, const void *bytes, size_t len);

/** The next answer as it came, given back to nanomsg by the caller; NULL: none within timeout_ms.
 */
void *crowd_receive_bytes(struct crowd *crowd, int timeout_ms, uint32_t *ret_number, int *ret_len);

/** The next answer, or false when none came within timeout_ms. */
bool crowd_receive(struct crowd *crowd, int timeout_ms, struct gp_arena *arena,
                   uint32_t *ret_number, struct gp_reply *ret_reply);

#endif
