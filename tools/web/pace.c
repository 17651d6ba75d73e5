#include "web/pace.h"

#include <arpa/inet.h>
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 8192 /* a power of two */
#define PROBES 8    /* places that a name may have */

/* The instant at which all that was taken is forgiven: each one moves it by an interval (known as
 * the generic cell rate algorithm). In the past: a free place. */
struct place {
    uint64_t key;
    int64_t even_ms;
};

struct gp_pace {
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    struct place place[PLACES];
};

static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES, "a key is a hash");

int gp_pace_new(struct gp_pace **ret_pace)
{
    if (sodium_init() < 0)
        return GP_EIO;
    struct gp_pace *pace = calloc(1, sizeof *pace);
    if (pace == NULL)
        return GP_ENOMEM;
    crypto_shorthash_keygen(pace->hash_key);
    *ret_pace = pace;
    return 0;
}

void gp_pace_free(struct gp_pace *pace)
{
    free(pace);
}

/* Keyed, so that nobody can make names that lie in one place. */
static uint64_t key_of(const struct gp_pace *pace, const struct gp_pace_rule *rule,
                       const char *name)
{
    char text[128];
    uint64_t key;
    int len = snprintf(text, sizeof text, "%c%s", rule->mark, name);

    if (len < 0 || (size_t)len >= sizeof text)
        len = sizeof text - 1;
    crypto_shorthash((unsigned char *)&key, (const unsigned char *)text, (size_t)len,
                     pace->hash_key);
    return key;
}

static const struct place *find(const struct gp_pace *pace, uint64_t key)
{
    for (unsigned i = 0; i < PROBES; i++) {
        const struct place *place = &pace->place[(key + i) % PLACES];
        if (place->key == key)
            return place;
    }
    return NULL;
}

int64_t gp_pace_wait_ms(const struct gp_pace *pace, const struct gp_pace_rule *rule,
                        const char *name, int64_t now_ms)
{
    const struct place *place = find(pace, key_of(pace, rule, name));
    int64_t ahead_ms = place != NULL ? place->even_ms - now_ms : 0;
    int64_t most_ms = (int64_t)(rule->burst - 1) * rule->interval_ms;

    return ahead_ms > most_ms ? ahead_ms - most_ms : 0;
}

void gp_pace_take(struct gp_pace *pace, const struct gp_pace_rule *rule, const char *name,
                  int64_t now_ms)
{
    uint64_t key = key_of(pace, rule, name);
    struct place *place = (struct place *)find(pace, key);

    if (place == NULL) {
        place = &pace->place[key % PLACES];
        for (unsigned i = 1; i < PROBES; i++) {
            struct place *other = &pace->place[(key + i) % PLACES];
            if (other->even_ms < place->even_ms)
                place = other;
        }
        *place = (struct place){.key = key};
    }
    place->even_ms = (place->even_ms > now_ms ? place->even_ms : now_ms) + rule->interval_ms;
}

void gp_pace_peer(const char *address, char *ret_name, size_t size)
{
    struct in6_addr six;

    if (inet_pton(AF_INET6, address, &six) != 1 || IN6_IS_ADDR_V4MAPPED(&six)) {
        (void)snprintf(ret_name, size, "%s", address);
        return;
    }
    memset(six.s6_addr + 8, 0, 8);
    (void)inet_ntop(AF_INET6, &six, ret_name, (socklen_t)size);
}
