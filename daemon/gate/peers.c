#include "gate/peers.h"

#include "base/bytes.h"
#include "base/error.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

struct gp_peer {
    uint64_t key;
    uint32_t count;
    uint32_t next; /* of its chain, or of the free ones; 0: none */
};

/* Where an IPv4 address lies among networks of IPv6: as ::ffff:a.b.c.d does, in one that nobody
 * has. */
#define IPV4_KEY UINT64_C(0x0000ffff00000000)

uint64_t gp_peer_key(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        return IPV4_KEY | ntohl(in->sin_addr.s_addr);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        return gp_get_u64(in6->sin6_addr.s6_addr);
    }
    return 0;
}

int gp_peers_init(struct gp_peers *peers, uint32_t count_max, uint32_t each_max, uint64_t seed)
{
    unsigned bits = 1;

    assert(count_max > 0 && count_max < UINT32_MAX / 2);
    assert(each_max > 0);
    while ((UINT32_C(1) << bits) < count_max)
        bits++;
    *peers = (struct gp_peers){
        .peers = calloc(count_max, sizeof *peers->peers),
        .buckets = calloc((size_t)1 << bits, sizeof *peers->buckets),
        .free = 1,
        .bits = bits,
        .multiplier = seed | 1, /* odd: no bit of the key is lost */
        .count_max = count_max,
        .each_max = each_max,
    };
    if (peers->peers == NULL || peers->buckets == NULL) {
        gp_peers_release(peers);
        return GP_ENOMEM;
    }
    for (uint32_t i = 0; i + 1 < count_max; i++)
        peers->peers[i].next = i + 2;
    return 0;
}

void gp_peers_release(struct gp_peers *peers)
{
    free(peers->peers);
    free(peers->buckets);
    *peers = (struct gp_peers){0};
}

/* The link that leads to a key's peer, or to the 0 at the end of its chain. */
static uint32_t *find(const struct gp_peers *peers, uint64_t key)
{
    uint32_t *link = &peers->buckets[(key * peers->multiplier) >> (64 - peers->bits)];

    while (*link != 0 && peers->peers[*link - 1].key != key)
        link = &peers->peers[*link - 1].next;
    return link;
}

enum gp_peer_answer gp_peers_enter(struct gp_peers *peers, uint64_t key)
{
    uint32_t *link = find(peers, key);

    if (peers->count == peers->count_max)
        return GP_PEER_FULL;
    if (*link == 0) {
        assert(peers->free != 0); /* no more addresses than connections */
        *link = peers->free;
        peers->free = peers->peers[*link - 1].next;
        peers->peers[*link - 1] = (struct gp_peer){.key = key};
    }
    struct gp_peer *peer = &peers->peers[*link - 1];
    if (peer->count == peers->each_max)
        return GP_PEER_ADDRESS_FULL;
    peer->count++;
    peers->count++;
    return GP_PEER_IN;
}

void gp_peers_leave(struct gp_peers *peers, uint64_t key)
{
    uint32_t *link = find(peers, key);
    uint32_t place = *link;

    assert(place != 0);
    struct gp_peer *peer = &peers->peers[place - 1];
    peers->count--;
    if (--peer->count > 0)
        return;
    *link = peer->next;
    peer->next = peers->free;
    peers->free = place;
}

uint32_t gp_peers_of(const struct gp_peers *peers, uint64_t key)
{
    uint32_t place = *find(peers, key);
    return place != 0 ? peers->peers[place - 1].count : 0;
}
