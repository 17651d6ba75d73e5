#include "sim/events.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct event {
    int64_t at_ms;
    uint64_t order;
    event_fire fire;
    void *context;
    uint64_t number;
};

static struct {
    struct event *heap; /* the next one first */
    size_t count, room;
    int64_t now_ms;
    uint64_t order, random, digest, fired;
} events;

bool events_trace;

void events_begin(uint64_t seed, int64_t start_ms)
{
    events.count = 0;
    events.order = 0;
    events.now_ms = start_ms;
    events.digest = UINT64_C(0xCBF29CE484222325);
    events.random = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    events_note("begin", seed, (uint64_t)start_ms);
}

int64_t events_now(void)
{
    return events.now_ms;
}

/* ---------------------------------------------------------------- the queue */

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(size_t a, size_t b)
{
    struct event event = events.heap[a];

    events.heap[a] = events.heap[b];
    events.heap[b] = event;
}

void events_at(int64_t at_ms, event_fire fire, void *context, uint64_t number)
{
    size_t at = events.count++;

    assert(at_ms >= events.now_ms);
    if (events.count > events.room) {
        events.room = events.room == 0 ? 1024 : 2 * events.room;
        events.heap = realloc(events.heap, events.room * sizeof *events.heap);
        if (events.heap == NULL)
            abort();
    }
    events.heap[at] = (struct event){at_ms, events.order++, fire, context, number};
    for (; at > 0 && before(&events.heap[at], &events.heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

void events_in(int64_t after_ms, event_fire fire, void *context, uint64_t number)
{
    events_at(events.now_ms + after_ms, fire, context, number);
}

static struct event take_first(void)
{
    struct event first = events.heap[0];
    size_t at = 0;

    events.heap[0] = events.heap[--events.count];
    for (;;) {
        size_t next = at, left = 2 * at + 1;
        for (size_t child = left; child < left + 2 && child < events.count; child++) {
            if (before(&events.heap[child], &events.heap[next]))
                next = child;
        }
        if (next == at)
            return first;
        swap(at, next);
        at = next;
    }
}

bool events_step(int64_t until_ms)
{
    struct event event;

    if (events.count == 0 || events.heap[0].at_ms > until_ms) {
        if (until_ms > events.now_ms)
            events.now_ms = until_ms;
        return false;
    }
    event = take_first();
    events.now_ms = event.at_ms;
    events.fired++;
    event.fire(event.context, event.number);
    return true;
}

/* ---------------------------------------------------------------- chance */

/* xorshift64*. Source: Vigna, 2016. */
uint64_t events_random(uint64_t below)
{
    events.random ^= events.random >> 12;
    events.random ^= events.random << 25;
    events.random ^= events.random >> 27;
    return ((events.random * UINT64_C(0x2545F4914F6CDD1D)) >> 11) % below;
}

bool events_chance(unsigned permille)
{
    return events_random(1000) < permille;
}

int64_t events_between(int64_t from_ms, int64_t to_ms)
{
    return from_ms + (int64_t)events_random((uint64_t)(to_ms - from_ms) + 1);
}

/* ---------------------------------------------------------------- what happened */

static void mix(uint64_t value)
{
    for (int i = 0; i < 64; i += 8) { /* FNV-1a */
        events.digest ^= value >> i & 0xFF;
        events.digest *= UINT64_C(0x100000001B3);
    }
}

void events_note(const char *what, uint64_t a, uint64_t b)
{
    for (const char *at = what; *at != '\0'; at++)
        mix((unsigned char)*at);
    mix((uint64_t)events.now_ms);
    mix(a);
    mix(b);
    if (events_trace)
        fprintf(stderr, "%12llu %llu %s %llu %llu\n", (unsigned long long)events.now_ms,
                (unsigned long long)events.fired, what, (unsigned long long)a,
                (unsigned long long)b);
}

uint64_t events_digest(void)
{
    return events.digest;
}

uint64_t events_count(void)
{
    return events.fired;
}
