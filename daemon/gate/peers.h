/**
 * Peers: how many connections come from each address. A carrier shows many handsets as one
 * address, so the cap of an address is wide; an IPv6 network of 64 bits counts as one.
 *
 * The table has room for as many addresses as there may be connections and takes its memory once.
 */
#ifndef GP_GATE_PEERS_H
#define GP_GATE_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct gp_peer;

struct gp_peers {
    struct gp_peer *peers;
    uint32_t *buckets; /* first of a chain, as its place in peers and one */
    uint32_t free;     /* first of those that are not used, likewise */
    unsigned bits;     /* of a bucket's number */
    uint64_t multiplier;
    uint32_t count, count_max; /* connections */
    uint32_t each_max;         /* of one address */
};

enum gp_peer_answer { GP_PEER_IN, GP_PEER_FULL, GP_PEER_ADDRESS_FULL };

/**
 * Makes an empty table.
 *
 * Requires: count_max and each_max are at least 1; seed is random, so that nobody can choose
 *           addresses that are slow to find
 * Errors:   GP_ENOMEM
 */
int gp_peers_init(struct gp_peers *peers, uint32_t count_max, uint32_t each_max, uint64_t seed);
void gp_peers_release(struct gp_peers *peers); /* accepts what init left of a failure */

/** The number by which an IPv4 or IPv6 address is counted; 0 for any other family. Thread: any. */
uint64_t gp_peer_key(const struct sockaddr *address);

/** Counts one more connection, unless there are too many already. */
enum gp_peer_answer gp_peers_enter(struct gp_peers *peers, uint64_t key);

/** Takes back what gp_peers_enter counted. Requires: it answered GP_PEER_IN for this key. */
void gp_peers_leave(struct gp_peers *peers, uint64_t key);

/** Connections that are counted for a key. */
uint32_t gp_peers_of(const struct gp_peers *peers, uint64_t key);

#endif
