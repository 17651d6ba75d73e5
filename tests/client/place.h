/**
 * A folder for one test's socket, a desk, and a peer that is not started yet.
 */
#ifndef GP_TESTS_CLIENT_PLACE_H
#define GP_TESTS_CLIENT_PLACE_H

#include "client/desk.h"
#include "client/peer.h"

struct place {
    char folder[64], path[96], address[128];
    struct desk desk;
    struct peer peer;
};

/** cmocka's set-up and tear-down: *state is a place. What a test has started it ends itself. */
int place_set_up(void **state);
int place_tear_down(void **state);

/** Starts the peer, and opens an unsealed client of it. */
void place_start(struct place *place, peer_fn *on_request, unsigned connections, unsigned queue);

/** Ends both. */
void place_stop(struct place *place);

/** A packed reply. Lifetime: until the next call of any of these. */
struct gp_span place_reply(uint8_t status, uint32_t retry_ms); /* without a body */
struct gp_span place_answer(uint64_t incident);                /* to a command */
struct gp_span place_feed(void);                               /* to a feed, without entries */

/** Answers a command with its incident, leaves anything else unanswered. */
void place_on_request(struct peer_link *link, struct gp_span body);

/** What a request asks, when it is unpacked. Lifetime: as place_reply. */
struct gp_request place_request(struct gp_span body);

#endif
