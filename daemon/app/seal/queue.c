#include "app/seal/queue.h"

#include <assert.h>

/* Places of a table of all connections that have a letter here: at the most half of them are full.
 */
#define PLACES ((size_t)2 * GP_QUEUE_MAX)

struct share {
    uint64_t connection;
    unsigned letters; /* 0: the place is free */
    unsigned oldest;  /* in the ring; GP_QUEUE_MAX: only the one that comes */
};

static unsigned place(const struct gp_queue *queue, unsigned number)
{
    return (queue->first + number) % GP_QUEUE_MAX;
}

static struct share *share_of(struct share *shares, uint64_t connection)
{
    size_t at = (size_t)(connection * UINT64_C(0x9E3779B97F4A7C15) >> 32) % PLACES;

    while (shares[at].letters > 0 && shares[at].connection != connection)
        at = (at + 1) % PLACES;
    shares[at].connection = connection;
    return &shares[at];
}

/* Where the letter stands that goes for one of this connection. The queue is full. */
static unsigned oldest_of_most(const struct gp_queue *queue, uint64_t connection)
{
    struct share shares[PLACES] = {0};
    struct share *most = share_of(shares, connection);

    *most = (struct share){.connection = connection, .letters = 1, .oldest = GP_QUEUE_MAX};
    for (unsigned i = 0; i < GP_QUEUE_MAX; i++) {
        struct share *share = share_of(shares, queue->letter[place(queue, i)].connection);
        if (share->letters++ == 0 || share->oldest == GP_QUEUE_MAX)
            share->oldest = place(queue, i);
        if (share->letters > most->letters || most->oldest == GP_QUEUE_MAX)
            most = share;
    }
    return most->oldest;
}

bool gp_queue_put(struct gp_queue *queue, struct gp_letter letter, struct gp_letter *ret_dropped)
{
    unsigned at;

    if (queue->count < GP_QUEUE_MAX) {
        queue->letter[place(queue, queue->count++)] = letter;
        return false;
    }
    at = oldest_of_most(queue, letter.connection);
    *ret_dropped = queue->letter[at];
    queue->letter[at] = letter;
    return true;
}

struct gp_letter gp_queue_take(struct gp_queue *queue)
{
    struct gp_letter letter = queue->letter[queue->first];

    assert(queue->count > 0);
    queue->first = place(queue, 1);
    queue->count--;
    return letter;
}
